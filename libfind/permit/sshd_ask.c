/* SPDX-License-Identifier: ISC */
/*
 * Which sshd, and what it says of its settings.  The sshd that listens here is
 * found by its title, which begins with its command line:
 *
 *	sshd: /usr/sbin/sshd -D -f /etc/x [listener] 0 of 10-100 startups
 *
 * The words are joined by blanks there, so a value that contains " -x " cannot
 * be told from two options.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "permit.h"
#include "ssh/ssh.h"
#include "sshd_ask.h"

#define ASK_MS		10000
#define WORDS_FIXED	8	/* words of "sshd -T" but for its -o */
#define VALUE_OPTIONS	"CEbcfghkopu"	/* of sshd; these take a value */

/* --- the running sshd --------------------------------------------------------- */

static int
is_option(const char *word)
{
	return word[0] == '-' && isalpha((unsigned char)word[1]);
}

/* The words of text, which is changed, as an arena vector. */
static int
blank_split(struct arena *a, char *text, const char ***vp, size_t *np)
{
	const char **v = NULL;
	char *word, *rest;
	size_t n = 0;

	for (word = strtok_r(text, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest))
		if (arena_add_string(a, &v, &n, word) == -1)
			return -1;
	*vp = v;
	*np = n;
	return 0;
}

/* Keeps -f and -o; -p is a setting, too. */
static int
keep_option(struct sshd_ask *ask, char letter, const char *value)
{
	char *text;

	if (letter == 'f')
		return (ask->file = arena_strdup(ask->a, value)) == NULL ?
		    -1 : 0;
	if (letter != 'o' && letter != 'p')
		return 0;
	text = letter == 'o' ? arena_strdup(ask->a, value) :
	    arena_printf(ask->a, "Port=%s", value);
	return text == NULL ? -1 : sshd_ask_option(ask, text);
}

/*
 * Reads the command line in the title.  A value goes on up to the next word that
 * is an option.
 */
static int
read_title(struct sshd_ask *ask, const char *title, size_t len)
{
	const char **words, *value, *p;
	char *text = arena_strndup(ask->a, title, len);
	size_t i, n;

	if (text == NULL || blank_split(ask->a, text, &words, &n) == -1)
		return -1;
	for (i = 1; i < n; i++) {
		if (!is_option(words[i]))
			continue;
		p = strpbrk(words[i] + 1, VALUE_OPTIONS);
		if (p == NULL)
			continue;
		value = p[1] != '\0' ? p + 1 : NULL;
		while (i + 1 < n && !is_option(words[i + 1])) {
			i++;
			value = value == NULL ? words[i] : arena_printf(ask->a,
			    "%s %s", value, words[i]);
			if (value == NULL)
				return -1;
		}
		if (value != NULL && keep_option(ask, *p, value) == -1)
			return -1;
	}
	return 0;
}

/* "sshd: PROGRAM ... [listener] ..."; NULL: it is no such title. */
static const char *
listener_words(const char *title, size_t *lenp)
{
	static const char head[] = "sshd: ", tail[] = " [listener] ";
	const char *end;

	if (strncmp(title, head, sizeof(head) - 1) != 0 ||
	    (end = strstr(title, tail)) == NULL)
		return NULL;
	title += sizeof(head) - 1;
	*lenp = (size_t)(end - title);
	return title;
}

static int
read_listener(struct sshd_ask *ask, struct plat *pl,
    const struct plat_proc *row)
{
	struct plat_origin from;
	char *buf, exe[PATH_MAX];
	const char *words;
	size_t len;
	ssize_t n;
	int gone, r = 0;

	if (row->pid == 0 || row->uid != 0 ||
	    (ask->pid > 0 && row->pid != ask->pid) ||
	    plat_args(pl, row, &buf, &len) == -1)
		return plat_failed(errno) ? -1 : 0;
	words = len > 0 ? listener_words(buf, &len) : NULL;
	if (words != NULL && plat_origin(pl, row, &from) == 0 &&
	    from.nslevel > 0)
		ask->elsewhere++;
	else if (words != NULL && ++ask->listeners == 1) {
		n = plat_where(pl, row, PLAT_EXE, exe, sizeof(exe), &gone);
		if (n > 0 && !gone && ask->program == NULL &&
		    (ask->program = arena_strdup(ask->a, exe)) == NULL)
			r = -1;
		if (r == 0 && !ask->given) {
			ask->started = row->start / 1000000;
			r = read_title(ask, words, len);
		}
	}
	free(buf);
	return r;
}

static int
find_listeners(struct sshd_ask *ask, struct plat *pl)
{
	struct plat_proc rows[PLAT_BATCH];
	struct plat_name name;
	size_t i, n;
	int r = 1;

	if (plat_scan(pl, 0) == -1)
		return -1;
	do {
		memset(rows, 0, sizeof(rows));
		for (n = 0; n < PLAT_BATCH && (r = plat_next(pl, &name)) == 1;)
			if (strncmp(name.name, "sshd", 4) == 0)
				rows[n++].pid = name.pid;
		if (r == -1 || plat_rows(pl, rows, n) == -1)
			return -1;
		for (i = 0; i < n; i++)
			if (read_listener(ask, pl, &rows[i]) == -1)
				return -1;
	} while (r == 1);
	return 0;
}

static int
fail(struct sshd_ask *ask, int error, const char *text)
{
	ask->error = text;
	errno = error;
	return -1;
}

