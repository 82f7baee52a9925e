/* SPDX-License-Identifier: ISC */
/*
 * The value of a column for a tunnel or a forward: a number, a text, nothing,
 * or not known.  Texts are byte-exact; the code that prints them escapes them.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/hosts.h"
#include "common/out.h"
#include "common/tool.h"
#include "compat/compat.h"

#define SOCKS	TUN_SCAN_SOCKETS
#define INFO	(TUN_SCAN_SOCKETS | TUN_SCAN_INFO)
#define HEALTH	(INFO | TUN_SCAN_AGAIN)	/* some states need two samples */

/*
 * All columns about forwards need the socket table: some forwards are found
 * only there, and an ID is short only if no other forward has the same one.
 *
 * The last two numbers are the least width of a text that may be cut and the
 * rank: what serves to find and to judge a tunnel has a lower one.
 */
const struct column_info columns[NCOLUMNS] = {
[COL_ID] = { "id", FORM_TEXT, 1, SOCKS, 0, 0,
    "name of the forward, for tunkill" },
[COL_KIND] = { "kind", FORM_TEXT, 1, SOCKS, 6, 12,
    "which of ssh's forwards it is" },
[COL_PID] = { "pid", FORM_COUNT, 0, 0, 0, 5, "process ID" },
[COL_PPID] = { "ppid", FORM_COUNT, 0, 0, 0, 15, "process ID of the parent" },
[COL_PGID] = { "pgid", FORM_COUNT, 0, 0, 0, 15, "process group" },
[COL_SID] = { "sid", FORM_COUNT, 0, 0, 0, 15, "session" },
[COL_USER] = { "user", FORM_TEXT, 0, 0, 6, 6, "who runs it" },
[COL_UID] = { "uid", FORM_COUNT, 0, 0, 0, 15, "number of that user" },
[COL_ORIGIN] = { "origin", FORM_TEXT, 0, 0, 6, 11, "how it came to be there" },
[COL_SUPERVISOR] = { "supervisor", FORM_TEXT, 0, 0, 8, 12,
    "who starts it again when it ends" },
[COL_STATE] = { "state", FORM_TEXT, 1, HEALTH, 0, 1, "how it is" },
[COL_WHY] = { "why", FORM_TEXT, 1, HEALTH, 12, 10,
    "the evidence for the state" },
[COL_LISTEN] = { "listen", FORM_TEXT, 1, SOCKS, 15, 3, "where it listens" },
[COL_TARGET] = { "target", FORM_TEXT, 1, SOCKS, 8, 2, "where that leads to" },
[COL_VIA] = { "via", FORM_TEXT, 0, INFO, 8, 4, "ssh server between the two" },
[COL_LABEL] = { "label", FORM_TEXT, 0, TUN_SCAN_ENV, 6, 6, "name given to it" },
[COL_SOURCE] = { "source", FORM_TEXT, 1, SOCKS, 6, 13, "who says it exists" },
[COL_CONNS] = { "conns", FORM_COUNT, 1, INFO, 0, 7, "connections through it" },
[COL_CLIENTS] = { "clients", FORM_TEXT, 1, INFO | TUN_SCAN_CLIENTS, 8, 9,
    "who is connected" },
[COL_AGE] = { "age", FORM_AGE, 0, 0, 0, 8, "time since it was started" },
[COL_START] = { "start", FORM_DATE, 0, 0, 0, 12, "when it was started" },
[COL_IDLE] = { "idle", FORM_AGE, 0, INFO, 0, 9,
    "time since data went through" },
[COL_HEARD] = { "heard", FORM_AGE, 0, INFO, 0, 9,
    "time since the server was heard of" },
[COL_RX] = { "rx", FORM_BYTES, 0, INFO, 0, 10, "bytes from the server" },
[COL_TX] = { "tx", FORM_BYTES, 0, INFO, 0, 10, "bytes to the server" },
[COL_RATE] = { "rate", FORM_BYTES, 0, INFO, 0, 10,
    "bytes a second, both ways, measured for a second" },
[COL_RTT] = { "rtt", FORM_USEC, 0, INFO, 0, 13, "round trip to the server" },
[COL_RETRANS] = { "retrans", FORM_COUNT, 0, INFO, 0, 13,
    "segments sent again" },
[COL_EXPOSED] = { "exposed", FORM_TEXT, 1, SOCKS, 0, 12,
    "open to other machines" },
[COL_CTLPATH] = { "ctlpath", FORM_TEXT, 0, SOCKS, 8, 14, "control socket" },
[COL_MASTER] = { "master", FORM_TEXT, 0, SOCKS, 0, 14, "is a ControlMaster" },
[COL_UNIT] = { "unit", FORM_TEXT, 0, 0, 8, 13, "unit of the service manager" },
[COL_EXE] = { "exe", FORM_TEXT, 0, 0, 8, 14, "program file" },
[COL_CWD] = { "cwd", FORM_TEXT, 0, 0, 8, 14, "working directory" },
[COL_CMD] = { "cmd", FORM_TEXT, 0, 0, 8, 12, "command line" },
[COL_SERVER] = { "server", FORM_TEXT, 0, INFO, 9, 9,
    "address that its connection goes to" },
[COL_CLIENT] = { "client", FORM_TEXT, 0, INFO, 8, 3,
    "with --server: address that it comes from" },
[COL_TTY] = { "tty", FORM_TEXT, 0, 0, 6, 9, "with --server: its terminals" },
};

