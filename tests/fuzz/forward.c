/* SPDX-License-Identifier: ISC */
/*
 * A forward spec, as one argument and as the words of a config line.  What is
 * accepted can be written and reads the same again; reading it twice gives
 * the same; failure comes with a reason.
 *
 * Input: the kind of option, then the text.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"
#include "fuzz/fuzz.h"

static const char *const env[] = {
	"A=a", "P=8080", "S=/s/a:b", "E=", "X=${A}:[", NULL
};
static const struct expand known = {
	env, "/root", "root", "0", "h", "H", "22", "u%u", "l.example", "l",
	"k", "", "c", NULL, NULL, 0
};

/* As long as a socket's path may be: beyond, % has made it too long. */
static int
is_short(const struct tun_end *e)
{
	const char *s;
	size_t n = 0;

	for (s = e->path; s != NULL && *s != '\0'; s++)
		n += 1 + (*s == '%');
	return n <= 107;
}

static void
check(struct arena *a, int r, const struct tun_forward *fwd,
    const char *errstr)
{
	struct tun_forward again, *public;
	char *buf, end;
	int n;

	if (r == -1) {
		claim(errno == EINVAL && errstr != NULL && *errstr != '\0');
		return;
	}
	claim(tun_forward_cmp(fwd, fwd) == 0);
	n = tun_forward_format(fwd, &end, 1);
	claim(n > 0 && end == '\0');
	claim((buf = malloc((size_t)n + 1)) != NULL);
	claim(tun_forward_format(fwd, buf, (size_t)n + 1) == n);
	claim(strlen(buf) == (size_t)n);
	if (is_short(&fwd->listen) && is_short(&fwd->connect)) {
		/* Nothing in it is left to be replaced. */
		claim(forward_parse(a, fwd->kind, buf, NULL, &again,
		    &errstr) == 0);
		claim(tun_forward_cmp(fwd, &again) == 0);
		claim((public = tun_forward_parse(fwd->kind, buf,
		    &errstr)) != NULL);
		claim(tun_forward_cmp(fwd, public) == 0);
		tun_forward_free(public);
	}
	free(buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tun_forward fwd, twin;
	struct arena *a;
	const char *words[3], *errstr = NULL;
	enum tun_fwd_kind kind;
	char *spec, *s;
	size_t n;
	int r;

	if (len == 0)
		return 0;
	kind = (enum tun_fwd_kind)(data[0] % 6);
	claim((spec = malloc(len)) != NULL);
	memcpy(spec, data + 1, len - 1);
	spec[len - 1] = '\0';
	claim((a = arena_new()) != NULL);

	r = forward_parse(a, kind, spec, &known, &fwd, &errstr);
	check(a, r, &fwd, errstr);
	claim(forward_parse(a, kind, spec, &known, &twin, &errstr) == r);
	claim(r == -1 || tun_forward_cmp(&fwd, &twin) == 0);
	/* Without an environment it may be unknown, never another one. */
	if (forward_parse(a, kind, spec, NULL, &twin, &errstr) == 0)
		claim(r == 0 && tun_forward_cmp(&fwd, &twin) == 0);

	for (n = 0, s = spec; n < 3 && s < spec + len; n++) {
		words[n] = s;
		s += strcspn(s, "\n");
		*s++ = '\0';
	}
	if (kind <= TUN_FWD_RDYNAMIC) {
		r = forward_parse_words(a, kind, words, n, &known, &fwd,
		    &errstr);
		check(a, r, &fwd, errstr);
	}
	arena_free(a);
	free(spec);
	return 0;
}
