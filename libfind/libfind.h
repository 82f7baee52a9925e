/* SPDX-License-Identifier: ISC */
/*
 * libfind: find background ssh tunnels, what they forward and how they are.
 *
 * A context says where to look.  A scan gives a list: one snapshot that owns
 * everything it hands out and is freed in one call.  Nothing here prints,
 * exits, installs a signal handler or keeps a global.  A scan only looks:
 * it connects to nothing and starts nothing.
 *
 * Functions return 0 or a pointer on success, -1 or NULL with errno set on
 * failure, unless their comment says otherwise.  Strings taken from other
 * processes are byte-exact and hostile: escape them before a terminal sees
 * them.  See libfind(3) and tunnels(7).
 */
#ifndef LIBFIND_H
#define LIBFIND_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && __GNUC__ >= 4
#pragma GCC visibility push(default)
#endif

struct tun_ctx;			/* where and how to look */
struct tun_list;		/* one snapshot */
struct tun_select;		/* a parsed selector, see tunnels(7) */

/* ssh(1): -L, -R, -D, -R without a target, -W, -w. */
enum tun_fwd_kind {
	TUN_FWD_LOCAL,
	TUN_FWD_REMOTE,
	TUN_FWD_DYNAMIC,
	TUN_FWD_RDYNAMIC,
	TUN_FWD_STDIO,
	TUN_FWD_DEVICE
};

/* Who says that a forward exists. */
enum tun_source {
	TUN_SRC_ARGV,		/* the command line of the process */
	TUN_SRC_CONFIG,		/* ssh_config(5), by ssh -G */
	TUN_SRC_SOCKET,		/* it listens, nobody says why */
	TUN_SRC_MUX		/* a master was asked */
};

/* How a tunnel came to be where it is; tunnels(7). */
enum tun_origin {
	TUN_ORIGIN_UNKNOWN,
	TUN_ORIGIN_BACKGROUND,	/* put itself there: -f, ControlPersist */
	TUN_ORIGIN_ABANDONED,	/* its starter is gone */
	TUN_ORIGIN_SUPERVISED,	/* autossh, a unit, a loop starts it again */
	TUN_ORIGIN_FOREGROUND	/* a terminal or a living parent */
};

/*
 * States of tunnels and of forwards, defined in tunnels(7).  A forward has
 * a state of its own (TUN_BOUND and below) beside its tunnel's.
 */
enum tun_state {
	TUN_UNKNOWN,
	/* of a tunnel */
	TUN_HIDDEN,		/* we may not look */
	TUN_GONE,
	TUN_STARTING,
	TUN_PROMPT,		/* asks for a password */
	TUN_STUCK,		/* never got through authentication */
	TUN_CLIENT,		/* a mux client; its master is the tunnel */
	TUN_STOPPED,
	TUN_CLOSED,		/* the connection is over, the process not */
	TUN_BROKEN,		/* the link is dead */
	TUN_STALLED,		/* the link does not answer just now */
	TUN_CHOKED,		/* does not accept */
	TUN_MUTE,		/* the server does not answer */
	TUN_USELESS,		/* nothing that was asked for is bound */
	TUN_PARTIAL,		/* something that was asked for is not */
	TUN_UP,			/* heard of lately */
	TUN_QUIET,		/* nothing wrong to see, nothing proven */
	TUN_ALIVE,		/* was asked, has answered */
	/* of a forward */
	TUN_BOUND,
	TUN_HALF,		/* somebody else has its other address family */
	TUN_NOADDRESS,		/* listens where no interface is any more */
	TUN_UNBOUND,
	TUN_RELEASED,		/* a master does not listen, and nobody else */
	TUN_TAKEN,		/* somebody else listens there */
	TUN_IN_MASTER,		/* a master of the same user listens */
	TUN_UNLISTED,		/* listens, asked for by nobody known */
	TUN_DETACHED,		/* unix listener without its path */
	TUN_DEADFILE,		/* unix path without its listener */
	TUN_LOOP,		/* leads back to itself */
	TUN_REMOTE,		/* the other side knows */
	TUN_REMOTE_USED,	/* the other side, and it has been used */
	TUN_DEVICE,
	TUN_ANSWERS,		/* tuncheck -P: the target speaks */
	TUN_REFUSED,		/* tuncheck -P: the target is closed */
	TUN_SILENT,		/* tuncheck -P: no word from the target */
	TUN_NSTATES
};

/* What --stale and --suspect select by. */
enum tun_class {
	TUN_CLASS_UNKNOWN,
	TUN_CLASS_LIVE,
	TUN_CLASS_STARTING,
	TUN_CLASS_SUSPECT,
	TUN_CLASS_STALE,
	TUN_CLASS_GONE
};

/* Whether something is as it should be. */
enum tun_health {
	TUN_HEALTH_UNKNOWN,	/* could not be seen, or asked */
	TUN_HEALTH_OK,
	TUN_HEALTH_BAD
};

