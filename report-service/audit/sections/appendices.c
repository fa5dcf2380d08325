/* Appendices A, C and D: the subjects, what the indicators are, what the words mean. */
#include "audit/sections/sections.h"

/* The last two columns are those of an unblinded report. */
static const struct column SUBJECT_COLUMNS[] = {
    {"subject_no", WORD_HEAD_SUBJECT, ALIGN_START, 3},
    {"status", WORD_HEAD_STATUS, ALIGN_START, 3},
    {"screened_on", WORD_HEAD_SCREENED, ALIGN_START, 3},
    {"consent_on", WORD_HEAD_CONSENT, ALIGN_START, 3},
    {"enrolled_on", WORD_HEAD_ENROLLED, ALIGN_START, 3},
    {"first_dose_on", WORD_HEAD_FIRST_DOSE, ALIGN_START, 3},
    {"left_on", WORD_HEAD_LEFT, ALIGN_START, 3},
    {"days_on_study", WORD_HEAD_DAYS_ON_STUDY, ALIGN_END, 2},
    {"arm", WORD_HEAD_ARM, ALIGN_START, 2},
    {"rand_no", WORD_HEAD_RAND_NO, ALIGN_START, 3},
};
enum { TREATMENT_COLUMNS = 2 };

void section_appendix_subjects(struct section_build *build)
{
    const struct audit_facts *facts = build->facts;
    const struct source_facts *edc = &facts->edc.base;
    if (section_lacks(build, edc, "subject", NULL, WORD_SUBJECTS)) {
        return;
    }
    section_add_paragraph(build->section,
        facts->is_unblinded ? WORD_APPENDIX_UNBLINDED : WORD_APPENDIX_BLINDED, NULL, 0);
    struct table *table =
        section_add_table(build->section, "subject_listing", WORD_SUBJECTS, SUBJECT_COLUMNS,
            LENGTH_OF(SUBJECT_COLUMNS) - (facts->is_unblinded ? 0 : TREATMENT_COLUMNS));
    size_t n_rows = 0;
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        if (n_rows++ >= SECTION_TABLE_ROWS_MAX) {
            continue;
        }
        struct cell *cells = table_add_row(table);
        cells[0] = cell_text(subject->subject_no);
        cells[1] = cell_word(section_subject_status(subject));
        cells[2] = section_cell(edc, "subject", "screened_on", cell_date(subject->screened_on));
        cells[3] = section_cell(edc, "subject", "consent_on", cell_date(subject->consent_on));
        cells[4] = cell_date(subject->enrolled_on);
        cells[5] = cell_date(subject->first_dose_on);
        cells[6] = section_cell(edc, "subject", "discont_on", cell_date(subject->discont_on));
        cells[7] = section_cell(edc, "subject", "last_seen_on",
            subject->days_on_study > 0 ? cell_integer(subject->days_on_study) : cell_none());
        if (facts->is_unblinded) {
            cells[8] = section_cell(edc, "subject", "arm", cell_text(subject->arm));
            cells[9] = section_cell(edc, "subject", "rand_no", cell_text(subject->rand_no));
        }
    }
    section_say_cut(build, n_rows);
}

static const struct column INDICATOR_COLUMNS[] = {
    {"indicator", WORD_HEAD_INDICATOR, ALIGN_START, 4},
    {"numerator", WORD_HEAD_NUMERATOR, ALIGN_START, 4},
    {"denominator", WORD_HEAD_DENOMINATOR, ALIGN_START, 4},
    {"kind", WORD_HEAD_FORMULA, ALIGN_START, 2},
    {"unit", WORD_HEAD_UNIT, ALIGN_END, 2},
    {"denominator_min", WORD_HEAD_MINIMUM, ALIGN_END, 2},
    {"low_high", WORD_HEAD_LOW_HIGH, ALIGN_END, 2},
    {"low", WORD_HEAD_LOW, ALIGN_END, 2},
    {"high", WORD_HEAD_HIGH, ALIGN_END, 2},
    {"high_high", WORD_HEAD_HIGH_HIGH, ALIGN_END, 2},
};

static enum word formula_word(enum kri_kind kind)
{
    switch (kind) {
    case KRI_KIND_RATE:
        return WORD_FORMULA_RATE;
    case KRI_KIND_PROPORTION:
        return WORD_FORMULA_PROPORTION;
    }
    return WORD_NONE;
}

