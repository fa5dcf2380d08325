#include "api/file_stream.h"

#include "api/timing.h"

static void on_sent(void *arg, size_t len)
{
    struct request *request = arg;
    rpc_client_call_consumed(request->call, len);
}

void file_stream_begin(struct request *request, const char *content_type, int64_t len)
{
    http_respond_on_sent(request->exchange, on_sent, request);
    request->is_answer_begun = true;
    http_respond_begin(request->exchange, 200, content_type, len);
}

void file_stream_on_chunk(void *arg, struct bytes piece)
{
    struct request *request = arg;
    if (request->is_answer_begun) {
        http_respond_piece(request->exchange, piece);
    }
}

void file_stream_on_end(void *arg, const struct rpc_end *end)
{
    struct request *request = arg;
    if (end->status == STATUS_OK && request->is_answer_begun) {
        timing_respond_trailer(request);
        http_respond_end(request->exchange);
    }
    request_end_call(request, end);
}
