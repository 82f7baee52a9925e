/* SPDX-License-Identifier: ISC */
/* libfind/origin.c: the shapes of facts/states.md 2 and openssh.md C. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"
#include "common/cgroup_path.h"
#include "tests.h"

#define PID	500
#define SELF	"ssh|-N|h"

#define UN	TUN_ORIGIN_UNKNOWN
#define BG	TUN_ORIGIN_BACKGROUND
#define AB	TUN_ORIGIN_ABANDONED
#define SU	TUN_ORIGIN_SUPERVISED
#define FG	TUN_ORIGIN_FOREGROUND

/*
 * shape, one letter a fact; without any: the parent's session, no terminal.
 *	L leads its session	o other session	s its leader is dead
 *	g dead group		T terminal	G deleted terminal held
 *	F -f			M [mux] title	P -N and ControlPersist
 *	C title cut		X argv hidden	1 is process 1
 *	y parent younger	r reparented	n not reparented
 *	q parent is the reaper the system names
 *	c no -N in argv		z fds 0 to 2 are the null device
 *	h group of a third process
 *	O alone in its unit	S shares it, else nobody knows
 *	m the manager ran it	w the manager ran another process
 *	i first in a PID namespace below ours	j child of that first
 *	k has entered one	2 one level deeper
 *	v session and group are led from a namespace further out
 * parent: PID, comm, then its argv; NULL: not visible.  A "-" before the
 * PID: not visible, only its number.  where: cgroup, "u:" of a user's
 * manager; the unit is its last part.
 * bits: r REAPER, c CGROUP, u UNIT, s SUPERVISOR, e CONTAINER, p PARENT,
 * 1 PPID1, n NOPARENT: the latter two where the number of the parent does not
 * say so.
 */
