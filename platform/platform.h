/* SPDX-License-Identifier: ISC */
/*
 * What a kernel reports of processes and sockets, as plain records. The calls
 * are the same on every system and know nothing of ssh.
 *
 * plat.c passes each call to the live system (one file per OS) or to a recorded
 * table: each fills in the table of calls in impl.h. The platform never calls
 * its callers.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <sys/types.h>
#include <sys/stat.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct plat;

/* What this system can show to this user; plat_caps(). */
#define PLAT_CAP_ARGS_OTHERS	0x0001	/* argv of other users' processes */
#define PLAT_CAP_EXE		0x0002
#define PLAT_CAP_CWD		0x0004
#define PLAT_CAP_SOCKS_OWN	0x0008	/* which process has which socket */
#define PLAT_CAP_SOCKS_OTHERS	0x0010
#define PLAT_CAP_LISTENERS	0x0020	/* all listeners, owners or not */
#define PLAT_CAP_TCPINFO	0x0040	/* ages, retransmits */
#define PLAT_CAP_BYTES		0x0080
#define PLAT_CAP_SIGNAL_SAFE	0x0100	/* never sent to a later process */
#define PLAT_CAP_ENV		0x1000
#define PLAT_CAP_PIPES		0x2000	/* pipes have comparable keys */
#define PLAT_CAP_INET6		0x4000	/* there is a ::1 to listen on */

/* Why a view is incomplete; plat_gaps(). */
#define PLAT_GAP_HIDDEN		0x01	/* hidepid and the like */
#define PLAT_GAP_PIDNS		0x02	/* /proc is another PID namespace's */
#define PLAT_GAP_NETLINK	0x04	/* sockets came from a poorer source */
#define PLAT_GAP_SOCKETS	0x08	/* some sockets could not be read */
#define PLAT_GAP_FROZEN		0x10	/* nor whether a group is frozen */

/* Where plat_next() found the name of a process. */
enum plat_via {
	PLAT_VIA_EXE,		/* base name of its executable */
	PLAT_VIA_COMM		/* name the process gives itself, may be cut */
};

/* The name of a process, which takes the fewest system calls to read. */
struct plat_name {
	pid_t pid;
	enum plat_via via;
	char name[256];		/* "": none */
};

#define PLAT_NOTTY	UINT64_MAX

#define PLAT_KTHREAD	0x01
#define PLAT_ZOMBIE	0x02
#define PLAT_TTYLOST	0x04	/* had a terminal that was taken away */
#define PLAT_STOPPED	0x08	/* by a signal or a debugger */

/*
 * A row of the process table. ident is opaque: equal pid and ident mean the
 * same process, as far as the system can tell (see its capabilities).
 */
struct plat_proc {
	pid_t pid;		/* 0: it had exited when the row was read */
	pid_t ppid;		/* 0: none that we can see */
	pid_t pgid, sid;	/* sid 0: its leader is gone */
	uid_t uid, ruid;	/* effective, real */
	uint64_t tty;		/* device number or PLAT_NOTTY */
	uint64_t ident[2];
	int64_t start;		/* microseconds since the epoch, for display */
	unsigned flags;
	int masks;		/* sigcgt is known */
	uint64_t sigcgt;	/* caught signals; bit 0 is signal 1 */
	char state;		/* R S D T t Z X as in ps(1), or ? */
	char comm[64];
	int pin;		/* only for the platform */
};

enum plat_fdkind {
	PLAT_FD_OTHER,
	PLAT_FD_SOCKET,
	PLAT_FD_PIPE,
	PLAT_FD_TTY,
	PLAT_FD_NULL,		/* the null device */
	PLAT_FD_TUN,		/* name is the interface */
	PLAT_FD_FILE
};

#define PLAT_FD_DELETED	0x01	/* its file was removed */

struct plat_fd {
	int fd;
	enum plat_fdkind kind;
	unsigned flags;
	uint64_t key;		/* of a socket or pipe: equal is the same */
	char name[64];		/* if it is short and known */
};

/* TCP states under one numbering; names as in ss(8). */
enum plat_tcp {
	PLAT_TCP_UNKNOWN,
	PLAT_TCP_ESTAB,
	PLAT_TCP_SYN_SENT,
	PLAT_TCP_SYN_RECV,
	PLAT_TCP_FIN_WAIT1,
	PLAT_TCP_FIN_WAIT2,
	PLAT_TCP_TIME_WAIT,
	PLAT_TCP_CLOSE,
	PLAT_TCP_CLOSE_WAIT,
	PLAT_TCP_LAST_ACK,
	PLAT_TCP_LISTEN,
	PLAT_TCP_CLOSING
};

