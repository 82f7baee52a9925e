/* SPDX-License-Identifier: ISC */
/*
 * What the files of libfind share.  Data flows one way:
 *
 *	scan.c: rows, candidates, their argv and descriptors
 *	cmdline.c, forward.c, config.c: what was asked for
 *	join.c and what join.h lists: what the kernel has, and who owns it
 *	origin.c, health.c: verdicts, pure functions of facts
 *	ident.c: names for it all
 */
#ifndef INTERNAL_H
#define INTERNAL_H

#include "libfind.h"
#include "platform.h"

/* list.c: an arena that a snapshot owns.  All return NULL with ENOMEM. */
struct arena;

struct arena *arena_new(void);
void	 arena_free(struct arena *a);
void	*arena_alloc(struct arena *a, size_t n);	/* zeroed, aligned */
char	*arena_strdup(struct arena *a, const char *s);
char	*arena_strndup(struct arena *a, const char *s, size_t n);
char	*arena_printf(struct arena *a, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/*
 * An array of n elements becomes one of n + 1, the last zeroed.  Begin with
 * NULL and 0, then pass what the last call gave, never another array: that
 * there is room for more is known from n alone.
 */
void	*arena_push(struct arena *a, void *old, size_t n, size_t size);

/* list.c: the snapshot, itself in its arena. */
struct tun_list {
	struct arena *arena;
	struct tun **tuns;	/* after list_sort(): in order of PID */
	size_t ntuns;
	const char **notes;	/* what made it incomplete */
	size_t nnotes;
	int complete;
	int64_t when;		/* seconds since the epoch */
};

struct tun_list *list_new(void);	/* empty and complete */
int	 list_add(struct tun_list *list, struct tun *t);
void	 list_sort(struct tun_list *list); /* once, before tun_next() */
/* Something was not seen: text says what, and is copied.  Twice is once. */
int	 list_note(struct tun_list *list, const char *text);

/* forward.c */

/*
 * Where ${NAME} and %X come from.  A member that is not known is NULL, and a
 * spec that needs it is refused with fwd_errstr_unknown: never guessed.
 */
struct expand {
	const char *const *env;	/* "NAME=value", NULL-ended; NULL: unknown */
	const char *home, *local_user, *uid;		/* %d %u %i */
	const char *host, *host_arg, *port, *user;	/* %h %n %p %r */
	const char *local_host, *short_host;		/* %l %L */
	const char *hostkey_alias, *jump_host, *hash;	/* %k %j %C */
	const char *const *names; /* more names of ssh, which titles have */
};

extern const char fwd_errstr_unknown[];	/* told apart by its address */

/*
 * Parses the argument of the option of that kind into *fwd, whose strings
 * are the arena's.  -1 with a constant *errstr ("bad listen port", ...) and
 * errno EINVAL, or ENOMEM.  With fwd_errstr_unknown *fwd has what is known of
 * it, and an end that is not is {NULL, NULL, -1}.
 */
int	 forward_parse(struct arena *a, enum tun_fwd_kind kind,
	    const char *spec, const struct expand *x,
	    struct tun_forward *fwd, const char **errstr);
/* The words of a config line or -o: LocalForward 8080 host:80. */
int	 forward_parse_words(struct arena *a, enum tun_fwd_kind kind,
	    const char *const *words, size_t nwords, const struct expand *x,
	    struct tun_forward *fwd, const char **errstr);
int	 forward_parse_device(struct arena *a, const char *spec,
	    struct tun_forward *fwd, const char **errstr);	/* -w */
/* A port as ssh reads it, by number or service name; -1: it is none. */
int	 forward_port(const char *s);

/* text.c: neither path, host nor port: nobody knows it, or there is none. */
int	 end_is_known(const struct tun_end *end);
/* A listener that may be -L or -D: the socket alone does not tell. */
int	 fwd_is_unexplained(const struct tun_fwd *fwd);

/* cmdline.c */
enum cmd_kind {
	CMD_BAD,		/* ssh would refuse it: see errstr */
	CMD_SESSION,		/* a client that stays */
	CMD_OTHER,		/* -O -G -Q -V -Z: comes and goes */
	CMD_MUX,		/* "ssh: PATH [mux]": ctlpath is PATH */
	CMD_STOPPED,		/* "ssh: [stopped mux]" */
	CMD_CUT			/* a title that was cut off: nothing known */
};

#define CMD_FORK	0x0001	/* -f, ForkAfterAuthentication */
#define CMD_NOSESSION	0x0002	/* -N, SessionType none */
#define CMD_SUBSYSTEM	0x0004	/* -s */
#define CMD_MASTER	0x0008	/* -M, ControlMaster */
#define CMD_GATEWAY	0x0010	/* -g, GatewayPorts yes */
#define CMD_INET4	0x0020	/* -4, AddressFamily inet */
#define CMD_INET6	0x0040	/* -6 */
#define CMD_TTY		0x0080	/* -t */
#define CMD_NOTTY	0x0100	/* -T */
#define CMD_CLEARALL	0x0200	/* ClearAllForwardings: fwds is empty */
#define CMD_EXITONFAIL	0x0400	/* ExitOnForwardFailure */
#define CMD_PERSIST	0x0800	/* ControlPersist other than no */
#define CMD_JUMP	0x1000	/* -J or a ProxyCommand */
#define CMD_MONITOR	0x2000	/* begins with autossh's monitor pair */
#define CMD_UNKNOWN	0x4000	/* a forward needs what we cannot know */
#define CMD_ASK		0x8000	/* -MM: a human is asked before each request */
#define CMD_UNLINK	0x10000	/* StreamLocalBindUnlink yes */
#define CMD_NOUNLINK	0x20000	/* and no */
#define CMD_COMMAND	0x40000	/* RemoteCommand */
#define CMD_NOEXITONFAIL 0x80000 /* ExitOnForwardFailure no */
#define CMD_ETHERNET	0x100000 /* the device of -w is a tap */

struct cmdline {
	enum cmd_kind kind;
	unsigned flags;
	const char *errstr;	/* CMD_BAD, CMD_UNKNOWN: why; else NULL */
	const char *dest, *user, *host;
	int port;		/* -1: not given */
	const char *ctlpath;	/* -S or ControlPath as given; or NULL */
	const char *configfile;	/* -F */
	const char *label;	/* -P, Tag, TunLabel */
	const char *jump;	/* -J's value */
	const char *proxy;	/* ProxyCommand's value */
	int alive_interval;	/* ServerAliveInterval; -1: not given */
	int alive_count;
	const struct tun_forward *fwds;	/* the order of argv; -W, -w last */
	size_t nfwds;
	size_t nmonitor;	/* the first so many are autossh's own */
	size_t nconfig;		/* the last so many are ssh_config's */
	const char *const *command;	/* words after the host */
	size_t ncommand;
	int oldtag;		/* -P took no argument: before 9.4 */
};

/*
 * Reads what a process shows as its argv: len bytes of words ended by NUL.
 * argv in *vp is an arena vector of the words.  The empty words at its end
 * count, unless they are the room that a title left; cmdline_split_env()
 * drops them, for an environment and for the argv of other programs.
 * -1 only with ENOMEM; whatever else is wrong is CMD_BAD.
 */
int	 cmdline_split(struct arena *a, const char *buf, size_t len,
	    const char ***vp, size_t *np);
int	 cmdline_split_env(struct arena *a, const char *buf, size_t len,
	    const char ***vp, size_t *np);
int	 cmdline_parse(struct arena *a, const char *const *argv, size_t argc,
	    const struct expand *x, struct cmdline *cmd);

/*
 * The words of a command line that cmd was read from, without the options
 * whose letters are in drop and without their values; an arena vector.
 */
int	 cmdline_without(struct arena *a, const char *const *argv,
	    size_t argc, const struct cmdline *cmd, const char *drop,
	    const char ***vp, size_t *np);

/* Its options one by one, in their order; an arena vector. */
struct cmd_option {
	int letter;
	const char *value;	/* NULL: takes none */
};
int	 cmdline_options(struct arena *a, const char *const *argv,
	    size_t argc, const struct cmdline *cmd, struct cmd_option **vp,
	    size_t *np);

/*
 * Is this the name of an ssh client?  ssh, slogin, versioned ones (ssh10,
 * ssh-10.5), or one of extra, which NULL ends and which may be NULL; never sshd,
 * ssh-agent, ssh-add, sshfs and their like.
 */
int	 cmdline_is_ssh(const char *name, const char *const *extra);

/* Where an sshd is unless something else is said. */
#define SSH_PORT	22

/* ctx.c */
struct tun_ctx {
	struct plat *pl;
	int recorded;		/* not the live system */
	char **ssh_names;	/* more names for an ssh, NULL-ended; or NULL */
	size_t nssh_names;
	struct tun_child *taken;	/* by tun_take() */
	size_t ntaken;
	char *taken_host;	/* where these should lead; or NULL */
	struct resolver *rs;	/* for paths that others chose; resolve.h */
};

/* Is this the name of an ssh, by itself or by tun_ssh_name()? */
int	 ctx_is_ssh(const struct tun_ctx *ctx, const char *name);

/* What plat_origin says, without its room for the longest of names. */
struct whence {
	int reparented;		/* 1 proven, 0 proven not, -1 unknown */
	pid_t reaper;
	const char *unit;	/* or "" */
	int unit_user;
	pid_t unit_main;	/* whom the manager itself ran; 0 unknown */
	const char *cgroup;	/* or "" */
	int frozen;		/* its control group is */
	int netns;		/* 1 ours, 0 another, -1 unknown */
	uint64_t netns_id;
	pid_t nspid;		/* in its own PID namespace; 0 unknown */
	int nslevel;		/* namespaces below ours */
};

/* Who else lives in the control group of its service. */
enum group_kind {
	GROUP_UNKNOWN,
	GROUP_OWN,		/* nobody but its kin */
	GROUP_SHARED
};

/*
 * What was read of a process that may be an ssh, and of those around it.
 * Written while a scan reads; every later pass has it as const.
 */
struct facts {
	struct plat_proc row;
	struct cmdline cmd;
	const char **argv;
	size_t argc;
	int argv_errno;		/* why argv is NULL, or 0 */
	const char *exe, *cwd;
	int byexe;		/* its executable says it is an ssh */
	const struct tun_child *taken;	/* has no name of an ssh; else NULL */
	int oldexe;
	struct plat_fd *fds;	/* malloc'd, of the scan; NULL: not readable */
	size_t nfds, fdlimit;
	int fds_errno;
	struct whence from;
	const struct plat_proc *parent;	/* pid 0: not visible */
	const char *const *parent_argv;	/* or NULL */
	const char *parent_cwd;	/* or NULL */
	pid_t parent_nspid;	/* as from.nspid; set below ours only */
	int parent_nslevel;
	enum group_kind group;
	int have_leader;	/* its session leader lives */
	int have_group;		/* its group leader lives */
	const char *const *env; /* NULL: not read */
	const struct config *config; /* NULL: not asked, or not taken */
	enum tun_why config_why; /* why its answer was not taken */
	int askpass; /* a child asks for a password in a window */
};

/* What could not be looked at is unknown, and never none. */
enum link {
	LINK_UNKNOWN,
	LINK_NONE,
	LINK_FOUND
};

/* Which fact belongs to which. */
struct links {
	struct cand *carrier;	/* what it is a jump helper of, or NULL */
	struct cand *hop;	/* its own jump helper, or NULL */
	struct cand *proxy;	/* who has both its pipes: a hop if it needs one */
	struct cand *master;	/* the master it is a mux client of */
	enum link mastered;	/* whether it is one's client */
	struct fwd_links *fwds; /* of each forward */
	const struct plat_sock *transport;	/* while there is a set */
	uint64_t transport_key;	/* 0: none that is known */
	struct cand *transport_cand;	/* whose it is: its own or a hop's */
	int transport_fd;
	const struct plat_sock *ctlsock;	/* control listener, or NULL */
	int piped;		/* its transport is a pair of pipes */
	int seen;		/* its sockets were */
	int loop;		/* it is connected to itself */
	struct peer_want *wants; /* peers without a name; peers_look_up() */
	size_t nwants;
	const struct health_sample *again;	/* a later look, or NULL */
};

/*
 * transport.c: what carries it: its jump helper, or of a helper that is a mux
 * client its master; NULL: its own connection, as far as can be seen.  Pipes
 * can be handed round in a circle: follow no more than MAX_CHAIN.
 */
#define MAX_CHAIN	64
struct cand *links_next(const struct cand *c);

/* hops.c: may the pipe lead to a helper of this ssh? */
int	 pipe_is_helpers(const struct facts *f, const struct plat_fd *d);

/* What becomes public. */
struct verdict {
	struct tun tun;
	struct tun_fwd *fwds; /* the same as tun.fwds, while we write */
	int listed;
};

/* A process of interest: what the passes of one scan hand on. */
struct cand {
	const struct facts *facts;
	struct links links;
	struct verdict verdict;
};

/* evidence.c: TUN_WHY_NONE adds nothing. */
void	evidence_add(struct tun_evidence *e, enum tun_why why);
void	evidence_drop(struct tun_evidence *e, enum tun_why why);

/*
 * origin.c: sets origin, origin_why, supervisor and unit of v->tun from what
 * was read.  Pure.
 */
int origin_judge(struct arena *a, const struct facts *f, struct verdict *v);
/* A shell that was given commands, in a file or with -c. */
int	 origin_is_script(const char *comm, const char *const *argv);
/* Was it told to run just the child that shows these words? */
int	 origin_is_wrapper(const char *comm, const char *const *argv,
	    const char *const *child);
/* A unit whose processes somebody starts again, as its name goes. */
int	 origin_is_service(const struct whence *from);

/*
 * ident.c: IDs for all forwards of the listed tunnels; see tunnels(7).
 * Pure but for the arena.
 */
int	 ident_assign(struct arena *a, struct cand **cands, size_t n);
/* The short form, without suffix, of one forward: "L8008". */
char	*ident_short(struct arena *a, const struct tun_forward *fwd, pid_t pid);
/* Does fwd answer to s?  NULL: does the tunnel, "M" and its PID? */
int	 ident_match(const char *s, const struct tun *t,
	    const struct tun_fwd *fwd);

/* addr.c: addresses.  An IPv4 one is the first 4 of 16 bytes, then zeros. */
struct addr {
	int family;
	uint8_t ip[16];
};

int	 addr_is_any(const uint8_t *ip);
int	 addr_is_loopback(int family, const uint8_t *ip);
int	 addr_parse(const char *host, struct addr *addr); /* 0: a name */
/* An IPv4 address in IPv6 clothes is the IPv4 address. */
int	 addr_same(int fa, const struct plat_addr *a, int fb,
	    const struct plat_addr *b);
struct tun_addr addr_public(int family, const struct plat_addr *a);
/* Where a socket is bound, be it a path; -1 with ENOMEM. */
int	 addr_of(struct arena *a, const struct plat_sock *sk,
	    struct tun_addr *ta);

/* sockset.c: the sockets of one network namespace. */
struct sockset {
	const struct plat_sock *socks;	/* all, as the platform gave them */
	size_t nsocks;
	const struct plat_sock **bykey;	/* sockset_index() */
	size_t nbykey;
	int blind;		/* it was not read: that all is missing is no news */
	struct plat *pl;	/* who knows of files; NULL: rs alone */
	struct resolver *rs;	/* looks at them */
	int noinet6;		/* no ::1 here: one family is all there is */
};

/* Once, before it is asked; -1 with ENOMEM.  An empty set needs none. */
int	 sockset_index(struct sockset *set);
const struct plat_sock *sockset_find(const struct sockset *set, uint64_t key);
/* The same of a descriptor, which may be no socket. */
const struct plat_sock *sockset_of(const struct sockset *set,
	    const struct plat_fd *fd);
void	 sockset_clear(struct sockset *set);	/* frees socks and index */
/* The keys of all sockets among n descriptors; how many they are. */
size_t	 sockset_keys(const struct plat_fd *fds, size_t n, uint64_t *keys);

/* A copy that outlives the set: some are asked for after the scan. */
const struct plat_sock *sock_keep(struct arena *a, const struct plat_sock *sk);
int	 sock_is_inet(const struct plat_sock *sk);
int	 sock_is_listener(const struct plat_sock *sk);
/* Was it accepted by the listener l? */
int	 sock_came_through(const struct plat_sock *sk,
	    const struct plat_sock *l);

/* path.c: as one can use it, where cwd is known; NULL with ENOMEM only. */
char	*path_full(struct arena *a, const char *cwd, const char *path);

/* ctl.c: is it a master's, by its name?  Then the path that it had. */
int	 ctl_is_listener(const struct plat_sock *sk);
char	*ctl_path(struct arena *a, const struct plat_sock *sk);

/*
 * join.c: forwards meet sockets.  Sets the forwards' states, clients and
 * counts, adds forwards for listeners that nobody asked for, and finds what
 * carries each candidate: transport, master, control socket.  Candidates of
 * one network namespace, and set taken there, with its index; hops are known
 * already; flags are those of tun_scan().
 */
int	 join_sockets(struct arena *a, struct cand **cands, size_t n,
	    const struct sockset *set, unsigned flags);

/* peers.c: one whose process is known by its socket only. */
struct peer_want {
	uint64_t key;
	struct tun_peer *peer;
};

/* Names holders and clients.  A walk over all processes: only when asked. */
int	 peers_look_up(struct arena *a, struct plat *pl, struct cand **cands,
	    size_t n);

/* health.c: states of tunnels and forwards.  Pure: facts in, verdict out. */

/* Where a unix listener's path leads. */
enum fwd_file {
	FILE_UNKNOWN,
	FILE_OURS,
	FILE_REMOTE,		/* others serve its file system, or nobody */
	FILE_NONE,		/* no such path */
	FILE_OTHER,		/* to another file, or another's listener */
	FILE_DEAD		/* a socket that nobody listens on */
};

struct fwd_links {
	enum tun_fwd_kind kind;
	int seen;		/* the sockets of its process were */
	int unasked;		/* a listener is all we know of it */
	int ofmaster;		/* of one that may close it when asked */
	int unclear;		/* it may be its master's, which is unknown */
	int path;		/* listens on a path */
	enum fwd_file file;
	int expected;		/* listeners; -1: one or more, by name */
	int owned;
	int inferred;		/* by uid and port, of one not seen */
	int stranger;		/* another listens in its place */
	int inmaster;		/* its process's master does, or was asked */
	int used;		/* channels to the target of a -R */
	int device;		/* the interface is open */
	const char *devname;	/* and this is its name; or NULL */
	int unread;		/* where it listens cannot be read */
	int loop;		/* the target is the listener itself */
	int choked;		/* a listener had a queue, twice */
	int noaddress;		/* no listener is where an interface is */
	const struct plat_sock **socks;	/* of the owned listeners */
	size_t nsocks;
	const struct plat_sock *holder;	/* the stranger's listener */
};

enum tun_state health_forward(const struct fwd_links *f,
	    struct tun_evidence *why);

/* What may differ between two looks at one tunnel. */
#define HEALTH_NFULL	8
struct health_sample {
	int looked;		/* at connections, not at listeners alone */
	int transport;		/* there is one */
	unsigned known;		/* PLAT_SOCK_*, of the transport */
	enum plat_tcp state;
	enum plat_timer timer;
	uint32_t expires, retrans, probes, unacked, wq;
	uint32_t ldr, lar;
	uint64_t moved;		/* bytes of all channels and the transport */
	uint32_t unread;	/* the oldest channel never read: ms, or 0 */
	uint64_t full[HEALTH_NFULL]; /* listeners with a queue */
	size_t nfull;
};

struct health_facts {
	int gone;
	int stopped, frozen;
	int helper_stopped, helper_frozen;
	int masks;		/* sigcgt is known */
	uint64_t sigcgt;
	int64_t age;		/* ms; -1 */
	int verified;		/* it is an ssh by its executable */
	int askpass;
	int denied;		/* descriptors not readable */
	int elsewhere;		/* sockets in a namespace not seen */
	int nosockets;		/* nobody looked */
	int listeners;		/* it has some */
	int client;		/* a master carries it */
	int unclear;		/* one may, but who cannot be seen */
	int inet;		/* it has a TCP socket */
	int piped;		/* transport is a helper's */
	int foreign;		/* and that helper is no ssh */
	int master;
	int carries;		/* -R, -W, -w, a command or a shell */
	int asked, bound, bad;	/* local forwards: in argv, listening, not */
	int conns;		/* -1 */
	int twin;		/* same argv, and has the listeners */
	int fdlimit;		/* no descriptor is left */
	int loop;
	int64_t alive;		/* ServerAliveInterval in ms; -1 */
	const struct health_sample *now, *before; /* before: or NULL */
};

/* Does its signal mask say that it is through, and a client of a master? */
int	 health_is_client(const struct plat_proc *row);
/*
 * Of the link alone, which a proxy that is no ssh may have others beside:
 * TUN_STALLED, TUN_BROKEN, or TUN_UNKNOWN where nothing shows a fault.
 */
enum tun_state health_link(const struct health_sample *s, int foreign,
	    struct tun_evidence *why);
/* names.c: what a state says of whatever is in it. */
enum tun_health state_health(enum tun_state s, const char **reasonp);

/* verdict.c: of the process and its connection alone, whatever it forwards. */
enum tun_health verdict_link(const struct tun *t, const char **reasonp);
/* A later look at them: t->state follows unless forwards decide it. */
void	 verdict_set_link(struct tun *t, enum tun_state link);

/* Of the link alone in *link; never partial or useless. */
enum tun_state health_tunnel(const struct health_facts *f,
	    enum tun_state *link, struct tun_evidence *why);

/* By a signal or a debugger: its sockets say nothing more. */
/* By a signal or with its control group: it does not run. */
int	 health_is_stopped(const struct cand *c);

/*
 * One look, for the rules that want two: fds and set may be later ones than
 * those of the join.
 */
void	 health_look(const struct cand *c, const struct plat_fd *fds,
	    size_t nfds, const struct sockset *set, struct health_sample *hs);

/*
 * Judges all; now is plat_now().  Candidates with an "again" are judged by
 * both looks.
 */
int	 health_judge(struct arena *a, struct cand **cands, size_t n,
	    const struct sockset *set, int64_t now);

/*
 * config.c: what "ssh -G" says.  It prints the whole of what it knows now,
 * which need not be what a running client knew when it started.
 */
struct config {
	const char *host;	/* as typed; NULL: it does not say */
	const char *ctlpath;	/* expanded; or NULL */
	const char *label;	/* Tag; or NULL */
	const char *jump;	/* ProxyJump; or NULL */
	const char *proxy;	/* ProxyCommand; or NULL */
	unsigned flags;		/* CMD_* */
	const struct tun_forward *fwds;	/* dynamic, local, remote, device */
	size_t nfwds;
	int unclear;		/* some forwards can be read in two ways */
	int whole;		/* it is the output of ssh -G, to the end */
	const char **files;	/* that ssh -G -v says it has read */
	size_t nfiles;
};

/* Reads it; -1 only with ENOMEM. */
int	 config_parse(struct arena *a, const char *buf, size_t len,
	    struct config *cfg);
/* The words to ask with, and file in place of -F's, unless it is NULL. */
int config_argv(
    struct arena *a, const struct facts *f, const char *file, const char ***vp);
/* Adds to a candidate what its own words did not say. */
int config_apply(struct arena *a, struct facts *f, const struct config *cfg);

/* run.c: commands, several at once, whose output is read. */
struct run_job {
	const char *path;
	const char *const *argv, *const *env;	/* NULL-ended */
	const char *cwd;
	uid_t uid;		/* who it becomes where become is set */
	gid_t gid;
	const gid_t *groups;
	size_t ngroups;
	int become;
	int errors;		/* its standard error is read, too */
	/* What came of it.  The caller frees out. */
	char *out;
	size_t len;
	int error;		/* ETIMEDOUT, E2BIG, ECHILD: it failed, ... */
	/* while it runs */
	pid_t pid;
	int fd, done;
	int64_t deadline;
};

/* Whose the job is: with all groups, should we have to become that user. */
struct passwd;
int	 run_as(struct arena *a, const struct passwd *pw, struct run_job *job);
/* ms for each, and some of them for all.  -1 only with ENOMEM. */
int	 run_jobs(struct run_job *jobs, size_t n, int ms);
/*
 * Is the file at path, and all that leads to it, in the hands of root or of
 * uid alone?  Then real is its path without links.
 */
int	 run_trusts(const char *path, uid_t uid, char *real, size_t len);

#endif
