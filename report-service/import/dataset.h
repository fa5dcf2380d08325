/* A data set being written: both databases, rows added table by table.
 *
 *     status = dataset_open(ctx, &options, &dataset, &error);
 *     id = dataset_key(dataset, TABLE_SITE);
 *     dataset_add(dataset, TABLE_SITE, (struct db_value[]){db_integer(id), ...}, 5);
 *     status = dataset_publish(dataset, &error);
 *     dataset_free(dataset);
 *
 * Failures stick: after the first one (the context's included) adding does nothing, and
 * dataset_status or dataset_publish tell it. One thread. Not here: reading. */
#ifndef WALKIE_IMPORT_DATASET_H
#define WALKIE_IMPORT_DATASET_H

#include "import/tables.h"
#include "schema/schema.h"

struct dataset;

struct dataset_options {
    const char *edc_uri;  /* NULL: none is made, and what would go there is dropped */
    const char *ctms_uri; /* the same */
    bool is_forced;       /* replace files that exist */
    const char *source;   /* meta.source: "demo", "clindata" */
};

/* Borrows ctx until dataset_free. Errors: those of output_open. */
MUST_USE enum status dataset_open(const struct ctx *ctx, const struct dataset_options *options,
    struct dataset **ret_dataset, struct error *ret_error);

/* Commit both databases and give files their names. On failure neither has changed (an error
 * between the two last steps excepted, and told). */
MUST_USE enum status dataset_publish(struct dataset *dataset, struct error *ret_error);

void dataset_free(struct dataset *dataset); /* removes what was not published; accepts NULL */

/* The table's next key: 1, 2, 3 … */
int64_t dataset_key(struct dataset *dataset, enum table table);

/* Add a row; `values` in the order of the table's columns in tables.h. */
void dataset_add(
    struct dataset *dataset, enum table table, const struct db_value *values, size_t n_values);

/* meta rows, and what the source has not got (table "name" or "name.column"). */
void dataset_set_meta(
    struct dataset *dataset, enum schema_kind kind, const char *key, const char *value);
void dataset_not_provided(
    struct dataset *dataset, enum schema_kind kind, const char *table_name, const char *note);

/* A day as a value: ISO text that is valid until the next dataset_add; CALENDAR_NONE is NULL. */
struct db_value dataset_day(struct dataset *dataset, int day);
/* A stamp or key as a value; 0 is NULL. */
struct db_value dataset_stamp(int64_t epoch_ms);

/* The first failure, STATUS_OK while there is none. Also hears the context. */
enum status dataset_status(struct dataset *dataset);
const char *dataset_error_text(const struct dataset *dataset);

uint64_t dataset_rows(const struct dataset *dataset, enum table table);
const char *dataset_table_name(enum table table);
const char *dataset_table_columns(enum table table); /* "study_id,oid,…" */
enum schema_kind dataset_table_kind(enum table table);

#endif
