/* SPDX-License-Identifier: ISC */
/*
 * What was read of processes, the links between them, and what becomes public.
 * scan.c calls the files of this folder and of sockets/ in order; each adds one
 * sort of facts or links to the candidates.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "journal/journal.h"

/* A copy of plat_origin with strings in the arena. */
struct whence {
	int reparented;		/* 1 proven, 0 proven not, -1 unknown */
	pid_t reaper;
	const char *unit;	/* or "" */
	int unit_user;
	pid_t unit_main;	/* the process the manager ran; 0 unknown */
	const char *cgroup;	/* opaque: equal is the same; or "" */
	enum plat_cgroup cgroup_kind;
	int frozen;		/* its control group is */
	int netns;		/* 1 ours, 0 another, -1 unknown */
	uint64_t netns_id;
	pid_t nspid;		/* in its own PID namespace; 0 unknown */
	int nslevel;		/* namespaces below ours */
};

/* Which other processes are in the control group of its service. */
enum group_kind {
	GROUP_UNKNOWN,
	GROUP_OWN,		/* only related processes */
	GROUP_SHARED
};

/* What the journal says of a process. */
struct told {
	const struct tun_record **open;	/* it was given; NULL-ended */
	const struct tun_forward **closed;	/* on purpose; NULL-ended */
	const char *const *command;	/* that started it; or NULL */
	int named;		/* its destination or label is from there */
	int others;		/* all it has is of another process */
};

/*
 * What was read of a process that may be an ssh, and of its parent and leaders.
 * It is written while a scan reads; later passes have it as const.
 */
struct facts {
	struct plat_proc row;
	struct cmdline cmd;
	const char **argv;
	size_t argc;
	int argv_errno;		/* why argv is NULL, or 0 */
	const char *exe, *cwd;
	int byexe;		/* its executable says it is an ssh */
	const struct tun_child *taken;	/* tun_take(); or NULL */
	int known;		/* read after an earlier walk */
	int oldexe, oldcwd;	/* their names were removed */
	struct plat_fd *fds;	/* malloc'd, of the scan; NULL: not readable */
	size_t nfds, fdlimit;
	int fds_errno;
	struct whence from;
	/* Or the supervisor of its parent; pid 0: not visible. */
	const struct plat_proc *parent;
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
	const struct told *told; /* by the journal; or NULL */
	int session;		/* CMD_SERVED: as tun.session */
	const char *tty;	/* CMD_SERVED: as tun.tty */
};

/* A link that could not be looked for is unknown, not none. */
enum link {
	LINK_UNKNOWN,
	LINK_NONE,
	LINK_FOUND
};

struct fwd_links;
struct holding;
struct peer_want;
struct sample;

/* Which processes and sockets belong together. */
struct links {
	struct cand *helped;	/* the tunnel that it helps, or NULL */
	struct cand *helper;	/* its own jump helper, or NULL */
	struct cand *proxy;	/* has both pipes; the helper if needed */
	struct cand *master;	/* the master it is a mux client of */
	enum link mastered;	/* is it a mux client? */
	int disputed;		/* its clients name different destinations */
	struct fwd_links *fwds; /* of each forward */
	const struct holding *holding;	/* its sockets; NULL: there is no set */
	const struct plat_sock *transport;	/* valid while there is a set */
	uint64_t transport_key;	/* 0: not known */
	struct cand *transport_cand;	/* owner of it: itself or a helper */
	int transport_fd;
	int first_fd;		/* sockets at lower ones are its starter's */
	const struct plat_sock *ctlsock;	/* control listener, or NULL */
	int ctlelsewhere;	/* its path may lead to another file here */
	int piped;		/* its transport is none of its TCP sockets */
	int passed;		/* its transport may be no TCP socket at all */
	int seen;		/* its sockets were */
	int loop;		/* it is connected to itself */
	struct peer_want *wants; /* peers without a name; peers_look_up() */
	size_t nwants;
	const struct sample *again;	/* a later look, or NULL */
};

/*
 * jump_helpers.c: the process that carries it: its jump helper, or for a helper
 * that is a mux client the master; NULL: its own connection, as far as is
 * known. Processes can pass pipes in a circle: follow at most MAX_CHAIN.
 */
#define MAX_CHAIN	64
struct cand *links_next(const struct cand *c);

/* jump_helpers.c: may the pipe lead to a helper of this ssh? */
int	 pipe_is_helpers(const struct facts *f, const struct plat_fd *d);

/* What becomes public. */
struct verdict {
	struct tun tun;
	struct tun_fwd *fwds;	/* those of tun, while we write */
	const struct tun_peer **users;	/* the same as tun.users */
	int listed;
};

/* A candidate: what the passes of one scan know of one process. */
struct cand {
	struct arena *arena;	/* of the list, for what a question adds */
	const struct facts *facts;
	struct links links;
	struct verdict verdict;
};

/* A parent, or the leader of a session or group; row.flags: it is gone. */
struct ancestor {
	struct plat_proc row;	/* not pinned; its PID comes first */
	const char *const *argv;	/* or NULL */
	const char *cwd;	/* or NULL */
};

