/* Waiting for the server under a context: the socket and the context's descriptor in one poll. */
#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "db/postgres.h"

/* The timer thread makes the descriptor readable; the timeout is for the case that it is late. */
static int timeout_ms_of(const struct ctx *ctx, int done_fd)
{
    uint64_t remaining_ns = ctx_remaining_ns(ctx);
    if (done_fd < 0) {
        return POSTGRES_BLIND_POLL_MS;
    }
    if (remaining_ns >= CLOCK_MS(INT_MAX)) {
        return -1;
    }
    return (int)(remaining_ns / CLOCK_MS(1)) + 1;
}

enum status postgres_wait(const struct ctx *ctx, int socket, short events)
{
    int done_fd = ctx_done_fd(ctx);
    struct pollfd polled[] = {{.fd = socket, .events = events}, {.fd = done_fd, .events = POLLIN}};
    enum status status = ctx_err(ctx);
    while (status == STATUS_OK) {
        int n_ready = poll(polled, LENGTH_OF(polled), timeout_ms_of(ctx, done_fd));
        /* Anything else than a signal is found again, in words, by libpq's next read. */
        if ((n_ready < 0 && errno != EINTR) || (n_ready > 0 && polled[0].revents != 0)) {
            return STATUS_OK;
        }
        status = ctx_err(ctx);
    }
    return status;
}

enum status postgres_flush(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error)
{
    int unsent = PQflush(connection->handle);
    while (unsent > 0) {
        /* A server that is blocked in sending us something does not read either. */
        enum status status = postgres_wait(ctx, PQsocket(connection->handle), POLLIN | POLLOUT);
        if (status != STATUS_OK) {
            return postgres_fail_stopped(ctx, connection, ret_error);
        }
        if (PQconsumeInput(connection->handle) == 0) {
            return postgres_fail_lost(connection, ret_error);
        }
        unsent = PQflush(connection->handle);
    }
    return unsent < 0 ? postgres_fail_lost(connection, ret_error) : STATUS_OK;
}

enum status postgres_result(const struct ctx *ctx, struct db_connection *connection,
    PGresult **ret_result, struct error *ret_error)
{
    if (ctx_done(ctx)) {
        return postgres_fail_stopped(ctx, connection, ret_error);
    }
    while (PQisBusy(connection->handle) != 0) {
        if (postgres_wait(ctx, PQsocket(connection->handle), POLLIN) != STATUS_OK) {
            return postgres_fail_stopped(ctx, connection, ret_error);
        }
        if (PQconsumeInput(connection->handle) == 0) {
            return postgres_fail_lost(connection, ret_error);
        }
    }
    *ret_result = PQgetResult(connection->handle);
    return STATUS_OK;
}

/* The same without a connection that is marked and a text: for those who are cleaning up. */
static bool next_result(const struct ctx *ctx, PGconn *handle, PGresult **ret_result)
{
    while (PQisBusy(handle) != 0) {
        if (postgres_wait(ctx, PQsocket(handle), POLLIN) != STATUS_OK ||
            PQconsumeInput(handle) == 0) {
            return false;
        }
    }
    *ret_result = PQgetResult(handle);
    return true;
}

static bool flush_quietly(const struct ctx *ctx, PGconn *handle)
{
    int unsent = PQflush(handle);
    while (unsent > 0) {
        if (postgres_wait(ctx, PQsocket(handle), POLLIN | POLLOUT) != STATUS_OK ||
            PQconsumeInput(handle) == 0) {
            return false;
        }
        unsent = PQflush(handle);
    }
    return unsent == 0;
}

bool postgres_drain(const struct ctx *ctx, struct db_connection *connection)
{
    PGconn *handle = connection->handle;
    bool is_pipeline = PQpipelineStatus(handle) != PQ_PIPELINE_OFF;
    if (!flush_quietly(ctx, handle)) {
        return false;
    }
    while (connection->is_busy) {
        PGresult *result;
        if (!next_result(ctx, handle, &result) || PQstatus(handle) == CONNECTION_BAD) {
            return false;
        }
        ExecStatusType kind = PQresultStatus(result);
        PQclear(result);
        if (kind == PGRES_COPY_IN &&
            (PQputCopyEnd(handle, "not wanted any more") < 0 || !flush_quietly(ctx, handle))) {
            return false;
        }
        /* A pipeline ends with its sync, a simple query with a NULL. */
        bool is_end = is_pipeline ? kind == PGRES_PIPELINE_SYNC : result == NULL;
        connection->is_busy = !is_end;
    }
    connection->active = NULL;
    return !is_pipeline || PQexitPipelineMode(handle) == 1;
}

enum status postgres_command(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error)
{
    if (PQsendQuery(connection->handle, sql) == 0) {
        return postgres_fail_lost(connection, ret_error);
    }
    connection->is_busy = true;
    enum status status = postgres_flush(ctx, connection, ret_error);
    enum status failure = STATUS_OK;
    while (status == STATUS_OK && connection->is_busy) {
        PGresult *result;
        status = postgres_result(ctx, connection, &result, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        ExecStatusType kind = PQresultStatus(result);
        connection->is_busy = result != NULL;
        if (kind == PGRES_FATAL_ERROR && result != NULL && failure == STATUS_OK) {
            failure = postgres_fail(ctx, connection, result, sql, ret_error);
        }
        PQclear(result);
        if (PQstatus(connection->handle) == CONNECTION_BAD) {
            connection->is_broken = true;
            return failure != STATUS_OK ? failure : postgres_fail_lost(connection, ret_error);
        }
    }
    return status != STATUS_OK ? status : failure;
}