enum plat_timer {
	PLAT_TIMER_NONE,
	PLAT_TIMER_RETRANS,
	PLAT_TIMER_KEEPALIVE,
	PLAT_TIMER_TIMEWAIT,
	PLAT_TIMER_PROBE	/* zero window */
};

/* Has the listener's network namespace the address it is bound to? */
enum plat_local_addr {
	PLAT_LOCAL_ADDR_UNKNOWN,	/* not looked at, or not known */
	PLAT_LOCAL_ADDR_HERE,
	PLAT_LOCAL_ADDR_GONE	/* no interface and no local route has it */
};

struct plat_addr {
	uint8_t ip[16];		/* network order; IPv4 in the first four */
	uint16_t port;		/* host order */
};

/* Which members of a plat_sock were filled in. */
#define PLAT_SOCK_UID		0x0001
#define PLAT_SOCK_QUEUES	0x0002
#define PLAT_SOCK_TIMER		0x0004
#define PLAT_SOCK_INFO		0x0008	/* lar to rtt */
#define PLAT_SOCK_BYTES		0x0010
#define PLAT_SOCK_VFS		0x0020
#define PLAT_SOCK_PEER		0x0040	/* peer_key */
#define PLAT_SOCK_ADDR		0x0080	/* local and peer */
#define PLAT_SOCK_V6ONLY	0x0100	/* only of listeners */

/*
 * A socket. For a listener rq is the number of waiting connections, and wq is
 * the backlog, or 0 if the source does not know it. Ages are milliseconds; they
 * are valid only in the states ESTAB and CLOSE_WAIT.
 */
struct plat_sock {
	uint64_t key;		/* 0: no process has it */
	unsigned known;
	int family;		/* AF_INET, AF_INET6, AF_UNIX of this system */
	enum plat_tcp state;	/* of unix sockets: LISTEN, ESTAB or CLOSE */
	uid_t uid;
	struct plat_addr local, peer;
	uint32_t scope;		/* its interface; 0: any, or unknown */
	int v6only;		/* of AF_INET6: takes no IPv4 connection */
	enum plat_local_addr local_addr; /* only of listeners among keys */
	uint32_t rq, wq;
	enum plat_timer timer;
	uint32_t expires;	/* ms until the timer expires */
	uint32_t retrans;	/* rounds without an answer */
	uint32_t probes, unacked;
	uint32_t total_retrans;
	uint32_t lds, ldr, lar;	/* since data sent, received, last ack */
	uint32_t rtt;		/* microseconds */
	uint64_t rx, tx;	/* bytes received, acknowledged */
	uint64_t vfs_ino;	/* of a bound path; plat_is_bound() */
	uint64_t vfs_dev;	/* the same, as plat_mount.dev */
	uint64_t peer_key;	/* unix: the other end */
	uint16_t pathlen;	/* an abstract name begins with NUL */
	char path[109];		/* as bound; may be relative */
};

/* The role of a control group for the service manager that named it. */
enum plat_cgroup {
	PLAT_CGROUP_UNKNOWN,	/* or the root */
	PLAT_CGROUP_MANAGER,	/* the group of the manager itself */
	PLAT_CGROUP_SERVICE,
	PLAT_CGROUP_OTHER
};

/* Where a process came from; members are 0 or -1 if not known. */
struct plat_origin {
	int reparented;		/* 1 proven, 0 proven not, -1 unknown */
	pid_t reaper;		/* the process that adopts its orphans */
	char unit[256];		/* service manager's name for it, or "" */
	int unit_user;		/* the manager is a user's */
	uid_t unit_owner;	/* that user; -1 unknown */
	pid_t unit_main;	/* the process the manager ran, as nspid */
	char cgroup[512];	/* opaque; equal text, same group; "" unknown */
	enum plat_cgroup cgroup_kind;
	int frozen;		/* its control group is frozen */
	int netns;		/* 1 ours, 0 another, -1 unknown */
	uint64_t netns_id;	/* equal number, same namespace; 0 unknown */
	pid_t nspid;		/* in its own PID namespace; 0 unknown */
	int nslevel;		/* number of PID namespaces below ours */
};

