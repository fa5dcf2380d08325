#include "audit/document/sink.h"

#include <stdlib.h>
#include <string.h>

struct sink {
    const struct ctx *ctx;
    document_write_fn *write;
    void *arg;
    enum status status;
    size_t len;
    uint8_t piece[SINK_PIECE_MAX];
};

struct sink *sink_new(const struct ctx *ctx, document_write_fn *write, void *arg)
{
    struct sink *sink = malloc(sizeof(*sink));
    if (sink != NULL) {
        sink->ctx = ctx;
        sink->write = write;
        sink->arg = arg;
        sink->status = STATUS_OK;
        sink->len = 0;
    }
    return sink;
}

void sink_free(struct sink *sink)
{
    free(sink);
}

enum status sink_flush(struct sink *sink)
{
    if (sink->status == STATUS_OK && sink->len > 0) {
        sink->status = sink->write(sink->arg, (struct bytes){sink->piece, sink->len});
        sink->len = 0;
    }
    return sink->status;
}

cairo_status_t sink_take(void *sink_arg, const unsigned char *data, unsigned int len)
{
    struct sink *sink = sink_arg;
    if (sink->status == STATUS_OK && ctx_done(sink->ctx)) {
        sink->status = ctx_err(sink->ctx);
    }
    while (len > 0 && sink->status == STATUS_OK) {
        size_t part = SINK_PIECE_MAX - sink->len < len ? SINK_PIECE_MAX - sink->len : len;
        memcpy(sink->piece + sink->len, data, part);
        sink->len += part;
        data += part;
        len -= (unsigned int)part;
        if (sink->len == SINK_PIECE_MAX && sink_flush(sink) != STATUS_OK) {
            break;
        }
    }
    return sink->status == STATUS_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

void sink_stop(struct sink *sink, enum status status)
{
    if (sink->status == STATUS_OK) {
        sink->status = status;
    }
}
