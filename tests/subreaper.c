/* SPDX-License-Identifier: ISC */
/*
 * subreaper command ...: run a command and adopt whatever it leaves behind,
 * as a service manager or a desktop session does.  Prints the exit status of
 * the command once it has ended, then stays until standard input ends.
 * Exits with 77 where only process 1 adopts orphans.
 */
#include <sys/types.h>
#include <sys/wait.h>
#if defined(__linux__)
#include <sys/prctl.h>
#elif defined(__FreeBSD__) || defined(__DragonFly__)
#include <sys/procctl.h>
#endif

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void
become_subreaper(void)
{
#if defined(__linux__)
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		err(1, "prctl");
#elif defined(__FreeBSD__) || defined(__DragonFly__)
	if (procctl(P_PID, getpid(), PROC_REAP_ACQUIRE, NULL) == -1)
		err(1, "procctl");
#else
	errx(77, "no subreaper here");
#endif
}

int
main(int argc, char *argv[])
{
	char c;
	pid_t pid;
	int status;

	if (argc < 2)
		errx(2, "usage: subreaper command ...");
	become_subreaper();
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		/* Our standard input is a leash, not the command's. */
		if (freopen("/dev/null", "r", stdin) == NULL)
			err(127, "/dev/null");
		execvp(argv[1], argv + 1);
		err(127, "%s", argv[1]);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128);
	fflush(stdout);

	/* The kernel may collect those whose end nobody waits for. */
	signal(SIGCHLD, SIG_IGN);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
