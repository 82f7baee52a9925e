/* SPDX-License-Identifier: ISC */
/* Evidence: sets of the rules that led to a verdict, and their texts. */
#include "compat/array.h"
#include "core.h"

/* Clauses that can follow "because" or a comma. */
static const char *const texts[TUN_WHY_COUNT] = {
	[TUN_WHY_LEADER] = "it leads its own session",
	[TUN_WHY_NOTTY] = "it has no terminal",
	[TUN_WHY_FORK] = "it was told to go to the background",
	[TUN_WHY_TITLE] = "its title is that of a detached master",
	[TUN_WHY_PPID1] = "its parent is process 1",
	[TUN_WHY_YOUNGPARENT] = "its parent is younger than itself",
	[TUN_WHY_DEADSESSION] = "the leader of its session is gone",
	[TUN_WHY_DEADGROUP] = "the leader of its process group is gone",
	[TUN_WHY_REAPER] = "its parent adopts orphans",
	[TUN_WHY_CGROUP] = "its parent is in another control group",
	[TUN_WHY_UNIT] = "it belongs to a service",
	[TUN_WHY_SHAREDUNIT] = "its service has other processes",
	[TUN_WHY_UNITUNSEEN] =
	    "the other processes of its service are not known",
	[TUN_WHY_SUPERVISOR] = "what started it may start it again",
	[TUN_WHY_TTY] = "it has a terminal",
	[TUN_WHY_PARENT] = "what started it still runs",
	[TUN_WHY_NOPARENT] = "its parent cannot be seen",
	[TUN_WHY_TTYGONE] = "its terminal is gone",
	[TUN_WHY_DENIED] = "its descriptors may not be read",
	[TUN_WHY_NETNS] = "it is in another network namespace",
	[TUN_WHY_UNVERIFIED] = "its executable may not be read",
	[TUN_WHY_OLDEXE] = "its executable was replaced",
	[TUN_WHY_PROXIED] = "its connection belongs to a helper",
	[TUN_WHY_UNACKED] = "data is not acknowledged",
	[TUN_WHY_RETRANS] = "the kernel retransmits and gets no answer",
	[TUN_WHY_PROBES] = "keepalive probes are not answered",
	[TUN_WHY_LASTACK] = "the last acknowledgement is old",
	[TUN_WHY_LASTDATA] = "the last data from the server is old",
	[TUN_WHY_CLOSEWAIT] = "the server has closed the connection",
	[TUN_WHY_NOTRANSPORT] = "it has no connection to a server",
	[TUN_WHY_BACKLOG] = "connections wait to be accepted",
	[TUN_WHY_FDLIMIT] = "it has no descriptors left",
	[TUN_WHY_LOOP] = "it is connected to itself",
	[TUN_WHY_UNREAD] = "a connection was accepted and never read",
	[TUN_WHY_NOTBOUND] = "a forward that was asked for is not there",
	[TUN_WHY_FAMILY] = "one address family is not bound",
	[TUN_WHY_TAKEN] = "another process listens there",
	[TUN_WHY_PHASE] = "it is not past authentication",
	[TUN_WHY_AGE] = "that takes too long",
	[TUN_WHY_FRESH] = "the server was heard of lately",
	[TUN_WHY_SILENT] = "the server was not heard of lately",
	[TUN_WHY_SIGSTOP] = "it is stopped",
	[TUN_WHY_HELPER] = "its helper is the cause",
	[TUN_WHY_DUP] = "another tunnel with its command has the ports",
	[TUN_WHY_INFERRED] = "the owner is inferred from user and port",
	[TUN_WHY_MUXALIVE] = "the master has answered",
	[TUN_WHY_MUXHUNG] = "the master does not answer",
	[TUN_WHY_ANSWERED] = "the server's kernel has answered",
	[TUN_WHY_NOANSWER] = "the server's kernel did not answer in time",
	[TUN_WHY_NOPTRACE] =
	    "its server cannot be asked without the right to trace it",
	[TUN_WHY_NOSOCKETS] = "sockets were not looked at",
	[TUN_WHY_MONITOR] = "it is a monitor of autossh",
	[TUN_WHY_ARGVLOST] = "its command line was overwritten",
	[TUN_WHY_UNPARSED] = "not all of its command line can be read",
	[TUN_WHY_ROUNDTRIP] = "a round trip to the server worked",
	[TUN_WHY_NOROUNDTRIP] = "a round trip to the server did not end",
	[TUN_WHY_WILDCARD] = "it listens beyond loopback",
	[TUN_WHY_CTLDIR] = "others can write where its socket is",
	[TUN_WHY_NOENV] = "its environment may not be read",
	[TUN_WHY_NOTASKED] = "its server could not be asked",
	[TUN_WHY_NOCONNECT] = "a connection to where it listens failed",
	[TUN_WHY_NOACCEPT] = "it was not seen to accept that connection",
	[TUN_WHY_RELEASED] = "it was closed on purpose or was never bound",
	[TUN_WHY_NOPEERS] = "which master it is a client of cannot be seen",
	[TUN_WHY_FROZEN] = "its control group is frozen",
	[TUN_WHY_NOADDRESS] = "no interface has the address that it listens on",
	[TUN_WHY_CONFIGNEW] = "its ssh_config has changed since it started",
	[TUN_WHY_OTHERSSH] = "its own ssh cannot be asked for ssh_config",
	[TUN_WHY_REMOTEFS] = ("its path is on a file system that others serve "
	    "or that does not answer"),
	[TUN_WHY_CONTAINER] = "its container ends with it",
	[TUN_WHY_JOURNAL] = "the journal says what was asked for",
	[TUN_WHY_JOURNALOLD] =
	    "what the journal has is of another process with its number",
	[TUN_WHY_JOURNALWRONG] =
	    "what the journal says of a forward is not so, and was ignored",
	[TUN_WHY_PURPOSE] =
	    "the journal says that it was closed on purpose",
	[TUN_WHY_CLIENTNAME] = "its destination is what its clients say",
	[TUN_WHY_LEADSBACK] = "its target may lead back to its listener",
	[TUN_WHY_OTHERFILES] = ("its ssh_config is not known, because it has "
	    "another namespace or root directory"),
	[TUN_WHY_MATCHEXEC] = ("a command decides what its ssh_config says "
	    "(Match exec), which may have been otherwise at its start"),
	[TUN_WHY_INUSE] = "its connection was in use a moment ago",
	[TUN_WHY_TARGET] = "its target answers",
	[TUN_WHY_CONFIGFORK] = "ssh_config tells it to go to the background",
	[TUN_WHY_NOCONFIG] = "ssh -G has not told what its ssh_config adds"
};

const char *
tun_why_text(enum tun_why why)
{
	return (size_t)why < NELEM(texts) && texts[why] != NULL ?
	    texts[why] : "?";
}

int
tun_why_has(const struct tun_evidence *e, enum tun_why why)
{
	size_t i = why / 64;

	return i < NELEM(e->words) && e->words[i] >> why % 64 & 1;
}

enum tun_why
tun_why_next(const struct tun_evidence *e, enum tun_why prev)
{
	size_t why;

	for (why = (size_t)prev + 1; why < TUN_WHY_COUNT; why++)
		if (tun_why_has(e, why))
			return why;
	return TUN_WHY_NONE;
}

void
evidence_add(struct tun_evidence *e, enum tun_why why)
{
	if (why != TUN_WHY_NONE)
		e->words[why / 64] |= 1ULL << why % 64;
}

void
evidence_drop(struct tun_evidence *e, enum tun_why why)
{
	e->words[why / 64] &= ~(1ULL << why % 64);
}

void
tun_why_join(struct tun_evidence *e, const struct tun_evidence *more)
{
	size_t i;

	for (i = 0; i < NELEM(e->words); i++)
		e->words[i] |= more->words[i];
}
