/* SPDX-License-Identifier: ISC */
/*
 * The mux client: its words against the bytes that ssh's own client was seen
 * to send, its ears against masters that lie, and its patience against those
 * that stall.  Real masters are in live/mux.t.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/compat.h"
#include "fakemaster.h"
#include "libfind.h"
#include "core/dial.h"
#include "core/resolve.h"
#include "mux/mux.h"
#include "tests.h"

#ifndef EREMOTEIO
#define EREMOTEIO ECANCELED
#endif

/* What we say first: hello and ALIVE_CHECK. */
#define GREETING "00000008 00000001 00000004 00000008 10000004 00000000 "

/* Within ms: an answer that comes, also on a busy machine; one that does not. */
#define SOON	20000
#define SHORT	100

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- what we send -------------------------------------------------------- */

#define NOHOST		{ NULL, NULL, -1 }
#define PORT(p)		{ NULL, NULL, p }
#define HOST(h, p)	{ NULL, h, p }
#define PATH(p)		{ p, NULL, -1 }

#define L TUN_FWD_LOCAL
#define R TUN_FWD_REMOTE
#define D TUN_FWD_DYNAMIC
#define RD TUN_FWD_RDYNAMIC

static char long_host[MUX_MAX_NAME + 2];	/* one too many */

static const struct ask_row {
	uint32_t type;
	struct tun_forward fwd;
	int error;
	const char *bytes;
} asks[] = {
	/* Seen from ssh 9.2 itself, but for its request id of 0. */
	{ MUX_OPEN_FWD, { L, PORT(34110), HOST("127.0.0.1", 80) }, 0,
	    "00000025 10000006 00000001 00000001 00000000 0000853e 00000009 "
	    "3132372e302e302e31 00000050" },
	{ MUX_CLOSE_FWD, { L, PORT(34110), HOST("127.0.0.1", 80) }, 0,
	    "00000025 10000007 00000001 00000001 00000000 0000853e 00000009 "
	    "3132372e302e302e31 00000050" },
	{ MUX_OPEN_FWD, { D, PORT(34111), NOHOST }, 0,
	    "00000021 10000006 00000001 00000003 00000000 0000853f 00000005 "
	    "736f636b73 00000000" },
	{ MUX_OPEN_FWD, { L, HOST("", 34113), HOST("h", 1) }, 0,
	    "0000001e 10000006 00000001 00000001 00000001 2a 00008541 "
	    "00000001 68 00000001" },
	{ MUX_OPEN_FWD, { L, HOST("*", 34113), HOST("h", 1) }, 0,
	    "0000001e 10000006 00000001 00000001 00000001 2a 00008541 "
	    "00000001 68 00000001" },
	{ MUX_OPEN_FWD, { R, PORT(0), HOST("h", 1) }, 0,
	    "0000001d 10000006 00000001 00000002 00000000 00000000 00000001 "
	    "68 00000001" },
	{ MUX_OPEN_FWD, { RD, PORT(34114), NOHOST }, 0,
	    "00000021 10000006 00000001 00000002 00000000 00008542 00000005 "
	    "736f636b73 00000000" },
	{ MUX_OPEN_FWD, { L, PATH("run/q"), PATH("run/z") }, 0,
	    "00000026 10000006 00000001 00000001 00000005 72756e2f71 "
	    "fffffffe 00000005 72756e2f7a fffffffe" },

	/* What the entry was made with is what has to be said. */
	{ MUX_CLOSE_FWD, { D, PORT(1080), PORT(0) }, 0,
	    "00000021 10000007 00000001 00000003 00000000 00000438 00000005 "
	    "'socks 00000000" },
	{ MUX_CLOSE_FWD, { R, PORT(0), HOST("h", 80) }, 0,
	    "0000001d 10000007 00000001 00000002 00000000 00000000 00000001 "
	    "'h 00000050" },
	{ MUX_CLOSE_FWD, { L, HOST("*", 80), HOST("h", 80) }, 0,
	    "0000001e 10000007 00000001 00000001 00000001 '* 00000050 "
	    "00000001 'h 00000050" },
	{ MUX_CLOSE_FWD, { L, PATH("/p"), HOST("h", 80) }, 0,
	    "0000001f 10000007 00000001 00000001 00000002 '/p fffffffe "
	    "00000001 'h 00000050" },
	{ MUX_CLOSE_FWD, { D, PATH("/p"), NOHOST }, 0,
	    "00000023 10000007 00000001 00000003 00000002 '/p fffffffe "
	    "00000005 'socks 00000000" },
	{ MUX_OPEN_FWD, { L, PORT(80), HOST("socks", 80) }, 0,
	    "00000021 10000006 00000001 00000001 00000000 00000050 00000005 "
	    "'socks 00000050" },

	/* Whatever a master must never see. */
	{ MUX_OPEN_FWD, { L, PORT(0), HOST("h", 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { D, PORT(0), NOHOST }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(-1), HOST("h", 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(-2), HOST("h", 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(65536), HOST("h", 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { R, PORT(65536), HOST("h", 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { R, PORT(-1), HOST("h", 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(1), HOST("h", 0) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(1), HOST("socks", 0) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { R, PORT(1), HOST("h", 0) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(1), HOST("h", 65536) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(1), PORT(1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PATH(""), HOST("h", 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(1), PATH("") }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PORT(1), HOST(long_host, 1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { L, PATH(long_host), PORT(1) }, EINVAL, NULL },
	{ MUX_OPEN_FWD, { TUN_FWD_STDIO, NOHOST, HOST("h", 1) }, EINVAL,
	    NULL },
	{ MUX_OPEN_FWD, { TUN_FWD_DEVICE, HOST("0", -1), HOST("0", -1) },
	    EINVAL, NULL },
	{ MUX_CLOSE_FWD, { TUN_FWD_STDIO, NOHOST, HOST("h", 1) }, EINVAL,
	    NULL },
	{ MUX_OPEN_FWD, { (enum tun_fwd_kind)99, PORT(1), HOST("h", 1) },
	    EINVAL, NULL },
	{ MUX_OPEN_FWD, { (enum tun_fwd_kind)-1, PORT(1), HOST("h", 1) },
	    EINVAL, NULL },

	/* What the wire has no words for. */
	{ MUX_CLOSE_FWD, { L, HOST("", 1), HOST("h", 1) }, ENOTSUP, NULL },
	{ MUX_CLOSE_FWD, { D, HOST("", 1), NOHOST }, ENOTSUP, NULL },
	{ MUX_CLOSE_FWD, { R, HOST("", 1), HOST("h", 1) }, ENOTSUP, NULL },
	{ MUX_CLOSE_FWD, { RD, HOST("", 1), NOHOST }, ENOTSUP, NULL },
	{ MUX_CLOSE_FWD, { L, PORT(1), HOST("", 1) }, ENOTSUP, NULL },
	{ MUX_OPEN_FWD, { L, PORT(1), HOST("", 1) }, ENOTSUP, NULL },
	{ MUX_OPEN_FWD, { D, PATH("/p"), NOHOST }, ENOTSUP, NULL }
};

START_TEST(sends_what_ssh_sends)
{
	const struct ask_row *row = &asks[_i];
	unsigned char want[256];
	struct mux_talk t;
	char text[64];
	size_t len;

	memset(long_host, 'h', sizeof(long_host) - 1);
	mux_talk_init(&t, text, sizeof(text));
	mux_ask_fwd(&t, row->type, &row->fwd);
	ck_assert_int_eq(t.error, row->error);
	if (row->error != 0) {
		ck_assert_int_eq(t.phase, MUX_DONE);
		ck_assert_str_ne(t.reply.text, "");
		ck_assert_uint_eq(t.asklen, 0);
		return;
	}
	len = fake_bytes(row->bytes, want, sizeof(want));
	ck_assert_uint_eq(t.asklen, len);
	ck_assert_mem_eq(t.ask, want, len);
}
END_TEST

START_TEST(sends_longest_names)
{
	static char name[MUX_MAX_NAME + 1];
	struct tun_forward fwd = { L, HOST(name, 1), HOST(name, 1) };
	struct mux_talk t;
	char text[64];

	memset(name, 'h', sizeof(name) - 1);
	mux_talk_init(&t, text, sizeof(text));
	mux_ask_fwd(&t, MUX_OPEN_FWD, &fwd);
	ck_assert_int_eq(t.error, 0);
	ck_assert_uint_eq(t.asklen, MUX_MAX_ASK);
}
END_TEST

/* --- what we are told ---------------------------------------------------- */

enum call { CHECK, OPEN, OPEN0, CANCEL, EXIT, STOP, INFO, BADINFO, TRIP };

struct reply {
	pid_t pid;
	uint32_t port;
	char text[MUX_ROOM_ALL];
};

/* Asks one question, as the caller. */
static int
ask_one(const struct mux_query *what, int ms, struct reply *reply)
{
	struct mux_query *q = mux_queries(1, MUX_ROOM_ALL);
	int error;

	ck_assert_ptr_nonnull(q);
	q->path = what->path;
	q->uid = what->uid;
	q->pid = what->pid;
	q->request = what->request;
	q->fwd = what->fwd;
	q->what = what->what;
	error = mux_ask_as(geteuid(), q, 1, ms) == -1 ? errno : q->error;
	reply->pid = q->reply.pid;
	reply->port = q->reply.port;
	strlcpy(reply->text, q->reply.text, sizeof(reply->text));
	free(q);
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
check_as(const char *path, uid_t uid, int ms, struct reply *reply)
{
	struct mux_query q = { .path = path, .uid = uid };

	return ask_one(&q, ms, reply);
}

static int
call(enum call which, const char *path, int ms, struct reply *reply)
{
	static const struct tun_forward local = {
		L, PORT(8080), HOST("h", 80)
	};
	static const struct tun_forward any = { R, PORT(0), HOST("h", 80) };
	struct mux_query q = { .path = path, .uid = geteuid() };

	switch (which) {
	case CHECK:
		break;
	case OPEN:
		q.request = MUX_OPEN_FWD;
		q.fwd = &local;
		break;
	case OPEN0:
		q.request = MUX_OPEN_FWD;
		q.fwd = &any;
		break;
	case CANCEL:
		q.request = MUX_CLOSE_FWD;
		q.fwd = &local;
		break;
	case EXIT:
		q.request = MUX_TERMINATE;
		break;
	case STOP:
		q.request = MUX_STOP_LISTENING;
		break;
	case INFO:
	case BADINFO:
		q.request = MUX_EXT_INFO;
		q.what = which == INFO ? "connection" : "";
		break;
	case TRIP:
		q.request = MUX_NEW_STDIO_FWD;
		break;
	}
	return ask_one(&q, ms, reply);
}

#define ASK_CHECK ""
#define ASK_OPEN \
	"0000001d 10000006 00000001 00000001 00000000 00001f90 00000001 'h " \
	"00000050 "
#define ASK_OPEN0 \
	"0000001d 10000006 00000001 00000002 00000000 00000000 00000001 'h " \
	"00000050 "
#define ASK_CANCEL \
	"0000001d 10000007 00000001 00000001 00000000 00001f90 00000001 'h " \
	"00000050 "
#define ASK_EXIT "00000008 10000005 00000001 "
#define ASK_STOP "00000008 10000009 00000001 "
#define ASK_INFO "00000016 20000001 00000001 0000000a 'connection "
#define ASK_TRIP \
	"0000001d 10000008 00000001 00000000 00000009 '127.0.0.1 00000001 'nn "

#define OK	" 00000008 80000001 00000001 "
#define FAILED(len, text) \
	" 000000" len " 80000003 00000001 000000" text
#define DENIED	" 0000001d 80000002 00000001 00000011 'Permission 20 'denied "

/* A row in which the master hears all that this call has to say. */
#define ASKED(call, ...)	{ call, __VA_ARGS__, GREETING ASK_##call }

static const struct reply_row {
	enum call call;
	int error;
	pid_t pid;
	uint32_t port;
	const char *text;	/* of the reply; NULL: ours, and not empty */
	const char *script;
	const char *heard;	/* what the master has to have heard */
} replies[] = {
	/* Every good answer there is. */
	ASKED(CHECK, 0, PID, 0, "", TALK9 "-"),
	ASKED(CHECK, 0, PID, 0, "", TALK10 "-"),
	ASKED(OPEN, 0, PID, 0, "", TALK9 "<" OK "-"),
	ASKED(OPEN0, 0, PID, 40001, "", TALK9
	    "< 0000000c 80000007 00000001 00009c41 -"),
	/* An entry that never got its port; and one that was not -R 0. */
	ASKED(OPEN0, 0, PID, 0, "", TALK9
	    "< 0000000c 80000007 00000001 00000000 -"),
	ASKED(OPEN0, 0, PID, 0, "", TALK9 "<" OK "-"),
	ASKED(CANCEL, 0, PID, 0, "", TALK9 "<" OK "-"),
	ASKED(EXIT, 0, PID, 0, "", TALK9 "<"),
	ASKED(EXIT, 0, PID, 0, "", TALK9 "<" OK),
	ASKED(STOP, 0, PID, 0, "", TALK9 "<" OK "-"),
	ASKED(INFO, 0, PID, 0, "pid 4660\r\n  tcp", TALK10
	    "< 0000001f 90000001 00000001 00000001 0000000f 'pid 20 '4660 "
	    "0d0a 2020 'tcp -"),
	ASKED(TRIP, 0, PID, 0, "Session open", TALK9
	    "< ^ ^ 00000018 80000003 00000001 0000000c 'Session 20 'open -"),
	/* Something listens on the server's port 1. */
	ASKED(TRIP, 0, PID, 0, "", TALK9
	    "< ^ ^ 0000000c 80000006 00000001 00000003 -"),

	/* No. */
	ASKED(OPEN, EREMOTEIO, PID, 0, "Port forwarding failed", TALK9 "<"
	    FAILED("22", "16 'Port 20 'forwarding 20 'failed") " -"),
	ASKED(OPEN, EREMOTEIO, PID, 0, "Permission denied", TALK9 "<" DENIED
	    "-"),
	ASKED(CANCEL, EREMOTEIO, PID, 0, "port not found", TALK10 "<"
	    FAILED("1a", "0e 'port 20 'not 20 'found") " -"),
	ASKED(EXIT, EREMOTEIO, PID, 0, "Permission denied", TALK9 "<" DENIED
	    "-"),
	/* An askpass program's word, not the server's. */
	ASKED(TRIP, EREMOTEIO, PID, 0, "Permission denied", TALK9 "< ^ ^" DENIED
	    "-"),
	ASKED(INFO, EREMOTEIO, PID, 0, "", TALK10
	    "< 00000010 90000001 00000001 00000000 00000000 -"),
	ASKED(OPEN, EREMOTEIO, PID, 0, "", TALK9 "<" FAILED("0c", "00") " -"),

	/* EXT_INFO kills a 10.3 that cannot read it: never to be guessed. */
	{ INFO, ENOTSUP, 0, 0, NULL, HELLO9 "-", "" },
	{ INFO, ENOTSUP, 0, 0, NULL,
	    "00000015 00000001 00000004 00000004 'info 00000001 '1 -", "" },
	{ INFO, ENOTSUP, 0, 0, NULL,
	    "00000014 00000001 00000004 00000003 'inf 00000001 '0 -", "" },
	{ BADINFO, EINVAL, 0, 0, NULL, "-", "" },

	/* Hellos. */
	{ CHECK, ECONNABORTED, 0, 0, NULL, "", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "00000008 00000001 00000003 -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "00000008 00000001 00000005 -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "00000008 80000001 00000000 -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "00000004 00000001 -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "'SSH-2.0-OpenSSH_9.2 0d0a -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "00000000 -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "00000003 000000 -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "00040001 -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "ffffffff -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "80000000 -", "" },
	/* A name without a value, a name without end, half a length. */
	{ CHECK, EPROTO, 0, 0, NULL,
	    "00000010 00000001 00000004 00000004 'info -", "" },
	{ CHECK, EPROTO, 0, 0, NULL,
	    "00000010 00000001 00000004 ffffffff 'info -", "" },
	{ CHECK, EPROTO, 0, 0, NULL,
	    "00000010 00000001 00000004 00000005 'info -", "" },
	{ CHECK, EPROTO, 0, 0, NULL, "0000000a 00000001 00000004 0000 -", "" },
	/* Extensions that nobody knows, and a great many of them. */
	ASKED(CHECK, 0, PID, 0, "",
	    "00000019 00000001 00000004 00000000 00000000 00000001 '? "
	    "00000000 < <" ALIVE "-"),
	ASKED(CHECK, 0, PID, 0, "",
	    "00040000 00000001 00000004 00000001 '? 0003ffef 262127*41 < <"
	    ALIVE "-"),
	/* Two of them. */
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9 "< <" HELLO9 "-"),
	{ CHECK, EPROTO, 0, 0, NULL, HELLO9 HELLO9 "-", NULL },

	/* Replies that lie. */
	/* in one go: not asked yet */
	{ CHECK, EPROTO, 0, 0, NULL,
	    "0000000800000001000000040000000c800000050000000000001234 -",
	    NULL },
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9
	    "< < 0000000c 80000005 00000001 00001234 -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9
	    "< < 0000000c 80000005 00000000 00000000 -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9
	    "< < 0000000c 80000005 00000000 ffffffff -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9
	    "< < 00000008 80000005 00000000 -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9 "< < 00000004 80000005 -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9
	    "< < 00000008 80000001 00000000 -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9
	    "< < 00000008 8000000f 00000000 -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9
	    "< < 0000000c 80000003 00000000 00000001 -"),
	ASKED(CHECK, EPROTO, 0, 0, NULL, HELLO9 "< < 00040001 80000005 -"),
	ASKED(OPEN, EPROTO, PID, 0, NULL, TALK9
	    "< 00000008 80000001 00000000 -"),
	ASKED(OPEN, EPROTO, PID, 0, NULL, TALK9 "<" FAILED("10", "7f 'text")
	    " -"),
	ASKED(OPEN, EPROTO, PID, 0, NULL, TALK9
	    "< 00000010 80000003 00000001 ffffffff 'text -"),
	ASKED(OPEN, EPROTO, PID, 0, NULL, TALK9
	    "< 0000000c 80000005 00000001 00001234 -"),
	ASKED(OPEN, EPROTO, PID, 0, NULL, TALK9
	    "< 0000000c 80000007 00000001 00009c41 -"),
	ASKED(OPEN0, EPROTO, PID, 0, NULL, TALK9
	    "< 0000000c 80000007 00000001 00010000 -"),
	ASKED(STOP, EPROTO, PID, 0, NULL, TALK9
	    "< 0000000c 80000006 00000001 00000000 -"),
	ASKED(TRIP, EPROTO, PID, 0, NULL, TALK9 "< ^ ^" OK "-"),

	/* Bytes to spare and bytes that are hostile; both are harmless. */
	ASKED(CHECK, 0, PID, 0, "", HELLO9
	    "< < 00000010 80000005 00000000 00001234 ffffffff -"),
	ASKED(OPEN, EREMOTEIO, PID, 0, "\033[2J\377", TALK9 "<" FAILED("11",
	    "05 1b '[2J ff") " -"),

	/* Hanging up. */
	ASKED(STOP, ECONNABORTED, PID, 0, NULL, TALK9 "<"),
	ASKED(OPEN, ECONNABORTED, PID, 0, NULL, TALK9 "<"),
	ASKED(EXIT, ECONNABORTED, PID, 0, NULL, TALK9 "< 00000008 8000"),
	{ EXIT, ECONNABORTED, 0, 0, NULL, HELLO9 "< <", GREETING }
};

START_TEST(hears_what_masters_say)
{
	const struct reply_row *row = &replies[_i];
	unsigned char heard[1024], want[1024];
	struct reply reply;
	struct fake f;
	size_t len;
	int error, r;

	fake_start(&f, row->script);
	r = call(row->call, f.path, SOON, &reply);
	error = r == 0 ? 0 : errno;
	len = fake_stop(&f, heard, sizeof(heard));

	ck_assert_msg(error == row->error, "%s: want %s, have %s (%s)",
	    row->script, strerror(row->error), strerror(error), reply.text);
	ck_assert_int_eq(reply.pid, row->pid);
	ck_assert_uint_eq(reply.port, row->port);
	if (row->text != NULL)
		ck_assert_str_eq(reply.text, row->text);
	else
		ck_assert_str_ne(reply.text, "");
	if (row->heard != NULL) {
		ck_assert_uint_eq(len,
		    fake_bytes(row->heard, want, sizeof(want)));
		ck_assert_mem_eq(heard, want, len);
	}
}
END_TEST

/* A text is as long as its frame, also where a NUL ends it for C. */
START_TEST(long_texts_are_whole)
{
	struct reply reply;
	struct fake f;

	fake_start(&f, HELLO9 "< <" ALIVE
	    "< 00040000 80000003 00000001 0003fff4 262132*41 -");
	ck_assert_fails(call(OPEN, f.path, SOON, &reply), EREMOTEIO);
	ck_assert_uint_eq(strspn(reply.text, "A"), 262132);
	ck_assert_str_eq(reply.text + 262132, "");
	fake_stop(&f, NULL, 0);

	fake_start(&f, HELLO10 "< <" ALIVE
	    "< 00000810 90000001 00000001 00000001 00000800 2048*41 -");
	ck_assert_int_eq(call(INFO, f.path, SOON, &reply), 0);
	ck_assert_uint_eq(strspn(reply.text, "A"), 2048);
	ck_assert_str_eq(reply.text + 2048, "");
	fake_stop(&f, NULL, 0);

	fake_start(&f, HELLO9 "< <" ALIVE
	    "< 00000010 80000003 00000001 00000004 'no 0041 -");
	ck_assert_int_eq(call(OPEN, f.path, SOON, &reply), -1);
	ck_assert_str_eq(reply.text, "no [cut: 4 bytes]");
	fake_stop(&f, NULL, 0);

	/* One that ends in the middle. */
	fake_start(&f, HELLO9 "< <" ALIVE
	    "< 00040000 80000003 00000001 0003fff4 200000*41");
	ck_assert_fails(call(OPEN, f.path, SOON, &reply), ECONNABORTED);
	fake_stop(&f, NULL, 0);
}
END_TEST

static void
hear_bytes(struct mux_talk *t, const unsigned char *buf, size_t len)
{
	while (len-- > 0) {
		mux_talk_input(t, buf++, 1);
		mux_talk_sent(t, t->outlen);
	}
}

/* What the room has no place for is missing, and that is said. */
static const struct {
	uint32_t len;
	const char *end;	/* what comes after the As */
} cuts[] = {
	{ 51, "" },
	{ 52, "" },		/* 64 bytes with what comes before them */
	{ 53, " [cut: 53 bytes]" },
	{ 1000, " [cut: 1000 bytes]" }
};

START_TEST(cuts_are_said)
{
	static unsigned char frame[2048];
	char script[128], text[64];
	struct mux_talk t;
	size_t len, n;

	snprintf(script, sizeof(script), HELLO9 ALIVE
	    "%08x 80000003 00000001 %08x %u*41", 12 + cuts[_i].len,
	    cuts[_i].len, cuts[_i].len);
	len = fake_bytes(script, frame, sizeof(frame));
	mux_talk_init(&t, text, sizeof(text));
	mux_ask(&t, MUX_STOP_LISTENING);
	hear_bytes(&t, frame, len);
	ck_assert_int_eq(t.phase, MUX_DONE);
	ck_assert_int_eq(t.error, EREMOTEIO);
	n = strspn(text, "A");
	ck_assert_str_eq(text + n, cuts[_i].end);
	if (*cuts[_i].end == '\0')
		ck_assert_uint_eq(n, cuts[_i].len);
}
END_TEST

/* Nothing is asked of a process that took the place of another. */
START_TEST(asks_only_that_process)
{
	struct mux_query q = { .request = MUX_TERMINATE };
	unsigned char heard[128], want[128];
	struct reply reply;
	struct fake f;
	size_t len;

	fake_start(&f, HELLO9 "< <" ALIVE "-");
	q.path = f.path;
	q.uid = geteuid();
	q.pid = PID + 1;
	ck_assert_fails(ask_one(&q, SOON, &reply), ESRCH);
	ck_assert_str_ne(reply.text, "");
	len = fake_stop(&f, heard, sizeof(heard));
	ck_assert_uint_eq(len, fake_bytes(GREETING, want, sizeof(want)));
}
END_TEST

/*
 * Truncation at every byte, and every byte by itself, of every conversation
 * above: without sockets, since there are thousands.
 */
static void
set_ask(struct mux_talk *t, enum call which)
{
	struct tun_forward local = { L, PORT(8080), HOST("h", 80) };
	struct tun_forward any = { R, PORT(0), HOST("h", 80) };
	static char text[MUX_ROOM_MANY];

	mux_talk_init(t, text, sizeof(text));
	switch (which) {
	case CHECK:
		break;
	case OPEN:
		mux_ask_fwd(t, MUX_OPEN_FWD, &local);
		break;
	case OPEN0:
		mux_ask_fwd(t, MUX_OPEN_FWD, &any);
		break;
	case CANCEL:
		mux_ask_fwd(t, MUX_CLOSE_FWD, &local);
		break;
	case EXIT:
		mux_ask(t, MUX_TERMINATE);
		break;
	case STOP:
		mux_ask(t, MUX_STOP_LISTENING);
		break;
	case INFO:
	case BADINFO:
		mux_ask_info(t, "channels");
		break;
	case TRIP:
		mux_ask_stdio(t, "127.0.0.1", 1);
		break;
	}
}

/* What a master says, without what it waits for. */
static size_t
said(const char *script, unsigned char *buf, size_t size)
{
	char *words = strdup(script), *p;
	size_t len;

	for (p = words; (p = strpbrk(p, "<^-")) != NULL; p++)
		if (p[1] == '\0' || p[1] == ' ' || *p != '-')
			*p = ' ';
	len = fake_bytes(words, buf, size);
	free(words);
	return len;
}

START_TEST(truncation_at_every_byte)
{
	const struct reply_row *row = &replies[_i];
	static unsigned char buf[MUX_MAX_BODY + 4096];
	struct mux_talk t;
	size_t len, cut, done;

	len = said(row->script, buf, sizeof(buf));
	if (len > 4096)
		return;		/* the same again, for very long */

	set_ask(&t, row->call);
	for (done = 0; done < len && t.phase != MUX_DONE; done++)
		hear_bytes(&t, buf + done, 1);
	for (cut = 0; cut < done; cut++) {
		set_ask(&t, row->call);
		hear_bytes(&t, buf, cut);
		ck_assert_int_ne(t.phase, MUX_DONE);
		mux_talk_eof(&t);
		ck_assert_int_eq(t.phase, MUX_DONE);
		if (row->call == EXIT && t.reply.pid == PID && t.nhead == 0)
			ck_assert_int_eq(t.error, 0);
		else
			ck_assert_int_eq(t.error, ECONNABORTED);
	}
}
END_TEST

/* --- time ---------------------------------------------------------------- */

static const struct slow_row {
	enum call call;
	const char *script;
} slow[] = {
	{ CHECK, "-" },
	{ CHECK, "000000 -" },
	{ CHECK, "00000008 00000001 -" },
	{ CHECK, HELLO9 "< < -" },
	{ CHECK, HELLO9 "< < 0000000c 80000005 -" },
	{ OPEN, HELLO9 "< <" ALIVE "< -" },
	{ EXIT, HELLO9 "< <" ALIVE "< -" },
	{ TRIP, HELLO9 "< <" ALIVE "< ^ ^ -" },
	/* Never silent for long, and never at an end: 8 s of it. */
	{ CHECK, ". 00040000 00000001 00000004 00000001 '? 0003ffef 4096*41" },
	{ OPEN, HELLO9 "< <" ALIVE
	    "< . 00040000 80000003 00000001 0003fff4 4096*41" }
};

START_TEST(one_deadline_for_all)
{
	struct reply reply;
	struct fake f;
	int64_t start;

	fake_start(&f, slow[_i].script);
	start = now_ms();
	ck_assert_fails(call(slow[_i].call, f.path, SHORT, &reply), ETIMEDOUT);
	ck_assert_int_ge(now_ms() - start, SHORT);
	ck_assert_int_lt(now_ms() - start, 7000);
	ck_assert_str_ne(reply.text, "");
	fake_stop(&f, NULL, 0);
}
END_TEST

START_TEST(drips_in_time_are_heard)
{
	struct reply reply;
	struct fake f;

	fake_start(&f, "." HELLO10 "< <" ALIVE "<" OK "-");
	ck_assert_int_eq(call(OPEN, f.path, SOON, &reply), 0);
	ck_assert_int_eq(reply.pid, PID);
	fake_stop(&f, NULL, 0);
}
END_TEST

START_TEST(no_time_at_all)
{
	struct reply reply;
	struct fake f;

	fake_start(&f, "-");
	ck_assert_fails(call(CHECK, f.path, 0, &reply), ETIMEDOUT);
	ck_assert_fails(call(CHECK, f.path, -1, &reply), EINVAL);
	fake_stop(&f, NULL, 0);
}
END_TEST

/* 65 wait in a backlog of 64; who is next is told at once. */
START_TEST(full_backlog_is_hung)
{
	struct reply reply;
	struct sockaddr_un sun;
	struct fake f;
	int64_t start;
	int fds[65], i;

	fake_start(&f, NULL);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, f.path, sizeof(sun.sun_path));
	for (i = 0; i < NROWS(fds); i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		ck_assert_int_ne(fds[i], -1);
		ck_assert_int_ne(fcntl(fds[i], F_SETFL, O_NONBLOCK), -1);
		if (connect(fds[i], (struct sockaddr *)&sun,
		    sizeof(sun)) == -1)
			break;
	}
	start = now_ms();
	ck_assert_int_eq(call(CHECK, f.path, SOON, &reply), -1);
#ifdef __linux__
	ck_assert_int_eq(i, NROWS(fds));
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert_int_lt(now_ms() - start, SOON);
#else
	ck_assert(errno == ETIMEDOUT || errno == ECONNREFUSED);
	(void)start;
#endif
	while (i-- > 0)
		close(fds[i]);
	fake_stop(&f, NULL, 0);
}
END_TEST

/* --- safety -------------------------------------------------------------- */

static int
is_safe(const char *path, uid_t uid, const char **errstr)
{
	struct resolver rs;
	int r, saved;

	resolve_init(&rs);
	r = dial_safe(&rs, path, uid, errstr);
	saved = errno;
	resolve_end(&rs);
	errno = saved;
	return r;
}

static void
expect(const char *path, uid_t uid, int error)
{
	struct reply reply;
	const char *errstr = NULL;

	ck_assert_int_eq(check_as(path, uid, SHORT, &reply), -1);
	ck_assert_msg(errno == error, "%s: want %s, have %s (%s)", path,
	    strerror(error), strerror(errno), reply.text);
	ck_assert_str_ne(reply.text, "");
	if (error == EPERM && is_safe(path, uid, &errstr) == -1) {
		ck_assert_int_eq(errno, error);
		ck_assert_str_eq(reply.text, errstr);
	}
}

START_TEST(paths_that_are_not_sockets)
{
	char path[128], other[128];
	struct fake f;

	fake_start(&f, "-");
	snprintf(path, sizeof(path), "%s/none", f.dir);
	expect(path, geteuid(), ENOENT);
	expect("", geteuid(), ENOENT);
	expect(f.dir, geteuid(), EPERM);
	snprintf(path, sizeof(path), "%s/", f.path);
	expect(path, geteuid(), ENOTDIR);

	snprintf(path, sizeof(path), "%s/link", f.dir);
	ck_assert_int_eq(symlink(f.path, path), 0);
	expect(path, geteuid(), EPERM);
	unlink(path);

	memset(other, 'p', sizeof(other) - 1);
	other[sizeof(other) - 1] = '\0';
	other[0] = '/';
	expect(other, geteuid(), ENAMETOOLONG);
	fake_stop(&f, NULL, 0);
}
END_TEST

START_TEST(relative_path)
{
	struct reply reply;
	struct fake f;

	fake_start(&f, HELLO9 "< <" ALIVE "-");
	ck_assert_int_eq(chdir(f.dir), 0);
	ck_assert_int_eq(call(CHECK, "s", SOON, &reply), 0);
	ck_assert_int_eq(chdir("/"), 0);
	fake_stop(&f, NULL, 0);
}
END_TEST

START_TEST(dead_socket)
{
	struct fake f;

	fake_start(&f, NULL);
	close(f.listener);
	f.listener = -1;
	expect(f.path, geteuid(), ECONNREFUSED);
	fake_stop(&f, NULL, 0);
}
END_TEST

START_TEST(modes_and_directories)
{
	struct fake f;
	const char *errstr;

	fake_start(&f, "-");
	ck_assert_int_eq(is_safe(f.path, geteuid(), &errstr), 0);

	ck_assert_int_eq(chmod(f.path, 0660), 0);
	expect(f.path, geteuid(), EPERM);
	ck_assert_int_eq(chmod(f.path, 0602), 0);
	expect(f.path, geteuid(), EPERM);
	ck_assert_int_eq(chmod(f.path, 0600), 0);

	ck_assert_int_eq(chmod(f.dir, 0777), 0);
	expect(f.path, geteuid(), EPERM);
	ck_assert_int_eq(chmod(f.dir, 0770), 0);
	expect(f.path, geteuid(), EPERM);
	ck_assert_int_eq(chmod(f.dir, 01777), 0);
	ck_assert_int_eq(is_safe(f.path, geteuid(), &errstr), 0);

	expect(f.path, geteuid() + 1, EPERM);
	fake_stop(&f, NULL, 0);
}
END_TEST

#define NOBODY	65534
#define OTHER	65533

START_TEST(other_users)
{
	struct reply reply;
	const char *errstr;
	struct fake f;

	if (geteuid() != 0)
		return;

	/* Another's master is asked only by name. */
	fake_start_as(&f, HELLO9 "< <" ALIVE "-", NOBODY);
	expect(f.path, 0, EPERM);
	ck_assert_int_eq(check_as(f.path, NOBODY, SOON, &reply), 0);
	ck_assert_int_eq(reply.pid, PID);
	fake_stop(&f, NULL, 0);

	/* The file is the right user's, who listens is not. */
	fake_start_as(&f, HELLO9 "< <" ALIVE "-", NOBODY);
	ck_assert_int_eq(chown(f.path, OTHER, (gid_t)-1), 0);
	ck_assert_int_eq(is_safe(f.path, OTHER, &errstr), 0);
	expect(f.path, OTHER, EPERM);
	fake_stop(&f, NULL, 0);
	fake_start_as(&f, HELLO9 "< <" ALIVE "-", NOBODY);
	ck_assert_int_eq(chown(f.path, 0, (gid_t)-1), 0);
	expect(f.path, 0, EPERM);
	fake_stop(&f, NULL, 0);

	/* Whose directory it is decides what is in it. */
	fake_start(&f, "-");
	ck_assert_int_eq(chown(f.dir, NOBODY, (gid_t)-1), 0);
	expect(f.path, 0, EPERM);
	ck_assert_int_eq(chmod(f.dir, 01777), 0);
	expect(f.path, 0, EPERM);
	fake_stop(&f, NULL, 0);
}
END_TEST

/* --- many ---------------------------------------------------------------- */

#define MANY	100
#define MANY_MS	5000	/* for all of them */

/* Every tenth says nothing; all are asked under one deadline. */
START_TEST(many_at_once)
{
	struct mux_query *queries = mux_queries(MANY, MUX_ROOM_MANY);
	static struct fake fakes[MANY];
	int64_t start;
	int i;

	for (i = 0; i < MANY; i++) {
		fake_start(&fakes[i], i % 10 == 0 ? "-" :
		    HELLO9 "< <" ALIVE "-");
		queries[i].path = fakes[i].path;
		queries[i].uid = geteuid();
		queries[i].error = -1;
	}
	queries[7].path = "/dev/nonexistent";
	start = now_ms();
	ck_assert_int_eq(mux_ask_as(geteuid(), queries, MANY, MANY_MS), 0);
	ck_assert_int_lt(now_ms() - start, 5 * MANY_MS);
	for (i = 0; i < MANY; i++) {
		ck_assert_int_eq(queries[i].error, i == 7 ? ENOENT :
		    i % 10 == 0 ? ETIMEDOUT : 0);
		ck_assert_int_eq(queries[i].reply.pid,
		    queries[i].error == 0 ? PID : 0);
		fake_stop(&fakes[i], NULL, 0);
	}
	ck_assert_int_eq(mux_ask_as(geteuid(), queries, 0, 500), 0);
	ck_assert_fails(mux_ask_as(geteuid(), queries, 1, -1), EINVAL);
	free(queries);
}
END_TEST

/* Room for four: the others wait their turn, and none is said to be hung. */
START_TEST(few_descriptors)
{
	static struct fake fakes[20];
	struct mux_query *queries = mux_queries(NROWS(fakes), MUX_ROOM_MANY);
	struct rlimit limit, saved;
	int fd[4], i;

	for (i = 0; i < NROWS(fakes); i++) {
		fake_start(&fakes[i], HELLO9 "< <" ALIVE "-");
		queries[i].path = fakes[i].path;
		queries[i].uid = geteuid();
	}
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &saved), 0);
	limit = saved;
	/* Those of the fakes are in between. */
	for (i = 0; i < NROWS(fd); i++)
		ck_assert_int_ne(fd[i] = dup(0), -1);
	limit.rlim_cur = (rlim_t)fd[NROWS(fd) - 1] + 1;
	for (i = 0; i < NROWS(fd); i++)
		close(fd[i]);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(mux_ask_as(geteuid(), queries, NROWS(fakes), SOON), 0);
	for (i = 0; i < NROWS(fakes); i++)
		ck_assert_int_eq(queries[i].error, 0);

	limit.rlim_cur = (rlim_t)fd[0];
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(mux_ask_as(geteuid(), queries, NROWS(fakes), SOON), 0);
	for (i = 0; i < NROWS(fakes); i++)
		ck_assert_int_eq(queries[i].error, EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &saved), 0);
	for (i = 0; i < NROWS(fakes); i++)
		fake_stop(&fakes[i], NULL, 0);
	free(queries);
}
END_TEST

/* Whatever the end, it leaves nothing open. */
START_TEST(leaves_nothing_open)
{
	static const enum call calls[] = { CHECK, OPEN, EXIT, TRIP };
	struct reply reply;
	struct fake f;
	int before, after, i;

	ck_assert_int_ne(before = dup(0), -1);
	close(before);
	for (i = 0; i < NROWS(calls); i++) {
		fake_start(&f, HELLO9 "< < -");
		call(calls[i], f.path, SHORT, &reply);
		fake_stop(&f, NULL, 0);
		fake_start(&f, HELLO9 "< <" ALIVE "-");
		call(CHECK, f.path, SHORT, &reply);
		fake_stop(&f, NULL, 0);
	}
	ck_assert_int_ne(after = dup(0), -1);
	close(after);
	ck_assert_int_eq(before, after);
}
END_TEST

/* A master that goes while it is spoken to; the default of SIGPIPE ends us. */
START_TEST(no_sigpipe)
{
	struct reply reply;
	struct fake f;
	int i;

	signal(SIGPIPE, SIG_DFL);
	for (i = 0; i < 50; i++) {
		fake_start(&f, HELLO9);
		ck_assert_fails(call(CHECK, f.path, SOON, &reply),
		    ECONNABORTED);
		fake_stop(&f, NULL, 0);
	}
}
END_TEST

Suite *
mux_suite(void)
{
	Suite *s = suite_create("mux");

	add_tests(s, "send", ROWS(sends_what_ssh_sends, asks),
	    TEST(sends_longest_names));
	add_tests(s, "hear", ROWS(hears_what_masters_say, replies),
	    ROWS(truncation_at_every_byte, replies), TEST(long_texts_are_whole),
	    ROWS(cuts_are_said, cuts), TEST(asks_only_that_process));
	add_tests(s, "time", ROWS(one_deadline_for_all, slow),
	    TEST(drips_in_time_are_heard), TEST(no_time_at_all),
	    TEST(full_backlog_is_hung));
	add_tests(s, "safe", TEST(paths_that_are_not_sockets),
	    TEST(relative_path), TEST(dead_socket), TEST(modes_and_directories),
	    TEST(other_users));
	add_tests(s, "many", TEST(many_at_once), TEST(few_descriptors),
	    TEST(leaves_nothing_open), TEST(no_sigpipe));
	return s;
}
