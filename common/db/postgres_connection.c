/* One connection: made, begun, committed, rolled back, given up. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres.h"

enum { COMMAND_MAX = 512 };

/* Writers of a database come one after the other, as with SQLite. The number means nothing. */
#define WRITER_LOCK "SELECT pg_advisory_xact_lock(7812730458021129)"

/* What the session has for its whole life. JIT compilation cannot be interrupted; the shortest text
 * that gives the same double is what reports print; and the planner is told that reading by an
 * index is cheap, as it is with solid disks and memory: by its own default it reads whole tables
 * for a site's few rows. */
#define SETTINGS                                                                                   \
    "SET statement_timeout = 0; SET extra_float_digits = 1; SET jit = off;"                        \
    " SET standard_conforming_strings = on; SET random_page_cost = 1.1; SET work_mem = '16MB';"    \
    " SET client_connection_check_interval = %d"

/* A command of its own, so that the server's log shows it alone. */
static const char PREPARE_DEADLINE[] = "PREPARE walkie_timeout (text) AS"
                                       " SELECT set_config('statement_timeout', $1, true)";

static void drop_notice(void *arg, const PGresult *notice)
{
    (void)arg;
    (void)notice;
}

void postgres_disconnect(struct db_connection *connection)
{
    if (connection == NULL) {
        return;
    }
    postgres_forget_statements(connection);
    PQfreeCancel(connection->cancel);
    PQfinish(connection->handle);
    free(connection);
}

static void disconnect_at(struct db_connection **connection)
{
    postgres_disconnect(*connection);
}

enum status postgres_connect(const struct ctx *ctx, struct db_store *store,
    struct db_connection **ret_connection, struct error *ret_error)
{
    CLEANUP(disconnect_at) struct db_connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", store->name);
    }
    connection->store = store;
    enum status status = postgres_dial(ctx, store, &connection->handle, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    PQsetNoticeReceiver(connection->handle, drop_notice, NULL);
    connection->cancel = PQgetCancel(connection->handle);
    if (connection->cancel == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", store->name);
    }
    char settings[COMMAND_MAX];
    snprintf(settings, sizeof(settings), SETTINGS, POSTGRES_CHECK_INTERVAL_MS);
    /* Stopped here, it is closed: no helper may take hold of it to cancel. */
    connection->is_in_cleaning = true;
    status = postgres_command(ctx, connection, settings, ret_error);
    if (status == STATUS_OK) {
        status = postgres_command(ctx, connection, PREPARE_DEADLINE, ret_error);
    }
    connection->is_in_cleaning = false;
    if (status == STATUS_OK) {
        *ret_connection = STEAL(connection);
    }
    return status;
}

/* An idle connection has nothing to read: what is there is the server's farewell. */
bool postgres_is_stale(struct db_connection *connection)
{
    struct pollfd polled = {.fd = PQsocket(connection->handle), .events = POLLIN};
    return poll(&polled, 1, 0) != 0;
}

uint64_t postgres_timeout_ms(const struct ctx *ctx)
{
    uint64_t remaining_ns = ctx_remaining_ns(ctx);
    if (remaining_ns >= CLOCK_MS(INT32_MAX)) {
        return 0;
    }
    /* Rounded up: ours comes first, the server's is for the case that we stand still. */
    uint64_t timeout_ms = (remaining_ns + CLOCK_MS(1) - 1) / CLOCK_MS(1);
    return timeout_ms == 0 ? 1 : timeout_ms;
}

enum status postgres_begin(const struct ctx *ctx, struct db_connection *connection,
    enum db_access access, struct error *ret_error)
{
    const struct db_store *store = connection->store;
    if (access == DB_WRITE && store->mode == DB_OPEN_READ_ONLY) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION, "%s: %s: is open for reading only",
            store->name, store->place);
    }
    connection->access = access;
    connection->is_stopped = false;
    /* The snapshot is taken by the first statement, not by BEGIN: so there is one. */
    char sql[COMMAND_MAX];
    snprintf(sql, sizeof(sql), "%s; SET LOCAL statement_timeout = %" PRIu64 "; %s",
        access == DB_READ ? "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" : "BEGIN",
        postgres_timeout_ms(ctx), access == DB_READ ? "SELECT 1" : WRITER_LOCK);
    return postgres_command(ctx, connection, sql, ret_error);
}

enum status postgres_commit(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error)
{
    enum status status = postgres_quiesce(ctx, connection, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    /* Of a transaction that has failed, COMMIT makes a rollback and calls it a success. */
    if (PQtransactionStatus(connection->handle) != PQTRANS_INTRANS) {
        return error_set(ret_error, STATUS_ABORTED,
            "%s: an earlier statement of this session has failed; nothing was written",
            connection->store->name);
    }
    char sql[COMMAND_MAX];
    snprintf(sql, sizeof(sql), "SET LOCAL statement_timeout = %" PRIu64 "; COMMIT",
        postgres_timeout_ms(ctx));
    return postgres_command(ctx, connection, sql, ret_error);
}

/* A stop came between a Parse and its answer: begin with an empty cache again. */
static bool prepare_anew(const struct ctx *ctx, struct db_connection *connection)
{
    for (size_t i = 0; i < POSTGRES_STATEMENTS_CACHED; i++) {
        connection->cache[i].is_prepared = false;
        connection->cache[i].is_in_server = false;
    }
    connection->is_uncertain = false;
    return postgres_command(ctx, connection, "DEALLOCATE ALL", NULL) == STATUS_OK &&
           postgres_command(ctx, connection, PREPARE_DEADLINE, NULL) == STATUS_OK;
}

bool postgres_roll_back(const struct ctx *ctx, struct db_connection *connection)
{
    if (PQtransactionStatus(connection->handle) != PQTRANS_IDLE &&
        postgres_command(ctx, connection, "ROLLBACK", NULL) != STATUS_OK) {
        return false;
    }
    if (PQtransactionStatus(connection->handle) != PQTRANS_IDLE || connection->is_broken) {
        return false;
    }
    return !connection->is_uncertain || prepare_anew(ctx, connection);
}

enum db_clean postgres_rollback(
    struct db_connection *connection, db_cleaned_fn *on_cleaned, void *arg)
{
    if (connection->is_broken || PQstatus(connection->handle) == CONNECTION_BAD) {
        return postgres_is_cancelled(connection) &&
                       postgres_clean_later(connection, on_cleaned, arg)
                   ? DB_CLEAN_LATER
                   : DB_CLEAN_NEVER;
    }
    if (!postgres_is_cancelled(connection) && connection->is_busy) {
        /* The end of rows that were not read to it: mostly it is here already. */
        CTX_SCOPE(soon, ctx_with_timeout(ctx_background(), CTX_MS(POSTGRES_DRAIN_MAX_MS)));
        (void)postgres_drain(soon->ctx, connection);
    }
    if (postgres_is_cancelled(connection) || connection->is_busy) {
        return postgres_clean_later(connection, on_cleaned, arg) ? DB_CLEAN_LATER : DB_CLEAN_NEVER;
    }
    CTX_SCOPE(limited, ctx_with_timeout(ctx_background(), CTX_MS(POSTGRES_ROLLBACK_MAX_MS)));
    if (postgres_roll_back(limited->ctx, connection)) {
        return DB_CLEAN_NOW;
    }
    /* A ROLLBACK that takes too long is with a helper now. */
    return postgres_is_cancelled(connection) && postgres_clean_later(connection, on_cleaned, arg)
               ? DB_CLEAN_LATER
               : DB_CLEAN_NEVER;
}
