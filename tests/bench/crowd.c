/* SPDX-License-Identifier: ISC */
/*
 * crowd [-m tunnels] [-n processes] [-o percent] [-r sessions] [-s sockets]
 *     [-t threads] [-u uid] -d dir command ...
 *
 * PID 1 of a machine of its own, made by
 *
 *	unshare -fpmn --kill-child --mount-proc crowd ...
 *
 * Populates it, runs the command there and exits with the command's status,
 * which ends everybody else.  Children it inherits are reaped.
 *
 *  -n  so many processes in all, asleep, with everyday names
 *  -o  so many percent of them are those of the user -u, default 50
 *  -m  so many of them are tunnels of that user: a program really called
 *      ssh (dir/ssh, a copy of this one), in a session of its own, child of
 *      PID 1, with real command lines.  Eight of ten listen, each has a
 *      connection to a server and, if it listens, one client
 *  -r  so many sessions of an sshd (dir/sshd, a copy of this one), each with
 *      its monitor and with the listeners of one -R.  Their clients are a
 *      process of this machine
 *  -s  so many TCP sockets in all, the rest of them held by a few processes
 *  -t  so many additional threads, in processes of 400
 *
 * dir also takes the control sockets, in dir/ctl; any user can write there.
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <net/if.h>
#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PORT = 10000,		/* listeners of tunnel i: PORT + i, */
	PORT2 = 12000,		/* and PORT2 + i of a second forward */
	SERVER = 22,		/* where tunnels are connected to */
	SSHD = 3,		/* 127.0.0.3:22 is where sessions come from */
	MAXTUNNELS = 2000,
	SESSIONPORT = 14000,	/* listener of session i: SESSIONPORT + i */
	MAXSESSIONS = 4000,
	PAIRS = 9000,		/* connections a holder of sockets keeps */
	THREADS = 400,		/* threads a process has */
	CONNFD = 3,		/* descriptors of a tunnel: as in ssh -f the */
	LISTENFD = 5		/* connection, then ::1 and 127.0.0.1 */
};

enum { NOTHING, ONE, TWO };

/*
 * %1 is the port, %2 the second one, %c the control socket.  Words are
 * separated by tabs, because a title is one word with blanks.
 */
static const struct shape {
	int listens, control;
	const char *argv;
} shapes[] = {
	{ ONE, 0, "ssh\t-fN\t-L\t%1:localhost:80\talice@web%1.example" },
	{ ONE, 0, "ssh\t-f\t-N\t-D\t%1\t-o\tExitOnForwardFailure=yes\tgw" },
	{ NOTHING, 0, "ssh\t-fN\t-R\t%1:localhost:22\tbob@nat.example" },
	{ TWO, 0, "ssh\t-fNJ\tjump.example\t-L\t%1:db:5432"
	    "\t-L\t%2:cache:6379\tdb%1.example" },
	{ ONE, 1, "ssh\t-M\t-S\t%c\t-fN\t-L\t%1:localhost:443\tapp" },
	{ NOTHING, 1, "ssh: %c [mux]" },
	{ ONE, 0, "ssh\t-N\t-f\t-L\tlocalhost:%1:10.0.0.7:3389\trdp" },
	{ ONE, 0, "ssh\t-fN\t-D\tlocalhost:%1\tcarol@exit.example" },
	{ ONE, 0, "ssh\t-fN\t-L%1:mail:993\t-p\t2222\tmx.example" },
	{ ONE, 0, "ssh\t-fN\t-i\tid\t-L\t%1:[::1]:8080\tdev.example" },
};
#define NSHAPES	((int)(sizeof(shapes) / sizeof(shapes[0])))

static const char *const names[] = {
	"systemd", "sshd", "bash", "ssh-agent", "chrome", "postgres", "nginx",
	"kworker/0:1", "dbus-daemon", "python3", "java", "cron", "zsh",
	"containerd-shim", "pipewire", "ssh-add",
};
#define NNAMES	((int)(sizeof(names) / sizeof(names[0])))

static const char *dir;
static uid_t user;
static int ready[2];		/* closed by all when all are ready */
static int population;		/* processes so far, ourselves among them */

/* --- small things ---------------------------------------------------------*/

