/* Settings: what --help, --version, --print-config and --check-config print. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "settings_support.h"

enum { ANSWER_MAX = 8192 };

static const char *answer(const struct settings *settings, char *ret_text, size_t size)
{
    memset(ret_text, 0, size);
    FILE *stream = fmemopen(ret_text, size, "w");
    assert_non_null(stream);
    settings_answer(settings, stream);
    assert_int_equal(fclose(stream), 0);
    return ret_text;
}

static void help_and_version_ask_for_nothing_else(void **state)
{
    (void)state;
    char text[ANSWER_MAX];
    struct settings *settings = load_good(LIST("--nonsense", "--version"), NULL);
    assert_int_equal(settings_action(settings), SETTINGS_VERSION);
    assert_string_equal(answer(settings, text, sizeof(text)), "api-gateway 1.2.3\n");
    settings_free(settings);
    settings = load_good(LIST("--help"), LIST("API_GATEWAY_WORKERS=x"));
    assert_int_equal(settings_action(settings), SETTINGS_HELP);
    settings_free(settings);
}

static void help_lists_every_setting_within_its_columns(void **state)
{
    (void)state;
    char text[ANSWER_MAX];
    struct settings *settings = load_good(LIST("--help"), NULL);
    answer(settings, text, sizeof(text));
    settings_free(settings);
    assert_non_null(strstr(text,
        "\nNetwork:\n  --listen ADDRESS          where HTTP is served (default 127.0.0.1:8080)\n"));
    assert_non_null(strstr(
        text, "  --workers NUMBER          threads that run handlers (1 to 64, default 4)\n"));
    assert_non_null(strstr(text, "  --[no-]allow-faults       for tests\n"));
    assert_non_null(
        strstr(text, "  --log-format text|json    the form of log lines (default json)\n"));
    assert_non_null(strstr(text, "--check-config"));
    assert_non_null(strstr(text, "API_GATEWAY_LISTEN"));
    for (const char *line = text; line != NULL; line = strchr(line + 1, '\n')) {
        assert_true(strcspn(line + 1, "\n") <= 100);
    }
}

/* What --print-config prints is a config file that gives the same settings. */
static void the_printed_config_can_be_read_back(void **state)
{
    const struct file *file = *state;
    char text[ANSWER_MAX];
    struct settings *settings =
        load_good(LIST("--print-config", "--workers=7"), LIST("API_GATEWAY_DRAIN_TIMEOUT=1500ms"));
    answer(settings, text, sizeof(text));
    settings_free(settings);
    assert_non_null(strstr(text, "# from --workers\nworkers = 7\n"));
    assert_non_null(strstr(text, "# from API_GATEWAY_DRAIN_TIMEOUT\ndrain-timeout = 1500ms\n"));
    assert_non_null(strstr(text, "# not set\n# tls-cert =\n"));
    write_file(file, text, strlen(text));
    settings = load_good(LIST(file->flag), NULL);
    assert_int_equal(settings_integer(settings, "workers"), 7);
    assert_int_equal(settings_duration_ns(settings, "drain-timeout"), CLOCK_MS(1500));
    assert_null(settings_text(settings, "tls-cert"));
    settings_free(settings);
}

static void a_printed_config_hides_passwords(void **state)
{
    (void)state;
    char text[ANSWER_MAX];
    struct settings *settings =
        load_good(LIST("--print-config", "--tls-cert=postgresql://ann:s3:c@ret@host/edc"), NULL);
    answer(settings, text, sizeof(text));
    settings_free(settings);
    assert_non_null(strstr(text, "tls-cert = postgresql://ann:***@host/edc\n"));
    assert_null(strstr(text, "s3"));
}

static void check_config_says_that_all_is_well(void **state)
{
    (void)state;
    char text[ANSWER_MAX];
    struct settings *settings = load_good(LIST("--check-config"), NULL);
    assert_int_equal(settings_action(settings), SETTINGS_CHECK_CONFIG);
    assert_string_equal(
        answer(settings, text, sizeof(text)), "api-gateway: the settings are in order\n");
    settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_and_version_ask_for_nothing_else),
        cmocka_unit_test(help_lists_every_setting_within_its_columns),
        WITH_FILE(the_printed_config_can_be_read_back),
        cmocka_unit_test(a_printed_config_hides_passwords),
        cmocka_unit_test(check_config_says_that_all_is_well),
    };
    return cmocka_run_group_tests_name("settings_answer", tests, NULL, NULL);
}
