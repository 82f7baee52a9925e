/* SPDX-License-Identifier: ISC */
/*
 * Shared by the readers of a command line: cmdline.c reads its words, keyword.c
 * the value of -o, title.c a title in place of a command line, and dropbear.c
 * the words of dbclient.
 */
#ifndef PARSER_H
#define PARSER_H

#include "ssh.h"

#define BLANKS		" \t\r\n"
#define UNSET		(-1)

enum { MASTER_NO, MASTER_YES, MASTER_ASK, MASTER_AUTO, MASTER_AUTOASK };
enum { TTY_NO, TTY_YES, TTY_FORCE, TTY_AUTO };
enum { SESSION_NONE, SESSION_SUBSYSTEM, SESSION_DEFAULT };
enum { FAMILY_ANY, FAMILY_INET, FAMILY_INET6 };
enum { TUNNEL_NO, TUNNEL_POINT, TUNNEL_ETHERNET };

/*
 * A forward that was asked for.  It is read at the end, when all % tokens that
 * can be known are known.
 */
struct want {
	enum tun_fwd_kind kind;
	int config;		/* words of a config line */
	const char *words[3];
	size_t nwords;		/* more than 3 are an error */
	struct want *next;
};

struct parser {
	struct arena *a;
	const struct expand *x;
	struct cmdline cmd;
	int tag_arg;		/* -P takes an argument, as of ssh 9.4 */
	int saw_tag;
	int leave;		/* -V, -Q: ssh reads no further */
	int control;		/* -O */
	int nomem;
	int family, master, tty, session, fork, gateway;
	int clear, exitonfail, persist, tunnel;
	int unlink;		/* StreamLocalBindUnlink */
	int null;		/* for values that are only checked */
	const char *command, *jump, *proxy, *tag;
	const char *stdio;	/* -W */
	const char *device;	/* -w, TunnelDevice */
	int port;		/* -o Port of a dbclient; -p goes before it */
	struct want *wants, **last;
	size_t nwants, nenv;
	int toomany;
};

/* parser.c: each function returns -1, so that a reader can end with it. */
int	 parser_refuse(struct parser *p, const char *why);
int	 parser_nomem(struct parser *p);
/* Sets *var unless it is set already: for ssh the first value counts. */
void	 parser_first(int *var, int value);
void	 parser_first_string(const char **var, const char *value);
int	 parser_is_none(const char *s);
int	 parser_want(struct parser *p, enum tun_fwd_kind kind, int config,
	    const char *const words[3], size_t nwords);
/* Keeps a forward in fwds unless an equal one is there; r: was it read? */
int	 parser_keep(struct parser *p, struct tun_forward *fwds, int r,
	    const struct tun_forward *fwd, const char *errstr);
void	 parser_init(struct cmdline *cmd, enum cmd_kind kind);
void	 parser_start(struct parser *p, struct arena *a, enum cmd_kind kind);
/*
 * Makes p->cmd of what was read; r: was it refused?  Returns -1 only with
 * ENOMEM.
 */
int	 parser_end(struct parser *p, int r);

/*
 * dropbear.c: is this the name of a program that is dbclient, or may be?  Does
 * its letter take a value?  The argv of a program of that name; -1 only with
 * ENOMEM.
 */
int	 dropbear_is_name(const char *name);
int	 dropbear_takes_value(int letter, int old);
int	 dropbear_parse(struct arena *a, const char *program,
	    const char *const *argv, size_t argc, struct cmdline *cmd);

/* keyword.c: reads one line of ssh_config(5), as given to -o. */
int	 keyword_line(struct parser *p, const char *text);

/*
 * title.c: the length of the words in argv; the rest is left over from a title.
 */
size_t	 title_length(const char *buf, size_t len);
/* Returns 1 if it is a title, 0 if not, -1 without memory. */
int	 title_read(struct arena *a, const char *const *argv, size_t argc,
	    const struct expand *x, struct cmdline *cmd);

#endif
