/* Which data there are. The stamp is taken first: what is read after it is what it stands for, or
 * newer (db/db.h). */
#include <stdlib.h>

#include "audit/audit.h"

static const char VERSION_SQL[] = "SELECT value FROM meta WHERE key = 'data_version'";

static enum status read_counter(const struct ctx *ctx, struct db_session *session,
    int64_t *ret_version, struct error *ret_error)
{
    struct db_rows *rows;
    bool has_row = false;
    enum status status = db_query(ctx, session, VERSION_SQL, NULL, 0, &rows, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = db_next(ctx, rows, &has_row, ret_error);
    if (status == STATUS_OK) {
        *ret_version = has_row ? strtoll(db_column_text(rows, 0), NULL, 10) : 0;
    }
    db_rows_free(rows);
    return status;
}

static enum status read_one(const struct ctx *ctx, struct db *db, int64_t *ret_version,
    struct db_stamp *ret_stamp, struct error *ret_error)
{
    if (db_data_stamp(db, ret_stamp) != STATUS_OK) {
        ret_stamp->len = 0;
    }
    struct db_session *session = NULL;
    enum status status = db_begin(ctx, db, DB_READ, &session, ret_error);
    if (status == STATUS_OK) {
        status = read_counter(ctx, session, ret_version, ret_error);
    }
    db_end(session);
    return status;
}

enum status audit_read_versions(const struct ctx *ctx, const struct audit_sources *sources,
    struct audit_versions *ret_versions, struct error *ret_error)
{
    struct audit_versions versions = {.edc = 0};
    enum status status = read_one(ctx, sources->edc, &versions.edc, &versions.edc_stamp, ret_error);
    if (status == STATUS_OK) {
        status = read_one(ctx, sources->ctms, &versions.ctms, &versions.ctms_stamp, ret_error);
    }
    if (status == STATUS_OK) {
        *ret_versions = versions;
    }
    return status;
}
