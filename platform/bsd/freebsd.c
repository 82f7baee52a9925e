/* SPDX-License-Identifier: ISC */
/*
 * FreeBSD 13 and later, by sysctl(3) alone, which libkvm, libprocstat and
 * libutil use as well. No feature macro here: _POSIX_C_SOURCE breaks
 * <sys/user.h>.
 */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/procctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/unpcb.h>
#include <sys/user.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_var.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "sysctl.h"

/* The kernel reads argv from the process itself, up to 2*(PATH_MAX+ARG_MAX). */
#define ARGS_ROOM	((size_t)16 << 10)
#define ARGS_MAX	((size_t)2 << 20)

static int
number(const char *name, int otherwise)
{
	int value;
	size_t len = sizeof(value);

	if (sysctlbyname(name, &value, &len, NULL, 0) == -1 ||
	    len != sizeof(value) || value < 0)
		return otherwise;
	return value;
}

/*
 * Users of the group of process 1 see it, and processes outside of jails see
 * it, even if those of other groups or in jails are hidden from them.
 */
int
os_open(struct plat *pl)
{
	pl->live->partial = pl->live->uid != 0 &&
	    (number("security.bsd.see_other_uids", 1) == 0 ||
	    number("security.bsd.see_other_gids", 1) == 0 ||
	    number("security.bsd.see_jail_proc", 1) == 0);
	return 0;
}

unsigned
os_caps(struct plat *pl)
{
	unsigned caps;

	caps = PLAT_CAP_ARGS_OTHERS | PLAT_CAP_EXE | PLAT_CAP_CWD |
	    PLAT_CAP_SOCKS_OWN | PLAT_CAP_LISTENERS | PLAT_CAP_TCPINFO |
	    PLAT_CAP_ENV | PLAT_CAP_PIPES;
	if (pl->live->uid == 0)
		caps |= PLAT_CAP_SOCKS_OTHERS;
	return caps;
}

/* --- rows ----------------------------------------------------------------- */

/* 0 if it is not known; the identity then depends on a steady clock. */
static int64_t
boot_time(void)
{
	struct timeval tv;
	size_t len = sizeof(tv);

	if (sysctlbyname("kern.boottime", &tv, &len, NULL, 0) == -1 ||
	    len != sizeof(tv))
		return 0;
	return (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
}

static char
state_of(const struct kinfo_proc *kp)
{
	switch (kp->ki_stat) {
	case SRUN:
		return 'R';
	case SSLEEP:
	case SWAIT:
		return 'S';
	case SLOCK:
		return 'D';
	case SSTOP:
		return kp->ki_flag & P_TRACED ? 't' : 'T';
	case SZOMB:
		return 'Z';
	default:
		return '?';
	}
}

static uint64_t
signals(const uint32_t *bits)
{
	return bits[0] | (uint64_t)bits[1] << 32;
}

/*
 * The kernel adds the present boot time to the start, so the start changes when
 * the clock is set.
 */
static void
to_row(const struct kinfo_proc *kp, int64_t boot, struct plat_proc *row)
{
	memset(row, 0, sizeof(*row));
	row->pid = kp->ki_pid;
	row->ppid = kp->ki_ppid;
	row->pgid = kp->ki_pgid;
	row->sid = kp->ki_sid;
	row->uid = kp->ki_uid;
	row->ruid = kp->ki_ruid;
	row->start = (int64_t)kp->ki_start.tv_sec * 1000000 +
	    kp->ki_start.tv_usec;
	row->ident[0] = (uint64_t)(row->start - boot);
	/* init(8) is marked P_SYSTEM as well. */
	bsd_state(row, state_of(kp), kp->ki_flag & P_KPROC ||
	    (kp->ki_flag & P_SYSTEM && kp->ki_pid != 1));
	bsd_tty(row, kp->ki_tdev, (uint64_t)NODEV, kp->ki_kiflag & KI_CTTY);
	row->masks = 1;
	row->sigcgt = signals(kp->ki_sigcatch.__bits);
	bsd_copy(row->comm, sizeof(row->comm), kp->ki_comm,
	    sizeof(kp->ki_comm));
}

int
os_table(struct plat *pl, struct plat_proc **rowsp, size_t *np)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PROC };
	const struct kinfo_proc *kp;
	struct plat_proc *rows;
	int64_t after, boot;
	size_t i, len, n;
	void *buf;
	int try;

	(void)pl;
	/*
	 * If the clock were stepped in between, every process would seem new.
	 */
	for (try = 0;; try++) {
		boot = boot_time();
		if (bsd_sysctl(mib, 3, 0, &buf, &len) == -1)
			return -1;
		after = boot_time();
		if (after == boot || try == 3)
			break;
		free(buf);
	}
	n = len / sizeof(*kp);
	if ((rows = calloc(n + 1, sizeof(*rows))) == NULL) {
		free(buf);
		return -1;
	}
	kp = buf;
	for (i = *np = 0; i < n; i++) {
		if (kp[i].ki_structsize != (int)sizeof(*kp)) {
			free(rows);
			free(buf);
			errno = EPROTO;
			return -1;
		}
		if (kp[i].ki_pid > 0)
			to_row(&kp[i], boot, &rows[(*np)++]);
	}
	free(buf);
	*rowsp = rows;
	return 0;
}

