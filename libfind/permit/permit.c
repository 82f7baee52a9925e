/* SPDX-License-Identifier: ISC */
/*
 * The ways to log in to an sshd of this machine, and what each of them may
 * forward: the settings for each user, and the lines of the user's
 * authorized_keys files in the order in which sshd reads them.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/compat.h"
#include "permit.h"
#include "ssh/ssh.h"
#include "sshd_ask.h"

/* A row, with what it was made of. */
struct way {
	struct tun_permit permit;	/* the caller has a pointer to it */
	struct login login;
	struct tun_ruling first;	/* of judge_login() */
	const struct tun_permit_note **notes;
	size_t nnotes;
	const char *suffix;	/* behind the text of a grant; or NULL */
	struct way *next;
};

struct tun_permits {
	struct tun_ctx *ctx;
	struct sshd_ask ask;
	const char *client_host;	/* of -C; NULL: not given */
	int nameless;		/* not given, and sshd would ask DNS for it */
	const struct permit_cert *cert;
	const char *error;
	struct tun_list *list;		/* arena and notes */
	struct way *ways, **last;
};

/* A user, while the rows are made. */
struct visit {
	struct tun_permits *sshd;
	struct arena *a;
	const struct sshd_settings *s;
	struct account account;
	struct permit_client client;
	size_t nways;
	int keys;		/* that a login takes; 0: none lets in */
	int nkeys;		/* different ones that are usable; keys that
				   were not seen are enough of them */
	struct revoked_keys revoked;
	void *keys_seen;	/* tree of struct seen_key */
	const char *ignored;	/* why sshd does not use a file; or NULL */
	const char *doubt;	/* what may decide before the next lines do */
};

/* --- the context --------------------------------------------------------------- */

struct tun_permits *
tun_permits_open(struct tun_ctx *ctx)
{
	struct tun_list *list = list_new();
	struct tun_permits *sshd;

	if (list == NULL)
		return NULL;
	if ((sshd = arena_alloc(list->arena, sizeof(*sshd))) == NULL) {
		tun_list_free(list);
		return NULL;
	}
	sshd->ctx = ctx;
	sshd->list = list;
	sshd->last = &sshd->ways;
	sshd->ask.a = list->arena;
	sshd->ask.addr = "127.0.0.1";
	return sshd;
}

void
tun_permits_free(struct tun_permits *sshd)
{
	if (sshd != NULL)
		tun_list_free(sshd->list);
}

const char *
tun_permits_error(const struct tun_permits *sshd)
{
	return sshd->error;
}

const char *
tun_permits_note(const struct tun_permits *sshd, size_t i)
{
	return tun_note(sshd->list, i);
}

static int
bad(const char **errstr, const char *why)
{
	*errstr = why;
	errno = EINVAL;
	return -1;
}

/* An address as sshd has it: IPv4-mapped ones are IPv4 addresses. */
static int
set_address(struct tun_permits *sshd, const char **addrp, const char *value,
    const char **errstr)
{
	static const char mapped[] = "::ffff:";
	struct addr addr;

	if (!addr_parse(value, &addr))
		return bad(errstr, "no address");
	if (strncasecmp(value, mapped, sizeof(mapped) - 1) == 0 &&
	    strchr(value, '.') != NULL)
		value += sizeof(mapped) - 1;
	return (*addrp = arena_strdup(sshd->ask.a, value)) == NULL ? -1 : 0;
}

static int
set_client_key(struct tun_permits *sshd, const char *key, const char *value,
    const char **errstr)
{
	struct sshd_ask *ask = &sshd->ask;
	char *end;
	long port;

	if (*value == '\0')
		return bad(errstr, "a key of the client has no value");
	if (strcmp(key, "addr") == 0)
		return set_address(sshd, &ask->addr, value, errstr);
	if (strcmp(key, "laddr") == 0)
		return set_address(sshd, &ask->laddr, value, errstr);
	if (strcmp(key, "host") == 0) {
		sshd->client_host = arena_strdup(ask->a, value);
		return sshd->client_host == NULL ? -1 : 0;
	}
	if (strcmp(key, "rdomain") == 0) {
		ask->rdomain = arena_strdup(ask->a, value);
		return ask->rdomain == NULL ? -1 : 0;
	}
	if (strcmp(key, "lport") != 0)
		return bad(errstr, "a client has addr, host, laddr, lport and "
		    "rdomain");
	port = strtol(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0' || port < 1 ||
	    port > 65535)
		return bad(errstr, "bad port");
	ask->lport = (int)port;
	return 0;
}

