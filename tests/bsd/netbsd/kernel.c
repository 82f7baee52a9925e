/* SPDX-License-Identifier: ISC */
/* NetBSD, as its sysctls answer. */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/lwp.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <netinet/tcp_fsm.h>

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../canned.h"

#define MAXFILES 64

static int
is_execing(const struct canned_proc *p)
{
	return canned_exec > 0 && p->pid == 300;
}

static void
fill(const struct canned_proc *p, struct kinfo_proc2 *kp)
{
	int64_t start = BOOT + p->start;	/* however the clock is set */

	memset(kp, 0, sizeof(*kp));
	kp->p_pid = p->pid;
	kp->p_ppid = p->ppid;
	kp->p__pgid = p->pgid;
	kp->p_sid = p->sid;
	kp->p_uid = p->uid;
	kp->p_ruid = p->ruid;
	kp->p_tdev = (uint32_t)p->tty;
	kp->p_flag = p->tty != NODEVICE ? P_CONTROLT : 0;
	kp->p_eflag = (p->tty != NODEVICE && !p->lost ? EPROC_CTTY : 0) |
	    (p->sid == p->pid ? EPROC_SLEADER : 0);
	/* sysctl_doeproc() takes who has its lock, as in exec, for a zombie. */
	if (p->state != 'Z' && !is_execing(p)) {
		kp->p_uvalid = 1;
		kp->p_ustart_sec = (uint32_t)(start / 1000000);
		kp->p_ustart_usec = (uint32_t)(start % 1000000);
	}
	kp->p_realstat = p->state == 'T' ? SSTOP : p->state == 'Z' ? SZOMB :
	    SACTIVE;
	kp->p_stat = p->state == 'R' ? LSONPROC : p->state == 'Z' ? LSZOMB :
	    LSSLEEP;
	kp->p_sigcatch.__bits[0] = (uint32_t)p->catch;
	kp->p_sigignore.__bits[0] = (uint32_t)p->ignore;
	strcpy(kp->p_comm, p->comm);
}

/*
 * Descriptors and sockets: as many records as there is room for, the length of
 * all, and no error (sysctl_kern_file2(), sysctl_inpcblist()).
 */
static int
give_some(const void *data, size_t len, size_t elem, void *old,
    size_t *oldlen)
{
	size_t room = *oldlen;

	if (canned_longer && len > 0)
		len -= 8;
	*oldlen = len;
	if (old == NULL)
		return 0;
	if (canned_grow > 0) {
		canned_grow--;
		*oldlen = room + elem;
	}
	if (len > room)
		len = room - room % elem;
	if (len > 0)
		memcpy(old, data, len);
	return 0;
}

/* A kernel with a shorter struct gives a length that does not divide. */
static int
give(const void *data, size_t len, void *old, size_t *oldlen)
{
	return canned_table(data, canned_longer && len > 0 ? len - 8 : len,
	    old, oldlen);
}

static int
process(const int *mib, void *old, size_t *oldlen)
{
	struct kinfo_proc2 *kp;
	size_t i, n = 0;
	int r;

	if ((mib[2] == KERN_PROC_PID ? canned_ask("row", mib[3]) :
	    canned_ask("table", 0)) == -1)
		return -1;
	if (mib[4] != (int)sizeof(*kp))
		return canned_fail(EINVAL);
	kp = calloc(nprocs + 1, sizeof(*kp));
	/* All of the kernel is process 0. */
	if (mib[2] == KERN_PROC_ALL) {
		kp[0].p_flag = P_SYSTEM;
		strcpy(kp[n++].p_comm, "system");
	}
	for (i = 0; i < nprocs; i++) {
		if (procs[i].gone || procs[i].state == 'K')
			continue;
		if (mib[2] == KERN_PROC_PID && procs[i].pid != mib[3])
			continue;
		fill(&procs[i], &kp[n++]);
		if (old != NULL && is_execing(&procs[i]))
			canned_exec--;
	}
	if (old != NULL && (size_t)mib[5] < n)
		r = canned_fail(ENOMEM);
	else if (n == 0)	/* success, and nothing */
		r = canned_give(kp, 0, old, oldlen);
	else
		r = give(kp, n * sizeof(*kp), old, oldlen);
	free(kp);
	return r;
}

/* What does not fit is cut, and the caller is not told. */
static int
cut(const char *s, size_t len, void *old, size_t *oldlen)
{
	if (old == NULL)
		*oldlen = 256 * 1024;	/* ARG_MAX, always */
	else {
		if (len > *oldlen)
			len = *oldlen;
		if (len > 0)
			memcpy(old, s, len);
		*oldlen = len;
	}
	return 0;
}

static int
args(pid_t pid, int what, void *old, size_t *oldlen)
{
	const char *name = what == KERN_PROC_ARGV ? "args" :
	    what == KERN_PROC_ENV ? "env" : what == KERN_PROC_PATHNAME ?
	    "exe" : "cwd", *path;
	const struct canned_proc *p;

	if (canned_ask(name, pid) == -1)
		return -1;
	p = canned_proc(pid);
	if (p == NULL || p->state == 'Z')
		return canned_fail(what == KERN_PROC_ARGV ||
		    what == KERN_PROC_ENV ? EINVAL : ESRCH);
	if (is_execing(p) && what == KERN_PROC_ARGV)
		return canned_fail(EBUSY);
	switch (what) {
	case KERN_PROC_ARGV:
		return cut(p->args, p->argslen, old, oldlen);
	case KERN_PROC_ENV:
		return canned_may(p) ? cut(p->env, p->envlen, old, oldlen) :
		    canned_fail(EPERM);
	case KERN_PROC_CWD:	/* that of others as well */
		path = p->cwd;
		break;
	default:
		path = p->exe;
		break;
	}
	if (path == NULL)
		return canned_fail(ENOENT);
	if (old != NULL && *oldlen < strlen(path) + 1)
		return canned_fail(ENOSPC);
	return canned_give(path, strlen(path) + 1, old, oldlen);
}

