/* SPDX-License-Identifier: ISC */
/*
 * May PAM know a password that is not in shadow(5)?  The modules of the "auth"
 * lines say so: pam.d(5).  A file that cannot be read may have any of them.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "compat/base_name.h"
#include "permit.h"

#define DEPTH_MAX	8	/* of files that include each other */
#define BLANKS		" \t\n"

/* Modules that know no password, or only those of shadow(5). */
static int
is_local(const char *module)
{
	static const char *const names[] = { "access", "cap", "deny", "env",
	    "faildelay", "faillock", "group", "keyinit", "listfile",
	    "localuser", "loginuid", "nologin", "permit", "securetty",
	    "sepermit", "shells", "succeed_if", "tally2", "time", "unix",
	    "usertype", "wheel" };
	size_t i, n;

	if (strncmp(module, "pam_", 4) != 0)
		return 0;
	module += 4;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		if (strncmp(module, names[i], n) == 0 &&
		    strcmp(module + n, ".so") == 0)
			return 1;
	}
	return 0;
}

static int	 file_asks(const char *name, int depth);

/* "auth CONTROL MODULE ...", with [...] for CONTROL, or "@include NAME". */
static int
line_asks(char *line, int depth)
{
	char *rest, *type, *control, *module;

	line[strcspn(line, "#")] = '\0';
	if ((type = strtok_r(line, BLANKS, &rest)) == NULL)
		return 0;
	if (strcmp(type, "@include") == 0) {
		module = strtok_r(NULL, BLANKS, &rest);
		return module == NULL || file_asks(module, depth + 1);
	}
	if (strcasecmp(type + (*type == '-'), "auth") != 0)
		return 0;
	if ((control = strtok_r(NULL, BLANKS, &rest)) == NULL)
		return 1;
	for (module = control; *control == '[' && module != NULL &&
	    module[strlen(module) - 1] != ']';)
		module = strtok_r(NULL, BLANKS, &rest);
	if ((module = strtok_r(NULL, BLANKS, &rest)) == NULL)
		return 1;
	if (strcasecmp(control, "include") == 0 ||
	    strcasecmp(control, "substack") == 0)
		return file_asks(module, depth + 1);
	return !is_local(base_name(module));
}

static int
file_asks(const char *name, int depth)
{
	char path[PATH_MAX], line[1024];
	int asks = 0;
	FILE *fp;

	if (depth > DEPTH_MAX ||
	    snprintf(path, sizeof(path), "%s%s", *name == '/' ? "" :
	    "/etc/pam.d/", name) >= (int)sizeof(path) ||
	    (fp = fopen(path, "re")) == NULL)
		return 1;
	while (!asks && fgets(line, sizeof(line), fp) != NULL)
		asks = strchr(line, '\\') != NULL || line_asks(line, depth);
	asks |= ferror(fp);
	fclose(fp);
	return asks;
}

int
pam_asks_others(const struct sshd_settings *s)
{
	const char *service = sshd_value(s, "pamservicename");

	return file_asks(service != NULL && *service != '\0' ? service : "sshd",
	    0);
}
