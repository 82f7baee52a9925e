/* SPDX-License-Identifier: ISC */
/* The signals that tunkill sends, and why it sends no other. */

#include <sys/types.h>

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "compat/compat.h"
#include "kill/signal_names.h"

/* What a signal does to an ssh. */
enum effect { ENDS, STOPS, CONTINUES, IGNORED, CRASHES };

static const struct {
	const char *name;
	int sig;
	enum effect effect;
} signals[] = {
	{ "HUP", SIGHUP, ENDS }, { "INT", SIGINT, ENDS },
	{ "QUIT", SIGQUIT, ENDS }, { "ABRT", SIGABRT, ENDS },
	{ "KILL", SIGKILL, ENDS }, { "USR1", SIGUSR1, ENDS },
	{ "USR2", SIGUSR2, ENDS }, { "ALRM", SIGALRM, ENDS },
	{ "TERM", SIGTERM, ENDS },
	{ "STOP", SIGSTOP, STOPS }, { "TSTP", SIGTSTP, STOPS },
	{ "TTIN", SIGTTIN, STOPS }, { "TTOU", SIGTTOU, STOPS },
	{ "CONT", SIGCONT, CONTINUES },
	{ "CHLD", SIGCHLD, IGNORED }, { "URG", SIGURG, IGNORED },
	{ "PIPE", SIGPIPE, IGNORED }, { "CLD", SIGCHLD, IGNORED },
#ifdef SIGWINCH
	{ "WINCH", SIGWINCH, IGNORED },
#endif
#ifdef SIGINFO
	{ "INFO", SIGINFO, IGNORED },
#endif
	{ "BUS", SIGBUS, CRASHES }, { "FPE", SIGFPE, CRASHES },
	{ "ILL", SIGILL, CRASHES }, { "SEGV", SIGSEGV, CRASHES },
	{ "SYS", SIGSYS, CRASHES }, { "TRAP", SIGTRAP, CRASHES },
	{ "IOT", SIGABRT, CRASHES }, { "XCPU", SIGXCPU, CRASHES },
	{ "XFSZ", SIGXFSZ, CRASHES }, { "VTALRM", SIGVTALRM, CRASHES },
	{ "PROF", SIGPROF, CRASHES },
	/* Not all systems have these; "EMT" and the like are never options. */
	{ "EMT", -1, CRASHES }, { "IO", -1, CRASHES },
	{ "POLL", -1, CRASHES }, { "PWR", -1, CRASHES },
	{ "STKFLT", -1, CRASHES }, { "LOST", -1, CRASHES },
	{ "THR", -1, CRASHES }, { "LIBRT", -1, CRASHES },
	{ "UNUSED", -1, CRASHES }, { "EXIT", 0, IGNORED },
	{ "NULL", 0, IGNORED }
};
#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

const char *
signal_name(int sig)
{
	size_t i;

	for (i = 0; i < NSIGNALS; i++) {
		if (signals[i].sig == sig)
			return signals[i].name;
	}
	return "?";
}

/* The name without "SIG", which is optional. */
static const char *
bare(const char *s)
{
	return strncasecmp(s, "SIG", 3) == 0 ? s + 3 : s;
}

/* "RTMIN+3": a real-time signal; these have no names of their own. */
static int
is_realtime(const char *s)
{
	return strncasecmp(s, "RTMIN", 5) == 0 ||
	    strncasecmp(s, "RTMAX", 5) == 0;
}

/* Its index in the table; NSIGNALS if it is not there. */
static size_t
find(const char *s)
{
	const char *errstr;
	int number = (int)strtonum(s, 0, INT_MAX, &errstr);
	size_t i;

	for (i = 0; i < NSIGNALS; i++) {
		if (errstr == NULL ? signals[i].sig == number :
		    strcasecmp(signals[i].name, bare(s)) == 0)
			break;
	}
	return i;
}

int
signal_is_name(const char *s)
{
	return find(s) < NSIGNALS || is_realtime(bare(s));
}

int
signal_parse(const char *s, const char **why)
{
	static const char none[] = "no signal that ends a process: it has no "
	    "effect on ssh";
	size_t i = find(s);

	if (i == NSIGNALS) {
		*why = "no signal that ends a process";
		return -1;
	}
	switch (signals[i].effect) {
	case ENDS:
		return signals[i].sig;
	case STOPS:
		*why = "no signal that ends a process: it only stops it";
		break;
	case CONTINUES:
		*why = "no signal that ends a process: it only continues one "
		    "that is stopped";
		break;
	case IGNORED:
		*why = none;
		break;
	case CRASHES:
		*why = "no signal to end a process by: it stands for a fault "
		    "of the process";
		break;
	}
	return -1;
}
