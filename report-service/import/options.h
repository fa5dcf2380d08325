/* The command line of walkie-data: options that may stand anywhere, and words between them.
 *
 *     struct option rows[] = {{.name = "edc", .text = &edc_uri}, {.name = "force", .flag =
 * &force}}; status = options_parse(argc, argv, rows, LENGTH_OF(rows), words, &n_words, &error);
 *
 * "--name value", "--name=value" and "--" are understood. Not here: environment and files
 * (base/settings.h), which a tool that is run by hand does not need. */
#ifndef WALKIE_IMPORT_OPTIONS_H
#define WALKIE_IMPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    OPTIONS_WORDS_MAX = 4,
    OPTIONS_MAX = 16,
    OPTIONS_LIST_MAX = 256, /* times that an option may be given which may be given again */
};

/* The values of such an option, in their order. */
struct option_list {
    const char *texts[OPTIONS_LIST_MAX];
    size_t n_texts;
};

/* One option; exactly one of the targets is set. Targets keep what they held when it is absent. */
struct option {
    const char *name; /* without the dashes */
    const char **text;
    struct option_list *list;
    bool *flag;
    int64_t *number;
    int64_t min; /* of a number */
    int64_t max;
};

/* Texts are borrowed from argv. Errors: INVALID_ARGUMENT, with the nearest name suggested. */
MUST_USE enum status options_parse(int argc, char **argv, const struct option *rows, size_t n_rows,
    const char *ret_words[OPTIONS_WORDS_MAX], size_t *ret_n_words, struct error *ret_error);

#endif
