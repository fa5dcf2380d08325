#include "audit/sections/sections.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctx/checkpoint.h"
#include "obs/log.h"
#include "obs/span.h"

const struct section_definition SECTIONS[] = {
    {1, "summary", WORD_SECTION_SUMMARY, section_summary},
    {2, "scope", WORD_SECTION_SCOPE, section_scope},
    {3, "follow_up", WORD_SECTION_FOLLOW_UP, section_follow_up},
    {4, "enrolment", WORD_SECTION_ENROLMENT, section_enrolment},
    {5, "indicators", WORD_SECTION_INDICATORS, section_indicators},
    {6, "consent", WORD_SECTION_CONSENT, section_consent},
    {7, "eligibility", WORD_SECTION_ELIGIBILITY, section_eligibility},
    {8, "deviations", WORD_SECTION_DEVIATIONS, section_deviations},
    {9, "safety", WORD_SECTION_SAFETY, section_safety},
    {10, "data_quality", WORD_SECTION_QUALITY, section_quality},
    {11, "verification", WORD_SECTION_VERIFICATION, section_verification},
    {12, "audit_trail", WORD_SECTION_TRAIL, section_trail},
    {13, "drug", WORD_SECTION_DRUG, section_drug},
    {14, "staff", WORD_SECTION_STAFF, section_staff},
    {15, "documents", WORD_SECTION_DOCUMENTS, section_documents},
    {16, "outcomes", WORD_SECTION_OUTCOMES, section_outcomes},
    {17, "appendix_subjects", WORD_SECTION_APPENDIX_SUBJECTS, section_appendix_subjects},
    {18, "appendix_evidence", WORD_SECTION_APPENDIX_EVIDENCE, section_appendix_evidence},
    {19, "appendix_indicators", WORD_SECTION_APPENDIX_INDICATORS, section_appendix_indicators},
    {20, "appendix_glossary", WORD_SECTION_APPENDIX_GLOSSARY, section_appendix_glossary},
};
const size_t N_SECTIONS = LENGTH_OF(SECTIONS);

const enum word AGE_CLASS_WORDS[AGE_CLASSES] = {
    WORD_AGE_WEEK, WORD_AGE_MONTH, WORD_AGE_QUARTER, WORD_AGE_LONGER};

static enum status build_one(const struct ctx *ctx, const struct section_definition *definition,
    size_t index, struct section_build *build)
{
    ctx_note_section(ctx, definition->id);
    enum status status = ctx_checkpoint(ctx, "sections", index, N_SECTIONS);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t started_at_ns = clock_now_ns();
    definition->build(build);
    span_add(ctx, "section", SPAN_INTERNAL, started_at_ns, STATUS_OK,
        &(struct span_facts){.text_key = SPAN_WORD, .text = definition->id});
    LOG_DEBUG("report.section", ctx, log_str("section", definition->id),
        log_ms("elapsed_ms", clock_now_ns() - started_at_ns));
    return STATUS_OK;
}

/* In which order sections are built, which is not that in which they stand: the summary's links
 * lead to rows of the others, and the appendix of evidence lists the rows of them all. */
static size_t building_place(const struct section_definition *definition)
{
    if (definition->build == section_appendix_evidence) {
        return 0;
    }
    return definition->build == section_summary ? 1 : 2;
}