int
os_row(struct plat *pl, pid_t pid, struct plat_proc *row)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, pid };
	struct kinfo_proc kp;
	int64_t after, boot;
	size_t len;
	int try;

	(void)pl;
	for (try = 0;; try++) {
		boot = boot_time();
		len = sizeof(kp);
		if (sysctl(mib, 4, &kp, &len, NULL, 0) == -1) {
			/* A kernel with a longer struct. */
			if (errno == ENOMEM)
				errno = EPROTO;
			return -1;
		}
		after = boot_time();
		if (after == boot || try == 3)
			break;
	}
	if (len == 0) {
		errno = ESRCH;
		return -1;
	}
	if (len != sizeof(kp) || kp.ki_structsize != (int)sizeof(kp)) {
		errno = EPROTO;
		return -1;
	}
	if (kp.ki_pid != pid) {
		errno = ESRCH;
		return -1;
	}
	to_row(&kp, boot, row);
	return 0;
}

/* --- words and places ----------------------------------------------------- */

int
os_args(struct plat *pl, const struct plat_proc *row, int env, char **bufp,
    size_t *lenp)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_ARGS, row->pid };

	(void)pl;
	if (env)
		mib[2] = KERN_PROC_ENV;
	if (bsd_words(mib, 4, ARGS_ROOM, ARGS_MAX, bufp, lenp) == -1)
		return -1;
	/* An exit is under way: sysctl_kern_proc_args(), P_WEXIT. */
	if (*lenp == 0 && !env && !(row->flags & (PLAT_ZOMBIE | PLAT_KTHREAD)))
	{
		free(*bufp);
		*bufp = NULL;
		errno = EBUSY;
		return -1;
	}
	return 0;
}

/* A record as the kernel packs it: it ends after the end of its path. */
static int
unpack(const char *p, size_t left, struct kinfo_file *kf)
{
	int size;

	if (left < offsetof(struct kinfo_file, kf_path))
		goto bad;
	memcpy(&size, p, sizeof(size));
	if (size < (int)offsetof(struct kinfo_file, kf_path) ||
	    (size_t)size > left || (size_t)size > sizeof(*kf))
		goto bad;
	memset(kf, 0, sizeof(*kf));
	memcpy(kf, p, (size_t)size);
	kf->kf_path[sizeof(kf->kf_path) - 1] = '\0';
	return size;
bad:
	errno = EPROTO;
	return -1;
}

static ssize_t
working_directory(pid_t pid, char *buf, size_t len)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_CWD, pid };
	struct kinfo_file kf;
	union {
		struct kinfo_file kf;	/* for its alignment */
		char buf[sizeof(struct kinfo_file)];
	} u;
	size_t size = sizeof(u), used;

	if (sysctl(mib, 4, &u, &size, NULL, 0) == -1 ||
	    unpack(u.buf, size, &kf) == -1)
		return -1;
	used = strlen(kf.kf_path);
	if (used == 0 || used >= len) {
		errno = used == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	memcpy(buf, kf.kf_path, used + 1);
	return (ssize_t)used;
}

ssize_t
os_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, row->pid };

	(void)pl;
	if (what == PLAT_CWD)
		return working_directory(row->pid, buf, len);
	return bsd_path(mib, 4, buf, len);
}

/* --- sockets -------------------------------------------------------------- */

/* Copies the path as bound; sun_len includes the bytes before it. */
static void
unix_path(struct plat_sock *sk, const struct sockaddr_un *sun)
{
	size_t max = sizeof(sun->sun_path);

	if (sun->sun_len <= offsetof(struct sockaddr_un, sun_path))
		return;
	if (sun->sun_len - offsetof(struct sockaddr_un, sun_path) < max)
		max = sun->sun_len - offsetof(struct sockaddr_un, sun_path);
	bsd_copy(sk->path, sizeof(sk->path), sun->sun_path, max);
	sk->pathlen = (uint16_t)strlen(sk->path);
}

