/* SPDX-License-Identifier: ISC */
/* Times that users write and read. */

#include <sys/types.h>

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "compat/compat.h"

/* Reads a number of at most nine digits; -1 if there is none. */
static long
digits(const char **sp)
{
	const char *s = *sp;
	long n = 0;

	while (isdigit((unsigned char)*s) && s - *sp < 10)
		n = n * 10 + (*s++ - '0');
	if (s == *sp || s - *sp == 10)
		return -1;
	*sp = s;
	return n;
}

/* [[days-]hours:]minutes:seconds, the etime of ps(1). */
static int64_t
etime(const char *s)
{
	int64_t sum = 0;
	long n, most = 1000000000;
	int days = 0, fields = 0;

	if (strchr(s, '-') != NULL) {
		if ((sum = digits(&s)) == -1 || *s++ != '-')
			return -1;
		days = 1;
		most = 24;
	}
	for (;;) {
		if ((n = digits(&s)) == -1 || n >= most)
			return -1;
		sum = sum * (fields == 0 && days ? 24 : 60) + n;
		fields++;
		most = 60;
		if (*s == '\0')
			break;
		if (*s++ != ':')
			return -1;
	}
	if (fields > 3 || fields < 2 || (days && fields != 3))
		return -1;
	return sum;
}

int64_t
tool_duration(const char *s, const char **errstr)
{
	static const char units[] = "wdhms";
	static const int64_t size[] = { 604800, 86400, 3600, 60, 1 };
	const char *unit, *next = units;
	int64_t sum = 0;
	long n;

	*errstr = "not a time such as 90s, 2h or 1d12h";
	if (strpbrk(s, "-:") != NULL) {
		if ((sum = etime(s)) == -1)
			return -1;
		*errstr = NULL;
		return sum;
	}
	do {
		if ((n = digits(&s)) == -1)
			return -1;
		if (*s == '\0' && next == units) {
			sum = n;
			break;
		}
		/* Units must get smaller: 2h1d is an error. */
		if (*s == '\0' || (unit = strchr(next, *s)) == NULL)
			return -1;
		sum += n * size[unit - units];
		next = unit + 1;
		s++;
	} while (*s != '\0');
	*errstr = NULL;
	return sum;
}

/* Reads the digits after the dot, as milliseconds; -1 if there are none. */
static int64_t
fraction(const char *s)
{
	int64_t n = 0, scale;

	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return -1;
	for (scale = 100; *s != '\0'; s++, scale /= 10)
		n += (*s - '0') * scale;
	return n;
}

int64_t
tool_ms(const char *option, const char *arg, int64_t least, int64_t most)
{
	const char *dot = strchr(arg, '.'), *errstr;
	char *whole = tool_xstrdup(arg);
	int64_t ms, part = 0;

	if (dot != NULL) {
		whole[dot - arg] = '\0';
		part = fraction(dot + 1);
	}
	ms = tool_duration(whole, &errstr);
	/* Only a plain number of seconds may have a fraction. */
	if (dot != NULL && (part == -1 ||
	    whole[strspn(whole, "0123456789")] != '\0'))
		errstr = "not a time such as 0.5, 90s or 1d12h";
	free(whole);
	if (errstr != NULL)
		tool_usage("%s: %s is %s", option, arg, errstr);
	ms = ms * 1000 + part;
	if (ms < least)
		tool_usage("%s: %s is too short a time", option, arg);
	if (ms > most)
		tool_usage("%s: %s is too long a time", option, arg);
	return ms;
}

/* One unit is enough; only days are so long that hours are shown too. */
void
tool_age(int64_t t, char *buf, size_t len)
{
	long long s = t;

	if (s < 60)
		snprintf(buf, len, "%llds", s);
	else if (s < 3600)
		snprintf(buf, len, "%lldm", s / 60);
	else if (s < 86400)
		snprintf(buf, len, "%lldh", s / 3600);
	else if (s % 86400 < 3600)
		snprintf(buf, len, "%lldd", s / 86400);
	else
		snprintf(buf, len, "%lldd%02lldh", s / 86400,
		    s % 86400 / 3600);
}
