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
struct tun_journal;		/* what the tun tools did, see tunnels(7) */

/* ssh(1): -L, -R, -D, -R without a target, -W, -w; then TUN_SCAN_SERVER. */
enum tun_fwd_kind {
	TUN_FWD_LOCAL,
	TUN_FWD_REMOTE,
	TUN_FWD_DYNAMIC,
	TUN_FWD_RDYNAMIC,
	TUN_FWD_STDIO,
	TUN_FWD_DEVICE,
	TUN_FWD_SERVED,		/* the server's end of -R: sshd listens */
	TUN_FWD_DIRECT		/* a connection that sshd made for a client */
};

/* What shows that a forward exists. */
enum tun_source {
	TUN_SRC_ARGV,		/* the command line of the process */
	TUN_SRC_CONFIG,		/* ssh_config(5), by ssh -G */
	TUN_SRC_SOCKET,		/* it listens; no request for it is known */
	TUN_SRC_MUX,		/* a master was asked */
	TUN_SRC_JOURNAL		/* tunadd or tunrun asked for it */
};

/* Why a tunnel is in the background or foreground; tunnels(7). */
enum tun_origin {
	TUN_ORIGIN_UNKNOWN,
	TUN_ORIGIN_BACKGROUND,	/* by -f or ControlPersist */
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
	TUN_HIDDEN,		/* we have no right to look */
	TUN_GONE,
	TUN_STARTING,
	TUN_PROMPT,		/* asks for a password */
	TUN_STUCK,		/* did not finish authentication */
	TUN_CLIENT,		/* a mux client; its master is the tunnel */
	TUN_STOPPED,
	TUN_CLOSED,		/* connection closed, process still runs */
	TUN_BROKEN,		/* the link is dead */
	TUN_STALLED,		/* the link does not answer at present */
	TUN_CHOKED,		/* does not accept connections */
	TUN_MUTE,		/* the server does not answer */
	TUN_USELESS,		/* none of its forwards is bound */
	TUN_PARTIAL,		/* some of its forwards are not bound */
	TUN_UP,			/* the peer was heard recently */
	TUN_QUIET,		/* nothing wrong is visible, nothing proven */
	TUN_ALIVE,		/* was asked and has answered */
	/* of a forward */
	TUN_BOUND,
	TUN_HALF,		/* another process has one address family */
	TUN_NOADDRESS,		/* no interface has its address any more */
	TUN_UNBOUND,
	TUN_RELEASED,		/* its master does not listen, nor another */
	TUN_TAKEN,		/* another process listens there */
	TUN_IN_MASTER,		/* a master of the same user listens */
	TUN_UNLISTED,		/* listens, but no request for it is known */
	TUN_DETACHED,		/* unix listener without its path */
	TUN_DEADFILE,		/* unix path without its listener */
	TUN_LOOP,		/* connects to itself through a -R */
	TUN_REMOTE,		/* only the other side knows */
	TUN_REMOTE_USED,	/* likewise, and it has been used */
	TUN_DEVICE,
	TUN_ANSWERS,		/* tuncheck -P: the target speaks */
	TUN_REFUSED,		/* tuncheck -P: the target is closed */
	TUN_SILENT,		/* tuncheck -P: the target sends nothing */
	TUN_NSTATES
};

/* The classes that --stale and --suspect select. */
enum tun_class {
	TUN_CLASS_UNKNOWN,
	TUN_CLASS_LIVE,
	TUN_CLASS_STARTING,
	TUN_CLASS_SUSPECT,
	TUN_CLASS_STALE,
	TUN_CLASS_GONE,
	TUN_NCLASSES
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
	TUN_CTL_OK,		/* and the master has answered */
	TUN_CTL_LOST,		/* the listener exists, its path does not */
	TUN_CTL_REPLACED,	/* the path leads to another master */
	TUN_CTL_DEAD,		/* a path without a listener */
	TUN_CTL_HUNG,		/* does not answer in time */
	TUN_CTL_DENIED,		/* closes the connection to us */
	TUN_CTL_UNSAFE,		/* unsafe mode or directory */
	TUN_CTL_FOREIGN,	/* another user's */
	TUN_CTL_NOMASTER	/* something else listens there */
};

/*
 * Evidence: one value for each rule; tun_why_text() gives its text. Values are
 * never reused; new ones are added at the end.
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
	TUN_WHY_BACKLOG,	/* does not accept */
	TUN_WHY_FDLIMIT,	/* out of descriptors */
	TUN_WHY_LOOP,		/* connects to itself */
	TUN_WHY_UNREAD,		/* accepted, never read */
	TUN_WHY_NOTBOUND,	/* asked for, not bound */
	TUN_WHY_FAMILY,		/* one family not bound */
	TUN_WHY_TAKEN,		/* another process has it */
	TUN_WHY_PHASE,		/* signal mask: not running yet */
	TUN_WHY_AGE,		/* too old for its phase */
	TUN_WHY_FRESH,		/* heard recently */
	TUN_WHY_SILENT,		/* not heard recently */
	TUN_WHY_SIGSTOP,	/* stopped */
	TUN_WHY_HELPER,		/* a helper is the cause */
	TUN_WHY_DUP,		/* another one has the listeners */
	TUN_WHY_INFERRED,	/* owner by uid and port */
	TUN_WHY_MUXALIVE,	/* level 1: master answered */
	TUN_WHY_MUXHUNG,	/* level 1: it did not */
	TUN_WHY_ANSWERED,	/* level 2: peer answered */
	TUN_WHY_NOANSWER,	/* level 2: it did not */
	TUN_WHY_NOPTRACE,	/* level 2: not allowed */
	TUN_WHY_NOSOCKETS,	/* sockets not looked at */
	TUN_WHY_MONITOR,	/* autossh monitor pair */
	TUN_WHY_ARGVLOST,	/* title over argv */
	TUN_WHY_UNPARSED,	/* a word is no ssh option */
	TUN_WHY_ROUNDTRIP,	/* level 3: round trip */
	TUN_WHY_NOROUNDTRIP,	/* level 3: none */
	TUN_WHY_WILDCARD,	/* beyond loopback */
	TUN_WHY_CTLDIR,		/* unsafe control dir */
	TUN_WHY_SHAREDUNIT,	/* others in its unit */
	TUN_WHY_UNITUNSEEN,	/* others in its unit unknown */
	TUN_WHY_NOENV,		/* environ not readable */
	TUN_WHY_NOTASKED,	/* level 2: not asked */
	TUN_WHY_NOCONNECT,	/* level 4: no connect */
	TUN_WHY_NOACCEPT,	/* level 3, 4: not its own */
	TUN_WHY_RELEASED,	/* closed, or never bound */
	TUN_WHY_NOPEERS,	/* its master is unknown */
	TUN_WHY_FROZEN,		/* its control group is frozen */
	TUN_WHY_NOADDRESS,	/* no interface has its address */
	TUN_WHY_CONFIGNEW,	/* its ssh_config has changed since */
	TUN_WHY_OTHERSSH,	/* its own ssh could not be asked */
	TUN_WHY_REMOTEFS,	/* path on a shared or dead mount */
	TUN_WHY_CONTAINER,	/* its container ends with it */
	TUN_WHY_JOURNAL,	/* known from the journal */
	TUN_WHY_JOURNALOLD,	/* its records are another process's */
	TUN_WHY_JOURNALWRONG,	/* sockets say otherwise */
	TUN_WHY_PURPOSE,	/* journal: the forward was closed */
	TUN_WHY_CLIENTNAME,	/* destination from a client's argv */
	TUN_WHY_LEADSBACK,	/* target may lead to the listener */
	TUN_WHY_OTHERFILES,	/* ssh_config is not the one here */
	TUN_WHY_MATCHEXEC,	/* a command decides in ssh_config */
	TUN_WHY_INUSE,		/* level 4: others used it */
	TUN_WHY_TARGET,		/* level 4: target of a half answers */
	TUN_WHY_CONFIGFORK,	/* -f in ssh_config */
	TUN_WHY_NOCONFIG,	/* ssh -G has not told all */
	TUN_WHY_COUNT
};

