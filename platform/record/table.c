/* SPDX-License-Identifier: ISC */
/*
 * A recorded process table: writing it, reading it, and answering the
 * platform's calls from it.
 *
 * The file is plain text.  The first line is "libfind-table 1"; empty lines
 * and those that begin with # are skipped.  Every other line is a keyword
 * and its fields, one blank between them:
 *
 *	system	caps= gaps= now= uid=
 *	proc	a process: the members of struct plat_name and plat_proc
 *	args	its argv, one field a word; "" is an empty word
 *	env	its environment, likewise
 *	exe	one path; "gone" after it: the name was removed
 *	cwd	likewise.  If neither "gone" nor "there" follows, as in older
 *		tables, a path that ends in " (deleted)" was removed
 *	origin	the members of struct plat_origin
 *	members	PIDs of the processes of its unit
 *	fds	limit=; a line "fd" follows for each descriptor
 *	netns	a line "sock" follows for each socket in its namespace, if
 *		that is not ours
 *	socks	after all processes; a line "sock" follows for each of ours
 *	file	path= and what it leads to, or path= and !REASON
 *	later	the second sample, with lines as above; the environment, exe
 *		and cwd of its processes are those of the first
 *
 * Fields are MEMBER=VALUE and are omitted if the value is 0, an empty text or
 * no terminal.  Bytes that are not printable ASCII, blank, " and \ are written
 * as \ooo, and so is a ! at the start.  A value that could not be read is
 * written as ! and the reason: "args !EACCES"; an omitted line means the same.
 *
 * Times are microseconds since the epoch, and equal keys join descriptors to
 * sockets.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cgroup_path.h"
#include "impl.h"

#define MAGIC		"libfind-table 1"
#define DELETED		" (deleted)"

/* A table may come from any source, so all of it is checked. */
#define MAX_BYTES	((size_t)32 << 20)
#define MAX_PROCS	((size_t)1 << 16)
#define MAX_FDS		((size_t)1 << 17)	/* of all processes */
#define MAX_SOCKS	((size_t)1 << 18)	/* of all namespaces */
#define MAX_FILES	((size_t)1 << 16)

struct system {
	unsigned caps, gaps;
	int64_t now;
	uid_t uid;
};

/* Bytes from the text of the table, or the errno in their place. */
struct bytes {
	char *p;
	size_t len;
	int error;
};

struct span {
	size_t first, n;
	int error;
};

struct proc {
	struct plat_name name;
	struct plat_proc row;
	struct bytes args, env, members, where[2];
	int gone[2];		/* indexed by where */
	struct plat_origin *origin;
	int origin_error;
	struct span fds, socks;
	size_t limit;
};

struct file {
	struct bytes path;
	struct plat_file is;
};

struct table {
	char *text;		/* of both samples */
	struct table *first;	/* NULL: this is the first */
	struct table *later;	/* the second sample, or NULL */
	struct system sys;
	struct proc *procs;		/* by pid */
	size_t nprocs, next;
	struct plat_fd *fds;
	size_t nfds;
	struct plat_sock *sockv;
	size_t nsocks;
	struct span socks;
	struct file *files;
	size_t nfiles;
	unsigned scan;
};

/* --- fields --------------------------------------------------------------- */

enum kind {
	SIGNED,
	UNSIGNED,
	HEX,
	LETTER,			/* one char */
	TEXT,			/* a char array, ends with NUL */
	TTY,
	NAME,			/* an enum, by names */
	FAMILY,
	ADDR,			/* of a struct plat_sock */
	PATH			/* path and pathlen of a struct plat_sock */
};

struct field {
	const char *name;
	enum kind kind;
	size_t off, size;
	const char *const *names;
};

#define FIELD_AS(label, type, member, kind, names) \
	{ label, kind, offsetof(struct type, member), \
	    sizeof(((struct type *)NULL)->member), names }
