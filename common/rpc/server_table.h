/* The calls of one connection by their ids: a hash table that grows with them, so that a lookup
 * looks at one or two calls however many are in flight, and an idle connection holds half a
 * kilobyte. Internal to common/rpc.
 *
 *     struct rpc_server_call *call = server_table_find(&peer->calls, frame->call_id);
 *
 * It owns none of them. Threads: one at a time; the connection's lock guards it. Not here: limits.
 */
#ifndef WALKIE_RPC_SERVER_TABLE_H
#define WALKIE_RPC_SERVER_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct rpc_server_call;

struct server_table {
    struct rpc_server_call **buckets;
    unsigned int n_bits; /* of the number of buckets */
    unsigned int n_calls;
    uint32_t seed;
};

enum {
    SERVER_TABLE_BITS_MIN = 6,
    SERVER_TABLE_BITS_MAX = 16, /* it grows no further; chains do */
};

/* `seed` is what peers cannot know: it keeps them from choosing ids that collide.
 * False: out of memory; finish it all the same. */
MUST_USE bool server_table_init(struct server_table *table, uint32_t seed);
void server_table_finish(struct server_table *table);

/* NULL: no such call. */
struct rpc_server_call *server_table_find(const struct server_table *table, uint32_t call_id);
void server_table_add(struct server_table *table, struct rpc_server_call *call);
void server_table_remove(struct server_table *table, struct rpc_server_call *call);

/* The call after `call`, in no order; after NULL the first. NULL: there is none. */
struct rpc_server_call *server_table_next(
    const struct server_table *table, const struct rpc_server_call *call);

#endif
