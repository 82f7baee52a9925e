/* SPDX-License-Identifier: ISC */
/* The words that users read; tunnels(7) defines each of them. */
#include <string.h>

#include "compat/array.h"
#include "core.h"

/*
 * A class is a verdict on a tunnel; health is one on the tunnel or forward that
 * is in the state.  Most states of forwards have no class, because a tunnel
 * must not be called stale for one port that it did not get.  The text is the
 * reason for the health, unless the state is a plain one: it is ok, without a
 * reservation.
 */
static const struct {
	const char *name;
	enum tun_class class;
	enum tun_health health;
	const char *text;
	int plain;
} states[] = {
#define S(state, name, class, health, text) \
	[TUN_##state] = { name, TUN_CLASS_##class, TUN_HEALTH_##health, text, 0 }
#define PLAIN(state, name, class, text) \
	[TUN_##state] = { name, TUN_CLASS_##class, TUN_HEALTH_OK, text, 1 }
	S(UNKNOWN, "?", UNKNOWN, UNKNOWN, "it cannot be seen"),
	S(HIDDEN, "hidden", UNKNOWN, UNKNOWN, "its sockets cannot be seen"),
	S(GONE, "gone", GONE, BAD, "it has ended"),
	S(STARTING, "starting", STARTING, UNKNOWN, "it is still connecting"),
	S(PROMPT, "prompt", STARTING, UNKNOWN, "it waits for a password"),
	S(STUCK, "stuck", STALE, BAD, "it did not get through authentication"),
	S(CLIENT, "client", UNKNOWN, UNKNOWN, "its master cannot be seen"),
	S(STOPPED, "stopped", SUSPECT, BAD, "it is stopped"),
	S(CLOSED, "closed", STALE, BAD, "its connection is closed"),
	S(BROKEN, "broken", STALE, BAD, "its link is dead"),
	S(STALLED, "stalled", SUSPECT, BAD, "its link does not answer"),
	S(CHOKED, "choked", SUSPECT, BAD, "connections wait to be accepted"),
	S(MUTE, "mute", SUSPECT, BAD, "its server does not answer"),
	S(USELESS, "useless", STALE, BAD, "none of its forwards listens"),
	S(PARTIAL, "partial", LIVE, BAD, "one of its forwards does not listen"),
	PLAIN(UP, "up", LIVE, "its server was heard of lately"),
	S(QUIET, "quiet", LIVE, OK, "its server was not heard of lately"),
	PLAIN(ALIVE, "alive", LIVE, "it was asked and has answered"),
	PLAIN(BOUND, "bound", UNKNOWN, "it listens where it should"),
	S(HALF, "half", UNKNOWN, BAD, "one address family is not bound"),
	S(NOADDRESS, "noaddress", UNKNOWN, BAD,
	    "no interface has the address that it listens on"),
	S(UNBOUND, "unbound", UNKNOWN, BAD, "nobody listens there"),
	S(RELEASED, "released", UNKNOWN, OK,
	    "it was closed in the master, or never listened"),
	S(TAKEN, "taken", UNKNOWN, BAD, "another process listens there"),
	S(IN_MASTER, "in-master", UNKNOWN, OK, "its master has it"),
	PLAIN(UNLISTED, "unlisted", UNKNOWN,
	    "it listens, but no request for it is known"),
	S(DETACHED, "detached", UNKNOWN, BAD, "its path does not lead to it"),
	S(DEADFILE, "deadfile", UNKNOWN, BAD,
	    "nobody listens on the socket at its path"),
	S(LOOP, "loop", UNKNOWN, BAD, "it is connected to itself"),
	S(REMOTE, "remote", UNKNOWN, OK,
	    "only the server knows whether it listens"),
	PLAIN(REMOTE_USED, "remote-used", UNKNOWN,
	    "only the server knows, but a connection came"),
	PLAIN(DEVICE, "device", UNKNOWN, "it has its device"),
	PLAIN(ANSWERS, "answers", LIVE, "its target answers"),
	S(REFUSED, "refused", LIVE, BAD, "its target refuses connections"),
	S(SILENT, "silent", UNKNOWN, BAD, "its target does not answer")
#undef S
#undef PLAIN
};

static const char *const classes[] = {
	[TUN_CLASS_UNKNOWN]	= "unknown",
	[TUN_CLASS_LIVE]	= "live",
	[TUN_CLASS_STARTING]	= "starting",
	[TUN_CLASS_SUSPECT]	= "suspect",
	[TUN_CLASS_STALE]	= "stale",
	[TUN_CLASS_GONE]	= "gone"
};

static const char *const kinds[] = {
	[TUN_FWD_LOCAL]		= "local",
	[TUN_FWD_REMOTE]	= "remote",
	[TUN_FWD_DYNAMIC]	= "dynamic",
	[TUN_FWD_RDYNAMIC]	= "remote-dynamic",
	[TUN_FWD_STDIO]		= "stdio",
	[TUN_FWD_DEVICE]	= "tun",
	[TUN_FWD_SERVED]	= "remote",
	[TUN_FWD_DIRECT]	= "direct"
};

static const char *const sources[] = {
	[TUN_SRC_ARGV]		= "argv",
	[TUN_SRC_CONFIG]	= "config",
	[TUN_SRC_SOCKET]	= "socket",
	[TUN_SRC_MUX]		= "mux",
	[TUN_SRC_JOURNAL]	= "journal"
};

static const char *const origins[] = {
	[TUN_ORIGIN_UNKNOWN]	= "?",
	[TUN_ORIGIN_BACKGROUND]	= "background",
	[TUN_ORIGIN_ABANDONED]	= "abandoned",
	[TUN_ORIGIN_SUPERVISED]	= "supervised",
	[TUN_ORIGIN_FOREGROUND]	= "foreground"
};

static const char *const ctls[] = {
	[TUN_CTL_NONE]		= "none",
	[TUN_CTL_UNKNOWN]	= "?",
	[TUN_CTL_FOUND]		= "found",
	[TUN_CTL_OK]		= "ok",
	[TUN_CTL_LOST]		= "lost",
	[TUN_CTL_REPLACED]	= "replaced",
	[TUN_CTL_DEAD]		= "dead",
	[TUN_CTL_HUNG]		= "hung",
	[TUN_CTL_DENIED]	= "denied",
	[TUN_CTL_UNSAFE]	= "unsafe",
	[TUN_CTL_FOREIGN]	= "foreign",
	[TUN_CTL_NOMASTER]	= "no-master"
};

static const char *
name(const char *const *names, size_t n, size_t i)
{
	return i < n ? names[i] : "?";
}

const char *
tun_state_name(enum tun_state s)
{
	return (size_t)s < NELEM(states) ? states[s].name : "?";
}

enum tun_class
tun_state_class(enum tun_state s)
{
	return (size_t)s < NELEM(states) ? states[s].class : TUN_CLASS_UNKNOWN;
}

enum tun_state
tun_state_parse(const char *s)
{
	size_t i;

	for (i = 0; i < NELEM(states); i++)
		if (strcmp(s, states[i].name) == 0)
			return i;
	return TUN_UNKNOWN;
}

const char *
tun_class_name(enum tun_class class)
{
	return name(classes, NELEM(classes), class);
}

const char *
tun_kind_name(enum tun_fwd_kind kind)
{
	return name(kinds, NELEM(kinds), kind);
}

const char *
tun_source_name(enum tun_source src)
{
	return name(sources, NELEM(sources), src);
}

const char *
tun_origin_name(enum tun_origin origin)
{
	return name(origins, NELEM(origins), origin);
}

const char *
tun_ctl_name(enum tun_ctl ctl)
{
	return name(ctls, NELEM(ctls), ctl);
}

const char *
tun_health_name(enum tun_health health)
{
	static const char *const names[] = {
		[TUN_HEALTH_UNKNOWN] = "?",
		[TUN_HEALTH_OK] = "ok",
		[TUN_HEALTH_BAD] = "bad"
	};

	return name(names, NELEM(names), health);
}

enum tun_health
tun_state_health(enum tun_state s, const char **reasonp)
{
	if ((size_t)s >= NELEM(states))
		s = TUN_UNKNOWN;
	if (reasonp != NULL)
		*reasonp = states[s].plain ? NULL : states[s].text;
	return states[s].health;
}

const char *
tun_state_text(enum tun_state s)
{
	return states[(size_t)s < NELEM(states) ? s : TUN_UNKNOWN].text;
}
