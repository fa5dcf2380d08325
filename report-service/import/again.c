#include "import/again.h"

#include <string.h>
#include <unistd.h>

#include "db/db.h"

static const char SQLITE[] = "sqlite:";

static bool is_missing_file(const char *uri)
{
    return strncmp(uri, SQLITE, strlen(SQLITE)) == 0 && access(uri + strlen(SQLITE), F_OK) != 0;
}

bool again_has_target(const struct dataset_options *options)
{
    return options->edc_uri != NULL && !is_missing_file(options->edc_uri) &&
           (options->ctms_uri == NULL || !is_missing_file(options->ctms_uri));
}

static bool reads_digest(const struct ctx *ctx, struct db *db, const char *digest)
{
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    bool has_row = false;
    enum status status = db_begin(ctx, db, DB_READ, &session, NULL);
    if (status == STATUS_OK) {
        status = db_query(ctx, session, "SELECT value FROM meta WHERE key = $1",
            (struct db_value[]){db_text(AGAIN_KEY)}, 1, &rows, NULL);
    }
    if (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, NULL);
    }
    bool is_same = status == STATUS_OK && has_row && strcmp(db_column_text(rows, 0), digest) == 0;
    db_rows_free(rows);
    db_end(session);
    return is_same;
}

static bool holds(const struct ctx *ctx, const char *name, const char *uri, const char *digest)
{
    const struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    struct db *db = NULL;
    if (is_missing_file(uri) || db_open(ctx, &options, &db, NULL) != STATUS_OK) {
        return false;
    }
    bool is_same = reads_digest(ctx, db, digest);
    db_close(db);
    return is_same;
}

enum status again_check(const struct ctx *ctx, const struct dataset_options *options,
    const char *digest, bool *ret_is_same, struct error *ret_error)
{
    *ret_is_same = !options->is_forced && options->edc_uri != NULL &&
                   holds(ctx, "edc", options->edc_uri, digest) &&
                   (options->ctms_uri == NULL || holds(ctx, "ctms", options->ctms_uri, digest));
    if (ctx_err(ctx) != STATUS_OK) {
        return error_set(ret_error, ctx_err(ctx), "stopped (%s)", ctx_cause_word(ctx_cause(ctx)));
    }
    return STATUS_OK;
}