static int
set_client(struct tun_permits *sshd, const char *text, const char **errstr)
{
	char *copy = arena_strdup(sshd->ask.a, text), *pair, *rest, *value;

	if (copy == NULL)
		return -1;
	for (pair = strtok_r(copy, ",", &rest); pair != NULL;
	    pair = strtok_r(NULL, ",", &rest)) {
		if ((value = strchr(pair, '=')) == NULL)
			return bad(errstr, "a client is key=value, ...");
		*value++ = '\0';
		if (strpbrk(value, " \t\n") != NULL)
			return bad(errstr, "a client has no blanks");
		if (set_client_key(sshd, pair, value, errstr) == -1)
			return -1;
	}
	return 0;
}

static int
set_cert(struct tun_permits *sshd, const char *text, const char **errstr)
{
	struct permit_cert *cert = arena_alloc(sshd->ask.a, sizeof(*cert));

	if (cert == NULL)
		return -1;
	if (permit_cert_parse(sshd->ask.a, text, cert) == -1)
		return errno == EINVAL ? bad(errstr, "no certificate") : -1;
	sshd->cert = cert;
	return 0;
}

int
tun_permits_set(struct tun_permits *sshd, enum tun_permits_what what,
    const char *value, const char **errstr)
{
	struct sshd_ask *ask = &sshd->ask;
	char *copy, *end;
	long pid;

	*errstr = NULL;
	if (what == TUN_PERMITS_CLIENT)
		return set_client(sshd, value, errstr);
	if (what == TUN_PERMITS_CERT)
		return set_cert(sshd, value, errstr);
	if (what == TUN_PERMITS_PID) {
		pid = strtol(value, &end, 10);
		if (!isdigit((unsigned char)*value) || *end != '\0' ||
		    pid < 1 || (pid_t)pid != pid)
			return bad(errstr, "no PID");
		ask->pid = (pid_t)pid;
		return 0;
	}
	if (what != TUN_PERMITS_OPTION && *value != '/')
		return bad(errstr, "the path has to begin with /");
	if ((copy = arena_strdup(ask->a, value)) == NULL)
		return -1;
	if (what == TUN_PERMITS_PROGRAM) {
		ask->program = copy;
		return 0;
	}
	ask->given = 1;
	if (what == TUN_PERMITS_OPTION)
		return sshd_ask_option(ask, copy);
	ask->file = copy;
	return 0;
}

/* --- notes --------------------------------------------------------------------- */

static int
add_note(struct way *w, const char *label, const char *text)
{
	struct arena *a = w->login.a;
	struct tun_permit_note *note;

	if (text == NULL || (note = arena_alloc(a, sizeof(*note))) == NULL)
		return -1;
	note->label = label;
	note->text = text;
	w->notes = arena_push(a, w->notes, w->nnotes, sizeof(*w->notes));
	if (w->notes == NULL)
		return -1;
	w->notes[w->nnotes++] = note;
	return 0;
}

/* Is this setting other than none, which is its default? */
static int
is_used(const struct sshd_settings *s, const char *keyword)
{
	const char *v = sshd_value(s, keyword);

	return v != NULL && *v != '\0' && strcmp(v, "none") != 0;
}

static int
is_off(const struct sshd_settings *s, const char *keyword)
{
	const char *v = sshd_value(s, keyword);

	return v == NULL || strcmp(v, "no") == 0;
}

/* May the user log in by a password alone? */
static enum tun_may
takes_password(const struct sshd_settings *s, const struct account *ac)
{
	return methods_passwords(s) ? ac->password : TUN_MAY_NO;
}

/* Does anything restrict what may be forwarded? */
static int
is_restricted(const struct tun_permit *p)
{
	return strcmp(p->open, "any") != 0 || strcmp(p->listen, "any") != 0 ||
	    strcmp(p->sockets, "both") != 0;
}

static int
can_forward(const struct tun_permit *p)
{
	return strcmp(p->open, "none") != 0 ||
	    strcmp(p->listen, "none") != 0 || strcmp(p->sockets, "none") != 0;
}

