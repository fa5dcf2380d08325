/* The edit checks of a study, compiled, and which forms and items they need. */
#include <stdlib.h>
#include <string.h>

#include "crf/study.h"

static const char CHECKS_SQL[] =
    "SELECT check_id, code, form_def_id, expr, message, severity FROM edit_check"
    " WHERE study_id = $1 AND active <> 0 ORDER BY check_id";

static enum status on_check(void *arg, const struct db_rows *rows)
{
    struct crf_study *study = arg;
    struct crf_check *check = array_add(&study->checks, sizeof(*check));
    uint32_t form;
    if (check == NULL || study_n_checks(study) > STUDY_CHECKS_MAX) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    check->id = db_column_integer(rows, 0);
    check->form = CHECK_NO_FORM;
    if (id_index_find(&study->form_index, db_column_integer(rows, 2), &form)) {
        check->form = form;
    } else if (!db_column_is_null(rows, 2)) {
        check->error = (struct check_error){.status = STATUS_NOT_FOUND,
            .text = "the check's form is none of this study: correct its form_def_id"};
    }
    const struct {
        int column;
        const char **text;
    } TEXTS[] = {
        {1, &check->code}, {3, &check->expression}, {4, &check->message}, {5, &check->severity}};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < LENGTH_OF(TEXTS) && status == STATUS_OK; i++) {
        status = reader_text(study->arena, rows, TEXTS[i].column, TEXTS[i].text);
    }
    return status;
}

static int compare_checks(const void *left, const void *right)
{
    const struct crf_check *a = left;
    const struct crf_check *b = right;
    int order = strcmp(a->code, b->code);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

/* A check of no form is run on the forms that it names first: at each visit once. */
static void anchor(struct crf_check *check)
{
    const struct check_program *program = &check->program;
    check->is_once_a_visit = true;
    for (size_t i = 0; i < program->n_references; i++) {
        const struct check_reference *reference = &program->references[i];
        if (reference->property == CHECK_ITEM && reference->visit == CHECK_THIS_VISIT) {
            check->form = reference->form;
            return;
        }
    }
    check->is_compiled = false;
    check->error = (struct check_error){.status = STATUS_INVALID_ARGUMENT,
        .text = "the check belongs to no form and names none of the visit: at which visits is it "
                "to be run? Give it a form_def_id, or a reference such as VS.SYSBP"};
}

static enum status compile(struct crf_study *study, struct crf_check *check)
{
    if (check->error.status != STATUS_OK) {
        return STATUS_OK; /* it says so itself */
    }
    enum status status = check_compile(check->expression, &study->schema, check->form, study->arena,
        &check->program, &check->error);
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        return status;
    }
    check->is_compiled = status == STATUS_OK;
    if (check->is_compiled && check->form == CHECK_NO_FORM) {
        anchor(check);
    }
    return STATUS_OK;
}

/* The items of a check get a place in their forms' values. */
static void take_items(struct crf_study *study, const struct check_program *program)
{
    for (size_t i = 0; i < program->n_references; i++) {
        const struct check_reference *reference = &program->references[i];
        if (reference->property != CHECK_ITEM) {
            continue;
        }
        struct crf_form_def *form = &study_forms(study)[reference->form];
        struct crf_item *item = &study_items(study)[form->first_item + reference->item];
        if (item->slot == STUDY_NO_SLOT) {
            item->slot = form->n_slots++;
        }
    }
}

/* Which checks are run on a form of each definition, in the order of their codes. */
static enum status sort_by_form(struct crf_study *study)
{
    struct crf_form_def *forms = study_forms(study);
    size_t n_checks = study_n_checks(study);
    size_t *by_form = array_add(&study->by_form, (n_checks + 1) * sizeof(size_t));
    if (by_form == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < n_checks; i++) {
        const struct crf_check *check = &study_checks(study)[i];
        if (check->is_compiled) {
            forms[check->form].n_checks++;
        }
    }
    size_t n_before = 0;
    for (size_t form = 0; form < study->schema.n_forms; form++) {
        forms[form].first_check = n_before;
        n_before += forms[form].n_checks;
        forms[form].n_checks = 0;
    }
    for (size_t i = 0; i < n_checks; i++) {
        const struct crf_check *check = &study_checks(study)[i];
        if (check->is_compiled) {
            struct crf_form_def *form = &forms[check->form];
            by_form[form->first_check + form->n_checks++] = i;
        }
    }
    return STATUS_OK;
}

/* All checks that are there, and what follows from them. */
static enum status compile_all(const struct reader *reader, struct crf_study *study)
{
    size_t n_checks = study_n_checks(study);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < n_checks && status == STATUS_OK; i++) {
        status = ctx_err(reader->ctx);
        if (status == STATUS_OK) {
            status = compile(study, &study_checks(study)[i]);
        }
        if (status == STATUS_OK && study_checks(study)[i].is_compiled) {
            take_items(study, &study_checks(study)[i].program);
        }
    }
    return status == STATUS_OK ? sort_by_form(study) : status;
}

enum status study_compile(const struct reader *reader, struct crf_study *study)
{
    const struct db_value id = db_integer(study->id);
    enum status status = reader_rows(reader, CHECKS_SQL, &id, 1, on_check, study);
    size_t n_checks = study_n_checks(study);
    if (status == STATUS_OK && n_checks > 0) {
        qsort(study->checks.data, n_checks, sizeof(struct crf_check), compare_checks);
    }
    return status == STATUS_OK ? compile_all(reader, study) : status;
}

enum status study_compile_single(const struct reader *reader, struct crf_study *study,
    const char *form_oid, const char *expression)
{
    struct crf_check *check = array_add(&study->checks, sizeof(*check));
    if (check == NULL) {
        return error_set(reader->error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    check->code = "";
    check->severity = "";
    check->expression = expression;
    check->form = CHECK_NO_FORM;
    for (size_t i = 0; form_oid != NULL && i < study->schema.n_forms; i++) {
        check->form = strcmp(study->schema.forms[i].oid, form_oid) == 0 ? i : check->form;
    }
    if (form_oid != NULL && check->form == CHECK_NO_FORM) {
        return error_set(reader->error, STATUS_INVALID_ARGUMENT, "no form \"%.60s\"", form_oid);
    }
    enum status status = compile_all(reader, study);
    return status != STATUS_OK || check->is_compiled
               ? status
               : error_set(reader->error, STATUS_INVALID_ARGUMENT, "%s", check->error.text);
}
