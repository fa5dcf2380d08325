/* Settings: one table a program; each row is a flag, an environment variable and a line of a file.
 *
 *     static const struct setting ROWS[] = {
 *         {.name = "listen", .kind = SETTING_TEXT, .default_text = "127.0.0.1:8080",
 *          .value_name = "ADDRESS", .group = "Network", .help = "where HTTP is served"},
 *     };
 *     status = settings_load(&PROGRAM, argc, argv, environ, &settings, &error);
 *
 * A row `drain-timeout` of the program `api-gateway` is set by, the first of these that is there:
 *     --drain-timeout 5s    or --drain-timeout=5s; a boolean is --name or --no-name; the last wins
 *     API_GATEWAY_DRAIN_TIMEOUT=5s                 the program's name, then the row's
 *     drain-timeout = 5s                           in the file that --config (API_GATEWAY_CONFIG)
 * names default_text Built in: --config FILE, --help, --version, --print-config, --check-config.
 *
 * Not here: whether values fit each other (two listeners on one port). That is the program's. */
#ifndef WALKIE_BASE_SETTINGS_H
#define WALKIE_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/status.h"

enum {
    SETTINGS_ROWS_MAX = 96,           /* rows of one table */
    SETTINGS_FILE_LEN_MAX = 64 << 10, /* bytes of a config file */
    SETTINGS_VALUE_LEN_MAX = 4096,    /* bytes of one value, from wherever it comes */
    SETTINGS_EXIT_USAGE = 2,          /* the exit code of main when settings_load fails */
};

enum setting_kind {
    SETTING_TEXT,
    SETTING_INTEGER,
    SETTING_DURATION, /* base/duration.h: "300ms", "5s" */
    SETTING_BOOLEAN,  /* true, false, yes, no, on, off, 1, 0 */
    SETTING_CHOICE,
};

struct setting {
    const char *name; /* "drain-timeout": lower case, digits and '-' */
    enum setting_kind kind;
    const char *default_text; /* NULL: unset (text and choice), 0 (integer, duration), false */
    const char *help;         /* one clause, no full stop */
    const char *group;        /* the heading in --help; rows of a group stand together */
    const char *value_name;   /* in --help: "ADDRESS"; NULL: by kind */
    const char *choices;      /* SETTING_CHOICE: "text|json" */
    int64_t min;              /* SETTING_INTEGER, SETTING_DURATION (ns); both 0: any value */
    int64_t max;
};

struct settings_program {
    const char *name;    /* "api-gateway" */
    const char *version; /* "0.1.0" */
    const char *purpose; /* one line for --help */
    const struct setting *rows;
    size_t n_rows;
    const char *usage; /* what follows the program's name in --help; NULL: "[--NAME VALUE]..." */
    const char *notes; /* the end of --help, with its newlines; NULL: none */
};

/* What the command line asks for. */
enum settings_action {
    SETTINGS_RUN,
    SETTINGS_HELP,
    SETTINGS_VERSION,
    SETTINGS_PRINT_CONFIG,
    SETTINGS_CHECK_CONFIG,
};

struct settings;

/* Read flags, environment and file, and check every value. `argv[0]` is not looked at; after it
 * come flags only. `environment` is a NULL-terminated list of NAME=value. With --help or --version
 * nothing else is read. To reload, load again with the same arguments.
 *
 * Ownership: *ret_settings is the caller's, to settings_free; `program` is borrowed until then;
 *            arguments and environment are copied.
 * Errors:    INVALID_ARGUMENT (the text names the setting, where it was set and what is allowed; an
 *            unknown name comes with the nearest known one), NOT_FOUND (no such file),
 *            RESOURCE_EXHAUSTED (memory; a file or value above its maximum). */
MUST_USE enum status settings_load(const struct settings_program *program, int argc,
    char *const *argv, char *const *environment, struct settings **ret_settings,
    struct error *ret_error);

void settings_free(struct settings *settings); /* accepts NULL */
void settings_free_at(struct settings **settings);

enum settings_action settings_action(const struct settings *settings);

/* Write what the action asks for (--help, --version, --print-config, --check-config) to `stream`;
 * nothing for SETTINGS_RUN. Passwords within URLs are printed as ***. */
void settings_answer(const struct settings *settings, FILE *stream);

/* The values. The name must be a row of that kind (a bug otherwise). Texts live until
 * settings_free. Threads: any, once loaded. */
const char *settings_text(const struct settings *settings, const char *name); /* choices too */
int64_t settings_integer(const struct settings *settings, const char *name);
uint64_t settings_duration_ns(const struct settings *settings, const char *name);
bool settings_boolean(const struct settings *settings, const char *name);

/* Where the value came from: "--listen", "API_GATEWAY_LISTEN", "gateway.conf:3" or "default". */
const char *settings_origin(const struct settings *settings, const char *name);

#endif
