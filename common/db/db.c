#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/metrics.h"
#include "obs/detached.h"
#include "obs/log.h"

static const struct db_backend *const BACKENDS[] = {&DB_BACKEND_SQLITE, &DB_BACKEND_POSTGRES};

static bool has_scheme(const char *uri, const char *scheme)
{
    size_t len = scheme == NULL ? 0 : strlen(scheme);
    return len > 0 && strncmp(uri, scheme, len) == 0 && uri[len] == ':';
}

/* The backend of a uri, and in `ret_location` what stands after "scheme:". */
static const struct db_backend *backend_of(const char *uri, const char **ret_location)
{
    for (size_t i = 0; i < LENGTH_OF(BACKENDS); i++) {
        if (has_scheme(uri, BACKENDS[i]->scheme) || has_scheme(uri, BACKENDS[i]->alias)) {
            *ret_location = strchr(uri, ':') + 1;
            return BACKENDS[i];
        }
    }
    return NULL;
}

static enum status refuse_uri(const struct db_options *options, struct error *ret_error)
{
    char schemes[64] = "";
    size_t used = 0;
    for (size_t i = 0; i < LENGTH_OF(BACKENDS) && used < sizeof(schemes); i++) {
        used += (size_t)snprintf(schemes + used, sizeof(schemes) - used,
            "%s%s:", i == 0 ? "" : ", ", BACKENDS[i]->scheme);
    }
    /* Only the scheme is quoted: what follows may hold a password. */
    int scheme_len = (int)strcspn(options->uri, ":/?@");
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "%s: no database connection begins with \"%.*s\"; this build knows %s (sqlite:PATH, "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE)",
        options->name, scheme_len > 32 ? 32 : scheme_len, options->uri, schemes);
}

enum status db_open_from(struct ctx_site site, const struct ctx *ctx,
    const struct db_options *options, struct db **ret_db, struct error *ret_error)
{
    detached_check(site, ctx, "sql");
    const char *location;
    const struct db_backend *backend = backend_of(options->uri, &location);
    if (backend == NULL) {
        return refuse_uri(options, ret_error);
    }
    struct db *db = calloc(1, sizeof(*db));
    if (db == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", options->name);
    }
    snprintf(db->name, sizeof(db->name), "%s", options->name);
    db->backend = backend;
    enum status status = backend->open(ctx, options, location, &db->store, ret_error);
    if (status != STATUS_OK) {
        free(db);
        return status;
    }
    db_pool_init(&db->pool);
    db_metrics_start(db);
    *ret_db = db;
    return STATUS_OK;
}

/* Databases that a helper thread still hangs in: kept where they can be seen, never freed. */
static _Atomic(struct db *) left_behind;

static void leave_behind(struct db *db)
{
    LOG_WARN("db.stuck", NULL, log_str("database", db->name), log_str("place", db_place(db)));
    db->next_left_behind = atomic_load(&left_behind);
    while (!atomic_compare_exchange_weak(&left_behind, &db->next_left_behind, db)) {
    }
}

void db_close(struct db *db)
{
    if (db == NULL) {
        return;
    }
    db_metrics_stop(db);
    if (!db_pool_finish(db)) {
        leave_behind(db);
        return;
    }
    db->backend->close(db->store);
    free(db);
}

void db_set_check(struct db *db, db_check_fn *check, void *arg)
{
    db->check = check;
    db->check_arg = arg;
}

const char *db_place(const struct db *db)
{
    return db->backend->place(db->store);
}

bool db_is_server(const struct db *db)
{
    return db->backend->dialect == DB_POSTGRES;
}

enum db_dialect db_dialect(const struct db_session *session)
{
    return session->db->backend->dialect;
}

const char *db_why_read_only(const struct db *db)
{
    return db->backend->why_read_only == NULL ? NULL : db->backend->why_read_only(db->store);
}

enum status db_data_stamp(struct db *db, struct db_stamp *ret_stamp)
{
    return db->backend->data_stamp(db->store, ret_stamp);
}

void db_set_fault(struct db *db, uint64_t delay_ns, double error_rate)
{
    assert(error_rate >= 0.0 && error_rate <= 1.0);
    atomic_store(&db->fault_delay_ns, delay_ns);
    atomic_store(&db->fault_error_ppm, (uint64_t)(error_rate * 1e6 + 0.5));
}

struct db_value db_null(void)
{
    return (struct db_value){.kind = DB_NULL};
}

struct db_value db_integer(int64_t value)
{
    return (struct db_value){.kind = DB_INTEGER, .integer = value};
}

struct db_value db_real(double value)
{
    return (struct db_value){.kind = DB_REAL, .real = value};
}

struct db_value db_text(const char *text)
{
    return (struct db_value){.kind = text == NULL ? DB_NULL : DB_TEXT, .text = text};
}
