#include "crf/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "schema/schema.h"

static const char STUDIES_SQL[] = "SELECT protocol_no FROM study ORDER BY protocol_no";

enum { FORMS_NAMED_MAX = 160 }; /* bytes of the forms that a message names */

struct crf_trial {
    struct arena *arena;
    struct crf_study study;
    struct check_program program;
    size_t form;
};

struct studies {
    struct arena *arena;
    const char *first;
    uint64_t n;
    char names[STUDY_NAMES_MAX];
};

static enum status on_study(void *arg, const struct db_rows *rows)
{
    struct studies *studies = arg;
    size_t len = strlen(studies->names);
    snprintf(studies->names + len, sizeof(studies->names) - len, "%s%s", len == 0 ? "" : ", ",
        db_column_text(rows, 0));
    return studies->n++ == 0 ? reader_text(studies->arena, rows, 0, &studies->first) : STATUS_OK;
}

/* The only study of the database. */
static enum status find_study(
    const struct reader *reader, struct arena *arena, const char **ret_protocol_no)
{
    struct studies studies = {.arena = arena};
    enum status status = reader_rows(reader, STUDIES_SQL, NULL, 0, on_study, &studies);
    if (status != STATUS_OK) {
        return status;
    }
    if (studies.n == 0) {
        return error_set(reader->error, STATUS_NOT_FOUND, "the database holds no study");
    }
    if (studies.n > 1) {
        return error_set(reader->error, STATUS_FAILED_PRECONDITION,
            "the database holds several studies (%s): say which with --study", studies.names);
    }
    *ret_protocol_no = studies.first;
    return STATUS_OK;
}

static enum status load(
    struct crf_trial *trial, const struct reader *reader, const struct crf_scope *scope)
{
    struct crf_scope found = *scope;
    enum status status = schema_check(reader->ctx, reader->session, SCHEMA_EDC, reader->error);
    if (status == STATUS_OK && scope->study == NULL && scope->site_no == NULL) {
        status = find_study(reader, trial->arena, &found.study);
    }
    return status == STATUS_OK ? study_load(reader, &found, trial->arena, &trial->study) : status;
}

