/* Limits of one client, at times that the test says. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>

#include "auth/limits.h"
#include "base/clock.h"

#define NOW CLOCK_SECONDS(1000)

static struct limits_ticket ticket;
static uint64_t retry_after_ns;

static enum limits_verdict enter(struct limits *limits, uint64_t client, uint64_t now_ns)
{
    return limits_enter(limits, client, now_ns, &ticket, &retry_after_ns);
}

/* Enter, and leave at once. */
static enum limits_verdict pass(struct limits *limits, uint64_t client, uint64_t now_ns)
{
    enum limits_verdict verdict = enter(limits, client, now_ns);
    limits_leave(limits, &ticket);
    return verdict;
}

static void a_burst_passes_and_then_the_rate(void **state)
{
    (void)state;
    struct limits *limits = limits_new(&(struct limits_options){.rate = 10, .burst = 3});
    uint64_t ana = limits_client(limits, 'p', bytes_of("ana"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pass(limits, ana, NOW), LIMITS_GO_ON);
    }
    assert_int_equal(pass(limits, ana, NOW), LIMITS_TOO_FAST);
    assert_int_equal(retry_after_ns, CLOCK_MS(100));
    assert_int_equal(pass(limits, ana, NOW + CLOCK_MS(99)), LIMITS_TOO_FAST);
    assert_int_equal(pass(limits, ana, NOW + CLOCK_MS(100)), LIMITS_GO_ON);
    assert_int_equal(pass(limits, ana, NOW + CLOCK_MS(100)), LIMITS_TOO_FAST);
    /* A second of rest fills the bucket, and no more than the bucket. */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pass(limits, ana, NOW + CLOCK_SECONDS(100)), LIMITS_GO_ON);
    }
    assert_int_equal(pass(limits, ana, NOW + CLOCK_SECONDS(100)), LIMITS_TOO_FAST);
    limits_free(limits);
}

static void clients_do_not_take_from_each_other(void **state)
{
    (void)state;
    struct limits *limits = limits_new(&(struct limits_options){.rate = 1, .burst = 1});
    uint64_t ana = limits_client(limits, 'p', bytes_of("ana"));
    uint64_t bob = limits_client(limits, 'p', bytes_of("bob"));
    uint64_t address = limits_client(limits, 'a', bytes_of("ana"));
    assert_true(ana != bob && ana != address);
    assert_int_equal(pass(limits, ana, NOW), LIMITS_GO_ON);
    assert_int_equal(pass(limits, bob, NOW), LIMITS_GO_ON);
    assert_int_equal(pass(limits, address, NOW), LIMITS_GO_ON);
    assert_int_equal(pass(limits, ana, NOW), LIMITS_TOO_FAST);
    limits_free(limits);
}

static void requests_at_once_are_counted_until_they_leave(void **state)
{
    (void)state;
    struct limits *limits = limits_new(&(struct limits_options){.in_flight_max = 2});
    uint64_t ana = limits_client(limits, 'p', bytes_of("ana"));
    struct limits_ticket first;
    assert_int_equal(limits_enter(limits, ana, NOW, &first, &retry_after_ns), LIMITS_GO_ON);
    assert_int_equal(enter(limits, ana, NOW), LIMITS_GO_ON);
    struct limits_ticket none;
    assert_int_equal(limits_enter(limits, ana, NOW, &none, &retry_after_ns), LIMITS_TOO_MANY);
    limits_leave(limits, &none); /* who was refused gives nothing back */
    assert_int_equal(limits_enter(limits, ana, NOW, &none, &retry_after_ns), LIMITS_TOO_MANY);
    limits_leave(limits, &first);
    limits_leave(limits, &first); /* once */
    assert_int_equal(enter(limits, ana, NOW), LIMITS_GO_ON);
    assert_int_equal(limits_enter(limits, ana, NOW, &none, &retry_after_ns), LIMITS_TOO_MANY);
    limits_free(limits);
}

