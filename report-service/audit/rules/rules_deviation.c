#include <string.h>

#include "audit/rules/rules.h"

enum { PATTERN_MIN = 5 }; /* important deviations of one kind make a pattern */

void rule_deviation_not_reported(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_important = 0;
    LIST_EACH(struct deviation, deviation, &run->facts->ctms.deviations) {
        n_important += deviation->is_important;
        if (deviation->is_important && deviation->reported_ec_on == NULL) {
            deviation->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_important));
    }
}

void rule_deviation_undated(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct deviation, deviation, &run->facts->ctms.deviations) {
        if (deviation->occurred_on == NULL) {
            deviation->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->ctms.deviations.count));
    }
}

void rule_deviation_without_capa(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct deviation, deviation, &run->facts->ctms.deviations) {
        bool has_capa = deviation->capa != NULL && deviation->capa[0] != '\0';
        if (deviation->is_important && !has_capa) {
            deviation->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
    }
}

static int64_t count_alike(const struct audit_facts *facts, const char *category)
{
    int64_t count = 0;
    LIST_EACH(const struct deviation, deviation, &facts->ctms.deviations) {
        count += deviation->is_important && deviation->category != NULL &&
                 strcmp(deviation->category, category) == 0;
    }
    return count;
}

void rule_deviation_pattern(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t largest = 0;
    LIST_EACH(struct deviation, deviation, &run->facts->ctms.deviations) {
        if (!deviation->is_important || deviation->category == NULL) {
            continue;
        }
        int64_t n_alike = count_alike(run->facts, deviation->category);
        if (n_alike >= PATTERN_MIN) {
            deviation->marks |= run->mark;
            count++;
            largest = n_alike > largest ? n_alike : largest;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(largest));
    }
}