/* A set of evidence, with room for later values. */
struct tun_evidence {
	uint64_t words[4];
};

/*
 * struct tun_addr, tun_end, tun_forward, tun_evidence, tun_child and tun_look
 * are values, which programs may copy, keep in arrays and make: version 1 of
 * the library never changes their size. Only the library makes the other
 * structs. Programs reach them by pointer and must not copy them, because
 * version 1 may add members at their end.
 */

/*
 * One end of a forward: a unix path, or a host and a port. A NULL host was not
 * given; an empty host was given as empty. ssh and the mux protocol distinguish
 * the two.
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

/* A process other than a tunnel's own ssh. */
struct tun_peer {
	pid_t pid;		/* 0: not visible */
	uid_t uid;
	const char *comm;	/* or NULL */
	struct tun_addr addr;	/* clients: where from */
	const char *const *argv; /* helpers: NULL-ended; else NULL */
	uint64_t ident[2];	/* with pid; 0 if only a socket is known */
	const char *cwd;	/* of a parent; or NULL */
	/* tun_listeners(): its number in the kernel; 0: not known. */
	uint64_t sock;
	/* The same: an IPv6 address is for IPv4, too: 0 no, -1 not known. */
	int both;
};

struct tun;

/* One forward of one tunnel: what tunps prints as a row. */
struct tun_fwd {
	const char *id;		/* unique in its list; see tunnels(7) */
	const struct tun *tun;
	struct tun_forward spec;
	enum tun_source source;
	enum tun_state state;	/* of this forward alone */
	struct tun_evidence why;
	int conns;		/* open channels; -1 unknown */
	int exposed;		/* 1 beyond loopback, 0 no, -1 unknown */
	const struct tun_addr *addrs;	/* where it really listens */
	size_t naddrs;
	const struct tun_peer *const *clients;	/* TUN_SCAN_CLIENTS */
	size_t nclients;
	const struct tun_peer *owner;	/* TUN_TAKEN: who listens; or NULL */
	const char *device;	/* TUN_FWD_DEVICE: its name here, or that which
				   it would have; NULL: not known */
	int ethernet;		/* TUN_FWD_DEVICE: 1 tap, 0 tun */
	int64_t rx, tx;		/* bytes, of TUN_FWD_DIRECT; else -1 */
	/*
	 * TUN_SRC_JOURNAL: what the master was asked for, which closes it: with
	 * port 0 where the server chose that of spec; else NULL.
	 */
	const struct tun_forward *asked;
	/*
	 * Does its path lead to its listener?  0 no, or not known because its
	 * process has other mounts or another root; -1 this system cannot say.
	 */
	int file;
};

/*
 * One tunnel. Ages are milliseconds, -1 if unknown; counters are bytes.
 */
struct tun {
	const char *id;		/* for a tunnel without forwards: "M" and PID */
	pid_t pid, ppid, pgid, sid;
	uid_t uid;		/* effective */
	int64_t start;		/* seconds since the epoch, for display */
	uint64_t ident[2];	/* with pid: this process, no later one */
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
	const struct tun_fwd *const *fwds;
	size_t nfwds;
	const struct tun_peer *const *helpers;	/* jump, proxy processes */
	size_t nhelpers;
	int conns;		/* channels over all forwards; -1 unknown */
	int64_t idle;		/* since the last data on the transport */
	int64_t heard;		/* since the peer's last ack */
	int64_t rx, tx;
	int64_t rtt;		/* microseconds */
	int64_t retrans;	/* segments, since the start */
	struct tun_addr local, remote;	/* of the transport; family 0 unknown */
	/* What starts it again, which may be above its parent; or its starter. */
	const struct tun_peer *parent;
	const struct tun_peer *const *users;	/* ssh processes that use it */
	size_t nusers;
	int session;		/* 1 carries a shell or command, 0 not, -1 */
	/* Why there may be a label that is not known. */
	struct tun_evidence label_why;
	/* Jump hosts as the user wrote them, [user@]host[:port]; NULL-ended. */
	const char *const *jumps; /* or NULL: none is known */
	/*
	 * The state of its link, without its forwards: never partial or
	 * useless. For a client, and for a tunnel whose jump helper is a client
	 * of a master, it is the master's.
	 */
	enum tun_state link;
	/* That master, or the tunnel whose jump helper it is; or NULL. */
	const struct tun *carrier;
	int netns;		/* 1 ours, 0 another namespace, -1 unknown */
	int served;		/* a session of sshd: TUN_SCAN_SERVER */
	int cwd_gone;		/* cwd was removed, and ends in " (deleted)" */
	/* The command that started it, from the journal; or NULL. */
	const char *const *started;	/* NULL-ended */
	/*
	 * A session: the terminals of its shells, as "pts/0,pts/1"; NULL: there
	 * are none, or they are not known.
	 */
	const char *tty;
	/*
	 * What a user who is not root has in more than one session of sshd has
	 * pid 0, and is of one of these.
	 */
	const struct tun_peer *const *candidates;
	size_t ncandidates;
	/*
	 * The tunnel whose tun or tap device has the address that its connection
	 * comes from; NULL: none is known.
	 */
	const struct tun *through;
	void *internal;		/* for the library */
};

