#include "crf/result.h"

#include <stdio.h>
#include <string.h>

const struct result_head RESULT_HEADS[RESULT_COLUMNS] = {
    [RESULT_SITE_NO] = {"site_no", WORD_CRF_SITE_NO},
    [RESULT_SUBJECT_NO] = {"subject_no", WORD_CRF_SUBJECT_NO},
    [RESULT_VISIT] = {"visit", WORD_CRF_VISIT},
    [RESULT_VISIT_REPEAT] = {"visit_repeat", WORD_CRF_VISIT_REPEAT},
    [RESULT_VISIT_ON] = {"visit_on", WORD_CRF_VISIT_ON},
    [RESULT_FORM] = {"form", WORD_CRF_FORM},
    [RESULT_FORM_REPEAT] = {"form_repeat", WORD_CRF_FORM_REPEAT},
    [RESULT_ITEM] = {"item", WORD_CRF_ITEM},
    [RESULT_ITEM_REPEAT] = {"item_repeat", WORD_CRF_ITEM_REPEAT},
    [RESULT_VALUE] = {"value", WORD_CRF_VALUE},
    [RESULT_CHECK] = {"check", WORD_CRF_CHECK},
    [RESULT_SEVERITY] = {"severity", WORD_CRF_SEVERITY},
    [RESULT_MESSAGE] = {"message", WORD_CRF_MESSAGE},
    [RESULT_STATEMENT] = {"statement", WORD_CRF_STATEMENT},
    [RESULT_QUERY] = {"query", WORD_CRF_QUERY},
};

static struct result_cell text_cell(const char *text)
{
    return (struct result_cell){
        .kind = text == NULL || *text == '\0' ? RESULT_NULL : RESULT_TEXT, .text = text};
}

static struct result_cell integer_cell(int64_t integer)
{
    return (struct result_cell){.kind = RESULT_INTEGER, .integer = integer};
}

static struct result_cell word_cell(enum word word)
{
    return (struct result_cell){.kind = RESULT_WORD, .word = word};
}

static struct result_cell query_cell(const struct crf_run *run, const struct crf_problem *problem)
{
    if (!run->is_written) {
        return (struct result_cell){.kind = RESULT_NULL};
    }
    return word_cell(
        problems_is_opened(run->problems, problem->number) ? WORD_CRF_OPENED : WORD_CRF_KNOWN);
}

void result_cells(const struct crf_run *run, const struct crf_problem *problem, const char *value,
    struct result_cell ret_cells[RESULT_COLUMNS])
{
    const struct crf_study *study = &run->study;
    const struct crf_subject *subject = subjects_at(&run->subjects, problem->subject);
    const struct crf_check *check = &study_checks(study)[problem->check];
    const struct check_item *items = (const struct check_item *)study->check_items.data;
    bool has_item = problem->item != PROBLEM_NO_ITEM;
    enum word statement = !has_item       ? WORD_CRF_FORM_FAILS
                          : value == NULL ? WORD_CRF_MISSING_FAILS
                                          : WORD_CRF_VALUE_FAILS;
    ret_cells[RESULT_SITE_NO] = text_cell(study_sites(study)[subject->site].site_no);
    ret_cells[RESULT_SUBJECT_NO] = text_cell(subject->subject_no);
    ret_cells[RESULT_VISIT] = text_cell(study->schema.events[problem->visit].oid);
    ret_cells[RESULT_VISIT_REPEAT] = integer_cell(problem->visit_repeat);
    ret_cells[RESULT_VISIT_ON] = text_cell(problem->visit_on);
    ret_cells[RESULT_FORM] = text_cell(study->schema.forms[problem->form].oid);
    ret_cells[RESULT_FORM_REPEAT] = integer_cell(problem->form_repeat);
    ret_cells[RESULT_ITEM] = text_cell(has_item ? items[problem->item].oid : NULL);
    ret_cells[RESULT_ITEM_REPEAT] =
        problem->item_repeat == 0 ? text_cell(NULL) : integer_cell(problem->item_repeat);
    ret_cells[RESULT_VALUE] = text_cell(value);
    ret_cells[RESULT_CHECK] = text_cell(check->code);
    ret_cells[RESULT_SEVERITY] = text_cell(check->severity);
    ret_cells[RESULT_MESSAGE] = text_cell(check->message);
    ret_cells[RESULT_STATEMENT] = word_cell(statement);
    ret_cells[RESULT_QUERY] = query_cell(run, problem);
}

void result_statement(enum word word, enum language language, const char *code, const char *value,
    char ret_text[RESULT_STATEMENT_MAX])
{
    size_t len = 0;
    for (const char *at = word_text(word, language);
         *at != '\0' && len < RESULT_STATEMENT_MAX - 1;) {
        bool is_code = strncmp(at, "{0}", 3) == 0;
        bool is_value = strncmp(at, "{1}", 3) == 0;
        if (!is_code && !is_value) {
            ret_text[len++] = *at++;
            continue;
        }
        const char *argument = is_code ? code : value == NULL ? "" : value;
        int n = snprintf(ret_text + len, RESULT_STATEMENT_MAX - len, "%.300s", argument);
        len += (size_t)n < RESULT_STATEMENT_MAX - len ? (size_t)n : RESULT_STATEMENT_MAX - len - 1;
        at += 3;
    }
    ret_text[len] = '\0';
}
