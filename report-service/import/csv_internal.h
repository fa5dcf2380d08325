/* What csv_import.c (files) and csv_rows.c (rows and values) share. One thread. */
#ifndef WALKIE_IMPORT_CSV_INTERNAL_H
#define WALKIE_IMPORT_CSV_INTERNAL_H

#include "import/complaints.h"
#include "import/csv.h"
#include "import/csv_import.h"
#include "import/csv_schema.h"
#include "import/id_set.h"
#include "import/input_file.h"
#include "import/progress.h"

enum { CSV_PATH_MAX = 1024, CSV_FILE_NAME_MAX = 64 };

struct csv_load {
    const struct ctx *ctx;
    const struct csv_import_options *options;
    struct dataset *dataset;
    struct complaints complaints;
    struct progress *progress;
    struct id_set *ids[TABLE_COUNT]; /* NULL: the table is not there */
    struct sha256 *digest;           /* of the files' digests */
    uint64_t n_bytes_before;         /* of the files that are read */
    uint64_t n_rows;
    bool has_no_memory; /* for one more key */

    /* the file that is being read */
    char path[CSV_PATH_MAX];
    char file_name[CSV_FILE_NAME_MAX]; /* "edc/subject.csv" */
    struct input_file *input;
    struct csv *csv;
    struct csv_record record;
    struct csv_table table;
    int field_of[CSV_TABLE_COLUMNS_MAX]; /* of a column; -1: the file has not got it */
};

/* Open FOLDER/KIND/NAME.csv. False: there is no such file; `status` tells other failures. */
MUST_USE bool csv_open_file(struct csv_load *load, enum schema_kind kind, const char *name,
    enum status *ret_status, struct error *ret_error);

/* Close it; its digest and its bytes are counted. */
void csv_close_file(struct csv_load *load);

/* The next record; its line is told when the file is broken. */
MUST_USE enum status csv_read_record(
    struct csv_load *load, bool *ret_has_record, struct error *ret_error);

/* Read the whole open file into its table. */
MUST_USE enum status csv_load_rows(
    struct csv_load *load, enum table table, struct error *ret_error);

#endif
