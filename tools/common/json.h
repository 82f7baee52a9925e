/* SPDX-License-Identifier: ISC */
/* JSON as tunps writes it, for tools that say other things too; out_json.c. */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>

#include "out.h"

#define JSON_VERSION	1	/* of what our tools write */

/* These take value over, and end the tool where there is no memory. */
void	 out_json_put(json_t *object, const char *key, json_t *value);
void	 out_json_add(json_t *array, json_t *value);
/* With a twin, KEY_b64, where s is not UTF-8; null where it is NULL. */
void	 out_json_string(json_t *object, const char *key, const char *s);

/* Null where s <= 0; with a twin, KEY_iso. */
void	 out_json_date(json_t *object, const char *key, int64_t s);
json_t	*out_json_number(int64_t n);		/* null where it is < 0 */
json_t	*out_json_state(enum tun_state s);
json_t	*out_json_health(enum tun_health health); /* null: not known */
json_t	*out_json_evidence(const struct tun_evidence *e);
/* Who is at other ends, or is a helper; one object each. */
json_t	*out_json_peers(const struct tun_peer *p, size_t n);
json_t	*out_json_notes(const struct tun_list *list);	/* list may be NULL */
json_t	*out_json_tunnels(const struct view *view);	/* one object each */
void	 out_json_print(json_t *value);		/* and frees it */

#endif