/* SIG_DFL does nothing to a PID 1, so it takes a handler to be stopped. */
static void
stop(int sig)
{
	_exit(128 + sig);
}

/* So that an err(3) among the children is not taken for readiness. */
static void
not_ready(void)
{
	if (write(ready[1], "", 1) == -1)
		_exit(3);
}

/* A child of ours that looks like a daemon; 0 in the child. */
static pid_t
spawn(const char *name)
{
	pid_t pid;
	int null;

	if ((pid = fork()) == -1)
		err(3, "fork, at process %d", population + 1);
	if (pid > 0) {
		population++;
		return pid;
	}
	atexit(not_ready);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	prctl(PR_SET_NAME, name);
	/* stderr stays until somebody is ready, to say what went wrong. */
	if ((null = open("/dev/null", O_RDWR)) == -1)
		err(3, "/dev/null");
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	close(ready[0]);
	return 0;
}

static void
become_user(void)
{
	if (user == geteuid())
		return;
	if (setgroups(0, NULL) == -1 || setgid(user) == -1 ||
	    setuid(user) == -1)
		err(3, "uid %ld", (long)user);
	/* As after the exec(2) that the real ones have done since. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void
am_ready(void)
{
	dup2(STDIN_FILENO, STDERR_FILENO);
	close(ready[1]);
}

static void
rest(void)
{
	am_ready();
	for (;;)
		pause();
}

static void
many_files(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(3, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
}

/* --- sockets --------------------------------------------------------------*/

static void
loopback_up(void)
{
	struct ifreq ifr;
	int fd;

	memset(&ifr, 0, sizeof(ifr));
	strcpy(ifr.ifr_name, "lo");
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1 ||
	    ioctl(fd, SIOCGIFFLAGS, &ifr) == -1)
		err(3, "lo");
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) == -1)
		err(3, "lo");
	close(fd);
}

static struct sockaddr_in
inet(int host, int port)
{
	struct sockaddr_in sin;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(0x7f000000 + host);
	sin.sin_port = htons(port);
	return sin;
}

static int
listen4(int host, int port)
{
	struct sockaddr_in sin = inet(host, port);
	int fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 4096) == -1)
		err(3, "listening on port %d", port);
	return fd;
}

/* A kernel may be without IPv6; then the descriptor is of no use. */
static int
listen6(int port)
{
	struct sockaddr_in6 sin6;
	int fd, on = 1;

	memset(&sin6, 0, sizeof(sin6));
	sin6.sin6_family = AF_INET6;
	sin6.sin6_addr = in6addr_loopback;
	sin6.sin6_port = htons(port);
	if ((fd = socket(AF_INET6, SOCK_STREAM, 0)) == -1)
		return open("/dev/null", O_RDWR);
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)) == 0)
		listen(fd, 128);
	return fd;
}

static int
connect4(int host, int port)
{
	struct sockaddr_in sin = inet(host, port);
	int fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(3, "connecting to port %d", port);
	return fd;
}

static void
listen_unix(const char *path)
{
	struct sockaddr_un sun;
	int fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun.sun_path))
		errx(3, "%s: too long for a socket", path);
	strcpy(sun.sun_path, path);
	unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 64) == -1)
		err(3, "%s", path);
}

static void
accept_all(int fd)
{
	for (;;)
		if (accept(fd, NULL, NULL) == -1 && errno != EINTR &&
		    errno != ECONNABORTED)
			break;
}

/* --- who lives here -------------------------------------------------------*/

/* The other end of all the tunnels. */
static void
server(void)
{
	int fd;

	fd = listen4(1, SERVER);
	if (spawn("sshd") != 0) {
		close(fd);
		return;
	}
	many_files();
	am_ready();
	accept_all(fd);
	rest();
}

/* The line of tunnel i from its shape's, see there. */
static void
expand(char *line, size_t size, const char *shape, int i, const char *ctl)
{
	size_t n = 0;

	for (; *shape != '\0' && n + 1 < size; shape++) {
		if (*shape != '%')
			line[n++] = *shape;
		else if (*++shape == 'c')
			n += snprintf(line + n, size - n, "%s", ctl);
		else
			n += snprintf(line + n, size - n, "%d",
			    (*shape == '1' ? PORT : PORT2) + i);
	}
	if (n >= size)
		errx(3, "command line too long");
	line[n] = '\0';
}

