/* SPDX-License-Identifier: ISC */
/* JSON for all tools: values and keys, and the format of tunps. */
#ifndef JSON_H
#define JSON_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/out.h"
#include "libfind.h"

#define JSON_VERSION	1	/* of the format that our tools write */

/* json.c */

/* These take over value, and end the tool if there is no memory. */
void	 out_json_put(json_t *object, const char *key, json_t *value);
void	 out_json_add(json_t *array, json_t *value);
/*
 * Adds a second key, KEY_b64, if a string is not UTF-8; null if it is NULL. The
 * second function frees s, the third takes a list that ends with NULL.
 */
void	 out_json_string(json_t *object, const char *key, const char *s);
void	 out_json_made(json_t *object, const char *key, char *s);
void	 out_json_words(json_t *object, const char *key,
	    const char *const *words);
/* Null if s <= 0; adds a second key, KEY_iso. */
void	 out_json_date(json_t *object, const char *key, int64_t s);
json_t	*out_json_number(int64_t n);		/* null if n < 0 */
json_t	*out_json_truth(int n);			/* null if n < 0 */
json_t	*out_json_text(const char *s);		/* without a second key */
void	 out_json_print(json_t *value);		/* and frees it */
void	 out_json_print_line(json_t *value);	/* on one line */

/* out_json.c */
json_t	*out_json_state(enum tun_state s);
json_t	*out_json_health(enum tun_health health); /* null: not known */
json_t	*out_json_evidence(const struct tun_evidence *e, int served);
/* Clients at other ends, or helpers; one object each. */
json_t	*out_json_peers(const struct tun_peer *const *v, size_t n);
json_t	*out_json_notes(const struct tun_list *list);	/* list may be NULL */
json_t	*out_json_tunnels(const struct view *view);	/* one object each */

#endif
