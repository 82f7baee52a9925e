/* SPDX-License-Identifier: ISC */
/* What is made of a tool's table of options. */

#include <sys/types.h>

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/out.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"

/* The screen of --help. */
#define WIDTH	79
#define MARGIN	8		/* for the headings */
#define NAMES	16		/* for names, if each option has its line */
#define MANY	24		/* rows, of which several share a line */

/* What getopt_long(3) returns for the long option of a row. */
#define LONG_VALUE(o, row)	(0x10000 + (int)((row) - (o)->rows))

/* Is there another row?  The last has nothing. */
static int
is_row(const struct option_row *row)
{
	return row->c != 0 || row->help != NULL;
}

static int
has_letter(const struct option_row *row)
{
	return row->c > 0 && row->c <= CHAR_MAX;
}

static int
has_arg(const struct option_row *row)
{
	if (row->arg == NULL)
		return no_argument;
	return row->arg[0] == '[' && row->arg[strlen(row->arg) - 1] == ']' ?
	    optional_argument : required_argument;
}

/* --- getopt_long(3) ------------------------------------------------------- */

static size_t
count(const struct option_row *rows)
{
	size_t n = 0;

	while (is_row(&rows[n]))
		n++;
	return n;
}

/* ":ab:c::" */
static char *
make_letters(const struct options *o)
{
	const struct option_row *row;
	char *letters = tool_xcalloc(count(o->rows) + 1, sizeof("a::"));
	char *p = letters;
	int i;

	*p++ = ':';
	for (row = o->rows; is_row(row); row++) {
		if (!has_letter(row))
			continue;
		*p++ = (char)row->c;
		for (i = has_arg(row); i > no_argument; i--)
			*p++ = ':';
	}
	return letters;
}

static struct option *
make_longs(const struct options *o)
{
	const struct option_row *row;
	struct option *longs = tool_xcalloc(count(o->rows) + 1, sizeof(*longs));
	size_t n = 0;

	for (row = o->rows; is_row(row); row++) {
		if (row->name == NULL)
			continue;
		longs[n].name = row->name;
		longs[n].has_arg = has_arg(row);
		longs[n++].val = LONG_VALUE(o, row);
	}
	return longs;
}

/* An abbreviation that several options begin with. */
static void
check_ambiguous(const struct options *o, const char *name)
{
	const struct option_row *row;
	char *list = NULL;
	size_t n = 0;

	for (row = o->rows; is_row(row); row++) {
		if (row->name == NULL ||
		    strncmp(row->name, name, strlen(name)) != 0)
			continue;
		list = cell_join(list, ", ", tool_xasprintf("--%s",
		    row->name));
		n++;
	}
	if (n > 1)
		tool_usage("--%s: ambiguous: %s", name, list);
	free(list);
}

