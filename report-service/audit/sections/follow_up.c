/* Section 3: findings of earlier audits and their CAPA, action items, monitoring visits. */
#include "audit/sections/sections.h"

static const struct column FINDING_COLUMNS[] = {
    {"audit", WORD_HEAD_AUDIT, ALIGN_START, 2},
    {"audit_on", WORD_HEAD_DATE, ALIGN_START, 3},
    {"code", WORD_HEAD_CODE, ALIGN_START, 2},
    {"grade", WORD_HEAD_GRADE, ALIGN_START, 3},
    {"area", WORD_HEAD_AREA, ALIGN_START, 3},
    {"statement", WORD_HEAD_STATEMENT, ALIGN_START, 7},
    {"capa_due_on", WORD_HEAD_CAPA_DUE, ALIGN_START, 3},
    {"closed_on", WORD_HEAD_CLOSED, ALIGN_START, 3},
    {"overdue_days", WORD_HEAD_OVERDUE_DAYS, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column ACTION_COLUMNS[] = {
    {"category", WORD_HEAD_CATEGORY, ALIGN_START, 3},
    {"severity", WORD_HEAD_SEVERITY, ALIGN_START, 3},
    {"text", WORD_HEAD_ACTION, ALIGN_START, 7},
    {"owner", WORD_HEAD_OWNER, ALIGN_START, 3},
    {"opened_on", WORD_HEAD_OPENED, ALIGN_START, 3},
    {"due_on", WORD_HEAD_DUE, ALIGN_START, 3},
    {"overdue_days", WORD_HEAD_OVERDUE_DAYS, ALIGN_END, 2},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static const struct column VISIT_COLUMNS[] = {
    {"kind", WORD_HEAD_KIND, ALIGN_START, 3},
    {"planned_on", WORD_HEAD_PLANNED, ALIGN_START, 3},
    {"start_on", WORD_HEAD_DONE, ALIGN_START, 3},
    {"monitor", WORD_HEAD_MONITOR, ALIGN_START, 3},
    {"report_due_on", WORD_HEAD_REPORT_DUE, ALIGN_START, 3},
    {"report_done_on", WORD_HEAD_REPORT_DONE, ALIGN_START, 3},
    {"finding", WORD_HEAD_FINDING, ALIGN_START, 2},
};

static struct cell overdue_cell(int64_t days)
{
    return days > 0 ? cell_tone(cell_integer(days), TONE_WARNING) : cell_none();
}

static void add_findings(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (section_lacks(build, &ctms->base, "finding", NULL, WORD_PREVIOUS_FINDINGS)) {
        return;
    }
    struct table *table = section_add_table(build->section, "previous_findings",
        WORD_PREVIOUS_FINDINGS, FINDING_COLUMNS, LENGTH_OF(FINDING_COLUMNS));
    LIST_EACH(const struct previous_finding, finding, &ctms->findings) {
        struct cell *cells = section_add_evidence_row(build, table, finding->marks);
        cells[0] = finding->audit_no == 0 ? cell_none() : cell_integer(finding->audit_no);
        cells[1] = cell_date(finding->audit_on);
        cells[2] = cell_text(finding->rule_code);
        cells[3] = cell_code(VOCABULARY_GRADE, finding->grade);
        cells[4] = cell_code(VOCABULARY_AREA, finding->area);
        cells[5] = cell_text(finding->statement);
        cells[6] = cell_date(finding->capa_due_on);
        cells[7] = finding->is_open ? cell_word(WORD_OPEN) : cell_date(finding->closed_on);
        cells[8] = overdue_cell(finding->overdue_days);
    }
}

/* Open items only: what was closed in time is no concern of an audit. */
static void add_actions(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (section_lacks(build, &ctms->base, "action_item", NULL, WORD_ACTION_ITEMS)) {
        return;
    }
    struct table *table = section_add_table(build->section, "open_actions", WORD_TABLE_OPEN_ACTIONS,
        ACTION_COLUMNS, LENGTH_OF(ACTION_COLUMNS));
    LIST_EACH(const struct action_item, item, &ctms->action_items) {
        if (!item->is_open) {
            continue;
        }
        struct cell *cells = section_add_evidence_row(build, table, item->marks);
        cells[0] = cell_code(VOCABULARY_ACTION, item->category);
        cells[1] = cell_code(VOCABULARY_GRADE, item->severity);
        cells[2] = cell_text(item->text);
        cells[3] = cell_text(item->owner);
        cells[4] = cell_date(item->opened_on);
        cells[5] = cell_date(item->due_on);
        cells[6] = overdue_cell(item->overdue_days);
    }
}

static void add_ageing(struct section_build *build)
{
    int64_t counts[AGE_CLASSES] = {0};
    int64_t n_overdue = 0;
    LIST_EACH(const struct action_item, item, &build->facts->ctms.action_items) {
        if (item->overdue_days > 0) {
            counts[age_class(item->overdue_days)]++;
            n_overdue++;
        }
    }
    LIST_EACH(const struct previous_finding, finding, &build->facts->ctms.findings) {
        if (finding->overdue_days > 0) {
            counts[age_class(finding->overdue_days)]++;
            n_overdue++;
        }
    }
    if (n_overdue > 0) {
        section_add_bars(build, "overdue_ageing", WORD_CHART_OVERDUE, WORD_OVERDUE_BY,
            AGE_CLASS_WORDS, counts, AGE_CLASSES);
    }
}

static void add_visits(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    if (section_lacks(build, &ctms->base, "visit", NULL, WORD_MONITORING_VISITS)) {
        return;
    }
    struct table *table = section_add_table(build->section, "monitoring_visits",
        WORD_MONITORING_VISITS, VISIT_COLUMNS, LENGTH_OF(VISIT_COLUMNS));
    LIST_EACH(const struct monitoring_visit, visit, &ctms->visits) {
        struct cell *cells = section_add_evidence_row(build, table, visit->marks);
        cells[0] = cell_code(VOCABULARY_VISIT, visit->kind);
        cells[1] = cell_date(visit->planned_on);
        cells[2] = cell_date(visit->start_on);
        cells[3] = cell_text(visit->monitor);
        cells[4] = cell_date(visit->report_due_on);
        cells[5] = cell_date(visit->report_done_on);
    }
}

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_facts(struct section_build *build)
{
    const struct ctms_facts *ctms = &build->facts->ctms;
    const struct source_facts *base = &ctms->base;
    int64_t n_open = 0;
    int64_t n_overdue = 0;
    int64_t n_repeated = 0;
    int64_t n_actions = 0;
    int64_t n_overdue_actions = 0;
    int64_t longest = 0;
    LIST_EACH(const struct previous_finding, finding, &ctms->findings) {
        n_open += finding->is_open;
        n_overdue += finding->overdue_days > 0;
        n_repeated += section_is_repeated(build, finding);
        longest = longer(longest, finding->overdue_days);
    }
    LIST_EACH(const struct action_item, item, &ctms->action_items) {
        n_actions += item->is_open;
        n_overdue_actions += item->overdue_days > 0;
        longest = longer(longest, item->overdue_days);
    }
    struct section *section = build->section;
    struct block *facts = section_add_facts(section, "follow_up");
    facts_add(section, facts, "findings", WORD_PREVIOUS_FINDINGS,
        section_cell(base, "finding", NULL, cell_integer((int64_t)ctms->findings.count)));
    facts_add(section, facts, "open", WORD_OPEN_FINDINGS,
        section_cell(base, "finding", "closed_on", cell_integer(n_open)));
    facts_add(section, facts, "overdue", WORD_OVERDUE_CAPAS,
        section_cell(base, "finding", "capa_due_on", cell_integer(n_overdue)));
    facts_add(section, facts, "repeated", WORD_REPEAT_FINDINGS,
        section_cell(base, "finding", "rule_code", cell_integer(n_repeated)));
    facts_add(section, facts, "actions", WORD_OPEN_ACTIONS,
        section_cell(base, "action_item", NULL, cell_integer(n_actions)));
    facts_add(section, facts, "overdue_actions", WORD_OVERDUE_ACTIONS,
        section_cell(base, "action_item", "due_on", cell_integer(n_overdue_actions)));
    facts_add(section, facts, "longest", WORD_OLDEST_OVERDUE,
        longest > 0 ? cell_integer(longest) : cell_none());
}

void section_follow_up(struct section_build *build)
{
    add_facts(build);
    add_findings(build);
    section_add_effectiveness(build);
    section_add_regrade_history(build);
    add_actions(build);
    add_ageing(build);
    add_visits(build);
}
