/* SPDX-License-Identifier: ISC */
/*
 * The sessions of sshd: the process that serves a client who has logged in.  It
 * holds the connection to that client and what the client's forwards need.  Its
 * title says who it is:
 *
 *	sshd: alice			no shell and no command
 *	sshd: alice@pts/0		a shell; "notty" without a terminal
 *	sshd: alice [priv]		its monitor, which holds nothing else
 *
 * A user's name can have an '@', too: alice@example.com.
 *
 * Since OpenSSH 9.8 the title begins with "sshd-session: ".
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

/* sshd, its parts since 9.8 (sshd-session), and versioned ones. */
int
sshd_is_name(const char *name)
{
	if (strncmp(name, "sshd", 4) != 0)
		return 0;
	return name[4] == '\0' || name[4] == '-' || name[4] == '.' ||
	    isdigit((unsigned char)name[4]);
}

/* Is it "notty", or are they terminals, such as "pts/0,pts/1" or "ttyp0"? */
static int
are_terminals(const char *s)
{
	return strcmp(s, "notty") == 0 || strchr(s, '/') != NULL ||
	    strncmp(s, "tty", 3) == 0;
}

/* The title of a session has no "[priv]" or the like after the program. */
static int
is_other_title(const char *title)
{
	const char *who = strstr(title, ": ");

	return who != NULL && strchr(who, '[') != NULL;
}

/*
 * Each session has a monitor, which this leaves out before all else of it is
 * read.
 */
int
sshd_may_be_session(struct scan *s, const struct plat_name *np)
{
	char title[128];

	return plat_title(s->ctx->pl, np, title, sizeof(title)) == -1 ||
	    !is_other_title(title);
}

/* Sets what the title says; 0: it is no session. */
static int
read_title(struct facts *f)
{
	const char *who = strstr(f->argv[0], ": "), *at;

	f->session = -1;
	/* Without a title it may be any process of sshd: its sockets decide. */
	if (who == NULL)
		return 1;
	if (is_other_title(f->argv[0]))
		return 0;
	at = strrchr(who, '@');
	f->session = at != NULL && are_terminals(at + 1);
	if (f->session && strcmp(at + 1, "notty") != 0)
		f->tty = at + 1;
	return 1;
}

static int
read_argv(struct scan *s, struct facts *f)
{
	char *buf;
	size_t len;
	int r;

	if (plat_args(s->ctx->pl, &f->row, &buf, &len) == -1) {
		f->argv_errno = errno;
		return plat_failed(errno) ? -1 : 1;
	}
	r = cmdline_split_env(s->a, buf, len, &f->argv, &f->argc);
	free(buf);
	if (r == -1)
		return -1;
	return f->argc == 0 ? 1 : read_title(f);
}

int
sshd_session_read(struct scan *s, struct facts *f)
{
	int r;

	if (f->row.pid == 0) {
		s->vanished = 1;
		return 0;
	}
	if (f->row.flags & PLAT_KTHREAD)
		return 0;
	f->cmd.kind = CMD_SERVED;
	f->cmd.port = -1;
	f->session = -1;
	if ((r = read_argv(s, f)) == -1)
		return -1;
	if (f->session == -1 && f->row.uid == plat_uid(s->ctx->pl))
		s->own_sshd = 1;
	if (r == 0)
		return 0;
	f->exe = scan_exe(s, &f->row, &f->oldexe);
	if (scan_read_origin(s, f) == -1 || scan_read_fds(s, f) == -1)
		return -1;
	f->row.masks = 0;	/* A system may report it all the same. */
	if (f->argv_errno == ESRCH || f->fds_errno == ESRCH) {
		s->vanished = 1;
		return 0;
	}
	return 1;
}
