/* SPDX-License-Identifier: ISC */
/*
 * Numbers for a monitoring system, in the format that OpenMetrics 1.0, section
 * 3, and the text format of Prometheus share.
 *
 * All metrics are gauges: a sum over the running tunnels gets smaller when one
 * of them ends, which a counter must not.  An unknown value has no sample.
 */

#include <sys/types.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/tool.h"
#include "compat/compat.h"
#include "ps/exit_status.h"
#include "ps/metrics.h"

#define NKINDS	(TUN_FWD_DIRECT + 1)

struct sums {
	long tunnels[TUN_NCLASSES];
	long forwards[NKINDS][TUN_NSTATES];
	long exposed;
	int64_t conns, rx, tx;
	int64_t heard;		/* maximum over all tunnels, in ms */
};

/*
 * The families of tunnels begin with ssh_tunnel.  Those of the sessions of sshd
 * are the same, but begin with sshd_session, so that one host can have both.
 */
static void
put_name(const struct view *view, const char *name)
{
	if (view->served)
		printf("sshd_session%s", name + sizeof("ssh_tunnel") - 1);
	else
		fputs(name, stdout);
}

static void
family(const struct view *view, const char *name, const char *help)
{
	fputs("# HELP ", stdout);
	put_name(view, name);
	printf(" %s\n# TYPE ", help);
	put_name(view, name);
	puts(" gauge");
}

static void
single(const struct view *view, const char *name, const char *help,
    int64_t value)
{
	family(view, name, help);
	put_name(view, name);
	printf(" %" PRId64 "\n", value);
}

static void
seconds(int64_t ms)
{
	printf(" %" PRId64 ".%03" PRId64 "\n", ms / 1000, ms % 1000);
}

/*
 * A value as -r prints it: no byte of another process can end the line, and the
 * series has the same name in all locales.
 */
static void
label(char before, const char *name, const char *value)
{
	char *raw = tool_raw(value), *p;

	printf("%c%s=\"", before, name);
	for (p = raw; *p != '\0'; p++) {
		if (*p == '\\' || *p == '"')
			putchar('\\');
		putchar(*p);
	}
	putchar('"');
	free(raw);
}

static void
add_tunnel(struct sums *sums, const struct tun *t)
{
	sums->tunnels[tun_state_class(t->state)]++;
	sums->rx += t->rx > 0 ? t->rx : 0;
	sums->tx += t->tx > 0 ? t->tx : 0;
	if (t->heard > sums->heard)
		sums->heard = t->heard;
}

static void
add_forward(struct sums *sums, const struct tun_fwd *fwd)
{
	sums->forwards[fwd->spec.kind][tun_fwd_state(fwd)]++;
	sums->exposed += fwd->exposed == 1;
	sums->conns += fwd->conns > 0 ? fwd->conns : 0;
}

static void
put_tunnels(const struct view *view, const struct sums *sums)
{
	size_t i;

	family(view, "ssh_tunnels", view->served ?
	    "Sessions of sshd, by the class of their state." :
	    "Tunnels, by the class of their state.");
	for (i = 0; i < TUN_NCLASSES; i++) {
		put_name(view, "ssh_tunnels");
		label('{', "class", tun_class_name(i));
		printf("} %ld\n", sums->tunnels[i]);
	}
}

/* Only the pairs that occur, because most of the possible ones cannot. */
static void
put_forwards(const struct view *view, const struct sums *sums)
{
	size_t kind, s;

	family(view, "ssh_tunnel_forwards",
	    "Forwards, by their kind and state.");
	for (kind = 0; kind < NKINDS; kind++) {
		for (s = 0; s < TUN_NSTATES; s++) {
			if (sums->forwards[kind][s] == 0)
				continue;
			put_name(view, "ssh_tunnel_forwards");
			label('{', "kind",
			    tun_kind_name((enum tun_fwd_kind)kind));
			label(',', "state", tool_state((enum tun_state)s));
			printf("} %ld\n", sums->forwards[kind][s]);
		}
	}
}

