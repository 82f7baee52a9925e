/* SPDX-License-Identifier: ISC */
/*
 * scan.c: one look at the process table.
 *
 * A scan walks all processes once by name, then reads the few that are an
 * ssh, a batch at a time while the platform pins them.  What it reads is
 * facts; the verdicts are taken by origin.c, join.c, health.c and ident.c.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* More ssh processes than this on one machine is not a machine. */
#define MAX_CANDS	100000

struct scan {
	struct tun_ctx *ctx;
	unsigned flags;
	struct arena *a;
	struct tun_list *list;
	struct cand **cands;
	size_t n, cap;
	struct plat_proc *kin;	/* parents, session and group leaders */
	const char *const **kin_argv;
	size_t nkin;
	int vanished;		/* a candidate was gone when looked at */
	size_t denied;		/* candidates whose descriptors are closed to us */
};

static int
add_candidate(struct scan *s, const struct plat_name *np)
{
	struct cand **p, *c;
	size_t cap;

	if (s->n == MAX_CANDS) {
		errno = E2BIG;
		return -1;
	}
	if (s->n == s->cap) {
		cap = s->cap ? s->cap * 2 : 32;
		if ((p = realloc(s->cands, cap * sizeof(*p))) == NULL)
			return -1;
		s->cands = p;
		s->cap = cap;
	}
	if ((c = arena_alloc(s->a, sizeof(*c))) == NULL)
		return -1;
	c->row.pid = np->pid;
	c->byexe = np->via == PLAT_VIA_EXE;
	s->cands[s->n++] = c;
	return 0;
}

static int
by_pid(const void *a, const void *b)
{
	const struct cand *x = *(struct cand *const *)a;
	const struct cand *y = *(struct cand *const *)b;

	return (x->row.pid > y->row.pid) - (x->row.pid < y->row.pid);
}

static int
walk(struct scan *s)
{
	struct plat_name name;
	int r;

	if (plat_scan(s->ctx->pl,
	    s->flags & TUN_SCAN_OWN ? PLAT_SCAN_OWN : 0) == -1)
		return -1;
	while ((r = plat_next(s->ctx->pl, &name)) == 1)
		if (cmdline_is_ssh(name.name, s->ctx->ssh_name) &&
		    add_candidate(s, &name) == -1)
			return -1;
	if (r == -1)
		return -1;
	if (s->n > 0)
		qsort(s->cands, s->n, sizeof(*s->cands), by_pid);
	return 0;
}

/* --- one candidate: what it shows of itself ------------------------------ */

/* A path in the arena, or NULL where it may not be read. */
static const char *
where(struct scan *s, const struct plat_proc *row, enum plat_where what)
{
	char buf[4096];
	ssize_t n;

	n = plat_where(s->ctx->pl, row, what, buf, sizeof(buf));
	if (n <= 0 || (size_t)n >= sizeof(buf))
		return NULL;
	return arena_strndup(s->a, buf, n);
}

static int
words_hold(const struct cand *c, const char *needle)
{
	size_t i;

	for (i = 0; i < c->argc; i++)
		if (strstr(c->argv[i], needle) != NULL)
			return 1;
	return 0;
}

static const char *const *
environment(struct scan *s, const struct plat_proc *row)
{
	const char **v = NULL;
	char *buf;
	size_t len, n;

	if (plat_env(s->ctx->pl, row, &buf, &len) == -1)
		return NULL;
	if (cmdline_split(s->a, buf, len, &v, &n) == -1)
		v = NULL;
	free(buf);
	return (const char *const *)v;
}