struct scan {
	struct tun_ctx *ctx;
	unsigned flags;
	struct arena *a;
	struct tun_list *list;
	struct facts **facts; /* of all processes read, unsorted */
	size_t nfacts;
	size_t nknown;		/* the first of them, by PID: facts.known */
	struct cand **cands; /* by PID, once all are read */
	size_t n;
	struct ancestor *ancestors;	/* in order of PID */
	size_t nancestors;
	struct asking *asking; /* config_answers.c */
	int vanished;		/* a candidate exited meanwhile */
	int unclear;		/* it takes the connections to tell */
	size_t denied;		/* candidates with unreadable descriptors */
	int own_sshd;		/* the caller runs one that is no session */
};

/*
 * Calls look for all processes that were read, in batches of pinned rows. look
 * returns 1 to keep a process, 0 to drop it, or -1 with ENOMEM.
 */
int scan_each_pinned(
    struct scan *s, int (*look)(struct scan *, struct facts *));
/* Adds a process. scan_link() makes it a candidate; then call scan_sort(). */
struct facts *scan_add(struct scan *s);
struct cand *scan_link(struct scan *s, const struct facts *f);
void	 scan_sort(struct scan *s);
/* All that are in facts now become known. */
void	 scan_know(struct scan *s);
int	 scan_knows(const struct scan *s, pid_t pid);
struct cand *scan_find(const struct scan *s, pid_t pid);
/*
 * Describes the process to the caller; the strings stay those of its facts.
 * NULL: ENOMEM.
 */
const struct tun_peer *cand_peer(struct arena *a, const struct cand *c);

/*
 * facts.c: reads all facts that later passes need of one process, while it is
 * pinned. 1: it exists; 0: it has exited, or is no ssh; -1: ENOMEM.
 */
int	 facts_read(struct scan *s, struct facts *f);
/* Its argv or environment, ended by NULL, in the arena; NULL: not readable. */
const char *const *process_argv(struct arena *a, struct plat *pl,
	    const struct plat_proc *row);
const char *const *process_env(struct arena *a, struct plat *pl,
	    const struct plat_proc *row);
/* Its value in such an environment; NULL: it has none. */
const char *process_var(const char *const *env, const char *name);
/* Is one of them this socket or pipe? Key 0 is none. */
int	 fds_have(const struct plat_fd *fds, size_t n, enum plat_fdkind kind,
	    uint64_t key);
/* Its working directory, or NULL; a removed one ends in CWD_GONE. */
const char *scan_cwd(struct scan *s, const struct plat_proc *row, int *gone);
int	 scan_read_fds(struct scan *s, struct facts *f);
const char *scan_exe(struct scan *s, const struct plat_proc *row, int *gone);
int	 scan_read_origin(struct scan *s, struct facts *f);

/* from_journal.c: what the journal says of all processes that were read. */
int	 facts_recall(struct scan *s);
/*
 * sshd_session.c: the name of an sshd; and, in place of facts_read(), what is
 * read of a session.  0: it is another process of sshd.
 */
int	 sshd_is_name(const char *name);
int	 sshd_may_be_session(struct scan *s, const struct plat_name *np);
int	 sshd_session_read(struct scan *s, struct facts *f);

/* unit_share.c: the other processes in the control groups of services. */
int	 groups_look(struct scan *s);

/*
 * ancestry.c: reads the parents, their supervisors and the leaders of
 * candidates, then sets them.
 */
int	 ancestry_read(struct scan *s);
/* argv of a process, or NULL. */
const char *const *ancestry_words(struct scan *s, const struct plat_proc *row);
void ancestry_set(const struct scan *s, struct facts *f);
int	 ancestry_publish(const struct scan *s, const struct facts *f,
	    struct verdict *v);

/* jump_helpers.c: an ssh -W is part of the tunnel whose pipes it holds. */
int facts_is_jump_helper(const struct facts *f);
int	 jump_helpers_fold(struct scan *s);
uint64_t pipe_at(const struct facts *f, int fd);
int	 jump_helpers_publish(struct scan *s, struct cand *c);

/* from_clients.c: the destination of a master that shows only a title. */
void	 clients_name_masters(const struct scan *s);

/* jump_hosts.c: the jump hosts, from argv and from helpers. */
int	 jumps_publish(struct scan *s, struct cand *c);

/* config_answers.c: what ssh_config adds to own candidates; runs ssh -G. */
int	 config_resolve(struct scan *s);

/* proxy_commands.c: adds the helpers that are no ssh. */
int	 proxies_find(struct scan *s);

/* Is it stopped by a signal, by a debugger or with its control group? */
int	 facts_is_stopped(const struct facts *f);
/* Is it stopped by a signal or by a debugger? */
int	 facts_got_sigstop(const struct facts *f);
/* Does its signal mask show nothing that OpenSSH catches?  0 without a mask. */
int	 facts_catches_nothing(const struct facts *f);

/* starter.c: programs that start others. */
/*
 * The name in list that the process has, or NULL.  The kernel may have cut it.
 * The process of a script has the name of its interpreter; the script's own name
 * is the second word.
 */
const char *starter_in(const char *comm, const char *const *argv,
	    const char *const *list);
/* The name of what starts its child again when that ends; or NULL. */
const char *starter_restarts(const char *comm, const char *const *argv);
/* Is it a shell that runs commands of a file or of -c? */
int	 starter_is_script(const char *comm, const char *const *argv);
/* Was it told to run only the child that has this argv? */
int	 starter_is_wrapper(const char *comm, const char *const *argv,
	    const char *const *child);
/* Do the last words of argv equal tail? */
int	 starter_ends_in(const char *const *argv, const char *const *tail);

/* Does its name say that it is a unit that a manager starts again? */
int	 unit_is_service(const struct whence *from);

#endif
