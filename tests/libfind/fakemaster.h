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

/* Of scripts: hellos of 9.2 and of 10.3, and the answer of PID 0x1234. */
#define HELLO9	" 00000008 00000001 00000004 "
#define HELLO10	" 00000015 00000001 00000004 00000004 'info 00000001 '0 "
#define ALIVE	" 0000000c 80000005 00000000 00001234 "
#define PID	0x1234

/* What comes before the answer to anything but ALIVE_CHECK. */
#define TALK9	HELLO9 "< <" ALIVE
#define TALK10	HELLO10 "< <" ALIVE

/* script NULL: a listener that nobody serves.  Exit on errors. */
void	 fake_start(struct fake *f, const char *script);
void	 fake_start_as(struct fake *f, const char *script, uid_t uid);

/* Waits for its end, cleans up; returns how much it has heard. */
size_t	 fake_stop(struct fake *f, unsigned char *heard, size_t size);

/* The bytes that a script's words stand for; returns how many. */
size_t	 fake_bytes(const char *script, unsigned char *buf, size_t size);

#endif
