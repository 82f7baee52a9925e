/* SPDX-License-Identifier: ISC */
/* The machine, see canned.h. */
#include <sys/types.h>

#include <errno.h>
#include <string.h>

#include "canned.h"

#define WORDS(s)	(s), sizeof(s) - 1
#define LO4		{ 127, 0, 0, 1 }
#define LO6		{ [15] = 1 }
#define HERE		{ 192, 0, 2, 1 }
#define THERE		{ 198, 51, 100, 7 }

/* A link-local pair; kernels leave their scope number in the third byte. */
#define LINK_A		{ 0xfe, 0x80, [15] = 0xa }
#define LINK_B		{ 0xfe, 0x80, [15] = 0xb }

static const struct canned_sock socks0[] = {
	/* 0-2: ssh -f -N -L 8080:... */
	{ .kind = SOCK_TCP4, .state = ST_ESTABLISHED, .laddr = HERE,
	    .lport = 40000, .faddr = THERE, .fport = 22, .peer = -1,
	    .uid = 1000, .wq = 36, .rexmt = 1200, .keep = 7000000,
	    .heard = 4000, .rexmits = 3, .rx = 111, .tx = 222 },
	{ .kind = SOCK_TCP6, .state = ST_LISTEN, .laddr = LO6,
	    .lport = 8080, .peer = -1, .uid = 1000, .wq = 128 },
	{ .kind = SOCK_TCP4, .state = ST_LISTEN, .laddr = LO4,
	    .lport = 8080, .peer = -1, .uid = 1000, .rq = 1, .wq = 128 },
	/* 3, 4: a client and the end that the tunnel has of it */
	{ .kind = SOCK_TCP4, .state = ST_ESTABLISHED, .laddr = LO4,
	    .lport = 50000, .faddr = LO4, .fport = 8080, .peer = -1,
	    .uid = 1001, .keep = 7200000 },
	{ .kind = SOCK_TCP4, .state = ST_ESTABLISHED, .laddr = LO4,
	    .lport = 8080, .faddr = LO4, .fport = 50000, .peer = -1,
	    .uid = 1000, .rq = 5, .keep = 7200000 },
	/* 5-8: a master, its control socket, a mux client's two ends */
	{ .kind = SOCK_TCP6, .state = ST_CLOSE_WAIT, .laddr = LINK_A,
	    .lport = 40001, .faddr = LINK_B, .fport = 22, .peer = -1,
	    .uid = 1000, .keep = 7110000, .heard = 90000 },
	{ .kind = SOCK_LOCAL, .state = ST_LISTEN, .path =
	    "/home/u/.ssh/ctl.ABCDEFGHIJKLMNOP", .peer = -1, .uid = 1000,
	    .wq = 64 },
	{ .kind = SOCK_LOCAL, .state = ST_OPEN, .path =
	    "/home/u/.ssh/ctl.ABCDEFGHIJKLMNOP", .peer = 8, .uid = 1000 },
	{ .kind = SOCK_LOCAL, .state = ST_OPEN, .peer = 7, .uid = 1000 },
	/* 9: of nobody that we look at */
	{ .kind = SOCK_TCP4, .state = ST_ESTABLISHED, .laddr = HERE,
	    .lport = 50001, .faddr = THERE, .fport = 443, .peer = -1,
	    .uid = 1001, .keep = 7200000 },
	/* 10: another's listener */
	{ .kind = SOCK_TCP4, .state = ST_LISTEN, .lport = 22, .peer = -1,
	    .uid = 0, .wq = 128 },
	/* 11: the master's end of a mux client that has hung up */
	{ .kind = SOCK_LOCAL, .state = ST_DISCONNECTED, .path =
	    "/home/u/.ssh/ctl.ABCDEFGHIJKLMNOP", .peer = -1, .uid = 1000 },
};