static enum status build_place(const struct ctx *ctx, struct section_build *build,
    struct section *const *sections, size_t place, size_t *n_built)
{
    for (size_t i = N_SECTIONS; i-- > 0;) {
        if (sections[i] == NULL || building_place(&SECTIONS[i]) != place) {
            continue;
        }
        build->section = sections[i];
        enum status status = build_one(ctx, &SECTIONS[i], (*n_built)++, build);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status sections_build(const struct ctx *ctx, const struct audit_facts *facts,
    const struct rule_outcomes *outcomes, struct report *report)
{
    enum { PLACES = 3 };
    struct section *sections[LENGTH_OF(SECTIONS)] = {0};
    for (size_t i = 0; i < N_SECTIONS; i++) {
        if (facts_wants(facts, SECTIONS[i].number)) {
            sections[i] =
                report_add_section(report, SECTIONS[i].number, SECTIONS[i].id, SECTIONS[i].title);
        }
    }
    struct section_build build = {.facts = facts, .outcomes = outcomes, .report = report};
    size_t n_built = 0;
    for (size_t place = PLACES; place-- > 0;) {
        enum status status = build_place(ctx, &build, sections, place, &n_built);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

_Static_assert(APPENDIX_LAST < 32, "a section needs a bit of its own in the mask");

bool section_lacks(struct section_build *build, const struct source_facts *source,
    const char *table, const char *column, enum word what)
{
    if (facts_has(source, table, column)) {
        return false;
    }
    section_add_not_provided(build->section, what, source->source);
    return true;
}

struct cell section_cell(
    const struct source_facts *source, const char *table, const char *column, struct cell cell)
{
    return facts_has(source, table, column) ? cell : cell_not_provided(source->source);
}

/* The codes of the rules, "DEV-01, DEV-02", linked to the first finding. */
static struct cell finding_cell(const struct section_build *build, rule_mask fired)
{
    char codes[128] = "";
    size_t used = 0;
    const char *anchor = NULL;
    for (size_t i = 0; i < N_RULES && used < sizeof(codes); i++) {
        if ((fired & rule_mask_of(i)) != 0) {
            used += (size_t)snprintf(
                codes + used, sizeof(codes) - used, "%s%s", used == 0 ? "" : ", ", RULES[i].code);
            anchor = anchor == NULL ? build->outcomes->by_rule[i]->anchor : anchor;
        }
    }
    return cell_link(cell_text(arena_copy_text(build->report->arena, codes)), anchor);
}

struct cell *section_add_evidence_row(
    struct section_build *build, struct table *table, rule_mask marks)
{
    struct cell *cells = table_add_row(table);
    rule_mask fired = marks & build->outcomes->fired;
    if (fired == 0 || table->last == NULL) {
        return cells;
    }
    cells[table->n_columns - 1] = finding_cell(build, fired);
    for (size_t i = 0; i < N_RULES; i++) {
        struct finding *finding = build->outcomes->by_rule[i];
        if ((fired & rule_mask_of(i)) == 0 || finding == NULL || finding->evidence_anchor != NULL) {
            continue;
        }
        if (table->last->anchor == NULL) {
            table->last->anchor = arena_printf(build->report->arena, "evidence-%s", RULES[i].code);
        }
        finding->evidence_anchor = table->last->anchor;
    }
    return cells;
}

void section_say_cut(struct section_build *build, size_t n_rows)
{
    if (n_rows > SECTION_TABLE_ROWS_MAX) {
        struct cell arguments[] = {
            cell_integer(SECTION_TABLE_ROWS_MAX), cell_integer((int64_t)n_rows)};
        section_add_paragraph(build->section, WORD_ROWS_CUT, arguments, LENGTH_OF(arguments));
    }
}

void section_add_bars(struct section_build *build, const char *id, enum word title, enum word x,
    const enum word *categories, const int64_t *counts, size_t n_categories)
{
    struct chart *chart = section_add_chart(build->section, id, CHART_BARS, title);
    chart->x_title = x;
    chart->y_title = WORD_COUNT_AXIS;
    chart_set_categories(chart, n_categories);
    struct chart_series *series = chart_add_series(chart, title, TONE_NOTICE, n_categories);
    for (size_t i = 0; i < n_categories; i++) {
        chart_set_category(chart, i, cell_word(categories[i]));
        *chart_point_at(series, i) = (struct chart_point){.x = (double)i, .y = (double)counts[i]};
    }
}

double section_share(int64_t numerator, int64_t denominator)
{
    return denominator > 0 ? (double)numerator / (double)denominator : NAN;
}

size_t age_class(int64_t days)
{
    return days <= 7 ? 0 : (days <= 30 ? 1 : (days <= 90 ? 2 : 3));
}
