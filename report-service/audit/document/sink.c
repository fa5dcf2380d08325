#include "audit/document/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink {
    const struct ctx *ctx;
    document_write_fn *write;
    void *arg;
    struct buffer catalog;
    enum status status;
    bool is_strict;   /* cairo is told of failures */
    bool has_catalog; /* it has been put in, so that the table of objects begins later */
    bool has_ending;  /* and its place has been corrected */
    size_t n_matched; /* bytes of "startxref" so far */
    uint64_t table_at;
    const _Atomic bool *is_left; /* not NULL: keeping */
    struct buffer kept;
    uint32_t *pages; /* their objects' numbers */
    size_t n_pages;
    size_t pages_capacity;
    size_t len;
    uint8_t piece[SINK_PIECE_MAX];
};

struct sink *sink_new(const struct ctx *ctx, document_write_fn *write, void *arg)
{
    struct sink *sink = calloc(1, sizeof(*sink));
    if (sink != NULL) {
        sink->ctx = ctx;
        sink->catalog = (struct buffer)BUFFER_EMPTY(0);
        sink->write = write;
        sink->arg = arg;
        sink->status = STATUS_OK;
        sink->kept = (struct buffer)BUFFER_EMPTY(SINK_KEPT_MAX);
    }
    return sink;
}

void sink_free(struct sink *sink)
{
    if (sink != NULL) {
        buffer_finish(&sink->kept);
        buffer_finish(&sink->catalog);
        free(sink->pages);
        free(sink);
    }
}

void sink_keep(struct sink *sink, const _Atomic bool *is_left)
{
    sink->is_left = is_left;
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
    if (sink->is_left != NULL && sink->status == STATUS_OK) {
        sink->status = buffer_append(&sink->kept, data, len);
        return;
    }
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
 * cairo writes an object's head in one go; what it compresses does not look like it. */
static size_t head_len(const char *text, size_t len, const char *type, uint32_t *ret_number)
{
    size_t n_digits = 0;
    uint32_t number = 0;
    while (n_digits < len && n_digits < 9 && text[n_digits] >= '0' && text[n_digits] <= '9') {
        number = number * 10 + (uint32_t)(text[n_digits++] - '0');
    }
    size_t type_len = strlen(type);
    bool is_head =
        n_digits > 0 && len >= n_digits + type_len && memcmp(text + n_digits, type, type_len) == 0;
    *ret_number = number;
    return is_head ? n_digits + type_len : 0;
}

static void note_page(struct sink *sink, uint32_t number)
{
    if (sink->n_pages == sink->pages_capacity) {
        size_t capacity = sink->pages_capacity == 0 ? 256 : sink->pages_capacity * 2;
        uint32_t *pages = realloc(sink->pages, capacity * sizeof(*pages));
        if (pages == NULL) {
            sink_stop(sink, STATUS_RESOURCE_EXHAUSTED);
            return;
        }
        sink->pages = pages;
        sink->pages_capacity = capacity;
    }
    sink->pages[sink->n_pages++] = number;
}

unsigned int sink_page_object(const struct sink *sink, int page)
{
    return page >= 1 && (size_t)page <= sink->n_pages ? sink->pages[page - 1] : 0;
}

void sink_set_catalog(struct sink *sink, struct buffer *catalog)
{
    buffer_finish(&sink->catalog);
    sink->catalog = *catalog;
    *catalog = (struct buffer)BUFFER_EMPTY(0);
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
            int number_len =
                snprintf(number, sizeof(number), "%" PRIu64, sink->table_at + sink->catalog.len);
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
    if (sink->is_left != NULL) {
        sink_stop(sink, atomic_load(sink->is_left) ? STATUS_ABORTED : STATUS_OK);
    } else if (sink->status == STATUS_OK && ctx_done(sink->ctx)) {
        sink->status = ctx_err(sink->ctx);
    }
    uint32_t number;
    const char *text = (const char *)data;
    size_t catalog_len = head_len(text, len, " 0 obj\n<< /Type /Catalog\n", &number);
    if (sink->has_catalog) {
        put_ending(sink, text, len);
    } else if (catalog_len > 0) {
        put(sink, data, catalog_len);
        put(sink, sink->catalog.data, sink->catalog.len);
        put(sink, data + catalog_len, len - catalog_len);
        sink->has_catalog = true;
    } else {
        if (head_len(text, len, " 0 obj\n<< /Type /Page ", &number) > 0) {
            note_page(sink, number);
        }
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
    struct bytes kept = buffer_bytes(&sink->kept);
    sink->is_left = NULL;
    for (size_t at = 0; at < kept.len && sink->status == STATUS_OK; at += SINK_PIECE_MAX) {
        size_t left = kept.len - at;
        put(sink, kept.data + at, left < SINK_PIECE_MAX ? left : SINK_PIECE_MAX);
        sink_stop(sink, ctx_err(sink->ctx));
    }
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
