#include "rpc/server_table.h"

#include <stdlib.h>

#include "rpc/server_internal.h"

static size_t bucket_of(const struct server_table *table, uint32_t call_id)
{
    uint32_t mixed = (call_id ^ table->seed) * UINT32_C(2654435769);
    return mixed >> (32 - table->n_bits);
}

static size_t n_buckets(const struct server_table *table)
{
    return (size_t)1 << table->n_bits;
}

bool server_table_init(struct server_table *table, uint32_t seed)
{
    *table = (struct server_table){.n_bits = SERVER_TABLE_BITS_MIN, .seed = seed};
    table->buckets = calloc(n_buckets(table), sizeof(struct rpc_server_call *));
    return table->buckets != NULL;
}

void server_table_finish(struct server_table *table)
{
    free(table->buckets);
    table->buckets = NULL;
}

struct rpc_server_call *server_table_find(const struct server_table *table, uint32_t call_id)
{
    struct rpc_server_call *call = table->buckets[bucket_of(table, call_id)];
    while (call != NULL && call->id != call_id) {
        call = call->next_in_bucket;
    }
    return call;
}

static void link_call(struct server_table *table, struct rpc_server_call *call)
{
    struct rpc_server_call **bucket = &table->buckets[bucket_of(table, call->id)];
    call->next_in_bucket = *bucket;
    *bucket = call;
}

/* Four times the buckets. Without memory it stays as it is, and slower. */
static void grow(struct server_table *table)
{
    struct server_table larger = *table;
    larger.n_bits += 2;
    larger.buckets = calloc(n_buckets(&larger), sizeof(struct rpc_server_call *));
    if (larger.buckets == NULL) {
        return;
    }
    for (size_t i = 0; i < n_buckets(table); i++) {
        struct rpc_server_call *call = table->buckets[i];
        while (call != NULL) {
            struct rpc_server_call *next = call->next_in_bucket;
            link_call(&larger, call);
            call = next;
        }
    }
    free(table->buckets);
    *table = larger;
}

void server_table_add(struct server_table *table, struct rpc_server_call *call)
{
    if (table->n_calls >= n_buckets(table) && table->n_bits < SERVER_TABLE_BITS_MAX) {
        grow(table);
    }
    link_call(table, call);
    table->n_calls++;
}

void server_table_remove(struct server_table *table, struct rpc_server_call *call)
{
    struct rpc_server_call **at = &table->buckets[bucket_of(table, call->id)];
    while (*at != call) {
        at = &(*at)->next_in_bucket;
    }
    *at = call->next_in_bucket;
    table->n_calls--;
}

struct rpc_server_call *server_table_next(
    const struct server_table *table, const struct rpc_server_call *call)
{
    if (call != NULL && call->next_in_bucket != NULL) {
        return call->next_in_bucket;
    }
    size_t i = call == NULL ? 0 : bucket_of(table, call->id) + 1;
    while (i < n_buckets(table) && table->buckets[i] == NULL) {
        i++;
    }
    return i < n_buckets(table) ? table->buckets[i] : NULL;
}
