/* A laboratory's page: what was agreed on is read, everything else is refused as a whole; and when
 * a request is made again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/lab/lab_page.h"
#include "audit/lab/lab_retry.h"
#include "base/clock.h"

enum { ARENA_MAX = 4 << 20, TEXT_MAX = 2 << 20 };

static const struct lab_question QUESTION = {.study = "S", .site_no = "1", .as_of = "2025-06-30"};

#define HEAD "{\"as_of\":\"2025-06-30\",\"snapshot_at\":\"2025-06-30T06:00:00Z\",\"results\":"
#define RESULT                                                                                     \
    "\"subject_no\":\"1-001\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":25.8"
#define PAGE(result) HEAD "[{" result "}]}"

static enum lab_outcome read_bytes(struct bytes json, struct arena *arena, struct lab_page *page)
{
    /* A copy that ends where the text ends: a sanitizer sees a byte too many. */
    uint8_t *copy = malloc(json.len == 0 ? 1 : json.len);
    assert_non_null(copy);
    memcpy(copy, json.data, json.len);
    enum lab_outcome outcome =
        lab_page_read((struct bytes){copy, json.len}, &QUESTION, arena, page);
    free(copy);
    return outcome;
}

static enum lab_outcome outcome_of(const char *json)
{
    struct arena *arena = arena_new(ARENA_MAX);
    assert_non_null(arena);
    struct lab_page page;
    enum lab_outcome outcome = read_bytes(bytes_of(json), arena, &page);
    arena_free(arena);
    return outcome;
}

static void a_result_is_read_with_all_it_says(void **state)
{
    (void)state;
    static const char JSON[] =
        PAGE(RESULT ",\"unit\":\"U\\/L\",\"flag\":\"HH\",\"accession\":\"\\u7532"
                    "1\",\"more\":[1,{}]") "\n ";
    struct arena *arena = arena_new(ARENA_MAX);
    struct lab_page page;
    assert_int_equal(read_bytes(bytes_of(JSON), arena, &page), LAB_ANSWERED);
    assert_int_equal(page.results.count, 1);
    assert_string_equal(page.next, "");
    assert_int_equal(page.snapshot_at, INT64_C(1751263200000));
    const struct lab_value *value = (const struct lab_value *)page.results.first;
    assert_string_equal(value->subject_no, "1-001");
    assert_string_equal(value->test, "ALT");
    assert_string_equal(value->collected_on, "2025-01-02");
    assert_true(value->has_value && value->value == 25.8);
    assert_string_equal(value->unit, "U/L");
    assert_string_equal(value->flag, "HH");
    assert_string_equal(value->accession, "甲1");
    arena_free(arena);
}

static void what_is_optional_may_be_null_or_absent(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(PAGE(RESULT)), LAB_ANSWERED);
    assert_int_equal(
        outcome_of(PAGE(RESULT ",\"unit\":null,\"flag\":null,\"accession\":null")), LAB_ANSWERED);
    assert_int_equal(outcome_of(HEAD "[],\"next\":null}"), LAB_ANSWERED);
    assert_int_equal(outcome_of(HEAD "[],\"next\":\"2\"}"), LAB_ANSWERED);
    assert_int_equal(outcome_of("{\"as_of\":\"2025-06-30\",\"snapshot_at\":"
                                "\"2025-06-30T06:00:00.123Z\",\"results\":[]}"),
        LAB_ANSWERED);
    assert_int_equal(
        outcome_of(PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\","
                        "\"value\":null")),
        LAB_ANSWERED);
}

static void results_after_the_day_asked_for_are_passed_over(void **state)
{
    (void)state;
    static const char JSON[] = PAGE("\"subject_no\":\"1\",\"test\":\"A\",\"collected_on\":\"2025-"
                                    "07-01\",\"value\":1},{" RESULT);
    struct arena *arena = arena_new(ARENA_MAX);
    struct lab_page page;
    assert_int_equal(read_bytes(bytes_of(JSON), arena, &page), LAB_ANSWERED);
    assert_int_equal(page.results.count, 1);
    arena_free(arena);
}

