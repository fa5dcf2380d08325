/* What the indicators count over the whole study: one pass an indicator, grouped by site; from the
 * summary by day where that is of this very data. */
#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

#define OF_STUDY(alias) " FROM site i JOIN subject " alias " ON " alias ".site_id = i.site_id"

/* Only subjects on study: events before enrolment have no day on study to be divided by. */
static const char EVENTS_SQL[] =
    "SELECT i.site_id, count(*), sum(CASE WHEN a.serious <> 0 THEN 1 ELSE 0 END)" OF_STUDY(
        "s") " JOIN adverse_event a ON a.subject_id = s.subject_id"
             " WHERE i.study_id = $1 AND s.status NOT IN ('screening', 'screen_failed')"
             " AND (a.entered_at IS NULL OR a.entered_at <= $2)"
             " GROUP BY i.site_id ORDER BY i.site_id";

static const char LABS_SQL[] =
    "SELECT i.site_id, count(*), sum(CASE WHEN l.tox_grade >= 3 THEN 1 ELSE 0 END)" OF_STUDY(
        "s") " JOIN lab_result l ON l.subject_id = s.subject_id"
             " WHERE i.study_id = $1 AND l.tox_grade IS NOT NULL"
             " AND (l.on_date IS NULL OR l.on_date <= $2)"
             " GROUP BY i.site_id ORDER BY i.site_id";

static const char QUERIES_SQL[] = "SELECT i.site_id, count(*), 0" OF_STUDY(
    "s") " JOIN subject_event e ON e.subject_id = s.subject_id"
         " JOIN form f ON f.event_id = e.event_id JOIN query q ON q.form_id = f.form_id"
         " WHERE i.study_id = $1 AND q.opened_at <= $2"
         " GROUP BY i.site_id ORDER BY i.site_id";

/* Outstanding: not closed on the day, and opened more than 30 days before. They are few, so the
 * queries are read first (a cross join keeps the order) and only those led to their sites. */
static const char OUTSTANDING_SQL[] =
    "SELECT i.site_id, 0, count(*) FROM query q CROSS JOIN form f CROSS JOIN subject_event e"
    " CROSS JOIN subject s CROSS JOIN site i"
    " WHERE q.opened_at < $3 AND (q.closed_at > $2 OR (q.closed_at IS NULL"
    " AND q.status <> 'closed')) AND f.form_id = q.form_id AND e.event_id = f.event_id"
    " AND s.subject_id = e.subject_id AND i.site_id = s.site_id AND i.study_id = $1"
    " GROUP BY i.site_id ORDER BY i.site_id";

/* Late: entered on a day more than 10 after the visit's. Days are made of the date's digits (the
 * Julian day formula), since no function for that is the same in all databases. */
static const char FORMS_SQL[] =
    "SELECT site_id, count(*), sum(CASE WHEN entry_day - (d + (153 * (m + 12 * a - 3) + 2) / 5"
    " + 365 * (y + 4800 - a) + (y + 4800 - a) / 4 - (y + 4800 - a) / 100 + (y + 4800 - a) / 400"
    " - 2472633) > 10 THEN 1 ELSE 0 END) FROM"
    " (SELECT site_id, entry_day, y, m, d, (14 - m) / 12 AS a FROM"
    " (SELECT i.site_id AS site_id, f.first_entry_at / 86400000 AS entry_day,"
    " CAST(substr(e.visit_on, 1, 4) AS INTEGER) AS y,"
    " CAST(substr(e.visit_on, 6, 2) AS INTEGER) AS m,"
    " CAST(substr(e.visit_on, 9, 2) AS INTEGER) AS d" OF_STUDY(
        "s") " JOIN subject_event e ON e.subject_id = s.subject_id"
             " JOIN form f ON f.event_id = e.event_id"
             " WHERE i.study_id = $1 AND length(e.visit_on) >= 10 AND f.first_entry_at <= $2)"
             " AS parts) AS months GROUP BY site_id ORDER BY site_id";

static const char ITEMS_SQL[] =
    "SELECT i.site_id, count(*), sum(CASE WHEN d.n_changes > 0 THEN 1 ELSE 0 END)" OF_STUDY(
        "s") " JOIN subject_event e ON e.subject_id = s.subject_id"
             " JOIN form f ON f.event_id = e.event_id JOIN item_data d ON d.form_id = f.form_id"
             " WHERE i.study_id = $1 AND f.first_entry_at <= $2"
             " GROUP BY i.site_id ORDER BY i.site_id";

/* Forms, items, labs and queries at once: each site's last totals up to the day. */
static const char SUMMARY_SQL[] =
    "SELECT i.site_id, t.n_dated_forms, t.n_late_forms, t.n_items, t.n_changed_items, t.n_labs,"
    " t.n_abnormal_labs, t.n_queries FROM site i CROSS JOIN site_total t"
    " WHERE i.study_id = $1 AND t.site_id = i.site_id AND t.day ="
    " (SELECT max(l.day) FROM site_total l WHERE l.site_id = i.site_id AND l.day <= $2)"
    " ORDER BY i.site_id";

