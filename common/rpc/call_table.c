#include "rpc/call_table.h"

#include <assert.h>
#include <stdlib.h>

#include "rpc/frame.h"

#define SLOT_MASK ((UINT32_C(1) << CALL_TABLE_SLOT_BITS) - 1)
#define GENERATION_MASK ((UINT32_C(1) << CALL_TABLE_GENERATION_BITS) - 1)
#define SLOT_NONE UINT32_MAX

static uint32_t id_of(uint32_t index, uint32_t generation)
{
    return RPC_CALL_ID_TOP | generation << CALL_TABLE_SLOT_BITS | index;
}

enum status call_table_init(struct call_table *table, uint32_t n_slots)
{
    assert(n_slots > 0 && n_slots <= SLOT_MASK + 1);
    struct call_slot *slots = calloc(n_slots, sizeof(*slots));
    if (slots == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    *table = (struct call_table){.slots = slots, .n_slots = n_slots, .first_free = SLOT_NONE};
    return STATUS_OK;
}

void call_table_finish(struct call_table *table)
{
    free(table->slots);
}

uint32_t call_table_put(struct call_table *table, struct rpc_client_call *call)
{
    uint32_t index = table->first_free;
    struct call_slot *slot;
    if (index != SLOT_NONE) {
        slot = &table->slots[index];
        table->first_free = slot->next_free;
    } else if (table->n_touched < table->n_slots) {
        index = table->n_touched++;
        slot = &table->slots[index];
    } else {
        return 0;
    }
    slot->generation = slot->generation == GENERATION_MASK ? 1 : slot->generation + 1;
    slot->call = call;
    table->n_calls++;
    return id_of(index, slot->generation);
}

static struct call_slot *find(const struct call_table *table, uint32_t id)
{
    uint32_t index = id & SLOT_MASK;
    if (index >= table->n_touched) {
        return NULL;
    }
    struct call_slot *slot = &table->slots[index];
    return slot->call != NULL && id_of(index, slot->generation) == id ? slot : NULL;
}

struct rpc_client_call *call_table_get(const struct call_table *table, uint32_t id)
{
    const struct call_slot *slot = find(table, id);
    return slot == NULL ? NULL : slot->call;
}

static struct rpc_client_call *take(struct call_table *table, struct call_slot *slot)
{
    struct rpc_client_call *call = STEAL(slot->call);
    slot->next_free = table->first_free;
    table->first_free = (uint32_t)(slot - table->slots);
    table->n_calls--;
    return call;
}

struct rpc_client_call *call_table_take(struct call_table *table, uint32_t id)
{
    struct call_slot *slot = find(table, id);
    return slot == NULL ? NULL : take(table, slot);
}

struct rpc_client_call *call_table_take_next(struct call_table *table, uint32_t *at)
{
    for (; *at < table->n_touched; ++*at) {
        if (table->slots[*at].call != NULL) {
            return take(table, &table->slots[*at]);
        }
    }
    return NULL;
}
