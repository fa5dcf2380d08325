#include "support/flight_caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctx/test.h"

struct ctx_flights *flights;
unsigned int n_sums_freed;

int flight_callers_set_up(void **state)
{
    (void)state;
    ctx_test_clock_start();
    n_sums_freed = 0;
    flights = ctx_flights_new(0);
    return flights == NULL ? 1 : 0;
}

int flight_callers_tear_down(void **state)
{
    (void)state;
    ctx_flights_free(flights);
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

void sum_free(struct ctx_flight *flight)
{
    n_sums_freed++;
    ctx_flight_finish(flight);
    free(CONTAINER_OF(flight, struct sum, flight));
}

struct sum *sum_new(const char *key)
{
    struct sum *sum = calloc(1, sizeof(*sum));
    assert_non_null(sum);
    assert_int_equal(ctx_flight_init(&sum->flight, bytes_of(key), sum_free), STATUS_OK);
    return sum;
}

static void be_told(void *arg, const struct ctx_flight_end *end)
{
    struct caller *caller = arg;
    caller->n_told++;
    caller->end = *end;
    caller->result = CONTAINER_OF(end->flight, struct sum, flight)->result;
}

enum status call_with(
    struct caller *caller, struct ctx_scope *scope, struct sum *candidate, const struct ctx *values)
{
    *caller = (struct caller){.scope = scope, .member = {.on_end = be_told, .arg = caller}};
    return ctx_flight_join(
        scope->ctx, flights, &candidate->flight, values, &caller->member, &caller->ticket);
}

enum status try_to_call(struct caller *caller, const char *key, uint64_t timeout_ns)
{
    struct sum *candidate = sum_new(key);
    struct ctx_scope *scope =
        ctx_with_deadline(ctx_background(), clock_add_ns(clock_now_ns(), timeout_ns));
    enum status status = call_with(caller, scope, candidate, NULL);
    if (status != STATUS_OK) {
        ctx_flight_unref(&candidate->flight);
        ctx_scope_end(scope);
    }
    return status;
}

void call(struct caller *caller, const char *key, uint64_t timeout_ns)
{
    assert_int_equal(try_to_call(caller, key, timeout_ns), STATUS_OK);
}

void hang_up(struct caller *caller)
{
    ctx_flight_unref(caller->ticket.flight);
    ctx_scope_end(caller->scope);
}

void land(const struct caller *leader, int result)
{
    assert_true(leader->ticket.is_leader);
    CONTAINER_OF(leader->ticket.flight, struct sum, flight)->result = result;
    ctx_flight_land(leader->ticket.flight);
}

void cancel(const struct caller *caller, enum ctx_cause cause)
{
    ctx_cancel(caller->scope, cause);
    ctx_test_settle();
}

const struct ctx *context_of(const struct caller *caller)
{
    return caller->ticket.flight->ctx;
}
