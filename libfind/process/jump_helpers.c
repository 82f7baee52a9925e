/* SPDX-License-Identifier: ISC */
/*
 * jump_helpers.c: finds jump and proxy helpers that are an ssh, by the pipes
 * between them and their tunnel. The parent PID does not identify the tunnel,
 * because after -f its helpers are no longer its children.
 */
#include <stdlib.h>

#include "compat/array.h"
#include "process.h"

/*
 * Sanity limit on the numbers of pipes to a helper, which ssh opens before it
 * opens anything else. A process may have very many pipes, and each is compared
 * with all.
 */
#define MAX_PIPE_FD	1023

int
facts_is_jump_helper(const struct facts *f)
{
	return f->cmd.nfwds > 0 &&
	    f->cmd.fwds[f->cmd.nfwds - 1].kind == TUN_FWD_STDIO;
}

struct pipe_end {
	uint64_t key;
	struct cand *c;
	const struct plat_fd *fd;
};

/* The key of the pipe at descriptor fd; 0: fd is no pipe. */
uint64_t
pipe_at(const struct facts *f, int fd)
{
	size_t i;

	for (i = 0; i < f->nfds; i++)
		if (f->fds[i].fd == fd && f->fds[i].kind == PLAT_FD_PIPE)
			return f->fds[i].key;
	return 0;
}

/*
 * The pipes to a helper are the first descriptors that ssh opens, in place of
 * its connection; what it opens next gets a lower free number. A master has its
 * connection, or the pipes of its own helper, and a stream to each client at
 * lower numbers than the descriptors that this client has passed to it. A
 * session has copies of the standard descriptors, which a -W helper moves to
 * other numbers. A pipe with both ends in one process leads to nobody: the
 * library of proxychains4 has two of them in ssh.
 *
 * A dbclient leaves its starter's descriptors open, so that a pipe proves
 * nothing; that it has a helper is in its command line.
 */
int
pipe_is_helpers(const struct facts *f, const struct plat_fd *d)
{
	size_t i, below = 0;

	if (d->kind != PLAT_FD_PIPE || d->fd <= 2 || d->fd > MAX_PIPE_FD ||
	    d->key == pipe_at(f, 0) || d->key == pipe_at(f, 1) ||
	    d->key == pipe_at(f, 2))
		return 0;
	for (i = 0; i < f->nfds; i++) {
		if (f->fds[i].kind == PLAT_FD_PIPE &&
		    f->fds[i].key == d->key && f->fds[i].fd != d->fd)
			return 0;
		below += f->fds[i].kind == PLAT_FD_SOCKET &&
		    f->fds[i].fd > 2 && f->fds[i].fd < d->fd;
	}
	return f->cmd.flags & CMD_DROPBEAR ? (f->cmd.flags & CMD_JUMP) != 0 :
	    below <= 1;
}

/*
 * ssh holds the other end of its helper's standard input above fd 2 (usually as
 * fd 4 or 5). A helper that uses a jump host itself has two such pipes: its
 * tunnel's at fd 0, and its own helper's above fd 2. So the pipe at the
 * helper's fd 0 is compared.
 */
static struct cand *
holder_of(const struct pipe_end *ends, size_t n, const struct cand *helper)
{
	uint64_t key = pipe_at(helper->facts, 0);
	const struct pipe_end *e;
	size_t i;

	if (key == 0)
		return NULL;
	/* Several may hold it, as neighbours. */
	i = array_place(&key, ends, n, sizeof(*ends), key_cmp);
	for (; i < n && ends[i].key == key; i++) {
		e = &ends[i];
		if (e->c != helper && pipe_is_helpers(e->c->facts, e->fd))
			return e->c;
	}
	return NULL;
}

/* Does c hold this pipe as one to its helper? */
static int
holds_for_helper(const struct cand *c, uint64_t key)
{
	size_t i;

	for (i = 0; i < c->facts->nfds; i++)
		if (c->facts->fds[i].key == key &&
		    pipe_is_helpers(c->facts, &c->facts->fds[i]))
			return 1;
	return 0;
}

/*
 * The tunnel that c helps. Without -W, as in "ProxyCommand ssh gw nc %h %p",
 * both pipes must match: a process that only reads the output of an ssh has no
 * helper in it. Such a helper runs a command, so it has moved its output away
 * from descriptor 1.
 */
static struct cand *
helped_by(struct scan *s, const struct pipe_end *ends, size_t n,
    const struct cand *c)
{
	struct cand *holder = holder_of(ends, n, c);
	const struct plat_fd *d = c->facts->fds;
	uint64_t input = pipe_at(c->facts, 0);
	size_t i;

	if (facts_is_jump_helper(c->facts))
		/* Without -f a helper is still a child of its tunnel. */
		return holder != NULL ? holder :
		    scan_find(s, c->facts->row.ppid);
	for (i = 0; holder != NULL && i < c->facts->nfds; i++)
		if (d[i].kind == PLAT_FD_PIPE && d[i].fd <= MAX_PIPE_FD &&
		    d[i].key != input && holds_for_helper(holder, d[i].key))
			return holder;
	return NULL;
}

int
jump_helpers_fold(struct scan *s)
{
	struct pipe_end *ends;
	size_t i, j, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->cands[i]->facts->nfds;
	if ((ends = calloc(n ? n : 1, sizeof(*ends))) == NULL)
		return -1;
	for (n = i = 0; i < s->n; i++)
		for (j = 0; j < s->cands[i]->facts->nfds; j++)
			if (s->cands[i]->facts->fds[j].kind == PLAT_FD_PIPE) {
				ends[n].key = s->cands[i]->facts->fds[j].key;
				ends[n].c = s->cands[i];
				ends[n++].fd = &s->cands[i]->facts->fds[j];
			}
	qsort(ends, n, sizeof(*ends), key_cmp);
	for (i = 0; i < s->n; i++) {
		struct cand *c = s->cands[i];

		c->links.helped = helped_by(s, ends, n, c);
		if (c->links.helped != NULL)
			c->links.helped->links.helper = c;
	}
	free(ends);
	return 0;
}

/*
 * Publishes the helpers of a tunnel, nearest first; the last has the transport.
 */
int
jump_helpers_publish(struct scan *s, struct cand *c)
{
	const struct tun_peer **v = NULL;
	const struct cand *helper;
	size_t n = 0;

	/*
	 * Processes can pass pipes in a circle, so stop after as many as there
	 * are.
	 */
	for (helper = c->links.helper; helper != NULL && n < s->n;
	    helper = helper->links.helper) {
		if ((v = arena_push(s->a, v, n, sizeof(*v))) == NULL ||
		    (v[n++] = cand_peer(s->a, helper)) == NULL)
			return -1;
	}
	c->verdict.tun.helpers = v;
	c->verdict.tun.nhelpers = n;
	return 0;
}

struct cand *
links_next(const struct cand *c)
{
	if (c->links.helper != NULL)
		return c->links.helper;
	return c->links.helped != NULL ? c->links.master : NULL;
}
