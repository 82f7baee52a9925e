/* SPDX-License-Identifier: ISC */
/*
 * Selectors: the words that name a tunnel on a command line; see tunnels(7).
 *
 *	:PORT			a listening port
 *	NUMBER			a listening port or a PID; if neither, the
 *				port of a target
 *	@LABEL
 *	any other word		an ID, a destination, a jump host, either end
 *				of a forward, a complete forward, or a path
 *				(with a "/")
 *
 * A word keeps all its possible readings; tun_select_match() says which of
 * them fit a tunnel.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"

#define FORWARDS_MAX	3	/* the spec of -X SPEC, -L SPEC or -R SPEC */

#define NAMES	(TUN_MATCH_ID | TUN_MATCH_DEST | TUN_MATCH_LISTEN | \
		    TUN_MATCH_FORWARD | TUN_MATCH_TARGET | TUN_MATCH_JUMP)

struct tun_select {
	unsigned how;		/* TUN_MATCH_*: the possible readings */
	int number;
	int settled;		/* the number is the port of a target */
	struct tun_forward *fwds[FORWARDS_MAX];
	size_t nfwds;
	char s[];
};

/* Returns the readings of s, or 0 and the reason. */
static unsigned
readings(const char *s, int *np, const char **errstr)
{
	size_t len = strlen(s);
	struct addr addr;

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
	/* ":8080:h:80" is a forward whose bind address is empty. */
	if (*s == ':' && strchr(s + 1, ':') != NULL)
		return addr_parse(s, &addr) ? NAMES : TUN_MATCH_FORWARD;
	if (*s == ':') {
		s++;
		*np = select_number(s);
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
		*np = select_number(s);
		if (*np < 1) {
			*errstr = "number out of range";
			return 0;
		}
		return TUN_MATCH_PID | (*np <= 65535 ? TUN_MATCH_PORT : 0);
	}
	if (strchr(s, '/') != NULL)
		return NAMES | TUN_MATCH_PATH;
	if (s[len - 1] == '@') {
		*errstr = "empty host";
		return 0;
	}
	return NAMES;
}

/*
 * "8080" alone after the letter is a port; this avoids a look into the services
 * file.
 */
static int
may_be_spec(const char *s)
{
	return strpbrk(s, ":/") != NULL ||
	    (*s != '\0' && s[strspn(s, "0123456789")] == '\0');
}

/* Returns -1 only with ENOMEM. */
static int
add_forward(struct tun_select *sel, enum tun_fwd_kind kind, const char *s,
    int dynamic)
{
	struct tun_forward *fwd;
	const char *errstr;

	if (!may_be_spec(s))
		return 0;
	errno = 0;
	if ((fwd = tun_forward_parse(kind, s, &errstr)) == NULL)
		return errno == ENOMEM ? -1 : 0;
	if (fwd->kind == TUN_FWD_RDYNAMIC && !dynamic)
		tun_forward_free(fwd);
	else
		sel->fwds[sel->nfwds++] = fwd;
	return 0;
}

static int
add_lettered(struct tun_select *sel)
{
	switch (sel->s[0]) {
	case 'D':
	case 'd':
		return add_forward(sel, TUN_FWD_DYNAMIC, sel->s + 1, 1);
	case 'L':
	case 'l':
		return add_forward(sel, TUN_FWD_LOCAL, sel->s + 1, 1);
	case 'R':
	case 'r':
		return add_forward(sel, TUN_FWD_REMOTE, sel->s + 1, 1);
	}
	return 0;
}

static int
add_plain(struct tun_select *sel)
{
	if (add_forward(sel, TUN_FWD_LOCAL, sel->s, 0) == -1)
		return -1;
	return add_forward(sel, TUN_FWD_REMOTE, sel->s, 0);
}

/* A small letter begins a host name; it does not stand for a kind. */
static int
add_forwards(struct tun_select *sel)
{
	int small = sel->s[0] >= 'a' && sel->s[0] <= 'z';

	if ((sel->how & TUN_MATCH_FORWARD) == 0)
		return 0;
	if (small && add_plain(sel) == -1)
		return -1;
	if (add_lettered(sel) == -1)
		return -1;
	return small ? 0 : add_plain(sel);
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
	if (add_forwards(sel) == -1) {
		tun_select_free(sel);
		errno = ENOMEM;
		*errstr = "out of memory";
		return NULL;
	}
	if (how == TUN_MATCH_FORWARD && sel->nfwds == 0) {
		tun_select_free(sel);
		errno = EINVAL;
		*errstr = "bad port";
		return NULL;
	}
	return sel;
}

void
tun_select_free(struct tun_select *sel)
{
	size_t i;

	if (sel == NULL)
		return;
	for (i = 0; i < sel->nfwds; i++)
		tun_forward_free(sel->fwds[i]);
	free(sel);
}

static int
is_dest(const struct tun_select *sel, const struct tun *t)
{
	struct site asked, dest;

	if (t->dest != NULL && strcmp(sel->s, t->dest) == 0)
		return 1;
	/* A session of sshd is also meant by its user. */
	if (t->served && t->user != NULL && strcmp(sel->s, t->user) == 0)
		return 1;
	if (t->host == NULL)
		return 0;
	site_read(&asked, sel->s);
	memset(&dest, 0, sizeof(dest));
	dest.user = t->user;
	dest.userlen = t->user != NULL ? strlen(t->user) : 0;
	dest.host = t->host;
	dest.hostlen = strlen(t->host);
	dest.port = t->port;
	return site_fits(&asked, &dest);
}

