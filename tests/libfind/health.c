/* SPDX-License-Identifier: ISC */
/*
 * The state model, row by row: facts and the verdict they give.  A row of
 * its own for each rule, each order that matters, and each picture that
 * looks bad and is not.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"
#include "tests.h"

/* Rows begin with what is usual and say what is not: that is overriding. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

/* Signal masks as an ssh shows them. */
#define BIT(sig)	(1ULL << ((sig) - 1))
#define KEX		BIT(SIGCHLD)
#define ASKS		(BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | KEX)
#define RUNS		(BIT(SIGWINCH) | BIT(SIGTERM) | KEX)
#define MUXED		(BIT(SIGWINCH) | BIT(SIGTERM))

#define ALL	(PLAT_SOCK_INFO | PLAT_SOCK_BYTES | PLAT_SOCK_QUEUES | \
		PLAT_SOCK_TIMER)

/* A transport: looked at, there, and everything known of it. */
#define LINK	.looked = 1, .transport = 1, .known = ALL, \
		.state = PLAT_TCP_ESTAB, .timer = PLAT_TIMER_KEEPALIVE, \
		.expires = 7000000

/* It did not take what was sent to it for two minutes. */
#define CUT	LINK, .unacked = 1, .retrans = 9, .lar = 130000, \
		.lds = 30000, .timer = PLAT_TIMER_RETRANS

/* A tunnel that runs, in its second hour, with a -L that is bound. */
#define TUN	.masks = 1, .sigcgt = RUNS, .age = 3700000, .verified = 1, \
		.listeners = 1, .inet = 1, .asked = 1, .bound = 1, .alive = -1

#define W(name)	TUN_WHY_##name

/* Looked at once, or twice with the same result. */
#define ONCE(...)	{ __VA_ARGS__ }, { 0 }, 0
#define TWICE(...)	{ __VA_ARGS__ }, { __VA_ARGS__ }, 1

