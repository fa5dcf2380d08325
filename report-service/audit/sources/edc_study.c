/* What the indicators count over the whole study in the EDC, as of nine days at once: one pass a
 * kind of row, grouped by site and by the first of the days that has the row; from the summary by
 * day where that is of this very data. */
#include <stddef.h>

#include "audit/sources/dates.h"
#include "audit/sources/study.h"
#include "audit/sources/subject_course.h"

#define SUBJECTS_OF_STUDY " FROM site i JOIN subject s ON s.site_id = i.site_id"
#define FORMS_OF_STUDY                                                                             \
    SUBJECTS_OF_STUDY                                                                              \
    " JOIN subject_event e ON e.subject_id = s.subject_id JOIN form f ON f.event_id = e.event_id"

/* Around rows of site_id, at and is_part. */
#define BY_FIRST_DAY "SELECT site_id, " STUDY_FIRST_DAY ", count(*), sum(is_part) FROM ("
#define GROUPED ") AS found GROUP BY site_id, first_day ORDER BY site_id, first_day"

static const char SITES_SQL[] =
    "SELECT site_id, site_no FROM site WHERE study_id = $1 ORDER BY site_id";

static const char SUBJECTS_SQL[] =
    "SELECT s.subject_id, s.site_id, " SUBJECT_COURSE_COLUMNS SUBJECTS_OF_STUDY
    " WHERE i.study_id = $1 ORDER BY s.site_id, s.subject_id";

static const char EVENTS_SQL[] =
    "SELECT s.subject_id, a.entered_at, a.serious" SUBJECTS_OF_STUDY
    " JOIN adverse_event a ON a.subject_id = s.subject_id"
    " WHERE i.study_id = $1 AND (a.entered_at IS NULL OR a.entered_at <= $2)"
    " ORDER BY s.site_id, s.subject_id, a.seq";

static const char LABS_SQL[] =
    BY_FIRST_DAY "SELECT i.site_id AS site_id, l.on_date AS at,"
                 " CASE WHEN l.tox_grade >= 3 THEN 1 ELSE 0 END AS is_part" SUBJECTS_OF_STUDY
                 " JOIN lab_result l ON l.subject_id = s.subject_id WHERE i.study_id = $1"
                 " AND l.tox_grade IS NOT NULL AND (l.on_date IS NULL OR l.on_date <= $10)" GROUPED;

static const char QUERIES_SQL[] = BY_FIRST_DAY
    "SELECT i.site_id AS site_id, q.opened_at AS at, 0 AS is_part" FORMS_OF_STUDY
    " JOIN query q ON q.form_id = f.form_id WHERE i.study_id = $1 AND q.opened_at <= $10" GROUPED;

/* Late: entered on a day more than 10 after the visit's. Days are made of the date's digits (the
 * Julian day formula), since no function for that is the same in all databases. */
static const char FORMS_SQL[] = BY_FIRST_DAY
    "SELECT site_id, at, CASE WHEN at / 86400000 - (d + (153 * (m + 12 * a - 3) + 2) / 5"
    " + 365 * (y + 4800 - a) + (y + 4800 - a) / 4 - (y + 4800 - a) / 100 + (y + 4800 - a) / 400"
    " - 2472633) > 10 THEN 1 ELSE 0 END AS is_part FROM"
    " (SELECT site_id, at, y, m, d, (14 - m) / 12 AS a FROM"
    " (SELECT i.site_id AS site_id, f.first_entry_at AS at,"
    " CAST(substr(e.visit_on, 1, 4) AS INTEGER) AS y,"
    " CAST(substr(e.visit_on, 6, 2) AS INTEGER) AS m,"
    " CAST(substr(e.visit_on, 9, 2) AS INTEGER) AS d" FORMS_OF_STUDY
    " WHERE i.study_id = $1 AND length(e.visit_on) >= 10 AND f.first_entry_at <= $10)"
    " AS parts) AS months" GROUPED;

static const char ITEMS_SQL[] =
    BY_FIRST_DAY "SELECT i.site_id AS site_id, f.first_entry_at AS at,"
                 " CASE WHEN d.n_changes > 0 THEN 1 ELSE 0 END AS is_part" FORMS_OF_STUDY
                 " JOIN item_data d ON d.form_id = f.form_id"
                 " WHERE i.study_id = $1 AND f.first_entry_at <= $10" GROUPED;