#define FIELD(type, member, kind) \
	FIELD_AS(#member, type, member, kind, NULL)
#define END { NULL, SIGNED, 0, 0, NULL }

static const char *const via_names[] = { "exe", "comm", NULL };
static const char *const fd_names[] = {
	"other", "socket", "pipe", "tty", "null", "tun", "file", NULL
};
static const char *const tcp_names[] = {
	"unknown", "estab", "syn-sent", "syn-recv", "fin-wait-1",
	"fin-wait-2", "time-wait", "close", "close-wait", "last-ack",
	"listen", "closing", NULL
};
static const char *const timer_names[] = {
	"none", "retrans", "keepalive", "timewait", "probe", NULL
};
static const char *const place_names[] = { "unknown", "here", "gone", NULL };
static const char *const family_names[] = { "inet", "inet6", "unix", NULL };
static const int families[] = { AF_INET, AF_INET6, AF_UNIX };

static const struct field system_fields[] = {
	FIELD(system, caps, HEX),
	FIELD(system, gaps, HEX),
	FIELD(system, now, SIGNED),
	FIELD(system, uid, UNSIGNED),
	END
};

static const struct field name_fields[] = {
	FIELD(plat_name, pid, SIGNED),
	FIELD_AS("via", plat_name, via, NAME, via_names),
	FIELD(plat_name, name, TEXT),
	END
};

static const struct field proc_fields[] = {
	FIELD(plat_proc, ppid, SIGNED),
	FIELD(plat_proc, pgid, SIGNED),
	FIELD(plat_proc, sid, SIGNED),
	FIELD(plat_proc, uid, UNSIGNED),
	FIELD(plat_proc, ruid, UNSIGNED),
	FIELD(plat_proc, tty, TTY),
	FIELD_AS("ident", plat_proc, ident[0], UNSIGNED, NULL),
	FIELD_AS("ident2", plat_proc, ident[1], UNSIGNED, NULL),
	FIELD(plat_proc, start, SIGNED),
	FIELD(plat_proc, flags, HEX),
	FIELD(plat_proc, masks, SIGNED),
	FIELD(plat_proc, sigcgt, HEX),
	FIELD(plat_proc, state, LETTER),
	FIELD(plat_proc, comm, TEXT),
	END
};

static const struct field origin_fields[] = {
	FIELD(plat_origin, reparented, SIGNED),
	FIELD(plat_origin, reaper, SIGNED),
	FIELD(plat_origin, unit, TEXT),
	FIELD(plat_origin, unit_user, SIGNED),
	FIELD(plat_origin, unit_main, SIGNED),
	FIELD(plat_origin, cgroup, TEXT),
	FIELD(plat_origin, frozen, SIGNED),
	FIELD(plat_origin, netns, SIGNED),
	FIELD(plat_origin, nspid, SIGNED),
	FIELD(plat_origin, nslevel, SIGNED),
	FIELD(plat_origin, netns_id, UNSIGNED),
	END
};

static const struct field file_fields[] = {
	FIELD(plat_file, ino, UNSIGNED),
	FIELD(plat_file, socket, SIGNED),
	FIELD(plat_file, shared, SIGNED),
	END
};

static const struct field limit_fields[] = {
	FIELD(proc, limit, UNSIGNED),
	END
};

static const struct field fd_fields[] = {
	FIELD(plat_fd, fd, SIGNED),
	FIELD_AS("kind", plat_fd, kind, NAME, fd_names),
	FIELD(plat_fd, flags, HEX),
	FIELD(plat_fd, key, UNSIGNED),
	FIELD(plat_fd, name, TEXT),
	END
};

static const struct field sock_fields[] = {
	FIELD(plat_sock, family, FAMILY),
	FIELD_AS("state", plat_sock, state, NAME, tcp_names),
	FIELD(plat_sock, local, ADDR),
	FIELD(plat_sock, peer, ADDR),
	FIELD(plat_sock, scope, UNSIGNED),
	FIELD_AS("place", plat_sock, place, NAME, place_names),
	FIELD(plat_sock, path, PATH),
	FIELD(plat_sock, key, UNSIGNED),
	FIELD(plat_sock, known, HEX),
	FIELD(plat_sock, uid, UNSIGNED),
	FIELD(plat_sock, rq, UNSIGNED),
	FIELD(plat_sock, wq, UNSIGNED),
	FIELD_AS("timer", plat_sock, timer, NAME, timer_names),
	FIELD(plat_sock, expires, UNSIGNED),
	FIELD(plat_sock, retrans, UNSIGNED),
	FIELD(plat_sock, probes, UNSIGNED),
	FIELD(plat_sock, unacked, UNSIGNED),
	FIELD(plat_sock, total_retrans, UNSIGNED),
	FIELD(plat_sock, lds, UNSIGNED),
	FIELD(plat_sock, ldr, UNSIGNED),
	FIELD(plat_sock, lar, UNSIGNED),
	FIELD(plat_sock, rtt, UNSIGNED),
	FIELD(plat_sock, rx, UNSIGNED),
	FIELD(plat_sock, tx, UNSIGNED),
	FIELD(plat_sock, vfs_ino, UNSIGNED),
	FIELD(plat_sock, peer_key, UNSIGNED),
	END
};

/* Members of older tables that are not used any more; they are skipped. */
static const char *const former[] = {
	"backoff", "lost", "pid", "sigign", "vfs_major", "vfs_minor", NULL
};

/*
 * The numbers of errno differ between systems, so names are written. An errno
 * that is not in the list becomes EIO.
 */
static const struct {
	const char *name;
	int error;
} errors[] = {
	{ "EACCES", EACCES },
	{ "E2BIG", E2BIG },
	{ "EIO", EIO },
	{ "ENAMETOOLONG", ENAMETOOLONG },
	{ "ELOOP", ELOOP },
	{ "ENOENT", ENOENT },
	{ "ENOSYS", ENOSYS },
	{ "ENOTDIR", ENOTDIR },
	{ "ENOTSUP", ENOTSUP },
	{ "EPERM", EPERM },
	{ "EREMOTE", EREMOTE },
	{ "ESRCH", ESRCH },
	{ "ETIMEDOUT", ETIMEDOUT }
};
#define NERRORS (sizeof(errors) / sizeof(errors[0]))

/* --- reading values ------------------------------------------------------- */

static int
bad(void)
{
	errno = EINVAL;
	return -1;
}

static int
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Undoes the escapes in place.  The result may hold NUL. */
static int
unescape(char *s, size_t *lenp)
{
	const char *from = s;
	char *to = s;

	while (*from != '\0') {
		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		if (from[1] > '3' || !is_octal(from[1]) ||
		    !is_octal(from[2]) || !is_octal(from[3]))
			return bad();
		*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
		    (from[3] - '0'));
		from += 4;
	}
	*to = '\0';
	*lenp = (size_t)(to - s);
	return 0;
}

/* Only digits, or 0x and digits; strto*(3) would accept blanks and signs. */
static int
number(const char *s, uint64_t max, uint64_t *vp)
{
	const char *digits = "0123456789abcdef", *p;
	uint64_t base = 10, v = 0;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	if (*s == '\0')
		return bad();
	for (; *s != '\0'; s++) {
		p = strchr(digits, *s);
		if (p == NULL || (uint64_t)(p - digits) >= base ||
		    v > (max - (uint64_t)(p - digits)) / base)
			return bad();
		v = v * base + (uint64_t)(p - digits);
	}
	*vp = v;
	return 0;
}

/* Members have 1 to 8 bytes; the compiler chooses the size of enums. */
static int
store(void *to, size_t size, uint64_t v)
{
	uint8_t b8 = (uint8_t)v;
	uint16_t b16 = (uint16_t)v;
	uint32_t b32 = (uint32_t)v;

	switch (size) {
	case 1: memcpy(to, &b8, 1); break;
	case 2: memcpy(to, &b16, 2); break;
	case 4: memcpy(to, &b32, 4); break;
	default: assert(size == 8); memcpy(to, &v, 8); break;
	}
	return 0;
}

static uint64_t
load(const void *from, size_t size)
{
	uint8_t b8;
	uint16_t b16;
	uint32_t b32;
	uint64_t v;

	switch (size) {
	case 1: memcpy(&b8, from, 1); return b8;
	case 2: memcpy(&b16, from, 2); return b16;
	case 4: memcpy(&b32, from, 4); return b32;
	default: assert(size == 8); memcpy(&v, from, 8); return v;
	}
}

static int
get_signed(const char *s, void *to, size_t size)
{
	uint64_t max = (UINT64_C(1) << (size * 8 - 1)) - 1, v;
	int minus = *s == '-';

	if (number(s + minus, max, &v) == -1)
		return -1;
	return store(to, size, minus ? 0 - v : v);
}

static int
get_unsigned(const char *s, void *to, size_t size)
{
	uint64_t v;

	if (number(s, UINT64_MAX >> (64 - size * 8), &v) == -1)
		return -1;
	return store(to, size, v);
}

static int
get_name(const char *s, const char *const *names, uint64_t *vp)
{
	uint64_t i;

	for (i = 0; names[i] != NULL; i++)
		if (strcmp(s, names[i]) == 0) {
			*vp = i;
			return 0;
		}
	return bad();
}

/* 127.0.0.1:22 or [::1]:22 */
static int
get_addr(char *s, struct plat_addr *a)
{
	char *colon;
	int family = AF_INET;

	if ((colon = strrchr(s, ':')) == NULL || colon == s)
		return bad();
	*colon = '\0';
	if (*s == '[') {
		if (colon[-1] != ']')
			return bad();
		colon[-1] = '\0';
		s++;
		family = AF_INET6;
	}
	/* A field may be there twice: of the first address nothing stays. */
	memset(a->ip, 0, sizeof(a->ip));
	if (inet_pton(family, s, a->ip) != 1)
		return bad();
	return get_unsigned(colon + 1, &a->port, sizeof(a->port));
}

