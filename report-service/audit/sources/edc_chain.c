/* The audit trail's hash chain (schema/audit_chain.h): followed from its first row to its last,
 * over the whole database, since every row's hash covers the one before it. That is much for one
 * site's report, so the result is kept with the study-wide facts (study_cache.h), under the stamp
 * of the file: somebody who changes a row past the application changes the file as well. A database
 * without such stamps is followed anew for every report. */
#include <string.h>

#include "audit/sources/fetch.h"
#include "audit/sources/study_cache.h"
#include "schema/audit_chain.h"

static const char CHAIN_SQL[] =
    "SELECT audit_id, at, user_id, action, form_id, item_id, old_value, new_value, reason,"
    " prev_hash, hash FROM audit_trail ORDER BY audit_id";

static const char SUBJECT_SQL[] =
    "SELECT s.site_id, s.subject_id FROM form f JOIN subject_event e ON e.event_id = f.event_id"
    " JOIN subject s ON s.subject_id = e.subject_id WHERE f.form_id = $1";

struct chain_run {
    struct chain_facts *chain;
    struct sha256 *digest;
    char before[SHA256_HEX_MAX]; /* the hash of the row before */
    int64_t before_form_id;
};

static void keep_break(
    struct chain_run *run, const struct audit_row *row, enum chain_break_kind kind)
{
    struct chain_facts *chain = run->chain;
    chain->n_breaks++;
    if (chain->n_kept < CHAIN_BREAKS_MAX) {
        chain->breaks[chain->n_kept++] = (struct chain_break){.audit_id = row->audit_id,
            .at = row->at,
            .form_id = row->form_id,
            .before_form_id = run->before_form_id,
            .kind = kind};
    }
}

static enum status on_link(struct fetch *fetch, const struct db_rows *rows)
{
    struct chain_run *run = fetch->run;
    const struct audit_row row = {db_column_integer(rows, 0), db_column_integer(rows, 1),
        db_column_integer(rows, 2), db_column_text(rows, 3), db_column_integer(rows, 4),
        db_column_integer(rows, 5), db_column_text(rows, 6), db_column_text(rows, 7),
        db_column_text(rows, 8)};
    const char *previous_hash = db_column_text(rows, 9);
    const char *hash = db_column_text(rows, 10);
    char own_hash[SHA256_HEX_MAX];
    run->chain->n_rows++;
    if (previous_hash == NULL || hash == NULL) {
        run->chain->n_unchained++;
        keep_break(run, &row, CHAIN_ROW_CHANGED); /* unless no row has a hash at all */
        return STATUS_OK;
    }
    audit_chain_hash(run->digest, previous_hash, &row, own_hash);
    if (strcmp(own_hash, hash) != 0) {
        keep_break(run, &row, CHAIN_ROW_CHANGED);
    }
    if (strcmp(previous_hash, run->before) != 0) {
        keep_break(run, &row, CHAIN_LINK_BROKEN);
    }
    size_t len = strlen(hash);
    len = len < sizeof(run->before) ? len : sizeof(run->before) - 1; /* else it never compares */
    memcpy(run->before, hash, len);
    run->before[len] = '\0';
    run->before_form_id = row.form_id;
    return STATUS_OK;
}

static enum status follow(
    const struct ctx *ctx, void *arg, struct study_facts **ret_facts, struct error *ret_error)
{
    struct fetch *fetch = arg;
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    struct study_facts *made = study_facts_new(sizeof(struct chain_facts));
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    if (digest != NULL && made != NULL) {
        struct chain_run run = {
            .chain = CONTAINER_OF(made, struct chain_facts, facts), .digest = digest};
        memcpy(run.before, AUDIT_CHAIN_START, sizeof(run.before));
        fetch->run = &run;
        status = fetch_rows(ctx, fetch, CHAIN_SQL, NULL, 0, on_link);
        fetch->run = NULL;
    } else {
        (void)fetch_out_of_memory(fetch);
    }
    if (status != STATUS_OK) {
        if (made != NULL) {
            ctx_result_unref(&made->result);
        }
        return error_set(ret_error, status, "%s", fetch->error.text);
    }
    *ret_facts = made;
    return STATUS_OK;
}

