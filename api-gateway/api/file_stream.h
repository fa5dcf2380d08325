/* A file that comes as a stream and leaves as an answer: what the methods that make files share.
 *
 *     request_call(request, &REPORT_AUDIT_REPORT, &message.base, &FILE_STREAM_EVENTS, &error);
 *
 * The head of the stream becomes the header of the answer (the route's read_head says how), chunks
 * its body, and what the client has taken becomes credit for more, so that a slow client slows only
 * itself. Without a length the answer is chunked, and has no last chunk when the call fails in the
 * middle. The functions run where the call's events do. */
#ifndef WALKIE_GATEWAY_FILE_STREAM_H
#define WALKIE_GATEWAY_FILE_STREAM_H

#include "api/request.h"

extern const struct rpc_call_events FILE_STREAM_EVENTS;

#endif
