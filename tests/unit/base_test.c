/* Status catalogue, error texts, durations, clocks and near names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/status.h"

static void every_status_has_a_name_a_text_and_an_http_code(void **state)
{
    (void)state;
    for (unsigned int wire = STATUS_OK; wire <= STATUS_UNAUTHENTICATED; wire++) {
        enum status status = status_from_wire(wire);
        assert_int_equal(status, wire);
        assert_non_null(status_name(status));
        assert_true(strlen(status_text(status)) > 1);
        assert_in_range(status_http_code(status), 200, 599);
    }
    assert_string_equal(status_name(STATUS_DEADLINE_EXCEEDED), "DEADLINE_EXCEEDED");
}

static void wire_numbers_are_those_of_grpc(void **state)
{
    (void)state;
    assert_int_equal(STATUS_OK, 0);
    assert_int_equal(STATUS_CANCELLED, 1);
    assert_int_equal(STATUS_DEADLINE_EXCEEDED, 4);
    assert_int_equal(STATUS_RESOURCE_EXHAUSTED, 8);
    assert_int_equal(STATUS_UNAVAILABLE, 14);
    assert_int_equal(STATUS_UNAUTHENTICATED, 16);
}

static void http_codes_are_those_of_the_interface(void **state)
{
    (void)state;
    assert_int_equal(status_http_code(STATUS_DEADLINE_EXCEEDED), 504);
    assert_int_equal(status_http_code(STATUS_CANCELLED), 499);
    assert_int_equal(status_http_code(STATUS_UNAVAILABLE), 503);
    assert_int_equal(status_http_code(STATUS_RESOURCE_EXHAUSTED), 429);
    assert_int_equal(status_http_code(STATUS_INVALID_ARGUMENT), 400);
    assert_int_equal(status_http_code(STATUS_NOT_FOUND), 404);
}

static void only_passing_conditions_are_retryable(void **state)
{
    (void)state;
    assert_true(status_is_retryable(STATUS_UNAVAILABLE));
    assert_true(status_is_retryable(STATUS_RESOURCE_EXHAUSTED));
    assert_false(status_is_retryable(STATUS_INVALID_ARGUMENT));
    assert_false(status_is_retryable(STATUS_DEADLINE_EXCEEDED));
    assert_false(status_is_retryable(STATUS_CANCELLED));
}

static void a_number_that_no_build_knows_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(status_from_wire(17), STATUS_UNKNOWN);
    assert_int_equal(status_from_wire(UINT32_MAX), STATUS_UNKNOWN);
    assert_string_equal(status_name((enum status)99), "UNKNOWN");
}

static void an_error_keeps_status_and_words(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    enum status status = error_set(&error, STATUS_NOT_FOUND, "%s: no such site", "site 7");
    assert_int_equal(status, STATUS_NOT_FOUND);
    assert_int_equal(error.status, STATUS_NOT_FOUND);
    assert_string_equal(error.text, "site 7: no such site");
    error_prefix(&error, "request %d", 3);
    assert_string_equal(error.text, "request 3: site 7: no such site");
    assert_int_equal(error.status, STATUS_NOT_FOUND);
}

static void an_error_nobody_wants_still_gives_its_status(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, STATUS_INTERNAL, "unseen"), STATUS_INTERNAL);
    error_prefix(NULL, "unseen");
}

/* A text of more than ERROR_TEXT_MAX bytes must not end within a character of three bytes,
 * wherever the cut falls. */
static void a_long_error_is_cut_between_characters(void **state)
{
    (void)state;
    static const char CHARACTER[] = "\xE4\xB8\xAD";
    for (size_t shift = 0; shift < 3; shift++) {
        char text[ERROR_TEXT_MAX + 32] = "abc";
        size_t len = shift;
        while (len + 3 < sizeof(text)) {
            memcpy(text + len, CHARACTER, 4);
            len += 3;
        }
        struct error error = ERROR_NONE;
        error_set(&error, STATUS_INTERNAL, "%s", text);
        size_t kept = strlen(error.text);
        assert_true(kept > ERROR_TEXT_MAX - 8);
        assert_int_equal((kept - shift) % 3, 0);
        assert_memory_equal(error.text, text, kept);
    }
}

static void assert_duration(const char *text, uint64_t expected_ns)
{
    uint64_t ns = 0;
    assert_true(duration_parse(text, &ns));
    assert_int_equal(ns, expected_ns);
}

static void durations_are_read_in_every_unit(void **state)
{
    (void)state;
    assert_duration("7ns", 7);
    assert_duration("7us", 7000);
    assert_duration("300ms", CLOCK_MS(300));
    assert_duration("3s", CLOCK_SECONDS(3));
    assert_duration("1.5s", CLOCK_MS(1500));
    assert_duration("0.25m", CLOCK_SECONDS(15));
    assert_duration("24h", DURATION_MAX_NS);
}

