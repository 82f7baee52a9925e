/* SPDX-License-Identifier: ISC */
/* The command line of ssh(1): what an argv means, in one line of text. */
#include <sys/types.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verdict/verdict.h"
#include "tests.h"

#define TEN(s)	s s s s s s s s s s
#define MAXWORDS	64

static const char *const env[] = { "SP=/s/env.sock", "PT=8123", NULL };
static const char *const more_names[] = { "myssh", "hpnssh", NULL };
static const struct expand known = {
	env, "/root", "root", "0", NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	NULL, NULL, more_names, NULL, 0
};

static const char *const flag_names[] = {
	"fork", "nosession", "subsystem", "master", "gateway", "inet4",
	"inet6", "tty", "notty", "clear", "exit", "persist", "jump",
	"monitor", "unknown", "ask", "unlink", "nounlink", "command",
	"noexit", "ethernet", "dropbear"
};
static const char *const kind_names[] = {
	"bad", "", "other", "mux", "stopped", "cut", "served"
};

static void __attribute__((format(printf, 2, 3)))
say(char *to, const char *fmt, ...)
{
	size_t n = strlen(to);
	va_list ap;

	if (n > 0 && n < 4000)
		to[n++] = ' ';
	va_start(ap, fmt);
	vsnprintf(to + n, 4096 - n, fmt, ap);
	va_end(ap);
}

/* Only what was said; in the order of struct cmdline. */
static void
describe(const struct cmdline *cmd, char *to)
{
	static const char letters[] = "LRDRWw";
	char spec[2048];
	size_t i;

	*to = '\0';
	if (cmd->kind != CMD_SESSION)
		say(to, "%s", kind_names[cmd->kind]);
	if (cmd->kind == CMD_BAD) {
		say(to, "(%s)", cmd->errstr);
		return;
	}
	if (cmd->host != NULL)
		say(to, "%s", cmd->host);
	if (cmd->user != NULL)
		say(to, "user=%s", cmd->user);
	if (cmd->port != -1)
		say(to, "port=%d", cmd->port);
	if (cmd->ctlpath != NULL)
		say(to, "ctl=%s", cmd->ctlpath);
	if (cmd->configfile != NULL)
		say(to, "config=%s", cmd->configfile);
	if (cmd->label != NULL)
		say(to, "label=%s", cmd->label);
	if (cmd->jump != NULL)
		say(to, "jump=%s", cmd->jump);
	if (cmd->proxy != NULL)
		say(to, "proxy=%s", cmd->proxy);
	if (cmd->alive_interval != -1)
		say(to, "alive=%d", cmd->alive_interval);
	if (cmd->alive_count != -1)
		say(to, "count=%d", cmd->alive_count);
	for (i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (cmd->flags & 1U << i)
			say(to, "%s", flag_names[i]);
	for (i = 0; i < cmd->nfwds; i++) {
		tun_forward_format(&cmd->fwds[i], spec, sizeof(spec));
		say(to, "-%c %s", letters[cmd->fwds[i].kind], spec);
	}
	if (cmd->nmonitor != 0)
		say(to, "(%u)", (unsigned)cmd->nmonitor);
	if (cmd->ncommand != 0)
		say(to, "$");
	for (i = 0; i < cmd->ncommand; i++)
		say(to, "<%s>", cmd->command[i]);
}

static void
check(const char *const *argv, size_t argc, const char *want)
{
	struct arena *a;
	struct cmdline cmd;
	char got[4096];

	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_parse(a, argv, argc, &known, &cmd), 0);
	ck_assert((cmd.errstr != NULL) ==
	    (cmd.kind == CMD_BAD || (cmd.flags & CMD_UNKNOWN) != 0));
	describe(&cmd, got);
	ck_assert_str_eq(got, want);
	arena_free(a);
}

/* Words are divided by "|". */
static void
check_line(const char *line, const char *want)
{
	const char *argv[MAXWORDS];
	char *copy, *s, *bar;
	size_t n = 0;

	ck_assert_ptr_nonnull(copy = strdup(line));
	for (s = copy; s != NULL; s = bar) {
		if ((bar = strchr(s, '|')) != NULL)
			*bar++ = '\0';
		ck_assert_uint_lt(n, MAXWORDS - 1);
		argv[n++] = s;
	}
	argv[n] = NULL;
	check(argv, n, want);
	free(copy);
}

