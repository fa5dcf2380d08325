#include "audit/rules/rules.h"

static const struct kri_value *value_of(const struct audit_facts *facts, enum kri kri)
{
    return facts->kri_site < facts->n_kri_sites ? &facts->kri[kri].values[facts->kri_site] : NULL;
}

void rule_kri_under_reporting(const struct rule_run *run, struct verdict *verdict)
{
    const struct kri_value *value = value_of(run->facts, KRI_AE_RATE);
    if (value == NULL || value->outcome != KRI_SCORED || value->flag > -2) {
        return;
    }
    double unit = KRI_DEFINITIONS[KRI_AE_RATE].unit;
    verdict_fire(verdict, 1);
    verdict_argue(verdict, cell_number(value->rate * unit, 2));
    verdict_argue(verdict, cell_number(run->facts->kri[KRI_AE_RATE].study.mean * unit, 2));
    verdict_argue(verdict, cell_number(value->score, 2));
}

/* Indicators whose flag is this far from 0; under-reported AEs have a finding of their own. */
static int64_t count_flags(const struct audit_facts *facts, int distance)
{
    int64_t count = 0;
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_value *value = value_of(facts, (enum kri)kri);
        if (value == NULL || value->outcome != KRI_SCORED ||
            (kri == KRI_AE_RATE && value->flag == -2)) {
            continue;
        }
        count += (value->flag < 0 ? -value->flag : value->flag) == distance;
    }
    return count;
}

void rule_kri_high(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = count_flags(run->facts, 2);
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(KRI_COUNT));
    }
}

void rule_kri_raised(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = count_flags(run->facts, 1);
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(KRI_COUNT));
    }
}
