/* Section 12: what the audit trail shows: how much was changed, when, by whom, and whether the
 * trail itself is whole. */
#include "audit/sections/trail.h"

struct totals {
    int64_t n_changes;
    int64_t n_unexplained;
    int64_t n_night;
    int64_t n_day_off;
    int64_t n_after_lock;
    int64_t n_after_signature;
};

static struct totals count(const struct trail_facts *trail)
{
    struct totals totals = {0};
    LIST_EACH(const struct trail_change, change, &trail->changes) {
        bool is_change = change->action != TRAIL_INSERT;
        totals.n_changes += is_change;
        totals.n_unexplained += is_change && change->reason == NULL;
        totals.n_night += is_change && change->is_night;
        totals.n_day_off += is_change && change->is_day_off;
        totals.n_after_lock += change->is_after_lock;
        totals.n_after_signature += change->is_after_signature;
    }
    return totals;
}

static struct cell chain_cell(const struct audit_facts *facts)
{
    const struct trail_facts *trail = &facts->edc.trail;
    struct cell state = trail->breaks.count > 0
                            ? cell_tone(cell_word(WORD_CHAIN_BROKEN), TONE_ALARM)
                        : trail->n_breaks_elsewhere > 0
                            ? cell_tone(cell_word(WORD_CHAIN_BROKEN_ELSEWHERE), TONE_WARNING)
                            : cell_tone(cell_word(WORD_CHAIN_WHOLE), TONE_GOOD);
    return section_cell(&facts->edc.base, "audit_trail", "hash", state);
}

static void add_facts(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    const struct source_facts *ctms = &facts->ctms.base;
    const struct trail_facts *trail = &facts->edc.trail;
    struct section *section = build->section;
    struct totals totals = count(trail);
    struct block *block = section_add_facts(section, "audit_trail");
    facts_add(section, block, "entries", WORD_VALUES_ENTERED,
        cell_integer((int64_t)trail->entries.count));
    facts_add(section, block, "changes", WORD_VALUES_CHANGED, cell_integer(totals.n_changes));
    facts_add(section, block, "unexplained", WORD_CHANGES_UNEXPLAINED,
        section_cell(
            &facts->edc.base, "audit_trail", "reason", cell_integer(totals.n_unexplained)));
    facts_add(
        section, block, "after_lock", WORD_CHANGES_AFTER_LOCK, cell_integer(totals.n_after_lock));
    facts_add(section, block, "after_signature", WORD_CHANGES_AFTER_SIGNATURE,
        cell_integer(totals.n_after_signature));
    facts_add(section, block, "time_zone", WORD_TIME_ZONE,
        section_cell(ctms, "site", "time_zone", cell_text(facts->ctms.time_zone)));
    facts_add(section, block, "night", WORD_CHANGES_AT_NIGHT,
        section_cell(ctms, "site", "time_zone", cell_integer(totals.n_night)));
    facts_add(section, block, "day_off", WORD_CHANGES_ON_DAYS_OFF,
        section_cell(ctms, "site", "time_zone", cell_integer(totals.n_day_off)));
    facts_add(section, block, "bursts", WORD_BURSTS, cell_integer((int64_t)trail->bursts.count));
    facts_add(section, block, "chain", WORD_HASH_CHAIN, chain_cell(facts));
}

static void add_heat_map(struct section_build *build)
{
    static const enum word NAMES[WEEKDAYS] = {[MONDAY] = WORD_MONDAY,
        [TUESDAY] = WORD_TUESDAY,
        [WEDNESDAY] = WORD_WEDNESDAY,
        [THURSDAY] = WORD_THURSDAY,
        [FRIDAY] = WORD_FRIDAY,
        [SATURDAY] = WORD_SATURDAY,
        [SUNDAY] = WORD_SUNDAY};
    const struct trail_facts *trail = &build->facts->edc.trail;
    if (section_lacks(build, &build->facts->ctms.base, "site", "time_zone", WORD_CHART_ACTIVITY) ||
        trail->entries.count + trail->changes.count == 0) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "activity", CHART_HEAT_MAP, WORD_CHART_ACTIVITY);
    chart->x_title = WORD_LOCAL_HOUR;
    chart_set_categories(chart, HOURS);
    for (int hour = 0; hour < HOURS; hour++) {
        chart_set_category(
            chart, (size_t)hour, cell_text(arena_printf(build->report->arena, "%02d", hour)));
    }
    for (int day = 0; day < WEEKDAYS; day++) {
        struct chart_series *series = chart_add_series(chart, NAMES[day], TONE_NOTICE, HOURS);
        for (int hour = 0; hour < HOURS; hour++) {
            *chart_point_at(series, (size_t)hour) =
                (struct chart_point){.x = (double)hour, .y = (double)trail->activity[day][hour]};
        }
    }
}

void section_trail(struct section_build *build)
{
    if (section_lacks(build, &build->facts->edc.base, "audit_trail", NULL, WORD_AUDIT_TRAIL)) {
        return;
    }
    add_facts(build);
    add_heat_map(build);
    trail_add_breaks(build);
    trail_add_users(build);
    trail_add_bursts(build);
    trail_add_changes(build);
}
