/* The budget of a deadline, by the fake clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/budget.h"
#include "ctx/test.h"

enum phase { LOAD, CHECK, WRITE };

static const struct ctx_phase PHASES[] = {{"load", 3}, {"check", 6}, {"write", 1}};

static int clock_set_up(void **state)
{
    (void)state;
    ctx_test_clock_start();
    return 0;
}

static int clock_tear_down(void **state)
{
    (void)state;
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

static struct ctx_budget begun(void)
{
    struct ctx_budget budget;
    ctx_budget_begin(&budget, PHASES, LENGTH_OF(PHASES));
    return budget;
}

static enum status check(
    const struct ctx *ctx, struct ctx_budget *budget, uint64_t done, struct error *ret_error)
{
    *ret_error = (struct error)ERROR_NONE;
    return ctx_budget_check(ctx, budget, done, 1000, "forms checked", ret_error);
}

/* --- what phases get ------------------------------------------------------------------------ */

static void a_phase_gets_its_share_of_what_is_left(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, LOAD);
    assert_int_equal(budget.allotted_ns, CTX_MS(300));
    ctx_test_clock_advance(CTX_MS(300));
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    assert_int_equal(budget.allotted_ns, CTX_MS(600));
    ctx_test_clock_advance(CTX_MS(600));
    ctx_budget_enter(scope->ctx, &budget, WRITE);
    assert_int_equal(budget.allotted_ns, CTX_MS(100));
}

static void time_that_a_phase_has_not_used_flows_to_all_later_ones(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, LOAD);
    ctx_test_clock_advance(CTX_MS(20)); /* 280 ms unused */
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    assert_int_equal(budget.allotted_ns, CTX_MS(840));
    ctx_test_clock_advance(CTX_MS(840));
    ctx_budget_enter(scope->ctx, &budget, WRITE);
    assert_int_equal(budget.allotted_ns, CTX_MS(140));
}

static void what_a_phase_overdraws_is_missing_to_the_later_ones(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, LOAD);
    ctx_test_clock_advance(CTX_MS(650));
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    assert_int_equal(budget.allotted_ns, CTX_MS(300));
}

static void a_phase_may_be_left_out(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, WRITE);
    assert_int_equal(budget.allotted_ns, CTX_MS(1000));
}

static void without_a_deadline_phases_get_no_end_and_nothing_is_refused(void **state)
{
    (void)state;
    struct error error;
    struct ctx_budget budget = begun();
    ctx_budget_enter(ctx_background(), &budget, LOAD);
    assert_int_equal(budget.allotted_ns, CLOCK_NEVER);
    ctx_test_clock_advance(CTX_SECONDS(3600));
    assert_int_equal(check(ctx_background(), &budget, 100, &error), STATUS_OK);
}

static void the_shares_of_the_longest_time_do_not_overflow(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_NEVER / 2));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, LOAD);
    assert_in_range(budget.allotted_ns, CLOCK_NEVER / 20 * 3 - 10, CLOCK_NEVER / 20 * 3 + 10);
}

/* --- the forecast --------------------------------------------------------------------------- */

static void a_job_that_cannot_be_done_is_refused_with_what_it_needs(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(200)); /* 2 ms a form: 1800 ms more, 800 ms left */
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_RESOURCE_EXHAUSTED);
    assert_string_equal(
        error.text, "would need about 1800 ms more, 800 ms left; 100 of 1000 forms checked");
}

static void a_job_that_can_just_be_done_goes_on(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(100)); /* 1 ms a form: 900 ms more, 900 ms left */
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_OK);
}

/* A forecast is not exact: up to an eighth too much is let pass, and refused as the end nears. */
static void a_small_excess_is_refused_only_when_it_stays(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(110)); /* 990 ms more, 890 ms left */
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(660)); /* 330 ms more, 230 ms left */
    assert_int_equal(check(scope->ctx, &budget, 700, &error), STATUS_RESOURCE_EXHAUSTED);
}

static void what_later_phases_are_known_to_need_counts(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(50)); /* 450 ms more, 950 ms left */
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_OK);
    ctx_budget_expect(&budget, LOAD, CTX_SECONDS(9)); /* is over */
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_OK);
    ctx_budget_expect(&budget, WRITE, CTX_MS(800));
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(ctx_budget_needed_ns(&budget, 100, 1000), CTX_MS(1250));
}

static void nothing_is_said_on_too_little_evidence(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(CTX_BUDGET_EVIDENCE_MS) - 1);
    assert_int_equal(check(scope->ctx, &budget, CTX_BUDGET_EVIDENCE_MIN, &error), STATUS_OK);
    ctx_test_clock_advance(1);
    assert_int_equal(check(scope->ctx, &budget, CTX_BUDGET_EVIDENCE_MIN - 1, &error), STATUS_OK);
    assert_int_equal(
        check(scope->ctx, &budget, CTX_BUDGET_EVIDENCE_MIN, &error), STATUS_RESOURCE_EXHAUSTED);
}

