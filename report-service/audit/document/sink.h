/* Between cairo, which writes a few bytes at a time, and the caller's `write`, which wants pieces.
 *
 *     sink = sink_new(ctx, write, arg);
 *     surface = cairo_pdf_surface_create_for_stream(sink_take, sink, width, height);
 *     status = sink_flush(sink);
 *
 * The first failure stays: after it nothing more is written. cairo hears of it once all pages have
 * been handed in, which makes its final embedding of fonts listen to the context; before that it
 * would lose the page that it writes, and cairo 1.16 aborts the process at the end of a document
 * with a destination on a page that it has lost.
 *
 * What cairo 1.16 cannot say is put in on the way: entries of the document's catalog. It is the
 * last object of the file, so that only the last number, where the table of objects begins, moves.
 */
#ifndef WALKIE_AUDIT_DOCUMENT_SINK_H
#define WALKIE_AUDIT_DOCUMENT_SINK_H

#include <cairo.h>

#include "audit/document/document.h"

enum { SINK_PIECE_MAX = 64 * 1024 }; /* bytes handed to `write` at once */

struct sink;

/* `catalog`: lines to put into the catalog, "   /Lang (en)\n". NULL when out of memory. Borrows
 * everything. */
MUST_USE struct sink *sink_new(
    const struct ctx *ctx, const char *catalog, document_write_fn *write, void *arg);
void sink_free(struct sink *sink); /* accepts NULL */

/* cairo_write_func_t. */
cairo_status_t sink_take(void *sink, const unsigned char *data, unsigned int len);

/* Hand over what is gathered. Returns the first failure. */
MUST_USE enum status sink_flush(struct sink *sink);

/* The same at the very end. INTERNAL: the file's ending was not what this cairo is known to write,
 * and the file is not to be trusted. */
MUST_USE enum status sink_finish(struct sink *sink);

/* All pages have been handed in: from now on cairo is told of failures. */
void sink_end_pages(struct sink *sink);

/* From now on nothing is written; for giving up half-way. */
void sink_stop(struct sink *sink, enum status status);

#endif
