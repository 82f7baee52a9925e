/* SPDX-License-Identifier: ISC */
/* OpenBSD, as its sysctls answer. */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/time.h>

#include <netinet/in.h>
#include <netinet/tcp_fsm.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../canned.h"

#define ARG_MAX	(512 * 1024)
#define MAXFILES 64

/* Numbers of devices, for devname(3). */
#define DEV_NULL	0x202

static const char *
path_name(const char *path)
{
	return path + strlen("/dev/");
}

char *
devname(dev_t dev, mode_t type)
{
	static char null[] = "null", tty[] = "ttyp5", none[] = "??";

	(void)type;
	return dev == DEV_NULL ? null : dev == 0x505 ? tty : none;
}

/* Pointers are for root's eyes: fill_file() of kern_sysctl.c. */
static int
shows(void)
{
	return canned_uid == 0 && !canned_hidden;
}

static uint64_t
shown(uint64_t address)
{
	return shows() ? address : 0;
}

/*
 * fill_kproc() adds the start since boot and the boot in nanoseconds and cuts
 * the sum to microseconds.
 */
static int64_t
start_of(const struct canned_proc *p)
{
	return canned_boot + p->start + (600 + canned_nano) / 1000;
}

static int
leads(pid_t pid)
{
	return canned_proc(pid) != NULL;
}

static int
is_exiting(const struct canned_proc *p)
{
	return canned_exec > 0 && p->pid == 300;
}

static void
fill(const struct canned_proc *p, struct kinfo_proc *kp)
{
	memset(kp, 0, sizeof(*kp));
	kp->p_paddr = shown(canned_unique(p));
	kp->p_pid = p->pid;
	kp->p_ppid = p->ppid;
	kp->p__pgid = p->pgid;
	kp->p_sid = leads(p->sid) ? p->sid : 0;
	kp->p_uid = p->uid;
	kp->p_ruid = p->ruid;
	kp->p_tdev = (uint32_t)p->tty;
	kp->p_psflags = p->tty != NODEVICE ? PS_CONTROLT : 0;
	kp->p_eflag = (p->tty != NODEVICE && !p->lost ? EPROC_CTTY : 0) |
	    (p->sid == p->pid ? EPROC_SLEADER : 0);
	if (p->state == 'Z') {
		kp->p_stat = SDEAD;
		kp->p_psflags |= PS_ZOMBIE;
	} else {
		if (is_exiting(p))
			kp->p_psflags |= PS_EXITING;
		else {
			kp->p_uvalid = 1;
			kp->p_ustart_sec = (uint64_t)start_of(p) / 1000000;
			kp->p_ustart_usec = (uint32_t)(start_of(p) % 1000000);
		}
		kp->p_stat = p->state == 'R' ? SONPROC : p->state == 'T' ?
		    SSTOP : SSLEEP;
	}
	kp->p_sigcatch = (uint32_t)p->catch;
	kp->p_sigignore = (uint32_t)p->ignore;
	strcpy(kp->p_comm, p->comm);
}

/*
 * As many whole elements as there is room and were asked for; a size call is
 * told five more.
 */
static int
give(const void *data, size_t n, size_t elem, const int *mib, void *old,
    size_t *oldlen)
{
	if (mib[4] != (int)elem)
		return canned_fail(EINVAL);
	if (old == NULL)
		return canned_give(NULL, (n + 5) * elem, NULL, oldlen);
	if ((size_t)mib[5] < n)
		return canned_fail(ENOMEM);
	/* A kernel with a shorter struct. */
	if (canned_longer)
		return canned_table(data, n * elem - 8, old, oldlen);
	return canned_table(data, n * elem, old, oldlen);
}