/* A control socket, seen without asking it; tunnels(7). */
enum tun_ctl {
	TUN_CTL_NONE,
	TUN_CTL_UNKNOWN,
	TUN_CTL_FOUND,		/* the path leads to this master's listener */
	TUN_CTL_OK,		/* and it has answered */
	TUN_CTL_LOST,		/* the listener lives, its path is gone */
	TUN_CTL_REPLACED,	/* the path is another master's now */
	TUN_CTL_DEAD,		/* a path without a listener */
	TUN_CTL_HUNG,		/* does not answer in time */
	TUN_CTL_DENIED,		/* closes on us */
	TUN_CTL_UNSAFE,		/* mode or directory not to be trusted */
	TUN_CTL_FOREIGN,	/* another user's */
	TUN_CTL_NOMASTER	/* something else listens there */
};

/*
 * Evidence: one for each rule.  tun_why_text() words each.  Numbers are never
 * given again; new ones come at the end.
 */
enum tun_why {
	TUN_WHY_NONE,
	/* about origin */
	TUN_WHY_LEADER,		/* leads its own session */
	TUN_WHY_NOTTY,		/* has no terminal */
	TUN_WHY_FORK,		/* -f in argv */
	TUN_WHY_TITLE,		/* "[mux]" title */
	TUN_WHY_PPID1,		/* parent is init */
	TUN_WHY_YOUNGPARENT,	/* parent is younger */
	TUN_WHY_DEADSESSION,	/* session leader is gone */
	TUN_WHY_DEADGROUP,	/* group leader is gone */
	TUN_WHY_REAPER,		/* parent is a known reaper */
	TUN_WHY_CGROUP,		/* parent in init.scope */
	TUN_WHY_UNIT,		/* cgroup names a service */
	TUN_WHY_SUPERVISOR,	/* parent restarts it */
	TUN_WHY_TTY,		/* has a terminal */
	TUN_WHY_PARENT,		/* its parent lives */
	TUN_WHY_NOPARENT,	/* parent not visible */
	TUN_WHY_TTYGONE,	/* holds a deleted terminal */
	/* about state */
	TUN_WHY_DENIED,		/* descriptors not readable */
	TUN_WHY_NETNS,		/* other network namespace */
	TUN_WHY_UNVERIFIED,	/* exe not readable */
	TUN_WHY_OLDEXE,		/* exe was replaced */
	TUN_WHY_PROXIED,	/* transport is a helper's */
	TUN_WHY_UNACKED,	/* data unacknowledged */
	TUN_WHY_RETRANS,	/* retransmits, backs off */
	TUN_WHY_PROBES,		/* kernel keepalive fails */
	TUN_WHY_LASTACK,	/* last ack is old */
	TUN_WHY_LASTDATA,	/* last data is old */
	TUN_WHY_CLOSEWAIT,	/* peer has closed */
	TUN_WHY_NOTRANSPORT,	/* no connection at all */
	TUN_WHY_BACKLOG,	/* nobody accepts */
	TUN_WHY_FDLIMIT,	/* out of descriptors */
	TUN_WHY_LOOP,		/* connects to itself */
	TUN_WHY_UNREAD,		/* accepted, never read */
	TUN_WHY_NOTBOUND,	/* asked for, not bound */
	TUN_WHY_FAMILY,		/* one family not bound */
	TUN_WHY_STRANGER,	/* another process has it */
	TUN_WHY_PHASE,		/* signal mask: not running */
	TUN_WHY_AGE,		/* too old for its phase */
	TUN_WHY_FRESH,		/* heard of lately */
	TUN_WHY_SILENT,		/* nothing heard lately */
	TUN_WHY_SIGSTOP,	/* stopped */
	TUN_WHY_HELPER,		/* a helper's fault */
	TUN_WHY_DUP,		/* twin has the listeners */
	TUN_WHY_INFERRED,	/* owner by uid and port */
	TUN_WHY_MUXALIVE,	/* level 1: master answered */
	TUN_WHY_MUXHUNG,	/* level 1: it did not */
	TUN_WHY_NUDGED,		/* level 2: peer answered */
	TUN_WHY_NONUDGE,	/* level 2: it did not */
	TUN_WHY_NOPTRACE,	/* level 2: not allowed */
	TUN_WHY_NOSOCKETS,	/* sockets not looked at */
	TUN_WHY_MONITOR,	/* autossh monitor pair */
	TUN_WHY_ARGVLOST,	/* title over argv */
	TUN_WHY_UNPARSED,	/* a word was not ssh's */
	TUN_WHY_TRIP,		/* level 3: round trip */
	TUN_WHY_NOTRIP,		/* level 3: none */
	TUN_WHY_WILDCARD,	/* beyond loopback */
	TUN_WHY_CTLDIR,		/* unsafe control dir */
	TUN_WHY_SHAREDUNIT,	/* others in its unit */
	TUN_WHY_UNITUNSEEN,	/* who else is? */
	TUN_WHY_NOENV,		/* environ not readable */
	TUN_WHY_UNASKED,	/* level 2: not asked */
	TUN_WHY_NOCONNECT,	/* level 4: no connect */
	TUN_WHY_NOACCEPT,	/* level 3, 4: not its own */
	TUN_WHY_RELEASED,	/* closed, or never bound */
	TUN_WHY_NOPEERS,	/* its master is unknown */
	TUN_WHY_FROZEN,		/* its control group is frozen */
	TUN_WHY_NOADDRESS,	/* where it listens, nobody is */
	TUN_WHY_CONFIGNEW,	/* its ssh_config has changed since */
	TUN_WHY_OTHERSSH,	/* its own ssh could not be asked */
	TUN_WHY_REMOTEFS,	/* path on a shared or dead mount */
	TUN_WHY_CONTAINER,	/* its container ends with it */
	TUN_WHY_COUNT
};