static const struct {
	const char *what;
	enum tun_state state;
	enum tun_why why[4];
	struct health_facts f;
	struct sample now, before;
	int twice;
} tunnels[] = {
	/* 1 */
	{ "gone", TUN_GONE, { 0 }, { TUN, .gone = 1 }, ONCE(LINK) },
	{ "gone before stopped", TUN_GONE, { 0 },
	    { TUN, .gone = 1, .stopped = 1 }, ONCE(LINK) },
	/* 4 */
	{ "stopped", TUN_STOPPED, { W(SIGSTOP) }, { TUN, .stopped = 1 },
	    ONCE(LINK, .lar = 10) },
	{ "stopped helper", TUN_STOPPED, { W(SIGSTOP), W(HELPER) },
	    { TUN, .helper_stopped = 1, .piped = 1 }, ONCE(LINK) },
	{ "frozen", TUN_STOPPED, { W(FROZEN) }, { TUN, .frozen = 1 },
	    ONCE(LINK, .lar = 10) },
	{ "frozen helper", TUN_STOPPED, { W(FROZEN), W(HELPER) },
	    { TUN, .helper_frozen = 1, .piped = 1 }, ONCE(LINK) },
	{ "frozen and stopped", TUN_STOPPED, { W(SIGSTOP), W(FROZEN) },
	    { TUN, .frozen = 1, .stopped = 1 }, ONCE(LINK) },
	{ "stopped, and denied", TUN_STOPPED, { W(SIGSTOP) },
	    { TUN, .stopped = 1, .denied = 1 }, ONCE(0) },
	{ "stopped before closed", TUN_STOPPED, { W(SIGSTOP) },
	    { TUN, .stopped = 1 }, TWICE(LINK, .state = PLAT_TCP_CLOSE_WAIT) },
	{ "stopped at a prompt", TUN_STOPPED, { W(SIGSTOP) },
	    { .masks = 1, .sigcgt = ASKS, .stopped = 1 }, ONCE(0) },
	/* 5 */
	{ "prompt", TUN_PROMPT, { W(PHASE) },
	    { .masks = 1, .sigcgt = ASKS, .age = 10000, .inet = 1,
	    .verified = 1 }, ONCE(LINK) },
	{ "prompt for hours: never stuck", TUN_PROMPT, { W(PHASE) },
	    { .masks = 1, .sigcgt = ASKS, .age = 9000000, .inet = 1,
	    .verified = 1 }, ONCE(LINK) },
	{ "another's prompt is seen too", TUN_PROMPT, { W(PHASE) },
	    { .masks = 1, .sigcgt = ASKS, .age = 10000, .denied = 1 },
	    ONCE(0) },
	{ "a prompt's mask with a listener: runs", TUN_UP, { W(FRESH) },
	    { TUN, .sigcgt = ASKS }, ONCE(LINK, .lar = 5) },
	/* 6 */
	{ "stuck in key exchange", TUN_STUCK, { W(PHASE), W(AGE) },
	    { .masks = 1, .sigcgt = KEX, .age = 150001, .verified = 1,
	    .inet = 1 }, ONCE(LINK) },
	{ "stuck in connect", TUN_STUCK, { W(PHASE), W(AGE) },
	    { .masks = 1, .age = 150001, .verified = 1, .inet = 1 },
	    ONCE(LINK, .state = PLAT_TCP_SYN_SENT) },
	{ "an impostor is nobody's business", TUN_UNKNOWN,
	    { W(PHASE), W(AGE), W(UNVERIFIED) },
	    { .masks = 1, .age = 999999, .denied = 1 }, ONCE(0) },
	{ "a dialog in a window", TUN_STARTING, { W(PHASE) },
	    { .masks = 1, .sigcgt = KEX, .age = 999999, .verified = 1,
	    .inet = 1, .answers = 1 }, ONCE(LINK) },
	/* 7 */
	{ "starting", TUN_STARTING, { W(PHASE) },
	    { .masks = 1, .sigcgt = KEX, .age = 2000, .verified = 1,
	    .inet = 1 }, ONCE(LINK) },
	{ "starting, at the border", TUN_STARTING, { W(PHASE) },
	    { .masks = 1, .sigcgt = KEX, .age = 150000, .verified = 1 },
	    ONCE(LINK) },
	{ "starting, age unknown", TUN_STARTING, { W(PHASE) },
	    { .masks = 1, .age = -1, .verified = 1 }, ONCE(0) },
	{ "starting, no socket yet: slow DNS", TUN_STARTING, { W(PHASE) },
	    { .masks = 1, .age = 30000, .verified = 1 }, TWICE(.looked = 1) },
	{ "dropbear: no mask, but a listener", TUN_UP, { W(FRESH) },
	    { TUN, .sigcgt = 0 }, ONCE(LINK, .lar = 5) },
	{ "no masks here: young", TUN_STARTING, { 0 },
	    { .age = 2000, .verified = 1, .inet = 1 }, ONCE(LINK) },
	{ "no masks here: young, but -f took it to the background", TUN_UP,
	    { W(FRESH) }, { .age = 2000, .left = 1, .verified = 1, .inet = 1,
	    .alive = -1 }, ONCE(LINK, .lar = 5) },
	{ "masks here: in the background of setsid", TUN_STARTING,
	    { W(PHASE) }, { .masks = 1, .age = 2000, .left = 1, .verified = 1,
	    .inet = 1 }, ONCE(LINK) },
	{ "no masks here: old enough to run", TUN_UP, { W(FRESH) },
	    { .age = 200000, .verified = 1, .inet = 1, .alive = -1 },
	    ONCE(LINK, .lar = 5) },
	/* 8 */
	{ "client of a master", TUN_CLIENT, { 0 },
	    { .masks = 1, .sigcgt = MUXED, .age = 10, .client = 1, .asked = 1,
	    .bad = 1 }, TWICE(.looked = 1) },
	{ "client of a master that we do not see", TUN_CLIENT, { W(PHASE) },
	    { .masks = 1, .sigcgt = MUXED, .age = 10, .verified = 1 },
	    ONCE(.looked = 1) },
	{ "in front of its own master, with copies", TUN_CLIENT, { 0 },
	    { .masks = 1, .sigcgt = MUXED, .client = 1, .inet = 1,
	    .listeners = 1 }, ONCE(LINK) },
	{ "a client's mask with TCP of its own", TUN_UP, { W(FRESH) },
	    { TUN, .sigcgt = MUXED }, ONCE(LINK, .lar = 5) },
	{ "a client's mask, but denied", TUN_HIDDEN, { W(DENIED) },
	    { .masks = 1, .sigcgt = MUXED, .denied = 1 }, ONCE(0) },
	/* 9 */
	{ "denied", TUN_HIDDEN, { W(DENIED) },
	    { .masks = 1, .sigcgt = RUNS, .age = 99999, .denied = 1,
	    .asked = 1 }, ONCE(0) },
	{ "denied, and no masks here", TUN_HIDDEN, { W(DENIED) },
	    { .age = 5, .denied = 1 }, ONCE(0) },
	{ "another namespace", TUN_HIDDEN, { W(NETNS) },
	    { .masks = 1, .sigcgt = RUNS, .elsewhere = 1, .asked = 1,
	    .bad = 1 }, TWICE(.looked = 1) },
	{ "nobody looked", TUN_UNKNOWN, { W(NOSOCKETS) },
	    { .masks = 1, .sigcgt = RUNS, .nosockets = 1 }, ONCE(0) },
	/* 10 */
	{ "closed by the peer, twice", TUN_CLOSED, { W(CLOSEWAIT) }, { TUN },
	    TWICE(LINK, .state = PLAT_TCP_CLOSE_WAIT) },
	{ "closed by the peer, once", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .state = PLAT_TCP_CLOSE_WAIT, .lar = 9) },
	{ "closed, a second ago not yet", TUN_UP, { W(FRESH) }, { TUN },
	    { LINK, .state = PLAT_TCP_CLOSE_WAIT, .lar = 9 },
	    { LINK, .lar = 9 }, 1 },
	{ "last ack, twice", TUN_CLOSED, { W(CLOSEWAIT) }, { TUN },
	    { LINK, .state = PLAT_TCP_LAST_ACK },
	    { LINK, .state = PLAT_TCP_CLOSE_WAIT }, 1 },
	{ "no connection, twice", TUN_CLOSED, { W(NOTRANSPORT) }, { TUN },
	    TWICE(.looked = 1) },
	{ "no connection, once", TUN_QUIET, { 0 }, { TUN }, ONCE(.looked = 1) },
	{ "no connection, but a proxy", TUN_QUIET, { W(PROXIED) },
	    { TUN, .piped = 1 }, TWICE(.looked = 1) },
	{ "no connection, but what was passed to it", TUN_QUIET, { 0 },
	    { TUN, .passed = 1 }, TWICE(.looked = 1) },
	{ "a session of sshd whose client comes through a pipe", TUN_UNKNOWN,
	    { W(NOTRANSPORT) }, { TUN, .piped = 1, .served = 1 },
	    TWICE(.looked = 1) },
	{ "a helper's connection closed", TUN_CLOSED,
	    { W(CLOSEWAIT), W(PROXIED) }, { TUN, .piped = 1 },
	    TWICE(LINK, .state = PLAT_TCP_CLOSE_WAIT) },
	{ "only listeners were looked at", TUN_UNKNOWN, { W(NOSOCKETS) },
	    { TUN, .conns = -1 }, TWICE(0) },
	/* 11 */
	{ "two minutes without an ack", TUN_BROKEN,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 9, .lar = 120000,
	    .lds = 20000, .timer = PLAT_TIMER_RETRANS) },
	{ "a moment less", TUN_STALLED, { W(UNACKED), W(LASTACK), W(RETRANS) },
	    { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 9, .lar = 119999,
	    .lds = 20000, .timer = PLAT_TIMER_RETRANS) },
	{ "idle for minutes, then a byte on its way", TUN_QUIET, { W(SILENT) },
	    { TUN }, ONCE(LINK, .unacked = 1, .wq = 92, .lar = 500000,
	    .timer = PLAT_TIMER_RETRANS) },
	{ "the same after a cut of 4 s", TUN_STALLED,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 5, .lar = 500000,
	    .timer = PLAT_TIMER_RETRANS) },
	{ "or of half a minute", TUN_STALLED,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 7, .lar = 500000,
	    .lds = 10000, .timer = PLAT_TIMER_RETRANS) },
	{ "but not of a minute", TUN_BROKEN,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 8, .lar = 500000,
	    .timer = PLAT_TIMER_RETRANS) },
	{ "the same on a slow link, where seven tries take long", TUN_BROKEN,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 7, .lar = 500000,
	    .lds = 100000, .timer = PLAT_TIMER_RETRANS) },
	{ "a byte on its way, and probes left from a question", TUN_QUIET,
	    { W(SILENT) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .probes = 2, .lar = 500000,
	    .timer = PLAT_TIMER_RETRANS) },
	{ "a system that counts no tries", TUN_STALLED,
	    { W(UNACKED), W(LASTACK) }, { TUN },
	    ONCE(LINK, .wq = 1, .lar = 500000, .lds = 500000) },
	{ "the kernel's own keepalive fails", TUN_BROKEN,
	    { W(PROBES), W(LASTACK) }, { TUN },
	    ONCE(LINK, .probes = 2, .expires = 75000, .lar = 7300000) },
	{ "probes left from a question prove nothing", TUN_QUIET, { W(SILENT) },
	    { TUN },
	    ONCE(LINK, .probes = 5, .expires = 7100000, .lar = 250000) },
	{ "one probe is not two", TUN_QUIET, { W(SILENT) }, { TUN },
	    ONCE(LINK, .probes = 1, .expires = 70000, .lar = 7300000) },
	{ "idle for days, nothing outstanding", TUN_QUIET, { W(SILENT) },
	    { TUN }, ONCE(LINK, .lar = 400000000) },
	{ "ages of SYN_SENT are the uptime", TUN_QUIET, { 0 }, { TUN },
	    ONCE(LINK, .state = PLAT_TCP_SYN_SENT, .unacked = 1,
	    .lar = 999999999, .retrans = 4) },
	{ "broken explains a full queue", TUN_BROKEN,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    { CUT, .full = { 7 }, .nfull = 1 },
	    { LINK, .full = { 7 }, .nfull = 1 }, 1 },
	{ "a helper's link", TUN_BROKEN,
	    { W(UNACKED), W(LASTACK), W(RETRANS), W(PROXIED) },
	    { TUN, .piped = 1 }, ONCE(CUT) },
	{ "a proxy that is no ssh may connect again", TUN_STALLED,
	    { W(UNACKED), W(LASTACK), W(RETRANS), W(PROXIED) },
	    { TUN, .piped = 1, .foreign = 1 }, ONCE(CUT) },
	{ "also if the server has closed the connection", TUN_STALLED,
	    { W(CLOSEWAIT), W(PROXIED) }, { TUN, .piped = 1, .foreign = 1 },
	    TWICE(LINK, .state = PLAT_TCP_CLOSE_WAIT, .lar = 9) },
	{ "no tcp_info, no verdict", TUN_QUIET, { 0 }, { TUN },
	    ONCE(LINK, .known = PLAT_SOCK_QUEUES, .wq = 500) },
	{ "a closed window is not the link", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .timer = PLAT_TIMER_PROBE, .wq = 9000, .probes = 6,
	    .lar = 800) },
	/* 12: what a link that works was seen to do under loss */
	{ "20 % loss", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 40, .retrans = 0, .lar = 800) },
	{ "40 % loss at its worst", TUN_STALLED,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    ONCE(LINK, .unacked = 3, .wq = 400, .retrans = 5, .lar = 15500) },
	{ "60 % loss at its worst", TUN_STALLED,
	    { W(UNACKED), W(LASTACK), W(RETRANS) }, { TUN },
	    ONCE(LINK, .unacked = 2, .wq = 200, .retrans = 4, .lar = 10500) },
	{ "cut 5.1 s ago", TUN_STALLED, { W(UNACKED), W(LASTACK), W(RETRANS) },
	    { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 4, .lar = 5100) },
	{ "cut 2 s ago", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 3, .lar = 2100) },
	{ "two tries are loss", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .unacked = 1, .wq = 92, .retrans = 2, .lar = 5500) },
	{ "keepalive begins to fail", TUN_STALLED, { W(PROBES), W(LASTACK) },
	    { TUN }, ONCE(LINK, .probes = 2, .expires = 40000, .lar = 100000) },
	/* 13 */
	{ "a queue, twice", TUN_CHOKED, { W(BACKLOG) }, { TUN },
	    TWICE(LINK, .full = { 7 }, .nfull = 1) },
	{ "a queue, once", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .full = { 7 }, .nfull = 1) },
	{ "a burst: another listener each time", TUN_UP, { W(FRESH) }, { TUN },
	    { LINK, .full = { 7 }, .nfull = 1 },
	    { LINK, .full = { 8 }, .nfull = 1 }, 1 },
	{ "out of descriptors", TUN_CHOKED, { W(BACKLOG), W(FDLIMIT) },
	    { TUN, .fdlimit = 1 }, { LINK, .full = { 5, 7 }, .nfull = 2 },
	    { LINK, .full = { 7 }, .nfull = 1 }, 1 },
	{ "connected to itself", TUN_CHOKED, { W(BACKLOG), W(LOOP) },
	    { TUN, .loop = 1 }, TWICE(LINK, .full = { 7 }, .nfull = 1) },
	{ "starved explains unread", TUN_CHOKED, { W(BACKLOG), W(FDLIMIT) },
	    { TUN, .fdlimit = 1 },
	    { LINK, .full = { 7 }, .nfull = 1, .unread = 40000 },
	    { LINK, .full = { 7 }, .nfull = 1, .unread = 39000 }, 1 },
	/* 14 */
	{ "no answer to ServerAlive", TUN_MUTE, { W(LASTDATA) },
	    { TUN, .alive = 5000 }, ONCE(LINK, .ldr = 15001) },
	{ "in time for ServerAlive", TUN_UP, { W(FRESH) },
	    { TUN, .alive = 5000 }, ONCE(LINK, .ldr = 15000) },
	{ "never read for half a minute", TUN_MUTE, { W(UNREAD) }, { TUN },
	    { LINK, .unread = 30000, .moved = 44 },
	    { LINK, .unread = 29000, .moved = 44 }, 1 },
	{ "never read, but others move", TUN_UP, { W(FRESH) }, { TUN },
	    { LINK, .unread = 30000, .moved = 45 },
	    { LINK, .unread = 29000, .moved = 44 }, 1 },
	{ "never read, looked at once", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .unread = 900000) },
	{ "never read, not for long", TUN_UP, { W(FRESH) }, { TUN },
	    { LINK, .unread = 29999 }, { LINK, .unread = 28999 }, 1 },
	{ "a long upload without ServerAlive", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .ldr = 4000000, .lar = 20) },
	/* 15 */
	{ "nothing bound", TUN_USELESS, { W(NOTBOUND), W(FRESH) },
	    { TUN, .bound = 0, .bad = 1 }, ONCE(LINK) },
	{ "started twice", TUN_USELESS, { W(NOTBOUND), W(FRESH), W(DUP) },
	    { TUN, .bound = 0, .bad = 1, .twin = 1 }, ONCE(LINK) },
	{ "nothing bound, but a -R", TUN_PARTIAL, { W(NOTBOUND), W(FRESH) },
	    { TUN, .bound = 0, .bad = 1, .carries = 1 }, ONCE(LINK) },
	{ "nothing bound, but a master", TUN_PARTIAL, { W(NOTBOUND), W(FRESH) },
	    { TUN, .bound = 0, .bad = 1, .master = 1 }, ONCE(LINK) },
	{ "nothing bound, but a channel", TUN_PARTIAL,
	    { W(NOTBOUND), W(FRESH) },
	    { TUN, .bound = 0, .bad = 1, .conns = 1 }, ONCE(LINK) },
	{ "nothing bound, channels not looked at", TUN_PARTIAL,
	    { W(NOTBOUND), W(NOSOCKETS) },
	    { TUN, .bound = 0, .bad = 1, .conns = -1 }, ONCE(0) },
	{ "nothing bound that argv knows of", TUN_PARTIAL,
	    { W(NOTBOUND), W(FRESH) },
	    { TUN, .asked = 0, .bound = 0, .bad = 1 }, ONCE(LINK) },
	{ "nothing asked for, nothing bound", TUN_UP, { W(FRESH) },
	    { TUN, .asked = 0, .bound = 0 }, ONCE(LINK) },
	/* 16 */
	{ "one of two is bound", TUN_PARTIAL, { W(NOTBOUND), W(FRESH) },
	    { TUN, .asked = 2, .bad = 1 }, ONCE(LINK, .lar = 5) },
	{ "one of two, and the link is dead", TUN_BROKEN,
	    { W(UNACKED), W(LASTACK), W(RETRANS) },
	    { TUN, .asked = 2, .bad = 1 }, ONCE(CUT) },
	/* 17 */
	{ "heard a minute ago", TUN_UP, { W(FRESH) }, { TUN },
	    ONCE(LINK, .lar = 60000) },
	{ "ServerAlive answers", TUN_UP, { W(FRESH) }, { TUN, .alive = 60000 },
	    ONCE(LINK, .lar = 100000, .ldr = 100000) },
	{ "through jump hosts", TUN_UP, { W(FRESH), W(PROXIED) },
	    { TUN, .piped = 1 }, ONCE(LINK, .lar = 7) },
	/* 18 */
	{ "not heard for a minute", TUN_QUIET, { W(SILENT) }, { TUN },
	    ONCE(LINK, .lar = 60001) },
	{ "through nc", TUN_QUIET, { W(PROXIED) }, { TUN, .piped = 1 },
	    ONCE(.looked = 1) },
	{ "the link was cut, and nothing shows", TUN_QUIET, { W(SILENT) },
	    { TUN }, { LINK, .lar = 119000 }, { LINK, .lar = 118000 }, 1 },
};

