/* SPDX-License-Identifier: ISC */
/*
 * The grammar of ssh: forward specifications, command lines, and the output of
 * ssh -G.
 */
#ifndef SSH_H
#define SSH_H

#include "core/core.h"

/*
 * The values of ${NAME} and of % tokens.  A member that is not known is NULL; a
 * spec that needs it is refused with fwd_errstr_unknown and never guessed.
 */
struct expand {
	const char *const *env;	/* "NAME=value", NULL-ended; NULL: unknown */
	const char *home, *local_user, *uid;		/* %d %u %i */
	const char *host, *host_arg, *port, *user;	/* %h %n %p %r */
	const char *local_host, *short_host;		/* %l %L */
	const char *hostkey_alias, *jump_host, *hash;	/* %k %j %C */
	const char *const *names; /* more names of ssh, for titles */
	const char *program;	/* its executable or name; NULL: argv[0] */
	int unsure;		/* it may be a dbclient that is called ssh */
};

extern const char fwd_errstr_unknown[];	/* compare its address */

/*
 * Parses the argument of the option of that kind into *fwd, whose strings
 * belong to the arena.  Returns -1 with a constant *errstr ("bad listen port",
 * ...) and errno EINVAL, or with ENOMEM.  With fwd_errstr_unknown *fwd has what
 * is known of the forward, and an unknown end is {NULL, NULL, -1}.
 */
int	 forward_parse(struct arena *a, enum tun_fwd_kind kind,
	    const char *spec, const struct expand *x,
	    struct tun_forward *fwd, const char **errstr);
/* Parses the words of a config line or of -o: LocalForward 8080 host:80. */
int	 forward_parse_words(struct arena *a, enum tun_fwd_kind kind,
	    const char *const *words, size_t nwords, const struct expand *x,
	    struct tun_forward *fwd, const char **errstr);
int	 forward_parse_device(struct arena *a, const char *spec,
	    struct tun_forward *fwd, const char **errstr);	/* -w */
/* Reads a port as ssh does, by number or service name; -1 if it is none. */
int	 forward_port(const char *s);

/*
 * Returns 0 if the end has no path, host or port: it is unknown, or there is
 * none.
 */
int	 end_is_known(const struct tun_end *end);

/* cmdline.c */
enum cmd_kind {
	CMD_BAD,		/* ssh would refuse it: see errstr */
	CMD_SESSION,		/* a client that keeps running */
	CMD_OTHER,		/* -O -G -Q -V -Z: it ends soon */
	CMD_MUX,		/* "ssh: PATH [mux]": ctlpath is PATH */
	CMD_STOPPED,		/* "ssh: [stopped mux]" */
	CMD_CUT,		/* a title that was cut off: nothing known */
	CMD_SERVED		/* no ssh: a session of sshd, or a Dropbear */
};

#define CMD_FORK	0x0001	/* -f, ForkAfterAuthentication */
#define CMD_NOSESSION	0x0002	/* -N, SessionType none */
#define CMD_SUBSYSTEM	0x0004	/* -s */
#define CMD_MASTER	0x0008	/* -M, ControlMaster */
#define CMD_GATEWAY	0x0010	/* -g, GatewayPorts yes */
#define CMD_INET4	0x0020	/* -4, AddressFamily inet */
#define CMD_INET6	0x0040	/* -6 */
#define CMD_TTY		0x0080	/* -t */
#define CMD_NOTTY	0x0100	/* -T */
#define CMD_CLEARALL	0x0200	/* ClearAllForwardings: fwds is empty */
#define CMD_EXITONFAIL	0x0400	/* ExitOnForwardFailure */
#define CMD_PERSIST	0x0800	/* ControlPersist other than no */
#define CMD_JUMP	0x1000	/* -J or a ProxyCommand */
#define CMD_MONITOR	0x2000	/* begins with autossh's monitor pair */
#define CMD_UNKNOWN	0x4000	/* a forward needs a value we cannot know */
#define CMD_ASK		0x8000	/* -MM: a human is asked before each request */
#define CMD_UNLINK	0x10000	/* StreamLocalBindUnlink yes */
#define CMD_NOUNLINK	0x20000	/* StreamLocalBindUnlink no */
#define CMD_COMMAND	0x40000	/* RemoteCommand */
#define CMD_NOEXITONFAIL 0x80000 /* ExitOnForwardFailure no */
#define CMD_ETHERNET	0x100000 /* the device of -w is a tap */
#define CMD_DROPBEAR	0x200000 /* it is a dbclient, and no OpenSSH */

