/* SPDX-License-Identifier: ISC */
/*
 * A user certificate: PROTOCOL.certkeys of OpenSSH.  Only what restricts its
 * owner is read; the signature is not checked.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "permit.h"

#define CERT_USER	1

/* --- the certificate ---------------------------------------------------------- */

static int
read_principals(struct arena *a, struct blob list, struct permit_cert *cert)
{
	const char **v = NULL;
	struct blob name;
	size_t n = 0;

	while (list.n > 0 && !list.bad) {
		name = blob_string(&list);
		if (arena_add_string(a, &v, &n, blob_text(a, &name)) == -1)
			return -1;
	}
	cert->principals = v;
	cert->nprincipals = n;
	return 0;
}

/* Critical options have a string inside their data; extensions have none. */
static int
read_options(struct arena *a, struct blob list, int critical,
    struct permit_cert *cert)
{
	struct blob name, data, value;
	char *key;

	while (list.n > 0 && !list.bad) {
		name = blob_string(&list);
		data = blob_string(&list);
		if ((key = blob_text(a, &name)) == NULL)
			return -1;
		if (!critical) {
			cert->forward |= strcmp(key,
			    "permit-port-forwarding") == 0;
			cert->pty |= strcmp(key, "permit-pty") == 0;
			continue;
		}
		value = blob_string(&data);
		if (strcmp(key, "force-command") == 0) {
			if ((cert->command = blob_text(a, &value)) == NULL)
				return -1;
		} else if (strcmp(key, "source-address") == 0) {
			if ((cert->from = blob_text(a, &value)) == NULL)
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
	struct blob b, type, list;
	const char *blob = text + strcspn(text, " \t");
	char *name;

	memset(cert, 0, sizeof(*cert));
	blob += strspn(blob, " \t");
	if (blob_decode(a, blob, &b) == -1)
		return -1;
	type = blob_string(&b);
	if ((name = blob_text(a, &type)) == NULL)
		return -1;
	if (!key_type_is_cert(name) || key_type_strings(name) == -1) {
		errno = EINVAL;
		return -1;
	}
	cert->type = name;
	(void)blob_string(&b);			/* a nonce */
	cert->key = b.p;
	cert->bits = key_strings_read(name, &b);
	cert->nkey = (size_t)(b.p - cert->key);
	(void)blob_number(&b, 8);		/* serial number */
	if (blob_number(&b, 4) != CERT_USER)
		cert->error = "certificate: not of a user";
	(void)blob_string(&b);			/* its name */
	list = blob_string(&b);
	if (read_principals(a, list, cert) == -1)
		return -1;
	cert->after = blob_number(&b, 8);
	cert->before = blob_number(&b, 8);
	list = blob_string(&b);
	if (read_options(a, list, 1, cert) == -1)
		return -1;
	list = blob_string(&b);
	if (read_options(a, list, 0, cert) == -1)
		return -1;
	(void)blob_string(&b);			/* reserved */
	list = blob_string(&b);
	cert->ca = list.p;
	cert->nca = list.n;
	list = blob_string(&b);			/* the signature */
	type = blob_string(&list);
	if ((cert->signature = blob_text(a, &type)) == NULL)
		return -1;
	if (!b.bad && cert->bits != -1)
		return 0;
	errno = EINVAL;
	return -1;
}

int
permit_cert_is_by(struct arena *a, const struct permit_cert *cert,
    const char *blob)
{
	struct blob key;

	if (blob_decode(a, blob, &key) == -1)
		return -1;
	return key.n == cert->nca && memcmp(key.p, cert->ca, key.n) == 0;
}
