#include "support/kri_oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/kri_oracle_rows.h"

enum { LATE_DAYS = 10, OLD_DAYS = 30, NEEDS_MAX = 3 };
static const long double NO_SPREAD = 1e-20L; /* what rounding leaves of equal rates */

/* audit-report.md, "Key risk indicators"; the minima are the report's own (section 5). */
struct indicator {
    bool is_binary;
    double minimum;
    double low_low, low, high, high_high; /* -INFINITY: there are no low flags */
    const char *needs[NEEDS_MAX];         /* "source table.column" */
};
#define DAYS_NEED "edc subject.last_seen_on"
static const struct indicator INDICATORS[ORACLE_COUNT] = {
    [ORACLE_AE] = {false, 30, -2, -1, 2, 3, {DAYS_NEED, "edc adverse_event"}},
    [ORACLE_SAE] = {false, 30, -INFINITY, -INFINITY, 2, 3,
        {DAYS_NEED, "edc adverse_event.serious"}},
    [ORACLE_DEVIATION] = {false, 30, -3, -2, 2, 3, {DAYS_NEED, "ctms deviation.important"}},
    [ORACLE_IMPORTANT_DEVIATION] = {false, 30, -3, -2, 2, 3,
        {DAYS_NEED, "ctms deviation.important"}},
    [ORACLE_LAB] = {true, 30, -INFINITY, -INFINITY, 2, 3, {"edc lab_result.tox_grade"}},
    [ORACLE_LEFT_STUDY] = {true, 3, -INFINITY, -INFINITY, 2, 3, {"edc subject.status"}},
    [ORACLE_LEFT_TREATMENT] = {true, 3, -INFINITY, -INFINITY, 2, 3,
        {"edc subject.treatment_status"}},
    [ORACLE_QUERY] = {false, 30, -INFINITY, -INFINITY, 2, 3,
        {"edc query", "edc item_data.n_changes"}},
    [ORACLE_OLD_QUERY] = {true, 30, -INFINITY, -INFINITY, 2, 3, {"edc query.closed_at"}},
    [ORACLE_LATE_ENTRY] = {true, 30, -INFINITY, -INFINITY, 2, 3,
        {"edc form.first_entry_at", "edc subject_event.visit_on"}},
    [ORACLE_CHANGE] = {true, 30, -INFINITY, -INFINITY, 2, 3, {"edc item_data.n_changes"}},
    [ORACLE_SCREEN_FAILURE] = {true, 3, -INFINITY, -INFINITY, 2, 3, {"edc subject.status"}},
};

/* --- which site a row is of ----------------------------------------------------------------- */

/* Sites by the id of a subject, subjects by the id of a form: -1 is nobody. */
struct index {
    const struct oracle_rows *rows;
    int64_t as_of;
    int64_t *site_of_subject, *subject_of_form;
    const struct oracle_subject **subject_of_id;
    size_t n_subjects, n_forms;
};

static int64_t site_index(const struct oracle_rows *rows, int64_t site_id)
{
    for (size_t i = 0; i < rows->sites.count; i++) {
        if (rows->site_ids[i] == site_id) {
            return (int64_t)i;
        }
    }
    return -1;
}

static void index_init(struct index *index, const struct oracle_rows *rows, int64_t as_of)
{
    const struct oracle_subject *subjects = rows->subjects.data;
    const struct oracle_form *forms = rows->forms.data;
    *index = (struct index){.rows = rows, .as_of = as_of};
    for (size_t i = 0; i < rows->subjects.count; i++) {
        size_t id = (size_t)subjects[i].id;
        index->n_subjects = id >= index->n_subjects ? id + 1 : index->n_subjects;
    }
    for (size_t i = 0; i < rows->forms.count; i++) {
        size_t id = (size_t)forms[i].id;
        index->n_forms = id >= index->n_forms ? id + 1 : index->n_forms;
    }
    index->site_of_subject = calloc(index->n_subjects + 1, sizeof(int64_t));
    index->subject_of_id = calloc(index->n_subjects + 1, sizeof(const struct oracle_subject *));
    index->subject_of_form = calloc(index->n_forms + 1, sizeof(int64_t));
    for (size_t i = 0; i < rows->subjects.count; i++) {
        index->site_of_subject[subjects[i].id] = site_index(rows, subjects[i].site_id);
        index->subject_of_id[subjects[i].id] = &subjects[i];
    }
    for (size_t i = 0; i < rows->forms.count; i++) {
        index->subject_of_form[forms[i].id] = forms[i].subject_id;
    }
}