/* A set of them, with room for more than there are. */
struct tun_evidence {
	uint64_t words[4];
};

/*
 * One end of a forward: a unix path, or a host and a port.  A NULL host was
 * not given; an empty one was given empty: ssh tells them apart, and so does
 * the mux protocol.
 */
struct tun_end {
	const char *path;
	const char *host;
	int port;		/* -1 where there is none */
};

struct tun_forward {
	enum tun_fwd_kind kind;
	struct tun_end listen;	/* TUN_FWD_DEVICE: host is the local unit */
	struct tun_end connect;	/* port 0 in the dynamic kinds */
};

/* A numeric socket address or a path; family AF_INET, AF_INET6, AF_UNIX. */
struct tun_addr {
	int family;
	unsigned char ip[16];
	uint16_t port;		/* host order */
	const char *path;
};

/* A process other than an ssh that is a tunnel. */
struct tun_peer {
	pid_t pid;		/* 0: not visible */
	uid_t uid;
	const char *comm;	/* or NULL */
	struct tun_addr addr;	/* clients: where from */
	const char *const *argv; /* helpers: NULL-ended; else NULL */
	uint64_t ident[2];	/* with pid; 0 where a socket is all we know */
	const char *cwd;	/* of a parent; or NULL */
};

struct tun;

/* One forward of one tunnel: what tunps prints as a row. */
struct tun_fwd {
	const char *id;		/* unique in its list; design of IDs: tunnels(7) */
	const struct tun *tun;
	struct tun_forward spec;
	enum tun_source source;
	enum tun_state state;	/* its own */
	struct tun_evidence why;
	int conns;		/* open channels; -1 unknown */
	int exposed;		/* 1 beyond loopback, 0 not, -1 unknown */
	const struct tun_addr *addrs;	/* where it really listens */
	size_t naddrs;
	const struct tun_peer *clients;	/* TUN_SCAN_CLIENTS */
	size_t nclients;
	const struct tun_peer *holder;	/* TUN_TAKEN: by whom; or NULL */
	const char *device;	/* TUN_FWD_DEVICE: its name here, or that which
				   it would have; NULL: not known */
	int ethernet;		/* TUN_FWD_DEVICE: 1 tap, 0 tun */
};

/*
 * Made only by the library, reached only by pointer: members may be added
 * at the end.  Ages are milliseconds, -1 where unknown; counters are bytes.
 */
struct tun {
	const char *id;		/* "M" and the PID: for a tunnel without forwards */
	pid_t pid, ppid, pgid, sid;
	uid_t uid;		/* effective */
	int64_t start;		/* seconds since the epoch, for people */
	uint64_t ident[2];	/* with pid: this process and no later one */
	const char *dest;	/* destination as typed, or NULL */
	const char *user, *host; /* of dest and -l; NULL: not given */
	int port;		/* -1: default */
	const char *label;	/* TUN_LABEL, -P, IgnoreUnknown; or NULL */
	const char *ctlpath;	/* control socket; or NULL */
	enum tun_ctl ctl;
	int master;		/* 1 is one, 0 not, -1 unknown */
	const char *const *argv; /* NULL-ended; NULL: not readable */
	size_t argc;
	const char *exe, *cwd;	/* or NULL */
	const char *unit;	/* systemd unit, or NULL */
	enum tun_origin origin;
	struct tun_evidence origin_why;
	const char *supervisor;	/* "autossh 4711", "systemd db.service" */
	pid_t supervisor_pid;	/* 0: none, or not a process */
	enum tun_state state;
	struct tun_evidence why;
	const struct tun_fwd *fwds;
	size_t nfwds;
	const struct tun_peer *helpers;	/* jump and proxy processes */
	size_t nhelpers;
	int conns;		/* channels over all forwards; -1 unknown */
	int64_t idle;		/* since the last data on the transport */
	int64_t heard;		/* since the peer's last ack */
	int64_t rx, tx;
	int64_t rtt;		/* microseconds */
	int64_t retrans;	/* segments, since the start */
	struct tun_addr local, remote;	/* of the transport; family 0 unknown */
	const struct tun_peer *parent;	/* it started this one; or NULL */
	const struct tun_peer *users;	/* ssh that go through this one */
	size_t nusers;
	int session;		/* 1 carries a shell or command, 0 not, -1 */
	/* Why there may be a label that is not known. */
	struct tun_evidence label_why;
	/* Jump hosts as somebody wrote them, [user@]host[:port]; NULL-ended. */
	const char *const *jumps; /* or NULL: none is known */
	/*
	 * Its state without regard to forwards: never partial or useless.
	 * That of a client, and of a tunnel whose jump helper goes through a
	 * master, is the master's.
	 */
	enum tun_state link;
	const struct tun *carrier;	/* that master, if it is listed */
	int netns;		/* 1 ours, 0 another namespace, -1 unknown */
	int cwd_gone;		/* cwd was removed, and ends in " (deleted)" */
};

/* The version of the library that runs, as "0.1.0". */
const char *tun_version(void);

/*
 * What these structs say, by functions, for languages that cannot read them
 * and for programs that are to run with later versions.  Strings belong to
 * the list.
 */
