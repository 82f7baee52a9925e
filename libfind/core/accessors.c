/* SPDX-License-Identifier: ISC */
/*
 * accessors.c: functions that return the members of public structs, so that a
 * program need not know their layout.
 */
#include "config.h"

#include "core.h"

static const struct tun_addr *
known(const struct tun_addr *addr)
{
	return addr->family != 0 ? addr : NULL;
}

const char *
tun_version(void)
{
	return VERSION;
}

const char *
tun_id(const struct tun *t)
{
	return t->id;
}

pid_t
tun_pid(const struct tun *t)
{
	return t->pid;
}

uid_t
tun_uid(const struct tun *t)
{
	return t->uid;
}

int64_t
tun_start(const struct tun *t)
{
	return t->start;
}

const char *
tun_dest(const struct tun *t)
{
	return t->dest;
}

const char *
tun_label(const struct tun *t)
{
	return t->label;
}

const char *
tun_supervisor(const struct tun *t)
{
	return t->supervisor;
}

enum tun_origin
tun_origin(const struct tun *t)
{
	return t->origin;
}

enum tun_state
tun_state(const struct tun *t)
{
	return t->state;
}

const struct tun_evidence *
tun_why(const struct tun *t)
{
	return &t->why;
}

const struct tun_evidence *
tun_origin_why(const struct tun *t)
{
	return &t->origin_why;
}

int64_t
tun_heard(const struct tun *t)
{
	return t->heard;
}

int64_t
tun_idle(const struct tun *t)
{
	return t->idle;
}

int64_t
tun_rx(const struct tun *t)
{
	return t->rx;
}

int64_t
tun_tx(const struct tun *t)
{
	return t->tx;
}

const char *const *
tun_argv(const struct tun *t)
{
	return t->argv;
}

const char *
tun_ctlpath(const struct tun *t)
{
	return t->ctlpath;
}

const struct tun_addr *
tun_local(const struct tun *t)
{
	return known(&t->local);
}

const struct tun_addr *
tun_remote(const struct tun *t)
{
	return known(&t->remote);
}

const struct tun_peer *
tun_helper_at(const struct tun *t, size_t i)
{
	return i < t->nhelpers ? t->helpers[i] : NULL;
}

const struct tun_peer *
tun_user_at(const struct tun *t, size_t i)
{
	return i < t->nusers ? t->users[i] : NULL;
}

size_t
tun_fwd_count(const struct tun *t)
{
	return t->nfwds;
}

const struct tun_fwd *
tun_fwd_at(const struct tun *t, size_t i)
{
	return i < t->nfwds ? t->fwds[i] : NULL;
}

const char *
tun_fwd_id(const struct tun_fwd *fwd)
{
	return fwd->id;
}

enum tun_fwd_kind
tun_fwd_kind(const struct tun_fwd *fwd)
{
	return fwd->spec.kind;
}

enum tun_source
tun_fwd_source(const struct tun_fwd *fwd)
{
	return fwd->source;
}

const struct tun_evidence *
tun_fwd_why(const struct tun_fwd *fwd)
{
	return &fwd->why;
}

int
tun_fwd_conns(const struct tun_fwd *fwd)
{
	return fwd->conns;
}

int
tun_fwd_exposed(const struct tun_fwd *fwd)
{
	return fwd->exposed;
}

const struct tun_addr *
tun_fwd_addr_at(const struct tun_fwd *fwd, size_t i)
{
	return i < fwd->naddrs ? &fwd->addrs[i] : NULL;
}

const struct tun_peer *
tun_fwd_client_at(const struct tun_fwd *fwd, size_t i)
{
	return i < fwd->nclients ? fwd->clients[i] : NULL;
}

const struct tun_peer *
tun_fwd_owner(const struct tun_fwd *fwd)
{
	return fwd->owner;
}

pid_t
tun_peer_pid(const struct tun_peer *peer)
{
	return peer->pid;
}

uid_t
tun_peer_uid(const struct tun_peer *peer)
{
	return peer->uid;
}

const char *
tun_peer_comm(const struct tun_peer *peer)
{
	return peer->comm;
}

const struct tun_addr *
tun_peer_addr(const struct tun_peer *peer)
{
	return known(&peer->addr);
}
