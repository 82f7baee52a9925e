/* SPDX-License-Identifier: ISC */
/* Stream sockets, and the descriptors that go over them; socket.c. */
#ifndef SOCKET_H
#define SOCKET_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>

/* Without it for send(2), socket_new() turns SIGPIPE off for each socket. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* Descriptors in one message; the kernel's limit is 253. */
#define SOCKET_FDS	64

/* A stream socket that is closed on exec and does not block. */
int	 socket_new(int family);

/* Sends up to SOCKET_FDS descriptors, with one byte of data. */
int	 socket_send_fds(int to, const int *fds, size_t n);
/* Returns the number of descriptors that came, without waiting. */
size_t	 socket_receive_fds(int from, int *fds);

#endif