static const struct {
	const char *line, *want;
} lines[] = {
	/* A.1, A.2: letters, clusters, two rounds. */
	{ "ssh|h", "h" },
	{ "ssh", "bad (no destination)" },
	{ "ssh|-fNTp|99|h", "h port=99 fork nosession notty" },
	{ "ssh|-Np99|h", "h port=99 nosession notty" },
	{ "ssh|-fNL8080:h:80|h", "h fork nosession notty -L 8080:h:80" },
	{ "ssh|-NoPort=77|h", "h port=77 nosession notty" },
	{ "ssh|h|-p|99", "h port=99" },
	{ "ssh|h|-p|99|cmd|-p|98", "h port=99 $ <cmd> <-p> <98>" },
	{ "ssh|-N|h|-f|cmd", "h fork nosession notty $ <cmd>" },
	{ "ssh|--|h|-p|99", "h $ <-p> <99>" },
	{ "ssh|h|--|-p|99", "h $ <-p> <99>" },
	{ "ssh|h|-p|99|--|-p|98", "h port=99 $ <-p> <98>" },
	{ "ssh|-b|--|h|-p|99", "h $ <-p> <99>" },
	{ "ssh|-b|-x|h", "h" },
	{ "ssh|h|-L|--|x", "bad (too few fields)" },
	{ "ssh|-", "bad (bad host name)" },
	{ "ssh|-N-|h", "bad (bad host name)" },
	{ "ssh|h|-f-|x", "h fork $ <-f-> <x>" },
	{ "ssh|h|-", "h $ <->" },
	{ "ssh|-N-x|h", "bad (no such option)" },
	{ "ssh|-L", "bad (option without value)" },
	{ "ssh|-p", "bad (option without value)" },
	{ "ssh|h|-L", "bad (option without value)" },
	{ "ssh|-NL", "bad (option without value)" },
	{ "ssh|--help", "bad (no such option)" },
	{ "ssh|-h", "bad (no such option)" },
	{ "ssh|-1|h", "bad (no such option)" },
	{ "ssh|-2|h", "h" },
	{ "ssh|-:|h", "bad (no such option)" },
	{ "ssh|-\xc3\xa9" "|h", "bad (no such option)" },
	{ "ssh|-AaCXxYykKqvvvn|h", "h" },
	{ "ssh|-b|a|-c|b|-e|c|-i|d|-m|e|-B|f|-E|g|-I|i|h", "h" },
	{ "ssh|-l|u|h", "h user=u" },
	{ "ssh|-4|-6|h", "h inet6" },
	{ "ssh|-6|-4|h", "h inet4" },
	{ "ssh|-g|h", "h gateway" },
	{ "ssh|-t|h", "h tty" },
	{ "ssh|-N|-t|h", "h nosession tty" },
	{ "ssh|-t|-N|h", "h nosession notty" },
	{ "ssh|-N|-oRequestTTY=yes|h", "h nosession notty" },
	{ "ssh|-tt|-T|h", "h notty" },
	{ "ssh|-F|a|h|-F|b", "h config=b" },
	{ "ssh|h||x", "h $ <> <x>" },
	/* A.1: -P, with its argument since 9.4, without it before. */
	{ "ssh|-P|tagx|h", "h label=tagx" },
	{ "ssh|-Ptagx|h", "h label=tagx" },
	{ "ssh|-NP|h", "h nosession notty" },
	{ "ssh|-P|h", "h" },
	{ "ssh|-Pf|h", "h label=f" },
	{ "ssh|-PfN|-L1:h:1", "bad (no destination)" },
	/* Before 9.4 it stood alone: so it does before an option. */
	{ "ssh|-P|-N|h", "h nosession notty" },
	{ "ssh|-fNP|-L|8921:localhost:80|h",
	    "h fork nosession notty -L 8921:localhost:80" },
	{ "ssh|-P|-L|8921:localhost:80|-fN|h",
	    "h fork nosession notty -L 8921:localhost:80" },
	{ "ssh|-P|-p|22|h|ls", "h port=22 $ <ls>" },
	{ "ssh|-P|-N", "bad (no destination)" },
	{ "ssh|h|-P", "h" },
	{ "ssh|-P|a|-P|b|h", "h label=a" },
	{ "ssh|-P|--help", "bad (no destination)" },
	/* A.1, A.7: those that come and go. */
	{ "ssh|-V", "other" },
	{ "ssh|-fV|-bogus", "other" },
	{ "ssh|-Q|cipher", "other" },
	{ "ssh|-Q", "bad (option without value)" },
	{ "ssh|h|-V", "other h" },
	{ "ssh|-G|-L|1:h:1|h", "other h -L 1:h:1" },
	{ "ssh|-Z|h", "other h" },
	{ "ssh|-O|check|-S|/c|h", "other h ctl=/c" },
	{ "ssh|-O|check", "bad (no destination)" },
	{ "ssh|-O|exit|-O|exit|h", "bad (-O after -W or -O)" },
	{ "ssh|-O|exit|-W|a:1|h", "bad (-W after -W or -O)" },
	/* A.3: destinations. */
	{ "ssh|u@h", "h user=u" },
	{ "ssh|a@b@h", "h user=a@b" },
	{ "ssh|@h", "bad (empty user)" },
	{ "ssh|a@", "user=a" },
	{ "ssh|h:99", "h:99" },
	{ "ssh|[::1]:99", "[::1]:99" },
	{ "ssh|::1", "::1" },
	{ "ssh|u@-h", "bad (bad host name)" },
	{ "ssh|ssh://u@h:99", "h user=u port=99" },
	{ "ssh|ssh://h/", "h" },
	{ "ssh|ssh://h:", "h" },
	{ "ssh|ssh://h:http/", "h port=80" },
	{ "ssh|ssh://a%41+b;x=y@h.:99/", "h user=aA b port=99" },
	{ "ssh|ssh://[h]:22", "h port=22" },
	{ "ssh|ssh://[::1]:99", "bad (bad URI)" },
	{ "ssh|ssh://[h", "bad (bad URI)" },
	{ "ssh|ssh://[h]x", "bad (bad URI)" },
	{ "ssh|ssh://h/path", "bad (bad URI)" },
	{ "ssh|ssh://h:22/path", "bad (bad URI)" },
	{ "ssh|ssh://h:/", "bad (bad URI)" },
	{ "ssh|ssh://h:0", "bad (bad URI)" },
	{ "ssh|ssh://h:65536", "bad (bad URI)" },
	{ "ssh|ssh://", "bad (bad URI)" },
	{ "ssh|ssh://@h", "bad (bad URI)" },
	{ "ssh|ssh://;x@h", "bad (bad URI)" },
	{ "ssh|ssh://a@b@h", "bad (bad URI)" },
	{ "ssh|ssh://a%4@h", "bad (bad URI)" },
	{ "ssh|ssh://a%00@h", "bad (bad URI)" },
	{ "ssh|ssh://a..b", "bad (bad URI)" },
	{ "ssh|ssh://a_b-c.d", "a_b-c.d" },
	{ "ssh|ssh://.a", "bad (bad URI)" },
	{ "ssh|SSH://h:22", "SSH://h:22" },
	{ "ssh|ssh:h", "ssh:h" },
	/* A.3, A.4: the first user and port win. */
	{ "ssh|-l|a|b@h", "h user=a" },
	{ "ssh|b@h|-l|a", "h user=b" },
	{ "ssh|-oUser=a|-l|b|h", "h user=a" },
	{ "ssh|-l||-l|b|h", "h user=" },
	{ "ssh|-p|1|-p|2|h", "h port=1" },
	{ "ssh|-p|1|-p|junk|h", "h port=1" },
	{ "ssh|-oPort=3|-p1|h", "h port=3" },
	{ "ssh|-p|1|-oPort=x|h", "bad (bad port)" },
	{ "ssh|ssh://h:5|-p|6", "h port=5" },
	{ "ssh|-p|http|h", "h port=80" },
	{ "ssh|-p|0|h", "bad (bad port)" },
	{ "ssh|-p|65536|h", "bad (bad port)" },
	{ "ssh|-p| +22|h", "h port=22" },
	{ "ssh|-p|22 |h", "bad (bad port)" },
	/* A.4: control paths and masters. */
	{ "ssh|-S|a|-S|b|h", "h ctl=b" },
	{ "ssh|-oControlPath=a|-S|b|h", "h ctl=b" },
	{ "ssh|-S|b|-oControlPath=a|h", "h ctl=b" },
	{ "ssh|-oControlPath=a|-oControlPath=b|h", "h ctl=a" },
	{ "ssh|-oControlPath=a|-S|none|h", "h" },
	{ "ssh|-oControlPath=NONE|-oControlPath=a|h", "h" },
	{ "ssh|-S|~/%C-%%|h", "h ctl=~/%C-%%" },
	{ "ssh|-S||h", "h ctl=" },
	{ "ssh|-M|h", "h master" },
	{ "ssh|-MM|h", "h master ask" },
	{ "ssh|-oControlMaster=auto|h", "h master" },
	{ "ssh|-oControlMaster=No|h", "h" },
	{ "ssh|-oControlMaster=no|-M|h", "h master" },
	{ "ssh|-oControlMaster=maybe|h", "bad (bad value)" },
	{ "ssh|-oControlPersist=yes|h", "h persist" },
	{ "ssh|-oControlPersist=0|h", "h persist" },
	{ "ssh|-oControlPersist=1h30m|h", "h persist" },
	{ "ssh|-oControlPersist=no|-oControlPersist=yes|h", "h" },
	{ "ssh|-oControlPersist=YES|h", "bad (bad time)" },
	/* A.4: forwards add up, in their order; the same one counts once. */
	{ "ssh|-D1|-L2:h:2|-R3|-L1:h:1|h", "h -D 1 -L 2:h:2 -R 3 -L 1:h:1" },
	{ "ssh|-L1:h:1|-L1:h:1|-L01:h:+1|h", "h -L 1:h:1" },
	{ "ssh|-L1:h:1|-R1:h:1|-L:1:h:1|h", "h -L 1:h:1 -R 1:h:1 -L :1:h:1" },
	{ "ssh|-D1|-oDynamicForward=1|h|-D1", "h -D 1" },
	{ "ssh|-D8080:/s|h", "h -L 8080:/s" },
	{ "ssh|-L8080:h|h", "bad (too few fields)" },
	{ "ssh|-L${PT}:h:1|h", "h -L 8123:h:1" },
	{ "ssh|-L${NOPE}:h:1|h", "bad (variable not set)" },
	{ "ssh|-L/s/%h:h:1|h", "h unknown -L ?:h:1" },
	{ "ssh|-L/s/%T:h:1|h", "bad (bad % token)" },
	/* A.4, C.5: jumps and proxies. */
	{ "ssh|-J|a,b|h", "h jump=a,b jump" },
	{ "ssh|-J|a|-J|b|h", "bad (-J after a jump or proxy)" },
	{ "ssh|-oProxyCommand=x|-J|b|h", "bad (-J after a jump or proxy)" },
	{ "ssh|-oProxyCommand=none|-J|b|h", "bad (-J after a jump or proxy)" },
	{ "ssh|-oProxyJump=a|-J|b|h", "bad (-J after a jump or proxy)" },
	{ "ssh|-J|a|-oProxyCommand=x|h", "h jump=a jump" },
	{ "ssh|-J|none|-oProxyCommand=x|h", "h proxy=x jump" },
	{ "ssh|-J|none|-oProxyJump=a|h", "h" },
	{ "ssh|-oProxyCommand=x|-oProxyJump=a|h", "h proxy=x jump" },
	{ "ssh|-oProxyCommand=none|h", "h" },
	{ "ssh|-oProxyCommand= = nc \"%h\" %p #x |h",
	    "h proxy=nc \"%h\" %p #x jump" },
	{ "ssh|-oProxyCommand=echo it's|h", "h proxy=echo it's jump" },
	/* -W, -w */
	{ "ssh|-W|[h]:22|hop", "hop nosession notty clear exit -W h:22" },
	{ "ssh|-W|h:22|-L1:h:1|hop", "hop nosession notty clear exit -W h:22" },
	{ "ssh|-Wh:22|-oClearAllForwardings=no|-L1:h:1|x",
	    "x nosession notty exit -L 1:h:1 -W h:22" },
	{ "ssh|-Wh:22|-oExitOnForwardFailure=no|x",
	    "x nosession notty clear noexit -W h:22" },
	{ "ssh|-W|80|-L1:h:1|x", "x nosession notty -L 1:h:1" },
	{ "ssh|-W|80|-Wh:1|x", "x nosession notty clear exit -W h:1" },
	{ "ssh|-W|a:1|-W|b:1|x", "bad (-W after -W or -O)" },
	{ "ssh|-W|/s/x|h", "h nosession notty clear exit -W /s/x" },
	{ "ssh|-W|h|x", "bad (bad listen port)" },
	{ "ssh|-W|h:22|-t|x", "x nosession tty clear exit -W h:22" },
	{ "ssh|-w|0|h", "h -w 0:any" },
	{ "ssh|-w|0:1|-L1:h:1|h", "h -L 1:h:1 -w 0:1" },
	{ "ssh|-w|0|-w|1|-oTunnelDevice=5|h", "h -w 1:any" },
	{ "ssh|-oTunnelDevice=5|-w|0|h", "h -w 0:any" },
	{ "ssh|-oTunnelDevice=5|h", "h" },
	{ "ssh|-oTunnelDevice=5:6|-oTunnel=yes|h", "h -w 5:6" },
	{ "ssh|-oTunnel=ethernet|h", "h ethernet -w any:any" },
	{ "ssh|-oTunnel=Ethernet|-w|5:6|h", "h ethernet -w 5:6" },
	{ "ssh|-w|5:6|-oTunnel=ethernet|h", "h -w 5:6" },
	{ "ssh|-oTunnel=yes|-oTunnel=ethernet|h", "h -w any:any" },
	{ "ssh|-oTunnel=no|-w|0|h", "h" },
	{ "ssh|-w|x|h", "bad (bad tunnel device)" },
	{ "ssh|-oTunnelDevice=x|h", "bad (bad tunnel device)" },
	{ "ssh|-w0|-oClearAllForwardings=yes|h", "h clear" },
	{ "ssh|-oStreamLocalBindUnlink=yes|h", "h unlink" },
	{ "ssh|-oStreamLocalBindUnlink=no|-oStreamLocalBindUnlink=yes|h",
	    "h nounlink" },
	{ "ssh|-oStreamLocalBindUnlink=x|h", "bad (bad value)" },
	/* A.5: -o */
	{ "ssh|-o|pOrT = 99|h", "h port=99" },
	{ "ssh|-o|Port\t99|h", "h port=99" },
	{ "ssh|-o|  Port 99 \n|h", "h port=99" },
	{ "ssh|-o|=Port 99|h", "h port=99" },
	{ "ssh|-o|\"Port\" 99|h", "h port=99" },
	{ "ssh|-o|Po\"rt\" 99|h", "h port=99" },
	{ "ssh|-o|Port == 99|h", "bad (more than one value)" },
	{ "ssh|-o|Port==99|h", "bad (bad port)" },
	{ "ssh|-o|Port=\"99\"|h", "h port=99" },
	{ "ssh|-o|Port=9'9'|h", "h port=99" },
	{ "ssh|-o|Port=99 # x|h", "h port=99" },
	{ "ssh|-o|Port=99#|h", "bad (bad port)" },
	{ "ssh|-o|Port=99 98|h", "bad (more than one value)" },
	{ "ssh|-o|Port=\"99|h", "bad (open quote)" },
	{ "ssh|-o|Port|h", "bad (keyword without value)" },
	{ "ssh|-o|Port=|h", "bad (keyword without value)" },
	{ "ssh|-o|Port=#|h", "bad (keyword without value)" },
	{ "ssh|-o|User=\"\"|h", "bad (keyword without value)" },
	{ "ssh|-o|User=a\\ b\\x\\\"|h", "h user=a b\\x\"" },
	{ "ssh|-o||h", "h" },
	{ "ssh|-o|# x|h", "h" },
	{ "ssh|-o|\"x|h", "h" },
	{ "ssh|-o|Nonsense|h", "bad (keyword without value)" },
	{ "ssh|-o|Nonsense=1 2 \"3|h", "h" },
	{ "ssh|-o|Host=x|h", "bad (not for the command line)" },
	{ "ssh|-o|Match=x|h", "bad (not for the command line)" },
	{ "ssh|-o|include=x|h", "bad (not for the command line)" },
	{ "ssh|-oIgnoreUnknown=TunLabel|-oTunLabel=db|-oTunLabel=x|h",
	    "h label=db" },
	{ "ssh|-oTag=a|-P|b|h", "h label=a" },
	{ "ssh|-P|a|-oTunLabel=db|h", "h label=db" },
	{ "ssh|-oLocalForward=1 h:1|-L1:h:1|h", "h -L 1:h:1" },
	{ "ssh|-oRemoteCommand=sleep 60|h", "h command" },
	{ "ssh|-o|RemoteCommand sleep \"60|h", "h command" },
	{ "ssh|-oremotecommand = none|h", "h" },
	{ "ssh|-oRemoteCommand=none|-oRemoteCommand=x|h", "h" },
	{ "ssh|-oRemoteCommand|h", "bad (keyword without value)" },
	{ "ssh|-R|/s/%h.sock:h:1|-R|/s/%h.sock:h:1|h", "h unknown "
	    "-R ?:h:1 -R ?:h:1" },
	{ "ssh|-oRemoteForward=8080:/s|h", "h -R 8080:/s" },
	{ "ssh|-oClearAllForwardings=yes|-L1:h:1|h", "h clear" },
	{ "ssh|-oClearAllForwardings=yes|-L/%h:h:1|h", "h clear" },
	{ "ssh|-oClearAllForwardings=yes|-L1|h", "bad (too few fields)" },
	{ "ssh|-oAddressFamily=inet|h", "h inet4" },
	{ "ssh|-oAddressFamily=INET6|-oAddressFamily=any|h", "h inet6" },
	{ "ssh|-oAddressFamily=any|-4|h", "h inet4" },
	{ "ssh|-4|-oAddressFamily=inet6|h", "h inet4" },
	{ "ssh|-oGatewayPorts=yes|h", "h gateway" },
	{ "ssh|-oGatewayPorts=no|-g|h", "h gateway" },
	{ "ssh|-oGatewayPorts=clientspecified|h", "bad (bad value)" },
	{ "ssh|-oForkAfterAuthentication=yes|-oSessionType=none|h",
	    "h fork nosession" },
	{ "ssh|-oForkAfterAuthentication=no|-f|h", "h fork" },
	{ "ssh|-oStdinNull=yes|-oPermitLocalCommand=yes|h", "h" },
	{ "ssh|-oStdinNull=x|h", "bad (bad value)" },
	{ "ssh|-oExitOnForwardFailure=true|h", "h exit" },
	{ "ssh|-oRequestTTY=force|h", "h tty" },
	{ "ssh|-oRequestTTY=no|h", "h notty" },
	{ "ssh|-oRequestTTY=auto|h", "h" },
	{ "ssh|-oRequestTTY=no|-t|h", "h tty" },
	{ "ssh|-oServerAliveInterval=1m30|-oServerAliveCountMax=2|h",
	    "h alive=90 count=2" },
	{ "ssh|-oServerAliveInterval=1W2D3H4M5S|h", "h alive=788645" },
	{ "ssh|-oServerAliveInterval=none|-oServerAliveInterval=0|h",
	    "h alive=0" },
	/* OpenSSH 10.3 and later. */
	{ "ssh|-oServerAliveInterval=2.50|h", "h alive=2" },
	{ "ssh|-oServerAliveInterval=1m.5S|h", "h alive=60" },
	{ "ssh|-oServerAliveInterval=1.5m|h", "bad (bad time)" },
	{ "ssh|-oServerAliveInterval=2.|h", "bad (bad time)" },
	{ "ssh|-oServerAliveInterval=1.2.3|h", "bad (bad time)" },
	{ "ssh|-oServerAliveInterval=5x|h", "bad (bad time)" },
	{ "ssh|-oServerAliveInterval=m|h", "bad (bad time)" },
	{ "ssh|-oServerAliveInterval=-1|h", "bad (bad time)" },
	{ "ssh|-oServerAliveInterval=2147483648|h", "bad (bad time)" },
	{ "ssh|-oServerAliveInterval=3551w|h", "bad (bad time)" },
	{ "ssh|-oServerAliveCountMax=-1|h", "bad (bad number)" },
	{ "ssh|-oServerAliveCountMax=x|h", "bad (bad number)" },
	/* A.7: -N and -s. */
	{ "ssh|-N|-s|h|x", "bad (-N and -s exclude each other)" },
	{ "ssh|-s|-N|h|x", "bad (-N and -s exclude each other)" },
	{ "ssh|-oSessionType=default|-N|h",
	    "bad (-N and -s exclude each other)" },
	{ "ssh|-N|-oSessionType=subsystem|h", "h nosession notty" },
	{ "ssh|-s|h|sftp", "h subsystem $ <sftp>" },
	{ "ssh|-s|h", "bad (no subsystem)" },
	{ "ssh|-oSessionType=subsystem|h", "bad (no subsystem)" },
	/* C.5: autossh's monitor, jump hops. */
	{ "ssh|-L|20:127.0.0.1:20|-R|20:127.0.0.1:21|-N|h",
	    "h nosession notty monitor -L 20:127.0.0.1:20 -R 20:127.0.0.1:21 "
	    "(2)" },
	{ "ssh|-L|20:127.0.0.1:20|-R|20:127.0.0.1:21|-L|1:h:1|h",
	    "h monitor -L 20:127.0.0.1:20 -R 20:127.0.0.1:21 -L 1:h:1 (2)" },
	{ "ssh|-L|1:h:1|-L|20:127.0.0.1:20|-R|20:127.0.0.1:21|h",
	    "h -L 1:h:1 -L 20:127.0.0.1:20 -R 20:127.0.0.1:21" },
	{ "ssh|-L|20:127.0.0.1:20|-R|20:127.0.0.1:20|h",
	    "h -L 20:127.0.0.1:20 -R 20:127.0.0.1:20" },
	{ "ssh|-L|20:127.0.0.1:20|-R|21:127.0.0.1:21|h",
	    "h -L 20:127.0.0.1:20 -R 21:127.0.0.1:21" },
	{ "ssh|-L|20:localhost:20|-R|20:localhost:21|h",
	    "h -L 20:localhost:20 -R 20:localhost:21" },
	{ "ssh|-L|x:20:127.0.0.1:20|-R|20:127.0.0.1:21|h",
	    "h -L x:20:127.0.0.1:20 -R 20:127.0.0.1:21" },
	{ "ssh|-R|20:127.0.0.1:21|-L|20:127.0.0.1:20|h",
	    "h -R 20:127.0.0.1:21 -L 20:127.0.0.1:20" },
	{ "/usr/bin/ssh|-l|u|-p|99|-J|a|-F|c|-v|-W|[h]:22|hop",
	    "hop user=u port=99 config=c jump=a nosession notty clear exit "
	    "jump -W h:22" }
};