static int
get_value(const struct field *f, char *s, void *base)
{
	char *to = (char *)base + f->off;
	struct plat_sock *sock;
	uint64_t v;
	size_t len;

	switch (f->kind) {
	case SIGNED:
		return get_signed(s, to, f->size);
	case UNSIGNED:
	case HEX:
	case TTY:
		return get_unsigned(s, to, f->size);
	case NAME:
		if (get_name(s, f->names, &v) == -1)
			return -1;
		return store(to, f->size, v);
	case FAMILY:
		if (get_name(s, family_names, &v) == -1)
			return -1;
		return store(to, f->size, (uint64_t)families[v]);
	case ADDR:
		return get_addr(s, (struct plat_addr *)(void *)to);
	case LETTER:
	case TEXT:
		if (unescape(s, &len) == -1)
			return -1;
		if (strlen(s) != len)
			return bad();
		if (f->kind == LETTER) {
			*to = *s;
			return len == 1 ? 0 : bad();
		}
		if (len >= f->size)
			return bad();
		memset(to, 0, f->size);
		memcpy(to, s, len);
		return 0;
	case PATH:
		sock = base;
		if (unescape(s, &len) == -1)
			return -1;
		if (len >= sizeof(sock->path))
			return bad();
		memset(sock->path, 0, sizeof(sock->path));
		memcpy(sock->path, s, len);
		sock->pathlen = (uint16_t)len;
		return 0;
	}
	return bad();
}

/* --- reading lines -------------------------------------------------------- */

/* Removes the next word from a line and returns it; NULL at the end. */
static char *
word(char **linep)
{
	char *s = *linep, *end;

	if (s == NULL)
		return NULL;
	if ((end = strchr(s, ' ')) != NULL)
		*end++ = '\0';
	*linep = end;
	return s;
}

