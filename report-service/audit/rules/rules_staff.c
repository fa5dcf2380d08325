#include <string.h>

#include "audit/rules/rules.h"
#include "audit/sources/dates.h"

void rule_delegation_unsigned(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct delegation, delegation, &run->facts->ctms.delegations) {
        if (delegation->pi_signed_on == NULL) {
            delegation->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->ctms.delegations.count));
    }
}

void rule_delegation_signed_late(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t longest = 0;
    LIST_EACH(struct delegation, delegation, &run->facts->ctms.delegations) {
        int64_t signed_day;
        if (date_first_day(delegation->pi_signed_on, &signed_day) &&
            signed_day > delegation->from_day) {
            int64_t days = signed_day - delegation->from_day;
            delegation->marks |= run->mark;
            longest = days > longest ? days : longest;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->ctms.delegations.count));
        verdict_argue(verdict, cell_integer(longest));
    }
}

void rule_task_undelegated(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct undelegated_task, task, &run->facts->ctms.undelegated_tasks) {
        task->marks |= run->mark;
        count++;
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}

void rule_data_entry_undelegated(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_changes = 0;
    LIST_EACH(struct data_entry_person, person, &run->facts->edc.data_entry_people) {
        if (!person->is_delegated) {
            person->marks |= run->mark;
            n_changes += person->n_changes;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_changes));
    }
}

void rule_cv_missing(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct staff_member, staff, &run->facts->ctms.staff) {
        if (staff->has_tasks && staff->cv_on == NULL) {
            staff->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}

/* Physicians need a licence; whoever has one needs a valid one. */
static bool is_licence_wrong(const struct staff_member *staff)
{
    bool is_physician =
        strcmp(staff->role, "pi") == 0 || strcmp(staff->role, "sub_investigator") == 0;
    return staff->is_licence_expired || (is_physician && staff->licence_expires_on == NULL);
}

void rule_licence_invalid(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct staff_member, staff, &run->facts->ctms.staff) {
        if (staff->has_tasks_now && is_licence_wrong(staff)) {
            staff->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}

void rule_gcp_invalid(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_delegated = 0;
    LIST_EACH(struct staff_member, staff, &run->facts->ctms.staff) {
        n_delegated += staff->has_tasks_now;
        if (staff->has_tasks_now && (staff->is_gcp_expired || staff->gcp_cert_on == NULL)) {
            staff->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_delegated));
    }
}

static int64_t mark_gaps(const struct rule_run *run, enum training_gap_kind kind)
{
    int64_t count = 0;
    LIST_EACH(struct training_gap, gap, &run->facts->ctms.training_gaps) {
        if (gap->kind == kind) {
            gap->marks |= run->mark;
            count++;
        }
    }
    return count;
}

void rule_training_missing(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_gaps(run, TRAINING_GAP_NONE_DONE);
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}

void rule_training_late(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_gaps(run, TRAINING_GAP_LATE);
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}

void rule_training_version(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_gaps(run, TRAINING_GAP_VERSION);
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(RETRAINING_DAYS));
    }
}