/*
 * dbclient(1): what cli-runopts.c of Dropbear 2022.83 to 2026.94 makes of its
 * words, and what a dbclient of 2022.83 did with them.
 */
static const struct {
	const char *line, *want;
} dbclient_lines[] = {
	{ "dbclient|h", "h dropbear" },
	{ "/usr/bin/dbclient|u@h", "h user=u dropbear" },
	{ "dbclient", "bad (no destination)" },
	{ "dbclient|", "bad (bad host name)" },
	{ "dbclient|u@", "bad (bad host name)" },
	{ "dbclient|u@-x", "bad (bad host name)" },
	/* Options may follow the host; the second other word ends them. */
	{ "dbclient|-fNTp|99|h", "h port=99 fork nosession notty dropbear" },
	{ "dbclient|-p99|h|-N|-t|-f", "h port=99 fork nosession tty dropbear" },
	{ "dbclient|h|-N|ls|-f", "h nosession dropbear $ <ls> <-f>" },
	{ "dbclient|h|ls|-L|1:h:1", "h dropbear $ <ls> <-L> <1:h:1>" },
	{ "dbclient|-s|h|sftp", "h subsystem dropbear $ <sftp>" },
	{ "dbclient|-f|h", "bad (-f without a command)" },
	{ "dbclient|-f|h|sleep|9", "h fork dropbear $ <sleep> <9>" },
	{ "dbclient|h|-p", "bad (option without value)" },
	/* It ignores letters that it does not know, and "--" is one. */
	{ "dbclient|-46|-vZ|--|-|h|-N", "h nosession dropbear" },
	{ "dbclient|-y|-y|-q|-A|-z|-u|h", "h dropbear" },
	/* The last user and port count, and those of the host most of all. */
	{ "dbclient|-l|a|-l|b|-p|1|-p|2|h", "h user=b port=2 dropbear" },
	{ "dbclient|-l|a|-p|1|b@h^22", "h user=b port=22 dropbear" },
	{ "dbclient|h/2222", "h port=2222 dropbear" },
	{ "dbclient|a@b@h", "b@h user=a dropbear" },
	{ "dbclient|-l|a@b,c|h", "h user=c jump=a@b jump dropbear" },
	{ "dbclient|h^", "bad (bad port)" },
	{ "dbclient|-p|70000|h", "bad (bad port)" },
	{ "dbclient|-oPort=2200|h", "h port=2200 dropbear" },
	{ "dbclient|-o|port 2200|h", "h port=2200 dropbear" },
	{ "dbclient|-p|22|-oPort=2200|h", "h port=22 dropbear" },
	{ "dbclient|-o|Portal=1|h", "h dropbear" },
	{ "dbclient|-oExitOnForwardFailure=yes|h", "h exit dropbear" },
	{ "dbclient|-o|exitonforwardfailure = no|h", "h noexit dropbear" },
	{ "dbclient|-oExitOnForwardFailure y|h", "h exit dropbear" },
	{ "dbclient|-oLocalForward=1 h:1|-oControlPath=/s|h", "h dropbear" },
	{ "dbclient|-oGatewayPorts=yes|-R|1:h:1|s",
	    "s gateway dropbear -R :1:h:1" },
	{ "dbclient|-oServerAliveInterval=9|-oStrictHostKeyChecking=no|h",
	    "h alive=9 count=3 dropbear" },
	{ "dbclient|-oProxyCommand=nc h 22|h", "h proxy=nc h 22 jump dropbear" },
	{ "dbclient|-J|a|-o|proxycommand b|h", "h proxy=a jump dropbear" },
	{ "dbclient|-M|3600|-N|h", "h nosession dropbear" },
	{ "dbclient|-NM9|h|-L|1:h:1", "h nosession dropbear -L 1:h:1" },
	{ "dbclient|-MN|h", "h nosession dropbear" },
	{ "dbclient|-M|-N|h", "h nosession dropbear" },
	{ "dbclient|-M|h|ls", "h dropbear $ <ls>" },
	{ "dbclient|-M", "bad (no destination)" },
	/* Letters that mean other things to ssh. */
	{ "dbclient|-K|30|-I|600|-W|65536|-N|h",
	    "h alive=30 count=3 nosession dropbear" },
	{ "dbclient|-i|key|-c|aes|-m|hmac|-b|a:1|h", "h dropbear" },
	{ "dbclient|-B|t:22|h", "h nosession dropbear -W t:22" },
	{ "dbclient|-B|a:1|-Bt:22|-L|1:h:1|h",
	    "h nosession dropbear -L 1:h:1 -W t:22" },
	{ "dbclient|-B|t|h", "bad (bad -B)" },
	{ "dbclient|-B|t:22:1|h", "bad (bad -B)" },
	{ "dbclient|-J|nc h 22|h", "h proxy=nc h 22 jump dropbear" },
	{ "dbclient|-J|&3|h", "h proxy=&3 jump dropbear" },
	{ "dbclient|-N|a@b^2,c,u@h^44",
	    "h user=u port=44 jump=a@b:2,c nosession jump dropbear" },
	{ "dbclient|,h", "bad (empty hop)" },
	/* Forwards. */
	{ "dbclient|-NL|8080:h:80|-R2022:l:22|s",
	    "s nosession dropbear -L 8080:h:80 -R 2022:l:22" },
	{ "dbclient|-L|a:8080:h:80|-L|:81:h:80|-L|*:82:h:80|s",
	    "s dropbear -L a:8080:h:80 -L :81:h:80 -L *:82:h:80" },
	{ "dbclient|-g|-L|80:h:80|-R|81:h:80|-R|a:82:h:80|s",
	    "s gateway dropbear -L 80:h:80 -R :81:h:80 -R a:82:h:80" },
	{ "dbclient|-R|81:h:80|-g|s", "s gateway dropbear -R :81:h:80" },
	{ "dbclient|-L|1:%h:2|-L|3:${X}:4|s",
	    "s dropbear -L 1:%h:2 -L 3:$\\{X}:4" },
	{ "dbclient|-L|1:h:1|-L|1:h:1|s", "s dropbear -L 1:h:1" },
	{ "dbclient|-R|0:h:80|s", "s unknown dropbear -R ?:h:80" },
	{ "dbclient|-L|8080|s", "bad (bad forward)" },
	{ "dbclient|-L|8080:h|s", "bad (bad forward)" },
	{ "dbclient|-L|[::1]:80:h:80|s", "bad (bad port)" },
	{ "dbclient|-L|/s/a:h:80|s", "bad (bad port)" },
	{ "dbclient|-L|http:h:80|s", "bad (bad port)" },
	{ "dbclient|-L|65536:h:80|s", "bad (bad port)" },
	/* These end soon. */
	{ "dbclient|-V", "other dropbear" },
	{ "dbclient|-Q|help", "other dropbear" },
	{ "dbclient|-h", "other dropbear" },
	{ "dbclient|-D|1080|h", "other dropbear" },
	{ "dbclient|-c|help", "other dropbear" },
	{ "dbclient|-o|help", "other dropbear" },
	/* One program that is many. */
	{ "dropbearmulti|dbclient|-N|h", "h nosession dropbear" },
	{ "dropbearmulti|ssh|-N|h", "h nosession dropbear" },
	{ "dropbearmulti|dropbear|-F", "served dropbear" },
	{ "dropbearmulti|scp|a|h:b", "served dropbear" },
	{ "dropbear|-F|-p|22", "served dropbear" },
	{ "/usr/sbin/dropbear|ssh|h", "served dropbear" },
	/* Its name decides; that of ssh is not one of it. */
	{ "ssh|-K|30|h", "30 $ <h>" },
	{ "dbclientx|-f|h", "h fork" }
};