const char *tun_id(const struct tun *t);
pid_t	 tun_pid(const struct tun *t);
uid_t	 tun_uid(const struct tun *t);
int64_t	 tun_start(const struct tun *t);
const char *tun_dest(const struct tun *t);		/* or NULL */
const char *tun_label(const struct tun *t);		/* or NULL */
const char *tun_supervisor(const struct tun *t);	/* or NULL */
enum tun_origin tun_origin(const struct tun *t);
enum tun_state tun_state(const struct tun *t);
const struct tun_evidence *tun_why(const struct tun *t);
const struct tun_evidence *tun_origin_why(const struct tun *t);
int64_t	 tun_heard(const struct tun *t);	/* ms; -1 unknown */
size_t	 tun_fwd_count(const struct tun *t);
const struct tun_fwd *tun_fwd_at(const struct tun *t, size_t i); /* or NULL */
const char *tun_fwd_id(const struct tun_fwd *fwd);
enum tun_fwd_kind tun_fwd_kind(const struct tun_fwd *fwd);
enum tun_source tun_fwd_source(const struct tun_fwd *fwd);
const struct tun_evidence *tun_fwd_why(const struct tun_fwd *fwd);
int	 tun_fwd_conns(const struct tun_fwd *fwd);	/* -1 unknown */
int	 tun_fwd_exposed(const struct tun_fwd *fwd);	/* 1, 0; -1 unknown */

/*
 * Contexts.  A table recorded by tunps --record stands in for the live
 * system: the same verdicts, later and elsewhere.
 */
struct tun_ctx *tun_open(const char *table);	/* NULL: the live system */
void	 tun_close(struct tun_ctx *ctx);

#define TUN_SCAN_OWN		0x01	/* own processes only: much cheaper */
#define TUN_SCAN_SOCKETS	0x02	/* listeners, join, states */
#define TUN_SCAN_INFO		0x04	/* all sockets: conns, health, bytes */
#define TUN_SCAN_CLIENTS	0x08	/* who is connected */
#define TUN_SCAN_CONFIG		0x10	/* run ssh -G for own tunnels */
#define TUN_SCAN_ENV		0x20	/* read labels from environments */
#define TUN_SCAN_AGAIN		0x40	/* a second sample, 1 s after the first */

/* What programs usually want of all users; add TUN_SCAN_OWN for own ones. */
#define TUN_SCAN_FORWARDS	TUN_SCAN_SOCKETS	/* where they listen */
#define TUN_SCAN_STATES	(TUN_SCAN_SOCKETS | TUN_SCAN_INFO | TUN_SCAN_AGAIN)
#define TUN_SCAN_ALL	(TUN_SCAN_STATES | TUN_SCAN_CLIENTS | TUN_SCAN_ENV)

/*
 * What this system shows to nobody, or not to this user: one after the other
 * from i 0 on, NULL ends.  It is unknown in every snapshot, and no gap in one.
 */
const char *tun_cannot(struct tun_ctx *ctx, size_t i);

/*
 * One more name of programs that are an ssh, beside ssh, slogin and ssh10;
 * each call adds one.  EINVAL: empty, or a path.
 */
int	 tun_ssh_name(struct tun_ctx *ctx, const char *name);

/* Does the base name of this path name an ssh, as tun_ssh_name() has it? */
int	 tun_is_ssh(const struct tun_ctx *ctx, const char *name);

/* A process that a program has started. */
struct tun_child {
	pid_t pid, ppid;
	uint64_t ident[2];	/* with pid: this process and no later one */
	char comm[64];		/* the name that it gives itself */
};

/*
 * Takes these processes for clients of ssh, too, whatever their programs are
 * called: those that the caller knows to have started an ssh.  A scan lists
 * one whose words read as those of an ssh and whose sockets agree: it listens
 * where they say, or it has a connection and they ask for a forward, for no
 * session, or for host, which may be NULL.  In place of those taken before.
 */
int	 tun_take(struct tun_ctx *ctx, const struct tun_child *v, size_t n,
	    const char *host);

/*
 * A snapshot; the caller frees it.  ENOMEM, EMFILE and the like: something
 * could not be looked at for want of memory or descriptors, so that there is
 * no snapshot at all; else what opendir(3) says.
 */
int	 tun_scan(struct tun_ctx *ctx, unsigned flags, struct tun_list **listp);
void	 tun_list_free(struct tun_list *list);

/* Tunnels in order of PID.  A NULL prev begins; NULL ends. */
const struct tun *tun_next(const struct tun_list *list,
	    const struct tun *prev);
size_t	 tun_count(const struct tun_list *list);

/*
 * Writes to fd what tun_scan() with these flags reads, as a table for
 * tun_open().  Of environments it holds TUN_LABEL and the variables that
 * command lines name, of other processes no more than was asked of them.
 * With TUN_SCAN_AGAIN it takes the second sample, a second later.
 */
int	 tun_record(struct tun_ctx *ctx, unsigned flags, int fd);

/* 1: the view was complete.  0: tun_note() says what is missing. */
int	 tun_complete(const struct tun_list *list);
const char *tun_note(const struct tun_list *list, size_t i); /* NULL ends */
int64_t	 tun_when(const struct tun_list *list);	/* seconds since the epoch */

