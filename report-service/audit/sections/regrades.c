/* What persons graded otherwise than the rules: both grades, who, when and why. */
#include <string.h>

#include "audit/sections/sections.h"

static const struct column REGRADE_COLUMNS[] = {
    {"code", WORD_HEAD_CODE, ALIGN_START, 2},
    {"rule_grade", WORD_HEAD_RULE_GRADE, ALIGN_START, 3},
    {"new_grade", WORD_HEAD_NEW_GRADE, ALIGN_START, 3},
    {"regraded_by", WORD_HEAD_REGRADED_BY, ALIGN_START, 3},
    {"regraded_at", WORD_HEAD_REGRADED_AT, ALIGN_START, 3},
    {"reason", WORD_HEAD_REASON, ALIGN_START, 6},
};

static const struct column HISTORY_COLUMNS[] = {
    {"code", WORD_HEAD_CODE, ALIGN_START, 2},
    {"old_grade", WORD_HEAD_OLD_GRADE, ALIGN_START, 3},
    {"new_grade", WORD_HEAD_NEW_GRADE, ALIGN_START, 3},
    {"regraded_by", WORD_HEAD_REGRADED_BY, ALIGN_START, 3},
    {"regraded_at", WORD_HEAD_REGRADED_AT, ALIGN_START, 3},
    {"reason", WORD_HEAD_REASON, ALIGN_START, 5},
    {"state", WORD_HEAD_STATUS, ALIGN_START, 3},
};

static const struct finding *finding_of(const struct section_build *build, size_t rule)
{
    return rule < N_RULES ? build->outcomes->by_rule[rule] : NULL;
}

/* Whether a later row regrades the same finding. */
static bool is_superseded(const struct regrade *regrade)
{
    for (const struct regrade *later = (const struct regrade *)regrade->node.next; later != NULL;
         later = (const struct regrade *)later->node.next) {
        if (strcmp(later->rule_code, regrade->rule_code) == 0) {
            return true;
        }
    }
    return false;
}

static struct cell old_grade_cell(
    const struct section_build *build, const struct regrade *regrade, size_t rule)
{
    bool is_first = regrade->old_grade == NULL || strcmp(regrade->old_grade, REGRADE_BY_RULE) == 0;
    if (!is_first) {
        return cell_code(VOCABULARY_GRADE, regrade->old_grade);
    }
    return finding_of(build, rule) == NULL
               ? cell_word(WORD_GRADE_BY_RULE)
               : cell_word(grade_word(build->outcomes->rule_grades[rule]));
}

static struct cell state_cell(
    const struct section_build *build, const struct regrade *regrade, size_t rule)
{
    if (finding_of(build, rule) == NULL) {
        return cell_tone(cell_word(WORD_REGRADE_NO_FINDING), TONE_MUTED);
    }
    return is_superseded(regrade) ? cell_tone(cell_word(WORD_REGRADE_SUPERSEDED), TONE_MUTED)
                                  : cell_tone(cell_word(WORD_REGRADE_IN_FORCE), TONE_GOOD);
}

void section_add_regrades(struct section_build *build)
{
    struct table *table = NULL;
    LIST_EACH(const struct regrade, regrade, &build->facts->ctms.regrades) {
        size_t rule = rule_index(regrade->rule_code);
        const struct finding *finding = finding_of(build, rule);
        if (finding == NULL) {
            continue;
        }
        if (table == NULL) {
            table = section_add_table(build->section, "regrades", WORD_TABLE_REGRADES,
                REGRADE_COLUMNS, LENGTH_OF(REGRADE_COLUMNS));
        }
        struct cell *cells = table_add_row(table);
        cells[0] = cell_link(cell_text(finding->rule_code), finding->anchor);
        cells[1] = cell_word(grade_word(build->outcomes->rule_grades[rule]));
        cells[2] = cell_code(VOCABULARY_GRADE, regrade->new_grade);
        cells[3] = cell_text(regrade->regraded_by);
        cells[4] = cell_instant(regrade->regraded_at);
        cells[5] = cell_text(regrade->reason);
    }
}

void section_add_regrade_history(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    struct table *table = section_add_table(build->section, "regrade_history",
        WORD_TABLE_REGRADE_HISTORY, HISTORY_COLUMNS, LENGTH_OF(HISTORY_COLUMNS));
    table->when_empty = WORD_NO_REGRADES;
    LIST_EACH(const struct regrade, regrade, &ctms->regrades) {
        size_t rule = rule_index(regrade->rule_code);
        const struct finding *finding = finding_of(build, rule);
        struct cell *cells = table_add_row(table);
        cells[0] =
            cell_link(cell_text(regrade->rule_code), finding == NULL ? NULL : finding->anchor);
        cells[1] = old_grade_cell(build, regrade, rule);
        cells[2] = cell_code(VOCABULARY_GRADE, regrade->new_grade);
        cells[3] = cell_text(regrade->regraded_by);
        cells[4] = cell_instant(regrade->regraded_at);
        cells[5] = cell_text(regrade->reason);
        cells[6] = state_cell(build, regrade, rule);
    }
}
