/* SPDX-License-Identifier: ISC */
/*
 * A certificate by a CA of TrustedUserCAKeys, and the principals that an
 * AuthorizedPrincipalsFile lets in: user_cert_trusted_ca() of auth2-pubkey.c and
 * auth_process_principals() of auth2-pubkeyfile.c.
 */
#include <errno.h>
#include <string.h>

#include "permit.h"

/* sshd takes no options in front of these keys. */
static int
is_ca(struct arena *a, char *line, const struct permit_cert *cert,
    struct key_line *ca)
{
	int r;

	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	if ((r = key_line_parse(a, line, ca)) != 1)
		return r;
	return strncmp(line, ca->type, strlen(ca->type)) == 0 ?
	    permit_cert_is_by(a, cert, ca->blob) : 0;
}

int
trusted_ca_find(struct arena *a, const char *path,
    const struct permit_cert *cert, struct key_line *ca)
{
	struct key_file file;
	char *line, *rest;
	unsigned number = 0;
	int r = 0;

	if (key_file_read_own(a, path, &file) == -1)
		return -1;
	if (file.error != 0 || file.text == NULL) {
		errno = file.error != 0 ? file.error : EINVAL;
		return -1;
	}
	for (rest = file.text; r == 0 && (line = strsep(&rest, "\n")) != NULL;) {
		ca->at.file = path;
		ca->at.line = ++number;
		r = is_ca(a, line, cert, ca);
	}
	/* What was not read to its end may have the key. */
	if (r == 0 && file.cut) {
		errno = EFBIG;
		r = -1;
	}
	ca->flags |= KEY_CA | KEY_TRUSTED;
	return r;
}

static int
has_name(const struct permit_cert *cert, const char *name)
{
	size_t i;

	for (i = 0; i < cert->nprincipals; i++)
		if (strcmp(cert->principals[i], name) == 0)
			return 1;
	return 0;
}

int
trusted_ca_principal(struct arena *a, const struct key_file *file,
    const struct permit_cert *cert, struct key_line *ca)
{
	struct key_line key;
	const char *name;
	char *line, *rest = file->text;
	unsigned number = 0;
	int r;

	while ((line = strsep(&rest, "\n")) != NULL) {
		key = *ca;
		key.flags &= ~(unsigned)KEY_CA;
		key.at.file = file->path;
		key.at.line = ++number;
		if ((r = principal_line_parse(a, line, &key, &name)) == -1)
			return -1;
		/* A line with a bad option is skipped. */
		if (r == 0 || key.error != NULL || !has_name(cert, name))
			continue;
		*ca = key;
		if (key.principals != NULL || key.flags & KEY_CA)
			ca->error = "AuthorizedPrincipalsFile: cert-authority "
			    "and principals are not valid there";
		ca->flags |= KEY_CA | KEY_NAMED;
		return 1;
	}
	return 0;
}
