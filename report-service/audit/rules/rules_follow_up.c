#include <string.h>

#include "audit/rules/rules.h"
#include "audit/sources/dates.h"

/* Overdue by more than this, a CAPA of a grave finding is itself a grave matter. */
enum { CAPA_LONG_OVERDUE_DAYS = 90 };

static bool is_grave(const char *grade)
{
    return grade != NULL && (strcmp(grade, "critical") == 0 || strcmp(grade, "major") == 0);
}

void rule_capa_overdue(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t longest = 0;
    LIST_EACH(struct previous_finding, finding, &run->facts->ctms.findings) {
        if (finding->overdue_days > 0) {
            finding->marks |= run->mark;
            count++;
            longest = finding->overdue_days > longest ? finding->overdue_days : longest;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(longest));
    }
}

void rule_action_overdue(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t longest = 0;
    bool has_grave = false;
    LIST_EACH(struct action_item, item, &run->facts->ctms.action_items) {
        if (item->overdue_days > 0) {
            item->marks |= run->mark;
            count++;
            longest = item->overdue_days > longest ? item->overdue_days : longest;
            has_grave = has_grave ||
                        (is_grave(item->severity) && item->overdue_days > CAPA_LONG_OVERDUE_DAYS);
        }
    }
    if (count > 0) {
        verdict_fire_as(verdict, has_grave, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(longest));
    }
}

/* Done after it was due, or due and not done. */
static bool is_report_late(const struct audit_facts *facts, const struct monitoring_visit *visit)
{
    int64_t due;
    int64_t done = facts->as_of_day;
    if (visit->start_on == NULL || !date_first_day(visit->report_due_on, &due)) {
        return false;
    }
    if (visit->report_done_on != NULL && !date_first_day(visit->report_done_on, &done)) {
        return false;
    }
    return done > due;
}

void rule_visit_report_late(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_visits = 0;
    LIST_EACH(struct monitoring_visit, visit, &run->facts->ctms.visits) {
        n_visits += visit->start_on != NULL;
        if (is_report_late(run->facts, visit)) {
            visit->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_visits));
    }
}

static bool has_fired(const struct rule_run *run, const char *rule_code)
{
    for (size_t i = 0; i < N_RULES; i++) {
        if ((run->fired & rule_mask_of(i)) != 0 && strcmp(RULES[i].code, rule_code) == 0) {
            return true;
        }
    }
    return false;
}

void rule_repeat_finding(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct previous_finding, finding, &run->facts->ctms.findings) {
        if (finding->rule_code != NULL && has_fired(run, finding->rule_code)) {
            finding->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}
