/* SPDX-License-Identifier: ISC */
/* A master that says what its script says; see fakemaster.c. */
#ifndef FAKEMASTER_H
#define FAKEMASTER_H

#include <sys/types.h>

#include <stddef.h>

struct fake {
	char dir[64];		/* private, made for it */
	char path[80];
	int listener;
	int record;		/* what it has heard */
	pid_t pid;		/* 0: nobody accepts */
};

/* script NULL: a listener that nobody serves.  Exit on errors. */
void	 fake_start(struct fake *f, const char *script);
void	 fake_start_as(struct fake *f, const char *script, uid_t uid);

/* Waits for its end, cleans up; returns how much it has heard. */
size_t	 fake_stop(struct fake *f, unsigned char *heard, size_t size);

/* The bytes that a script's words stand for; returns how many. */
size_t	 fake_bytes(const char *script, unsigned char *buf, size_t size);

#endif
