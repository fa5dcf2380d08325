#include "crf/id_index.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

static size_t find(const struct id_slot *slots, size_t n_slots, int64_t id)
{
    size_t at = (size_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (n_slots - 1);
    while (slots[at].place != 0 && slots[at].id != id) {
        at = (at + 1) & (n_slots - 1);
    }
    return at;
}

static enum status grow(struct id_index *index)
{
    size_t n_slots = index->n_slots == 0 ? SLOTS_MIN : index->n_slots * 2;
    struct id_slot *slots =
        index->n_ids >= ID_INDEX_MAX ? NULL : calloc(n_slots, sizeof(struct id_slot));
    if (slots == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < index->n_slots; i++) {
        if (index->slots[i].place != 0) {
            slots[find(slots, n_slots, index->slots[i].id)] = index->slots[i];
        }
    }
    free(index->slots);
    index->slots = slots;
    index->n_slots = n_slots;
    return STATUS_OK;
}

enum status id_index_add(struct id_index *index, int64_t id, uint32_t place)
{
    if (index->n_ids * 2 >= index->n_slots) {
        enum status status = grow(index);
        if (status != STATUS_OK) {
            return status;
        }
    }
    struct id_slot *slot = &index->slots[find(index->slots, index->n_slots, id)];
    if (slot->place == 0) {
        *slot = (struct id_slot){id, place + 1};
        index->n_ids++;
    }
    return STATUS_OK;
}

bool id_index_find(const struct id_index *index, int64_t id, uint32_t *ret_place)
{
    if (index->n_slots == 0) {
        return false;
    }
    const struct id_slot *slot = &index->slots[find(index->slots, index->n_slots, id)];
    if (slot->place == 0) {
        return false;
    }
    *ret_place = slot->place - 1;
    return true;
}

void id_index_clear(struct id_index *index)
{
    if (index->n_ids > 0) {
        memset(index->slots, 0, index->n_slots * sizeof(*index->slots));
        index->n_ids = 0;
    }
}

void id_index_finish(struct id_index *index)
{
    free(index->slots);
    *index = (struct id_index){0};
}
