#include "api/file_stream.h"

#include "api/disposition.h"
#include "api/timing.h"
#include "operations/operations.h"

static void on_sent(void *arg, size_t len)
{
    struct request *request = arg;
    rpc_client_call_consumed(request->call, len);
}

static void on_head(void *arg, struct bytes message)
{
    struct request *request = arg;
    struct http_exchange *exchange = request->exchange;
    struct operation_file file;
    if (!request->route->read_head(message, &file)) {
        return; /* the stream then ends without an answer begun: on_end says 500 */
    }
    disposition_respond(exchange, file.content_type, file.filename, file.filename_utf8);
    if (file.sha256[0] != '\0') {
        request_respond_sha256(request, file.sha256);
    }
    if (file.content_hash[0] != '\0') {
        http_respond_header(exchange, "X-Content-Hash", file.content_hash);
    }
    http_respond_header(exchange, "Cache-Control", "private, no-store");
    http_respond_on_sent(exchange, on_sent, request);
    request->is_answer_begun = true;
    http_respond_begin(exchange, 200, file.content_type, file.len);
}

static void on_chunk(void *arg, struct bytes piece)
{
    struct request *request = arg;
    if (request->is_answer_begun) {
        http_respond_piece(request->exchange, piece);
    }
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct request *request = arg;
    if (end->status == STATUS_OK && request->is_answer_begun) {
        timing_respond_trailer(request);
        http_respond_end(request->exchange);
    }
    request_end_call(request, end);
}

const struct rpc_call_events FILE_STREAM_EVENTS = {
    .on_reply = on_head, .on_chunk = on_chunk, .on_end = on_end};