enum status crf_trial_new(const struct ctx *ctx, struct db *edc, const struct crf_scope *scope,
    struct crf_trial **ret_trial, struct error *ret_error)
{
    struct crf_trial *trial = calloc(1, sizeof(*trial));
    if (trial == NULL || (trial->arena = arena_new(STUDY_MEMORY_MAX)) == NULL) {
        crf_trial_free(trial);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    struct db_session *session = NULL;
    enum status status = db_begin(ctx, edc, DB_READ, &session, ret_error);
    if (status == STATUS_OK) {
        const struct reader reader = {ctx, session, ret_error};
        status = load(trial, &reader, scope);
    }
    db_end(session);
    if (status != STATUS_OK) {
        crf_trial_free(trial);
        return status;
    }
    *ret_trial = trial;
    return STATUS_OK;
}

void crf_trial_free(struct crf_trial *trial)
{
    if (trial != NULL) {
        study_finish(&trial->study);
        arena_free(trial->arena);
        free(trial);
    }
}

const char *crf_trial_study(const struct crf_trial *trial)
{
    return trial->study.protocol_no;
}

const struct check_schema *crf_trial_schema(const struct crf_trial *trial)
{
    return &trial->study.schema;
}

const struct check_program *crf_trial_program(const struct crf_trial *trial)
{
    return &trial->program;
}

const char *crf_trial_form(const struct crf_trial *trial)
{
    return trial->form == CHECK_NO_FORM ? NULL : trial->study.schema.forms[trial->form].oid;
}

struct check_given *crf_trial_given(struct crf_trial *trial)
{
    return check_given_new(&trial->study.schema, trial->form, &trial->program, trial->arena);
}

/* --- which form ----------------------------------------------------------------------------- */

static enum status find_form(const struct crf_trial *trial, const char *form_oid, size_t *ret_form,
    struct check_error *ret_error)
{
    const struct check_schema *schema = &trial->study.schema;
    const char **names = arena_alloc_array(trial->arena, schema->n_forms + 1, sizeof(*names));
    if (names == NULL) {
        *ret_error = (struct check_error){.status = STATUS_RESOURCE_EXHAUSTED};
        return STATUS_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < schema->n_forms; i++) {
        names[i] = schema->forms[i].oid;
        if (strcmp(names[i], form_oid) == 0) {
            *ret_form = i;
            return STATUS_OK;
        }
    }
    const char *nearest = nearest_name(form_oid, names, schema->n_forms);
    *ret_error = (struct check_error){.status = STATUS_NOT_FOUND};
    snprintf(ret_error->text, sizeof(ret_error->text), "--form %.60s: no such form%s%s%s", form_oid,
        nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
        nearest == NULL ? "" : "?");
    return STATUS_NOT_FOUND;
}

static enum status compile_in(
    struct crf_trial *trial, size_t form, const char *expression, struct check_error *ret_error)
{
    return check_compile(
        expression, &trial->study.schema, form, trial->arena, &trial->program, ret_error);
}

/* How much the error says for the form, where others have one at the same place: it knows the item,
 * or one that is called nearly so. */
static int weight_of(const struct check_error *error)
{
    return !error->is_foreign_item ? 2 : strstr(error->text, "did you mean") != NULL ? 1 : 0;
}

/* Forms in which it compiles: "AE, VS". The error of the form in which most of it was understood.
 */
static size_t count_forms(struct crf_trial *trial, const char *expression, size_t *ret_last,
    char names[FORMS_NAMED_MAX], struct check_error *best)
{
    size_t n_good = 0;
    names[0] = '\0';
    for (size_t i = 0; i < trial->study.schema.n_forms; i++) {
        struct check_error error;
        if (compile_in(trial, i, expression, &error) == STATUS_OK) {
            size_t len = strlen(names);
            snprintf(names + len, FORMS_NAMED_MAX - len, "%s%s", n_good == 0 ? "" : ", ",
                trial->study.schema.forms[i].oid);
            n_good++;
            *ret_last = i;
        } else if (best->status == STATUS_OK || error.offset > best->offset ||
                   (error.offset == best->offset && weight_of(&error) > weight_of(best))) {
            *best = error;
        }
    }
    return n_good;
}

enum status crf_trial_compile(struct crf_trial *trial, const char *form_oid, const char *expression,
    struct check_error *ret_error)
{
    trial->form = CHECK_NO_FORM;
    if (form_oid != NULL) {
        enum status status = find_form(trial, form_oid, &trial->form, ret_error);
        return status == STATUS_OK ? compile_in(trial, trial->form, expression, ret_error) : status;
    }
    if (compile_in(trial, CHECK_NO_FORM, expression, ret_error) == STATUS_OK) {
        return STATUS_OK;
    }
    char names[FORMS_NAMED_MAX];
    struct check_error best = {.status = STATUS_OK};
    size_t n_good = count_forms(trial, expression, &trial->form, names, &best);
    if (n_good == 1) {
        return compile_in(trial, trial->form, expression, ret_error);
    }
    if (n_good > 1) {
        *ret_error = (struct check_error){.status = STATUS_INVALID_ARGUMENT};
        snprintf(ret_error->text, sizeof(ret_error->text),
            "it compiles in several forms (%s): say which with --form", names);
        return STATUS_INVALID_ARGUMENT;
    }
    *ret_error = best.status == STATUS_OK ? *ret_error : best;
    return ret_error->status;
}

/* --- the study's own ------------------------------------------------------------------------ */

enum status crf_trial_each_check(const struct ctx *ctx, struct db *edc, struct crf_trial *trial,
    crf_trial_check_fn *on_check, void *arg, struct error *ret_error)
{
    struct db_session *session = NULL;
    enum status status = db_begin(ctx, edc, DB_READ, &session, ret_error);
    if (status == STATUS_OK) {
        const struct reader reader = {ctx, session, ret_error};
        status = study_compile(&reader, &trial->study);
    }
    db_end(session);
    for (size_t i = 0; status == STATUS_OK && i < study_n_checks(&trial->study); i++) {
        const struct crf_check *check = &study_checks(&trial->study)[i];
        const struct crf_trial_check line = {
            .code = check->code,
            .form_oid = check->form == CHECK_NO_FORM || check->is_once_a_visit
                            ? NULL
                            : trial->study.schema.forms[check->form].oid,
            .severity = check->severity,
            .expression = check->expression,
            .error = check->is_compiled ? NULL : &check->error,
        };
        on_check(arg, &line);
    }
    return status;
}
