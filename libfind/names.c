/* SPDX-License-Identifier: ISC */
/*
 * The words that users read; tunnels(7) defines each.
 */
#include <string.h>

#include "internal.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * A class is a judgement on a tunnel, health one on whatever is in that state.
 * The state of one forward says little about the tunnel beside it, so most of
 * those are of no class: a process must never be called stale for one port
 * that it did not get.
 */
static const struct {
	const char *name;
	enum tun_class class;
	enum tun_health health;
	const char *reason;
} states[] = {
#define S(state, name, class, health, reason) \
	[TUN_##state] = { name, TUN_CLASS_##class, TUN_HEALTH_##health, reason }
	S(UNKNOWN, "?", UNKNOWN, UNKNOWN, "it cannot be seen"),
	S(HIDDEN, "hidden", UNKNOWN, UNKNOWN, "its sockets cannot be seen"),
	S(GONE, "gone", GONE, BAD, "it has ended"),
	S(STARTING, "starting", STARTING, UNKNOWN, "it is still connecting"),
	S(PROMPT, "prompt", STARTING, UNKNOWN, "it waits for a password"),
	S(STUCK, "stuck", STALE, BAD, "it did not get through authentication"),
	S(CLIENT, "client", UNKNOWN, UNKNOWN, "its master cannot be seen"),
	S(STOPPED, "stopped", SUSPECT, BAD, "it is stopped"),
	S(CLOSED, "closed", STALE, BAD, "its connection is over"),
	S(BROKEN, "broken", STALE, BAD, "its link is dead"),
	S(STALLED, "stalled", SUSPECT, BAD, "its link does not answer"),
	S(CHOKED, "choked", SUSPECT, BAD, "connections wait to be accepted"),
	S(MUTE, "mute", SUSPECT, BAD, "its server does not answer"),
	S(USELESS, "useless", STALE, BAD, "none of its forwards listens"),
	S(PARTIAL, "partial", LIVE, BAD, "one of its forwards does not listen"),
	S(UP, "up", LIVE, OK, NULL),
	S(QUIET, "quiet", LIVE, OK, "its server was not heard of lately"),
	S(ALIVE, "alive", LIVE, OK, NULL),
	S(BOUND, "bound", UNKNOWN, OK, NULL),
	S(HALF, "half", UNKNOWN, BAD, "one address family is not bound"),
	S(UNBOUND, "unbound", UNKNOWN, BAD, "nobody listens there"),
	S(RELEASED, "released", UNKNOWN, OK,
	    "it was closed in the master, or never listened"),
	S(TAKEN, "taken", UNKNOWN, BAD, "another process listens there"),
	S(IN_MASTER, "in-master", UNKNOWN, OK, "its master has it"),
	S(UNLISTED, "unlisted", UNKNOWN, OK, NULL),
	S(DETACHED, "detached", UNKNOWN, BAD, "its path does not lead to it"),
	S(DEADFILE, "deadfile", UNKNOWN, BAD,
	    "nobody listens on the socket at its path"),
	S(LOOP, "loop", SUSPECT, BAD, "it leads back to itself"),
	S(REMOTE, "remote", UNKNOWN, OK,
	    "only the server knows whether it listens"),
	S(REMOTE_USED, "remote-used", UNKNOWN, OK, NULL),
	S(DEVICE, "device", UNKNOWN, OK, NULL),
	S(ANSWERS, "answers", LIVE, OK, NULL),
	S(REFUSED, "refused", LIVE, BAD, "its target refuses connections"),
	S(SILENT, "silent", UNKNOWN, BAD, "its target does not answer")
#undef S
};

/* Clauses that read well after "because" and after a comma. */
static const struct {
	uint64_t bit;
	const char *text;
} whys[] = {
	{ TUN_WHY_LEADER,	"it leads its own session" },
	{ TUN_WHY_NOTTY,	"it has no terminal" },
	{ TUN_WHY_FORK,		"it was told to go to the background" },
	{ TUN_WHY_TITLE,	"its title is that of a detached master" },
	{ TUN_WHY_PPID1,	"its parent is process 1" },
	{ TUN_WHY_YOUNGPARENT,	"its parent is younger than itself" },
	{ TUN_WHY_DEADSESSION,	"the leader of its session is gone" },
	{ TUN_WHY_DEADGROUP,	"the leader of its process group is gone" },
	{ TUN_WHY_REAPER,	"its parent adopts orphans" },
	{ TUN_WHY_CGROUP,	"its parent is in another control group" },
	{ TUN_WHY_UNIT,		"it belongs to a service" },
	{ TUN_WHY_SHAREDUNIT,	"other processes live in its service" },
	{ TUN_WHY_UNITUNSEEN,	"who else is in its service is not known" },
	{ TUN_WHY_SUPERVISOR,	"what started it may start it again" },
	{ TUN_WHY_TTY,		"it has a terminal" },
	{ TUN_WHY_PARENT,	"what started it still runs" },
	{ TUN_WHY_NOPARENT,	"its parent cannot be seen" },
	{ TUN_WHY_TTYGONE,	"its terminal is gone" },
	{ TUN_WHY_DENIED,	"its descriptors may not be read" },
	{ TUN_WHY_NETNS,	"it is in another network namespace" },
	{ TUN_WHY_UNVERIFIED,	"its executable may not be read" },
	{ TUN_WHY_OLDEXE,	"its executable was replaced" },
	{ TUN_WHY_PROXIED,	"its connection belongs to a helper" },
	{ TUN_WHY_UNACKED,	"data is not acknowledged" },
	{ TUN_WHY_RETRANS,	"the kernel sends again and again" },
	{ TUN_WHY_PROBES,	"keepalive probes are not answered" },
	{ TUN_WHY_LASTACK,	"the last acknowledgement is old" },
	{ TUN_WHY_LASTDATA,	"the last data from the server is old" },
	{ TUN_WHY_CLOSEWAIT,	"the server has closed the connection" },
	{ TUN_WHY_NOTRANSPORT,	"it has no connection to a server" },
	{ TUN_WHY_BACKLOG,	"connections wait to be accepted" },
	{ TUN_WHY_FDLIMIT,	"it has no descriptors left" },
	{ TUN_WHY_LOOP,		"it is connected to itself" },
	{ TUN_WHY_UNREAD,	"a connection was accepted and never read" },
	{ TUN_WHY_NOTBOUND,	"a forward that was asked for is not there" },
	{ TUN_WHY_FAMILY,	"one address family is not bound" },
	{ TUN_WHY_STRANGER,	"another process listens there" },
	{ TUN_WHY_PHASE,	"it is not past authentication" },
	{ TUN_WHY_AGE,		"that takes too long" },
	{ TUN_WHY_FRESH,	"the server was heard of lately" },
	{ TUN_WHY_SILENT,	"the server was not heard of lately" },
	{ TUN_WHY_SIGSTOP,	"it is stopped" },
	{ TUN_WHY_HELPER,	"it is so with its helper" },
	{ TUN_WHY_DUP,		"another one like it has the ports" },
	{ TUN_WHY_INFERRED,	"the owner is inferred from user and port" },
	{ TUN_WHY_MUXALIVE,	"the master has answered" },
	{ TUN_WHY_MUXHUNG,	"the master does not answer" },
	{ TUN_WHY_NUDGED,	"the server's kernel has answered" },
	{ TUN_WHY_NONUDGE,	"the server's kernel did not answer in time" },
	{ TUN_WHY_NOPTRACE,	"its connection may not be nudged" },
	{ TUN_WHY_NOSOCKETS,	"sockets were not looked at" },
	{ TUN_WHY_MONITOR,	"it is a monitor of autossh" },
	{ TUN_WHY_ARGVLOST,	"its command line was overwritten" },
	{ TUN_WHY_UNPARSED,	"its command line is not all ssh's" },
	{ TUN_WHY_TRIP,		"a round trip to the server worked" },
	{ TUN_WHY_NOTRIP,	"a round trip to the server did not end" },
	{ TUN_WHY_WILDCARD,	"it listens beyond loopback" },
	{ TUN_WHY_CTLDIR,	"others can write where its socket is" },
	{ TUN_WHY_NOENV,	"its environment may not be read" },
	{ TUN_WHY_UNASKED,	"its server could not be asked" },
	{ TUN_WHY_NOCONNECT,	"a connection to where it listens failed" },
	{ TUN_WHY_NOACCEPT,	"it was not seen to accept that connection" },
	{ TUN_WHY_RELEASED,	"closed on purpose and never bound look alike" },
	{ TUN_WHY_NOPEERS,	"whose client it is cannot be seen" }
};

static const char *const kinds[] = {
	[TUN_FWD_LOCAL]		= "local",
	[TUN_FWD_REMOTE]	= "remote",
	[TUN_FWD_DYNAMIC]	= "dynamic",
	[TUN_FWD_RDYNAMIC]	= "remote-dynamic",
	[TUN_FWD_STDIO]		= "stdio",
	[TUN_FWD_DEVICE]	= "tun"
};

static const char *const sources[] = {
	[TUN_SRC_ARGV]		= "argv",
	[TUN_SRC_CONFIG]	= "config",
	[TUN_SRC_SOCKET]	= "socket",
	[TUN_SRC_MUX]		= "mux"
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
tun_why_text(uint64_t bit)
{
	size_t i;

	for (i = 0; i < NELEM(whys); i++)
		if (whys[i].bit == bit)
			return whys[i].text;
	return "?";
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
state_health(enum tun_state s, const char **reasonp)
{
	if ((size_t)s >= NELEM(states))
		s = TUN_UNKNOWN;
	*reasonp = states[s].reason;
	return states[s].health;
}
