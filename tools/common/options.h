/* SPDX-License-Identifier: ISC */
/*
 * The options of a tool as one table, from which getopt_long(3), --help and the
 * completions of the shells take them.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

/*
 * An option, or a heading for those that follow; what follows an empty heading
 * is shown nowhere.  For its value, completion offers the words in values, or
 * what "@kind" stands for in completions/; ARG,... is a list, [ARG] may be left
 * out, and [] is an error of which the tool says more.  Without arg, the words
 * in values are operands that may follow.
 */
struct option_row {
	int c;			/* its letter, or a number above all letters */
	const char *name;	/* the long one, or NULL */
	const char *arg;	/* as --help shows it, or NULL */
	const char *values;
	const char *help;
};

#define OPTION_GROUP(name)	{ 0, NULL, NULL, NULL, name }
#define OPTION_ONE_OF		"one of"	/* they exclude each other */
#define OPTION_ALONE		"alone"		/* and these all others */

/*
 * The last rows of each table; options_next() takes these options.  topics are
 * the words that --help takes, or NULL.
 */
#define OPTION_END(topics) \
	{ OPTION_HELP, "help", NULL, topics, "this summary" }, \
	{ 'V', NULL, NULL, NULL, "version" }, \
	OPTION_GROUP(""), \
	{ OPTION_LIST, "options", NULL, NULL, NULL }, \
	{ 0, NULL, NULL, NULL, NULL }

enum {
	OPTION_HELP = 0x1000, OPTION_LIST
};

#define OPTION_TIMES	"30s 5m 1h 12h 1d"

struct options {
	const char *usage;	/* --help begins with this, and those alone, */
	const char *about;	/* goes on with this, and ends with the rest */
	const struct option_row *rows;
	/* Prints what --help says of a topic, or is a usage error; or NULL. */
	void (*topic)(const char *word);
};

/*
 * As getopt_long(3): the next option's c, or -1.  A wrong option is a usage
 * error.
 */
int	 options_next(const struct options *o, int argc, char **argv);
/*
 * Does this word of options end in one whose value is the next word?  -1: it
 * has a letter that is no option.
 */
int	 options_take_next(const struct options *o, const char *word);

#endif
