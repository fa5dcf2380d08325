#include "settings_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

enum { ARGUMENTS_MAX = 8 };

static const struct setting ROWS[] = {
    {.name = "listen",
        .kind = SETTING_TEXT,
        .default_text = "127.0.0.1:8080",
        .value_name = "ADDRESS",
        .group = "Network",
        .help = "where HTTP is served"},
    {.name = "tls-cert", .kind = SETTING_TEXT, .group = "Network", .help = "a PEM file"},
    {.name = "workers",
        .kind = SETTING_INTEGER,
        .default_text = "4",
        .group = "Work",
        .help = "threads that run handlers",
        .min = 1,
        .max = 64},
    {.name = "drain-timeout",
        .kind = SETTING_DURATION,
        .default_text = "5s",
        .group = "Work",
        .help = "how long calls in flight may take once the program stops",
        .min = CLOCK_MS(1),
        .max = CLOCK_SECONDS(60)},
    {.name = "allow-faults", .kind = SETTING_BOOLEAN, .group = "Tests", .help = "for tests"},
    {.name = "log-format",
        .kind = SETTING_CHOICE,
        .default_text = "json",
        .group = "Logs",
        .help = "the form of log lines",
        .choices = "text|json"},
};

static const struct settings_program PROGRAM = {.name = "api-gateway",
    .version = "1.2.3",
    .purpose = "a program under test",
    .rows = ROWS,
    .n_rows = LENGTH_OF(ROWS)};

/* One load: the arguments after the program's name and the environment, each ended by NULL. */
enum status load(const char *const *arguments, const char *const *environment,
    struct settings **ret_settings, struct error *ret_error)
{
    const char *argv[ARGUMENTS_MAX + 1] = {"api-gateway"};
    int argc = 1;
    while (arguments != NULL && arguments[argc - 1] != NULL) {
        argv[argc] = arguments[argc - 1];
        argc++;
    }
    /* The library takes what main has, which is not const, and changes nothing of it. */
    return settings_load(
        &PROGRAM, argc, (char *const *)argv, (char *const *)environment, ret_settings, ret_error);
}

struct settings *load_good(const char *const *arguments, const char *const *environment)
{
    struct settings *settings = NULL;
    struct error error = ERROR_NONE;
    if (load(arguments, environment, &settings, &error) != STATUS_OK) {
        fail_msg("unexpected: %s", error.text);
    }
    return settings;
}

void assert_refused(const char *const *arguments, const char *const *environment, const char *text)
{
    struct settings *settings = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(load(arguments, environment, &settings, &error), STATUS_INVALID_ARGUMENT);
    assert_null(settings);
    assert_string_equal(error.text, text);
}
int make_file(void **state)
{
    struct file *file = calloc(1, sizeof(*file));
    assert_non_null(file);
    snprintf(file->path, sizeof(file->path), "/tmp/walkie-settings-XXXXXX");
    int descriptor = mkstemp(file->path);
    assert_true(descriptor >= 0);
    close(descriptor);
    snprintf(file->flag, sizeof(file->flag), "--config=%s", file->path);
    *state = file;
    return 0;
}

int remove_file(void **state)
{
    struct file *file = *state;
    unlink(file->path);
    free(file);
    return 0;
}

void write_file(const struct file *file, const char *contents, size_t len)
{
    FILE *stream = fopen(file->path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(contents, 1, len, stream), len);
    assert_int_equal(fclose(stream), 0);
}

void assert_file_refused(const struct file *file, const char *contents, const char *text)
{
    write_file(file, contents, strlen(contents));
    struct settings *settings = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(load(LIST(file->flag), NULL, &settings, &error), STATUS_INVALID_ARGUMENT);
    assert_null(settings);
    assert_memory_equal(error.text, file->path, strlen(file->path));
    assert_string_equal(error.text + strlen(file->path), text);
}
