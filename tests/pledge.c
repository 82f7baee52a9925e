/* SPDX-License-Identifier: ISC */
/*
 * A pledge(2) for Linux that keeps its word as far as the tools go: who has
 * promised neither inet nor unix gets no socket, without exec no other
 * program, without proc no process and no signal, without wpath no file to
 * write to.  tests/tools/pledge.t links it into the tools: what OpenBSD would
 * end them for, ends them here.
 */
#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

int pledge(const char *promises, const char *execpromises);

#define LOAD(member)	\
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,	\
	    offsetof(struct seccomp_data, member))
#define IS(value, yes, no)	\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define END	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define GO_ON	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES)

/* Names of users may be asked of nscd(8): that is refused, not punished. */
static struct sock_filter sockets[] = {
	LOAD(nr), IS(SYS_socket, 0, 4), LOAD(args[0]),
	IS(AF_UNIX, 0, 1), REFUSE, END, GO_ON
};

static struct sock_filter programs[] = {
	LOAD(nr), IS(SYS_execve, 0, 1), END, GO_ON
};

static struct sock_filter processes[] = {
	LOAD(nr), IS(SYS_clone, 4, 0), IS(SYS_kill, 3, 0),
	IS(SYS_pidfd_open, 2, 0), IS(SYS_pidfd_send_signal, 1, 0), GO_ON, END
};

static struct sock_filter writing[] = {
	LOAD(nr), IS(SYS_openat, 0, 3), LOAD(args[2]),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_ACCMODE, 0, 1), END, GO_ON
};

static int
forbid(struct sock_filter *filter, size_t n)
{
	struct sock_fprog prog = { (unsigned short)n, filter };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

static int
promised(const char *promises, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	for (p = promises; (p = strstr(p, word)) != NULL; p += len)
		if ((p == promises || p[-1] == ' ') &&
		    (p[len] == ' ' || p[len] == '\0'))
			return 1;
	return 0;
}

#define FORBID(filter)	forbid((filter), sizeof(filter) / sizeof(*(filter)))

int
pledge(const char *promises, const char *execpromises)
{
	(void)execpromises;
	fprintf(stderr, "pledged: %s\n", promises);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    (!promised(promises, "inet") && FORBID(sockets) == -1) ||
	    (!promised(promises, "exec") && FORBID(programs) == -1) ||
	    (!promised(promises, "proc") && FORBID(processes) == -1) ||
	    (!promised(promises, "wpath") && FORBID(writing) == -1))
		return -1;
	return 0;
}