static const struct field *
field_of(const struct field *f, const char *name)
{
	for (; f != NULL && f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Reads fields into base, or into base2 for those that belong there. */
static int
get_fields(char *line, const struct field *fields, void *base,
    const struct field *fields2, void *base2)
{
	const struct field *f;
	char *name, *value;
	uint64_t v;

	while ((name = word(&line)) != NULL) {
		if ((value = strchr(name, '=')) == NULL)
			return bad();
		*value++ = '\0';
		if ((f = field_of(fields, name)) != NULL) {
			if (get_value(f, value, base) == -1)
				return -1;
		} else if ((f = field_of(fields2, name)) != NULL) {
			if (get_value(f, value, base2) == -1)
				return -1;
		} else if (get_name(name, former, &v) == -1)
			return -1;
	}
	return 0;
}

/* 1 and *errorp if the line is "!REASON". */
static int
get_error(const char *line, int *errorp)
{
	size_t i;

	*errorp = 0;
	if (line == NULL || line[0] != '!')
		return 0;
	for (i = 0; i < NERRORS; i++)
		if (strcmp(line + 1, errors[i].name) == 0) {
			*errorp = errors[i].error;
			return 1;
		}
	return bad();
}

/* Changes words in place into words that end with NUL. */
static int
get_words(char *line, struct bytes *b)
{
	char *s, *to = line;
	size_t len;
	int r;

	if ((r = get_error(line, &b->error)) != 0)
		return r == -1 ? -1 : 0;
	b->p = line;
	while ((s = word(&line)) != NULL) {
		if (strcmp(s, "\"\"") == 0)
			*s = '\0';
		else if (*s == '\0')
			return bad();
		if (unescape(s, &len) == -1)
			return -1;
		if (strlen(s) != len)
			return bad();
		memmove(to, s, len + 1);
		to += len + 1;
	}
	b->len = b->p == NULL ? 0 : (size_t)(to - b->p);
	return 0;
}

static int
get_path(char *line, struct bytes *b)
{
	int r;

	if ((r = get_error(line, &b->error)) != 0)
		return r == -1 ? -1 : 0;
	if (line == NULL || strchr(line, ' ') != NULL ||
	    unescape(line, &b->len) == -1 || strlen(line) != b->len)
		return bad();
	b->p = line;
	return 0;
}

static int
ends_in_deleted(const char *path, size_t len)
{
	size_t n = sizeof(DELETED) - 1;

	return len > n && strcmp(path + len - n, DELETED) == 0;
}

static int
get_where(char *line, struct bytes *b, int *gone)
{
	char *path = word(&line);

	*gone = line != NULL && strcmp(line, "gone") == 0;
	if (line != NULL && !*gone && strcmp(line, "there") != 0)
		return bad();
	if (get_path(path, b) == -1)
		return -1;
	if (b->error == 0 && line == NULL && ends_in_deleted(b->p, b->len)) {
		*gone = 1;
		b->len -= sizeof(DELETED) - 1;
		b->p[b->len] = '\0';
	}
	return 0;
}

/* Returns a new zeroed element of an array that doubles its size. */
static void *
one_more(void *arrayp, size_t *np, size_t size, size_t max)
{
	char *grown, *p;

	memcpy(&p, arrayp, sizeof(p));
	if (*np >= max) {
		errno = EINVAL;
		return NULL;
	}
	/* The array is full when the count is a power of two. */
	if ((*np & (*np - 1)) == 0) {
		grown = realloc(p, (*np == 0 ? 1 : *np * 2) * size);
		if (grown == NULL)
			return NULL;
		p = grown;
		memcpy(arrayp, &p, sizeof(p));
	}
	p += (*np)++ * size;
	memset(p, 0, size);
	return p;
}

static int
get_proc(struct table *t, char *line)
{
	struct proc *p;

	p = one_more(&t->procs, &t->nprocs, sizeof(*p), MAX_PROCS);
	if (p == NULL)
		return -1;
	p->row.tty = PLAT_NOTTY;
	p->args.error = p->env.error = p->where[PLAT_EXE].error =
	    p->where[PLAT_CWD].error = p->origin_error = p->fds.error =
	    p->socks.error = EACCES;
	p->members.error = ENOTSUP;
	if (get_fields(line, name_fields, &p->name, proc_fields, &p->row) ==
	    -1)
		return -1;
	p->row.pid = p->name.pid;
	return p->name.pid > 0 ? 0 : bad();
}

static int
get_origin(struct proc *p, char *line)
{
	size_t len;
	int r, user;

	if ((r = get_error(line, &p->origin_error)) != 0)
		return r == -1 ? -1 : 0;
	if (p->origin == NULL &&
	    (p->origin = calloc(1, sizeof(*p->origin))) == NULL)
		return -1;
	if (get_fields(line, origin_fields, p->origin, NULL, NULL) == -1)
		return -1;
	/* The path of the group gives the other members. */
	p->origin->cgroup_kind = cgroup_kind(p->origin->cgroup);
	(void)cgroup_unit(p->origin->cgroup, &len, &user,
	    &p->origin->unit_owner);
	/* Tables of before the group was recorded: the manager of its user. */
	if (p->origin->unit_user && *p->origin->cgroup == '\0')
		p->origin->unit_owner = p->row.uid;
	return 0;
}

/* The PIDs are kept as text. */
static int
get_members(char *line, struct bytes *b)
{
	const char *s;
	uint64_t pid;

	if (get_words(line, b) == -1)
		return -1;
	for (s = b->p; s != NULL && s < b->p + b->len; s += strlen(s) + 1)
		if (number(s, INT32_MAX, &pid) == -1)
			return -1;
	return 0;
}

static int
get_fd(struct table *t, struct proc *p, char *line)
{
	struct plat_fd *f;

	f = one_more(&t->fds, &t->nfds, sizeof(*f), MAX_FDS);
	if (f == NULL)
		return -1;
	p->fds.n++;
	return get_fields(line, fd_fields, f, NULL, NULL);
}

static int
get_sock(struct table *t, struct span *span, char *line)
{
	struct plat_sock *s;

	s = one_more(&t->sockv, &t->nsocks, sizeof(*s), MAX_SOCKS);
	if (s == NULL)
		return -1;
	span->n++;
	if (get_fields(line, sock_fields, s, NULL, NULL) == -1)
		return -1;
	return s->family != 0 ? 0 : bad();
}

/* "file PATH !REASON" or "file PATH ino=..." */
static int
get_file(struct table *t, char *line)
{
	struct file *f;
	char *path = word(&line);
	int r;

	f = one_more(&t->files, &t->nfiles, sizeof(*f), MAX_FILES);
	if (f == NULL || get_path(path, &f->path) == -1)
		return -1;
	if (f->path.error != 0)
		return bad();
	if ((r = get_error(line, &f->is.error)) != 0)
		return r == -1 ? -1 : 0;
	return get_fields(line, file_fields, &f->is, NULL, NULL);
}

/* Starts a list, whose lines follow: fds, netns, socks. */
static int
get_span(struct span *span, char *line, size_t first)
{
	int r;

	if (span->n > 0 || (r = get_error(line, &span->error)) == -1)
		return bad();
	span->first = first;
	return r;
}

/*
 * cur is the process that lines belong to, list the list that sockets belong
 * to; each is NULL if there is none.
 */
static int
get_line(struct table *t, char *line, struct proc **curp, struct span **listp)
{
	struct proc *p = *curp;
	char *key = word(&line);
	int r;

	if (strcmp(key, "system") == 0)
		return get_fields(line, system_fields, &t->sys, NULL, NULL);
	if (strcmp(key, "proc") == 0) {
		if (get_proc(t, line) == -1)
			return -1;
		*curp = &t->procs[t->nprocs - 1];
		*listp = NULL;
		return 0;
	}
	if (strcmp(key, "socks") == 0) {
		if ((r = get_span(&t->socks, line, t->nsocks)) == -1)
			return -1;
		*curp = NULL;
		*listp = r == 0 ? &t->socks : NULL;
		return r == 0 && line != NULL ? bad() : 0;
	}
	if (strcmp(key, "file") == 0)
		return get_file(t, line);
	if (strcmp(key, "sock") == 0)
		return *listp == NULL ? bad() : get_sock(t, *listp, line);

	if (p == NULL)
		return bad();
	if (strcmp(key, "args") == 0)
		return get_words(line, &p->args);
	if (strcmp(key, "env") == 0)
		return get_words(line, &p->env);
	if (strcmp(key, "exe") == 0)
		return get_where(line, &p->where[PLAT_EXE],
		    &p->gone[PLAT_EXE]);
	if (strcmp(key, "cwd") == 0)
		return get_where(line, &p->where[PLAT_CWD],
		    &p->gone[PLAT_CWD]);
	if (strcmp(key, "origin") == 0)
		return get_origin(p, line);
	if (strcmp(key, "members") == 0)
		return get_members(line, &p->members);
	if (strcmp(key, "fd") == 0)
		return p->fds.error != 0 ? bad() : get_fd(t, p, line);
	if (strcmp(key, "fds") == 0) {
		if ((r = get_span(&p->fds, line, t->nfds)) != 0)
			return r == -1 ? -1 : 0;
		return get_fields(line, limit_fields, p, NULL, NULL);
	}
	if (strcmp(key, "netns") == 0) {
		if ((r = get_span(&p->socks, line, t->nsocks)) == -1)
			return -1;
		*listp = r == 0 ? &p->socks : NULL;
		return r == 0 && line != NULL ? bad() : 0;
	}
	return bad();
}

static int
by_pid(const void *ap, const void *bp)
{
	const struct proc *a = ap, *b = bp;

	return a->row.pid < b->row.pid ? -1 : a->row.pid > b->row.pid;
}

/* Sorts by pid; each pid may be there only once. */
static int
sort_procs(struct table *t)
{
	size_t i;

	if (t->nprocs > 0)
		qsort(t->procs, t->nprocs, sizeof(*t->procs), by_pid);
	for (i = 1; i < t->nprocs; i++)
		if (t->procs[i].row.pid == t->procs[i - 1].row.pid)
			return bad();
	return 0;
}

static struct table *
new_later(struct table *first)
{
	struct table *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->first = first;
	t->sys = first->sys;
	t->socks.error = EACCES;
	first->later = t;
	/* cppcheck-suppress memleak; the first one owns it */
	return t;
}

/* Parses all lines of a text that ends with its only NUL. */
static int
parse(struct table *t, char *text)
{
	struct table *first = t;
	struct proc *cur = NULL;
	struct span *list = NULL;
	char *line, *next;

	t->socks.error = EACCES;
	if ((next = strchr(text, '\n')) == NULL)
		return bad();
	*next++ = '\0';
	if (strcmp(text, MAGIC) != 0)
		return bad();
	for (line = next; *line != '\0'; line = next) {
		/*
		 * A line without its newline shows that the table was cut off.
		 */
		if ((next = strchr(line, '\n')) == NULL)
			return bad();
		*next++ = '\0';
		if (*line == '\0' || *line == '#')
			continue;
		if (strcmp(line, "later") == 0) {
			if (first->later != NULL)
				return bad();
			if ((t = new_later(first)) == NULL)
				return -1;
			cur = NULL;
			list = NULL;
		} else if (get_line(t, line, &cur, &list) == -1)
			return -1;
	}
	if (first->later != NULL && sort_procs(first->later) == -1)
		return -1;
	return sort_procs(first);
}

static void
table_free(struct table *t)
{
	size_t i;

	if (t == NULL)
		return;
	table_free(t->later);
	for (i = 0; i < t->nprocs; i++)
		free(t->procs[i].origin);
	free(t->procs);
	free(t->files);
	free(t->fds);
	free(t->sockv);
	free(t->text);
	free(t);
}

/* --- the platform's calls ------------------------------------------------- */

int
table_load(struct plat *pl, FILE *fp)
{
	struct table *t;
	size_t len = 0, n, size = 0;
	char *p;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return -1;
	do {
		if (len + 1 >= size) {
			size = size == 0 ? 65536 : size * 2;
			if (size > 2 * MAX_BYTES) {
				errno = EINVAL;
				goto err;
			}
			if ((p = realloc(t->text, size)) == NULL)
				goto err;
			t->text = p;
		}
		n = fread(t->text + len, 1, size - 1 - len, fp);
		len += n;
	} while (n > 0);
	if (ferror(fp)) {
		if (errno == 0)
			errno = EIO;
		goto err;
	}
	t->text[len] = '\0';
	if (len > MAX_BYTES || strlen(t->text) != len) {
		errno = EINVAL;
		goto err;
	}
	if (parse(t, t->text) == -1)
		goto err;
	pl->ops = &plat_recorded;
	pl->table = t;
	return 0;
err:
	table_free(t);
	return -1;
}

static int
table_open(struct plat *pl, const char *path)
{
	FILE *fp;
	int error, r;

	if ((fp = fopen(path, "r")) == NULL)
		return -1;
	r = table_load(pl, fp);
	error = errno;
	fclose(fp);
	errno = error;
	return r;
}

static void
table_close(struct plat *pl)
{
	table_free(pl->table->first != NULL ? pl->table->first : pl->table);
	pl->table = NULL;
}

static int
table_later(struct plat *pl)
{
	if (pl->table->later == NULL)
		return 0;
	pl->table = pl->table->later;
	return 1;
}

static unsigned
table_caps(struct plat *pl)
{
	return pl->table->sys.caps;
}

static unsigned
table_gaps(struct plat *pl)
{
	return pl->table->sys.gaps;
}

static int64_t
table_now(struct plat *pl)
{
	return pl->table->sys.now;
}

static uid_t
table_uid(struct plat *pl)
{
	return pl->table->sys.uid;
}

static int
table_scan(struct plat *pl, unsigned flags)
{
	if (pl->table->first != NULL)
		pl->table = pl->table->first;
	pl->table->scan = flags;
	pl->table->next = 0;
	return 0;
}

static int
table_next(struct plat *pl, struct plat_name *np)
{
	struct table *t = pl->table;
	const struct proc *p;

	while (t->next < t->nprocs) {
		p = &t->procs[t->next++];
		if (t->scan & PLAT_SCAN_OWN && p->row.uid != t->sys.uid)
			continue;
		*np = p->name;
		return 1;
	}
	return 0;
}

static struct proc *
by_number(struct table *t, pid_t pid)
{
	struct proc key;

	if (t->nprocs == 0)
		return NULL;
	memset(&key, 0, sizeof(key));
	key.row.pid = pid;
	return t->nprocs == 0 ? NULL : bsearch(&key, t->procs, t->nprocs,
	    sizeof(*t->procs), by_pid);
}

static struct proc *
by_row(struct table *t, const struct plat_proc *row)
{
	struct proc *p;

	p = by_number(t, row->pid);
	if (p == NULL || p->row.ident[0] != row->ident[0] ||
	    p->row.ident[1] != row->ident[1]) {
		errno = ESRCH;
		return NULL;
	}
	return p;
}

static int
table_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	const struct proc *p;
	size_t i;

	assert(n <= PLAT_BATCH);
	for (i = 0; i < n; i++) {
		if ((p = by_number(pl->table, rows[i].pid)) != NULL)
			rows[i] = p->row;
		else
			memset(&rows[i], 0, sizeof(rows[i]));
	}
	return 0;
}

/* A copy of n elements; not NULL even if n is 0. */
static void *
copy(const void *from, size_t n, size_t size)
{
	void *p;

	if ((p = malloc(n == 0 ? 1 : n * size)) != NULL && n > 0)
		memcpy(p, from, n * size);
	return p;
}

static int
give(const struct bytes *b, char **bufp, size_t *lenp)
{
	char *buf;

	if (b->error != 0) {
		errno = b->error;
		return -1;
	}
	if ((buf = copy(b->p, b->len, 1)) == NULL)
		return -1;
	*bufp = buf;
	*lenp = b->len;
	return 0;
}

static int
table_args(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	const struct proc *p;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	return give(&p->args, bufp, lenp);
}

static int
table_env(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	const struct proc *p;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	return give(&p->env, bufp, lenp);
}

static ssize_t
table_where(struct plat *pl, const struct plat_proc *row,
    enum plat_where what, char *buf, size_t len, int *gone)
{
	const struct proc *p;
	const struct bytes *b;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	b = &p->where[what];
	if (b->error != 0 || b->len >= len) {
		errno = b->error != 0 ? b->error : ENAMETOOLONG;
		return -1;
	}
	memcpy(buf, b->p, b->len + 1);
	*gone = p->gone[what];
	return (ssize_t)b->len;
}

static int
table_fds(struct plat *pl, const struct plat_proc *row,
    struct plat_fd **fdsp, size_t *np, size_t *limit)
{
	struct table *t = pl->table;
	const struct proc *p;
	struct plat_fd *fds;

	if ((p = by_row(t, row)) == NULL)
		return -1;
	if (p->fds.error != 0) {
		errno = p->fds.error;
		return -1;
	}
	fds = copy(p->fds.n == 0 ? NULL : t->fds + p->fds.first, p->fds.n,
	    sizeof(*fds));
	if (fds == NULL)
		return -1;
	*fdsp = fds;
	*np = p->fds.n;
	if (limit != NULL)
		*limit = p->limit;
	return 0;
}

static int
table_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	const struct proc *p;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	if (p->origin_error != 0) {
		errno = p->origin_error;
		return -1;
	}
	*op = *p->origin;
	return 0;
}

