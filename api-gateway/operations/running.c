/* An operation's begin: its limits, its context, its call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operations/operations_internal.h"
#include "operations/operations_metrics.h"

/* gcc -fanalyzer does not count references: to it every unref may be the last, and free it. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-use-after-free"
#endif

static void pieces_free(struct piece *piece)
{
    while (piece != NULL) {
        struct piece *next = piece->next;
        free(piece);
        piece = next;
    }
}

void operation_unref(struct operation *operation)
{
    if (atomic_fetch_sub(&operation->n_holders, 1) != 1) {
        return;
    }
    ctx_scope_end(operation->metadata_scope);
    ctx_scope_end(operation->call_scope);
    ctx_scope_end(operation->trace_scope);
    rpc_client_call_unref(operation->call);
    pieces_free(operation->first_piece);
    free(operation->metadata_copy);
    free(operation);
}

/* --- the start ------------------------------------------------------------------------------- */

void operation_call(struct operation *operation)
{
    atomic_fetch_add(&operation->n_holders, 1); /* the call's, until its end */
    enum status status = rpc_call_start(operation->metadata_scope->ctx,
        operation->operations->channel, operation->method, operation->message,
        &OPERATION_CALL_EVENTS, operation, &operation->call);
    if (status != STATUS_OK) {
        struct rpc_end end;
        rpc_end_init(&end, status);
        snprintf(end.message, sizeof(end.message), "the gateway has no room for another call");
        end.account.outcome = RPC_OUTCOME_NOT_STARTED;
        operation_ended(operation, &end, false);
    }
}

static bool make_context(struct operation *operation, const struct operation_start *start)
{
    if (start->metadata != NULL && rpc_metadata_copy(start->metadata, &operation->metadata,
                                       &operation->metadata_copy) != STATUS_OK) {
        return false;
    }
    operation->origin = ctx_deadline_origin(start->ctx);
    uint64_t deadline_ns = ctx_deadline_ns(start->ctx);
    const struct ctx *parent = start->is_attached ? start->ctx : ctx_background();
    operation->trace_scope = ctx_with_value(parent, &TRACE_KEY, &operation->trace);
    operation->call_scope =
        ctx_with_deadline_origin(operation->trace_scope->ctx, operation->origin, deadline_ns);
    operation->metadata_scope =
        ctx_with_value(operation->call_scope->ctx, &RPC_METADATA_KEY, &operation->metadata);
    if (deadline_ns != CLOCK_NEVER) {
        uint64_t now_ns = clock_now_ns();
        uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
        operation->record.deadline_ms = operation_now_ms() + (int64_t)(left_ns / CLOCK_MS(1));
    }
    return true;
}

static struct operation *operation_new(
    struct operations *operations, const struct operation_start *start, enum status *ret_status)
{
    *ret_status = STATUS_RESOURCE_EXHAUSTED;
    struct operation *operation = calloc(1, sizeof(*operation));
    if (operation == NULL) {
        return NULL;
    }
    atomic_init(&operation->n_holders, 1);
    operation->operations = operations;
    operation->is_attached = start->is_attached;
    operation->events = start->events;
    operation->arg = start->arg;
    operation->method = start->method;
    operation->message = start->message;
    operation->read_head = start->read_head;
    operation->key = start->key;
    operation->trace = *start->trace;
    operation->phase = start->is_attached ? PHASE_CALLING : PHASE_ADDING;
    worker_job_init(&operation->file_job, operation_write_pieces, operation);
    worker_job_init(&operation->store_job, operation_store, operation);
    *ret_status = operation_record_init(&operation->record, start->owner, start->path);
    if (*ret_status == STATUS_OK && !make_context(operation, start)) {
        *ret_status = STATUS_RESOURCE_EXHAUSTED;
    }
    if (*ret_status != STATUS_OK) {
        operation_unref(operation);
        return NULL;
    }
    snprintf(operation->record.gateway, OPERATION_ID_MAX, "%s", operations->gateway);
    trace_id_text(start->trace, operation->record.trace_id);
    return operation;
}

/* Whether one more may run; into the list it goes. */
static enum status enter(
    struct operations *operations, struct operation *operation, struct error *ret_error)
{
    unsigned int n_of_owner = 0;
    pthread_mutex_lock(&operations->mutex);
    for (const struct operation *other = operations->running; other != NULL; other = other->next) {
        n_of_owner += strcmp(other->record.owner, operation->record.owner) == 0;
    }
    bool is_closed = operations->is_draining;
    bool is_full = operations->n_running >= operations->running_max;
    bool is_much = n_of_owner >= operations->per_owner_max;
    if (!is_closed && !is_full && !is_much) {
        operation->next = operations->running;
        operations->running = operation;
        operations->n_running++;
        operations_metrics_running(operations->n_running);
        if (!operation->is_attached) {
            worker_post(operations->store_worker, &operation->store_job);
        }
    }
    pthread_mutex_unlock(&operations->mutex);
    if (is_closed) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "the gateway is stopping");
    }
    if (is_full) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "%u operations run already; wait for the end of one", operations->running_max);
    }
    return !is_much ? STATUS_OK
                    : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
                          "%u of your operations run already; wait for the end of one",
                          operations->per_owner_max);
}

enum status operation_start(
    struct operations *operations, const struct operation_start *start, struct error *ret_error)
{
    enum status status = STATUS_OK;
    struct operation *operation = operation_new(operations, start, &status);
    if (operation == NULL) {
        return error_set(ret_error, status,
            status == STATUS_RESOURCE_EXHAUSTED ? "the gateway has no memory left"
                                                : "the operation cannot be named");
    }
    bool is_attached = operation->is_attached;
    if (is_attached) {
        atomic_fetch_add(&operation->n_holders, 1); /* until operation_call has returned */
    }
    status = enter(operations, operation, ret_error);
    if (status != STATUS_OK) {
        operation_unref(operation);
    } else if (is_attached) {
        if (operation->events->on_accepted != NULL) {
            operation->events->on_accepted(operation->arg);
        }
        operation_call(operation);
        operation->message = NULL;
    }
    if (is_attached) {
        operation_unref(operation);
    }
    return status;
}
