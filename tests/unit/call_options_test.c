/* walkie-call's command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/options.h"

enum { ARGUMENTS_MAX = 64 };

static char *const NO_ENVIRONMENT[] = {NULL};

/* The arguments after the program's name, ended by NULL. */
static enum status read(struct options *options, struct error *error, const char *const arguments[],
    char *const *environment)
{
    static char name[] = "walkie-call";
    char *argv[ARGUMENTS_MAX] = {name};
    int argc = 1;
    for (; arguments[argc - 1] != NULL; argc++) {
        argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
    }
    memset(options, 0, sizeof(*options));
    return options_read(argc, argv, environment, options, error);
}

#define READ(options, error, ...)                                                                  \
    read((options), (error), (const char *const[]){__VA_ARGS__, NULL}, NO_ENVIRONMENT)

static void expect_refused(const char *words, const char *const arguments[])
{
    struct options options;
    struct error error = ERROR_NONE;
    assert_int_equal(read(&options, &error, arguments, NO_ENVIRONMENT), STATUS_INVALID_ARGUMENT);
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not have \"%s\"", error.text, words);
    }
    options_finish(&options);
}

#define EXPECT_REFUSED(words, ...) expect_refused((words), (const char *const[]){__VA_ARGS__, NULL})

static void words_and_flags_may_stand_in_any_order(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(
        READ(&options, NULL, "--timeout", "3s", "Echo", "--json", "{}", "--output=x"), STATUS_OK);
    assert_string_equal(options.method, "Echo");
    assert_string_equal(options.body, "{}");
    assert_true(settings_duration_ns(options.settings, "timeout") == CLOCK_SECONDS(3));
    assert_true(settings_boolean(options.settings, "json"));
    assert_string_equal(settings_text(options.settings, "output"), "x");
    options_finish(&options);
}

static void a_lone_dash_is_a_word_and_a_value(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(READ(&options, NULL, "Echo", "-", "--output", "-"), STATUS_OK);
    assert_string_equal(options.body, "-");
    assert_string_equal(settings_text(options.settings, "output"), "-");
    options_finish(&options);
}

static void after_two_dashes_there_are_no_flags(void **state)
{
    (void)state;
    struct options options;
    assert_int_equal(READ(&options, NULL, "--", "Echo", "--json"), STATUS_OK);
    assert_string_equal(options.body, "--json");
    assert_false(settings_boolean(options.settings, "json"));
    options_finish(&options);
}

static void metadata_may_be_there_several_times(void **state)
{
    (void)state;
    struct options options;
    struct bytes value;
    assert_int_equal(
        READ(&options, NULL, "Echo", "--metadata", "a=1", "--metadata=b=x=y"), STATUS_OK);
    assert_true(rpc_metadata_get(&options.metadata, "a", &value));
    assert_memory_equal(value.data, "1", 1);
    assert_true(rpc_metadata_get(&options.metadata, "b", &value));
    assert_int_equal(value.len, 3);
    assert_memory_equal(value.data, "x=y", 3);
    options_finish(&options);
}

static void the_environment_can_name_the_service(void **state)
{
    (void)state;
    struct options options;
    static char backend[] = "WALKIE_CALL_BACKEND=ipc:///tmp/x.ipc";
    static char metadata[] = "WALKIE_CALL_METADATA=a=7";
    char *const environment[] = {backend, metadata, NULL};
    assert_int_equal(
        read(&options, NULL, (const char *const[]){"--list", NULL}, environment), STATUS_OK);
    assert_string_equal(settings_text(options.settings, "backend"), "ipc:///tmp/x.ipc");
    assert_int_equal(options.metadata.n_entries, 1);
    options_finish(&options);
}

static void a_trace_is_taken_over_in_both_forms(void **state)
{
    (void)state;
    struct options options;
    char text[TRACE_ID_TEXT_MAX];
    static const char ID[] = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert_int_equal(READ(&options, NULL, "Echo", "--trace", ID), STATUS_OK);
    trace_id_text(&options.trace, text);
    assert_string_equal(text, ID);
    options_finish(&options);
    assert_int_equal(READ(&options, NULL, "Echo", "--trace",
                         "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        STATUS_OK);
    trace_id_text(&options.trace, text);
    assert_string_equal(text, ID);
    char parent[SPAN_ID_TEXT_MAX];
    span_id_text(options.trace.parent_span_id, parent);
    assert_string_equal(parent, "00f067aa0ba902b7");
    options_finish(&options);
}

static void what_does_not_fit_is_refused_in_words(void **state)
{
    (void)state;
    EXPECT_REFUSED("METHOD is missing", "--json");
    EXPECT_REFUSED("one word too many", "Echo", "{}", "more");
    EXPECT_REFUSED("--list or --describe, not both", "--list", "--describe");
    EXPECT_REFUSED("--list takes no METHOD", "--list", "Echo");
    EXPECT_REFUSED("--describe takes no request", "--describe", "Echo", "{}");
    EXPECT_REFUSED("--timout: no such flag; did you mean --timeout?", "Echo", "--timout", "3s");
    EXPECT_REFUSED("--timout: no such flag", "Echo", "{}", "--timout", "3s");
    EXPECT_REFUSED("-x", "Echo", "-x");
    EXPECT_REFUSED("--timeout", "Echo", "--timeout", "3");
    EXPECT_REFUSED("--timeout: needs a value", "Echo", "--timeout");
    EXPECT_REFUSED("--trace", "Echo", "--trace", "4bf92f3577b34da6a3ce929d0e0e473");
    EXPECT_REFUSED("--trace", "Echo", "--trace", "00000000000000000000000000000000");
    EXPECT_REFUSED("--metadata novalue: a key", "Echo", "--metadata", "novalue");
    EXPECT_REFUSED("--metadata A=1: a key is of", "Echo", "--metadata", "A=1");
    EXPECT_REFUSED("--metadata: at most 16 entries", "Echo", "--metadata", "a=", "--metadata",
        "b=", "--metadata", "c=", "--metadata", "d=", "--metadata", "e=", "--metadata",
        "f=", "--metadata", "g=", "--metadata", "h=", "--metadata", "i=", "--metadata",
        "j=", "--metadata", "k=", "--metadata", "l=", "--metadata", "m=", "--metadata",
        "n=", "--metadata", "o=", "--metadata", "p=", "--metadata", "q=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_flags_may_stand_in_any_order),
        cmocka_unit_test(a_lone_dash_is_a_word_and_a_value),
        cmocka_unit_test(after_two_dashes_there_are_no_flags),
        cmocka_unit_test(metadata_may_be_there_several_times),
        cmocka_unit_test(the_environment_can_name_the_service),
        cmocka_unit_test(a_trace_is_taken_over_in_both_forms),
        cmocka_unit_test(what_does_not_fit_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
