/* The commands of walkie-data that make, load and write out data sets.
 *
 *     status = command_import(ctx, &arguments, &error);
 *
 * Not here: the command line (main.c, options.h). */
#ifndef WALKIE_IMPORT_COMMANDS_H
#define WALKIE_IMPORT_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "ctx/ctx.h"
#include "import/options.h"
#include "import/regrade.h"

/* All options of all commands; each command says which ones it takes. */
struct arguments {
    const char *edc_uri;
    const char *ctms_uri;
    const char *manifest;
    const char *lab_results;
    const char *study;
    const char *form;
    const char *subject_no;
    struct option_list sets;
    int64_t n_examples;             /* -1: not said */
    struct regrade_options regrade; /* but for the database, the study and the site */
    int64_t n_sites;
    int64_t n_subjects;
    int64_t seed;
    bool is_forced;
    bool is_json;
    const char *site_no;
    int *exit_code; /* of a command that is done; EXIT_OK when it says nothing */
    const char *words[OPTIONS_WORDS_MAX];
    size_t n_words;
};

/* Both databases are named, and are not the same. */
MUST_USE enum status commands_need_both(const struct arguments *arguments, struct error *ret_error);

MUST_USE enum status command_demo(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error);
MUST_USE enum status command_import(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error);
MUST_USE enum status command_export(
    const struct ctx *ctx, const struct arguments *arguments, struct error *ret_error);

#endif
