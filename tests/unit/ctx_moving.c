/* Deadlines that move, by the fake clock; and a storm of them by the real one. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "ctx/ctx.h"
#include "ctx/test.h"

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

static struct ctx_scope *moving(const struct ctx *parent, uint64_t in_ns)
{
    return ctx_with_moving_deadline(parent, CTX_ORIGIN_CALLER, clock_now_ns() + in_ns);
}

static bool move(const struct ctx_scope *scope, uint64_t in_ns)
{
    return ctx_move_deadline(scope, CTX_ORIGIN_TIMEOUT_QUERY, clock_now_ns() + in_ns);
}

static void it_expires_like_any_other_when_nobody_moves_it(void **state)
{
    (void)state;
    CTX_SCOPE(scope, moving(ctx_background(), CTX_MS(300)));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    assert_int_equal(ctx_remaining_ns(child->ctx), CTX_MS(300));
    assert_int_equal(ctx_deadline_origin(child->ctx), CTX_ORIGIN_CALLER);
    ctx_test_clock_advance(CTX_MS(300) - 1);
    assert_int_equal(ctx_err(child->ctx), STATUS_OK);
    ctx_test_clock_advance(1);
    assert_true(ctx_done(child->ctx)); /* by the timer: nobody asked for the time */
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_DEADLINE_EXCEEDED);
}

static void moved_later_it_lives_longer(void **state)
{
    (void)state;
    CTX_SCOPE(scope, moving(ctx_background(), CTX_MS(100)));
    CTX_SCOPE(child, ctx_with_timeout(scope->ctx, CTX_SECONDS(10)));
    CTX_SCOPE(grandchild, ctx_with_cancel(child->ctx));
    assert_true(move(scope, CTX_MS(500)));
    assert_int_equal(ctx_deadline_origin(grandchild->ctx), CTX_ORIGIN_TIMEOUT_QUERY);
    ctx_test_clock_advance(CTX_MS(499));
    assert_int_equal(ctx_err(grandchild->ctx), STATUS_OK);
    assert_int_equal(ctx_remaining_ns(grandchild->ctx), CTX_MS(1));
    ctx_test_clock_advance(CTX_MS(1));
    assert_true(ctx_done(grandchild->ctx));
    assert_false(move(scope, CTX_SECONDS(1))); /* too late: what is done stays done */
    assert_int_equal(ctx_err(scope->ctx), STATUS_DEADLINE_EXCEEDED);
}

static void moved_earlier_its_timer_fires_earlier(void **state)
{
    (void)state;
    CTX_SCOPE(scope, moving(ctx_background(), CTX_SECONDS(10)));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    assert_true(move(scope, CTX_MS(50)));
    ctx_test_clock_advance(CTX_MS(50));
    assert_true(ctx_done(child->ctx));
}

static void moved_to_and_fro_the_last_move_counts(void **state)
{
    (void)state;
    CTX_SCOPE(scope, moving(ctx_background(), CTX_MS(100)));
    assert_true(move(scope, CTX_MS(900)));
    ctx_test_clock_advance(CTX_MS(200)); /* the timer has fired, for nothing */
    assert_false(ctx_done(scope->ctx));
    assert_true(move(scope, CTX_MS(100)));
    assert_true(move(scope, CTX_MS(300)));
    ctx_test_clock_advance(CTX_MS(299));
    assert_false(ctx_done(scope->ctx));
    ctx_test_clock_advance(CTX_MS(1));
    assert_true(ctx_done(scope->ctx));
}

static void moved_into_the_past_it_is_done_at_once(void **state)
{
    (void)state;
    CTX_SCOPE(scope, moving(ctx_background(), CTX_MS(100)));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    assert_false(move(scope, 0));
    assert_true(ctx_done(child->ctx));
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_DEADLINE_EXCEEDED);
    CTX_SCOPE(late, moving(ctx_background(), 0));
    assert_true(ctx_done(late->ctx));
}

static void moved_away_it_does_not_end_and_can_come_back(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_moving_deadline(ctx_background(), CTX_ORIGIN_NONE, CLOCK_NEVER));
    assert_true(ctx_deadline_ns(scope->ctx) == CLOCK_NEVER);
    assert_int_equal(ctx_deadline_origin(scope->ctx), CTX_ORIGIN_NONE);
    assert_true(move(scope, CTX_MS(10)));
    assert_true(ctx_move_deadline(scope, CTX_ORIGIN_NONE, CLOCK_NEVER));
    ctx_test_clock_advance(CTX_SECONDS(100));
    assert_int_equal(ctx_err(scope->ctx), STATUS_OK);
    assert_true(move(scope, CTX_MS(10)));
    ctx_test_clock_advance(CTX_MS(10));
    assert_true(ctx_done(scope->ctx));
}

