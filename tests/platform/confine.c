/* SPDX-License-Identifier: ISC */
/*
 * What a confined process is refused, and what it is not.  Each call has
 * arguments with which it changes nothing, should it be let through.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "tests.h"

#ifdef __linux__

#include <sys/prctl.h>
#include <sys/syscall.h>

/* Elsewhere only that no rights are gained is seen to. */
#if (defined(__x86_64__) || defined(__AARCH64EL__)) && !defined(__ILP32__)
#define FILTERED	1
#else
#define FILTERED	0
#endif

static const struct {
	const char *name;
	long nr, a, b, c;
	int refused;
} calls[] = {
#ifndef __SANITIZE_ADDRESS__
	{ "execve", SYS_execve, 0, 0, 0, 1 },
	{ "ptrace", SYS_ptrace, 0, 0, 0, 1 },
#endif
	{ "execveat", SYS_execveat, -1, 0, 0, 1 },
	{ "process_vm_writev", SYS_process_vm_writev, 1, 0, 0, 1 },
	{ "mount", SYS_mount, 0, 0, 0, 1 },
	{ "umount2", SYS_umount2, 0, 0, 0, 1 },
	{ "chroot", SYS_chroot, 0, 0, 0, 1 },
	{ "unshare", SYS_unshare, 0, 0, 0, 1 },
	{ "setns", SYS_setns, -1, 0, 0, 1 },
	{ "open_by_handle_at", SYS_open_by_handle_at, -1, 0, 0, 1 },
	{ "finit_module", SYS_finit_module, -1, 0, 0, 1 },
	{ "bpf", SYS_bpf, -1, 0, 0, 1 },
	{ "perf_event_open", SYS_perf_event_open, 0, -1, -1, 1 },
	{ "reboot", SYS_reboot, 0, 0, 0, 1 },
	{ "keyctl", SYS_keyctl, -1, 0, 0, 1 },
	{ "personality", SYS_personality, 0xffffffff, 0, 0, 1 },
	{ "settimeofday", SYS_settimeofday, 0, 0, 0, 1 },
	{ "io_uring_setup", 425, 0, 0, 0, 1 },
	{ "fspick", 433, -1, 0, 0, 1 },
	{ "mount_setattr", 442, -1, 0, 0, 1 },
#if FILTERED && defined(__x86_64__)
	{ "getpid of x32", 0x40000000 + SYS_getpid, 0, 0, 0, 1 },
#endif
	{ "getpid", SYS_getpid, 0, 0, 0, 0 },
	{ "openat", SYS_openat, -1, 0, 0, 0 },
	{ "pidfd_send_signal", 424, -1, 0, 0, 0 },
	{ "pidfd_open", 434, -1, 0, 0, 0 },
	{ "pidfd_getfd", 438, -1, 0, 0, 0 },
	{ "setresuid", SYS_setresuid, -1, -1, -1, 0 },
	{ "kill", SYS_kill, 0, 0, 0, 0 },
};

/* 1: refused with EPERM, 0: not. */
static int
is_refused(int i)
{
	errno = 0;
	return syscall(calls[i].nr, calls[i].a, calls[i].b, calls[i].c, 0, 0,
	    0) == -1 && errno == EPERM;
}

START_TEST(refuses)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		if (confine() == -1)
			_exit(77);	/* in a kernel without seccomp */
		_exit(is_refused(_i));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) != 77)
		ck_assert_msg(WEXITSTATUS(status) ==
		    (calls[_i].refused && FILTERED), "%s: %d", calls[_i].name,
		    WEXITSTATUS(status));
}
END_TEST

/* For good, and for its children. */
START_TEST(inherited)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		if (confine() == -1)
			_exit(0);
		if (confine() == -1)
			_exit(2);
		if ((pid = fork()) == 0)
			_exit(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
			    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) !=
			    (FILTERED ? 2 : 0));
		if (waitpid(pid, &status, 0) != pid)
			_exit(3);
		_exit(!WIFEXITED(status) || WEXITSTATUS(status));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

Suite *
confine_suite(void)
{
	Suite *s = suite_create("confine");

	add_tests(s, "calls", ROWS(refuses, calls), TEST(inherited));
	return s;
}

#else

START_TEST(unknown)
{
	ck_assert_fails(confine(), ENOSYS);
}
END_TEST

Suite *
confine_suite(void)
{
	Suite *s = suite_create("confine");

	add_tests(s, "calls", TEST(unknown));
	return s;
}

#endif
