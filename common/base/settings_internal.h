/* What the files of the settings library share. Not for anybody else.
 *
 *     status = settings_set(settings, index, "5s", "--drain-timeout", SETTINGS_RANK_FLAG, &error);
 */
#ifndef WALKIE_BASE_SETTINGS_INTERNAL_H
#define WALKIE_BASE_SETTINGS_INTERNAL_H

#include "base/arena.h"
#include "base/settings.h"

enum {
    SETTINGS_NAME_LEN_MAX = 48, /* of a row's name, with the NUL */
    SETTINGS_NOT_FOUND = -1,
    SETTINGS_BUILT_IN_COUNT = 5,
};

/* Where a value came from; the higher one wins, between equals the later one. */
enum settings_rank {
    SETTINGS_RANK_NONE,
    SETTINGS_RANK_DEFAULT,
    SETTINGS_RANK_FILE,
    SETTINGS_RANK_ENVIRONMENT,
    SETTINGS_RANK_FLAG,
};

struct settings_value {
    const char *text;   /* NULL: unset */
    const char *origin; /* "--listen" */
    int64_t number;     /* integer; nanoseconds; 0 or 1 */
    enum settings_rank rank;
};

struct settings {
    const struct settings_program *program;
    struct arena *arena; /* holds every text below */
    enum settings_action action;
    const char *config_path; /* NULL: no file */
    const char *config_origin;
    struct settings_value values[SETTINGS_ROWS_MAX];
};

/* Names that every program knows: config, help, version, print-config, check-config. */
extern const char *const SETTINGS_BUILT_INS[SETTINGS_BUILT_IN_COUNT];

/* The index of the row, or SETTINGS_NOT_FOUND. */
int settings_find(const struct settings_program *program, const char *name);

/* The row or built-in name that `name` may have been meant to be, or NULL. */
const char *settings_nearest(const struct settings_program *program, const char *name);

/* "API_GATEWAY_DRAIN_TIMEOUT"; with an empty name the prefix alone. */
void settings_variable(
    const struct settings_program *program, const char *name, char *ret_text, size_t size);

/* Check the text against the row. Errors: INVALID_ARGUMENT, in words that follow "name: ". */
MUST_USE enum status settings_parse(
    const struct setting *row, const char *text, int64_t *ret_number, struct error *ret_error);

/* What the row allows: "from 1 to 64", "text, json", "a duration ...". */
void settings_allowed(const struct setting *row, char *ret_text, size_t size);

/* Check the value and keep it, unless one of a higher rank is there. Copies its texts. An error
 * says `origin` first. */
MUST_USE enum status settings_set(struct settings *settings, int index, const char *text,
    const char *origin, enum settings_rank rank, struct error *ret_error);

/* Read the lines of the file at settings->config_path. */
MUST_USE enum status settings_read_file(struct settings *settings, struct error *ret_error);

#endif
