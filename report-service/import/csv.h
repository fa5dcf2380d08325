/* Records of a CSV text (RFC 4180), one by one, in bounded memory.
 *
 *     struct csv *csv = csv_new(CSV_COMMA, read_file, file);
 *     while ((status = csv_next(csv, &record, &has_record, &error)) == STATUS_OK && has_record) {
 *         use(record.fields[0], record.line);
 *     }
 *     csv_free(csv);
 *
 * Quoted fields may hold commas, line ends and doubled quotes; a line ends with LF or CRLF; an
 * empty line is a record of one empty field. A UTF-8 byte order mark at the start is passed over.
 * CSV_LINES takes each line for one field, whatever is in it: a file of one column.
 *
 * Not here: names of columns (clindata_table.h), types, other separators. */
#ifndef WALKIE_IMPORT_CSV_H
#define WALKIE_IMPORT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    CSV_FIELDS_MAX = 256,         /* fields of one record */
    CSV_RECORD_LEN_MAX = 1 << 20, /* bytes of one record */
};

enum csv_form { CSV_COMMA, CSV_LINES };

/* Give up to `size` bytes; 0 in *ret_len is the end. A failure ends the reading with its status. */
typedef enum status csv_read_fn(
    void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error);

struct csv_record {
    const char *const *fields; /* NUL-terminated; valid until the next csv_next */
    const bool *is_quoted;     /* whether the field stood in quotes: "" is text, nothing is none */
    size_t n_fields;
    uint64_t line; /* where the record begins, from 1 */
};

struct csv;

/* NULL when out of memory. Borrows `arg` until csv_free. One thread at a time. */
MUST_USE struct csv *csv_new(enum csv_form form, csv_read_fn *read, void *arg);
void csv_free(struct csv *csv); /* accepts NULL */

/* Errors: INVALID_ARGUMENT with the line (a quote that is not closed, text after a closing quote, a
 * NUL byte), RESOURCE_EXHAUSTED (a record above the limits), those of the read function. After a
 * failure only csv_free is allowed. */
MUST_USE enum status csv_next(
    struct csv *csv, struct csv_record *ret_record, bool *ret_has_record, struct error *ret_error);

#endif