/* The version of the running library, as "0.1.0". */
const char *tun_version(void);

/*
 * Accessors for these structs, for languages that cannot read them and for
 * programs that must run with later versions. The list owns the strings.
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
int64_t	 tun_idle(const struct tun *t);		/* ms; -1 unknown */
int64_t	 tun_rx(const struct tun *t);		/* bytes; -1 unknown */
int64_t	 tun_tx(const struct tun *t);		/* bytes; -1 unknown */
const char *const *tun_argv(const struct tun *t);	/* or NULL */
const char *tun_ctlpath(const struct tun *t);		/* or NULL */
/* The ends of the transport; NULL: not known. */
const struct tun_addr *tun_local(const struct tun *t);
const struct tun_addr *tun_remote(const struct tun *t);
/* NULL: there are not so many, here and in the functions that end in _at. */
const struct tun_peer *tun_helper_at(const struct tun *t, size_t i);
const struct tun_peer *tun_user_at(const struct tun *t, size_t i);
size_t	 tun_fwd_count(const struct tun *t);
const struct tun_fwd *tun_fwd_at(const struct tun *t, size_t i);
const char *tun_fwd_id(const struct tun_fwd *fwd);
enum tun_fwd_kind tun_fwd_kind(const struct tun_fwd *fwd);
enum tun_source tun_fwd_source(const struct tun_fwd *fwd);
const struct tun_evidence *tun_fwd_why(const struct tun_fwd *fwd);
int	 tun_fwd_conns(const struct tun_fwd *fwd);	/* -1 unknown */
int	 tun_fwd_exposed(const struct tun_fwd *fwd);	/* 1, 0; -1 unknown */
const struct tun_addr *tun_fwd_addr_at(const struct tun_fwd *fwd, size_t i);
const struct tun_peer *tun_fwd_client_at(const struct tun_fwd *fwd, size_t i);
const struct tun_peer *tun_fwd_owner(const struct tun_fwd *fwd); /* or NULL */
pid_t	 tun_peer_pid(const struct tun_peer *peer);	/* 0: not visible */
uid_t	 tun_peer_uid(const struct tun_peer *peer);
const char *tun_peer_comm(const struct tun_peer *peer);	/* or NULL */
const struct tun_addr *tun_peer_addr(const struct tun_peer *peer); /* or NULL */

/*
 * Contexts. A table recorded by tunps --record replaces the live system: it
 * gives the same verdicts at any time and on any machine.
 */
struct tun_ctx *tun_open(const char *table);	/* NULL: the live system */
void	 tun_close(struct tun_ctx *ctx);

#define TUN_SCAN_OWN		0x01	/* own processes only: much cheaper */
#define TUN_SCAN_SOCKETS	0x02	/* listeners, join, states */
#define TUN_SCAN_INFO		0x04	/* all sockets: conns, health, bytes */
#define TUN_SCAN_CLIENTS	0x08	/* who is connected */
#define TUN_SCAN_CONFIG		0x10	/* run ssh -G for own tunnels */
#define TUN_SCAN_ENV		0x20	/* read labels from environments */
#define TUN_SCAN_AGAIN		0x40	/* a second sample after 1 s */
/*
 * The sessions of sshd on this machine in place of tunnels: what they listen on
 * for the -R of their clients, and with TUN_SCAN_DIRECT also the connections
 * that they have made for a client's -L, -D, -W or -J.  A tunnel is then a
 * session, its transport is the connection of the client, dest is USER@ADDRESS,
 * and session is 1 if it has a shell or a command.  Who cannot see the
 * descriptors of a session gets the sockets of logged-in users in tunnels whose
 * PID is 0.  One's own sessions are listed even so, with title, age and state
 * TUN_HIDDEN; if there is only one, it gets one's own sockets.
 */
#define TUN_SCAN_SERVER		0x80
#define TUN_SCAN_DIRECT		0x100

/* Usual combinations, for all users; add TUN_SCAN_OWN for own tunnels. */
#define TUN_SCAN_FORWARDS	TUN_SCAN_SOCKETS	/* where they listen */
#define TUN_SCAN_STATES	(TUN_SCAN_SOCKETS | TUN_SCAN_INFO | TUN_SCAN_AGAIN)
#define TUN_SCAN_ALL	(TUN_SCAN_STATES | TUN_SCAN_CLIENTS | TUN_SCAN_ENV)

/*
 * What this system does not show to any user, or not to this one: one text for
 * each i from 0 on, then NULL. These facts are unknown in every snapshot; a
 * snapshot without them still counts as complete.
 */
const char *tun_cannot(struct tun_ctx *ctx, size_t i);

/*
 * Adds a program name that counts as an ssh, beside ssh, slogin, ssh10 and the
 * names that dbclient has.  EINVAL: empty, or a path.
 */
int	 tun_ssh_name(struct tun_ctx *ctx, const char *name);

/* Is the base name of this path the name of an ssh? See tun_ssh_name(). */
int	 tun_is_ssh(const struct tun_ctx *ctx, const char *name);

/* A process that the calling program has started. */
struct tun_child {
	pid_t pid, ppid;
	uint64_t ident[2];	/* with pid: this process and no later one */
	char comm[64];		/* the name it gives itself */
};

/*
 * Takes these processes for possible clients of ssh, whatever the names of
 * their programs: the caller knows that it started an ssh. A scan lists such a
 * process if its argv parses as that of an ssh and its sockets agree: it
 * listens where argv says, or it has a connection and argv asks for a forward,
 * for no session, or for host, which may be NULL. Each call replaces the set of
 * the call before.
 */
int	 tun_take(struct tun_ctx *ctx, const struct tun_child *v, size_t n,
	    const char *host);

/*
 * Makes a snapshot; the caller frees it. ENOMEM, EMFILE and the like: something
 * could not be read for lack of memory or descriptors, and there is no
 * snapshot; other errors are those of opendir(3).
 */
int	 tun_scan(struct tun_ctx *ctx, unsigned flags, struct tun_list **listp);
void	 tun_list_free(struct tun_list *list);

/* Tunnels in order of PID. A NULL prev gives the first; NULL is the end. */
const struct tun *tun_next(const struct tun_list *list,
	    const struct tun *prev);
