#include "import/dataset.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/output.h"
#include "schema/calendar.h"
#include "schema/site_total.h"

enum {
    DAY_TEXTS = 32, /* days in one row */
    DELETE_MAX = 128,
};

struct table_info {
    const char *name;
    const char *columns;
};

static const struct table_info TABLES[TABLE_COUNT] = {
#define TABLE_INFO(name, table, columns) {table, columns},
    EDC_TABLES(TABLE_INFO) CTMS_TABLES(TABLE_INFO)
#undef TABLE_INFO
};

struct dataset {
    const struct ctx *ctx;
    struct output *edc;
    struct output *ctms;
    struct db_bulk *rows[TABLE_COUNT];
    int64_t last_keys[TABLE_COUNT];
    uint64_t n_rows[TABLE_COUNT];
    char day_texts[DAY_TEXTS][CALENDAR_TEXT_MAX];
    size_t n_day_texts;
    enum status status;
    struct error error;
};

static struct db_session *session_of(const struct dataset *dataset, enum schema_kind kind)
{
    return kind == SCHEMA_EDC ? dataset->edc->session : dataset->ctms->session;
}

static enum schema_kind kind_of(enum table table)
{
    return (int)table < (int)TABLE_EDC_COUNT ? SCHEMA_EDC : SCHEMA_CTMS;
}

/* A data set may be made without a database: what would go there is dropped. */
static bool has(const struct dataset *dataset, enum schema_kind kind)
{
    return (kind == SCHEMA_EDC ? dataset->edc : dataset->ctms) != NULL;
}

static void fail(struct dataset *dataset, enum status status)
{
    if (dataset->status == STATUS_OK) {
        dataset->status = status;
    }
}

static void delete_rows(struct dataset *dataset, enum schema_kind kind, const char *table)
{
    const struct output *output = kind == SCHEMA_EDC ? dataset->edc : dataset->ctms;
    if (dataset->status != STATUS_OK || output == NULL || !output->is_replacing) {
        return;
    }
    char sql[DELETE_MAX];
    snprintf(sql, sizeof(sql), "DELETE FROM %s", table);
    fail(dataset, db_exec(dataset->ctx, output->session, sql, NULL, 0, &dataset->error));
}

/* In a server's database the older data go in the same transaction, those first that refer to
 * others. DELETE, not TRUNCATE: reports that are being made go on reading them. */
static void clear(struct dataset *dataset, enum schema_kind kind)
{
    char names[SCHEMA_TABLES_MAX][SCHEMA_TABLE_NAME_MAX];
    for (size_t i = schema_tables(kind, names); i-- > 0;) {
        delete_rows(dataset, kind, names[i]);
    }
    /* What the schema is, and how often the data have changed, stays. */
    delete_rows(
        dataset, kind, "meta WHERE key NOT IN ('schema_kind', 'schema_version', 'data_version')");
}

/* In the order of the table of tables, so that what is referred to goes out first. */
static void open_tables(struct dataset *dataset)
{
    for (int table = 0; table < (int)TABLE_COUNT && dataset->status == STATUS_OK; table++) {
        enum schema_kind kind = kind_of((enum table)table);
        if (has(dataset, kind)) {
            fail(dataset, db_bulk_open(dataset->ctx, session_of(dataset, kind), TABLES[table].name,
                              TABLES[table].columns, &dataset->rows[table], &dataset->error));
        }
    }
}

/* Every table gets its row in `provided`, so that a name that is not there is a typing error. */
static void describe(struct dataset *dataset, const char *source)
{
    for (int table = 0; table < (int)TABLE_COUNT && dataset->status == STATUS_OK; table++) {
        if (!has(dataset, kind_of((enum table)table))) {
            continue;
        }
        fail(dataset, db_exec(dataset->ctx, session_of(dataset, kind_of((enum table)table)),
                          "INSERT INTO provided (table_name, is_provided) VALUES ($1, 1)",
                          (struct db_value[]){db_text(TABLES[table].name)}, 1, &dataset->error));
    }
    dataset_set_meta(dataset, SCHEMA_EDC, "source", source);
    dataset_set_meta(dataset, SCHEMA_CTMS, "source", source);
}

enum status dataset_open(const struct ctx *ctx, const struct dataset_options *options,
    struct dataset **ret_dataset, struct error *ret_error)
{
    struct dataset *dataset = calloc(1, sizeof(*dataset));
    if (dataset == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    dataset->ctx = ctx;
    enum status status = STATUS_OK;
    if (options->edc_uri != NULL) {
        status = output_open(
            ctx, SCHEMA_EDC, options->edc_uri, options->is_forced, &dataset->edc, ret_error);
    }
    if (status == STATUS_OK && options->ctms_uri != NULL) {
        status = output_open(
            ctx, SCHEMA_CTMS, options->ctms_uri, options->is_forced, &dataset->ctms, ret_error);
    }
    if (status != STATUS_OK) {
        dataset_free(dataset);
        return status;
    }
    clear(dataset, SCHEMA_EDC);
    clear(dataset, SCHEMA_CTMS);
    open_tables(dataset);
    describe(dataset, options->source);
    if (dataset->status != STATUS_OK) {
        status = error_set(ret_error, dataset->status, "%s", dataset->error.text);
        dataset_free(dataset);
        return status;
    }
    *ret_dataset = dataset;
    return STATUS_OK;
}

static void free_rows(struct dataset *dataset)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        db_bulk_free(dataset->rows[i]);
        dataset->rows[i] = NULL;
    }
}

