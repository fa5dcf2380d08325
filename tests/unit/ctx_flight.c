/* Single flight without threads: who shares, who leaves, what is bounded. The fake clock; callbacks
 * record, the test thread asserts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/flight_caller.h"

/* --- who shares ----------------------------------------------------------------------------- */

static void equal_keys_share_one_flight_and_all_are_told_once(void **state)
{
    (void)state;
    struct caller callers[3];
    for (size_t i = 0; i < LENGTH_OF(callers); i++) {
        call(&callers[i], "site 10", CTX_SECONDS(1));
        assert_int_equal(callers[i].ticket.is_leader, i == 0);
        assert_int_equal(callers[i].ticket.n_joined, i + 1);
        assert_ptr_equal(callers[i].ticket.flight, callers[0].ticket.flight);
    }
    assert_int_equal(n_sums_freed, 2); /* the candidates of those that joined */
    land(&callers[0], 42);
    for (size_t i = 0; i < LENGTH_OF(callers); i++) {
        assert_int_equal(callers[i].n_told, 1);
        assert_true(callers[i].end.has_landed);
        assert_int_equal(callers[i].end.cause, CTX_CAUSE_NONE);
        assert_int_equal(callers[i].end.n_joined, 3);
        assert_int_equal(callers[i].result, 42);
    }
    for (size_t i = 0; i < LENGTH_OF(callers); i++) {
        cancel(&callers[i], CTX_CAUSE_USER_CANCELLED);
        assert_int_equal(callers[i].n_told, 1);
        assert_int_equal(n_sums_freed, 2);
        hang_up(&callers[i]);
    }
    assert_int_equal(n_sums_freed, 3);
}

static void different_keys_fly_apart(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "b", "ab", "", "a longer one"};
    struct caller callers[LENGTH_OF(keys)];
    for (size_t i = 0; i < LENGTH_OF(keys); i++) {
        call(&callers[i], keys[i], CTX_SECONDS(1));
        assert_true(callers[i].ticket.is_leader);
    }
    for (size_t i = 0; i < LENGTH_OF(keys); i++) {
        land(&callers[i], (int)i);
        assert_int_equal(callers[i].result, i);
        hang_up(&callers[i]);
    }
}

static void keys_of_one_hash_fly_apart(void **state)
{
    (void)state;
    struct caller first;
    struct caller second;
    call(&first, "site 10", CTX_SECONDS(1));
    struct sum *candidate = sum_new("site 11");
    candidate->flight.hash = first.ticket.flight->hash;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    assert_int_equal(call_with(&second, scope, candidate, NULL), STATUS_OK);
    assert_true(second.ticket.is_leader);
    land(&first, 1);
    land(&second, 2);
    hang_up(&first);
    hang_up(&second);
}

static void what_has_landed_is_not_joined(void **state)
{
    (void)state;
    struct caller first;
    struct caller second;
    call(&first, "key", CTX_SECONDS(1));
    land(&first, 1);
    call(&second, "key", CTX_SECONDS(1));
    assert_true(second.ticket.is_leader);
    land(&second, 2);
    assert_int_equal(first.result, 1);
    assert_int_equal(second.result, 2);
    hang_up(&first);
    hang_up(&second);
}

/* --- leaving -------------------------------------------------------------------------------- */

