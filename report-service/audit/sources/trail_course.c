#include "audit/sources/trail_course.h"

#include <stdlib.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "ctx/checkpoint.h"

enum { ROWS_PER_CHECKPOINT = 1024, MINUTE_MS = 60000 };

/* --- local time ----------------------------------------------------------------------------- */

static bool say_no_time_zone(struct audit_facts *facts)
{
    struct source_facts *ctms = &facts->ctms.base;
    const char *name = facts->ctms.time_zone;
    if (!facts_has(ctms, "site", "time_zone")) {
        return true; /* it says so itself */
    }
    struct not_provided *missing = arena_alloc(ctms->arena, sizeof(*missing));
    if (missing == NULL) {
        return false;
    }
    missing->name = "site.time_zone";
    missing->note = name == NULL ? "the site has no time zone"
                                 : arena_printf(ctms->arena, "no time zone \"%.64s\"", name);
    list_add(&ctms->not_provided, &missing->node);
    return missing->note != NULL;
}

static void count_activity(struct trail_facts *trail, const struct local_time *local)
{
    trail->activity[local->weekday][local->hour]++;
}

static enum status checkpoint(const struct ctx *ctx, uint64_t n_done, size_t n_rows)
{
    return n_done % ROWS_PER_CHECKPOINT == 0 ? ctx_checkpoint(ctx, "trail", n_done, n_rows)
                                             : STATUS_OK;
}

/* Entries that are also kept as changes (after a lock) are counted once. */
static enum status place_in_week(
    const struct ctx *ctx, struct trail_facts *trail, const struct time_zone *zone)
{
    uint64_t n_done = 0;
    LIST_EACH(const struct trail_entry, entry, &trail->entries) {
        struct local_time local = time_zone_local(zone, entry->at);
        enum status status = checkpoint(ctx, n_done++, trail->entries.count);
        if (status != STATUS_OK) {
            return status;
        }
        count_activity(trail, &local);
    }
    LIST_EACH(struct trail_change, change, &trail->changes) {
        enum status status = checkpoint(ctx, n_done++, trail->changes.count);
        if (status != STATUS_OK) {
            return status;
        }
        change->local = time_zone_local(zone, change->at);
        change->is_night =
            change->local.hour >= NIGHT_FROM_HOUR && change->local.hour < NIGHT_TO_HOUR;
        change->is_day_off = change->local.weekday >= SATURDAY;
        if (change->action != TRAIL_INSERT) {
            count_activity(trail, &change->local);
            change->user->n_night += change->is_night;
        }
    }
    return STATUS_OK;
}

static enum status follow_clock(const struct ctx *ctx, struct audit_facts *facts)
{
    const struct time_zone *zone = time_zone_load(facts->ctms.base.arena, facts->ctms.time_zone);
    if (zone == NULL) {
        bool has_memory = say_no_time_zone(facts) && !arena_has_failed(facts->ctms.base.arena);
        return has_memory ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED;
    }
    facts->edc.trail.has_local_time = true;
    return place_in_week(ctx, &facts->edc.trail, zone);
}

/* --- users ---------------------------------------------------------------------------------- */

static bool is_of_site(const char *role)
{
    return strcmp(role, "investigator") == 0 || strcmp(role, "coordinator") == 0 ||
           strcmp(role, "system") == 0;
}

static void compare_users(struct trail_facts *trail)
{
    int64_t n_entries = 0;
    int64_t n_changes = 0;
    LIST_EACH(struct trail_change, change, &trail->changes) {
        bool is_change = change->action != TRAIL_INSERT;
        change->user->n_changes += is_change;
        change->user->n_unexplained += is_change && change->reason == NULL;
        n_changes += is_change;
    }
    LIST_EACH(const struct trail_user, user, &trail->users) {
        n_entries += user->n_entries;
    }
    LIST_EACH(struct trail_user, user, &trail->users) {
        user->entry_share = n_entries == 0 ? 0 : (double)user->n_entries / (double)n_entries;
        user->change_share = n_changes == 0 ? 0 : (double)user->n_changes / (double)n_changes;
        user->is_foreign = user->n_changes > 0 && user->role != NULL && !is_of_site(user->role);
        user->is_unusual = !user->is_foreign && user->n_changes >= USER_CHANGES_MIN &&
                           user->change_share - user->entry_share > USER_SHARE_DIFFERENCE;
    }
}

