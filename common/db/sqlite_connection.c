#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/sqlite.h"

enum {
    BUSY_SLEEP_MIN_MS = 1,
    BUSY_SLEEP_MAX_MS = 16,
};

/* Every SQLITE_STEPS_PER_POLL steps; not 0 interrupts the statement. */
static int poll_context(void *arg)
{
    const struct db_connection *connection = arg;
    return connection->ctx != NULL && ctx_err(connection->ctx) != STATUS_OK;
}

/* Somebody else holds the lock: wait a little, unless told to stop. 0 gives up. */
static int wait_for_lock(void *arg, int n_waits)
{
    const struct db_connection *connection = arg;
    if (connection->ctx == NULL) {
        return 0;
    }
    uint64_t sleep_ms = n_waits < 4 ? (uint64_t)BUSY_SLEEP_MIN_MS << n_waits : BUSY_SLEEP_MAX_MS;
    return ctx_sleep(connection->ctx, CTX_MS(sleep_ms)) == STATUS_OK;
}

static void sqlite_disconnect(struct db_connection *connection)
{
    if (connection == NULL) {
        return;
    }
    sqlite_forget_statements(connection);
    sqlite3_close(connection->handle);
    free(connection);
}

/* An importer that makes a new file and renames it over the old one leaves us with the old one. */
static bool sqlite_is_stale(struct db_connection *connection)
{
    int has_moved = 0;
    int code = sqlite3_file_control(connection->handle, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    return code == SQLITE_OK && has_moved != 0;
}

static bool is_writable(const struct db_store *store)
{
    return store->why_read_only[0] == '\0';
}

static int open_flags(const struct db_store *store)
{
    if (!is_writable(store)) {
        return SQLITE_OPEN_READONLY;
    }
    return SQLITE_OPEN_READWRITE | (store->mode == DB_OPEN_CREATE ? SQLITE_OPEN_CREATE : 0);
}

/* Who serves many at once mostly reads, in as many connections as the pool has. */
static int cache_kb(enum db_mode mode)
{
    switch (mode) {
    case DB_OPEN_READ_ONLY:
    case DB_OPEN_WRITE_IF_POSSIBLE:
        return SQLITE_READER_CACHE_KB;
    case DB_OPEN_READ_WRITE:
    case DB_OPEN_CREATE:
        return SQLITE_WRITER_CACHE_KB;
    }
    return SQLITE_READER_CACHE_KB;
}

static enum status sqlite_connect(const struct ctx *ctx, struct db_store *store,
    struct db_connection **ret_connection, struct error *ret_error)
{
    struct db_connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", store->name);
    }
    connection->store = store;
    connection->access = DB_WRITE;
    int code = sqlite3_open_v2(store->path, &connection->handle,
        open_flags(store) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK) {
        enum status status =
            connection->handle == NULL
                ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", store->name)
                : sqlite_fail(ctx, connection, code, NULL, ret_error);
        sqlite_disconnect(connection);
        return status;
    }
    sqlite3_progress_handler(connection->handle, SQLITE_STEPS_PER_POLL, poll_context, connection);
    sqlite3_busy_handler(connection->handle, wait_for_lock, connection);
    char settings[64];
    snprintf(settings, sizeof(settings), "PRAGMA cache_size = -%d", cache_kb(store->mode));
    enum status status = sqlite_command(ctx, connection, settings, ret_error);
    if (status == STATUS_OK && is_writable(store)) {
        status = sqlite_command(ctx, connection, "PRAGMA foreign_keys = ON", ret_error);
    }
    if (status != STATUS_OK) {
        sqlite_disconnect(connection);
        return status;
    }
    *ret_connection = connection;
    return STATUS_OK;
}

/* A transaction's snapshot is taken by its first read, not by BEGIN: so read something now. */
static enum status sqlite_begin(const struct ctx *ctx, struct db_connection *connection,
    enum db_access access, struct error *ret_error)
{
    if (access == DB_WRITE && !is_writable(connection->store)) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION, "%s: %s: %s",
            connection->store->name, connection->store->path, connection->store->why_read_only);
    }
    connection->access = access;
    if (access == DB_WRITE) {
        return sqlite_command(ctx, connection, "BEGIN IMMEDIATE", ret_error);
    }
    enum status status = sqlite_command(ctx, connection, "BEGIN", ret_error);
    if (status == STATUS_OK) {
        status = sqlite_command(ctx, connection, "SELECT 1 FROM sqlite_schema LIMIT 1", ret_error);
    }
    return status;
}