static size_t
digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* As strcmp(3), but a longer row of digits is the greater number. */
static int
cmp_natural(const char *a, const char *b)
{
	size_t start = 0, i, la, lb;

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++) {
		if (digits(&a[i]) == 0)
			start = i + 1;
	}
	la = digits(&a[start]);
	lb = digits(&b[start]);
	if (la > 0 && lb > 0 && la != lb)
		return la < lb ? -1 : 1;
	return strcmp(a, b);
}

char *
cell_addr(const struct tun_addr *addr)
{
	int n = tun_addr_text(addr, NULL, 0);
	char *s;

	if (n == 0)
		return tool_xstrdup("?");
	s = tool_xcalloc((size_t)n + 1, 1);
	tun_addr_text(addr, s, (size_t)n + 1);
	return s;
}

int
cell_is_loopback(const struct tun_addr *addr)
{
	static const unsigned char one[16] = { [15] = 1 };

	return addr->family == AF_INET ? addr->ip[0] == 127 :
	    memcmp(addr->ip, one, sizeof(one)) == 0;
}

int
cell_same_addr(const struct tun_addr *a, const struct tun_addr *b)
{
	return a->family == b->family && a->port == b->port &&
	    memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

int
cell_is_localhost(const char *host)
{
	return host != NULL && (strcasecmp(host, "localhost") == 0 ||
	    strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0);
}

int
cell_wants_all(const struct tun_fwd *fwd)
{
	const struct tun_end *end = &fwd->spec.listen;

	return (fwd->spec.kind == TUN_FWD_REMOTE ||
	    fwd->spec.kind == TUN_FWD_RDYNAMIC) && end->path == NULL &&
	    end->host != NULL && !cell_is_localhost(end->host);
}

/* Returns NULL if the library does not know the text. */
static char *
text_of(int (*text)(const struct tun_fwd *, char *, size_t),
    const struct tun_fwd *fwd)
{
	int n = text(fwd, NULL, 0);
	char *s;

	if (n <= 0)
		return NULL;
	s = tool_xcalloc((size_t)n + 1, 1);
	text(fwd, s, (size_t)n + 1);
	return s;
}

char *
cell_listen(const struct row *row)
{
	return text_of(tun_listen_text, row->fwd);
}

char *
cell_target(const struct row *row)
{
	return text_of(tun_target_text, row->fwd);
}

/* Another network namespace may be another machine's, with other names. */
const char *
cell_target_name(const struct view *view, const struct row *row)
{
	const struct tun_fwd *fwd = row->fwd;

	return view->hosts == NULL || fwd->spec.kind != TUN_FWD_DIRECT ||
	    row->tun->netns == 0 ? NULL :
	    hosts_name(view->hosts, fwd->spec.connect.host);
}

/* "10.0.0.5:5432 (db)" */
static char *
named_target(const struct view *view, const struct row *row)
{
	const char *name = cell_target_name(view, row);
	char *target = cell_target(row);

	return name == NULL || target == NULL ? target : cell_join(target, " ",
	    tool_xasprintf("(%s)", name));
}

char *
cell_via(const struct tun *t)
{
	const char *user = t->user != NULL ? t->user : "";
	const char *at = t->user != NULL ? "@" : "";

	if (t->host == NULL)
		return t->dest != NULL ? tool_xstrdup(t->dest) : NULL;
	if (t->port <= 0)
		return tool_xasprintf("%s%s%s", user, at, t->host);
	return tool_xasprintf(strchr(t->host, ':') != NULL ? "%s%s[%s]:%d" :
	    "%s%s%s:%d", user, at, t->host, t->port);
}

/*
 * The words of a command line.  A word that is empty or contains blanks or
 * quotes is quoted, so that it does not look like several words.
 */
char *
cell_words(const char *const *words)
{
	const char *const *w;
	const char *s;
	char *text, *p;
	size_t len = 1;

	for (w = words; *w != NULL; w++)
		len += strlen(*w) * 4 + 3;
	p = text = tool_xcalloc(len, 1);
	for (w = words; *w != NULL; w++) {
		if (p != text)
			*p++ = ' ';
		if (**w != '\0' && strpbrk(*w, " \t\n\v\f\r'\"") == NULL) {
			p = stpcpy(p, *w);
			continue;
		}
		*p++ = '\'';
		for (s = *w; *s != '\0'; s++) {
			if (*s == '\'')
				p = stpcpy(p, "'\\''");
			else
				*p++ = *s;
		}
		*p++ = '\'';
	}
	return text;
}

char *
cell_peer(const struct tun_peer *peer)
{
	if (peer->pid != 0)
		return tool_xasprintf("%s(%ld)",
		    peer->comm != NULL ? peer->comm : "?", (long)peer->pid);
	if (peer->addr.family != 0)
		return cell_addr(&peer->addr);
	return tool_xasprintf("%s(?)", tool_user(peer->uid));
}

char *
cell_join(char *list, const char *sep, char *item)
{
	char *text;

	if (list == NULL)
		return item;
	text = tool_xasprintf("%s%s%s", list, sep, item);
	free(list);
	free(item);
	return text;
}

static int
cmp_text(const void *a, const void *b)
{
	return cmp_natural(*(char *const *)a, *(char *const *)b);
}

char **
cell_clients(const struct tun_fwd *fwd, size_t *np)
{
	char **v = tool_xcalloc(fwd->nclients, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < fwd->nclients; i++)
		v[i] = cell_peer(fwd->clients[i]);
	qsort(v, fwd->nclients, sizeof(*v), cmp_text);
	for (i = 0; i < fwd->nclients; i++) {
		if (n > 0 && strcmp(v[n - 1], v[i]) == 0)
			free(v[i]);
		else
			v[n++] = v[i];
	}
	*np = n;
	return v;
}

char *
cell_clients_text(const struct tun_fwd *fwd, const char *sep)
{
	size_t i, n;
	char **v = cell_clients(fwd, &n), *text = NULL;

	for (i = 0; i < n; i++)
		text = cell_join(text, sep, v[i]);
	free(v);
	return text;
}

const char *
cell_process(const struct tun *t)
{
	return t->served ? "sshd" : "ssh";
}

/* The evidence about a link says "the server"; here that is the client. */
const char *
cell_why(enum tun_why why, int served)
{
	static const struct {
		enum tun_why why;
		const char *text;
	} texts[] = {
		{ TUN_WHY_FRESH, "the client was heard of lately" },
		{ TUN_WHY_SILENT, "the client was not heard of lately" },
		{ TUN_WHY_ANSWERED, "the client's kernel has answered" },
		{ TUN_WHY_NOANSWER,
		    "the client's kernel did not answer in time" },
		{ TUN_WHY_CLOSEWAIT, "the client has closed the connection" },
		{ TUN_WHY_NOTRANSPORT,
		    "its connection to a client cannot be seen" },
		{ TUN_WHY_NOPTRACE,
		    "its client cannot be asked without the right to trace "
		    "it" },
		{ TUN_WHY_NOTASKED, "its client could not be asked" }
	};
	size_t i;

	for (i = 0; served && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].why == why)
			return texts[i].text;
	return tun_why_text(why);
}