static void anything_else_is_refused_as_a_whole(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"results\":[]}",
        HEAD "[]",
        HEAD "[]}}",
        HEAD "[]} x",
        HEAD "[]}{}",
        HEAD "{}}",
        HEAD "[null]}",
        HEAD "[[]]}",
        HEAD "[],\"next\":2}",
        HEAD "[],\"next\":\"\"}",
        HEAD "[],\"results\":[]}",
        HEAD "[],\"x\":1,\"x\":2}",
        HEAD "[],\"x\":[[[[[[[[[]]]]]]]]]}",
        "{\"as_of\":\"2025-06-29\",\"snapshot_at\":\"2025-06-30T06:00:00Z\",\"results\":[]}",
        "{\"as_of\":\"2025-06-30\",\"snapshot_at\":\"2025-06-30\",\"results\":[]}",
        "{\"as_of\":\"2025-06-30\",\"snapshot_at\":\"2025-06-31T06:00:00Z\",\"results\":[]}",
        "{\"as_of\":\"2025-06-30\",\"snapshot_at\":\"2025-06-30T24:00:00Z\",\"results\":[]}",
        "{\"as_of\":\"2025-06-30\",\"snapshot_at\":\"2025-06-30T06:00:00+08\",\"results\":[]}",
        "{\"as_of\":\"2025-06-30\",\"snapshot_at\":\"2025-06-30T06:00:00.1Z\",\"results\":[]}",
        "{\"as_of\":\"2025-06-30\",\"snapshot_at\":1751263200000,\"results\":[]}",
        PAGE(RESULT ",\"value\":25.8"),
        PAGE(RESULT ",\"flag\":\"high\""),
        PAGE(RESULT ",\"flag\":1"),
        PAGE(RESULT ",\"unit\":\"\""),
        PAGE(RESULT ",\"unit\":\"a\\nb\""),
        PAGE(RESULT ",\"unit\":\"a\tb\""),
        PAGE(RESULT ",\"unit\":\"\\u0000\""),
        PAGE(RESULT ",\"unit\":\"\xff\""),
        PAGE(RESULT ",\"unit\":\"0123456789012345678901234567890123456789012345678901234567890123"
                    "\""),
        PAGE("\"subject_no\":1,\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":1"),
        PAGE("\"subject_no\":\"1\",\"collected_on\":\"2025-01-02\",\"value\":1"),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-02-29\",\"value\":1"),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01\",\"value\":1"),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\""),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":"
             "\"1\""),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":NaN"),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":01"),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":1."),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":+1"),
        PAGE("\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":"
             "1e999"),
        PAGE(
            "\"subject_no\":\"1\",\"test\":\"ALT\",\"collected_on\":\"2025-01-02\",\"value\":0x10"),
    };
    for (size_t i = 0; i < LENGTH_OF(BAD); i++) {
        enum lab_outcome outcome = outcome_of(BAD[i]);
        if (outcome != LAB_NOT_UNDERSTOOD) {
            fail_msg("%zu has outcome %d: %s", i, (int)outcome, BAD[i]);
        }
    }
}

static void a_page_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char JSON[] = PAGE(RESULT ",\"unit\":\"U/L\"");
    struct arena *arena = arena_new(ARENA_MAX);
    struct lab_page page;
    for (size_t len = 0; len < sizeof(JSON) - 1; len++) {
        struct bytes cut = {(const uint8_t *)JSON, len};
        assert_int_equal(read_bytes(cut, arena, &page), LAB_NOT_UNDERSTOOD);
    }
    assert_int_equal(read_bytes(bytes_of(JSON), arena, &page), LAB_ANSWERED);
    arena_free(arena);
}

/* What costs the parser far more memory than it has bytes. */
static void many_small_values_are_refused_before_they_are_parsed(void **state)
{
    (void)state;
    char *json = malloc(TEXT_MAX);
    assert_non_null(json);
    size_t len = (size_t)snprintf(json, TEXT_MAX, HEAD "[],\"x\":[0");
    for (size_t i = 0; i < LAB_PAGE_VALUES_MAX; i++) {
        json[len++] = ',';
        json[len++] = '0';
    }
    snprintf(json + len, TEXT_MAX - len, "]}");
    assert_false(lab_scan(bytes_of(json)));
    assert_int_equal(outcome_of(json), LAB_NOT_UNDERSTOOD);
    free(json);
}