/* These and no others. */
static void
check_why(const struct tun_evidence *why, const enum tun_why *want,
    const char *what)
{
	struct tun_evidence all = { { 0 } };
	enum tun_why i = TUN_WHY_NONE;
	size_t n;

	for (n = 0; n < 4; n++)
		evidence_add(&all, want[n]);
	for (i = TUN_WHY_NONE + 1; i < TUN_WHY_COUNT; i++)
		ck_assert_msg(tun_why_has(why, i) == tun_why_has(&all, i),
		    "%s: %s%s", what, tun_why_has(why, i) ? "" : "not ",
		    tun_why_text(i));
}

START_TEST(tunnel)
{
	struct health_facts f = tunnels[_i].f;
	struct tun_evidence why = { { 0 } };
	enum tun_state link, state;

	f.now = &tunnels[_i].now;
	f.before = tunnels[_i].twice ? &tunnels[_i].before : NULL;
	state = health_tunnel(&f, &link, &why);
	ck_assert_msg(state == tunnels[_i].state, "%s: %s", tunnels[_i].what,
	    tun_state_name(state));
	ck_assert(link != TUN_PARTIAL && link != TUN_USELESS);
	ck_assert(state == link || link == TUN_UNKNOWN ||
	    tun_state_class(link) == TUN_CLASS_LIVE);
	check_why(&why, tunnels[_i].why, tunnels[_i].what);
}
END_TEST

