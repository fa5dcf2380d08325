/* Clinical dates: complete, partial, wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "audit/sources/dates.h"
#include "base/attributes.h"

static void assert_day(const char *date, int64_t expected)
{
    int64_t day = INT64_MIN;
    assert_true(date_first_day(date, &day));
    assert_int_equal(day, expected);
}

static void a_partial_date_counts_as_its_first_day(void **state)
{
    (void)state;
    assert_day("1970-01-01", 0);
    assert_day("1970", 0);
    assert_day("2004-03", 12478);
    assert_day("2004-03-01", 12478);
    assert_day("2004-03-01T08:30", 12478);
    assert_day("2000-02-29", 11016);
    assert_day("0001-01-01", -719162);
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"", "200", "2004-", "2004-3-1", "2004-13", "2004-00-01",
        "2004-02-30", "2100-02-29", "2004-03-01x", "2004-03T", "UNK", " 2004", "2004-03-"};
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        int64_t day = 42;
        assert_false(date_first_day(WRONG[i], &day));
        assert_int_equal(day, 42);
    }
    int64_t day;
    assert_false(date_first_day(NULL, &day));
}

static void days_are_counted_between_complete_dates_only(void **state)
{
    (void)state;
    int64_t days = 42;
    assert_true(date_days_between("2004-02-28", "2004-03-01", &days));
    assert_int_equal(days, 2);
    assert_true(date_days_between("2004-03-01", "2004-02-28", &days));
    assert_int_equal(days, -2);
    days = 42;
    assert_false(date_days_between("2004-02", "2004-03-01", &days));
    assert_false(date_days_between("2004-02-28", "2004", &days));
    assert_false(date_days_between(NULL, "2004-02-28", &days));
    assert_int_equal(days, 42);
    assert_false(date_is_complete("2004-02"));
    assert_true(date_is_complete("2004-02-28"));
}

static void a_day_written_is_the_day_read(void **state)
{
    (void)state;
    for (int64_t day = -719528; day <= 2932896; day += 97) {
        char text[DATE_TEXT_MAX];
        int64_t again;
        date_format(day, text);
        assert_true(date_first_day(text, &again));
        assert_int_equal(again, day);
    }
}

static void a_stamp_falls_on_its_utc_day(void **state)
{
    (void)state;
    assert_int_equal(date_day_of_ms(0), 0);
    assert_int_equal(date_day_of_ms(DAY_MS - 1), 0);
    assert_int_equal(date_day_of_ms(DAY_MS), 1);
    assert_int_equal(date_day_of_ms(-1), -1);
    assert_int_equal(date_day_of_ms(-DAY_MS), -1);
    assert_int_equal(date_day_of_ms(-DAY_MS - 1), -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_partial_date_counts_as_its_first_day),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(days_are_counted_between_complete_dates_only),
        cmocka_unit_test(a_day_written_is_the_day_read),
        cmocka_unit_test(a_stamp_falls_on_its_utc_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
