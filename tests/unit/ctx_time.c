/* Deadlines, sleeping and the timer wheel, by the fake clock. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/ctx.h"
#include "ctx/test.h"
#include "ctx/timer.h"

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

/* --- deadlines ------------------------------------------------------------------------------ */

static void a_timeout_expires_at_its_time_and_not_before(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(300)));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    ctx_test_clock_advance(CTX_MS(300) - 1);
    assert_false(ctx_done(scope->ctx));
    assert_int_equal(ctx_err(child->ctx), STATUS_OK);
    assert_int_equal(ctx_remaining_ns(child->ctx), 1);
    ctx_test_clock_advance(1);
    assert_true(ctx_done(scope->ctx));
    assert_true(ctx_done(child->ctx));
    assert_int_equal(ctx_err(child->ctx), STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(ctx_remaining_ns(child->ctx), 0);
}

static void a_past_deadline_is_done_at_once(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_deadline(ctx_background(), clock_now_ns()));
    assert_true(ctx_done(scope->ctx));
    assert_int_equal(ctx_cause(scope->ctx), CTX_CAUSE_DEADLINE_EXCEEDED);
}

static void the_parents_earlier_deadline_stays_with_its_origin(void **state)
{
    (void)state;
    uint64_t now_ns = clock_now_ns();
    CTX_SCOPE(parent, ctx_with_deadline_origin(ctx_background(),
                          CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER, now_ns + CTX_MS(100)));
    CTX_SCOPE(
        later, ctx_with_deadline_origin(parent->ctx, CTX_ORIGIN_METHOD_CAP, now_ns + CTX_MS(200)));
    CTX_SCOPE(
        same, ctx_with_deadline_origin(parent->ctx, CTX_ORIGIN_METHOD_CAP, now_ns + CTX_MS(100)));
    CTX_SCOPE(earlier,
        ctx_with_deadline_origin(later->ctx, CTX_ORIGIN_METHOD_DEFAULT, now_ns + CTX_MS(50)));
    CTX_SCOPE(never, ctx_with_deadline(parent->ctx, CLOCK_NEVER));
    assert_int_equal(ctx_deadline_ns(later->ctx), now_ns + CTX_MS(100));
    assert_int_equal(ctx_deadline_origin(later->ctx), CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER);
    assert_int_equal(ctx_deadline_origin(same->ctx), CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER);
    assert_int_equal(ctx_deadline_origin(never->ctx), CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER);
    assert_int_equal(ctx_deadline_ns(earlier->ctx), now_ns + CTX_MS(50));
    assert_int_equal(ctx_deadline_origin(earlier->ctx), CTX_ORIGIN_METHOD_DEFAULT);
    ctx_test_clock_advance(CTX_MS(50));
    assert_true(ctx_done(earlier->ctx));
    assert_false(ctx_done(later->ctx));
    ctx_test_clock_advance(CTX_MS(50));
    assert_true(ctx_done(later->ctx));
    assert_true(ctx_done(never->ctx));
}

static void an_expiry_gives_the_cause_it_was_told(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout_cause(ctx_background(), CTX_CAUSE_PEER_LOST, CTX_MS(10)));
    CTX_SCOPE(child, ctx_with_timeout(scope->ctx, CTX_MS(20)));
    ctx_test_clock_advance(CTX_MS(10));
    assert_int_equal(ctx_cause(scope->ctx), CTX_CAUSE_PEER_LOST);
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_PEER_LOST);
}

/* The clock moves but the timer thread does not hear of it, as if it got no CPU. */
static void a_starved_timer_thread_cannot_hide_an_expiry(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout_cause(ctx_background(), CTX_CAUSE_PEER_LOST, CTX_MS(10)));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    CTX_SCOPE(sibling, ctx_with_cancel(scope->ctx));
    clock_set_fake_ns(clock_now_ns() + CTX_MS(10));
    assert_false(ctx_done(child->ctx));
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_PEER_LOST);
    assert_true(ctx_done(scope->ctx));
    assert_true(ctx_done(sibling->ctx));
    assert_int_equal(ctx_done_at_ns(sibling->ctx), clock_now_ns());
}

/* --- sleeping ------------------------------------------------------------------------------- */

