/* A file that comes as a stream and leaves as an answer: what the methods that make files share.
 *
 *     static const struct rpc_call_events EVENTS = {
 *         .on_reply = on_head, .on_chunk = file_stream_on_chunk, .on_end = file_stream_on_end};
 *     file_stream_begin(request, head->content_type, len);          in on_head, after the headers
 *
 * What the client has taken becomes credit for more, so that a slow client slows only itself. The
 * functions run where the call's events do. Not here: which headers an answer has. */
#ifndef WALKIE_GATEWAY_FILE_STREAM_H
#define WALKIE_GATEWAY_FILE_STREAM_H

#include "api/request.h"

/* Begin the answer: 200. `len` is the file's, or HTTP_LENGTH_UNKNOWN. */
void file_stream_begin(struct request *request, const char *content_type, int64_t len);

/* Events of the call; `arg` is the request. A stream that ends otherwise than well breaks an answer
 * off that has begun. */
void file_stream_on_chunk(void *arg, struct bytes piece);
void file_stream_on_end(void *arg, const struct rpc_end *end);

#endif
