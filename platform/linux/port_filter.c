/* SPDX-License-Identifier: ISC */
/*
 * Which ports to have from a dump of sockets, in the byte code that the
 * kernel runs on each of them.  To be turned down there costs a connection a
 * quarter of what it costs to be told of.
 *
 * Every operation leads to the next one, or skips ahead by what "no" says,
 * and the kernel takes nothing else.  One that skips just to the end accepts
 * the socket, one that skips four bytes further rejects it.  So a search is
 * laid out as a tree, the upper half right behind the port that it is told
 * from the lower one by, first for the local port, then for the peer's.
 */
#include "config.h"
#include "sock.h"

#ifdef HAVE_LIBMNL
#include <linux/inet_diag.h>

#define PORTS		65536

/* Operations that a search among n ranges takes. */
#define TREE(n)		(7 * (n) - 2)

struct range {
	uint16_t lo, hi;
};

struct program {
	struct inet_diag_bc_op *ops;
	size_t n;
	int ge, le;		/* the two comparisons, of which port */
	size_t yes, no;		/* where a search ends */
};

static int
has(const uint8_t *ports, unsigned port)
{
	return ports[port / 8] >> port % 8 & 1;
}

/*
 * Those closer than gap are one range, with what lies between them.  How
 * many there are, if that is no more than FILTER_RANGES.
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

/* The next operation; to is the place of the one that it skips to. */
static void
put(struct program *p, int code, size_t len, size_t to)
{
	struct inet_diag_bc_op *op = &p->ops[p->n];

	op->code = code;
	op->yes = len * sizeof(*op);
	op->no = (to - p->n) * sizeof(*op);
	p->n += len;
}

/* A comparison has the port in a second operation's place. */
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