START_TEST(dbclient_line)
{
	check_line(dbclient_lines[_i].line, dbclient_lines[_i].want);
}
END_TEST

/* What may be a dbclient is read if that would read the same. */
START_TEST(unsure)
{
	static const char *const same[] = { "ssh", "-fN", "-L1:h:2", "-p22",
	    "u@h", NULL };
	static const char *const other[] = { "ssh", "-K", "30", "h", NULL };
	static const char *const never[] = { "ssh", "-D", "1080", "h", NULL };
	struct expand x = { .program = "ssh", .unsure = 1 };
	struct cmdline cmd;
	struct arena *a;

	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_parse(a, same, 5, &x, &cmd), 0);
	ck_assert_int_eq(cmd.kind, CMD_SESSION);
	ck_assert_int_eq(cmdline_parse(a, other, 4, &x, &cmd), 0);
	ck_assert_int_eq(cmd.kind, CMD_BAD);
	/* It would end at once. */
	ck_assert_int_eq(cmdline_parse(a, never, 4, &x, &cmd), 0);
	ck_assert_int_eq(cmd.kind, CMD_SESSION);
	arena_free(a);
}
END_TEST

/* The executable decides, where it is known: ssh is a link to it, or not. */
START_TEST(program)
{
	static const char *const argv[] = { "ssh", "-K", "30", "h", NULL };
	static const char *const as_dbclient[] = { "dbclient", "-fN", "h",
	    NULL };
	struct expand x;
	struct cmdline cmd;
	struct arena *a;

	ck_assert_ptr_nonnull(a = arena_new());
	memset(&x, 0, sizeof(x));
	x.program = "/usr/sbin/dropbear";
	ck_assert_int_eq(cmdline_parse(a, argv, 4, &x, &cmd), 0);
	ck_assert_str_eq(cmd.host, "h");
	ck_assert_int_eq(cmd.alive_interval, 30);
	x.program = "ssh";
	ck_assert_int_eq(cmdline_parse(a, argv, 4, &x, &cmd), 0);
	ck_assert_str_eq(cmd.host, "30");
	ck_assert_int_eq(cmdline_parse(a, as_dbclient, 3, &x, &cmd), 0);
	ck_assert_uint_eq(cmd.flags, CMD_FORK | CMD_NOSESSION | CMD_NOTTY);
	x.program = "dbclient";
	ck_assert_int_eq(cmdline_parse(a, as_dbclient, 3, &x, &cmd), 0);
	ck_assert_uint_eq(cmd.flags, CMD_FORK | CMD_NOSESSION | CMD_DROPBEAR);
	/* In the middle of exec(2) it has none: it was taken for no client. */
	ck_assert_int_eq(cmdline_parse(a, as_dbclient, 0, &x, &cmd), 0);
	ck_assert_int_eq(cmd.kind, CMD_BAD);
	x.program = "/bin/dropbearmulti";
	ck_assert_int_eq(cmdline_parse(a, as_dbclient, 0, &x, &cmd), 0);
	ck_assert_int_eq(cmd.kind, CMD_SERVED);
	arena_free(a);
}
END_TEST