static void too_little_memory_is_said_to_be_too_much(void **state)
{
    (void)state;
    struct arena *arena = arena_new(16);
    struct lab_page page;
    assert_int_equal(read_bytes(bytes_of(PAGE(RESULT)), arena, &page), LAB_TOO_MUCH);
    arena_free(arena);
}

static void addresses_that_cannot_be_asked_are_refused(void **state)
{
    (void)state;
    static const char *const GOOD[] = {
        "http://127.0.0.1:8090", "https://lab.example/api/", "http://[::1]:80"};
    static const char *const BAD[] = {"", "lab.example", "ftp://lab.example", "http://",
        "http:///a", "https://:443", "http://user:secret@lab.example", "http://lab.example/?a",
        "http://lab/#x", "http://lab.example/a b", "http://lab.example/\n"};
    for (size_t i = 0; i < LENGTH_OF(GOOD); i++) {
        assert_int_equal(lab_check_url(GOOD[i], NULL), STATUS_OK);
    }
    for (size_t i = 0; i < LENGTH_OF(BAD); i++) {
        struct error error = ERROR_NONE;
        assert_int_equal(lab_check_url(BAD[i], &error), STATUS_INVALID_ARGUMENT);
        assert_null(strstr(error.text, "secret"));
    }
}

static void pauses_double_are_jittered_and_end(void **state)
{
    (void)state;
    struct lab_verdict verdict = lab_retry_judge_status(503, 0);
    for (uint64_t seed = 1; seed < 200; seed++) {
        struct lab_retry retry;
        lab_retry_init(&retry, seed);
        for (unsigned int i = 0; i < LAB_REPEATS_MAX; i++) {
            uint64_t pause_ns = 0;
            uint64_t all_ns = CLOCK_MS(LAB_PAUSE_MS) << i;
            assert_true(lab_retry_next(&retry, &verdict, CLOCK_NEVER, &pause_ns));
            assert_true(pause_ns >= all_ns / 2 && pause_ns <= all_ns);
        }
        uint64_t pause_ns;
        assert_false(lab_retry_next(&retry, &verdict, CLOCK_NEVER, &pause_ns));
    }
}

static void only_what_may_go_better_is_asked_again_and_only_in_time(void **state)
{
    (void)state;
    static const int AGAIN[] = {429, 502, 503, 504};
    static const int NEVER[] = {200, 204, 301, 302, 400, 401, 403, 404, 500, 501};
    struct lab_retry retry;
    uint64_t pause_ns = 0;
    lab_retry_init(&retry, 1);
    for (size_t i = 0; i < LENGTH_OF(AGAIN); i++) {
        assert_true(lab_retry_judge_status(AGAIN[i], 0).may_repeat);
    }
    for (size_t i = 0; i < LENGTH_OF(NEVER); i++) {
        struct lab_verdict verdict = lab_retry_judge_status(NEVER[i], 0);
        assert_false(lab_retry_next(&retry, &verdict, CLOCK_NEVER, &pause_ns));
    }
    struct lab_verdict in_a_second = lab_retry_judge_status(429, CLOCK_SECONDS(1));
    assert_false(lab_retry_next(&retry, &in_a_second, CLOCK_SECONDS(1), &pause_ns));
    assert_true(lab_retry_next(&retry, &in_a_second, CLOCK_SECONDS(2), &pause_ns));
    assert_int_equal(pause_ns, CLOCK_SECONDS(1));
    struct lab_verdict some_day = lab_retry_judge_status(503, CLOCK_NEVER);
    assert_false(lab_retry_next(&retry, &some_day, CLOCK_NEVER, &pause_ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_is_read_with_all_it_says),
        cmocka_unit_test(what_is_optional_may_be_null_or_absent),
        cmocka_unit_test(results_after_the_day_asked_for_are_passed_over),
        cmocka_unit_test(anything_else_is_refused_as_a_whole),
        cmocka_unit_test(a_page_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(many_small_values_are_refused_before_they_are_parsed),
        cmocka_unit_test(too_little_memory_is_said_to_be_too_much),
        cmocka_unit_test(addresses_that_cannot_be_asked_are_refused),
        cmocka_unit_test(pauses_double_are_jittered_and_end),
        cmocka_unit_test(only_what_may_go_better_is_asked_again_and_only_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
