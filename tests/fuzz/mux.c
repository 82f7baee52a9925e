/* SPDX-License-Identifier: ISC */
/*
 * What a master says, taken as the input: the first byte chooses our request,
 * the rest is what is heard.  Heard a byte at a time and a frame at a time it
 * has to mean the same.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libfind.h"
#include "mux/mux_wire.h"
#include "fuzz/fuzz.h"

#ifndef EREMOTEIO
#define EREMOTEIO ECANCELED
#endif

#define ROOM	512		/* so that some texts are cut */

static void
set_ask(struct mux_talk *t, char *text, unsigned which)
{
	struct tun_forward fwd = {
		TUN_FWD_REMOTE, { NULL, NULL, 0 }, { NULL, "h", 80 }
	};

	mux_talk_init(t, text, ROOM);
	switch (which % 8) {
	case 0:
		break;
	case 1:
		mux_ask_fwd(t, MUX_OPEN_FWD, &fwd);
		break;
	case 2:
		mux_ask_fwd(t, MUX_CLOSE_FWD, &fwd);
		break;
	case 3:
		mux_ask(t, MUX_TERMINATE);
		break;
	case 4:
		mux_ask(t, MUX_STOP_LISTENING);
		break;
	case 5:
		mux_ask_info(t, "channels");
		break;
	case 6:
		mux_ask_stdio(t, "127.0.0.1", 1);
		break;
	case 7:
		fwd.listen.port = 8080;
		mux_ask_fwd(t, MUX_OPEN_FWD, &fwd);
		break;
	}
}

static void
hear(struct mux_talk *t, const uint8_t *p, size_t len)
{
	mux_talk_input(t, p, len);
	mux_talk_sent(t, t->outlen);
}

/* Frames, as far as the lengths can be believed. */
static size_t
next_frame(const uint8_t *p, size_t len)
{
	uint32_t need;

	if (len < 4)
		return len;
	need = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	return need > len - 4 ? len : need + 4;
}

/* What every end has to look like. */
static void
check_end(const struct mux_talk *t)
{
	assert(t->phase == MUX_DONE);
	assert(t->outlen == 0);
	assert(memchr(t->reply.text, '\0', ROOM) != NULL);
	assert(t->reply.pid >= 0 && t->reply.port <= 65535);
	switch (t->error) {
	case 0:
	case EREMOTEIO:
		assert(t->reply.pid > 0 || t->error == EREMOTEIO);
		break;
	case EPROTO:
	case ECONNABORTED:
	case ENOTSUP:
		assert(t->reply.text[0] != '\0');
		break;
	default:
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char text[2][ROOM];
	struct mux_talk bytes, frames;
	size_t i, n;

	if (len == 0)
		return 0;
	set_ask(&bytes, text[0], data[0]);
	set_ask(&frames, text[1], data[0]);
	data++;
	len--;

	for (i = 0; i < len; i++)
		hear(&bytes, data + i, 1);
	mux_talk_eof(&bytes);
	check_end(&bytes);

	for (i = 0; i < len; i += n) {
		n = next_frame(data + i, len - i);
		hear(&frames, data + i, n);
	}
	mux_talk_eof(&frames);
	check_end(&frames);

	assert(bytes.error == frames.error);
	assert(bytes.reply.pid == frames.reply.pid);
	assert(bytes.reply.port == frames.reply.port);
	assert(strcmp(bytes.reply.text, frames.reply.text) == 0);

	/* In one go, where answers may come before their question. */
	set_ask(&bytes, text[0], data[-1]);
	mux_talk_input(&bytes, data, len);
	mux_talk_eof(&bytes);
	check_end(&bytes);
	return 0;
}