/* --- bursts --------------------------------------------------------------------------------- */

static bool is_late(const struct trail_change *change)
{
    return change->action != TRAIL_INSERT &&
           (change->is_before_lock || (change->has_visit && change->late_days > LATE_CHANGE_DAYS));
}

static int by_user_and_time(const void *a, const void *b)
{
    const struct trail_change *left = *(struct trail_change *const *)a;
    const struct trail_change *right = *(struct trail_change *const *)b;
    if (left->user->id != right->user->id) {
        return left->user->id < right->user->id ? -1 : 1;
    }
    if (left->at != right->at) {
        return left->at < right->at ? -1 : 1;
    }
    return left->audit_id < right->audit_id ? -1 : left->audit_id > right->audit_id;
}

static int by_page(const void *a, const void *b)
{
    const struct trail_change *left = *(struct trail_change *const *)a;
    const struct trail_change *right = *(struct trail_change *const *)b;
    if (left->subject->id != right->subject->id) {
        return left->subject->id < right->subject->id ? -1 : 1;
    }
    return left->form_id < right->form_id ? -1 : left->form_id > right->form_id;
}

static bool add_burst(struct audit_facts *facts, struct trail_change **changes, size_t n_changes)
{
    struct trail_burst *burst = arena_alloc(facts->edc.base.arena, sizeof(*burst));
    if (burst == NULL) {
        return false;
    }
    burst->user = changes[0]->user;
    burst->from_at = changes[0]->at;
    burst->to_at = changes[n_changes - 1]->at;
    burst->n_changes = (int64_t)n_changes;
    qsort(changes, n_changes, sizeof(struct trail_change *), by_page);
    for (size_t i = 0; i < n_changes; i++) {
        changes[i]->burst = burst;
        burst->n_forms += i == 0 || changes[i]->form_id != changes[i - 1]->form_id;
        burst->n_subjects += i == 0 || changes[i]->subject != changes[i - 1]->subject;
    }
    list_add(&facts->edc.trail.bursts, &burst->node);
    return true;
}

/* How many changes from the first on are one user's within the hour. */
static size_t burst_len(struct trail_change *const *changes, size_t n_changes)
{
    size_t len = 1;
    while (len < n_changes && changes[len]->user == changes[0]->user &&
           changes[len]->at - changes[0]->at <= (int64_t)BULK_MINUTES * MINUTE_MS) {
        len++;
    }
    return len;
}

static enum status find_bursts(const struct ctx *ctx, struct audit_facts *facts)
{
    const struct list *changes = &facts->edc.trail.changes;
    struct trail_change **late =
        arena_alloc_array(facts->edc.base.arena, changes->count + 1, sizeof(struct trail_change *));
    if (late == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    size_t n_late = 0;
    LIST_EACH(struct trail_change, change, changes) {
        if (is_late(change)) {
            late[n_late++] = change;
        }
    }
    qsort(late, n_late, sizeof(struct trail_change *), by_user_and_time);
    for (size_t i = 0; i < n_late;) {
        size_t len = burst_len(&late[i], n_late - i);
        enum status status = checkpoint(ctx, i, n_late);
        if (status != STATUS_OK) {
            return status;
        }
        if (len >= BULK_CHANGES_MIN && !add_burst(facts, &late[i], len)) {
            return STATUS_RESOURCE_EXHAUSTED;
        }
        i += len >= BULK_CHANGES_MIN ? len : 1;
    }
    return STATUS_OK;
}

enum status sources_follow_trail(const struct ctx *ctx, struct audit_facts *facts)
{
    enum status status = follow_clock(ctx, facts);
    if (status == STATUS_OK) {
        compare_users(&facts->edc.trail);
        status = find_bursts(ctx, facts);
    }
    return status;
}
