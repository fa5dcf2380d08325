/* Both sides are sorted by subject, test, day and value, and then walked along together, once for
 * each degree of likeness: whoever has found a counterpart is passed over by the next walk. */
#include <math.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "audit/sources/lab_source.h"
#include "ctx/checkpoint.h"

enum { MERGES_PER_CHECKPOINT = 4096 }; /* values moved between two looks at the context */

/* Two numbers that decimal digits have been read into are the same up to rounding. */
static const double VALUE_TOLERANCE = 1e-9;

/* One side, as an array. */
struct side {
    struct lab_value **values;
    size_t n_values;
};

/* Below, at or above zero as `a` goes before, with or after `b`. */
typedef int likeness_fn(const struct lab_value *a, const struct lab_value *b);

static int compare_test(const struct lab_value *a, const struct lab_value *b)
{
    int order = strcmp(a->subject_no, b->subject_no);
    return order != 0 ? order : strcmp(a->test, b->test);
}

/* An unknown day goes first. */
static int compare_dates(const char *a, const char *b)
{
    return a == NULL || b == NULL ? (a != NULL) - (b != NULL) : strcmp(a, b);
}

static int compare_day(const struct lab_value *a, const struct lab_value *b)
{
    int order = compare_test(a, b);
    return order != 0 ? order : compare_dates(a->collected_on, b->collected_on);
}

static int compare_value(const struct lab_value *a, const struct lab_value *b)
{
    int order = compare_day(a, b);
    if (order != 0 || !a->has_value || !b->has_value) {
        return order != 0 ? order : a->has_value - b->has_value;
    }
    return (a->value > b->value) - (a->value < b->value);
}

/* A day that is not known in full may be any. */
static int compare_window(const struct lab_value *a, const struct lab_value *b)
{
    int order = compare_test(a, b);
    int64_t days;
    if (order != 0 || !date_days_between(b->collected_on, a->collected_on, &days)) {
        return order;
    }
    return days > LAB_DATE_WINDOW_DAYS ? 1 : (days < -LAB_DATE_WINDOW_DAYS ? -1 : 0);
}

/* Merge two sorted runs that lie side by side, `from` into `to`. */
static void merge(struct lab_value **from, struct lab_value **to, size_t n_left, size_t n_all)
{
    size_t left = 0;
    size_t right = n_left;
    for (size_t i = 0; i < n_all; i++) {
        bool takes_left =
            right == n_all || (left < n_left && compare_value(from[right], from[left]) >= 0);
        to[i] = takes_left ? from[left++] : from[right++];
    }
}

/* A stable merge sort that listens. */
static enum status sort(const struct ctx *ctx, struct side *side, struct lab_value **room)
{
    size_t n_merged = 0;
    for (size_t width = 1; width < side->n_values; width *= 2) {
        for (size_t at = 0; at < side->n_values; at += 2 * width) {
            size_t n_rest = side->n_values - at;
            size_t n_all = n_rest < 2 * width ? n_rest : 2 * width;
            merge(side->values + at, room + at, width < n_all ? width : n_all, n_all);
            n_merged += n_all;
            if (n_merged < MERGES_PER_CHECKPOINT) {
                continue;
            }
            n_merged = 0;
            enum status status = ctx_checkpoint(ctx, "reconcile", at, side->n_values);
            if (status != STATUS_OK) {
                return status;
            }
        }
        struct lab_value **sorted = room;
        room = side->values;
        side->values = sorted;
    }
    return STATUS_OK;
}

static enum status take_side(
    const struct ctx *ctx, struct arena *arena, const struct list *list, struct side *ret_side)
{
    struct side side = {.values = arena_alloc_array(arena, list->count + 1, sizeof(void *))};
    struct lab_value **room = arena_alloc_array(arena, list->count + 1, sizeof(void *));
    if (side.values == NULL || room == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    LIST_EACH(struct lab_value, value, list) {
        side.values[side.n_values++] = value;
    }
    *ret_side = side;
    return sort(ctx, ret_side, room);
}

/* The list in the order of the array. */
static void give_back(const struct side *side, struct list *list)
{
    *list = (struct list){0};
    for (size_t i = 0; i < side->n_values; i++) {
        list_add(list, &side->values[i]->node);
    }
}

static void pair_up(const struct side *edc, const struct side *lab, likeness_fn *likeness)
{
    size_t e = 0;
    size_t l = 0;
    while (e < edc->n_values && l < lab->n_values) {
        struct lab_value *entered = edc->values[e];
        struct lab_value *measured = lab->values[l];
        if (entered->other != NULL || measured->other != NULL) {
            e += entered->other != NULL;
            l += measured->other != NULL;
            continue;
        }
        int order = likeness(entered, measured);
        if (order == 0) {
            entered->other = measured;
            measured->other = entered;
        }
        e += order <= 0;
        l += order >= 0;
    }
}

static bool are_texts_different(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) != 0;
}

static bool are_values_different(const struct lab_value *a, const struct lab_value *b)
{
    if (!a->has_value || !b->has_value) {
        return a->has_value != b->has_value;
    }
    double larger = fmax(fabs(a->value), fabs(b->value));
    return fabs(a->value - b->value) > VALUE_TOLERANCE * larger;
}

/* A unit or flag that one of the two does not give is no difference. */
static void compare_pair(const struct source_facts *edc, struct lab_value *entered)
{
    struct lab_value *measured = entered->other;
    unsigned int differs = 0;
    if (are_values_different(entered, measured)) {
        differs |= LAB_DIFFERS_IN_VALUE;
    }
    if (facts_has(edc, "lab_result", "unit") &&
        are_texts_different(entered->unit, measured->unit)) {
        differs |= LAB_DIFFERS_IN_UNIT;
    }
    if (compare_dates(entered->collected_on, measured->collected_on) != 0) {
        differs |= LAB_DIFFERS_IN_DATE;
    }
    if (facts_has(edc, "lab_result", "flag") &&
        are_texts_different(entered->flag, measured->flag)) {
        differs |= LAB_DIFFERS_IN_FLAG;
    }
    entered->differs = differs;
    measured->differs = differs;
}

enum status lab_reconcile(const struct ctx *ctx, struct audit_facts *facts)
{
    static likeness_fn *const LIKENESSES[] = {compare_value, compare_day, compare_window};
    if (facts->lab.outcome != LAB_ANSWERED) {
        return STATUS_OK;
    }
    struct side edc;
    struct side lab;
    struct arena *arena = facts->lab.base.arena;
    enum status status = take_side(ctx, arena, &facts->edc.lab_values, &edc);
    if (status == STATUS_OK) {
        status = take_side(ctx, arena, &facts->lab.values, &lab);
    }
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; i < LENGTH_OF(LIKENESSES); i++) {
        pair_up(&edc, &lab, LIKENESSES[i]);
        status = ctx_checkpoint(ctx, "reconcile", i, LENGTH_OF(LIKENESSES));
        if (status != STATUS_OK) {
            return status;
        }
    }
    give_back(&edc, &facts->edc.lab_values);
    give_back(&lab, &facts->lab.values);
    LIST_EACH(struct lab_value, entered, &facts->edc.lab_values) {
        if (entered->other != NULL) {
            compare_pair(&facts->edc.base, entered);
        }
    }
    return STATUS_OK;
}
