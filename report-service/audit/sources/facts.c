#include "audit/sources/facts.h"

#include <assert.h>
#include <string.h>

#include "audit/sources/dates.h"

/* Whether `name` is "table" or "table.column". */
static bool names(const char *name, const char *table, const char *column)
{
    size_t table_len = strlen(table);
    if (strncmp(name, table, table_len) != 0) {
        return false;
    }
    if (name[table_len] == '\0') {
        return true;
    }
    return column != NULL && name[table_len] == '.' && strcmp(name + table_len + 1, column) == 0;
}

bool facts_has(const struct source_facts *source, const char *table, const char *column)
{
    if (!source->has_site) {
        return false;
    }
    LIST_EACH(const struct not_provided, missing, &source->not_provided) {
        if (names(missing->name, table, column)) {
            return false;
        }
    }
    return true;
}

const struct source_facts *facts_source(const struct audit_facts *facts, const char *source)
{
    const struct source_facts *sources[] = {&facts->edc.base, &facts->ctms.base, &facts->lab.base};
    for (size_t i = 0; i < LENGTH_OF(sources); i++) {
        if (strcmp(sources[i]->source, source) == 0) {
            return sources[i];
        }
    }
    assert(false);
    return sources[0];
}

bool facts_wants(const struct audit_facts *facts, int number)
{
    return (facts->sections >> number & 1U) != 0;
}

bool facts_enrolment_plan(const struct audit_facts *facts, struct enrolment_plan *ret_plan)
{
    const struct ctms_facts *ctms = &facts->ctms;
    struct enrolment_plan plan = {.n_planned = ctms->plan_subjects};
    if (!facts_has(&ctms->base, "site", "plan_subjects") || plan.n_planned <= 0 ||
        !date_first_day(ctms->activated_on, &plan.first_day) ||
        !date_first_day(ctms->enrolment_until, &plan.last_day) || plan.last_day <= plan.first_day) {
        return false;
    }
    double share =
        (double)(facts->as_of_day - plan.first_day) / (double)(plan.last_day - plan.first_day);
    share = share < 0 ? 0 : (share > 1 ? 1 : share);
    plan.n_expected = share * (double)plan.n_planned;
    *ret_plan = plan;
    return true;
}