START_TEST(line)
{
	check_line(lines[_i].line, lines[_i].want);
}
END_TEST

/* C1 to C50 of openssh.md, B.8, with -o; NULL: ssh refuses it. */
static const struct {
	const char *option, *want;
} vectors[] = {
	{ "LocalForward=8080 host:80", "-L 8080:host:80" },
	{ "LocalForward 8080 host:80", "-L 8080:host:80" },
	{ " localforward  8080   host:80 ", "-L 8080:host:80" },
	{ "LocalForward = 8080 host:80", "-L 8080:host:80" },
	{ "LocalForward\t8080\thost:80", "-L 8080:host:80" },
	{ "LocalForward \"8080\" \"host:80\"", "-L 8080:host:80" },
	{ "LocalForward '8080' 'host:80'", "-L 8080:host:80" },
	{ "LocalForward 127.0.0.1:8080 host:80", "-L 127.0.0.1:8080:host:80" },
	{ "LocalForward [::1]:8080 [::1]:80", "-L [::1]:8080:[::1]:80" },
	{ "LocalForward *:8080 host:80", "-L *:8080:host:80" },
	{ "LocalForward :8080 host:80", "-L :8080:host:80" },
	{ "LocalForward /s/a.sock host:80", "-L /s/a.sock:host:80" },
	{ "LocalForward /s/a.sock /s/b.sock", "-L /s/a.sock:/s/b.sock" },
	{ "LocalForward 8080 /s/b.sock", "-L 8080:/s/b.sock" },
	{ "LocalForward 8080:host 80", "-L 8080:host:80" },
	{ "LocalForward \"/s/a b.sock\" host:80", "-L /s/a b.sock:host:80" },
	{ "LocalForward /s/a\\ b.sock host:80", "-L /s/a b.sock:host:80" },
	{ "LocalForward ~/a.sock host:80", "-L ~/a.sock:host:80" },
	{ "LocalForward ${PT} host:80", "-L 8123:host:80" },
	{ "LocalForward 8080 socks:80", "-L 8080:socks:80" },
	{ "LocalForward 8080 host:80 # note", "-L 8080:host:80" },
	{ "LocalForward 8080 host/80", "-L 8080:host/80" },
	{ "LocalForward 127.0.0.1/8080 host/80", "-L 127.0.0.1/8080:host/80" },
	{ "LocalForward=8080:host:80", NULL },
	{ "LocalForward 8080:host:80", NULL },
	{ "LocalForward=\"8080 host:80\"", NULL },
	{ "LocalForward 8080 host:80 extra", NULL },
	{ "LocalForward 8080 host 80", NULL },
	{ "LocalForward 8080 host", NULL },
	{ "LocalForward 8080", NULL },
	{ "LocalForward none", NULL },
	{ "RemoteForward 8080 host:80", "-R 8080:host:80" },
	{ "RemoteForward 8080", "-R 8080" },
	{ "RemoteForward 0", "-R 0" },
	{ "RemoteForward 0 host:80", "-R 0:host:80" },
	{ "RemoteForward bind:8080", "-R bind:8080" },
	{ "RemoteForward bind:0", "-R bind:0" },
	{ "RemoteForward [::1]:8080 host:80", "-R [::1]:8080:host:80" },
	{ "RemoteForward /s/r.sock", "-R /s/r.sock" },
	{ "RemoteForward /s/r.sock /s/l.sock", "-R /s/r.sock:/s/l.sock" },
	{ "RemoteForward 8080:host:80", NULL },
	{ "DynamicForward 1080", "-D 1080" },
	{ "DynamicForward=1080", "-D 1080" },
	{ "DynamicForward 127.0.0.1:1080", "-D 127.0.0.1:1080" },
	{ "DynamicForward [::1]:1080", "-D [::1]:1080" },
	{ "DynamicForward *:1080", "-D *:1080" },
	{ "DynamicForward /s/d.sock", "-D /s/d.sock" },
	{ "DynamicForward socks", "-D 1080" },
	{ "DynamicForward 127.0.0.1/1080", "-D 127.0.0.1/1080" },
	{ "DynamicForward 1080 host:80", NULL }
};

