/* SPDX-License-Identifier: ISC */
/* What the tun tools share: exit codes, messages, words in and out. */
#ifndef TOOL_H
#define TOOL_H

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define TOOL_MATCH	0	/* something matched */
#define TOOL_NONE	1	/* nothing did */
#define TOOL_USAGE	2	/* we do not understand what is asked */
#define TOOL_ERROR	3	/* could not look, or not tell */
#define TOOL_BAD	4	/* a verdict that was asked for is bad */
#define TOOL_SOME	64	/* done for some, not for all */

#if defined(__GNUC__)
#define TOOL_PRINTF(f, a)	__attribute__((__format__(__printf__, f, a)))
#define TOOL_NORETURN		__attribute__((__noreturn__))
#else
#define TOOL_PRINTF(f, a)
#define TOOL_NORETURN
#endif

/* Call first: the locale for what we print, and an ordinary SIGPIPE. */
void	 tool_start(void);
/*
 * Call before anything is read that others have written, unless a program is
 * to be started: root gives up what no look needs.
 */
void	 tool_confine(void);
/* Call last: status, or TOOL_ERROR if standard output did not take it all. */
int	 tool_end(int status);

/*
 * One line on standard error, "tunps: ...", escaped as a whole.  The first
 * goes on, the second exits TOOL_USAGE, the third TOOL_ERROR.
 */
void	 tool_warn(const char *fmt, ...) TOOL_PRINTF(1, 2);
void	 tool_vwarn(const char *fmt, va_list ap) TOOL_PRINTF(1, 0);
void	 tool_usage(const char *fmt, ...) TOOL_PRINTF(1, 2) TOOL_NORETURN;
void	 tool_fail(const char *fmt, ...) TOOL_PRINTF(1, 2) TOOL_NORETURN;
/* tun_select_parse() has given NULL: the word is bad, or there is no memory. */
void	 tool_bad_word(const char *word, const char *errstr) TOOL_NORETURN;

/*
 * Says what is wrong with the option that getopt_long(3) stopped at, having
 * returned c, ':' or '?', and exits TOOL_USAGE.
 */
struct option;
void	 tool_bad_option(int c, char *const *argv,
	    const struct option *longs) TOOL_NORETURN;

/* As their namesakes, but out of memory is TOOL_ERROR. */
void	*tool_xcalloc(size_t n, size_t size);
void	*tool_xreallocarray(void *p, size_t n, size_t size);
char	*tool_xstrdup(const char *s);
char	*tool_xasprintf(const char *fmt, ...) TOOL_PRINTF(1, 2);

/*
 * The words of "a,b,c", NULL-ended: free the vector, which holds them too.
 * An empty word is a usage error of the option.
 */
char	**tool_split(const char *option, const char *list);
/* The name that word may have been meant for, or NULL. */
const char *tool_nearest(const char *word, const char *const *names);

/*
 * Seconds from "90s", "2h", "1d2h", "90", or "1-02:03:04" of ps(1).  -1 and a
 * constant *errstr, as strtonum(3), when s is none of these.
 */
int64_t	 tool_duration(const char *s, const char **errstr);
/*
 * Milliseconds, from least to most, from such a time or from seconds with a
 * fraction: "0.2".  Does not return from what is neither.
 */
int64_t	 tool_ms(const char *option, const char *arg, int64_t least,
	    int64_t most);
/* The other way, for people: "45s", "12m", "6h", "3d04h". */
void	 tool_age(int64_t seconds, char *buf, size_t len);

/* Name of a user, or its number.  Ours to keep. */
const char *tool_user(uid_t uid);
/* -1: no such user, neither a name nor a number. */
int	 tool_uid(const char *name, uid_t *uidp);

/* Two paths to one file, or the same path. */
struct tun_ctx;
int	 tool_same_file(struct tun_ctx *ctx, const char *a, const char *b);

/*
 * The only ways of foreign bytes to the outside.  tool_vis() is for people:
 * printable characters of a UTF-8 locale stay, all else is \ooo.
 * tool_raw() is for programs: blanks and everything beyond ASCII are \ooo too.
 * The caller frees.
 */
char	*tool_vis(const char *s);
char	*tool_raw(const char *s);

/* screen.c: what tool_vis() made, on a terminal. */

/* Bytes of the UTF-8 character at s, 0 if there is none; *cp is its number. */
size_t	 tool_utf8(const char *s, uint32_t *cp);
/* The locale's characters are UTF-8. */
int	 tool_is_utf8(void);
/* Columns that cp takes, 0 if a terminal must not see it. */
int	 tool_columns(uint32_t cp);
/* Columns that s takes. */
size_t	 tool_width(const char *s);
/* Bytes of s that fit into so many columns. */
size_t	 tool_fit(const char *s, size_t columns);

#endif
