/* SPDX-License-Identifier: ISC */
/*
 * The form of a table's lines: which fields they have, and how a value is
 * written and read.
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

#include "compat/array.h"
#include "table.h"

/* --- which fields --------------------------------------------------------- */

enum kind {
	SIGNED,
	ALWAYS,			/* signed, and written even if it is 0 */
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
static const char *const local_addr_names[] = {
	"unknown", "here", "gone", NULL
};
static const char *const family_names[] = { "inet", "inet6", "unix", NULL };
static const int families[] = { AF_INET, AF_INET6, AF_UNIX };

static const struct field system_fields[] = {
	FIELD(system, caps, HEX),
	FIELD(system, gaps, HEX),
	FIELD(system, now, SIGNED),
	FIELD(system, uid, UNSIGNED),
	END
};

#define OF_ROW(member, kind) FIELD_AS(#member, proc, row.member, kind, NULL)

static const struct field proc_fields[] = {
	FIELD_AS("pid", proc, name.pid, SIGNED, NULL),
	FIELD_AS("via", proc, name.via, NAME, via_names),
	FIELD_AS("name", proc, name.name, TEXT, NULL),
	OF_ROW(ppid, ALWAYS),
	OF_ROW(pgid, SIGNED),
	OF_ROW(sid, SIGNED),
	OF_ROW(uid, UNSIGNED),
	OF_ROW(ruid, UNSIGNED),
	OF_ROW(tty, TTY),
	FIELD_AS("ident", proc, row.ident[0], UNSIGNED, NULL),
	FIELD_AS("ident2", proc, row.ident[1], UNSIGNED, NULL),
	OF_ROW(start, SIGNED),
	OF_ROW(flags, HEX),
	OF_ROW(masks, SIGNED),
	OF_ROW(sigcgt, HEX),
	OF_ROW(state, LETTER),
	OF_ROW(comm, TEXT),
	FIELD(proc, otherfiles, SIGNED),
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
	FIELD(plat_file, dev, UNSIGNED),
	FIELD(plat_file, ino, UNSIGNED),
	FIELD(plat_file, socket, SIGNED),
	FIELD(plat_file, shared, SIGNED),
	END
};

static const struct field fds_fields[] = {
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
	FIELD_AS("place", plat_sock, local_addr, NAME, local_addr_names),
	FIELD(plat_sock, v6only, SIGNED),
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
	FIELD(plat_sock, vfs_dev, UNSIGNED),
	FIELD(plat_sock, vfs_ino, UNSIGNED),
	FIELD(plat_sock, peer_key, UNSIGNED),
	END
};

static const struct field *const lines[] = {
	[LINE_SYSTEM] = system_fields,
	[LINE_PROC] = proc_fields,
	[LINE_ORIGIN] = origin_fields,
	[LINE_FDS] = fds_fields,
	[LINE_FD] = fd_fields,
	[LINE_SOCK] = sock_fields,
	[LINE_FILE] = file_fields
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

/* --- numbers in members --------------------------------------------------- */

/* Members have 1 to 8 bytes; the compiler chooses the size of enums. */
union number {
	uint8_t b1;
	uint16_t b2;
	uint32_t b4;
	uint64_t b8;
};

static int
store(void *to, size_t size, uint64_t v)
{
	union number u = { .b8 = v };

	if (size == 1)
		u.b1 = (uint8_t)v;
	else if (size == 2)
		u.b2 = (uint16_t)v;
	else if (size == 4)
		u.b4 = (uint32_t)v;
	memcpy(to, &u, size);
	return 0;
}

static uint64_t
load(const void *from, size_t size)
{
	union number u;

	memcpy(&u, from, size);
	return size == 1 ? u.b1 : size == 2 ? u.b2 : size == 4 ? u.b4 : u.b8;
}

/* --- reading -------------------------------------------------------------- */

int
table_bad(void)
{
	errno = EINVAL;
	return -1;
}

char *
table_word(char **linep)
{
	char *s = *linep, *end;

	if (s == NULL)
		return NULL;
	if ((end = strchr(s, ' ')) != NULL)
		*end++ = '\0';
	*linep = end;
	return s;
}

static int
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

int
table_unescape(char *s, size_t *lenp)
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
			return table_bad();
		*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
		    (from[3] - '0'));
		from += 4;
	}
	*to = '\0';
	*lenp = (size_t)(to - s);
	return 0;
}

