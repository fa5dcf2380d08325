#include "audit/sources/study.h"

#include "audit/sources/study_cache.h"

enum { SCRATCH_MEMORY_MAX = 128 * 1024 * 1024 }; /* bytes while one study is counted */

typedef enum status study_count_fn(const struct ctx *ctx, struct fetch *fetch);

/* What study_cache_get hands through. */
struct study_making {
    struct fetch *fetch;
    size_t size; /* of the struct around the facts */
    study_count_fn *count;
};

static enum status count_into(
    const struct ctx *ctx, const struct study_making *making, struct study_facts *made)
{
    struct fetch *fetch = making->fetch;
    struct study_run run = {.made = made, .scratch = arena_new(SCRATCH_MEMORY_MAX)};
    if (run.scratch == NULL) {
        return fetch_out_of_memory(fetch);
    }
    study_days(fetch->facts->as_of_day, run.days);
    for (size_t i = 0; i < STUDY_DAYS; i++) {
        date_format(run.days[i], run.dates[i]);
    }
    fetch->study = &run;
    enum status status = making->count(ctx, fetch);
    fetch->study = NULL;
    arena_free(run.scratch);
    return status;
}

static enum status make(
    const struct ctx *ctx, void *arg, struct study_facts **ret_facts, struct error *ret_error)
{
    const struct study_making *making = arg;
    struct study_facts *made = study_facts_new(making->size);
    enum status status =
        made == NULL ? fetch_out_of_memory(making->fetch) : count_into(ctx, making, made);
    if (status != STATUS_OK) {
        if (made != NULL) {
            ctx_result_unref(&made->result);
        }
        return error_set(ret_error, status, "%s", making->fetch->error.text);
    }
    *ret_facts = made;
    return STATUS_OK;
}

static enum status get(const struct ctx *ctx, struct fetch *fetch, size_t size,
    study_count_fn *count, struct study_facts **ret_facts)
{
    struct study_making making = {.fetch = fetch, .size = size, .count = count};
    const struct study_key key = {
        .source = fetch->base->source,
        .db = fetch->db,
        .stamp = fetch->stamp,
        .study_id = fetch->base->study_id,
        .as_of_day = fetch->facts->as_of_day,
        .data_version = fetch->base->data_version,
        .summary_version = fetch->summary_version,
    };
    /* A file that was put in another's place while the snapshot was taken: count, share nothing. */
    struct study_cache *cache = fetch->is_stamp_uncertain ? NULL : fetch->study_cache;
    struct error error = ERROR_NONE;
    enum study_outcome outcome;
    enum status status =
        study_cache_get(ctx, cache, &key, make, &making, ret_facts, &outcome, &error);
    if (status != STATUS_OK) {
        return error_set(&fetch->error, status, "%s", error.text);
    }
    fetch->cache_outcome = cache == NULL ? "off" : study_outcome_name(outcome);
    return STATUS_OK;
}

enum status study_read_edc(const struct ctx *ctx, struct fetch *fetch)
{
    struct study_facts *facts;
    enum status status = get(ctx, fetch, sizeof(struct study_counts), fetch_edc_study, &facts);
    if (status == STATUS_OK) {
        fetch->facts->edc.study = CONTAINER_OF(facts, struct study_counts, facts);
        fetch->base->latest_stamp_at = fetch->facts->edc.study->latest_stamp_at;
    }
    return status;
}

enum status study_read_ctms(const struct ctx *ctx, struct fetch *fetch)
{
    struct study_facts *facts;
    if (!facts_has(fetch->base, "deviation", NULL)) {
        return STATUS_OK;
    }
    enum status status = get(ctx, fetch, sizeof(struct study_deviations), fetch_ctms_study, &facts);
    if (status == STATUS_OK) {
        fetch->facts->ctms.study = CONTAINER_OF(facts, struct study_deviations, facts);
    }
    return status;
}

void study_release(struct audit_facts *facts)
{
    if (facts->edc.study != NULL) {
        ctx_result_unref((struct ctx_result *)&facts->edc.study->facts.result);
    }
    if (facts->ctms.study != NULL) {
        ctx_result_unref((struct ctx_result *)&facts->ctms.study->facts.result);
    }
    facts->edc.study = NULL;
    facts->ctms.study = NULL;
}
