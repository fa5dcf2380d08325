/* walkie-data: makes, fills and describes the databases that a report service reads. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "import/check.h"
#include "import/checks.h"
#include "import/commands.h"
#include "import/demo.h"
#include "import/help.h"
#include "import/info.h"
#include "import/options.h"
#include "import/regrade.h"
#include "obs/interrupt.h"
#include "obs/log.h"
#include "schema/schema.h"

enum {                /* beside those of base/process.h */
    EXIT_LACKING = 1, /* of check: something is not provided */
    EXIT_OUTPUT = 74, /* what was to be printed could not be: EX_IOERR of sysexits.h */
    EXIT_CANCELLED = 130,
};

struct command {
    const char *name;
    enum status (*run)(
        const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error);
    const char *options; /* " edc ctms " */
    size_t n_words;      /* words after the command */
};

static enum status need_one(const struct arguments *arguments, struct error *ret_error)
{
    if (arguments->edc_uri == NULL && arguments->ctms_uri == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--edc URI or --ctms URI is needed");
    }
    return STATUS_OK;
}

static enum status run_info(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = need_one(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    return info_print(ctx, arguments->edc_uri, arguments->ctms_uri, stdout, ret_error);
}

static enum status run_check(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = commands_need_both(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct check_options options = {.edc_uri = arguments->edc_uri,
        .ctms_uri = arguments->ctms_uri,
        .study = arguments->study,
        .site_no = arguments->site_no,
        .is_json = arguments->is_json};
    bool is_complete = false;
    status = check_run(ctx, &options, stdout, &is_complete, ret_error);
    *arguments->exit_code = is_complete ? EXIT_OK : EXIT_LACKING;
    return status;
}

static enum status migrate_one(
    const struct ctx *ctx, enum schema_kind kind, const char *uri, struct error *ret_error)
{
    if (uri == NULL) {
        return STATUS_OK;
    }
    const struct db_options options = {
        .name = schema_kind_name(kind), .uri = uri, .mode = DB_OPEN_READ_WRITE};
    struct db *db = NULL;
    enum status status = db_open(ctx, &options, &db, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = schema_migrate(ctx, db, kind, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "%s", db_place(db));
    }
    db_close(db);
    return status;
}

static enum status run_migrate(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    enum status status = need_one(arguments, ret_error);
    if (status == STATUS_OK) {
        status = migrate_one(ctx, SCHEMA_EDC, arguments->edc_uri, ret_error);
    }
    if (status == STATUS_OK) {
        status = migrate_one(ctx, SCHEMA_CTMS, arguments->ctms_uri, ret_error);
    }
    return status;
}

static enum status run_regrade(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    struct regrade_options options = arguments->regrade;
    options.ctms_uri = arguments->ctms_uri;
    options.study = arguments->study;
    options.site_no = arguments->site_no;
    return regrade_write(ctx, &options, ret_error);
}

/* What goes with what is said here; what the names mean, by the study. */
static enum status check_arguments(const struct arguments *arguments, struct error *ret_error)
{
    bool has_values = arguments->sets.n_texts > 0;
    bool has_forms =
        arguments->subject_no != NULL || arguments->site_no != NULL || arguments->n_examples >= 0;
    if (arguments->edc_uri == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--edc URI is needed");
    }
    if (has_values && has_forms) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--set gives the values: --site, --subject and --examples are about the database's");
    }
    return STATUS_OK;
}

static enum status run_checks(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error)
{
    static const int CODES[] = {
        [CHECKS_GOOD] = EXIT_OK, [CHECKS_FAIL] = EXIT_LACKING, [CHECKS_REFUSED] = EXIT_USAGE};
    enum { EXAMPLES = 5 };
    enum checks_outcome outcome = CHECKS_GOOD;
    const char *what = arguments->n_words == 0 ? "" : arguments->words[0];
    const struct checks_options options = {
        .edc_uri = arguments->edc_uri,
        .study = arguments->study,
        .form = arguments->form,
        .site_no = arguments->site_no,
        .subject_no = arguments->subject_no,
        .expression = arguments->words[1],
        .assignments = arguments->sets.texts,
        .n_assignments = arguments->sets.n_texts,
        .n_examples = arguments->n_examples < 0 ? EXAMPLES : (uint64_t)arguments->n_examples,
    };
    enum status status = check_arguments(arguments, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (strcmp(what, "test") == 0 && arguments->n_words == 2) {
        status = checks_test(ctx, &options, stdout, stderr, &outcome, ret_error);
    } else if (strcmp(what, "list") == 0 && arguments->n_words == 1) {
        status = checks_list(ctx, &options, stdout, &outcome, ret_error);
    } else {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "what to do is missing or unknown: \"test 'EXPRESSION'\" or \"list\"");
    }
    *arguments->exit_code = CODES[outcome];
    return status;
}

static const struct command COMMANDS[] = {
    {"demo", command_demo, " edc ctms manifest lab-results sites subjects seed force ", 0},
    {"import", command_import, " edc ctms force ", 2},
    {"export", command_export, " edc ctms ", 2},
    {"check", run_check, " edc ctms study site json ", 0},
    {"checks", run_checks, " edc study form set site subject examples ", 2},
    {"info", run_info, " edc ctms ", 0},
    {"migrate", run_migrate, " edc ctms ", 0},
    {"regrade", run_regrade, " ctms study site rule grade by reason ", 0},
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < LENGTH_OF(COMMANDS); i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) {
            return &COMMANDS[i];
        }
    }
    return NULL;
}

