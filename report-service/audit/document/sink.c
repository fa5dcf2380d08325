#include "audit/document/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink {
    const struct ctx *ctx;
    document_write_fn *write;
    void *arg;
    const char *catalog;
    enum status status;
    bool is_strict;   /* cairo is told of failures */
    bool has_catalog; /* it has been put in, so that the table of objects begins later */
    bool has_ending;  /* and its place has been corrected */
    size_t n_matched; /* bytes of "startxref" so far */
    uint64_t table_at;
    size_t len;
    uint8_t piece[SINK_PIECE_MAX];
};

struct sink *sink_new(
    const struct ctx *ctx, const char *catalog, document_write_fn *write, void *arg)
{
    struct sink *sink = calloc(1, sizeof(*sink));
    if (sink != NULL) {
        sink->ctx = ctx;
        sink->catalog = catalog;
        sink->write = write;
        sink->arg = arg;
        sink->status = STATUS_OK;
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

static void put(struct sink *sink, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    while (len > 0 && sink->status == STATUS_OK) {
        size_t part = SINK_PIECE_MAX - sink->len < len ? SINK_PIECE_MAX - sink->len : len;
        memcpy(sink->piece + sink->len, bytes, part);
        sink->len += part;
        bytes += part;
        len -= part;
        if (sink->len == SINK_PIECE_MAX && sink_flush(sink) != STATUS_OK) {
            break;
        }
    }
}

/* Bytes up to the end of "17 0 obj\n<< /Type /Catalog\n" where the write begins with that, else 0.
 * cairo writes the object's head in one go; what it compresses does not look like it. */
static size_t catalog_head_len(const char *text, size_t len)
{
    static const char HEAD[] = " 0 obj\n<< /Type /Catalog\n";
    size_t n_digits = 0;
    while (n_digits < len && n_digits < 10 && text[n_digits] >= '0' && text[n_digits] <= '9') {
        n_digits++;
    }
    size_t head_len = n_digits + sizeof(HEAD) - 1;
    bool is_head =
        n_digits > 0 && len >= head_len && memcmp(text + n_digits, HEAD, sizeof(HEAD) - 1) == 0;
    return is_head ? head_len : 0;
}

/* After the catalog: look for the last number of the file, however it is cut into writes, and put
 * in the right one. */
static void put_ending(struct sink *sink, const char *text, size_t len)
{
    static const char HEAD[] = "startxref\n";
    for (size_t i = 0; i < len && sink->status == STATUS_OK; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (sink->n_matched == sizeof(HEAD) - 1 && is_digit) {
            sink->table_at = sink->table_at * 10 + (uint64_t)(text[i] - '0');
            continue;
        }
        if (sink->n_matched == sizeof(HEAD) - 1) {
            char number[32];
            int number_len = snprintf(
                number, sizeof(number), "%" PRIu64, sink->table_at + strlen(sink->catalog));
            put(sink, number, (size_t)number_len);
            sink->has_ending = true;
            sink->n_matched = 0;
        }
        sink->n_matched = text[i] == HEAD[sink->n_matched] ? sink->n_matched + 1
                          : text[i] == HEAD[0]             ? 1
                                                           : 0;
        put(sink, &text[i], 1);
    }
}

cairo_status_t sink_take(void *sink_arg, const unsigned char *data, unsigned int len)
{
    struct sink *sink = sink_arg;
    if (sink->status == STATUS_OK && ctx_done(sink->ctx)) {
        sink->status = ctx_err(sink->ctx);
    }
    size_t head_len = sink->has_catalog ? 0 : catalog_head_len((const char *)data, len);
    if (head_len > 0) {
        put(sink, data, head_len);
        put(sink, sink->catalog, strlen(sink->catalog));
        put(sink, data + head_len, len - head_len);
        sink->has_catalog = true;
    } else if (sink->has_catalog) {
        put_ending(sink, (const char *)data, len);
    } else {
        put(sink, data, len);
    }
    bool is_told = sink->is_strict && sink->status != STATUS_OK;
    return is_told ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

void sink_end_pages(struct sink *sink)
{
    sink->is_strict = true;
}

enum status sink_finish(struct sink *sink)
{
    enum status status = sink_flush(sink);
    bool is_sound = sink->has_catalog == sink->has_ending;
    return status == STATUS_OK && !is_sound ? STATUS_INTERNAL : status;
}

void sink_stop(struct sink *sink, enum status status)
{
    if (sink->status == STATUS_OK) {
        sink->status = status;
    }
}