static int
table_members(struct plat *pl, const struct plat_proc *row, pid_t *pids,
    size_t max, size_t *np)
{
	const struct proc *p;
	const char *s;
	size_t n = 0;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	if (p->members.error != 0) {
		errno = p->members.error;
		return -1;
	}
	for (s = p->members.p; s != NULL && s < p->members.p + p->members.len;
	    s += strlen(s) + 1) {
		if (n == max) {
			errno = E2BIG;
			return -1;
		}
		pids[n++] = (pid_t)strtol(s, NULL, 10);
	}
	*np = n;
	return 0;
}

static int
is_key(uint64_t key, const uint64_t *keys, size_t nkeys)
{
	size_t i;

	for (i = 0; key != 0 && i < nkeys; i++)
		if (keys[i] == key)
			return 1;
	return 0;
}

/* Sets one bit for each port of a listener among keys. */
static void
mark_ports(uint8_t *ports, const struct plat_sock *s, size_t n,
    const uint64_t *keys, size_t nkeys)
{
	for (; n > 0; n--, s++)
		if (s->family != AF_UNIX && s->state == PLAT_TCP_LISTEN &&
		    is_key(s->key, keys, nkeys))
			ports[s->local.port >> 3] |=
			    (uint8_t)(1 << (s->local.port & 7));
}

static int
has_port(const uint8_t *ports, uint16_t port)
{
	return ports[port >> 3] >> (port & 7) & 1;
}

/* Its own list, or that of another process in the same namespace. */
static const struct span *
netns_socks(const struct table *t, const struct proc *p)
{
	const struct proc *q;

	if (p->socks.error == 0 || p->origin == NULL ||
	    p->origin->netns_id == 0)
		return &p->socks;
	for (q = t->procs; q < t->procs + t->nprocs; q++)
		if (q->origin != NULL && q->socks.error == 0 &&
		    q->origin->netns_id == p->origin->netns_id)
			return &q->socks;
	return &p->socks;
}

