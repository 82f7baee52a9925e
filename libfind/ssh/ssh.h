/* SPDX-License-Identifier: ISC */
/*
 * ssh's own grammar: forward specifications, command lines, what ssh -G prints.
 */
#ifndef SSH_H
#define SSH_H

#include "core/core.h"

/*
 * Where ${NAME} and %X come from.  A member that is not known is NULL, and a
 * spec that needs it is refused with fwd_errstr_unknown: never guessed.
 */
struct expand {
	const char *const *env;	/* "NAME=value", NULL-ended; NULL: unknown */
	const char *home, *local_user, *uid;		/* %d %u %i */
	const char *host, *host_arg, *port, *user;	/* %h %n %p %r */
	const char *local_host, *short_host;		/* %l %L */
	const char *hostkey_alias, *jump_host, *hash;	/* %k %j %C */
	const char *const *names; /* more names of ssh, which titles have */
};

extern const char fwd_errstr_unknown[];	/* told apart by its address */

/*
 * Parses the argument of the option of that kind into *fwd, whose strings
 * are the arena's.  -1 with a constant *errstr ("bad listen port", ...) and
 * errno EINVAL, or ENOMEM.  With fwd_errstr_unknown *fwd has what is known of
 * it, and an end that is not is {NULL, NULL, -1}.
 */
int	 forward_parse(struct arena *a, enum tun_fwd_kind kind,
	    const char *spec, const struct expand *x,
	    struct tun_forward *fwd, const char **errstr);
/* The words of a config line or -o: LocalForward 8080 host:80. */
int	 forward_parse_words(struct arena *a, enum tun_fwd_kind kind,
	    const char *const *words, size_t nwords, const struct expand *x,
	    struct tun_forward *fwd, const char **errstr);
int	 forward_parse_device(struct arena *a, const char *spec,
	    struct tun_forward *fwd, const char **errstr);	/* -w */
/* A port as ssh reads it, by number or service name; -1: it is none. */
int	 forward_port(const char *s);

/* Neither path, host nor port: nobody knows it, or there is none. */
int	 end_is_known(const struct tun_end *end);

/* cmdline.c */
enum cmd_kind {
	CMD_BAD,		/* ssh would refuse it: see errstr */
	CMD_SESSION,		/* a client that stays */
	CMD_OTHER,		/* -O -G -Q -V -Z: comes and goes */
	CMD_MUX,		/* "ssh: PATH [mux]": ctlpath is PATH */
	CMD_STOPPED,		/* "ssh: [stopped mux]" */
	CMD_CUT			/* a title that was cut off: nothing known */
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
#define CMD_UNKNOWN	0x4000	/* a forward needs what we cannot know */
#define CMD_ASK		0x8000	/* -MM: a human is asked before each request */
#define CMD_UNLINK	0x10000	/* StreamLocalBindUnlink yes */
#define CMD_NOUNLINK	0x20000	/* and no */
#define CMD_COMMAND	0x40000	/* RemoteCommand */
#define CMD_NOEXITONFAIL 0x80000 /* ExitOnForwardFailure no */
#define CMD_ETHERNET	0x100000 /* the device of -w is a tap */

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
	const struct tun_forward *fwds;	/* the order of argv; -W, -w last */
	size_t nfwds;
	size_t nmonitor;	/* the first so many are autossh's own */
	size_t nconfig;		/* the last so many are ssh_config's */
	const char *const *command;	/* words after the host */
	size_t ncommand;
	int oldtag;		/* -P took no argument: before 9.4 */
};

/*
 * Reads what a process shows as its argv: len bytes of words ended by NUL.
 * argv in *vp is an arena vector of the words.  The empty words at its end
 * count, unless they are the room that a title left; cmdline_split_env()
 * drops them, for an environment and for the argv of other programs.
 * -1 only with ENOMEM; whatever else is wrong is CMD_BAD.
 */
int	 cmdline_split(struct arena *a, const char *buf, size_t len,
	    const char ***vp, size_t *np);
int	 cmdline_split_env(struct arena *a, const char *buf, size_t len,
	    const char ***vp, size_t *np);
int	 cmdline_parse(struct arena *a, const char *const *argv, size_t argc,
	    const struct expand *x, struct cmdline *cmd);

/*
 * The words of a command line that cmd was read from, without the options
 * whose letters are in drop and without their values; an arena vector.
 */
int	 cmdline_without(struct arena *a, const char *const *argv,
	    size_t argc, const struct cmdline *cmd, const char *drop,
	    const char ***vp, size_t *np);

/* Its options one by one, in their order; an arena vector. */
struct cmd_option {
	int letter;
	const char *value;	/* NULL: takes none */
};
int	 cmdline_options(struct arena *a, const char *const *argv,
	    size_t argc, const struct cmdline *cmd, struct cmd_option **vp,
	    size_t *np);

/*
 * Is this the name of an ssh client?  ssh, slogin, versioned ones (ssh10,
 * ssh-10.5), or one of extra, which NULL ends and which may be NULL; never sshd,
 * ssh-agent, ssh-add, sshfs and their like.
 */
int	 cmdline_is_ssh(const char *name, const char *const *extra);

/* Is this the name of an ssh, by itself or by tun_ssh_name()? */
int	 ctx_is_ssh(const struct tun_ctx *ctx, const char *name);

/* Where an sshd is unless something else is said. */
#define SSH_PORT	22

/*
 * config.c: what "ssh -G" says.  It prints the whole of what it knows now,
 * which need not be what a running client knew when it started.
 */
struct config {
	const char *host;	/* as typed; NULL: it does not say */
	const char *ctlpath;	/* expanded; or NULL */
	const char *label;	/* Tag; or NULL */
	const char *jump;	/* ProxyJump; or NULL */
	const char *proxy;	/* ProxyCommand; or NULL */
	unsigned flags;		/* CMD_* */
	const struct tun_forward *fwds;	/* dynamic, local, remote, device */
	size_t nfwds;
	int unclear;		/* some forwards can be read in two ways */
	int whole;		/* it is the output of ssh -G, to the end */
	const char **files;	/* that ssh -G -v says it has read */
	size_t nfiles;
};

/* Reads it; -1 only with ENOMEM. */
int	 config_parse(struct arena *a, const char *buf, size_t len,
	    struct config *cfg);
/*
 * The words to ask with, of a client whose argv cmd was read from, and file in
 * place of -F's, unless it is NULL.
 */
int	 config_argv(struct arena *a, const char *const *argv, size_t argc,
	    const struct cmdline *cmd, const char *file, const char ***vp);
/* Adds what the words of cmd did not say. */
int	 config_apply(struct arena *a, struct cmdline *cmd,
	    const struct config *cfg);

#endif