static const struct row {
	const char *what, *shape, *parent, *where, *bits;
	enum tun_origin want;
	const char *supervisor;
} rows[] = {
/* Went to the background by themselves. */
{ "-f, init", "LF", "1|systemd", "", "r", BG, NULL },
{ "-f, just forked", "oF", "1|systemd", "", "r", BG, NULL },
{ "-f, just forked, leaders unseen", "Fv", "1|sh", "", "", BG, NULL },
{ "-N, leaders unseen", "v", "40|sh", "", "p", FG, NULL },
{ "-f, session scope", "LF", "1|systemd", "/s/session-3.scope", "r", BG, NULL },
{ "-f, systemd --user", "LF", "9|systemd", "u:/a/vte.scope", "rc", BG, NULL },
{ "-f, unknown subreaper", "LF", "90|mywm", "", "", BG, NULL },
{ "-f, tini -s", "LF", "7|tini|tini|-s|--|sh", "", "r", BG, NULL },
{ "-f, hidden init", "LF", "-1", "", "", BG, NULL },
{ "-f, hidepid", "LF", "-90", "", "", BG, NULL },
{ "-f, no parent in ns", "LF", NULL, "", "", BG, NULL },
{ "-f from cron", "LFS", "1|systemd", "/s/cron.service", "ru", BG, NULL },
{ "-f from an ssh login", "LF", "1|systemd", "/s/ssh.service", "ru", BG,
    NULL },
{ "-f from konsole", "LF", "9|systemd", "u:/app-k@1.service", "rc", BG, NULL },
{ "-f, supervisord is 1", "LF", "1|supervisord", "", "", BG, NULL },
{ "-f, container sh is 1", "LF", "1|sh|sh|/run.sh", "", "", BG, NULL },
{ "-f, launchd", "LFr", "1|launchd", "", "r", BG, NULL },
{ "[mux] title", "LM", "1|init", "", "r", BG, NULL },
{ "[mux], bash reused", "LM", "90|bash", "", "", BG, NULL },
{ "title cut", "LC", "1|init", "", "r", BG, NULL },
{ "-N, ControlPersist", "LP", "1|systemd", "", "r", BG, NULL },
{ "argv hidden, init", "LX", "1|init", "", "r", BG, NULL },
{ "-f by procctl reaper", "LFq", "90|make", "", "r", BG, NULL },
{ "-f and -N of ssh_config", "Lc", "1|systemd", "", "r", BG, NULL },
{ "-f of ssh_config", "Lz", "1|systemd", "", "r", BG, NULL },
{ "the same, but a child", "Lz", "90|python3", "", "p", FG, NULL },
{ "-f, agent's session", "LFS", "1|systemd", "/s/agent.service", "ru", BG,
    NULL },
{ "-f, agent in --user", "LFSw", "9|systemd", "u:/a/code.service", "ru", BG,
    NULL },
{ "-f, who else unknown", "LFw", "1|systemd", "/s/agent.service", "ru", BG,
    NULL },
{ "-f, nobody knows", "LF", "1|systemd", "/s/db.service", "ru", BG, NULL },
{ "-f of config, agent", "LzSw", "1|systemd", "/s/agent.service", "ru", BG,
    NULL },
{ "-f, desktop's, alone", "LFO", "9|systemd", "u:/a/app-k@1.service", "rc", BG,
    NULL },
{ "-f, container's sh", "LFj", "90|sh|sh|/run.sh", "", "1", BG, NULL },
{ "-f, entered", "LFk", "812|containerd-shim", "", "n", BG, NULL },
{ "-f, is a first one", "LFi", "812|unshare", "", "", BG, NULL },
/* Adopted. */
{ "setsid, agent", "LSw", "1|systemd", "/s/agent.service", "ru", AB, NULL },
{ "setsid, old agent", "LS", "1|systemd", "/s/agent.service", "ru", AB, NULL },
{ "setsid, unknown else", "Lw", "1|systemd", "/s/agent.service", "ru", AB,
    NULL },
{ "nohup, agent", "sS", "1|systemd", "/s/agent.service", "ru", AB, NULL },
{ "orphan, from outside", "sj", "812|node", "", "1", AB, NULL },
{ "nohup, shell gone", "s", "1|systemd", "", "r", AB, NULL },
{ "disown, shell gone", "sG", "1|init", "", "r", AB, NULL },
{ "sh -c 'ssh &'", "o", "1|systemd", "", "r", AB, NULL },
{ "(ssh &) on a terminal", "oT", "1|systemd", "", "r", AB, NULL },
{ "setsid ssh &", "LG", "1|systemd", "", "r", AB, NULL },
{ "autossh was killed", "sg", "1|init", "", "r", AB, NULL },
{ "to systemd --user", "s", "9|systemd", "u:/a/vte.scope", "rc", AB, NULL },
{ "user manager, tty", "oT", "9|systemd", "u:/a/vte.scope", "rc", AB, NULL },
{ "younger parent", "oy", "90|mywm", "", "", AB, NULL },
{ "unknown subreaper", "s", "90|mywm", "", "", AB, NULL },
{ "proven by the system", "or", "1|launchd", "", "r", AB, NULL },
{ "reaper by procctl", "oq", "90|make", "", "r", AB, NULL },
{ "tini -s, same session", "g", "7|tini|tini|-s|sh", "", "r", AB, NULL },
{ "docker exec, node is 1", "s", "1|node", "", "", AB, NULL },
{ "container, one session", "h", "1|sh", "", "", AB, NULL },
{ "cron job's child", "sS", "1|systemd", "/s/cron.service", "ru", AB, NULL },
{ "child left by sshd", "s", "1|systemd", "/s/sshd.service", "ru", AB, NULL },
{ "gnome-session adopts", "s", "90|gnome-session-b", "", "r", AB, NULL },
{ "shim adopts", "s", "812|containerd-shim", "", "r", AB, NULL },
{ "hidden init, own sid", "o", "-1", "", "", AB, NULL },
{ "-f, not yet through", "sF", "1|init", "", "r", AB, NULL },
{ "dead session in BSD", "0", "1|init", "", "r", AB, NULL },
/* Will come back. */
{ "autossh", "", "47|autossh", "", "sp", SU, "autossh 47" },
{ "autossh, terminal", "T", "47|autossh", "", "sp", SU, "autossh 47" },
{ "unit", "L", "1|systemd", "/s/db.service", "rup", SU, "systemd db.service" },
{ "manager's own group", "L", "9|systemd", "u:/init.scope", "r", AB, NULL },
{ "user unit", "L", "9|systemd", "u:/a/db.service", "rup", SU,
    "systemd --user db.service" },
{ "unit forks", "LFO", "1|systemd", "/s/db.service", "ru", SU,
    "systemd db.service" },
{ "unit forks, loses -f", "LzO", "1|systemd", "/s/db.service", "rup", SU,
    "systemd db.service" },
{ "unit has an orphan", "soO", "1|systemd", "/s/db.service", "ru", SU,
    "systemd db.service" },
{ "unit's script", "O", "90|sh|sh|run", "/s/db.service", "up", SU,
    "systemd db.service" },
{ "unit's autossh", "O", "47|autossh", "u:/a/db.service", "sup", SU,
    "systemd --user db.service" },
{ "unit has no else", "LOm", "1|systemd", "/s/db.service", "rup", SU,
    "systemd db.service" },
{ "unit has else, is main", "LSm", "1|systemd", "/s/db.service", "rup", SU,
    "systemd db.service" },
{ "unit has who knows", "Lm", "1|systemd", "/s/db.service", "rup", SU,
    "systemd db.service" },
{ "unit has else, autossh", "S", "47|autossh", "/s/all.service", "sup", SU,
    "autossh 47" },
{ "unit has else, runsv", "S", "12|runsv", "/s/runit.service", "sup", SU,
    "runsv 12" },
{ "unit named app-", "L", "9|systemd", "u:/a/app-db.service", "rup", SU,
    "systemd --user app-db.service" },
{ "unit, hidden 1", "L", "-1", "/s/db.service", "u", SU, "systemd db.service" },
{ "launchd's label", "Ln", "1|launchd", "/com.me.db", "rup", SU,
    "launchd com.me.db" },
{ "launchd, no label", "Ln", "1|launchd", "", "rp", SU, "launchd" },
{ "runsv", "", "12|runsv", "", "sp", SU, "runsv 12" },
{ "s6, own session", "L", "12|s6-supervise", "", "sp", SU, "s6-supervise 12" },
{ "daemontools", "", "12|supervise", "", "sp", SU, "supervise 12" },
{ "openrc", "", "12|supervise-daemo", "", "sp", SU, "supervise-daemo 12" },
{ "supervisord, python", "", "12|python3|/usr/bin/python3|/usr/bin/supervisord",
    "", "sp", SU, "supervisord 12" },
{ "supervisord is 1", "", "1|supervisord", "", "sp", SU, "supervisord 1" },
{ "daemon -r", "", "12|daemon|daemon|-r|ssh", "", "sp", SU, "daemon 12" },
{ "loop", "", "81|bash|bash|-c|while true; do ssh -N h; sleep 1; done", "",
    "sp", SU, "shell loop 81" },
{ "loop, terminal", "T", "81|sh|sh|-ec|x=1\nuntil ssh -N h; do :; done", "",
    "sp", SU, "shell loop 81" },
{ "loop, options", "",
    "81|bash|bash|-o|pipefail|-c|{ for i in 1; do ssh; done }", "", "sp",
    SU, "shell loop 81" },
{ "loop, busybox", "", "81|busybox|busybox|sh|-c|while :; do ssh; done", "",
    "sp", SU, "shell loop 81" },
{ "loop, fish", "", "81|fish|fish|-c|while true; ssh -N h; end", "", "sp", SU,
    "shell loop 81" },
{ "unit in a container", "Lmj", "812|systemd",
    "/m/nspawn@x.service/payload/system.slice/db.service", "rup1", SU,
    "systemd 812" },
{ "shared from outside", "LSmj", "812|systemd",
    "/m/nspawn@x.service/payload/system.slice/db.service", "rup1", SU,
    "systemd 812" },
{ "first, from outside", "Li", "812|containerd-shim", "/s/docker-1.scope",
    "rspe", SU, "containerd-shim 812" },
{ "first, of unshare", "i", "90|unshare", "", "spe", SU, "unshare 90" },
{ "first, of a program", "Li2", "90|mybox", "", "spe", SU, "mybox 90" },
{ "first, in a shared unit", "LiS", "90|conmon", "/s/x.service", "rsupe", SU,
    "conmon 90" },
{ "first, in its own unit", "LiO", "90|conmon", "/s/x.service", "rup", SU,
    "systemd x.service" },
{ "tini, from outside", "j", "812|tini|/tini|--|" SELF, "/s/docker-1.scope",
    "rsp1e", SU, "tini 812" },
{ "dumb-init, outside", "Lj", "812|dumb-init|dumb-init|" SELF, "", "rsp1e", SU,
    "dumb-init 812" },
{ "catatonit, two levels", "j2", "812|catatonit|catatonit|--|" SELF, "",
    "rsp1e", SU, "catatonit 812" },
{ "any that runs just it", "j", "812|su-exec|su-exec|me|" SELF, "", "sp1e", SU,
    "su-exec 812" },
{ "the same, inside", "", "1|su-exec|su-exec|me|" SELF, "", "spe", SU,
    "su-exec 1" },
{ "container's first", "L1", NULL, "", "se", SU, "container" },
{ "tini is 1", "", "1|tini|/tini|--|" SELF, "", "rspe", SU, "tini 1" },
{ "dumb-init is 1", "L", "1|dumb-init|dumb-init|" SELF, "", "rspe", SU,
    "dumb-init 1" },
{ "container, outside", "L", "812|containerd-shim", "/s/docker-1.scope", "rspe",
    SU, "containerd-shim 812" },
{ "podman, outside", "L", "812|conmon", "", "rspe", SU, "conmon 812" },
/* Where somebody works, or a living parent. */
{ "interactive", "T", "90|bash|-bash", "", "p", FG, NULL },
{ "ssh -N & in bash", "T", "90|bash|bash", "", "p", FG, NULL },
{ "-f, before the fork", "TF", "90|bash|bash", "", "p", FG, NULL },
{ "script: ssh -N &", "", "90|bash|bash|tunnel.sh", "", "p", FG, NULL },
{ "script, -c its own", "", "90|bash|bash|a.sh|-c|while", "", "p", FG, NULL },
{ "sh -c, one command", "", "90|sh|sh|-c|ssh -N h", "", "p", FG, NULL },
{ "sh -c, quoted loop", "", "90|sh|sh|-c|ssh h 'while :; do :; done'", "", "p",
    FG, NULL },
{ "sh -c, argument for", "", "90|sh|sh|-c|wait for; echo done", "", "p", FG,
    NULL },
{ "sh -c, word done", "", "90|sh|sh|-c|ssh h while; done", "", "p", FG, NULL },
{ "tmux pane", "LT", "90|tmux: server", "", "p", FG, NULL },
{ "sshpass", "LT", "90|sshpass", "", "p", FG, NULL },
{ "konsole's service", "T", "90|bash", "u:/a/app-k@1.service", "p", FG, NULL },
{ "terminal in a unit", "T", "90|sh", "/s/emacs.service", "up", FG, NULL },
{ "script of a unit", "S", "90|sh|sh|job", "/s/ci.service", "up", FG, NULL },
{ "script, who else?", "", "90|sh|sh|run", "/s/db.service", "up", FG, NULL },
{ "main, own terminal", "LSmT", "1|systemd", "/s/db.service", "rup", FG,
    NULL },
{ "container's sh -c", "j", "812|sh|sh|-c|ssh -N h; exit", "", "p1", FG, NULL },
{ "first, terminal", "LiT", "812|containerd-shim", "", "rp", FG, NULL },
{ "entered, terminal", "kT", "90|nsenter", "", "n", FG, NULL },
{ "timeout", "", "90|timeout", "", "p", FG, NULL },
{ "tini, not 1", "g", "7|tini|tini|--|" SELF, "", "p", FG, NULL },
{ "dumb-init, not 1", "L", "7|dumb-init|dumb-init|x", "", "p", FG, NULL },
{ "subprocess, setsid", "L", "90|python3|python3|a.py", "", "p", FG, NULL },
{ "sh is 1", "", "1|sh|sh|-c|ssh -N h; exit", "", "p", FG, NULL },
{ "sh is 1, a pipeline", "hT", "1|sh|sh|-i", "", "p", FG, NULL },
{ "shell's pipeline", "h", "90|bash|bash", "", "p", FG, NULL },
{ "docker run -it", "L1T", NULL, "", "", FG, NULL },
{ "getty's own", "LT", "1|init", "", "rp", FG, NULL },
{ "daemon, no -r", "", "12|daemon|daemon|-f|ssh", "", "p", FG, NULL },
{ "group dead, shell lives", "g", "90|bash|bash", "", "p", FG, NULL },
{ "not reparented", "on", "90|init", "", "rp", FG, NULL },
{ "terminal, hidepid", "T", "-90", "", "", FG, NULL },
/* Not to be known. */
{ "hidepid, dead leader?", "s", "-90", "", "", UN, NULL },
{ "docker exec -d", "L", NULL, "", "", UN, NULL },
{ "argv and parent hidden", "LX", "-90", "", "", UN, NULL },
{ "docker exec -d, outside", "Lk", "812|containerd-shim", "", "n", UN, NULL },
{ "nsenter, outside", "k2", "812|nsenter", "", "n", UN, NULL },
};

