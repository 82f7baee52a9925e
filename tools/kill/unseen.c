/* SPDX-License-Identifier: ISC */
/* What a tunnel may carry, or a plan may end, that is not seen. */

#include <errno.h>
#include <stddef.h>

#include "kill/plan.h"
#include "libfind.h"

int
plan_config_decides(const struct tun *t)
{
	return t->session < 0 && t->argv != NULL &&
	    !tun_why_has(&t->why, TUN_WHY_ARGVLOST) &&
	    !tun_why_has(&t->why, TUN_WHY_UNPARSED);
}

/* Is one of its local forwards in no command line? */
static int
has_unexplained(const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i]->source == TUN_SRC_SOCKET)
			return 1;
	}
	return 0;
}

/* May it have a tun or tap device? */
static int
has_device(const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i]->spec.kind == TUN_FWD_DEVICE &&
		    t->fwds[i]->state != TUN_UNBOUND)
			return 1;
	}
	return 0;
}

/* Was it asked what ssh_config adds, and not all of it learned? */
static int
hides_config(const struct tun *t)
{
	static const enum tun_why reasons[] = {
		TUN_WHY_CONFIGNEW, TUN_WHY_OTHERSSH, TUN_WHY_OTHERFILES,
		TUN_WHY_MATCHEXEC, TUN_WHY_NOCONFIG
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (tun_why_has(&t->why, reasons[i]))
			return 1;
	return 0;
}

const char *
plan_unseen(const struct tun *t)
{
	/* The sockets of a session show all that it carries. */
	if (t->served)
		return tun_why_has(&t->why, TUN_WHY_DENIED) || t->pid == 0 ?
		    "its descriptors are hidden" : NULL;
	if (t->argv == NULL)
		return "its command line is hidden";
	if (tun_why_has(&t->why, TUN_WHY_ARGVLOST))
		return "a title has replaced its command line";
	if (tun_why_has(&t->why, TUN_WHY_UNPARSED))
		return "not all of its command line can be read";
	if (t->master == 1)
		return "remote forwards that were added to a master cannot be "
		    "seen";
	if (t->master == -1)
		return "its descriptors are hidden";
	if (has_unexplained(t))
		return "its command line does not have all of its forwards, "
		    "and remote ones of ssh_config cannot be seen";
	if (hides_config(t))
		return "what its ssh_config adds is not known";
	return NULL;
}

int
plan_has_session(const struct tun *t)
{
	return t->session != 0;
}

int
plan_hides_users(const struct tun *t)
{
	return t->master == 1 && tun_why_has(&t->why, TUN_WHY_DENIED);
}

const char *
plan_note(const struct plan_item *it, size_t i)
{
	const struct tun *t = it->tun;
	const char *notes[6];
	size_t n = 0;

	if (it->whole && t->served && t->conns > 0)
		notes[n++] = "connections of its client to unix sockets "
		    "would end too";
	if (it->whole && has_device(t))
		notes[n++] = "what goes through its tun or tap device would "
		    "end too";
	if (it->whole && t->master == 1)
		notes[n++] = "remote forwards that were added to this master "
		    "cannot be seen and would end too";
	if (it->whole && plan_hides_users(t))
		notes[n++] = "what goes through this master, because its "
		    "descriptors are hidden";
	if (it->whole && t->master != 1 && plan_unseen(t) != NULL)
		notes[n++] = plan_unseen(t);
	if (it->whole && plan_config_decides(t))
		notes[n++] = "whether ssh_config has it run a command "
		    "(RemoteCommand) is not known: --config asks";
	else if (it->whole && t->session < 0)
		notes[n++] = "whether it carries a shell or command is not "
		    "known";
	if (it->unit_error == E2BIG)
		notes[n++] = "hundreds of other processes of the same unit "
		    "would end too";
	else if (it->unit_error != 0)
		notes[n++] = "other processes of the same unit cannot be "
		    "listed and would end too";
	return i < n ? notes[i] : NULL;
}
