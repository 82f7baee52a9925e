/* SPDX-License-Identifier: ISC */
/*
 * What sshd decides about a login and a request, in its own order: the account
 * (auth.c), the key, the flags (serverloop.c), the lists (channels.c), and what
 * the user's own rights allow in the end.  The key and the settings only ever
 * take away: a request needs both.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compat/base_name.h"
#include "permit.h"

#define LOCAL	1	/* directions, as FORWARD_LOCAL of channels.h */
#define REMOTE	2

static const struct permit_at by_default;

/* --- rulings --------------------------------------------------------------- */

static int
rule(struct tun_ruling *r, enum tun_may may, struct permit_at at,
    const char *text)
{
	r->may = may;
	r->rule = text;
	r->file = at.file;
	r->line = at.line;
	return 0;
}

static const char *
value_of(const struct login *l, const char *keyword)
{
	const char *v = sshd_value(l->s, keyword);

	return v != NULL ? v : "";
}

static int
is_set(const struct login *l, const char *keyword, const char *value)
{
	return strcasecmp(value_of(l, keyword), value) == 0;
}

/* A refusal by the line of this keyword. */
static int
refuse(const struct login *l, struct tun_ruling *r, const char *keyword,
    const char *text)
{
	return rule(r, TUN_MAY_NO, sshd_place(l->s, keyword), text);
}

static int
refuse_key(const struct login *l, struct tun_ruling *r, const char *text)
{
	return rule(r, TUN_MAY_NO, l->key != NULL ? l->key->at : by_default,
	    text);
}

/* A grant, of which what is not known may leave nothing. */
static int
grant(const struct login *l, struct tun_ruling *r, struct permit_at at,
    const char *text)
{
	if (l->doubt != NULL)
		return rule(r, TUN_MAY_UNKNOWN, by_default, l->doubt);
	if (l->key != NULL && l->key->flags & KEY_CA && l->cert == NULL)
		return rule(r, TUN_MAY_UNKNOWN, l->key->at,
		    "key cert-authority: the certificate decides");
	return rule(r, TUN_MAY_YES, at, text);
}

/* --- the account ------------------------------------------------------------ */

/* A list of patterns, and the line of the one that matches. */
struct matching {
	const struct login *l;
	int groups;
	struct permit_at at;
};

static int
matches(void *arg, const char *word, struct permit_at at)
{
	struct matching *m = arg;
	const struct account *ac = m->l->account;
	size_t i;
	int found = 0;

	if (!m->groups)
		found = pattern_user(&m->l->client, word) == 1;
	else
		for (i = 0; ac->groups[i] != NULL && !found; i++)
			found = pattern_match(ac->groups[i], word);
	if (found)
		m->at = at;
	return found;
}

/*
 * Is the account refused by this list?  An Allow list refuses those who are not
 * in it, if it exists.
 */
static int
is_listed_out(const struct login *l, const char *keyword, struct tun_ruling *r)
{
	struct matching m = { l, strstr(keyword, "groups") != NULL,
	    by_default };
	int allow = strncmp(keyword, "allow", 5) == 0;
	int found = sshd_words(l->a, l->s, keyword, matches, &m) == 1;

	/* Who is in no group that has a name is refused by either list. */
	if (m.groups && l->account->groups[0] == NULL &&
	    *value_of(l, keyword) != '\0')
		return refuse(l, r, keyword, allow ?
		    "AllowGroups: the account has no group with a name" :
		    "DenyGroups: the account has no group with a name"), 1;
	if (allow ? found || *value_of(l, keyword) == '\0' : !found)
		return 0;
	rule(r, TUN_MAY_NO, allow ? sshd_place(l->s, keyword) : m.at,
	    strcmp(keyword, "denyusers") == 0 ? "DenyUsers" :
	    strcmp(keyword, "allowusers") == 0 ? "AllowUsers" :
	    strcmp(keyword, "denygroups") == 0 ? "DenyGroups" : "AllowGroups");
	return 1;
}

/* Has the key or the certificate a command?  ForceCommand does not count. */
static int
is_forced(const struct login *l)
{
	return l->key != NULL && (l->key->command != NULL ||
	    (l->key->flags & KEY_CA && (l->cert == NULL ||
	    l->cert->command != NULL)));
}