/* Splits text at "|" into words, NULL-ended. */
static size_t
split(char *text, const char **words, size_t max)
{
	size_t n = 0;
	char *bar;

	while (text != NULL && n < max - 1) {
		words[n++] = text;
		if ((bar = strchr(text, '|')) != NULL)
			*bar++ = '\0';
		text = bar;
	}
	words[n] = NULL;
	return n;
}

struct made {
	struct facts facts;
	struct verdict verdict;
	struct plat_proc parent;
	struct plat_fd fds[3];
	char text[256], unit[32];
	const char *argv[4], *words[16];
	char self[sizeof(SELF)];
};

static int
has(const struct row *r, char letter)
{
	return strchr(r->shape, letter) != NULL;
}

/* The group is of a service manager in a container. */
static int
is_nested(const struct row *r)
{
	return strstr(r->where, "/payload/") != NULL;
}

static void
make_parent(const struct row *r, struct made *m)
{
	struct plat_proc *p = &m->parent;

	if (r->parent == NULL)
		return;
	m->facts.row.ppid = labs(strtol(r->parent, NULL, 10));
	if (*r->parent == '-')
		return;
	snprintf(m->text, sizeof(m->text), "%s", r->parent);
	split(m->text, m->words, NROWS(m->words));
	p->pid = m->facts.row.ppid;
	p->sid = p->pid == 1 ? 1 : 80;
	p->pgid = has(r, 'h') ? 79 : 78;
	p->start = has(r, 'y') ? 2000 : 10;
	snprintf(p->comm, sizeof(p->comm), "%s", m->words[1]);
	if (m->words[2] != NULL)
		m->facts.parent_argv = m->words + 2;
}

