#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/format_cell.h"
#include "audit/export/xlsx_internal.h"
#include "audit/model/json.h"
#include "ctx/checkpoint.h"

enum {
    ROWS_PER_CHECKPOINT = 16,
    NUMBER_FORMAT_MAX = 32,
    DECIMALS_MAX = 9,
    LINK_MAX = SHEET_NAME_MAX * 2 + 64,
    SERIAL_EPOCH = 25569,     /* 1970-01-01 as Excel counts days */
    SERIAL_TRUSTED_FROM = 61, /* 1900-03-01: before it Excel's calendar has a day too many */
    DAY_IN_MS = 86400000,
};

enum value_kind {
    VALUE_TEXT,
    VALUE_INTEGER,
    VALUE_NUMBER,
    VALUE_PERCENT,
    VALUE_DAY,
    VALUE_INSTANT
};

static const unsigned int TONE_COLORS[] = {
    [TONE_PLAIN] = 0x1E2730,
    [TONE_MUTED] = 0x66717C,
    [TONE_GOOD] = 0x24694A,
    [TONE_NOTICE] = 0x1F5A96,
    [TONE_WARNING] = 0x8F5200,
    [TONE_ALARM] = 0xA3212B,
};

static void fail(struct xlsx *xlsx, lxw_error result)
{
    if (result != LXW_NO_ERROR && xlsx->status == STATUS_OK) {
        bool is_memory = result == LXW_ERROR_MEMORY_MALLOC_FAILED;
        xlsx->status =
            error_set(&xlsx->error, is_memory ? STATUS_RESOURCE_EXHAUSTED : STATUS_INTERNAL,
                "xlsx: %s", lxw_strerror(result));
    }
}

static void set_number_format(lxw_format *format, enum value_kind kind, int decimals)
{
    char text[NUMBER_FORMAT_MAX];
    const char *percent = kind == VALUE_PERCENT ? " %" : "";
    switch (kind) {
    case VALUE_TEXT:
        return;
    case VALUE_INTEGER:
        format_set_num_format(format, "0");
        return;
    case VALUE_NUMBER:
    case VALUE_PERCENT:
        snprintf(text, sizeof(text), "0%s%.*s%s", decimals > 0 ? "." : "", decimals, "000000000",
            percent);
        format_set_num_format(format, text);
        return;
    case VALUE_DAY:
        format_set_num_format(format, "yyyy-mm-dd");
        return;
    case VALUE_INSTANT:
        format_set_num_format(format, "yyyy-mm-dd hh:mm");
        return;
    }
}

static void set_look(lxw_format *format, enum look look)
{
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    switch (look) {
    case LOOK_PLAIN:
        return;
    case LOOK_HEAD:
        format_set_bold(format);
        format_set_text_wrap(format);
        format_set_bg_color(format, 0xDDE2E7);
        format_set_bottom(format, LXW_BORDER_THIN);
        return;
    case LOOK_TITLE:
        format_set_bold(format);
        format_set_font_size(format, 14);
        format_set_font_color(format, 0x16365C);
        return;
    case LOOK_WRAPPED:
        format_set_text_wrap(format);
        return;
    case LOOK_LABEL:
        format_set_bold(format);
        return;
    }
}

/* Formats are made when first needed, in the order of the cells, so that equal reports give equal
 * files. NULL: libxlsxwriter's default. */
static lxw_format *format_of(struct xlsx *xlsx, enum value_kind kind, int decimals, enum look look,
    enum tone tone, bool is_link)
{
    int digits = decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals;
    uint32_t key = (uint32_t)kind << 24 | (uint32_t)digits << 16 | (uint32_t)look << 8 |
                   (uint32_t)tone << 1 | (is_link ? 1U : 0U);
    for (size_t i = 0; i < xlsx->n_formats; i++) {
        if (xlsx->formats[i].key == key) {
            return xlsx->formats[i].format;
        }
    }
    lxw_format *format =
        xlsx->n_formats == XLSX_FORMATS_MAX ? NULL : workbook_add_format(xlsx->workbook);
    if (format == NULL) {
        return NULL;
    }
    set_look(format, look);
    set_number_format(format, kind, digits);
    if (is_link) {
        format_set_font_color(format, 0x1F5A96);
        format_set_underline(format, LXW_UNDERLINE_SINGLE);
    } else if (tone != TONE_PLAIN) {
        format_set_font_color(format, TONE_COLORS[tone]);
    }
    xlsx->formats[xlsx->n_formats++] = (struct xlsx_format){key, format};
    return format;
}