static void index_finish(struct index *index)
{
    free(index->site_of_subject);
    free(index->subject_of_id);
    free(index->subject_of_form);
}

static void count(const struct index *index, struct oracle_verdict *verdict, int64_t subject_id,
    enum oracle_kri kri, int64_t numerator, int64_t denominator)
{
    int64_t site = index->site_of_subject[subject_id];
    if (site >= 0) {
        verdict->sites[site].values[kri].numerator += (long double)numerator;
        verdict->sites[site].values[kri].denominator += (long double)denominator;
    }
}

/* --- what is counted ------------------------------------------------------------------------ */

static int64_t day_of(int64_t at_ms)
{
    return at_ms / 86400000;
}

static bool is_on_study(const struct oracle_subject *subject, int64_t as_of)
{
    return strcmp(subject->status, "screening") != 0 &&
           strcmp(subject->status, "screen_failed") != 0 && subject->enrolled.day <= as_of &&
           subject->screened.day <= as_of;
}

static int64_t days_on_study(const struct oracle_subject *subject, int64_t as_of)
{
    if (!subject->screened.is_whole || !subject->last_seen.is_whole) {
        return 0;
    }
    int64_t end = subject->last_seen.day > as_of ? as_of : subject->last_seen.day;
    int64_t days = end - subject->screened.day + 1;
    return days > 0 ? days : 0;
}

static void count_subject(
    const struct index *index, struct oracle_verdict *verdict, const struct oracle_subject *subject)
{
    static const enum oracle_kri PER_DAY[] = {
        ORACLE_AE, ORACLE_SAE, ORACLE_DEVIATION, ORACLE_IMPORTANT_DEVIATION};
    int64_t as_of = index->as_of;
    bool has_left = subject->left.day <= as_of;
    if (subject->screened.day > as_of) {
        return;
    }
    count(index, verdict, subject->id, ORACLE_SCREEN_FAILURE,
        has_left && strcmp(subject->status, "screen_failed") == 0, 1);
    if (!is_on_study(subject, as_of)) {
        return;
    }
    count(index, verdict, subject->id, ORACLE_LEFT_STUDY,
        has_left && strcmp(subject->status, "discontinued") == 0, 1);
    for (size_t i = 0; i < sizeof(PER_DAY) / sizeof(PER_DAY[0]); i++) {
        count(index, verdict, subject->id, PER_DAY[i], 0, days_on_study(subject, as_of));
    }
    if (*subject->treatment != '\0' && strcmp(subject->treatment, "not_started") != 0 &&
        subject->dosed.day <= as_of) {
        count(index, verdict, subject->id, ORACLE_LEFT_TREATMENT,
            subject->last_dose.day <= as_of && strcmp(subject->treatment, "discontinued") == 0, 1);
    }
}

static void count_rows_of_subjects(const struct index *index, struct oracle_verdict *verdict)
{
    const struct oracle_rows *rows = index->rows;
    const struct oracle_event *events = rows->events.data;
    const struct oracle_lab *labs = rows->labs.data;
    for (size_t i = 0; i < rows->events.count; i++) {
        if (day_of(events[i].entered_at) <= index->as_of &&
            is_on_study(index->subject_of_id[events[i].subject_id], index->as_of)) {
            count(index, verdict, events[i].subject_id, ORACLE_AE, 1, 0);
            count(index, verdict, events[i].subject_id, ORACLE_SAE, events[i].is_serious, 0);
        }
    }
    for (size_t i = 0; i < rows->labs.count; i++) {
        if (labs[i].grade >= 0 && labs[i].on.day <= index->as_of) {
            count(index, verdict, labs[i].subject_id, ORACLE_LAB, labs[i].grade > 2, 1);
        }
    }
}

