/* SPDX-License-Identifier: ISC */
/*
 * Shared by the tun tools: exit statuses, messages, input and output of words.
 */
#ifndef TOOL_H
#define TOOL_H

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "libfind.h"

#define TOOL_MATCH	0	/* something matched */
#define TOOL_NONE	1	/* nothing matched */
#define TOOL_USAGE	2	/* the command line is wrong */
#define TOOL_ERROR	3	/* could not read, or not write */
#define TOOL_BAD	4	/* a verdict that was asked for is bad */
#define TOOL_SOME	64	/* done for some, not for all */

#if defined(__GNUC__)
#define TOOL_PRINTF(f, a)	__attribute__((__format__(__printf__, f, a)))
#define TOOL_NORETURN		__attribute__((__noreturn__))
#else
#define TOOL_PRINTF(f, a)
#define TOOL_NORETURN
#endif

/* Call this first: sets the locale, and resets SIGPIPE. */
void	 tool_start(void);
/*
 * Call this before reading data of other processes, unless a program has to be
 * started: root gives up all rights that reading does not need.
 */
void	 tool_confine(void);
/* The exit status if so many things were done, were not there, and failed. */
int	 tool_status(size_t done, size_t none, size_t failed);
/* Writes what was printed: 0, or the error of that or of an earlier attempt. */
int	 tool_flush(void);
/* Call this last: returns status, or TOOL_ERROR if standard output failed. */
int	 tool_end(int status);

/*
 * One line on standard error, "tunps: ...", escaped as a whole.  The first
 * returns, the second exits with TOOL_USAGE, the third with TOOL_ERROR.
 */
void	 tool_warn(const char *fmt, ...) TOOL_PRINTF(1, 2);
void	 tool_vwarn(const char *fmt, va_list ap) TOOL_PRINTF(1, 0);
void	 tool_usage(const char *fmt, ...) TOOL_PRINTF(1, 2) TOOL_NORETURN;
void	 tool_fail(const char *fmt, ...) TOOL_PRINTF(1, 2) TOOL_NORETURN;
/* tun_select_parse() returned NULL: reports a bad word, or no memory. */
void	 tool_bad_word(const char *word, const char *errstr) TOOL_NORETURN;

/*
 * As the functions of the same name, but without memory they exit with
 * TOOL_ERROR.
 */
void	*tool_xcalloc(size_t n, size_t size);
void	*tool_xreallocarray(void *p, size_t n, size_t size);
char	*tool_xstrdup(const char *s);
char	*tool_xasprintf(const char *fmt, ...) TOOL_PRINTF(1, 2);

/*
 * The words of "a,b,c", ended by NULL.  They are in the same block as the
 * vector, which the caller frees.  An empty word is a usage error of the
 * option.
 */
char	**tool_split(const char *option, const char *list);
/* Are two lists of words, ended by NULL, the same? */
int	 tool_same_words(const char *const *a, const char *const *b);
/* The name that is most like word, or NULL. */
const char *tool_nearest(const char *word, const char *const *names);

/*
 * Reads seconds from "90s", "2h", "1d2h", "90", or "1-02:03:04" of ps(1).
 * Returns -1 and a constant *errstr, like strtonum(3), for anything else.
 */
int64_t	 tool_duration(const char *s, const char **errstr);
/*
 * Reads milliseconds, between least and most, from such a time or from seconds
 * with a fraction: "0.2".  Does not return on an error.
 */
int64_t	 tool_ms(const char *option, const char *arg, int64_t least,
	    int64_t most);
/* Writes a time for people: "45s", "12m", "6h", "3d04h". */
void	 tool_age(int64_t seconds, char *buf, size_t len);

/* The word of --state for a state: not "?", because shells expand that. */
const char *tool_state(enum tun_state state);

/* The width of the terminal that fd is; 0: it is none. */
size_t	 tool_terminal_width(int fd);
/* Do messages go to a terminal? */
int	 tool_on_terminal(void);

/* Reads an answer from standard input: is it yes? */
int	 tool_answer(void);

/* The name of a user, or the number.  The caller must not free it. */
const char *tool_user(uid_t uid);
/* Returns -1 if there is no such user, by name or number. */
int	 tool_uid(const char *name, uid_t *uidp);

/* Is the process one of these? */
struct tun_peer;
int	 tool_has_peer(const struct tun_peer *const *v, size_t n, pid_t pid);
/* Are both of one process, and not of a later one with its PID? */
struct tun;
int	 tool_same_process(const struct tun *a, const struct tun *b);
/* The same process in that list, or NULL. */
struct tun_list;
const struct tun *tool_find_process(const struct tun_list *list,
	    const struct tun *t);

/* Do two paths lead to the same file, or are they equal?  NULL: only that. */
struct tun_ctx;
int	 tool_same_file(struct tun_ctx *ctx, const char *a, const char *b);
/*
 * As tun_sees_itself(), but exits with TOOL_ERROR if the process table cannot
 * be read.
 */
int	 tool_sees_itself(struct tun_ctx *ctx);

/*
 * All bytes from other processes are printed through these two.  tool_vis() is
 * for people: printable characters of a UTF-8 locale stay, all else becomes
 * \ooo.  tool_raw() is for programs: blanks and all bytes beyond ASCII become
 * \ooo, too.  The caller frees the result.
 */
char	*tool_vis(const char *s);
char	*tool_raw(const char *s);
char	*tool_base64(const char *s);	/* freed by the caller, too */

/* screen.c: the output of tool_vis() on a terminal. */

/*
 * The bytes of the UTF-8 character at s, or 0 if there is none; *cp is its code
 * point.
 */
size_t	 tool_utf8(const char *s, uint32_t *cp);
/* Is UTF-8 the character set of the locale? */
int	 tool_is_utf8(void);
/* The columns that cp takes, or 0 if it must not reach a terminal. */
int	 tool_columns(uint32_t cp);
/* Does a terminal show these bytes as they are? */
int	 tool_is_shown(const char *s);
/* The columns that s takes. */
size_t	 tool_width(const char *s);
/* The bytes of s that fit into so many columns. */
size_t	 tool_fit(const char *s, size_t columns);
/*
 * Prints s as one line or, where that is wider than width, as several: broken
 * at blanks, the further ones indented by 4 more than the first.  0: one line.
 */
void	 tool_fold(FILE *fp, size_t width, const char *s);

#endif