/* Only digits, or 0x and digits; strto*(3) would accept blanks and signs. */
int
table_number(const char *s, uint64_t max, uint64_t *vp)
{
	const char *digits = "0123456789abcdef", *p;
	uint64_t base = 10, v = 0;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	if (*s == '\0')
		return table_bad();
	for (; *s != '\0'; s++) {
		p = strchr(digits, *s);
		if (p == NULL || (uint64_t)(p - digits) >= base ||
		    v > (max - (uint64_t)(p - digits)) / base)
			return table_bad();
		v = v * base + (uint64_t)(p - digits);
	}
	*vp = v;
	return 0;
}

/* minus: a - may come first, and then there is one bit less. */
static int
get_number(const char *s, void *to, size_t size, int minus)
{
	uint64_t max = UINT64_MAX >> (64 - size * 8 + (unsigned)minus), v;

	minus = minus && *s == '-';
	if (table_number(s + minus, max, &v) == -1)
		return -1;
	return store(to, size, minus ? 0 - v : v);
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
	return table_bad();
}

/* 127.0.0.1:22 or [::1]:22 */
static int
get_addr(char *s, struct plat_addr *a)
{
	char *colon;
	int family = AF_INET;

	if ((colon = strrchr(s, ':')) == NULL || colon == s)
		return table_bad();
	*colon = '\0';
	if (*s == '[') {
		if (colon[-1] != ']')
			return table_bad();
		colon[-1] = '\0';
		s++;
		family = AF_INET6;
	}
	/* A field may be there twice: of the first address nothing stays. */
	memset(a->ip, 0, sizeof(a->ip));
	if (inet_pton(family, s, a->ip) != 1)
		return table_bad();
	return get_number(colon + 1, &a->port, sizeof(a->port), 0);
}

static int
get_value(const struct field *f, char *s, void *base)
{
	char *to = (char *)base + f->off;
	uint64_t v;
	size_t len;

	switch (f->kind) {
	case SIGNED:
	case ALWAYS:
		return get_number(s, to, f->size, 1);
	case UNSIGNED:
	case HEX:
	case TTY:
		return get_number(s, to, f->size, 0);
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
	case PATH:
		if (table_unescape(s, &len) == -1)
			return -1;
		/* Only a path may hold NUL. */
		if ((f->kind != PATH && strlen(s) != len) ||
		    (f->kind == LETTER ? len != 1 : len >= f->size))
			return table_bad();
		memset(to, 0, f->size);
		memcpy(to, s, len);
		if (f->kind == PATH)
			((struct plat_sock *)base)->pathlen = (uint16_t)len;
		return 0;
	}
	return table_bad();
}

int
table_get(char *line, enum table_line what, void *base)
{
	const struct field *f;
	char *name, *value;
	uint64_t v;

	while ((name = table_word(&line)) != NULL) {
		if ((value = strchr(name, '=')) == NULL)
			return table_bad();
		*value++ = '\0';
		for (f = lines[what]; f->name != NULL; f++)
			if (strcmp(f->name, name) == 0)
				break;
		if ((f->name != NULL ? get_value(f, value, base) :
		    get_name(name, former, &v)) == -1)
			return -1;
	}
	return 0;
}

int
table_get_error(const char *line, int *errorp)
{
	size_t i;

	*errorp = 0;
	if (line == NULL || line[0] != '!')
		return 0;
	for (i = 0; i < NELEM(errors); i++)
		if (strcmp(line + 1, errors[i].name) == 0) {
			*errorp = errors[i].error;
			return 1;
		}
	return table_bad();
}

int
table_is_deleted(const char *path, size_t len)
{
	size_t n = sizeof(DELETED) - 1;

	return len > n && strcmp(path + len - n, DELETED) == 0;
}

/* --- writing -------------------------------------------------------------- */

void
table_put_bytes(FILE *fp, const char *s, size_t len)
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
	case ALWAYS:
		return 0;
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
	case ALWAYS:
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
		table_put_bytes(fp, from, 1);
		break;
	case TEXT:
		table_put_bytes(fp, from, strlen(from));
		break;
	case ADDR:
		put_addr(fp, sock->family,
		    (const struct plat_addr *)(const void *)from);
		break;
	case PATH:
		table_put_bytes(fp, sock->path, sock->pathlen);
		break;
	}
}

/* The first field identifies the line and is always written. */
void
table_put(FILE *fp, const char *key, enum table_line what, const void *base)
{
	const struct field *f;

	fputs(key, fp);
	for (f = lines[what]; f->name != NULL; f++)
		if (f == lines[what] || !is_default(f, base)) {
			fprintf(fp, " %s=", f->name);
			put_value(fp, f, base);
		}
	putc('\n', fp);
}

void
table_put_error(FILE *fp, const char *key, int error)
{
	const char *name = "EIO";
	size_t i;

	for (i = 0; i < NELEM(errors); i++)
		if (errors[i].error == error)
			name = errors[i].name;
	fprintf(fp, "%s !%s\n", key, name);
}
