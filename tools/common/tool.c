/* SPDX-License-Identifier: ISC */
/*
 * Shared by the tun tools: exit statuses, messages, input and output of words.
 */

#include <sys/types.h>
#include <sys/ioctl.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
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

size_t
tool_terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS"), *errstr;
	struct winsize ws;
	long long n;

	if (!isatty(fd))
		return 0;
	if (columns != NULL) {
		n = strtonum(columns, 1, 10000, &errstr);
		if (errstr == NULL)
			return (size_t)n;
	}
	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return ws.ws_col;
	return 80;
}

/* Of messages; known before pledge(2) forbids to ask. */
static size_t message_width;

int
tool_on_terminal(void)
{
	return message_width > 0;
}

void
tool_start(void)
{
	sigset_t child;

	keep_closed();
	message_width = tool_terminal_width(STDERR_FILENO);
	/*
	 * Characters only: numbers and dates look the same in all locales.
	 * SIGPIPE is reset, because a parent that ignores it would make us
	 * report an error where other tools just end; and SIGCHLD, because the
	 * kernel would keep the exit status of our children from us, or, where
	 * it is blocked, that one has ended.
	 */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
}

/* A failure is ignored: confinement is an extra protection. */
void
tool_confine(void)
{
	if (geteuid() == 0)
		(void)confine();
}

int
tool_flush(void)
{
	int failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) != EOF && !failed)
		return 0;
	return errno != 0 ? errno : EIO;
}

int
tool_end(int status)
{
	int error = tool_flush();

	if (error == EPIPE)
		return TOOL_ERROR;
	if (error != 0)
		tool_fail("standard output: %s", strerror(error));
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
	int first, c;

	fflush(stdout);
	/* All of the line: its rest must not answer the next question. */
	for (first = c = getchar(); c != '\n' && c != EOF;)
		c = getchar();
	return first == 'y' || first == 'Y';
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
	char *message = xvasprintf(fmt, ap);
	char *line = tool_xasprintf("%s: %s", getprogname(), message);
	char *text = tool_vis(line);

	tool_fold(stderr, message_width, text);
	free(text);
	free(line);
	free(message);
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

const char *
tool_state(enum tun_state state)
{
	return state == TUN_UNKNOWN ? "unknown" : tun_state_name(state);
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
		/* Nearly all text is this, and strvisx(3) allocates memory. */
		if (*s >= ' ' && *s < 0x7f && *s != '\\') {
			*p++ = *s++;
			continue;
		}
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

/* RFC 4648, section 4. */
char *
tool_base64(const char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, j, len = strlen(s);
	uint32_t bits;
	char *text, *p;

	p = text = tool_xcalloc(len / 3 + 2, 4);
	for (i = 0; i < len; i += 3) {
		bits = 0;
		for (j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < len ?
			    (unsigned char)s[i + j] : 0);
		for (j = 0; j < 4; j++)
			*p++ = i + j > len ? '=' :
			    digits[bits >> (18 - 6 * j) & 0x3f];
	}
	return text;
}
