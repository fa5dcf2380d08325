#include "import/commands.h"

#include <stdio.h>
#include <string.h>

#include "import/clindata.h"
#include "import/csv_export.h"
#include "import/csv_import.h"
#include "import/demo.h"
#include "import/odm.h"

enum { PATH_TEXT_MAX = 1100 };

enum status commands_need_both(const struct arguments *arguments, struct error *ret_error)
{
    if (arguments->edc_uri == NULL || arguments->ctms_uri == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--edc URI and --ctms URI are needed (sqlite:PATH or postgresql://…)");
    }
    if (strcmp(arguments->edc_uri, arguments->ctms_uri) == 0) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "--edc and --ctms name the same database");
    }
    return STATUS_OK;
}

static struct dataset_options dataset_options(const struct arguments *arguments, const char *source)
{
    return (struct dataset_options){
        arguments->edc_uri, arguments->ctms_uri, arguments->is_forced, source};
}

/* Beside the EDC's file; in the current folder when the EDC is on a server. */
static const char *demo_stem(const char *edc_uri)
{
    static const char FILE_SCHEME[] = "sqlite:";
    return strncmp(edc_uri, FILE_SCHEME, strlen(FILE_SCHEME)) == 0 ? edc_uri + strlen(FILE_SCHEME)
                                                                   : "demo";
}

enum status command_demo(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = commands_need_both(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (arguments->n_sites * arguments->n_subjects > DEMO_SUBJECTS_TOTAL_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--sites times --subjects is more than %d", DEMO_SUBJECTS_TOTAL_MAX);
    }
    char manifest_path[PATH_TEXT_MAX];
    char lab_path[PATH_TEXT_MAX];
    const char *stem = demo_stem(arguments->edc_uri);
    snprintf(manifest_path, sizeof(manifest_path), "%s.problems.json", stem);
    snprintf(lab_path, sizeof(lab_path), "%s.lab.jsonl", stem);
    const struct demo_options options = {
        .dataset = dataset_options(arguments, "demo"),
        .lab_path = arguments->lab_results != NULL ? arguments->lab_results : lab_path,
        .manifest_path = arguments->manifest != NULL ? arguments->manifest : manifest_path,
        .n_sites = (int)arguments->n_sites,
        .n_subjects = (int)arguments->n_subjects,
        .seed = (uint64_t)arguments->seed,
    };
    return demo_make(ctx, &options, ret_error);
}

static enum status import_clindata(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = commands_need_both(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct clindata_options options = {
        .dataset = dataset_options(arguments, "clindata"),
        .folder = arguments->words[1],
        .progress = stderr,
    };
    return clindata_import(ctx, &options, ret_error);
}

/* The CTMS is wished for, not needed: ODM has little for it. */
static enum status need_edc(const struct arguments *arguments, struct error *ret_error)
{
    if (arguments->edc_uri == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--edc URI is needed");
    }
    return arguments->ctms_uri == NULL ? STATUS_OK : commands_need_both(arguments, ret_error);
}

static enum status import_odm(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = need_edc(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct odm_options options = {
        .dataset = dataset_options(arguments, "odm"),
        .path = arguments->words[1],
        .complaints = stderr,
        .progress = stderr,
        .summary = stdout,
    };
    return odm_import(ctx, &options, ret_error);
}

static enum status import_csv(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = need_edc(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct csv_import_options options = {
        .dataset = dataset_options(arguments, "csv"),
        .folder = arguments->words[1],
        .complaints = stderr,
        .progress = stderr,
        .summary = stdout,
    };
    return csv_import(ctx, &options, ret_error);
}

enum status command_import(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    static const struct {
        const char *name;
        enum status (*run)(
            const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error);
    } FORMATS[] = {{"clindata", import_clindata}, {"odm", import_odm}, {"csv", import_csv}};
    for (size_t i = 0; arguments->n_words == 2 && i < LENGTH_OF(FORMATS); i++) {
        if (strcmp(arguments->words[0], FORMATS[i].name) == 0) {
            return FORMATS[i].run(ctx, arguments, ret_error);
        }
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "what to import is missing or unknown: \"odm FILE\", \"csv FOLDER\" or \"clindata "
        "FOLDER\"");
}

enum status command_export(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = need_edc(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (arguments->n_words != 2 || strcmp(arguments->words[0], "csv") != 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "what to export is missing or unknown: \"csv FOLDER\"");
    }
    const struct csv_export_options options = {
        arguments->edc_uri, arguments->ctms_uri, arguments->words[1]};
    return csv_export(ctx, &options, ret_error);
}
