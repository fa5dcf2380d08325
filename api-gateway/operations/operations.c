/* Opening, draining, stopping. */
#include "operations/operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "obs/log.h"
#include "operations/operations_internal.h"
#include "operations/operations_metrics.h"

static const uint64_t STOP_NS = CLOCK_SECONDS(3); /* for the last records to be written */

static void do_nothing(void *arg)
{
    (void)arg;
}

static enum status open_all(struct operations *operations, const struct operations_options *options,
    struct error *ret_error)
{
    if (!operation_new_id(operations->gateway)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "the kernel gives no random numbers");
    }
    enum status status =
        files_open(options->folder, operations->gateway, &operations->files, ret_error);
    if (status == STATUS_OK) {
        status = store_open(options->uri, &operations->store, ret_error);
    }
    if (status == STATUS_OK &&
        (worker_start("op-files", NULL, NULL, &operations->file_worker) != STATUS_OK ||
            worker_start("op-store", operations_tick, operations, &operations->store_worker) !=
                STATUS_OK)) {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no thread can be had");
    }
    return status;
}

enum status operations_new(const struct operations_options *options,
    struct operations **ret_operations, struct error *ret_error)
{
    struct operations *operations = calloc(1, sizeof(*operations));
    if (operations == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    operations->channel = options->channel;
    operations->describe = options->describe;
    operations->keep_ns = options->keep_ns;
    operations->bytes_max = options->bytes_max;
    operations->running_max =
        options->running_max == 0 ? OPERATIONS_RUNNING_MAX_DEFAULT : options->running_max;
    operations->per_owner_max =
        options->per_owner_max == 0 ? OPERATIONS_PER_OWNER_MAX_DEFAULT : options->per_owner_max;
    worker_job_init(&operations->wake_job, do_nothing, NULL);
    operations_metrics_declare();
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&operations->mutex, NULL);
    pthread_cond_init(&operations->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    enum status status = open_all(operations, options, ret_error);
    if (status != STATUS_OK) {
        operations_stop(operations);
        operations_free(operations);
        return status;
    }
    *ret_operations = operations;
    return STATUS_OK;
}

/* Wait, with the lock, for a change, until `until_ns`. */
static void wait_locked(struct operations *operations, uint64_t until_ns)
{
    const uint64_t second_ns = CLOCK_SECONDS(1);
    const struct timespec until = {
        .tv_sec = (time_t)(until_ns / second_ns), .tv_nsec = (long)(until_ns % second_ns)};
    (void)pthread_cond_timedwait(&operations->changed, &operations->mutex, &until);
}

static void wake(void *arg)
{
    struct operations *operations = arg;
    pthread_mutex_lock(&operations->mutex);
    pthread_cond_broadcast(&operations->changed);
    pthread_mutex_unlock(&operations->mutex);
}

enum status operations_drain(const struct ctx *ctx, struct operations *operations)
{
    if (operations == NULL) {
        return STATUS_OK;
    }
    struct ctx_after *after = ctx_after_func(ctx, wake, operations);
    pthread_mutex_lock(&operations->mutex);
    operations->is_draining = true;
    while (operations->n_running > 0 && ctx_err(ctx) == STATUS_OK) {
        wait_locked(operations, clock_now_ns() + CLOCK_MS(100)); /* where there is no after_func */
    }
    enum status status = operations->n_running == 0 ? STATUS_OK : ctx_err(ctx);
    pthread_mutex_unlock(&operations->mutex);
    (void)ctx_stop_wait(after);
    return status;
}

void operations_stop(struct operations *operations)
{
    if (operations == NULL) {
        return;
    }
    uint64_t until_ns = clock_now_ns() + STOP_NS;
    pthread_mutex_lock(&operations->mutex);
    operations->is_draining = true;
    operations->is_stopping = true;
    for (struct operation *operation = operations->running; operation != NULL;
         operation = operation->next) {
        ctx_cancel(operation->call_scope, CTX_CAUSE_SERVER_DRAINING);
    }
    if (operations->store_worker != NULL) {
        worker_post(operations->store_worker, &operations->wake_job);
    }
    while (operations->n_running > 0 && clock_now_ns() < until_ns) {
        wait_locked(operations, until_ns);
    }
    while (operations->n_holds > 0) { /* their clients are gone: they end by themselves */
        pthread_cond_wait(&operations->changed, &operations->mutex);
    }
    operations->is_stopped = true;
    pthread_mutex_unlock(&operations->mutex);
    worker_stop(STEAL(operations->file_worker));
    worker_stop(STEAL(operations->store_worker));
    struct error error = ERROR_NONE;
    error_set(&error, STATUS_UNAVAILABLE, "the gateway is stopping");
    while (operations->elsewhere != NULL) {
        struct ticket *ticket = operations->elsewhere;
        operations->elsewhere = ticket->next;
        ticket_answer_record(ticket, NULL, &error);
    }
}

void operations_free(struct operations *operations)
{
    if (operations == NULL) {
        return;
    }
    while (operations->running != NULL) {
        struct operation *operation = operations->running;
        operations->running = operation->next;
        result_file_drop(STEAL(operation->file));
        if (operation->phase != PHASE_ADDING) {
            operation->events->on_finished(operation->arg, &operation->record, &operation->end);
        }
        operation_unref(operation);
    }
    store_close(operations->store);
    files_close(operations->files);
    pthread_mutex_destroy(&operations->mutex);
    pthread_cond_destroy(&operations->changed);
    free(operations);
}

struct worker *operations_hold(struct operations *operations)
{
    pthread_mutex_lock(&operations->mutex);
    bool may = !operations->is_stopping;
    operations->n_holds += may;
    pthread_mutex_unlock(&operations->mutex);
    return may ? operations->file_worker : NULL;
}

void operations_release(struct operations *operations)
{
    pthread_mutex_lock(&operations->mutex);
    operations->n_holds--;
    pthread_cond_broadcast(&operations->changed);
    pthread_mutex_unlock(&operations->mutex);
}
