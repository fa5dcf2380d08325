/* The deadline of a flight: the latest of its members', moving as they join and leave. The fake
 * clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/flight_caller.h"

static void the_flight_ends_with_its_only_members_deadline(void **state)
{
    (void)state;
    struct caller caller;
    call(&caller, "key", CTX_MS(100));
    ctx_test_clock_advance(CTX_MS(99));
    assert_false(ctx_done(context_of(&caller)));
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(ctx_cause(context_of(&caller)), CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(caller.n_told, 1);
    assert_int_equal(caller.end.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    land(&caller, 0);
    hang_up(&caller);
}

static void a_late_joiner_with_a_longer_deadline_keeps_it_alive(void **state)
{
    (void)state;
    struct caller first;
    struct caller late;
    call(&first, "key", CTX_MS(100));
    ctx_test_clock_advance(CTX_MS(90));
    call(&late, "key", CTX_MS(100));
    ctx_test_clock_advance(CTX_MS(50));
    assert_int_equal(first.n_told, 1);
    assert_int_equal(first.end.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(first.end.n_left, 1);
    assert_int_equal(ctx_err(context_of(&first)), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(49));
    assert_int_equal(ctx_err(context_of(&first)), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(ctx_cause(context_of(&first)), CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(late.n_told, 1);
    land(&first, 0);
    hang_up(&first);
    hang_up(&late);
}

static void a_shorter_joiner_does_not_shorten_it(void **state)
{
    (void)state;
    struct caller first;
    struct caller shorter;
    call(&first, "key", CTX_MS(100));
    call(&shorter, "key", CTX_MS(10));
    ctx_test_clock_advance(CTX_MS(50));
    assert_int_equal(shorter.n_told, 1);
    assert_int_equal(first.n_told, 0);
    assert_int_equal(ctx_err(context_of(&first)), STATUS_OK);
    land(&first, 3);
    assert_int_equal(first.result, 3);
    hang_up(&first);
    hang_up(&shorter);
}

static void the_deadline_comes_back_when_the_longest_leaves(void **state)
{
    (void)state;
    struct caller first;
    struct caller longest;
    struct caller endless;
    call(&first, "key", CTX_MS(100));
    call(&longest, "key", CTX_SECONDS(60));
    call(&endless, "key", CLOCK_NEVER);
    assert_int_equal(ctx_deadline_ns(context_of(&first)), CLOCK_NEVER);
    cancel(&endless, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_deadline_ns(context_of(&first)), clock_now_ns() + CTX_SECONDS(60));
    cancel(&longest, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_deadline_ns(context_of(&first)), clock_now_ns() + CTX_MS(100));
    ctx_test_clock_advance(CTX_MS(99));
    assert_int_equal(ctx_err(context_of(&first)), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(ctx_cause(context_of(&first)), CTX_CAUSE_DEADLINE_EXCEEDED);
    land(&first, 0);
    hang_up(&first);
    hang_up(&longest);
    hang_up(&endless);
}

static void it_says_who_made_the_deadline_in_force(void **state)
{
    (void)state;
    struct caller first;
    struct caller later;
    struct ctx_scope *scope = ctx_with_deadline_origin(
        ctx_background(), CTX_ORIGIN_TIMEOUT_QUERY, clock_now_ns() + CTX_SECONDS(1));
    assert_int_equal(call_with(&first, scope, sum_new("key"), NULL), STATUS_OK);
    assert_int_equal(ctx_deadline_origin(context_of(&first)), CTX_ORIGIN_TIMEOUT_QUERY);
    const struct ctx_source source = {.hop = 3, .peer = 2};
    scope = ctx_with_deadline_from_peer(
        ctx_background(), CTX_ORIGIN_ROUTE_CAP, source, clock_now_ns() + CTX_SECONDS(2));
    assert_int_equal(call_with(&later, scope, sum_new("key"), NULL), STATUS_OK);
    assert_int_equal(ctx_deadline_origin(context_of(&first)), CTX_ORIGIN_ROUTE_CAP);
    assert_int_equal(ctx_deadline_source(context_of(&first)).hop, 3);
    assert_int_equal(ctx_deadline_source(context_of(&first)).peer, 2);
    cancel(&later, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_deadline_origin(context_of(&first)), CTX_ORIGIN_TIMEOUT_QUERY);
    assert_int_equal(ctx_deadline_source(context_of(&first)).hop, 0);
    land(&first, 0);
    hang_up(&first);
    hang_up(&later);
}

/* The computation has noticed, its member has not left yet: a new caller must not join. */
static void a_flight_that_knows_that_its_time_is_over_is_not_joined(void **state)
{
    (void)state;
    struct caller first;
    struct caller late;
    struct caller equal;
    call(&first, "key", CTX_MS(100));
    clock_set_fake_ns(clock_now_ns() + CTX_MS(100));
    assert_int_equal(ctx_err(context_of(&first)), STATUS_DEADLINE_EXCEEDED);
    call(&late, "key", CTX_MS(100));
    assert_true(late.ticket.is_leader);
    call(&equal, "key", CTX_MS(100));
    assert_ptr_equal(equal.ticket.flight, late.ticket.flight);
    ctx_test_clock_advance(CTX_MS(100));
    assert_int_equal(first.n_told, 1);
    assert_false(first.end.has_landed);
    land(&first, 0);
    land(&late, 1);
    hang_up(&first);
    hang_up(&late);
    hang_up(&equal);
}

static void a_member_under_another_flight_goes_along_with_its_deadline(void **state)
{
    (void)state;
    struct caller outer;
    struct caller longer;
    struct caller inner;
    call(&outer, "outer", CTX_MS(100));
    assert_int_equal(
        call_with(&inner, ctx_with_cancel(context_of(&outer)), sum_new("inner"), NULL), STATUS_OK);
    call(&longer, "outer", CTX_MS(300));
    ctx_test_clock_advance(CTX_MS(299));
    assert_int_equal(ctx_err(context_of(&inner)), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(ctx_cause(context_of(&inner)), CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(inner.n_told, 1);
    land(&inner, 0);
    land(&outer, 0);
    hang_up(&inner);
    hang_up(&outer);
    hang_up(&longer);
}

static void without_deadlines_it_flies_until_it_lands(void **state)
{
    (void)state;
    struct caller caller;
    call(&caller, "key", CLOCK_NEVER);
    ctx_test_clock_advance(CTX_SECONDS(3600));
    assert_int_equal(ctx_err(context_of(&caller)), STATUS_OK);
    assert_int_equal(caller.n_told, 0);
    land(&caller, 5);
    assert_int_equal(caller.result, 5);
    hang_up(&caller);
}

#define FLIGHT_TEST(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, flight_callers_set_up, flight_callers_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLIGHT_TEST(the_flight_ends_with_its_only_members_deadline),
        FLIGHT_TEST(a_late_joiner_with_a_longer_deadline_keeps_it_alive),
        FLIGHT_TEST(a_shorter_joiner_does_not_shorten_it),
        FLIGHT_TEST(the_deadline_comes_back_when_the_longest_leaves),
        FLIGHT_TEST(it_says_who_made_the_deadline_in_force),
        FLIGHT_TEST(a_flight_that_knows_that_its_time_is_over_is_not_joined),
        FLIGHT_TEST(a_member_under_another_flight_goes_along_with_its_deadline),
        FLIGHT_TEST(without_deadlines_it_flies_until_it_lands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