static void a_member_leaves_by_itself_and_the_others_stay(void **state)
{
    (void)state;
    struct caller leader;
    struct caller other;
    call(&leader, "key", CTX_SECONDS(9));
    call(&other, "key", CTX_SECONDS(9));
    cancel(&leader, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(leader.n_told, 1);
    assert_false(leader.end.has_landed);
    assert_int_equal(leader.end.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(leader.end.n_left, 1);
    assert_int_equal(leader.end.n_joined, 2);
    assert_false(ctx_done(context_of(&leader)));
    land(&leader, 7);
    assert_int_equal(leader.n_told, 1);
    assert_int_equal(other.n_told, 1);
    assert_true(other.end.has_landed);
    assert_int_equal(other.result, 7);
    hang_up(&leader);
    hang_up(&other);
}

static void the_last_to_leave_cancels_for_its_cause_and_the_next_starts_afresh(void **state)
{
    (void)state;
    struct caller first;
    struct caller second;
    struct caller next;
    call(&first, "key", CTX_SECONDS(9));
    call(&second, "key", CTX_SECONDS(9));
    cancel(&second, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_cause(context_of(&first)), CTX_CAUSE_NONE);
    cancel(&first, CTX_CAUSE_PEER_LOST);
    assert_int_equal(first.end.n_left, 0);
    assert_int_equal(ctx_cause(context_of(&first)), CTX_CAUSE_PEER_LOST);
    call(&next, "key", CTX_SECONDS(9));
    assert_true(next.ticket.is_leader);
    land(&first, 1); /* late: nobody is told */
    assert_int_equal(first.n_told, 1);
    assert_int_equal(second.n_told, 1);
    assert_int_equal(next.n_told, 0);
    land(&next, 2);
    assert_int_equal(next.result, 2);
    hang_up(&first);
    hang_up(&second);
    hang_up(&next);
}

static void a_caller_that_is_done_already_is_told_so_and_starts_nothing_that_lasts(void **state)
{
    (void)state;
    struct caller caller;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(call_with(&caller, scope, sum_new("key"), NULL), STATUS_OK);
    ctx_test_settle();
    assert_int_equal(caller.n_told, 1);
    assert_int_equal(caller.end.cause, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_cause(context_of(&caller)), CTX_CAUSE_USER_CANCELLED);
    land(&caller, 0);
    hang_up(&caller);
}

/* --- its context ---------------------------------------------------------------------------- */

static const struct ctx_key COLOUR = {"colour"};

static void its_context_takes_values_over_and_nobodys_cancellation(void **state)
{
    (void)state;
    struct caller caller;
    CTX_SCOPE(request, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(value, ctx_with_value(request->ctx, &COLOUR, "blue"));
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    assert_int_equal(call_with(&caller, scope, sum_new("key"), value->ctx), STATUS_OK);
    assert_string_equal(ctx_value(context_of(&caller), &COLOUR), "blue");
    ctx_cancel(request, CTX_CAUSE_USER_CANCELLED);
    ctx_test_settle();
    assert_false(ctx_done(context_of(&caller)));
    land(&caller, 0);
    hang_up(&caller);
}

/* --- bounds --------------------------------------------------------------------------------- */

static void a_full_table_refuses_new_flights_and_still_takes_members(void **state)
{
    (void)state;
    ctx_flights_free(flights);
    flights = ctx_flights_new(1);
    assert_non_null(flights);
    struct caller first;
    struct caller member;
    struct caller refused;
    call(&first, "key", CTX_SECONDS(1));
    assert_int_equal(try_to_call(&refused, "other", CTX_SECONDS(1)), STATUS_RESOURCE_EXHAUSTED);
    call(&member, "key", CTX_SECONDS(1));
    cancel(&first, CTX_CAUSE_USER_CANCELLED);
    cancel(&member, CTX_CAUSE_USER_CANCELLED);
    /* Nobody can join it any more, but its computation may still run: it counts until it lands. */
    assert_int_equal(try_to_call(&refused, "key", CTX_SECONDS(1)), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(refused.n_told, 0);
    land(&first, 0);
    hang_up(&first);
    hang_up(&member);
    call(&first, "other", CTX_SECONDS(1));
    land(&first, 0);
    hang_up(&first);
}

static void a_full_flight_takes_no_more_members_and_keeps_its_deadline(void **state)
{
    (void)state;
    struct caller *callers = calloc(CTX_FLIGHT_MEMBERS_MAX, sizeof(*callers));
    assert_non_null(callers);
    for (size_t i = 0; i < CTX_FLIGHT_MEMBERS_MAX; i++) {
        call(&callers[i], "key", CTX_MS(100));
    }
    struct caller refused;
    assert_int_equal(try_to_call(&refused, "key", CTX_SECONDS(60)), STATUS_RESOURCE_EXHAUSTED);
    ctx_test_clock_advance(CTX_MS(100));
    assert_int_equal(ctx_cause(context_of(&callers[0])), CTX_CAUSE_DEADLINE_EXCEEDED);
    land(&callers[0], 0);
    for (size_t i = 0; i < CTX_FLIGHT_MEMBERS_MAX; i++) {
        assert_int_equal(callers[i].n_told, 1);
        hang_up(&callers[i]);
    }
    free(callers);
}

static void a_key_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[CTX_FLIGHT_KEY_MAX + 1];
    struct sum sum;
    assert_int_equal(ctx_flight_init(&sum.flight, (struct bytes){zeros, sizeof(zeros)}, sum_free),
        STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(
        ctx_flight_init(&sum.flight, (struct bytes){zeros, sizeof(zeros) - 1}, sum_free),
        STATUS_OK);
    ctx_flight_finish(&sum.flight);
}

static void count_member(void *arg, struct ctx_flight_member *member)
{
    (void)member;
    ++*(unsigned int *)arg;
}

static void a_visit_sees_the_members_of_the_moment(void **state)
{
    (void)state;
    struct caller callers[3];
    unsigned int n_seen = 0;
    for (size_t i = 0; i < LENGTH_OF(callers); i++) {
        call(&callers[i], "key", CTX_SECONDS(1));
    }
    cancel(&callers[1], CTX_CAUSE_USER_CANCELLED);
    ctx_flight_each_member(callers[0].ticket.flight, count_member, &n_seen);
    assert_int_equal(n_seen, 2);
    land(&callers[0], 0);
    ctx_flight_each_member(callers[0].ticket.flight, count_member, &n_seen);
    assert_int_equal(n_seen, 2);
    for (size_t i = 0; i < LENGTH_OF(callers); i++) {
        hang_up(&callers[i]);
    }
}

#define FLIGHT_TEST(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, flight_callers_set_up, flight_callers_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLIGHT_TEST(equal_keys_share_one_flight_and_all_are_told_once),
        FLIGHT_TEST(different_keys_fly_apart),
        FLIGHT_TEST(keys_of_one_hash_fly_apart),
        FLIGHT_TEST(what_has_landed_is_not_joined),
        FLIGHT_TEST(a_member_leaves_by_itself_and_the_others_stay),
        FLIGHT_TEST(the_last_to_leave_cancels_for_its_cause_and_the_next_starts_afresh),
        FLIGHT_TEST(a_caller_that_is_done_already_is_told_so_and_starts_nothing_that_lasts),
        FLIGHT_TEST(its_context_takes_values_over_and_nobodys_cancellation),
        FLIGHT_TEST(a_full_table_refuses_new_flights_and_still_takes_members),
        FLIGHT_TEST(a_full_flight_takes_no_more_members_and_keeps_its_deadline),
        FLIGHT_TEST(a_key_that_is_too_long_is_refused),
        FLIGHT_TEST(a_visit_sees_the_members_of_the_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
