/* Section 12: the audit trail. */
#include "audit/rules/rules.h"

enum {
    UNEXPLAINED_MANY = 10,
    NIGHT_MANY = 20,
    UNSIGNED_MANY = 5,
};
static const double UNEXPLAINED_SHARE = 0.05;
static const double NIGHT_SHARE = 0.2;

typedef bool change_test_fn(const struct trail_change *change);

static int64_t count_changes(const struct audit_facts *facts)
{
    int64_t count = 0;
    LIST_EACH(const struct trail_change, change, &facts->edc.trail.changes) {
        count += change->action != TRAIL_INSERT;
    }
    return count;
}

static int64_t mark_changes(const struct rule_run *run, change_test_fn *is_wrong)
{
    int64_t count = 0;
    LIST_EACH(struct trail_change, change, &run->facts->edc.trail.changes) {
        if (is_wrong(change)) {
            change->marks |= run->mark;
            count++;
        }
    }
    return count;
}

/* Fires when there is any; the statement says how many of how many. */
static void fire_changes(
    const struct rule_run *run, struct verdict *verdict, bool is_grave, int64_t count)
{
    if (count > 0) {
        verdict_fire_as(verdict, is_grave, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(count_changes(run->facts)));
    }
}

static bool is_many(const struct rule_run *run, int64_t count, int64_t many, double share)
{
    return count >= many && (double)count > share * (double)count_changes(run->facts);
}

static bool is_unexplained(const struct trail_change *change)
{
    return change->action != TRAIL_INSERT && change->reason == NULL;
}

void rule_change_unexplained(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_changes(run, is_unexplained);
    bool is_grave = is_many(run, count, UNEXPLAINED_MANY, UNEXPLAINED_SHARE);
    fire_changes(run, verdict, is_grave, count);
}

static bool is_at_night(const struct trail_change *change)
{
    return change->action != TRAIL_INSERT && change->is_night;
}

void rule_change_at_night(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_changes(run, is_at_night);
    bool is_grave = is_many(run, count, NIGHT_MANY, NIGHT_SHARE);
    fire_changes(run, verdict, is_grave, count);
    if (count > 0) {
        verdict_argue(verdict, cell_integer(NIGHT_FROM_HOUR));
        verdict_argue(verdict, cell_integer(NIGHT_TO_HOUR));
        verdict_argue(verdict, cell_text(run->facts->ctms.time_zone));
    }
}

static bool is_on_day_off(const struct trail_change *change)
{
    return change->action != TRAIL_INSERT && change->is_day_off;
}

void rule_change_on_day_off(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_changes(run, is_on_day_off);
    fire_changes(run, verdict, false, count);
    if (count > 0) {
        verdict_argue(verdict, cell_text(run->facts->ctms.time_zone));
    }
}

static bool is_after_lock(const struct trail_change *change)
{
    return change->is_after_lock;
}

void rule_change_after_lock(const struct rule_run *run, struct verdict *verdict)
{
    fire_changes(run, verdict, false, mark_changes(run, is_after_lock));
}

static bool is_after_signature(const struct trail_change *change)
{
    return change->is_after_signature;
}

void rule_change_after_signature(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = mark_changes(run, is_after_signature);
    fire_changes(run, verdict, count >= UNSIGNED_MANY, count);
}

void rule_bulk_late_changes(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_changes = 0;
    LIST_EACH(struct trail_burst, burst, &run->facts->edc.trail.bursts) {
        burst->marks |= run->mark;
        count++;
        n_changes += burst->n_changes;
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_changes));
        verdict_argue(verdict, cell_integer(BULK_CHANGES_MIN));
        verdict_argue(verdict, cell_integer(BULK_MINUTES));
        verdict_argue(verdict, cell_integer(LATE_CHANGE_DAYS));
        verdict_argue(verdict, cell_integer(BEFORE_LOCK_DAYS));
    }
}

void rule_chain_broken(const struct rule_run *run, struct verdict *verdict)
{
    struct trail_facts *trail = &run->facts->edc.trail;
    int64_t first_id = 0;
    LIST_EACH(struct site_chain_break, site_break, &trail->breaks) {
        site_break->marks |= run->mark;
        first_id = first_id == 0 ? site_break->found.audit_id : first_id;
    }
    if (trail->breaks.count > 0) {
        verdict_fire(verdict, (int64_t)trail->breaks.count);
        verdict_argue(verdict, cell_integer((int64_t)trail->breaks.count));
        verdict_argue(verdict, cell_integer(first_id));
    }
}

void rule_change_by_others(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_changes = 0;
    LIST_EACH(struct trail_user, user, &run->facts->edc.trail.users) {
        if (user->is_foreign) {
            user->marks |= run->mark;
            count++;
            n_changes += user->n_changes;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_changes));
    }
}

void rule_user_share(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    double share = 0;
    LIST_EACH(struct trail_user, user, &run->facts->edc.trail.users) {
        if (user->is_unusual) {
            user->marks |= run->mark;
            count++;
            share = user->change_share > share ? user->change_share : share;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_percent(share, 1));
    }
}
