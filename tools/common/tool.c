/* SPDX-License-Identifier: ISC */
/*
 * Shared by the tun tools: exit statuses, messages, input and output of words.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"

/*
 * The next file to be opened would replace a standard descriptor that the
 * caller has closed.  After this call, using such a descriptor fails with EBADF
 * as before.
 */
static void
keep_closed(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY :
		    O_RDONLY) == -1)
			tool_fail("/dev/null: %s", strerror(errno));
	}
}

void
tool_start(void)
{
	keep_closed();
	/*
	 * Characters only: numbers and dates look the same in all locales.
	 * SIGPIPE is reset, because a parent that ignores it would make us
	 * report an error where other tools just end.
	 */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_DFL);
}

/* A failure is ignored: confinement is an extra protection. */
void
tool_confine(void)
{
	if (geteuid() == 0)
		(void)confine();
}

int
tool_end(int status)
{
	int failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == EOF || failed) {
		if (errno == EPIPE)
			return TOOL_ERROR;
		tool_fail("standard output: %s",
		    strerror(errno != 0 ? errno : EIO));
	}
	return status;
}

int
tool_status(size_t done, size_t none, size_t failed)
{
	if (done > 0)
		return none + failed > 0 ? TOOL_SOME : TOOL_MATCH;
	return failed > 0 ? TOOL_ERROR : TOOL_NONE;
}

int
tool_answer(void)
{
	char line[64];

	fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y');
}

static void *
checked(void *p)
{
	if (p == NULL) {
		/* Not tool_fail(), because that allocates. */
		fprintf(stderr, "%s: %s\n", getprogname(), strerror(ENOMEM));
		exit(TOOL_ERROR);
	}
	return p;
}

void *
tool_xcalloc(size_t n, size_t size)
{
	return checked(calloc(n > 0 ? n : 1, size));
}

void *
tool_xreallocarray(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n > 0 ? n : 1, size));
}

char *
tool_xstrdup(const char *s)
{
	return checked(strdup(s));
}

/* vasprintf(3); glibc declares it only with _GNU_SOURCE. */
static char *
xvasprintf(const char *fmt, va_list ap)
{
	va_list again;
	char *s;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return checked(NULL);
	s = tool_xcalloc((size_t)n + 1, 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	return s;
}

char *
tool_xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void
tool_vwarn(const char *fmt, va_list ap)
{
	char *line = xvasprintf(fmt, ap);
	char *text = tool_vis(line);

	fprintf(stderr, "%s: %s\n", getprogname(), text);
	free(text);
	free(line);
}

void
tool_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tool_vwarn(fmt, ap);
	va_end(ap);
}

void
tool_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tool_vwarn(fmt, ap);
	va_end(ap);
	exit(TOOL_USAGE);
}

void
tool_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tool_vwarn(fmt, ap);
	va_end(ap);
	exit(TOOL_ERROR);
}

void
tool_bad_word(const char *word, const char *errstr)
{
	if (errno == ENOMEM)
		tool_fail("%s", strerror(errno));
	tool_usage("%s: %s", *word != '\0' ? word : "\"\"", errstr);
}

char **
tool_split(const char *option, const char *list)
{
	const char *p;
	char **words, *copy;
	size_t i, n = 1, size = strlen(list) + 1;

	for (p = list; *p != '\0'; p++)
		n += *p == ',';
	words = tool_xcalloc(1, (n + 1) * sizeof(*words) + size);
	copy = memcpy(words + n + 1, list, size);
	for (i = 0; i < n; i++) {
		words[i] = strsep(&copy, ",");
		if (*words[i] == '\0')
			tool_usage("%s: empty word in \"%s\"", option, list);
	}
	return words;
}

int
tool_same_words(const char *const *a, const char *const *b)
{
	for (; *a != NULL && *b != NULL; a++, b++) {
		if (strcmp(*a, *b) != 0)
			return 0;
	}
	return *a == *b;
}

#define WORD_MAX_LEN 32		/* longer than any name in the tools */

/*
 * The number of edits that turn a into b, which is in lower case: a letter
 * added, removed, replaced, or two swapped (Damerau, 1964).
 */
