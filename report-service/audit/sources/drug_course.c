#include "audit/sources/drug_course.h"

#include <string.h>

#include "audit/sources/dates.h"
#include "ctx/checkpoint.h"

enum { MOVEMENTS_PER_CHECKPOINT = 256 };

int64_t kit_in_stock(const struct kit *kit)
{
    const int64_t *of = kit->quantities;
    int64_t gone = of[DRUG_DESTROYED] + of[DRUG_LOST];
    int64_t gone_unused = gone > of[DRUG_RETURNED] ? gone - of[DRUG_RETURNED] : 0;
    return of[DRUG_RECEIVED] - of[DRUG_DISPENSED] - gone_unused;
}

int64_t kit_with_subjects(const struct kit *kit)
{
    return kit->quantities[DRUG_DISPENSED] - kit->quantities[DRUG_RETURNED];
}

static const struct subject *subject_named(const struct audit_facts *facts, const char *subject_no)
{
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        if (subject_no != NULL && strcmp(subject->subject_no, subject_no) == 0) {
            return subject;
        }
    }
    return NULL;
}

/* Days are compared where both are complete; a day that is not known is given the benefit. */
static bool is_before(const char *date, const char *other)
{
    int64_t days;
    return date_days_between(date, other, &days) && days > 0;
}

static enum kit_breach breach_of(const struct drug_movement *dispensing)
{
    const struct subject *subject = dispensing->subject;
    if (subject == NULL) {
        return KIT_BREACH_UNKNOWN;
    }
    if (!subject->is_enrolled || is_before(dispensing->on_date, subject->enrolled_on)) {
        return KIT_BREACH_NOT_ENROLLED;
    }
    bool has_left = subject->is_discontinued && is_before(subject->discont_on, dispensing->on_date);
    return has_left ? KIT_BREACH_LEFT : KIT_BREACH_NONE;
}

static void judge_dispensing(const struct audit_facts *facts, struct drug_movement *dispensing)
{
    struct kit *kit = dispensing->kit;
    const char *expires_on =
        dispensing->expires_on == NULL ? kit->expires_on : dispensing->expires_on;
    dispensing->subject = subject_named(facts, dispensing->subject_no);
    if (kit->expired == NULL && is_before(expires_on, dispensing->on_date)) {
        kit->expired = dispensing;
    }
    if (kit->breach == KIT_BREACH_NONE && facts->edc.base.has_site) {
        kit->breach = breach_of(dispensing);
    }
}

static enum kit_state state_of(const struct audit_facts *facts, const struct kit *kit)
{
    const int64_t *of = kit->quantities;
    if (of[DRUG_LOST] > 0) {
        return KIT_LOST;
    }
    if (kit_with_subjects(kit) > of[DRUG_DESTROYED]) {
        const struct drug_movement *last = kit->last_dispensed;
        bool is_overdue =
            last != NULL && last->is_dated && facts->as_of_day - last->day > KIT_RETURN_DAYS;
        return is_overdue ? KIT_OVERDUE : KIT_WITH_SUBJECT;
    }
    if (of[DRUG_DESTROYED] > 0 && kit_in_stock(kit) <= 0) {
        return KIT_DESTROYED;
    }
    if (of[DRUG_QUARANTINED] > 0) {
        return KIT_QUARANTINED;
    }
    return of[DRUG_RETURNED] > 0 ? KIT_RETURNED : KIT_IN_STOCK;
}

static bool is_impossible(const struct kit *kit)
{
    const int64_t *of = kit->quantities;
    return of[DRUG_DISPENSED] > of[DRUG_RECEIVED] || of[DRUG_RETURNED] > of[DRUG_DISPENSED] ||
           of[DRUG_DESTROYED] + of[DRUG_LOST] > of[DRUG_RECEIVED];
}

static void judge_temperatures(struct ctms_facts *ctms)
{
    LIST_EACH(struct drug_temperature, temperature, &ctms->drug_temperatures) {
        temperature->is_excursion =
            ctms->n_temperature_limits == 2 && (temperature->low < ctms->temperature_low ||
                                                   temperature->high > ctms->temperature_high);
    }
}

enum status sources_follow_drug(const struct ctx *ctx, struct audit_facts *facts)
{
    struct ctms_facts *ctms = &facts->ctms;
    uint64_t n_done = 0;
    LIST_EACH(struct drug_movement, movement, &ctms->drug_movements) {
        enum status status = n_done++ % MOVEMENTS_PER_CHECKPOINT == 0
                                 ? ctx_checkpoint(ctx, "drug", n_done, ctms->drug_movements.count)
                                 : STATUS_OK;
        if (status != STATUS_OK) {
            return status;
        }
        if (movement->kind == DRUG_DISPENSED) {
            judge_dispensing(facts, movement);
        }
    }
    LIST_EACH(struct kit, kit, &ctms->kits) {
        kit->state = state_of(facts, kit);
        kit->is_impossible = is_impossible(kit);
    }
    judge_temperatures(ctms);
    return STATUS_OK;
}
