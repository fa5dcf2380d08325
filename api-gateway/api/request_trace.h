/* What a request tells the store of traces: when it makes a call that is worth recording, and when
 * both its exchange and its call are over. INLINE calls take microseconds: they are told once, at
 * the end.
 *
 * Each function does nothing where no traces are kept (--traces-max 0). */
#ifndef WALKIE_GATEWAY_REQUEST_TRACE_H
#define WALKIE_GATEWAY_REQUEST_TRACE_H

#include "api/request.h"

/* Before a call of `method` starts; sets the trace's recorder. */
void request_trace_call(struct request *request, const struct rpc_method *method);

/* The call is over. Before request_unref. */
void request_trace_called(struct request *request, const struct rpc_end *end);

/* The exchange is over. Before request_unref, on the loop's thread. */
void request_trace_done(struct request *request, const struct http_summary *summary);

/* Nothing more comes: by the last holder. */
void request_trace_finish(struct request *request);

#endif
