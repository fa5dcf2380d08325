/* Section 13: study drug: the balance, kit by kit, who got what, and how it was kept. The charts
 * are in drug_charts.c. */
#include <string.h>

#include "audit/sections/drug.h"
#include "audit/sources/drug_course.h"

static const struct column LOT_COLUMNS[] = {
    {"lot", WORD_HEAD_LOT, ALIGN_START, 3},
    {"expires_on", WORD_HEAD_KIT_EXPIRES, ALIGN_START, 3},
    {"kits", WORD_HEAD_KITS, ALIGN_END, 2},
    {"received", WORD_RECEIVED, ALIGN_END, 2},
    {"dispensed", WORD_DISPENSED, ALIGN_END, 2},
    {"returned", WORD_RETURNED, ALIGN_END, 2},
    {"destroyed", WORD_DESTROYED, ALIGN_END, 2},
    {"lost", WORD_LOST, ALIGN_END, 2},
    {"in_stock", WORD_IN_STOCK, ALIGN_END, 2},
    {"with_subjects", WORD_WITH_SUBJECTS, ALIGN_END, 2},
};

static const struct column SUBJECT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"rand_no", WORD_HEAD_RAND_NO, ALIGN_START, 3},
    {"arm", WORD_HEAD_ARM, ALIGN_START, 3},
    {"dispensed", WORD_DISPENSED, ALIGN_END, 2},
    {"returned", WORD_RETURNED, ALIGN_END, 2},
    {"first_on", WORD_HEAD_FIRST_DISPENSED, ALIGN_START, 3},
    {"last_on", WORD_HEAD_LAST_DISPENSED, ALIGN_START, 3},
};