/* Outstanding on a day: opened more than 30 days ($3, in ms) before, and not closed. Few ever were,
 * so the queries are read first (a cross join keeps the order) and only those led to their sites.
 */
static const char OUTSTANDING_SQL[] =
    "SELECT i.site_id, q.opened_at, q.closed_at FROM query q CROSS JOIN form f"
    " CROSS JOIN subject_event e CROSS JOIN subject s CROSS JOIN site i"
    " WHERE q.opened_at <= $2 AND (q.closed_at - q.opened_at > $3"
    " OR (q.closed_at IS NULL AND q.status <> 'closed')) AND f.form_id = q.form_id"
    " AND e.event_id = f.event_id AND s.subject_id = e.subject_id AND i.site_id = s.site_id"
    " AND i.study_id = $1 ORDER BY i.site_id, q.query_id";

/* Forms, items, labs and queries at once: each site's last totals up to each day. */
static const char SUMMARY_SQL[] =
    "SELECT i.site_id, d.n, t.n_dated_forms, t.n_late_forms, t.n_items, t.n_changed_items,"
    " t.n_labs, t.n_abnormal_labs, t.n_queries, t.n_outstanding_queries"
    " FROM site i CROSS JOIN (SELECT 0 AS n, CAST($2 AS BIGINT)"
    " AS day UNION ALL SELECT 1, $3 UNION ALL SELECT 2, $4 UNION ALL SELECT 3, $5"
    " UNION ALL SELECT 4, $6 UNION ALL SELECT 5, $7 UNION ALL SELECT 6, $8 UNION ALL SELECT 7, $9"
    " UNION ALL SELECT 8, $10) AS d CROSS JOIN site_total t"
    " WHERE i.study_id = $1 AND t.site_id = i.site_id AND t.day ="
    " (SELECT max(l.day) FROM site_total l WHERE l.site_id = i.site_id AND l.day <= d.day)"
    " ORDER BY i.site_id, d.n";

/* --- rows ----------------------------------------------------------------------------------- */

/* A subject while the study is counted. Ordered as EVENTS_SQL orders its rows. */
struct study_subject {
    struct list_node node;
    int64_t id;
    size_t site;
    int64_t enrolled_from; /* the first day on study; INT64_MAX: never */
};

static struct study_counts *counts_of(const struct fetch *fetch)
{
    return CONTAINER_OF(fetch->study->made, struct study_counts, facts);
}

/* The site of the current row's first column; NULL when it is none of the study's. */
static struct site_counts *site_of(
    const struct fetch *fetch, const struct db_rows *rows, size_t day)
{
    const struct study_counts *study = counts_of(fetch);
    size_t site = study_counts_find(study, db_column_integer(rows, 0));
    return site == study->n_sites || day >= STUDY_DAYS ? NULL : study_counts_of(study, day, site);
}

