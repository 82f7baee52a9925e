/* SPDX-License-Identifier: ISC */
/*
 * Drops rights that a program which only looks never needs, before it reads
 * what others wrote. On Linux the program gains no rights by exec any more, and
 * for it and its children the kernel refuses the system calls below with EPERM.
 * The list says what is refused and not what is allowed, because libraries that
 * look up user names may make nearly any call.
 */
#include "config.h"

#include <errno.h>

#include "array.h"
#include "compat.h"

#ifdef __linux__

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <stddef.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH	AUDIT_ARCH_X86_64
#elif defined(__AARCH64EL__) && !defined(__ILP32__)
#define ARCH	AUDIT_ARCH_AARCH64
#endif

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef ARCH

/* The bit in the call numbers of x32, which has the same ARCH as x86_64. */
#define X32_BIT	0x40000000u

/* Numbers that are equal on all architectures; old headers lack them. */
#define IO_URING_FIRST	425	/* io_uring_setup, _enter, _register, */
#define MOUNT_LAST	433	/* open_tree to fspick */
#define MOUNT_SETATTR	442
#define QUOTACTL_FD	443

static const unsigned refused[] = {
	/* Other programs, and other processes' memory. */
#ifndef __SANITIZE_ADDRESS__	/* it traces and runs processes */
	SYS_execve, SYS_ptrace,
#endif
	SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev,
	/* Mounts, roots, namespaces; files by handle, devices. */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare,
	SYS_setns, SYS_open_by_handle_at, SYS_mknodat, SYS_swapon,
	SYS_swapoff, SYS_quotactl, SYS_acct, MOUNT_SETATTR, QUOTACTL_FD,
	/* The kernel, its modules, its programs and its events. */
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
	SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_reboot,
	SYS_syslog, SYS_personality, SYS_add_key, SYS_request_key, SYS_keyctl,
	/* Clock and names of the machine. */
	SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
	SYS_sethostname, SYS_setdomainname,
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef __x86_64__
	SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_mknod,
#endif
};

#define LOAD(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
	    offsetof(struct seccomp_data, member))
/* Executes the next instruction only if the test is true. */
#define IF(test, value) \
	BPF_JUMP(BPF_JMP | (test) | BPF_K, (value), 0, 1)
#define REFUSE	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int
filter(void)
{
	static const struct sock_filter head[] = {
		LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		REFUSE, LOAD(nr), IF(BPF_JGE, X32_BIT), REFUSE,
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, MOUNT_LAST, 2, 0),
		IF(BPF_JGE, IO_URING_FIRST), REFUSE
	};
	static const struct sock_filter refuse[] = {
		IF(BPF_JEQ, 0), REFUSE
	};
	static const struct sock_filter allow = ALLOW;
	struct sock_filter code[NELEM(head) + 2 * NELEM(refused) + 1];
	struct sock_fprog prog = { 0, code };
	size_t i;

	for (i = 0; i < NELEM(head); i++)
		code[prog.len++] = head[i];
	for (i = 0; i < NELEM(refused); i++) {
		code[prog.len] = refuse[0];
		code[prog.len++].k = refused[i];
		code[prog.len++] = refuse[1];
	}
	code[prog.len++] = allow;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

#else

static int
filter(void)
{
	return 0;	/* call numbers unknown */
}

#endif

int
confine(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return filter();
}

#else

int
confine(void)
{
	errno = ENOSYS;
	return -1;
}

#endif
