/* The sections of the report: facts and findings turned into blocks of the model.
 *
 *     sections_build(ctx, &facts, &outcomes, report);
 *
 * One table (sections.c) lists number, id, title and builder; a builder is a pure function of the
 * facts, without SQL. Tables of evidence have a last column that names the finding and links to it,
 * and the finding links to their first row. Not here: layout (document/). */
#ifndef WALKIE_AUDIT_SECTIONS_SECTIONS_H
#define WALKIE_AUDIT_SECTIONS_SECTIONS_H

#include "audit/model/model.h"
#include "audit/rules/rules.h"
#include "audit/sources/facts.h"
#include "ctx/ctx.h"

enum { SECTION_TABLE_ROWS_MAX = 20000 }; /* of one table; further rows are counted, not listed */

struct section_build {
    const struct audit_facts *facts;
    const struct rule_outcomes *outcomes;
    struct report *report;
    struct section *section;
};
typedef void section_fn(struct section_build *build);

struct section_definition {
    int number;
    const char *id;
    enum word title;
    section_fn *build;
};
extern const struct section_definition SECTIONS[];
extern const size_t N_SECTIONS;

/* Errors: the context's. */
MUST_USE enum status sections_build(const struct ctx *ctx, const struct audit_facts *facts,
    const struct rule_outcomes *outcomes, struct report *report);

section_fn section_summary, section_scope, section_follow_up, section_enrolment;
section_fn section_indicators, section_deviations, section_safety, section_quality;
section_fn section_verification, section_consent, section_eligibility;
section_fn section_staff, section_documents, section_outcomes;
section_fn section_appendix_subjects, section_appendix_evidence, section_appendix_indicators;
section_fn section_appendix_glossary;

/* A part of section 10. */
section_fn section_laboratory;
section_fn section_drug, section_trail;

/* --- what builders share -------------------------------------------------------------------- */

/* True, after saying "<what>: not provided by <source>", when the source lacks it. */
bool section_lacks(struct section_build *build, const struct source_facts *source,
    const char *table, const char *column, enum word what);

/* A new row of a table whose last column is the finding's: filled in for the rules among `marks`
 * that fired, which then point here unless they point elsewhere already. */
struct cell *section_add_evidence_row(
    struct section_build *build, struct table *table, rule_mask marks);

/* A cell, or "not provided by <source>" where the source lacks the column. */
struct cell section_cell(
    const struct source_facts *source, const char *table, const char *column, struct cell cell);

/* A sentence with the number of rows beyond SECTION_TABLE_ROWS_MAX, when there are any. */
void section_say_cut(struct section_build *build, size_t n_rows);

/* Where a subject stands: screened, on study, completed, left. */
enum word section_subject_status(const struct subject *subject);

/* The regrades of this report's findings; every regrade of the site (regrades.c). */
void section_add_regrades(struct section_build *build);
void section_add_regrade_history(struct section_build *build);

/* What became of earlier findings (effectiveness.c). */
void section_add_effectiveness(struct section_build *build);
bool section_is_repeated(const struct section_build *build, const struct previous_finding *finding);

/* A bar chart with one series of counts, a word a category. */
void section_add_bars(struct section_build *build, const char *id, enum word title, enum word x,
    const enum word *categories, const int64_t *counts, size_t n_categories);

/* numerator / denominator, NaN without a denominator. */
double section_share(int64_t numerator, int64_t denominator);

/* The ageing classes of overdue actions and open queries: up to 7, 30, 90 days, and more. */
enum { AGE_CLASSES = 4 };
extern const enum word AGE_CLASS_WORDS[AGE_CLASSES];
size_t age_class(int64_t days);

/* --- the databases' words ------------------------------------------------------------------- */

enum vocabulary {
    VOCABULARY_REASON,   /* why a subject left */
    VOCABULARY_SEVERITY, /* of an adverse event */
    VOCABULARY_RELATED,
    VOCABULARY_OUTCOME,
    VOCABULARY_DEVIATION,
    VOCABULARY_VISIT, /* monitoring */
    VOCABULARY_AUDIT,
    VOCABULARY_ACTION,
    VOCABULARY_GRADE,
    VOCABULARY_AREA,   /* of earlier findings */
    VOCABULARY_ORIGIN, /* of queries */
    VOCABULARY_SITE_STATUS,
    VOCABULARY_USER_ROLE, /* of the EDC */
    VOCABULARY_ROLE,      /* of the staff */
    VOCABULARY_TASK,      /* that is delegated */
    VOCABULARY_TOPIC,     /* of trainings */
    VOCABULARY_LOCATION,  /* of documents */
};

/* The word of a code; the code itself as text when the vocabulary does not know it. */
struct cell cell_code(enum vocabulary vocabulary, const char *code);

#endif
