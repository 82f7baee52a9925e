/* SPDX-License-Identifier: ISC */
/*
 * Which methods of authentication let a user in: auth2_setup_methods_lists() of
 * auth2.c.  AuthenticationMethods has lists separated by blanks, of which one
 * has to be gone through; one with a method that is switched off does not
 * count.
 */
#include <string.h>

#include "permit.h"

/* One of the lists: how often it has which methods. */
struct method_list {
	int off;		/* one of them is not taken */
	int keys, passwords, others;
};

static int
is_on(const struct sshd_settings *s, const char *keyword)
{
	const char *v = sshd_value(s, keyword);

	return v != NULL && strcmp(v, "no") != 0;
}

/* An sshd that knows of PAM has nothing else that asks questions. */
static int
asks_questions(const struct sshd_settings *s)
{
	const char *pam = sshd_value(s, "usepam");

	return is_on(s, "kbdinteractiveauthentication") &&
	    (pam == NULL || strcmp(pam, "no") != 0);
}

static void
add_method(const struct sshd_settings *s, struct method_list *list,
    const char *name, size_t n)
{
	static const char pam[] = "keyboard-interactive:pam";

	if (n == sizeof(pam) - 1 && strncmp(name, pam, n) == 0)
		n = strcspn(name, ":");
	if (n == 9 && strncmp(name, "publickey", n) == 0) {
		list->keys++;
		list->off |= !is_on(s, "pubkeyauthentication");
	} else if (n == 8 && strncmp(name, "password", n) == 0) {
		list->passwords++;
		list->off |= !is_on(s, "passwordauthentication");
	} else if (n == 20 && strncmp(name, "keyboard-interactive", n) == 0) {
		list->passwords++;
		list->off |= !asks_questions(s);
	} else if (n == 9 && strncmp(name, "hostbased", n) == 0) {
		list->others++;
		list->off |= !is_on(s, "hostbasedauthentication");
	} else if (n > 6 && strncmp(name, "gssapi", 6) == 0) {
		list->others++;
		list->off |= !is_on(s, "gssapiauthentication");
	} else		/* such as "none" */
		list->off = 1;
}

/* The next list that counts; 0: there is none.  *pp moves behind it. */
static int
next_list(const struct sshd_settings *s, const char **pp,
    struct method_list *list)
{
	const char *p = *pp;
	size_t n;

	do {
		p += strspn(p, " ");
		if (*p == '\0')
			return 0;
		memset(list, 0, sizeof(*list));
		while ((n = strcspn(p, ", ")) > 0) {
			add_method(s, list, p, n);
			p += n + (p[n] == ',');
		}
	} while (list->off);
	*pp = p;
	return 1;
}

/* The lists; NULL: each method alone is enough. */
static const char *
all_lists(const struct sshd_settings *s)
{
	const char *v = sshd_value(s, "authenticationmethods");

	return v == NULL || strcmp(v, "any") == 0 ? NULL : v;
}

int
methods_keys(const struct sshd_settings *s, int password)
{
	const char *p = all_lists(s);
	struct method_list list;
	int least = 0;

	if (p == NULL)
		return is_on(s, "pubkeyauthentication");
	while (next_list(s, &p, &list))
		if (list.keys > 0 && (password || list.passwords == 0) &&
		    (least == 0 || list.keys < least))
			least = list.keys;
	return least;
}

int
methods_passwords(const struct sshd_settings *s)
{
	const char *p = all_lists(s);
	struct method_list list;

	if (p == NULL)
		return is_on(s, "passwordauthentication") || asks_questions(s);
	while (next_list(s, &p, &list))
		if (list.keys == 0 && list.others == 0)
			return 1;
	return 0;
}

int
methods_others(const struct sshd_settings *s)
{
	const char *p = all_lists(s);
	struct method_list list;

	if (p == NULL)
		return is_on(s, "hostbasedauthentication") ||
		    is_on(s, "gssapiauthentication");
	while (next_list(s, &p, &list))
		if (list.keys == 0 && list.others > 0)
			return 1;
	return 0;
}