static enum status sqlite_commit(
    const struct ctx *ctx, struct db_connection *connection, struct error *ret_error)
{
    return sqlite_command(ctx, connection, "COMMIT", ret_error);
}

static enum db_clean sqlite_rollback(
    struct db_connection *connection, db_cleaned_fn *on_cleaned, void *arg)
{
    (void)on_cleaned;
    (void)arg;
    /* Some failures (a full disk) have rolled back already. */
    if (sqlite3_get_autocommit(connection->handle)) {
        return DB_CLEAN_NOW;
    }
    /* No context: whoever is told to stop must still clean up. */
    char *message = NULL;
    int code = sqlite3_exec(connection->handle, "ROLLBACK", NULL, NULL, &message);
    sqlite3_free(message);
    bool is_clean = code == SQLITE_OK && sqlite3_get_autocommit(connection->handle);
    return is_clean ? DB_CLEAN_NOW : DB_CLEAN_NEVER;
}

static enum status take_path(const struct db_options *options, const char *location,
    struct db_store *store, struct error *ret_error)
{
    if (*location == '\0' || strcmp(location, ":memory:") == 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: \"sqlite:%s\" names no file; write sqlite:PATH", options->name, location);
    }
    /* SQLite would take these for its own URIs. */
    const char *before = strncmp(location, "file:", strlen("file:")) == 0 ? "./" : "";
    int len = snprintf(store->path, sizeof(store->path), "%s%s", before, location);
    if (len < 0 || (size_t)len >= sizeof(store->path)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: a path of more than %d bytes",
            options->name, SQLITE_PATH_MAX - 1);
    }
    return STATUS_OK;
}

static void sqlite_close(struct db_store *store)
{
    if (store != NULL) {
        sqlite_stamper_finish(&store->stamper);
        free(store);
    }
}

static const char *sqlite_place(const struct db_store *store)
{
    return store->path;
}

static const char *sqlite_why_read_only(const struct db_store *store)
{
    return is_writable(store) ? NULL : store->why_read_only;
}

static void close_store(struct db_store **store)
{
    sqlite_close(*store);
}

static enum status sqlite_open(const struct ctx *ctx, const struct db_options *options,
    const char *location, struct db_store **ret_store, struct error *ret_error)
{
    CLEANUP(close_store) struct db_store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", options->name);
    }
    sqlite_stamper_init(&store->stamper);
    snprintf(store->name, sizeof(store->name), "%s", options->name);
    store->mode = options->mode;
    enum status status = take_path(options, location, store, ret_error);
    if (status == STATUS_OK) {
        status = sqlite_check_file(store, ret_error);
    }
    if (status == STATUS_OK) {
        sqlite_look_at_rights(store);
    }
    struct db_connection *connection = NULL;
    if (status == STATUS_OK) {
        status = sqlite_connect(ctx, store, &connection, ret_error);
    }
    if (status == STATUS_OK) {
        /* Reads and parses the whole schema; plays back the journal of a crashed writer. */
        status = sqlite_command(ctx, connection, "SELECT 1 FROM sqlite_schema", ret_error);
    }
    if (status == STATUS_DATA_LOSS) {
        sqlite_explain_length(store, ret_error);
    }
    sqlite_disconnect(connection);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_store = STEAL(store);
    return STATUS_OK;
}

const struct db_backend DB_BACKEND_SQLITE = {
    .scheme = "sqlite",
    .dialect = DB_SQLITE,
    .open = sqlite_open,
    .close = sqlite_close,
    .place = sqlite_place,
    .why_read_only = sqlite_why_read_only,
    .data_stamp = sqlite_data_stamp,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .is_stale = sqlite_is_stale,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .acquire = sqlite_acquire,
    .release = sqlite_release,
    .bind = sqlite_bind,
    .step = sqlite_step,
    .script = sqlite_script,
    .column_is_null = sqlite_column_is_null,
    .column_integer = sqlite_column_integer,
    .column_real = sqlite_column_real,
    .column_text = sqlite_column_text,
};