static int
is_jump(const struct tun_select *sel, const struct tun *t)
{
	struct site asked, jump;
	size_t i;

	if (t->jumps == NULL || t->jumps[0] == NULL)
		return 0;
	site_read(&asked, sel->s);
	for (i = 0; t->jumps[i] != NULL; i++) {
		site_read(&jump, t->jumps[i]);
		if (strcmp(sel->s, t->jumps[i]) == 0 ||
		    site_fits(&asked, &jump))
			return 1;
	}
	return 0;
}

static unsigned
match_tunnel(const struct tun_select *sel, const struct tun *t)
{
	unsigned how = 0;

	if (ident_match(sel->s, t, NULL))
		how |= TUN_MATCH_ID;
	if (t->pid == sel->number)
		how |= TUN_MATCH_PID;
	if (sel->how & TUN_MATCH_DEST && is_dest(sel, t))
		how |= TUN_MATCH_DEST;
	if (sel->how & TUN_MATCH_JUMP && is_jump(sel, t))
		how |= TUN_MATCH_JUMP;
	if (t->label != NULL && strcmp(sel->s + 1, t->label) == 0)
		how |= TUN_MATCH_LABEL;
	if (select_is_path(sel->s, t->ctlpath, t->cwd))
		how |= TUN_MATCH_PATH;
	return how;
}

/*
 * Compares the port or the path of the listening end, both as it was asked for
 * and as the sockets show it.
 */
static unsigned
match_listen(const struct tun_select *sel, const struct tun *t,
    const struct tun_fwd *fwd)
{
	const struct tun_end *l = &fwd->spec.listen;
	unsigned how = 0;
	size_t i;

	if (l->path == NULL && l->port == sel->number)
		how |= TUN_MATCH_PORT;
	if (select_is_path(sel->s, l->path, t->cwd))
		how |= TUN_MATCH_PATH;
	for (i = 0; i < fwd->naddrs; i++) {
		if (fwd->addrs[i].path != NULL) {
			if (select_is_path(sel->s, fwd->addrs[i].path, t->cwd))
				how |= TUN_MATCH_PATH;
		} else if (fwd->addrs[i].port == sel->number) {
			how |= TUN_MATCH_PORT;
		}
	}
	return how;
}

static int
is_target_port(const struct tun_select *sel, const struct tun_fwd *fwd)
{
	const struct tun_end *c = &fwd->spec.connect;

	return c->path == NULL && c->host != NULL && c->port > 0 &&
	    c->port == sel->number;
}

/* The caller leaves out the readings that are not possible. */
static unsigned
match_forward(const struct tun_select *sel, const struct tun *t,
    const struct tun_fwd *fwd)
{
	unsigned how = match_listen(sel, t, fwd);
	size_t i;

	if (ident_match(sel->s, t, fwd))
		how |= TUN_MATCH_ID;
	if (sel->settled && is_target_port(sel, fwd))
		how |= TUN_MATCH_TARGET;
	if ((sel->how & TUN_MATCH_FORWARD) == 0)
		return how;
	if (select_listens(sel->s, t, fwd))
		how |= TUN_MATCH_LISTEN;
	if (select_leads(sel->s, t, fwd))
		how |= TUN_MATCH_TARGET;
	for (i = 0; i < sel->nfwds; i++)
		if (select_is_forward(sel->fwds[i], t, fwd))
			how |= TUN_MATCH_FORWARD;
	return how;
}

/* Every test accepts any words; only the possible readings count. */
unsigned
tun_select_match(const struct tun_select *sel, const struct tun *t,
    const struct tun_fwd *fwd)
{
	unsigned how = match_tunnel(sel, t);
	size_t i;

	if (fwd != NULL)
		return (how | match_forward(sel, t, fwd)) & sel->how;
	for (i = 0; i < t->nfwds; i++)
		how |= match_forward(sel, t, t->fwds[i]);
	return how & sel->how;
}

unsigned
tun_select_match_tunnel(const struct tun_select *sel, const struct tun *t)
{
	return match_tunnel(sel, t) & sel->how;
}

/*
 * The forwards of autossh's monitor are left out: all of them lead to the same
 * port.
 */
static int
leads_to_port(const struct tun_select *sel, const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (!tun_why_has(&t->fwds[i]->why, TUN_WHY_MONITOR) &&
		    is_target_port(sel, t->fwds[i]))
			return 1;
	return 0;
}

int
tun_select_settle(struct tun_select *sel, const struct tun_list *list)
{
	const struct tun *t = NULL;
	int found = 0;

	if ((sel->how & TUN_MATCH_PID) == 0 || sel->number > 65535)
		return 0;
	sel->how &= ~(unsigned)TUN_MATCH_TARGET;
	sel->settled = 0;
	while ((t = tun_next(list, t)) != NULL) {
		if (tun_select_match(sel, t, NULL) != 0)
			return 0;
		found |= leads_to_port(sel, t);
	}
	if (found) {
		sel->how |= TUN_MATCH_TARGET;
		sel->settled = 1;
	}
	return found;
}

const struct tun_forward *
tun_select_forward(const struct tun_select *sel, size_t i)
{
	return i < sel->nfwds ? sel->fwds[i] : NULL;
}
