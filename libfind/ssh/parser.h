/* SPDX-License-Identifier: ISC */
/*
 * What the readers of a command line share: cmdline.c its words, keyword.c
 * what -o says, title.c what is no command line at all.
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

/* A forward that was asked for; read when all that %n may say is known. */
struct want {
	enum tun_fwd_kind kind;
	int config;		/* words of a config line, not an argument */
	const char *words[3];
	size_t nwords;		/* may be more than 3: then it is wrong */
	struct want *next;
};

struct parser {
	struct arena *a;
	const struct expand *x;
	struct cmdline cmd;
	int tag_arg;		/* -P takes an argument: ssh 9.4 */
	int saw_tag;
	int leave;		/* -V, -Q: ssh reads no further */
	int control;		/* -O */
	int nomem;
	int family, master, tty, session, fork, gateway;
	int clear, exitonfail, persist, tunnel;
	int unlink;		/* StreamLocalBindUnlink */
	int null;		/* checked, of no use */
	const char *command, *jump, *proxy, *tag;
	const char *stdio;	/* -W */
	const char *device;	/* -w, TunnelDevice */
	struct want *wants, **last;
	size_t nwants, nenv;
	int toomany;
};

/* parser.c: each says -1, so that a reader can end with it. */
int	 parser_refuse(struct parser *p, const char *why);
int	 parser_nomem(struct parser *p);
/* "first one wins", for numbers and for strings. */
void	 parser_first(int *var, int value);
void	 parser_first_string(const char **var, const char *value);
int	 parser_is_none(const char *s);
int	 parser_want(struct parser *p, enum tun_fwd_kind kind, int config,
	    const char *const words[3], size_t nwords);
void	 parser_init(struct cmdline *cmd, enum cmd_kind kind);

/* keyword.c: one line of ssh_config(5), as -o has it. */
int	 keyword_line(struct parser *p, const char *text);

/* title.c: how much of an argv is words; the rest is the room of a title. */
size_t	 title_length(const char *buf, size_t len);
/* 1 it is one, 0 it is not, -1 no memory. */
int	 title_read(struct arena *a, const char *const *argv, size_t argc,
	    const char *const *names, struct cmdline *cmd);

#endif
