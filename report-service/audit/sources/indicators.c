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

static const struct site_deviations *deviations_of(
    const struct audit_facts *facts, const char *site_no)
{
    LIST_EACH(const struct site_deviations, site, &facts->ctms.sites) {
        if (strcmp(site->site_no, site_no) == 0) {
            return site;
        }
    }
    return NULL;
}

static struct kri_value value_of(
    const struct audit_facts *facts, const struct recipe *recipe, const struct site_counts *site)
{
    struct kri_value value = {
        .denominator = count_at(site, recipe->denominator), .is_provided = true};
    if (!recipe->needs_ctms) {
        value.numerator = count_at(site, recipe->numerator);
        return value;
    }
    const struct site_deviations *deviations = deviations_of(facts, site->site_no);
    value.is_provided = deviations != NULL;
    if (deviations != NULL) {
        value.numerator =
            (double)(recipe->is_important ? deviations->n_important : deviations->n_other);
    }
    return value;
}

static enum status compute_one(struct audit_facts *facts, enum kri kri)
{
    struct kri_result *result = &facts->kri[kri];
    result->values =
        arena_alloc_array(facts->edc.base.arena, facts->n_kri_sites + 1, sizeof(*result->values));
    if (result->values == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    result->source = lacking_source(facts, &RECIPES[kri]);
    for (size_t i = 0; i < facts->n_kri_sites && result->source == NULL; i++) {
        result->values[i] = value_of(facts, &RECIPES[kri], facts->kri_sites[i]);
    }
    kri_score(&KRI_DEFINITIONS[kri], result->values, facts->n_kri_sites, &result->study);
    return STATUS_OK;
}

enum status indicators_compute(const struct ctx *ctx, struct audit_facts *facts)
{
    facts->kri_sites = arena_alloc_array(
        facts->edc.base.arena, facts->edc.sites.count + 1, sizeof(const struct site_counts *));
    if (facts->kri_sites == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    facts->kri_site = facts->edc.sites.count;
    LIST_EACH(const struct site_counts, site, &facts->edc.sites) {
        if (site->id == facts->edc.base.site_id) {
            facts->kri_site = facts->n_kri_sites;
        }
        facts->kri_sites[facts->n_kri_sites++] = site;
    }
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        enum status status = ctx_checkpoint(ctx, "kri", (uint64_t)kri, KRI_COUNT);
        if (status == STATUS_OK) {
            status = compute_one(facts, (enum kri)kri);
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
