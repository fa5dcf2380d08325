#include "import/checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crf/trial.h"

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* The error's line with a caret below its column, where it has one. */
static void print_pointer(const char *expression, const struct check_error *error, FILE *output)
{
    char pointer[CHECK_POINTER_MAX];
    if (error->column > 0) {
        check_error_point(expression, error, pointer);
        fprintf(output, "%s\n", pointer);
    }
}

/* "form VS; refers to SYSBP, PREVIOUS/VS.SYSBP" */
static void print_program(const struct crf_trial *trial, FILE *output)
{
    const struct check_program *program = crf_trial_program(trial);
    const char *form = crf_trial_form(trial);
    fprintf(output, "study %s, %s%s; refers to", crf_trial_study(trial),
        form == NULL ? "no form" : "form ", form == NULL ? "" : form);
    for (size_t i = 0; i < program->n_references; i++) {
        char name[CHECK_NAME_MAX];
        check_reference_name(crf_trial_schema(trial), &program->references[i], name);
        fprintf(output, "%s %s%s", i == 0 ? "" : ",", name,
            program->references[i].is_many ? " (all rows)" : "");
    }
    fputs(program->n_references == 0 ? " nothing\n" : "\n", output);
}

/* --- with given values ---------------------------------------------------------------------- */

static void print_result(
    const struct crf_trial *trial, const struct check_result *result, FILE *output)
{
    static const char *const OUTCOMES[] = {
        [CHECK_HOLDS] = "holds",
        [CHECK_FAILS] = "fails",
        [CHECK_NOT_APPLICABLE] = "not applicable",
        [CHECK_TOO_COSTLY] = "too costly",
    };
    fputs(OUTCOMES[result->outcome], output);
    if (result->reference >= 0) {
        char name[CHECK_NAME_MAX];
        const struct check_reference *reference =
            &crf_trial_program(trial)->references[result->reference];
        check_reference_name(crf_trial_schema(trial), reference, name);
        fprintf(output, " (%s", name);
        if (reference->is_many) {
            fprintf(output, ", row %zu", result->row + 1);
        }
        fputs(")", output);
    }
    if (result->reason != CHECK_REASON_NONE) {
        fprintf(output, ": %s", check_reason_text(result->reason));
    }
    fputs("\n", output);
}

static enum status test_given(struct crf_trial *trial, const struct checks_options *options,
    FILE *output, enum checks_outcome *ret_outcome, struct error *ret_error)
{
    struct check_given *given = crf_trial_given(trial);
    struct check_machine *machine = check_machine_new();
    struct check_result result;
    enum status status = given == NULL || machine == NULL ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < options->n_assignments; i++) {
        status = check_given_set(given, options->assignments[i], ret_error);
        if (status != STATUS_OK) {
            error_prefix(ret_error, "--set");
        }
    }
    if (status == STATUS_OK) {
        check_evaluate(machine, crf_trial_program(trial), check_given_values(given), &result);
        print_program(trial, output);
        print_result(trial, &result, output);
        *ret_outcome = result.outcome == CHECK_FAILS ? CHECKS_FAIL : CHECKS_GOOD;
    }
    check_machine_free(machine);
    return status;
}

/* --- over the database ---------------------------------------------------------------------- */

static void print_example(void *arg, const struct crf_example *example)
{
    FILE *output = arg;
    fprintf(output, "  site %s subject %s %s%s%s %s", example->site_no, example->subject_no,
        example->visit, example->visit_on[0] == '\0' ? "" : " of ", example->visit_on,
        example->form);
    if (example->form_repeat != 1) {
        fprintf(output, "(%" PRId64 ")", example->form_repeat);
    }
    if (example->item == NULL) {
        fputs("\n", output);
    } else if (example->value == NULL) {
        fprintf(output, ": %s is missing\n", example->item);
    } else {
        fprintf(output, ": %s = %s\n", example->item, example->value);
    }
}

static enum status print_run(const struct ctx *ctx, struct crf_run *run,
    const struct checks_options *options, FILE *output, struct error *ret_error)
{
    const struct crf_counts counts = crf_run_counts(run);
    fprintf(output,
        "%" PRIu64 " evaluations over %" PRIu64 " forms of %" PRIu64 " subjects: %" PRIu64
        " fail, %" PRIu64 " hold, %" PRIu64 " not applicable, %" PRIu64 " too costly\n",
        counts.n_evaluated + counts.n_not_applicable + counts.n_too_costly, counts.n_forms,
        counts.n_subjects, counts.n_problems, counts.n_evaluated - counts.n_problems,
        counts.n_not_applicable, counts.n_too_costly);
    if (!crf_run_study(run)->has_values) {
        fputs("  the source of these data does not provide the values of items\n", output);
    }
    enum status status =
        crf_each_example(run, ctx, options->n_examples, print_example, output, ret_error);
    if (status == STATUS_OK && counts.n_problems > options->n_examples) {
        fprintf(output, "  and %" PRIu64 " more (--examples N shows N)\n",
            counts.n_problems - options->n_examples);
    }
    return status;
}