size_t	 tun_count(const struct tun_list *list);

/*
 * Writes to fd what tun_scan() with these flags reads, as a table for
 * tun_open(). It contains only TUN_LABEL and the variables that command lines
 * name, up to 64 each, of each environment, and of other processes only what was
 * asked of them. With TUN_SCAN_AGAIN it takes the second sample one second later.
 */
int	 tun_record(struct tun_ctx *ctx, unsigned flags, int fd);

/* 1: everything could be read. 0: tun_note() says what is missing. */
int	 tun_complete(const struct tun_list *list);
const char *tun_note(const struct tun_list *list, size_t i); /* NULL ends */
int64_t	 tun_when(const struct tun_list *list);	/* seconds since the epoch */

/*
 * Asks n tunnels of one list at the same time, within ms milliseconds in all
 * (3000 is enough), and puts the answers into their state, why, ctl and heard.
 * A scan never asks. A tunnel that looked well and does not answer in time
 * becomes TUN_UNKNOWN.
 *
 * TUN_ASK_MASTER: asks the master over the control socket, which restarts the
 * time of ControlPersist. A master of OpenSSH 10.3 tells the targets of forwards
 * that are in use, whose source becomes TUN_SRC_MUX.
 *
 * TUN_ASK_PEER: sends a TCP keepalive on the tunnel's own connection. A peer
 * that no longer knows the connection answers with a reset, which ends the
 * tunnel. If data waits for its acknowledgement, the acknowledgement is the
 * answer. On Linux a process is started for the time of the call, which
 * restores the settings of the connection if the caller is killed; it sends no
 * SIGCHLD, and only waitpid(2) with __WALL or __WCLONE finds it.
 *
 * TUN_ASK_ROUNDTRIP: asks the server, through a master or a dynamic forward, to
 * connect to its own port 1, which it has to refuse. TUN_ASK_TARGET: connects
 * to the targets of local forwards, which see the connection; ms is for each
 * forward of a tunnel. Both skip tunnels that are unwell, lead back to
 * themselves or are recorded. An answer counts only if the tunnel's own process
 * was seen to accept the connection; otherwise the state is TUN_UNKNOWN, and
 * why says so.
 */
#define TUN_ASK_MASTER		0x01
#define TUN_ASK_PEER		0x02
#define TUN_ASK_ROUNDTRIP	0x04
#define TUN_ASK_TARGET		0x08
int	 tun_check(struct tun_ctx *ctx, const struct tun *const *tuns,
	    size_t n, unsigned levels, int ms);

/*
 * The processes that listen on a TCP port of this machine, tunnels or not: one
 * peer for each, with pid 0 if the process is not visible. An empty result is a
 * success. The caller frees *peersp, which includes all strings.
 */
int	 tun_port_owners(struct tun_ctx *ctx, int port,
	    const struct tun_peer ***peersp, size_t *np);
/*
 * Likewise of a unix socket, by its path from the root, in this network
 * namespace.  -1 with EACCES: what is at the path cannot be seen.
 */
int	 tun_path_owners(struct tun_ctx *ctx, const char *path,
	    const struct tun_peer ***peersp, size_t *np);

/*
 * The texts of the columns LISTEN and TARGET of tunps, as snprintf(3). 0: not
 * known.
 */
int	 tun_listen_text(const struct tun_fwd *fwd, char *buf, size_t len);
int	 tun_target_text(const struct tun_fwd *fwd, char *buf, size_t len);
/* Likewise an address: "127.0.0.1:80", "[::1]:80", or a path. */
int	 tun_addr_text(const struct tun_addr *addr, char *buf, size_t len);

/*
 * Selectors. tun_select_parse() returns NULL with a constant reason in *errstr.
 * A match says how the words were read, so that a number which is a port of one
 * tunnel and the PID of another can be distinguished.
 *
 * A number selects a target port only after tun_select_settle(), which looks it
 * up in the whole list: if no forward listens on that port, no tunnel has that
 * PID, and some forward leads to it, the function returns 1 and the selector
 * matches those forwards. In other cases it changes nothing.
 *
 * tun_select_forward() gives the forwards that the words specify in full, as
 * ssh(1) takes them: R2022:localhost:22 is one, 8080:localhost:80 may be -L or
 * -R. It starts at i 0 with the most likely one and ends with NULL. They need
 * not exist, so that a master can be asked to close a forward that is not
 * listed. The selector owns them.
 */
#define TUN_MATCH_ID	0x01
#define TUN_MATCH_PORT	0x02
#define TUN_MATCH_PID	0x04
#define TUN_MATCH_DEST	0x08
#define TUN_MATCH_LABEL	0x10
#define TUN_MATCH_PATH	0x20
#define TUN_MATCH_LISTEN 0x40	/* as in the column LISTEN */
#define TUN_MATCH_FORWARD 0x80	/* a forward in full */
#define TUN_MATCH_TARGET 0x100	/* host, host:port, path or port */
#define TUN_MATCH_JUMP	0x200	/* a jump host */

struct tun_select *tun_select_parse(const char *s, const char **errstr);
unsigned tun_select_match(const struct tun_select *sel, const struct tun *t,
	    const struct tun_fwd *fwd);	/* fwd NULL: any forward of it */
/* Likewise, but without its forwards: only what selects the tunnel itself. */
unsigned tun_select_match_tunnel(const struct tun_select *sel,
	    const struct tun *t);
int	 tun_select_settle(struct tun_select *sel,
	    const struct tun_list *list);
const struct tun_forward *tun_select_forward(const struct tun_select *sel,
	    size_t i);
void	 tun_select_free(struct tun_select *sel);

/*
 * Forward specifications, in exactly the grammar of ssh(1) (readconf.c,
 * parse_forward). kind is the option: TUN_FWD_LOCAL for -L and so on; the kind
 * of the result may differ: -R 8080 is TUN_FWD_RDYNAMIC. ${NAME} is taken from
 * the caller's environment. tun_forward_format() writes the argument that the
 * option would take, and returns its length as snprintf(3).
 */
struct tun_forward *tun_forward_parse(enum tun_fwd_kind kind,
	    const char *spec, const char **errstr);
int	 tun_forward_format(const struct tun_forward *fwd, char *buf,
	    size_t len);
int	 tun_forward_cmp(const struct tun_forward *a,
	    const struct tun_forward *b);
