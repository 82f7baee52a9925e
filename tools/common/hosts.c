/* SPDX-License-Identifier: ISC */
/* The names of addresses in /etc/hosts. */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hosts.h"
#include "common/tool.h"

#define LINES_MAX	100000	/* lists of blocked names are long, too */

struct host {
	char *addr, *name;
};

struct hosts {
	struct host *v;
	size_t n;
};

/* Writes the address as inet_ntop(3) does; 0: it is none. */
static int
normalise(const char *text, char buf[INET6_ADDRSTRLEN])
{
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned char ip[16];

	return inet_pton(family, text, ip) == 1 &&
	    inet_ntop(family, ip, buf, INET6_ADDRSTRLEN) != NULL;
}

static void
read_line(struct hosts *hosts, char *line)
{
	char addr[INET6_ADDRSTRLEN], *rest, *word, *name;
	struct host *host;

	line[strcspn(line, "#\r\n")] = '\0';
	word = strtok_r(line, " \t", &rest);
	name = word != NULL ? strtok_r(NULL, " \t", &rest) : NULL;
	if (name == NULL || !normalise(word, addr))
		return;
	hosts->v = tool_xreallocarray(hosts->v, hosts->n + 1,
	    sizeof(*hosts->v));
	host = &hosts->v[hosts->n++];
	host->addr = tool_xstrdup(addr);
	host->name = tool_xstrdup(name);
}

struct hosts *
hosts_read(const char *path)
{
	FILE *fp = fopen(path, "r");
	struct hosts *hosts;
	char line[1024];

	if (fp == NULL)
		return NULL;
	hosts = tool_xcalloc(1, sizeof(*hosts));
	while (hosts->n < LINES_MAX && fgets(line, sizeof(line), fp) != NULL)
		read_line(hosts, line);
	fclose(fp);
	return hosts;
}

const char *
hosts_name(const struct hosts *hosts, const char *addr)
{
	size_t i;

	for (i = 0; i < hosts->n; i++)
		if (strcmp(hosts->v[i].addr, addr) == 0)
			return hosts->v[i].name;
	return NULL;
}

void
hosts_free(struct hosts *hosts)
{
	size_t i;

	for (i = 0; hosts != NULL && i < hosts->n; i++) {
		free(hosts->v[i].addr);
		free(hosts->v[i].name);
	}
	if (hosts != NULL)
		free(hosts->v);
	free(hosts);
}