/* The result of asking a connection's peer; plat_keepalive(). */
enum plat_keepalive_result {
	PLAT_KEEPALIVE_UNSUPPORTED,
	PLAT_KEEPALIVE_ANSWERED,	/* by a packet after the question */
	PLAT_KEEPALIVE_SILENT,	/* two keepalives, no answer in the time */
	PLAT_KEEPALIVE_WAITING,	/* too few keepalives for a result */
	PLAT_KEEPALIVE_RESET,	/* the connection is over */
	PLAT_KEEPALIVE_BUSY,	/* cannot be asked at present */
	PLAT_KEEPALIVE_DENIED,	/* no ptrace rights */
	PLAT_KEEPALIVE_GONE
};

/* The last three are of the end of the call, if the socket was copied. */
struct plat_keepalive {
	struct plat_proc row;	/* in: pid and ident */
	int fd;			/* in: its TCP connection */
	uint64_t key;		/* in: key of that very socket */
	enum plat_keepalive_result result;
	uint32_t heard;		/* ms since the peer's last ack */
	uint32_t retrans, probes; /* rounds without an answer */
	int waits;		/* data that is not acknowledged or not sent */
};

enum plat_where {
	PLAT_EXE,
	PLAT_CWD
};

#define PLAT_SCAN_OWN	0x01	/* effective user's own processes only */
/* May leave out ruid and sigcgt of rows, nspid and unit_main of origins. */
#define PLAT_SCAN_BRIEF	0x02

#define PLAT_SOCKS_LISTEN	0x01
#define PLAT_SOCKS_ALL		0x02	/* connections too */
#define PLAT_SOCKS_INFO		0x04	/* also ages and counters */
#define PLAT_SOCKS_UNIX		0x08
#define PLAT_SOCKS_HELD		0x10	/* no TCP connection without a key */
#define PLAT_SOCKS_LEFT		0x20	/* also those that no process has */

/* At most this many rows are held at a time. */
#define PLAT_BATCH	64

/*
 * plat_open(NULL) opens the live system, plat_open(path) a recorded table. NULL
 * with errno: that of fopen(3), EINVAL an invalid table, ENOSYS an unsupported
 * system.
 */
struct plat *plat_open(const char *table);
void	 plat_close(struct plat *pl);

/*
 * Does this errno mean lack of descriptors or memory, or an interruption by a
 * signal? Then the call could not look, and whether the object exists is not
 * known.
 */
int	 plat_failed(int error);

/*
 * The first errno of that kind in any call since the last plat_failure(),
 * including calls that succeeded with a partial result; 0: none.
 */
int	 plat_failure(struct plat *pl);

/*
 * If plat_failed(errno), keeps errno for plat_failure() and returns 1; for
 * callers that continue without what could not be read. Does not change errno.
 */
int	 plat_note_failure(struct plat *pl);

unsigned plat_caps(struct plat *pl);
unsigned plat_gaps(struct plat *pl);
int64_t	 plat_now(struct plat *pl);	/* microseconds since the epoch */
uid_t	 plat_uid(struct plat *pl);	/* the user of the scan */
/*
 * The lowest port at which users other than root may listen, in our network
 * namespace.
 */
int	 plat_first_port(struct plat *pl);
/*
 * A text that differs between two boots, and between PID namespaces of one
 * boot: with it, pid and ident name one process for ever.
 */
#define PLAT_BOOT_MAX	128
int	 plat_boot(struct plat *pl, char *buf, size_t len);
/*
 * The network namespace of a process, or ours if row is NULL: 1 that of PID 1,
 * else a number that no other one of this boot has as long as it exists.
 */
int	 plat_netns(struct plat *pl, const struct plat_proc *row,
	    uint64_t *idp);
/*
 * Does the process see other files than we do at the same paths, because its
 * mount namespace or its root is another one? 0: it does not, or no other path
 * than ours is known here. -1: not known.
 */
int	 plat_other_files(struct plat *pl, const struct plat_proc *row);
/*
 * The same, or has it a PID namespace other than ours?  What it shows of how it
 * was started then means other files and processes here.
 */
int	 plat_is_contained(struct plat *pl, const struct plat_proc *row);

/*
 * One walk over all processes. plat_next: 1 a process, 0 the end, -1. A process
 * that exists during the whole walk is returned exactly once.
 */
int	 plat_scan(struct plat *pl, unsigned flags);
int	 plat_next(struct plat *pl, struct plat_name *np);

