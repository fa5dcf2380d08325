/* What the main of every service does the same way: settings, log, waiting for signals, draining.
 *
 *     struct settings *settings = NULL;
 *     int exit_code = startup_settings(&PROGRAM, argc, argv, config_check, &settings);
 *     if (exit_code != STARTUP_GO_ON) { … }
 *     startup_wait_for_stop();
 *     status = startup_drain(timeout_ns, drain, server);
 *
 * Not here: what a service opens and serves. */
#ifndef WALKIE_OBS_STARTUP_H
#define WALKIE_OBS_STARTUP_H

#include "base/settings.h"
#include "ctx/ctx.h"
#include "obs/log.h"

enum { STARTUP_GO_ON = -1 };

/* The rows of the log's settings, for a program's table. */
#define STARTUP_LOG_SETTINGS                                                                       \
    {.name = "log-format",                                                                         \
        .kind = SETTING_CHOICE,                                                                    \
        .default_text = "text",                                                                    \
        .choices = "text|json",                                                                    \
        .group = "Log",                                                                            \
        .help = "aligned text or JSON lines"},                                                     \
        {.name = "log-level",                                                                      \
            .kind = SETTING_CHOICE,                                                                \
            .default_text = "info",                                                                \
            .choices = "debug|info|warn|error",                                                    \
            .group = "Log",                                                                        \
            .help = "the least that is logged"},                                                   \
        {.name = "log-language",                                                                   \
            .kind = SETTING_CHOICE,                                                                \
            .default_text = "en",                                                                  \
            .choices = "en|zh-CN",                                                                 \
            .group = "Log",                                                                        \
            .help = "the language of the text format's words"},                                    \
    {                                                                                              \
        .name = "log-file", .kind = SETTING_TEXT, .group = "Log", .value_name = "PATH",            \
        .help = "append to this file (SIGHUP reopens it) instead of standard error"                \
    }

/* The leak watch's row, for the same table. */
#define STARTUP_LEAK_SETTING                                                                       \
    {                                                                                              \
        .name = "leak-after", .kind = SETTING_DURATION, .default_text = "10m", .min = 0,           \
        .max = INT64_C(86400000000000), .group = "Log",                                            \
        .help = "log contexts that were done so long ago and not released as ctx.leaked; 0: do "   \
                "not look"                                                                         \
    }

/* What a word of the row "log-level" means. */
enum log_level startup_log_level(const char *word);

/* Load settings, check that they fit each other, answer --help and the like, start the log. Blocks
 * the signals that startup_wait_for_stop waits for: call it before any thread.
 * Returns STARTUP_GO_ON, or the code to exit with. *ret_settings is the caller's either way. */
MUST_USE int startup_settings(const struct settings_program *program, int argc, char **argv,
    enum status (*check)(const struct settings *settings, struct error *ret_error),
    struct settings **ret_settings);

/* Whether the addresses of these rows can be reached from this machine only, or --insecure says
 * that it is meant. Errors: INVALID_ARGUMENT names the row and the address. */
MUST_USE enum status startup_check_addresses(const struct settings *settings,
    const char *const names[], size_t n_names, struct error *ret_error);

/* Have main call `reload` at each SIGHUP, after the log was reopened, in the order of these calls.
 * Call it before startup_wait_for_stop, on the same thread; at most STARTUP_RELOADS_MAX of them. */
enum { STARTUP_RELOADS_MAX = 8 };
void startup_on_reload(void (*reload)(void *arg), void *arg);

/* Tell systemd that we are ready, wait for SIGTERM or SIGINT; meanwhile SIGHUP reopens the log, and
 * leaked contexts are looked for as --leak-after says. */
void startup_wait_for_stop(const struct settings *settings);

/* Run `drain` under a context that is done after `timeout_ns` or at a second signal. */
typedef enum status startup_drain_fn(const struct ctx *ctx, void *arg);
enum status startup_drain(uint64_t timeout_ns, startup_drain_fn *drain, void *arg);

/* Say why the service cannot start, in the log and on standard error; returns the exit code. */
int startup_failed(const struct settings_program *program, const struct error *error);

#endif