/*
 * Asks n tunnels of one list, all at once, ms milliseconds in all (3000 is
 * enough), and puts the answers into their state, why, ctl and heard.  A scan
 * never asks.  TUN_ASK_MASTER: over the control socket, which resets a
 * ControlPersist clock.  TUN_ASK_PEER: a TCP keepalive on the tunnel's own
 * connection; a peer that has forgotten it ends the tunnel by its answer.
 * Where data waits for its acknowledgement, that is the answer.  What looked
 * well and does not answer in time becomes TUN_UNKNOWN.  On Linux a process
 * is started for as long as that takes, which restores the settings of the
 * connection if the caller is killed; it sends no SIGCHLD, and only
 * waitpid(2) with __WALL or __WCLONE would find it.
 * TUN_ASK_TRIP: the server, by way of a master or a dynamic forward, which
 * has to refuse a connection to its own port 1.  TUN_ASK_TARGET: what local
 * forwards lead to, by a connection, which it sees; ms for each forward of a
 * tunnel.  Neither of a tunnel that is unwell or leads back to itself, nor of
 * a recorded one; and neither counts unless the tunnel's own process was seen
 * to accept the connection: else TUN_UNKNOWN, and why.
 */
#define TUN_ASK_MASTER		0x01
#define TUN_ASK_PEER		0x02
#define TUN_ASK_TRIP		0x04
#define TUN_ASK_TARGET		0x08
int	 tun_check(struct tun_ctx *ctx, const struct tun *const *tuns,
	    size_t n, unsigned levels, int ms);

/*
 * Who listens on a TCP port of this machine, tunnel or not: one peer a
 * process, pid 0 where it cannot be seen.  None is no failure.  The caller
 * frees *peersp, and all strings go with it.
 */
int	 tun_holder(struct tun_ctx *ctx, int port, struct tun_peer **peersp,
	    size_t *np);

/*
 * The other end of -R: what the sshd of this machine listens on for those who
 * are logged in.  Root sees whose it is; others see the sockets of users who
 * are logged in, and are told so by a note.  The caller frees.
 */
struct tun_served_list;

struct tun_served {
	struct tun_addr listen;
	struct tun_addr client;	/* where he came from; family 0 unknown */
	uid_t uid;		/* who is logged in; -1 unknown */
	pid_t pid;		/* his session's process; 0 not visible */
	int64_t start;		/* of it, seconds since the epoch; 0 unknown */
	int conns;		/* -1 unknown */
	int inferred;		/* by uid alone: may be another program's */
};

int	 tun_served(struct tun_ctx *ctx, struct tun_served_list **listp);
const struct tun_served *tun_served_next(const struct tun_served_list *list,
	    const struct tun_served *prev);	/* by port; as tun_next() */
const char *tun_served_note(const struct tun_served_list *list, size_t i);
int64_t	 tun_served_when(const struct tun_served_list *list);
void	 tun_served_free(struct tun_served_list *list);

/*
 * The texts that tunps shows as LISTEN and TARGET, as snprintf(3).  0: not
 * known.
 */
int	 tun_listen_text(const struct tun_fwd *fwd, char *buf, size_t len);
int	 tun_target_text(const struct tun_fwd *fwd, char *buf, size_t len);

/*
 * Selectors.  The first returns NULL with a constant reason in *errstr.
 * A match gives how the words were read, so that a number which is a port
 * of one tunnel and the PID of another can be told apart.
 *
 * A number is a target port only after tun_select_settle(), which looks for
 * it in all of a list: where no forward listens on that port and no tunnel
 * has that PID, and some forward leads to it, it returns 1 and the selector
 * matches those.  For others, and for other words, it changes nothing.
 *
 * tun_select_forward() gives the forwards that the words are in full, as
 * ssh(1) takes them: R2022:localhost:22 is one, 8080:localhost:80 may be -L
 * or -R.  From i 0 on, the likeliest first; NULL ends.  They need not exist,
 * so that a master can be asked to close one that nobody has listed.  The
 * selector owns them.
 */
#define TUN_MATCH_ID	0x01
#define TUN_MATCH_PORT	0x02
#define TUN_MATCH_PID	0x04
#define TUN_MATCH_DEST	0x08
#define TUN_MATCH_LABEL	0x10
#define TUN_MATCH_PATH	0x20
#define TUN_MATCH_LISTEN 0x40	/* as the column LISTEN has it */
#define TUN_MATCH_FORWARD 0x80	/* a forward in full */
#define TUN_MATCH_TARGET 0x100	/* host, host:port, path or port */
#define TUN_MATCH_JUMP	0x200	/* a jump host */

struct tun_select *tun_select_parse(const char *s, const char **errstr);
unsigned tun_select_match(const struct tun_select *sel, const struct tun *t,
	    const struct tun_fwd *fwd);	/* fwd NULL: the tunnel as a whole */
int	 tun_select_settle(struct tun_select *sel,
	    const struct tun_list *list);
const struct tun_forward *tun_select_forward(const struct tun_select *sel,
	    size_t i);
void	 tun_select_free(struct tun_select *sel);

/*
 * Forward specifications, the grammar of ssh(1) to the letter
 * (readconf.c, parse_forward).  kind is the option: TUN_FWD_LOCAL for -L and
 * so on; the result's kind may differ, as -R 8080 is TUN_FWD_RDYNAMIC.
 * ${NAME} is taken from the caller's environment.
 * tun_forward_format() writes what would be given to the option again and
 * returns the length that takes, as snprintf(3).
 */
