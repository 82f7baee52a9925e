/* SPDX-License-Identifier: ISC */
/*
 * Texts to start a tunnel from.  What sh reads is what was there, byte for
 * byte, and what ssh -G reads gives the same forwards; nothing gets out of
 * its quotes or its comment.
 */
#include <sys/types.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "verdict/verdict.h"
#include "tests.h"

#define ROUNDS	300
#define SH_ROUNDS	100	/* a shell starts a process for each odd word */

static struct arena *a;

static void
setup(void)
{
	ck_assert_ptr_nonnull(a = arena_new());
}

static void
teardown(void)
{
	arena_free(a);
}

/* A tunnel as a scan would give it. */
static struct tun_fwd *fwds;	/* of the tunnel that make() has made */

static struct tun *
make(const char *const *argv)
{
	struct tun *t = arena_alloc(a, sizeof(*t));
	const struct tun_fwd **at;
	struct cmdline cmd;
	size_t i;

	for (t->argc = 0; argv[t->argc] != NULL;)
		t->argc++;
	t->argv = argv;
	t->pid = 4711;
	t->id = "M4711";
	ck_assert_int_eq(cmdline_parse(a, argv, t->argc, NULL, &cmd), 0);
	t->dest = cmd.dest;
	t->user = cmd.user;
	t->host = cmd.host;
	t->port = cmd.port;
	fwds = arena_alloc(a, (cmd.nfwds + 1) * sizeof(*fwds));
	at = arena_alloc(a, (cmd.nfwds + 1) * sizeof(*at));
	for (i = 0; i < cmd.nfwds; i++) {
		at[i] = &fwds[i];
		fwds[i].id = ident_short(a, &cmd.fwds[i], 4711);
		fwds[i].tun = t;
		fwds[i].spec = cmd.fwds[i];
	}
	t->fwds = at;
	t->nfwds = cmd.nfwds;
	return t;
}

static const char *const *
split(const char *words)
{
	const char **v;
	char *s = arena_strdup(a, words), *p;
	size_t n;

	for (p = s; *p != '\0'; p++)
		if (*p == '|')
			*p = '\0';
	ck_assert_int_eq(cmdline_split(a, s, (size_t)(p - s) + 1, &v, &n), 0);
	return (const char *const *)v;
}

static const char *
text_of(const struct tun *t, enum tun_format format)
{
	char *s = tun_export(t, format);
	const char *copy;

	ck_assert_ptr_nonnull(s);
	copy = arena_strdup(a, s);
	free(s);
	return copy;
}

/* Its output, or its failure in job->error. */
static void
try(const char *const *argv, struct run_job *job)
{
	static const char *const env[] = { "PATH=/usr/bin:/bin",
	    "LC_ALL=C.UTF-8", NULL };

	memset(job, 0, sizeof(*job));
	job->path = argv[0];
	job->argv = argv;
	job->env = env;
	job->cwd = "/";
	ck_assert_int_eq(run_jobs(job, 1, 55000), 0);
}

static void
run(const char *const *argv, struct run_job *job)
{
	try(argv, job);
	ck_assert_int_eq(job->error, 0);
}

