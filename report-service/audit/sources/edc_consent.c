/* Signatures, visits and eligibility criteria of the site's subjects. */
#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

static const char CONSENTS_SQL[] = "SELECT c.subject_id, c.version, c.signed_on FROM subject s"
                                   " JOIN consent c ON c.subject_id = s.subject_id"
                                   " WHERE s.site_id = $1 ORDER BY c.subject_id, c.consent_id";

static const char VISITS_SQL[] =
    "SELECT e.subject_id, e.visit_on FROM subject s"
    " JOIN subject_event e ON e.subject_id = s.subject_id"
    " WHERE s.site_id = $1 AND e.visit_on IS NOT NULL AND (e.status IS NULL OR e.status = 'done')"
    " ORDER BY e.subject_id, e.event_id";

static const char CRITERIA_SQL[] =
    "SELECT c.subject_id, c.kind, c.code, c.is_met, c.protocol_version FROM subject s"
    " JOIN eligibility c ON c.subject_id = s.subject_id"
    " WHERE s.site_id = $1 ORDER BY c.subject_id, c.eligibility_id";

static const struct subject *subject_of_row(
    const struct fetch *fetch, const struct subject *before, const struct db_rows *rows)
{
    return fetch_subject(fetch, before, db_column_integer(rows, 0));
}

static enum status on_consent(struct fetch *fetch, const struct db_rows *rows)
{
    struct list *consents = &fetch->facts->edc.consents;
    const struct consent *last = (const struct consent *)consents->last;
    const struct subject *subject =
        subject_of_row(fetch, last == NULL ? NULL : last->subject, rows);
    const char *signed_on = db_column_text(rows, 2);
    if (subject == NULL || !fetch_has_come(fetch, signed_on, true)) {
        return STATUS_OK;
    }
    struct consent *consent = fetch_new(fetch, sizeof(*consent));
    if (consent == NULL) {
        return fetch_out_of_memory(fetch);
    }
    consent->subject = subject;
    consent->version = fetch_text(fetch, rows, 1);
    consent->signed_on = fetch_date(fetch, rows, 2);
    consent->is_dated =
        date_is_complete(signed_on) && date_first_day(signed_on, &consent->signed_day);
    list_add(consents, &consent->node);
    return STATUS_OK;
}

/* A visit without a complete date cannot be said to be before or after anything. */
static enum status on_visit(struct fetch *fetch, const struct db_rows *rows)
{
    struct list *visits = &fetch->facts->edc.visits;
    const struct subject_visit *last = (const struct subject_visit *)visits->last;
    const struct subject *subject =
        subject_of_row(fetch, last == NULL ? NULL : last->subject, rows);
    const char *visit_on = db_column_text(rows, 1);
    int64_t day;
    if (subject == NULL || !date_is_complete(visit_on) || !date_first_day(visit_on, &day) ||
        day > fetch->facts->as_of_day) {
        return STATUS_OK;
    }
    struct subject_visit *visit = fetch_new(fetch, sizeof(*visit));
    if (visit == NULL) {
        return fetch_out_of_memory(fetch);
    }
    visit->subject = subject;
    visit->visit_on = fetch_date(fetch, rows, 1);
    visit->day = day;
    list_add(visits, &visit->node);
    return STATUS_OK;
}

static enum status on_criterion(struct fetch *fetch, const struct db_rows *rows)
{
    struct list *criteria = &fetch->facts->edc.criteria;
    const struct criterion *last = (const struct criterion *)criteria->last;
    const struct subject *subject =
        subject_of_row(fetch, last == NULL ? NULL : last->subject, rows);
    if (subject == NULL) {
        return STATUS_OK;
    }
    struct criterion *criterion = fetch_new(fetch, sizeof(*criterion));
    if (criterion == NULL) {
        return fetch_out_of_memory(fetch);
    }
    criterion->subject = subject;
    criterion->is_exclusion = fetch_is_word(rows, 1, "exclusion");
    criterion->code = fetch_text(fetch, rows, 2);
    criterion->answer = db_column_is_null(rows, 3)        ? CRITERION_UNANSWERED
                        : db_column_integer(rows, 3) != 0 ? CRITERION_MET
                                                          : CRITERION_NOT_MET;
    criterion->protocol_version = fetch_text(fetch, rows, 4);
    list_add(criteria, &criterion->node);
    return STATUS_OK;
}

enum status fetch_edc_consent(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value site_id = db_integer(fetch->base->site_id);
    enum status status = fetch_rows(ctx, fetch, CONSENTS_SQL, &site_id, 1, on_consent);
    return status == STATUS_OK ? fetch_rows(ctx, fetch, VISITS_SQL, &site_id, 1, on_visit) : status;
}

enum status fetch_edc_eligibility(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value site_id = db_integer(fetch->base->site_id);
    return fetch_rows(ctx, fetch, CRITERIA_SQL, &site_id, 1, on_criterion);
}