static int
files(const int *mib, void *old, size_t *oldlen)
{
	struct kinfo_file *kf;
	size_t i, k, n = 0;
	int all = mib[3] == 0, r;

	if (mib[2] != KERN_FILE_BYPID || mib[4] != (int)sizeof(*kf) ||
	    mib[5] != INT_MAX)
		return canned_fail(EINVAL);
	if (canned_ask("fds", mib[3]) == -1)
		return -1;
	/* Of nobody: success, and nothing. */
	kf = calloc(MAXFILES, sizeof(*kf));
	for (i = 0; i < nprocs; i++) {
		const struct canned_proc *p = &procs[i];

		if (p->gone || p->state == 'Z' || p->state == 'K' ||
		    (!all && p->pid != mib[3]) || is_execing(p) ||
		    (canned_curtain && !canned_may(p)))
			continue;
		for (k = 0; k < NFDS && p->fds[k].what != FD_NONE; k++, n++) {
			const struct canned_fd *f = &p->fds[k];

			kf[n].ki_pid = (uint32_t)p->pid;
			kf[n].ki_fd = f->fd;
			kf[n].ki_ftype = f->what == FD_SOCKET ? 2 :
			    f->what == FD_PIPE ? 3 : 1;
			if (canned_hidden)
				continue;
			kf[n].ki_fileaddr = 0xffff + n;
			kf[n].ki_fdata = f->what == FD_SOCKET ?
			    canned_so(f->sock) : f->what == FD_PIPE ?
			    f->pipe : 0x7777;
		}
	}
	r = give_some(kf, n * sizeof(*kf), sizeof(*kf), old, oldlen);
	free(kf);
	return r;
}

static void
fill_pcb(int i, struct kinfo_pcb *pcb)
{
	const struct canned_sock *s = &socks[i];

	pcb->ki_pcbaddr = canned_pcb(i);
	pcb->ki_sockaddr = canned_so(i);
	pcb->ki_type = SOCK_STREAM;
	if (s->state != ST_LISTEN) {
		pcb->ki_rcvq = s->rq;
		pcb->ki_sndq = s->wq;
	}
	if (s->kind == SOCK_LOCAL) {
		pcb->ki_family = AF_UNIX;
		canned_unix(s, &pcb->ki_s);
		if (s->state == ST_DISCONNECTED)
			pcb->ki_sostate = 0x800;	/* SS_ISDISCONNECTED */
		if (s->peer != -1) {
			pcb->ki_conn = canned_pcb(s->peer);
			pcb->ki_sostate = 0x2;	/* SS_ISCONNECTED */
		}
		return;
	}
	pcb->ki_family = canned_family(s);
	pcb->ki_protocol = 6;
	canned_inet(s, s->laddr, s->lport, &pcb->ki_s);
	canned_inet(s, s->faddr, s->fport, &pcb->ki_d);
	pcb->ki_tstate = canned_tcps(s);
}

/* net.*.pcblist: the third word of our own mibs says which. */
static int
list(const int *mib, void *old, size_t *oldlen)
{
	struct kinfo_pcb *pcb;
	size_t i, n = 0;
	int r;

	if (mib[4] != PCB_ALL || mib[6] != (int)sizeof(*pcb) ||
	    mib[7] != INT_MAX)
		return canned_fail(EINVAL);
	if (canned_ask("socks", 0) == -1)
		return -1;
	pcb = calloc(nsocks, sizeof(*pcb));
	for (i = 0; i < nsocks; i++)
		if ((int)socks[i].kind == mib[2])
			fill_pcb((int)i, &pcb[n++]);
	r = give_some(pcb, n * sizeof(*pcb), sizeof(*pcb), old, oldlen);
	free(pcb);
	return r;
}

int
sysctlnametomib(const char *name, int *mib, size_t *n)
{
	int kind;

	if (strcmp(name, "net.inet.tcp.pcblist") == 0)
		kind = SOCK_TCP4;
	else if (strcmp(name, "net.inet6.tcp6.pcblist") == 0)
		kind = SOCK_TCP6;
	else if (strcmp(name, "net.local.stream.pcblist") == 0)
		kind = SOCK_LOCAL;
	else
		return canned_fail(ENOENT);
	if (*n < 4)
		return canned_fail(ENOMEM);
	mib[0] = CTL_NET;
	mib[1] = 2;
	mib[2] = kind;
	mib[3] = 1024;
	*n = 4;
	return 0;
}

int
sysctl(const int *mib, unsigned n, void *old, size_t *oldlen,
    const void *new, size_t newlen)
{
	(void)newlen;
	if (new != NULL || n < 2)
		return canned_fail(EINVAL);
	if (mib[0] == CTL_NET)
		return n != 8 ? canned_fail(EINVAL) : list(mib, old, oldlen);
	if (mib[0] != CTL_KERN)
		return canned_fail(EINVAL);
	switch (mib[1]) {
	case KERN_PROC2:
		return n != 6 ? canned_fail(EINVAL) :
		    process(mib, old, oldlen);
	case KERN_PROC_ARGS:
		return n != 4 ? canned_fail(EINVAL) :
		    args(mib[2], mib[3], old, oldlen);
	case KERN_FILE2:
		return n != 6 ? canned_fail(EINVAL) :
		    files(mib, old, oldlen);
	default:
		return canned_fail(EOPNOTSUPP);
	}
}
