/* SPDX-License-Identifier: ISC */
/*
 * signal.c: sends a signal to the process that was seen, and never to a later
 * one with the same PID.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/base_name.h"
#include "verdict/verdict.h"

struct tun_handle {
	struct tun_ctx *ctx;
	struct plat_hold hold;
	int ended;
};

/* The name that the process's executable must still have. */
static const char *
exe_name(const struct tun *t, char *buf, size_t len)
{
	const char *base;
	size_t n;

	if (t->exe == NULL)
		return NULL;
	base = base_name(t->exe);
	n = strlen(base);
	if (n >= len)
		return NULL;
	memcpy(buf, base, n);
	buf[n] = '\0';
	return buf;
}

int
tun_signal(struct tun_ctx *ctx, const struct tun *t, int sig)
{
	struct plat_proc row;
	char exe[256];

	if (t->pid <= 1) {
		errno = EINVAL;
		return -1;
	}
	row_set(&row, t->pid, t->ident);
	row.uid = t->uid;
	return plat_signal(ctx->pl, &row, exe_name(t, exe, sizeof(exe)), sig);
}

/* --- in steps ------------------------------------------------------------ */

static struct tun_handle *
hold(struct tun_ctx *ctx, pid_t pid, uid_t uid, const uint64_t *ident,
    const char *exe)
{
	struct plat_proc row;
	struct tun_handle *v;
	int saved;

	/*
	 * Process 1 must not be ended, and 0 would mean a whole process group.
	 */
	if (pid <= 1 || ident[0] == 0) {
		errno = EINVAL;
		return NULL;
	}
	if ((v = calloc(1, sizeof(*v))) == NULL)
		return NULL;
	v->ctx = ctx;
	row_set(&row, pid, ident);
	row.uid = uid;
	if (plat_hold(ctx->pl, &row, exe, &v->hold) == -1) {
		saved = errno;
		free(v);
		errno = saved;
		return NULL;
	}
	return v;
}

struct tun_handle *
tun_hold(struct tun_ctx *ctx, const struct tun *t)
{
	char exe[256];

	return hold(ctx, t->pid, t->uid, t->ident,
	    exe_name(t, exe, sizeof(exe)));
}

/*
 * A peer's program is known only by the name that it gives itself.  Returns 0
 * with ESRCH if the name has changed, or with the reason if that cannot be
 * known.
 */
static int
has_comm(struct tun_ctx *ctx, const struct tun_peer *peer)
{
	struct plat_proc row;

	if (row_read_same(ctx->pl, peer->pid, peer->ident, &row) == -1)
		return 0;
	errno = ESRCH;
	return peer->comm == NULL || strcmp(row.comm, peer->comm) == 0;
}

/* Gives up a held process; errno says why. */
static struct tun_handle *
let_go(struct tun_handle *v)
{
	int saved = errno;

	tun_handle_free(v);
	errno = saved;
	return NULL;
}

struct tun_handle *
tun_hold_peer(struct tun_ctx *ctx, const struct tun_peer *peer)
{
	struct tun_handle *v;

	v = hold(ctx, peer->pid, peer->uid, peer->ident, NULL);
	return v != NULL && !has_comm(ctx, peer) ? let_go(v) : v;
}

/*
 * Call this after the process is held: only the current parent, or what has
 * started that, starts it again.
 */
struct tun_handle *
tun_hold_parent(struct tun_ctx *ctx, const struct tun *t)
{
	struct plat_proc row;
	struct tun_handle *v;

	if (t->parent == NULL) {
		errno = ESRCH;
		return NULL;
	}
	if ((v = tun_hold_peer(ctx, t->parent)) == NULL)
		return NULL;
	if (row_read_same(ctx->pl, t->pid, t->ident, &row) == -1)
		return let_go(v);
	errno = ESRCH;
	if (row.ppid != t->ppid)
		return let_go(v);
	return v;
}

int
tun_handle_signal(struct tun_handle *v, int sig)
{
	if (v->ended || tun_handle_wait(v, 0) == 1) {
		errno = ESRCH;
		return -1;
	}
	return plat_hold_signal(v->ctx->pl, &v->hold, sig);
}

int
tun_handle_wait(struct tun_handle *v, int ms)
{
	int r;

	if (v->ended)
		return 1;
	if ((r = plat_hold_wait(v->ctx->pl, &v->hold, ms)) == 1)
		v->ended = 1;
	return r;
}

int
tun_handle_is_safe(const struct tun_handle *v)
{
	return (plat_caps(v->ctx->pl) & PLAT_CAP_SIGNAL_SAFE) != 0;
}

void
tun_handle_free(struct tun_handle *v)
{
	if (v == NULL)
		return;
	plat_hold_drop(&v->hold);
	free(v);
}
