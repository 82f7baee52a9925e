/* SPDX-License-Identifier: ISC */
#ifndef _NETINET_IN_H_
#define _NETINET_IN_H_

#include <sys/socket.h>
#include <stdint.h>

struct in_addr {
	uint32_t s_addr;
};

struct in6_addr {
	union {
		uint8_t __u6_addr8[16];
		uint32_t __u6_addr32[4];
	} __u6_addr;
};

struct sockaddr_in {
	uint8_t sin_len;
	sa_family_t sin_family;
	uint16_t sin_port;
	struct in_addr sin_addr;
	char sin_zero[8];
};

struct sockaddr_in6 {
	uint8_t sin6_len;
	sa_family_t sin6_family;
	uint16_t sin6_port;
	uint32_t sin6_flowinfo;
	struct in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};

uint16_t htons(uint16_t);
uint16_t ntohs(uint16_t);

#endif