static void
inet_ends(struct plat_sock *sk, int family, const void *local,
    const void *peer)
{
	struct sockaddr_in6 a6, b6;
	struct sockaddr_in a, b;

	if (family == AF_INET) {
		memcpy(&a, local, sizeof(a));
		memcpy(&b, peer, sizeof(b));
		bsd_addr(sk, AF_INET, &a.sin_addr, &b.sin_addr, a.sin_port,
		    b.sin_port);
	} else {
		memcpy(&a6, local, sizeof(a6));
		memcpy(&b6, peer, sizeof(b6));
		bsd_addr(sk, AF_INET6, &a6.sin6_addr, &b6.sin6_addr,
		    a6.sin6_port, b6.sin6_port);
	}
}

/*
 * The key of the socket in the kernel's lists. For a unix socket it is the
 * address of its control block, because an accepted socket has the same path as
 * its listener.
 */
static uint64_t
key_of(const struct kinfo_file *kf, pid_t pid)
{
	struct plat_sock sk;

	if (kf->kf_sock_type == SOCK_STREAM &&
	    (kf->kf_sock_domain == AF_INET || kf->kf_sock_domain == AF_INET6))
	{
		memset(&sk, 0, sizeof(sk));
		inet_ends(&sk, kf->kf_sock_domain, &kf->kf_sa_local,
		    &kf->kf_sa_peer);
		return bsd_key_inet(&sk);
	}
	if (kf->kf_sock_domain == AF_UNIX &&
	    kf->kf_un.kf_sock.kf_sock_pcb != 0)
		return kf->kf_un.kf_sock.kf_sock_pcb;
	return bsd_key_fd(pid, kf->kf_fd);
}

/* Each end of a pipe has its own address; the lower one is the key. */
static uint64_t
pipe_key(const struct kinfo_file *kf)
{
	uint64_t a = kf->kf_un.kf_pipe.kf_pipe_addr;
	uint64_t b = kf->kf_un.kf_pipe.kf_pipe_peer;

	return b != 0 && b < a ? b : a;
}

static void
to_fd(const struct kinfo_file *kf, pid_t pid, struct plat_fd *f)
{
	f->fd = kf->kf_fd;
	switch (kf->kf_type) {
	case KF_TYPE_SOCKET:
		f->kind = PLAT_FD_SOCKET;
		f->key = key_of(kf, pid);
		break;
	case KF_TYPE_PIPE:
		f->kind = PLAT_FD_PIPE;
		f->key = pipe_key(kf);
		break;
	default:
		bsd_fd_path(f, kf->kf_path);
		break;
	}
}

static size_t
soft_limit(pid_t pid)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_RLIMIT, pid,
	    RLIMIT_NOFILE };
	struct rlimit rl;
	size_t len = sizeof(rl);

	if (sysctl(mib, 5, &rl, &len, NULL, 0) == -1 || len != sizeof(rl))
		return 0;
	return rl.rlim_cur == RLIM_INFINITY ? SIZE_MAX : (size_t)rl.rlim_cur;
}

/*
 * The kernel stops at the first descriptor that does not fit, and succeeds
 * (export_kinfo_to_sb() of kern_descrip.c). So the answer is whole only if
 * there is room left for one more.
 */
static int
get_files(void *mib, void *buf, size_t *lenp)
{
	size_t room = *lenp;

	if (sysctl(mib, 4, buf, lenp, NULL, 0) == -1)
		return -1;
	if (buf != NULL && room - *lenp < sizeof(struct kinfo_file)) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

int
os_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_FILEDESC, row->pid };
	struct plat_fd *f;
	struct kinfo_file kf;
	size_t len, off;
	void *buf;
	int error = 0, step;

	(void)pl;
	if (bsd_grow(get_files, mib, &buf, &len) == -1)
		return -1;
	for (off = 0; off + sizeof(int) <= len; off += (size_t)step) {
		memcpy(&step, (char *)buf + off, sizeof(step));
		if (step == 0)
			break;
		if ((step = unpack((char *)buf + off, len - off, &kf)) == -1) {
			error = errno;
			break;
		}
		if (kf.kf_fd < 0)	/* working directory, text, ... */
			continue;
		f = array_more(fdsp, np, sizeof(*f), FDS_MAX);
		if (f == NULL) {
			error = errno;
			break;
		}
		to_fd(&kf, row->pid, f);
	}
	free(buf);
	*limit = soft_limit(row->pid);
	errno = error;
	return error != 0 ? -1 : 0;
}

