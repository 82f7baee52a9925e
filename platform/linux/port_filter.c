/* SPDX-License-Identifier: ISC */
/*
 * Selects ports in a dump of sockets, by byte code that the kernel runs for
 * each socket. A connection that the byte code rejects costs a quarter of the
 * time of one that is reported.
 *
 * Each operation goes on to the next one, or forward by the number of bytes in
 * "no"; the kernel accepts only this. A jump exactly to the end accepts the
 * socket, and a jump four bytes beyond it rejects the socket. So the search is
 * a tree: after each comparison comes the upper half, and the lower half is
 * reached by a jump; first for the local port, then for the peer's.
 */
#include "config.h"
#include "sock.h"

#ifdef HAVE_LIBMNL
#include <linux/inet_diag.h>

#define PORTS		65536

/* The number of operations for a search among n ranges. */
#define TREE(n)		(7 * (n) - 2)

struct range {
	uint16_t lo, hi;
};

struct program {
	struct inet_diag_bc_op *ops;
	size_t n;
	int ge, le;		/* operations for "port >=", "port <=" */
	size_t yes, no;		/* targets of the end of a search */
};

static int
has(const uint8_t *ports, unsigned port)
{
	return ports[port / 8] >> port % 8 & 1;
}

/*
 * Ports closer than gap become one range, with those between them. Returns the
 * number of ranges if it is at most FILTER_RANGES.
 */
static size_t
collect(const uint8_t *ports, unsigned gap, struct range *v)
{
	unsigned port;
	size_t n = 0;

	for (port = 0; port < PORTS; port++) {
		if (port % 8 == 0 && ports[port / 8] == 0) {
			port += 7;
			continue;
		}
		if (!has(ports, port))
			continue;
		if (n == 0 || port - v[n - 1].hi > gap) {
			if (n == FILTER_RANGES)
				return n + 1;
			v[n++].lo = port;
		}
		v[n - 1].hi = port;
	}
	return n;
}

/* Adds an operation; to is the index of the one that it jumps to. */
static void
put(struct program *p, int code, size_t len, size_t to)
{
	struct inet_diag_bc_op *op = &p->ops[p->n];

	op->code = code;
	op->yes = len * sizeof(*op);
	op->no = (to - p->n) * sizeof(*op);
	p->n += len;
}

/* A comparison has its port in a second operation's space. */
static void
compare(struct program *p, int code, uint16_t port, size_t to)
{
	struct inet_diag_bc_op *op = &p->ops[p->n + 1];

	put(p, code, 2, to);
	op->code = op->yes = 0;
	op->no = port;
}

static void
search(struct program *p, const struct range *v, size_t n)
{
	size_t low = n / 2;

	if (n == 1) {
		compare(p, p->ge, v->lo, p->no);
		compare(p, p->le, v->hi, p->no);
		put(p, INET_DIAG_BC_JMP, 1, p->yes);
		return;
	}
	compare(p, p->ge, v[low].lo, p->n + 2 + TREE(n - low));
	search(p, v + low, n - low);
	search(p, v, low);
}

size_t
filter_make(const uint8_t *ports, struct inet_diag_bc_op *ops)
{
	struct range v[FILTER_RANGES];
	struct program p = { .ops = ops };
	unsigned gap = 1;
	size_t n;

	while ((n = collect(ports, gap, v)) > FILTER_RANGES)
		gap *= 2;
	if (n == 0)
		return 0;
	p.yes = 2 * TREE(n);
	p.no = TREE(n);
	p.ge = INET_DIAG_BC_S_GE;
	p.le = INET_DIAG_BC_S_LE;
	search(&p, v, n);
	p.no = p.yes + 1;
	p.ge = INET_DIAG_BC_D_GE;
	p.le = INET_DIAG_BC_D_LE;
	search(&p, v, n);
	return p.n;
}
#endif