/* The site of a page: this one, also when there is no page, or it is no site's. */
struct page_site {
    bool is_this;
    const struct subject *subject; /* NULL: of another site, or none */
};

static enum status on_subject(struct fetch *fetch, const struct db_rows *rows)
{
    struct page_site *site = fetch->run;
    site->is_this = db_column_integer(rows, 0) == fetch->base->site_id;
    site->subject = site->is_this ? fetch_subject(fetch, NULL, db_column_integer(rows, 1)) : NULL;
    return STATUS_OK;
}

static enum status find_site(
    const struct ctx *ctx, struct fetch *fetch, int64_t form_id, struct page_site *ret_site)
{
    struct db_value value = db_integer(form_id);
    *ret_site = (struct page_site){.is_this = true};
    fetch->run = ret_site;
    enum status status =
        form_id == 0 ? STATUS_OK : fetch_rows(ctx, fetch, SUBJECT_SQL, &value, 1, on_subject);
    fetch->run = NULL;
    return status;
}

/* A row changed concerns the site whose page it was; a broken link that of either row beside it. */
static enum status keep_site_break(
    const struct ctx *ctx, struct fetch *fetch, const struct chain_break *found)
{
    struct trail_facts *trail = &fetch->facts->edc.trail;
    struct page_site site;
    enum status status = find_site(ctx, fetch, found->form_id, &site);
    if (status == STATUS_OK && !site.is_this && found->kind == CHAIN_LINK_BROKEN &&
        found->before_form_id != 0) {
        status = find_site(ctx, fetch, found->before_form_id, &site);
        site.subject = NULL; /* the row is not this subject's */
    }
    if (status != STATUS_OK || !site.is_this) {
        trail->n_breaks_elsewhere += status == STATUS_OK;
        return status;
    }
    struct site_chain_break *site_break = fetch_new(fetch, sizeof(*site_break));
    if (site_break == NULL) {
        return fetch_out_of_memory(fetch);
    }
    site_break->found = *found;
    site_break->subject = site.subject;
    list_add(&trail->breaks, &site_break->node);
    return STATUS_OK;
}

static enum status keep_chain(
    const struct ctx *ctx, struct fetch *fetch, const struct chain_facts *chain)
{
    struct trail_facts *trail = &fetch->facts->edc.trail;
    enum status status = STATUS_OK;
    if (chain->n_unchained == chain->n_rows) {
        return fetch_say_missing(fetch, "audit_trail.hash", "no row of the trail has a hash");
    }
    trail->is_chain_verified = true;
    for (size_t i = 0; i < chain->n_kept && status == STATUS_OK; i++) {
        if (chain->breaks[i].at <= fetch->facts->as_of_end_ms) {
            status = keep_site_break(ctx, fetch, &chain->breaks[i]);
        }
    }
    return status;
}

enum status fetch_edc_chain(const struct ctx *ctx, struct fetch *fetch)
{
    if (!facts_has(fetch->base, "audit_trail", "hash")) {
        return STATUS_OK;
    }
    const struct study_key key = {.source = "edc:chain",
        .db = fetch->db,
        .stamp = fetch->stamp,
        .data_version = fetch->base->data_version};
    bool may_share = !fetch->is_stamp_uncertain && fetch->stamp.len > 0;
    struct error error = ERROR_NONE;
    struct study_facts *facts = NULL;
    enum study_outcome outcome;
    enum status status = study_cache_get(
        ctx, may_share ? fetch->study_cache : NULL, &key, follow, fetch, &facts, &outcome, &error);
    if (status != STATUS_OK) {
        return error_set(&fetch->error, status, "%s", error.text);
    }
    status = keep_chain(ctx, fetch, CONTAINER_OF(facts, struct chain_facts, facts));
    ctx_result_unref(&facts->result);
    return status;
}