/* PermitRootLogin; 1: refused. */
static int
is_root_out(const struct login *l, struct tun_ruling *r)
{
	const char *v = value_of(l, "permitrootlogin");
	int unseen = l->key == NULL && !l->by_password && l->doubt != NULL;

	if (l->account->uid != 0 || strcmp(v, "yes") == 0)
		return 0;
	if (strcmp(v, "forced-commands-only") == 0 && (unseen || is_forced(l)))
		return 0;
	if ((unseen || l->key != NULL) && (strcmp(v, "without-password") == 0 ||
	    strcmp(v, "prohibit-password") == 0))
		return 0;
	refuse(l, r, "permitrootlogin", "PermitRootLogin");
	return 1;
}

/* Has one of the entries a name in place of the port? */
static int
names_service(const char *list)
{
	const char *p = list, *port;
	size_t n;

	for (; *p != '\0'; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		for (port = p + n; port > p && port[-1] != ':'; port--)
			continue;
		if (port > p && *port != '*' && strspn(port,
		    "0123456789") < (size_t)(p + n - port))
			return 1;
	}
	return 0;
}

/*
 * Why nobody logs in with this list, or NULL.  any and none must be alone: sshd
 * 9.2 does not start, later ones end each connection, as they do where no file
 * of services is, in the directory that they have gone to.
 */
static const char *
list_error(const char *list)
{
	size_t n = strcspn(list, " ");

	if (list[n] == ' ' && ((n == 3 && strncmp(list, "any", 3) == 0) ||
	    (n == 4 && strncmp(list, "none", 4) == 0)))
		return "any or none has other values beside it";
	return names_service(list) ? "a port is not given as a number" : NULL;
}

static int
is_list_broken(const struct login *l, const char *keyword, const char *name,
    struct tun_ruling *r)
{
	const char *why = list_error(value_of(l, keyword)), *text;

	if (why == NULL)
		return 0;
	text = arena_printf(l->a, "%s: no login at all, because %s", name, why);
	refuse(l, r, keyword, text != NULL ? text : name);
	return 1;
}

static int
is_account_out(const struct login *l, struct tun_ruling *r)
{
	static const char *const lists[] = { "denyusers", "allowusers",
	    "denygroups", "allowgroups" };
	const struct account *ac = l->account;
	size_t i;

	if (is_list_broken(l, "permitopen", "PermitOpen", r) ||
	    is_list_broken(l, "permitlisten", "PermitListen", r))
		return 1;
	if (is_set(l, "refuseconnection", "yes"))
		return refuse(l, r, "refuseconnection", "RefuseConnection"), 1;
	if (ac->expired)
		return rule(r, TUN_MAY_NO, by_default,
		    "the account has expired"), 1;
	if (ac->locked)
		return rule(r, TUN_MAY_NO, by_default,
		    "the account is locked"), 1;
	if (ac->no_shell && ac->chroot == NULL)
		return rule(r, TUN_MAY_NO, by_default,
		    "the account's shell cannot be run"), 1;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (is_listed_out(l, lists[i], r))
			return 1;
	return is_root_out(l, r);
}

/* --- the key ----------------------------------------------------------------- */

/* Has the certificate a name of the list, which commas separate? */
static int
has_principal(const struct permit_cert *cert, const char *list)
{
	size_t i, n;

	for (;; list += n + 1) {
		n = strcspn(list, ",");
		for (i = 0; i < cert->nprincipals; i++)
			if (strlen(cert->principals[i]) == n &&
			    memcmp(cert->principals[i], list, n) == 0)
				return 1;
		if (list[n] == '\0')
			return 0;
	}
}

/* Why the certificate does not let this user in with this line, or NULL. */
static const char *
cert_refusal(const struct login *l)
{
	const struct permit_cert *cert = l->cert;
	const struct key_line *key = l->key;

	if (l->other_ca)
		return "certificate: signed by another key";
	if (cert->error != NULL)
		return cert->error;
	if ((uint64_t)l->now < cert->after || (uint64_t)l->now >= cert->before)
		return "certificate: not valid at this time";
	if (key->principals != NULL && !has_principal(cert, key->principals))
		return "key principals";
	if ((key->flags & KEY_TRUSTED || l->s->release >= 1003) &&
	    cert->nprincipals == 0)
		return "certificate: has no principals";
	if (key->principals == NULL && cert->nprincipals > 0 &&
	    !(key->flags & KEY_NAMED) &&
	    !has_principal(cert, l->account->name))
		return "certificate: for other users";
	if (cert->from != NULL && pattern_from(&l->client, cert->from) != 1)
		return "certificate source-address";
	if (cert->command != NULL && key->command != NULL &&
	    strcmp(cert->command, key->command) != 0)
		return "key command and certificate force-command differ";
	return NULL;
}