static void a_wait_between_two_stays_is_no_evidence_of_slowness(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(3000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(50));
    ctx_budget_leave(&budget);
    ctx_test_clock_advance(CTX_MS(1000));
    assert_int_equal(ctx_budget_used_ns(&budget), CTX_MS(50));
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(50)); /* 100 ms for 100 forms: 900 ms more, 1900 ms left */
    assert_int_equal(ctx_budget_needed_ns(&budget, 100, 1000), CTX_MS(900));
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_OK);
}

/* A lock, a statement's first row. */
static void what_comes_before_the_first_unit_is_no_evidence_of_slowness(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(3000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    assert_int_equal(check(scope->ctx, &budget, 0, &error), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(1000));
    assert_int_equal(check(scope->ctx, &budget, 0, &error), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(100)); /* 1 ms a form: 900 ms more, 1900 ms left */
    assert_int_equal(ctx_budget_used_ns(&budget), CTX_MS(1100));
    assert_int_equal(ctx_budget_needed_ns(&budget, 100, 1000), CTX_MS(900));
    assert_int_equal(check(scope->ctx, &budget, 100, &error), STATUS_OK);
    ctx_budget_enter(scope->ctx, &budget, WRITE); /* a new phase has waited for nothing yet */
    ctx_test_clock_advance(CTX_MS(200));
    assert_int_equal(ctx_budget_needed_ns(&budget, 100, 1000), CTX_MS(1800));
}

/* A cold cache: 50 ms for each of the first 20, then nothing for the others. */
static void a_slow_beginning_dooms_no_job_that_has_much_time_left(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(20000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(1000)); /* 49 s more as it seems, 19 s left */
    assert_int_equal(check(scope->ctx, &budget, 20, &error), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(check(scope->ctx, &budget, 62, &error), STATUS_OK);
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(check(scope->ctx, &budget, 999, &error), STATUS_OK);
}

static void a_job_that_stays_slow_is_refused_once_a_sixteenth_of_its_time_is_used(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(17000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(1000) - 1);
    assert_int_equal(check(scope->ctx, &budget, 20, &error), STATUS_OK);
    ctx_test_clock_advance(1);
    assert_int_equal(check(scope->ctx, &budget, 20, &error), STATUS_RESOURCE_EXHAUSTED);
}

static void a_job_that_is_slow_is_refused_once_a_sixteenth_of_it_is_done(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(15)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_budget_expect(&budget, WRITE, CTX_SECONDS(60));
    ctx_test_clock_advance(CTX_MS(500)); /* less than a sixteenth of its time */
    assert_int_equal(check(scope->ctx, &budget, 61, &error), STATUS_OK);
    assert_int_equal(check(scope->ctx, &budget, 62, &error), STATUS_RESOURCE_EXHAUSTED);
}

static void a_new_phase_begins_without_evidence(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, LOAD);
    ctx_test_clock_advance(CTX_MS(500));
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    assert_int_equal(ctx_budget_used_ns(&budget), 0);
    assert_int_equal(ctx_budget_needed_ns(&budget, 100, 1000), CLOCK_NEVER);
}

static void a_context_that_is_done_is_told_with_how_far_the_job_was(void **state)
{
    (void)state;
    struct error error;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    struct ctx_budget budget = begun();
    ctx_budget_enter(scope->ctx, &budget, CHECK);
    ctx_test_clock_advance(CTX_MS(100));
    assert_int_equal(check(scope->ctx, &budget, 3, &error), STATUS_DEADLINE_EXCEEDED);
    assert_string_equal(error.text, "3 of 1000 forms checked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phase_gets_its_share_of_what_is_left),
        cmocka_unit_test(time_that_a_phase_has_not_used_flows_to_all_later_ones),
        cmocka_unit_test(what_a_phase_overdraws_is_missing_to_the_later_ones),
        cmocka_unit_test(a_phase_may_be_left_out),
        cmocka_unit_test(without_a_deadline_phases_get_no_end_and_nothing_is_refused),
        cmocka_unit_test(the_shares_of_the_longest_time_do_not_overflow),
        cmocka_unit_test(a_job_that_cannot_be_done_is_refused_with_what_it_needs),
        cmocka_unit_test(a_job_that_can_just_be_done_goes_on),
        cmocka_unit_test(a_small_excess_is_refused_only_when_it_stays),
        cmocka_unit_test(what_later_phases_are_known_to_need_counts),
        cmocka_unit_test(nothing_is_said_on_too_little_evidence),
        cmocka_unit_test(a_wait_between_two_stays_is_no_evidence_of_slowness),
        cmocka_unit_test(what_comes_before_the_first_unit_is_no_evidence_of_slowness),
        cmocka_unit_test(a_slow_beginning_dooms_no_job_that_has_much_time_left),
        cmocka_unit_test(a_job_that_stays_slow_is_refused_once_a_sixteenth_of_its_time_is_used),
        cmocka_unit_test(a_job_that_is_slow_is_refused_once_a_sixteenth_of_it_is_done),
        cmocka_unit_test(a_new_phase_begins_without_evidence),
        cmocka_unit_test(a_context_that_is_done_is_told_with_how_far_the_job_was),
    };
    return cmocka_run_group_tests(tests, clock_set_up, clock_tear_down);
}