/* Does the client listen: is it an -L or a -D? */
int	 tun_forward_is_local(const struct tun_forward *fwd);
/*
 * Would both listen on the same side, and at the same address as written? No
 * address means localhost, an empty one "*"; no name is looked up. With port 0
 * the targets have to be the same, too: the server chooses a port for each.
 */
int	 tun_forward_same_listener(const struct tun_forward *a,
	    const struct tun_forward *b);
void	 tun_forward_free(struct tun_forward *fwd);

/*
 * What a command line of ssh(1) asks for, before it is run. Words before the
 * first name of an ssh are skipped; if ctx is not NULL, the names of
 * tun_ssh_name() count. NULL: EINVAL no ssh, or one that would exit at once;
 * ENOMEM. The result owns its strings and forwards.
 */
struct tun_words {
	const char *host;
	const char *ctlpath;	/* as typed; or NULL */
	int fork;		/* -f */
	const struct tun_forward *fwds;
	size_t nfwds;
	size_t at;		/* index of the word that is the ssh */
	int exitonfail;		/* ExitOnForwardFailure; -1: not given */
	const char *const *command; /* remote command, of argv */
	size_t ncommand;	/* its words; 0 with -N */
};
struct tun_words *tun_words_parse(const struct tun_ctx *ctx,
	    const char *const *argv, size_t argc);
void	 tun_words_free(struct tun_words *words);

/*
 * 1: the process table shows the calling process under its own PID. 0: the
 * table belongs to another PID namespace, or hides this process, so that
 * children of this process cannot be found in it. -1: the table cannot be read.
 */
int	 tun_sees_itself(struct tun_ctx *ctx);

/*
 * The descendants of pid that belong to the caller's user, in order of PID; the
 * caller frees *vp. Orphans are found only on systems that give them back to
 * pid. On other systems mark is "NAME=value", which the caller put into the
 * environment of the first process; else NULL. ENOTSUP: mark is given, and this
 * system shows no environments.
 */
int	 tun_descendants(struct tun_ctx *ctx, pid_t pid, const char *mark,
	    struct tun_child **vp, size_t *np);

/*
 * A text from which the tunnel can be started again: a command for sh(1), a
 * Host block of ssh_config(5), or a unit for systemd's user manager. What is
 * not known becomes a comment in it, never a guess. The caller frees; NULL is
 * ENOMEM. Bytes of the tunnel's argv that a file may contain are copied
 * unchanged: escape them before they reach a terminal.
 */
enum tun_format {
	TUN_FORMAT_SH,
	TUN_FORMAT_CONFIG,
	TUN_FORMAT_SYSTEMD
};
char	*tun_export(const struct tun *t, enum tun_format format);

/* Names of the enums' values; constants, never NULL. */
const char *tun_state_name(enum tun_state s);
const char *tun_class_name(enum tun_class class);
const char *tun_kind_name(enum tun_fwd_kind kind);
const char *tun_source_name(enum tun_source src);
const char *tun_origin_name(enum tun_origin origin);
const char *tun_ctl_name(enum tun_ctl ctl);
enum tun_state tun_state_parse(const char *s);	/* TUN_UNKNOWN: no state */
enum tun_class tun_state_class(enum tun_state s);
/* As tun_health(), of a tunnel or forward about which no more is known. */
enum tun_health tun_state_health(enum tun_state s, const char **reasonp);
const char *tun_state_text(enum tun_state s);	/* a clause; never NULL */
const char *tun_why_text(enum tun_why why);	/* part of a sentence */
/* Is it in the set? The next one of the set; TUN_WHY_NONE starts and ends. */
int tun_why_has(const struct tun_evidence *e, enum tun_why why);
enum tun_why tun_why_next(const struct tun_evidence *e,
    enum tun_why prev);
void tun_why_join(struct tun_evidence *e, const struct tun_evidence *more);

/*
 * The state shown in a forward's row: the forward's own if it says more than
 * that of the link, else the link's. A forward that listens is not partial
 * because another forward of its tunnel does not.
 */
enum tun_state tun_fwd_state(const struct tun_fwd *fwd);

/*
 * The summary. For a forward it depends on its link and its own listener. For a
 * tunnel it depends on its link and all its forwards: bad if one is bad, else
 * unknown if one is unknown. After tun_check() it includes the answers. A
 * constant reason goes into *reasonp, which may be NULL; the reason is NULL if
 * a result of ok needs none.
 */
enum tun_health tun_fwd_health(const struct tun_fwd *fwd,
	    const char **reasonp);
enum tun_health tun_health(const struct tun *t, const char **reasonp);
const char *tun_health_name(enum tun_health health);	/* "ok", "bad", "?" */

/*
 * Control sockets of user uid. TUN_MASTERS_SOCKETS finds the kernel's listeners
 * with names as ssh makes them, TUN_MASTERS_PLACES paths in usual directories,
 * which may be dead. list adds the control paths of its tunnels and may be
 * NULL; it needs TUN_SCAN_SOCKETS and must exist as long as the result. Finding
 * connects to nothing. A NULL prev gives the first, NULL is the end; the order
 * is that of paths.
 */
#define TUN_MASTERS_SOCKETS	0x01
#define TUN_MASTERS_PLACES	0x02

struct tun_masters;

/*
 * Only the library makes these, and callers reach them only by pointer, so
 * members may be added at the end. The questions below change them.
 */
struct tun_master {
	const char *path;	/* as far as it is known */
	const char *was;	/* the path at which it was made; or NULL */
	uid_t uid;
	pid_t pid;		/* 0: not known */
	enum tun_ctl ctl;
	int queue;		/* connections not yet accepted; -1 unknown */
	const struct tun *tun;	/* of a list; or NULL */
	int round_trip;		/* 1 made, 0 not, -1 not tried */
	/* The answer to the last question, kept until the next one. */
	int error;		/* 0, an errno as below; -1: not asked yet */
	const char *text;	/* the reason of a failure, or what was told */
	uint32_t port;		/* allocated by the server for -R 0 */
	void *internal;		/* for the library */
};

int	 tun_masters_find(struct tun_ctx *ctx, const struct tun_list *list,
	    uid_t uid, unsigned flags, struct tun_masters **mp);
const struct tun_master *tun_masters_next(const struct tun_masters *m,
	    const struct tun_master *prev);
/* The master at a path, which is added if it is new. NULL: ENOMEM. */
const struct tun_master *tun_masters_at(struct tun_masters *m,
	    const char *path);
/*
 * The master t itself, which is added if it is new; t must exist as long as m.
 * NULL: ENOMEM, or ENOENT: its control path is not known.
 */
