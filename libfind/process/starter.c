/* SPDX-License-Identifier: ISC */
/* starter.c: what a program that starts others was told to run, by its argv. */
#include <string.h>

#include "compat/base_name.h"
#include "process.h"

#define COMM_MAX	15	/* Linux cuts names there */

static const char *const shells[] = {
	"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "busybox",
	NULL
};

static int
is_listed(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(name, *list) == 0 ||
		    (strlen(*list) > COMM_MAX && strlen(name) == COMM_MAX &&
		    strncmp(name, *list, COMM_MAX) == 0))
			return 1;
	return 0;
}

const char *
starter_in(const char *comm, const char *const *argv, const char *const *list)
{
	const char *name;
	int i;

	if (is_listed(comm, list))
		return comm;
	if (strncmp(comm, "python", 6) != 0)
		return NULL;
	for (i = 0; argv != NULL && i < 2 && argv[i] != NULL; i++) {
		name = base_name(argv[i]);
		if (is_listed(name, list))
			return name;
	}
	return NULL;
}

/* The end of the shell word at s; blanks in quotes do not end it. */
static const char *
word_end(const char *s)
{
	char quote = 0;

	for (; *s != '\0'; s++) {
		if (quote == '\0' && strchr(" \t\n;&|()", *s) != NULL)
			break;
		if (*s == '\\' && quote != '\'' && s[1] != '\0')
			s++;
		else if (*s == quote)
			quote = '\0';
		else if (quote == '\0' && (*s == '\'' || *s == '"'))
			quote = *s;
	}
	return s;
}

static int
is_word(const char *s, size_t n, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == n && strncmp(s, *list, n) == 0)
			return 1;
	return 0;
}

/*
 * Is there a loop in these commands? This is no complete shell parser: it only
 * finds where a command may begin and looks for loop keywords there.
 */
static int
has_loop(const char *s)
{
	static const char *const heads[] = { "while", "until", "for", NULL };
	static const char *const ends[] = { "done", "end", NULL };
	static const char *const before[] = {
		"do", "then", "else", "if", "{", "!", "begin", NULL
	};
	const char *end;
	int command = 1, depth = 0;

	while (*s != '\0') {
		if (*s == ' ' || *s == '\t') {
			s++;
			continue;
		}
		if (strchr("\n;&|()", *s) != NULL) {
			command = 1;
			s++;
			continue;
		}
		end = word_end(s);
		if (command && depth > 0 && is_word(s, end - s, ends))
			return 1;
		if (command && is_word(s, end - s, heads))
			depth++;
		command = command && is_word(s, end - s, before);
		s = end;
	}
	return 0;
}

/*
 * What a shell runs: the commands of -c (*text is set), or the name of a file.
 * NULL: it is interactive.
 */
static const char *
shell_word(const char *const *argv, int *text)
{
	const char *word;

	*text = 0;
	if (argv == NULL || argv[0] == NULL)
		return NULL;
	if (strcmp(base_name(argv[0]), "busybox") == 0 &&
	    argv[1] != NULL)
		argv++;
	while ((word = *++argv) != NULL) {
		if ((*word != '-' && *word != '+') || word[1] == '\0')
			break;
		if (strcmp(word, "--") == 0)
			return argv[1];
		if (word[1] == '-') {
			if ((strcmp(word, "--rcfile") == 0 ||
			    strcmp(word, "--init-file") == 0) &&
			    argv[1] != NULL)
				argv++;
			continue;
		}
		if (*word == '-' && strchr(word, 'c') != NULL)
			*text = 1;
		if (strchr(word, 'o') != NULL && argv[1] != NULL)
			argv++;		/* -o pipefail */
	}
	return word;
}

static int
is_shell(const char *comm)
{
	return is_listed(comm, shells);
}

/* Is it sh -c, with a loop? */
static int
is_loop(const char *comm, const char *const *argv)
{
	const char *word;
	int text;

	return is_shell(comm) && (word = shell_word(argv, &text)) != NULL &&
	    text && has_loop(word);
}

/* daemon(8) of FreeBSD restarts its program only with -r or -R. */
static int
is_restarting_daemon(const char *comm, const char *const *argv)
{
	if (strcmp(comm, "daemon") != 0 || argv == NULL || argv[0] == NULL)
		return 0;
	while (*++argv != NULL && **argv == '-')
		if (strncmp(*argv, "--restart", 9) == 0 ||
		    ((*argv)[1] != '-' && strpbrk(*argv, "rR") != NULL))
			return 1;
	return 0;
}

const char *
starter_restarts(const char *comm, const char *const *argv)
{
	static const char *const supervisors[] = {
		"autossh", "runsv", "s6-supervise", "supervise",
		"supervise-daemon", "supervisord", "perpd", "dinit",
		"circusd", NULL
	};

	if (is_restarting_daemon(comm, argv))
		return "daemon";
	if (is_loop(comm, argv))
		return "shell loop";
	return starter_in(comm, argv, supervisors);
}

/* A script run by "#!" has the name of its file. */
int
starter_is_script(const char *comm, const char *const *argv)
{
	int text;

	if (argv == NULL || argv[0] == NULL ||
	    (!is_shell(comm) &&
	    !is_shell(base_name(argv[0]))))
		return 0;
	if (strcmp(base_name(argv[0]), "busybox") == 0 &&
	    (argv[1] == NULL || !is_listed(argv[1], shells)))
		return 0;
	return shell_word(argv, &text) != NULL;
}

/* su -c gets its command as one word. */
static int
is_told(const char *comm, const char *const *argv)
{
	if (strcmp(comm, "su") != 0 && strcmp(comm, "runuser") != 0)
		return 0;
	for (; *argv != NULL; argv++)
		if (strcmp(*argv, "-c") == 0 ||
		    strncmp(*argv, "--command", 9) == 0)
			return 1;
	return 0;
}

/* Do the last words of argv equal tail? */
int
starter_ends_in(const char *const *argv, const char *const *tail)
{
	size_t i, n = 0, ntail = 0;

	while (argv[n] != NULL)
		n++;
	while (tail[ntail] != NULL)
		ntail++;
	if (ntail == 0 || n <= ntail)
		return 0;
	for (i = 0; i < ntail; i++)
		if (strcmp(argv[n - ntail + i], tail[i]) != 0)
			return 0;
	return 1;
}

int
starter_is_wrapper(const char *comm, const char *const *argv,
    const char *const *child)
{
	if (argv == NULL)
		return 0;
	return strcmp(comm, "autossh") == 0 || starter_is_script(comm, argv) ||
	    is_told(comm, argv) ||
	    (child != NULL && starter_ends_in(argv, child));
}
