/* SPDX-License-Identifier: ISC */
/* socket.c: makes stream sockets, and passes descriptors over them. */
#include <sys/types.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/socket.h"

/*
 * With SOCK_CLOEXEC the child of another thread cannot inherit it before it is
 * closed on exec.
 */
int
socket_new(int family)
{
	int fd;

#ifdef SOCK_CLOEXEC
	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
	if ((fd = socket(family, SOCK_STREAM, 0)) != -1 &&
	    (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)) {
		close(fd);
		fd = -1;
	}
#endif
#ifdef SO_NOSIGPIPE
	if (fd != -1)
		setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){ 1 },
		    sizeof(int));
#endif
	return fd;
}

/* --- descriptors --------------------------------------------------------- */

struct message {
	struct msghdr hdr;
	struct iovec iov;
	char byte;
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(SOCKET_FDS * sizeof(int))];
	} control;
};

static void
message_init(struct message *m, size_t n)
{
	memset(m, 0, sizeof(*m));
	m->iov.iov_base = &m->byte;
	m->iov.iov_len = 1;
	m->hdr.msg_iov = &m->iov;
	m->hdr.msg_iovlen = 1;
	m->hdr.msg_control = m->control.buf;
	m->hdr.msg_controllen = CMSG_SPACE(n * sizeof(int));
}

int
socket_send_fds(int to, const int *fds, size_t n)
{
	struct cmsghdr *cmsg;
	struct message m;

	message_init(&m, n);
	cmsg = CMSG_FIRSTHDR(&m.hdr);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, n * sizeof(int));
	return sendmsg(to, &m.hdr, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

size_t
socket_receive_fds(int from, int *fds)
{
	struct cmsghdr *cmsg;
	struct message m;
	size_t i, n;

	message_init(&m, SOCKET_FDS);
	if (recvmsg(from, &m.hdr, MSG_DONTWAIT) != 1 ||
	    (cmsg = CMSG_FIRSTHDR(&m.hdr)) == NULL ||
	    cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
		return 0;
	n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(cmsg), n * sizeof(int));
	for (i = 0; i < n; i++)
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	return n;
}
