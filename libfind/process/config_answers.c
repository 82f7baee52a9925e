/* SPDX-License-Identifier: ISC */
/*
 * config_answers.c: asks ssh, by "ssh -G", what ssh_config(5) adds to the argv
 * and directory of running clients.
 *
 * This runs the commands of "Match exec". So it is done only when the caller
 * asks for it, and only as the user who runs the client. The answer describes
 * the configuration of now: results that depend on it are marked, and what only
 * the answer claims decides no verdict on a tunnel. If a file has changed since
 * the client started, if a command of "Match exec" had a say, or if the client's
 * own program cannot be asked, the answer is not used.
 */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "compat/array.h"
#include "core/resolve.h"
#include "process.h"

#define TIMEOUT		5000	/* ms: a Match exec may take its time */
/* A start time has the precision of a clock tick, and so has the boot time. */
#define START_SLACK	1000000	/* us */

/* One question, for all candidates with the same argv, directory and user. */
struct question {
	const struct facts *facts; /* the first of them */
	struct run_job job;
	const struct config *answer;
	int64_t changed;	/* last change of its files, us (epoch) */
	int own_ssh;		/* the client's own program answers */
	int refused;		/* it is not asked */
};

struct asking {
	struct scan *s;
	struct question *q;
	size_t n;
	unsigned notes;		/* NOTE_*: what the list has to say */
};

#define NOTE_UNTRUSTED	0x01
#define NOTE_LATE	0x02
#define NOTE_NEWER	0x04
#define NOTE_OTHERSSH	0x08
#define NOTE_OTHERFILES	0x10
#define NOTE_EXEC	0x20
#define NOTE_FAILED	0x40

static const struct {
	unsigned note;
	const char *text;
} notes[] = {
	{ NOTE_UNTRUSTED, "ssh -G was not run for some tunnels: others can "
	    "write to their ssh_config or to ssh" },
	{ NOTE_LATE, "ssh -G takes too long for some tunnels" },
	{ NOTE_NEWER, "ssh_config has changed since some tunnels started: what "
	    "it says now is not taken for theirs" },
	{ NOTE_OTHERSSH, "the ssh of some tunnels cannot be asked: what "
	    "another ssh makes of ssh_config is not taken for theirs" },
	{ NOTE_OTHERFILES, "some tunnels see other files than we do: their "
	    "ssh_config is not known" },
	{ NOTE_EXEC, "ssh_config runs a command for some tunnels (Match exec): "
	    "what it says now is not taken for theirs" },
	{ NOTE_FAILED, "ssh -G fails for some tunnels" }
};

static int
same_words(const char *const *a, const char *const *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (; *a != NULL && *b != NULL; a++, b++)
		if (strcmp(*a, *b) != 0)
			return 0;
	return *a == NULL && *b == NULL;
}

static int
same_question(const struct facts *a, const struct facts *b)
{
	if (a->exe == NULL || b->exe == NULL ? a->exe != b->exe :
	    strcmp(a->exe, b->exe) != 0)
		return 0;
	return a->row.ruid == b->row.ruid && strcmp(a->cwd, b->cwd) == 0 &&
	    same_words((const char *const *)a->argv,
	    (const char *const *)b->argv) && same_words(a->env, b->env);
}

/*
 * Clients of OpenSSH that may be asked about: a user's own by that user, and any
 * by root, who becomes that user. A process whose real and effective user differ
 * is not asked about.
 */
static int
may_ask(const struct facts *f)
{
	uid_t uid = getuid();

	if (f->cmd.kind != CMD_SESSION || f->cmd.flags & CMD_DROPBEAR ||
	    facts_is_jump_helper(f) ||
	    f->argv == NULL || f->cwd == NULL || *f->cwd != '/')
		return 0;
	if (uid != geteuid() || f->row.uid != f->row.ruid)
		return 0;
	return uid == 0 || uid == f->row.ruid;
}

/*
 * Asks about a process only if its names lead to the same files here; if not, or
 * if that is not known, its ssh_config is not, either.
 */
static int
sees_our_files(struct asking *as, struct facts *f)
{
	if (f->from.netns != 0 &&
	    plat_other_files(as->s->ctx->pl, &f->row) == 0)
		return 1;
	f->config_why = TUN_WHY_OTHERFILES;
	as->notes |= NOTE_OTHERFILES;
	return 0;
}

