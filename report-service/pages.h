/* The report service's pages on the admin port: /debug/calls, what it is doing right now. */
#ifndef WALKIE_SERVICE_PAGES_H
#define WALKIE_SERVICE_PAGES_H

#include "base/bytes.h"
#include "rpc/server.h"

/* The calls in flight as a JSON array: stage, remaining time, last poll. */
MUST_USE enum status pages_write_calls(struct rpc_server *server, struct buffer *page);

#endif
