/* Header, rows and values of one table's file. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "import/csv_internal.h"
#include "schema/calendar.h"

enum { ROWS_PER_POLL = 1024 };

static void complain_of_column(struct csv_load *load, const char *name)
{
    const char *names[CSV_TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < load->table.n_columns; i++) {
        names[i] = load->table.columns[i].name;
    }
    const char *nearest = nearest_name(name, names, load->table.n_columns);
    if (nearest != NULL) {
        complain(&load->complaints, load->file_name, load->record.line,
            "unknown column \"%.60s\"; is \"%s\" meant?", name, nearest);
    } else {
        complain(&load->complaints, load->file_name, load->record.line, "unknown column \"%.60s\"",
            name);
    }
}

static int find_column(const struct csv_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* A column that the file has not got is "not provided", unless nothing goes without it. */
static void note_missing_columns(struct csv_load *load)
{
    for (size_t i = 0; i < load->table.n_columns; i++) {
        const struct csv_column *column = &load->table.columns[i];
        char name[2 * CSV_NAME_MAX];
        if (load->field_of[i] >= 0) {
            continue;
        }
        if (column->is_required && column->value[0] == '\0') {
            complain(
                &load->complaints, load->file_name, 1, "column \"%s\" is missing", column->name);
        }
        snprintf(name, sizeof(name), "%s.%s", load->table.name, column->name);
        dataset_not_provided(load->dataset, dataset_table_kind(load->table.table), name,
            "the files have no such column");
    }
}

static enum status read_header(struct csv_load *load, struct error *ret_error)
{
    bool has_record = false;
    for (size_t i = 0; i < CSV_TABLE_COLUMNS_MAX; i++) {
        load->field_of[i] = -1;
    }
    enum status status = csv_read_record(load, &has_record, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!has_record) {
        complain(&load->complaints, load->file_name, 1, "the file is empty: a header is expected");
        return STATUS_OK;
    }
    for (size_t i = 0; i < load->record.n_fields; i++) {
        int column = find_column(&load->table, load->record.fields[i]);
        if (column < 0) {
            complain_of_column(load, load->record.fields[i]);
        } else if (load->field_of[column] >= 0) {
            complain(&load->complaints, load->file_name, load->record.line,
                "column \"%s\" is there twice", load->record.fields[i]);
        } else {
            load->field_of[column] = (int)i;
        }
    }
    note_missing_columns(load);
    return STATUS_OK;
}

/* --- values --------------------------------------------------------------------------------- */

static bool complain_of_value(
    struct csv_load *load, const struct csv_column *column, const char *text, const char *what)
{
    complain(&load->complaints, load->file_name, load->record.line, "%s: \"%.60s\" is no %s",
        column->name, text, what);
    return false;
}

static bool parse_integer(const char *text, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *ret_number = number;
    return errno == 0 && end != text && *end == '\0' && text[0] != ' ' && text[0] != '+';
}

static bool is_utf8(const char *text)
{
    const char *end = text + strlen(text);
    while (text < end) {
        uint32_t codepoint;
        size_t len = utf8_decode(text, end, &codepoint);
        if (utf8_is_damaged(len, codepoint)) {
            return false;
        }
        text += len;
    }
    return true;
}

static bool is_among(const char *words, const char *text)
{
    char word[CSV_NAME_MAX + 2];
    int len = snprintf(word, sizeof(word), " %s ", text);
    return len > 2 && (size_t)len < sizeof(word) && strchr(text, ' ') == NULL &&
           strstr(words, word) != NULL;
}

static bool take_key(struct csv_load *load, const struct csv_column *column, const char *text,
    struct db_value *ret_value)
{
    int64_t id;
    bool is_new = false;
    if (!parse_integer(text, &id)) {
        return complain_of_value(load, column, text, "whole number");
    }
    if (!id_set_add(load->ids[load->table.table], id, &is_new)) {
        load->has_no_memory = true;
        return false;
    }
    if (!is_new) {
        complain(&load->complaints, load->file_name, load->record.line,
            "%s: %" PRId64 " is there twice", column->name, id);
        return false;
    }
    *ret_value = db_integer(id);
    return true;
}

/* What refers to a table that is not there cannot be checked, and is nothing to be wrong. */
static bool take_reference(struct csv_load *load, const struct csv_column *column, const char *text,
    struct db_value *ret_value)
{
    int64_t id;
    const struct id_set *ids = load->ids[column->reference];
    if (!parse_integer(text, &id)) {
        return complain_of_value(load, column, text, "whole number");
    }
    if (ids != NULL && !id_set_has(ids, id)) {
        complain(&load->complaints, load->file_name, load->record.line,
            "%s: %s has no row %" PRId64, column->name, dataset_table_name(column->reference), id);
        return false;
    }
    *ret_value = db_integer(id);
    return true;
}

