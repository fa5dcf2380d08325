/* What the columns of a table hold: read from the migrations themselves, so that a new column is
 * known without a line here. Only the vocabulary of columns of words is a table of its own
 * (schema/README.md in code).
 *
 *     csv_schema_read(TABLE_SUBJECT, &table);
 *     table.columns[0].kind == CSV_KEY
 *
 * Not here: reading files (csv_import.c). */
#ifndef WALKIE_IMPORT_CSV_SCHEMA_H
#define WALKIE_IMPORT_CSV_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "import/dataset.h"

enum {
    CSV_TABLE_COLUMNS_MAX = 32,
    CSV_NAME_MAX = 48, /* bytes of a table's or column's name, with the NUL */
    CSV_DEFAULT_MAX = 16,
};

enum csv_kind {
    CSV_KEY,       /* the table's own, unique */
    CSV_REFERENCE, /* another table's key */
    CSV_INTEGER,
    CSV_STAMP, /* epoch milliseconds, or ISO 8601 with a time */
    CSV_REAL,
    CSV_DATE, /* ISO 8601, may be partial */
    CSV_WORD, /* one of a vocabulary */
    CSV_TEXT,
};

struct csv_column {
    char name[CSV_NAME_MAX];
    enum csv_kind kind;
    bool is_required;            /* NOT NULL */
    enum table reference;        /* of a REFERENCE */
    const char *words;           /* of a WORD: " open closed " */
    char value[CSV_DEFAULT_MAX]; /* DEFAULT of a column that is required; "": none */
};

struct csv_table {
    enum table table;
    const char *name;
    struct csv_column columns[CSV_TABLE_COLUMNS_MAX];
    size_t n_columns;
};

void csv_schema_read(enum table table, struct csv_table *ret_table);

#endif
