/* SPDX-License-Identifier: ISC */
/*
 * The mux protocol of ssh's control sockets, version 4, without the sockets:
 * which bytes to send, and what the received bytes mean.  mux.c moves the
 * bytes.
 *
 * All integers are 32 bits, big-endian.  A string is its length and its bytes;
 * a frame is the length of its body and the body; a body is a type and fields.
 */
#ifndef MUX_WIRE_H
#define MUX_WIRE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "libfind.h"

#define MUX_VERSION		4
#define MUX_MAX_BODY		(256 * 1024)	/* a master accepts no more */

/* ssh's own limit for a host, NI_MAXHOST; its limit for paths is far lower. */
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

/* Used as the port of a unix path. */
#define MUX_PORT_PATH		0xfffffffeU

/*
 * Frame length, type, rid, forwarding type, two names with their lengths, and
 * ports: none of our requests is longer.
 */
#define MUX_MAX_ASK		(4 * 4 + 2 * (4 + MUX_MAX_NAME + 4))

/*
 * Room for a reply: for the whole text of any frame, and for those of many
 * masters, which are asked only whether they are there.
 */
#define MUX_ROOM_ALL		MUX_MAX_BODY
#define MUX_ROOM_MANY		2048

/* What a master has said. */
struct mux_reply {
	pid_t pid;		/* of the master; 0: not told */
	uint32_t port;		/* allocated by the server for -R 0 */
	/*
	 * The reason of a failure, or the EXT_INFO text; the caller's.  If it
	 * has no room for all of a text, or the text contains a NUL, it ends in
	 * " [cut: N bytes]".  Until the talk is over, it has the body that
	 * arrives.
	 */
	char *text;
	size_t room;
};

enum mux_phase {
	MUX_GREET,		/* waiting for the master's hello */
	MUX_PROVE,		/* hello sent, and asked for its PID */
	MUX_ASK,		/* the request itself was sent */
	MUX_DONE
};

/*
 * One conversation.  No byte is sent before the master has said that it speaks
 * our version, because another program may listen there.  The first request is
 * always ALIVE_CHECK, because SO_PEERCRED has the process that called
 * listen(2), which ended when ssh went to the background.  Then comes the
 * request itself.
 */
struct mux_talk {
	enum mux_phase phase;
	int error;			/* in MUX_DONE: 0 or an errno */
	struct mux_reply reply;

	pid_t want_pid;			/* of the only one to ask; 0: any */
	uint32_t request;
	int want_port;			/* the server chooses the port */
	int has_info;			/* the hello has announced EXT_INFO */
	unsigned char ask[MUX_MAX_ASK];
	size_t asklen;

	const unsigned char *out;	/* bytes that are still to be sent */
	size_t outlen;

	unsigned char head[4];		/* length of the incoming frame */
	size_t nhead;
	uint32_t need;			/* the same, as a number */
	size_t got;			/* bytes of the body so far */
};

/*
 * Starts a talk that only asks for the PID and whether the master is alive.
 * room is at least 64 bytes.
 */
void	 mux_talk_init(struct mux_talk *t, char *text, size_t room);

/*
 * Set the request, once, before the first byte is sent.  A request that is not
 * allowed ends the talk before it starts, with EINVAL or ENOTSUP.
 */
void	 mux_ask(struct mux_talk *t, uint32_t type);	/* TERMINATE, STOP */
/* Returns the reason if a master cannot be asked to open fwd, or NULL. */
const char *mux_fwd_error(const struct tun_forward *fwd);
void	 mux_ask_fwd(struct mux_talk *t, uint32_t type,	/* OPEN, CLOSE */
	    const struct tun_forward *fwd);
void	 mux_ask_info(struct mux_talk *t, const char *what);
void	 mux_ask_stdio(struct mux_talk *t, const char *host, uint32_t port);

/*
 * Report that bytes were sent, that bytes were received, and that no more will
 * come.
 */
void	 mux_talk_sent(struct mux_talk *t, size_t n);
void	 mux_talk_input(struct mux_talk *t, const void *buf, size_t len);
void	 mux_talk_eof(struct mux_talk *t);

/* Ends the talk unless it is over; text becomes that of the reply. */
void	 mux_talk_fail(struct mux_talk *t, int error, const char *text);

#endif