/*
 * What is at the start of the argv of the process that plat_next() returned
 * last, ended by a NUL. The process is not pinned, so this serves only to leave
 * it out of plat_rows(). -1: not known.
 */
int	 plat_title(struct plat *pl, const struct plat_name *np, char *buf,
	    size_t len);

/*
 * Fills in rows[i] for rows[i].pid, n <= PLAT_BATCH, and pins each process:
 * until the next plat_rows() the four calls below answer for that process or
 * fail with ESRCH, never for a later process with its PID. A process that has
 * exited gets pid 0.
 */
int	 plat_rows(struct plat *pl, struct plat_proc *rows, size_t n);

/*
 * argv as the process shows it: *argc words, each ended by NUL. The caller
 * frees. ESRCH no such process, EACCES no permission, E2BIG over the limit.
 * plat_env is the same for the environment.
 */
int	 plat_args(struct plat *pl, const struct plat_proc *row, char **bufp,
	    size_t *lenp);
int	 plat_env(struct plat *pl, const struct plat_proc *row, char **bufp,
	    size_t *lenp);

/*
 * Stores the path and returns its length, or -1. *gone: the name was removed,
 * so another file may have that name now.
 */
ssize_t	 plat_where(struct plat *pl, const struct plat_proc *row,
	    enum plat_where what, char *buf, size_t len, int *gone);
int	 plat_fds(struct plat *pl, const struct plat_proc *row,
	    struct plat_fd **fdsp, size_t *np, size_t *limit); /* soft limit */
int	 plat_origin(struct plat *pl, const struct plat_proc *row,
	    struct plat_origin *op);

/*
 * The processes of the unit that plat_origin() names: those in its control
 * group and in the groups below. 0 stands for a process that has no PID here.
 * -1: ENOENT it is in no unit, E2BIG there are more than max; ENOSYS, ENOTSUP
 * and EACCES: not known.
 */
#define PLAT_MEMBERS_MAX	256

int	 plat_members(struct plat *pl, const struct plat_proc *row,
	    pid_t *pids, size_t max, size_t *np);

/*
 * Sockets: all listeners (PLAT_SOCKS_LISTEN), and with PLAT_SOCKS_ALL the
 * connections whose key is among keys, or whose local or peer port is that of a
 * listener among keys. PLAT_SOCKS_HELD says that the caller does not need
 * connections without a key; it may get some all the same. The caller frees
 * *socksp. netns is a process in whose network namespace to look; NULL: our
 * own.
 */
int	 plat_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
	    unsigned flags, const struct plat_proc *netns,
	    struct plat_sock **socksp, size_t *np);

/*
 * Is it bound to the file with this inode, as far as the system tells?  dev is
 * plat_mount.dev of the file system; 0: only the number is compared.
 */
int	 plat_is_bound(const struct plat_sock *sk, uint64_t dev, uint64_t ino);

/*
 * Says that connections which later calls of plat_socks() look for may use this
 * port, at either end. It is only a hint: a system that can select by port
 * reads these ports first, and all others only if a key was not found. Hints
 * stay until plat_close().
 */
void	 plat_hint(struct plat *pl, uint16_t port);

/*
 * The owners of sockets: for each of n keys the first process that holds it, or
 * 0. This reads all visible descriptors, so call it only for sockets whose
 * owner has to be named.
 */
int	 plat_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);

/*
 * The readers of pipes: for each of n keys the last process that has it as its
 * standard input, or 0. This looks once at each visible process.
 */
int	 plat_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);

/*
 * Asks the peers of n connections at the same time, within ms milliseconds in
 * all, by a TCP keepalive. A keepalive is sent one second after the peer was
 * last heard, at the earliest. If data waits for its acknowledgement, the
 * kernel sends no keepalive, and the acknowledgement is the answer. No data is
 * changed, and all settings are restored, even if the calling process is
 * killed.
 */
int	 plat_keepalive(struct plat *pl, struct plat_keepalive *v, size_t n,
	    int ms);

/*
 * Sends sig if the process is still the one in row; exe is the base name that
 * its executable must still have, or NULL. ESRCH if not. PLAT_CAP_SIGNAL_SAFE
 * says whether the system guarantees that no later process with this PID gets
 * the signal.
 */
int	 plat_signal(struct plat *pl, const struct plat_proc *row,
	    const char *exe, int sig);