const struct tun_master *tun_masters_of(struct tun_masters *m,
	    const struct tun *t);
void	 tun_masters_free(struct tun_masters *m);

/*
 * Asks n masters at the same time, within ms milliseconds for each level:
 * TUN_ASK_MASTER, and TUN_ASK_ROUNDTRIP for those that have answered. Sets ctl,
 * pid, round_trip, error and text. A master that is stopped, has a queue or
 * cannot be reached is not asked. The masters of other users are asked by a
 * child of root, which has become the user; for other callers they are foreign.
 */
int	 tun_masters_ask(const struct tun_master *const *v, size_t n,
	    unsigned levels, int ms);

/*
 * Requests to one master, likewise as its user, by a connection that has ms
 * milliseconds in all (PROTOCOL.mux of OpenSSH, version 4). They set error,
 * text and port. errno: ETIMEDOUT no answer, ECONNREFUSED no listener, ENOENT
 * no such path, EPERM unsafe path or another user, ECONNABORTED connection
 * closed, EPROTO not the protocol, EREMOTEIO refused by the master (ECANCELED
 * on systems without EREMOTEIO), EINVAL a request that is not allowed, ENOTSUP
 * a request that is not possible, ESRCH another process than m->pid is there,
 * ENAMETOOLONG; or that of socket(2).
 *
 * A successful open does not prove that there is a listener, nor a successful
 * cancel that there is none: look at the sockets. Open connections continue.
 * After ETIMEDOUT or ENOMEM the master may still fulfil the request.
 */
int	 tun_master_open(const struct tun_master *m,
	    const struct tun_forward *fwd, int ms);
int	 tun_master_cancel(const struct tun_master *m,
	    const struct tun_forward *fwd, int ms);
int	 tun_master_stop(const struct tun_master *m, int ms);
int	 tun_master_exit(const struct tun_master *m, int ms);
/* what: "connection" or "channels". ENOTSUP before OpenSSH 10.3. */
int	 tun_master_info(const struct tun_master *m, const char *what, int ms);

/*
 * The listeners at the address where fwd would listen, if it were t's: one peer
 * for each, with the address but not the path. pid is 0 for processes other
 * than t unless others is set, which needs a walk over all processes. An empty
 * result is a success. The caller frees *peersp, which includes all strings.
 * -1: t is gone (ESRCH), or its descriptors are not readable.
 */
int	 tun_listeners(struct tun_ctx *ctx, const struct tun *t,
	    const struct tun_forward *fwd, int others,
	    const struct tun_peer ***peersp, size_t *np);

/*
 * Would the master t open fwd if it were asked? The master is not asked:
 * sockets, addresses, paths and the argv of t decide, and the result is unknown
 * if they do not suffice. For a remote forward the server decides, so YES only
 * means that nothing is known to prevent it. list is the snapshot that contains
 * t, made with TUN_SCAN_SOCKETS, and with TUN_SCAN_INFO for a remote forward; t
 * is NULL if the master's process is not visible. *whyp is a constant reason,
 * NULL with YES.
 */
enum tun_open {
	TUN_OPEN_UNKNOWN,
	TUN_OPEN_YES,
	TUN_OPEN_HAS,		/* it is open: OK, and no change */
	TUN_OPEN_TAKEN,		/* another process listens there */
	TUN_OPEN_NO
};
enum tun_open tun_can_open(struct tun_ctx *ctx, const struct tun_list *list,
	    const struct tun *t, const struct tun_forward *fwd,
	    const char **whyp);

/*
 * Sends sig to the process of the snapshot, never to a later one with its PID:
 * ESRCH if it is gone, replaced or no ssh any more.
 */
int	 tun_signal(struct tun_ctx *ctx, const struct tun *t, int sig);

/*
 * The same in steps. Each of the first three takes hold of a process of the
 * snapshot, on Linux by a pidfd, or fails with ESRCH; the tunnel must still
 * have its ppid. Each signal first checks the identity of the process again. The
 * caller frees before it closes the context; NULL is allowed.
 */
struct tun_handle;

struct tun_handle *tun_hold(struct tun_ctx *ctx, const struct tun *t);
struct tun_handle *tun_hold_parent(struct tun_ctx *ctx, const struct tun *t);
struct tun_handle *tun_hold_peer(struct tun_ctx *ctx,
	    const struct tun_peer *peer);	/* EINVAL: no identity */
int	 tun_handle_signal(struct tun_handle *v, int sig);
/* 1: it has ended; 0: not within ms. */
int	 tun_handle_wait(struct tun_handle *v, int ms);
/* 1: on this system no other process can get the signal. */
int	 tun_handle_is_safe(const struct tun_handle *v);
void	 tun_handle_free(struct tun_handle *v);

/*
 * All processes of the service manager's unit that contains t, t included: they
 * end when the unit is stopped. NULL: ENOENT it is in no unit, E2BIG there are
 * hundreds; other errors: not known. The caller frees.
 */
struct tun_unit {
	const struct tun_peer *const *members;	/* by PID */
	size_t nmembers;
	size_t nhidden;		/* others that are not visible here */
};
struct tun_unit *tun_unit_find(struct tun_ctx *ctx, const struct tun *t);
void	 tun_unit_free(struct tun_unit *unit);

/*
 * What starts t again, and how to prevent that. For TUN_STOP_PARENT the parent
 * must end before t; if t->supervisor is NULL the parent is a script, which may
 * or may not start t again. TUN_STOP_COMMAND must be run by uid, or by the
 * caller if it is not root; it may also end other processes. NULL: ENOMEM.
 */
enum tun_stop_kind {
	TUN_STOP_NOTHING,	/* nothing is known to do so */
	TUN_STOP_PARENT,
	TUN_STOP_COMMAND,
	TUN_STOP_UNKNOWN	/* something does, by unknown means */
};
struct tun_stop {
	enum tun_stop_kind kind;
	const char *const *argv; /* NULL-ended; NULL: no command */
	uid_t uid;
	int self;		/* it would end the calling process */
	/*
	 * The first process of its container, as "sh 30", which may end with
	 * the tunnel; or NULL.
	 */
	const char *container;
};
struct tun_stop *tun_stop_find(struct tun_ctx *ctx, const struct tun *t);
void	 tun_stop_free(struct tun_stop *stop);
/*
 * Runs the command as that user, within ms milliseconds, without our terminal,
 * and for another user without our environment. ENOENT: the program does not
 * exist where only the caller and root may write; ETIMEDOUT; ECHILD: it failed.
 * After a failure *saidp is its output, which is untrusted, or NULL, and the
 * caller frees it; after a success it is NULL.
 */
