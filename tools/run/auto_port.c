/* SPDX-License-Identifier: ISC */
/*
 * -L auto:host:port and -D auto: a free port of this machine in place of the
 * word.  ssh itself refuses such a forward, so nothing that it takes is
 * changed.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "libfind.h"
#include "run/run.h"

#define WORD		"auto"
#define PORT_MIN	1024	/* without privileges */
#define PORT_USUAL	20000	/* few services have a port from here on */
#define PORT_ROOM	1000	/* as many should be left */

/* --- which port ----------------------------------------------------------- */

/*
 * The ports that the kernel does not give to connections: a tunnel's would then
 * be in use from time to time.
 */
static void
find_range(int *lowp, int *highp)
{
	int first = first_ephemeral_port();

	if (first == -1)
		first = 10000;
	*highp = first > PORT_MIN ? first - 1 : 65535;
	*lowp = *highp > PORT_USUAL + PORT_ROOM ? PORT_USUAL : PORT_MIN;
}

static int
can_bind(int family, int port)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addr;
	int s, yes = 1, bound;
	socklen_t len;

	if ((s = socket(family, SOCK_STREAM, 0)) == -1)
		return 1;
	memset(&addr, 0, sizeof(addr));
	addr.sa.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		addr.in.sin_port = htons((uint16_t)port);
		len = sizeof(addr.in);
	} else {
		addr.in6.sin6_port = htons((uint16_t)port);
		len = sizeof(addr.in6);
		setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	}
	bound = bind(s, &addr.sa, len) == 0;
	close(s);
	return bound;
}

/* Has nobody any address of this port? */
static int
is_free(int port)
{
	return can_bind(AF_INET, port) && can_bind(AF_INET6, port);
}

static int
is_chosen(const struct run *run, int port)
{
	size_t i;

	for (i = 0; i < run->nautos; i++)
		if (run->autos[i].port == port)
			return 1;
	return 0;
}

/* Two runs at once begin at different places. */
static int
choose_port(const struct run *run)
{
	int low, high, n, i, port;
	unsigned first;

	find_range(&low, &high);
	n = high - low + 1;
	first = (unsigned)getpid() * 7919u + (unsigned)ms_now();
	for (i = 0; i < n; i++) {
		port = low + (int)((first + (unsigned)i) % (unsigned)n);
		if (!is_chosen(run, port) && is_free(port))
			return port;
	}
	tool_fail("auto: none of the ports from %d to %d is free", low, high);
}

/* --- in which words ------------------------------------------------------- */

/* A number of any length fits in its place, with the same text around it. */
static void
put_port(struct auto_port *a)
{
	snprintf(a->end, 6 + strlen(a->rest), "%d%s", a->port, a->rest);
}

static void
add_auto(struct run *run, char **wordp, size_t at)
{
	struct auto_port *a;

	run->autos = tool_xreallocarray(run->autos, run->nautos + 1,
	    sizeof(*run->autos));
	a = &run->autos[run->nautos++];
	a->rest = *wordp + at + sizeof(WORD) - 1;
	a->word = tool_xcalloc(1, strlen(*wordp) + 6);
	memcpy(a->word, *wordp, at);
	a->end = a->word + at;
	a->typed = *wordp;
	a->port = 0;
	*wordp = a->word;
}

/* Is this a forward with port 1, and none with the word? */
static int
has_port(enum tun_fwd_kind kind, const char *spec, size_t at)
{
	char *numbered = tool_xasprintf("%.*s1%s", (int)at, spec,
	    spec + at + sizeof(WORD) - 1);
	const char *errstr;
	struct tun_forward *fwd = tun_forward_parse(kind, numbered, &errstr);
	int has = fwd != NULL && fwd->listen.path == NULL &&
	    fwd->listen.port == 1;

	tun_forward_free(fwd);
	free(numbered);
	return has;
}

