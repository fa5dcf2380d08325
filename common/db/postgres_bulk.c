/* Many rows at once: COPY FROM STDIN. */
#include <stdio.h>

#include "db/postgres.h"

enum { COPY_SQL_MAX = 2048, COPY_PIECE_MAX = 64 * 1024 };

/* Whether the server is ready to take rows. */
static enum status begin_copy(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error)
{
    if (PQsendQuery(connection->handle, sql) == 0) {
        return postgres_fail_lost(connection, ret_error);
    }
    connection->is_busy = true;
    enum status status = postgres_flush(ctx, connection, ret_error);
    PGresult *result = NULL;
    if (status == STATUS_OK) {
        status = postgres_result(ctx, connection, &result, ret_error);
    }
    if (status == STATUS_OK && PQresultStatus(result) != PGRES_COPY_IN) {
        status = postgres_fail(ctx, connection, result, sql, ret_error);
    }
    PQclear(result);
    return status;
}

static enum status send_rows(const struct ctx *ctx, struct db_connection *connection,
    struct bytes rows, struct error *ret_error)
{
    enum status status = STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && at < rows.len;) {
        size_t piece = rows.len - at < COPY_PIECE_MAX ? rows.len - at : COPY_PIECE_MAX;
        int is_queued = PQputCopyData(connection->handle, (const char *)rows.data + at, (int)piece);
        if (is_queued < 0) {
            return postgres_fail_lost(connection, ret_error);
        }
        at += is_queued > 0 ? piece : 0;
        status = postgres_flush(ctx, connection, ret_error);
    }
    if (status == STATUS_OK && PQputCopyEnd(connection->handle, NULL) < 0) {
        return postgres_fail_lost(connection, ret_error);
    }
    return status == STATUS_OK ? postgres_flush(ctx, connection, ret_error) : status;
}

/* What the server made of the rows, to the end of the command. */
static enum status end_copy(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error)
{
    enum status failure = STATUS_OK;
    while (connection->is_busy) {
        PGresult *result;
        enum status status = postgres_result(ctx, connection, &result, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        connection->is_busy = result != NULL;
        if (PQresultStatus(result) == PGRES_FATAL_ERROR && result != NULL && failure == STATUS_OK) {
            failure = postgres_fail(ctx, connection, result, sql, ret_error);
        }
        PQclear(result);
        if (PQstatus(connection->handle) == CONNECTION_BAD) {
            return failure != STATUS_OK ? failure : postgres_fail_lost(connection, ret_error);
        }
    }
    return failure;
}

enum status postgres_load(const struct ctx *ctx, struct db_connection *connection,
    const char *table, const char *columns, struct bytes rows, struct error *ret_error)
{
    char sql[COPY_SQL_MAX];
    int len =
        snprintf(sql, sizeof(sql), "COPY %s (%s) FROM STDIN (ENCODING 'UTF8')", table, columns);
    if (len < 0 || (size_t)len >= sizeof(sql)) {
        return error_set(ret_error, STATUS_INTERNAL, "%s: the columns of %s do not fit %d bytes",
            connection->store->name, table, COPY_SQL_MAX);
    }
    enum status status = postgres_quiesce(ctx, connection, ret_error);
    if (status == STATUS_OK) {
        status = begin_copy(ctx, connection, sql, ret_error);
    }
    if (status == STATUS_OK) {
        status = send_rows(ctx, connection, rows, ret_error);
    }
    return status == STATUS_OK ? end_copy(ctx, connection, sql, ret_error) : status;
}
