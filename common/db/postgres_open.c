/* What a uri says, and the backend's table. Nothing is connected here: a server that is away now
 * may be there when the first session begins. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres.h"

static void close_store(struct db_store *store)
{
    if (store == NULL) {
        return;
    }
    postgres_helpers_finish(&store->helpers);
    free(store->uri);
    free(store);
}

static void close_store_at(struct db_store **store)
{
    close_store(*store);
}

static void free_options(PQconninfoOption **options)
{
    PQconninfoFree(*options);
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword != NULL; options++) {
        if (strcmp(options->keyword, keyword) == 0 && options->val != NULL) {
            return options->val;
        }
    }
    return "";
}

/* Whether a password with an @, : or / in it has come to stand where host, port or database are:
 * that must not be printed. */
static bool is_torn(const PQconninfoOption *options)
{
    const char *port = option(options, "port");
    return strchr(option(options, "host"), '@') != NULL ||
           strchr(option(options, "dbname"), '@') != NULL ||
           port[strspn(port, "0123456789,")] != '\0';
}

/* Where the database is, in words that hold no secret. */
static void describe(const PQconninfoOption *options, struct db_store *store)
{
    const char *host = option(options, "host");
    const char *port = option(options, "port");
    if (host[0] == '\0') {
        host = option(options, "hostaddr");
    }
    snprintf(store->place, sizeof(store->place), "postgresql://%s%s%s/%s",
        host[0] == '\0' ? "(local)" : host, port[0] == '\0' ? "" : ":", port,
        option(options, "dbname"));
    long timeout_s = strtol(option(options, "connect_timeout"), NULL, 10);
    if (timeout_s > 0 && timeout_s <= 3600) {
        store->connect_max_ns = CLOCK_SECONDS(timeout_s);
    }
}

static enum status read_uri(
    const struct db_options *options, struct db_store *store, struct error *ret_error)
{
    char *message = NULL;
    CLEANUP(free_options) PQconninfoOption *parsed = PQconninfoParse(options->uri, &message);
    if (parsed == NULL) {
        /* libpq quotes what it does not understand, which may be the password: not further than
         * the first quotation mark. */
        char line[ERROR_TEXT_MAX / 4] = "";
        postgres_one_line(message == NULL ? "" : message, line, sizeof(line));
        PQfreemem(message);
        line[strcspn(line, "\"")] = '\0';
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: not a uri of a PostgreSQL database (%s…): "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %%40 for an @ in a part of it",
            options->name, line);
    }
    if (is_torn(parsed)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: the uri of a PostgreSQL database does not come apart as "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE: an @, : or / within the password is "
            "written %%40, %%3A, %%2F",
            options->name);
    }
    describe(parsed, store);
    return STATUS_OK;
}

static enum status postgres_open(const struct ctx *ctx, const struct db_options *options,
    const char *location, struct db_store **ret_store, struct error *ret_error)
{
    (void)ctx;
    (void)location;
    CLEANUP(close_store_at) struct db_store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", options->name);
    }
    postgres_helpers_init(&store->helpers);
    snprintf(store->name, sizeof(store->name), "%s", options->name);
    store->mode = options->mode;
    store->connect_max_ns = CLOCK_MS(POSTGRES_CONNECT_MAX_MS);
    store->uri = strdup(options->uri);
    if (store->uri == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", options->name);
    }
    enum status status = read_uri(options, store, ret_error);
    if (status == STATUS_OK) {
        *ret_store = STEAL(store);
    }
    return status;
}

static const char *postgres_place(const struct db_store *store)
{
    return store->place;
}

/* What was committed meanwhile only the server knows, and asking it is waiting for it. A version
 * read a moment ago would let a call join one that began before the last commit. */
static enum status postgres_data_stamp(struct db_store *store, struct db_stamp *ret_stamp)
{
    (void)store;
    (void)ret_stamp;
    return STATUS_UNIMPLEMENTED;
}

const struct db_backend DB_BACKEND_POSTGRES = {
    .scheme = "postgresql",
    .alias = "postgres",
    .dialect = DB_POSTGRES,
    .open = postgres_open,
    .close = close_store,
    .place = postgres_place,
    .data_stamp = postgres_data_stamp,
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .is_stale = postgres_is_stale,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .acquire = postgres_acquire,
    .release = postgres_release,
    .bind = postgres_bind,
    .step = postgres_step,
    .script = postgres_script,
    .load = postgres_load,
    .column_is_null = postgres_column_is_null,
    .column_integer = postgres_column_integer,
    .column_real = postgres_column_real,
    .column_text = postgres_column_text,
};