struct tun_forward *tun_forward_parse(enum tun_fwd_kind kind,
	    const char *spec, const char **errstr);
int	 tun_forward_format(const struct tun_forward *fwd, char *buf,
	    size_t len);
int	 tun_forward_cmp(const struct tun_forward *a,
	    const struct tun_forward *b);
void	 tun_forward_free(struct tun_forward *fwd);

/*
 * What a command line of ssh(1) asks for, before it is run.  Words before the
 * first that is the name of an ssh, also by tun_ssh_name() where ctx is not
 * NULL, are skipped.  NULL: EINVAL there is none,
 * or it would not stay; ENOMEM.  It owns what it hands out.
 */
struct tun_words {
	const char *host;
	const char *ctlpath;	/* as typed; or NULL */
	int fork;		/* -f */
	const struct tun_forward *fwds;
	size_t nfwds;
	size_t at;		/* which word is the ssh */
	int exitonfail;		/* ExitOnForwardFailure; -1: not given */
};
struct tun_words *tun_words_parse(const struct tun_ctx *ctx,
	    const char *const *argv, size_t argc);
void	 tun_words_free(struct tun_words *words);

/*
 * 1: the process table shows the calling process under its own number.  0:
 * the table is that of another PID namespace, or it hides this process, and
 * what this process starts cannot be found in it.
 * -1: that cannot be looked at.
 */
int	 tun_sees_itself(struct tun_ctx *ctx);

/*
 * Those processes of the caller's user that descend from pid, in order of
 * their numbers; the caller frees *vp.  Orphans are among them only where
 * they come back to pid.  Where they do not, mark is "NAME=value" that was
 * put into the environment of the first; else NULL.  ENOTSUP: there is a
 * mark, and this system shows no environments.
 */
int	 tun_descendants(struct tun_ctx *ctx, pid_t pid, const char *mark,
	    struct tun_child **vp, size_t *np);

/*
 * A text from which the tunnel can be started again: a command for sh(1), a
 * Host block of ssh_config(5), a unit for systemd's user manager.  What is
 * not known is a comment in it, never a guess.  The caller frees; NULL is
 * ENOMEM.  Bytes of the tunnel's words that a file may hold are in it as they
 * are: escape it before a terminal sees it.
 */
enum tun_format {
	TUN_FORMAT_SH,
	TUN_FORMAT_CONFIG,
	TUN_FORMAT_SYSTEMD
};
char	*tun_export(const struct tun *t, enum tun_format format);

/* Words for the enums; constants, never NULL. */
const char *tun_state_name(enum tun_state s);
const char *tun_kind_name(enum tun_fwd_kind kind);
const char *tun_source_name(enum tun_source src);
const char *tun_origin_name(enum tun_origin origin);
const char *tun_ctl_name(enum tun_ctl ctl);
enum tun_state tun_state_parse(const char *s);	/* TUN_UNKNOWN: no such */
enum tun_class tun_state_class(enum tun_state s);
const char *tun_why_text(enum tun_why why);	/* a sentence's part */
/* Is it in the set?  The next one of the set; TUN_WHY_NONE begins and ends. */
int tun_why_has(const struct tun_evidence *e, enum tun_why why);
enum tun_why tun_why_next(const struct tun_evidence *e,
    enum tun_why prev);
void tun_why_join(struct tun_evidence *e, const struct tun_evidence *more);

/*
 * The state that stands for a row: the forward's own where there is something
 * to say of it, else the one of the link.  A forward that listens is not
 * partial because another of its tunnel does not.
 */
enum tun_state tun_fwd_state(const struct tun_fwd *fwd);

/*
 * The one verdict.  Of a forward: its link and its own listener.  Of a tunnel:
 * its link and all its forwards; bad if one is, else unknown if one is.  After
 * tun_check() the answers count.  A constant clause goes into *reasonp, which
 * may be NULL: why, or NULL of what is ok with nothing to add.
 */
enum tun_health tun_fwd_health(const struct tun_fwd *fwd,
	    const char **reasonp);
enum tun_health tun_health(const struct tun *t, const char **reasonp);
const char *tun_health_name(enum tun_health health);	/* "ok", "bad", "?" */

/*
 * ControlMaster sockets (PROTOCOL.mux of OpenSSH, version 4).  One
 * connection each, ms milliseconds for everything together.  uid is whose
 * socket it has to be.  errno: ETIMEDOUT hung, ECONNREFUSED dead, ENOENT no
 * such path, EPERM unsafe path or another's, ECONNABORTED closed on us,
 * EPROTO not the protocol, EREMOTEIO the master said no (ECANCELED where
 * there is no EREMOTEIO), EINVAL nothing that may be asked, ENOTSUP nothing
 * that can be, ENAMETOOLONG; or what socket(2) says.
 *
 * An OK to open is no proof of a listener: look at the sockets.  After
 * ETIMEDOUT a request may still be granted.  reply may be NULL.
 */
struct tun_mux_reply {
	pid_t pid;		/* of the master; 0: it has not said */
	uint32_t port;		/* allocated by the server for -R 0 */
	/* Reason of a failure, or EXT_INFO text; " [cut: N bytes]" ends a cut. */
	char text[1024];
};
int	 tun_mux_safe(const char *path, uid_t uid, const char **errstr);
int	 tun_mux_check(const char *path, uid_t uid, int ms,
	    struct tun_mux_reply *reply);
