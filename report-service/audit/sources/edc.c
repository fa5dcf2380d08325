/* The EDC's facts of one site: subjects and adverse events here, forms in edc_forms.c, the study's
 * counts in edc_counts.c. */
#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"
#include "obs/log.h"

static const char SITE_SQL[] =
    "SELECT st.protocol_no, st.title, st.phase, si.name, si.country FROM site si"
    " JOIN study st ON st.study_id = si.study_id WHERE si.site_id = $1";

/* All subjects of the study where the indicators need them ($2 = 0), else one site's. */
static const char SUBJECTS_SQL[] =
    "SELECT s.subject_id, s.site_id, s.subject_no, s.status, s.screened_on, s.consent_on,"
    " s.enrolled_on, s.first_dose_on, s.last_dose_on, s.discont_on, s.discont_reason,"
    " s.treatment_status, s.treatment_reason, s.last_seen_on"
    " FROM site i JOIN subject s ON s.site_id = i.site_id"
    " WHERE i.study_id = $1 AND ($2 = 0 OR i.site_id = $2)"
    " ORDER BY s.site_id, s.subject_id";

static const char STUDY_SITES_SQL[] =
    "SELECT site_id, site_no, name, country FROM site WHERE study_id = $1 ORDER BY site_id";

static const char EVENTS_SQL[] =
    "SELECT a.subject_id, a.seq, a.term, a.pt, a.severity, a.grade, a.serious, a.related,"
    " a.outcome, a.start_on, a.end_on, a.aware_at, a.entered_at"
    " FROM subject s JOIN adverse_event a ON a.subject_id = s.subject_id"
    " WHERE s.site_id = $1 AND (a.entered_at IS NULL OR a.entered_at <= $2)"
    " ORDER BY a.subject_id, a.seq";

/* The latest system stamp up to $1, the end of day $2: entries of forms and events, queries. */
#define STAMP_SQL_OF(FORMS)                                                                        \
    "SELECT max(at) FROM (" FORMS                                                                  \
    " UNION ALL SELECT max(opened_at) FROM query WHERE opened_at <= $1"                            \
    " UNION ALL SELECT max(entered_at) FROM adverse_event WHERE entered_at <= $1) AS stamps"

static const char STAMP_SQL[] = STAMP_SQL_OF("SELECT max(first_entry_at) AS at FROM form"
                                             " WHERE first_entry_at <= $1 AND $2 = $2");

/* The cross join keeps the order: a look-up a site, not a walk through all days. */
static const char STAMP_SUMMARY_SQL[] =
    STAMP_SQL_OF("SELECT max(t.last_entry_at) AS at FROM site i CROSS JOIN site_total t"
                 " WHERE t.site_id = i.site_id AND t.day = (SELECT max(l.day) FROM site_total l"
                 " WHERE l.site_id = i.site_id AND l.day <= $2)");

static struct edc_facts *edc_of(struct fetch *fetch)
{
    return &fetch->facts->edc;
}

static enum status on_site(struct fetch *fetch, const struct db_rows *rows)
{
    struct edc_facts *edc = edc_of(fetch);
    edc->protocol_no = fetch_text(fetch, rows, 0);
    edc->title = fetch_text(fetch, rows, 1);
    edc->phase = fetch_text(fetch, rows, 2);
    edc->site_name = fetch_text(fetch, rows, 3);
    edc->country = fetch_text(fetch, rows, 4);
    return STATUS_OK;
}

