/* What the parts of the workbook share. Private to export/xlsx*.c. */
#ifndef WALKIE_AUDIT_EXPORT_XLSX_INTERNAL_H
#define WALKIE_AUDIT_EXPORT_XLSX_INTERNAL_H

/* Both the model and libxlsxwriter have a chart_add_series. Neither calls the other's, and a
 * workbook of ours has no charts: here theirs goes by another name. */
#define chart_add_series lxw_chart_add_series
#include <xlsxwriter.h>
#undef chart_add_series

#include "audit/export/xlsx.h"
#include "base/arena.h"

enum {
    SHEET_NAME_MAX = 31 * 4 + 1, /* 31 characters, the NUL */
    SHEET_CHARACTERS_MAX = 31,   /* Excel's own limit */
    XLSX_FORMATS_MAX = 256,      /* kinds of cells by tone and decimals */
};

enum sheet_kind { SHEET_OVERVIEW, SHEET_FINDINGS, SHEET_SECTION, SHEET_TABLE };

struct sheet {
    enum sheet_kind kind;
    char name[SHEET_NAME_MAX];
    const struct section *section;   /* SECTION, TABLE */
    const struct table *table;       /* TABLE */
    const struct table_row *first;   /* TABLE: the rows of this sheet */
    uint32_t n_rows;                 /* below the head */
    uint32_t n_links;                /* written so far */
    struct lxw_worksheet *worksheet; /* libxlsxwriter's */
};

/* Where an anchor is. */
struct place {
    const char *anchor;
    uint32_t sheet;
    uint32_t row;
};

struct xlsx_format {
    uint32_t key;
    struct lxw_format *format;
};

struct xlsx {
    const struct ctx *ctx;
    const struct report *report;
    enum language language;
    uint32_t rows_max;
    struct arena *arena; /* of the plan, and of texts that Excel would not take */
    struct sheet *sheets;
    size_t n_sheets;
    struct place *places; /* sorted by anchor */
    size_t n_places;
    struct lxw_workbook *workbook;
    struct xlsx_format formats[XLSX_FORMATS_MAX];
    size_t n_formats;
    uint64_t n_rows;    /* written so far, of all sheets */
    enum status status; /* the first failure: sticks, nothing more is written */
    struct error error;
};

/* --- xlsx_plan.c: which sheets there are, and where each anchor is --------------------------- */

/* Into an xlsx with report, language and arena. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status xlsx_plan(struct xlsx *xlsx);

/* NULL when the anchor is nowhere. */
const struct place *xlsx_place(const struct xlsx *xlsx, const char *anchor);

/* A sheet's name: "4.1 " and what fits of `title`, without what Excel forbids. */
void xlsx_sheet_name(const char *number, const char *title, char ret_name[SHEET_NAME_MAX]);

/* --- xlsx_cell.c: one cell ------------------------------------------------------------------- */

enum look { LOOK_PLAIN, LOOK_HEAD, LOOK_TITLE, LOOK_WRAPPED, LOOK_LABEL };

void xlsx_text(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    const char *text, enum look look, enum tone tone);
void xlsx_number(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column, double value,
    int decimals);
void xlsx_word(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column, enum word word,
    enum look look);
void xlsx_template(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    enum word template_word, const struct cell *arguments, size_t n_arguments);

/* A cell of the model, typed; `anchor` (may be NULL): what it links to. */
void xlsx_cell(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    const struct cell *cell, const char *anchor);

/* A text that links to the top of another sheet. */
void xlsx_sheet_link(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    const struct sheet *target);

/* A row is done: every so often the context is asked. */
void xlsx_end_row(struct xlsx *xlsx);

/* How wide a text is in a cell, in characters; an ideograph counts as two. */
int xlsx_text_width(const char *text);

/* What Excel takes, from the arena when it is not `text` itself; NULL when out of memory. */
const char *xlsx_safe_text(struct arena *arena, const char *text);

/* The day (and time) as Excel counts; false: before 1900-03-01, or no whole date. */
bool xlsx_serial_of_date(const char *iso_date, double *ret_serial);
bool xlsx_serial_of_instant(int64_t epoch_ms, double *ret_serial);

/* --- xlsx_sheets.c: one sheet ---------------------------------------------------------------- */

void xlsx_fill(struct xlsx *xlsx, struct sheet *sheet);

/* --- xlsx_close.c: the end ------------------------------------------------------------------- */

/* Finish the file that is named by `fd`; takes xlsx->workbook and `fd`, on success and failure. */
MUST_USE enum status xlsx_close(struct xlsx *xlsx, int fd);

/* Free a workbook that was not closed, and its temporary files, which libxlsxwriter forgets. */
void xlsx_drop(struct xlsx *xlsx);

#endif