static const struct canned_proc procs0[] = {
	{ .pid = 1, .pgid = 1, .sid = 1, .tty = NODEVICE, .start = 1000000,
	    .state = 'S', .comm = "init", .args = WORDS("/sbin/init\0--\0"),
	    .exe = "/sbin/init", .cwd = "/", .reaper = 1 },
	{ .pid = 2, .tty = NODEVICE, .start = 1000001, .state = 'K',
	    .comm = "pagedaemon", .reaper = 1 },
	{ .pid = 90, .ppid = 1, .pgid = 90, .sid = 90, .tty = NODEVICE,
	    .start = 9000000, .state = 'S', .comm = "sshd",
	    .args = WORDS("sshd: /usr/sbin/sshd [listener]\0"),
	    .exe = "/usr/sbin/sshd", .cwd = "/", .reaper = 1, .parent = 1001,
	    .fds = { { FD_SOCKET, 3, 10, 0, 0, NULL } } },
	{ .pid = 200, .ppid = 90, .pgid = 200, .sid = 200, .uid = 1000,
	    .ruid = 1000, .tty = 0x505, .start = 20000000, .state = 'S',
	    .comm = "zsh", .args = WORDS("-zsh\0"), .exe = "/bin/zsh",
	    .cwd = "/home/u", .reaper = 1, .parent = 1090,
	    .fds = { { FD_PATH, 0, 0, 0, 0, "/dev/ttyp5" } } },
	/* in the background, started by a shell */
	{ .pid = 300, .ppid = 1, .pgid = 300, .sid = 300, .uid = 1000,
	    .ruid = 1000, .tty = NODEVICE, .start = 30000000, .state = 'S',
	    .comm = "ssh", .args = WORDS("ssh\0-f\0-N\0-L\0008080:db:80\0-o\0"
	    "\0host\0"), .env = WORDS("HOME=/home/u\0TUN_LABEL=x\0"),
	    .exe = "/usr/bin/ssh", .cwd = "/home/u", .reaper = 1,
	    .parent = 1200, .catch = 0x4002, .ignore = 0x1001,
	    .fds = { { FD_PATH, 0, 0, 0, 0, "/dev/null" },
		{ FD_SOCKET, 3, 0, 0, 0, NULL },
		{ FD_SOCKET, 4, 1, 0, 0, NULL },
		{ FD_SOCKET, 5, 2, 0, 0, NULL },
		{ FD_SOCKET, 6, 4, 0, 0, NULL } } },
	/* in the foreground, through a pipe to its helper */
	{ .pid = 301, .ppid = 200, .pgid = 301, .sid = 200, .uid = 1000,
	    .ruid = 1000, .tty = 0x505, .start = 30000001, .state = 'R',
	    .comm = "ssh", .args = WORDS("ssh\0-N\0-D1080\0a\nb\0"),
	    .exe = "/usr/bin/ssh", .cwd = "/tmp", .reaper = 1,
	    .parent = 1200,
	    .fds = { { FD_PATH, 0, 0, 0, 0, "/dev/ttyp5" },
		{ FD_PIPE, 3, 0, 0x1100, 0x1000, NULL },
		{ FD_PIPE, 4, 0, 0x2000, 0x2100, NULL } } },
	/* a master: its title has taken the place of its words */
	{ .pid = 302, .ppid = 1, .pgid = 302, .sid = 302, .uid = 1000,
	    .ruid = 1000, .tty = NODEVICE, .start = 30000002, .state = 'S',
	    .comm = "ssh", .args = WORDS("ssh: /home/u/.ssh/ctl [mux]\0"),
	    .argc = 6, .exe = "/usr/bin/ssh", .cwd = "/", .reaper = 1,
	    .parent = 1200,
	    .fds = { { FD_SOCKET, 3, 5, 0, 0, NULL },
		{ FD_SOCKET, 4, 6, 0, 0, NULL },
		{ FD_SOCKET, 5, 7, 0, 0, NULL },
		{ FD_SOCKET, 6, 11, 0, 0, NULL } } },
	{ .pid = 303, .ppid = 200, .pgid = 303, .sid = 200, .uid = 1000,
	    .ruid = 1000, .tty = 0x505, .start = 30000003, .state = 'S',
	    .comm = "ssh", .args = WORDS("ssh\0-O\0proxy\0host\0"),
	    .exe = "/usr/bin/ssh", .cwd = "/", .reaper = 1, .parent = 1200,
	    .fds = { { FD_PIPE, 0, 0, 0x2100, 0x2000, NULL },
		{ FD_SOCKET, 3, 8, 0, 0, NULL } } },
	/* another user's */
	{ .pid = 304, .ppid = 90, .pgid = 304, .sid = 304, .uid = 1001,
	    .ruid = 1001, .tty = NODEVICE, .start = 30000004, .state = 'S',
	    .comm = "curl", .args = WORDS("curl\0localhost:8080\0"),
	    .env = WORDS("HOME=/root\0"), .exe = "/usr/bin/curl",
	    .cwd = "/root", .reaper = 1, .parent = 1090,
	    .fds = { { FD_SOCKET, 3, 3, 0, 0, NULL },
		{ FD_SOCKET, 4, 9, 0, 0, NULL } } },
	/* abandoned: its shell is dead and its terminal gone */
	{ .pid = 305, .ppid = 1, .pgid = 251, .sid = 250, .uid = 1000,
	    .ruid = 1000, .tty = 0x506, .lost = 1, .start = 30000005,
	    .state = 'S', .comm = "ssh", .args = WORDS("ssh\0-N\0host\0"),
	    .exe = "/usr/bin/ssh", .cwd = "/", .reaper = 1, .parent = 1250 },
	{ .pid = 306, .ppid = 200, .pgid = 306, .sid = 200, .uid = 1000,
	    .ruid = 1000, .tty = 0x505, .start = 30000006, .state = 'Z',
	    .comm = "ssh", .exe = NULL, .reaper = 1, .parent = 1200 },
	/* a subreaper, and one of it that is stopped */
	{ .pid = 210, .ppid = 1, .pgid = 210, .sid = 210, .uid = 1000,
	    .ruid = 1000, .tty = NODEVICE, .start = 21000000, .state = 'S',
	    .comm = "tini", .args = WORDS("tini\0"), .exe = "/bin/tini",
	    .cwd = "/", .reaper = 1, .parent = 1001 },
	{ .pid = 307, .ppid = 210, .pgid = 307, .sid = 200, .uid = 1000,
	    .ruid = 0, .tty = 0x505, .start = 30000007, .state = 'T',
	    .comm = "ssh", .args = WORDS("ssh\0\0\0"),
	    .exe = "/usr/bin/ssh", .cwd = "/", .reaper = 210,
	    .parent = 1210 },
};

