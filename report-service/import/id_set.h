/* A set of keys: which rows of a table there are.
 *
 *     if (!id_set_add(set, site_id, &is_new)) { out of memory }
 *     if (id_set_has(set, site_id)) { ... }
 *
 * 16 to 32 bytes a key. Not here: removing, order. One thread. */
#ifndef WALKIE_IMPORT_ID_SET_H
#define WALKIE_IMPORT_ID_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum { ID_SET_MAX = 100000000 }; /* keys of one set */

struct id_set;

MUST_USE struct id_set *id_set_new(void); /* NULL when out of memory */
void id_set_free(struct id_set *set);     /* accepts NULL */

/* False when out of memory or above ID_SET_MAX. `ret_is_new`: it was not there before. */
MUST_USE bool id_set_add(struct id_set *set, int64_t id, bool *ret_is_new);
bool id_set_has(const struct id_set *set, int64_t id);

#endif