/* What makes a restriction worth less than it seems. */
static int
add_notes(struct way *w, const struct key_file *file)
{
	const struct tun_permit *p = &w->permit;
	const struct key_line *key = w->login.key;
	struct tun_ruling device;

	if (is_restricted(p) && strcmp(p->shell, "yes") == 0 && add_note(w,
	    "shell", "a shell or command is available, which can forward by "
	    "other means: the restriction prevents nothing") == -1)
		return -1;
	if (can_forward(p) && strcmp(p->shell, "yes") != 0 && add_note(w,
	    "no-session", "ssh -N forwards although there is no free shell") ==
	    -1)
		return -1;
	if (key != NULL && takes_password(w->login.s, w->login.account) ==
	    TUN_MAY_YES && add_note(w, "password", "a login with a password is "
	    "not bound by the options of a key") == -1)
		return -1;
	if (file != NULL && file->writable != NULL && add_note(w, "writable",
	    arena_printf(w->login.a, "the account can change %s, and with it "
	    "the options of its keys", file->writable)) == -1)
		return -1;
	if (w->login.account->chroot != NULL && add_note(w, "chroot",
	    arena_printf(w->login.a, "forwards start inside %s: its paths, "
	    "and names by its own hosts file", w->login.account->chroot)) ==
	    -1)
		return -1;
	if (key != NULL && key->nopens > 0 && key->nlistens == 0 &&
	    strcmp(p->listen, "any") == 0 && add_note(w, "listen",
	    "permitopen leaves every -R open: permitlisten restricts it") ==
	    -1)
		return -1;
	if (!is_off(w->login.s, "permittunnel") &&
	    !judge_device_out(&w->login, &device) && add_note(w, "device",
	    "-w is allowed by PermitTunnel, whatever forbids other forwards") ==
	    -1)
		return -1;
	if (key != NULL && key->flags & KEY_CA && w->login.cert == NULL &&
	    add_note(w, "certificate",
	    "what the certificate itself grants is not known here") == -1)
		return -1;
	return 0;
}

/* --- rows ---------------------------------------------------------------------- */

static const char *
sockets_text(const struct login *l)
{
	static const struct tun_end path = { "/", NULL, -1 };
	struct tun_ruling r;
	int local, remote;

	if (judge_open(l, &path, &r) == -1)
		return NULL;
	local = r.may != TUN_MAY_NO;
	if (judge_listen(l, &path, &r) == -1)
		return NULL;
	remote = r.may != TUN_MAY_NO;
	return local ? remote ? "both" : "local" : remote ? "remote" : "none";
}

static const char *
shell_text(const struct login *l)
{
	struct tun_ruling r;

	judge_shell(l, &r);
	if (r.may != TUN_MAY_NO)
		return "yes";
	return strstr(r.rule, "ommand") != NULL ? "forced" : "no";
}

/* May the client's name, which was not given, make sshd skip the line? */
static int
asks_unknown_name(const struct visit *v, const struct key_line *key)
{
	return key->from != NULL && v->client.host == NULL;
}

/* What the lines so far that have this key do with it. */
struct seen_key {
	const struct key_line *key;
	int decides;		/* one of them does, for this user */
	int may_decide;		/* or it may do so */
};

static int
by_key(const void *a, const void *b)
{
	const struct key_line *x = ((const struct seen_key *)a)->key;
	const struct key_line *y = ((const struct seen_key *)b)->key;
	int r = strcmp(x->blob, y->blob);

	return r != 0 ? r : ((x->flags & KEY_CA) != 0) -
	    ((y->flags & KEY_CA) != 0);
}

/*
 * The same of earlier lines; NULL: there are none. A line of a CA is not about
 * the key itself, and which of several lines of a CA decides depends on the
 * certificate.
 */
static const struct seen_key *
find_seen(const struct visit *v, const struct key_line *key)
{
	const struct seen_key at = { key, 0, 0 };
	struct seen_key *const *found;

	if (key->flags & KEY_CA && v->sshd->cert == NULL)
		return NULL;
	found = tfind(&at, &v->keys_seen, by_key);
	return found != NULL ? *found : NULL;
}

/* Adds the line of w, unless an earlier one decides or sshd skips it. */
static int
add_seen(struct visit *v, const struct way *w)
{
	const struct key_line *key = w->login.key;
	struct seen_key *new, **found;

	if (key == NULL || w->permit.unused || judge_skipped(&w->login) != NULL)
		return 0;
	if ((new = arena_alloc(v->a, sizeof(*new))) == NULL)
		return -1;
	new->key = key;
	if ((found = tsearch(new, &v->keys_seen, by_key)) == NULL)
		return -1;
	if (asks_unknown_name(v, key))
		(*found)->may_decide = 1;
	else
		(*found)->decides = 1;
	return 0;
}

static void
free_seen(struct visit *v)
{
	while (v->keys_seen != NULL)
		(void)tdelete(*(struct seen_key **)v->keys_seen, &v->keys_seen,
		    by_key);
}

/* What is not known and decides before this line, or in it; or NULL. */
static const char *
find_doubt(const struct visit *v, const struct key_line *key,
    const struct seen_key *seen)
{
	if (v->doubt != NULL)
		return v->doubt;
	if (v->revoked.unknown)
		return "RevokedKeys may have the key: it was not read";
	return asks_unknown_name(v, key) ||
	    (seen != NULL && seen->may_decide) ?
	    "key from, by the client's name, which was not given: UseDNS is "
	    "yes" : NULL;
}

/* Of what is not known, only that nothing is left is certain. */
static const char *
certain(const struct way *w, const char *text)
{
	return w->first.may != TUN_MAY_UNKNOWN || strcmp(text, "none") == 0 ||
	    strcmp(text, "no") == 0 ? text : NULL;
}