static unsigned
pick(unsigned n)
{
	static unsigned seed = 20261123;

	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Everything that means something to sh, ssh_config, systemd or a terminal. */
static const char *
random_word(void)
{
	static const char nasty[] = "'\"\\$`!*?[]{}()<>|&;#~=%^ \t\n\r\033\001"
	    "\177\200\377ab/-@:,.0";
	char buf[24];
	size_t i, n = pick(sizeof(buf) - 1);

	for (i = 0; i < n; i++)
		buf[i] = nasty[pick(sizeof(nasty) - 1)];
	return arena_strndup(a, buf, n);
}

/* The last bytes of a word are those that a substitution may lose. */
static const char *
random_sh_word(void)
{
	static const char *const tails[] = { "", "", "\n", "\n\n", "\r\n",
	    "\342\200\256", "\303", "%", "\\" };

	return arena_printf(a, "%s%s", random_word(),
	    tails[pick(NROWS(tails))]);
}

/*
 * One command on one line, all of it what a terminal shows; and a comment
 * means nothing where there are none.
 */
static void
is_safe_to_paste(const char *text)
{
	const char *line, *s, *end;
	int commands = 0;

	for (line = text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		ck_assert_ptr_nonnull(end);
		commands += *line != '#';
		for (s = line; s < end; s++)
			ck_assert_msg(*s >= ' ' && *s <= '~' && (*line != '#' ||
			    strchr("$`;&|<>()'\"!", *s) == NULL), "%s", text);
	}
	ck_assert_int_eq(commands, 1);
}

static const char *const shells[] = { "/bin/sh", "/bin/dash", "/bin/bash",
    "/bin/zsh", "/bin/ksh", "/bin/mksh" };

/* What each shell says to the file is what was wanted. */
static void
shells_agree(const char *path, const char *want, size_t len)
{
	const char *argv[] = { NULL, path, NULL };
	struct run_job job;
	size_t i;

	for (i = 0; i < NROWS(shells); i++) {
		if (access(shells[i], X_OK) == -1)
			continue;
		argv[0] = shells[i];
		run((const char *const *)argv, &job);
		ck_assert_msg(job.len == len &&
		    memcmp(job.out, want, len) == 0, "%s", shells[i]);
		free(job.out);
	}
}

START_TEST(test_sh_exact)
{
	static const char begin[] =
	    "ssh() { for w; do printf '%s\\0' \"$w\"; done; "
	    "printf '%s\\1\\0' \"$TUN_LABEL\"; }\n";
	char path[] = "/tmp/export.XXXXXX";
	const char **words, *text;
	struct tun *t;
	FILE *fp;
	char *want = NULL, *more;
	size_t i, k, n, len, room = 0, at = 0;

	ck_assert((fp = fdopen(mkstemp(path), "w")) != NULL);
	fputs(begin, fp);
	for (i = 0; i < SH_ROUNDS; i++) {
		n = 1 + pick(6);
		words = arena_alloc(a, (n + 4) * sizeof(*words));
		words[0] = i % 3 == 0 ? random_word() : "ssh";
		if (strchr(words[0], '/') != NULL &&
		    cmdline_is_ssh(words[0], NULL))
			words[0] = "ssh";
		words[1] = "h";
		words[2] = "--";
		for (k = 3; k < n + 3; k++)
			words[k] = random_sh_word();
		t = make((const char *const *)words);
		t->label = i % 4 == 0 ? random_sh_word() : NULL;
		t->dest = random_word();
		t->supervisor = i % 5 == 0 ? random_word() : NULL;
		t->cwd = i % 7 == 0 ? "/tmp" : NULL;
		text = text_of(t, TUN_FORMAT_SH);
		is_safe_to_paste(text);
		fputs(text, fp);
		for (k = 1; k <= n + 3; k++) {
			const char *s = k < n + 3 ? words[k] :
			    t->label != NULL ? t->label : "";

			len = strlen(s) + 2;
			if (at + len + 1 > room) {
				room = (at + len) * 2;
				more = realloc(want, room);
				ck_assert_ptr_nonnull(more);
				want = more;
			}
			memcpy(want + at, s, len - 2);
			at += len - 2;
			if (k == n + 3)
				want[at++] = '\1';
			want[at++] = '\0';
		}
	}
	ck_assert_int_eq(fclose(fp), 0);
	shells_agree(path, want, at);
	free(want);
	unlink(path);
}
END_TEST

/* The device of a Host block is the one of the command line. */
START_TEST(test_device)
{
	struct tun *t = make(split("ssh|-N|-w|5:6|h"));

	ck_assert_ptr_nonnull(strstr(text_of(t, TUN_FORMAT_CONFIG),
	    "    Tunnel yes\n    TunnelDevice 5:6\n"));
	fwds[0].ethernet = 1;
	ck_assert_ptr_nonnull(strstr(text_of(t, TUN_FORMAT_CONFIG),
	    "    Tunnel ethernet\n    TunnelDevice 5:6\n"));
}
END_TEST

static const struct {
	const char *words, *want;
} sh[] = {
	{ "ssh|-fN|-L|8008:localhost:80|fred@server",
	    "# process 4711, fred@server\n"
	    "(cd /home/u && ssh -fN -L 8008:localhost:80 fred@server)\n" },
	{ "tunnel to prod|-fN|-D|1080|h", "# process 4711, h\n"
	    "(cd /home/u && ssh -fN -D 1080 h)\n" },
	{ "ssh-9.9|-fN|-i|it's|h", "# process 4711, h\n"
	    "(cd /home/u && ssh-9.9 -fN -i 'it'\\''s' h)\n" },
	{ "ssh|-f|h||*", "# process 4711, h\n"
	    "(cd /home/u && ssh -f h '' '*')\n" },
	{ "ssh|-fN|h|-P|", "# process 4711, h\n"
	    "(cd /home/u && ssh -fN h -P '')\n" },
	{ "ssh|-f|h|a\nb|50%\t\303\251|\n", "# process 4711, h\n"
	    "(tun_nl=$(printf '\\012.') && tun_nl=${tun_nl%.} && "
	    "cd /home/u && ssh -f h \"$(printf 'a\\012b')\" "
	    "\"$(printf '50%%\\011\\303\\251')\" \"$tun_nl\")\n" },
	{ "ssh|-f|$(x)`y`;'z!", "# process 4711, "
	    "\\044\\050x\\051\\140y\\140\\073\\047z\\041\n"
	    "(cd /home/u && ssh -f '$(x)`y`;'\\''z!')\n" },
	{ "ssh: /run/cm [mux]", "# process 4711, destination not known\n"
	    "# its command line is lost: how it was started is not "
	    "known\n" },
	{ "ssh|-Nr|h", "# process 4711, destination not known\n"
	    "# its command line is not one that ssh would take\n" }
};

START_TEST(test_sh)
{
	struct tun *t = make(split(sh[_i].words));

	t->cwd = "/home/u";
	ck_assert_str_eq(text_of(t, TUN_FORMAT_SH), sh[_i].want);
}
END_TEST

/* A path is the executable's, whatever argv[0] says. */
static const struct {
	const char *exe, *words, *want;
} programs[] = {
	{ NULL, "/tmp/evil/ssh|-N|h", "ssh -N h" },
	{ "/usr/bin/ssh", "/tmp/evil/ssh|-N|h", "/usr/bin/ssh -N h" },
	{ "/opt/my ssh/ssh", "./ssh|-N|h", "'/opt/my ssh/ssh' -N h" },
	{ "/opt/ssh", "ssh|-N|h", "ssh -N h" },
	{ "/tmp/x", "/usr/bin/ssh|-N|h", "ssh -N h" },
	{ "/usr/bin/dbclient", "to prod|-N|h", "dbclient -N h" },
	{ "/usr/bin/dropbearmulti", "dropbearmulti|dbclient|-N|h|-L|1:h:2",
	    "dbclient -N h -L 1:h:2" },
	{ "/usr/sbin/dropbear", "/usr/bin/ssh|-N|h", "ssh -N h" }
};

START_TEST(test_program)
{
	struct tun *t = make(split(programs[_i].words));
	const char *s;

	t->exe = programs[_i].exe;
	s = strstr(text_of(t, TUN_FORMAT_SH), "may mislead\n");
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(strchr(s, '\n') + 1, arena_printf(a, "%s\n",
	    programs[_i].want));
}
END_TEST

START_TEST(test_remarks)
{
	struct tun *t = make(split("ssh|-N|-L|1:h:2|-L|3:h:4|db"));
	const char *s;

	t->cwd = "/gone (deleted)";
	t->cwd_gone = 1;
	t->supervisor = "autossh\n7";
	fwds[0].source = TUN_SRC_SOCKET;
	fwds[1].source = TUN_SRC_CONFIG;
	evidence_add(&t->why, TUN_WHY_OLDEXE);
	s = text_of(t, TUN_FORMAT_SH);
	ck_assert_ptr_nonnull(strstr(s, "# it also listens for L1: added "
	    "later, or by ssh_config, and where that leads is not known\n"));
	ck_assert_ptr_nonnull(strstr(s, "# ssh_config has: -L 3:h:4\n"));
	ck_assert_ptr_nonnull(strstr(s, "# started again by: autossh\\0127\n"));
	ck_assert_ptr_nonnull(strstr(s, "# its program was replaced since\n"));
	ck_assert_ptr_nonnull(strstr(s, "# its directory is gone: /gone\n"));
	ck_assert_ptr_nonnull(strstr(s, "\nssh -N -L 1:h:2 -L 3:h:4 db\n"));
	/* A Host block has what ssh_config had, but not what nobody knows. */
	s = text_of(t, TUN_FORMAT_CONFIG);
	ck_assert_ptr_null(strstr(s, "LocalForward 1 "));
	ck_assert_ptr_nonnull(strstr(s, "LocalForward 3 h:4\n"));
}
END_TEST

/* ssh_config. */

static const char ssh[] = "/usr/bin/ssh";

/* The output of ssh -G for the text. */
static const char *
output_for(const char *text)
{
	char path[] = "/tmp/export.XXXXXX";
	const char *name = strstr(text, "Host tun-");
	const char *argv[6] = { ssh, "-G", "-F", path, NULL, NULL };
	struct run_job job;
	FILE *fp;

	if (strncmp(text, "Host tun-", 9) != 0)
		name = strstr(text, "\nHost tun-") + 1;
	argv[4] = arena_strndup(a, name + 5, strcspn(name + 5, "\n"));
	ck_assert((fp = fdopen(mkstemp(path), "w")) != NULL);
	fputs(text, fp);
	ck_assert_int_eq(fclose(fp), 0);
	run((const char *const *)argv, &job);
	name = arena_strndup(a, job.out, job.len);
	free(job.out);
	unlink(path);
	return name;
}

/* What is read of it. */
static void
read_back(const char *text, struct config *cfg)
{
	const char *out = output_for(text);

	ck_assert_int_eq(config_parse(a, out, strlen(out), cfg), 0);
}

/* ssh before 8.7 has no keyword for -f, -N and -n, and refuses them. */
static int
ssh_takes_blocks(void)
{
	static const char *const argv[] = { ssh, "-G", "-F", "none", "-o",
	    "SessionType=none", "h", NULL };
	struct run_job job;

	if (access(ssh, X_OK) == -1)
		return 0;
	try(argv, &job);
	free(job.out);
	return job.error == 0;
}

static void
same_forwards(const struct tun *t, const struct config *cfg)
{
	size_t i, k;

	ck_assert_uint_eq(t->nfwds, cfg->nfwds);
	for (i = 0; i < t->nfwds; i++) {
		for (k = 0; k < cfg->nfwds; k++)
			if (tun_forward_cmp(&t->fwds[i]->spec,
			    &cfg->fwds[k]) == 0)
				break;
		ck_assert_uint_lt(k, cfg->nfwds);
	}
}

static const char *const forwards[] = {
	"-L|8008:localhost:80", "-L|:1:h:2", "-L|*:3:h:4", "-L|[::1]:5:[::2]:6",
	"-L|/run/a b:h:7", "-L|8:/run/it's", "-L|9:/run/q\"q", "-R|10",
	"-R|h:11", "-R|12:h:13", "-R|0:h:14", "-R|/run/r:h:15", "-D|16",
	"-D|127.0.0.1:17", "-D|[::1]:18", "-L|/run/%%x:h:19",
	"-L|20:/run/\\\\back", "-L|21:/run/#hash", "-R|22:/run/=eq",
	"-o|LocalForward=23 h:24", "-o|remoteforward \"25\" 'h:26'",
	"-L|27:/run/a$b", "-w|3:any"
};

START_TEST(test_config_forwards)
{
	struct config cfg;
	struct tun *t;

	if (!ssh_takes_blocks())
		return;
	t = make(split(arena_printf(a, "ssh|-fN|%s|db", forwards[_i])));
	ck_assert_uint_eq(t->nfwds, 1);
	read_back(text_of(t, TUN_FORMAT_CONFIG), &cfg);
	same_forwards(t, &cfg);
	ck_assert_uint_eq(cfg.flags & (CMD_FORK | CMD_NOSESSION),
	    CMD_FORK | CMD_NOSESSION);
}
END_TEST

START_TEST(test_config_all)
{
	struct config cfg;
	struct tun *t;

	if (!ssh_takes_blocks())
		return;
	t = make(split("ssh|-4fNgC|-M|-S|/run/cm|-S|/run/cm2|-L|1:h:2|-D|3|"
	    "-i|/k e y|-o|ExitOnForwardFailure=yes|-o|Port 99|-p|22|"
	    "-o|hostname=%h.example|-l|me|-J|a,b|-E|/log|-v|db"));
	read_back(text_of(t, TUN_FORMAT_CONFIG), &cfg);
	same_forwards(t, &cfg);
	ck_assert_str_eq(cfg.ctlpath, "/run/cm2");
	ck_assert_uint_eq(cfg.flags, CMD_FORK | CMD_NOSESSION | CMD_INET4 |
	    CMD_GATEWAY | CMD_MASTER | CMD_EXITONFAIL);
}
END_TEST

/* Words, and a keyword that has to be the same for them and for the block. */
static const struct {
	const char *words, *keyword;
} orders[] = {
	{ "-A|-a", "forwardagent" },	/* -a was turned into "yes" */
	{ "-a|-A", "forwardagent" },
	{ "-o|ForwardAgent=yes|-a", "forwardagent" },
	{ "-a|-o|ForwardAgent=yes", "forwardagent" },
	{ "-o|ForwardAgent=no|-o|ForwardAgent=yes", "forwardagent" },
	{ "-X|-x", "forwardx11" },
	{ "-xX", "forwardx11" },
	{ "-x|-Y", "forwardx11" },
	{ "-Y", "forwardx11trusted" },
	{ "-o|GatewayPorts=no|-g", "gatewayports" },
	{ "-4|-6", "addressfamily" },
	{ "-6|-4|-o|AddressFamily=any", "addressfamily" },
	{ "-b|127.0.0.1|-b|127.0.0.2", "bindaddress" },
	{ "-o|BindAddress=127.0.0.1|-b127.0.0.2", "bindaddress" },
	{ "-c|aes128-ctr|-c|aes256-ctr", "ciphers" },
	{ "-m|hmac-sha2-256|-m|hmac-sha2-512", "macs" },
	{ "-e|a|-e|b", "escapechar" },
	{ "-C", "compression" },
	{ "-o|Compression=no|-C", "compression" },
	{ "-K|-k", "gssapidelegatecredentials" },
	{ "-K", "gssapidelegatecredentials" },
	{ "-K", "gssapiauthentication" },
	{ "-q", "loglevel" },
	{ "-t|-T", "requesttty" },
	{ "-T|-t", "requesttty" },
	{ "-tt", "requesttty" },
	{ "-ttt", "requesttty" },
	{ "-tt|-T|-t", "requesttty" },
	{ "-t|-N", "requesttty" },
	{ "-N|-t", "requesttty" },
	{ "-M", "controlmaster" },
	{ "-MM", "controlmaster" },
	{ "-MMM", "controlmaster" },
	{ "-S|/a|-S|/b", "controlpath" },
	{ "-o|ControlPath=/a|-S|/b", "controlpath" },
	{ "-i|/dev/null|-o|IdentityFile=/b|-i|/etc/passwd", "identityfile" },
};

/* The lines that begin with the keyword. */
static const char *
lines_of(const char *text, const char *keyword)
{
	const char *all = "";
	size_t n = strlen(keyword);

	for (; *text != '\0'; text = strchr(text, '\n') + 1)
		if (strncmp(text, keyword, n) == 0 && text[n] == ' ')
			all = arena_printf(a, "%s%.*s", all,
			    (int)strcspn(text, "\n") + 1, text);
	return all;
}

START_TEST(test_config_order)
{
	const char *const *argv = split(arena_printf(a, "%s|-G|-F|none|%s|h",
	    ssh, orders[_i].words));
	const char *want;
	struct run_job job;
	struct tun *t;

	if (!ssh_takes_blocks())
		return;
	run(argv, &job);
	want = lines_of(arena_strndup(a, job.out, job.len),
	    orders[_i].keyword);
	free(job.out);
	/* So does ssh 10 call what -C sets. */
	if (strcmp(want, "compression UNKNOWN\n") == 0)
		want = "compression yes\n";
	t = make(split(arena_printf(a, "ssh|%s|h", orders[_i].words)));
	ck_assert_str_eq(lines_of(output_for(text_of(t, TUN_FORMAT_CONFIG)),
	    orders[_i].keyword), want);
}
END_TEST

/* Each line of it is a comment, a Host or an indented one, whatever comes. */
START_TEST(test_config_lines)
{
	const char *words[16], *s, *line;
	struct tun *t;
	size_t i, n;

	for (i = 0; i < ROUNDS; i++) {
		n = 0;
		words[n++] = "ssh";
		words[n++] = "-i";
		words[n++] = random_word();
		words[n++] = "-S";
		words[n++] = random_word();
		words[n++] = "-L";
		words[n++] = arena_printf(a, "/x%s:h:1", random_word());
		words[n++] = "-E";
		words[n++] = random_word();
		words[n++] = arena_printf(a, "h%s", random_word());
		words[n] = NULL;
		t = make(words);
		t->dest = random_word();
		t->cwd = "/nice";
		for (line = s = text_of(t, TUN_FORMAT_CONFIG); *line != '\0';
		    line = strchr(line, '\n') + 1) {
			ck_assert_ptr_nonnull(strchr(line, '\n'));
			ck_assert_msg(strncmp(line, "# ", 2) == 0 ||
			    strncmp(line, "    ", 4) == 0 ||
			    strncmp(line, "Host tun-", 9) == 0,
			    "%s", s);
		}
		ck_assert_ptr_null(strpbrk(s, "\r\033\001"));
	}
}
END_TEST

/* systemd: undone by systemd.syntax(7)'s own rules. */

static int
hex(int c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The next word of an ExecStart= line, specifiers and $ undone. */
static const char *
unit_word(const char **sp, char *buf)
{
	const char *s = *sp;
	int quoted = *s == '"';

	for (s += quoted; *s != '\0' && *s != '\n' &&
	    *s != (quoted ? '"' : ' '); s++) {
		if (*s == '\\' && s[1] == 'x') {
			*buf++ = (char)(hex(s[2]) * 16 + hex(s[3]));
			s += 3;
		} else if (*s == '\\')
			*buf++ = *++s;
		else {
			if (*s == '%' || *s == '$') {
				ck_assert_int_eq(s[1], *s);
				s++;
			}
			*buf++ = *s;
		}
	}
	*buf = '\0';
	s += quoted;
	*sp = s + (*s == ' ');
	return buf;
}

START_TEST(test_unit_exact)
{
	const char *words[12], *s, *line;
	char buf[256];
	struct tun *t;
	size_t i, k, n;

	for (i = 0; i < ROUNDS; i++) {
		n = 0;
		words[n++] = "ssh";
		words[n++] = "-f";
		words[n++] = "h";
		words[n++] = "--";
		while (n < 10)
			words[n++] = random_word();
		words[n] = NULL;
		t = make(words);
		t->dest = random_word();
		t->cwd = i % 2 ? "/d%/a b" : random_word();
		t->label = random_word();
		s = text_of(t, TUN_FORMAT_SYSTEMD);
		line = strstr(s, "\nExecStart=/usr/bin/ssh ");
		ck_assert_ptr_nonnull(line);
		line += strlen("\nExecStart=/usr/bin/ssh ");
		ck_assert_int_eq(strncmp(line, "-o ExitOnForwardFailure=yes ",
		    28), 0);
		line += 28;
		/* -f is gone; all else is as it was. */
		for (k = 2; k < n; k++) {
			unit_word(&line, buf);
			ck_assert_str_eq(buf, words[k]);
		}
		ck_assert_int_eq(*line, '\n');
		for (line = s; *line != '\0'; line = strchr(line, '\n') + 1)
			ck_assert_msg(*line == '#' || *line == '[' ||
			    *line == '\n' || isupper((unsigned char)*line),
			    "%s", s);
		for (line = s; *line != '\0'; line++)
			ck_assert_msg(*line == '\n' || (*line >= ' ' &&
			    *line <= '~'), "%s", s);
	}
}
END_TEST

/* Cut, a lone continuation, overlong, a surrogate, too large. */
static const char *const not_utf8[] = { "\303", "\251", "\300\257",
    "\340\200\257", "\355\240\200", "\364\220\200\200", "\377", "\303x" };

START_TEST(test_unit)
{
	struct tun *t = make(split("ssh|-fNo|ExitOnForwardFailure=yes|"
	    "-o|ServerAliveInterval=15|-o|ControlPersist=yes|-D|1080|db"));
	const char *s;
	size_t i;

	t->exe = "/opt/ssh 10/ssh";
	t->cwd = "/home/u";
	t->label = "a b";
	s = text_of(t, TUN_FORMAT_SYSTEMD);
	ck_assert_ptr_nonnull(strstr(s, "\nExecStart=\"/opt/ssh 10/ssh\" "
	    "-o ControlPersist=no -No ExitOnForwardFailure=yes "
	    "-o ServerAliveInterval=15 -o ControlPersist=yes -D 1080 db\n"));
	ck_assert_ptr_nonnull(strstr(s, "\nWorkingDirectory=/home/u\n"));
	ck_assert_ptr_nonnull(strstr(s, "\nEnvironment=\"TUN_LABEL=a b\"\n"));
	ck_assert_ptr_nonnull(strstr(s, "\nRestart=always\n"));
	ck_assert_ptr_null(strstr(s, "ServerAliveInterval a dead"));
	evidence_add(&t->why, TUN_WHY_OLDEXE);
	s = text_of(t, TUN_FORMAT_SYSTEMD);
	ck_assert_ptr_nonnull(strstr(s, "\nExecStart=/usr/bin/ssh -o "));

	/* Any bytes in a word; in a line and a variable only UTF-8. */
	t = make(split("ssh|-N|-i|/\303\251\377|db"));
	t->cwd = "/\303\251";
	t->label = "\360\237\232\207";
	s = text_of(t, TUN_FORMAT_SYSTEMD);
	ck_assert_ptr_nonnull(strstr(s, " -i \"/\\xc3\\xa9\\xff\" db\n"));
	ck_assert_ptr_nonnull(strstr(s, "\nWorkingDirectory=/\303\251\n"));
	ck_assert_ptr_nonnull(strstr(s,
	    "\nEnvironment=\"TUN_LABEL=\\xf0\\x9f\\x9a\\x87\"\n"));
	for (i = 0; i < NROWS(not_utf8); i++) {
		t->cwd = arena_printf(a, "/%s", not_utf8[i]);
		t->label = not_utf8[i];
		s = text_of(t, TUN_FORMAT_SYSTEMD);
		ck_assert_ptr_nonnull(strstr(s,
		    "\n# systemd cannot hold: WorkingDirectory=/"));
		ck_assert_ptr_nonnull(strstr(s,
		    "\n# systemd cannot hold: TUN_LABEL="));
	}
}
END_TEST

START_TEST(test_words)
{
	const char *const *v = split("sshpass|-e|ssh|-fN|-L|1:h:2|db");
	struct tun_words *w = tun_words_parse(NULL, v, 7);

	ck_assert_ptr_nonnull(w);
	ck_assert_str_eq(w->host, "db");
	ck_assert_int_eq(w->fork, 1);
	ck_assert_uint_eq(w->at, 2);
	ck_assert_uint_eq(w->nfwds, 1);
	tun_words_free(w);
	ck_assert_ptr_null(tun_words_parse(NULL, v, 2));
	ck_assert_ptr_null(tun_words_parse(NULL, split("ssh|-G|db"), 3));
	ck_assert_ptr_null(tun_words_parse(NULL, split("ssh|-Z|"), 2));
	ck_assert_ptr_null(tun_words_parse(NULL, v, 0));
	tun_words_free(NULL);
}
END_TEST

Suite *
export_suite(void)
{
	Suite *s = suite_create("export");
	TCase *tc = add_tests(s, "export", TEST(test_sh_exact),
	    ROWS(test_sh, sh), ROWS(test_program, programs),
	    TEST(test_remarks), TEST(test_device),
	    ROWS(test_config_forwards, forwards), TEST(test_config_all),
	    ROWS(test_config_order, orders), TEST(test_config_lines),
	    TEST(test_unit_exact), TEST(test_unit), TEST(test_words));

	tcase_add_checked_fixture(tc, setup, teardown);
	return s;
}
