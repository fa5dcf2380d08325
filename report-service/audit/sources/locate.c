/* Step 1: what a source says about itself, and which of its studies have the site. */
#include <stdlib.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"
#include "ctx/checkpoint.h"
#include "obs/span.h"

static const char META_SQL[] =
    "SELECT key, value FROM meta WHERE key IN ('data_version', 'as_of', 'site_total_version')"
    " ORDER BY key";

static const char PROVIDED_SQL[] =
    "SELECT table_name, note FROM provided WHERE is_provided = 0 ORDER BY table_name";

static const char SITE_SQL[] = "SELECT st.protocol_no, st.study_id, si.site_id FROM site si"
                               " JOIN study st ON st.study_id = si.study_id"
                               " WHERE si.site_no = $1 ORDER BY st.study_id, si.site_id";

/* When the source states no "now" of its own. */
static const char EDC_LAST_STAMP_SQL[] =
    "SELECT max(at) FROM (SELECT max(first_entry_at) AS at FROM form"
    " UNION ALL SELECT max(last_change_at) FROM form"
    " UNION ALL SELECT max(opened_at) FROM query"
    " UNION ALL SELECT max(closed_at) FROM query"
    " UNION ALL SELECT max(at) FROM audit_trail"
    " UNION ALL SELECT max(entered_at) FROM adverse_event) AS stamps";

static const char CTMS_LAST_STAMP_SQL[] =
    "SELECT max(at) FROM (SELECT max(reported_sponsor_at) AS at FROM sae_report"
    " UNION ALL SELECT max(reported_ec_at) FROM sae_report"
    " UNION ALL SELECT max(reported_ra_at) FROM sae_report"
    " UNION ALL SELECT max(regraded_at) FROM finding_regrade) AS stamps";

static enum status on_meta(struct fetch *fetch, const struct db_rows *rows)
{
    const char *key = db_column_text(rows, 0);
    const char *value = db_column_text(rows, 1);
    if (strcmp(key, "as_of") == 0) {
        fetch->base->extract_on = fetch_date(fetch, rows, 1);
        fetch->has_last_day = date_first_day(value, &fetch->last_day);
    } else if (strcmp(key, "data_version") == 0) {
        fetch->base->data_version = strtoll(value, NULL, 10);
    } else {
        fetch->summary_version = strtoll(value, NULL, 10);
    }
    return STATUS_OK;
}

static enum status on_provided(struct fetch *fetch, const struct db_rows *rows)
{
    struct not_provided *missing = fetch_new(fetch, sizeof(*missing));
    if (missing == NULL) {
        return fetch_out_of_memory(fetch);
    }
    missing->name = fetch_text(fetch, rows, 0);
    missing->note = fetch_text(fetch, rows, 1);
    list_add(&fetch->base->not_provided, &missing->node);
    return missing->name == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static enum status on_candidate(struct fetch *fetch, const struct db_rows *rows)
{
    if (fetch->candidates.count >= SITE_CANDIDATES_MAX) {
        return STATUS_OK;
    }
    struct site_candidate *candidate = fetch_new(fetch, sizeof(*candidate));
    if (candidate == NULL) {
        return fetch_out_of_memory(fetch);
    }
    candidate->protocol_no = fetch_text(fetch, rows, 0);
    candidate->study_id = db_column_integer(rows, 1);
    candidate->site_id = db_column_integer(rows, 2);
    const char *study = fetch->request->study;
    if (candidate->protocol_no == NULL) {
        return fetch_out_of_memory(fetch);
    }
    if (study == NULL || strcmp(study, candidate->protocol_no) == 0) {
        list_add(&fetch->candidates, &candidate->node);
    }
    return STATUS_OK;
}

static enum status on_last_stamp(struct fetch *fetch, const struct db_rows *rows)
{
    if (!db_column_is_null(rows, 0)) {
        fetch->last_day = date_day_of_ms(db_column_integer(rows, 0));
        fetch->has_last_day = true;
    }
    return STATUS_OK;
}

static bool is_same_stamp(const struct db_stamp *a, const struct db_stamp *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* The stamp of the file that the snapshot is of: the one that stood before it was taken and still
 * does after the first row was read in it. A database without stamps has the empty one. */
static enum status begin(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_stamp after = {0};
    if (fetch->study_cache != NULL && db_data_stamp(fetch->db, &fetch->stamp) != STATUS_OK) {
        fetch->stamp = (struct db_stamp){0};
    }
    enum status status = db_begin(ctx, fetch->db, DB_READ, &fetch->session, &fetch->error);
    if (status == STATUS_OK) {
        status = fetch_rows(ctx, fetch, META_SQL, NULL, 0, on_meta);
    }
    if (status == STATUS_OK && fetch->study_cache != NULL &&
        db_data_stamp(fetch->db, &after) != STATUS_OK) {
        after = (struct db_stamp){0};
    }
    fetch->is_stamp_uncertain = !is_same_stamp(&fetch->stamp, &after);
    return status;
}

static enum status locate(const struct ctx *ctx, struct fetch *fetch)
{
    bool is_edc = strcmp(fetch->base->source, "edc") == 0;
    enum status status = ctx_checkpoint(ctx, fetch->stage, 0, 0);
    if (status == STATUS_OK) {
        status = begin(ctx, fetch);
    }
    if (status == STATUS_OK) {
        status = fetch_rows(ctx, fetch, PROVIDED_SQL, NULL, 0, on_provided);
    }
    if (status == STATUS_OK) {
        struct db_value site_no = db_text(fetch->request->site_no);
        status = fetch_rows(ctx, fetch, SITE_SQL, &site_no, 1, on_candidate);
    }
    if (status == STATUS_OK && fetch->request->as_of == NULL && !fetch->has_last_day) {
        const char *sql = is_edc ? EDC_LAST_STAMP_SQL : CTMS_LAST_STAMP_SQL;
        status = fetch_rows(ctx, fetch, sql, NULL, 0, on_last_stamp);
    }
    return status;
}

enum status fetch_locate(const struct ctx *ctx, void *arg)
{
    struct fetch *fetch = arg;
    struct span span;
    span_begin(ctx, strcmp(fetch->base->source, "edc") == 0 ? "locate:edc" : "locate:ctms", &span);
    enum status status = locate(span.ctx, fetch);
    span_end(&span, status, NULL);
    return status;
}
