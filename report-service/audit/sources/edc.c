/* The EDC's facts of one site: subjects and adverse events here, forms in edc_forms.c, the study's
 * counts in edc_study.c. */
#include "audit/sources/dates.h"
#include "audit/sources/lab_source.h"
#include "audit/sources/study.h"
#include "audit/sources/subject_course.h"
#include "obs/log.h"

static const char SITE_SQL[] =
    "SELECT st.protocol_no, st.title, st.phase, si.name, si.country FROM site si"
    " JOIN study st ON st.study_id = si.study_id WHERE si.site_id = $1";

static const char SUBJECTS_SQL[] =
    "SELECT s.subject_id, s.subject_no, s.consent_on, s.discont_reason, s.treatment_reason,"
    " s.screened_on, s.enrolled_on, s.first_dose_on, s.discont_on, " SUBJECT_COURSE_COLUMNS
    " FROM subject s WHERE s.site_id = $1 ORDER BY s.subject_id";
enum { COURSE_COLUMN = 9 }; /* the first of SUBJECT_COURSE_COLUMNS */

static const char SITE_NUMBERS_SQL[] =
    "SELECT site_no FROM site WHERE study_id = $1 ORDER BY site_id";

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

static enum status on_site_number(struct fetch *fetch, const struct db_rows *rows)
{
    struct site_number *site = fetch_new(fetch, sizeof(*site));
    if (site == NULL) {
        return fetch_out_of_memory(fetch);
    }
    site->site_no = fetch_text(fetch, rows, 0);
    list_add(&edc_of(fetch)->site_numbers, &site->node);
    return site->site_no == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static enum status on_subject(struct fetch *fetch, const struct db_rows *rows)
{
    struct subject_course course = subject_course_of(rows, COURSE_COLUMN);
    if (!subject_has_come(&course, fetch->facts->as_of_day)) {
        return STATUS_OK;
    }
    struct subject *subject = fetch_new(fetch, sizeof(*subject));
    if (subject == NULL) {
        return fetch_out_of_memory(fetch);
    }
    struct subject_state state = subject_state_on(&course, fetch->facts->as_of_day);
    bool has_left = state.is_discontinued || state.is_screen_failed;
    subject->id = db_column_integer(rows, 0);
    subject->site_id = fetch->base->site_id;
    subject->subject_no = fetch_text(fetch, rows, 1);
    subject->consent_on = fetch_date(fetch, rows, 2);
    subject->discont_reason = has_left ? fetch_text(fetch, rows, 3) : NULL;
    subject->treatment_reason = state.is_treatment_discontinued ? fetch_text(fetch, rows, 4) : NULL;
    subject->screened_on = fetch_date(fetch, rows, 5);
    subject->enrolled_on = fetch_date(fetch, rows, 6);
    subject->first_dose_on = fetch_date(fetch, rows, 7);
    subject->discont_on = has_left ? fetch_date(fetch, rows, 8) : NULL;
    subject->is_screen_failed = state.is_screen_failed;
    subject->is_enrolled = state.is_enrolled;
    subject->is_completed = state.is_completed;
    subject->is_discontinued = state.is_discontinued;
    subject->is_treated = state.is_treated;
    subject->is_treatment_discontinued = state.is_treatment_discontinued;
    subject->days_on_study = state.days_on_study;
    list_add(&edc_of(fetch)->subjects, &subject->node);
    return subject->subject_no == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
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
        status = fetch_rows(ctx, fetch, SUBJECTS_SQL, &site_id, 1, on_subject);
    }
    if (status == STATUS_OK && !fetch->facts->is_unblinded) {
        struct db_value study_id = db_integer(fetch->base->study_id);
        status = fetch_rows(ctx, fetch, SITE_NUMBERS_SQL, &study_id, 1, on_site_number);
    }
    return status;
}

static enum status read_events(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value values[] = {
        db_integer(fetch->base->site_id), db_integer(fetch->facts->as_of_end_ms)};
    return fetch_rows(ctx, fetch, EVENTS_SQL, values, 2, on_event);
}

enum status fetch_edc_stamp(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value as_of[] = {
        db_integer(fetch->facts->as_of_end_ms), db_integer(fetch->facts->as_of_day)};
    const char *sql = fetch_has_summary(fetch) ? STAMP_SUMMARY_SQL : STAMP_SQL;
    return fetch_rows(ctx, fetch, sql, as_of, LENGTH_OF(as_of), on_stamp);
}

/* Where all sites' counts are wanted they bring the stamp along. */
static enum status read_stamp(const struct ctx *ctx, struct fetch *fetch)
{
    return facts_wants(fetch->facts, 5) ? STATUS_OK : fetch_edc_stamp(ctx, fetch);
}

enum status fetch_edc(const struct ctx *ctx, void *arg)
{
    static const struct fetch_step STEPS[] = {
        {UINT32_MAX, read_stamp},
        {UINT32_MAX, read_site},
        {UINT32_MAX, fetch_edc_treatment},
        {SECTION_BIT(6), fetch_edc_consent},
        {SECTION_BIT(7), fetch_edc_eligibility},
        {SECTION_BIT(9), read_events},
        {SECTION_BIT(10) | SECTION_BIT(11) | SECTION_BIT(12), fetch_edc_definitions},
        {SECTION_BIT(10) | SECTION_BIT(11), fetch_edc_forms},
        {SECTION_BIT(12), fetch_edc_trail},
        {SECTION_BIT(LAB_SECTION), fetch_edc_labs},
        {SECTION_BIT(5), study_read_edc},
        {SECTION_BIT(14), fetch_edc_data_entry},
        {SECTION_BIT(16), fetch_edc_outcomes},
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
        log_ms("elapsed_ms", clock_now_ns() - started_at_ns), log_u64("rows", fetch->base->n_rows),
        log_str("cache", fetch->cache_outcome));
    return STATUS_OK;
}
