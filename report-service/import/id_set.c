#include "import/id_set.h"

#include <stdlib.h>

enum { SLOTS_MIN = 1024 };

/* INT64_MIN marks a free slot; as a key it is kept apart. */
struct id_set {
    int64_t *slots; /* a power of two of them, at most half in use */
    size_t n_slots;
    size_t n_ids;
    bool has_least;
};

struct id_set *id_set_new(void)
{
    return calloc(1, sizeof(struct id_set));
}

void id_set_free(struct id_set *set)
{
    if (set != NULL) {
        free(set->slots);
        free(set);
    }
}

static size_t find(const int64_t *slots, size_t n_slots, int64_t id)
{
    size_t at = (size_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (n_slots - 1);
    while (slots[at] != INT64_MIN && slots[at] != id) {
        at = (at + 1) & (n_slots - 1);
    }
    return at;
}

static bool grow(struct id_set *set)
{
    size_t n_slots = set->n_slots == 0 ? SLOTS_MIN : set->n_slots * 2;
    int64_t *slots = malloc(n_slots * sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < n_slots; i++) {
        slots[i] = INT64_MIN;
    }
    for (size_t i = 0; i < set->n_slots; i++) {
        if (set->slots[i] != INT64_MIN) {
            slots[find(slots, n_slots, set->slots[i])] = set->slots[i];
        }
    }
    free(set->slots);
    set->slots = slots;
    set->n_slots = n_slots;
    return true;
}

bool id_set_add(struct id_set *set, int64_t id, bool *ret_is_new)
{
    if (id == INT64_MIN) {
        *ret_is_new = !set->has_least;
        set->has_least = true;
        return true;
    }
    if (set->n_ids == ID_SET_MAX || ((set->n_ids + 1) * 2 > set->n_slots && !grow(set))) {
        return false;
    }
    size_t at = find(set->slots, set->n_slots, id);
    *ret_is_new = set->slots[at] == INT64_MIN;
    set->slots[at] = id;
    set->n_ids += *ret_is_new ? 1 : 0;
    return true;
}

bool id_set_has(const struct id_set *set, int64_t id)
{
    if (id == INT64_MIN) {
        return set->has_least;
    }
    return set->n_slots > 0 && set->slots[find(set->slots, set->n_slots, id)] == id;
}
