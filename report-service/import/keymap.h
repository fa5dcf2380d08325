/* Texts to numbers: how an import finds the row that another row refers to.
 *
 *     keymap_put(subjects, subject_no, subject_id);
 *     if (keymap_get(subjects, subject_no, &subject_id)) { ... }
 *
 * Not here: removing, order. One thread. */
#ifndef WALKIE_IMPORT_KEYMAP_H
#define WALKIE_IMPORT_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum { KEYMAP_MEMORY_MAX = 256 << 20 }; /* bytes of keys in one map */

struct keymap;

MUST_USE struct keymap *keymap_new(void); /* NULL when out of memory */
void keymap_free(struct keymap *map);     /* accepts NULL */

/* Add or replace; the key is copied. False when out of memory. */
MUST_USE bool keymap_put(struct keymap *map, const char *key, int64_t value);

/* False, and `ret_value` alone, when there is no such key: preset it for a default. */
bool keymap_get(const struct keymap *map, const char *key, int64_t *ret_value);

size_t keymap_count(const struct keymap *map);

#endif