static const char *
find_env(const char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

/*
 * What ssh would put for ${NAME}, %d, %u and %i.  The tokens that depend on
 * ssh_config stay unknown: argv alone cannot tell the final host or port.
 */
static int
expansions(struct scan *s, const struct cand *c,
    const char *const *env, struct expand *x)
{
	struct passwd *pw;

	memset(x, 0, sizeof(*x));
	x->env = env;
	if (!words_hold(c, "%"))
		return 0;
	if ((x->uid = arena_printf(s->a, "%lu",
	    (unsigned long)c->row.ruid)) == NULL)
		return -1;
	if ((pw = getpwuid(c->row.ruid)) != NULL &&
	    ((x->home = arena_strdup(s->a, pw->pw_dir)) == NULL ||
	    (x->local_user = arena_strdup(s->a, pw->pw_name)) == NULL))
		return -1;
	return 0;
}

static int
read_argv(struct scan *s, struct cand *c)
{
	const char *const *env = NULL;
	struct expand x;
	char *buf;
	size_t len;
	int r;

	if (plat_args(s->ctx->pl, &c->row, &buf, &len) == -1) {
		c->argv_errno = errno;
		c->cmd.kind = CMD_CUT;
		c->cmd.port = -1;
		return errno == ENOMEM ? -1 : 0;
	}
	r = cmdline_split(s->a, buf, len, &c->argv, &c->argc);
	free(buf);
	if (r == -1)
		return -1;
	if (s->flags & TUN_SCAN_ENV || words_hold(c, "${"))
		env = environment(s, &c->row);
	if (expansions(s, c, env, &x) == -1 ||
	    cmdline_parse(s->a, (const char *const *)c->argv, c->argc, &x,
	    &c->cmd) == -1)
		return -1;
	if (c->cmd.label == NULL)
		c->cmd.label = find_env(env, "TUN_LABEL");
	return 0;
}

static int
read_fds(struct scan *s, struct cand *c)
{
	if (plat_fds(s->ctx->pl, &c->row, &c->fds, &c->nfds,
	    &c->fdlimit) == 0)
		return 0;
	c->fds = NULL;
	c->fds_errno = errno;
	return errno == ENOMEM ? -1 : 0;
}

/*
 * Everything the later passes want, read while the process is pinned.
 * 1: it is there; 0: it is gone, or never was an ssh; -1: no memory.
 */
static int
look_at(struct scan *s, struct cand *c)
{
	static const char deleted[] = " (deleted)";
	size_t len;

	if (c->row.pid == 0 || c->row.flags & PLAT_ZOMBIE) {
		s->vanished = 1;
		return 0;
	}
	if (c->row.flags & PLAT_KTHREAD)
		return 0;
	if (read_argv(s, c) == -1)
		return -1;
	c->exe = where(s, &c->row, PLAT_EXE);
	c->cwd = where(s, &c->row, PLAT_CWD);
	if (c->exe != NULL && (len = strlen(c->exe)) >= sizeof(deleted))
		c->oldexe = strcmp(c->exe + len - (sizeof(deleted) - 1),
		    deleted) == 0;
	if (plat_origin(s->ctx->pl, &c->row, &c->from) == -1 &&
	    errno != ESRCH)
		memset(&c->from, 0, sizeof(c->from));
	if (s->flags & TUN_SCAN_SOCKETS && read_fds(s, c) == -1)
		return -1;
	if (c->argv_errno == ESRCH || c->fds_errno == ESRCH) {
		s->vanished = 1;
		return 0;
	}
	return 1;
}

/*
 * Runs over the candidates in batches of pinned rows and keeps those for
 * which look says 1.
 */
static int
each_pinned(struct scan *s, int (*look)(struct scan *, struct cand *))
{
	struct plat_proc rows[PLAT_BATCH];
	size_t done, i, n, kept = 0;
	int r;

	for (done = 0; done < s->n; done += n) {
		n = s->n - done < PLAT_BATCH ? s->n - done : PLAT_BATCH;
		memset(rows, 0, sizeof(rows));
		for (i = 0; i < n; i++)
			rows[i].pid = s->cands[done + i]->row.pid;
		if (plat_rows(s->ctx->pl, rows, n) == -1)
			return -1;
		for (i = 0; i < n; i++) {
			struct cand *c = s->cands[done + i];

			if (c->row.start != 0 && (rows[i].pid == 0 ||
			    memcmp(c->row.ident, rows[i].ident,
			    sizeof(c->row.ident)) != 0))
				rows[i].pid = 0;	/* not it any more */
			c->row = rows[i];
			if ((r = look(s, c)) == -1)
				return -1;
			if (r == 1)
				s->cands[kept++] = c;
			else
				free(c->fds);
		}
	}
	s->n = kept;
	return 0;
}

/* A second look, at descriptors only, when jump helpers need their tunnel. */
static int
look_at_fds(struct scan *s, struct cand *c)
{
	if (c->row.pid == 0) {
		s->vanished = 1;
		return 0;
	}
	return read_fds(s, c) == -1 ? -1 : 1;
}

static int
is_hop(const struct cand *c)
{
	return c->cmd.nfwds > 0 &&
	    c->cmd.fwds[c->cmd.nfwds - 1].kind == TUN_FWD_STDIO;
}

static int
any_hop(const struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (is_hop(s->cands[i]))
			return 1;
	return 0;
}

/* --- kin: the processes that candidates came from ------------------------ */

static int
pid_cmp(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static struct plat_proc *
find_kin(const struct scan *s, pid_t pid)
{
	size_t lo = 0, hi = s->nkin, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->kin[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->nkin && s->kin[lo].pid == pid ? &s->kin[lo] : NULL;
}

/* argv of a parent: a supervisor is known by it. */
static const char *const *
kin_words(struct scan *s, const struct plat_proc *row)
{
	const char **v;
	char *buf;
	size_t len, n;

	if (row->pid == 0 || row->flags & PLAT_ZOMBIE ||
	    plat_args(s->ctx->pl, row, &buf, &len) == -1)
		return NULL;
	if (cmdline_split(s->a, buf, len, &v, &n) == -1)
		v = NULL;
	free(buf);
	return (const char *const *)v;
}

static int
read_kin(struct scan *s)
{
	pid_t *pids;
	size_t i, j, k, n = 0;

	if (s->n == 0)
		return 0;
	if ((pids = calloc(s->n * 3, sizeof(*pids))) == NULL)
		return -1;
	for (i = 0; i < s->n; i++) {
		const struct plat_proc *row = &s->cands[i]->row;

		pids[n++] = row->ppid;
		pids[n++] = row->sid;
		pids[n++] = row->pgid;
	}
	qsort(pids, n, sizeof(*pids), pid_cmp);
	for (i = j = 0; i < n; i++)
		if (pids[i] > 0 && (j == 0 || pids[j - 1] != pids[i]))
			pids[j++] = pids[i];
	n = j;
	s->kin = arena_alloc(s->a, (n ? n : 1) * sizeof(*s->kin));
	s->kin_argv = arena_alloc(s->a, (n ? n : 1) * sizeof(*s->kin_argv));
	if (s->kin == NULL || s->kin_argv == NULL)
		goto fail;
	for (i = 0; i < n; i += k) {
		k = n - i < PLAT_BATCH ? n - i : PLAT_BATCH;
		for (j = 0; j < k; j++)
			s->kin[i + j].pid = pids[i + j];
		if (plat_rows(s->ctx->pl, s->kin + i, k) == -1)
			goto fail;
		for (j = 0; j < k; j++) {
			struct plat_proc *p = &s->kin[i + j];

			s->kin_argv[i + j] = kin_words(s, p);
			if (p->pid == 0)
				p->flags |= PLAT_ZOMBIE;
			p->pid = pids[i + j];
		}
	}
	s->nkin = n;
	free(pids);
	return 0;
fail:
	free(pids);
	return -1;
}

/* A dead leader leaves its number behind as a zombie or not at all. */
static int
lives(const struct scan *s, pid_t pid)
{
	const struct plat_proc *p = find_kin(s, pid);

	return p != NULL && !(p->flags & PLAT_ZOMBIE);
}

static void
set_kin(struct scan *s, struct cand *c)
{
	int hidden = (plat_gaps(s->ctx->pl) & PLAT_GAP_HIDDEN) != 0;
	struct plat_proc *p;

	if ((p = find_kin(s, c->row.ppid)) != NULL &&
	    !(p->flags & PLAT_ZOMBIE)) {
		c->parent = *p;
		c->parent_argv = s->kin_argv[p - s->kin];
	}
	/* Where processes are hidden, not to be seen is not to be dead. */
	c->have_leader = hidden || lives(s, c->row.sid);
	c->have_group = hidden || lives(s, c->row.pgid);
}

/* --- jump helpers: part of the tunnel whose pipes they hold -------------- */

struct pipe_end {
	uint64_t key;
	struct cand *c;
	int fd;
};

static int
by_key(const void *a, const void *b)
{
	const struct pipe_end *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

/* The key of the pipe on standard input; 0: it is no pipe. */
static uint64_t
stdin_pipe(const struct cand *c)
{
	size_t i;

	for (i = 0; i < c->nfds; i++)
		if (c->fds[i].fd == 0 && c->fds[i].kind == PLAT_FD_PIPE)
			return c->fds[i].key;
	return 0;
}

/*
 * ssh holds the far end of its helper's standard input above fd 2 (fds 4
 * and 5 as a rule).  A helper that itself jumps has both: its tunnel's pipe
 * on fd 0, and its own helper's above; so compare with what is on its fd 0.
 */
static struct cand *
holder_of(const struct pipe_end *ends, size_t n, const struct cand *hop)
{
	uint64_t key = stdin_pipe(hop);
	size_t lo = 0, hi = n, mid;

	if (key == 0)
		return NULL;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (ends[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && ends[lo].key == key; lo++)
		if (ends[lo].c != hop && ends[lo].fd > 2 &&
		    stdin_pipe(ends[lo].c) != key)
			return ends[lo].c;
	return NULL;
}

static struct cand *
find_cand(const struct scan *s, pid_t pid)
{
	struct cand key, *kp = &key, **found;

	key.row.pid = pid;
	found = s->n == 0 ? NULL :
	    bsearch(&kp, s->cands, s->n, sizeof(*s->cands), by_pid);
	return found == NULL ? NULL : *found;
}

static int
fold_hops(struct scan *s)
{
	struct pipe_end *ends;
	size_t i, j, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->cands[i]->nfds;
	if ((ends = calloc(n ? n : 1, sizeof(*ends))) == NULL)
		return -1;
	for (n = i = 0; i < s->n; i++)
		for (j = 0; j < s->cands[i]->nfds; j++)
			if (s->cands[i]->fds[j].kind == PLAT_FD_PIPE) {
				ends[n].key = s->cands[i]->fds[j].key;
				ends[n].c = s->cands[i];
				ends[n++].fd = s->cands[i]->fds[j].fd;
			}
	qsort(ends, n, sizeof(*ends), by_key);
	for (i = 0; i < s->n; i++) {
		struct cand *c = s->cands[i];

		if (!is_hop(c))
			continue;
		c->carrier = holder_of(ends, n, c);
		/* Without -f a helper is still its tunnel's child. */
		if (c->carrier == NULL)
			c->carrier = find_cand(s, c->row.ppid);
		if (c->carrier != NULL)
			c->carrier->hop = c;
	}
	free(ends);
	return 0;
}

/* The helpers of a tunnel, nearest first; the last one has the transport. */
static int
add_helpers(struct scan *s, struct cand *c)
{
	struct tun_peer *v = NULL;
	const struct cand *hop;
	size_t n = 0;

	/* Pipes can be handed round in a circle: stop at our own number. */
	for (hop = c->hop; hop != NULL && n < s->n; hop = hop->hop) {
		if ((v = arena_push(s->a, v, n, sizeof(*v))) == NULL)
			return -1;
		v[n].pid = hop->row.pid;
		v[n].uid = hop->row.uid;
		v[n].comm = hop->row.comm;
		v[n].argv = (const char *const *)hop->argv;
		n++;
	}
	c->tun.helpers = v;
	c->tun.nhelpers = n;
	return 0;
}

/* --- what becomes public ------------------------------------------------- */

static void
publish(struct cand *c)
{
	struct tun *t = &c->tun;

	t->pid = c->row.pid;
	t->ppid = c->row.ppid;
	t->pgid = c->row.pgid;
	t->sid = c->row.sid;
	t->uid = c->row.uid;
	t->start = c->row.start / 1000000;
	t->ident[0] = c->row.ident[0];
	t->ident[1] = c->row.ident[1];
	t->dest = c->cmd.dest;
	t->user = c->cmd.user;
	t->host = c->cmd.host;
	t->port = c->cmd.port;
	t->label = c->cmd.label;
	t->argv = (const char *const *)c->argv;
	t->argc = c->argc;
	t->exe = c->exe;
	t->cwd = c->cwd;
	t->conns = -1;
	t->idle = t->heard = t->rx = t->tx = t->rtt = t->retrans = -1;
	t->master = -1;
	switch (c->cmd.kind) {
	case CMD_MUX:
	case CMD_STOPPED:
		t->master = 1;
		t->why |= TUN_WHY_ARGVLOST;
		break;
	case CMD_CUT:
		t->why |= c->argv_errno ? TUN_WHY_DENIED : TUN_WHY_ARGVLOST;
		break;
	case CMD_BAD:
		t->why |= TUN_WHY_UNPARSED;
		break;
	default:
		break;
	}
	if (c->cmd.flags & CMD_UNKNOWN)
		t->why |= TUN_WHY_UNPARSED;
	/* -M alone is a wish: a busy control path leaves no master. */
	if (c->cmd.flags & CMD_MASTER && c->cmd.ctlpath != NULL)
		t->master = 1;
	/* Tokens in it depend on ssh_config: the kernel's name is better. */
	if (c->cmd.ctlpath != NULL && strchr(c->cmd.ctlpath, '%') == NULL &&
	    strstr(c->cmd.ctlpath, "${") == NULL && *c->cmd.ctlpath != '~')
		t->ctlpath = c->cmd.ctlpath;
	t->ctl = t->master == 1 ? TUN_CTL_UNKNOWN : TUN_CTL_NONE;
	if (!c->byexe)
		t->why |= TUN_WHY_UNVERIFIED;
	if (c->oldexe)
		t->why |= TUN_WHY_OLDEXE;
}

static int
publish_forwards(struct scan *s, struct cand *c)
{
	size_t i;

	if (c->cmd.nfwds == 0)
		return 0;
	c->fwds = arena_alloc(s->a, c->cmd.nfwds * sizeof(*c->fwds));
	if (c->fwds == NULL)
		return -1;
	for (i = 0; i < c->cmd.nfwds; i++) {
		c->fwds[i].tun = &c->tun;
		c->fwds[i].spec = c->cmd.fwds[i];
		c->fwds[i].source = TUN_SRC_ARGV;
		c->fwds[i].conns = c->fwds[i].exposed = -1;
		if (i < c->cmd.nmonitor)
			c->fwds[i].why |= TUN_WHY_MONITOR;
	}
	c->tun.fwds = c->fwds;
	c->tun.nfwds = c->cmd.nfwds;
	return 0;
}

/*
 * Can this be a tunnel at all?  What listens, or is asked to forward, is
 * one.  So is a master, and a client in the background that runs no command:
 * it has nothing else to do there, whatever its ssh_config says.
 */
static int
is_tunnel(const struct cand *c)
{
	if (c->cmd.kind == CMD_OTHER || c->carrier != NULL)
		return 0;
	/* A hop whose pipes we may not see is somebody's helper all the same. */
	if (is_hop(c) && c->fds == NULL)
		return 0;
	if (c->tun.nfwds > 0 || c->tun.master == 1)
		return 1;
	if (c->cmd.ncommand > 0 || c->cmd.flags & CMD_SUBSYSTEM)
		return 0;
	return c->cmd.flags & CMD_NOSESSION ||
	    (c->row.sid == c->row.pid && c->row.tty == PLAT_NOTTY);
}

static int
judge(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct cand *c = s->cands[i];

		set_kin(s, c);
		publish(c);
		if (publish_forwards(s, c) == -1 ||
		    add_helpers(s, c) == -1 ||
		    origin_judge(s->a, c) == -1)
			return -1;
		c->listed = is_tunnel(c);
	}
	return 0;
}

/* --- sockets -------------------------------------------------------------- */

static int
look_at_sockets(struct scan *s)
{
	struct plat_sock *socks = NULL;
	struct sockset set;
	uint64_t *keys;
	size_t i, j, n = 0;
	unsigned want = PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX;
	int r = -1;

	for (i = 0; i < s->n; i++) {
		n += s->cands[i]->nfds;
		if (s->cands[i]->fds == NULL)
			s->denied++;
	}
	if ((keys = calloc(n ? n : 1, sizeof(*keys))) == NULL)
		return -1;
	for (n = i = 0; i < s->n; i++)
		for (j = 0; j < s->cands[i]->nfds; j++)
			if (s->cands[i]->fds[j].kind == PLAT_FD_SOCKET)
				keys[n++] = s->cands[i]->fds[j].key;
	if (s->flags & (TUN_SCAN_INFO | TUN_SCAN_CLIENTS))
		want |= PLAT_SOCKS_ALL | PLAT_SOCKS_INFO;
	memset(&set, 0, sizeof(set));
	if (plat_socks(s->ctx->pl, keys, n, want, NULL, &socks,
	    &set.nsocks) == 0) {
		set.socks = socks;
		r = join_sockets(s->a, s->cands, s->n, &set, s->flags);
		if (r == 0)
			r = health_judge(s->a, s->cands, s->n, &set,
			    plat_now(s->ctx->pl));
		free(socks);
	} else if (errno != ENOMEM)
		r = list_note(s->list, "the socket table cannot be read");
	free(keys);
	return r;
}

static int
notes(struct scan *s)
{
	unsigned gaps = plat_gaps(s->ctx->pl);

	if (gaps & PLAT_GAP_HIDDEN && !(s->flags & TUN_SCAN_OWN) &&
	    list_note(s->list, "processes of other users are hidden") == -1)
		return -1;
	if (gaps & PLAT_GAP_PIDNS &&
	    list_note(s->list, "the process table is another PID namespace's") == -1)
		return -1;
	if (gaps & PLAT_GAP_SOCKETS &&
	    list_note(s->list, "some sockets could not be read") == -1)
		return -1;
	if (s->denied > 0 &&
	    list_note(s->list, "descriptors of some processes are not readable: "
	    "their sockets are unknown") == -1)
		return -1;
	return 0;
}

static int
fill_list(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->cands[i]->listed &&
		    list_add(s->list, &s->cands[i]->tun) == -1)
			return -1;
	list_sort(s->list);
	return 0;
}

static void
drop_fds(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->cands[i]->fds);
		s->cands[i]->fds = NULL;
	}
}

static int
scan_once(struct scan *s)
{
	if (walk(s) == -1 || each_pinned(s, look_at) == -1)
		return -1;
	if (any_hop(s) && !(s->flags & TUN_SCAN_SOCKETS) &&
	    each_pinned(s, look_at_fds) == -1)
		return -1;
	if (fold_hops(s) == -1 || read_kin(s) == -1 || judge(s) == -1)
		return -1;
	if (s->flags & TUN_SCAN_SOCKETS && look_at_sockets(s) == -1)
		return -1;
	if (ident_assign(s->a, s->cands, s->n) == -1 || notes(s) == -1)
		return -1;
	return fill_list(s);
}

int
tun_scan(struct tun_ctx *ctx, unsigned flags, struct tun_list **listp)
{
	struct tun_list *list;
	struct scan s;
	int again, r, saved;

	/*
	 * ssh -f hands over from parent to child, and the child's number may
	 * lie behind the walk already.  So when a candidate vanished between
	 * its name and its row, look once more; not more often.
	 */
	for (again = 0;; again++) {
		memset(&s, 0, sizeof(s));
		s.ctx = ctx;
		s.flags = flags;
		if ((list = list_new()) == NULL)
			return -1;
		list->when = plat_now(ctx->pl) / 1000000;
		s.list = list;
		s.a = list->arena;
		r = scan_once(&s);
		saved = errno;
		drop_fds(&s);
		free(s.cands);
		if (r == 0 && (!s.vanished || again > 0))
			break;
		tun_list_free(list);
		if (r == -1) {
			errno = saved;
			return -1;
		}
	}
	*listp = list;
	return 0;
}
