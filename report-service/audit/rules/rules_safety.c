#include <string.h>

#include "audit/rules/rules.h"
#include "audit/sources/dates.h"

enum {
    LATE_SAES_MANY = 3,         /* late reports are then repeated: a pattern */
    GRADE_LIFE_THREATENING = 4, /* of an adverse event; 5 is fatal */
    SUSAR_DAYS = 15,            /* from the sponsor's awareness to the authority */
    SUSAR_DAYS_GRAVE = 7,       /* the same, fatal or life-threatening */
    AE_ENTRY_DAYS = 10,         /* from awareness to the EDC */
    AWARE_DIFFERENCE_DAYS = 1,  /* between the two systems */
};

#define HOUR_MS INT64_C(3600000)

static bool is_grave(const struct adverse_event *event)
{
    return event != NULL && event->grade >= GRADE_LIFE_THREATENING;
}

/* Reported after 24 hours, or not at all although they have passed. */
static bool is_reported_late(const struct audit_facts *facts, const struct sae_report *report)
{
    if (report->aware_at == 0) {
        return false;
    }
    int64_t reported_at =
        report->reported_sponsor_at == 0 ? facts->as_of_end_ms : report->reported_sponsor_at;
    return reported_at - report->aware_at > SAE_REPORT_HOURS * HOUR_MS;
}

void rule_sae_late(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_grave = 0;
    LIST_EACH(struct sae_report, report, &run->facts->ctms.sae_reports) {
        if (is_reported_late(run->facts, report)) {
            report->marks |= run->mark;
            count++;
            n_grave += is_grave(report->event);
        }
    }
    if (count > 0) {
        bool is_critical = n_grave > 0 || count >= LATE_SAES_MANY;
        verdict_fire_as(verdict, is_critical, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->ctms.sae_reports.count));
        verdict_argue(verdict, cell_integer(n_grave));
    }
}

void rule_sae_not_in_ctms(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_serious = 0;
    LIST_EACH(struct adverse_event, event, &run->facts->edc.adverse_events) {
        n_serious += event->is_serious;
        if (event->is_serious && event->report == NULL) {
            event->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_serious));
    }
}

void rule_sae_not_in_edc(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct sae_report, report, &run->facts->ctms.sae_reports) {
        if (report->event == NULL || !report->event->is_serious) {
            report->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->ctms.sae_reports.count));
    }
}

/* The clock of CTR art. 42 starts when the sponsor knows. */
static bool is_susar_late(const struct audit_facts *facts, const struct sae_report *report)
{
    if (!report->is_susar || report->reported_sponsor_at == 0) {
        return false;
    }
    int64_t days = is_grave(report->event) ? SUSAR_DAYS_GRAVE : SUSAR_DAYS;
    int64_t reported_at =
        report->reported_ra_at == 0 ? facts->as_of_end_ms : report->reported_ra_at;
    return date_day_of_ms(reported_at) - date_day_of_ms(report->reported_sponsor_at) > days;
}

void rule_susar_late(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_susars = 0;
    LIST_EACH(struct sae_report, report, &run->facts->ctms.sae_reports) {
        n_susars += report->is_susar;
        if (is_susar_late(run->facts, report)) {
            report->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_susars));
    }
}

void rule_aware_differs(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct sae_report, report, &run->facts->ctms.sae_reports) {
        if (report->event == NULL || report->event->aware_at == 0 || report->aware_at == 0) {
            continue;
        }
        int64_t difference = report->aware_at - report->event->aware_at;
        if ((difference < 0 ? -difference : difference) > AWARE_DIFFERENCE_DAYS * DAY_MS) {
            report->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}

void rule_ae_entered_late(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct adverse_event, event, &run->facts->edc.adverse_events) {
        if (event->aware_at != 0 && event->entered_at != 0 &&
            date_day_of_ms(event->entered_at) - date_day_of_ms(event->aware_at) > AE_ENTRY_DAYS) {
            event->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->edc.adverse_events.count));
        verdict_argue(verdict, cell_integer(AE_ENTRY_DAYS));
    }
}
