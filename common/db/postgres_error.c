/* The server's error codes as statuses. https://www.postgresql.org/docs/15/errcodes-appendix.html
 */
#include <stdio.h>
#include <string.h>

#include "db/postgres.h"

/* X(beginning of the code, status, what it means). The longest beginning that fits comes first. */
static const struct {
    const char *code;
    enum status status;
    const char *words;
} CODES[] = {
    {"08P01", STATUS_INTERNAL, "the protocol was not kept"},
    {"08", STATUS_UNAVAILABLE, "the connection is lost"},
    {"22", STATUS_FAILED_PRECONDITION, "a value does not fit"},
    {"23505", STATUS_ALREADY_EXISTS, "it exists already"},
    {"23", STATUS_FAILED_PRECONDITION, "a constraint does not allow it"},
    {"25006", STATUS_FAILED_PRECONDITION,
        "this transaction can only read: it was begun with DB_READ, the server is a standby, or "
        "the "
        "user's default_transaction_read_only is on"},
    {"25P02", STATUS_ABORTED, "an earlier statement of this session has failed"},
    {"28", STATUS_UNAVAILABLE, "the server does not let us in"},
    {"3D000", STATUS_UNAVAILABLE, "there is no such database"},
    {"40", STATUS_ABORTED, "a concurrent change is in the way"},
    {"42501", STATUS_FAILED_PRECONDITION,
        "the database's user may not do this: GRANT it, or name one who may in the uri"},
    {"53", STATUS_RESOURCE_EXHAUSTED, "the server lacks memory, disk or connections"},
    {"55P03", STATUS_UNAVAILABLE, "locked by another writer"},
    {"57P", STATUS_UNAVAILABLE, "the server is stopping or starting"},
    {"58", STATUS_UNAVAILABLE, "the server's system failed"},
    {"XX001", STATUS_DATA_LOSS, "the database is corrupt"},
    {"XX002", STATUS_DATA_LOSS, "an index of the database is corrupt"},
};

static const char STATEMENT_CANCELLED[] = "57014";

void postgres_one_line(const char *message, char *ret_line, size_t line_size)
{
    size_t len = 0;
    bool is_gap = false;
    for (; *message != '\0' && len + 2 < line_size; message++) {
        if ((unsigned char)*message <= ' ') {
            is_gap = len > 0;
            continue;
        }
        if (is_gap) {
            ret_line[len++] = ' ';
            is_gap = false;
        }
        ret_line[len++] = *message;
    }
    ret_line[len] = '\0';
}

enum status postgres_fail_stopped(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error)
{
    if (connection->is_busy && !connection->is_in_cleaning) {
        postgres_cancel(connection);
    }
    connection->is_stopped = true;
    return error_set(ret_error, ctx_err(ctx), "%s: statement stopped (%s)", connection->store->name,
        ctx_cause_word(ctx_cause(ctx)));
}

enum status postgres_fail_lost(struct db_connection *connection, struct error *ret_error)
{
    const struct db_store *store = connection->store;
    char line[ERROR_TEXT_MAX / 2];
    postgres_one_line(PQerrorMessage(connection->handle), line, sizeof(line));
    connection->is_broken = true;
    return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s: the connection is lost: %s",
        store->name, store->place, line[0] == '\0' ? "the server has closed it" : line);
}

/* The server has stopped the statement: by its timer for our deadline, which may be a little ahead
 * of ours, or because somebody else told it to. */
static enum status fail_cancelled(const struct ctx *ctx, struct db_connection *connection,
    const char *sql, struct error *ret_error)
{
    if (ctx_remaining_ns(ctx) <= CLOCK_MS(2)) {
        (void)ctx_wait_until(ctx, ctx_deadline_ns(ctx));
    }
    enum status status = ctx_err(ctx);
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "%s: statement stopped (%s)", connection->store->name,
            ctx_cause_word(ctx_cause(ctx)));
    }
    return error_set(ret_error, STATUS_ABORTED,
        "%s: %s: the statement was cancelled in the server, not by us (in: %.120s)",
        connection->store->name, connection->store->place, sql == NULL ? "" : sql);
}

enum status postgres_fail(const struct ctx *ctx, struct db_connection *connection,
    const PGresult *result, const char *sql, struct error *ret_error)
{
    const struct db_store *store = connection->store;
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (code == NULL) {
        return postgres_fail_lost(connection, ret_error); /* libpq's own error, not the server's */
    }
    if (strcmp(code, STATEMENT_CANCELLED) == 0) {
        return fail_cancelled(ctx, connection, sql, ret_error);
    }
    char line[ERROR_TEXT_MAX / 2];
    postgres_one_line(message == NULL ? "" : message, line, sizeof(line));
    for (size_t i = 0; i < LENGTH_OF(CODES); i++) {
        if (strncmp(code, CODES[i].code, strlen(CODES[i].code)) == 0) {
            bool is_gone = CODES[i].status == STATUS_UNAVAILABLE;
            return error_set(ret_error, CODES[i].status, "%s: %s%s%s: %s (in: %.120s)", store->name,
                is_gone ? store->place : "", is_gone ? ": " : "", CODES[i].words, line,
                sql == NULL ? "" : sql);
        }
    }
    return error_set(ret_error, STATUS_INTERNAL, "%s: %s (%s, in: %.200s)", store->name, line, code,
        sql == NULL ? "" : sql);
}