static const struct column KIT_COLUMNS[] = {
    {"kit", WORD_HEAD_KIT, ALIGN_START, 3},
    {"lot", WORD_HEAD_LOT, ALIGN_START, 2},
    {"expires_on", WORD_HEAD_KIT_EXPIRES, ALIGN_START, 4},
    {"received_on", WORD_RECEIVED, ALIGN_START, 3},
    {"dispensed_on", WORD_DISPENSED, ALIGN_START, 3},
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"returned_on", WORD_RETURNED, ALIGN_START, 3},
    {"state", WORD_HEAD_STATUS, ALIGN_START, 4},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column TEMPERATURE_COLUMNS[] = {
    {"on_date", WORD_HEAD_DATE, ALIGN_START, 3},
    {"kind", WORD_HEAD_KIND, ALIGN_START, 3},
    {"low", WORD_HEAD_LOWEST, ALIGN_END, 2},
    {"high", WORD_HEAD_HIGHEST, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

/* Treatment data: what it is, that it is there, or nothing. */
static struct cell treatment_cell(
    const struct section_build *build, bool is_there, const char *text)
{
    if (!is_there) {
        return cell_none();
    }
    return build->facts->is_unblinded ? cell_text(text) : cell_blinded();
}

static void add_facts(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    struct section *section = build->section;
    int64_t of[DRUG_MOVEMENT_KINDS] = {0};
    int64_t in_stock = 0;
    int64_t with_subjects = 0;
    int64_t n_unaccounted = 0;
    LIST_EACH(const struct kit, kit, &ctms->kits) {
        for (int kind = 0; kind < DRUG_MOVEMENT_KINDS; kind++) {
            of[kind] += kit->quantities[kind];
        }
        in_stock += kit_in_stock(kit);
        with_subjects += kit_with_subjects(kit);
        n_unaccounted += kit->state == KIT_LOST || kit->state == KIT_OVERDUE;
    }
    struct block *facts = section_add_facts(section, "drug");
    facts_add(section, facts, "kits", WORD_HEAD_KITS, cell_integer((int64_t)ctms->kits.count));
    facts_add(section, facts, "received", WORD_RECEIVED, cell_integer(of[DRUG_RECEIVED]));
    facts_add(section, facts, "dispensed", WORD_DISPENSED, cell_integer(of[DRUG_DISPENSED]));
    facts_add(section, facts, "returned", WORD_RETURNED, cell_integer(of[DRUG_RETURNED]));
    facts_add(section, facts, "destroyed", WORD_DESTROYED, cell_integer(of[DRUG_DESTROYED]));
    facts_add(section, facts, "lost", WORD_LOST, cell_integer(of[DRUG_LOST]));
    facts_add(section, facts, "in_stock", WORD_IN_STOCK, cell_integer(in_stock));
    facts_add(section, facts, "with_subjects", WORD_WITH_SUBJECTS, cell_integer(with_subjects));
    facts_add(section, facts, "unaccounted", WORD_KITS_UNACCOUNTED,
        cell_tone(cell_integer(n_unaccounted), n_unaccounted > 0 ? TONE_WARNING : TONE_PLAIN));
    facts_add(section, facts, "allowed_low", WORD_ALLOWED_FROM,
        section_cell(&ctms->base, "ip_txn", "temp_max", cell_number(ctms->temperature_low, 1)));
    facts_add(section, facts, "allowed_high", WORD_ALLOWED_TO,
        section_cell(&ctms->base, "ip_txn", "temp_max", cell_number(ctms->temperature_high, 1)));
}

static bool is_same_lot(const struct kit *a, const struct kit *b)
{
    return a->lot == b->lot || (a->lot != NULL && b->lot != NULL && strcmp(a->lot, b->lot) == 0);
}

/* Whether a kit before this one in the list has its lot. */
static bool is_lot_known(const struct list *kits, const struct kit *kit)
{
    const struct kit *other = (const struct kit *)kits->first;
    while (other != kit && !is_same_lot(other, kit)) {
        other = (const struct kit *)other->node.next;
    }
    return other != kit;
}

static void add_lot(struct section_build *build, struct table *table, const struct kit *first)
{
    static const enum drug_movement_kind KINDS[] = {
        DRUG_RECEIVED, DRUG_DISPENSED, DRUG_RETURNED, DRUG_DESTROYED, DRUG_LOST};
    struct cell *cells = table_add_row(table);
    int64_t n_kits = 0;
    int64_t of[DRUG_MOVEMENT_KINDS] = {0};
    int64_t in_stock = 0;
    int64_t with_subjects = 0;
    LIST_EACH(const struct kit, kit, &build->facts->ctms.kits) {
        if (!is_same_lot(first, kit)) {
            continue;
        }
        for (int kind = 0; kind < DRUG_MOVEMENT_KINDS; kind++) {
            of[kind] += kit->quantities[kind];
        }
        n_kits++;
        in_stock += kit_in_stock(kit);
        with_subjects += kit_with_subjects(kit);
    }
    cells[0] = treatment_cell(build, true, first->lot);
    cells[1] = build->facts->is_unblinded ? cell_date(first->expires_on) : cell_blinded();
    cells[2] = cell_integer(n_kits);
    for (size_t i = 0; i < LENGTH_OF(KINDS); i++) {
        cells[3 + i] = cell_integer(of[KINDS[i]]);
    }
    cells[8] = cell_tone(cell_integer(in_stock), in_stock < 0 ? TONE_ALARM : TONE_PLAIN);
    cells[9] = cell_integer(with_subjects);
}

/* In a blinded report all lots are one row: which subjects share a lot, or an expiry that only one
 * lot has, may tell who has the same treatment. */
static void add_lots(struct section_build *build)
{
    const struct list *kits = &build->facts->ctms.kits;
    struct table *table = section_add_table(
        build->section, "lots", WORD_TABLE_LOTS, LOT_COLUMNS, LENGTH_OF(LOT_COLUMNS));
    LIST_EACH(const struct kit, kit, kits) {
        if (!is_lot_known(kits, kit)) {
            add_lot(build, table, kit);
        }
    }
}

static void add_subjects(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    struct table *table = section_add_table(build->section, "treatments", WORD_TABLE_TREATMENTS,
        SUBJECT_COLUMNS, LENGTH_OF(SUBJECT_COLUMNS));
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        const struct drug_movement *first = NULL;
        const struct drug_movement *last = NULL;
        int64_t n_dispensed = 0;
        int64_t n_returned = 0;
        if (!subject->is_enrolled) {
            continue;
        }
        LIST_EACH(const struct drug_movement, movement, &facts->ctms.drug_movements) {
            if (movement->subject_no == NULL ||
                strcmp(movement->subject_no, subject->subject_no) != 0) {
                continue;
            }
            n_returned += movement->kind == DRUG_RETURNED ? movement->quantity : 0;
            if (movement->kind == DRUG_DISPENSED) {
                n_dispensed += movement->quantity;
                first = first == NULL || movement->day < first->day ? movement : first;
                last = last == NULL || movement->day > last->day ? movement : last;
            }
        }
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(subject->subject_no);
        cells[1] = section_cell(
            &facts->edc.base, "subject", "rand_no", treatment_cell(build, true, subject->rand_no));
        cells[2] = section_cell(
            &facts->edc.base, "subject", "arm", treatment_cell(build, true, subject->arm));
        cells[3] = cell_integer(n_dispensed);
        cells[4] = cell_integer(n_returned);
        cells[5] = cell_date(first == NULL ? NULL : first->on_date);
        cells[6] = cell_date(last == NULL ? NULL : last->on_date);
    }
}

static struct cell state_cell(const struct kit *kit)
{
    static const struct {
        enum word word;
        enum tone tone;
    } STATES[] = {
        [KIT_IN_STOCK] = {WORD_IN_STOCK, TONE_PLAIN},
        [KIT_WITH_SUBJECT] = {WORD_WITH_SUBJECT, TONE_PLAIN},
        [KIT_RETURNED] = {WORD_RETURNED, TONE_GOOD},
        [KIT_DESTROYED] = {WORD_DESTROYED, TONE_GOOD},
        [KIT_QUARANTINED] = {WORD_QUARANTINED, TONE_NOTICE},
        [KIT_LOST] = {WORD_LOST, TONE_WARNING},
        [KIT_OVERDUE] = {WORD_NOT_RETURNED, TONE_WARNING},
    };
    static const enum word BREACHES[] = {
        [KIT_BREACH_NONE] = WORD_NONE,
        [KIT_BREACH_UNKNOWN] = WORD_TO_UNKNOWN_SUBJECT,
        [KIT_BREACH_NOT_ENROLLED] = WORD_TO_SUBJECT_NOT_ENROLLED,
        [KIT_BREACH_LEFT] = WORD_TO_SUBJECT_LEFT,
    };
    if (kit->is_impossible) {
        return cell_tone(cell_word(WORD_BALANCE_IMPOSSIBLE), TONE_WARNING);
    }
    if (kit->expired != NULL) {
        return cell_tone(cell_word(WORD_DISPENSED_EXPIRED), TONE_ALARM);
    }
    if (kit->breach != KIT_BREACH_NONE) {
        return cell_tone(cell_word(BREACHES[kit->breach]), TONE_WARNING);
    }
    return cell_tone(cell_word(STATES[kit->state].word), STATES[kit->state].tone);
}

static const char *date_of(const struct drug_movement *movement)
{
    return movement == NULL ? NULL : movement->on_date;
}

static void add_kits(struct section_build *build)
{
    struct table *table = section_add_table(
        build->section, "kits", WORD_TABLE_KITS, KIT_COLUMNS, LENGTH_OF(KIT_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct kit, kit, &build->facts->ctms.kits) {
        if (n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        /* The dispensing that matters: the one past its expiry, else the last. */
        const struct drug_movement *dispensed =
            kit->expired != NULL ? kit->expired : kit->last_dispensed;
        const char *expires_on = kit->expired == NULL || kit->expired->expires_on == NULL
                                     ? kit->expires_on
                                     : kit->expired->expires_on;
        bool may_see_expiry = build->facts->is_unblinded || kit->expired != NULL;
        struct cell *cells = section_add_evidence_row(build, table, kit->marks);
        cells[0] = treatment_cell(build, true, kit->number);
        cells[1] = treatment_cell(build, true, kit->lot);
        cells[2] = may_see_expiry ? cell_date(expires_on) : cell_blinded();
        cells[3] = cell_date(date_of(kit->first[DRUG_RECEIVED]));
        cells[4] = cell_date(date_of(dispensed));
        cells[5] = cell_text(dispensed == NULL ? NULL : dispensed->subject_no);
        cells[6] = cell_date(date_of(kit->first[DRUG_RETURNED]));
        cells[7] = state_cell(kit);
    }
    section_say_cut(build, n_rows);
}

static void add_temperatures(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (section_lacks(build, &ctms->base, "ip_txn", "temp_max", WORD_TABLE_TEMPERATURES)) {
        return;
    }
    drug_add_temperature_chart(build);
    struct table *table = section_add_table(build->section, "temperatures", WORD_TABLE_TEMPERATURES,
        TEMPERATURE_COLUMNS, LENGTH_OF(TEMPERATURE_COLUMNS));
    LIST_EACH(const struct drug_temperature, temperature, &ctms->drug_temperatures) {
        /* Shipments in range are many, and say nothing: they are in the count of the finding. */
        if (!temperature->is_storage && !temperature->is_excursion) {
            continue;
        }
        bool is_low = temperature->low < ctms->temperature_low;
        bool is_high = temperature->high > ctms->temperature_high;
        struct cell *cells = section_add_evidence_row(build, table, temperature->marks);
        cells[0] = cell_date(temperature->on_date);
        cells[1] = cell_word(temperature->is_storage ? WORD_STORAGE : WORD_SHIPMENT);
        cells[2] = cell_tone(cell_number(temperature->low, 1), is_low ? TONE_WARNING : TONE_PLAIN);
        cells[3] =
            cell_tone(cell_number(temperature->high, 1), is_high ? TONE_WARNING : TONE_PLAIN);
    }
}

void section_drug(struct section_build *build)
{
    if (section_lacks(build, &build->facts->ctms.base, "ip_txn", NULL, WORD_STUDY_DRUG)) {
        return;
    }
    add_facts(build);
    drug_add_balance_chart(build);
    add_lots(build);
    add_temperatures(build);
    add_subjects(build);
    add_kits(build);
}
