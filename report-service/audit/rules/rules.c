#include "audit/rules/rules.h"

#include <string.h>

#include "ctx/checkpoint.h"

bool grade_parse(const char *text, enum grade *ret_grade)
{
    for (int i = 0; text != NULL && i < GRADE_COUNT; i++) {
        if (strcmp(text, word_id(grade_word((enum grade)i))) == 0) {
            *ret_grade = (enum grade)i;
            return true;
        }
    }
    return false;
}

size_t rule_index(const char *code)
{
    size_t index = 0;
    while (code != NULL && index < N_RULES && strcmp(RULES[index].code, code) != 0) {
        index++;
    }
    return code == NULL ? N_RULES : index;
}

void verdict_argue(struct verdict *verdict, struct cell argument)
{
    if (verdict->n_arguments < PARAGRAPH_ARGUMENTS_MAX) {
        verdict->arguments[verdict->n_arguments++] = argument;
    }
}

void verdict_fire(struct verdict *verdict, int64_t n_evidence)
{
    verdict_fire_as(verdict, false, n_evidence);
}

void verdict_fire_as(struct verdict *verdict, bool is_grave, int64_t n_evidence)
{
    verdict->is_fired = true;
    verdict->is_grave = is_grave;
    verdict->n_evidence = n_evidence;
}

/* The source that lacks something the rule needs; NULL when it can be assessed. */
static const char *lacking_source(const struct audit_facts *facts, const struct rule *rule)
{
    for (size_t i = 0; i < RULE_NEEDS_MAX && rule->needs[i].source != NULL; i++) {
        const struct rule_need *need = &rule->needs[i];
        if (!facts_has(facts_source(facts, need->source), need->table, need->column)) {
            return need->source;
        }
    }
    return NULL;
}

static void judge(struct audit_facts *facts, size_t index, struct verdict *verdict,
    struct rule_outcomes *outcomes)
{
    const struct rule *rule = &RULES[index];
    if (!facts_wants(facts, rule->section)) {
        outcomes->states[index] = RULE_NOT_WANTED;
        return;
    }
    outcomes->lacking[index] = lacking_source(facts, rule);
    if (outcomes->lacking[index] != NULL) {
        outcomes->states[index] = RULE_NOT_ASSESSED;
        return;
    }
    struct rule_run run = {.facts = facts, .mark = rule_mask_of(index), .fired = outcomes->fired};
    rule->function(&run, verdict);
    outcomes->states[index] = verdict->is_fired ? RULE_FIRED : RULE_PASSED;
    outcomes->rule_grades[index] = verdict->is_grave ? rule->grave : rule->grade;
    outcomes->fired |= verdict->is_fired ? run.mark : 0;
}

/* A person may have regraded the finding; the report shows both grades (section 1). */
static enum grade grade_in_force(
    const struct audit_facts *facts, const struct rule *rule, enum grade grade)
{
    LIST_EACH(const struct regrade, regrade, &facts->ctms.regrades) {
        enum grade new_grade;
        if (strcmp(regrade->rule_code, rule->code) == 0 &&
            grade_parse(regrade->new_grade, &new_grade)) {
            grade = new_grade; /* they come in order of time: the last one holds */
        }
    }
    return grade;
}

static struct finding *add_finding(
    struct report *report, const struct rule *rule, const struct verdict *verdict, enum grade grade)
{
    struct finding *finding = report_add_finding(report, rule->code, grade);
    finding->area = rule->area;
    finding->statement = rule->statement;
    memcpy(finding->arguments, verdict->arguments, sizeof(finding->arguments));
    finding->n_arguments = verdict->n_arguments;
    finding->reference = rule->reference;
    finding->section_number = rule->section;
    finding->n_evidence = verdict->n_evidence;
    return finding;
}

enum status rules_apply(const struct ctx *ctx, struct audit_facts *facts, struct report *report,
    struct rule_outcomes *ret_outcomes)
{
    struct verdict verdicts[RULES_MAX] = {0};
    *ret_outcomes = (struct rule_outcomes){0};
    for (size_t i = 0; i < N_RULES; i++) {
        enum status status = ctx_checkpoint(ctx, "rules", i, N_RULES);
        if (status != STATUS_OK) {
            return status;
        }
        judge(facts, i, &verdicts[i], ret_outcomes);
    }
    for (int grade = 0; grade < GRADE_COUNT; grade++) {
        for (size_t i = 0; i < N_RULES; i++) {
            if (verdicts[i].is_fired && grade_in_force(facts, &RULES[i],
                                            ret_outcomes->rule_grades[i]) == (enum grade)grade) {
                ret_outcomes->by_rule[i] =
                    add_finding(report, &RULES[i], &verdicts[i], (enum grade)grade);
            }
        }
    }
    return STATUS_OK;
}
