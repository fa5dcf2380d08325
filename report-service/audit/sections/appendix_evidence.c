/* Appendix B: each finding with the rows that support it; from a finding to its rows and back. */
#include <stdio.h>
#include <string.h>

#include "audit/sections/sections.h"

enum {
    EVIDENCE_LISTED_MAX = 25, /* rows of one finding; the section has them all */
    EVIDENCE_CELLS = 4,       /* of a row: enough to know it by */
};

static const struct column EVIDENCE_COLUMNS[] = {
    {"section", WORD_HEAD_SECTION, ALIGN_END, 1},
    {"table", WORD_HEAD_TABLE, ALIGN_START, 4},
    {"first", WORD_HEAD_ROW, ALIGN_START, 3},
    {"second", WORD_HEAD_DETAIL, ALIGN_START, 3},
    {"third", WORD_HEAD_DETAIL, ALIGN_START, 4},
    {"fourth", WORD_HEAD_DETAIL, ALIGN_START, 3},
};

/* Whether the row's last cell, the finding's, names the code: "DEV-01, DEV-02". */
static bool names(const struct table *table, const struct table_row *row, const char *code)
{
    const struct cell *cell = &row->cells[table->n_columns - 1];
    if (cell->kind != CELL_TEXT || cell->anchor == NULL) {
        return false;
    }
    const char *at = strstr(cell->text, code);
    size_t code_len = strlen(code);
    return at != NULL && (at[code_len] == '\0' || at[code_len] == ',');
}

static bool is_evidence(const struct table *table)
{
    return table != NULL && table->n_columns > 1 &&
           strcmp(table->columns[table->n_columns - 1].id, "finding") == 0;
}

struct listing {
    struct section_build *build;
    const struct finding *finding;
    struct table *table;
    int64_t n_rows;
};

static void list_row(struct listing *listing, const struct section *section,
    const struct table *table, struct table_row *row)
{
    if (listing->n_rows++ >= EVIDENCE_LISTED_MAX) {
        return;
    }
    if (row->anchor == NULL) {
        row->anchor = arena_printf(listing->build->report->arena, "evidence-%s-%lld",
            listing->finding->rule_code, (long long)listing->n_rows);
    }
    struct cell *cells = table_add_row(listing->table);
    cells[0] = cell_link(cell_integer(section->number), section->anchor);
    cells[1] = cell_link(cell_word(table->title), row->anchor);
    for (size_t i = 0; i < EVIDENCE_CELLS && i + 1 < table->n_columns; i++) {
        cells[2 + i] = cell_link(row->cells[i], i == 0 ? row->anchor : NULL);
    }
}

static void list_section(struct listing *listing, const struct section *section)
{
    for (const struct block *block = section->first; block != NULL; block = block->next) {
        const struct table *table = block->table;
        if (!is_evidence(table)) {
            continue;
        }
        for (struct table_row *row = table->first; row != NULL; row = row->next) {
            if (names(table, row, listing->finding->rule_code)) {
                list_row(listing, section, table, row);
            }
        }
    }
}

static void add_facts(struct section_build *build, const struct finding *finding)
{
    struct section *section = build->section;
    struct block *facts = section_add_facts(section, finding->rule_code);
    facts_add(section, facts, "code", WORD_HEAD_CODE,
        cell_link(cell_text(finding->rule_code), finding->anchor));
    facts_add(section, facts, "grade", WORD_HEAD_GRADE, cell_word(grade_word(finding->grade)));
    facts_add(section, facts, "area", WORD_HEAD_AREA, cell_word(finding->area));
    facts_add(section, facts, "reference", WORD_HEAD_REFERENCE, cell_text(finding->reference));
    facts_add(section, facts, "evidence", WORD_HEAD_EVIDENCE_ROWS,
        cell_link(cell_integer(finding->n_evidence), finding->evidence_anchor));
}

void section_appendix_evidence(struct section_build *build)
{
    if (build->report->first_finding == NULL) {
        section_add_paragraph(build->section, WORD_NO_FINDINGS, NULL, 0);
        return;
    }
    struct cell listed_max = cell_integer(EVIDENCE_LISTED_MAX);
    section_add_paragraph(build->section, WORD_EVIDENCE_METHOD, &listed_max, 1);
    for (const struct finding *finding = build->report->first_finding; finding != NULL;
         finding = finding->next) {
        section_add_heading(build->section, RULES[rule_index(finding->rule_code)].title);
        section_add_paragraph(
            build->section, finding->statement, finding->arguments, finding->n_arguments);
        add_facts(build, finding);
        struct listing listing = {.build = build, .finding = finding};
        listing.table = section_add_table(build->section,
            arena_printf(build->report->arena, "rows_%s", finding->rule_code), WORD_TABLE_EVIDENCE,
            EVIDENCE_COLUMNS, LENGTH_OF(EVIDENCE_COLUMNS));
        listing.table->when_empty = WORD_EVIDENCE_NO_ROWS;
        for (const struct section *section = build->report->first; section != NULL;
             section = section->next) {
            if (section != build->section) {
                list_section(&listing, section);
            }
        }
        if (listing.n_rows > EVIDENCE_LISTED_MAX) {
            struct cell arguments[] = {
                cell_integer(EVIDENCE_LISTED_MAX), cell_integer(listing.n_rows)};
            section_add_paragraph(build->section, WORD_ROWS_CUT, arguments, LENGTH_OF(arguments));
        }
    }
}