static int
process(const int *mib, void *old, size_t *oldlen)
{
	struct kinfo_proc *kp;
	size_t i, n = 0;
	int r;

	if ((mib[2] == KERN_PROC_PID ? canned_ask("row", mib[3]) :
	    canned_ask("table", 0)) == -1)
		return -1;
	kp = calloc(nprocs, sizeof(*kp));
	for (i = 0; i < nprocs; i++) {
		if (procs[i].gone || procs[i].state == 'K')
			continue;
		if (mib[2] == KERN_PROC_PID && procs[i].pid != mib[3])
			continue;
		fill(&procs[i], &kp[n++]);
		if (old != NULL && is_exiting(&procs[i]) &&
		    --canned_exec == 0)
			procs[i].gone = 1;
	}
	/* None at all is no error. */
	r = n == 0 ? canned_give(kp, 0, old, oldlen) :
	    give(kp, n, sizeof(*kp), mib, old, oldlen);
	free(kp);
	return r;
}

/* Pointers into the asker's own buffer, NULL, and the words. */
static int
words(const char *s, size_t len, void *old, size_t *oldlen)
{
	char **argv = old, *to;
	size_t argc = 0, i, need;

	for (i = 0; i < len; i++)
		argc += s[i] == '\0';
	need = (argc + 1) * sizeof(*argv) + len;
	if (old == NULL) {
		*oldlen = ARG_MAX;
		return 0;
	}
	if (need > *oldlen)
		return canned_fail(ENOMEM);
	to = (char *)(argv + argc + 1);
	memcpy(to, s, len);
	for (i = 0; i < argc; i++) {
		argv[i] = to;
		to += strlen(to) + 1;
	}
	argv[argc] = NULL;
	if (canned_wild == 1)
		argv[1] = (char *)16;
	if (canned_wild == 2)	/* all the same, and no end to it */
		for (i = 0; i <= argc; i++)
			argv[i] = (char *)(argv + argc + 1);
	*oldlen = need;
	return 0;
}

/* What prfind() finds, which is no zombie. */
static const struct canned_proc *
living(const char *what, pid_t pid)
{
	const struct canned_proc *p = canned_asked(what, pid);

	if (p != NULL && p->state == 'Z') {
		errno = ESRCH;
		return NULL;
	}
	if (p != NULL && is_exiting(p)) {
		errno = EINVAL;
		return NULL;
	}
	return p;
}

static int
args(pid_t pid, int what, void *old, size_t *oldlen)
{
	const struct canned_proc *p;
	int env = what == KERN_PROC_ENV;

	if ((p = living(env ? "env" : "args", pid)) == NULL)
		return -1;
	if (p->state == 'K')
		return canned_fail(EINVAL);
	if (!env)
		return words(p->args, p->argslen, old, oldlen);
	return canned_may(p) ? words(p->env, p->envlen, old, oldlen) :
	    canned_fail(EPERM);
}

static int
cwd(pid_t pid, void *old, size_t *oldlen)
{
	const struct canned_proc *p;

	if ((p = living("cwd", pid)) == NULL)
		return -1;
	if (p->cwd == NULL)
		return canned_fail(EINVAL);
	if (!canned_may(p))
		return canned_fail(EPERM);
	/* Of vfs_getcwd_common(). */
	if (old != NULL && *oldlen < strlen(p->cwd) + 1)
		return canned_fail(ERANGE);
	return canned_give(p->cwd, strlen(p->cwd) + 1, old, oldlen);
}

static void
socket_of(const struct canned_proc *p, int i, struct kinfo_file *kf)
{
	const struct canned_sock *s = &socks[i];

	kf->f_type = 2;		/* DTYPE_SOCKET */
	kf->so_type = SOCK_STREAM;
	kf->so_pcb = shows() ? canned_pcb(i) : (uint64_t)-1;
	kf->f_data = shown(canned_so(i));
	kf->so_rcv_cc = s->state == ST_LISTEN ? 0 : s->rq;
	kf->so_snd_cc = s->state == ST_LISTEN ? 0 : s->wq;
	if (canned_may(p)) {
		kf->f_rbytes = s->rx;
		kf->f_wbytes = s->tx;
	}
	if (s->kind == SOCK_LOCAL) {
		kf->so_family = AF_UNIX;
		if (s->path != NULL)
			strcpy(kf->unp_path, s->path);
		if (s->state == ST_DISCONNECTED)
			kf->so_state = 0x800;	/* SS_ISDISCONNECTED */
		if (s->peer != -1) {
			kf->so_state = 0x2;	/* SS_ISCONNECTED */
			kf->unp_conn = shown(canned_pcb(s->peer));
		}
		return;
	}
	kf->so_family = canned_family(s);
	kf->so_protocol = 6;
	kf->inp_lport = htons(s->lport);
	kf->inp_fport = htons(s->fport);
	memcpy(kf->inp_laddru, s->laddr, s->kind == SOCK_TCP4 ? 4 : 16);
	memcpy(kf->inp_faddru, s->faddr, s->kind == SOCK_TCP4 ? 4 : 16);
	kf->inp_rtableid = (uint32_t)canned_jail;
	kf->t_state = canned_tcps(s);
}