static void the_earliest_of_all_counts(void **state)
{
    (void)state;
    CTX_SCOPE(above, ctx_with_deadline_origin(
                         ctx_background(), CTX_ORIGIN_METHOD_CAP, clock_now_ns() + CTX_MS(400)));
    CTX_SCOPE(outer, moving(above->ctx, CTX_MS(300)));
    CTX_SCOPE(inner, moving(outer->ctx, CTX_MS(200)));
    CTX_SCOPE(own, ctx_with_timeout(inner->ctx, CTX_MS(100)));
    assert_int_equal(ctx_remaining_ns(own->ctx), CTX_MS(100));
    assert_int_equal(ctx_deadline_origin(own->ctx), CTX_ORIGIN_CODE);
    assert_int_equal(ctx_remaining_ns(inner->ctx), CTX_MS(200));
    assert_true(move(outer, CTX_MS(50)));
    assert_int_equal(ctx_remaining_ns(own->ctx), CTX_MS(50));
    assert_int_equal(ctx_deadline_origin(own->ctx), CTX_ORIGIN_TIMEOUT_QUERY);
    assert_true(move(outer, CTX_SECONDS(9)));
    assert_true(move(inner, CTX_SECONDS(9)));
    assert_int_equal(ctx_remaining_ns(inner->ctx), CTX_MS(400)); /* the fixed one above stays */
    assert_int_equal(ctx_deadline_origin(inner->ctx), CTX_ORIGIN_METHOD_CAP);
    ctx_test_clock_advance(CTX_MS(100));
    assert_true(ctx_done(own->ctx));
    assert_false(ctx_done(inner->ctx));
    ctx_test_clock_advance(CTX_MS(300));
    assert_true(ctx_done(inner->ctx));
}

/* The timer thread may be starved: whoever asks sees the expiry all the same. */
static void asking_finds_an_expiry_before_the_timer(void **state)
{
    (void)state;
    CTX_SCOPE(outer, moving(ctx_background(), CTX_SECONDS(1)));
    CTX_SCOPE(inner, moving(outer->ctx, CTX_SECONDS(9)));
    CTX_SCOPE(child, ctx_with_cancel(inner->ctx));
    CTX_SCOPE(apart, ctx_without_cancel(inner->ctx));
    clock_set_fake_ns(clock_now_ns() + CTX_SECONDS(1)); /* and nobody tells the wheel */
    assert_false(ctx_done(child->ctx));
    assert_int_equal(ctx_err(child->ctx), STATUS_DEADLINE_EXCEEDED);
    assert_true(ctx_done(outer->ctx)); /* for everybody */
    assert_true(ctx_done(inner->ctx));
    assert_int_equal(ctx_err(apart->ctx), STATUS_OK);
    assert_true(ctx_deadline_ns(apart->ctx) == CLOCK_NEVER);
}

static void what_was_cancelled_cannot_be_moved(void **state)
{
    (void)state;
    CTX_SCOPE(scope, moving(ctx_background(), CTX_MS(100)));
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_false(move(scope, CTX_MS(500)));
    assert_int_equal(ctx_cause(scope->ctx), CTX_CAUSE_USER_CANCELLED);
    CTX_SCOPE(child, moving(scope->ctx, CTX_MS(100)));
    assert_true(ctx_done(child->ctx));
    assert_false(move(child, CTX_MS(500)));
}

/* --- waiting, by the real clock -------------------------------------------------------------- */

struct wait {
    const struct ctx *ctx;
    uint64_t woken_ns;
    enum status status;
};

static void *wait_for_it(void *arg)
{
    struct wait *wait = arg;
    wait->status = ctx_wait(wait->ctx);
    wait->woken_ns = clock_now_ns();
    return NULL;
}

