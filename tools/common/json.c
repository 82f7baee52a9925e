/* SPDX-License-Identifier: ISC */
/*
 * JSON: numbers are numbers, an unknown value is null, keys keep their order.
 *
 * Strings from other processes may not be UTF-8, but JSON strings must be.
 * Invalid bytes become U+FFFD, and a second key, NAME_b64, has the exact bytes.
 * The output is ASCII only, because JSON is also read on terminals.
 */

#include <sys/types.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "common/json.h"
#include "common/tool.h"

static void
check(int failed)
{
	if (failed)
		tool_fail("JSON: out of memory");
}

void
out_json_put(json_t *object, const char *key, json_t *value)
{
	check(value == NULL || json_object_set_new(object, key, value) == -1);
}

void
out_json_add(json_t *array, json_t *value)
{
	check(value == NULL || json_array_append_new(array, value) == -1);
}

json_t *
out_json_number(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

json_t *
out_json_truth(int n)
{
	return n < 0 ? json_null() : json_boolean(n);
}

static int
is_text(const char *s)
{
	uint32_t cp;
	size_t n;

	for (; *s != '\0'; s += n) {
		if ((n = tool_utf8(s, &cp)) == 0)
			return 0;
	}
	return 1;
}

json_t *
out_json_text(const char *s)
{
	json_t *value;
	uint32_t cp;
	char *text, *p;
	size_t n;

	if (s == NULL)
		return json_null();
	p = text = tool_xcalloc(strlen(s) + 1, 3);
	while (*s != '\0') {
		if ((n = tool_utf8(s, &cp)) > 0) {
			memcpy(p, s, n);
			p += n;
			s += n;
		} else {
			p = stpcpy(p, "\357\277\275");
			s++;
		}
	}
	value = json_string(text);
	free(text);
	return value;
}

static json_t *
base64(const char *s)
{
	char *text = tool_base64(s);
	json_t *value = json_string(text);

	free(text);
	return value;
}

static void
twin(json_t *object, const char *key, json_t *value)
{
	char *name = tool_xasprintf("%s_b64", key);

	out_json_put(object, name, value);
	free(name);
}

void
out_json_string(json_t *object, const char *key, const char *s)
{
	out_json_put(object, key, out_json_text(s));
	if (s != NULL && !is_text(s))
		twin(object, key, base64(s));
}

void
out_json_made(json_t *object, const char *key, char *s)
{
	out_json_string(object, key, s);
	free(s);
}

void
out_json_words(json_t *object, const char *key, const char *const *words)
{
	json_t *array, *exact;
	int text = 1;

	if (words == NULL) {
		out_json_put(object, key, json_null());
		return;
	}
	array = json_array();
	exact = json_array();
	for (; *words != NULL; words++) {
		out_json_add(array, out_json_text(*words));
		out_json_add(exact, base64(*words));
		text = text && is_text(*words);
	}
	out_json_put(object, key, array);
	if (text)
		json_decref(exact);
	else
		twin(object, key, exact);
}

void
out_json_date(json_t *object, const char *key, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char buf[64], *name = tool_xasprintf("%s_iso", key);

	out_json_put(object, key, seconds > 0 ? json_integer(seconds) :
	    json_null());
	if (seconds > 0 && gmtime_r(&when, &tm) != NULL &&
	    strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		out_json_put(object, name, json_string(buf));
	else
		out_json_put(object, name, json_null());
	free(name);
}

/*
 * Jansson does not escape DEL, which can only be in a string.  tool_end()
 * reports a full disk, as for all other output.
 */
static int
put_text(const char *s, size_t n, void *unused)
{
	(void)unused;
	for (; n > 0; n--, s++) {
		if (*s == 0x7f)
			fputs("\\u007F", stdout);
		else
			putchar(*s);
	}
	return 0;
}

static void
print(json_t *value, size_t flags)
{
	check(json_dump_callback(value, put_text, NULL,
	    flags | JSON_ENSURE_ASCII) == -1);
	putchar('\n');
	json_decref(value);
}

void
out_json_print(json_t *value)
{
	print(value, JSON_INDENT(2));
}

void
out_json_print_line(json_t *value)
{
	print(value, JSON_COMPACT);
}