/* sshd asks of a certificate and of its CA; -1: ENOMEM. */
static int
is_revoked(const struct visit *v, const struct key_line *key)
{
	if (revoked_keys_has(&v->revoked, key->blob))
		return 1;
	return key->flags & KEY_CA && v->sshd->cert != NULL ?
	    revoked_keys_has_cert(v->a, &v->revoked, v->sshd->cert) : 0;
}

/* Sets what the line of the key says; -1: ENOMEM. */
static int
set_key(struct way *w, const struct visit *v, const struct key_line *key)
{
	const struct seen_key *seen = find_seen(v, key);
	struct tun_permit *p = &w->permit;
	struct login *l = &w->login;
	int by = 1;

	l->key = key;
	l->cert = key->flags & KEY_CA ? v->sshd->cert : NULL;
	if (l->cert != NULL && (by = permit_cert_is_by(v->a, l->cert,
	    key->blob)) == -1)
		return -1;
	l->other_ca = !by;
	if ((l->revoked = is_revoked(v, key)) == -1)
		return -1;
	l->doubt = find_doubt(v, key, seen);
	p->unused = seen != NULL && seen->decides;
	p->type = key->type;
	p->blob = key->blob;
	p->comment = key->comment;
	p->file = key->at.file;
	p->line = key->at.line;
	return 0;
}

/* Sets what may be forwarded, and the notes; file is that of the key. */
static int
set_permit(struct way *w, const struct visit *v, const struct key_file *file)
{
	struct tun_permit *p = &w->permit;

	p->login = &w->first;
	p->gateway = sshd_value(v->s, "gatewayports");
	p->open = judge_open_text(&w->login);
	p->listen = judge_listen_text(&w->login);
	p->sockets = sockets_text(&w->login);
	p->shell = shell_text(&w->login);
	if (p->open == NULL || p->listen == NULL || p->sockets == NULL)
		return -1;
	if (w->first.may != TUN_MAY_NO && !p->unused &&
	    add_notes(w, file) == -1)
		return -1;
	p->open = certain(w, p->open);
	p->listen = certain(w, p->listen);
	p->sockets = certain(w, p->sockets);
	p->shell = certain(w, p->shell);
	if (v->ignored != NULL && add_note(w, "ignored", v->ignored) == -1)
		return -1;
	/* The NULL at the end. */
	if ((w->notes = arena_push(v->a, w->notes, w->nnotes,
	    sizeof(*w->notes))) == NULL)
		return -1;
	p->notes = w->notes;
	return 0;
}

enum how { BY_KEY, BY_PASSWORD };

/*
 * Without key, doubt is what may decide in its place, such as keys that were
 * not seen; or NULL.  NULL is ENOMEM.
 */
static struct way *
add_way(struct visit *v, enum how how, const struct key_line *key,
    const struct key_file *file, const char *doubt)
{
	struct way *w = arena_alloc(v->a, sizeof(*w));
	struct login *l;

	if (w == NULL)
		return NULL;
	l = &w->login;
	l->a = v->a;
	l->s = v->s;
	l->account = &v->account;
	l->client = v->client;
	l->by_password = how == BY_PASSWORD;
	l->doubt = doubt;
	l->now = plat_now(v->sshd->ctx->pl) / 1000000;
	l->first_port = plat_first_port(v->sshd->ctx->pl);
	w->permit.user = v->account.name;
	if (key != NULL && set_key(w, v, key) == -1)
		return NULL;
	judge_login(l, &w->first);
	if (set_permit(w, v, file) == -1 || add_seen(v, w) == -1)
		return NULL;
	*v->sshd->last = w;
	v->sshd->last = &w->next;
	v->nways++;
	v->nkeys += key != NULL && w->first.may != TUN_MAY_NO &&
	    !w->permit.unused;
	return w;
}

/* --- key files ------------------------------------------------------------------ */

static int
note(struct visit *v, const char *text)
{
	return text == NULL ? -1 : list_note(v->sshd->list, text);
}

/* A way in by keys that were not seen, and the reason. */
static int
add_unseen(struct visit *v, const char *text)
{
	if (note(v, text) == -1)
		return -1;
	if (v->keys == 0 || v->revoked.all)
		return 0;
	v->nkeys += v->keys;
	return add_way(v, BY_KEY, NULL, NULL, text) != NULL ? 0 : -1;
}

/* What was not read may have a line that decides before those of later files. */
static int
add_unread(struct visit *v, const char *path, const char *why)
{
	const char *text = arena_printf(v->a, "%s: %s", path, why);

	if (text == NULL || add_unseen(v, text) == -1)
		return -1;
	if (v->doubt == NULL)
		v->doubt = text;
	return 0;
}

/* Is this what sshd finds as well, and ignores the file for it? */
static int
is_sure(int error)
{
	return error == EACCES || error == ELOOP || error == ENXIO;
}