/* Reports what is wrong with the option at which getopt_long(3) stopped. */
static void TOOL_NORETURN
bad_option(const struct options *o, int c, char *const *argv)
{
	const char **names, *word = argv[optind - 1], *like;
	const struct option_row *row;
	char *name;
	size_t n = 0;

	if (optopt > ' ' && optopt <= CHAR_MAX)
		tool_usage(c == ':' ? "-%c: needs a value" :
		    "-%c: no such option", optopt);
	if (c == ':')
		tool_usage("%s: needs a value", word);
	if (strchr(word, '=') != NULL && optopt != 0)
		tool_usage("%s: takes no value", word);
	names = tool_xcalloc(count(o->rows) + 1, sizeof(*names));
	for (row = o->rows; is_row(row); row++)
		if (row->name != NULL)
			names[n++] = row->name;
	name = tool_xstrdup(word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	check_ambiguous(o, name);
	if ((like = tool_nearest(name, names)) != NULL)
		tool_usage("--%s: no such option; did you mean --%s?", name,
		    like);
	tool_usage("--%s: no such option", name);
}

/* --- what is shown -------------------------------------------------------- */

/* "-n, --dry-run" */
static char *
spelling(const struct option_row *row, const char *between)
{
	char letter[] = { '-', (char)row->c, '\0' };

	if (!has_letter(row))
		return tool_xasprintf("--%s", row->name);
	if (row->name == NULL)
		return tool_xstrdup(letter);
	return tool_xasprintf("%s%s--%s", letter, between, row->name);
}

/* "-S SOCKET", "--watch[=TIME]", "--help [columns|states]" */
static char *
with_arg(const struct option_row *row)
{
	char *name = spelling(row, ", "), *text, *p;
	const char *arg = row->arg;

	if (arg == NULL ? row->values == NULL : strcmp(arg, "[]") == 0)
		return name;
	if (arg == NULL) {
		text = tool_xasprintf("%s [%s]", name, row->values);
		for (p = text + strlen(name) + 1; *p != '\0'; p++)
			if (*p == ' ')
				*p = '|';
	} else if (has_arg(row) == required_argument)
		text = tool_xasprintf("%s %s", name, arg);
	else
		text = tool_xasprintf("%s[%s%s", name,
		    row->name != NULL ? "=" : "", arg + 1);
	free(name);
	return text;
}

/* "tunps --list-columns | --help | -V" */
static void
put_alone(const struct option_row *row)
{
	const char *before = " ";
	char *text;

	printf("       %s", getprogname());
	for (; row->c != 0; row++) {
		text = with_arg(row);
		printf("%s%s", before, text);
		before = " | ";
		free(text);
	}
	putchar('\n');
}

/*
 * A line with one of the options that are not done, or if there are many, with
 * as many as fit.  Returns how many are left.
 */
static size_t
put_line(const struct option_row *row, char *done, int many)
{
	size_t at = 0, left = 0;
	char *name, *text;

	for (; row->c != 0; row++, done++) {
		if (*done)
			continue;
		name = with_arg(row);
		text = tool_xasprintf("%s%-*s %s", at > 0 ? "  " : "",
		    many ? 0 : NAMES, name, row->help);
		*done = at == 0 ||
		    (many && at + strlen(text) <= WIDTH - MARGIN);
		if (*done)
			at += (size_t)printf("%s", text);
		else
			left++;
		free(text);
		free(name);
	}
	putchar('\n');
	return left;
}

/* The options of a heading, in lines beside it. */
static void
put_group(const struct option_row *group, int many)
{
	char *done = tool_xcalloc(count(group + 1), 1), *name;

	name = tool_xasprintf("%s:", group->help);
	do {
		printf("%-*s", MARGIN, name);
		*name = '\0';
	} while (put_line(group + 1, done, many) > 0);
	free(name);
	free(done);
}

static void
help(const struct options *o)
{
	const struct option_row *row;
	int many = count(o->rows) > MANY;

	fputs(o->usage, stdout);
	for (row = o->rows; is_row(row); row++)
		if (row->c == 0 && strcmp(row->help, OPTION_ALONE) == 0)
			put_alone(row + 1);
	/* Without the blank line, many options and the prompt fit. */
	printf("%s%s", o->about, many ? "" : "\n");
	for (row = o->rows; is_row(row); row++)
		if (row->c == 0 && *row->help != '\0' &&
		    strcmp(row->help, OPTION_ALONE) != 0)
			put_group(row, many);
}

/* A line of each for completion, with tabs between its fields. */
static void
list(const struct options *o)
{
	const struct option_row *row;
	const char *group = "", *values;
	char *name;
	int s;

	for (row = o->rows; is_row(row); row++) {
		if (row->c == 0)
			group = row->help;
		if (row->c == 0 || *group == '\0')
			continue;
		name = spelling(row, " ");
		values = row->values != NULL ? row->values : "";
		printf("%s\t%s\t%s\t%s\t", group, name, row->help,
		    row->arg != NULL ? row->arg : "");
		free(name);
		if (strcmp(values, "@state") != 0) {
			puts(values);
			continue;
		}
		for (s = 0; s < TUN_NSTATES; s++)
			printf("%s%s", s > 0 ? " " : "",
			    tool_state((enum tun_state)s));
		putchar('\n');
	}
}

/* --- what the tools call -------------------------------------------------- */

int
options_next(const struct options *o, int argc, char **argv)
{
	static char *letters;
	static struct option *longs;
	int c;

	if (letters == NULL) {
		letters = make_letters(o);
		longs = make_longs(o);
		opterr = 0;
	}
	c = getopt_long(argc, argv, letters, longs, NULL);
	if (c >= LONG_VALUE(o, o->rows))
		c = o->rows[c - LONG_VALUE(o, o->rows)].c;
	switch (c) {
	case ':':
	case '?':
		bad_option(o, c, argv);
	case OPTION_HELP:
		if (o->topic != NULL && argv[optind] != NULL)
			o->topic(argv[optind]);
		else
			help(o);
		break;
	case OPTION_LIST:
		list(o);
		break;
	case 'V':
		printf("%s %s\n", getprogname(), VERSION);
		break;
	default:
		return c;
	}
	exit(tool_end(TOOL_MATCH));
}

static int
long_takes_next(const struct options *o, const char *name)
{
	const struct option_row *row;
	int takes = 0;

	for (row = o->rows; is_row(row); row++) {
		if (row->name == NULL ||
		    strncmp(row->name, name, strlen(name)) != 0)
			continue;
		takes = has_arg(row) == required_argument;
		if (strcmp(row->name, name) == 0)
			break;
	}
	return takes;
}

int
options_take_next(const struct options *o, const char *word)
{
	const struct option_row *row;

	if (word[0] != '-')
		return 0;
	if (word[1] == '-')
		return long_takes_next(o, word + 2);
	while (*++word != '\0') {
		for (row = o->rows; is_row(row) && row->c != *word; row++)
			;
		if (!is_row(row))
			return -1;
		if (has_arg(row) != no_argument)
			return has_arg(row) == required_argument &&
			    word[1] == '\0';
	}
	return 0;
}