char *
cell_evidence(const struct tun_evidence *e, int served)
{
	enum tun_why why = TUN_WHY_NONE;
	char *text = NULL;

	while ((why = tun_why_next(e, why)) != TUN_WHY_NONE)
		text = cell_join(text, ", ",
		    tool_xstrdup(cell_why(why, served)));
	return text;
}

char *
cell_candidates(const struct tun *t)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < t->ncandidates; i++)
		text = cell_join(text, ", ", cell_peer(t->candidates[i]));
	return text;
}

/* The evidence for the states of a tunnel and of its forward. */
static char *
row_evidence(const struct row *row)
{
	struct tun_evidence e = row->tun->why;

	tun_why_join(&e, &row->fwd->why);
	return cell_evidence(&e, row->tun->served);
}

int64_t
cell_rate(const struct view *view, int64_t before, int64_t now)
{
	return before < 0 || now < before || view->passed <= 0 ? -1 :
	    (int64_t)((double)(now - before) * 1000 / (double)view->passed);
}

/* In both directions. */
static int64_t
rate(const struct view *view, const struct tun *t)
{
	const struct tun *old = view->before != NULL ?
	    tool_find_process(view->before, t) : NULL;

	if (old == NULL || old->rx < 0 || old->tx < 0)
		return -1;
	return cell_rate(view, old->rx + old->tx, t->rx + t->tx);
}

