/* SPDX-License-Identifier: ISC */
/* Has tunkill(1) say what ends with a row, and end it. */
#ifndef END_ROW_H
#define END_ROW_H

#include <sys/types.h>

#include <limits.h>

#include "common/sshname.h"
#include "ps/helper.h"

#define END_ROW_ID	1024	/* of the longest ID, and its end */

struct end_request {
	pid_t pid;
	int plan;		/* only say it: tunkill -n */
	int whole;		/* tunkill --whole */
	int served;		/* tunkill --server */
	char id[END_ROW_ID];
};

/* A write of this size is never split. */
struct end_reply {
	int status;		/* of tunkill */
	char text[PIPE_BUF - sizeof(int)]; /* what it said, as much as fits */
};

/* What tunkill is started with. */
struct end_row {
	const char *tunps;	/* argv[0]: tunkill is beside it, or in PATH */
	struct sshnames ssh_names;
	struct helper helper;
};

void	 end_row_start(struct end_row *e);
/* Asks; the reply comes from helper.from.  Returns -1 if nobody answers. */
int	 end_row_ask(const struct end_row *e, const struct end_request *req);
int	 end_row_reply(const struct end_row *e, struct end_reply *reply);

#endif