static enum status on_site(struct fetch *fetch, const struct db_rows *rows)
{
    struct study_run *run = fetch->study;
    struct study_site_row *row = arena_alloc(run->scratch, sizeof(*row));
    if (row == NULL) {
        return fetch_out_of_memory(fetch);
    }
    row->site.id = db_column_integer(rows, 0);
    row->site.site_no = arena_copy_text(run->made->arena, db_column_text(rows, 1));
    list_add(&run->rows, &row->node);
    return row->site.site_no == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static void count_subject(struct site_counts *site, const struct subject_state *state)
{
    site->n_screened++;
    site->n_screen_failed += state->is_screen_failed;
    site->n_enrolled += state->is_enrolled;
    site->n_discontinued += state->is_discontinued;
    site->n_treated += state->is_treated;
    site->n_treatment_discontinued += state->is_treatment_discontinued;
    site->days_on_study += state->days_on_study;
}

static enum status on_subject(struct fetch *fetch, const struct db_rows *rows)
{
    struct study_run *run = fetch->study;
    const struct study_counts *study = counts_of(fetch);
    struct study_subject *subject = arena_alloc(run->scratch, sizeof(*subject));
    if (subject == NULL) {
        return fetch_out_of_memory(fetch);
    }
    struct subject_course course = subject_course_of(rows, 2);
    subject->id = db_column_integer(rows, 0);
    subject->site = study_counts_find(study, db_column_integer(rows, 1));
    subject->enrolled_from = INT64_MAX;
    if (!course.is_screening && !course.is_screen_failed) {
        bool is_screened_later = course.screened_day > course.enrolled_day;
        subject->enrolled_from = is_screened_later ? course.screened_day : course.enrolled_day;
    }
    list_add(&run->rows, &subject->node);
    for (size_t day = 0; day < STUDY_DAYS && subject->site < study->n_sites; day++) {
        if (subject_has_come(&course, run->days[day])) {
            struct subject_state state = subject_state_on(&course, run->days[day]);
            count_subject(study_counts_of(study, day, subject->site), &state);
        }
    }
    return STATUS_OK;
}

/* An event counts from the day that it is entered and its subject on study: before enrolment there
 * is no day on study to divide it by. */
static enum status on_event(struct fetch *fetch, const struct db_rows *rows)
{
    struct study_run *run = fetch->study;
    const struct study_counts *study = counts_of(fetch);
    const struct study_subject *subject = (const struct study_subject *)run->at;
    while (subject != NULL && subject->id != db_column_integer(rows, 0)) {
        subject = (const struct study_subject *)subject->node.next;
    }
    run->at = subject == NULL ? NULL : &subject->node;
    for (size_t day = 0; day < STUDY_DAYS && subject != NULL; day++) {
        bool is_entered = db_column_is_null(rows, 1) ||
                          date_day_of_ms(db_column_integer(rows, 1)) <= run->days[day];
        if (is_entered && subject->enrolled_from <= run->days[day] &&
            subject->site < study->n_sites) {
            struct site_counts *site = study_counts_of(study, day, subject->site);
            site->n_aes++;
            site->n_saes += db_column_integer(rows, 2) != 0;
        }
    }
    return STATUS_OK;
}

static enum status on_outstanding(struct fetch *fetch, const struct db_rows *rows)
{
    const int64_t *days = fetch->study->days;
    int64_t opened_on = date_day_of_ms(db_column_integer(rows, 1));
    for (size_t day = 0; day < STUDY_DAYS; day++) {
        struct site_counts *site = site_of(fetch, rows, day);
        bool is_open =
            db_column_is_null(rows, 2) || date_day_of_ms(db_column_integer(rows, 2)) > days[day];
        if (site != NULL && is_open && days[day] - opened_on > OUTSTANDING_QUERY_DAYS) {
            site->n_outstanding_queries++;
        }
    }
    return STATUS_OK;
}

/* Where the two counts of a row grouped by first day go. */
static enum status add_from_first_day(
    struct fetch *fetch, const struct db_rows *rows, size_t count_at, size_t part_at)
{
    for (size_t day = (size_t)db_column_integer(rows, 1); day < STUDY_DAYS; day++) {
        struct site_counts *site = site_of(fetch, rows, day);
        if (site != NULL) {
            *(int64_t *)(void *)((char *)site + count_at) += db_column_integer(rows, 2);
            *(int64_t *)(void *)((char *)site + part_at) += db_column_integer(rows, 3);
        }
    }
    return STATUS_OK;
}

static enum status on_labs(struct fetch *fetch, const struct db_rows *rows)
{
    return add_from_first_day(fetch, rows, offsetof(struct site_counts, n_labs),
        offsetof(struct site_counts, n_abnormal_labs));
}

static enum status on_queries(struct fetch *fetch, const struct db_rows *rows)
{
    /* They have no part: adding 0 anywhere does no harm. */
    size_t at = offsetof(struct site_counts, n_queries);
    return add_from_first_day(fetch, rows, at, at);
}

static enum status on_forms(struct fetch *fetch, const struct db_rows *rows)
{
    return add_from_first_day(fetch, rows, offsetof(struct site_counts, n_dated_forms),
        offsetof(struct site_counts, n_late_forms));
}

static enum status on_items(struct fetch *fetch, const struct db_rows *rows)
{
    return add_from_first_day(fetch, rows, offsetof(struct site_counts, n_items),
        offsetof(struct site_counts, n_changed_items));
}

static enum status on_summary(struct fetch *fetch, const struct db_rows *rows)
{
    struct site_counts *site = site_of(fetch, rows, (size_t)db_column_integer(rows, 1));
    if (site != NULL) {
        site->n_dated_forms = db_column_integer(rows, 2);
        site->n_late_forms = db_column_integer(rows, 3);
        site->n_items = db_column_integer(rows, 4);
        site->n_changed_items = db_column_integer(rows, 5);
        site->n_labs = db_column_integer(rows, 6);
        site->n_abnormal_labs = db_column_integer(rows, 7);
        site->n_queries = db_column_integer(rows, 8);
        site->n_outstanding_queries = db_column_integer(rows, 9);
    }
    return STATUS_OK;
}

/* --- the study ------------------------------------------------------------------------------ */

struct count_query {
    const char *table;
    const char *sql;
    const struct db_value *values;
    size_t n_values;
    fetch_row_fn *on_row;
};

static enum status run_queries(
    const struct ctx *ctx, struct fetch *fetch, const struct count_query *queries, size_t n_queries)
{
    for (size_t i = 0; i < n_queries; i++) {
        if (!facts_has(fetch->base, queries[i].table, NULL)) {
            continue;
        }
        enum status status = fetch_rows(
            ctx, fetch, queries[i].sql, queries[i].values, queries[i].n_values, queries[i].on_row);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* The sites, as an array with zeros for each. */
static enum status read_sites(const struct ctx *ctx, struct fetch *fetch)
{
    struct study_run *run = fetch->study;
    struct study_counts *study = counts_of(fetch);
    struct db_value study_id = db_integer(fetch->base->study_id);
    enum status status = fetch_rows(ctx, fetch, SITES_SQL, &study_id, 1, on_site);
    if (status != STATUS_OK) {
        return status;
    }
    size_t n_sites = run->rows.count;
    study->sites = arena_alloc_array(run->made->arena, n_sites + 1, sizeof(*study->sites));
    study->counts =
        arena_alloc_array(run->made->arena, n_sites + 1, STUDY_DAYS * sizeof(*study->counts));
    if (study->sites == NULL || study->counts == NULL) {
        return fetch_out_of_memory(fetch);
    }
    LIST_EACH(const struct study_site_row, row, &run->rows) {
        study->sites[study->n_sites++] = row->site;
    }
    run->rows = (struct list){0};
    return STATUS_OK;
}

static enum status read_subjects(const struct ctx *ctx, struct fetch *fetch)
{
    struct study_run *run = fetch->study;
    struct db_value values[] = {
        db_integer(fetch->base->study_id), db_integer(fetch->facts->as_of_end_ms)};
    enum status status = fetch_rows(ctx, fetch, SUBJECTS_SQL, values, 1, on_subject);
    run->at = run->rows.first;
    if (status == STATUS_OK && facts_has(fetch->base, "adverse_event", NULL)) {
        status = fetch_rows(ctx, fetch, EVENTS_SQL, values, LENGTH_OF(values), on_event);
    }
    return status;
}

enum status fetch_edc_study(const struct ctx *ctx, struct fetch *fetch)
{
    const struct study_run *run = fetch->study;
    struct db_value study_id = db_integer(fetch->base->study_id);
    struct db_value outstanding[] = {study_id, db_integer(fetch->facts->as_of_end_ms),
        db_integer(OUTSTANDING_QUERY_DAYS * DAY_MS)};
    struct db_value days[STUDY_DAYS + 1] = {study_id};
    struct db_value ends[STUDY_DAYS + 1] = {study_id};
    struct db_value dates[STUDY_DAYS + 1] = {study_id};
    for (size_t i = 0; i < STUDY_DAYS; i++) {
        days[i + 1] = db_integer(run->days[i]);
        ends[i + 1] = db_integer((run->days[i] + 1) * DAY_MS - 1);
        dates[i + 1] = db_text(run->dates[i]);
    }
    const struct count_query summary[] = {{"site", SUMMARY_SQL, days, LENGTH_OF(days), on_summary}};
    const struct count_query counted[] = {
        {"query", OUTSTANDING_SQL, outstanding, LENGTH_OF(outstanding), on_outstanding},
        {"query", QUERIES_SQL, ends, LENGTH_OF(ends), on_queries},
        {"lab_result", LABS_SQL, dates, LENGTH_OF(dates), on_labs},
        {"form", FORMS_SQL, ends, LENGTH_OF(ends), on_forms},
        {"item_data", ITEMS_SQL, ends, LENGTH_OF(ends), on_items},
    };
    enum status status = read_sites(ctx, fetch);
    if (status == STATUS_OK) {
        status = fetch_edc_stamp(ctx, fetch);
        counts_of(fetch)->latest_stamp_at = fetch->base->latest_stamp_at;
    }
    if (status == STATUS_OK) {
        status = read_subjects(ctx, fetch);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return fetch_has_summary(fetch) ? run_queries(ctx, fetch, summary, LENGTH_OF(summary))
                                    : run_queries(ctx, fetch, counted, LENGTH_OF(counted));
}