static void
make_where(const struct row *r, struct made *m)
{
	struct whence *from = &m->facts.from;
	const char *w = r->where;

	from->reparented = has(r, 'r') ? 1 : has(r, 'n') ? 0 : -1;
	if ((from->unit_user = strncmp(w, "u:", 2) == 0))
		w += 2;
	if (has(r, 'm') || has(r, 'w'))
		from->unit_main = has(r, 'w') ? 4711 : has(r, 'j') ? 30 : PID;
	from->cgroup = w;
	from->cgroup_kind = cgroup_kind(w);
	from->unit = *w != '\0' ? strrchr(w, '/') + 1 : "";
	if (is_nested(r)) {
		snprintf(m->unit, sizeof(m->unit), "%s", w + 3);
		*strchr(m->unit, '/') = '\0';
		from->unit = m->unit;
	}
}

/* As a PID namespace below ours makes it, and ours. */
static void
make_namespace(const struct row *r, struct facts *f)
{
	if (!has(r, 'i') && !has(r, 'j') && !has(r, 'k'))
		return;
	f->from.nslevel = has(r, '2') ? 2 : 1;
	f->from.nspid = has(r, 'i') ? 1 : 30;
	f->parent_nslevel = f->from.nslevel - !has(r, 'j');
	f->parent_nspid = has(r, 'j') ? 1 : f->row.ppid;
}