static unsigned
distance(const char *a, const char *b)
{
	unsigned d[WORD_MAX_LEN + 1][WORD_MAX_LEN + 1], x;
	size_t i, j, la = strlen(a), lb = strlen(b);

	if (la > WORD_MAX_LEN || lb > WORD_MAX_LEN)
		return UINT_MAX;
	for (i = 0; i <= la; i++)
		d[i][0] = (unsigned)i;
	for (j = 0; j <= lb; j++)
		d[0][j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		for (j = 1; j <= lb; j++) {
			x = d[i - 1][j - 1] +
			    (tolower((unsigned char)a[i - 1]) != b[j - 1]);
			if (x > d[i - 1][j] + 1)
				x = d[i - 1][j] + 1;
			if (x > d[i][j - 1] + 1)
				x = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && x > d[i - 2][j - 2] + 1)
				x = d[i - 2][j - 2] + 1;
			d[i][j] = x;
		}
	}
	return d[la][lb];
}

const char *
tool_nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	unsigned x, least;

	/*
	 * One edit in three letters is a typing error; more means another word.
	 */
	least = (unsigned)(strlen(word) + 5) / 3;
	for (; *names != NULL; names++) {
		x = distance(word, *names);
		if (x < least) {
			least = x;
			best = *names;
		}
	}
	return best;
}

/* Reads a number of at most nine digits; -1 if there is none. */
static long
digits(const char **sp)
{
	const char *s = *sp;
	long n = 0;

	while (isdigit((unsigned char)*s) && s - *sp < 10)
		n = n * 10 + (*s++ - '0');
	if (s == *sp || s - *sp == 10)
		return -1;
	*sp = s;
	return n;
}

/* [[days-]hours:]minutes:seconds, the etime of ps(1). */
static int64_t
etime(const char *s)
{
	int64_t sum = 0;
	long n, most = 1000000000;
	int days = 0, fields = 0;

	if (strchr(s, '-') != NULL) {
		if ((sum = digits(&s)) == -1 || *s++ != '-')
			return -1;
		days = 1;
		most = 24;
	}
	for (;;) {
		if ((n = digits(&s)) == -1 || n >= most)
			return -1;
		sum = sum * (fields == 0 && days ? 24 : 60) + n;
		fields++;
		most = 60;
		if (*s == '\0')
			break;
		if (*s++ != ':')
			return -1;
	}
	if (fields > 3 || fields < 2 || (days && fields != 3))
		return -1;
	return sum;
}

int64_t
tool_duration(const char *s, const char **errstr)
{
	static const char units[] = "wdhms";
	static const int64_t size[] = { 604800, 86400, 3600, 60, 1 };
	const char *unit, *next = units;
	int64_t sum = 0;
	long n;

	*errstr = "not a time such as 90s, 2h or 1d12h";
	if (strpbrk(s, "-:") != NULL) {
		if ((sum = etime(s)) == -1)
			return -1;
		*errstr = NULL;
		return sum;
	}
	do {
		if ((n = digits(&s)) == -1)
			return -1;
		if (*s == '\0' && next == units) {
			sum = n;
			break;
		}
		/* Units must get smaller: 2h1d is an error. */
		if (*s == '\0' || (unit = strchr(next, *s)) == NULL)
			return -1;
		sum += n * size[unit - units];
		next = unit + 1;
		s++;
	} while (*s != '\0');
	*errstr = NULL;
	return sum;
}

/* Reads the digits after the dot, as milliseconds; -1 if there are none. */
static int64_t
fraction(const char *s)
{
	int64_t n = 0, scale;

	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return -1;
	for (scale = 100; *s != '\0'; s++, scale /= 10)
		n += (*s - '0') * scale;
	return n;
}

int64_t
tool_ms(const char *option, const char *arg, int64_t least, int64_t most)
{
	const char *dot = strchr(arg, '.'), *errstr;
	char *whole = tool_xstrdup(arg);
	int64_t ms, part = 0;

	if (dot != NULL) {
		whole[dot - arg] = '\0';
		part = fraction(dot + 1);
	}
	ms = tool_duration(whole, &errstr);
	/* Only a plain number of seconds may have a fraction. */
	if (dot != NULL && (part == -1 ||
	    whole[strspn(whole, "0123456789")] != '\0'))
		errstr = "not a time such as 0.5, 90s or 1d12h";
	free(whole);
	if (errstr != NULL)
		tool_usage("%s: %s is %s", option, arg, errstr);
	ms = ms * 1000 + part;
	if (ms < least)
		tool_usage("%s: %s is too short a time", option, arg);
	if (ms > most)
		tool_usage("%s: %s is too long a time", option, arg);
	return ms;
}