int	 tun_stop_run(const struct tun_stop *stop, int ms, char **saidp);

/* 1: pid is the calling process or an ancestor of it; -1: not readable. */
int	 tun_is_ancestor(struct tun_ctx *ctx, pid_t pid);
/*
 * 1: by SSH_CONNECTION, or by a terminal that an ancestor has open, it is a
 * session of sshd that the calling process came over, also where it is no
 * ancestor, as in tmux; -1: not readable.
 */
int	 tun_is_own_login(struct tun_ctx *ctx, const struct tun *t);

/*
 * 1: a TCP socket of this system listens at addr, 0 none does. If one does,
 * *sockp, unless sockp is NULL, becomes its number as in struct tun_peer.
 */
int	 tun_is_listening(struct tun_ctx *ctx, const struct tun_addr *addr,
	    uint64_t *sockp);
/*
 * 1: a process of this network namespace listens at the socket's file, 0: none
 * does, but one of another namespace may; -1: it is no socket, or that is not
 * known.  Connects to nothing.
 */
int	 tun_is_bound(struct tun_ctx *ctx, const char *path);

/*
 * What is at a path, and with follow at the target of a link there. If the file
 * system may not answer, a child asks it for half a second; after that the
 * result is ETIMEDOUT for all paths on it until the next scan. EREMOTE: the
 * look would mount something.
 */
struct tun_look {
	int is_socket;
	int is_shared;		/* other machines may share it */
	uid_t uid;
	uint64_t dev, ino;
	int64_t changed;	/* seconds since 1970, of the inode */
};

int	 tun_look(struct tun_ctx *ctx, const char *path, int follow,
	    struct tun_look *look);

/*
 * A socket's file, to be removed if no process listens on it any more.
 * tun_file_find() says what is there now; the others check, as its owner, that
 * it is still the same file and dead. EPROTO: no socket of that user; ESTALE:
 * another file now; EADDRINUSE: it has a listener; EPERM: it is behind another
 * user's link; EREMOTE: it is on a file system that other machines may share,
 * where a master may run. Any other error of connect(2) does not prove that it
 * is dead, and nothing is removed.
 */
struct tun_file;

struct tun_file *tun_file_find(const char *path, const char *cwd, uid_t uid);
const char *tun_file_path(const struct tun_file *file);	/* from the root */
int	 tun_file_check(const struct tun_file *file);	/* only looks */
int	 tun_file_remove(const struct tun_file *file);
void	 tun_file_free(struct tun_file *file);

/*
 * The journal: what the tun tools did themselves, in one file of the calling
 * user. It is $XDG_STATE_HOME/libfind/journal, or else
 * $HOME/.local/state/libfind/journal; the caller passes both values, or NULL. A
 * directory that is another user's is not used: then it is in the home that the
 * user database has. Scans of the context use it from then on. Without this
 * call there is no journal: scans do without, and the functions below fail with
 * ENOTSUP.
 */
int	 tun_journal_use(struct tun_ctx *ctx, const char *state_home,
	    const char *home);
/*
 * Why it could not be read or changed the last time, as a constant text; NULL:
 * it could. A scan that cannot read it does without, and is no failure. A
 * journal that does not exist is empty. errno of the functions below: EPERM
 * others may have written it, EPROTO it is of another version, EFBIG it is too
 * large, ETIMEDOUT another process holds its lock for two seconds, or its file
 * system does not answer; ENOSPC and the like.
 */
const char *tun_journal_error(const struct tun_ctx *ctx);
/* The path of the file at that time; NULL: there was none to look at. */
const char *tun_journal_path(const struct tun_ctx *ctx);

enum tun_record_kind {
	TUN_RECORD_START,	/* tunrun has started a tunnel */
	TUN_RECORD_KEEP,	/* tunrun --keep: the same of a running one */
	TUN_RECORD_ADD,		/* a master was given a forward */
	TUN_RECORD_CLOSE,	/* a forward was closed on purpose */
	TUN_RECORD_END		/* a tunnel was ended on purpose */
};

/*
 * One record. START and KEEP are recipes: they have what it takes to start the
 * tunnel again. added and closed are what happened to its forwards afterwards,
 * ended by NULL; they are NULL in a recipe that a later one of the same process
 * replaces, and in other records. tun_record_make() has them from the scan.
 */
struct tun_record {
	enum tun_record_kind kind;
	int64_t when; /* seconds since the epoch; KEEP: start of the process */
	const char *boot;	/* of a system: equal text, same boot */
	const char *host;	/* name of the machine */
	pid_t pid;		/* of the tunnel */
	uint64_t ident[2];	/* with pid and boot: this process */
	const char *const *argv; /* recipes: NULL-ended; else NULL */
	size_t argc;
	const char *cwd;	/* recipes */
	const char *const *env;	/* recipes: "NAME=value", few; or NULL */
	const char *label;	/* or NULL */
	const char *ctlpath;	/* control socket; or NULL */
	const struct tun_forward *fwd;	/* ADD, CLOSE; else NULL */
	int port;		/* ADD: that the server chose for port 0 */
	uint64_t sock;		/* ADD: of the listener, as in tun_peer; or 0 */
	pid_t starter;		/* START: the process that wrote it; or 0 */
	/* Recipes: the network namespace; 1 that of PID 1, 0 not known. */
	uint64_t netns;
	const struct tun_record *const *added;	/* ADD */
	const struct tun_forward *const *closed;
	int current;		/* recipes: the last one, and not ended */
	size_t index;		/* in its journal */
};

/*
 * All records, in the order of time; NULL with errno. The caller frees. A NULL
 * prev gives the first; NULL is the end.
 */
struct tun_journal *tun_journal_read(struct tun_ctx *ctx);
const struct tun_record *tun_journal_next(const struct tun_journal *j,
	    const struct tun_record *prev);
void	 tun_journal_free(struct tun_journal *j);

/* The recipe of this tunnel, of a scan or of tun_journal_lost(); or NULL. */
const struct tun_record *tun_journal_of(const struct tun_journal *j,
	    const struct tun *t);

/*
 * Tunnels that run no more and that nobody ended on purpose, in the state
 * TUN_GONE: start is the time of the record, ppid, pgid and sid are -1, and
 * their forwards are those of the command and of the journal. Not among them
 * are tunnels of other machines, those whose command was started again later,
 * and those that list, which may be NULL, shows running under another PID. The
 * caller frees the list before the journal.
 */