#define L	.kind = TUN_FWD_LOCAL, .seen = 1

static const struct {
	const char *what;
	enum tun_state state;
	enum tun_why why[4];
	struct fwd_links f;
} forwards[] = {
	{ "both", TUN_BOUND, { 0 }, { L, .expected = 2, .owned = 2 } },
	{ "one, as asked", TUN_BOUND, { 0 }, { L, .expected = 1, .owned = 1 } },
	{ "by name", TUN_BOUND, { 0 }, { L, .expected = -1, .owned = 1 } },
	{ "one family", TUN_BOUND, { W(FAMILY) },
	    { L, .expected = 2, .owned = 1 } },
	{ "half, another process has the rest", TUN_HALF,
	    { W(FAMILY), W(TAKEN) },
	    { L, .expected = 2, .owned = 1, .taken = 1 } },
	{ "none", TUN_UNBOUND, { W(NOTBOUND) }, { L, .expected = 2 } },
	{ "none by name", TUN_UNBOUND, { W(NOTBOUND) }, { L, .expected = -1 } },
	{ "no family is left", TUN_UNBOUND, { W(NOTBOUND) }, { L } },
	{ "taken", TUN_TAKEN, { W(NOTBOUND), W(TAKEN) },
	    { L, .expected = 2, .taken = 1 } },
	{ "in the master", TUN_IN_MASTER, { 0 },
	    { L, .expected = 2, .inmaster = 1 } },
	{ "the master has closed it", TUN_RELEASED,
	    { W(NOTBOUND), W(RELEASED) },
	    { L, .expected = 2, .ofmaster = 1 } },
	{ "and a client holds a copy", TUN_UNBOUND, { W(NOTBOUND) },
	    { L, .expected = 2, .ofmaster = 1, .leftover = 1 } },
	{ "unlisted", TUN_UNLISTED, { 0 },
	    { L, .expected = 1, .owned = 1, .unexplained = 1 } },
	{ "choked", TUN_CHOKED, { W(BACKLOG) },
	    { L, .expected = 2, .owned = 2, .choked = 1 } },
	{ "loop", TUN_LOOP, { W(LOOP) },
	    { L, .expected = 2, .owned = 2, .choked = 1, .loop = 1 } },
	{ "its target may be itself", TUN_BOUND, { W(LEADSBACK) },
	    { L, .expected = 2, .owned = 2, .leadsback = 1 } },
	{ "a loop that is not bound is none", TUN_UNBOUND, { W(NOTBOUND) },
	    { L, .expected = 2, .loop = 1 } },
	{ "its address is gone", TUN_NOADDRESS, { W(NOADDRESS) },
	    { L, .expected = 1, .owned = 1, .noaddress = 1 } },
	{ "nobody can connect, so it is no loop", TUN_NOADDRESS,
	    { W(NOADDRESS) }, { L, .expected = 1, .owned = 1, .loop = 1,
	    .choked = 1, .noaddress = 1 } },
	{ "one that nobody asked for", TUN_NOADDRESS, { W(NOADDRESS) },
	    { L, .expected = 1, .owned = 1, .unexplained = 1,
	    .noaddress = 1 } },
	{ "hidden", TUN_UNKNOWN, { 0 }, { .kind = TUN_FWD_LOCAL } },
	{ "inferred", TUN_BOUND, { W(INFERRED) },
	    { .kind = TUN_FWD_DYNAMIC, .inferred = 1 } },
	{ "path", TUN_BOUND, { 0 },
	    { L, .path = 1, .expected = 1, .owned = 1, .file = FILE_OURS } },
	{ "path not looked at", TUN_BOUND, { 0 },
	    { L, .path = 1, .expected = 1, .owned = 1 } },
	{ "path gone", TUN_DETACHED, { 0 },
	    { L, .path = 1, .expected = 1, .owned = 1, .file = FILE_NONE } },
	{ "path on a file system of others", TUN_UNKNOWN, { W(REMOTEFS) },
	    { L, .path = 1, .expected = 1, .owned = 1, .file = FILE_REMOTE } },
	{ "not bound, whatever is at the path", TUN_UNBOUND, { W(NOTBOUND) },
	    { L, .path = 1, .expected = 1, .file = FILE_REMOTE } },
	{ "path replaced", TUN_DETACHED, { 0 },
	    { L, .path = 1, .expected = 1, .owned = 1, .unexplained = 1,
	    .file = FILE_OTHER } },
	{ "path left over", TUN_DEADFILE, { W(NOTBOUND) },
	    { L, .path = 1, .expected = 1, .file = FILE_DEAD } },
	{ "path in the way is no socket", TUN_UNBOUND, { W(NOTBOUND) },
	    { L, .path = 1, .expected = 1, .file = FILE_OTHER } },
	{ "path of another process", TUN_TAKEN, { W(NOTBOUND), W(TAKEN) },
	    { L, .path = 1, .expected = 1, .taken = 1 } },
	{ "remote", TUN_REMOTE, { 0 }, { .kind = TUN_FWD_REMOTE, .seen = 1 } },
	{ "remote of a hidden one", TUN_REMOTE, { 0 },
	    { .kind = TUN_FWD_RDYNAMIC } },
	{ "remote in use", TUN_REMOTE_USED, { 0 },
	    { .kind = TUN_FWD_REMOTE, .seen = 1, .used = 1 } },
	{ "remote of a mux client", TUN_IN_MASTER, { 0 },
	    { .kind = TUN_FWD_REMOTE, .seen = 1, .inmaster = 1 } },
	{ "device", TUN_DEVICE, { 0 },
	    { .kind = TUN_FWD_DEVICE, .seen = 1, .device = 1 } },
	{ "no device", TUN_UNBOUND, { W(NOTBOUND) },
	    { .kind = TUN_FWD_DEVICE, .seen = 1 } },
	{ "device of a hidden one", TUN_UNKNOWN, { 0 },
	    { .kind = TUN_FWD_DEVICE } },
	{ "stdio", TUN_BOUND, { 0 }, { .kind = TUN_FWD_STDIO, .seen = 1 } },
};