int
sshd_ask_find(struct sshd_ask *ask, struct plat *pl)
{
	int named = ask->program != NULL;

	if (find_listeners(ask, pl) == -1)
		return -1;
	if (ask->listeners > 1 && !named && !ask->given)
		return fail(ask, EINVAL, "several sshd listen here: say which "
		    "by its PID, or by its program and configuration file");
	if (ask->file != NULL && ask->file[0] != '/' && !ask->given)
		return fail(ask, EINVAL, "that sshd was started with a "
		    "relative -f: say which file it is");
	if (ask->program == NULL)
		return fail(ask, ESRCH, ask->pid > 0 ?
		    "that process is no sshd that listens here" :
		    ask->elsewhere > 0 ? "sshd runs only in containers: ask "
		    "there" : "no sshd listens here: say which program to "
		    "ask");
	return 0;
}

int
sshd_ask_option(struct sshd_ask *ask, const char *option)
{
	return arena_add_string(ask->a, &ask->options, &ask->noptions, option);
}

/* --- asking it ---------------------------------------------------------------- */

static void
add_words(const struct sshd_ask *ask, const char *who, const char **argv)
{
	size_t i, n = 0;

	argv[n++] = ask->program;
	argv[n++] = "-T";
	argv[n++] = "-ddd";
	if (ask->file != NULL) {
		argv[n++] = "-f";
		argv[n++] = ask->file;
	}
	for (i = 0; i < ask->noptions; i++) {
		argv[n++] = "-o";
		argv[n++] = ask->options[i];
	}
	argv[n++] = "-C";
	argv[n++] = who;
	argv[n] = NULL;
}

/* A comma or blank in a name would begin another key of -C. */
static int
is_plain(const char *s)
{
	return *s != '\0' && strpbrk(s, ", \t\n=") == NULL;
}

static int
make_job(const struct sshd_ask *ask, const char *user, struct run_job *job)
{
	static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	    "LC_ALL=C", NULL };
	const char **argv, *who;

	argv = arena_alloc(ask->a, (WORDS_FIXED + 2 * ask->noptions) *
	    sizeof(*argv));
	/* Where the kernel has none, the routing domain is "". */
	who = arena_printf(ask->a, "user=%s,host=%s,addr=%s,laddr=%s,"
	    "lport=%d,rdomain=%s", user, ask->host, ask->addr, ask->laddr,
	    ask->lport != 0 ? ask->lport : SSH_PORT,
	    ask->rdomain != NULL ? ask->rdomain : "");
	if (argv == NULL || who == NULL)
		return -1;
	memset(job, 0, sizeof(*job));
	job->path = ask->program;
	job->argv = argv;
	job->env = env;
	job->cwd = "/";
	job->errors = 1;
	add_words(ask, who, argv);
	return 0;
}

/*
 * Of sshd that exits with 0, each keyword has a value.  Where the exit status is
 * lost (run_jobs()), or the output is, one that is missing is no default.  Not
 * so of authorizedkeysfile, which sshd of 10.3 and later leaves out for "none".
 */
static const char *
missing_keyword(const struct sshd_settings *s)
{
	static const char *const keywords[] = { "allowstreamlocalforwarding",
	    "allowtcpforwarding", "authenticationmethods", "chrootdirectory",
	    "disableforwarding", "forcecommand", "gatewayports",
	    "kbdinteractiveauthentication", "maxsessions",
	    "passwordauthentication", "permitlisten", "permitopen",
	    "permitrootlogin", "permittty", "permittunnel",
	    "pubkeyauthentication", "usedns" };
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (sshd_value(s, keywords[i]) == NULL)
			return keywords[i];
	return NULL;
}

/* Reads what the job has printed; -1: why is in ask->error, or ENOMEM. */
static int
take_settings(struct sshd_ask *ask, const struct run_job *job,
    struct sshd_settings *s)
{
	const char *keyword;

	if (sshd_settings_read(ask->a, job->out != NULL ? job->out : "",
	    s) == -1)
		return -1;
	s->options = ask->options;
	s->noptions = ask->noptions;
	/* ECHILD is an exit status. */
	if (job->error != 0)
		return fail(ask, job->error, s->error != NULL ? s->error :
		    job->error == ECHILD ? "sshd -T fails and says no reason" :
		    strerror(job->error));
	if ((keyword = missing_keyword(s)) == NULL)
		return 0;
	return fail(ask, EPROTO, s->error != NULL ? s->error :
	    arena_printf(ask->a, "sshd -T does not say %s", keyword));
}

int
sshd_ask_users(struct sshd_ask *ask, const char *const *users, size_t n,
    struct sshd_settings *v)
{
	char real[PATH_MAX];
	struct run_job *jobs;
	size_t i;
	int r = -1;

	if (!run_trusts(ask->program, 0, real, sizeof(real)))
		return fail(ask, EPERM, "others than root can replace that "
		    "sshd: it is not run");
	if ((jobs = calloc(n + 1, sizeof(*jobs))) == NULL)
		return -1;
	for (i = 0; i < n; i++)
		if (!is_plain(users[i])) {
			free(jobs);
			return fail(ask, EINVAL, "a user name with a comma or "
			    "blank cannot be asked about");
		} else if (make_job(ask, users[i], &jobs[i]) == -1)
			goto out;
	if (run_jobs(jobs, n, ASK_MS) == -1)
		goto out;
	for (i = 0; i < n; i++)
		if (take_settings(ask, &jobs[i], &v[i]) == -1)
			goto out;
	r = 0;
out:
	for (i = 0; i < n; i++)
		free(jobs[i].out);
	free(jobs);
	return r;
}