static void
make(const struct row *r, struct made *m)
{
	struct facts *f = &m->facts;

	memset(m, 0, sizeof(*m));
	f->cmd.kind = has(r, 'M') ? CMD_MUX
	    : has(r, 'C')	  ? CMD_CUT
				  : CMD_SESSION;
	f->cmd.flags = (has(r, 'F') ? CMD_FORK : 0) |
	    (has(r, 'P') ? CMD_PERSIST : 0) | (has(r, 'c') ? 0 : CMD_NOSESSION);
	f->parent = &m->parent;
	make_parent(r, m);
	make_where(r, m);
	make_namespace(r, f);
	f->group = has(r, 'O') ? GROUP_OWN : has(r, 'S') ? GROUP_SHARED :
	    GROUP_UNKNOWN;
	if (has(r, 'q'))
		f->from.reaper = f->row.ppid;
	f->row.pid = has(r, '1') ? 1 : PID;
	f->row.sid = f->parent->pid != 0 ? f->parent->sid : 80;
	if (has(r, 'L'))
		f->row.sid = f->row.pid;
	else if (has(r, 's') || has(r, 'o'))
		f->row.sid = 77;
	else if (has(r, '0'))
		f->row.sid = 0;
	f->row.pgid = has(r, 'L') ? f->row.pid : 78;
	f->have_leader = !has(r, 's') && !has(r, '0');
	f->have_group = !has(r, 'g');
	if (has(r, 'v')) {
		f->row.sid = f->row.pgid = m->parent.sid = m->parent.pgid = 0;
		f->have_leader = f->have_group = 0;
		f->from.nspid = PID;
	}
	f->row.start = 1000;
	f->row.tty = has(r, 'T') ? 34816 : PLAT_NOTTY;
	if (!has(r, 'X')) {
		memcpy(m->self, SELF, sizeof(SELF));
		f->argc = split(m->self, m->argv, NROWS(m->argv));
		f->argv = m->argv;
	}
	if (has(r, 'G')) {
		m->fds[0].kind = PLAT_FD_TTY;
		m->fds[0].flags = PLAT_FD_DELETED;
		f->fds = m->fds;
		f->nfds = 1;
	}
	if (has(r, 'z')) {
		for (f->nfds = 0; f->nfds < 3; f->nfds++) {
			m->fds[f->nfds].kind = PLAT_FD_NULL;
			m->fds[f->nfds].fd = (int)f->nfds;
		}
		f->fds = m->fds;
	}
}