/* A number, or unknown if negative. */
static struct cell
number(int64_t n)
{
	struct cell cell = { n < 0 ? CELL_UNKNOWN : CELL_NUMBER, n, NULL,
	    TONE_NONE };

	return cell;
}

/* A text that the cell owns, or the type that its absence means. */
static struct cell
text(char *s, enum cell_type absent)
{
	struct cell cell = { s != NULL ? CELL_TEXT : absent, 0, s, TONE_NONE };

	return cell;
}

static struct cell
copy(const char *s, enum cell_type absent)
{
	return text(s != NULL ? tool_xstrdup(s) : NULL, absent);
}

static struct cell
yesno(int n)
{
	return copy(n < 0 ? NULL : n ? "yes" : "no", CELL_UNKNOWN);
}

enum tone
cell_tone(enum tun_state state, enum tun_health health)
{
	switch (tun_state_class(state)) {
	case TUN_CLASS_LIVE:
		return health == TUN_HEALTH_BAD ? TONE_DUBIOUS : TONE_GOOD;
	case TUN_CLASS_STARTING:
	case TUN_CLASS_SUSPECT:
		return TONE_DUBIOUS;
	case TUN_CLASS_STALE:
	case TUN_CLASS_GONE:
		return TONE_BAD;
	default:
		return health == TUN_HEALTH_OK ? TONE_GOOD :
		    health == TUN_HEALTH_BAD ? TONE_BAD : TONE_UNKNOWN;
	}
}

static struct cell
state(enum tun_state s, enum tun_health health)
{
	struct cell cell = copy(s != TUN_UNKNOWN ? tun_state_name(s) : NULL,
	    CELL_UNKNOWN);

	cell.tone = cell_tone(s, health);
	return cell;
}

static struct cell
of_forward(const struct view *view, const struct row *row, enum column col)
{
	const struct tun_fwd *fwd = row->fwd;

	switch (col) {
	case COL_ID:
		return copy(fwd->id, CELL_UNKNOWN);
	case COL_KIND:
		return copy(tun_kind_name(fwd->spec.kind), CELL_UNKNOWN);
	case COL_STATE:
		return state(tun_fwd_state(fwd), tun_fwd_health(fwd, NULL));
	case COL_WHY:
		return text(row_evidence(row), CELL_NONE);
	case COL_LISTEN:
		return text(cell_listen(row), fwd->spec.kind ==
		    TUN_FWD_DIRECT ? CELL_NONE : CELL_UNKNOWN);
	case COL_TARGET:
		/* Where a -R leads to, only its client knows. */
		return text(named_target(view, row), CELL_UNKNOWN);
	case COL_SOURCE:
		return copy(tun_source_name(fwd->source), CELL_UNKNOWN);
	case COL_CONNS:
		return number(fwd->conns);
	case COL_RX:
		return number(fwd->rx);
	case COL_TX:
		return number(fwd->tx);
	case COL_CLIENTS:
		return text(cell_clients_text(fwd, ","),
		    fwd->conns == 0 ? CELL_NONE : CELL_UNKNOWN);
	default:
		return cell_wants_all(fwd) ? copy("asked", CELL_UNKNOWN) :
		    yesno(fwd->exposed);
	}
}

