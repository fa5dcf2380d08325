/* The report as a workbook, for people who sort and filter.
 *
 *     struct xlsx_options options = {.language = LANGUAGE_ZH_CN, .folder = spool_folder};
 *     status = xlsx_write(ctx, report, &options, spool_write, spool, &error);
 *
 * An overview with links to all sheets; the findings; for each section a sheet with its text, facts
 * and the points of its charts, and a sheet for each of its tables: frozen head, filter, widths,
 * numbers as numbers, dates as dates, shares as percentages. A finding links to its evidence and
 * back. The bytes are a function of the report, the language and the zlib that is installed: the
 * creation date is a constant.
 *
 * libxlsxwriter in constant memory mode: rows go to files without names in `folder` as they are
 * written. What it does in the end (assemble, compress) cannot be stopped, so it runs aside: when
 * the context is done xlsx_write returns at once, and what is left is freed later. Not here:
 * formulas, charts as pictures. */
#ifndef WALKIE_AUDIT_EXPORT_XLSX_H
#define WALKIE_AUDIT_EXPORT_XLSX_H

#include "audit/model/model.h"
#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"

enum {
    XLSX_ROWS_MAX = 1048575, /* rows of one sheet below its head, Excel's own limit: a longer
                                table goes on in another sheet */
    XLSX_SHEETS_MAX = 250,   /* more: RESOURCE_EXHAUSTED */
    XLSX_LINKS_MAX = 20000,  /* links of one sheet; what is above is text (Excel's limit: 65,530,
                                and each takes memory) */
    XLSX_TEXT_MAX = 32767,   /* characters of a cell, Excel's own limit: cut there, with "…" */
};

struct xlsx_options {
    enum language language;
    const char *folder; /* for files without names */
    uint32_t rows_max;  /* of a sheet; 0: XLSX_ROWS_MAX */
};

typedef enum status xlsx_write_fn(void *arg, struct bytes piece);

/* Write the whole file. Borrows everything until it returns. Threads: any, several at once.
 * Errors: the context's; what `write` returned; UNAVAILABLE (the folder); RESOURCE_EXHAUSTED
 * (memory, disk full, too many sheets); INTERNAL with libxlsxwriter's words. */
MUST_USE enum status xlsx_write(const struct ctx *ctx, const struct report *report,
    const struct xlsx_options *options, xlsx_write_fn *write, void *arg, struct error *ret_error);

#endif