int	 tun_mux_open(const char *path, uid_t uid, int ms,
	    const struct tun_forward *fwd, struct tun_mux_reply *reply);
int	 tun_mux_cancel(const char *path, uid_t uid, int ms,
	    const struct tun_forward *fwd, struct tun_mux_reply *reply);
int	 tun_mux_exit(const char *path, uid_t uid, int ms,
	    struct tun_mux_reply *reply);
int	 tun_mux_stop(const char *path, uid_t uid, int ms,
	    struct tun_mux_reply *reply);
int	 tun_mux_info(const char *path, uid_t uid, int ms, const char *what,
	    struct tun_mux_reply *reply);	/* ENOTSUP before 10.3 */

/*
 * A round trip to the server: it is asked to connect to its own port 1, and
 * whether it does or not, it has answered.
 */
int	 tun_mux_trip(const char *path, uid_t uid, int ms,
	    struct tun_mux_reply *reply);

/*
 * tun_mux_check() for many, all at once.  0 when each query has its answer,
 * -1 when none was asked.
 */
struct tun_mux_query {
	const char *path;
	uid_t uid;
	int error;		/* 0, or an errno as above */
	struct tun_mux_reply reply;
};
int	 tun_mux_check_many(struct tun_mux_query *queries, size_t n, int ms);
int	 tun_mux_trip_many(struct tun_mux_query *queries, size_t n, int ms);

/*
 * Control sockets that nobody named: user uid's.  TUN_MASTERS_SOCKETS: the
 * kernel's listeners, by the names ssh gives them.  TUN_MASTERS_PLACES: paths
 * where people keep them; they may be dead.  list, or NULL: what its tunnels
 * say of themselves; take one with TUN_SCAN_SOCKETS, and keep it as long as
 * what is found.  Finding connects to nothing.  A NULL prev begins, NULL
 * ends; the order is that of paths.
 */
struct tun_master {
	const char *path;	/* as well as it is known */
	const char *was;	/* the path that it was made at; or NULL */
	uid_t uid;
	pid_t pid;		/* 0: not known */
	enum tun_ctl ctl;
	int queue;		/* connections it has not accepted; -1 */
	const struct tun *tun;	/* of list; or NULL */
	int trip;		/* 1 made, 0 not, -1 not tried */
	int error;		/* of the last question, as of tun_mux_query */
	struct tun_mux_reply reply;
};
struct tun_masters;

#define TUN_MASTERS_SOCKETS	0x01
#define TUN_MASTERS_PLACES	0x02
int	 tun_masters_find(struct tun_ctx *ctx, const struct tun_list *list,
	    uid_t uid, unsigned flags, struct tun_masters **mp);
const struct tun_master *tun_masters_next(const struct tun_masters *m,
	    const struct tun_master *prev);
/* The one at a path, which is added if it is new.  NULL: no memory. */
const struct tun_master *tun_masters_at(struct tun_masters *m,
	    const char *path);
void	 tun_masters_free(struct tun_masters *m);

/*
 * Asks n of them, all at once: TUN_ASK_MASTER, and TUN_ASK_TRIP of those
 * that have answered.  Sets ctl, pid, trip, error and reply.  One that is
 * stopped, has a queue or cannot be reached is not asked.  For root, another
 * user's are asked by a child that has become that user; for others they
 * are foreign.
 */
int	 tun_masters_ask(const struct tun_master *const *v, size_t n,
	    unsigned levels, int ms);
/* tun_mux_info(), as whom it has to be. */
int	 tun_masters_info(const struct tun_master *m, int ms,
	    const char *what, struct tun_mux_reply *reply);

/*
 * Who listens where fwd would, if it were t's: up to max of them, and how
 * many.  pid is 0 for other processes than t, unless others asks for these,
 * too; that takes a walk over all processes.  -1: t is gone (ESRCH), or its
 * descriptors cannot be read.
 */
struct tun_listener {
	struct tun_addr addr;	/* without the path */
	pid_t pid;
	uid_t uid;		/* (uid_t)-1: not known */
	char comm[64];
};
ssize_t	 tun_listeners(struct tun_ctx *ctx, const struct tun *t,
	    const struct tun_forward *fwd, int others, struct tun_listener *v,
	    size_t max);

/*
 * Would the master t open fwd, if it were asked?  Nothing is asked: sockets,
 * addresses, paths and the words of t decide, and what they leave open is
 * unknown.  For a remote forward the server decides: YES is then that nothing
 * speaks against it.  list is the snapshot that t is of, taken with
 * TUN_SCAN_SOCKETS, and with TUN_SCAN_INFO for a remote one; t is NULL where
 * the master's process cannot be seen.  *whyp is a constant reason, NULL with
 * YES.
 */
enum tun_open {
	TUN_OPEN_UNKNOWN,
	TUN_OPEN_YES,
	TUN_OPEN_HAS,		/* it does so already: an OK, and no change */
	TUN_OPEN_TAKEN,		/* another process is where it would listen */
	TUN_OPEN_NO
};
enum tun_open tun_can_open(struct tun_ctx *ctx, const struct tun_list *list,
	    const struct tun *t, const struct tun_forward *fwd,
	    const char **whyp);

