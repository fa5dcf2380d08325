/* The calls in flight on one connection, by their ids. An id is a slot and which use of the slot it
 * is: a lookup is an index, and a late frame for an earlier use finds nothing.
 *
 *     id = call_table_put(&table, call);
 *     call = call_table_get(&table, id);          NULL: none with this id
 *     call = call_table_take(&table, id);
 *
 * Slots are touched from the first one upwards, so a table costs the memory of the most calls that
 * were ever in it. Its user locks. Not here: what a call is. */
#ifndef WALKIE_RPC_CALL_TABLE_H
#define WALKIE_RPC_CALL_TABLE_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/status.h"

enum {
    CALL_TABLE_SLOT_BITS = 13,       /* of a call id: which slot */
    CALL_TABLE_GENERATION_BITS = 18, /* of a call id: which use of the slot; never 0 */
};

struct rpc_client_call;

struct call_slot {
    struct rpc_client_call *call; /* NULL: free */
    uint32_t generation;
    uint32_t next_free;
};

struct call_table {
    struct call_slot *slots;
    uint32_t n_slots;
    uint32_t n_touched; /* slots that were ever used; the others are no list's */
    uint32_t first_free;
    uint32_t n_calls;
};

/* Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status call_table_init(struct call_table *table, uint32_t n_slots);
void call_table_finish(struct call_table *table);

/* The call's id; 0 when the table is full. */
MUST_USE uint32_t call_table_put(struct call_table *table, struct rpc_client_call *call);

struct rpc_client_call *call_table_get(const struct call_table *table, uint32_t id);
struct rpc_client_call *call_table_take(struct call_table *table, uint32_t id);

/* Take the first call at or after slot *at, which moves on: to empty a table begin with 0. NULL:
 * there is none. */
struct rpc_client_call *call_table_take_next(struct call_table *table, uint32_t *at);

#endif
