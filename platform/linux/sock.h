/* SPDX-License-Identifier: ISC */
/* What netlink.c and its fallback proc_net.c share. */
#ifndef LINUX_SOCK_H
#define LINUX_SOCK_H

#include "common/bag.h"

/*
 * port_filter.c: makes a program for INET_DIAG_REQ_BYTECODE that accepts
 * sockets whose local or peer port is in ports (one bit each), and as few
 * others as FILTER_RANGES allows. Returns its length, at most FILTER_OPS; 0: no
 * port.
 */
#define FILTER_RANGES	32
#define FILTER_OPS	(2 * (7 * FILTER_RANGES - 2))

struct inet_diag_bc_op;
size_t	 filter_make(const uint8_t *ports, struct inet_diag_bc_op *ops);

/*
 * One line of /proc/net/tcp, tcp6 (family says which) or unix, without its
 * newline.  0: *sk is filled in; -1: not such a line.
 */
int	 proc_inet_line(const char *line, int family, struct plat_sock *sk);
int	 proc_unix_line(const char *line, struct plat_sock *sk);

/*
 * Reads net/tcp, net/tcp6, net/unix of the process directory procfd.  -1
 * with errno when none of them can be read.
 */
int	 proc_socks(int procfd, struct bag *bag);

/*
 * local_addr.c. local_addr_asks(): is there a listener whose address has to be
 * looked up? local_addr_look(): has the network namespace of the process
 * directory procfd the addresses that listeners in the bag are bound to?
 */
int	 local_addr_asks(const struct bag *bag);
void	 local_addr_look(int procfd, struct bag *bag);
/* The same for one text in the form of net/FILE; -1: a read error. */
int	 local_addr_read(FILE *fp, const char *file, struct bag *bag);

/*
 * Parses one message of a dump, len bytes from the netlink socket. 0: *sk is
 * filled in; -1: not such a message.
 */
struct nlmsghdr;
int	 diag_inet(const struct nlmsghdr *nlh, struct plat_sock *sk);
int	 diag_unix(const struct nlmsghdr *nlh, struct plat_sock *sk);

#endif
