/* Where the row of a key is: from the databases' integers to the places of an array.
 *
 *     status = id_index_add(&index, form_id, n_forms++);
 *     if (id_index_find(&index, form_id, &place)) { forms[place] … }
 *     id_index_clear(&index);                       the memory stays for the next round
 *
 * Starts zeroed. One thread at a time. Not here: taking a key out. */
#ifndef WALKIE_CRF_ID_INDEX_H
#define WALKIE_CRF_ID_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/status.h"

enum { ID_INDEX_MAX = 1 << 26 }; /* keys of one index */

struct id_slot {
    int64_t id;
    uint32_t place; /* +1; 0: free */
};

struct id_index {
    struct id_slot *slots; /* a power of two of them, at most half in use */
    size_t n_slots;
    size_t n_ids;
};

/* Errors: RESOURCE_EXHAUSTED (memory, ID_INDEX_MAX). A key that is there already keeps its place.
 */
MUST_USE enum status id_index_add(struct id_index *index, int64_t id, uint32_t place);
bool id_index_find(const struct id_index *index, int64_t id, uint32_t *ret_place);
void id_index_clear(struct id_index *index);
void id_index_finish(struct id_index *index); /* frees; the index is empty and usable again */

#endif
