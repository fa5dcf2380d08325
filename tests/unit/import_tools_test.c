/* Calendar, key map, options and random numbers of the importer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "import/keymap.h"
#include "import/options.h"
#include "import/random.h"
#include "schema/calendar.h"

static void every_day_of_four_centuries_survives_the_round_trip(void **state)
{
    (void)state;
    int first = calendar_day(1899, 12, 25);
    for (int day = first; day < first + 146097; day++) {
        char text[CALENDAR_TEXT_MAX];
        int back = 0;
        calendar_text(day, text);
        assert_true(calendar_parse(text, &back));
        assert_int_equal(back, day);
    }
    assert_int_equal(calendar_day(1970, 1, 1), 0);
    assert_int_equal(calendar_day(2000, 3, 1), 11017);
}

static void what_is_no_day_is_refused(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"", "2024", "2024-02", "2023-02-29", "2024-13-01",
        "2024-00-10", "2024-01-32", "24-01-01", "2024/01/01", "2024-01-01x", "2024-1-1", "x"};
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        int day = 42;
        assert_false(calendar_parse(TEXTS[i], &day));
        assert_int_equal(day, 42);
    }
}

static void a_stamp_is_read_to_the_second(void **state)
{
    (void)state;
    int64_t at = 0;
    assert_true(calendar_parse_stamp("1970-01-02T03:04:05", &at));
    assert_true(at == INT64_C(97445000));
    assert_true(calendar_parse_stamp("1970-01-02 03:04", &at));
    assert_true(at == INT64_C(97440000));
    assert_false(calendar_parse_stamp("1970-01-02T24:00", &at));
    assert_false(calendar_parse_stamp("1970-01-02", &at));
    assert_false(calendar_parse_stamp("1970-01-02T03:04:05Z", &at));
}

static void ten_thousand_keys_are_found_again(void **state)
{
    (void)state;
    struct keymap *map = keymap_new();
    assert_non_null(map);
    char key[32];
    int64_t value = -1;
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof(key), "key %d", i);
        assert_true(keymap_put(map, key, i));
    }
    assert_true(keymap_put(map, "key 5000", 77));
    assert_int_equal(keymap_count(map), 10000);
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof(key), "key %d", i);
        assert_true(keymap_get(map, key, &value));
        assert_int_equal(value, i == 5000 ? 77 : i);
    }
    assert_false(keymap_get(map, "key 10000", &value));
    keymap_free(map);
}

struct parsed {
    const char *edc;
    bool is_forced;
    int64_t sites;
    const char *words[OPTIONS_WORDS_MAX];
    size_t n_words;
    struct error error;
};

static enum status parse(struct parsed *parsed, int argc, const char *const *arguments)
{
    char *argv[8];
    const struct option rows[] = {{.name = "edc", .text = &parsed->edc},
        {.name = "force", .flag = &parsed->is_forced},
        {.name = "sites", .number = &parsed->sites, .min = 1, .max = 99}};
    for (int i = 0; i < argc; i++) {
        argv[i] = (char *)(uintptr_t)arguments[i];
    }
    return options_parse(
        argc, argv, rows, LENGTH_OF(rows), parsed->words, &parsed->n_words, &parsed->error);
}

static void options_and_words_may_be_mixed(void **state)
{
    (void)state;
    struct parsed parsed = {.sites = 12};
    const char *const arguments[] = {"clindata", "--edc", "a", "--force", "folder", "--sites=7"};
    assert_int_equal(parse(&parsed, 6, arguments), STATUS_OK);
    assert_string_equal(parsed.edc, "a");
    assert_true(parsed.is_forced);
    assert_int_equal(parsed.sites, 7);
    assert_int_equal(parsed.n_words, 2);
    assert_string_equal(parsed.words[1], "folder");
}

static void an_option_of_a_list_may_be_given_again_but_not_for_ever(void **state)
{
    (void)state;
    static char *arguments[OPTIONS_LIST_MAX + 1];
    static char assignment[] = "--set=a=1";
    struct option_list list = {.n_texts = 0};
    const struct option row = {.name = "set", .list = &list};
    const char *words[OPTIONS_WORDS_MAX];
    size_t n_words = 0;
    struct error error = ERROR_NONE;
    for (size_t i = 0; i < LENGTH_OF(arguments); i++) {
        arguments[i] = assignment;
    }
    assert_int_equal(
        options_parse(OPTIONS_LIST_MAX, arguments, &row, 1, words, &n_words, &error), STATUS_OK);
    assert_int_equal(list.n_texts, OPTIONS_LIST_MAX);
    assert_string_equal(list.texts[OPTIONS_LIST_MAX - 1], "a=1");
    list.n_texts = 0;
    assert_int_equal(
        options_parse(OPTIONS_LIST_MAX + 1, arguments, &row, 1, words, &n_words, &error),
        STATUS_INVALID_ARGUMENT);
    assert_string_equal(error.text, "--set: given more than 256 times");
}

static void after_two_dashes_everything_is_a_word(void **state)
{
    (void)state;
    struct parsed parsed = {.sites = 12};
    const char *const arguments[] = {"--", "--force"};
    assert_int_equal(parse(&parsed, 2, arguments), STATUS_OK);
    assert_false(parsed.is_forced);
    assert_string_equal(parsed.words[0], "--force");
}

static void a_misspelt_option_is_told_the_right_one(void **state)
{
    (void)state;
    struct parsed parsed = {.sites = 12};
    const char *const arguments[] = {"--forec"};
    assert_int_equal(parse(&parsed, 1, arguments), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(parsed.error.text, "--force"));
}

static void numbers_outside_their_range_are_refused(void **state)
{
    (void)state;
    static const char *const VALUES[] = {
        "--sites=0", "--sites=100", "--sites=", "--sites=7x", "--sites=99999999999999999999"};
    for (size_t i = 0; i < LENGTH_OF(VALUES); i++) {
        struct parsed parsed = {.sites = 12};
        assert_int_equal(parse(&parsed, 1, &VALUES[i]), STATUS_INVALID_ARGUMENT);
        assert_int_equal(parsed.sites, 12);
    }
}

static void a_value_that_is_missing_is_refused(void **state)
{
    (void)state;
    struct parsed parsed = {.sites = 12};
    const char *const arguments[] = {"--edc"};
    assert_int_equal(parse(&parsed, 1, arguments), STATUS_INVALID_ARGUMENT);
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 1);
    /* The published first output of splitmix64 for the seed 1. */
    assert_true(random_next(&random) == UINT64_C(0x910A2DEC89025CC1));
}

static void counts_have_the_mean_that_was_asked_for(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 7);
    int sum = 0;
    for (int i = 0; i < 4000; i++) {
        sum += random_count(&random, 2.5);
    }
    assert_in_range(sum, 9700, 10300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_four_centuries_survives_the_round_trip),
        cmocka_unit_test(what_is_no_day_is_refused),
        cmocka_unit_test(a_stamp_is_read_to_the_second),
        cmocka_unit_test(ten_thousand_keys_are_found_again),
        cmocka_unit_test(options_and_words_may_be_mixed),
        cmocka_unit_test(an_option_of_a_list_may_be_given_again_but_not_for_ever),
        cmocka_unit_test(after_two_dashes_everything_is_a_word),
        cmocka_unit_test(a_misspelt_option_is_told_the_right_one),
        cmocka_unit_test(numbers_outside_their_range_are_refused),
        cmocka_unit_test(a_value_that_is_missing_is_refused),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(counts_have_the_mean_that_was_asked_for),
    };
    return cmocka_run_group_tests_name("import_tools", tests, NULL, NULL);
}
