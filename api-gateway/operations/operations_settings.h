/* The operations' settings, and operations made from them.
 *
 *     static const struct setting ROWS[] = { …, OPERATIONS_SETTINGS("Operations"), … };
 *     status = operations_from_settings(settings, &options, &operations, &error);
 *
 * Without --operations and --operations-dir both are in this user's folder for such things:
 * $STATE_DIRECTORY (systemd), else $XDG_STATE_HOME/walkie, else ~/.local/state/walkie. Where even
 * that cannot be had the gateway starts without operations: they are answered 503. */
#ifndef WALKIE_GATEWAY_OPERATIONS_SETTINGS_H
#define WALKIE_GATEWAY_OPERATIONS_SETTINGS_H

#include "base/settings.h"
#include "operations/operations.h"

#define OPERATIONS_SETTINGS(heading)                                                               \
    {.name = "operations",                                                                         \
        .kind = SETTING_TEXT,                                                                      \
        .group = (heading),                                                                        \
        .value_name = "URL",                                                                       \
        .help = "where operations are recorded: sqlite:PATH, postgresql://… (shared by several " \
                "gateways), or none; default: operations.sqlite in --operations-dir"},             \
        {.name = "operations-dir",                                                                 \
            .kind = SETTING_TEXT,                                                                  \
            .group = (heading),                                                                    \
            .value_name = "FOLDER",                                                                \
            .help = "where their results are kept, shared by the gateways that share "             \
                    "--operations; default: operations in $STATE_DIRECTORY, in "                   \
                    "$XDG_STATE_HOME/walkie, or in ~/.local/state/walkie"},                        \
        {.name = "operations-keep",                                                                \
            .kind = SETTING_DURATION,                                                              \
            .default_text = "24h",                                                                 \
            .min = INT64_C(1000000000),                                                            \
            .max = INT64_C(30) * 24 * 3600 * INT64_C(1000000000),                                  \
            .group = (heading),                                                                    \
            .help = "how long a result is kept after its operation's end"},                        \
        {.name = "operations-max-mib",                                                             \
            .kind = SETTING_INTEGER,                                                               \
            .default_text = "4096",                                                                \
            .min = 1,                                                                              \
            .max = 1048576,                                                                        \
            .group = (heading),                                                                    \
            .help = "how much of them is kept; the oldest results go first"},                      \
        {.name = "operations-running",                                                             \
            .kind = SETTING_INTEGER,                                                               \
            .default_text = "64",                                                                  \
            .min = 1,                                                                              \
            .max = 10000,                                                                          \
            .group = (heading),                                                                    \
            .help = "operations and event streams that run at once; the excess gets 429"},         \
    {                                                                                              \
        .name = "operations-per-client", .kind = SETTING_INTEGER, .default_text = "16", .min = 1,  \
        .max = 10000, .group = (heading), .help = "of these, how many of one client"               \
    }

/* `options` has the channel and the words; the rest comes from the settings. *ret_operations stays
 * NULL for "none", and, said in the log, when there is no folder by default.
 * Errors: those of operations_new. */
MUST_USE enum status operations_from_settings(const struct settings *settings,
    const struct operations_options *options, struct operations **ret_operations,
    struct error *ret_error);

#endif
