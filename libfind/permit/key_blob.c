/* SPDX-License-Identifier: ISC */
/*
 * The public key inside its base64 text, as sshkey_read() of sshkey.c reads it:
 * strings of the protocol, of which the first one is the name of the type.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "permit.h"

#define RSA_BITS_MIN	1024
#define RSA_BITS_MAX	16384
#define ED25519_LEN	32
#define MLDSA44_LEN	1312

/* Kinds of keys, with the number of strings behind the name of the type. */
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
	{ "ssh-mldsa44-ed25519", 1 },
	{ "ssh-rsa", 2 },
	{ "webauthn-sk-ecdsa-", 3 }
};

/* --- reading -------------------------------------------------------------- */

static int
base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) : -1;
}

/* Is what follows n digits, of which bits are left over, the right end? */
static int
is_end(const char *s, size_t n, uint32_t left)
{
	size_t pad = strspn(s, "=");

	s += pad;
	return n % 4 != 1 && (n + pad) % 4 == 0 && pad < 3 && left == 0 &&
	    (*s == '\0' || *s == ' ' || *s == '\t' || *s == '\r' ||
	    *s == '\n');
}

int
blob_decode(struct arena *a, const char *text, struct blob *b)
{
	unsigned char *out = arena_alloc(a, strlen(text) + 1);
	uint32_t word = 0;
	size_t n;
	int bits = 0, digit;

	if (out == NULL)
		return -1;
	b->p = out;
	b->n = 0;
	for (n = 0; (digit = base64_digit(text[n])) != -1; n++) {
		word = word << 6 | (uint32_t)digit;
		if ((bits += 6) >= 8) {
			bits -= 8;
			out[b->n++] = (unsigned char)(word >> bits);
		}
	}
	b->bad = !is_end(text + n, n, word & ((1U << bits) - 1));
	return 0;
}

uint64_t
blob_number(struct blob *b, size_t size)
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

struct blob
blob_string(struct blob *b)
{
	struct blob in = { NULL, 0, 0 };
	size_t n = (size_t)blob_number(b, 4);

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

char *
blob_text(struct arena *a, const struct blob *b)
{
	return arena_strndup(a, b->n > 0 ? (const char *)b->p : "", b->n);
}

/* --- types ---------------------------------------------------------------- */

int
key_type_strings(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(type, kinds[i].type, strlen(kinds[i].type)) == 0)
			return kinds[i].strings;
	return -1;
}

int
key_type_is_cert(const char *type)
{
	static const char end[] = "-cert";
	size_t n = strlen(type);

	return strstr(type, "-cert-v01@") != NULL || (n >= sizeof(end) &&
	    strcmp(type + n - (sizeof(end) - 1), end) == 0);
}

/* Names of signatures, by the type of the key that makes them. */
static const char *
type_of_name(const char *name)
{
	static const char *const names[][2] = {
		{ "rsa-sha2-256", "ssh-rsa" },
		{ "rsa-sha2-512", "ssh-rsa" },
		{ "rsa-sha2-256-cert-v01@openssh.com",
		    "ssh-rsa-cert-v01@openssh.com" },
		{ "rsa-sha2-512-cert-v01@openssh.com",
		    "ssh-rsa-cert-v01@openssh.com" },
		{ "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
		    "sk-ecdsa-sha2-nistp256@openssh.com" }
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i][0]) == 0)
			return names[i][1];
	return name;
}

int
key_type_equal(const char *a, const char *b)
{
	return strcmp(type_of_name(a), type_of_name(b)) == 0;
}

/* --- keys ----------------------------------------------------------------- */

/* The bits of a positive number; 0: it is none. */
static int
bits_of(const struct blob *number)
{
	size_t i = 0;
	int bits;

	if (number->n == 0 || number->p[0] & 0x80)
		return 0;
	while (i < number->n && number->p[i] == 0)
		i++;
	if (i == number->n || number->n - i > RSA_BITS_MAX / 8)
		return 0;
	bits = (int)(number->n - i) * 8;
	for (; !(number->p[i] & 1 << ((bits - 1) % 8)); bits--)
		continue;
	return bits;
}

/* The point is not compressed, and of the length that the curve's name says. */
static int
is_point(const char *type, const struct blob *curve, const struct blob *point)
{
	const char *name = strstr(type, "nistp");
	size_t len;

	/* The name may be shorter than what the key says. */
	if (name == NULL || curve->n != 8 ||
	    strncmp(name, (const char *)curve->p, curve->n) != 0)
		return 0;
	len = (strtoul(name + 5, NULL, 10) + 7) / 8;
	return point->n > 1 && point->n == 1 + 2 * len && point->p[0] == 4;
}

int
key_strings_read(const char *type, struct blob *b)
{
	struct blob v[4] = { { NULL, 0, 0 } };
	int i, n = key_type_strings(type), bits;

	/* Of a type that is not known here, only whether it is cut. */
	while (n == -1 && b->n > 0 && !b->bad)
		(void)blob_string(b);
	for (i = 0; i < n; i++)
		v[i] = blob_string(b);
	if (b->bad)
		return -1;
	if (key_type_equal(type, "ssh-rsa") ||
	    key_type_equal(type, "ssh-rsa-cert-v01@openssh.com")) {
		bits = bits_of(&v[1]);
		return bits_of(&v[0]) > 0 && bits >= RSA_BITS_MIN ? bits : -1;
	}
	if (strstr(type, "mldsa44-ed25519") != NULL)
		return v[0].n == MLDSA44_LEN + ED25519_LEN ? 0 : -1;
	if (strstr(type, "ed25519") != NULL && n != -1)
		return v[0].n == ED25519_LEN ? 0 : -1;
	if (strstr(type, "ecdsa") != NULL && !is_point(type, &v[0], &v[1]))
		return -1;
	return 0;
}

int
key_blob_read(struct arena *a, const char *text, const char **typep,
    int *bitsp)
{
	struct blob b, name;
	const char *type;

	if (blob_decode(a, text, &b) == -1)
		return -1;
	name = blob_string(&b);
	if ((type = blob_text(a, &name)) == NULL)
		return -1;
	*typep = type;
	*bitsp = key_type_is_cert(type) ? 0 : key_strings_read(type, &b);
	return !b.bad && (b.n == 0 || key_type_is_cert(type)) && *bitsp != -1;
}