static void count_rows_of_forms(const struct index *index, struct oracle_verdict *verdict)
{
    const struct oracle_rows *rows = index->rows;
    const struct oracle_form *forms = rows->forms.data;
    const struct oracle_item *items = rows->items.data;
    const struct oracle_query *queries = rows->queries.data;
    bool *is_entered = calloc(index->n_forms + 1, sizeof(bool));
    for (size_t i = 0; i < rows->forms.count; i++) {
        int64_t entered_on = day_of(forms[i].first_entry_at);
        is_entered[forms[i].id] = forms[i].first_entry_at != 0 && entered_on <= index->as_of;
        if (is_entered[forms[i].id] && forms[i].visit.is_whole) {
            count(index, verdict, forms[i].subject_id, ORACLE_LATE_ENTRY,
                entered_on > forms[i].visit.day + LATE_DAYS, 1);
        }
    }
    for (size_t i = 0; i < rows->items.count; i++) {
        int64_t subject_id = index->subject_of_form[items[i].form_id];
        if (is_entered[items[i].form_id]) {
            count(index, verdict, subject_id, ORACLE_CHANGE, items[i].n_changes > 0, 1);
            count(index, verdict, subject_id, ORACLE_QUERY, 0, 1);
        }
    }
    for (size_t i = 0; i < rows->queries.count; i++) {
        int64_t subject_id = index->subject_of_form[queries[i].form_id];
        int64_t opened_on = day_of(queries[i].opened_at);
        bool is_closed = queries[i].closed_at == 0 ? queries[i].is_closed
                                                   : day_of(queries[i].closed_at) <= index->as_of;
        if (opened_on <= index->as_of) {
            count(index, verdict, subject_id, ORACLE_QUERY, 1, 0);
            count(index, verdict, subject_id, ORACLE_OLD_QUERY,
                !is_closed && opened_on + OLD_DAYS < index->as_of, 1);
        }
    }
    free(is_entered);
}

static bool is_in_ctms(const struct oracle_rows *rows, const char *site_no)
{
    const struct oracle_site *sites = rows->ctms_sites.data;
    size_t i = 0;
    while (i < rows->ctms_sites.count && strcmp(sites[i].site_no, site_no) != 0) {
        i++;
    }
    return i < rows->ctms_sites.count;
}

static void count_deviations(const struct index *index, struct oracle_site *site)
{
    const struct oracle_deviation *deviations = index->rows->deviations.data;
    for (size_t i = 0; i < index->rows->deviations.count; i++) {
        if (deviations[i].known.day <= index->as_of &&
            strcmp(deviations[i].site_no, site->site_no) == 0) {
            site->values[deviations[i].is_important ? ORACLE_IMPORTANT_DEVIATION : ORACLE_DEVIATION]
                .numerator += 1;
        }
    }
    bool is_there = is_in_ctms(index->rows, site->site_no);
    site->values[ORACLE_DEVIATION].is_there = is_there;
    site->values[ORACLE_IMPORTANT_DEVIATION].is_there = is_there;
}

/* --- what follows from it ------------------------------------------------------------------- */

/* "edc query" lacks "edc query.closed_at" too. */
static bool is_absent(const struct oracle_rows *rows, const char *need)
{
    const char *names = rows->absent.data;
    for (size_t i = 0; i < rows->absent.count; i++) {
        const char *name = names + i * 64;
        size_t len = strlen(name);
        if (strcmp(name, need) == 0 || (strncmp(name, need, len) == 0 && need[len] == '.')) {
            return true;
        }
    }
    return false;
}

/* The variance of a count of den units: den * mu, or den * mu * (1 - mu). */
static long double variance_of(const struct indicator *indicator, long double mu, long double den)
{
    return indicator->is_binary ? den * mu * (1 - mu) : den * mu;
}