static bool take_number(struct csv_load *load, const struct csv_column *column, const char *text,
    struct db_value *ret_value)
{
    int64_t number;
    char *end;
    double real = strtod(text, &end);
    if (column->kind == CSV_REAL) {
        *ret_value = db_real(real);
        return (end != text && *end == '\0' && isfinite(real)) ||
               complain_of_value(load, column, text, "number");
    }
    bool is_number = parse_integer(text, &number);
    if (!is_number && column->kind == CSV_STAMP) {
        is_number = calendar_parse_instant(text, &number);
    }
    *ret_value = db_integer(number);
    return is_number || complain_of_value(load, column, text,
                            column->kind == CSV_STAMP ? "date and time" : "whole number");
}

static bool take_text(struct csv_load *load, const struct csv_column *column, const char *text,
    struct db_value *ret_value)
{
    *ret_value = db_text(text);
    if (column->kind == CSV_DATE && !calendar_is_date(text)) {
        return complain_of_value(load, column, text, "date");
    }
    if (column->kind == CSV_WORD && !is_among(column->words, text)) {
        complain(&load->complaints, load->file_name, load->record.line,
            "%s: \"%.40s\" is none of%.120s", column->name, text, column->words);
        return false;
    }
    return is_utf8(text) || complain_of_value(load, column, "…", "UTF-8");
}

/* The column's value in the row at hand; false when it was wrong, and told. */
static bool take_value(struct csv_load *load, size_t number, struct db_value *ret_value)
{
    const struct csv_column *column = &load->table.columns[number];
    int field = load->field_of[number];
    bool is_there = field >= 0 && (load->record.fields[field][0] != '\0' ||
                                      (load->record.is_quoted[field] && column->kind == CSV_TEXT));
    const char *text = is_there ? load->record.fields[field] : column->value;
    if (!is_there && !column->is_required) {
        *ret_value = db_null();
        return true;
    }
    if (!is_there && column->value[0] == '\0') {
        complain(&load->complaints, load->file_name, load->record.line, "%s: a value is required",
            column->name);
        return false;
    }
    switch (column->kind) {
    case CSV_KEY:
        return take_key(load, column, text, ret_value);
    case CSV_REFERENCE:
        return take_reference(load, column, text, ret_value);
    case CSV_INTEGER:
    case CSV_STAMP:
    case CSV_REAL:
        return take_number(load, column, text, ret_value);
    case CSV_DATE:
    case CSV_WORD:
    case CSV_TEXT:
        return take_text(load, column, text, ret_value);
    }
    return false;
}

static enum status load_row(struct csv_load *load, size_t n_fields, struct error *ret_error)
{
    struct db_value values[CSV_TABLE_COLUMNS_MAX];
    bool is_good = load->record.n_fields == n_fields;
    if (!is_good) {
        complain(&load->complaints, load->file_name, load->record.line,
            "%zu values, the header has %zu", load->record.n_fields, n_fields);
    }
    for (size_t i = 0; is_good && i < load->table.n_columns; i++) {
        is_good = take_value(load, i, &values[i]);
    }
    if (is_good && load->complaints.n == 0) {
        dataset_add(load->dataset, load->table.table, values, load->table.n_columns);
    }
    bool is_polling = ++load->n_rows % ROWS_PER_POLL == 0;
    if (is_polling) {
        progress_at(
            load->progress, load->n_bytes_before + input_position(load->input), load->n_rows);
    }
    if (load->has_no_memory) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s:%" PRIu64 ": out of memory, or more than %d keys", load->file_name,
            load->record.line, ID_SET_MAX);
    }
    enum status status = dataset_status(load->dataset);
    if (status == STATUS_OK) {
        return STATUS_OK;
    }
    return error_set(ret_error, status, "%s:%" PRIu64 ": %s", load->file_name, load->record.line,
        dataset_error_text(load->dataset));
}

enum status csv_load_rows(struct csv_load *load, enum table table, struct error *ret_error)
{
    bool has_record = true;
    csv_schema_read(table, &load->table);
    load->ids[table] = id_set_new();
    if (load->ids[table] == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = read_header(load, ret_error);
    size_t n_fields = load->record.n_fields;
    bool has_header = load->complaints.n == 0; /* rows of a wrong header are wrong all over */
    while (status == STATUS_OK) {
        status = csv_read_record(load, &has_record, ret_error);
        if (status != STATUS_OK || !has_record) {
            break;
        }
        if (has_header || load->complaints.n == 0) {
            status = load_row(load, n_fields, ret_error);
        }
    }
    return status;
}
