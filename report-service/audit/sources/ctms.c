/* The CTMS's facts of one site. */
#include <string.h>

#include "audit/sources/dates.h"
#include "audit/sources/study.h"
#include "obs/log.h"

static const char SITE_SQL[] =
    "SELECT st.protocol_no, st.title, st.phase, st.sponsor, si.institution, si.pi_name, si.country,"
    " si.status, si.activated_on, si.plan_subjects, st.lplv, si.time_zone"
    " FROM site si JOIN study st ON st.study_id = si.study_id WHERE si.site_id = $1";

static const char MILESTONE_SQL[] =
    "SELECT planned_on FROM milestone WHERE site_id = $1 AND kind = 'enrolment_complete'"
    " ORDER BY milestone_id";

static const char DEVIATIONS_SQL[] =
    "SELECT deviation_id, subject_no, category, important, occurred_on, found_on, reported_ec_on,"
    " description, capa, status FROM deviation WHERE site_id = $1 ORDER BY deviation_id";

static const char SAE_REPORTS_SQL[] =
    "SELECT sae_id, subject_no, edc_ae_seq, aware_at, reported_sponsor_at, reported_ec_at,"
    " reported_ra_at, susar FROM sae_report"
    " WHERE site_id = $1 AND (aware_at IS NULL OR aware_at <= $2) ORDER BY sae_id";

static const char VISITS_SQL[] =
    "SELECT kind, planned_on, start_on, monitor, report_due_on, report_done_on"
    " FROM visit WHERE site_id = $1 ORDER BY visit_id";

static const char ACTION_ITEMS_SQL[] =
    "SELECT category, severity, text, owner, opened_on, due_on, closed_on"
    " FROM action_item WHERE site_id = $1 ORDER BY action_id";

static const char AUDITS_SQL[] =
    "SELECT audit_no, kind, start_on, end_on, lead_auditor FROM audit WHERE site_id = $1"
    " ORDER BY audit_no";

static const char FINDINGS_SQL[] =
    "SELECT f.audit_no, a.start_on, f.rule_code, f.grade, f.area, f.statement, f.capa_due_on,"
    " f.closed_on FROM finding f LEFT JOIN audit a ON a.audit_no = f.audit_no"
    " WHERE f.site_id = $1 ORDER BY f.finding_id";

/* Of any time: a person regrades a report's finding after the day that the report speaks of. */
static const char REGRADES_SQL[] =
    "SELECT finding_key, new_grade, regraded_by, reason, regraded_at, old_grade"
    " FROM finding_regrade WHERE site_id = $1 ORDER BY regraded_at, regrade_id";

/* The latest system stamp up to $1. */
static const char STAMP_SQL[] =
    "SELECT max(at) FROM (SELECT max(reported_sponsor_at) AS at FROM sae_report"
    " WHERE reported_sponsor_at <= $1"
    " UNION ALL SELECT max(reported_ec_at) FROM sae_report WHERE reported_ec_at <= $1"
    " UNION ALL SELECT max(reported_ra_at) FROM sae_report WHERE reported_ra_at <= $1"
    " UNION ALL SELECT max(regraded_at) FROM finding_regrade WHERE regraded_at <= $1) AS stamps";

static struct ctms_facts *ctms_of(struct fetch *fetch)
{
    return &fetch->facts->ctms;
}

/* Days that a due date is past by as_of; 0 when it is not, or there is none. */
static int64_t overdue_days(const struct fetch *fetch, const char *due_on)
{
    int64_t due;
    bool is_past = date_first_day(due_on, &due) && due < fetch->facts->as_of_day;
    return is_past ? fetch->facts->as_of_day - due : 0;
}

static enum status on_site(struct fetch *fetch, const struct db_rows *rows)
{
    struct ctms_facts *ctms = ctms_of(fetch);
    ctms->protocol_no = fetch_text(fetch, rows, 0);
    ctms->title = fetch_text(fetch, rows, 1);
    ctms->phase = fetch_text(fetch, rows, 2);
    ctms->sponsor = fetch_text(fetch, rows, 3);
    ctms->institution = fetch_text(fetch, rows, 4);
    ctms->investigator = fetch_text(fetch, rows, 5);
    ctms->country = fetch_text(fetch, rows, 6);
    ctms->site_status = fetch_text(fetch, rows, 7);
    ctms->activated_on = fetch_date(fetch, rows, 8);
    ctms->plan_subjects = db_column_integer(rows, 9);
    ctms->enrolment_until = fetch_date(fetch, rows, 10);
    ctms->time_zone = fetch_text(fetch, rows, 11);
    return STATUS_OK;
}

static enum status on_milestone(struct fetch *fetch, const struct db_rows *rows)
{
    const char *planned_on = fetch_date(fetch, rows, 0);
    if (planned_on != NULL) {
        ctms_of(fetch)->enrolment_until = planned_on;
    }
    return STATUS_OK;
}

