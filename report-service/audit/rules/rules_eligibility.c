/* Section 7: eligibility. */
#include "audit/rules/rules.h"

enum { INELIGIBLE_MANY = 5 }; /* subjects enrolled against a criterion: a pattern */

void rule_ineligible_enrolled(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_subjects = 0;
    int64_t n_enrolled = 0;
    const struct subject *before = NULL;
    LIST_EACH(const struct subject, subject, &run->facts->edc.subjects) {
        n_enrolled += subject->is_enrolled;
    }
    LIST_EACH(struct criterion, criterion, &run->facts->edc.criteria) {
        if (criterion->answer == CRITERION_NOT_MET && criterion->subject->is_enrolled) {
            criterion->marks |= run->mark;
            count++;
            n_subjects += criterion->subject != before;
            before = criterion->subject;
        }
    }
    if (count > 0) {
        bool is_pattern = n_subjects >= INELIGIBLE_MANY;
        verdict_fire_as(verdict, is_pattern, count);
        verdict_argue(verdict, cell_integer(n_subjects));
        verdict_argue(verdict, cell_integer(n_enrolled));
        verdict_argue(verdict, cell_integer(count));
    }
}

/* A criterion without an answer, or an enrolled subject without any criteria. */
void rule_eligibility_unanswered(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_criteria = 0;
    int64_t n_subjects = 0;
    LIST_EACH(struct criterion, criterion, &run->facts->edc.criteria) {
        if (criterion->answer == CRITERION_UNANSWERED && criterion->subject->is_enrolled) {
            criterion->marks |= run->mark;
            n_criteria++;
        }
    }
    LIST_EACH(struct eligibility_check, check, &run->facts->edc.eligibility_checks) {
        if (check->subject->is_enrolled && check->n_criteria == 0) {
            check->marks |= run->mark;
            n_subjects++;
        }
    }
    if (n_criteria + n_subjects > 0) {
        verdict_fire_as(verdict, n_subjects > 0, n_criteria + n_subjects);
        verdict_argue(verdict, cell_integer(n_criteria));
        verdict_argue(verdict, cell_integer(n_subjects));
    }
}

void rule_eligibility_version(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_checked = 0;
    LIST_EACH(struct eligibility_check, check, &run->facts->edc.eligibility_checks) {
        n_checked += check->in_force != NULL && check->protocol_version != NULL;
        if (check->subject->is_enrolled && check->is_version_wrong) {
            check->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_checked));
    }
}