struct cmdline {
	enum cmd_kind kind;
	unsigned flags;
	const char *errstr;	/* CMD_BAD, CMD_UNKNOWN: why; else NULL */
	const char *dest, *user, *host;
	int port;		/* -1: not given */
	const char *ctlpath;	/* -S or ControlPath as given; or NULL */
	const char *configfile;	/* -F */
	const char *label;	/* -P, Tag, TunLabel */
	const char *jump;	/* -J's value */
	const char *proxy;	/* ProxyCommand's value */
	int alive_interval;	/* ServerAliveInterval; -1: not given */
	int alive_count;
	const struct tun_forward *fwds;	/* in the order of argv; -W, -w last */
	size_t nfwds;
	size_t nmonitor;	/* so many at the start are autossh's */
	size_t nconfig;		/* so many at the end are ssh_config's */
	const char *const *command;	/* words after the host */
	size_t ncommand;
	size_t before;		/* words before the name of a dbclient */
	int oldtag;		/* -P, or -M of dbclient, took no value then */
};

/*
 * Reads the argv of a process: len bytes of words, each ended by NUL.  *vp
 * becomes an arena vector of the words.  Empty words at the end count, unless
 * they are left over from a title.  cmdline_split_env() drops them, for an
 * environment and for the argv of other programs.  Returns -1 only with ENOMEM;
 * any other error is CMD_BAD.
 */
int	 cmdline_split(struct arena *a, const char *buf, size_t len,
	    const char ***vp, size_t *np);
int	 cmdline_split_env(struct arena *a, const char *buf, size_t len,
	    const char ***vp, size_t *np);
int	 cmdline_parse(struct arena *a, const char *const *argv, size_t argc,
	    const struct expand *x, struct cmdline *cmd);

/*
 * Returns the words of a command line that cmd was read from, without the
 * options whose letters are in drop and without their values, as an arena
 * vector.
 */
int	 cmdline_without(struct arena *a, const char *const *argv,
	    size_t argc, const struct cmdline *cmd, const char *drop,
	    const char ***vp, size_t *np);

/* Returns the options one by one, in their order, as an arena vector. */
struct cmd_option {
	int letter;
	const char *value;	/* NULL: it takes none */
};
int	 cmdline_options(struct arena *a, const char *const *argv,
	    size_t argc, const struct cmdline *cmd, struct cmd_option **vp,
	    size_t *np);

/*
 * Is this the name of an ssh client?  That is ssh, slogin, a versioned name
 * (ssh10, ssh-10.5), dbclient, or a name in extra, which ends with NULL and may
 * be NULL; never sshd, ssh-agent, ssh-add, sshfs and the like.
 */
int	 cmdline_is_ssh(const char *name, const char *const *extra);

/*
 * As before, with the names that tun_ssh_name() has added to the context, and
 * those of programs that are a client or something else, as argv says.
 */
int	 ctx_is_ssh(const struct tun_ctx *ctx, const char *name);
/* The place of the first word that is such a name; argc: there is none. */
size_t	 ctx_find_ssh(const struct tun_ctx *ctx, const char *const *argv,
	    size_t argc);

/*
 * Reads the ssh that a command starts, as cmdline_parse().  If none is found in
 * it, because another program starts the ssh with words of its own, it is
 * CMD_CUT.
 */
int	 cmdline_started(struct arena *a, const struct tun_ctx *ctx,
	    const char *const *argv, size_t argc, struct cmdline *cmd);

/* The default port of sshd. */
#define SSH_PORT	22

/*
 * config.c: the output of "ssh -G".  It shows what ssh_config says now, which
 * may differ from what a running client read when it started.
 */
struct config {
	const char *host;	/* as typed; NULL: not in the output */
	const char *ctlpath;	/* expanded; or NULL */
	const char *label;	/* Tag; or NULL */
	const char *jump;	/* ProxyJump; or NULL */
	const char *proxy;	/* ProxyCommand; or NULL */
	unsigned flags;		/* CMD_* */
	const struct tun_forward *fwds;	/* dynamic, local, remote, device */
	size_t nfwds;
	int unclear;		/* some forwards have two readings */
	int whole;		/* it is the complete output of ssh -G */
	int ran;		/* it has run a command: "Match exec" */
	const char **files;	/* that ssh -G -v says it has read */
	size_t nfiles;
};

/* Parses the output; -1 only with ENOMEM. */
int	 config_parse(struct arena *a, const char *buf, size_t len,
	    struct config *cfg);
/*
 * Returns the words to run ssh -G with, for the argv of a client that cmd was
 * read from.  file replaces the file of -F unless it is NULL.
 */
int	 config_argv(struct arena *a, const char *const *argv, size_t argc,
	    const struct cmdline *cmd, const char *file, const char ***vp);
/* Adds to cmd what the command line did not have. */
int	 config_apply(struct arena *a, struct cmdline *cmd,
	    const struct config *cfg);

#endif
