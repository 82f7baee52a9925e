/* SPDX-License-Identifier: ISC */
/*
 * json [path] <file: is it JSON, and what is at path?
 *
 * A path is a row of .name and [index]; [#] is how many there are.  Strings
 * are printed as they are, everything else as JSON.  Exits 0, or 1 if there
 * is no such path, 2 if it is no path, 3 if the input is not JSON.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

enum { FOUND, MISSING, USAGE, NOT_JSON };

static void
put(const json_t *value)
{
	if (json_is_string(value))
		fwrite(json_string_value(value), 1, json_string_length(value),
		    stdout);
	else
		json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
	putchar('\n');
}

static int
walk(const json_t *value, const char *path)
{
	char name[256], *end;
	size_t len;

	while (value != NULL && *path != '\0') {
		if (strcmp(path, "[#]") == 0) {
			printf("%zu\n", json_is_array(value) ?
			    json_array_size(value) : json_object_size(value));
			return FOUND;
		}
		if (*path == '[') {
			value = json_array_get(value,
			    strtoul(path + 1, &end, 10));
			if (*end != ']')
				return USAGE;
			path = end + 1;
		} else if (*path == '.') {
			len = strcspn(++path, ".[");
			if (len == 0 || len >= sizeof(name))
				return USAGE;
			memcpy(name, path, len);
			name[len] = '\0';
			value = json_object_get(value, name);
			path += len;
		} else
			return USAGE;
	}
	if (value == NULL)
		return MISSING;
	put(value);
	return FOUND;
}

int
main(int argc, char **argv)
{
	json_error_t error;
	json_t *root;
	int status = FOUND;

	root = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		fprintf(stderr, "json: line %d: %s\n", error.line, error.text);
		return NOT_JSON;
	}
	if (argc > 1)
		status = walk(root, argv[1]);
	json_decref(root);
	return status;
}
