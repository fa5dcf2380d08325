#include "sources.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctx/ctx.h"
#include "db/db.h"
#include "obs/log.h"
#include "schema/schema.h"

enum {
    FILE_TIMEOUT_S = 10,
    SERVER_TIMEOUT_S = 3, /* a server that does not answer in this time is looked for again later */
    LOOK_AGAIN_S = 1,
    REASON_MAX = 400,
};

struct source {
    enum schema_kind kind;
    struct db *db;
    _Atomic bool is_there; /* a session has begun, and the schema is ours */
    char reason[REASON_MAX];
    enum status last_status; /* the last look's, so that each reason is logged once */
};

struct sources {
    struct source each[2];
    struct ctx_scope *scope; /* the watch's; NULL: nobody is waited for */
    pthread_t watch;
};

static enum status check(
    const struct ctx *ctx, struct db_session *session, void *arg, struct error *ret_error)
{
    const struct source *source = arg;
    enum status status = schema_check(ctx, session, source->kind, ret_error);
    if (status == STATUS_FAILED_PRECONDITION) {
        error_prefix(ret_error, "--%s %s", schema_kind_name(source->kind), db_place(source->db));
    }
    return status;
}

/* Whether a session can begin now: that checks the schema. */
static enum status look(
    const struct ctx *ctx, struct source *source, int timeout_s, struct error *ret_error)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CTX_SECONDS((uint64_t)timeout_s)));
    struct db_session *session = NULL;
    enum status status = db_begin(scope->ctx, source->db, DB_READ, &session, ret_error);
    db_end(session);
    if (status == STATUS_OK) {
        atomic_store(&source->is_there, true);
    }
    return status;
}

static enum status open_one(const struct settings *settings, struct source *source,
    struct db **ret_db, struct error *ret_error)
{
    const char *name = schema_kind_name(source->kind);
    /* Responses of patients and queries are written into the EDC, where that is possible. */
    const struct db_options options = {.name = name,
        .uri = settings_text(settings, name),
        .mode = source->kind == SCHEMA_EDC ? DB_OPEN_WRITE_IF_POSSIBLE : DB_OPEN_READ_ONLY};
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(FILE_TIMEOUT_S)));
    enum status status = db_open(scope->ctx, &options, &source->db, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_db = source->db;
    if (source->kind == SCHEMA_EDC && db_why_read_only(source->db) != NULL) {
        LOG_WARN("source.read_only", NULL, log_str("database", name),
            log_str("place", db_place(source->db)),
            log_str("reason", db_why_read_only(source->db)));
    }
    snprintf(source->reason, sizeof(source->reason), "waiting for the database %s, %s", name,
        db_place(source->db));
    db_set_check(source->db, check, source);
    bool is_server = db_is_server(source->db);
    status =
        look(ctx_background(), source, is_server ? SERVER_TIMEOUT_S : FILE_TIMEOUT_S, ret_error);
    if (is_server && (status == STATUS_UNAVAILABLE || status == STATUS_DEADLINE_EXCEEDED ||
                         status == STATUS_RESOURCE_EXHAUSTED)) {
        LOG_WARN("source.away", NULL, log_str("database", name),
            log_str("reason", ret_error == NULL ? "" : ret_error->text));
        source->last_status = status;
        return STATUS_OK;
    }
    return status;
}

static void look_again(const struct ctx *ctx, struct source *source)
{
    struct error error = ERROR_NONE;
    enum status status = look(ctx, source, SERVER_TIMEOUT_S, &error);
    const char *name = schema_kind_name(source->kind);
    if (status == STATUS_OK) {
        LOG_INFO("source.there", NULL, log_str("database", name),
            log_str("place", db_place(source->db)));
    } else if (status != source->last_status && ctx_err(ctx) == STATUS_OK) {
        LOG_WARN("source.away", NULL, log_str("database", name), log_str("reason", error.text));
    }
    source->last_status = status;
}

static void *watch_main(void *arg)
{
    struct sources *sources = arg;
    const struct ctx *ctx = sources->scope->ctx;
    while (sources_why_not_ready(sources) != NULL &&
           ctx_sleep(ctx, CTX_SECONDS(LOOK_AGAIN_S)) == STATUS_OK) {
        for (size_t i = 0; i < LENGTH_OF(sources->each); i++) {
            if (!atomic_load(&sources->each[i].is_there)) {
                look_again(ctx, &sources->each[i]);
            }
        }
    }
    return NULL;
}

static enum status start_watch(struct sources *sources, struct error *ret_error)
{
    if (sources_why_not_ready(sources) == NULL) {
        return STATUS_OK;
    }
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    sources->scope = scope;
    if (pthread_create(&sources->watch, NULL, watch_main, sources) != 0) {
        ctx_scope_end(scope);
        sources->scope = NULL;
        return error_set(
            ret_error, STATUS_RESOURCE_EXHAUSTED, "no thread to be had that waits for a database");
    }
    return STATUS_OK;
}

enum status sources_open(const struct settings *settings, struct audit_sources *databases,
    struct sources **ret_sources, struct error *ret_error)
{
    struct sources *sources = calloc(1, sizeof(*sources));
    if (sources == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    sources->each[0].kind = SCHEMA_EDC;
    sources->each[1].kind = SCHEMA_CTMS;
    struct error error = ERROR_NONE;
    enum status status = open_one(settings, &sources->each[0], &databases->edc, &error);
    if (status == STATUS_OK) {
        status = open_one(settings, &sources->each[1], &databases->ctms, &error);
    }
    if (status == STATUS_OK) {
        status = start_watch(sources, &error);
    }
    if (status != STATUS_OK) {
        sources_close(sources);
        return error_set(ret_error, status, "%s", error.text);
    }
    *ret_sources = sources;
    return STATUS_OK;
}

const char *sources_why_not_ready(const struct sources *sources)
{
    for (size_t i = 0; i < LENGTH_OF(sources->each); i++) {
        if (!atomic_load(&sources->each[i].is_there)) {
            return sources->each[i].reason;
        }
    }
    return NULL;
}

void sources_close(struct sources *sources)
{
    if (sources == NULL) {
        return;
    }
    if (sources->scope != NULL) {
        ctx_cancel(sources->scope, CTX_CAUSE_SERVER_DRAINING);
        pthread_join(sources->watch, NULL);
        ctx_scope_end(sources->scope);
    }
    for (size_t i = 0; i < LENGTH_OF(sources->each); i++) {
        if (sources->each[i].db != NULL) {
            db_set_check(sources->each[i].db, NULL, NULL);
        }
    }
    free(sources);
}
