#include "audit/rules/rules.h"

static const double BEHIND_SHARE = 0.5;       /* of what the plan expects by now */
static const double EXPECTED_MIN = 2;         /* a plan of one or two subjects is no yardstick */
static const double DISCONTINUED_SHARE = 0.3; /* of the enrolled */
enum { DISCONTINUED_MIN = 3 };

static int64_t count_enrolled(const struct audit_facts *facts)
{
    int64_t count = 0;
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        count += subject->is_enrolled;
    }
    return count;
}

void rule_enrolment_behind(const struct rule_run *run, struct verdict *verdict)
{
    struct enrolment_plan plan;
    if (!facts_enrolment_plan(run->facts, &plan) || plan.n_expected < EXPECTED_MIN) {
        return;
    }
    int64_t n_enrolled = count_enrolled(run->facts);
    if ((double)n_enrolled < BEHIND_SHARE * plan.n_expected) {
        verdict_fire(verdict, n_enrolled);
        verdict_argue(verdict, cell_integer(n_enrolled));
        verdict_argue(verdict, cell_number(plan.n_expected, 1));
        verdict_argue(verdict, cell_integer(plan.n_planned));
    }
}

void rule_discontinued_without_reason(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_discontinued = 0;
    LIST_EACH(struct subject, subject, &run->facts->edc.subjects) {
        n_discontinued += subject->is_discontinued;
        if (subject->is_discontinued && subject->discont_reason == NULL) {
            subject->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_discontinued));
    }
}

void rule_many_discontinuations(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct subject, subject, &run->facts->edc.subjects) {
        if (subject->is_discontinued) {
            subject->marks |= run->mark;
            count++;
        }
    }
    int64_t n_enrolled = count_enrolled(run->facts);
    if (count >= DISCONTINUED_MIN && (double)count > DISCONTINUED_SHARE * (double)n_enrolled) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_enrolled));
        verdict_argue(verdict, cell_percent((double)count / (double)n_enrolled, 1));
    }
}
