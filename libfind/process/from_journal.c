/* SPDX-License-Identifier: ISC */
/*
 * from_journal.c: what the journal says of the processes that were read. It
 * gives a master without a command line its destination; whether a forward is
 * really there is decided with the sockets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "process.h"

/* Reads the records of all processes; NULL: there is nothing to be used. */
static struct tun_journal *
read_records(const struct scan *s)
{
	struct tun_journal *j;
	pid_t *pids;
	size_t i;

	if ((pids = calloc(s->nfacts + 1, sizeof(*pids))) == NULL)
		return NULL;
	for (i = 0; i < s->nfacts; i++)
		pids[i] = s->facts[i]->row.pid;
	qsort(pids, s->nfacts, sizeof(*pids), pid_cmp);
	j = journal_read(s->ctx, pids, s->nfacts);
	free(pids);
	if (j != NULL && tun_journal_next(j, NULL) == NULL) {
		tun_journal_free(j);
		errno = 0;
		return NULL;
	}
	return j;
}

/* Has a title replaced the command line? */
static int
is_overwritten(const struct facts *f)
{
	return f->cmd.kind == CMD_MUX || f->cmd.kind == CMD_STOPPED ||
	    f->cmd.kind == CMD_CUT;
}

/* Adds the forwards of the command that started it and that were not closed. */
static int
add_forwards(struct scan *s, const struct cmdline *cmd, struct told *told)
{
	const struct tun_record **v;
	size_t i, n = 0;

	while (told->open[n] != NULL)
		n++;
	v = arena_alloc(s->a, (n + cmd->nfwds + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	memcpy(v, told->open, n * sizeof(*v));
	for (i = 0; i < cmd->nfwds; i++)
		if (!journal_has_added(told->open, &cmd->fwds[i]) &&
		    !journal_has(told->closed, &cmd->fwds[i]) &&
		    (v[n++] = journal_added(s->a, &cmd->fwds[i])) == NULL)
			return -1;
	told->open = v;
	return 0;
}

/* Takes what the command that started it says. */
static int
take_command(struct scan *s, struct facts *f, const struct tun_record *r,
    struct told *told)
{
	struct cmdline cmd;

	if (cmdline_started(s->a, s->ctx, r->argv, r->argc, &cmd) == -1)
		return -1;
	if (cmd.kind != CMD_SESSION)
		return 0;
	f->cmd.dest = cmd.dest;
	f->cmd.user = cmd.user;
	f->cmd.host = cmd.host;
	f->cmd.port = cmd.port;
	f->cmd.jump = cmd.jump;
	if (f->cmd.label == NULL)
		f->cmd.label = cmd.label;
	told->named = 1;
	return add_forwards(s, &cmd, told);
}

static int
recall(struct scan *s, struct tun_journal *j, struct facts *f)
{
	struct tun_record key = { .pid = f->row.pid, .boot = j->boot,
	    .host = j->host };
	struct journal_account ac;
	struct told *told;

	key.ident[0] = f->row.ident[0];
	key.ident[1] = f->row.ident[1];
	if (journal_account(j, &key, &ac) == -1)
		return -1;
	if (ac.recipe == NULL && ac.nopen == 0 && ac.nclosed == 0 &&
	    !ac.others)
		return 0;
	if ((told = arena_alloc(s->a, sizeof(*told))) == NULL)
		return -1;
	told->open = ac.open;
	told->closed = ac.closed;
	told->others = ac.recipe == NULL && ac.nopen == 0 &&
	    ac.nclosed == 0;
	f->told = told;
	if (ac.recipe == NULL)
		return 0;
	told->command = ac.recipe->argv;
	if (f->cmd.label == NULL && ac.recipe->label != NULL) {
		f->cmd.label = ac.recipe->label;
		told->named = 1;
	}
	return is_overwritten(f) ? take_command(s, f, ac.recipe, told) : 0;
}

int
facts_recall(struct scan *s)
{
	struct tun_journal *j;
	size_t i;

	if (s->ctx->journal == NULL || s->ctx->recorded)
		return 0;
	/* Also without a process: a journal that cannot be used is reported. */
	if ((j = read_records(s)) == NULL) {
		if (plat_failed(errno))
			return -1;
		/* A user or a system that has none misses nothing. */
		if (errno == ENOTSUP)
			s->ctx->journal->trouble.why = NULL;
		return 0;
	}
	s->list->journal = j->a;
	for (i = 0; i < s->nfacts; i++)
		if (recall(s, j, s->facts[i]) == -1)
			return -1;
	return 0;
}
