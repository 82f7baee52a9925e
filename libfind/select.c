/* SPDX-License-Identifier: ISC */
/*
 * Selectors, tunnels(7): what names a tunnel on a command line.
 *
 *	:PORT			a listening port
 *	NUMBER			a listening port, or a PID
 *	@LABEL
 *	else			an ID, a destination, or a path (with a "/")
 *
 * Words are read in every way they can be; which of them was true of a
 * tunnel is for tun_select_match() to say.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

struct tun_select {
	unsigned how;		/* TUN_MATCH_*: readings that make sense */
	int number;
	char s[];
};

/* -1: not a number, or not one of int. */
static int
number(const char *s)
{
	int n = 0;

	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || n > (INT_MAX - (*s - '0')) / 10)
			return -1;
		n = n * 10 + (*s - '0');
	}
	return n;
}

/* The readings of s, or 0 with the reason. */
static unsigned
readings(const char *s, int *np, const char **errstr)
{
	size_t len = strlen(s);

	*np = -1;
	if (len == 0) {
		*errstr = "empty selector";
		return 0;
	}
	if (*s == '@') {
		if (len == 1)
			*errstr = "empty label";
		return len == 1 ? 0 : TUN_MATCH_LABEL;
	}
	if (*s == ':') {
		s++;
		*np = number(s);
		if (*s == '\0')
			*errstr = "empty port";
		else if (s[strspn(s, "0123456789")] != '\0')
			*errstr = "bad port";
		else if (*np < 1 || *np > 65535)
			*errstr = "port out of range";
		else
			return TUN_MATCH_PORT;
		return 0;
	}
	if (strspn(s, "0123456789") == len) {
		*np = number(s);
		if (*np < 1) {
			*errstr = "number out of range";
			return 0;
		}
		return TUN_MATCH_PID | (*np <= 65535 ? TUN_MATCH_PORT : 0);
	}
	if (strchr(s, '/') != NULL)
		return TUN_MATCH_ID | TUN_MATCH_DEST | TUN_MATCH_PATH;
	if (s[len - 1] == '@') {
		*errstr = "empty host";
		return 0;
	}
	return TUN_MATCH_ID | TUN_MATCH_DEST;
}

struct tun_select *
tun_select_parse(const char *s, const char **errstr)
{
	struct tun_select *sel;
	size_t len = strlen(s);
	unsigned how;
	int n;

	if ((how = readings(s, &n, errstr)) == 0) {
		errno = EINVAL;
		return NULL;
	}
	if ((sel = calloc(1, sizeof(*sel) + len + 1)) == NULL) {
		*errstr = "out of memory";
		return NULL;
	}
	sel->how = how;
	sel->number = n;
	memcpy(sel->s, s, len);
	return sel;
}

void
tun_select_free(struct tun_select *sel)
{
	free(sel);
}

/* Host names know no case; users and everything else do. */
static int
is_dest(const char *s, const struct tun *t)
{
	size_t n;

	if (t->dest != NULL && strcmp(s, t->dest) == 0)
		return 1;
	if (t->host == NULL)
		return 0;
	if (strcasecmp(s, t->host) == 0)
		return 1;
	if (t->user == NULL)
		return 0;
	n = strlen(t->user);
	return strncmp(s, t->user, n) == 0 && s[n] == '@' &&
	    strcasecmp(s + n + 1, t->host) == 0;
}

/* As the process wrote it, or from where the process is. */
static int
is_path(const char *s, const char *path, const char *cwd)
{
	size_t n;

	if (path == NULL)
		return 0;
	if (strcmp(s, path) == 0)
		return 1;
	if (*path == '/' || cwd == NULL)
		return 0;
	while (path[0] == '.' && path[1] == '/')
		for (path += 2; *path == '/'; path++)
			;
	n = strlen(cwd);
	if (strncmp(s, cwd, n) != 0)
		return 0;
	s += n;
	if (n > 0 && cwd[n - 1] == '/')
		return strcmp(s, path) == 0;
	return *s == '/' && strcmp(s + 1, path) == 0;
}

static unsigned
match_tunnel(const struct tun_select *sel, const struct tun *t)
{
	unsigned how = 0;

	if (ident_match(sel->s, t, NULL))
		how |= TUN_MATCH_ID;
	if (t->pid == sel->number)
		how |= TUN_MATCH_PID;
	if (is_dest(sel->s, t))
		how |= TUN_MATCH_DEST;
	if (t->label != NULL && strcmp(sel->s + 1, t->label) == 0)
		how |= TUN_MATCH_LABEL;
	if (is_path(sel->s, t->ctlpath, t->cwd))
		how |= TUN_MATCH_PATH;
	return how;
}

static unsigned
match_forward(const struct tun_select *sel, const struct tun *t,
    const struct tun_fwd *fwd)
{
	const struct tun_end *l = &fwd->spec.listen;
	unsigned how = 0;
	size_t i;

	if (ident_match(sel->s, t, fwd))
		how |= TUN_MATCH_ID;
	if (l->path == NULL && l->port == sel->number)
		how |= TUN_MATCH_PORT;
	if (is_path(sel->s, l->path, t->cwd))
		how |= TUN_MATCH_PATH;
	for (i = 0; i < fwd->naddrs; i++) {
		if (fwd->addrs[i].path != NULL) {
			if (is_path(sel->s, fwd->addrs[i].path, t->cwd))
				how |= TUN_MATCH_PATH;
		} else if (fwd->addrs[i].port == sel->number) {
			how |= TUN_MATCH_PORT;
		}
	}
	return how;
}

/* Each test may be asked of any words; only sensible readings count. */
unsigned
tun_select_match(const struct tun_select *sel, const struct tun *t,
    const struct tun_fwd *fwd)
{
	unsigned how;
	size_t i;

	how = match_tunnel(sel, t);
	if (fwd != NULL)
		return (how | match_forward(sel, t, fwd)) & sel->how;
	for (i = 0; i < t->nfwds; i++)
		how |= match_forward(sel, t, &t->fwds[i]);
	return how & sel->how;
}
