/* The phase "check": batch by batch, form by form, check by check. */
#include "crf/run.h"

#include <stdio.h>
#include <string.h>

#include "ctx/checkpoint.h"

struct checking {
    struct crf_run *run;
    const struct reader *reader;
    struct crf_batch *batch;
    struct check_machine *machine;
    struct binding binding;
    struct check_value values[CHECK_REFERENCES_MAX];
    uint64_t n_forms; /* done, missing ones too */
};

/* The value of the form at hand that the problem is about: the one that decided, or, where another
 * form's did, the first that the check names. */
static void blame(const struct checking *checking, const struct crf_place *place,
    const struct check_program *program, const struct check_result *result,
    struct crf_problem *problem, const char **ret_value)
{
    const struct crf_study *study = &checking->run->study;
    for (size_t i = 0; i <= program->n_references; i++) {
        int64_t number = i == 0 ? result->reference : (int64_t)i - 1;
        if (number < 0 || program->references[number].property != CHECK_ITEM) {
            continue;
        }
        const struct check_reference *reference = &program->references[number];
        const struct crf_cell *cell =
            binding_own_cell(&checking->binding, place, reference, i == 0 ? result->row : 0);
        if (cell == NULL && !reference->is_own) {
            continue;
        }
        problem->item =
            (uint32_t)(study_forms(study)[reference->form].first_item + reference->item);
        if (cell != NULL) {
            problem->item_id = cell->item_id;
            problem->item_repeat = cell->repeat;
            *ret_value = cell->value.state == CHECK_MISSING ? NULL : cell->text;
        }
        return;
    }
}

static enum status add_problem(struct checking *checking, const struct crf_place *place,
    size_t check_number, const struct check_result *result)
{
    struct crf_run *run = checking->run;
    struct crf_check *check = &study_checks(&run->study)[check_number];
    struct crf_problem problem = {
        .check = (uint32_t)check_number,
        .subject = (uint32_t)place->patient->subject,
        .visit = place->event->def,
        .form = place->form->def,
        .item = PROBLEM_NO_ITEM,
        .visit_repeat = place->event->repeat,
        .form_repeat = place->form->repeat,
        .form_id = place->form->id,
    };
    const char *value = NULL;
    snprintf(problem.visit_on, sizeof(problem.visit_on), "%s",
        place->event->visit_on == NULL ? "" : place->event->visit_on);
    blame(checking, place, &check->program, result, &problem, &value);
    check->n_problems++;
    subjects_at(&run->subjects, place->patient->subject)->n_problems++;
    return problems_add(run->problems, &problem, value, checking->reader->error);
}

static enum status run_one(
    struct checking *checking, const struct crf_place *place, size_t check_number)
{
    struct crf_check *check = &study_checks(&checking->run->study)[check_number];
    struct check_result result;
    if (ctx_done(checking->reader->ctx)) {
        return ctx_err(checking->reader->ctx);
    }
    enum status status = binding_fill(&checking->binding, place, &check->program, checking->values);
    if (status != STATUS_OK) {
        return error_set(checking->reader->error, status,
            "check %.80s looks at more than %d MiB of values at once", check->code,
            BINDING_ROWS_MAX >> 20);
    }
    switch (check_evaluate(checking->machine, &check->program, checking->values, &result)) {
    case CHECK_HOLDS:
        check->n_evaluated++;
        break;
    case CHECK_FAILS:
        check->n_evaluated++;
        return add_problem(checking, place, check_number, &result);
    case CHECK_NOT_APPLICABLE:
        check->n_not_applicable++;
        break;
    case CHECK_TOO_COSTLY:
        check->n_too_costly++;
        break;
    }
    return STATUS_OK;
}

static bool has_own(const struct check_program *program)
{
    for (size_t i = 0; i < program->n_references; i++) {
        if (program->references[i].is_own && !program->references[i].is_many) {
            return true;
        }
    }
    return false;
}

/* One check on one form: for each repeat that has a value of it, or once. */
static enum status check_rows(
    struct checking *checking, struct crf_place *place, size_t check_number)
{
    const struct check_program *program =
        &study_checks(&checking->run->study)[check_number].program;
    enum status status = STATUS_OK;
    bool was_run = false;
    if (place->form->n_rows > 0 && has_own(program)) {
        for (uint32_t row = 0; row < place->form->n_rows && status == STATUS_OK; row++) {
            if (binding_has_own(&checking->binding, place->form, row, program)) {
                place->row = row;
                was_run = true;
                status = run_one(checking, place, check_number);
            }
        }
    }
    if (!was_run) {
        place->row = BINDING_NO_ROW;
        status = run_one(checking, place, check_number);
    }
    return status;
}