void xlsx_text(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    const char *text, enum look look, enum tone tone)
{
    if (xlsx->status != STATUS_OK || text == NULL || *text == '\0') {
        return;
    }
    const char *safe = xlsx_safe_text(xlsx->arena, text);
    if (safe == NULL) {
        fail(xlsx, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    fail(xlsx, worksheet_write_string(sheet->worksheet, row, (lxw_col_t)column, safe,
                   format_of(xlsx, VALUE_TEXT, 0, look, tone, false)));
}

void xlsx_number(
    struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column, double value, int decimals)
{
    if (xlsx->status == STATUS_OK && isfinite(value)) {
        fail(xlsx, worksheet_write_number(sheet->worksheet, row, (lxw_col_t)column, value,
                       format_of(xlsx, VALUE_NUMBER, decimals, LOOK_PLAIN, TONE_PLAIN, false)));
    }
}

void xlsx_word(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column, enum word word,
    enum look look)
{
    xlsx_text(xlsx, sheet, row, column, word_text(word, xlsx->language), look, TONE_PLAIN);
}

void xlsx_template(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    enum word template_word, const struct cell *arguments, size_t n_arguments)
{
    char text[TEMPLATE_TEXT_MAX];
    format_template(word_text(template_word, xlsx->language), arguments, n_arguments,
        xlsx->language, text, sizeof(text));
    xlsx_text(xlsx, sheet, row, column, text, LOOK_WRAPPED, TONE_PLAIN);
}

/* "internal:'4.1 Subjects'!A12", with apostrophes doubled. */
static void link_text(const struct sheet *target, uint32_t row, char ret_link[LINK_MAX])
{
    size_t len = (size_t)snprintf(ret_link, LINK_MAX, "internal:'");
    for (const char *at = target->name; *at != '\0'; at++) {
        if (*at == '\'') {
            ret_link[len++] = '\'';
        }
        ret_link[len++] = *at;
    }
    snprintf(ret_link + len, LINK_MAX - len, "'!A%u", row + 1);
}

/* The link; the cell's value is written over the text that comes with it. */
static bool write_link(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    const struct sheet *target, uint32_t target_row)
{
    if (xlsx->status != STATUS_OK || sheet->n_links == XLSX_LINKS_MAX) {
        return false;
    }
    char link[LINK_MAX];
    link_text(target, target_row, link);
    sheet->n_links++;
    fail(xlsx, worksheet_write_url(sheet->worksheet, row, (lxw_col_t)column, link, NULL));
    return xlsx->status == STATUS_OK;
}

void xlsx_sheet_link(
    struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column, const struct sheet *target)
{
    bool is_link = write_link(xlsx, sheet, row, column, target, 0);
    if (xlsx->status == STATUS_OK) {
        fail(xlsx, worksheet_write_string(sheet->worksheet, row, (lxw_col_t)column, target->name,
                       format_of(xlsx, VALUE_TEXT, 0, LOOK_PLAIN, TONE_PLAIN, is_link)));
    }
}

bool xlsx_serial_of_date(const char *iso_date, double *ret_serial)
{
    int year;
    int month;
    int day;
    int len = 0;
    char back[32];
    if (iso_date == NULL || sscanf(iso_date, "%4d-%2d-%2d%n", &year, &month, &day, &len) != 3 ||
        len != 10 || iso_date[len] != '\0' || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    int64_t number = day_from_civil(year, month, day);
    format_day(number, back, sizeof(back));
    *ret_serial = (double)(number + SERIAL_EPOCH);
    return strcmp(back, iso_date) == 0 && *ret_serial >= SERIAL_TRUSTED_FROM;
}

bool xlsx_serial_of_instant(int64_t epoch_ms, double *ret_serial)
{
    *ret_serial = (double)epoch_ms / DAY_IN_MS + SERIAL_EPOCH;
    return *ret_serial >= SERIAL_TRUSTED_FROM;
}

/* A number in one of its forms; false: it is text after all. */
static bool number_of(const struct cell *cell, enum value_kind *ret_kind, double *ret_value)
{
    switch (cell->kind) {
    case CELL_INTEGER:
        *ret_kind = VALUE_INTEGER;
        *ret_value = (double)cell->integer;
        return true;
    case CELL_NUMBER:
        *ret_kind = VALUE_NUMBER;
        *ret_value = cell->number;
        return isfinite(cell->number);
    case CELL_PERCENT:
        *ret_kind = VALUE_PERCENT;
        *ret_value = cell->number;
        return isfinite(cell->number);
    case CELL_DATE:
        *ret_kind = VALUE_DAY;
        return xlsx_serial_of_date(cell->text, ret_value);
    case CELL_INSTANT:
        *ret_kind = VALUE_INSTANT;
        return xlsx_serial_of_instant(cell->integer, ret_value);
    case CELL_NONE:
    case CELL_NOT_PROVIDED:
    case CELL_TEXT:
    case CELL_WORD:
    case CELL_BLINDED:
        return false;
    }
    return false;
}

void xlsx_cell(struct xlsx *xlsx, struct sheet *sheet, uint32_t row, size_t column,
    const struct cell *cell, const char *anchor)
{
    if (xlsx->status != STATUS_OK || cell->kind == CELL_NONE) {
        return;
    }
    const struct place *place = xlsx_place(xlsx, anchor);
    bool is_link = place != NULL &&
                   write_link(xlsx, sheet, row, column, &xlsx->sheets[place->sheet], place->row);
    enum value_kind kind;
    double value;
    if (number_of(cell, &kind, &value)) {
        lxw_format *format = format_of(xlsx, kind, cell->decimals, LOOK_PLAIN, cell->tone, is_link);
        fail(xlsx, worksheet_write_number(sheet->worksheet, row, (lxw_col_t)column, value, format));
        return;
    }
    char room[CELL_TEXT_MAX];
    bool is_gap = cell->kind == CELL_NOT_PROVIDED;
    const char *text = xlsx_safe_text(xlsx->arena, format_cell(cell, xlsx->language, room));
    if (text == NULL) {
        fail(xlsx, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    enum look look = xlsx_text_width(text) > 60 ? LOOK_WRAPPED : LOOK_PLAIN;
    lxw_format *format =
        format_of(xlsx, VALUE_TEXT, 0, look, is_gap ? TONE_MUTED : cell->tone, is_link);
    fail(xlsx, worksheet_write_string(sheet->worksheet, row, (lxw_col_t)column, text, format));
}

void xlsx_end_row(struct xlsx *xlsx)
{
    if (++xlsx->n_rows % ROWS_PER_CHECKPOINT == 0 && xlsx->status == STATUS_OK) {
        xlsx->status = ctx_checkpoint(xlsx->ctx, "xlsx", xlsx->n_rows, 0);
    }
}