/*
 * The same in steps, for callers that wait for the end: plat_hold() checks the
 * process and keeps hold of it if the system can; each signal checks it again.
 * plat_hold_wait(): 1 it has ended, 0 not within ms.
 */
struct plat_hold {
	struct plat_proc row;
	char exe[256];		/* "": any */
	int fd;			/* readable at the end; -1: no descriptor */
};

int	 plat_hold(struct plat *pl, const struct plat_proc *row,
	    const char *exe, struct plat_hold *h);
int	 plat_hold_signal(struct plat *pl, const struct plat_hold *h, int sig);
int	 plat_hold_wait(struct plat *pl, const struct plat_hold *h, int ms);
void	 plat_hold_drop(struct plat_hold *h);

/* Who can change the files of a file system. */
enum plat_fs {
	PLAT_FS_SHARED,		/* other machines too, or not known */
	PLAT_FS_LOCAL,		/* only this machine, and it always answers */
	PLAT_FS_TRIGGER		/* an access mounts a file system */
};

/* A mounted file system, as this process sees it. */
struct plat_mount {
	uint64_t id, parent;	/* parent's id; both 0: not known */
	uint64_t dev;		/* of the file system; not of stat(2); or 0 */
	enum plat_fs fs;
	const char *point;	/* from the root */
	size_t order;		/* for callers that sort; 0 */
};

/*
 * All mounts, in the order in which they were mounted; no file system is
 * accessed. One of them is at "/". The caller frees *vp, which is one block.
 */
int	 plat_mounts(struct plat_mount **vp, size_t *np);

/*
 * The addresses of a network interface, in our network namespace; none if there
 * is no such interface. The caller frees *vp.
 */
struct plat_if_addr {
	int family;		/* AF_INET, AF_INET6 */
	uint8_t ip[16];		/* as in plat_addr */
};

int	 plat_if_addrs(const char *name, struct plat_if_addr **vp, size_t *np);

/*
 * What a name in an open directory is; links are not followed. A directory is
 * opened for the next step; a link gives its text. If the system can do it, no
 * server is asked once a mount is entered, no automount is triggered, and all
 * results are of one file, even if the name leads to another file a moment
 * later.
 */
struct plat_step {
	struct stat st;
	uint64_t mount;		/* id of the mount; 0: not known */
	int fd;			/* of a directory, to be closed; else -1 */
	char link[1024];	/* ends with NUL; "": no link */
};

int	 plat_step(int dir, const char *name, struct plat_step *step);

/*
 * connect(2) to the socket called name in the open directory dir, even if paths
 * to it have changed. ESTALE: it is not the file of st.
 */
int	 plat_connect(int sock, int dir, const char *name,
	    const struct stat *st);

/*
 * Waits for the second sample, ms milliseconds after the first: 1 it is time, 0
 * a recorded table has none. The next plat_scan() starts with the first again.
 */
int	 plat_later(struct plat *pl, int ms);

/* What a path leads to; for a socket, the inode of its file. */
struct plat_file {
	char *path;
	int error;		/* or 0 */
	uint64_t dev, ino;	/* dev as in struct plat_mount */
	int socket;
	int shared;		/* others serve its file system */
};

/*
 * The caller looks at files itself, except with a recorded table: then
 * plat_file_get() returns 0, and error is EACCES if the table does not have the
 * file. -1: the caller has to look. plat_file_put() adds what was found to a
 * record. path of *file is not used.
 */
int	 plat_file_get(struct plat *pl, const char *path,
	    struct plat_file *file);
void	 plat_file_put(struct plat *pl, const char *path,
	    const struct plat_file *file);

/* Starts to remember what is looked at. */
int	 plat_trace(struct plat *pl);

/*
 * Writes a table that plat_open() reads: those of the n pids that exist, or all
 * processes if pids is NULL, and their sockets. PLAT_RECORD_TRACED: instead the
 * processes that were looked at since plat_trace(), with what was asked of
 * them. An environment may contain secrets: it is written only if asked for,
 * and if env is not NULL only the variables with those names.
 * PLAT_RECORD_LATER: the second sample, after another record, for plat_later().
 */
#define PLAT_RECORD_ENV		0x01
#define PLAT_RECORD_TRACED	0x02
#define PLAT_RECORD_LATER	0x04

int	 plat_record(struct plat *pl, const pid_t *pids, size_t n,
	    unsigned flags, const char *const *env, FILE *fp);

#endif
