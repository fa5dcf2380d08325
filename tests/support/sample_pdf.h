/* Drawing the sample report in tests: into memory, with a hash, or stopped half-way.
 *
 *     struct pdf pdf = sample_pdf_draw(report, LANGUAGE_EN);
 *     assert_string_equal(pdf.hash, other.hash);
 *     sample_pdf_finish(&pdf);
 */
#ifndef WALKIE_TESTS_SUPPORT_SAMPLE_PDF_H
#define WALKIE_TESTS_SUPPORT_SAMPLE_PDF_H

#include "audit/document/document.h"

struct pdf {
    enum status status;
    struct error error;
    struct buffer bytes;
    uint64_t hash;     /* FNV-1a, 64 bits */
    size_t n_pieces;   /* calls of `write` */
    size_t pieces_max; /* write fails with ABORTED at this call; 0: never */
};

enum { SAMPLE_PDF_BYTES_MAX = 64 * 1024 * 1024 };

/* A document_write_fn; arg is a struct pdf. */
enum status sample_pdf_write(void *arg, struct bytes piece);

/* Draw under the context. `pieces_max` as above. */
struct pdf sample_pdf_draw(
    const struct ctx *ctx, const struct report *report, enum language language, size_t pieces_max);
void sample_pdf_finish(struct pdf *pdf);

#endif