/* What the shape says must be there. */
static void
want_why(const struct row *r, const struct facts *f,
    struct tun_evidence *why)
{
	static const struct {
		char letter;
		enum tun_why why;
	} bits[] = {
		{ 'r', TUN_WHY_REAPER }, { 'c', TUN_WHY_CGROUP },
		{ 'u', TUN_WHY_UNIT }, { 's', TUN_WHY_SUPERVISOR },
		{ 'p', TUN_WHY_PARENT }, { '1', TUN_WHY_PPID1 },
		{ 'e', TUN_WHY_CONTAINER }
	};
	int i;

	for (i = 0; i < NROWS(bits); i++)
		if (strchr(r->bits, bits[i].letter) != NULL)
			evidence_add(why, bits[i].why);
	evidence_add(why, has(r, 'L') ?
	    TUN_WHY_LEADER : TUN_WHY_NONE);
	evidence_add(why, has(r, 'T') ?
	    TUN_WHY_TTY : TUN_WHY_NOTTY);
	evidence_add(why, has(r, 'F') ?
	    TUN_WHY_FORK : TUN_WHY_NONE);
	evidence_add(why, has(r, 'M') ?
	    TUN_WHY_TITLE : TUN_WHY_NONE);
	evidence_add(why, has(r, 'G') ?
	    TUN_WHY_TTYGONE : TUN_WHY_NONE);
	evidence_add(why, f->row.ppid == 1 ?
	    TUN_WHY_PPID1 : TUN_WHY_NONE);
	if (tun_why_has(why, TUN_WHY_UNIT) &&
	    strstr(r->where, ".service") != NULL &&
	    (is_nested(r) || !has(r, 'O')))
		evidence_add(why, has(r, 'S') && !is_nested(r) ?
		    TUN_WHY_SHAREDUNIT : TUN_WHY_UNITUNSEEN);
	if (f->parent->pid == 0 || strchr(r->bits, 'n') != NULL) {
		evidence_add(why, TUN_WHY_NOPARENT);
		return;
	}
	evidence_add(why, has(r, 's') || has(r, '0') ?
	    TUN_WHY_DEADSESSION : TUN_WHY_NONE);
	evidence_add(why, has(r, 'g') ?
	    TUN_WHY_DEADGROUP : TUN_WHY_NONE);
	evidence_add(why, has(r, 'y') ?
	    TUN_WHY_YOUNGPARENT : TUN_WHY_NONE);
}