START_TEST(forward)
{
	struct tun_evidence why = { { 0 } };
	enum tun_state state;

	state = health_forward(&forwards[_i].f, &why);
	ck_assert_msg(state == forwards[_i].state, "%s: %s",
	    forwards[_i].what, tun_state_name(state));
	check_why(&why, forwards[_i].why, forwards[_i].what);
}
END_TEST

/*
 * Nothing in the stale class may be the verdict on a link as it was measured
 * under loss, at any moment of it.
 */
START_TEST(loss_is_never_stale)
{
	struct sample s = { LINK, .unacked = 1, .wq = 92 };
	struct health_facts f = { TUN };
	enum tun_state link;
	enum tun_class class;
	struct tun_evidence why = { { 0 } };

	f.now = f.before = &s;
	for (s.lar = 0; s.lar <= 15500; s.lar += 100)
		for (s.retrans = 0; s.retrans <= 5; s.retrans++) {
			class = tun_state_class(health_tunnel(&f, &link,
			    &why));
			ck_assert_int_ne(class, TUN_CLASS_STALE);
		}
}
END_TEST

Suite *
health_suite(void)
{
	Suite *s = suite_create("health");

	add_tests(s, "rules", ROWS(tunnel, tunnels), ROWS(forward, forwards),
	    TEST(loss_is_never_stale));
	return s;
}