void section_appendix_indicators(struct section_build *build)
{
    static const enum word SENTENCES[] = {WORD_FORMULA_MEAN, WORD_FORMULA_SCORES,
        WORD_FORMULA_DISPERSION, WORD_FORMULA_FLAGS, WORD_FORMULA_SILENT};
    for (size_t i = 0; i < LENGTH_OF(SENTENCES); i++) {
        section_add_paragraph(build->section, SENTENCES[i], NULL, 0);
    }
    struct table *table = section_add_table(build->section, "indicator_formulas",
        WORD_TABLE_DEFINITIONS, INDICATOR_COLUMNS, LENGTH_OF(INDICATOR_COLUMNS));
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_definition *definition = &KRI_DEFINITIONS[kri];
        struct cell *cells = table_add_row(table);
        cells[0] = cell_word(definition->name);
        cells[1] = cell_word(definition->numerator);
        cells[2] = cell_word(definition->denominator);
        cells[3] = cell_word(formula_word(definition->kind));
        cells[4] = cell_integer((int64_t)definition->unit);
        cells[5] = cell_integer((int64_t)definition->denominator_min);
        size_t skipped = KRI_THRESHOLDS_MAX - definition->n_thresholds;
        for (size_t i = 0; i < definition->n_thresholds; i++) {
            cells[6 + skipped + i] = cell_integer((int64_t)definition->thresholds[i]);
        }
    }
}

static const struct column GLOSSARY_COLUMNS[] = {
    {"term", WORD_HEAD_ABBREVIATION, ALIGN_START, 2},
    {"meaning", WORD_HEAD_MEANING, ALIGN_START, 8},
};

static const struct column GRADE_COLUMNS[] = {
    {"grade", WORD_HEAD_GRADE, ALIGN_START, 2},
    {"meaning", WORD_HEAD_MEANING, ALIGN_START, 6},
    {"response", WORD_HEAD_RESPONSE, ALIGN_START, 5},
};

void section_appendix_glossary(struct section_build *build)
{
    static const struct {
        enum word meaning;
        enum word response;
    } GRADES[GRADE_COUNT] = {
        [GRADE_CRITICAL] = {WORD_MEANING_CRITICAL, WORD_RESPONSE_CRITICAL},
        [GRADE_MAJOR] = {WORD_MEANING_MAJOR, WORD_RESPONSE_MAJOR},
        [GRADE_MINOR] = {WORD_MEANING_MINOR, WORD_RESPONSE_MINOR},
        [GRADE_RECOMMENDATION] = {WORD_MEANING_RECOMMENDATION, WORD_RESPONSE_RECOMMENDATION},
    };
    static const struct {
        const char *term;
        enum word meaning;
    } TERMS[] = {
        {"AE", WORD_TERM_AE},
        {"CAPA", WORD_TERM_CAPA},
        {"CTMS", WORD_TERM_CTMS},
        {"EDC", WORD_TERM_EDC},
        {"ePRO", WORD_TERM_EPRO},
        {"GCP", WORD_TERM_GCP},
        {"IEC", WORD_TERM_IEC},
        {"ISF", WORD_TERM_ISF},
        {"KRI", WORD_TERM_KRI},
        {"PI", WORD_TERM_PI},
        {"SAE", WORD_TERM_SAE},
        {"SDV", WORD_TERM_SDV},
        {"SUSAR", WORD_TERM_SUSAR},
        {"TMF", WORD_TERM_TMF},
    };
    section_add_paragraph(build->section, WORD_GLOSSARY_GRADING, NULL, 0);
    struct table *grades = section_add_table(build->section, "grade_glossary", WORD_TABLE_GRADING,
        GRADE_COLUMNS, LENGTH_OF(GRADE_COLUMNS));
    for (int grade = 0; grade < GRADE_COUNT; grade++) {
        struct cell *cells = table_add_row(grades);
        cells[0] = cell_word(grade_word((enum grade)grade));
        cells[1] = cell_word(GRADES[grade].meaning);
        cells[2] = cell_word(GRADES[grade].response);
    }
    struct table *terms = section_add_table(build->section, "abbreviations", WORD_TABLE_TERMS,
        GLOSSARY_COLUMNS, LENGTH_OF(GLOSSARY_COLUMNS));
    for (size_t i = 0; i < LENGTH_OF(TERMS); i++) {
        struct cell *cells = table_add_row(terms);
        cells[0] = cell_text(TERMS[i].term);
        cells[1] = cell_word(TERMS[i].meaning);
    }
}
