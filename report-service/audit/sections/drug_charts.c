#include <math.h>
#include <stdlib.h>

#include "audit/sections/drug.h"
#include "audit/sources/dates.h"

/* What a movement adds to a curve. */
typedef int64_t weight_fn(const struct drug_movement *movement);

static int64_t received(const struct drug_movement *movement)
{
    return movement->kind == DRUG_RECEIVED ? movement->quantity : 0;
}

static int64_t dispensed(const struct drug_movement *movement)
{
    return movement->kind == DRUG_DISPENSED ? movement->quantity : 0;
}

/* As kit_in_stock counts: what comes back does not go into stock again. */
static int64_t in_stock(const struct drug_movement *movement)
{
    bool was_returned = movement->kit->quantities[DRUG_RETURNED] > 0;
    switch (movement->kind) {
    case DRUG_RECEIVED:
        return movement->quantity;
    case DRUG_DISPENSED:
        return -movement->quantity;
    case DRUG_DESTROYED:
    case DRUG_LOST:
        return was_returned ? 0 : -movement->quantity;
    case DRUG_RETURNED:
    case DRUG_QUARANTINED:
    case DRUG_MOVEMENT_KINDS:
        return 0;
    }
    return 0;
}

struct step {
    int64_t day;
    int64_t change;
};

static int by_day(const void *a, const void *b)
{
    const struct step *left = a;
    const struct step *right = b;
    return left->day < right->day ? -1 : left->day > right->day;
}

/* One step a day on which the curve moves. Returns how many. */
static size_t collect_steps(const struct list *movements, weight_fn *weight, struct step *steps)
{
    size_t n_steps = 0;
    LIST_EACH(const struct drug_movement, movement, movements) {
        if (movement->is_dated && weight(movement) != 0) {
            steps[n_steps++] = (struct step){movement->day, weight(movement)};
        }
    }
    qsort(steps, n_steps, sizeof(*steps), by_day);
    size_t n_days = 0;
    for (size_t i = 0; i < n_steps; i++) {
        if (n_days > 0 && steps[n_days - 1].day == steps[i].day) {
            steps[n_days - 1].change += steps[i].change;
        } else {
            steps[n_days++] = steps[i];
        }
    }
    return n_days;
}

static void add_curve(struct section_build *build, struct chart *chart, enum word name,
    enum tone tone, weight_fn *weight)
{
    const struct list *movements = &build->facts->ctms.drug_movements;
    struct step *steps = arena_alloc_array(build->report->arena, movements->count, sizeof(*steps));
    if (steps == NULL) {
        return;
    }
    size_t n_steps = collect_steps(movements, weight, steps);
    struct chart_series *series = chart_add_series(chart, name, tone, n_steps + 1);
    int64_t sum = 0;
    series->is_step = true;
    for (size_t i = 0; i < n_steps; i++) {
        sum += steps[i].change;
        *chart_point_at(series, i) =
            (struct chart_point){.x = (double)steps[i].day, .y = (double)sum};
    }
    *chart_point_at(series, n_steps) =
        (struct chart_point){.x = (double)build->facts->as_of_day, .y = (double)sum};
}

void drug_add_balance_chart(struct section_build *build)
{
    if (build->facts->ctms.drug_movements.count == 0) {
        return;
    }
    struct chart *chart =
        section_add_chart(build->section, "drug_balance", CHART_LINES, WORD_CHART_DRUG_BALANCE);
    chart->x_is_date = true;
    chart->x_title = WORD_HEAD_DATE;
    chart->y_title = WORD_HEAD_KITS;
    add_curve(build, chart, WORD_RECEIVED, TONE_MUTED, received);
    add_curve(build, chart, WORD_DISPENSED, TONE_NOTICE, dispensed);
    add_curve(build, chart, WORD_IN_STOCK, TONE_GOOD, in_stock);
}

/* The storage's records, in order of time. */
static void add_temperatures(
    struct section_build *build, struct chart *chart, bool is_high, size_t n_points)
{
    struct chart_series *series =
        chart_add_series(chart, is_high ? WORD_HEAD_HIGHEST : WORD_HEAD_LOWEST,
            is_high ? TONE_WARNING : TONE_NOTICE, n_points);
    size_t index = 0;
    LIST_EACH(const struct drug_temperature, temperature, &build->facts->ctms.drug_temperatures) {
        int64_t day;
        if (temperature->is_storage && date_first_day(temperature->on_date, &day)) {
            *chart_point_at(series, index++) = (struct chart_point){
                .x = (double)day, .y = is_high ? temperature->high : temperature->low};
        }
    }
}

static void add_limit(struct chart *chart, enum word name, double limit, double from, double to)
{
    struct chart_series *series = chart_add_series(chart, name, TONE_MUTED, 2);
    series->is_dashed = true;
    *chart_point_at(series, 0) = (struct chart_point){.x = from, .y = limit};
    *chart_point_at(series, 1) = (struct chart_point){.x = to, .y = limit};
}

void drug_add_temperature_chart(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    size_t n_points = 0;
    int64_t first = 0;
    int64_t last = 0;
    LIST_EACH(const struct drug_temperature, temperature, &ctms->drug_temperatures) {
        int64_t day;
        if (temperature->is_storage && date_first_day(temperature->on_date, &day)) {
            first = n_points == 0 ? day : first;
            last = day;
            n_points++;
        }
    }
    if (n_points < 2) {
        return;
    }
    struct chart *chart = section_add_chart(
        build->section, "storage_temperature", CHART_LINES, WORD_CHART_TEMPERATURE);
    chart->x_is_date = true;
    chart->x_title = WORD_HEAD_DATE;
    chart->y_title = WORD_DEGREES;
    add_temperatures(build, chart, false, n_points);
    add_temperatures(build, chart, true, n_points);
    add_limit(chart, WORD_ALLOWED_FROM, ctms->temperature_low, (double)first, (double)last);
    add_limit(chart, WORD_ALLOWED_TO, ctms->temperature_high, (double)first, (double)last);
}