static void
file_of(const struct canned_proc *p, const struct canned_fd *f,
    struct kinfo_file *kf)
{
	memset(kf, 0, sizeof(*kf));
	kf->p_pid = (uint32_t)p->pid;
	kf->p_uid = kf->f_uid = p->uid;
	kf->fd_fd = f->fd;
	switch (f->what) {
	case FD_SOCKET:
		socket_of(p, f->sock, kf);
		break;
	case FD_PIPE:
		kf->f_type = 3;		/* DTYPE_PIPE */
		kf->f_data = shown(f->pipe);
		kf->pipe_peer = shown(f->peer);
		break;
	default:
		kf->f_type = 1;		/* DTYPE_VNODE */
		kf->v_type = 4;		/* VCHR */
		kf->va_rdev = strcmp(path_name(f->path), "null") == 0 ?
		    DEV_NULL : 0x505;
		break;
	}
}

static int
files(const int *mib, void *old, size_t *oldlen)
{
	struct kinfo_file *kf;
	size_t i, k, n = 0;
	int r;

	if (mib[2] != KERN_FILE_BYPID)
		return canned_fail(EINVAL);
	if (mib[3] == -1 ? canned_ask("socks", 0) == -1 :
	    living("fds", mib[3]) == NULL)
		return -1;
	kf = calloc(MAXFILES, sizeof(*kf));
	for (i = 0; i < nprocs; i++) {
		const struct canned_proc *p = &procs[i];

		if (p->gone || p->state == 'Z' || p->state == 'K' ||
		    (mib[3] != -1 && p->pid != mib[3]))
			continue;
		kf[n].fd_fd = KERN_FILE_CDIR;
		kf[n].f_type = 1;
		kf[n++].p_pid = (uint32_t)p->pid;
		for (k = 0; k < NFDS && p->fds[k].what != FD_NONE; k++)
			file_of(p, &p->fds[k], &kf[n++]);
	}
	r = give(kf, n, sizeof(*kf), mib, old, oldlen);
	free(kf);
	return r;
}

int
sysctl(const int *mib, unsigned n, void *old, size_t *oldlen, void *new,
    size_t newlen)
{
	struct timeval boot;

	(void)newlen;
	if (new != NULL || n < 2 || mib[0] != CTL_KERN)
		return canned_fail(EINVAL);
	switch (mib[1]) {
	case KERN_BOOTTIME:
		boot.tv_sec = canned_boot / 1000000;
		boot.tv_usec = canned_boot % 1000000;
		return canned_give(&boot, sizeof(boot), old, oldlen);
	case KERN_PROC:
		return n != 6 ? canned_fail(EINVAL) :
		    process(mib, old, oldlen);
	case KERN_PROC_ARGS:
		return n != 4 ? canned_fail(EINVAL) :
		    args(mib[2], mib[3], old, oldlen);
	case KERN_PROC_CWD:
		return n != 3 ? canned_fail(EINVAL) :
		    cwd(mib[2], old, oldlen);
	case KERN_FILE:
		return n != 6 ? canned_fail(EINVAL) :
		    files(mib, old, oldlen);
	default:
		return canned_fail(EOPNOTSUPP);
	}
}
