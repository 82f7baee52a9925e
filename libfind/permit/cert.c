/* SPDX-License-Identifier: ISC */
/*
 * A user certificate: PROTOCOL.certkeys of OpenSSH.  Only what restricts its
 * owner is read; the signature is not checked.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "permit.h"

#define CERT_USER	1

/* What is left to read. */
struct cert_bytes {
	const unsigned char *p;
	size_t n;
	int bad;
};

/* Kinds of keys, with the number of strings that make the key itself. */
static const struct {
	const char *type;
	int strings;
} kinds[] = {
	{ "ecdsa-sha2-nistp", 2 },
	{ "rsa-sha2-", 2 },
	{ "sk-ecdsa-", 3 },
	{ "sk-ssh-ed25519", 2 },
	{ "ssh-dss", 4 },
	{ "ssh-ed25519", 1 },
	{ "ssh-rsa", 2 }
};

/* --- reading ----------------------------------------------------------------- */

static int
base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) : -1;
}

/* The bytes of base64 text up to its end or to a blank; NULL: ENOMEM. */
static unsigned char *
decode(struct arena *a, const char *s, size_t *np)
{
	unsigned char *out = arena_alloc(a, strlen(s) + 1);
	uint32_t word = 0;
	int bits = 0, digit;

	*np = 0;
	for (; out != NULL && (digit = base64_digit(*s)) != -1; s++) {
		word = word << 6 | (uint32_t)digit;
		if ((bits += 6) >= 8) {
			bits -= 8;
			out[(*np)++] = (unsigned char)(word >> bits);
		}
	}
	return out;
}

static uint64_t
take_number(struct cert_bytes *b, size_t size)
{
	uint64_t n = 0;

	if (b->n < size) {
		b->bad = 1;
		b->n = 0;
		return 0;
	}
	for (; size > 0; size--, b->n--)
		n = n << 8 | *b->p++;
	return n;
}

/* A string of the protocol, as what is inside it. */
static struct cert_bytes
take_bytes(struct cert_bytes *b)
{
	struct cert_bytes in = { NULL, 0, 0 };
	size_t n = (size_t)take_number(b, 4);

	if (n > b->n) {
		b->bad = 1;
		b->n = 0;
		return in;
	}
	in.p = b->p;
	in.n = n;
	b->p += n;
	b->n -= n;
	return in;
}

static char *
text_of(struct arena *a, const struct cert_bytes *b)
{
	return arena_strndup(a, b->n > 0 ? (const char *)b->p : "", b->n);
}

/* --- the certificate ---------------------------------------------------------- */

static int
key_strings(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(type, kinds[i].type, strlen(kinds[i].type)) == 0)
			return kinds[i].strings;
	return -1;
}

static int
read_principals(struct arena *a, struct cert_bytes list, struct permit_cert *cert)
{
	const char **v = NULL;
	struct cert_bytes name;
	size_t n = 0;

	while (list.n > 0 && !list.bad) {
		name = take_bytes(&list);
		if ((v = arena_push(a, v, n, sizeof(*v))) == NULL ||
		    (v[n++] = text_of(a, &name)) == NULL)
			return -1;
	}
	cert->principals = v;
	cert->nprincipals = n;
	return 0;
}

/* Critical options have a string inside their data; extensions have none. */
static int
read_options(struct arena *a, struct cert_bytes list, int critical,
    struct permit_cert *cert)
{
	struct cert_bytes name, data, value;
	char *key;

	while (list.n > 0 && !list.bad) {
		name = take_bytes(&list);
		data = take_bytes(&list);
		if ((key = text_of(a, &name)) == NULL)
			return -1;
		if (!critical) {
			cert->forward |= strcmp(key,
			    "permit-port-forwarding") == 0;
			cert->pty |= strcmp(key, "permit-pty") == 0;
			continue;
		}
		value = take_bytes(&data);
		if (strcmp(key, "force-command") == 0) {
			if ((cert->command = text_of(a, &value)) == NULL)
				return -1;
		} else if (strcmp(key, "source-address") == 0) {
			if ((cert->from = text_of(a, &value)) == NULL)
				return -1;
		} else if (strcmp(key, "verify-required") != 0)
			cert->error = "certificate: a critical option that "
			    "sshd does not know";
	}
	return 0;
}

int
permit_cert_parse(struct arena *a, const char *text, struct permit_cert *cert)
{
	struct cert_bytes b = { NULL, 0, 0 }, type, list;
	const char *blob = text + strcspn(text, " \t");
	char *name;
	int i, strings;

	memset(cert, 0, sizeof(*cert));
	blob += strspn(blob, " \t");
	if ((b.p = decode(a, blob, &b.n)) == NULL)
		return -1;
	type = take_bytes(&b);
	if ((name = text_of(a, &type)) == NULL)
		return -1;
	strings = key_strings(name);
	if (strstr(name, "-cert-v01@openssh.com") == NULL || strings == -1) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < strings + 1; i++)	/* a nonce, and the key */
		(void)take_bytes(&b);
	(void)take_number(&b, 8);		/* serial number */
	if (take_number(&b, 4) != CERT_USER)
		cert->error = "certificate: not of a user";
	(void)take_bytes(&b);			/* its name */
	list = take_bytes(&b);
	if (read_principals(a, list, cert) == -1)
		return -1;
	cert->after = take_number(&b, 8);
	cert->before = take_number(&b, 8);
	list = take_bytes(&b);
	if (read_options(a, list, 1, cert) == -1)
		return -1;
	list = take_bytes(&b);
	if (read_options(a, list, 0, cert) == -1)
		return -1;
	(void)take_bytes(&b);			/* reserved */
	list = take_bytes(&b);
	cert->ca = list.p;
	cert->nca = list.n;
	if (!b.bad)
		return 0;
	errno = EINVAL;
	return -1;
}

int
permit_cert_is_by(struct arena *a, const struct permit_cert *cert,
    const char *blob)
{
	size_t n;
	const unsigned char *key = decode(a, blob, &n);

	if (key == NULL)
		return -1;
	return n == cert->nca && memcmp(key, cert->ca, n) == 0;
}