/* Does plat_socks() return this socket? The list may contain others. */
static int
is_wanted(const struct plat_sock *s, const uint64_t *keys, size_t nkeys,
    unsigned flags, const uint8_t *ports)
{
	if (s->family == AF_UNIX && !(flags & PLAT_SOCKS_UNIX))
		return 0;
	if (s->state == PLAT_TCP_LISTEN)
		return flags & (PLAT_SOCKS_LISTEN | PLAT_SOCKS_ALL);
	if (!(flags & PLAT_SOCKS_ALL))
		return 0;
	if (is_key(s->key, keys, nkeys))
		return 1;
	if (s->family == AF_UNIX)
		return is_key(s->peer_key, keys, nkeys);
	return !(flags & PLAT_SOCKS_HELD) &&
	    (has_port(ports, s->local.port) || has_port(ports, s->peer.port));
}

/* Clears what is not returned without PLAT_SOCKS_INFO. */
static void
strip_info(struct plat_sock *s)
{
	s->known &= ~(unsigned)(PLAT_SOCK_INFO | PLAT_SOCK_BYTES);
	s->probes = s->unacked = s->total_retrans = 0;
	s->lds = s->ldr = s->lar = s->rtt = 0;
	s->rx = s->tx = 0;
}

static int
table_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
    unsigned flags, const struct plat_proc *netns,
    struct plat_sock **socksp, size_t *np)
{
	struct table *t = pl->table;
	const struct span *span = &t->socks;
	struct plat_sock *all, *socks;
	uint8_t ports[65536 / 8] = { 0 };
	struct proc *p;
	size_t i, n = 0;

	if (netns != NULL) {
		if ((p = by_row(t, netns)) == NULL)
			return -1;
		if (p->origin == NULL || p->origin->netns != 1)
			span = netns_socks(t, p);
	}
	if (span->error != 0) {
		errno = span->error;
		return -1;
	}
	all = span->n == 0 ? NULL : t->sockv + span->first;
	if ((socks = copy(all, span->n, sizeof(*socks))) == NULL)
		return -1;
	mark_ports(ports, socks, span->n, keys, nkeys);
	for (i = 0; i < span->n; i++)
		if (is_wanted(&all[i], keys, nkeys, flags, ports)) {
			socks[n] = all[i];
			if (!(flags & PLAT_SOCKS_INFO))
				strip_info(&socks[n]);
			n++;
		}
	*socksp = socks;
	*np = n;
	return 0;
}

/* The first process that holds it, as in a walk over all. */
static int
table_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	const struct table *t = pl->table;
	const struct plat_fd *f;
	const struct proc *p;
	size_t i, j, k;

	memset(owners, 0, n * sizeof(*owners));
	for (i = 0; i < t->nprocs; i++) {
		p = &t->procs[i];
		for (j = 0; j < p->fds.n; j++) {
			f = &t->fds[p->fds.first + j];
			if (f->kind != PLAT_FD_SOCKET)
				continue;
			for (k = 0; k < n; k++)
				if (owners[k] == 0 && keys[k] != 0 &&
				    keys[k] == f->key)
					owners[k] = p->row.pid;
		}
	}
	return 0;
}

static int
table_file_get(struct plat *pl, const char *path, struct plat_file *file)
{
	const struct table *t = pl->table;
	size_t i;

	if (t->first != NULL)
		t = t->first;
	for (i = 0; i < t->nfiles; i++)
		if (strcmp(t->files[i].path.p, path) == 0) {
			*file = t->files[i].is;
			return 0;
		}
	memset(file, 0, sizeof(*file));
	file->error = EACCES;
	return 0;
}

static int
table_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	const struct table *t = pl->table;
	const struct plat_fd *f;
	size_t i, j, k;

	memset(owners, 0, n * sizeof(*owners));
	for (i = 0; i < t->nprocs; i++)
		for (j = 0; j < t->procs[i].fds.n; j++) {
			f = &t->fds[t->procs[i].fds.first + j];
			if (f->fd != 0 || f->kind != PLAT_FD_PIPE)
				continue;
			for (k = 0; k < n; k++)
				if (keys[k] != 0 && keys[k] == f->key)
					owners[k] = t->procs[i].row.pid;
		}
	return 0;
}

/* A process that has this PID today is not the recorded one. */
static int
table_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
    int sig)
{
	(void)pl;
	(void)row;
	(void)exe;
	(void)sig;
	errno = ENOTSUP;
	return -1;
}

static int
table_hold(struct plat *pl, const struct plat_proc *row, const char *exe,
    int *fdp)
{
	(void)fdp;
	return table_signal(pl, row, exe, 0);
}

/* A recorded connection has no peer to ask, so there is no keepalive. */
const struct plat_ops plat_recorded = {
	.open = table_open,
	.close = table_close,
	.caps = table_caps,
	.gaps = table_gaps,
	.now = table_now,
	.uid = table_uid,
	.scan = table_scan,
	.next = table_next,
	.rows = table_rows,
	.args = table_args,
	.env = table_env,
	.where = table_where,
	.fds = table_fds,
	.origin = table_origin,
	.members = table_members,
	.socks = table_socks,
	.socket_owner = table_socket_owner,
	.pipe_owner = table_pipe_owner,
	.signal = table_signal,
	.hold = table_hold,
	.later = table_later,
	.file_get = table_file_get
};

/* --- writing -------------------------------------------------------------- */

static void
put_bytes(FILE *fp, const char *s, size_t len)
{
	size_t i;
	unsigned char c;

	for (i = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (c <= ' ' || c > '~' || c == '\\' || c == '"' ||
		    (c == '!' && i == 0))
			fprintf(fp, "\\%03o", c);
		else
			putc(c, fp);
	}
}

static void
put_addr(FILE *fp, int family, const struct plat_addr *a)
{
	char s[INET6_ADDRSTRLEN] = "";

	inet_ntop(family, a->ip, s, sizeof(s));
	fprintf(fp, family == AF_INET6 ? "[%s]:%u" : "%s:%u", s,
	    (unsigned)a->port);
}

static int
is_default(const struct field *f, const void *base)
{
	const char *from = (const char *)base + f->off;
	const struct plat_sock *sock;
	size_t i;

	switch (f->kind) {
	case TEXT:
		return *from == '\0';
	case TTY:
		return load(from, f->size) == PLAT_NOTTY;
	case PATH:
		sock = base;
		return sock->pathlen == 0;
	case ADDR:
		sock = base;
		if (sock->family == AF_UNIX)
			return 1;
		/* FALLTHROUGH */
	default:
		for (i = 0; i < f->size; i++)
			if (from[i] != '\0')
				return 0;
		return 1;
	}
}

