/* One table of the export, row by row: a CSV file whose columns are found by name, or a folder with
 * one file a column.
 *
 *     static const char *const COLUMNS[] = {"subjid", "consdt"};
 *     status = table_open(folder, "rawplus_consent", COLUMNS, 2, &table, &error);
 *     while (table_next(table, &has_row, &error) == STATUS_OK && has_row) {
 *         use(table_text(table, 0), table_line(table));
 *     }
 *     table_close(table);
 *
 * Not here: what the values mean. */
#ifndef WALKIE_IMPORT_CLINDATA_TABLE_H
#define WALKIE_IMPORT_CLINDATA_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { TABLE_COLUMNS_MAX = 24 };

struct export_table;

/* NAME.csv.xz, else NAME.cols/COLUMN.xz. `columns` is borrowed until table_close.
 * Errors: UNAVAILABLE, DATA_LOSS (a column is missing), RESOURCE_EXHAUSTED. */
MUST_USE enum status table_open(const char *folder, const char *name, const char *const *columns,
    size_t n_columns, struct export_table **ret_table, struct error *ret_error);
void table_close(struct export_table *table); /* accepts NULL */

/* Errors: UNAVAILABLE, DATA_LOSS with file and line. */
MUST_USE enum status table_next(
    struct export_table *table, bool *ret_has_row, struct error *ret_error);

/* The current row's value of a column; "" when empty. Valid until the next table_next. */
const char *table_text(const struct export_table *table, size_t column);
uint64_t table_line(const struct export_table *table);
/* Compressed bytes, read so far and in all: what progress is measured in. */
uint64_t table_position(const struct export_table *table);
uint64_t table_size(const struct export_table *table);
const char *table_name(const struct export_table *table); /* "rawplus_ae.csv.xz" */

#endif
