/* Running a statement: what goes out in one packet, and how its rows come in.
 *
 * The happy path is one round trip. A pipeline carries the deadline (set_config of
 * statement_timeout), where needed the Parse of the statement, and its execution; libpq's
 * single-row mode then hands out the rows as they arrive, so that a large result never fills the
 * memory and the fetch hears its context between any two rows. A pipeline's statements have a
 * timeout each, so the statement itself cannot have more than what remained when it was sent.
 *
 * Another statement may run while rows are still coming: those rows are kept aside first. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "db/postgres.h"

enum { COMMAND_MAX = 64, NUMBER_MAX = 24 };

/* The oldest row that was kept aside and not taken yet, NULL when there is none. */
static PGresult *take_kept(struct postgres_kept *kept)
{
    PGresult *row = NULL;
    size_t at = kept->n_taken * sizeof(row);
    if (at < kept->rows.len) {
        memcpy(&row, kept->rows.data + at, sizeof(row));
        kept->n_taken++;
        kept->bytes -= PQresultMemorySize(row);
    }
    return row;
}

void postgres_drop_kept(struct db_cursor *cursor)
{
    struct postgres_kept *kept = &cursor->kept;
    PGresult *row = take_kept(kept);
    while (row != NULL) {
        PQclear(row);
        row = take_kept(kept);
    }
    kept->rows.len = 0;
    kept->n_taken = 0;
    kept->bytes = 0;
}

/* Takes the row. */
static enum status keep(struct db_cursor *cursor, PGresult *row, struct error *ret_error)
{
    struct postgres_kept *kept = &cursor->kept;
    kept->bytes += PQresultMemorySize(row);
    kept->rows.len_max = POSTGRES_KEPT_ROWS_MAX;
    if (kept->bytes > POSTGRES_KEPT_ROWS_MAX ||
        buffer_append(&kept->rows, &row, sizeof(row)) != STATUS_OK) {
        PQclear(row);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%s: more than %d bytes of rows are unread while another statement runs (in: %.120s)",
            cursor->connection->store->name, POSTGRES_KEPT_ROWS_MAX, cursor->sql);
    }
    return STATUS_OK;
}