const char *
judge_skipped(const struct login *l)
{
	const struct key_line *key = l->key;

	if (key->error != NULL)
		return key->error;
	if (key->principals != NULL && !(key->flags & KEY_CA))
		return "key principals without cert-authority";
	if (key->from != NULL && l->client.host != NULL &&
	    pattern_from(&l->client, key->from) != 1)
		return "key from";
	if (key->expires != 0 && key->expires < l->now)
		return "key expiry-time";
	return l->cert != NULL ? cert_refusal(l) : NULL;
}

/* Is the name in the list of this keyword?  No list has all. */
static int
in_list(const struct login *l, const char *keyword, const char *name,
    int (*equal)(const char *, const char *))
{
	char *list = arena_strdup(l->a, value_of(l, keyword)), *word, *rest;

	if (list == NULL || *list == '\0')
		return 1;
	for (word = strtok_r(list, ",", &rest); word != NULL;
	    word = strtok_r(NULL, ",", &rest))
		if (equal(name, word))
			return 1;
	return 0;
}

/*
 * Does sshd refuse such keys before it looks for them?  Of a CA it is the key
 * of the certificate that counts.
 */
static int
is_kind_out(const struct login *l, struct tun_ruling *r)
{
	static const char *const accepted[] = { "pubkeyacceptedalgorithms",
	    "pubkeyacceptedkeytypes" };	/* the second one before 8.5 */
	const struct permit_cert *cert = l->cert;
	const char *type = cert != NULL ? cert->type : l->key->type;
	int bits = cert != NULL ? cert->bits : l->key->bits;
	size_t i;

	if (cert == NULL && l->key->flags & KEY_CA)
		return 0;
	for (i = 0; i < 2; i++)
		if (!in_list(l, accepted[i], type, key_type_equal))
			return refuse(l, r, accepted[i],
			    "PubkeyAcceptedAlgorithms"), 1;
	if (bits > 0 && bits < atoi(value_of(l, "requiredrsasize")))
		return refuse(l, r, "requiredrsasize", "RequiredRSASize"), 1;
	if (cert == NULL || in_list(l, "casignaturealgorithms",
	    cert->signature, pattern_match))
		return 0;
	return refuse(l, r, "casignaturealgorithms",
	    "CASignatureAlgorithms"), 1;
}

static int
is_key_out(const struct login *l, struct tun_ruling *r)
{
	const char *why = judge_skipped(l);

	if (is_set(l, "pubkeyauthentication", "no"))
		return refuse(l, r, "pubkeyauthentication",
		    "PubkeyAuthentication no"), 1;
	if (methods_keys(l->s, l->account->password != TUN_MAY_NO) == 0)
		return refuse(l, r, "authenticationmethods",
		    "AuthenticationMethods"), 1;
	if (why == NULL && is_kind_out(l, r))
		return 1;
	if (why == NULL && l->revoked)
		return refuse(l, r, "revokedkeys", "RevokedKeys"), 1;
	if (why == NULL && (l->s->release == 0 || l->s->release >= 809))
		why = l->key->fatal;
	return why != NULL ? refuse_key(l, r, why), 1 : 0;
}

int
judge_login(const struct login *l, struct tun_ruling *r)
{
	memset(r, 0, sizeof(*r));
	if (is_account_out(l, r) || (l->key != NULL && is_key_out(l, r)))
		return 0;
	if (l->account->chroot_bad != NULL)
		return refuse(l, r, "chrootdirectory",
		    l->account->chroot_bad);
	if (l->key != NULL)
		return grant(l, r, l->key->at, l->key->flags & KEY_TRUSTED ?
		    "TrustedUserCAKeys" : "the key");
	return grant(l, r, by_default, "login without a key");
}

/* --- flags ------------------------------------------------------------------- */

static int
directions(const char *value)
{
	if (strcmp(value, "no") == 0)
		return 0;
	if (strcmp(value, "local") == 0)
		return LOCAL;
	return strcmp(value, "remote") == 0 ? REMOTE : LOCAL | REMOTE;
}

