#include "obs/startup.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "obs/detached.h"
#include "obs/leaks.h"
#include "obs/metrics.h"

extern char **environ;

enum log_level startup_log_level(const char *word)
{
    static const char *const WORDS[] = {
        [LOG_LEVEL_DEBUG] = "debug",
        [LOG_LEVEL_INFO] = "info",
        [LOG_LEVEL_WARN] = "warn",
        [LOG_LEVEL_ERROR] = "error",
    };
    for (size_t i = 0; i < LENGTH_OF(WORDS); i++) {
        if (strcmp(WORDS[i], word) == 0) {
            return (enum log_level)i;
        }
    }
    return LOG_LEVEL_INFO;
}

static enum status start_log(
    const struct settings *settings, const char *service, struct error *ret_error)
{
    bool is_json = strcmp(settings_text(settings, "log-format"), "json") == 0;
    bool is_chinese = strcmp(settings_text(settings, "log-language"), "zh-CN") == 0;
    const struct log_options options = {
        .service = service,
        .format = is_json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT,
        .level = startup_log_level(settings_text(settings, "log-level")),
        .language = is_chinese ? LOG_LANGUAGE_ZH_CN : LOG_LANGUAGE_EN,
        .path = settings_text(settings, "log-file"),
    };
    return log_init(&options, ret_error);
}

static int complain(
    const struct settings_program *program, const struct error *error, int exit_code)
{
    fprintf(stderr, "%s: %s\n", program->name, error->text);
    return exit_code;
}

int startup_settings(const struct settings_program *program, int argc, char **argv,
    enum status (*check)(const struct settings *settings, struct error *ret_error),
    struct settings **ret_settings)
{
    process_give_back_memory();
    process_raise_file_limit();
    process_block_signals();
    struct error error = ERROR_NONE;
    if (settings_load(program, argc, argv, environ, ret_settings, &error) != STATUS_OK) {
        return complain(program, &error, EXIT_USAGE);
    }
    const struct settings *settings = *ret_settings;
    enum settings_action action = settings_action(settings);
    bool is_checked = action == SETTINGS_RUN || action == SETTINGS_CHECK_CONFIG;
    if (is_checked && check(settings, &error) != STATUS_OK) {
        return complain(program, &error, EXIT_USAGE);
    }
    if (action != SETTINGS_RUN) {
        settings_answer(settings, stdout);
        return EXIT_OK;
    }
    if (start_log(settings, program->name, &error) != STATUS_OK) {
        return complain(program, &error, EXIT_UNAVAILABLE);
    }
    metrics_set_build(program->name, WALKIE_VERSION);
    detached_declare();
    leaks_declare();
    return STARTUP_GO_ON;
}

enum status startup_check_addresses(const struct settings *settings, const char *const names[],
    size_t n_names, struct error *ret_error)
{
    for (size_t i = 0; i < n_names; i++) {
        const char *address = settings_text(settings, names[i]);
        if (!process_is_local_address(address) && !settings_boolean(settings, "insecure")) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "--%s %s can be reached from other machines; use a loopback address, or say "
                "--insecure if you mean it",
                names[i], address);
        }
    }
    return STATUS_OK;
}

struct reload_hook {
    void (*reload)(void *arg);
    void *arg;
};

/* Written and read by main's thread alone. */
static struct reload_hook reload_hooks[STARTUP_RELOADS_MAX];
static size_t n_reload_hooks;

void startup_on_reload(void (*reload)(void *arg), void *arg)
{
    assert(n_reload_hooks < STARTUP_RELOADS_MAX);
    reload_hooks[n_reload_hooks++] = (struct reload_hook){reload, arg};
}

static void reload(void)
{
    struct error error = ERROR_NONE;
    if (log_reopen(&error) != STATUS_OK) {
        LOG_ERROR("service.reload", NULL, log_str("error", error.text));
    }
    for (size_t i = 0; i < n_reload_hooks; i++) {
        reload_hooks[i].reload(reload_hooks[i].arg);
    }
}

/* Ten looks while a scope becomes a leak, at least one a minute and at most ten a second. */
static uint64_t look_every_ns(uint64_t leak_after_ns)
{
    if (leak_after_ns == 0) {
        return PROCESS_FOREVER;
    }
    uint64_t every_ns = leak_after_ns / 10;
    every_ns = every_ns < CLOCK_SECONDS(60) ? every_ns : CLOCK_SECONDS(60);
    return every_ns > CLOCK_MS(100) ? every_ns : CLOCK_MS(100);
}

void startup_wait_for_stop(const struct settings *settings)
{
    uint64_t leak_after_ns = settings_duration_ns(settings, "leak-after");
    process_notify("READY=1");
    for (;;) {
        switch (process_wait_signal(look_every_ns(leak_after_ns))) {
        case PROCESS_STOP:
            process_notify("STOPPING=1");
            return;
        case PROCESS_RELOAD:
            reload();
            break;
        case PROCESS_TIMEOUT:
            leaks_look(leak_after_ns);
            break;
        }
    }
}

struct signal_watch {
    const struct ctx_scope *scope;
    _Atomic bool is_over;
};

static void *watch_signals(void *arg)
{
    enum { LOOK_AGAIN_MS = 20 };
    struct signal_watch *watch = arg;
    while (!atomic_load(&watch->is_over)) {
        if (process_wait_signal(CLOCK_MS(LOOK_AGAIN_MS)) == PROCESS_STOP) {
            ctx_cancel(watch->scope, CTX_CAUSE_SERVER_DRAINING);
            break;
        }
    }
    return NULL;
}

enum status startup_drain(uint64_t timeout_ns, startup_drain_fn *drain, void *arg)
{
    LOG_INFO("service.draining", NULL, log_ms("drain_timeout_ms", timeout_ns));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), timeout_ns));
    struct signal_watch watch = {.scope = scope};
    pthread_t thread;
    bool is_watched = pthread_create(&thread, NULL, watch_signals, &watch) == 0;
    enum status status = drain(scope->ctx, arg);
    atomic_store(&watch.is_over, true);
    if (is_watched) {
        pthread_join(thread, NULL);
    }
    LOG_INFO("service.stopped", NULL, log_bool("is_drained", status == STATUS_OK));
    return status;
}

int startup_failed(const struct settings_program *program, const struct error *error)
{
    LOG_ERROR("service.failed", NULL, log_str("error", error->text));
    int exit_code = EXIT_UNAVAILABLE;
    if (error->status == STATUS_INVALID_ARGUMENT) {
        exit_code = EXIT_USAGE;
    } else if (error->status == STATUS_INTERNAL) {
        exit_code = EXIT_INTERNAL;
    }
    return complain(program, error, exit_code);
}
