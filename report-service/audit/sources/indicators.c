#include "audit/sources/indicators.h"

#include <stddef.h>
#include <string.h>

#include "ctx/checkpoint.h"

/* Where an indicator comes from: two counts of a site, and the columns that both need. */
struct recipe {
    bool needs_ctms; /* the numerator is a count of deviations */
    bool is_important;
    size_t numerator; /* offset of an int64_t in struct site_counts */
    size_t denominator;
    const char *tables[3][2]; /* table and column (NULL: the table) of the EDC */
};

#define COUNT(field) offsetof(struct site_counts, field)
#define DAYS                                                                                       \
    {                                                                                              \
        "subject", "last_seen_on"                                                                  \
    }

static const struct recipe RECIPES[KRI_COUNT] = {
    [KRI_AE_RATE] = {false, false, COUNT(n_aes), COUNT(days_on_study), {DAYS, {"adverse_event"}}},
    [KRI_SAE_RATE] = {false, false, COUNT(n_saes), COUNT(days_on_study),
        {DAYS, {"adverse_event", "serious"}}},
    [KRI_DEVIATION_RATE] = {true, false, 0, COUNT(days_on_study), {DAYS}},
    [KRI_IMPORTANT_DEVIATION_RATE] = {true, true, 0, COUNT(days_on_study), {DAYS}},
    [KRI_LAB_ABNORMALITY_RATE] = {false, false, COUNT(n_abnormal_labs), COUNT(n_labs),
        {{"lab_result", "tox_grade"}}},
    [KRI_STUDY_DISCONTINUATION] = {false, false, COUNT(n_discontinued), COUNT(n_enrolled),
        {{"subject", "status"}}},
    [KRI_TREATMENT_DISCONTINUATION] = {false, false, COUNT(n_treatment_discontinued),
        COUNT(n_treated), {{"subject", "treatment_status"}}},
    [KRI_QUERY_RATE] = {false, false, COUNT(n_queries), COUNT(n_items),
        {{"query"}, {"item_data", "n_changes"}}},
    [KRI_OUTSTANDING_QUERY_RATE] = {false, false, COUNT(n_outstanding_queries), COUNT(n_queries),
        {{"query", "closed_at"}}},
    [KRI_OUTSTANDING_ENTRY_RATE] = {false, false, COUNT(n_late_forms), COUNT(n_dated_forms),
        {{"form", "first_entry_at"}, {"subject_event", "visit_on"}}},
    [KRI_DATA_CHANGE_RATE] = {false, false, COUNT(n_changed_items), COUNT(n_items),
        {{"item_data", "n_changes"}}},
    [KRI_SCREEN_FAILURE_RATE] = {false, false, COUNT(n_screen_failed), COUNT(n_screened),
        {{"subject", "status"}}},
};

static double count_at(const struct site_counts *site, size_t offset)
{
    int64_t count;
    memcpy(&count, (const char *)site + offset, sizeof(count));
    return (double)count;
}

/* The first source that lacks what the recipe needs; NULL when none does. */
static const char *lacking_source(const struct audit_facts *facts, const struct recipe *recipe)
{
    for (size_t i = 0; i < LENGTH_OF(recipe->tables); i++) {
        const char *table = recipe->tables[i][0];
        if (table != NULL && !facts_has(&facts->edc.base, table, recipe->tables[i][1])) {
            return facts->edc.base.source;
        }
    }
    bool is_lacking = recipe->needs_ctms && !facts_has(&facts->ctms.base, "deviation", "important");
    return is_lacking ? facts->ctms.base.source : NULL;
}

static struct kri_value value_of(const struct recipe *recipe, size_t day,
    const struct site_counts *site, const struct site_deviations *deviations)
{
    struct kri_value value = {
        .denominator = count_at(site, recipe->denominator), .is_provided = true};
    if (!recipe->needs_ctms) {
        value.numerator = count_at(site, recipe->numerator);
        return value;
    }
    value.is_provided = deviations != NULL;
    if (deviations != NULL) {
        value.numerator = (double)(recipe->is_important ? deviations->n_important[day]
                                                        : deviations->n_other[day]);
    }
    return value;
}

/* One indicator as of one day, over all sites. */
static void compute_day(const struct audit_facts *facts, enum kri kri, size_t day,
    const struct site_deviations *const *deviations, struct kri_result *result)
{
    const struct study_counts *study = facts->edc.study;
    for (size_t i = 0; i < study->n_sites; i++) {
        result->values[i] = (struct kri_value){.is_provided = false};
        if (result->source == NULL) {
            result->values[i] =
                value_of(&RECIPES[kri], day, study_counts_of(study, day, i), deviations[i]);
        }
    }
    kri_score(&KRI_DEFINITIONS[kri], result->values, study->n_sites, &result->study);
}

/* All days into the same array: the last one, the report's, stays. */
static enum status compute_one(
    struct audit_facts *facts, enum kri kri, const struct site_deviations *const *deviations)
{
    struct kri_result *result = &facts->kri[kri];
    result->values =
        arena_alloc_array(facts->edc.base.arena, facts->n_kri_sites + 1, sizeof(*result->values));
    if (result->values == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    result->source = lacking_source(facts, &RECIPES[kri]);
    for (size_t day = 0; day < STUDY_DAYS; day++) {
        compute_day(facts, kri, day, deviations, result);
        struct kri_past *past = &facts->kri_past[day][kri];
        past->study = result->study;
        if (facts->kri_site < facts->n_kri_sites) {
            past->site = result->values[facts->kri_site];
        }
    }
    return STATUS_OK;
}

enum status indicators_compute(const struct ctx *ctx, struct audit_facts *facts)
{
    const struct study_counts *study = facts->edc.study;
    if (study == NULL) {
        return STATUS_OK; /* the EDC does not know the site: section 5 says so */
    }
    struct arena *arena = facts->edc.base.arena;
    const struct site_deviations **deviations =
        arena_alloc_array(arena, study->n_sites + 1, sizeof(const struct site_deviations *));
    if (deviations == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < study->n_sites && facts->ctms.study != NULL; i++) {
        deviations[i] = study_deviations_find(facts->ctms.study, study->sites[i].site_no);
    }
    study_days(facts->as_of_day, facts->kri_days);
    facts->n_kri_sites = study->n_sites;
    facts->kri_site = study_counts_find(study, facts->edc.base.site_id);
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        enum status status = ctx_checkpoint(ctx, "kri", (uint64_t)kri, KRI_COUNT);
        if (status == STATUS_OK) {
            status = compute_one(facts, (enum kri)kri, deviations);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

void sources_reconcile(struct audit_facts *facts)
{
    LIST_EACH(struct sae_report, report, &facts->ctms.sae_reports) {
        LIST_EACH(struct adverse_event, event, &facts->edc.adverse_events) {
            bool is_pair = report->sequence != 0 && event->sequence == report->sequence &&
                           strcmp(event->subject->subject_no, report->subject_no) == 0;
            if (is_pair) {
                report->event = event;
                event->report = event->report == NULL ? report : event->report;
            }
        }
    }
}