START_TEST(vector)
{
	const char *argv[] = { "ssh", "-o", NULL, "h", NULL };
	struct tun_forward fwd;
	struct arena *a;
	struct cmdline cmd;
	char got[4096];
	const char *errstr;

	argv[2] = vectors[_i].option;
	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_parse(a, argv, 4, &known, &cmd), 0);
	if (vectors[_i].want == NULL)
		ck_assert_int_eq(cmd.kind, CMD_BAD);
	else {
		ck_assert_int_eq(cmd.kind, CMD_SESSION);
		describe(&cmd, got);
		ck_assert_int_eq(strncmp(got, "h ", 2), 0);
		ck_assert_str_eq(got + 2, vectors[_i].want);
		tun_forward_format(&cmd.fwds[0], got, sizeof(got));
		ck_assert_int_eq(forward_parse(a, cmd.fwds[0].kind, got, NULL,
		    &fwd, &errstr), 0);
		ck_assert_int_eq(tun_forward_cmp(&fwd, &cmd.fwds[0]), 0);
	}
	arena_free(a);
}
END_TEST

/* Titles are told by all the bytes of the argv, so rows are bytes. */
#define BYTES(s)	s, sizeof(s) - 1
static const struct {
	const char *bytes;
	size_t len;
	const char *want;
} titles[] = {
	/* The three shapes of openssh.md, C.3. */
	{ BYTES("ssh: /d/cm-1 [mux]\0\0\0\0\0\0"), "mux ctl=/d/cm-1" },
	{ BYTES("ssh: /d/cm-1 [mux]\0"), "mux ctl=/d/cm-1" },
	{ BYTES("ssh: /d/cm-3e71c\0e\0"), "cut" },
	{ BYTES("ssh: /d/cm-3e71c\0"), "cut" },
	{ BYTES("ssh: /d/cm-3e71c"), "cut" },
	{ BYTES("ssh: /d/cm-1 [mux\0"), "cut" },
	{ BYTES("ssh: /d/cm-1 [mux]\0e\0"), "cut" },
	{ BYTES("ssh: [stopped mux]\0\0\0"), "stopped" },
	{ BYTES("ssh: /d/a b [mux] [mux]\0"), "mux ctl=/d/a b [mux]" },
	{ BYTES("ssh: \0"), "cut" },
	{ BYTES("ssh:\0h\0"), "cut" },
	{ BYTES("ssh: [mux]\0"), "cut" },
	{ BYTES("ssh:  [mux]\0"), "cut" },
	{ BYTES("slogin: /d/cm [mux]\0"), "mux ctl=/d/cm" },
	{ BYTES("ssh-10.5: /d/cm [mux]\0"), "mux ctl=/d/cm" },
	/* By a name that was given. */
	{ BYTES("hpnssh: /d/cm [mux]\0"), "mux ctl=/d/cm" },
	{ BYTES("hpnssh: /d/cm-3\0"), "cut" },
	/* Somebody's argv[0], not ssh's title. */
	{ BYTES("ssh: x [mux]\0-N\0h\0"), "h nosession notty" },
	{ BYTES("ssh: x [mux]\0-N\0"), "bad (no destination)" },
	{ BYTES("ssh: x [mux]\0db\0"), "db" },
	{ BYTES("ssh:x [mux]\0"), "bad (no destination)" },
	{ BYTES("sshd: x [mux]\0"), "bad (no destination)" },
	{ BYTES("/bin/ssh: x [mux]\0"), "bad (no destination)" },
	{ BYTES(" [mux]\0"), "bad (no destination)" },
	/* And plain words. */
	{ BYTES(""), "bad (no words)" },
	{ BYTES("\0\0\0"), "bad (no words)" },
	{ BYTES("\0h"), "h" },
	{ BYTES("ssh\0\0h\0"), "$ <h>" },
	{ BYTES("ssh\0h\0\0\0"), "h $ <> <>" },
	{ BYTES("ssh\0-fN\0h\0-P\0\0"), "h label= fork nosession notty" },
	{ BYTES("ssh\0h"), "h" },
	{ BYTES("ssh\0a\nb\0c d\0"), "a\nb $ <c d>" },
	{ BYTES("ssh\0-L1:\xff:2\0\xfe\0"), "\xfe -L 1:\xff:2" }
};