int	 tun_journal_lost(struct tun_ctx *ctx, const struct tun_journal *j,
	    const struct tun_list *list, struct tun_list **listp);

/*
 * Each adds a record of t. argv is the command that started it, in the
 * directory cwd; of the environment env only those variables are kept that lead
 * to an agent, a display or tickets, and TUN_LABEL. port is the one that the
 * server chose for a remote forward with port 0, or 0; sock is of tun_peer, or
 * 0: while another socket is in its place, the record does not count.
 *
 * tun_journal_keep() takes all that from the process, which must be the
 * caller's own: ENOTSUP, with tun_journal_error(), if that is not possible.
 */
int	 tun_journal_start(struct tun_ctx *ctx, const struct tun *t,
	    const char *const *argv, const char *cwd, const char *const *env);
int	 tun_journal_keep(struct tun_ctx *ctx, const struct tun *t);
int	 tun_journal_add(struct tun_ctx *ctx, const struct tun *t,
	    const struct tun_forward *fwd, int port, uint64_t sock);
int	 tun_journal_close(struct tun_ctx *ctx, const struct tun *t,
	    const struct tun_forward *fwd);
int	 tun_journal_end(struct tun_ctx *ctx, const struct tun *t);

/*
 * The recipe that tun_journal_keep() would write, for a caller that may have no
 * journal. The caller frees it before the list of t. NULL: *whyp is a constant
 * reason.
 */
struct tun_record *tun_record_make(struct tun_ctx *ctx, const struct tun *t,
	    const char **whyp);
void	 tun_record_free(struct tun_record *r);
/* Has one start of a command made both? Then it makes both again. */
int	 tun_record_is_sibling(const struct tun_record *a,
	    const struct tun_record *b);
/*
 * Would the caller start it in another network namespace than it was in? -1:
 * not known. After a boot only that of PID 1 is the same.
 */
int	 tun_record_moves(struct tun_ctx *ctx, const struct tun_record *r);

/*
 * Removes all records of n tunnels, of a scan or of tun_journal_lost() with j.
 */
int	 tun_journal_forget(struct tun_ctx *ctx, const struct tun_journal *j,
	    const struct tun *const *tuns, size_t n);

/*
 * Who may forward what through an sshd of this machine.  The sshd itself is
 * asked for its settings (sshd -T), and authorized_keys files are read as their
 * users; only root can do this.  AuthorizedKeysCommand is not run.
 *
 * tun_permits_set() says which sshd is meant and how the client connects, before
 * tun_permits_read().  The result and its strings belong to the tun_sshd.
 */
struct tun_permits;

enum tun_permits_what {
	TUN_PERMITS_PROGRAM,	/* default: that of the sshd that listens */
	TUN_PERMITS_PID,	/* of the listener that is meant */
	TUN_PERMITS_FILE,		/* its -f; default: the listener's */
	TUN_PERMITS_OPTION,	/* its -o, several times */
	TUN_PERMITS_CLIENT,	/* addr=A,host=H,laddr=A,lport=N,rdomain=R */
	TUN_PERMITS_CERT		/* the text of the client's certificate */
};

/* One user, and one way to log in.  Only the library makes them. */
struct tun_permit {
	const char *user;
	const char *type, *blob, *comment; /* of the key; NULL: without one */
	const char *file;	/* where its line is; or NULL */
	unsigned line;
	int unused;		/* an earlier line of the same key decides */
	/* NULL is not known; that nothing is permitted may still be known. */
	const char *open;	/* "any", "none", or host:port, ... */
	const char *listen;	/* likewise: what the client may ask for */
	const char *gateway;	/* GatewayPorts: where that listens */
	const char *sockets;	/* "both", "local", "remote", "none" */
	const char *shell;	/* "yes", "forced", "no" */
	const struct tun_ruling *login;
	const struct tun_permit_note *const *notes;	/* NULL-ended */
};

struct tun_permit_note {
	const char *label;	/* a word: "shell", "writable", ... */
	const char *text;	/* a sentence without a dot */
};

enum tun_may {
	TUN_MAY_UNKNOWN,
	TUN_MAY_YES,
	TUN_MAY_NO
};

/* A decision of sshd, and what makes it. */
struct tun_ruling {
	enum tun_may may;
	const char *rule;	/* a keyword, a key option, or a text */
	const char *file;	/* of the line that decides; or NULL */
	unsigned line;
	const char *bind;	/* a listening port: the address; or NULL */
};

enum tun_request {
	TUN_REQUEST_LOGIN,
	TUN_REQUEST_OPEN,	/* -L, -W, -J, -D: the connecting end */
	TUN_REQUEST_LISTEN,	/* -R: the listening end */
	TUN_REQUEST_DEVICE,	/* -w: host is the unit, or "any" */
	TUN_REQUEST_SHELL,
	TUN_REQUEST_TTY
};

struct tun_permits *tun_permits_open(struct tun_ctx *ctx);	/* NULL: ENOMEM */
/* -1: EINVAL with a constant *errstr, or ENOMEM. */
int	 tun_permits_set(struct tun_permits *sshd, enum tun_permits_what what,
	    const char *value, const char **errstr);
/* -1: tun_permits_error() says why; ENOENT: there is no user of that name. */
int	 tun_permits_read(struct tun_permits *sshd, const char *const *users,
	    size_t n);
const char *tun_permits_error(const struct tun_permits *sshd);	/* or NULL */
const char *tun_permits_note(const struct tun_permits *sshd, size_t i);
const struct tun_permit *tun_permits_next(const struct tun_permits *sshd,
	    const struct tun_permit *prev);
/*
 * What sshd would decide.  end is NULL where the request has none, and for -D if
 * the client may choose the target.
 */
const struct tun_ruling *tun_permits_may(struct tun_permits *sshd,
	    const struct tun_permit *permit, enum tun_request request,
	    const struct tun_end *end);		/* NULL: ENOMEM */
/*
 * The same over all ways to log in of all users that were read: permitted by
 * one of them is permitted, and what one of them leaves open is not refused.
 * *permitp is the way that decides.  NULL: ENOMEM, or ENOENT there is none.
 */
const struct tun_ruling *tun_permits_any(struct tun_permits *sshd,
	    enum tun_request request, const struct tun_end *end,
	    const struct tun_permit **permitp);
void	 tun_permits_free(struct tun_permits *sshd);

#if defined(__GNUC__) && __GNUC__ >= 4
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
