/* Section 3: whether the corrective action of earlier findings held: is their rule silent now? */
#include "audit/sections/sections.h"

static const struct column EFFECT_COLUMNS[] = {
    {"audit_on", WORD_HEAD_AUDIT, ALIGN_START, 3},
    {"code", WORD_HEAD_CODE, ALIGN_START, 2},
    {"rule", WORD_HEAD_RULE, ALIGN_START, 6},
    {"grade", WORD_HEAD_GRADE, ALIGN_START, 3},
    {"closed_on", WORD_HEAD_CLOSED, ALIGN_START, 3},
    {"effect", WORD_HEAD_EFFECT, ALIGN_START, 5},
    {"now", WORD_HEAD_NOW, ALIGN_START, 3},
};

static struct cell effect_cell(
    const struct section_build *build, const struct previous_finding *finding, size_t rule)
{
    if (rule == N_RULES) {
        return cell_tone(cell_word(WORD_EFFECT_NO_RULE), TONE_MUTED);
    }
    switch (build->outcomes->states[rule]) {
    case RULE_NOT_WANTED:
        return cell_tone(cell_word(WORD_EFFECT_NOT_EXAMINED), TONE_MUTED);
    case RULE_NOT_ASSESSED:
        return cell_not_provided(build->outcomes->lacking[rule]);
    case RULE_PASSED:
        return finding->is_open ? cell_tone(cell_word(WORD_EFFECT_OPEN), TONE_NOTICE)
                                : cell_tone(cell_word(WORD_EFFECT_HELD), TONE_GOOD);
    case RULE_FIRED:
        return cell_tone(cell_word(WORD_EFFECT_REPEATED), TONE_ALARM);
    }
    return cell_none();
}

/* The finding of this report that repeats it. */
static struct cell now_cell(const struct section_build *build, size_t rule)
{
    const struct finding *finding = rule < N_RULES ? build->outcomes->by_rule[rule] : NULL;
    if (finding == NULL) {
        return cell_none();
    }
    return cell_link(cell_word(grade_word(finding->grade)), finding->anchor);
}

bool section_is_repeated(const struct section_build *build, const struct previous_finding *finding)
{
    size_t rule = rule_index(finding->rule_code);
    return rule < N_RULES && build->outcomes->states[rule] == RULE_FIRED;
}

void section_add_effectiveness(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (!facts_has(&ctms->base, "finding", "rule_code") || ctms->findings.count == 0) {
        return;
    }
    struct table *table = section_add_table(build->section, "capa_effectiveness",
        WORD_TABLE_EFFECTIVENESS, EFFECT_COLUMNS, LENGTH_OF(EFFECT_COLUMNS));
    LIST_EACH(const struct previous_finding, finding, &ctms->findings) {
        size_t rule = rule_index(finding->rule_code);
        struct cell *cells = table_add_row(table);
        cells[0] = cell_date(finding->audit_on);
        cells[1] = cell_text(finding->rule_code);
        cells[2] = rule == N_RULES ? cell_none() : cell_word(RULES[rule].title);
        cells[3] = cell_code(VOCABULARY_GRADE, finding->grade);
        cells[4] = finding->is_open ? cell_word(WORD_OPEN) : cell_date(finding->closed_on);
        cells[5] = effect_cell(build, finding, rule);
        cells[6] = now_cell(build, rule);
    }
}