/*
 * Without a login, or with a flag against it, 1.  AllowTcpForwarding also closes
 * the lists that requests for paths are compared with.
 */
static int
is_flagged_out(const struct login *l, int direction, int path,
    struct tun_ruling *r)
{
	const char *keyword = path ? "allowstreamlocalforwarding" :
	    "allowtcpforwarding";

	judge_login(l, r);
	if (r->may == TUN_MAY_NO)
		return 1;
	if (!(directions(value_of(l, keyword)) & direction))
		return refuse(l, r, keyword, path ?
		    "AllowStreamLocalForwarding" : "AllowTcpForwarding"), 1;
	if (l->key != NULL && !(l->key->flags & KEY_FORWARD))
		return refuse_key(l, r, l->key->flags & KEY_RESTRICT ?
		    "key restrict" : "key no-port-forwarding"), 1;
	if (l->cert != NULL && !l->cert->forward)
		return refuse_key(l, r,
		    "certificate without permit-port-forwarding"), 1;
	if (is_set(l, "disableforwarding", "yes"))
		return refuse(l, r, "disableforwarding",
		    "DisableForwarding"), 1;
	if (path && !(directions(value_of(l, "allowtcpforwarding")) &
	    direction))
		return refuse(l, r, "allowtcpforwarding",
		    "AllowTcpForwarding, which also closes unix sockets"), 1;
	return 0;
}

/* --- lists ------------------------------------------------------------------- */

/* PermitOpen or PermitListen as entries; any: no entries, and 1. */
static int
read_list(const struct login *l, const char *keyword, int listens,
    struct permit_entry **vp, size_t *np)
{
	struct permit_entry *v = NULL;
	const char **words, *why;
	size_t i, n, k = 0;

	*vp = NULL;
	*np = 0;
	if (sshd_split(l->a, value_of(l, keyword), &words, &n) == -1)
		return -1;
	if (n == 0 || strcmp(words[0], "any") == 0)
		return 1;
	for (i = 0; i < n; i++) {
		if (strcmp(words[i], "none") == 0)
			continue;
		if ((v = arena_push(l->a, v, k, sizeof(*v))) == NULL)
			return -1;
		if (permit_entry_parse(l->a, words[i], listens, &v[k],
		    &why) == 0)
			v[k++].at = sshd_place(l->s, keyword);
		else if (why == NULL)
			return -1;
	}
	*vp = v;
	*np = k;
	return 0;
}

/* A path is compared with the hosts, and has a port that no number equals. */
static int
is_open(const struct permit_entry *e, const struct tun_end *end)
{
	const char *host = end->path != NULL ? end->path : end->host;

	if (e->port != -1 && (end->path != NULL || e->port != end->port))
		return 0;
	return strcmp(e->host, "*") == 0 || strcmp(e->host, host) == 0;
}

/* The host that ssh asks for: channel_rfwd_bind_host(). */
static const char *
asked_host(const struct tun_end *end)
{
	if (end->host == NULL)
		return "localhost";
	return strcmp(end->host, "*") == 0 ? "" : end->host;
}

static int
is_listen(const struct permit_entry *e, const struct tun_end *end)
{
	const char *host = asked_host(end);
	char lower[1025];
	size_t i;

	if ((e->port != -1 && e->port != end->port) ||
	    strlen(host) >= sizeof(lower))
		return 0;
	for (i = 0; host[i] != '\0'; i++)
		lower[i] = host[i] >= 'A' && host[i] <= 'Z' ?
		    (char)(host[i] - 'A' + 'a') : host[i];
	lower[i] = '\0';
	return pattern_match(lower, e->host);
}

static const struct permit_entry *
find_entry(const struct permit_entry *v, size_t n, int listens,
    const struct tun_end *end)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (listens ? is_listen(&v[i], end) : is_open(&v[i], end))
			return &v[i];
	return NULL;
}

/* The lists of the key and of the settings, which both have to allow it. */
static int
judge_lists(const struct login *l, int listens, const struct tun_end *end,
    struct tun_ruling *r)
{
	const char *keyword = listens ? "permitlisten" : "permitopen";
	const char *name = listens ? "PermitListen" : "PermitOpen";
	const char *flag = end->path != NULL ? "allowstreamlocalforwarding" :
	    "allowtcpforwarding";
	const struct permit_entry *own = NULL;
	struct permit_entry *v;
	size_t n, nown = 0;
	int any;

