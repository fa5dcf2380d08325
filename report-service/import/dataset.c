#include "import/dataset.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/calendar.h"
#include "import/output.h"
#include "schema/site_total.h"

enum {
    DAY_TEXTS = 32, /* days in one row */
    INSERT_MAX = 1024,
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
    struct db_statement *inserts[TABLE_COUNT]; /* made at the first row */
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

/* A data set may be made without a CTMS: what would go there is dropped. */
static bool has(const struct dataset *dataset, enum schema_kind kind)
{
    return kind == SCHEMA_EDC || dataset->ctms != NULL;
}

static void fail(struct dataset *dataset, enum status status)
{
    if (dataset->status == STATUS_OK) {
        dataset->status = status;
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
    enum status status = output_open(
        ctx, SCHEMA_EDC, options->edc_uri, options->is_forced, &dataset->edc, ret_error);
    if (status == STATUS_OK && options->ctms_uri != NULL) {
        status = output_open(
            ctx, SCHEMA_CTMS, options->ctms_uri, options->is_forced, &dataset->ctms, ret_error);
    }
    if (status != STATUS_OK) {
        dataset_free(dataset);
        return status;
    }
    describe(dataset, options->source);
    *ret_dataset = dataset;
    return STATUS_OK;
}

static void free_inserts(struct dataset *dataset)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        db_statement_free(dataset->inserts[i]);
        dataset->inserts[i] = NULL;
    }
}

static void finish_output(struct dataset *dataset, struct output *output)
{
    if (output == NULL) {
        return;
    }
    if (dataset->status == STATUS_OK) {
        fail(dataset, schema_bump_data_version(dataset->ctx, output->session, &dataset->error));
    }
    if (dataset->status == STATUS_OK && output == dataset->edc) {
        fail(dataset, site_total_refresh(dataset->ctx, output->session, &dataset->error));
    }
    if (dataset->status == STATUS_OK) {
        fail(dataset, output_commit(dataset->ctx, output, &dataset->error));
    }
}

enum status dataset_publish(struct dataset *dataset, struct error *ret_error)
{
    free_inserts(dataset);
    finish_output(dataset, dataset->edc);
    finish_output(dataset, dataset->ctms);
    /* Past this point nobody is listened to: both or none. */
    if (dataset->status == STATUS_OK) {
        fail(dataset, output_publish(dataset->edc, &dataset->error));
    }
    if (dataset->status == STATUS_OK && dataset->ctms != NULL) {
        fail(dataset, output_publish(dataset->ctms, &dataset->error));
    }
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
    free_inserts(dataset);
    output_free(dataset->edc);
    output_free(dataset->ctms);
    free(dataset);
}

int64_t dataset_key(struct dataset *dataset, enum table table)
{
    return ++dataset->last_keys[table];
}

/* INSERT INTO name (columns) VALUES ($1, $2, …) */
static void prepare(struct dataset *dataset, enum table table)
{
    const struct table_info *info = &TABLES[table];
    char sql[INSERT_MAX];
    size_t len = (size_t)snprintf(
        sql, sizeof(sql), "INSERT INTO %s (%s) VALUES ($1", info->name, info->columns);
    int number = 1;
    for (const char *at = info->columns; *at != '\0'; at++) {
        if (*at == ',') {
            len += (size_t)snprintf(sql + len, sizeof(sql) - len, ", $%d", ++number);
        }
    }
    snprintf(sql + len, sizeof(sql) - len, ")");
    assert(len < sizeof(sql) - 1);
    fail(dataset, db_prepare(dataset->ctx, session_of(dataset, kind_of(table)), sql,
                      &dataset->inserts[table], &dataset->error));
}

void dataset_add(
    struct dataset *dataset, enum table table, const struct db_value *values, size_t n_values)
{
    dataset->n_day_texts = 0;
    if (!has(dataset, kind_of(table))) {
        return;
    }
    if (dataset->status == STATUS_OK && dataset->inserts[table] == NULL) {
        prepare(dataset, table);
    }
    if (dataset->status != STATUS_OK) {
        return;
    }
    fail(dataset, db_run(dataset->ctx, dataset->inserts[table], values, n_values, &dataset->error));
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

const char *dataset_table_name(enum table table)
{
    return TABLES[table].name;
}