static enum status parse(const struct command *command, int argc, char **argv,
    struct arguments *arguments, struct error *ret_error)
{
    const struct option all[] = {
        {.name = "edc", .text = &arguments->edc_uri},
        {.name = "ctms", .text = &arguments->ctms_uri},
        {.name = "manifest", .text = &arguments->manifest},
        {.name = "lab-results", .text = &arguments->lab_results},
        {.name = "force", .flag = &arguments->is_forced},
        {.name = "json", .flag = &arguments->is_json},
        {.name = "study", .text = &arguments->study},
        {.name = "site", .text = &arguments->site_no},
        {.name = "rule", .text = &arguments->regrade.rule_code},
        {.name = "grade", .text = &arguments->regrade.grade},
        {.name = "by", .text = &arguments->regrade.by},
        {.name = "reason", .text = &arguments->regrade.reason},
        {.name = "form", .text = &arguments->form},
        {.name = "subject", .text = &arguments->subject_no},
        {.name = "set", .list = &arguments->sets},
        {.name = "examples",
            .number = &arguments->n_examples,
            .min = 0,
            .max = CHECKS_EXAMPLES_MAX},
        {.name = "sites", .number = &arguments->n_sites, .min = 1, .max = DEMO_SITES_MAX},
        {.name = "subjects", .number = &arguments->n_subjects, .min = 1, .max = DEMO_SUBJECTS_MAX},
        {.name = "seed", .number = &arguments->seed, .min = 0, .max = INT64_MAX},
    };
    struct option rows[LENGTH_OF(all)];
    size_t n_rows = 0;
    for (size_t i = 0; i < LENGTH_OF(all); i++) {
        char word[32];
        snprintf(word, sizeof(word), " %s ", all[i].name);
        if (strstr(command->options, word) != NULL) {
            rows[n_rows++] = all[i];
        }
    }
    enum status status =
        options_parse(argc, argv, rows, n_rows, arguments->words, &arguments->n_words, ret_error);
    if (status == STATUS_OK && arguments->n_words > command->n_words) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "unexpected \"%.60s\"",
            arguments->words[command->n_words]);
    }
    return status;
}

static int exit_code(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_OK;
    case STATUS_INVALID_ARGUMENT:
    case STATUS_ALREADY_EXISTS:
        return EXIT_USAGE;
    case STATUS_CANCELLED:
        return EXIT_CANCELLED;
    case STATUS_UNAVAILABLE:
    case STATUS_DATA_LOSS:
    case STATUS_NOT_FOUND:
    case STATUS_FAILED_PRECONDITION:
    case STATUS_RESOURCE_EXHAUSTED:
    case STATUS_PERMISSION_DENIED:
        return EXIT_UNAVAILABLE;
    case STATUS_UNKNOWN:
    case STATUS_DEADLINE_EXCEEDED:
    case STATUS_ABORTED:
    case STATUS_OUT_OF_RANGE:
    case STATUS_UNIMPLEMENTED:
    case STATUS_INTERNAL:
    case STATUS_UNAUTHENTICATED:
        return EXIT_INTERNAL;
    }
    return EXIT_INTERNAL;
}

/* Whether all that was printed has arrived: on a full disk it has not. */
static int check_output(int code)
{
    bool has_failed = ferror(stdout) != 0;
    if (fflush(stdout) == 0 && !has_failed) {
        return code;
    }
    if (errno != EPIPE) { /* whoever closed the pipe has seen enough */
        fprintf(
            stderr, "walkie-data: the output could not be written whole: %s\n", strerror(errno));
    }
    return code == EXIT_OK || code == EXIT_LACKING ? EXIT_OUTPUT : code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct error error = ERROR_NONE;
    int done_code = EXIT_OK;
    struct arguments arguments = {
        .exit_code = &done_code, .n_sites = 12, .n_subjects = 30, .seed = 1, .n_examples = -1};
    enum status status = parse(command, argc, argv, &arguments, &error);
    if (status == STATUS_OK) {
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        struct interrupt *interrupt = interrupt_start(scope);
        status = command->run(scope->ctx, &arguments, &error);
        interrupt_stop(interrupt);
    }
    if (status == STATUS_CANCELLED) {
        fprintf(stderr, "walkie-data %s: cancelled; nothing was made or changed\n", command->name);
    } else if (status != STATUS_OK) {
        fprintf(stderr, "walkie-data %s: %s\n", command->name,
            error.text[0] != '\0' ? error.text : status_text(status));
    }
    return check_output(status == STATUS_OK ? done_code : exit_code(status));
}

int main(int argc, char **argv)
{
    const struct log_options log = {
        .service = "walkie-data", .format = LOG_FORMAT_TEXT, .level = LOG_LEVEL_WARN};
    struct error error = ERROR_NONE;
    process_survive_writes();
    if (log_init(&log, &error) != STATUS_OK) {
        fprintf(stderr, "walkie-data: %s\n", error.text);
        return EXIT_INTERNAL;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(HELP, stdout);
            return check_output(EXIT_OK);
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("walkie-data %s\n", WALKIE_VERSION);
            return check_output(EXIT_OK);
        }
    }
    const struct command *command = argc < 2 ? NULL : find_command(argv[1]);
    if (command == NULL) {
        fprintf(stderr,
            "walkie-data: %s%s; commands are demo, import, export, check, checks, info, migrate "
            "and "
            "regrade, see "
            "--help\n",
            argc < 2 ? "a command is needed" : "no such command: ", argc < 2 ? "" : argv[1]);
        return EXIT_USAGE;
    }
    return run(command, argc - 2, argv + 2);
}