static void measure(struct oracle_verdict *verdict, int kri)
{
    long double numerators = 0;
    long double denominators = 0;
    long double squares = 0;
    size_t n_sites = 0;
    for (size_t i = verdict->n_sites; i-- > 0;) {
        const struct oracle_value *value = &verdict->sites[i].values[kri];
        if (value->is_there && value->denominator > 0) {
            numerators += value->numerator;
            denominators += value->denominator;
            n_sites++;
        }
    }
    long double mu = n_sites == 0 ? (long double)NAN : numerators / denominators;
    for (size_t i = verdict->n_sites; i-- > 0;) {
        const struct oracle_value *value = &verdict->sites[i].values[kri];
        if (value->is_there && value->denominator > 0) {
            long double excess = value->numerator - value->denominator * mu;
            squares += excess * excess / variance_of(&INDICATORS[kri], mu, value->denominator);
        }
    }
    verdict->mu[kri] = mu;
    verdict->phi[kri] = squares / (long double)n_sites;
}

static void score(const struct oracle_verdict *verdict, int kri, struct oracle_value *value)
{
    const struct indicator *indicator = &INDICATORS[kri];
    long double mu = verdict->mu[kri];
    long double phi = verdict->phi[kri];
    value->score = (long double)NAN;
    if (!value->is_there) {
        value->why = ORACLE_ABSENT;
    } else if (value->denominator < indicator->minimum) {
        value->why = ORACLE_FEW;
    } else if (mu == 0) {
        value->why = ORACLE_NONE_HAPPENED;
    } else if (indicator->is_binary && mu == 1) {
        value->why = ORACLE_ALL_HAPPENED;
    } else if (phi < NO_SPREAD) {
        value->why = ORACLE_ALIKE;
    } else {
        long double z = (value->numerator - value->denominator * mu) /
                        sqrtl(phi * variance_of(indicator, mu, value->denominator));
        value->why = ORACLE_SCORED;
        value->score = z;
        value->flag = z < indicator->low_low      ? -2
                      : z < indicator->low        ? -1
                      : z >= indicator->high_high ? 2
                      : z >= indicator->high      ? 1
                                                  : 0;
    }
}

void oracle_judge(
    const struct oracle_rows *rows, const char *as_of, struct oracle_verdict *ret_verdict)
{
    struct index index;
    index_init(&index, rows, oracle_date_of(as_of).day);
    struct oracle_verdict verdict = {.n_sites = rows->sites.count};
    verdict.sites = calloc(verdict.n_sites + 1, sizeof(*verdict.sites));
    memcpy(verdict.sites, rows->sites.data, verdict.n_sites * sizeof(*verdict.sites));
    for (size_t i = 0; i < verdict.n_sites; i++) {
        for (int kri = 0; kri < ORACLE_COUNT; kri++) {
            verdict.sites[i].values[kri].is_there = true;
        }
        count_deviations(&index, &verdict.sites[i]);
    }
    const struct oracle_subject *subjects = rows->subjects.data;
    for (size_t i = 0; i < rows->subjects.count; i++) {
        count_subject(&index, &verdict, &subjects[i]);
    }
    count_rows_of_subjects(&index, &verdict);
    count_rows_of_forms(&index, &verdict);
    for (int kri = 0; kri < ORACLE_COUNT; kri++) {
        for (size_t need = 0; need < NEEDS_MAX && INDICATORS[kri].needs[need] != NULL; need++) {
            for (size_t i = 0; i < verdict.n_sites && is_absent(rows, INDICATORS[kri].needs[need]);
                 i++) {
                verdict.sites[i].values[kri].is_there = false;
            }
        }
        measure(&verdict, kri);
        for (size_t i = 0; i < verdict.n_sites; i++) {
            score(&verdict, kri, &verdict.sites[i].values[kri]);
        }
    }
    index_finish(&index);
    *ret_verdict = verdict;
}

void oracle_verdict_finish(struct oracle_verdict *verdict)
{
    free(verdict->sites);
    verdict->sites = NULL;
}
