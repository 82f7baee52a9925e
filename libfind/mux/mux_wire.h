/* SPDX-License-Identifier: ISC */
/*
 * The mux protocol of ssh's control sockets, version 4, without the sockets:
 * what to say, and what to make of what is heard.  mux.c moves the bytes.
 *
 * All integers are 32 bits, big-endian.  A string is its length and its
 * bytes; a frame is the length of its body and the body; a body is a type
 * and fields.
 */
#ifndef MUX_WIRE_H
#define MUX_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "libfind.h"

#define MUX_VERSION		4
#define MUX_MAX_BODY		(256 * 1024)	/* a master allows no more */

/* ssh's own ceiling for a host, NI_MAXHOST; its paths are far shorter. */
#define MUX_MAX_NAME		1024

/* Client to master. */
#define MUX_HELLO		0x00000001U	/* and back */
#define MUX_ALIVE_CHECK		0x10000004U
#define MUX_TERMINATE		0x10000005U
#define MUX_OPEN_FWD		0x10000006U
#define MUX_CLOSE_FWD		0x10000007U
#define MUX_NEW_STDIO_FWD	0x10000008U
#define MUX_STOP_LISTENING	0x10000009U
#define MUX_EXT_INFO		0x20000001U

/* Master to client. */
#define MUX_OK			0x80000001U
#define MUX_DENIED		0x80000002U
#define MUX_FAILURE		0x80000003U
#define MUX_ALIVE		0x80000005U
#define MUX_SESSION_OPENED	0x80000006U
#define MUX_REMOTE_PORT		0x80000007U
#define MUX_EXT_INFO_REPLY	0x90000001U

/* A master that reads any other forwarding type exits at once. */
#define MUX_FWD_LOCAL		1U
#define MUX_FWD_REMOTE		2U
#define MUX_FWD_DYNAMIC		3U

/* Stands in the port's place beside a unix path. */
#define MUX_PORT_PATH		0xfffffffeU

/*
 * Frame length, type, rid, forwarding type, two names with their lengths and
 * ports: no request of ours is longer.
 */
#define MUX_MAX_ASK		(4 * 4 + 2 * (4 + MUX_MAX_NAME + 4))

/*
 * How much of a body is looked at.  Type, rid, status and length of the text
 * come first, and more than tun_mux_reply holds of the text is of no use:
 * the rest of a long body is counted, not kept.
 */
#define MUX_KEEP		2048

enum mux_phase {
	MUX_GREET,		/* wait for the master's hello */
	MUX_PROVE,		/* said hello and asked for its PID */
	MUX_ASK,		/* asked for what it is all about */
	MUX_DONE
};

/*
 * One conversation.  Nothing is said before the master has said that it
 * speaks our version: whatever else may listen there gets not a byte.  Then
 * always ALIVE_CHECK, since SO_PEERCRED names the process that called
 * listen(2), dead since ssh went into the background.  Then the request.
 */
struct mux_talk {
	enum mux_phase phase;
	int error;			/* in MUX_DONE: 0 or an errno */
	struct tun_mux_reply reply;

	uint32_t request;
	int want_port;			/* the server is to choose one */
	int has_info;			/* the hello has announced EXT_INFO */
	unsigned char ask[MUX_MAX_ASK];
	size_t asklen;

	const unsigned char *out;	/* still to be sent */
	size_t outlen;

	unsigned char head[4];		/* length of the frame coming in */
	size_t nhead;
	uint32_t need;			/* the same, as a number */
	size_t got;			/* of the body */
	unsigned char body[MUX_KEEP];	/* its beginning */
};

/* Begins a talk that asks no more than who and whether alive. */
void	 mux_talk_init(struct mux_talk *t);

/*
 * Set the request, once, before the first byte.  What may not be said ends
 * the talk before it has begun, with EINVAL or ENOTSUP.
 */
void	 mux_ask(struct mux_talk *t, uint32_t type);	/* TERMINATE, STOP */
/* Why a master cannot be asked to open it; NULL: it can. */
const char *mux_fwd_error(const struct tun_forward *fwd);
void	 mux_ask_fwd(struct mux_talk *t, uint32_t type,	/* OPEN, CLOSE */
	    const struct tun_forward *fwd);
void	 mux_ask_info(struct mux_talk *t, const char *what);
void	 mux_ask_stdio(struct mux_talk *t, const char *host, uint32_t port);

/* What was sent, what has come, and that no more will come. */
void	 mux_talk_sent(struct mux_talk *t, size_t n);
void	 mux_talk_input(struct mux_talk *t, const void *buf, size_t len);
void	 mux_talk_eof(struct mux_talk *t);

/* Ends the talk, unless it is over: text becomes the reply's. */
void	 mux_talk_fail(struct mux_talk *t, int error, const char *text);

#endif