	if ((any = read_list(l, keyword, listens, &v, &n)) == -1)
		return -1;
	if (l->key != NULL) {
		own = listens ? l->key->listens : l->key->opens;
		nown = listens ? l->key->nlistens : l->key->nopens;
	}
	if (nown > 0 && find_entry(own, nown, listens, end) == NULL)
		return refuse_key(l, r, listens ? "key permitlisten" :
		    "key permitopen");
	if (!any && find_entry(v, n, listens, end) == NULL)
		return refuse(l, r, keyword, name);
	if (nown > 0)
		return grant(l, r, l->key->at, listens ? "key permitlisten" :
		    "key permitopen");
	if (sshd_place(l->s, keyword).line != 0)
		return grant(l, r, sshd_place(l->s, keyword), name);
	if (sshd_place(l->s, flag).line != 0)
		return grant(l, r, sshd_place(l->s, flag),
		    end->path != NULL ? "AllowStreamLocalForwarding" :
		    "AllowTcpForwarding");
	return grant(l, r, by_default, "default");
}

/* --- what is left of both lists ----------------------------------------------- */

/* Does b match all that a does?  A '?' of b does not match a '*' of a. */
static int
is_inside(const char *a, const char *b)
{
	return (strchr(a, '*') == NULL || strchr(b, '?') == NULL) &&
	    pattern_match(a, b);
}

/* What both hosts contain, as text; "": nothing; NULL: ENOMEM. */
static const char *
meet_host(struct arena *a, const char *own, const char *set, int listens)
{
	if (strcmp(own, set) == 0 || strcmp(set, "*") == 0)
		return own;
	if (strcmp(own, "*") == 0)
		return set;
	if (!listens)
		return "";
	if (is_inside(own, set))
		return own;
	if (is_inside(set, own))
		return set;
	if (strpbrk(own, "*?") == NULL || strpbrk(set, "*?") == NULL)
		return "";
	/* They may have names in common that neither of them shows. */
	return arena_printf(a, "%s&%s", set, own);
}

static int
has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *p = list;

	while ((p = strstr(p, word)) != NULL &&
	    ((p > list && p[-1] != ',') || (p[n] != ',' && p[n] != '\0')))
		p++;
	return p != NULL;
}

static char *
add_entry(struct arena *a, char *text, const char *host, int port)
{
	const char *in = strchr(host, ':') != NULL ? "[" : "";
	const char *out = *in != '\0' ? "]" : "";
	char *entry = port == -1 ?
	    arena_printf(a, "%s%s%s:*", in, host, out) :
	    arena_printf(a, "%s%s%s:%d", in, host, out, port);

	if (entry == NULL || text == NULL)
		return entry;
	return has_word(text, entry) ? text :
	    arena_printf(a, "%s,%s", text, entry);
}

static const char *
list_text(const struct login *l, int listens)
{
	static const struct permit_entry all = { "*", -1, { NULL, 0 } };
	const struct permit_entry *own = &all, *set;
	struct permit_entry *v;
	const char *host;
	char *text = NULL;
	size_t i, k, n, nown = 1;
	int any;

	if ((any = read_list(l, listens ? "permitlisten" : "permitopen",
	    listens, &v, &n)) == -1)
		return NULL;
	set = any ? &all : v;
	n = any ? 1 : n;
	if (l->key != NULL && (listens ? l->key->nlistens : l->key->nopens)) {
		own = listens ? l->key->listens : l->key->opens;
		nown = listens ? l->key->nlistens : l->key->nopens;
		any = 0;
	}
	if (any)
		return "any";
	for (i = 0; i < nown; i++)
		for (k = 0; k < n; k++) {
			host = meet_host(l->a, own[i].host, set[k].host,
			    listens);
			if (host == NULL)
				return NULL;
			if (*host == '\0' || (own[i].port != -1 &&
			    set[k].port != -1 && own[i].port != set[k].port))
				continue;
			text = add_entry(l->a, text, host,
			    own[i].port != -1 ? own[i].port : set[k].port);
			if (text == NULL)
				return NULL;
		}
	return text != NULL ? text : "none";
}

