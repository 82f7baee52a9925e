/* SPDX-License-Identifier: ISC */
/*
 * The patterns of sshd_config(5) and authorized_keys, as match.c, addrmatch.c
 * and misc.c of OpenSSH read them.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compat/compat.h"
#include "permit.h"
#include "ssh/ssh.h"

#define WORD_MAX	1024	/* as match.c: a longer pattern is an error */

int
pattern_match(const char *s, const char *pattern)
{
	const char *star = NULL, *from = NULL;

	while (*s != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star;
			s = ++from;
		} else
			return 0;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* --- addresses ------------------------------------------------------------ */

/* sshd also takes the short forms of inet_aton(3), such as 127.1. */
static int
read_base(const char *text, struct addr *base)
{
	struct in_addr in;

	if (addr_parse(text, base))
		return 1;
	if (!isdigit((unsigned char)*text) ||
	    text[strspn(text, "0123456789abcdefx.")] != '\0' ||
	    inet_aton(text, &in) == 0)
		return 0;
	*base = addr_plain(AF_INET, (const uint8_t *)&in.s_addr);
	return 1;
}

/* A number of bits; -1: none.  Before 9.8, none is above 128. */
static int
read_bits(const char *text, int release)
{
	const char *errstr;
	char *end;
	unsigned long bits;

	if (release == 0 || release >= 908) {
		bits = (unsigned long)strtonum(text, 0, INT_MAX, &errstr);
		return errstr != NULL ? -1 : (int)bits;
	}
	bits = strtoul(text, &end, 10);
	return !isdigit((unsigned char)*text) || *end != '\0' || bits > 128 ?
	    -1 : (int)bits;
}

/*
 * Is addr in net, which is an address or address/bits?  -1: it is neither, -2:
 * there are not so many bits, or some beyond the mask are set, which sshd
 * refuses.
 */
static int
in_network(const struct addr *addr, const char *net, int release)
{
	char buf[INET6_ADDRSTRLEN + 4], *slash;
	struct addr base;
	int bits = 128, max, i, set, same = 1;

	if (strlen(net) >= sizeof(buf))
		return -1;
	memcpy(buf, net, strlen(net) + 1);
	if ((slash = strchr(buf, '/')) != NULL)
		*slash++ = '\0';
	if (!read_base(buf, &base))
		return -1;
	max = base.family == AF_INET ? 32 : 128;
	if (slash != NULL && (bits = read_bits(slash, release)) == -1)
		return -1;
	if (slash != NULL && bits > max)
		return -2;
	for (i = 0; i < max; i++) {
		set = base.ip[i / 8] >> (7 - i % 8) & 1;
		if (i >= bits && set)
			return -2;
		same &= i >= bits ||
		    set == (addr->ip[i / 8] >> (7 - i % 8) & 1);
	}
	return same && base.family == addr->family;
}

/*
 * One entry, in lower case, against the address and the host's name; the
 * results are those of in_network().
 */
static int
is_from(const struct permit_client *client, const struct addr *addr,
    const char *entry)
{
	char name[WORD_MAX];
	size_t i;
	int r;

	if ((r = in_network(addr, entry, client->release)) == 1 || r == -2)
		return r;
	if (client->addr != NULL && pattern_match(client->addr, entry))
		return 1;
	if (client->host == NULL || strlen(client->host) >= sizeof(name))
		return 0;
	for (i = 0; client->host[i] != '\0'; i++)
		name[i] = (char)tolower((unsigned char)client->host[i]);
	name[i] = '\0';
	return pattern_match(name, entry);
}

int
pattern_from(const struct permit_client *client, const char *list)
{
	struct addr addr;
	char word[WORD_MAX];
	const char *p = list;
	size_t n, i;
	int not, found = 0, r;

	memset(&addr, 0, sizeof(addr));
	if (client->addr != NULL && addr_parse(client->addr, &addr))
		addr = addr_plain(addr.family, addr.ip);
	else
		addr.family = 0;
	do {
		if ((not = *p == '!'))
			p++;
		/* An empty entry makes the list invalid. */
		if ((n = strcspn(p, ",")) == 0 || n >= sizeof(word))
			return -1;
		for (i = 0; i < n; i++)
			word[i] = (char)tolower((unsigned char)p[i]);
		word[n] = '\0';
		if ((r = is_from(client, &addr, word)) == -2 || (r == 1 && not))
			return -1;
		found |= r == 1;
		p += n;
	} while (*p++ == ',');
	return found;
}

int
pattern_user(const struct permit_client *client, const char *pattern)
{
	const char *at = strrchr(pattern, '@');
	char user[WORD_MAX];
	size_t n;

	if (at == NULL)
		return pattern_match(client->user, pattern);
	if ((n = (size_t)(at - pattern)) >= sizeof(user))
		return -1;
	memcpy(user, pattern, n);
	user[n] = '\0';
	if (!pattern_match(client->user, user))
		return 0;
	return pattern_from(client, at + 1);
}

/* --- entries of PermitOpen and PermitListen -------------------------------- */

/* The end of the host, which is at the first ':' or '/'; NULL: none. */
static const char *
host_end(const char *s)
{
	if (*s != '[')
		return strpbrk(s, ":/");
	if ((s = strchr(s, ']')) == NULL || (s[1] != ':' && s[1] != '/'))
		return NULL;
	return s + 1;
}

int
permit_entry_parse(struct arena *a, const char *text, int listens,
    struct permit_entry *entry, const char **errstr)
{
	const char *host = text, *end, *port;
	size_t n;

	*errstr = NULL;
	entry->port = -1;
	if (listens && strchr(text, ':') == NULL) {
		entry->host = "*";
		port = text;
	} else {
		if ((end = host_end(host)) == NULL) {
			*errstr = "no port";
			goto bad;
		}
		port = end + 1;
		n = (size_t)(end - host);
		if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
			host++;
			n -= 2;
		}
		if ((entry->host = arena_strndup(a, host, n)) == NULL)
			return -1;
	}
	if (strcmp(port, "*") == 0)
		return 0;
	if ((entry->port = forward_port(port)) > 0)
		return 0;
	*errstr = "bad port";
bad:
	errno = EINVAL;
	return -1;
}
