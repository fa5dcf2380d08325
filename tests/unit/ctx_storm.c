/* The storm: threads cancel, end, derive, wait, register and stop on shared contexts at once. Run
 * it under ThreadSanitizer and AddressSanitizer; here it checks that every function ran at most
 * once, that a stop which won kept it from running, and that nothing is left. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/ctx.h"
#include "ctx/group.h"
#include "ctx/test.h"
#include "ctx/timer.h"

enum { N_THREADS = 4, N_ROUNDS = 1000, N_REGISTRATIONS = 6, N_CHAIN = 5 };

/* What a thread does is drawn from its own generator, so a run differs only by scheduling. */
static uint32_t draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return (*seed >> 8) % n;
}

/* --- one round, shared by the threads ------------------------------------------------------- */

struct registration {
    _Atomic int n_runs;
    _Atomic int is_won; /* a stop said that the function never runs */
};

struct round {
    struct ctx_scope *root;
    struct ctx_scope *scopes[N_THREADS]; /* ended by their thread, at any time */
    const struct ctx *held[N_THREADS];   /* references to those, for the other threads */
    struct ctx_scope *chain[N_CHAIN];    /* ended by the main thread */
};

struct storm {
    pthread_barrier_t barrier;
    struct round round;
    _Atomic uint32_t n_wrong;
};

static void count_run(void *arg)
{
    ((struct registration *)arg)->n_runs++;
}

static enum status task_wait(const struct ctx *ctx, void *arg)
{
    (void)arg;
    return ctx_wait(ctx);
}

static enum status task_fail(const struct ctx *ctx, void *arg)
{
    (void)ctx;
    (void)arg;
    return STATUS_ABORTED;
}

static void expect(struct storm *storm, bool is_right)
{
    if (!is_right) {
        storm->n_wrong++;
    }
}

static void act_after(struct storm *storm, const struct ctx *ctx, uint32_t *seed)
{
    struct registration registrations[N_REGISTRATIONS] = {{.n_runs = 0}};
    struct ctx_after *afters[N_REGISTRATIONS];
    CTX_SCOPE(scope, ctx_with_timeout(ctx, CLOCK_US(draw(seed, 300))));
    for (size_t i = 0; i < N_REGISTRATIONS; i++) {
        afters[i] = ctx_after_func(scope->ctx, count_run, &registrations[i]);
    }
    if (draw(seed, 2) == 0) {
        ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    }
    for (size_t i = 0; i < N_REGISTRATIONS; i++) {
        registrations[i].is_won = ctx_stop_wait(afters[i]);
        expect(storm, registrations[i].n_runs == (registrations[i].is_won ? 0 : 1));
    }
    ctx_test_settle();
    for (size_t i = 0; i < N_REGISTRATIONS; i++) {
        expect(storm, registrations[i].n_runs == (registrations[i].is_won ? 0 : 1));
    }
}