/* --- requests ---------------------------------------------------------------- */

/* Is any target left for a client that chooses it? */
static int
judge_any(const struct login *l, struct tun_ruling *r)
{
	const char *left = list_text(l, 0);

	if (left == NULL)
		return -1;
	if (strcmp(left, "none") == 0)
		return refuse(l, r, "permitopen", "PermitOpen");
	return grant(l, r, sshd_place(l->s, "allowtcpforwarding"), left);
}

/* Inside a chroot, sshd finds only what is there. */
static int
judge_inside(const struct login *l, const struct tun_end *end,
    struct tun_ruling *r)
{
	int found = account_has_target(l->a, l->account, end);

	if (found == 0)
		return rule(r, TUN_MAY_NO, sshd_place(l->s,
		    "chrootdirectory"), end->path != NULL ?
		    "permitted, but nothing is at that path in the chroot" :
		    "permitted, but the chroot has neither that name in "
		    "/etc/hosts nor a /etc/resolv.conf");
	return found == -1 ? -1 : 0;
}

int
judge_open(const struct login *l, const struct tun_end *end,
    struct tun_ruling *r)
{
	int path = end != NULL && end->path != NULL;

	if (is_flagged_out(l, LOCAL, path, r))
		return 0;
	if (end == NULL)
		return judge_any(l, r);
	if (judge_lists(l, 0, end, r) == -1)
		return -1;
	if (r->may == TUN_MAY_NO || l->account->chroot == NULL)
		return 0;
	return judge_inside(l, end, r);
}

/* Where sshd would listen: channel_fwd_bind_addr(). */
static const char *
bind_text(const struct login *l, const struct tun_end *end)
{
	const char *host = asked_host(end);
	const char *gateway = value_of(l, "gatewayports");

	if (strcmp(gateway, "yes") == 0)
		return "*";
	if (strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0)
		return host;
	if (strcmp(gateway, "clientspecified") != 0)
		return "localhost";
	return *host == '\0' ? "*" : host;
}

/* The rights of the user, with which sshd binds. */
static int
judge_bind(const struct login *l, const struct tun_end *end,
    struct tun_ruling *r)
{
	struct addr addr;
	const char *text;
	int first = l->first_port;

	/* Before 9.8, sshd has a limit beside that of the kernel. */
	if (l->s->release != 0 && l->s->release < 908 &&
	    first < IPPORT_RESERVED)
		first = IPPORT_RESERVED;
	r->bind = bind_text(l, end);
	if (end->port > 0 && end->port < first && l->account->uid != 0) {
		text = arena_printf(l->a, "permitted, but only root can "
		    "listen on a port below %d", first);
		return text == NULL ? -1 :
		    rule(r, TUN_MAY_NO, by_default, text);
	}
	if (addr_parse(r->bind, &addr) && addr_is_foreign(&addr))
		return rule(r, TUN_MAY_NO, by_default, "permitted, but no "
		    "interface of this machine has that address");
	return 0;
}

int
judge_listen(const struct login *l, const struct tun_end *end,
    struct tun_ruling *r)
{
	if (is_flagged_out(l, REMOTE, end->path != NULL, r))
		return 0;
	/* No list is about paths. */
	if (end->path != NULL)
		return grant(l, r, sshd_place(l->s,
		    "allowstreamlocalforwarding"), "no list is about paths");
	if (judge_lists(l, 1, end, r) == -1)
		return -1;
	return r->may == TUN_MAY_NO ? 0 : judge_bind(l, end, r);
}

/* The unit of the server in "LOCAL:REMOTE", or alone. */
static const char *
server_unit(const struct tun_end *end)
{
	const char *colon = strchr(end->host, ':');

	return colon != NULL ? colon + 1 : end->host;
}

/* tunnel="any" takes a unit that the server chooses, and no other. */
static int
is_unit(const struct key_line *key, const char *unit)
{
	char *rest;

	return key->flags & KEY_ANYTUN || strcmp(unit, "any") == 0 ||
	    strtol(unit, &rest, 10) == key->tunnel;
}

/* Which one sshd opens; -1: it makes a new one. */
static int
unit_opened(const struct login *l, const char *unit)
{
	char *rest;

	if (l->key != NULL && !(l->key->flags & KEY_ANYTUN))
		return l->key->tunnel;
	return strcmp(unit, "any") == 0 ? -1 : (int)strtol(unit, &rest, 10);
}