/* The pipeline has nothing more to say but that it is at its end. */
static enum status finish_pipeline(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error)
{
    connection->active = NULL;
    while (connection->is_busy) {
        PGresult *result;
        enum status status = postgres_result(ctx, connection, &result, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        connection->is_busy = PQresultStatus(result) != PGRES_PIPELINE_SYNC;
        PQclear(result);
        if (PQstatus(connection->handle) == CONNECTION_BAD) {
            return postgres_fail_lost(connection, ret_error);
        }
    }
    return PQexitPipelineMode(connection->handle) == 1 ? STATUS_OK
                                                       : postgres_fail_lost(connection, ret_error);
}

/* A command of the pipeline has failed: say why, and read the rest, which is all skipped. */
static enum status fail_pipeline(const struct ctx *ctx, struct db_connection *connection,
    PGresult *result, const char *sql, struct error *ret_error)
{
    enum status status = postgres_fail(ctx, connection, result, sql, ret_error);
    PQclear(result);
    /* What the server said stands; what comes now only matters to the connection. */
    struct error ignored = ERROR_NONE;
    (void)finish_pipeline(ctx, connection, &ignored);
    return status;
}

/* The next row of what is active: NULL when its last one was read. */
static enum status read_row(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, PGresult **ret_row, struct error *ret_error)
{
    PGresult *result;
    enum status status = postgres_result(ctx, connection, &result, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        *ret_row = result;
        return STATUS_OK;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        PQclear(result);
        *ret_row = NULL;
        return finish_pipeline(ctx, connection, ret_error);
    case PGRES_EMPTY_QUERY:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
    case PGRES_COPY_BOTH:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
        break;
    }
    return fail_pipeline(ctx, connection, result, sql, ret_error);
}

enum status postgres_quiesce(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error)
{
    if (connection->is_stopped) {
        return error_set(ret_error, STATUS_ABORTED,
            "%s: a statement of this session was stopped; the session can only be ended",
            connection->store->name);
    }
    enum status status = STATUS_OK;
    while (status == STATUS_OK && connection->is_busy) {
        struct db_cursor *cursor = connection->active;
        PGresult *row = NULL;
        status = read_row(ctx, connection, cursor == NULL ? NULL : cursor->sql, &row, ret_error);
        if (row != NULL && cursor != NULL) {
            status = keep(cursor, row, ret_error);
        } else {
            PQclear(row);
        }
    }
    return status;
}

/* One command of the pipeline that gives no rows of interest, and the NULL that ends it. */
static enum status read_command(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error)
{
    PGresult *result = NULL;
    bool is_at_end = false;
    while (!is_at_end) {
        enum status status = postgres_result(ctx, connection, &result, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        ExecStatusType kind = PQresultStatus(result);
        if (result != NULL && kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK) {
            return fail_pipeline(ctx, connection, result, sql, ret_error);
        }
        is_at_end = result == NULL;
        PQclear(result);
    }
    return STATUS_OK;
}

static bool send_deadline(struct db_connection *connection, uint64_t timeout_ms)
{
    char text[NUMBER_MAX];
    snprintf(text, sizeof(text), "%" PRIu64, timeout_ms);
    const char *const values[] = {text};
    return PQsendQueryPrepared(connection->handle, "walkie_timeout", 1, values, NULL, NULL, 0) == 1;
}

static bool send_all(struct db_cursor *cursor, uint64_t timeout_ms, bool is_replaced)
{
    PGconn *handle = cursor->connection->handle;
    bool is_sent =
        PQenterPipelineMode(handle) == 1 && send_deadline(cursor->connection, timeout_ms);
    if (is_sent && is_replaced) {
        char sql[COMMAND_MAX];
        snprintf(sql, sizeof(sql), "DEALLOCATE %s", cursor->name);
        is_sent = PQsendQueryParams(handle, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
    }
    if (is_sent && !cursor->is_prepared) {
        is_sent = PQsendPrepare(
                      handle, cursor->name, cursor->sql, cursor->n_parameters, cursor->types) == 1;
    }
    return is_sent &&
           PQsendQueryPrepared(handle, cursor->name, cursor->n_parameters, cursor->values,
               cursor->lengths, cursor->formats, 0) == 1 &&
           PQpipelineSync(handle) == 1;
}

/* Send it, and read what the server says to all that comes before the rows. */
static enum status start(const struct ctx *ctx, struct db_cursor *cursor, struct error *ret_error)
{
    struct db_connection *connection = cursor->connection;
    enum status status = postgres_quiesce(ctx, connection, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    bool is_new = !cursor->is_prepared;
    bool is_replaced = is_new && cursor->is_in_server;
    if (!send_all(cursor, postgres_timeout_ms(ctx), is_replaced)) {
        return postgres_fail_lost(connection, ret_error);
    }
    cursor->has_started = true;
    connection->is_busy = true;
    connection->is_uncertain = is_new;
    connection->active = cursor;
    status = postgres_flush(ctx, connection, ret_error);
    if (status == STATUS_OK) {
        status = read_command(ctx, connection, "SET statement_timeout", ret_error);
    }
    if (status == STATUS_OK && is_replaced) {
        status = read_command(ctx, connection, "DEALLOCATE", ret_error);
        cursor->is_in_server = status != STATUS_OK;
    }
    if (status == STATUS_OK && is_new) {
        status = read_command(ctx, connection, cursor->sql, ret_error);
        cursor->is_prepared = status == STATUS_OK;
        cursor->is_in_server = status == STATUS_OK;
    }
    connection->is_uncertain = is_new && connection->is_stopped;
    if (status == STATUS_OK && PQsetSingleRowMode(connection->handle) == 0) {
        status = postgres_fail_lost(connection, ret_error);
    }
    return status;
}

/* The row that comes next, from those kept aside or from the server. */
static enum status next_row(
    const struct ctx *ctx, struct db_cursor *cursor, PGresult **ret_row, struct error *ret_error)
{
    struct db_connection *connection = cursor->connection;
    PGresult *kept = take_kept(&cursor->kept);
    if (kept != NULL) {
        *ret_row = kept;
        return STATUS_OK;
    }
    if (connection->active != cursor) {
        *ret_row = NULL; /* it came to its end while it was kept aside */
        return STATUS_OK;
    }
    return read_row(ctx, connection, cursor->sql, ret_row, ret_error);
}

enum status postgres_step(
    const struct ctx *ctx, struct db_cursor *cursor, bool *ret_has_row, struct error *ret_error)
{
    PQclear(cursor->row);
    cursor->row = NULL;
    if (ctx_done(ctx)) {
        return postgres_fail_stopped(ctx, cursor->connection, ret_error);
    }
    enum status status = STATUS_OK;
    if (!cursor->has_started) {
        status = start(ctx, cursor, ret_error);
    }
    PGresult *row = NULL;
    if (status == STATUS_OK && !cursor->has_ended) {
        status = next_row(ctx, cursor, &row, ret_error);
    }
    if (status != STATUS_OK) {
        cursor->has_ended = true;
        return status;
    }
    cursor->has_ended = row == NULL;
    cursor->row = row;
    *ret_has_row = row != NULL;
    return STATUS_OK;
}

enum status postgres_script(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error)
{
    enum status status = postgres_quiesce(ctx, connection, ret_error);
    char deadline[COMMAND_MAX];
    snprintf(deadline, sizeof(deadline), "SET LOCAL statement_timeout = %" PRIu64,
        postgres_timeout_ms(ctx));
    if (status == STATUS_OK) {
        status = postgres_command(ctx, connection, deadline, ret_error);
    }
    return status == STATUS_OK ? postgres_command(ctx, connection, sql, ret_error) : status;
}