static void a_parked_waiter_sees_every_move(void **state)
{
    (void)state;
    enum { FIRST_MS = 200, PAUSE_MS = 250, LAST_MS = 5 };
    CTX_SCOPE(scope, moving(ctx_background(), CTX_MS(FIRST_MS)));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    struct wait wait = {.ctx = child->ctx};
    uint64_t start_ns = clock_now_ns();
    assert_true(move(scope, CTX_SECONDS(100)));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_it, &wait), 0);
    /* The first deadline passes, and nobody is woken for it. */
    CTX_SCOPE(pause, ctx_with_timeout(ctx_background(), CTX_MS(PAUSE_MS)));
    assert_int_equal(ctx_wait(pause->ctx), STATUS_DEADLINE_EXCEEDED);
    assert_false(ctx_done(child->ctx));
    assert_true(move(scope, CTX_MS(LAST_MS)));
    pthread_join(thread, NULL);
    assert_int_equal(wait.status, STATUS_DEADLINE_EXCEEDED);
    assert_true(wait.woken_ns - start_ns >= CTX_MS(PAUSE_MS + LAST_MS));
    assert_true(wait.woken_ns - start_ns < CTX_SECONDS(50));
}

/* --- the storm ------------------------------------------------------------------------------ */

enum { N_ROUNDS = 400, N_MOVERS = 2, N_MOVES = 40 };

struct storm {
    struct ctx_scope *scope;
    const struct ctx *child;
    pthread_barrier_t barrier;
    _Atomic unsigned int n_wrong;
};

static uint32_t draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return (*seed >> 8) % n;
}

/* A move that was told to count must be seen by those below until the next one, or the end. */
static void *mover(void *arg)
{
    struct storm *storm = arg;
    uint32_t seed = (uint32_t)(uintptr_t)&seed;
    pthread_barrier_wait(&storm->barrier);
    for (int i = 0; i < N_MOVES; i++) {
        uint64_t deadline_ns = clock_now_ns() + CTX_MS(1) / 20 * draw(&seed, 20);
        bool is_live = ctx_move_deadline(storm->scope, CTX_ORIGIN_CODE, deadline_ns);
        if (!is_live && !ctx_done(storm->scope->ctx)) {
            storm->n_wrong++;
        }
        (void)ctx_err(storm->child);
    }
    return NULL;
}

static void *asker(void *arg)
{
    struct storm *storm = arg;
    pthread_barrier_wait(&storm->barrier);
    while (ctx_err(storm->child) == STATUS_OK) {
        CTX_SCOPE(below, ctx_with_timeout(storm->child, CTX_SECONDS(10)));
        (void)ctx_remaining_ns(below->ctx);
        (void)ctx_deadline_origin(below->ctx);
        (void)ctx_wait_until(below->ctx, clock_now_ns() + CTX_MS(1) / 10);
    }
    return NULL;
}

static void moves_expiries_and_ends_may_race(void **state)
{
    (void)state;
    for (int round = 0; round < N_ROUNDS; round++) {
        struct storm storm = {.n_wrong = 0};
        storm.scope = moving(ctx_background(), CTX_MS(1));
        CTX_SCOPE(child, ctx_with_cancel(storm.scope->ctx));
        storm.child = child->ctx;
        pthread_barrier_init(&storm.barrier, NULL, N_MOVERS + 1);
        pthread_t threads[N_MOVERS + 1];
        for (int i = 0; i < N_MOVERS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, mover, &storm), 0);
        }
        assert_int_equal(pthread_create(&threads[N_MOVERS], NULL, asker, &storm), 0);
        for (int i = 0; i < N_MOVERS; i++) {
            pthread_join(threads[i], NULL);
        }
        /* Ended now, while the timer may be firing or starting itself again. */
        ctx_scope_end(storm.scope);
        pthread_join(threads[N_MOVERS], NULL);
        pthread_barrier_destroy(&storm.barrier);
        assert_int_equal(storm.n_wrong, 0);
    }
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

#define BY_FAKE_CLOCK(test) cmocka_unit_test_setup_teardown(test, clock_set_up, clock_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BY_FAKE_CLOCK(it_expires_like_any_other_when_nobody_moves_it),
        BY_FAKE_CLOCK(moved_later_it_lives_longer),
        BY_FAKE_CLOCK(moved_earlier_its_timer_fires_earlier),
        BY_FAKE_CLOCK(moved_to_and_fro_the_last_move_counts),
        BY_FAKE_CLOCK(moved_into_the_past_it_is_done_at_once),
        BY_FAKE_CLOCK(moved_away_it_does_not_end_and_can_come_back),
        BY_FAKE_CLOCK(the_earliest_of_all_counts),
        BY_FAKE_CLOCK(asking_finds_an_expiry_before_the_timer),
        BY_FAKE_CLOCK(what_was_cancelled_cannot_be_moved),
        cmocka_unit_test_teardown(a_parked_waiter_sees_every_move, check_leaks),
        cmocka_unit_test_teardown(moves_expiries_and_ends_may_race, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