/* The counts go to two fields of the site, whichever the query is for. */
typedef void count_fn(struct site_counts *site, int64_t denominator, int64_t numerator);

static enum status take_counts(struct fetch *fetch, const struct db_rows *rows, count_fn *take)
{
    LIST_EACH(struct site_counts, site, &fetch->facts->edc.sites) {
        if (site->id == db_column_integer(rows, 0)) {
            take(site, db_column_integer(rows, 1), db_column_integer(rows, 2));
        }
    }
    return STATUS_OK;
}

static void take_events(struct site_counts *site, int64_t n_aes, int64_t n_saes)
{
    site->n_aes = n_aes;
    site->n_saes = n_saes;
}

static void take_labs(struct site_counts *site, int64_t n_labs, int64_t n_abnormal)
{
    site->n_labs = n_labs;
    site->n_abnormal_labs = n_abnormal;
}

static void take_queries(struct site_counts *site, int64_t n_queries, int64_t n_none)
{
    (void)n_none;
    site->n_queries = n_queries;
}

static void take_outstanding(struct site_counts *site, int64_t n_none, int64_t n_outstanding)
{
    (void)n_none;
    site->n_outstanding_queries = n_outstanding;
}

static void take_forms(struct site_counts *site, int64_t n_forms, int64_t n_late)
{
    site->n_dated_forms = n_forms;
    site->n_late_forms = n_late;
}

static void take_items(struct site_counts *site, int64_t n_items, int64_t n_changed)
{
    site->n_items = n_items;
    site->n_changed_items = n_changed;
}

static enum status on_events(struct fetch *fetch, const struct db_rows *rows)
{
    return take_counts(fetch, rows, take_events);
}

static enum status on_labs(struct fetch *fetch, const struct db_rows *rows)
{
    return take_counts(fetch, rows, take_labs);
}

static enum status on_queries(struct fetch *fetch, const struct db_rows *rows)
{
    return take_counts(fetch, rows, take_queries);
}

static enum status on_outstanding(struct fetch *fetch, const struct db_rows *rows)
{
    return take_counts(fetch, rows, take_outstanding);
}

static enum status on_forms(struct fetch *fetch, const struct db_rows *rows)
{
    return take_counts(fetch, rows, take_forms);
}

static enum status on_items(struct fetch *fetch, const struct db_rows *rows)
{
    return take_counts(fetch, rows, take_items);
}

static enum status on_summary(struct fetch *fetch, const struct db_rows *rows)
{
    LIST_EACH(struct site_counts, site, &fetch->facts->edc.sites) {
        if (site->id == db_column_integer(rows, 0)) {
            take_forms(site, db_column_integer(rows, 1), db_column_integer(rows, 2));
            take_items(site, db_column_integer(rows, 3), db_column_integer(rows, 4));
            take_labs(site, db_column_integer(rows, 5), db_column_integer(rows, 6));
            take_queries(site, db_column_integer(rows, 7), 0);
        }
    }
    return STATUS_OK;
}

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

enum status fetch_edc_counts(const struct ctx *ctx, struct fetch *fetch)
{
    const struct audit_facts *facts = fetch->facts;
    struct db_value study_id = db_integer(fetch->base->study_id);
    struct db_value stamped[] = {study_id, db_integer(facts->as_of_end_ms),
        db_integer((facts->as_of_day - OUTSTANDING_QUERY_DAYS) * DAY_MS)};
    struct db_value dated[] = {study_id, db_text(facts->as_of)};
    struct db_value days[] = {study_id, db_integer(facts->as_of_day)};
    const struct count_query always[] = {
        {"adverse_event", EVENTS_SQL, stamped, 2, on_events},
        {"query", OUTSTANDING_SQL, stamped, 3, on_outstanding},
    };
    const struct count_query summary[] = {{"site", SUMMARY_SQL, days, 2, on_summary}};
    const struct count_query counted[] = {
        {"query", QUERIES_SQL, stamped, 2, on_queries},
        {"lab_result", LABS_SQL, dated, 2, on_labs},
        {"form", FORMS_SQL, stamped, 2, on_forms},
        {"item_data", ITEMS_SQL, stamped, 2, on_items},
    };
    enum status status = run_queries(ctx, fetch, always, LENGTH_OF(always));
    if (status != STATUS_OK) {
        return status;
    }
    return fetch_has_summary(fetch) ? run_queries(ctx, fetch, summary, LENGTH_OF(summary))
                                    : run_queries(ctx, fetch, counted, LENGTH_OF(counted));
}
