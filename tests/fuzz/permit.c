/* SPDX-License-Identifier: ISC */
/*
 * What tunpermit reads: the first byte says whether the rest is a line of
 * authorized_keys, the output of sshd -T, a certificate, or a list of patterns.
 */
#include <stdint.h>
#include <string.h>

#include "permit/permit.h"
#include "fuzz/fuzz.h"

static void
settings(struct arena *a, const char *text)
{
	struct sshd_settings s;
	const char **words;
	size_t i, n;

	claim(sshd_settings_read(a, text, &s) == 0);
	for (i = 0; i < s.nvalues; i++)
		claim(sshd_value(&s, s.values[i].keyword) != NULL);
	for (i = 0; i < s.nlines; i++)
		claim(sshd_split(a, s.lines[i].value, &words, &n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct permit_client client = { "alice", "localhost", "127.0.0.1", 0 };
	struct arena *a;
	struct key_line key;
	struct permit_cert cert;
	char *text;

	if (len == 0 || (a = arena_new()) == NULL)
		return 0;
	text = arena_strndup(a, (const char *)data + 1, len - 1);
	claim(text != NULL);
	switch (data[0]) {
	case 'k':
		memset(&key, 0, sizeof(key));
		claim(key_line_parse(a, text, &key) != 1 || key.blob != NULL);
		break;
	case 's':
		settings(a, text);
		break;
	case 'c':
		(void)permit_cert_parse(a, text, &cert);
		break;
	default:
		(void)pattern_from(&client, text);
		(void)pattern_user(&client, text);
		break;
	}
	arena_free(a);
	return 0;
}
