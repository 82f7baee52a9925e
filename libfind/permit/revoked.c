/* SPDX-License-Identifier: ISC */
/*
 * RevokedKeys: sshkey_check_revoked() of authfile.c.  A file that sshd cannot
 * read to its end revokes all keys, whatever others have.
 */
#include <errno.h>
#include <string.h>

#include "permit.h"

/* One key a line, without options; comments are allowed. */
static int
add_line(struct arena *a, char *line, struct revoked_keys *rv)
{
	struct key_line key;
	int r;

	line += strspn(line, " \t");
	line[strcspn(line, "\r")] = '\0';
	if (*line == '\0' || *line == '#')
		return 0;
	memset(&key, 0, sizeof(key));
	if ((r = key_line_parse(a, line, &key)) == -1)
		return -1;
	if (r == 0 || strncmp(line, key.type, strlen(key.type)) != 0) {
		rv->all = 1;
		return 0;
	}
	/* A certificate revokes the key in it. */
	if (key.error != NULL) {
		rv->unknown = 1;
		return 0;
	}
	return arena_add_string(a, &rv->blobs, &rv->n, key.blob);
}

int
revoked_keys_read(struct arena *a, const char *path, struct revoked_keys *rv)
{
	struct key_file file;
	char *line, *rest;

	if (key_file_read_own(a, path, &file) == -1) {
		rv->unknown = 1;
		return errno == ENOMEM ? -1 : 0;
	}
	if (file.text == NULL) {
		if (file.error == ENOENT || file.error == ENOTDIR)
			rv->all = 1;
		else
			rv->unknown = 1;
		return 0;
	}
	/* A list that ssh-keygen(1) has made has also hashes of keys. */
	if (file.cut || strncmp(file.text, "SSHKRL\n", 7) == 0) {
		rv->unknown = 1;
		return 0;
	}
	for (rest = file.text; !rv->all &&
	    (line = strsep(&rest, "\n")) != NULL;)
		if (add_line(a, line, rv) == -1)
			return -1;
	return 0;
}

int
revoked_keys_has(const struct revoked_keys *rv, const char *blob)
{
	size_t i;

	for (i = 0; i < rv->n; i++)
		if (strcmp(rv->blobs[i], blob) == 0)
			return 1;
	return rv->all;
}

int
revoked_keys_has_cert(struct arena *a, const struct revoked_keys *rv,
    const struct permit_cert *cert)
{
	struct blob b;
	size_t i;

	for (i = 0; i < rv->n; i++) {
		if (blob_decode(a, rv->blobs[i], &b) == -1)
			return -1;
		(void)blob_string(&b);
		if (b.n == cert->nkey && memcmp(b.p, cert->key, b.n) == 0)
			return 1;
	}
	return rv->all;
}