static void
queues(struct plat_sock *sk, const struct xsocket *so)
{
	sk->known |= PLAT_SOCK_QUEUES | PLAT_SOCK_UID;
	sk->uid = so->so_uid;
	if (sk->state == PLAT_TCP_LISTEN) {
		sk->rq = so->so_qlen;
		sk->wq = so->so_qlimit;
	} else {
		sk->rq = so->so_rcv.sb_cc;
		sk->wq = so->so_snd.sb_cc;
	}
}

/*
 * Reports the first timer that runs; the keepalive is last, because it also
 * runs while another timer does.
 */
static void
timers(struct plat_sock *sk, const struct xtcpcb *xt)
{
	static const enum plat_timer kinds[] = { PLAT_TIMER_RETRANS,
	    PLAT_TIMER_PROBE, PLAT_TIMER_TIMEWAIT, PLAT_TIMER_KEEPALIVE };
	int left[4], i;

	left[0] = xt->tt_rexmt;
	left[1] = xt->tt_persist;
	left[2] = xt->tt_2msl;
	left[3] = xt->tt_keep;
	sk->known |= PLAT_SOCK_TIMER;
	for (i = 0; i < 4 && left[i] <= 0; i++)
		;
	if (i == 4)
		return;
	sk->timer = kinds[i];
	sk->expires = (uint32_t)left[i];
}

/*
 * Milliseconds: after how many the time of the last segment is 0 again, and
 * what the kernel does while a peer is silent.
 */
struct silence {
	int64_t wraps, idle, interval, probes;
	int all;		/* connections have a keepalive */
};

/*
 * tcp_inptoxtp() of tcp_subr.c reckons "1000 * (ticks - t_rcvtime) / hz" in 32
 * bits: at hz 1000 this wraps after 71.6 minutes.
 */
static void
read_silence(struct silence *s)
{
	int hz = number("kern.hz", 1000);

	s->wraps = (INT64_C(1) << 32) / (hz > 0 ? hz : 1000);
	s->idle = number("net.inet.tcp.keepidle", 7200000);
	s->interval = number("net.inet.tcp.keepintvl", 75000);
	s->probes = number("net.inet.tcp.keepcnt", 8);
	s->all = number("net.inet.tcp.always_keepalive", 1);
}

/*
 * The longest silence that the keepalive timer leaves room for. The timer was
 * set to the idle time after the last segment of then, and is not set anew for
 * each (tcp_timer_keep() of tcp_timer.c); probes follow, and then the end of
 * the connection. Idle times of a socket's own are not known; ssh sets none.
 */
static int64_t
longest(const struct silence *s, const struct xtcpcb *xt)
{
	int64_t left = xt->tt_keep;

	if (left <= 0 || left > s->idle || (!s->all &&
	    !(xt->xt_inp.xi_socket.so_options & SO_KEEPALIVE)))
		return INT64_MAX;
	return left > s->interval ? s->idle - left :
	    s->idle + (s->probes + 1) * s->interval;
}

/*
 * The kernel gives the time of the last segment, but not its contents: no data
 * and no acknowledgement can be more recent than that. It is not known if the
 * silence may be longer by one wrap; a second is for the age of the answer.
 */
static void
ages(struct plat_sock *sk, const struct xtcpcb *xt, const struct silence *s)
{
	if ((sk->state != PLAT_TCP_ESTAB && sk->state != PLAT_TCP_CLOSE_WAIT)
	    || xt->t_rcvtime < 0 ||
	    xt->t_rcvtime + s->wraps - 1000 <= longest(s, xt))
		return;
	sk->known |= PLAT_SOCK_INFO;
	sk->lar = sk->ldr = sk->lds = (uint32_t)xt->t_rcvtime;
	sk->total_retrans = (uint32_t)xt->t_sndrexmitpack;
}

static void
tcp_sock(const struct xtcpcb *xt, const struct silence *s,
    struct plat_sock *sk)
{
	const struct in_endpoints *ie = &xt->xt_inp.inp_inc.inc_ie;

	memset(sk, 0, sizeof(*sk));
	sk->state = bsd_tcp(xt->t_state);
	/* A listener for both families is an IPv6 one. */
	if (xt->xt_inp.inp_vflag & INP_IPV6)
		bsd_addr(sk, AF_INET6, &ie->ie6_laddr, &ie->ie6_faddr,
		    ie->ie_lport, ie->ie_fport);
	else
		bsd_addr(sk, AF_INET, &ie->ie_laddr, &ie->ie_faddr,
		    ie->ie_lport, ie->ie_fport);
	sk->key = bsd_key_inet(sk);
	queues(sk, &xt->xt_inp.xi_socket);
	timers(sk, xt);
	ages(sk, xt, s);
}

