/* Settings: where values come from, which of them wins, and what wrong ones are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "settings_support.h"

static void defaults_hold_when_nothing_is_set(void **state)
{
    (void)state;
    struct settings *settings = load_good(NULL, NULL);
    assert_int_equal(settings_action(settings), SETTINGS_RUN);
    assert_string_equal(settings_text(settings, "listen"), "127.0.0.1:8080");
    assert_null(settings_text(settings, "tls-cert"));
    assert_int_equal(settings_integer(settings, "workers"), 4);
    assert_int_equal(settings_duration_ns(settings, "drain-timeout"), CLOCK_SECONDS(5));
    assert_false(settings_boolean(settings, "allow-faults"));
    assert_string_equal(settings_text(settings, "log-format"), "json");
    assert_string_equal(settings_origin(settings, "listen"), "default");
    settings_free(settings);
}

static void a_flag_takes_its_value_from_either_form(void **state)
{
    (void)state;
    struct settings *settings =
        load_good(LIST("--listen", "a:1", "--workers=7", "--drain-timeout", "300ms"), NULL);
    assert_string_equal(settings_text(settings, "listen"), "a:1");
    assert_int_equal(settings_integer(settings, "workers"), 7);
    assert_int_equal(settings_duration_ns(settings, "drain-timeout"), CLOCK_MS(300));
    assert_string_equal(settings_origin(settings, "workers"), "--workers");
    settings_free(settings);
}

static void the_last_of_a_repeated_flag_wins(void **state)
{
    (void)state;
    struct settings *settings = load_good(LIST("--workers=7", "--workers=8"), NULL);
    assert_int_equal(settings_integer(settings, "workers"), 8);
    settings_free(settings);
}

static void a_boolean_is_said_with_and_without_no(void **state)
{
    (void)state;
    struct settings *settings = load_good(LIST("--allow-faults"), NULL);
    assert_true(settings_boolean(settings, "allow-faults"));
    settings_free(settings);
    settings = load_good(LIST("--no-allow-faults"), LIST("API_GATEWAY_ALLOW_FAULTS=yes"));
    assert_false(settings_boolean(settings, "allow-faults"));
    settings_free(settings);
    settings = load_good(LIST("--allow-faults=on"), NULL);
    assert_true(settings_boolean(settings, "allow-faults"));
    settings_free(settings);
}

static void flags_win_over_environment_over_file_over_default(void **state)
{
    const struct file *file = *state;
    static const char CONTENTS[] = "# ours\n\nlisten = file:1\n\tworkers=9 \r\nlog-format = text";
    write_file(file, CONTENTS, strlen(CONTENTS));
    struct settings *settings = load_good(LIST(file->flag, "--listen", "flag:1"),
        LIST("API_GATEWAY_LISTEN=environment:1", "API_GATEWAY_WORKERS=12", "HOME=/"));
    assert_string_equal(settings_text(settings, "listen"), "flag:1");
    assert_int_equal(settings_integer(settings, "workers"), 12);
    assert_string_equal(settings_text(settings, "log-format"), "text");
    assert_int_equal(settings_duration_ns(settings, "drain-timeout"), CLOCK_SECONDS(5));
    assert_string_equal(settings_origin(settings, "listen"), "--listen");
    assert_string_equal(settings_origin(settings, "workers"), "API_GATEWAY_WORKERS");
    char place[80];
    snprintf(place, sizeof(place), "%s:5", file->path);
    assert_string_equal(settings_origin(settings, "log-format"), place);
    assert_string_equal(settings_origin(settings, "drain-timeout"), "default");
    settings_free(settings);
}

static void the_environment_may_name_the_file(void **state)
{
    const struct file *file = *state;
    write_file(file, "workers = 3\n", strlen("workers = 3\n"));
    char variable[96];
    snprintf(variable, sizeof(variable), "API_GATEWAY_CONFIG=%s", file->path);
    struct settings *settings = load_good(NULL, LIST(variable));
    assert_int_equal(settings_integer(settings, "workers"), 3);
    settings_free(settings);
}

static void an_empty_text_unsets_what_the_file_sets(void **state)
{
    const struct file *file = *state;
    write_file(file, "tls-cert = a.pem\n", strlen("tls-cert = a.pem\n"));
    struct settings *settings = load_good(LIST(file->flag, "--tls-cert="), NULL);
    assert_null(settings_text(settings, "tls-cert"));
    settings_free(settings);
}

static void an_empty_variable_is_as_good_as_none(void **state)
{
    (void)state;
    struct settings *settings =
        load_good(NULL, LIST("API_GATEWAY_WORKERS=", "API_GATEWAY_LISTEN="));
    assert_int_equal(settings_integer(settings, "workers"), 4);
    assert_string_equal(settings_text(settings, "listen"), "127.0.0.1:8080");
    settings_free(settings);
}

static void unknown_flags_are_refused_with_the_nearest_name(void **state)
{
    (void)state;
    assert_refused(LIST("--lisen=a:1"), NULL, "--lisen=a:1: no such flag; did you mean --listen?");
    assert_refused(LIST("--halp"), NULL, "--halp: no such flag; did you mean --help?");
    assert_refused(LIST("--colour"), NULL, "--colour: no such flag (--help lists them)");
    assert_refused(
        LIST("--no-workers"), NULL, "--no-workers: no such flag; did you mean --workers?");
    assert_refused(LIST("-x"), NULL, "-x: no such flag (--help lists them)");
    assert_refused(
        LIST("listen"), NULL, "listen: only flags are expected here (--help lists them)");
    assert_refused(LIST("--"), NULL, "--: no such flag (--help lists them)");
}

static void a_flag_without_its_value_is_refused(void **state)
{
    (void)state;
    assert_refused(LIST("--listen"), NULL, "--listen: needs a value");
    assert_refused(LIST("--listen", "--workers=3"), NULL, "--listen: needs a value");
    assert_refused(LIST("--config"), NULL, "--config: needs a value");
    assert_refused(LIST("--check-config=1"), NULL, "--check-config: takes no value");
}

static void a_wrong_value_is_told_what_is_allowed(void **state)
{
    (void)state;
    assert_refused(LIST("--workers=0"), NULL,
        "--workers: \"0\" is not allowed; it takes a number from 1 to 64");
    assert_refused(LIST("--workers=1x"), NULL,
        "--workers: \"1x\" is not allowed; it takes a number from 1 to 64");
    assert_refused(LIST("--workers=99999999999999999999"), NULL,
        "--workers: \"99999999999999999999\" is not allowed; it takes a number from 1 to 64");
    assert_refused(LIST("--drain-timeout", "5"), NULL,
        "--drain-timeout: \"5\" is not allowed; it takes digits and ns, us, ms, s, m or h, such as "
        "300ms, from 1ms to 1m");
    assert_refused(LIST("--drain-timeout", "2m"), NULL,
        "--drain-timeout: \"2m\" is not allowed; it takes digits and ns, us, ms, s, m or h, such "
        "as 300ms, from 1ms to 1m");
    assert_refused(NULL, LIST("API_GATEWAY_LOG_FORMAT=tex"),
        "API_GATEWAY_LOG_FORMAT: \"tex\" is not allowed; it takes one of text, json");
    assert_refused(LIST("--allow-faults=maybe"), NULL,
        "--allow-faults: \"maybe\" is not allowed; it takes true or false (yes, no, on, off, 1, "
        "0)");
    assert_refused(LIST("--listen=a\nb"), NULL, "--listen: has a control character in it");
}

static void all_choices_at_once_are_no_choice(void **state)
{
    (void)state;
    assert_refused(LIST("--log-format=text|json"), NULL,
        "--log-format: \"text|json\" is not allowed; it takes one of text, json");
    assert_refused(LIST("--log-format="), NULL,
        "--log-format: \"\" is not allowed; it takes one of text, json");
}

static void a_value_above_the_maximum_is_refused(void **state)
{
    (void)state;
    static char flag[SETTINGS_VALUE_LEN_MAX + 32] = "--listen=";
    memset(flag + strlen(flag), 'a', SETTINGS_VALUE_LEN_MAX + 1);
    assert_refused(LIST(flag), NULL, "--listen: longer than 4096 bytes");
    flag[strlen("--listen=") + SETTINGS_VALUE_LEN_MAX] = '\0';
    settings_free(load_good(LIST(flag), NULL));
}

static void a_misspelt_variable_is_refused_and_a_foreign_one_is_not(void **state)
{
    (void)state;
    assert_refused(NULL, LIST("API_GATEWAY_LISTN=a:1"),
        "API_GATEWAY_LISTN: no such setting; did you mean API_GATEWAY_LISTEN?");
    struct settings *settings =
        load_good(NULL, LIST("API_GATEWAY_PORT=tcp://10.0.0.1:80",
                            "API_GATEWAY_SERVICE_HOST=10.0.0.1", "API_GATEWAY_PORT_80_TCP=x"));
    assert_string_equal(settings_origin(settings, "listen"), "default");
    settings_free(settings);
}

static void a_wrong_line_is_named_by_file_and_number(void **state)
{
    const struct file *file = *state;
    assert_file_refused(
        file, "\n\nlisen = a:1\n", ":3: lisen: no such setting; did you mean listen?");
    assert_file_refused(file, "colour = red", ":1: colour: no such setting (--help lists them)");
    assert_file_refused(file, "help = x", ":1: help: only a flag, not a setting of a file");
    assert_file_refused(file, "listen a:1\n", ":1: not a line of the form: name = value");
    assert_file_refused(file, "workers = 1\n#\nworkers = 2", ":3: workers: set in line 1 already");
    assert_file_refused(
        file, "workers = 65", ":1: workers: \"65\" is not allowed; it takes a number from 1 to 64");
}

static void a_wrong_line_is_refused_even_if_a_flag_overrides_it(void **state)
{
    const struct file *file = *state;
    write_file(file, "workers = x\n", strlen("workers = x\n"));
    struct settings *settings = NULL;
    assert_int_equal(
        load(LIST(file->flag, "--workers=2"), NULL, &settings, NULL), STATUS_INVALID_ARGUMENT);
}

static void a_file_that_is_missing_or_no_text_is_named(void **state)
{
    const struct file *file = *state;
    struct settings *settings = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(load(LIST("--config", "/nonexistent/walkie.conf"), NULL, &settings, &error),
        STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "--config: /nonexistent/walkie.conf: cannot read"));
    write_file(file, "a\0b", 3);
    assert_int_equal(load(LIST(file->flag), NULL, &settings, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "not a text file"));
}

static void a_file_above_the_maximum_is_refused(void **state)
{
    const struct file *file = *state;
    static char contents[SETTINGS_FILE_LEN_MAX + 1];
    memset(contents, '#', sizeof(contents));
    write_file(file, contents, sizeof(contents));
    struct settings *settings = NULL;
    assert_int_equal(load(LIST(file->flag), NULL, &settings, NULL), STATUS_RESOURCE_EXHAUSTED);
    write_file(file, contents, sizeof(contents) - 1);
    settings_free(load_good(LIST(file->flag), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_hold_when_nothing_is_set),
        cmocka_unit_test(a_flag_takes_its_value_from_either_form),
        cmocka_unit_test(the_last_of_a_repeated_flag_wins),
        cmocka_unit_test(a_boolean_is_said_with_and_without_no),
        WITH_FILE(flags_win_over_environment_over_file_over_default),
        WITH_FILE(the_environment_may_name_the_file),
        WITH_FILE(an_empty_text_unsets_what_the_file_sets),
        cmocka_unit_test(an_empty_variable_is_as_good_as_none),
        cmocka_unit_test(unknown_flags_are_refused_with_the_nearest_name),
        cmocka_unit_test(a_flag_without_its_value_is_refused),
        cmocka_unit_test(a_wrong_value_is_told_what_is_allowed),
        cmocka_unit_test(all_choices_at_once_are_no_choice),
        cmocka_unit_test(a_value_above_the_maximum_is_refused),
        cmocka_unit_test(a_misspelt_variable_is_refused_and_a_foreign_one_is_not),
        WITH_FILE(a_wrong_line_is_named_by_file_and_number),
        WITH_FILE(a_wrong_line_is_refused_even_if_a_flag_overrides_it),
        WITH_FILE(a_file_that_is_missing_or_no_text_is_named),
        WITH_FILE(a_file_above_the_maximum_is_refused),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
