/* The rows of a result, as JSON and CSV have them. Private to crf/. */
#ifndef WALKIE_CRF_RESULT_H
#define WALKIE_CRF_RESULT_H

#include "crf/run.h"

enum result_column {
    RESULT_SITE_NO,
    RESULT_SUBJECT_NO,
    RESULT_VISIT,
    RESULT_VISIT_REPEAT,
    RESULT_VISIT_ON,
    RESULT_FORM,
    RESULT_FORM_REPEAT,
    RESULT_ITEM,
    RESULT_ITEM_REPEAT,
    RESULT_VALUE,
    RESULT_CHECK,
    RESULT_SEVERITY,
    RESULT_MESSAGE,
    RESULT_STATEMENT,
    RESULT_QUERY,
    RESULT_COLUMNS,
};

struct result_head {
    const char *id; /* the key in JSON, the head in CSV */
    enum word word;
};
extern const struct result_head RESULT_HEADS[RESULT_COLUMNS];

enum result_kind { RESULT_NULL, RESULT_TEXT, RESULT_INTEGER, RESULT_WORD };

struct result_cell {
    enum result_kind kind;
    const char *text; /* borrowed */
    int64_t integer;
    enum word word;
};

/* What a problem says in each column. `value` is the problem's, NULL: none. */
void result_cells(const struct crf_run *run, const struct crf_problem *problem, const char *value,
    struct result_cell ret_cells[RESULT_COLUMNS]);

enum { RESULT_STATEMENT_MAX = 1024 }; /* bytes of a sentence, with the NUL */

/* The statement in words: {0} is the check's code, {1} the value. */
void result_statement(enum word word, enum language language, const char *code, const char *value,
    char ret_text[RESULT_STATEMENT_MAX]);

#endif
