/* What is learnt from the calls that ran, and how soon it is forgotten. Times are numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "rpc/method_times.h"

static uint64_t p90_ms(const struct service_time *times)
{
    return service_time_quantile_ns(times) / CLOCK_MS(1);
}

static void complete(struct service_time *times, unsigned int n, uint64_t now_ns, uint64_t ms)
{
    for (unsigned int i = 0; i < n; i++) {
        service_time_completed(times, now_ns, CLOCK_MS(ms));
    }
}

static void one_call_makes_no_quantile(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    assert_int_equal(service_time_quantile_ns(&times), 0);
    complete(&times, 1, 1, 500);
    assert_int_equal(service_time_quantile_ns(&times), 0);
    complete(&times, 1, 2, 10);
    assert_int_equal(p90_ms(&times), 10);
}

static void the_greatest_of_few_is_left_out(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    complete(&times, 1, 1, 900);
    complete(&times, 9, 2, 10);
    assert_int_equal(p90_ms(&times), 10);
}

static void nine_of_ten_calls_are_not_longer_than_the_quantile(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    /* 1 … 64 ms, in an order that is none. */
    for (uint64_t i = 0; i < SERVICE_TIME_SAMPLES; i++) {
        complete(&times, 1, i, i * 37 % SERVICE_TIME_SAMPLES + 1);
    }
    assert_int_equal(p90_ms(&times), 57);
}

static void a_change_for_the_worse_shows_after_eight_calls(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    complete(&times, SERVICE_TIME_SAMPLES, 1, 10);
    complete(&times, 7, 2, 80);
    assert_int_equal(p90_ms(&times), 10);
    complete(&times, 1, 2, 80);
    assert_int_equal(p90_ms(&times), 80);
}

static void the_window_forgets_what_came_before_it(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    complete(&times, SERVICE_TIME_SAMPLES, 1, 80);
    complete(&times, SERVICE_TIME_SAMPLES - 8, 2, 10);
    assert_int_equal(p90_ms(&times), 80);
    complete(&times, 1, 2, 10);
    assert_int_equal(p90_ms(&times), 10);
}

static void what_is_old_goes_when_something_new_comes(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    complete(&times, SERVICE_TIME_SAMPLES, CLOCK_SECONDS(1), 80);
    assert_int_equal(p90_ms(&times), 80);
    complete(&times, 1, CLOCK_SECONDS(2 + SERVICE_TIME_AGE_S), 10);
    assert_int_equal(times.n_samples, 1);
    complete(&times, 1, CLOCK_SECONDS(2 + SERVICE_TIME_AGE_S), 10);
    assert_int_equal(p90_ms(&times), 10);
}

static void a_cancelled_call_never_makes_the_quantile_smaller(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    complete(&times, 20, 1, 50);
    for (unsigned int i = 0; i < 100; i++) {
        service_time_at_least(&times, 2, CLOCK_MS(3));
    }
    assert_int_equal(p90_ms(&times), 50);
    assert_int_equal(times.n_samples, 20);
    for (unsigned int i = 0; i < 10; i++) {
        service_time_at_least(&times, 2, CLOCK_MS(200));
    }
    assert_int_equal(p90_ms(&times), 200);
}

static void doubt_lets_new_calls_decide_soon(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    complete(&times, SERVICE_TIME_SAMPLES, 1, 500);
    unsigned int n_calls = 0;
    while (p90_ms(&times) > 10) {
        service_time_doubt(&times);
        complete(&times, 1, 2, 10);
        n_calls++;
    }
    assert_in_range(n_calls, 2, 8);
}

static void what_is_too_long_to_count_is_the_longest(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    service_time_completed(&times, 1, UINT64_MAX);
    service_time_completed(&times, 1, UINT64_MAX);
    assert_int_equal(service_time_quantile_ns(&times), CLOCK_US(UINT32_MAX));
}

static void the_mean_follows_within_some_calls(void **state)
{
    (void)state;
    struct service_time times = {.n_samples = 0};
    service_time_held(&times, CLOCK_MS(30));
    service_time_held(&times, CLOCK_MS(10));
    assert_int_equal(service_time_held_ns(&times), CLOCK_MS(20));
    for (unsigned int i = 0; i < 100; i++) {
        service_time_held(&times, CLOCK_MS(100));
    }
    assert_in_range(service_time_held_ns(&times), CLOCK_MS(99), CLOCK_MS(100));
    for (unsigned int i = 0; i < 100; i++) {
        service_time_held(&times, CLOCK_MS(1));
    }
    assert_in_range(service_time_held_ns(&times), CLOCK_MS(1), CLOCK_MS(2));
}

static void sizes_are_kept_apart_by_powers_of_two(void **state)
{
    (void)state;
    struct method_times times = {.cells = {NULL}};
    assert_ptr_equal(method_times_at(&times, 8), method_times_at(&times, 15));
    assert_ptr_not_equal(method_times_at(&times, 8), method_times_at(&times, 16));
    assert_ptr_not_equal(method_times_at(&times, 0), method_times_at(&times, 1));
    assert_non_null(method_times_at(&times, UINT64_MAX));
    method_times_finish(&times);
}

static void an_unknown_size_costs_what_the_next_smaller_one_does(void **state)
{
    (void)state;
    struct method_times times = {.cells = {NULL}};
    assert_int_equal(method_times_cost_ns(&times, NULL), 0);
    assert_int_equal(method_times_cost_ns(&times, method_times_at(&times, 100)), 0);
    service_time_held(&method_times_at(&times, 4)->time, CLOCK_MS(7));
    assert_int_equal(method_times_cost_ns(&times, method_times_at(&times, 100)), CLOCK_MS(7));
    assert_int_equal(method_times_cost_ns(&times, method_times_at(&times, 1)), 0);
    method_times_finish(&times);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call_makes_no_quantile),
        cmocka_unit_test(the_greatest_of_few_is_left_out),
        cmocka_unit_test(nine_of_ten_calls_are_not_longer_than_the_quantile),
        cmocka_unit_test(a_change_for_the_worse_shows_after_eight_calls),
        cmocka_unit_test(the_window_forgets_what_came_before_it),
        cmocka_unit_test(what_is_old_goes_when_something_new_comes),
        cmocka_unit_test(a_cancelled_call_never_makes_the_quantile_smaller),
        cmocka_unit_test(doubt_lets_new_calls_decide_soon),
        cmocka_unit_test(what_is_too_long_to_count_is_the_longest),
        cmocka_unit_test(the_mean_follows_within_some_calls),
        cmocka_unit_test(sizes_are_kept_apart_by_powers_of_two),
        cmocka_unit_test(an_unknown_size_costs_what_the_next_smaller_one_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