/* Where the word is in a forward that ssh does not take as it is; or -1. */
static ssize_t
find_word(enum tun_fwd_kind kind, const char *spec)
{
	const char *p = spec, *errstr;
	struct tun_forward *fwd = tun_forward_parse(kind, spec, &errstr);

	tun_forward_free(fwd);
	if (fwd != NULL)
		return -1;
	while ((p = strstr(p, WORD)) != NULL) {
		if ((p == spec || p[-1] == ':') &&
		    strchr(":", p[sizeof(WORD) - 1]) != NULL &&
		    has_port(kind, spec, (size_t)(p - spec)))
			return p - spec;
		p++;
	}
	return -1;
}

/* Options of ssh that come before may be in the same word: -fNLauto:h:80. */
static void
find_autos(struct run *run)
{
	enum tun_fwd_kind kind;
	char *letter, *word;
	ssize_t at;
	size_t i;

	for (i = 0; (word = run->argv[i]) != NULL; i++) {
		if (*word != '-' || (letter = strpbrk(word, "DL")) == NULL)
			continue;
		kind = *letter == 'D' ? TUN_FWD_DYNAMIC : TUN_FWD_LOCAL;
		if (letter[1] != '\0') {
			at = find_word(kind, letter + 1);
			if (at != -1)
				add_auto(run, &run->argv[i],
				    (size_t)(letter + 1 - word + at));
		} else if (run->argv[i + 1] != NULL &&
		    (at = find_word(kind, run->argv[i + 1])) != -1) {
			add_auto(run, &run->argv[i + 1], (size_t)at);
		}
	}
}

static void
choose_all(struct run *run)
{
	size_t i;

	for (i = 0; i < run->nautos; i++)
		run->autos[i].port = 0;
	for (i = 0; i < run->nautos; i++) {
		run->autos[i].port = choose_port(run);
		put_port(&run->autos[i]);
	}
	run_find_ssh(run);
}

/* Is it the port of a forward, as ssh reads the words? */
static int
is_listener(const struct run *run, int port)
{
	size_t i;

	for (i = 0; run->words != NULL && i < run->words->nfwds; i++)
		if (tun_forward_is_local(&run->words->fwds[i]) &&
		    run->words->fwds[i].listen.port == port)
			return 1;
	return 0;
}

/* What looks like the word may be part of a remote command. */
static void
take_back(struct run *run)
{
	size_t i, k;

	for (i = 0; i < run->nautos; i++)
		for (k = 0; run->argv[k] != NULL; k++)
			if (run->argv[k] == run->autos[i].word)
				run->argv[k] = run->autos[i].typed;
	run_free_ports(run);
	run_find_ssh(run);
}

void
run_choose_ports(struct run *run)
{
	size_t i;

	if (run->words != NULL)
		return;
	find_autos(run);
	if (run->nautos == 0)
		return;
	choose_all(run);
	for (i = 0; i < run->nautos; i++)
		if (!is_listener(run, run->autos[i].port)) {
			take_back(run);
			return;
		}
}

/* Does a row show that ssh did not get this port? */
static int
is_missed(const struct run *run, int port)
{
	const struct tun_fwd *fwd;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		fwd = run->rows[i].fwd;
		if (fwd != NULL && tun_forward_is_local(&fwd->spec) &&
		    fwd->spec.listen.port == port &&
		    tun_fwd_health(fwd, NULL) == TUN_HEALTH_BAD)
			return 1;
	}
	return 0;
}

int
run_choose_others(struct run *run, enum run_verdict verdict)
{
	int failed = run->reaper.ended && run->reaper.status != 0, port = 0;
	size_t i;

	if (!failed && verdict != RUN_BAD)
		return 0;
	for (i = 0; i < run->nautos && port == 0; i++)
		if (failed ? !is_free(run->autos[i].port) :
		    is_missed(run, run->autos[i].port))
			port = run->autos[i].port;
	if (port == 0)
		return 0;
	run_say(run, "port %d: another process was faster; trying another port",
	    port);
	choose_all(run);
	return 1;
}

void
run_free_ports(struct run *run)
{
	size_t i;

	for (i = 0; i < run->nautos; i++)
		free(run->autos[i].word);
	free(run->autos);
	run->autos = NULL;
	run->nautos = 0;
}