/*
 * One series for each row, named by values that stay when the tunnel is
 * restarted.
 */
static void
put_row(const struct view *view, const char *name, const struct row *row)
{
	const struct tun_fwd *fwd = row->fwd;
	char *via = cell_via(row->tun);

	put_name(view, name);
	label('{', "id", row_id(row));
	label(',', "kind", fwd != NULL ? tun_kind_name(fwd->spec.kind) : "");
	label(',', "user", tool_user(row->tun->uid));
	label(',', "via", via != NULL ? via : "");
	putchar('}');
	free(via);
}

static void
put_each(const struct view *view)
{
	static const char healthy[] = "ssh_tunnel_forward_healthy";
	static const char conns[] = "ssh_tunnel_forward_connections";
	static const char heard[] = "ssh_tunnel_forward_heard_age_seconds";
	const struct row *row;
	size_t i;
	int verdict;

	family(view, healthy,
	    "Whether nothing is wrong with it, as --check says.");
	for (i = 0; i < view->nrows; i++) {
		row = &view->rows[i];
		verdict = verdict_health(row, 1);
		if (verdict == TOOL_ERROR)
			continue;
		put_row(view, healthy, row);
		printf(" %d\n", verdict == TOOL_MATCH);
	}
	family(view, conns, "Open connections through it.");
	for (i = 0; i < view->nrows; i++) {
		row = &view->rows[i];
		if (row->fwd == NULL || row->fwd->conns < 0)
			continue;
		put_row(view, conns, row);
		printf(" %d\n", row->fwd->conns);
	}
	family(view, heard, view->served ?
	    "Time since its client was last heard of." :
	    "Time since its server was last heard of.");
	for (i = 0; i < view->nrows; i++) {
		row = &view->rows[i];
		if (row->tun->heard < 0)
			continue;
		put_row(view, heard, row);
		seconds(row->tun->heard);
	}
}

void
out_metrics(const struct view *view, int each, int64_t took, int64_t lost)
{
	struct sums sums = { .heard = -1 };
	size_t i;

	for (i = 0; i < view->nrows; i++) {
		if (i == 0 || view->rows[i].tun != view->rows[i - 1].tun)
			add_tunnel(&sums, view->rows[i].tun);
		if (view->rows[i].fwd != NULL)
			add_forward(&sums, view->rows[i].fwd);
	}
	put_tunnels(view, &sums);
	put_forwards(view, &sums);
	single(view, "ssh_tunnel_forwards_exposed",
	    "Forwards that listen beyond loopback.", sums.exposed);
	single(view, "ssh_tunnel_connections",
	    "Open connections through all forwards.", sums.conns);
	single(view, "ssh_tunnel_received_bytes",
	    view->served ? "Bytes from the clients, of the sessions now." :
	    "Bytes from the servers, of the tunnels that run now.", sums.rx);
	single(view, "ssh_tunnel_sent_bytes",
	    view->served ? "Bytes to the clients, of the sessions now." :
	    "Bytes to the servers, of the tunnels that run now.", sums.tx);
	if (sums.heard >= 0) {
		family(view, "ssh_tunnel_heard_age_max_seconds",
		    view->served ?
		    "Time since the most silent client was last heard of." :
		    "Time since the most silent server was last heard of.");
		put_name(view, "ssh_tunnel_heard_age_max_seconds");
		seconds(sums.heard);
	}
	if (lost >= 0)
		single(view, "ssh_tunnels_lost",
		    "Tunnels of the journal that run no more.", lost);
	if (each)
		put_each(view);
	single(view, "ssh_tunnel_scan_complete",
	    "1 if all was seen, 0 if the numbers may be too small.",
	    tun_complete(view->list));
	family(view, "ssh_tunnel_scan_duration_seconds",
	    "How long looking took.");
	put_name(view, "ssh_tunnel_scan_duration_seconds");
	seconds(took);
	family(view, "ssh_tunnel_build_info", "Version of tunps, as a label.");
	put_name(view, "ssh_tunnel_build_info");
	label('{', "version", VERSION);
	puts("} 1\n# EOF");
}