#define NPROCS	(sizeof(procs0) / sizeof(procs0[0]))
#define NSOCKS	(sizeof(socks0) / sizeof(socks0[0]))

struct canned_proc procs[NPROCS];
struct canned_sock socks[NSOCKS];
const size_t nprocs = NPROCS, nsocks = NSOCKS;

int64_t canned_boot;
int canned_nano, canned_exec, canned_curtain, canned_hz, canned_keepalive;
uid_t canned_uid;
int canned_hidden, canned_grow, canned_longer, canned_nowatch, canned_exits;
int canned_wild, canned_token, canned_noinet6, canned_jail;
int (*canned_hook)(const char *, pid_t);
int sent_signal, sent_token;
pid_t sent_pid;

void
canned_reset(void)
{
	memcpy(procs, procs0, sizeof(procs));
	memcpy(socks, socks0, sizeof(socks));
	canned_boot = BOOT;
	canned_nano = canned_exec = canned_curtain = 0;
	canned_uid = 1000;
	canned_hidden = canned_grow = canned_longer = 0;
	canned_nowatch = canned_exits = canned_token = 0;
	canned_wild = canned_noinet6 = canned_jail = 0;
	canned_hz = 1000;
	canned_keepalive = 1;
	canned_hook = NULL;
	sent_signal = sent_token = 0;
	sent_pid = 0;
}

struct canned_proc *
canned_proc(pid_t pid)
{
	size_t i;

	for (i = 0; i < nprocs; i++)
		if (procs[i].pid == pid && !procs[i].gone)
			return &procs[i];
	return NULL;
}

int
canned_may(const struct canned_proc *p)
{
	return canned_uid == 0 || p->uid == canned_uid;
}

int
canned_ask(const char *what, pid_t pid)
{
	int error = canned_hook == NULL ? 0 : canned_hook(what, pid);

	return error == 0 ? 0 : canned_fail(error);
}

struct canned_proc *
canned_asked(const char *what, pid_t pid)
{
	struct canned_proc *p;

	if (canned_ask(what, pid) == -1)
		return NULL;
	if ((p = canned_proc(pid)) == NULL)
		errno = ESRCH;
	return p;
}

int
canned_fail(int error)
{
	errno = error;
	return -1;
}

int
canned_give(const void *data, size_t len, void *old, size_t *oldlen)
{
	size_t room = *oldlen;

	if (old == NULL) {
		*oldlen = len;
		return 0;
	}
	*oldlen = len < room ? len : room;
	if (*oldlen > 0)
		memcpy(old, data, *oldlen);
	return len <= room ? 0 : canned_fail(ENOMEM);
}

int
canned_table(const void *data, size_t len, void *old, size_t *oldlen)
{
	if (old != NULL && canned_grow > 0) {
		canned_grow--;
		return canned_fail(ENOMEM);
	}
	return canned_give(data, len, old, oldlen);
}

uint64_t
canned_so(int sock)
{
	return canned_hidden ? 0 : UINT64_C(0xfffff80000100000) +
	    (uint64_t)sock * 0x400;
}

uint64_t
canned_pcb(int sock)
{
	return canned_hidden ? 0 : UINT64_C(0xfffff80000200000) +
	    (uint64_t)sock * 0x400;
}

uint64_t
canned_unique(const struct canned_proc *p)
{
	return 1000 + (uint64_t)p->pid;
}
