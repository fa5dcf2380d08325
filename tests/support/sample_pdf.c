#include "support/sample_pdf.h"

enum status sample_pdf_write(void *arg, struct bytes piece)
{
    struct pdf *pdf = arg;
    pdf->n_pieces++;
    if (pdf->n_pieces == pdf->pieces_max) {
        return STATUS_ABORTED;
    }
    for (size_t i = 0; i < piece.len; i++) {
        pdf->hash = (pdf->hash ^ piece.data[i]) * UINT64_C(0x100000001b3);
    }
    return buffer_append(&pdf->bytes, piece.data, piece.len);
}

struct pdf sample_pdf_draw(
    const struct ctx *ctx, const struct report *report, enum language language, size_t pieces_max)
{
    struct pdf pdf = {.bytes = BUFFER_EMPTY(SAMPLE_PDF_BYTES_MAX),
        .hash = UINT64_C(0xcbf29ce484222325),
        .pieces_max = pieces_max};
    struct document_options options = {.language = language};
    pdf.status = document_write_pdf(ctx, report, &options, sample_pdf_write, &pdf, &pdf.error);
    return pdf;
}

void sample_pdf_finish(struct pdf *pdf)
{
    buffer_finish(&pdf->bytes);
}