START_TEST(title)
{
	struct arena *a;
	const char **argv;
	char *exact;
	size_t argc, len = titles[_i].len;

	/* Without a NUL behind it, so that a tool sees a byte too much. */
	ck_assert_ptr_nonnull(exact = malloc(len == 0 ? 1 : len));
	memcpy(exact, titles[_i].bytes, len);
	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_split(a, exact, len, &argv, &argc), 0);
	ck_assert_ptr_null(argv[argc]);
	free(exact);
	check(argv, argc, titles[_i].want);
	arena_free(a);
}
END_TEST

/* exec -a: its title begins with that name. */
static const struct {
	const char *program, *word;
	enum cmd_kind kind;
} called[] = {
	{ "/usr/bin/ssh", "to prod: /d/cm [mux]", CMD_MUX },
	{ "ssh", "x: [stopped mux]", CMD_STOPPED },
	{ "/usr/bin/ssh", "x: /d/c", CMD_CUT },
	{ "/usr/bin/ssh", "/x: /d/cm [mux]", CMD_BAD },
	{ "/usr/bin/ssh", ": /d/cm [mux]", CMD_BAD },
	{ "/usr/bin/mosh", "x: /d/cm [mux]", CMD_BAD },
	{ NULL, "x: /d/cm [mux]", CMD_BAD }
};

