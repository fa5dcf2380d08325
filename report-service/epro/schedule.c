/* Where in time a response belongs: the due date whose window holds the day on which it was filled
 * in, else the nearest one. Rows of the database that wait for a response come before events of the
 * plan for which there is no such row. */
#include <stdlib.h>

#include "epro/internal.h"

/* How far `day` is off the window: < 0 before it, > 0 after it. */
static int64_t days_off(int64_t day, int64_t due_day, const struct epro_event *event)
{
    int64_t first = due_day - (event == NULL ? EPRO_WINDOW_DAYS : event->before);
    int64_t last = due_day + (event == NULL ? EPRO_WINDOW_DAYS : event->after);
    return day < first ? day - first : (day > last ? day - last : 0);
}

static bool is_waiting(const struct epro_slot *slot)
{
    return slot->stored == NULL || slot->stored->submitted_at == 0;
}

/* Of two windows that hold the day the one that still waits for a response comes first. */
static bool is_nearer(const struct epro_slot *slot, const struct epro_slot *than, int64_t day)
{
    if (!than->has_due_day) {
        return true;
    }
    if (llabs(slot->days_off) != llabs(than->days_off)) {
        return llabs(slot->days_off) < llabs(than->days_off);
    }
    if (is_waiting(slot) != is_waiting(than)) {
        return is_waiting(slot);
    }
    return llabs(slot->due_day - day) < llabs(than->due_day - day);
}

static struct epro_slot nearest_stored(
    const struct epro_state *state, const struct epro_instrument *instrument, int64_t day)
{
    struct epro_slot nearest = {.stored = NULL};
    for (size_t i = 0; i < state->n_stored; i++) {
        struct epro_stored *stored = &state->stored[i];
        if (stored->instrument != instrument || !stored->has_due_day) {
            continue;
        }
        struct epro_slot slot;
        epro_schedule_of(stored, day, &slot);
        nearest = is_nearer(&slot, &nearest, day) ? slot : nearest;
    }
    return nearest;
}

static bool has_row(const struct epro_state *state, const struct epro_instrument *instrument,
    const struct epro_event *event)
{
    for (size_t i = 0; i < state->n_stored; i++) {
        if (state->stored[i].instrument == instrument && state->stored[i].event == event) {
            return true;
        }
    }
    return false;
}

static struct epro_slot nearest_event(
    const struct epro_state *state, const struct epro_instrument *instrument, int64_t day)
{
    struct epro_slot nearest = {.stored = NULL};
    for (size_t i = 0; i < state->n_events && state->has_first_dose; i++) {
        const struct epro_event *event = &state->events[i];
        if (!event->has_target_day) {
            continue;
        }
        int64_t due_day = state->first_dose_day + event->target_day - 1; /* the first dose: day 1 */
        struct epro_slot slot = {.event = event,
            .has_due_day = true,
            .due_day = due_day,
            .days_off = days_off(day, due_day, event)};
        if (is_nearer(&slot, &nearest, day) && !has_row(state, instrument, event)) {
            nearest = slot;
        }
    }
    return nearest;
}

void epro_schedule_of(struct epro_stored *stored, int64_t day, struct epro_slot *ret_slot)
{
    *ret_slot = (struct epro_slot){.stored = stored, .event = stored->event};
    if (stored->has_due_day) {
        ret_slot->has_due_day = true;
        ret_slot->due_day = stored->due_day;
        ret_slot->days_off = days_off(day, stored->due_day, stored->event);
    }
}

static bool is_near(const struct epro_slot *slot)
{
    return slot->has_due_day && llabs(slot->days_off) <= EPRO_NEAR_DAYS;
}

void epro_schedule_find(const struct epro_state *state, const struct epro_instrument *instrument,
    int64_t day, struct epro_slot *ret_slot)
{
    struct epro_slot stored = nearest_stored(state, instrument, day);
    struct epro_slot event = {.stored = NULL};
    if (!stored.has_due_day || stored.days_off != 0) {
        event = nearest_event(state, instrument, day);
    }
    /* Where a row near by says when the instrument is due, another event counts only inside its
     * window. */
    bool is_event = event.has_due_day && (event.days_off == 0 || !is_near(&stored));
    struct epro_slot slot = is_event ? event : stored;
    *ret_slot = is_near(&slot) ? slot : (struct epro_slot){.stored = NULL};
}