static enum status on_study_site(struct fetch *fetch, const struct db_rows *rows)
{
    struct site_counts *site = fetch_new(fetch, sizeof(*site));
    if (site == NULL) {
        return fetch_out_of_memory(fetch);
    }
    site->id = db_column_integer(rows, 0);
    site->site_no = fetch_text(fetch, rows, 1);
    site->name = fetch_text(fetch, rows, 2);
    site->country = fetch_text(fetch, rows, 3);
    list_add(&edc_of(fetch)->sites, &site->node);
    return site->site_no == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

/* The subject's state as of the report's day: what came later has not happened yet. */
static void set_state(struct fetch *fetch, const struct db_rows *rows, struct subject *subject)
{
    bool has_left = fetch_has_come(fetch, db_column_text(rows, 9), true);
    bool is_screening = fetch_is_word(rows, 3, "screening");
    subject->is_screen_failed = fetch_is_word(rows, 3, "screen_failed") && has_left;
    subject->is_enrolled = !is_screening && !fetch_is_word(rows, 3, "screen_failed") &&
                           fetch_has_come(fetch, db_column_text(rows, 6), true);
    subject->is_discontinued =
        subject->is_enrolled && fetch_is_word(rows, 3, "discontinued") && has_left;
    subject->is_completed = subject->is_enrolled && fetch_is_word(rows, 3, "completed") &&
                            fetch_has_come(fetch, db_column_text(rows, 13), true);
    subject->is_treated = subject->is_enrolled && !db_column_is_null(rows, 11) &&
                          !fetch_is_word(rows, 11, "not_started") &&
                          fetch_has_come(fetch, db_column_text(rows, 7), true);
    subject->is_treatment_discontinued = subject->is_treated &&
                                         fetch_is_word(rows, 11, "discontinued") &&
                                         fetch_has_come(fetch, db_column_text(rows, 8), true);
}

static void set_days_on_study(
    const struct fetch *fetch, const struct db_rows *rows, struct subject *subject)
{
    int64_t first;
    int64_t last;
    const char *screened_on = db_column_text(rows, 4);
    const char *last_seen_on = db_column_text(rows, 13);
    if (!subject->is_enrolled || !date_is_complete(screened_on) ||
        !date_is_complete(last_seen_on) || !date_first_day(screened_on, &first) ||
        !date_first_day(last_seen_on, &last)) {
        return;
    }
    last = last < fetch->facts->as_of_day ? last : fetch->facts->as_of_day;
    subject->days_on_study = last >= first ? last - first + 1 : 0;
}

static void count_subject(struct site_counts *site, const struct subject *subject)
{
    site->n_screened++;
    site->n_screen_failed += subject->is_screen_failed;
    site->n_enrolled += subject->is_enrolled;
    site->n_discontinued += subject->is_discontinued;
    site->n_treated += subject->is_treated;
    site->n_treatment_discontinued += subject->is_treatment_discontinued;
    site->days_on_study += subject->days_on_study;
}

static struct site_counts *site_of(const struct edc_facts *edc, int64_t site_id)
{
    LIST_EACH(struct site_counts, site, &edc->sites) {
        if (site->id == site_id) {
            return site;
        }
    }
    return NULL;
}

static enum status keep_subject(
    struct fetch *fetch, const struct db_rows *rows, const struct subject *state)
{
    struct subject *subject = fetch_new(fetch, sizeof(*subject));
    if (subject == NULL) {
        return fetch_out_of_memory(fetch);
    }
    *subject = *state;
    subject->id = db_column_integer(rows, 0);
    subject->subject_no = fetch_text(fetch, rows, 2);
    subject->screened_on = fetch_date(fetch, rows, 4);
    subject->consent_on = fetch_date(fetch, rows, 5);
    subject->enrolled_on = fetch_date(fetch, rows, 6);
    subject->first_dose_on = fetch_date(fetch, rows, 7);
    bool has_left = subject->is_discontinued || subject->is_screen_failed;
    subject->discont_on = has_left ? fetch_date(fetch, rows, 9) : NULL;
    subject->discont_reason = has_left ? fetch_text(fetch, rows, 10) : NULL;
    subject->treatment_reason =
        subject->is_treatment_discontinued ? fetch_text(fetch, rows, 12) : NULL;
    list_add(&edc_of(fetch)->subjects, &subject->node);
    return subject->subject_no == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static enum status on_subject(struct fetch *fetch, const struct db_rows *rows)
{
    if (!fetch_has_come(fetch, db_column_text(rows, 4), true)) {
        return STATUS_OK;
    }
    struct subject subject = {.site_id = db_column_integer(rows, 1)};
    set_state(fetch, rows, &subject);
    set_days_on_study(fetch, rows, &subject);
    struct site_counts *site = site_of(edc_of(fetch), subject.site_id);
    if (site != NULL) {
        count_subject(site, &subject);
    }
    return subject.site_id == fetch->base->site_id ? keep_subject(fetch, rows, &subject)
                                                   : STATUS_OK;
}

static enum status on_event(struct fetch *fetch, const struct db_rows *rows)
{
    const struct subject *subject = fetch_subject(fetch, NULL, db_column_integer(rows, 0));
    if (subject == NULL) {
        return STATUS_OK; /* screened after as_of */
    }
    struct adverse_event *event = fetch_new(fetch, sizeof(*event));
    if (event == NULL) {
        return fetch_out_of_memory(fetch);
    }
    event->subject = subject;
    event->sequence = db_column_integer(rows, 1);
    event->term = fetch_text(fetch, rows, db_column_is_null(rows, 3) ? 2 : 3);
    event->severity = fetch_text(fetch, rows, 4);
    event->grade = db_column_integer(rows, 5);
    event->is_serious = db_column_integer(rows, 6) != 0;
    event->related = fetch_text(fetch, rows, 7);
    event->outcome = fetch_text(fetch, rows, 8);
    event->start_on = fetch_date(fetch, rows, 9);
    event->end_on = fetch_date(fetch, rows, 10);
    event->aware_at = fetch_stamp(fetch, rows, 11);
    event->entered_at = fetch_stamp(fetch, rows, 12);
    list_add(&edc_of(fetch)->adverse_events, &event->node);
    return STATUS_OK;
}

static enum status on_stamp(struct fetch *fetch, const struct db_rows *rows)
{
    fetch->base->latest_stamp_at = db_column_integer(rows, 0);
    return STATUS_OK;
}

static enum status read_site(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value site_id = db_integer(fetch->base->site_id);
    enum status status = fetch_rows(ctx, fetch, SITE_SQL, &site_id, 1, on_site);
    if (status == STATUS_OK) {
        struct db_value study_id = db_integer(fetch->base->study_id);
        status = fetch_rows(ctx, fetch, STUDY_SITES_SQL, &study_id, 1, on_study_site);
    }
    if (status == STATUS_OK) {
        bool is_study_wide = facts_wants(fetch->facts, 5);
        struct db_value values[] = {db_integer(fetch->base->study_id),
            db_integer(is_study_wide ? 0 : fetch->base->site_id)};
        status = fetch_rows(ctx, fetch, SUBJECTS_SQL, values, 2, on_subject);
    }
    return status;
}

static enum status read_events(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value values[] = {
        db_integer(fetch->base->site_id), db_integer(fetch->facts->as_of_end_ms)};
    return fetch_rows(ctx, fetch, EVENTS_SQL, values, 2, on_event);
}

static enum status read_stamp(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value as_of[] = {
        db_integer(fetch->facts->as_of_end_ms), db_integer(fetch->facts->as_of_day)};
    const char *sql = fetch_has_summary(fetch) ? STAMP_SUMMARY_SQL : STAMP_SQL;
    return fetch_rows(ctx, fetch, sql, as_of, LENGTH_OF(as_of), on_stamp);
}

enum status fetch_edc(const struct ctx *ctx, void *arg)
{
    static const struct fetch_step STEPS[] = {
        {UINT32_MAX, read_stamp},
        {UINT32_MAX, read_site},
        {UINT32_MAX, fetch_edc_treatment},
        {SECTION_BIT(9), read_events},
        {SECTION_BIT(10) | SECTION_BIT(11), fetch_edc_forms},
        {SECTION_BIT(5), fetch_edc_counts},
    };
    struct fetch *fetch = arg;
    uint64_t started_at_ns = clock_now_ns();
    if (fetch->base->has_site) {
        enum status status = fetch_run_steps(ctx, fetch, STEPS, LENGTH_OF(STEPS));
        if (status != STATUS_OK) {
            return status;
        }
    }
    LOG_INFO("source.fetch", ctx, log_str("source", fetch->base->source),
        log_ms("elapsed_ms", clock_now_ns() - started_at_ns), log_u64("rows", fetch->base->n_rows));
    return STATUS_OK;
}