static void sleep_under_a_done_context_returns_at_once(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    assert_int_equal(ctx_sleep(scope->ctx, CTX_SECONDS(9)), STATUS_CANCELLED);
    assert_int_equal(ctx_wait(scope->ctx), STATUS_CANCELLED);
    assert_int_equal(ctx_wait_until(ctx_background(), clock_now_ns()), STATUS_OK);
}

static bool is_readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

static void the_descriptor_becomes_readable_when_done_and_stays_so(void **state)
{
    (void)state;
    CTX_SCOPE(parent, ctx_with_timeout(ctx_background(), CTX_MS(10)));
    CTX_SCOPE(child, ctx_with_cancel(parent->ctx));
    int fd = ctx_done_fd(child->ctx);
    assert_true(fd >= 0);
    assert_int_equal(ctx_done_fd(child->ctx), fd);
    assert_false(is_readable(fd));
    ctx_test_clock_advance(CTX_MS(10));
    assert_true(is_readable(fd));
    assert_true(is_readable(fd));
    assert_true(is_readable(ctx_done_fd(parent->ctx)));
}

/* --- the wheel ------------------------------------------------------------------------------ */

struct firing {
    struct ctx_timer timer;
    _Atomic uint64_t at_ns;
    _Atomic int n_fired;
    uint64_t again_after_ns;
};

static void on_firing(void *arg)
{
    struct firing *firing = arg;
    firing->at_ns = clock_now_ns();
    firing->n_fired++;
    if (firing->again_after_ns > 0) {
        ctx_timer_start(&firing->timer, clock_now_ns() + firing->again_after_ns);
    }
}

/* Distances around each level's borders, from below a tick to days. */
static void timers_of_every_distance_fire_exactly_when_due(void **state)
{
    (void)state;
    enum { N_TIMERS = 48 };
    static struct firing firings[N_TIMERS];
    uint64_t start_ns = clock_now_ns();
    for (unsigned int i = 0; i < N_TIMERS; i++) {
        ctx_timer_init(&firings[i].timer, on_firing, &firings[i]);
        ctx_timer_start(&firings[i].timer, start_ns + (UINT64_C(1) << i) + i);
    }
    for (unsigned int i = 0; i < N_TIMERS; i++) {
        uint64_t due_ns = start_ns + (UINT64_C(1) << i) + i;
        ctx_test_clock_advance(due_ns - 1 - clock_now_ns());
        assert_int_equal(firings[i].n_fired, 0);
        ctx_test_clock_advance(1);
        assert_int_equal(firings[i].n_fired, 1);
        assert_int_equal(firings[i].at_ns, due_ns);
    }
}

static void a_timer_in_the_past_fires_at_the_next_wake(void **state)
{
    (void)state;
    struct firing firing = {.n_fired = 0};
    ctx_timer_init(&firing.timer, on_firing, &firing);
    ctx_timer_start(&firing.timer, 1);
    ctx_test_clock_advance(0);
    assert_int_equal(firing.n_fired, 1);
}

static void stopping_says_whether_it_won(void **state)
{
    (void)state;
    struct firing firing = {.n_fired = 0};
    ctx_timer_init(&firing.timer, on_firing, &firing);
    assert_false(ctx_timer_stop(&firing.timer));
    ctx_timer_start(&firing.timer, clock_now_ns() + CTX_MS(5));
    assert_true(ctx_timer_stop(&firing.timer));
    assert_false(ctx_timer_stop_wait(&firing.timer));
    ctx_test_clock_advance(CTX_MS(10));
    assert_int_equal(firing.n_fired, 0);
    ctx_timer_start(&firing.timer, clock_now_ns() + CTX_MS(5));
    ctx_test_clock_advance(CTX_MS(5));
    assert_false(ctx_timer_stop_wait(&firing.timer));
    assert_int_equal(firing.n_fired, 1);
}

static void a_restarted_timer_keeps_only_its_new_time(void **state)
{
    (void)state;
    struct firing firing = {.n_fired = 0};
    ctx_timer_init(&firing.timer, on_firing, &firing);
    ctx_timer_start(&firing.timer, clock_now_ns() + CTX_MS(5));
    ctx_timer_start(&firing.timer, clock_now_ns() + CTX_MS(50));
    ctx_test_clock_advance(CTX_MS(49));
    assert_int_equal(firing.n_fired, 0);
    ctx_test_clock_advance(CTX_MS(1));
    assert_int_equal(firing.n_fired, 1);
}