/* Variables of the dynamic loader are meant for the client's own program. */
static int
is_loaders(const char *var)
{
	static const char *const names[] = {
		"LD_", "DYLD_", "GCONV_PATH=", "GLIBC_TUNABLES=", "MALLOC_",
		"LOCPATH=", "NLSPATH=", "ASAN_OPTIONS=", NULL
	};
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (strncmp(var, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

static int
add_var(struct arena *a, const char **v, size_t *np, const char *name,
    const char *value)
{
	if ((v[*np] = arena_printf(a, "%s=%s", name, value)) == NULL)
		return -1;
	++*np;
	return 0;
}

/* The client's environment if it is readable; else the variables of a login. */
static int
make_env(struct arena *a, const struct facts *f, const struct passwd *pw,
    const char *const **envp)
{
	static const char path[] = "/usr/local/bin:/usr/bin:/bin";
	const char **v;
	size_t i, n = 0;
	int has_path = 0;

	for (i = 0; f->env != NULL && f->env[i] != NULL; i++)
		continue;
	if ((v = arena_alloc(a, (i + 6) * sizeof(*v))) == NULL)
		return -1;
	for (i = 0; f->env != NULL && f->env[i] != NULL; i++) {
		if (strchr(f->env[i], '=') == NULL || is_loaders(f->env[i]))
			continue;
		has_path |= strncmp(f->env[i], "PATH=", 5) == 0;
		v[n++] = f->env[i];
	}
	if (f->env == NULL &&
	    (add_var(a, v, &n, "HOME", pw->pw_dir) == -1 ||
		add_var(a, v, &n, "USER", pw->pw_name) == -1 ||
		add_var(a, v, &n, "LOGNAME", pw->pw_name) == -1 ||
		add_var(a, v, &n, "SHELL",
		    *pw->pw_shell != '\0' ? pw->pw_shell : "/bin/sh") == -1))
		return -1;
	if (!has_path && add_var(a, v, &n, "PATH", path) == -1)
		return -1;
	*envp = v;
	return 0;
}

/*
 * Runs run_trusts() in a child, because the file system may not answer. -1: it
 * did not answer, or ENOMEM.
 */
struct trusting {
	const char *file;
	uid_t uid;
	struct {
		int is_there, can_run, trusted;
		char real[PATH_MAX];
	} out;
};

static void
trust(void *arg)
{
	struct trusting *tr = arg;

	tr->out.is_there = access(tr->file, F_OK) == 0;
	tr->out.can_run = access(tr->file, X_OK) == 0;
	tr->out.trusted = run_trusts(tr->file, tr->uid, tr->out.real,
	    sizeof(tr->out.real));
}

static int
ask_trust(struct asking *as, struct trusting *tr)
{
	struct resolver *rs = as->s->ctx->rs;
	struct resolved r;

	if (resolve(rs, tr->file, RESOLVE_FOLLOW, 0, &r) == -1 &&
	    errno == EREMOTE)
		return resolve_apart(rs, tr->file, trust, tr, &tr->out,
		    sizeof(tr->out));
	trust(tr);
	return 0;
}

/*
 * Finds the ssh to ask: the client's own if no other user can replace it; else
 * the system's, with *ownp 0.
 */
static const char *
find_ssh(struct asking *as, const struct facts *f, int *ownp)
{
	static const char *const paths[] = {
		"/usr/bin/ssh", "/usr/local/bin/ssh", "/usr/pkg/bin/ssh",
		"/opt/local/bin/ssh", "/opt/homebrew/bin/ssh",
		"/run/current-system/sw/bin/ssh", "/bin/ssh", NULL
	};
	struct trusting tr = { .file = f->exe, .uid = f->row.ruid };
	char real[PATH_MAX];
	const char *first = NULL;
	size_t i;

	*ownp = f->byexe && f->exe != NULL && !f->oldexe &&
	    ask_trust(as, &tr) == 0 && tr.out.trusted && tr.out.can_run &&
	    strcmp(f->exe, tr.out.real) == 0;
	if (*ownp)
		return f->exe;
	for (i = 0; paths[i] != NULL && first == NULL; i++)
		if (run_trusts(paths[i], f->row.ruid, real, sizeof(real)) &&
		    access(real, X_OK) == 0)
			first = paths[i];
	return first;
}

/*
 * Is its directory on a file system that may not answer? ssh would hang there.
 */
static int
is_out_of_reach(struct asking *as, const struct facts *f)
{
	struct resolved r;

	if (f->cwd == NULL || resolve_look(as->s->ctx->rs, f->cwd,
	    RESOLVE_FOLLOW, 0, &r) == 0 ||
	    (errno != ETIMEDOUT && errno != EREMOTE))
		return 0;
	as->notes |= NOTE_LATE;
	return 1;
}

/*
 * ssh reads the file of -F as it is now and runs its commands, so only trusted
 * users may be able to change that file. ssh itself checks the other files. 1:
 * trusted, with a name that leads to the file even if links change; NULL: no -F
 * file.
 */
static int
trusts_file(struct asking *as, const struct facts *f, const char **filep)
{
	struct arena *a = as->s->a;
	const char *file = f->cmd.configfile;
	struct trusting *tr;

	*filep = NULL;
	if (file == NULL || strcasecmp(file, "none") == 0 ||
	    strcmp(file, "/dev/null") == 0)
		return 1;
	if (*file != '/' &&
	    (file = arena_printf(a, "%s/%s", f->cwd, file)) == NULL)
		return -1;
	if ((tr = arena_alloc(a, sizeof(*tr))) == NULL)
		return -1;
	tr->file = file;
	tr->uid = f->row.ruid;
	if (ask_trust(as, tr) == -1) {
		as->notes |= NOTE_LATE;
		return 0;
	}
	/* The file is missing; ssh reports it. */
	if (!tr->out.is_there)
		return 1;
	if (!tr->out.trusted)
		as->notes |= NOTE_UNTRUSTED;
	*filep = tr->out.real;
	return tr->out.trusted;
}

static int
make_job(struct asking *as, struct question *q)
{
	struct arena *a = as->s->a;
	const struct facts *f = q->facts;
	struct run_job *job = &q->job;
	const struct passwd *pw;
	const char **words, *file;
	int trusted;

	if ((trusted = trusts_file(as, f, &file)) == -1)
		return -1;
	if (!trusted || is_out_of_reach(as, f)) {
		q->refused = 1;
		return 0;
	}
	job->path = find_ssh(as, f, &q->own_ssh);
	if ((pw = user_find(a, f->row.ruid)) == NULL && plat_failed(errno))
		return -1;
	if (job->path == NULL || pw == NULL) {
		as->notes |= NOTE_UNTRUSTED;
		q->refused = 1;
		return 0;
	}
	job->cwd = f->cwd;
	job->errors = 1;
	if (run_as(a, pw, job) == -1 || make_env(a, f, pw, &job->env) == -1 ||
	    config_argv(a, (const char *const *)f->argv, f->argc, &f->cmd,
	    file, &words) == -1)
		return -1;
	job->argv = words;
	return 0;
}

static struct question *
find_question(const struct asking *as, const struct facts *f)
{
	size_t i;

	for (i = 0; i < as->n; i++)
		if (same_question(as->q[i].facts, f))
			return &as->q[i];
	return NULL;
}

static int
collect(struct asking *as)
{
	struct scan *s = as->s;
	size_t i;

	for (i = 0; i < s->nfacts; i++) {
		if (!may_ask(s->facts[i]) || !sees_our_files(as, s->facts[i]) ||
		    find_question(as, s->facts[i]) != NULL)
			continue;
		as->q[as->n].facts = s->facts[i];
		if (make_job(as, &as->q[as->n]) == -1)
			return -1;
		as->n++;
	}
	return 0;
}

static int
ask(struct asking *as)
{
	struct run_job *jobs;
	size_t i, n = 0;
	int r;

	if ((jobs = calloc(as->n + 1, sizeof(*jobs))) == NULL)
		return -1;
	for (i = 0; i < as->n; i++)
		if (!as->q[i].refused)
			jobs[n++] = as->q[i].job;
	r = run_jobs(jobs, n, TIMEOUT);
	for (i = n = 0; r == 0 && i < as->n; i++)
		if (!as->q[i].refused)
			as->q[i].job = jobs[n++];
	free(jobs);
	return r;
}

/*
 * The time of the last change of the files that were read. It is the inode's
 * (ctime), which users cannot set as they can the mtime; a file that replaces
 * another one has a new ctime.
 */
static int64_t
last_change(struct resolver *rs, const struct config *cfg)
{
	struct resolved r;
	int64_t t, last = 0;
	size_t i;

	for (i = 0; i < cfg->nfiles; i++) {
		if (resolve_look(rs, cfg->files[i], RESOLVE_FOLLOW, 0,
		    &r) == -1 || r.st.st_mode == 0)
			return INT64_MAX;
		if (!S_ISREG(r.st.st_mode))
			continue;
		t = (int64_t)r.st.st_ctime * 1000000;
		last = t > last ? t : last;
	}
	return last;
}

/* Reads the answer; as->q owns the outputs until then. */
static int
read_answer(struct asking *as, struct question *q)
{
	struct config *cfg;
	const char *host = q->facts->cmd.host;
	int usable;

	if (q->refused)
		return 0;
	if (q->job.error != 0) {
		as->notes |= q->job.error == ETIMEDOUT ? NOTE_LATE :
		    NOTE_FAILED;
		return 0;
	}
	if ((cfg = arena_alloc(as->s->a, sizeof(*cfg))) == NULL ||
	    config_parse(as->s->a, q->job.out != NULL ? q->job.out : "",
	    q->job.len, cfg) == -1)
		return -1;
	/* Another host shows that this ssh parses the argv in another way. */
	usable = cfg->whole && (cfg->host == NULL || host == NULL ||
	    strcasecmp(cfg->host, host) == 0);
	if (!usable || cfg->unclear)
		as->notes |= NOTE_FAILED;
	if (usable) {
		q->answer = cfg;
		q->changed = last_change(as->s->ctx->rs, cfg);
	}
	return 0;
}

/*
 * Why the answer may differ from what the client read at its start, with a
 * note; NONE: it does not.
 */
static enum tun_why
doubt_answer(struct asking *as, const struct question *q, const struct facts *f)
{
	if (!q->own_ssh) {
		as->notes |= NOTE_OTHERSSH;
		return TUN_WHY_OTHERSSH;
	}
	if (f->row.start <= 0 || q->changed > f->row.start + START_SLACK) {
		as->notes |= NOTE_NEWER;
		return TUN_WHY_CONFIGNEW;
	}
	if (q->answer->ran) {
		as->notes |= NOTE_EXEC;
		return TUN_WHY_MATCHEXEC;
	}
	return TUN_WHY_NONE;
}

/* Gives the answer to the candidate if it is still the same process. */
static int
hand_out(struct scan *s, struct facts *f)
{
	const struct question *q;

	if (f->row.pid == 0) {
		s->vanished = 1;
		return 0;
	}
	if (!may_ask(f) || f->config_why != TUN_WHY_NONE ||
	    (q = find_question(s->asking, f)) == NULL)
		return 1;
	f->config_why = q->answer == NULL ? TUN_WHY_NOCONFIG :
	    doubt_answer(s->asking, q, f);
	if (f->config_why != TUN_WHY_NONE)
		return 1;
	f->config = q->answer;
	if (q->answer->unclear)		/* the rest of it is taken */
		f->config_why = TUN_WHY_NOCONFIG;
	return config_apply(s->a, &f->cmd, q->answer) == -1 ? -1 : 1;
}

static int
add_notes(const struct asking *as)
{
	size_t i;

	for (i = 0; i < NELEM(notes); i++)
		if (as->notes & notes[i].note &&
		    list_note(as->s->list, notes[i].text) == -1)
			return -1;
	return 0;
}

int
config_resolve(struct scan *s)
{
	struct asking *as;
	size_t i;
	int r;

	if (s->ctx->recorded || s->nfacts == 0)
		return 0;
	if ((as = arena_alloc(s->a, sizeof(*as))) == NULL)
		return -1;
	as->s = s;
	s->asking = as;
	as->q = arena_alloc(s->a, s->nfacts * sizeof(*as->q));
	if (as->q == NULL)
		return -1;
	if ((r = collect(as)) == 0 && as->n > 0)
		r = ask(as);
	for (i = 0; i < as->n; i++) {
		if (r == 0)
			r = read_answer(as, &as->q[i]);
		free(as->q[i].job.out);
		as->q[i].job.out = NULL;
	}
	if (r == 0 && as->n > 0)
		r = scan_each_pinned(s, hand_out);
	return r == 0 ? add_notes(as) : r;
}