static void act_group(struct storm *storm, const struct ctx *ctx, uint32_t *seed)
{
    struct ctx_group *group = ctx_group_new(ctx);
    ctx_group_run(group, task_wait, NULL);
    if (draw(seed, 2) == 0) {
        ctx_group_run(group, task_fail, NULL);
    } else {
        ctx_cancel(storm->round.root, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
    enum status status = ctx_group_wait(group);
    expect(storm, status == STATUS_ABORTED || status == STATUS_CANCELLED);
}

static void act_derive(struct storm *storm, const struct ctx *ctx, uint32_t *seed)
{
    struct ctx_scope *outer = ctx_with_cancel(ctx);
    CTX_SCOPE(detached, ctx_without_cancel(outer->ctx));
    struct ctx_scope *inner = ctx_with_timeout(outer->ctx, CLOCK_US(draw(seed, 200)));
    const struct ctx *held = ctx_ref(inner->ctx);
    if (draw(seed, 2) == 0) {
        ctx_scope_end(outer);
        ctx_scope_end(inner);
    } else {
        ctx_scope_end(inner);
        ctx_scope_end(outer);
    }
    expect(storm, ctx_done(held) && ctx_cause(held) != CTX_CAUSE_NONE);
    expect(storm, !ctx_done(detached->ctx));
    ctx_unref(held);
}

/* Whatever others have registered below runs here, or on the notifier. */
static void act_cancel(struct storm *storm, uint32_t *seed)
{
    const struct ctx_scope *scope = storm->round.chain[draw(seed, N_CHAIN)];
    if (draw(seed, 2) == 0) {
        ctx_cancel(scope, CTX_CAUSE_PEER_LOST);
        return;
    }
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    ctx_cancel_collect(scope, CTX_CAUSE_PEER_LOST, CTX_SOURCE_HERE, &callbacks);
    ctx_callbacks_run(&callbacks);
}

static void act(struct storm *storm, uint32_t *seed, size_t index)
{
    struct round *round = &storm->round;
    const struct ctx *shared = draw(seed, 2) == 0 ? round->chain[draw(seed, N_CHAIN)]->ctx
                                                  : round->held[draw(seed, N_THREADS)];
    switch (draw(seed, 6)) {
    case 0:
        act_after(storm, shared, seed);
        break;
    case 1:
        act_derive(storm, shared, seed);
        break;
    case 2:
        expect(storm, ctx_wait_until(round->scopes[index]->ctx, clock_now_ns() + CLOCK_US(50)) !=
                          STATUS_INTERNAL);
        break;
    case 3:
        expect(storm, ctx_done_fd(shared) >= 0);
        break;
    case 4:
        act_cancel(storm, seed);
        break;
    default:
        act_group(storm, shared, seed);
        break;
    }
}

struct thread_arg {
    struct storm *storm;
    size_t index;
};

static void *storm_run(void *arg)
{
    struct storm *storm = ((struct thread_arg *)arg)->storm;
    size_t index = ((struct thread_arg *)arg)->index;
    uint32_t seed = (uint32_t)index + 1;
    for (size_t i = 0; i < N_ROUNDS; i++) {
        pthread_barrier_wait(&storm->barrier);
        for (size_t n = draw(&seed, 4); n > 0; n--) {
            act(storm, &seed, index);
        }
        ctx_scope_end(storm->round.scopes[index]);
        pthread_barrier_wait(&storm->barrier);
    }
    return NULL;
}

static void round_start(struct round *round)
{
    round->root = ctx_with_timeout(ctx_background(), CTX_SECONDS(60));
    for (size_t i = 0; i < N_CHAIN; i++) {
        round->chain[i] = ctx_with_cancel(i == 0 ? round->root->ctx : round->chain[i - 1]->ctx);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        round->scopes[i] = ctx_with_cancel(round->chain[i]->ctx);
        round->held[i] = ctx_ref(round->scopes[i]->ctx);
    }
}

/* From the top: a parent's scope may end before its child's. */
static void round_end(struct round *round)
{
    ctx_scope_end(round->root);
    for (size_t i = 0; i < N_CHAIN; i++) {
        ctx_scope_end(round->chain[i]);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        ctx_unref(round->held[i]);
    }
}

static void nothing_is_lost_or_run_twice_in_a_storm(void **state)
{
    (void)state;
    static struct storm storm;
    struct thread_arg args[N_THREADS];
    pthread_t threads[N_THREADS];
    assert_int_equal(pthread_barrier_init(&storm.barrier, NULL, N_THREADS + 1), 0);
    for (size_t i = 0; i < N_THREADS; i++) {
        args[i] = (struct thread_arg){.storm = &storm, .index = i};
        assert_int_equal(pthread_create(&threads[i], NULL, storm_run, &args[i]), 0);
    }
    for (size_t i = 0; i < N_ROUNDS; i++) {
        round_start(&storm.round);
        pthread_barrier_wait(&storm.barrier);
        pthread_barrier_wait(&storm.barrier);
        round_end(&storm.round);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_barrier_destroy(&storm.barrier);
    ctx_test_settle();
    assert_int_equal(storm.n_wrong, 0);
    assert_true(ctx_test_no_leaks());
}

/* --- timers --------------------------------------------------------------------------------- */

struct storm_timer {
    struct ctx_timer timer;
    _Atomic int n_runs;
};

static void on_storm_timer(void *arg)
{
    ((struct storm_timer *)arg)->n_runs++;
}

/* After stop_wait the timer may be overwritten at once, whoever won. */
static void *timers_run(void *arg)
{
    _Atomic uint32_t *n_wrong = arg;
    uint32_t seed = 7;
    for (size_t i = 0; i < 2000; i++) {
        struct storm_timer timer = {.n_runs = 0};
        ctx_timer_init(&timer.timer, on_storm_timer, &timer);
        ctx_timer_start(&timer.timer, clock_now_ns() + CLOCK_US(draw(&seed, 150)));
        if (draw(&seed, 3) == 0) {
            *n_wrong += ctx_sleep(ctx_background(), CLOCK_US(draw(&seed, 100))) != STATUS_OK;
        }
        bool has_won = ctx_timer_stop_wait(&timer.timer);
        if (timer.n_runs != (has_won ? 0 : 1)) {
            ++*n_wrong;
        }
    }
    return NULL;
}

static void a_timer_is_free_to_go_after_stop_wait(void **state)
{
    (void)state;
    static _Atomic uint32_t n_wrong;
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, timers_run, (void *)&n_wrong), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(n_wrong, 0);
}

/* --- real time ------------------------------------------------------------------------------ */

/* Real clocks and a shared machine: only the side that must hold always is asserted tightly. */
static void a_real_deadline_is_never_early(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 20; i++) {
        uint64_t deadline_ns = clock_now_ns() + CLOCK_US(i * 137);
        CTX_SCOPE(scope, ctx_with_deadline(ctx_background(), deadline_ns));
        CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
        assert_int_equal(ctx_wait(child->ctx), STATUS_DEADLINE_EXCEEDED);
        assert_true(clock_now_ns() >= deadline_ns);
        assert_true(ctx_done_at_ns(scope->ctx) >= deadline_ns);
        assert_true(ctx_done_at_ns(scope->ctx) < deadline_ns + CTX_SECONDS(10));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_or_run_twice_in_a_storm),
        cmocka_unit_test(a_timer_is_free_to_go_after_stop_wait),
        cmocka_unit_test(a_real_deadline_is_never_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