/* The same columns for a tunnel without forwards. */
static struct cell
of_tunnel(const struct tun *t, enum column col)
{
	switch (col) {
	case COL_ID:
		return copy(t->id, CELL_UNKNOWN);
	case COL_STATE:
		return state(t->state, tun_health(t, NULL));
	case COL_WHY:
		return text(cell_evidence(&t->why, t->served), CELL_NONE);
	case COL_CONNS:
		return number(t->conns);
	default:
		return copy(NULL, CELL_NONE);
	}
}

/* The other end of the connection, which is the server's or a client's. */
static struct cell
other_end(const struct tun *t, int of_session)
{
	if (t->served != of_session)
		return copy(NULL, CELL_NONE);
	return text(t->remote.family != 0 ? cell_addr(&t->remote) : NULL,
	    CELL_UNKNOWN);
}

struct cell
cell_get(const struct view *view, const struct row *row, enum column col)
{
	const struct tun *t = row->tun;
	int64_t now = tun_when(view->list);

	switch (col) {
	case COL_PID:
		return number(t->pid > 0 ? t->pid : -1);
	case COL_SERVER:
		return other_end(t, 0);
	case COL_CLIENT:
		return other_end(t, 1);
	case COL_PPID:
		return number(t->ppid);
	case COL_PGID:
		return number(t->pgid);
	case COL_SID:
		return number(t->sid);
	case COL_USER:
		return copy(tool_user(t->uid), CELL_UNKNOWN);
	case COL_UID:
		return number((int64_t)t->uid);
	case COL_ORIGIN:
		return copy(t->origin != TUN_ORIGIN_UNKNOWN ?
		    tun_origin_name(t->origin) : NULL, CELL_UNKNOWN);
	case COL_SUPERVISOR:
		return copy(t->supervisor, CELL_NONE);
	case COL_VIA:
		return text(cell_via(t), CELL_UNKNOWN);
	case COL_LABEL:
		return copy(t->label, tun_why_next(&t->label_why,
		    TUN_WHY_NONE) != TUN_WHY_NONE ? CELL_UNKNOWN :
		    CELL_NONE);
	case COL_AGE:
		if (t->start <= 0 || t->state == TUN_GONE)
			return number(-1);
		return number(now > t->start ? now - t->start : 0);
	case COL_START:
		return number(t->start > 0 ? t->start : -1);
	case COL_IDLE:
		return number(t->idle < 0 ? -1 : t->idle / 1000);
	case COL_HEARD:
		return number(t->heard < 0 ? -1 : t->heard / 1000);
	case COL_RX:
	case COL_TX:
		/* A connection of its own, not that of the client. */
		if (row->fwd != NULL && row->fwd->spec.kind == TUN_FWD_DIRECT)
			return of_forward(view, row, col);
		return number(col == COL_RX ? t->rx : t->tx);
	case COL_RATE:
		return number(rate(view, t));
	case COL_RTT:
		return number(t->rtt);
	case COL_RETRANS:
		return number(t->retrans);
	case COL_CTLPATH:
		return copy(t->ctlpath, CELL_NONE);
	case COL_MASTER:
		return yesno(t->master);
	case COL_UNIT:
		return copy(t->unit, CELL_NONE);
	case COL_EXE:
		return copy(t->exe, CELL_UNKNOWN);
	case COL_CWD:
		return copy(t->cwd, CELL_UNKNOWN);
	case COL_TTY:
		return copy(t->tty, t->served && t->session == -1 ?
		    CELL_UNKNOWN : CELL_NONE);
	case COL_CMD:
		return text(t->argv != NULL ? cell_words(t->argv) : NULL,
		    CELL_UNKNOWN);
	default:
		return row->fwd != NULL ? of_forward(view, row, col) :
		    of_tunnel(t, col);
	}
}

/*
 * Absent values come first, then numbers, then texts, in which digits are
 * numbers: L8008 comes before L18008.
 */
int
cell_cmp(const struct cell *a, const struct cell *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->type == CELL_NUMBER)
		return (a->number > b->number) - (a->number < b->number);
	return a->type == CELL_TEXT ? cmp_natural(a->text, b->text) : 0;
}
