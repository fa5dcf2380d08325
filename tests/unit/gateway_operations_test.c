/* What of operations has no threads: ranges, preferences, records and how they are told. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/operation_json.h"
#include "api/operation_range.h"
#include "api/report_operation.h"

static void expect_range(const char *text, enum range_kind kind, uint64_t start, uint64_t len)
{
    struct file_range range = {0, 0};
    assert_int_equal(operation_range(text, 1000, &range), kind);
    if (kind != RANGE_UNSATISFIABLE) {
        assert_int_equal(range.start, start);
        assert_int_equal(range.len, len);
    }
}

static void one_range_of_bytes_is_a_part(void **state)
{
    (void)state;
    expect_range("bytes=0-0", RANGE_PART, 0, 1);
    expect_range("bytes=10-19", RANGE_PART, 10, 10);
    expect_range("bytes=990-", RANGE_PART, 990, 10);
    expect_range("bytes=990-5000", RANGE_PART, 990, 10);
    expect_range("bytes=-10", RANGE_PART, 990, 10);
    expect_range("bytes=-5000", RANGE_PART, 0, 1000);
}

static void what_is_no_single_range_is_the_whole(void **state)
{
    (void)state;
    expect_range(NULL, RANGE_WHOLE, 0, 1000);
    expect_range("bytes=0-1,5-6", RANGE_WHOLE, 0, 1000);
    expect_range("bytes=9-1", RANGE_WHOLE, 0, 1000);
    expect_range("bytes=-", RANGE_WHOLE, 0, 1000);
    expect_range("bytes=", RANGE_WHOLE, 0, 1000);
    expect_range("bytes= 1-2", RANGE_WHOLE, 0, 1000);
    expect_range("items=1-2", RANGE_WHOLE, 0, 1000);
    expect_range("bytes=99999999999999999999-", RANGE_WHOLE, 0, 1000);
}

static void a_range_behind_the_end_cannot_be_had(void **state)
{
    (void)state;
    expect_range("bytes=1000-", RANGE_UNSATISFIABLE, 0, 0);
    expect_range("bytes=-0", RANGE_UNSATISFIABLE, 0, 0);
    struct file_range range;
    assert_int_equal(operation_range("bytes=0-0", 0, &range), RANGE_UNSATISFIABLE);
    assert_int_equal(operation_range("bytes=-1", 0, &range), RANGE_UNSATISFIABLE);
}

static void prefer_is_a_list_of_preferences(void **state)
{
    (void)state;
    assert_true(report_operation_prefers("respond-async"));
    assert_true(report_operation_prefers("wait=10, Respond-Async"));
    assert_true(report_operation_prefers("respond-async; x=1, wait=10"));
    assert_false(report_operation_prefers("respond-asynchronously"));
    assert_false(report_operation_prefers("wait=respond-async"));
    assert_false(report_operation_prefers(""));
}

static void an_id_is_thirty_two_hex_digits(void **state)
{
    (void)state;
    char id[OPERATION_ID_MAX];
    assert_true(operation_new_id(id));
    assert_true(operation_is_id(id));
    assert_false(operation_is_id("0123456789ABCDEF0123456789ABCDEF"));
    assert_false(operation_is_id("0123456789abcdef0123456789abcde"));
    assert_false(operation_is_id("../../../../etc/passwd0000000000"));
}

static void states_and_their_words_agree(void **state)
{
    (void)state;
    for (int i = OPERATION_RUNNING; i <= OPERATION_CANCELLED; i++) {
        enum operation_state one = (enum operation_state)i;
        assert_int_equal(operation_state_of(operation_state_word(one)), one);
    }
    assert_int_equal(operation_state_of("unheard-of"), OPERATION_FAILED);
    assert_int_equal(operation_state_of(NULL), OPERATION_FAILED);
}

static void a_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    char text[6];
    operation_copy_text(text, sizeof(text), "中心中心");
    assert_string_equal(text, "中");
    operation_copy_text(text, sizeof(text), "12345");
    assert_string_equal(text, "12345");
}

static bool json_has(const struct operation_record *record, const char *text)
{
    struct buffer json = BUFFER_EMPTY(OPERATION_JSON_MAX);
    assert_int_equal(operation_json(record, &json), STATUS_OK);
    assert_int_equal(buffer_append(&json, "", 1), STATUS_OK);
    bool has = strstr((const char *)json.data, text) != NULL;
    buffer_finish(&json);
    return has;
}

static void a_result_has_an_address_only_while_it_is_there(void **state)
{
    (void)state;
    struct operation_record record;
    assert_int_equal(operation_record_init(&record, "ana", "/v1/x?y"), STATUS_OK);
    assert_true(json_has(&record, "\"state\":\"running\""));
    assert_true(json_has(&record, "\"result\":null"));
    assert_true(json_has(&record, "\"finished\":null"));
    record.state = OPERATION_DONE;
    record.finished_ms = 1764104400123;
    assert_true(json_has(&record, "\"finished\":\"2025-11-25T21:00:00.123Z\""));
    assert_true(json_has(&record, "/result\""));
    record.is_removed = true;
    assert_true(json_has(&record, "\"result\":null"));
}

static void a_problem_is_passed_on_as_it_was_kept(void **state)
{
    (void)state;
    struct operation_record record;
    assert_int_equal(operation_record_init(&record, "ana", "/v1/x"), STATUS_OK);
    record.state = OPERATION_FAILED;
    strcpy(record.problem, "{\"status\":504}");
    assert_true(json_has(&record, "\"problem\":{\"status\":504}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_range_of_bytes_is_a_part),
        cmocka_unit_test(what_is_no_single_range_is_the_whole),
        cmocka_unit_test(a_range_behind_the_end_cannot_be_had),
        cmocka_unit_test(prefer_is_a_list_of_preferences),
        cmocka_unit_test(an_id_is_thirty_two_hex_digits),
        cmocka_unit_test(states_and_their_words_agree),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(a_result_has_an_address_only_while_it_is_there),
        cmocka_unit_test(a_problem_is_passed_on_as_it_was_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
