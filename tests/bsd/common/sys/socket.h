/* SPDX-License-Identifier: ISC */
/* struct kinfo_pcb of NetBSD 10.1 is here, not in its <sys/sysctl.h>. */
#ifndef _SYS_SOCKET_H_
#define _SYS_SOCKET_H_

#include <sys/types.h>
#include <stdint.h>

#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SO_ACCEPTCONN	0x0002
#define SO_KEEPALIVE	0x0008
#define SOCK_MAXADDRLEN	255

#define AF_UNIX		1
#define AF_INET		2
#if defined(__FreeBSD__) || defined(__DragonFly__)
#define AF_INET6	28
#elif defined(__APPLE__)
#define AF_INET6	30
#else
#define AF_INET6	24
#endif

typedef uint8_t sa_family_t;

struct sockaddr {
	uint8_t sa_len;
	sa_family_t sa_family;
	char sa_data[14];
};

struct sockaddr_storage {
	uint8_t ss_len;
	sa_family_t ss_family;
	char ss_pad1[6];
	int64_t ss_align;
	char ss_pad2[112];
};

#ifdef __NetBSD__
struct kinfo_pcb {
	uint64_t ki_pcbaddr, ki_ppcbaddr, ki_sockaddr;
	uint32_t ki_family, ki_type, ki_protocol, ki_pflags;
	uint32_t ki_sostate, ki_prstate;
	int32_t ki_tstate;
	uint32_t ki_tflags;
	uint64_t ki_rcvq, ki_sndq;
	union {
		struct sockaddr _kis_src;
		char _kis_pad[256 + 8];
	} ki_s;
	union {
		struct sockaddr _kid_dst;
		char _kid_pad[256 + 8];
	} ki_d;
	uint64_t ki_inode, ki_vnode, ki_conn, ki_refs, ki_nextref;
};

#define ki_src	ki_s._kis_src
#define ki_dst	ki_d._kid_dst

#define PCB_ALL	0
#endif

int	socket(int, int, int);
int	bind(int, const struct sockaddr *, unsigned);

#endif