static void
tunnel(int i)
{
	const struct shape *s = &shapes[i % NSHAPES];
	char ctl[256], exe[256], line[2048], *argv[16];
	int n = 0;

	if (spawn("ssh") != 0)
		return;
	/* The connection comes first and takes the first free number. */
	if (ready[1] != 63) {
		dup2(ready[1], 63);
		close(ready[1]);
		ready[1] = 63;
	}
	fcntl(ready[1], F_SETFD, FD_CLOEXEC);
	setsid();
	become_user();
	if (connect4(1, SERVER) != CONNFD)
		errx(3, "tunnel has descriptors it should not have");
	if (s->listens >= ONE) {
		listen6(PORT + i);
		listen4(1, PORT + i);
	}
	if (s->listens >= TWO) {
		listen6(PORT2 + i);
		listen4(1, PORT2 + i);
	}
	snprintf(ctl, sizeof(ctl), "%s/ctl/%d", dir, i);
	if (s->control)
		listen_unix(ctl);
	snprintf(exe, sizeof(exe), "%s/ssh", dir);
	expand(line, sizeof(line), s->argv, i, ctl);
	for (argv[n] = strtok(line, "\t"); argv[n] != NULL;
	    argv[n] = strtok(NULL, "\t"))
		n++;
	if (chdir("/") == -1)
		err(3, "/");
	execv(exe, argv);
	err(3, "%s", exe);
}

static void
become_sshd(const char *title)
{
	char exe[256];

	fcntl(ready[1], F_SETFD, FD_CLOEXEC);
	snprintf(exe, sizeof(exe), "%s/sshd", dir);
	execl(exe, title, (char *)NULL);
	err(3, "%s", exe);
}

/* The monitor stays root, and its child becomes the user. */
static void
session(int i, int listener)
{
	int conn, pair[2];

	if ((conn = accept(listener, NULL, NULL)) == -1)
		err(3, "accept");
	if (spawn("sshd") != 0) {
		close(conn);
		population++;
		return;
	}
	close(listener);
	setsid();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		err(3, "socketpair");
	switch (fork()) {
	case -1:
		err(3, "fork, of session %d", i);
	case 0:
		break;
	default:
		become_sshd("sshd: user [priv]");
	}
	become_user();
	listen6(SESSIONPORT + i);
	listen4(1, SESSIONPORT + i);
	become_sshd("sshd: user");
}

static void
sessions(int n)
{
	int fd, i;

	if (n == 0)
		return;
	fd = listen4(SSHD, SERVER);
	/* All clients are one process, so that few processes are no sshd. */
	if (spawn("modem") == 0) {
		close(fd);
		many_files();
		for (i = 0; i < n; i++)
			connect4(SSHD, SERVER);
		rest();
	}
	for (i = 0; i < n; i++)
		session(i, fd);
	if (spawn("sshd") == 0)
		become_sshd("sshd: sshd -D [listener] 0 of 10-100 startups");
	close(fd);
}

/*
 * What becomes of dir/ssh and dir/sshd: it takes its clients in and does
 * nothing.
 */
static void
tunnel_main(void)
{
	dup2(STDIN_FILENO, STDERR_FILENO);
	accept_all(LISTENFD);
	for (;;)
		pause();
}

/* One connection through every tunnel that listens. */
static void
browser(int tunnels)
{
	int i;

	if (spawn("firefox") != 0)
		return;
	many_files();
	become_user();
	for (i = 0; i < tunnels; i++)
		if (shapes[i % NSHAPES].listens >= ONE)
			connect4(1, PORT + i);
	rest();
}

/* Holds both ends of so many connections. */
static void
holder(int number, int pairs)
{
	int fd, i;

	if (spawn("java") != 0)
		return;
	many_files();
	fd = listen4(10 + number, 9000);
	for (i = 0; i < pairs; i++) {
		connect4(10 + number, 9000);
		if (accept(fd, NULL, NULL) == -1)
			err(3, "accept");
	}
	rest();
}

