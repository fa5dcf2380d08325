#include "import/clindata_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "import/clindata.h"
#include "import/csv.h"
#include "import/xz_file.h"

/* One open file. A CSV table has one with all columns, a folder has one for each column. */
struct input {
    char name[128]; /* for messages */
    struct xz_file *file;
    struct csv *csv;
    struct csv_record record;
};

struct export_table {
    char name[128];
    const char *const *columns;
    size_t n_columns;
    bool is_folder;
    size_t n_inputs;
    size_t n_header; /* fields of a CSV table's header */
    struct input inputs[TABLE_COLUMNS_MAX];
    size_t places[TABLE_COLUMNS_MAX]; /* of a column in the record */
};

/* A syntax error is the file's fault, not the caller's argument. */
static enum status fail_input(
    const struct input *input, enum status status, struct error *ret_error)
{
    error_prefix(ret_error, "%s", input->name);
    if (status == STATUS_INVALID_ARGUMENT) {
        if (ret_error != NULL) {
            ret_error->status = STATUS_DATA_LOSS;
        }
        return STATUS_DATA_LOSS;
    }
    return status;
}

static enum status open_input(const char *path, const char *name, enum csv_form form,
    struct input *input, struct error *ret_error)
{
    snprintf(input->name, sizeof(input->name), "%s", name);
    enum status status = xz_open(path, &input->file, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    input->csv = csv_new(form, xz_read, input->file);
    return input->csv != NULL
               ? STATUS_OK
               : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", name);
}

static enum status next_record(struct input *input, bool *ret_has_row, struct error *ret_error)
{
    enum status status = csv_next(input->csv, &input->record, ret_has_row, ret_error);
    return status == STATUS_OK ? STATUS_OK : fail_input(input, status, ret_error);
}

/* The header's place of each column that is wanted. */
static enum status find_columns(struct export_table *table, struct error *ret_error)
{
    const struct csv_record *header = &table->inputs[0].record;
    table->n_header = header->n_fields;
    for (size_t column = 0; column < table->n_columns; column++) {
        size_t place = 0;
        while (place < header->n_fields &&
               strcmp(header->fields[place], table->columns[column]) != 0) {
            place++;
        }
        if (place == header->n_fields) {
            return error_set(ret_error, STATUS_DATA_LOSS, "%s: there is no column \"%s\"",
                table->name, table->columns[column]);
        }
        table->places[column] = place;
    }
    return STATUS_OK;
}

static enum status open_csv(const char *path, struct export_table *table, struct error *ret_error)
{
    bool has_row = false;
    table->n_inputs = 1;
    enum status status = open_input(path, table->name, CSV_COMMA, &table->inputs[0], ret_error);
    if (status == STATUS_OK) {
        status = next_record(&table->inputs[0], &has_row, ret_error);
    }
    if (status == STATUS_OK && !has_row) {
        status = error_set(ret_error, STATUS_DATA_LOSS, "%s: the file is empty", table->name);
    }
    return status == STATUS_OK ? find_columns(table, ret_error) : status;
}

static enum status open_column(
    const char *folder, struct export_table *table, size_t column, struct error *ret_error)
{
    char path[CLINDATA_PATH_MAX];
    char name[128];
    struct input *input = &table->inputs[column];
    const char *wanted = table->columns[column];
    bool has_row = false;
    snprintf(name, sizeof(name), "%.60s/%.60s.xz", table->name, wanted);
    int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: the path is too long", name);
    }
    table->n_inputs = column + 1;
    enum status status = open_input(path, name, CSV_LINES, input, ret_error);
    if (status == STATUS_OK) {
        status = next_record(input, &has_row, ret_error);
    }
    if (status == STATUS_OK && (!has_row || strcmp(input->record.fields[0], wanted) != 0)) {
        status = error_set(
            ret_error, STATUS_DATA_LOSS, "%s: the first line is not \"%s\"", name, wanted);
    }
    return status;
}

enum status table_open(const char *folder, const char *name, const char *const *columns,
    size_t n_columns, struct export_table **ret_table, struct error *ret_error)
{
    char path[CLINDATA_PATH_MAX];
    struct stat file;
    struct export_table *table = calloc(1, sizeof(*table));
    if (table == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    table->columns = columns;
    table->n_columns = n_columns;
    int len = snprintf(path, sizeof(path), "%s/%s.csv.xz", folder, name);
    enum status status =
        len > 0 && (size_t)len < sizeof(path)
            ? STATUS_OK
            : error_set(ret_error, STATUS_UNAVAILABLE, "%s: the path is too long", name);
    char folder_path[CLINDATA_PATH_MAX + 16];
    snprintf(folder_path, sizeof(folder_path), "%s/%s.cols", folder, name);
    table->is_folder = stat(folder_path, &file) == 0;
    snprintf(table->name, sizeof(table->name), table->is_folder ? "%s.cols" : "%s.csv.xz", name);
    if (status == STATUS_OK && !table->is_folder) {
        status = open_csv(path, table, ret_error);
    }
    for (size_t i = 0; status == STATUS_OK && table->is_folder && i < n_columns; i++) {
        status = open_column(folder, table, i, ret_error);
    }
    if (status != STATUS_OK) {
        table_close(table);
        return status;
    }
    *ret_table = table;
    return STATUS_OK;
}

void table_close(struct export_table *table)
{
    if (table == NULL) {
        return;
    }
    for (size_t i = 0; i < table->n_inputs; i++) {
        csv_free(table->inputs[i].csv);
        xz_close(table->inputs[i].file);
    }
    free(table);
}

static enum status next_of_columns(
    struct export_table *table, bool *ret_has_row, struct error *ret_error)
{
    bool has_first = false;
    for (size_t i = 0; i < table->n_inputs; i++) {
        bool has_row = false;
        enum status status = next_record(&table->inputs[i], &has_row, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        if (i > 0 && has_row != has_first) {
            return error_set(ret_error, STATUS_DATA_LOSS,
                "%s: the files of the columns %s and %s have different lengths", table->name,
                table->columns[0], table->columns[i]);
        }
        has_first = has_row;
    }
    *ret_has_row = has_first;
    return STATUS_OK;
}

enum status table_next(struct export_table *table, bool *ret_has_row, struct error *ret_error)
{
    if (table->is_folder) {
        return next_of_columns(table, ret_has_row, ret_error);
    }
    struct input *input = &table->inputs[0];
    enum status status = next_record(input, ret_has_row, ret_error);
    if (status == STATUS_OK && *ret_has_row && input->record.n_fields != table->n_header) {
        return error_set(ret_error, STATUS_DATA_LOSS, "%s:%" PRIu64 ": %zu fields, not %zu",
            table->name, input->record.line, input->record.n_fields, table->n_header);
    }
    return status;
}

const char *table_text(const struct export_table *table, size_t column)
{
    return table->is_folder ? table->inputs[column].record.fields[0]
                            : table->inputs[0].record.fields[table->places[column]];
}

uint64_t table_line(const struct export_table *table)
{
    return table->inputs[0].record.line;
}

const char *table_name(const struct export_table *table)
{
    return table->name;
}

uint64_t table_position(const struct export_table *table)
{
    uint64_t position = 0;
    for (size_t i = 0; i < table->n_inputs; i++) {
        position += xz_position(table->inputs[i].file);
    }
    return position;
}

uint64_t table_size(const struct export_table *table)
{
    uint64_t size = 0;
    for (size_t i = 0; i < table->n_inputs; i++) {
        size += xz_size(table->inputs[i].file);
    }
    return size;
}