static void a_timer_may_start_itself_again(void **state)
{
    (void)state;
    struct firing firing = {.again_after_ns = CTX_SECONDS(1)};
    ctx_timer_init(&firing.timer, on_firing, &firing);
    ctx_timer_start(&firing.timer, clock_now_ns() + CTX_SECONDS(1));
    ctx_test_clock_advance(CTX_SECONDS(10));
    assert_int_equal(firing.n_fired, 10);
    assert_true(ctx_timer_stop_wait(&firing.timer));
}

/* After the fake clock ran ahead by an hour, real timers must not all look late. */
static void a_clock_that_goes_back_fires_nothing_early(void **state)
{
    (void)state;
    struct firing firing = {.n_fired = 0};
    ctx_test_clock_advance(CTX_SECONDS(3600));
    ctx_test_clock_end();
    ctx_test_clock_start();
    ctx_timer_init(&firing.timer, on_firing, &firing);
    ctx_timer_start(&firing.timer, clock_now_ns() + CTX_SECONDS(60));
    ctx_test_clock_advance(CTX_SECONDS(59));
    assert_int_equal(firing.n_fired, 0);
    ctx_test_clock_advance(CTX_SECONDS(1));
    assert_int_equal(firing.n_fired, 1);
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return *seed >> 8;
}

/* Against a model that is a plain list: what is due has fired, at its time, and nothing else. */
static void random_starts_and_stops_fire_as_a_list_would(void **state)
{
    (void)state;
    enum { N_TIMERS = 40, N_STEPS = 600 };
    static struct firing firings[N_TIMERS];
    static uint64_t due_ns[N_TIMERS]; /* 0: not started */
    uint32_t seed = 42;
    for (size_t i = 0; i < N_TIMERS; i++) {
        ctx_timer_init(&firings[i].timer, on_firing, &firings[i]);
    }
    for (size_t step = 0; step < N_STEPS; step++) {
        for (int n = 0; n < 4; n++) {
            size_t i = draw(&seed) % N_TIMERS;
            if (draw(&seed) % 4 == 0) {
                assert_int_equal(ctx_timer_stop(&firings[i].timer), due_ns[i] != 0);
                due_ns[i] = 0;
            } else {
                due_ns[i] = clock_now_ns() + 1 + (UINT64_C(1) << draw(&seed) % 40) + draw(&seed);
                firings[i].n_fired = 0;
                ctx_timer_start(&firings[i].timer, due_ns[i]);
            }
        }
        ctx_test_clock_advance(UINT64_C(1) << draw(&seed) % 36);
        for (size_t i = 0; i < N_TIMERS; i++) {
            bool is_due = due_ns[i] != 0 && due_ns[i] <= clock_now_ns();
            if (is_due) {
                assert_int_equal(firings[i].n_fired, 1);
                assert_int_equal(firings[i].at_ns, due_ns[i]);
                due_ns[i] = 0;
            } else if (due_ns[i] != 0) {
                assert_int_equal(firings[i].n_fired, 0);
            }
        }
    }
    for (size_t i = 0; i < N_TIMERS; i++) {
        assert_int_equal(ctx_timer_stop(&firings[i].timer), due_ns[i] != 0);
    }
}

#define CLOCKED(test) cmocka_unit_test_setup_teardown(test, clock_set_up, clock_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLOCKED(a_timeout_expires_at_its_time_and_not_before),
        CLOCKED(a_past_deadline_is_done_at_once),
        CLOCKED(the_parents_earlier_deadline_stays_with_its_origin),
        CLOCKED(an_expiry_gives_the_cause_it_was_told),
        CLOCKED(a_starved_timer_thread_cannot_hide_an_expiry),
        CLOCKED(sleep_under_a_done_context_returns_at_once),
        CLOCKED(the_descriptor_becomes_readable_when_done_and_stays_so),
        CLOCKED(timers_of_every_distance_fire_exactly_when_due),
        CLOCKED(a_timer_in_the_past_fires_at_the_next_wake),
        CLOCKED(stopping_says_whether_it_won),
        CLOCKED(a_restarted_timer_keeps_only_its_new_time),
        CLOCKED(a_timer_may_start_itself_again),
        CLOCKED(a_clock_that_goes_back_fires_nothing_early),
        CLOCKED(random_starts_and_stops_fire_as_a_list_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
