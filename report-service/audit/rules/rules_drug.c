/* Section 13: drug accountability. */
#include "audit/rules/rules.h"

enum {
    UNACCOUNTED_MANY = 5, /* kits: then it is not an oversight */
    EXCURSIONS_MANY = 2,  /* temperatures out of range: repeated */
};

void rule_kits_unaccounted(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_lost = 0;
    int64_t n_overdue = 0;
    LIST_EACH(struct kit, kit, &run->facts->ctms.kits) {
        if (kit->state == KIT_LOST || kit->state == KIT_OVERDUE) {
            kit->marks |= run->mark;
            n_lost += kit->state == KIT_LOST;
            n_overdue += kit->state == KIT_OVERDUE;
        }
    }
    int64_t count = n_lost + n_overdue;
    if (count > 0) {
        verdict_fire_as(verdict, count >= UNACCOUNTED_MANY, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->ctms.kits.count));
        verdict_argue(verdict, cell_integer(n_lost));
        verdict_argue(verdict, cell_integer(n_overdue));
        verdict_argue(verdict, cell_integer(KIT_RETURN_DAYS));
    }
}

void rule_kits_impossible(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct kit, kit, &run->facts->ctms.kits) {
        if (kit->is_impossible) {
            kit->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->ctms.kits.count));
    }
}

static int64_t count_dispensed(const struct audit_facts *facts)
{
    int64_t count = 0;
    LIST_EACH(const struct kit, kit, &facts->ctms.kits) {
        count += kit->first[DRUG_DISPENSED] != NULL;
    }
    return count;
}

void rule_kits_expired(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct kit, kit, &run->facts->ctms.kits) {
        if (kit->expired != NULL) {
            kit->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(count_dispensed(run->facts)));
    }
}

void rule_kits_not_on_study(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_left = 0;
    LIST_EACH(struct kit, kit, &run->facts->ctms.kits) {
        if (kit->breach != KIT_BREACH_NONE) {
            kit->marks |= run->mark;
            count++;
            n_left += kit->breach == KIT_BREACH_LEFT;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(count_dispensed(run->facts)));
        verdict_argue(verdict, cell_integer(n_left));
    }
}

void rule_temperature_excursion(const struct rule_run *run, struct verdict *verdict)
{
    const struct ctms_facts *ctms = &run->facts->ctms;
    int64_t count = 0;
    LIST_EACH(struct drug_temperature, temperature, &ctms->drug_temperatures) {
        if (temperature->is_excursion) {
            temperature->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire_as(verdict, count >= EXCURSIONS_MANY, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)ctms->drug_temperatures.count));
        verdict_argue(verdict, cell_number(ctms->temperature_low, 1));
        verdict_argue(verdict, cell_number(ctms->temperature_high, 1));
    }
}