static int
read_lines(struct visit *v, const struct key_file *file)
{
	struct key_line *key;
	char *line, *rest = file->text;
	unsigned number = 0;
	int r;

	while ((line = strsep(&rest, "\n")) != NULL) {
		number++;
		line[strcspn(line, "\r")] = '\0';
		if ((key = arena_alloc(v->a, sizeof(*key))) == NULL)
			return -1;
		key->at.file = file->path;
		key->at.line = number;
		if ((r = key_line_parse(v->a, line, key)) == -1)
			return -1;
		if (r == 0)
			continue;
		if (add_way(v, BY_KEY, key, file, NULL) == NULL)
			return -1;
	}
	return 0;
}

static int
read_file(struct visit *v, const char *path)
{
	struct key_file *file = arena_alloc(v->a, sizeof(*file));
	const char *strict = sshd_value(v->s, "strictmodes");

	if (file == NULL)
		return -1;
	if (key_file_read(v->a, &v->account, path, strict == NULL ||
	    strcmp(strict, "no") != 0, file) == -1) {
		return errno == ENOMEM ? -1 : add_unread(v, path,
		    arena_printf(v->a, "cannot be read as %s: %s",
		    v->account.name, strerror(errno)));
	}
	if (file->error == ENOENT || file->error == ENOTDIR)
		return 0;
	if (file->error != 0 && !is_sure(file->error))
		return add_unread(v, path, arena_printf(v->a,
		    "cannot be read as %s: %s", v->account.name,
		    strerror(file->error)));
	if (file->error != 0 || file->refused != NULL) {
		v->ignored = arena_printf(v->a, "sshd ignores %s: %s", path,
		    file->refused != NULL ? file->refused :
		    strerror(file->error));
		return v->ignored == NULL ? -1 : 0;
	}
	if (read_lines(v, file) == -1)
		return -1;
	return file->cut ? add_unread(v, path,
	    "too long, not read to its end") : 0;
}

/* The files of a name, which sshd 10 and later take as a pattern. */
static int
expand_pattern(struct visit *v, const char *path, const char ***namesp,
    size_t *np)
{
	if (v->s->release >= 1000 && strpbrk(path, "*?[") != NULL)
		return key_file_names(v->a, &v->account, path, namesp, np);
	if ((*namesp = arena_alloc(v->a, sizeof(**namesp))) == NULL)
		return -1;
	(*namesp)[0] = path;
	*np = 1;
	return 0;
}

static int
read_pattern(struct visit *v, const char *path)
{
	const char **names;
	size_t i, n;

	if (expand_pattern(v, path, &names, &n) == -1)
		return errno == ENOMEM ? -1 : add_unread(v, path,
		    arena_printf(v->a, "cannot be expanded as %s: %s",
		    v->account.name, strerror(errno)));
	for (i = 0; i < n; i++)
		if (read_file(v, names[i]) == -1)
			return -1;
	return 0;
}

/* A file of the account in a setting, with tokens; NULL: ENOMEM, or EINVAL. */
static const char *
own_file(struct visit *v, const char *name)
{
	const char *path = account_expand(v->a, &v->account, name);

	return path == NULL || *path == '/' ? path : arena_printf(v->a, "%s/%s",
	    v->account.home, path);
}

/* The names as the line has them: "sshd -T" prints them without quotes. */
static int
file_names(struct visit *v, const char *keyword, const char ***namesp,
    size_t *np)
{
	const char *text = sshd_line_text(v->s, keyword);

	if (text == NULL)
		text = sshd_value(v->s, keyword);
	return sshd_split(v->a, text != NULL ? text : "", namesp, np);
}