static void a_household_counts_once_and_an_ipv4_address_by_itself(void **state)
{
    (void)state;
    struct limits *limits = limits_new(&(struct limits_options){.rate = 1});
    uint64_t one = limits_address(limits, "[2001:db8:1:2::1]");
    assert_true(one == limits_address(limits, "[2001:db8:1:2:ffff:ffff:ffff:ffff]"));
    assert_false(one == limits_address(limits, "[2001:db8:1:3::1]"));
    assert_false(limits_address(limits, "10.0.0.1") == limits_address(limits, "10.0.0.2"));
    assert_false(
        limits_address(limits, "[::ffff:10.0.0.1]") == limits_address(limits, "[::ffff:10.0.0.2]"));
    static const char *const ODD[] = {"", "[", "[]", "[x]", "x"};
    for (size_t i = 0; i < LENGTH_OF(ODD); i++) {
        assert_true(limits_address(limits, ODD[i]) != 0);
    }
    limits_free(limits);
}

static void strangers_push_out_who_rests_never_who_is_busy(void **state)
{
    (void)state;
    struct limits *limits =
        limits_new(&(struct limits_options){.rate = 1, .burst = 1, .in_flight_max = 1});
    /* Numbers of one set. */
    for (uint64_t i = 1; i <= LIMITS_WAYS; i++) {
        assert_int_equal(enter(limits, i * LIMITS_SETS, NOW), LIMITS_GO_ON);
    }
    struct limits_ticket busy = {.client = LIMITS_SETS};
    assert_int_equal(pass(limits, 100 * LIMITS_SETS, NOW), LIMITS_TOO_MANY);
    limits_leave(limits, &busy);
    assert_int_equal(pass(limits, 100 * LIMITS_SETS, NOW), LIMITS_GO_ON);
    assert_int_equal(pass(limits, 2 * LIMITS_SETS, NOW + CLOCK_SECONDS(9)), LIMITS_TOO_MANY);
    limits_free(limits);
}

static void what_was_refused_for_its_token_slows_its_address_down(void **state)
{
    (void)state;
    struct limits *limits = limits_new(&(struct limits_options){.rate = 10, .burst = 2});
    assert_false(limits_is_exhausted(limits, 7, NOW));
    limits_charge(limits, 7, NOW);
    assert_false(limits_is_exhausted(limits, 7, NOW));
    limits_charge(limits, 7, NOW);
    assert_true(limits_is_exhausted(limits, 7, NOW));
    for (int i = 0; i < 1000; i++) {
        limits_charge(limits, 7, NOW); /* and not for ever */
    }
    assert_true(limits_is_exhausted(limits, 7, NOW + CLOCK_MS(99)));
    assert_false(limits_is_exhausted(limits, 7, NOW + CLOCK_MS(100)));
    limits_free(limits);
}

/* Printed, not judged: other tests run beside it. */
static void an_entry_takes_less_than_a_microsecond(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct limits *limits =
        limits_new(&(struct limits_options){.rate = 1000000, .burst = N, .in_flight_max = 4});
    uint64_t start_ns = clock_thread_cpu_ns();
    for (int i = 0; i < N; i++) {
        uint64_t client = limits_client(limits, 'p', bytes_of("somebody@example.org"));
        assert_int_equal(pass(limits, client, NOW), LIMITS_GO_ON);
    }
    uint64_t each_ns = (clock_thread_cpu_ns() - start_ns) / N;
    printf("an entry and its leaving: %llu ns\n", (unsigned long long)each_ns);
    assert_true(each_ns < 10000);
    limits_free(limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_and_then_the_rate),
        cmocka_unit_test(clients_do_not_take_from_each_other),
        cmocka_unit_test(requests_at_once_are_counted_until_they_leave),
        cmocka_unit_test(a_household_counts_once_and_an_ipv4_address_by_itself),
        cmocka_unit_test(strangers_push_out_who_rests_never_who_is_busy),
        cmocka_unit_test(what_was_refused_for_its_token_slows_its_address_down),
        cmocka_unit_test(an_entry_takes_less_than_a_microsecond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