static void malformed_durations_are_refused_and_change_nothing(void **state)
{
    (void)state;
    static const char *const MALFORMED[] = {"", "s", "3", "3 s", " 3s", "3s ", "-3s", "+3s", "1.s",
        ".5s", "1.5.5s", "3S", "3sec", "0s", "0.0ms", "0.1ns", "25h", "1e3s", "0x3s",
        "9999999999999999s", "\xEF\xBC\x93s"};
    for (size_t i = 0; i < LENGTH_OF(MALFORMED); i++) {
        uint64_t ns = 12345;
        if (duration_parse(MALFORMED[i], &ns)) {
            fail_msg("\"%s\" was taken for a duration", MALFORMED[i]);
        }
        assert_int_equal(ns, 12345);
    }
}

static void the_grpc_form_has_its_own_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ns;
    } GOOD[] = {{"3S", CLOCK_SECONDS(3)}, {"500m", CLOCK_MS(500)}, {"2M", CLOCK_SECONDS(120)},
        {"1H", CLOCK_SECONDS(3600)}, {"7u", 7000}, {"9n", 9}, {"00000500m", CLOCK_MS(500)}};
    for (size_t i = 0; i < LENGTH_OF(GOOD); i++) {
        uint64_t ns = 0;
        assert_true(duration_parse_grpc(GOOD[i].text, &ns));
        assert_int_equal(ns, GOOD[i].ns);
    }
    static const char *const BAD[] = {
        "", "S", "3", "3s", "3 S", "1.5S", "123456789m", "0S", "25H", "99999999H", "3SS"};
    for (size_t i = 0; i < LENGTH_OF(BAD); i++) {
        uint64_t ns = 1;
        if (duration_parse_grpc(BAD[i], &ns)) {
            fail_msg("\"%s\" was taken for a gRPC timeout", BAD[i]);
        }
        assert_int_equal(ns, 1);
    }
}

static void a_deadline_too_far_away_never_comes(void **state)
{
    (void)state;
    assert_int_equal(clock_add_ns(5, 7), 12);
    assert_true(clock_add_ns(CLOCK_NEVER - 1, 2) == CLOCK_NEVER);
    assert_true(clock_add_ns(7, CLOCK_NEVER) == CLOCK_NEVER);
}

static void the_fake_clock_stands_still_until_it_is_taken_away(void **state)
{
    (void)state;
    clock_set_fake_ns(42);
    assert_int_equal(clock_now_ns(), 42);
    assert_int_equal(clock_now_ns(), 42);
    clock_set_fake_ns(0);
    uint64_t before_ns = clock_now_ns();
    assert_true(before_ns != 42);
    assert_true(clock_now_ns() >= before_ns);
}

static void distance_counts_slips_of_the_pen(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("listen", "listen"), 0);
    assert_int_equal(nearest_distance("lisen", "listen"), 1);
    assert_int_equal(nearest_distance("lsiten", "listen"), 1);
    assert_int_equal(nearest_distance("", "admin"), 5);
    assert_int_equal(nearest_distance("kitten", "sitting"), 3);
    char long_name[NEAREST_NAME_LEN_MAX + 2];
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    assert_true(nearest_distance(long_name, "a") == SIZE_MAX);
    assert_true(nearest_distance("a", long_name) == SIZE_MAX);
}

static void the_nearest_name_is_found_only_when_it_is_near(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"listen", "backend", "log-format", "log-level"};
    assert_string_equal(nearest_name("lisen", NAMES, LENGTH_OF(NAMES)), "listen");
    assert_string_equal(nearest_name("log-levle", NAMES, LENGTH_OF(NAMES)), "log-level");
    assert_null(nearest_name("colour", NAMES, LENGTH_OF(NAMES)));
    assert_null(nearest_name("", NAMES, LENGTH_OF(NAMES)));
    assert_null(nearest_name("listen", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_a_text_and_an_http_code),
        cmocka_unit_test(wire_numbers_are_those_of_grpc),
        cmocka_unit_test(http_codes_are_those_of_the_interface),
        cmocka_unit_test(only_passing_conditions_are_retryable),
        cmocka_unit_test(a_number_that_no_build_knows_is_unknown),
        cmocka_unit_test(an_error_keeps_status_and_words),
        cmocka_unit_test(an_error_nobody_wants_still_gives_its_status),
        cmocka_unit_test(a_long_error_is_cut_between_characters),
        cmocka_unit_test(durations_are_read_in_every_unit),
        cmocka_unit_test(malformed_durations_are_refused_and_change_nothing),
        cmocka_unit_test(the_grpc_form_has_its_own_units),
        cmocka_unit_test(a_deadline_too_far_away_never_comes),
        cmocka_unit_test(the_fake_clock_stands_still_until_it_is_taken_away),
        cmocka_unit_test(distance_counts_slips_of_the_pen),
        cmocka_unit_test(the_nearest_name_is_found_only_when_it_is_near),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