static void
put_value(FILE *fp, const struct field *f, const void *base)
{
	const char *from = (const char *)base + f->off;
	const struct plat_sock *sock = base;
	uint64_t v;
	int i;

	switch (f->kind) {
	case SIGNED:
		v = load(from, f->size);
		if (v >> (f->size * 8 - 1) != 0) {
			putc('-', fp);
			v = (0 - v) & UINT64_MAX >> (64 - f->size * 8);
		}
		fprintf(fp, "%llu", (unsigned long long)v);
		break;
	case HEX:
		fprintf(fp, "0x%llx", (unsigned long long)load(from, f->size));
		break;
	case UNSIGNED:
	case TTY:
		fprintf(fp, "%llu", (unsigned long long)load(from, f->size));
		break;
	case NAME:
		fputs(f->names[load(from, f->size)], fp);
		break;
	case FAMILY:
		for (i = 0; i < 2 && sock->family != families[i]; i++)
			;
		fputs(family_names[i], fp);
		break;
	case LETTER:
		put_bytes(fp, from, 1);
		break;
	case TEXT:
		put_bytes(fp, from, strlen(from));
		break;
	case ADDR:
		put_addr(fp, sock->family,
		    (const struct plat_addr *)(const void *)from);
		break;
	case PATH:
		put_bytes(fp, sock->path, sock->pathlen);
		break;
	}
}

/* Writes fields; the first one identifies the line and is always written. */
static void
put_fields(FILE *fp, const struct field *fields, const void *base)
{
	const struct field *f;

	for (f = fields; f->name != NULL; f++)
		if (f == fields || !is_default(f, base)) {
			fprintf(fp, " %s=", f->name);
			put_value(fp, f, base);
		}
}

static void
put_line(FILE *fp, const char *key, const struct field *f, const void *base)
{
	fputs(key, fp);
	put_fields(fp, f, base);
	putc('\n', fp);
}

/* Writes "KEY !REASON" for an errno. */
static void
put_error(FILE *fp, const char *key, int error)
{
	const char *name = "EIO";
	size_t i;

	for (i = 0; i < NERRORS; i++)
		if (errors[i].error == error)
			name = errors[i].name;
	fprintf(fp, "%s !%s\n", key, name);
}

static void
put_word(FILE *fp, const char *s)
{
	putc(' ', fp);
	if (*s == '\0')
		fputs("\"\"", fp);
	put_bytes(fp, s, strlen(s));
}

/* Is it NAME=VALUE with one of these names? */
static int
has_name(const char *s, const char *const *names)
{
	size_t len = strcspn(s, "=");

	for (; *names != NULL; names++)
		if (s[len] == '=' && strlen(*names) == len &&
		    strncmp(s, *names, len) == 0)
			return 1;
	return 0;
}

/* If names are given, writes only these variables. */
static void
put_words(FILE *fp, const char *key, const char *s, size_t len,
    const char *const *names)
{
	const char *end = s + len;

	fputs(key, fp);
	for (; s < end; s += strlen(s) + 1)
		if (names == NULL || has_name(s, names))
			put_word(fp, s);
	putc('\n', fp);
}

static void
put_args(struct plat *pl, const struct plat_proc *row, FILE *fp)
{
	char *buf;
	size_t len;

	if (PLAT_ASK(pl, args, row, &buf, &len) == -1) {
		put_error(fp, "args", errno);
		return;
	}
	put_words(fp, "args", buf, len, NULL);
	free(buf);
}

static void
put_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    const char *key, FILE *fp)
{
	char path[4096];
	ssize_t len;
	int gone;

	len = PLAT_ASK(pl, where, row, what, path, sizeof(path), &gone);
	if (len == -1) {
		put_error(fp, key, errno);
		return;
	}
	fprintf(fp, "%s ", key);
	put_bytes(fp, path, (size_t)len);
	if (gone)
		fputs(" gone", fp);
	else if (ends_in_deleted(path, (size_t)len))
		fputs(" there", fp);
	putc('\n', fp);
}

static void
put_file(FILE *fp, const struct plat_file *f)
{
	fputs("file ", fp);
	put_bytes(fp, f->path, strlen(f->path));
	if (f->error != 0) {
		put_error(fp, "", f->error);
		return;
	}
	put_fields(fp, file_fields, f);
	putc('\n', fp);
}

/* The state while a record is written. */
struct recording {
	struct plat *pl;
	unsigned flags;
	const char *const *env;
	FILE *fp;
	struct recorded *v;	/* the processes in it, by pid */
	size_t n;
	uint64_t *keys;		/* of all their sockets */
	size_t nkeys;
	uint64_t *netns;	/* namespaces written so far */
	size_t nnetns;
	pid_t *pids;		/* the processes asked for */
	size_t npids;
	int all;		/* or all processes */
};

struct recorded {
	struct plat_name name;
	unsigned what;		/* TRACE_* */
};

static void
put_env(const struct recording *rec, const struct plat_proc *row)
{
	char *buf;
	size_t len;

	if (PLAT_ASK(rec->pl, env, row, &buf, &len) == -1) {
		put_error(rec->fp, "env", errno);
		return;
	}
	put_words(rec->fp, "env", buf, len, rec->env);
	free(buf);
}

/* Writes the sockets that belong to the keys; row NULL: our namespace. */
static void
put_socks(const struct recording *rec, const struct plat_proc *row,
    const char *key)
{
	struct plat_sock *socks;
	size_t i, n;

	if (PLAT_ASK(rec->pl, socks, rec->keys, rec->nkeys, PLAT_SOCKS_LISTEN |
	    PLAT_SOCKS_ALL | PLAT_SOCKS_INFO | PLAT_SOCKS_UNIX, row, &socks,
	    &n) == -1) {
		put_error(rec->fp, key, errno);
		return;
	}
	fprintf(rec->fp, "%s\n", key);
	for (i = 0; i < n; i++)
		put_line(rec->fp, "sock", sock_fields, &socks[i]);
	free(socks);
}

/* A namespace is written with the first process in it. */
static int
put_netns(struct recording *rec, const struct plat_proc *row, uint64_t id)
{
	uint64_t *p;
	size_t i;

	for (i = 0; id != 0 && i < rec->nnetns; i++)
		if (rec->netns[i] == id)
			return 0;
	p = one_more(&rec->netns, &rec->nnetns, sizeof(*p), MAX_PROCS);
	if (p == NULL)
		return -1;
	*p = id;
	put_socks(rec, row, "netns");
	return 0;
}

/* For a process found only by what it holds, writes only that. */
static void
put_fds(const struct recording *rec, const struct plat_proc *row,
    unsigned what)
{
	struct plat_fd *fds;
	struct proc p;
	size_t i, n;

	if (PLAT_ASK(rec->pl, fds, row, &fds, &n, &p.limit) == -1) {
		put_error(rec->fp, "fds", errno);
		return;
	}
	put_line(rec->fp, "fds", limit_fields, &p);
	for (i = 0; i < n; i++)
		if (what & TRACE_FDS || fds[i].kind == PLAT_FD_SOCKET ||
		    fds[i].kind == PLAT_FD_PIPE)
			put_line(rec->fp, "fd", fd_fields, &fds[i]);
	free(fds);
}

