/* Section 6: informed consent. */
#include "audit/rules/rules.h"

void rule_consent_after_procedure(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_seen = 0;
    int64_t longest = 0;
    LIST_EACH(struct consent_course, course, &run->facts->edc.consent_courses) {
        const struct consent *first = course->first;
        n_seen += course->first_procedure_on != NULL;
        if (first != NULL && first->is_dated && course->first_procedure_on != NULL &&
            first->signed_day > course->first_procedure_day) {
            int64_t days = first->signed_day - course->first_procedure_day;
            course->marks |= run->mark;
            count++;
            longest = days > longest ? days : longest;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_seen));
        verdict_argue(verdict, cell_integer(longest));
    }
}

/* Seen or enrolled, and no day of signature is recorded. */
static bool lacks_consent(const struct consent_course *course)
{
    bool is_seen = course->subject->is_enrolled || course->first_procedure_on != NULL;
    return is_seen && (course->first == NULL || course->first->signed_on == NULL);
}

void rule_consent_missing(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct consent_course, course, &run->facts->edc.consent_courses) {
        if (lacks_consent(course)) {
            course->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->edc.consent_courses.count));
    }
}

/* A version that had been approved by then, but is not the one in force. */
static bool is_superseded(const struct consent *consent)
{
    return consent->is_dated && consent->approved != NULL && consent->in_force != NULL &&
           consent->approved->approved_day < consent->in_force->approved_day;
}

static bool is_unapproved(const struct consent *consent)
{
    return consent->is_dated && consent->version != NULL &&
           (consent->approved == NULL || consent->approved->approved_day > consent->signed_day);
}

static void judge_signatures(const struct rule_run *run, struct verdict *verdict,
    bool (*is_wrong)(const struct consent *consent))
{
    int64_t count = 0;
    LIST_EACH(struct consent, consent, &run->facts->edc.consents) {
        if (is_wrong(consent)) {
            consent->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->edc.consents.count));
    }
}

void rule_consent_superseded(const struct rule_run *run, struct verdict *verdict)
{
    judge_signatures(run, verdict, is_superseded);
}

void rule_consent_unapproved(const struct rule_run *run, struct verdict *verdict)
{
    judge_signatures(run, verdict, is_unapproved);
}

static void judge_reconsents(
    const struct rule_run *run, struct verdict *verdict, enum reconsent_state state)
{
    int64_t count = 0;
    int64_t longest = 0;
    LIST_EACH(struct reconsent, reconsent, &run->facts->edc.reconsents) {
        if (reconsent->state == state) {
            reconsent->marks |= run->mark;
            count++;
            longest = reconsent->has_days && reconsent->days > longest ? reconsent->days : longest;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->edc.reconsents.count));
        verdict_argue(verdict, cell_integer(longest));
    }
}

void rule_reconsent_missing(const struct rule_run *run, struct verdict *verdict)
{
    judge_reconsents(run, verdict, RECONSENT_MISSING);
}

void rule_reconsent_late(const struct rule_run *run, struct verdict *verdict)
{
    judge_reconsents(run, verdict, RECONSENT_LATE);
}