static enum status on_deviation(struct fetch *fetch, const struct db_rows *rows)
{
    const char *known_on = db_column_text(rows, db_column_is_null(rows, 5) ? 4 : 5);
    if (!fetch_has_come(fetch, known_on, true)) {
        return STATUS_OK;
    }
    struct deviation *deviation = fetch_new(fetch, sizeof(*deviation));
    if (deviation == NULL) {
        return fetch_out_of_memory(fetch);
    }
    const char *status = db_column_text(rows, 9);
    const char *reported_ec_on = fetch_date(fetch, rows, 6);
    deviation->id = db_column_integer(rows, 0);
    deviation->subject_no = fetch_text(fetch, rows, 1);
    deviation->category = fetch_text(fetch, rows, 2);
    deviation->is_important = db_column_integer(rows, 3) != 0;
    deviation->occurred_on = fetch_date(fetch, rows, 4);
    deviation->found_on = fetch_date(fetch, rows, 5);
    deviation->reported_ec_on =
        fetch_has_come(fetch, reported_ec_on, false) ? reported_ec_on : NULL;
    deviation->description = fetch_text(fetch, rows, 7);
    deviation->capa = fetch_text(fetch, rows, 8);
    deviation->is_open = status == NULL || strcmp(status, "open") == 0;
    list_add(&ctms_of(fetch)->deviations, &deviation->node);
    return STATUS_OK;
}