static void
unix_sock(const struct xunpcb *xu, struct plat_sock *sk)
{
	memset(sk, 0, sizeof(*sk));
	sk->family = AF_UNIX;
	unix_path(sk, &xu->xu_addr);
	if (xu->xu_socket.so_options & SO_ACCEPTCONN)
		sk->state = PLAT_TCP_LISTEN;
	else if (xu->unp_conn != 0)
		sk->state = PLAT_TCP_ESTAB;
	else
		sk->state = PLAT_TCP_CLOSE;
	queues(sk, &xu->xu_socket);
	sk->key = xu->xu_unpp;
	if (xu->unp_conn != 0) {
		sk->peer_key = xu->unp_conn;
		sk->known |= PLAT_SOCK_PEER;
	}
}

/* sysctl by name, for bsd_grow(). */
static int
by_name(void *arg, void *buf, size_t *lenp)
{
	return sysctlbyname(arg, buf, lenp, NULL, 0);
}

/*
 * A list starts and ends with a header (xinpgen, xunpgen), and each record
 * contains its length; all records between have the same length.
 */
static int
list_of(struct wanted_socks *w, char *name, size_t head, size_t record,
    int (*add)(struct wanted_socks *, const void *, const struct silence *),
    const struct silence *s)
{
	ksize_t step;
	size_t len, off;
	void *buf;
	int error = 0;

	if (bsd_grow(by_name, name, &buf, &len) == -1)
		return -1;
	for (w->pass = 0; w->pass < 2 && error == 0; w->pass++)
		for (off = 0; off + sizeof(step) <= len && error == 0;
		    off += step) {
			memcpy(&step, (char *)buf + off, sizeof(step));
			if (step > len - off || (step != head &&
			    step != record))
				error = EPROTO;
			else if (step == record &&
			    add(w, (char *)buf + off, s) == -1)
				error = errno;
			else if (step == head && off > 0)
				break;
		}
	free(buf);
	errno = error;
	return error != 0 ? -1 : 0;
}

static int
add_tcp(struct wanted_socks *w, const void *p, const struct silence *s)
{
	struct plat_sock sk;
	struct xtcpcb xt;

	memcpy(&xt, p, sizeof(xt));
	tcp_sock(&xt, s, &sk);
	return bsd_want(w, &sk);
}

static int
add_unix(struct wanted_socks *w, const void *p, const struct silence *s)
{
	struct plat_sock sk;
	struct xunpcb xu;

	(void)s;
	memcpy(&xu, p, sizeof(xu));
	unix_sock(&xu, &sk);
	return bsd_want(w, &sk);
}

int
os_socks(struct plat *pl, struct wanted_socks *w)
{
	char tcp[] = "net.inet.tcp.pcblist";
	char stream[] = "net.local.stream.pcblist";
	struct silence silence;

	(void)pl;
	read_silence(&silence);
	if (list_of(w, tcp, sizeof(struct xinpgen), sizeof(struct xtcpcb),
	    add_tcp, &silence) == -1)
		return -1;
	if (!(w->bag.flags & PLAT_SOCKS_UNIX))
		return 0;
	return list_of(w, stream, sizeof(struct xunpgen),
	    sizeof(struct xunpcb), add_unix, &silence);
}

/* --- origin --------------------------------------------------------------- */

/*
 * Only the reaper adopts orphans. So a process with another parent was started
 * by that parent; one whose parent is the reaper may have been started by it.
 */
int
os_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, row->pid };
	struct procctl_reaper_status rs;
	struct kinfo_proc kp;
	size_t len = sizeof(kp);

	(void)pl;
	/* A jail may have a network stack of its own. */
	if (sysctl(mib, 4, &kp, &len, NULL, 0) == 0 && len == sizeof(kp) &&
	    kp.ki_jid != 0)
		op->netns = -1;
	memset(&rs, 0, sizeof(rs));
	if (procctl(P_PID, row->pid, PROC_REAP_STATUS, &rs) == -1)
		return errno == EPERM ? 0 : -1;
	/* Of a reaper the kernel tells itself, not who adopts it. */
	if (rs.rs_reaper <= 0 || rs.rs_reaper == row->pid)
		return 0;
	op->reaper = rs.rs_reaper;
	if (row->ppid > 0)
		op->reparented = row->ppid == rs.rs_reaper ? -1 : 0;
	return 0;
}