/* One unit is enough; only days are so long that hours are shown too. */
void
tool_age(int64_t t, char *buf, size_t len)
{
	long long s = t;

	if (s < 60)
		snprintf(buf, len, "%llds", s);
	else if (s < 3600)
		snprintf(buf, len, "%lldm", s / 60);
	else if (s < 86400)
		snprintf(buf, len, "%lldh", s / 3600);
	else if (s % 86400 < 3600)
		snprintf(buf, len, "%lldd", s / 86400);
	else
		snprintf(buf, len, "%lldd%02lldh", s / 86400,
		    s % 86400 / 3600);
}

const char *
tool_state(enum tun_state state)
{
	return state == TUN_UNKNOWN ? "unknown" : tun_state_name(state);
}

/* Caches the names of users: a list of tunnels has few users and many rows. */
const char *
tool_user(uid_t uid)
{
	static struct {
		uid_t uid;
		char *name;
	} *users;
	static size_t nusers;
	const struct passwd *pw;
	size_t i;

	for (i = 0; i < nusers; i++) {
		if (users[i].uid == uid)
			return users[i].name;
	}
	users = tool_xreallocarray(users, nusers + 1, sizeof(*users));
	users[nusers].uid = uid;
	if ((pw = getpwuid(uid)) != NULL)
		users[nusers].name = tool_xstrdup(pw->pw_name);
	else
		users[nusers].name = tool_xasprintf("%lu", (unsigned long)uid);
	return users[nusers++].name;
}

int
tool_uid(const char *name, uid_t *uidp)
{
	const struct passwd *pw;
	const char *errstr;
	long long n;

	if ((pw = getpwnam(name)) != NULL) {
		*uidp = pw->pw_uid;
		return 0;
	}
	n = strtonum(name, 0, UINT_MAX - 1, &errstr);
	if (errstr != NULL)
		return -1;
	*uidp = (uid_t)n;
	return 0;
}

char *
tool_vis(const char *s)
{
	char *text, *p;
	uint32_t cp;
	size_t n;
	int utf8 = tool_is_utf8();

	p = text = tool_xcalloc(strlen(s) + 1, 4);
	while (*s != '\0') {
		n = (unsigned char)*s >= 0x80 && utf8 ? tool_utf8(s, &cp) : 0;
		if (n > 0 && tool_columns(cp) > 0) {
			memcpy(p, s, n);
			p += n;
			s += n;
		} else {
			strvisx(p, s++, 1, VIS_OCTAL | VIS_NL | VIS_TAB |
			    VIS_NOLOCALE);
			/*
			 * checked() ends the tool without memory, so no byte is
			 * lost.
			 */
			(void)checked(*p == '\0' ? NULL : p);
			p += strlen(p);
		}
	}
	return text;
}

char *
tool_raw(const char *s)
{
	char *text, *p;

	p = text = tool_xcalloc(strlen(s) + 1, 4);
	for (; *s != '\0'; s++) {
		if (*s > ' ' && *s < 0x7f && *s != '\\')
			*p++ = *s;
		else
			p += snprintf(p, 5, "\\%03o", (unsigned char)*s);
	}
	*p = '\0';
	return text;
}

int
tool_has_peer(const struct tun_peer *const *v, size_t n, pid_t pid)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i]->pid == pid)
			return 1;
	}
	return 0;
}

int
tool_same_process(const struct tun *a, const struct tun *b)
{
	return a->pid == b->pid &&
	    memcmp(a->ident, b->ident, sizeof(a->ident)) == 0;
}

const struct tun *
tool_find_process(const struct tun_list *list, const struct tun *t)
{
	const struct tun *found = NULL;

	while ((found = tun_next(list, found)) != NULL) {
		if (tool_same_process(found, t))
			break;
	}
	return found;
}

int
tool_same_file(struct tun_ctx *ctx, const char *a, const char *b)
{
	struct tun_look x, y;

	return strcmp(a, b) == 0 ||
	    (tun_look(ctx, a, 1, &x) == 0 && tun_look(ctx, b, 1, &y) == 0 &&
	    x.dev == y.dev && x.ino == y.ino);
}

int
tool_sees_itself(struct tun_ctx *ctx)
{
	int sees = tun_sees_itself(ctx);

	if (sees == -1)
		tool_fail("cannot look: %s", strerror(errno));
	return sees;
}