/*
 * Sends sig to the process that was seen, never to a successor: ESRCH when
 * it is gone, is another one now, or is no ssh any more.
 */
int	 tun_signal(struct tun_ctx *ctx, const struct tun *t, int sig);

/*
 * The same in steps.  Each of the first three takes hold of a process that
 * was seen, on Linux by a pidfd, or says ESRCH; a parent has to be the parent
 * still.  Every signal looks again who it is for.  The caller frees, before
 * it closes the context; NULL is taken.
 */
struct tun_victim;

struct tun_victim *tun_hold(struct tun_ctx *ctx, const struct tun *t);
struct tun_victim *tun_hold_parent(struct tun_ctx *ctx, const struct tun *t);
struct tun_victim *tun_hold_peer(struct tun_ctx *ctx,
	    const struct tun_peer *peer);	/* EINVAL: no identity */
int	 tun_victim_signal(struct tun_victim *v, int sig);
/* 1: has ended; 0: not within ms. */
int	 tun_victim_wait(struct tun_victim *v, int ms);
/* 1: nothing can come between look and signal on this system. */
int	 tun_victim_is_safe(const struct tun_victim *v);
void	 tun_victim_free(struct tun_victim *v);

/*
 * All processes of the service manager's unit that t is in, t among them: they
 * end when that unit is stopped.  NULL: ENOENT it is in none, E2BIG they are
 * hundreds, else they cannot be known.  The caller frees it.
 */
struct tun_unit {
	const struct tun_peer *members;	/* by PID */
	size_t nmembers;
	size_t nhidden;		/* others that cannot be seen from here */
};
struct tun_unit *tun_unit_find(struct tun_ctx *ctx, const struct tun *t);
void	 tun_unit_free(struct tun_unit *unit);

/*
 * What starts t again, and what keeps it from that.  Of TUN_STOP_PARENT the
 * parent has to end before t; if t->supervisor is NULL it is a script, which
 * may start t again or not.  TUN_STOP_COMMAND has to be run by uid, or by
 * ourselves where we are not root; it may end others, too.  NULL: ENOMEM.
 */
enum tun_stop_kind {
	TUN_STOP_NOTHING,	/* nothing does, as far as can be seen */
	TUN_STOP_PARENT,
	TUN_STOP_COMMAND,
	TUN_STOP_UNKNOWN	/* something does that has other ways */
};
struct tun_stop {
	enum tun_stop_kind kind;
	const char *const *argv; /* NULL-ended; NULL: no command */
	uid_t uid;
	int self;		/* it would end the calling process */
};
struct tun_stop *tun_stop_find(struct tun_ctx *ctx, const struct tun *t);
void	 tun_stop_free(struct tun_stop *stop);
/*
 * Runs the command as that user, within ms milliseconds, without our
 * terminal, and for another user without our environment.  ENOENT: no such
 * program where none but we and root could have put it; ETIMEDOUT; ECHILD: it
 * failed.  *saidp is then what it printed, hostile, or NULL; the caller frees.
 */
int	 tun_stop_run(const struct tun_stop *stop, int ms, char **saidp);

/* 1: pid is the calling process or one that it descends from; -1: no look. */
int	 tun_is_ancestor(struct tun_ctx *ctx, pid_t pid);

/*
 * Has the master t close fwd, as the user whose it is.  errno as of
 * tun_mux_cancel(), and ESRCH: another master is behind the path by now.
 * Connections live on; whether it still listens, the sockets tell.
 */
int	 tun_close_forward(const struct tun *t, const struct tun_forward *fwd,
	    int ms, struct tun_mux_reply *reply);

/* 1: a TCP socket of this system listens at addr, 0 none does. */
int	 tun_is_listening(struct tun_ctx *ctx, const struct tun_addr *addr);

/*
 * What is at a path, and with follow where a link there leads.  A file system
 * that may not answer is asked by a child, which has half a second: ETIMEDOUT
 * after that, for all paths on it until the next scan.  EREMOTE: looking would
 * mount something.
 */
struct tun_look {
	int is_socket;
	int is_shared;		/* on a file system that others serve */
	uid_t uid;
	uint64_t dev, ino;
	int64_t changed;	/* seconds since 1970, of the inode */
};

int	 tun_look(struct tun_ctx *ctx, const char *path, int follow,
	    struct tun_look *look);

/*
 * A socket's file, to be removed once nobody listens any more: what is there
 * now, and later, as its user, whether it still is that, and dead.  EPROTO:
 * no socket of that user; ESTALE: another by now; EADDRINUSE: alive; EPERM:
 * behind another user's link; EREMOTE: on a file system that other machines,
 * where a master may be alive, can have too.  Whatever else connect(2) says is
 * no proof of death, and nothing is removed.
 */
struct tun_file {
	char *path;		/* from the root */
	uid_t uid;
	uint64_t dev, ino;	/* of stat(2), whatever its types are */
};

int	 tun_file_find(const char *path, const char *cwd, uid_t uid,
	    struct tun_file *file);	/* the caller frees path */
int	 tun_file_check(const struct tun_file *file);	/* only looks */
int	 tun_file_remove(const struct tun_file *file);

#if defined(__GNUC__) && __GNUC__ >= 4
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
