/* Single flight for threads: the leader computes on its own thread, the others sleep until they are
 * told. */
#include <pthread.h>
#include <stdlib.h>

#include "ctx/current.h"
#include "ctx/flight.h"

void ctx_result_init(struct ctx_result *result, void (*free)(struct ctx_result *result))
{
    atomic_init(&result->references, 1);
    result->free = free;
}

struct ctx_result *ctx_result_ref(struct ctx_result *result)
{
    if (result != NULL) {
        atomic_fetch_add_explicit(&result->references, 1, memory_order_relaxed);
    }
    return result;
}

void ctx_result_unref(struct ctx_result *result)
{
    if (result != NULL &&
        atomic_fetch_sub_explicit(&result->references, 1, memory_order_acq_rel) == 1) {
        result->free(result);
    }
}

/* A computation and what came of it: written by the leader before it lands. */
struct shared {
    struct ctx_flight flight;
    struct ctx_result *result; /* NULL unless the status is OK */
    struct error error;
};

/* A caller's wait; on its stack. */
struct waiter {
    pthread_mutex_t mutex;
    pthread_cond_t told;
    bool is_over;
    bool has_landed;
    enum ctx_cause cause;
};

static void shared_free(struct ctx_flight *flight)
{
    struct shared *shared = CONTAINER_OF(flight, struct shared, flight);
    ctx_result_unref(shared->result);
    ctx_flight_finish(flight);
    free(shared);
}

static struct shared *shared_new(struct bytes key)
{
    struct shared *shared = malloc(sizeof(*shared));
    if (shared == NULL || ctx_flight_init(&shared->flight, key, shared_free) != STATUS_OK) {
        free(shared);
        return NULL;
    }
    shared->result = NULL;
    shared->error = (struct error)ERROR_NONE;
    return shared;
}

static void waiter_is_told(void *arg, const struct ctx_flight_end *end)
{
    struct waiter *waiter = arg;
    pthread_mutex_lock(&waiter->mutex);
    waiter->has_landed = end->has_landed;
    waiter->cause = end->cause;
    waiter->is_over = true;
    pthread_cond_signal(&waiter->told);
    pthread_mutex_unlock(&waiter->mutex);
}

static void compute(struct shared *shared, ctx_flight_fn *function, void *arg)
{
    const struct ctx *before = ctx_current_set(shared->flight.ctx);
    enum status status = function(shared->flight.ctx, arg, &shared->result, &shared->error);
    ctx_current_set(before);
    shared->error.status = status;
    ctx_flight_land(&shared->flight);
}

static void wait_until_told(struct waiter *waiter)
{
    pthread_mutex_lock(&waiter->mutex);
    while (!waiter->is_over) {
        pthread_cond_wait(&waiter->told, &waiter->mutex);
    }
    pthread_mutex_unlock(&waiter->mutex);
    pthread_cond_destroy(&waiter->told);
    pthread_mutex_destroy(&waiter->mutex);
}

static enum status take_result(const struct waiter *waiter, const struct shared *shared,
    struct ctx_result **ret_result, struct error *ret_error)
{
    if (!waiter->has_landed) {
        enum status status = ctx_cause_status(waiter->cause);
        return error_set(ret_error, status, "%s", status_text(status));
    }
    const struct error *error = &shared->error;
    if (error->status != STATUS_OK) {
        const char *text = *error->text == '\0' ? status_text(error->status) : error->text;
        return error_set(ret_error, error->status, "%s", text);
    }
    *ret_result = ctx_result_ref(shared->result);
    return STATUS_OK;
}

enum status ctx_flight_share(const struct ctx *ctx, struct ctx_flights *flights, struct bytes key,
    ctx_flight_fn *function, void *arg, struct ctx_result **ret_result, struct error *ret_error)
{
    struct waiter waiter = {.is_over = false};
    struct ctx_flight_member member = {.on_end = waiter_is_told, .arg = &waiter};
    struct ctx_flight_ticket ticket;
    struct shared *candidate = shared_new(key);
    if (candidate == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    pthread_mutex_init(&waiter.mutex, NULL);
    pthread_cond_init(&waiter.told, NULL);
    enum status status = ctx_flight_join(ctx, flights, &candidate->flight, ctx, &member, &ticket);
    if (status != STATUS_OK) {
        pthread_cond_destroy(&waiter.told);
        pthread_mutex_destroy(&waiter.mutex);
        ctx_flight_unref(&candidate->flight);
        return error_set(ret_error, status, "too many shared computations, or out of memory");
    }
    struct shared *shared = CONTAINER_OF(ticket.flight, struct shared, flight);
    if (ticket.is_leader) {
        compute(shared, function, arg);
    }
    wait_until_told(&waiter);
    status = take_result(&waiter, shared, ret_result, ret_error);
    ctx_flight_unref(ticket.flight);
    return status;
}