START_TEST(title_of_a_name)
{
	struct arena *a = arena_new();
	struct expand x = { .program = called[_i].program };
	struct cmdline cmd;

	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(cmdline_parse(a, &called[_i].word, 1, &x, &cmd), 0);
	ck_assert_int_eq(cmd.kind, called[_i].kind);
	arena_free(a);
}
END_TEST

static const struct {
	const char *name, *extra[3];
	int want;
} names[] = {
	{ "ssh", { NULL }, 1 },
	{ "/usr/bin/ssh", { NULL }, 1 },
	{ "slogin", { NULL }, 1 },
	{ "/usr/bin/dbclient", { NULL }, 1 },
	{ "dbclientx", { NULL }, 0 },
	{ "dropbear", { NULL }, 0 },
	{ "ssh10", { NULL }, 1 },
	{ "ssh-10.5", { NULL }, 1 },
	{ "ssh9.2", { NULL }, 1 },
	{ "ssh-9.2p1", { NULL }, 1 },
	{ "/opt/bin/mytun", { "mytun" }, 1 },
	{ "mytun", { "mytun" }, 1 },
	{ "mytun", { "other", "mytun" }, 1 },
	{ "mytun", { NULL }, 0 },
	{ "mytun2", { "mytun", "other" }, 0 },
	{ "", { NULL }, 0 },
	{ "ssh/", { NULL }, 0 },
	{ "ss", { NULL }, 0 },
	{ "ssh-", { NULL }, 0 },
	{ "ssh.", { NULL }, 0 },
	{ "sshd", { NULL }, 0 },
	{ "sshd-session", { NULL }, 0 },
	{ "ssh-agent", { NULL }, 0 },
	{ "ssh-add", { NULL }, 0 },
	{ "ssh-keygen", { NULL }, 0 },
	{ "ssh-askpass", { NULL }, 0 },
	{ "ssh-copy-id", { NULL }, 0 },
	{ "ssh9x", { NULL }, 0 },
	{ "sshfs", { NULL }, 0 },
	{ "sshpass", { NULL }, 0 },
	{ "sshuttle", { NULL }, 0 },
	{ "autossh", { NULL }, 0 },
	{ "mosh", { NULL }, 0 },
	{ "SSH", { NULL }, 0 }
};

START_TEST(name)
{
	ck_assert_int_eq(cmdline_is_ssh(names[_i].name, names[_i].extra),
	    names[_i].want);
}
END_TEST

/* ssh joins the words of a config line in 256 bytes, without a word. */
START_TEST(long_words)
{
	const char *argv[] = {
		"ssh", "-oLocalForward 8080 " TEN(TEN("hh")) TEN("hhhh")
		"hhhhhh:12345", "h", NULL
	};

	check(argv, 3, "h -L 8080:" TEN(TEN("hh")) TEN("hhhh") "hhhhhh:123");
}
END_TEST

/* What is known comes from the words; what is not is shown as that. */
START_TEST(not_known)
{
	const char *argv[] = {
		"ssh", "-L", "/s/%n-%r-%p:h:1", "-L", "/s/%h:h:2", "-L",
		"3:h:3", "-p", "99", "joe@Box", NULL
	};
	struct arena *a;
	struct cmdline cmd;
	char got[4096];

	check(argv, 10, "Box user=joe port=99 unknown -L /s/Box-joe-99:h:1 "
	    "-L ?:h:2 -L 3:h:3");
	argv[2] = "${PT}:h:80";
	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_parse(a, argv, 10, NULL, &cmd), 0);
	ck_assert_ptr_eq(cmd.errstr, fwd_errstr_unknown);
	describe(&cmd, got);
	ck_assert_str_eq(got, "Box user=joe port=99 unknown -L ?:? -L ?:h:2 "
	    "-L 3:h:3");
	arena_free(a);
}
END_TEST

/*
 * A process can have 2 MiB of words.  Each shape is read in time that grows
 * no faster than its length, and in bounded memory.
 */
START_TEST(large)
{
	static const char *const shapes[] = {
		"-N", "-D1", "-Dsocks", "-L1:h:1", "-L${PT}:h:1", "-oA=b",
		"-oUser=x", "-P", "", "-W", "-tt", "x", "-oProxyJump=\"", "-"
	};
	const size_t size = 2 << 20;
	struct arena *a;
	struct cmdline cmd;
	const char **argv;
	char *buf;
	size_t n, len, argc;
	clock_t from = clock();

	ck_assert_ptr_nonnull(buf = malloc(size));
	memcpy(buf, "ssh", 4);
	len = strlen(shapes[_i]) + 1;
	for (n = 4; n + len < size - 2; n += len)
		memcpy(buf + n, shapes[_i], len);
	buf[n++] = 'h';
	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_split(a, buf, n, &argv, &argc), 0);
	ck_assert_int_eq(cmdline_parse(a, argv, argc, &known, &cmd), 0);
	arena_free(a);

	/* One word of it all, too. */
	memset(buf + 4, *shapes[_i] == '\0' ? 'N' : shapes[_i][len - 2],
	    size - 4);
	memcpy(buf + 4, "-o", 2);
	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_split(a, buf, size, &argv, &argc), 0);
	ck_assert_int_eq(cmdline_parse(a, argv, argc, &known, &cmd), 0);
	arena_free(a);
	free(buf);
	ck_assert_int_lt((clock() - from) / CLOCKS_PER_SEC, 10);
}
END_TEST

/* More forwards than anybody has: the rest is left out, and it says so. */
START_TEST(too_many)
{
	static char words[5000][16];
	static const char *argv[5003];
	struct arena *a;
	struct cmdline cmd;
	int i;

	argv[0] = "ssh";
	for (i = 0; i < 5000; i++) {
		snprintf(words[i], sizeof(words[i]), "-D%d", i + 1);
		argv[i + 1] = words[i];
	}
	argv[5001] = "h";
	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(cmdline_parse(a, argv, 5002, NULL, &cmd), 0);
	ck_assert_int_eq(cmd.kind, CMD_SESSION);
	ck_assert_uint_eq(cmd.nfwds, 4096);
	ck_assert_uint_eq(cmd.flags, CMD_UNKNOWN);
	ck_assert_str_eq(cmd.errstr, "too many forwards");
	arena_free(a);
}
END_TEST

Suite *
cmdline_suite(void)
{
	Suite *s = suite_create("cmdline");

	add_tests(s, "words", ROWS(line, lines), ROWS(vector, vectors),
	    ROWS(dbclient_line, dbclient_lines), TEST(program),
	    TEST(unsure),
	    ROWS(title, titles), ROWS(title_of_a_name, called),
	    ROWS(name, names), TEST(long_words), TEST(not_known));
	add_tests(s, "size", TIMES(large, 14), TEST(too_many));
	return s;
}