/* Everything but the commit. */
static void finish_output(struct dataset *dataset, struct output *output)
{
    if (output == NULL) {
        return;
    }
    if (dataset->status == STATUS_OK) {
        fail(dataset, db_bulk_flush(dataset->ctx, output->session, &dataset->error));
    }
    if (dataset->status == STATUS_OK) {
        fail(dataset, schema_bump_data_version(dataset->ctx, output->session, &dataset->error));
    }
    if (dataset->status == STATUS_OK && output == dataset->edc) {
        fail(dataset, site_total_refresh(dataset->ctx, output->session, &dataset->error));
    }
}

static void commit(struct dataset *dataset, struct output *output, bool is_server)
{
    if (dataset->status == STATUS_OK && output != NULL && output->is_server == is_server) {
        fail(dataset, output_commit(dataset->ctx, output, &dataset->error));
    }
}

static void publish(struct dataset *dataset, struct output *output)
{
    if (dataset->status == STATUS_OK && output != NULL) {
        fail(dataset, output_publish(output, &dataset->error));
    }
}

/* Files first: they have their other names still. From a server's commit on nobody is listened to:
 * both or none. */
static void commit_all(struct dataset *dataset)
{
    const struct ctx *ctx = dataset->ctx;
    commit(dataset, dataset->edc, false);
    commit(dataset, dataset->ctms, false);
    if (dataset_status(dataset) != STATUS_OK) {
        return;
    }
    CTX_SCOPE(scope, ctx_without_cancel(ctx));
    dataset->ctx = scope->ctx;
    commit(dataset, dataset->edc, true);
    commit(dataset, dataset->ctms, true);
    dataset->ctx = ctx;
}

enum status dataset_publish(struct dataset *dataset, struct error *ret_error)
{
    finish_output(dataset, dataset->edc);
    finish_output(dataset, dataset->ctms);
    free_rows(dataset);
    commit_all(dataset);
    publish(dataset, dataset->edc);
    publish(dataset, dataset->ctms);
    if (dataset->status != STATUS_OK) {
        return error_set(ret_error, dataset->status, "%s", dataset->error.text);
    }
    return STATUS_OK;
}

void dataset_free(struct dataset *dataset)
{
    if (dataset == NULL) {
        return;
    }
    free_rows(dataset);
    output_free(dataset->edc);
    output_free(dataset->ctms);
    free(dataset);
}

int64_t dataset_key(struct dataset *dataset, enum table table)
{
    return ++dataset->last_keys[table];
}

void dataset_add(
    struct dataset *dataset, enum table table, const struct db_value *values, size_t n_values)
{
    dataset->n_day_texts = 0;
    if (!has(dataset, kind_of(table))) {
        return;
    }
    if (dataset->status != STATUS_OK) {
        return;
    }
    fail(dataset,
        db_bulk_add(dataset->ctx, dataset->rows[table], values, n_values, &dataset->error));
    dataset->n_rows[table]++;
}

void dataset_set_meta(
    struct dataset *dataset, enum schema_kind kind, const char *key, const char *value)
{
    if (dataset->status == STATUS_OK && has(dataset, kind)) {
        fail(dataset,
            schema_set_meta(dataset->ctx, session_of(dataset, kind), key, value, &dataset->error));
    }
}

void dataset_not_provided(
    struct dataset *dataset, enum schema_kind kind, const char *table_name, const char *note)
{
    if (dataset->status == STATUS_OK && has(dataset, kind)) {
        fail(dataset,
            db_exec(dataset->ctx, session_of(dataset, kind),
                "INSERT INTO provided (table_name, is_provided, note) VALUES ($1, 0, $2) "
                "ON CONFLICT (table_name) DO UPDATE SET is_provided = 0, note = excluded.note",
                (struct db_value[]){db_text(table_name), db_text(note)}, 2, &dataset->error));
    }
}

struct db_value dataset_day(struct dataset *dataset, int day)
{
    if (day == CALENDAR_NONE) {
        return db_null();
    }
    assert(dataset->n_day_texts < DAY_TEXTS);
    char *text = dataset->day_texts[dataset->n_day_texts++];
    calendar_text(day, text);
    return db_text(text);
}

struct db_value dataset_stamp(int64_t epoch_ms)
{
    return epoch_ms == 0 ? db_null() : db_integer(epoch_ms);
}

enum status dataset_status(struct dataset *dataset)
{
    if (dataset->status == STATUS_OK && ctx_err(dataset->ctx) != STATUS_OK) {
        error_set(&dataset->error, ctx_err(dataset->ctx), "stopped (%s)",
            ctx_cause_word(ctx_cause(dataset->ctx)));
        dataset->status = ctx_err(dataset->ctx);
    }
    return dataset->status;
}

const char *dataset_error_text(const struct dataset *dataset)
{
    return dataset->error.text;
}

uint64_t dataset_rows(const struct dataset *dataset, enum table table)
{
    return dataset->n_rows[table];
}

const char *dataset_table_columns(enum table table)
{
    return TABLES[table].columns;
}

enum schema_kind dataset_table_kind(enum table table)
{
    return kind_of(table);
}

const char *dataset_table_name(enum table table)
{
    return TABLES[table].name;
}