static enum status test_forms(const struct ctx *ctx, struct db *edc, struct crf_trial *trial,
    const struct checks_options *options, FILE *output, enum checks_outcome *ret_outcome,
    struct error *ret_error)
{
    const struct crf_single single = {crf_trial_form(trial), options->expression};
    const struct crf_options run_options = {
        .scope = {crf_trial_study(trial), options->site_no, options->subject_no},
        .single = &single,
        .folder = temporary_folder(),
    };
    struct crf_run *run = NULL;
    enum status status = crf_validate(ctx, edc, &run_options, &run, ret_error);
    if (status == STATUS_OK && options->subject_no != NULL && crf_run_counts(run).n_subjects == 0) {
        status = error_set(ret_error, STATUS_NOT_FOUND,
            "no subject \"%.60s\" in study %.60s%s%.60s", options->subject_no,
            crf_trial_study(trial), options->site_no == NULL ? "" : ", site ",
            options->site_no == NULL ? "" : options->site_no);
    }
    if (status == STATUS_OK) {
        print_program(trial, output);
        status = print_run(ctx, run, options, output, ret_error);
        *ret_outcome = crf_run_counts(run).n_problems > 0 ? CHECKS_FAIL : CHECKS_GOOD;
    }
    crf_run_free(run);
    return status;
}

/* --- both ----------------------------------------------------------------------------------- */

static enum status test_in(const struct ctx *ctx, struct db *edc,
    const struct checks_options *options, FILE *output, FILE *complaints,
    enum checks_outcome *ret_outcome, struct error *ret_error)
{
    const struct crf_scope scope = {options->study, options->site_no, NULL};
    struct crf_trial *trial = NULL;
    struct check_error error = {.status = STATUS_OK};
    enum status status = crf_trial_new(ctx, edc, &scope, &trial, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = crf_trial_compile(trial, options->form, options->expression, &error);
    if (status == STATUS_OK) {
        status = options->n_assignments > 0
                     ? test_given(trial, options, output, ret_outcome, ret_error)
                     : test_forms(ctx, edc, trial, options, output, ret_outcome, ret_error);
    } else if (error.column == 0) {
        status = error_set(ret_error, status, "%s", error.text);
    } else {
        fprintf(complaints, "walkie-data checks: column %u: %s\n", error.column, error.text);
        print_pointer(options->expression, &error, complaints);
        *ret_outcome = CHECKS_REFUSED;
        status = STATUS_OK;
    }
    crf_trial_free(trial);
    return status;
}

static enum status open_edc(
    const struct ctx *ctx, const char *uri, struct db **ret_edc, struct error *ret_error)
{
    const struct db_options options = {.name = "edc", .uri = uri, .mode = DB_OPEN_READ_ONLY};
    return db_open(ctx, &options, ret_edc, ret_error);
}

enum status checks_test(const struct ctx *ctx, const struct checks_options *options, FILE *output,
    FILE *complaints, enum checks_outcome *ret_outcome, struct error *ret_error)
{
    struct db *edc = NULL;
    enum status status = open_edc(ctx, options->edc_uri, &edc, ret_error);
    if (status == STATUS_OK) {
        status = test_in(ctx, edc, options, output, complaints, ret_outcome, ret_error);
        db_close(edc);
    }
    return status;
}

struct listing {
    FILE *output;
    uint64_t n_checks;
    uint64_t n_refused;
};

static void print_check(void *arg, const struct crf_trial_check *check)
{
    struct listing *listing = arg;
    listing->n_checks++;
    fprintf(listing->output, "%-4s %-24s %-12s %-5s %s\n", check->error == NULL ? "ok" : "bad",
        check->code, check->form_oid == NULL ? "-" : check->form_oid,
        check->severity == NULL ? "-" : check->severity, check->expression);
    if (check->error != NULL) {
        listing->n_refused++;
        if (check->error->column > 0) {
            fprintf(listing->output, "     column %u: ", check->error->column);
        }
        fprintf(
            listing->output, "%s%s\n", check->error->column > 0 ? "" : "     ", check->error->text);
        print_pointer(check->expression, check->error, listing->output);
    }
}

enum status checks_list(const struct ctx *ctx, const struct checks_options *options, FILE *output,
    enum checks_outcome *ret_outcome, struct error *ret_error)
{
    struct db *edc = NULL;
    struct crf_trial *trial = NULL;
    struct listing listing = {.output = output};
    const struct crf_scope scope = {options->study, NULL, NULL};
    enum status status = open_edc(ctx, options->edc_uri, &edc, ret_error);
    if (status == STATUS_OK) {
        status = crf_trial_new(ctx, edc, &scope, &trial, ret_error);
    }
    if (status == STATUS_OK) {
        status = crf_trial_each_check(ctx, edc, trial, print_check, &listing, ret_error);
    }
    if (status == STATUS_OK) {
        fprintf(output, "%" PRIu64 " active checks of study %s, %" PRIu64 " do not compile\n",
            listing.n_checks, crf_trial_study(trial), listing.n_refused);
        *ret_outcome = listing.n_refused > 0 ? CHECKS_FAIL : CHECKS_GOOD;
    }
    crf_trial_free(trial);
    db_close(edc);
    return status;
}