static enum status check_form(struct checking *checking, struct crf_place *place, bool is_first)
{
    const struct crf_study *study = &checking->run->study;
    const struct crf_form_def *def = &study_forms(study)[place->form->def];
    const size_t *numbers = (const size_t *)study->by_form.data + def->first_check;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < def->n_checks && status == STATUS_OK; i++) {
        if (is_first || !study_checks(study)[numbers[i]].is_once_a_visit) {
            status = check_rows(checking, place, numbers[i]);
        }
    }
    if (status == STATUS_OK && ++checking->n_forms % RUN_FORMS_PER_CHECKPOINT == 0) {
        status = ctx_checkpoint(
            checking->reader->ctx, "check", checking->n_forms, checking->run->subjects.n_forms);
    }
    return status;
}

static enum status check_patient(struct checking *checking, const struct crf_patient *patient)
{
    struct crf_run *run = checking->run;
    struct crf_subject *subject = subjects_at(&run->subjects, patient->subject);
    subject->problems_at = problems_end(run->problems);
    subject->n_problems = 0;
    for (uint32_t e = 0; e < patient->n_events; e++) {
        const struct crf_event *event = &batch_events(checking->batch)[patient->first_event + e];
        const struct crf_form *forms = batch_forms(checking->batch) + event->first_form;
        for (uint32_t f = 0; f < event->n_forms; f++) {
            struct crf_place place = {patient, event, &forms[f], 0};
            bool is_first = f == 0 || forms[f - 1].def != forms[f].def;
            enum status status = check_form(checking, &place, is_first);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static enum status check_batch(struct checking *checking, const struct crf_range *range)
{
    struct crf_run *run = checking->run;
    uint64_t n_missing = checking->batch->n_missing;
    enum status status =
        batch_read(checking->reader, &run->study, &run->subjects, range, checking->batch);
    for (size_t i = 0; status == STATUS_OK && i < batch_n_patients(checking->batch); i++) {
        status = check_patient(checking, &batch_patients(checking->batch)[i]);
    }
    run->counts.n_forms += batch_n_forms(checking->batch);
    checking->n_forms += checking->batch->n_missing - n_missing;
    return status == STATUS_OK ? run_forecast(run, checking->reader->ctx, checking->n_forms,
                                     run->subjects.n_forms, checking->reader->error)
                               : status;
}

static void sum_up(struct crf_run *run, const struct crf_batch *batch)
{
    struct crf_counts *counts = &run->counts;
    counts->n_subjects = subjects_count(&run->subjects);
    counts->n_items = batch->n_items;
    counts->n_missing = batch->n_missing;
    counts->n_problems = problems_count(run->problems);
    for (size_t i = 0; i < study_n_checks(&run->study); i++) {
        const struct crf_check *check = &study_checks(&run->study)[i];
        counts->n_checks += check->is_compiled;
        counts->n_broken += !check->is_compiled;
        counts->n_evaluated += check->n_evaluated;
        counts->n_not_applicable += check->n_not_applicable;
        counts->n_too_costly += check->n_too_costly;
    }
}

enum status run_load(struct crf_run *run, const struct reader *reader, void *arg)
{
    (void)arg;
    arena_reset(run->arena);
    study_finish(&run->study);
    subjects_finish(&run->subjects);
    problems_clear(run->problems);
    run->counts = (struct crf_counts){0};
    enum status status = ctx_checkpoint(reader->ctx, "load", 0, 0);
    if (status == STATUS_OK) {
        status = study_load(reader, &run->options->scope, run->arena, &run->study);
    }
    const struct crf_single *single = run->options->single;
    if (status == STATUS_OK) {
        status = single == NULL ? study_compile(reader, &run->study)
                                : study_compile_single(
                                      reader, &run->study, single->form_oid, single->expression);
    }
    if (status == STATUS_OK) {
        status = subjects_load(reader, &run->study, run->arena, &run->subjects);
    }
    return status;
}

enum status run_check(struct crf_run *run, const struct reader *reader, void *arg)
{
    (void)arg;
    struct crf_batch batch;
    struct checking checking = {.run = run, .reader = reader, .batch = &batch};
    struct crf_range range;
    enum status status = batch_init(&batch);
    checking.machine = check_machine_new();
    binding_init(&checking.binding, &run->study, &batch);
    if (status != STATUS_OK || checking.machine == NULL) {
        status = error_set(reader->error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    while (status == STATUS_OK && subjects_next_batch(&run->subjects, &range)) {
        status = check_batch(&checking, &range);
    }
    if (status == STATUS_OK) {
        status = ctx_checkpoint(reader->ctx, "check", run->subjects.n_forms, run->subjects.n_forms);
        sum_up(run, &batch);
    }
    check_machine_free(checking.machine);
    binding_finish(&checking.binding);
    batch_finish(&batch);
    return status;
}
