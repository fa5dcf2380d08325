/* The report as a PDF: A4, cairo and pango, outline, contents, "page x of y", links, embedded
 * fonts.
 *
 *     struct document_options options = {.language = LANGUAGE_ZH_CN};
 *     status = document_write_pdf(ctx, report, &options, write_to_spool, spool, &error);
 *
 * Two passes: measure (page numbers for contents and totals), then draw; pages leave through
 * `write` as they are finished. The bytes are a function of the report and the options alone: no
 * clock, no locale, no environment. Checkpoints ("layout", "render", "fonts") between rows and
 * pages.
 *
 * Not here: what is in the report (model/), or where the bytes go. */
#ifndef WALKIE_AUDIT_DOCUMENT_H
#define WALKIE_AUDIT_DOCUMENT_H

#include "audit/model/model.h"
#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"

struct document_options {
    enum language language;
    uint64_t page_delay_ns; /* fault injection: a pause before each page is drawn; 0: none */
};

/* Takes the next piece of the file. Anything but OK stops the writing and is returned. */
typedef enum status document_write_fn(void *arg, struct bytes piece);

/* Write the whole PDF.
 * Threads: any, several at once. Ownership: borrows everything until it returns.
 * Errors: the context's; what `write` returned; RESOURCE_EXHAUSTED (memory, or more than
 * DOCUMENT_PAGES_MAX pages); INTERNAL with cairo's words. */
MUST_USE enum status document_write_pdf(const struct ctx *ctx, const struct report *report,
    const struct document_options *options, document_write_fn *write, void *arg,
    struct error *ret_error);

/* Load fonts ahead of the first report (5 to 20 ms, more from a cold disk), once, from main. OK
 * when the fonts are there; UNAVAILABLE names the missing family and the Debian package that has
 * it. */
MUST_USE enum status document_prepare(struct error *ret_error);

enum { DOCUMENT_PAGES_MAX = 20000 };

#endif
