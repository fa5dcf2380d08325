/* Between cairo, which writes a few bytes at a time, and the caller's `write`, which wants pieces.
 *
 *     sink = sink_new(ctx, write, arg);
 *     surface = cairo_pdf_surface_create_for_stream(sink_take, sink, width, height);
 *     status = sink_flush(sink);
 *
 * The first failure stays: after it nothing more is written. cairo hears of it once all pages have
 * been handed in, which makes its final embedding of fonts listen to the context; a page that it
 * could not write would be missing from its books, and cairo 1.16 aborts the process over that.
 *
 * What cairo 1.16 cannot say is put in on the way (catalog.h): entries of the document's catalog.
 * It is the last object of the file, so that only the last number, where the table of objects
 * begins, moves. For that the sink also remembers which object each page is. */
#ifndef WALKIE_AUDIT_DOCUMENT_SINK_H
#define WALKIE_AUDIT_DOCUMENT_SINK_H

#include <cairo.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "audit/document/document.h"

enum { SINK_PIECE_MAX = 64 * 1024 }; /* bytes handed to `write` at once */
enum {
    SINK_KEPT_MAX = 256 * 1024 * 1024
}; /* bytes of the end of a file: fonts, table of objects */

struct sink;

/* NULL when out of memory. Borrows everything. */
MUST_USE struct sink *sink_new(const struct ctx *ctx, document_write_fn *write, void *arg);
void sink_free(struct sink *sink); /* accepts NULL */

/* cairo_write_func_t. */
cairo_status_t sink_take(void *sink, const unsigned char *data, unsigned int len);

/* The object number of a page (from 1) that cairo has finished; 0: of none. */
unsigned int sink_page_object(const struct sink *sink, int page);

/* Put these lines, "   /Lang (en)\n", into the catalog when it comes. Takes the buffer's memory. */
void sink_set_catalog(struct sink *sink, struct buffer *catalog);

/* From now on keep what comes instead of handing it over: cairo ends the file on a thread that may
 * be left alone (ctx/aside.h), and must touch neither the context nor the caller's `write`. Writes
 * fail once *is_left is true. */
void sink_keep(struct sink *sink, const _Atomic bool *is_left);

/* Hand over what is gathered. Returns the first failure. */
MUST_USE enum status sink_flush(struct sink *sink);

/* The same at the very end, with what was kept. INTERNAL: the file's ending was not what this cairo
 * is known to write, and the file is not to be trusted. */
MUST_USE enum status sink_finish(struct sink *sink);

/* All pages have been handed in: from now on cairo is told of failures. */
void sink_end_pages(struct sink *sink);

/* From now on nothing is written; for giving up half-way. */
void sink_stop(struct sink *sink, enum status status);

#endif
