/* The storm: threads join, leave and land flights of a few keys at once, as members and as blocked
 * callers. Run it under ThreadSanitizer and AddressSanitizer; here it checks that every member is
 * told once, that who is told of a landing sees the result whole, and that nothing is left. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctx/flight.h"
#include "ctx/test.h"

enum { N_THREADS = 4, N_ROUNDS = 4000, N_KEYS = 3, N_BATCH = 3 };

static uint32_t draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return (*seed >> 8) % n;
}

struct storm {
    struct ctx_flights *flights;
    _Atomic uint32_t n_wrong;
    _Atomic uint32_t n_landed;
    _Atomic uint32_t n_left;
    _Atomic uint32_t n_shared;
};

static void expect(struct storm *storm, bool is_right)
{
    storm->n_wrong += !is_right;
}

/* --- members -------------------------------------------------------------------------------- */

/* Not atomic, on purpose: the landing must hand the result over. */
struct work {
    struct ctx_flight flight;
    uint64_t low;
    uint64_t high;
};

static void work_free(struct ctx_flight *flight)
{
    ctx_flight_finish(flight);
    free(CONTAINER_OF(flight, struct work, flight));
}

static struct work *work_new(uint32_t key)
{
    struct work *work = calloc(1, sizeof(*work));
    struct bytes bytes = {(const uint8_t *)&key, sizeof(key)};
    if (work == NULL || ctx_flight_init(&work->flight, bytes, work_free) != STATUS_OK) {
        abort();
    }
    return work;
}

/* Counted: by its caller, and until it is told. */
struct membership {
    struct ctx_flight_member member;
    struct storm *storm;
    _Atomic unsigned int references;
    _Atomic unsigned int n_told;
};

static void membership_unref(struct membership *membership)
{
    if (atomic_fetch_sub(&membership->references, 1) == 1) {
        expect(membership->storm, membership->n_told == 1);
        free(membership);
    }
}

static void be_told(void *arg, const struct ctx_flight_end *end)
{
    struct membership *membership = arg;
    struct storm *storm = membership->storm;
    membership->n_told++;
    if (end->has_landed) {
        const struct work *work = CONTAINER_OF(end->flight, struct work, flight);
        expect(storm, work->low == ~work->high && work->low != 0);
        storm->n_landed++;
    } else {
        expect(storm, end->cause != CTX_CAUSE_NONE);
        storm->n_left++;
    }
    membership_unref(membership);
}

/* Wait for a while, or until the last member leaves. */
static void compute_and_land(struct ctx_flight *flight, uint32_t *seed)
{
    struct work *work = CONTAINER_OF(flight, struct work, flight);
    (void)ctx_wait_until(flight->ctx, clock_now_ns() + CLOCK_US(draw(seed, 200)));
    work->low = draw(seed, 1000) + 1;
    work->high = ~work->low;
    ctx_flight_land(flight);
}

/* Join with some memberships of one key; cancel some of them; land what we lead. */
static void act_as_members(struct storm *storm, uint32_t *seed)
{
    struct ctx_scope *scopes[N_BATCH];
    struct ctx_flight *led = NULL;
    size_t n = 1 + draw(seed, N_BATCH);
    uint32_t key = draw(seed, N_KEYS);
    for (size_t i = 0; i < n; i++) {
        struct membership *membership = calloc(1, sizeof(*membership));
        if (membership == NULL) {
            abort();
        }
        membership->storm = storm;
        membership->references = 2;
        membership->member.on_end = be_told;
        membership->member.arg = membership;
        scopes[i] = ctx_with_timeout(ctx_background(), CLOCK_US(draw(seed, 400)));
        struct ctx_flight_ticket ticket;
        struct work *work = work_new(key);
        enum status status = ctx_flight_join(
            scopes[i]->ctx, storm->flights, &work->flight, NULL, &membership->member, &ticket);
        if (status != STATUS_OK) {
            abort();
        }
        if (ticket.is_leader && led == NULL) {
            led = ticket.flight;
        } else if (ticket.is_leader) { /* the first of ours was over already */
            compute_and_land(ticket.flight, seed);
            ctx_flight_unref(ticket.flight);
        } else {
            ctx_flight_unref(ticket.flight);
        }
        membership_unref(membership);
        if (draw(seed, 3) == 0) {
            ctx_cancel(scopes[i], CTX_CAUSE_CLIENT_DISCONNECTED);
        }
    }
    if (led != NULL) {
        compute_and_land(led, seed);
        ctx_flight_unref(led);
    }
    /* Whoever still is a member of somebody else's leaves now. */
    for (size_t i = 0; i < n; i++) {
        ctx_scope_end(scopes[i]);
    }
}

/* --- blocked callers ------------------------------------------------------------------------ */

struct number {
    struct ctx_result result;
    uint64_t low;
    uint64_t high;
};

static void number_free(struct ctx_result *result)
{
    free(CONTAINER_OF(result, struct number, result));
}

static enum status compute(
    const struct ctx *ctx, void *arg, struct ctx_result **ret_result, struct error *ret_error)
{
    uint32_t *seed = arg;
    enum status status = ctx_sleep(ctx, CLOCK_US(draw(seed, 200)));
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "stopped");
    }
    if (draw(seed, 8) == 0) {
        return error_set(ret_error, STATUS_ABORTED, "no luck");
    }
    struct number *number = malloc(sizeof(*number));
    if (number == NULL) {
        abort();
    }
    ctx_result_init(&number->result, number_free);
    number->low = draw(seed, 1000) + 1;
    number->high = ~number->low;
    *ret_result = &number->result;
    return STATUS_OK;
}

static void act_as_caller(struct storm *storm, uint32_t *seed)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_US(draw(seed, 400))));
    uint8_t key[] = {'s', (uint8_t)draw(seed, N_KEYS)};
    struct ctx_result *result = NULL;
    struct error error = ERROR_NONE;
    enum status status = ctx_flight_share(scope->ctx, storm->flights,
        (struct bytes){key, sizeof(key)}, compute, seed, &result, &error);
    if (status == STATUS_OK) {
        const struct number *number = CONTAINER_OF(result, struct number, result);
        expect(storm, number->low == ~number->high && number->low != 0);
        storm->n_shared++;
    } else {
        expect(storm, result == NULL && error.status == status);
        expect(storm, status == STATUS_ABORTED || status == STATUS_DEADLINE_EXCEEDED);
    }
    ctx_result_unref(result);
}

static void *storm_run(void *arg)
{
    struct storm *storm = arg;
    static _Atomic uint32_t n_started;
    uint32_t seed = ++n_started;
    for (size_t i = 0; i < N_ROUNDS; i++) {
        if (draw(&seed, 2) == 0) {
            act_as_members(storm, &seed);
        } else {
            act_as_caller(storm, &seed);
        }
    }
    return NULL;
}

static void everybody_in_a_storm_is_told_exactly_once(void **state)
{
    (void)state;
    struct storm storm = {.flights = ctx_flights_new(0)};
    assert_non_null(storm.flights);
    pthread_t threads[N_THREADS];
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, storm_run, &storm), 0);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ctx_test_settle();
    ctx_flights_free(storm.flights);
    assert_int_equal(storm.n_wrong, 0);
    assert_true(storm.n_landed > 100);
    assert_true(storm.n_left > 100);
    assert_true(storm.n_shared > 100);
    assert_true(ctx_test_no_leaks());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_in_a_storm_is_told_exactly_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