static void
put_members(struct plat *pl, const struct plat_proc *row, FILE *fp)
{
	pid_t pids[PLAT_MEMBERS_MAX];
	size_t i, n;

	if (PLAT_ASK(pl, members, row, pids, PLAT_MEMBERS_MAX, &n) == -1) {
		put_error(fp, "members", errno);
		return;
	}
	fputs("members", fp);
	for (i = 0; i < n; i++)
		if (pids[i] != getpid())
			fprintf(fp, " %ld", (long)pids[i]);
	putc('\n', fp);
}

static int
put_origin(struct recording *rec, const struct plat_proc *row, unsigned what)
{
	struct plat_origin o;

	if (PLAT_ASK(rec->pl, origin, row, &o) == -1) {
		put_error(rec->fp, "origin", errno);
		return 0;
	}
	put_line(rec->fp, "origin", origin_fields, &o);
	if (*o.unit != '\0' && what & TRACE_MEMBERS)
		put_members(rec->pl, row, rec->fp);
	return o.netns == 0 ? put_netns(rec, row, o.netns_id) : 0;
}

static int
put_proc(struct recording *rec, const struct recorded *r,
    const struct plat_proc *row)
{
	struct plat *pl = rec->pl;
	FILE *fp = rec->fp;

	fputs("\nproc", fp);
	put_fields(fp, name_fields, &r->name);
	put_fields(fp, proc_fields, row);
	putc('\n', fp);
	if (r->what & TRACE_ARGS)
		put_args(pl, row, fp);
	if (r->what & TRACE_ENV && rec->flags & PLAT_RECORD_ENV)
		put_env(rec, row);
	if (r->what & TRACE_EXE)
		put_where(pl, row, PLAT_EXE, "exe", fp);
	if (r->what & TRACE_CWD)
		put_where(pl, row, PLAT_CWD, "cwd", fp);
	if (r->what & (TRACE_FDS | TRACE_KEYS))
		put_fds(rec, row, r->what);
	return r->what & TRACE_ORIGIN ? put_origin(rec, row, r->what) : 0;
}

/* Collects the keys of all processes before any socket is looked up. */
static int
find_keys(struct recording *rec)
{
	struct plat_proc row;
	struct plat_fd *fds;
	uint64_t *key = NULL;
	size_t i, k, n, limit;

	for (i = 0; i < rec->n; i++) {
		row.pid = rec->v[i].name.pid;
		if (!(rec->v[i].what & TRACE_FDS))
			continue;
		if (PLAT_ASK(rec->pl, rows, &row, 1) == -1)
			return -1;
		if (row.pid == 0 ||
		    PLAT_ASK(rec->pl, fds, &row, &fds, &n, &limit) == -1)
			continue;
		for (k = 0; k < n; k++) {
			if (fds[k].kind != PLAT_FD_SOCKET)
				continue;
			key = one_more(&rec->keys, &rec->nkeys, sizeof(*key),
			    MAX_FDS);
			if (key == NULL)
				break;
			*key = fds[k].key;
		}
		free(fds);
		if (k < n)
			return -1;
	}
	return 0;
}

static int
by_name_pid(const void *ap, const void *bp)
{
	const struct recorded *a = ap, *b = bp;

	return a->name.pid < b->name.pid ? -1 : a->name.pid > b->name.pid;
}

static int
add_pids(struct recording *rec, const pid_t *pids, size_t n)
{
	pid_t *p;
	size_t i;

	for (i = 0; i < n; i++) {
		p = one_more(&rec->pids, &rec->npids, sizeof(*p), MAX_PROCS);
		if (p == NULL)
			return -1;
		*p = pids[i];
	}
	return 0;
}

/*
 * Adds the other processes in the units of those asked for, because an origin
 * depends on them. If there are many, their number is enough.
 */
#define FEW	16

static int
choose(struct recording *rec, const pid_t *pids, size_t n)
{
	struct plat_proc row;
	pid_t more[FEW];
	size_t i, nmore;

	if (add_pids(rec, pids, n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		row.pid = pids[i];
		if (PLAT_ASK(rec->pl, rows, &row, 1) == -1)
			return -1;
		if (row.pid != 0 &&
		    PLAT_ASK(rec->pl, members, &row, more, FEW, &nmore) == 0 &&
		    add_pids(rec, more, nmore) == -1)
			return -1;
	}
	return 0;
}

/* What is written of a process; -1: nothing. */
static int
what_of(const struct recording *rec, pid_t pid)
{
	size_t i;

	if (rec->flags & PLAT_RECORD_TRACED)
		return trace_what(rec->pl, pid);
	for (i = 0; i < rec->npids; i++)
		if (rec->pids[i] == pid)
			break;
	return rec->all || i < rec->npids ? TRACE_ALL : -1;
}

static int
find_procs(struct recording *rec)
{
	struct plat_name name;
	struct recorded *r;
	int more, what;

	if (PLAT_ASK(rec->pl, scan, 0) == -1)
		return -1;
	while ((more = PLAT_ASK(rec->pl, next, &name)) == 1) {
		if ((what = what_of(rec, name.pid)) == -1)
			continue;
		r = one_more(&rec->v, &rec->n, sizeof(*r), MAX_PROCS);
		if (r == NULL)
			return -1;
		r->name = name;
		r->what = (unsigned)what;
	}
	if (more == 0 && rec->n > 0)
		qsort(rec->v, rec->n, sizeof(*rec->v), by_name_pid);
	return more;
}

static int
put_table(struct recording *rec)
{
	const struct plat_file *file;
	struct plat_proc row;
	struct system sys;
	size_t i;

	sys.caps = rec->pl->ops->caps(rec->pl);
	sys.gaps = rec->pl->ops->gaps(rec->pl);
	sys.now = rec->pl->ops->now(rec->pl);
	sys.uid = rec->pl->ops->uid(rec->pl);
	fprintf(rec->fp, "%s\n",
	    rec->flags & PLAT_RECORD_LATER ? "\nlater" : MAGIC);
	put_line(rec->fp, "system", system_fields, &sys);
	for (i = 0; i < rec->n; i++) {
		row.pid = rec->v[i].name.pid;
		if (PLAT_ASK(rec->pl, rows, &row, 1) == -1)
			return -1;
		if (row.pid != 0 && put_proc(rec, &rec->v[i], &row) == -1)
			return -1;
	}
	putc('\n', rec->fp);
	put_socks(rec, NULL, "socks");
	if (!(rec->flags & PLAT_RECORD_LATER))
		for (i = 0; (file = trace_file(rec->pl, i)) != NULL; i++)
			put_file(rec->fp, file);
	return ferror(rec->fp) ? -1 : 0;
}

int
plat_record(struct plat *pl, const pid_t *pids, size_t n, unsigned flags,
    const char *const *env, FILE *fp)
{
	struct recording rec = { .pl = pl, .flags = flags, .env = env,
	    .fp = fp, .all = pids == NULL };
	int r = -1;

	if ((pids == NULL || choose(&rec, pids, n) == 0) &&
	    find_procs(&rec) == 0 && find_keys(&rec) == 0)
		r = put_table(&rec);
	if (trace_check(pl) == -1)
		r = -1;
	free(rec.v);
	free(rec.pids);
	free(rec.keys);
	free(rec.netns);
	return r;
}