static int
read_key_files(struct visit *v)
{
	const char **names, *path;
	size_t i, n;

	if (file_names(v, "authorizedkeysfile", &names, &n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (strcasecmp(names[i], "none") == 0)
			continue;
		if ((path = account_tilde(v->a, names[i])) != NULL)
			path = own_file(v, path);
		if (path == NULL && errno == EINVAL)
			return note(v, arena_printf(v->a, "AuthorizedKeysFile "
			    "%s: sshd refuses each login, because it does not "
			    "know a token", names[i]));
		if (path == NULL || read_pattern(v, path) == -1)
			return -1;
	}
	return 0;
}

/*
 * One file; from OpenSSH 10.3 on there may be several.  "sshd -T" prints their
 * names without quotes, so that blanks do not tell which.
 */
static int
read_revoked_keys(struct visit *v)
{
	const char *value = sshd_value(v->s, "revokedkeys"), **names;
	size_t i, n;

	if (!is_used(v->s, "revokedkeys"))
		return 0;
	if (sshd_line_text(v->s, "revokedkeys") == NULL &&
	    strchr(value, ' ') != NULL) {
		if (v->s->release != 0 && v->s->release < 1003)
			return revoked_keys_read(v->a, value, &v->revoked);
		v->revoked.unknown = 1;
		return 0;
	}
	if (file_names(v, "revokedkeys", &names, &n) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (revoked_keys_read(v->a, names[i], &v->revoked) == -1)
			return -1;
	return 0;
}

/* --- users ---------------------------------------------------------------------- */

/*
 * 1: the file lets one of the principals in; 0: none; -1: ENOMEM; 2: not known.
 */
static int
read_principals(struct visit *v, const char *path, struct key_line *ca,
    struct key_file *file)
{
	const char *strict = sshd_value(v->s, "strictmodes");
	int r;

	if (key_file_read(v->a, &v->account, path, strict == NULL ||
	    strcmp(strict, "no") != 0, file) == -1)
		return errno == ENOMEM ? -1 : 2;
	if (file->error != 0 && !is_sure(file->error) &&
	    file->error != ENOENT && file->error != ENOTDIR)
		return 2;
	if (file->error != 0 || file->refused != NULL)
		return 0;
	r = trusted_ca_principal(v->a, file, v->sshd->cert, ca);
	return r == 0 && file->cut ? 2 : r;
}

/* The same of all files that AuthorizedPrincipalsFile names. */
static int
find_principal(struct visit *v, struct key_line *ca, struct key_file *file)
{
	const char *path = own_file(v, sshd_value(v->s,
	    "authorizedprincipalsfile")), **names;
	size_t i, n;
	int r = 0;

	if (path == NULL)
		return errno == ENOMEM ? -1 : 0;
	if (expand_pattern(v, path, &names, &n) == -1)
		return errno == ENOMEM ? -1 : 2;
	for (i = 0; i < n && r == 0; i++)
		r = read_principals(v, names[i], ca, file);
	return r;
}

/* The client's certificate, if a CA of TrustedUserCAKeys has signed it. */
static int
add_certificate(struct visit *v)
{
	const char *path = sshd_value(v->s, "trustedusercakeys");
	struct key_line *ca = arena_alloc(v->a, sizeof(*ca));
	struct key_file *file = arena_alloc(v->a, sizeof(*file));
	int in_file = is_used(v->s, "authorizedprincipalsfile"), r;

	if (ca == NULL || file == NULL)
		return -1;
	if ((r = trusted_ca_find(v->a, path, v->sshd->cert, ca)) != 1) {
		if (r == 0 || errno == ENOENT)
			return 0;
		return errno == ENOMEM ? -1 : add_unseen(v, arena_printf(v->a,
		    "%s: %s", path, strerror(errno)));
	}
	if (in_file && (r = find_principal(v, ca, file)) == -1)
		return -1;
	if (in_file && r == 2)
		return add_unseen(v, "AuthorizedPrincipalsFile: it cannot be "
		    "read to its end");
	if (!(ca->flags & KEY_NAMED) &&
	    is_used(v->s, "authorizedprincipalscommand"))
		return add_unseen(v, "AuthorizedPrincipalsCommand may let the "
		    "certificate in: it was not run");
	if (in_file && r == 0)
		ca->error = "AuthorizedPrincipalsFile: has no principal of "
		    "the certificate";
	return add_way(v, BY_KEY, ca, ca->flags & KEY_NAMED ? file : NULL,
	    NULL) == NULL ? -1 : 0;
}

/* Keys that sshd looks for after those of the files. */
static int
add_other_keys(struct visit *v)
{
	if (is_used(v->s, "trustedusercakeys") && (v->sshd->cert != NULL ?
	    add_certificate(v) : add_unseen(v, "TrustedUserCAKeys: "
	    "certificates may let users in by themselves")) == -1)
		return -1;
	if (is_used(v->s, "authorizedkeyscommand") && add_unseen(v,
	    "AuthorizedKeysCommand may give more keys: it was not run") == -1)
		return -1;
	return 0;
}

/* Refuses those who have fewer keys than AuthenticationMethods wants. */
static void
refuse_keys(struct visit *v)
{
	struct permit_at at = sshd_place(v->s, "authenticationmethods");
	struct way *w;

	for (w = v->sshd->ways; w != NULL; w = w->next) {
		if (w->login.account != &v->account || w->login.key == NULL ||
		    w->first.may == TUN_MAY_NO)
			continue;
		w->first.may = TUN_MAY_NO;
		w->first.rule = "AuthenticationMethods: one key is not enough";
		w->first.file = at.file;
		w->first.line = at.line;
	}
	v->nkeys = 0;
}

/* 1: there is no such login, or it is of no use beside others. */
static int
has_no_password(const struct visit *v, enum tun_may may)
{
	struct login l;
	struct tun_ruling r;

	if (may == TUN_MAY_NO)
		return 1;
	memset(&l, 0, sizeof(l));
	l.a = v->a;
	l.s = v->s;
	l.account = &v->account;
	l.by_password = 1;
	l.client = v->client;
	judge_login(&l, &r);
	return r.may == TUN_MAY_NO && v->nways > 0;
}

/* A login by password is bound by no key, so it is a way beside all keys. */
static int
add_password(struct visit *v)
{
	enum tun_may may = takes_password(v->s, &v->account);
	struct way *w;

	if (has_no_password(v, may))
		return 0;
	w = add_way(v, BY_PASSWORD, NULL, NULL, may == TUN_MAY_YES ?
	    v->account.unseen : "whether the user has a password is not known");
	if (w == NULL)
		return -1;
	w->suffix = v->nkeys > 0 ? "with a password, which no option of a key "
	    "restricts" : "with a password";
	return 0;
}

/* Other means than keys, if sshd allows any, or that there is no way at all. */
static int
add_without_key(struct visit *v)
{
	static const char others[] = "HostbasedAuthentication or "
	    "GSSAPIAuthentication may let users in without a key";
	struct way *w;

	if (methods_others(v->s) && (note(v, others) == -1 ||
	    add_way(v, BY_KEY, NULL, NULL, others) == NULL))
		return -1;
	if (add_password(v) == -1)
		return -1;
	if (v->nways > 0)
		return 0;
	if ((w = add_way(v, BY_PASSWORD, NULL, NULL, NULL)) == NULL)
		return -1;
	if (w->first.may != TUN_MAY_YES)
		return 0;
	w->first.may = TUN_MAY_NO;
	w->first.rule = v->ignored != NULL ? v->ignored :
	    "no key, and no login by password";
	return 0;
}

static int
add_ways(struct visit *v)
{
	if (read_key_files(v) == -1 || add_other_keys(v) == -1)
		return -1;
	if (v->nkeys < v->keys)
		refuse_keys(v);
	return add_without_key(v);
}

static int
visit(struct tun_permits *sshd, const char *user, const struct sshd_settings *s)
{
	struct visit *v = arena_alloc(sshd->ask.a, sizeof(*v));
	int r, error;

	if (v == NULL)
		return -1;
	v->sshd = sshd;
	v->a = sshd->ask.a;
	v->s = s;
	if (account_read(v->a, user, &v->account) == -1) {
		if (errno == ENOENT)
			sshd->error = arena_printf(v->a, "no user %s", user);
		return -1;
	}
	if (account_apply(v->a, s, &v->account) == -1)
		return -1;
	v->client.user = v->account.name;
	v->client.host = sshd->nameless ? NULL : sshd->ask.host;
	v->client.addr = sshd->ask.addr;
	v->client.release = s->release;
	v->keys = methods_keys(s, v->account.password != TUN_MAY_NO);
	v->doubt = v->account.unseen;
	if (read_revoked_keys(v) == -1)
		return -1;
	if (v->doubt == NULL && v->keys > 1)
		v->doubt = "AuthenticationMethods: more than one key is needed";
	r = add_ways(v);
	error = errno;
	free_seen(v);
	errno = error;
	return r;
}

static int
has_host(void *arg, const char *word, struct permit_at at)
{
	(void)arg;
	(void)at;
	return strchr(word, '@') != NULL;
}

/* Does it depend on the client's name who may log in, or how? */
static int
asks_name(const struct tun_permits *sshd, const struct sshd_settings *s)
{
	return s->by_name ||
	    sshd_words(sshd->ask.a, s, "allowusers", has_host, NULL) == 1 ||
	    sshd_words(sshd->ask.a, s, "denyusers", has_host, NULL) == 1;
}

/*
 * A running sshd has read its files at its start, or at a SIGHUP, which cannot
 * be seen.  Its start is known to a second.
 */
static int
note_changes(struct tun_permits *sshd, const struct sshd_settings *s)
{
	struct stat st;
	const char *text;
	size_t i;

	for (i = 0; sshd->ask.started != 0 && i < s->nfiles; i++) {
		if (stat(s->files[i], &st) == -1 ||
		    st.st_mtime <= sshd->ask.started + 1)
			continue;
		text = arena_printf(sshd->ask.a, "%s was changed after sshd "
		    "was started: it has other settings, unless it was "
		    "reloaded", s->files[i]);
		if (text == NULL || list_note(sshd->list, text) == -1)
			return -1;
	}
	return 0;
}

/*
 * The first question shows the port and UseDNS, which both belong into the
 * others: without UseDNS the name of a client is its address.
 */
static int
ask_first(struct tun_permits *sshd)
{
	static const char *const root = "root";
	struct sshd_ask *ask = &sshd->ask;
	struct sshd_settings s;
	const char *value;

	ask->host = ask->addr;
	if (ask->laddr == NULL)
		ask->laddr = strchr(ask->addr, ':') != NULL ? "::1" :
		    "127.0.0.1";
	if (sshd_ask_users(ask, &root, 1, &s) == -1 ||
	    note_changes(sshd, &s) == -1)
		return -1;
	if (ask->lport == 0)
		ask->lport = (value = sshd_value(&s, "port")) != NULL ?
		    atoi(value) : SSH_PORT;
	sshd->nameless = sshd->client_host == NULL && !is_off(&s, "usedns");
	if (sshd->nameless && asks_name(sshd, &s)) {
		sshd->error = "UseDNS is yes, and the configuration asks for "
		    "the client's name: say it with host=";
		errno = EINVAL;
		return -1;
	}
	if (sshd->client_host == NULL)
		return 0;
	if (!is_off(&s, "usedns"))
		ask->host = sshd->client_host;
	else if (strcmp(sshd->client_host, ask->addr) != 0)
		return list_note(sshd->list, "UseDNS is no: sshd takes the "
		    "client's address for its name");
	return 0;
}

static int
read_users(struct tun_permits *sshd, const char *const *users, size_t n)
{
	struct sshd_settings *v;
	size_t i;

	if ((v = arena_alloc(sshd->ask.a, (n + 1) * sizeof(*v))) == NULL ||
	    sshd_ask_users(&sshd->ask, users, n, v) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (visit(sshd, users[i], &v[i]) == -1)
			return -1;
	return 0;
}

int
tun_permits_read(struct tun_permits *sshd, const char *const *users, size_t n)
{
	sshd->error = NULL;
	if (sshd->ctx->recorded) {
		sshd->error = "a recorded table has no sshd to ask";
		errno = ENOTSUP;
		return -1;
	}
	if (geteuid() != 0) {
		sshd->error = "only root can ask sshd for its settings, and "
		    "read the keys of others";
		errno = EPERM;
		return -1;
	}
	if (sshd_ask_find(&sshd->ask, sshd->ctx->pl) == -1 ||
	    ask_first(sshd) == -1 || read_users(sshd, users, n) == -1) {
		if (sshd->error == NULL)
			sshd->error = sshd->ask.error;
		return -1;
	}
	return 0;
}

/* --- what callers ask ------------------------------------------------------------ */

const struct tun_permit *
tun_permits_next(const struct tun_permits *sshd, const struct tun_permit *prev)
{
	const struct way *w = prev == NULL ? sshd->ways :
	    ((const struct way *)prev)->next;

	return w != NULL ? &w->permit : NULL;
}

const struct tun_ruling *
tun_permits_may(struct tun_permits *sshd, const struct tun_permit *permit,
    enum tun_request request, const struct tun_end *end)
{
	const struct way *w = (const struct way *)permit;
	const struct login *l = &w->login;
	struct tun_ruling *r;
	int failed = 0;

	if ((r = arena_alloc(sshd->ask.a, sizeof(*r))) == NULL)
		return NULL;
	/* Without a login there is nothing to ask for. */
	if (w->first.may == TUN_MAY_NO || request == TUN_REQUEST_LOGIN)
		return &w->first;
	switch (request) {
	case TUN_REQUEST_OPEN:
		failed = judge_open(l, end, r);
		break;
	case TUN_REQUEST_LISTEN:
		failed = judge_listen(l, end, r);
		break;
	case TUN_REQUEST_DEVICE:
		failed = judge_device(l, end, r);
		break;
	case TUN_REQUEST_TTY:
		failed = judge_tty(l, r);
		break;
	default:
		failed = judge_shell(l, r);
		break;
	}
	if (failed == 0 && r->may == TUN_MAY_YES && w->suffix != NULL &&
	    (r->rule = arena_printf(l->a, "%s, %s", r->rule,
	    w->suffix)) == NULL)
		failed = -1;
	return failed == -1 ? NULL : r;
}

/* Yes goes before what is not known, and that before no. */
static int
outweighs(enum tun_may a, enum tun_may b)
{
	return a != b && (a == TUN_MAY_YES || b == TUN_MAY_NO);
}

const struct tun_ruling *
tun_permits_any(struct tun_permits *sshd, enum tun_request request,
    const struct tun_end *end, const struct tun_permit **permitp)
{
	const struct tun_ruling *r, *best = NULL;
	const struct tun_permit *p = NULL;

	while ((p = tun_permits_next(sshd, p)) != NULL) {
		if (p->unused)
			continue;
		if ((r = tun_permits_may(sshd, p, request, end)) == NULL)
			return NULL;
		if (best == NULL || outweighs(r->may, best->may)) {
			best = r;
			*permitp = p;
		}
	}
	if (best == NULL)
		errno = ENOENT;
	return best;
}
