/* The gateway's pages on its admin port.
 *
 *     {"/debug/backends", "application/json", write_backends}
 *
 * Not here: the pages that every program has (obs/). */
#ifndef WALKIE_GATEWAY_PAGES_H
#define WALKIE_GATEWAY_PAGES_H

#include "base/bytes.h"
#include "rpc/channel.h"

/* Append a JSON array with an object for each address of each backend: url, address, state,
 * in_flight, ewma_ms, healthy, last_error, redial_in_ms.
 * Threads: any. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status pages_write_backends(struct rpc_channel *channel, struct buffer *page);

#endif
