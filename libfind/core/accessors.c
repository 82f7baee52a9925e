/* SPDX-License-Identifier: ISC */
/*
 * accessors.c: functions that return the members of public structs, so that a
 * program need not know their layout.
 */
#include "config.h"

#include "core.h"

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