static enum status on_sae_report(struct fetch *fetch, const struct db_rows *rows)
{
    struct sae_report *report = fetch_new(fetch, sizeof(*report));
    if (report == NULL) {
        return fetch_out_of_memory(fetch);
    }
    report->id = db_column_integer(rows, 0);
    report->subject_no = fetch_text(fetch, rows, 1);
    report->sequence = db_column_integer(rows, 2);
    report->aware_at = db_column_integer(rows, 3);
    report->reported_sponsor_at = fetch_stamp(fetch, rows, 4);
    report->reported_ec_at = fetch_stamp(fetch, rows, 5);
    report->reported_ra_at = fetch_stamp(fetch, rows, 6);
    report->is_susar = db_column_integer(rows, 7) != 0;
    list_add(&ctms_of(fetch)->sae_reports, &report->node);
    return report->subject_no == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static enum status on_visit(struct fetch *fetch, const struct db_rows *rows)
{
    struct monitoring_visit *visit = fetch_new(fetch, sizeof(*visit));
    if (visit == NULL) {
        return fetch_out_of_memory(fetch);
    }
    const char *start_on = fetch_date(fetch, rows, 2);
    const char *report_done_on = fetch_date(fetch, rows, 5);
    visit->kind = fetch_text(fetch, rows, 0);
    visit->planned_on = fetch_date(fetch, rows, 1);
    visit->start_on = fetch_has_come(fetch, start_on, false) ? start_on : NULL;
    visit->monitor = fetch_text(fetch, rows, 3);
    visit->report_due_on = fetch_date(fetch, rows, 4);
    visit->report_done_on = fetch_has_come(fetch, report_done_on, false) ? report_done_on : NULL;
    list_add(&ctms_of(fetch)->visits, &visit->node);
    return STATUS_OK;
}

static enum status on_action_item(struct fetch *fetch, const struct db_rows *rows)
{
    if (!fetch_has_come(fetch, db_column_text(rows, 4), true)) {
        return STATUS_OK;
    }
    struct action_item *item = fetch_new(fetch, sizeof(*item));
    if (item == NULL) {
        return fetch_out_of_memory(fetch);
    }
    const char *closed_on = fetch_date(fetch, rows, 6);
    item->category = fetch_text(fetch, rows, 0);
    item->severity = fetch_text(fetch, rows, 1);
    item->text = fetch_text(fetch, rows, 2);
    item->owner = fetch_text(fetch, rows, 3);
    item->opened_on = fetch_date(fetch, rows, 4);
    item->due_on = fetch_date(fetch, rows, 5);
    item->closed_on = fetch_has_come(fetch, closed_on, false) ? closed_on : NULL;
    item->is_open = item->closed_on == NULL;
    item->overdue_days = item->is_open ? overdue_days(fetch, item->due_on) : 0;
    list_add(&ctms_of(fetch)->action_items, &item->node);
    return STATUS_OK;
}

static enum status on_audit(struct fetch *fetch, const struct db_rows *rows)
{
    if (!fetch_has_come(fetch, db_column_text(rows, 2), true)) {
        return STATUS_OK;
    }
    struct site_audit *audit = fetch_new(fetch, sizeof(*audit));
    if (audit == NULL) {
        return fetch_out_of_memory(fetch);
    }
    const char *end_on = fetch_date(fetch, rows, 3);
    audit->audit_no = db_column_integer(rows, 0);
    audit->kind = fetch_text(fetch, rows, 1);
    audit->start_on = fetch_date(fetch, rows, 2);
    audit->end_on = fetch_has_come(fetch, end_on, false) ? end_on : NULL;
    audit->lead_auditor = fetch_text(fetch, rows, 4);
    list_add(&ctms_of(fetch)->audits, &audit->node);
    return STATUS_OK;
}

static enum status on_finding(struct fetch *fetch, const struct db_rows *rows)
{
    if (!fetch_has_come(fetch, db_column_text(rows, 1), true)) {
        return STATUS_OK;
    }
    struct previous_finding *finding = fetch_new(fetch, sizeof(*finding));
    if (finding == NULL) {
        return fetch_out_of_memory(fetch);
    }
    const char *closed_on = fetch_date(fetch, rows, 7);
    finding->audit_no = db_column_integer(rows, 0);
    finding->audit_on = fetch_date(fetch, rows, 1);
    finding->rule_code = fetch_text(fetch, rows, 2);
    finding->grade = fetch_text(fetch, rows, 3);
    finding->area = fetch_text(fetch, rows, 4);
    finding->statement = fetch_text(fetch, rows, 5);
    finding->capa_due_on = fetch_date(fetch, rows, 6);
    finding->closed_on = fetch_has_come(fetch, closed_on, false) ? closed_on : NULL;
    finding->is_open = finding->closed_on == NULL;
    finding->overdue_days = finding->is_open ? overdue_days(fetch, finding->capa_due_on) : 0;
    list_add(&ctms_of(fetch)->findings, &finding->node);
    return STATUS_OK;
}

static enum status on_regrade(struct fetch *fetch, const struct db_rows *rows)
{
    struct regrade *regrade = fetch_new(fetch, sizeof(*regrade));
    if (regrade == NULL) {
        return fetch_out_of_memory(fetch);
    }
    regrade->rule_code = fetch_text(fetch, rows, 0);
    regrade->new_grade = fetch_text(fetch, rows, 1);
    regrade->regraded_by = fetch_text(fetch, rows, 2);
    regrade->reason = fetch_text(fetch, rows, 3);
    regrade->regraded_at = db_column_integer(rows, 4);
    regrade->old_grade = fetch_text(fetch, rows, 5);
    list_add(&ctms_of(fetch)->regrades, &regrade->node);
    return regrade->rule_code == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static enum status on_stamp(struct fetch *fetch, const struct db_rows *rows)
{
    fetch->base->latest_stamp_at = db_column_integer(rows, 0);
    return STATUS_OK;
}

/* One query of the CTMS: which sections want it, what it is asked, who takes its rows. */
struct ctms_query {
    uint32_t sections;
    const char *table;
    const char *sql;
    size_t n_values; /* of: $1 the site, $2 the end of as_of */
    fetch_row_fn *on_row;
};

static const struct ctms_query QUERIES[] = {
    {UINT32_MAX, "site", SITE_SQL, 1, on_site},
    {SECTION_BIT(4), "milestone", MILESTONE_SQL, 1, on_milestone},
    {SECTION_BIT(8), "deviation", DEVIATIONS_SQL, 1, on_deviation},
    {SECTION_BIT(9), "sae_report", SAE_REPORTS_SQL, 2, on_sae_report},
    {SECTION_BIT(3), "visit", VISITS_SQL, 1, on_visit},
    {SECTION_BIT(3), "action_item", ACTION_ITEMS_SQL, 1, on_action_item},
    {SECTION_BIT(2), "audit", AUDITS_SQL, 1, on_audit},
    {SECTION_BIT(3), "finding", FINDINGS_SQL, 1, on_finding},
    {UINT32_MAX, "finding_regrade", REGRADES_SQL, 1, on_regrade},
};

static enum status read_stamp(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value as_of = db_integer(fetch->facts->as_of_end_ms);
    return fetch_rows(ctx, fetch, STAMP_SQL, &as_of, 1, on_stamp);
}

static enum status read_queries(const struct ctx *ctx, struct fetch *fetch)
{
    for (size_t i = 0; i < LENGTH_OF(QUERIES); i++) {
        const struct ctms_query *query = &QUERIES[i];
        if ((query->sections & fetch->facts->sections) == 0 ||
            !facts_has(fetch->base, query->table, NULL)) {
            continue;
        }
        struct db_value of_site[] = {
            db_integer(fetch->base->site_id), db_integer(fetch->facts->as_of_end_ms)};
        enum status status =
            fetch_rows(ctx, fetch, query->sql, of_site, query->n_values, query->on_row);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status fetch_ctms(const struct ctx *ctx, void *arg)
{
    static const struct fetch_step STEPS[] = {
        {UINT32_MAX, read_stamp},
        {UINT32_MAX, read_queries},
        {UINT32_MAX, fetch_ctms_treatment},
        {SECTION_BIT(5), study_read_ctms},
        {SECTION_BIT(6) | SECTION_BIT(7), fetch_ctms_versions},
        {SECTION_BIT(14), fetch_ctms_staff},
        {SECTION_BIT(15), fetch_ctms_documents},
        {SECTION_BIT(13), fetch_ctms_drug},
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