static void *
idle(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void
threaded(int threads)
{
	pthread_attr_t attr;
	pthread_t id;
	int i;

	if (spawn("mysqld") != 0)
		return;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (i = 0; i < threads; i++)
		if ((errno = pthread_create(&id, &attr, idle, NULL)) != 0)
			err(3, "thread %d", i);
	rest();
}

static void
sleeper(int i, int percent)
{
	if (spawn(names[i % NNAMES]) != 0)
		return;
	/* 37 and 100 have no common factor: own and others' are mixed. */
	if (i * 37 % 100 < percent)
		become_user();
	rest();
}

/* --- the whole ------------------------------------------------------------*/

static int
number(const char *s)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (errno != 0 || *s == '\0' || *end != '\0' || n < 0 || n > 1000000)
		errx(2, "%s: bad number", s);
	return (int)n;
}

/* Reads the end of the pipe when nobody is left who holds its other end. */
static void
wait_ready(void)
{
	ssize_t n;
	char c;

	close(ready[1]);
	while ((n = read(ready[0], &c, 1)) == -1 && errno == EINTR)
		continue;
	close(ready[0]);
	if (n != 0)
		errx(3, "some of the crowd did not come");
}

static int
command(char *argv[])
{
	pid_t pid, done;
	int status;

	if ((pid = fork()) == -1)
		err(3, "fork");
	if (pid == 0) {
		execvp(argv[0], argv);
		err(3, "%s", argv[0]);
	}
	while ((done = wait(&status)) != pid)
		if (done == -1 && errno != EINTR)
			err(3, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int
main(int argc, char *argv[])
{
	int ch, i, left, own = 50, processes = 0, sockets = 0, threads = 0;
	int served = 0, tunnels = 0;

	if (strncmp(argv[0], "ssh", 3) == 0)
		tunnel_main();
	user = geteuid();
	while ((ch = getopt(argc, argv, "d:m:n:o:r:s:t:u:")) != -1)
		switch (ch) {
		case 'd':
			dir = optarg;
			break;
		case 'm':
			tunnels = number(optarg);
			break;
		case 'n':
			processes = number(optarg);
			break;
		case 'o':
			own = number(optarg);
			break;
		case 'r':
			served = number(optarg);
			break;
		case 's':
			sockets = number(optarg);
			break;
		case 't':
			threads = number(optarg);
			break;
		case 'u':
			user = number(optarg);
			break;
		default:
			return 2;
		}
	argc -= optind;
	argv += optind;
	if (argc < 1 || dir == NULL || tunnels > MAXTUNNELS ||
	    served > MAXSESSIONS)
		errx(2, "usage: crowd [-m tunnels] [-n processes] "
		    "[-o percent] [-r sessions] [-s sockets] [-t threads] "
		    "[-u uid] -d dir command ...");
	if (getpid() != 1)
		errx(2, "only as PID 1 of a namespace, see bench.sh");

	/* Nobody here is in a session, or has a file, from outside. */
	setsid();
	for (i = 3; i < 1024; i++)
		close(i);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGHUP, stop);
	loopback_up();
	if (pipe(ready) == -1)
		err(3, "pipe");
	/* Two for us and the command. */
	population = 2;
	server();
	sockets -= 1;
	for (i = 0; i < tunnels; i++) {
		tunnel(i);
		/* Both ends of two connections, two listeners a forward. */
		sockets -= shapes[i % NSHAPES].listens >= ONE ? 4 : 2;
		sockets -= 2 * shapes[i % NSHAPES].listens;
	}
	sessions(served);
	/* Both ends of a connection, two listeners. */
	sockets -= 4 * served;
	wait_ready();

	if (pipe(ready) == -1)
		err(3, "pipe");
	browser(tunnels);
	for (i = 0; sockets > 2; i++) {
		left = sockets / 2 < PAIRS ? sockets / 2 : PAIRS;
		holder(i, left);
		sockets -= 2 * left + 1;
	}
	for (; threads > 0; threads -= THREADS)
		threaded(threads < THREADS ? threads : THREADS);
	for (i = 0; population < processes; i++)
		sleeper(i, own);
	wait_ready();
	return command(argv);
}