START_TEST(test_row)
{
	const struct row *r = &rows[_i];
	struct arena *a = arena_new();
	struct made m;
	struct tun *t = &m.verdict.tun;
	const char *num;
	struct tun_evidence want = { { 0 } };
	enum tun_why i;

	ck_assert_ptr_nonnull(a);
	make(r, &m);
	want_why(r, &m.facts, &want);
	ck_assert_int_eq(origin_judge(a, &m.facts, &m.verdict), 0);
	ck_assert_msg(t->origin == r->want, "%s: %s, not %s", r->what,
	    tun_origin_name(t->origin), tun_origin_name(r->want));
	for (i = TUN_WHY_NONE + 1; i < TUN_WHY_COUNT; i++)
		ck_assert_msg(tun_why_has(&t->origin_why, i) ==
		    tun_why_has(&want, i), "%s: %s", r->what, tun_why_text(i));
	ck_assert_pstr_eq(t->supervisor, r->supervisor);
	ck_assert_pstr_eq(
	    t->unit, *m.facts.from.unit ? m.facts.from.unit : NULL);
	num = r->supervisor != NULL ? strrchr(r->supervisor, ' ') : NULL;
	ck_assert_int_eq(t->supervisor_pid, num != NULL ? atoi(num + 1) : 0);
	arena_free(a);
}
END_TEST

/* Which shells were given something to run. */
static const struct {
	const char *comm, *argv;
	int want;
} scripts[] = {
	{ "bash", "bash", 0 },
	{ "bash", "-bash", 0 },
	{ "bash", "bash|-l", 0 },
	{ "bash", "bash|--norc", 0 },
	{ "bash", "bash|--rcfile|rc", 0 },
	{ "bash", "bash|--rcfile|rc|keep", 1 },
	{ "bash", "bash|--", 0 },
	{ "bash", "bash|--|keep", 1 },
	{ "bash", "bash|-o|vi", 0 },
	{ "bash", "bash|-eo|pipefail|keep", 1 },
	{ "zsh", "zsh|+o|nomatch", 0 },
	{ "sh", "sh|keep", 1 },
	{ "sh", "sh|-c|text", 1 },
	{ "sh", "sh|-ec|text", 1 },
	{ "sh", "/bin/sh|-x|./keep|host", 1 },
	{ "keep", "/bin/sh|./keep", 1 },
	{ "keep", "/usr/bin/python3|./keep", 0 },
	{ "vim", "vim|keep", 0 },
	{ "busybox", "busybox|sh|keep", 1 },
	{ "busybox", "busybox|sh", 0 },
	{ "busybox", "busybox|timeout|60|ssh", 0 }
};

START_TEST(script)
{
	const char *argv[8];
	char text[64];

	snprintf(text, sizeof(text), "%s", scripts[_i].argv);
	split(text, argv, NROWS(argv));
	ck_assert_int_eq(starter_is_script(scripts[_i].comm, argv),
	    scripts[_i].want);
}
END_TEST

START_TEST(no_script)
{
	ck_assert_int_eq(starter_is_script("sh", NULL), 0);
}
END_TEST

Suite *
origin_suite(void)
{
	Suite *s = suite_create("origin");

	add_tests(s, "rows", ROWS(test_row, rows), ROWS(script, scripts),
	    TEST(no_script));
	return s;
}
