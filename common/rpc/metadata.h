/* Call metadata: a few small entries that a caller attaches to its calls, beside the request.
 *
 *     struct rpc_metadata_entry entries[1];
 *     struct rpc_metadata metadata;
 *     rpc_metadata_init(&metadata, entries, LENGTH_OF(entries));
 *     status = rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of(client));
 *     CTX_SCOPE(scope, ctx_with_value(ctx, &RPC_METADATA_KEY, &metadata));
 *
 * Every call started under that context carries them; the nearest value of RPC_METADATA_KEY counts
 * whole, nothing is merged. A handler reads what came in with rpc_call_metadata (rpc/server.h).
 * What came in is not passed on by itself: whoever wants that says so, entry by entry.
 *
 * Keys are lower case, of RPC_METADATA_KEY_CHARACTERS; values are any bytes. The maxima below hold
 * on both sides, so that a CALL's header has a bound.
 *
 * Threads: build it on one; once it is in a context it must not change any more.
 * Not here: HTTP headers (none becomes metadata by itself), signing (rpc/interceptor_auth.h). */
#ifndef WALKIE_RPC_METADATA_H
#define WALKIE_RPC_METADATA_H

#include <stdbool.h>

#include "base/bytes.h"
#include "ctx/ctx.h"

enum {
    RPC_METADATA_ENTRIES_MAX = 16,
    RPC_METADATA_KEY_MAX = 64,    /* bytes of a key, without the NUL */
    RPC_METADATA_VALUE_MAX = 512, /* bytes of a value */
    RPC_METADATA_LEN_MAX = 4096,  /* bytes of all keys and values together */
};
#define RPC_METADATA_KEY_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-._"

/* Reserved keys: who asks (admission shares out by it), and what it may see (a part of single
 * flight's key). */
#define RPC_METADATA_PRINCIPAL "principal"
#define RPC_METADATA_SCOPE "authorization-scope"
/* W3C tracestate of the call's trace (obs/tracestate.h). */
#define RPC_METADATA_TRACESTATE "tracestate"

struct rpc_metadata_entry {
    const char *key;
    struct bytes value;
};

struct rpc_metadata {
    struct rpc_metadata_entry *entries;
    size_t n_entries;
    size_t n_entries_max;
    size_t len; /* of all keys and values */
};

/* What a context carries; the value is a `const struct rpc_metadata`. */
extern const struct ctx_key RPC_METADATA_KEY;

/* Empty, with room for `n_entries_max` entries in an array that the caller provides. Both must live
 * as long as the context that carries them, and its references. */
void rpc_metadata_init(
    struct rpc_metadata *metadata, struct rpc_metadata_entry *entries, size_t n_entries_max);

/* Set one entry, replacing the one with the same key. Key and value are borrowed like the array.
 * Errors: INVALID_ARGUMENT (a key or value that must not be), RESOURCE_EXHAUSTED (no room in the
 * array, or all together too long); the metadata is unchanged then. */
MUST_USE enum status rpc_metadata_set(
    struct rpc_metadata *metadata, const char *key, struct bytes value);

/* The value under a key; false when there is none. `metadata` may be NULL. */
bool rpc_metadata_get(
    const struct rpc_metadata *metadata, const char *key, struct bytes *ret_value);

/* A copy in one allocation, which *ret_entries is: free(*ret_entries) when done. Empty metadata
 * needs none (NULL). Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status rpc_metadata_copy(const struct rpc_metadata *metadata,
    struct rpc_metadata *ret_copy, struct rpc_metadata_entry **ret_entries);

/* The nearest metadata in the context, NULL when there is none. */
const struct rpc_metadata *rpc_metadata_of(const struct ctx *ctx);

#endif