/* Which rules about forwards are about devices, too, depends on the release. */
int
judge_device_out(const struct login *l, struct tun_ruling *r)
{
	if (l->s->release >= 1004 && is_set(l, "disableforwarding", "yes"))
		return refuse(l, r, "disableforwarding",
		    "DisableForwarding"), 1;
	if (l->s->release >= 1006 && l->key != NULL &&
	    l->key->flags & KEY_RESTRICT)
		return refuse_key(l, r, "key restrict"), 1;
	return 0;
}

int
judge_device(const struct login *l, const struct tun_end *end,
    struct tun_ruling *r)
{
	const char *unit = end->host != NULL ? server_unit(end) : "any";
	enum tun_may has;

	judge_login(l, r);
	if (r->may == TUN_MAY_NO)
		return 0;
	if (is_set(l, "permittunnel", "no") || is_set(l, "permittunnel", ""))
		return refuse(l, r, "permittunnel", "PermitTunnel");
	if (is_set(l, "permittunnel", "ethernet"))
		return refuse(l, r, "permittunnel", "PermitTunnel: only for a "
		    "client with Tunnel ethernet, which is not the default");
	if (judge_device_out(l, r))
		return 0;
	if (l->key != NULL && !is_unit(l->key, unit))
		return refuse_key(l, r, "key tunnel");
	has = account_has_device(l->account, unit_opened(l, unit));
	if (has != TUN_MAY_YES)
		return rule(r, has, by_default, has == TUN_MAY_NO ?
		    "permitted, but only root can make a device, and the user "
		    "has none with that unit" :
		    "permitted, but whose the device is is not known");
	return grant(l, r, sshd_place(l->s, "permittunnel"), "PermitTunnel");
}

/* Has the account a shell that runs what it is told? */
static int
is_nologin(const char *shell)
{
	const char *base = base_name(shell);

	return strcmp(base, "nologin") == 0 || strcmp(base, "false") == 0;
}

static int
is_session_out(const struct login *l, struct tun_ruling *r)
{
	judge_login(l, r);
	if (r->may == TUN_MAY_NO)
		return 1;
	if (!is_set(l, "maxsessions", "0"))
		return 0;
	refuse(l, r, "maxsessions", "MaxSessions 0");
	return 1;
}

int
judge_shell(const struct login *l, struct tun_ruling *r)
{
	const char *forced = value_of(l, "forcecommand");

	if (is_session_out(l, r))
		return 0;
	if (*forced != '\0' && strcmp(forced, "none") != 0)
		return refuse(l, r, "forcecommand", "ForceCommand");
	if (l->key != NULL && l->key->command != NULL)
		return refuse_key(l, r, "key command");
	if (l->cert != NULL && l->cert->command != NULL)
		return refuse_key(l, r, "certificate force-command");
	if (is_nologin(l->account->shell))
		return rule(r, TUN_MAY_NO, by_default,
		    "the account's shell lets nobody in");
	if (l->account->no_shell)
		return rule(r, TUN_MAY_NO, by_default, "permitted, but the "
		    "chroot has no shell");
	return grant(l, r, l->key != NULL ? l->key->at : by_default,
	    "nothing forbids a shell");
}

int
judge_tty(const struct login *l, struct tun_ruling *r)
{
	if (is_session_out(l, r))
		return 0;
	if (is_set(l, "permittty", "no"))
		return refuse(l, r, "permittty", "PermitTTY");
	if (l->key != NULL && !(l->key->flags & KEY_PTY))
		return refuse_key(l, r, l->key->flags & KEY_RESTRICT ?
		    "key restrict" : "key no-pty");
	if (l->cert != NULL && !l->cert->pty)
		return refuse_key(l, r, "certificate without permit-pty");
	return grant(l, r, l->key != NULL ? l->key->at :
	    sshd_place(l->s, "permittty"), "nothing forbids a terminal");
}

const char *
judge_open_text(const struct login *l)
{
	struct tun_ruling r;

	return is_flagged_out(l, LOCAL, 0, &r) ? "none" : list_text(l, 0);
}

const char *
judge_listen_text(const struct login *l)
{
	struct tun_ruling r;

	return is_flagged_out(l, REMOTE, 0, &r) ? "none" : list_text(l, 1);
}
