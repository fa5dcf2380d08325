/* An operation's record: added before its call begins, finished when its result is settled. On the
 * store's worker. */
#include <stdio.h>
#include <string.h>

#include "obs/log.h"
#include "operations/operations_internal.h"
#include "operations/operations_metrics.h"

static const uint64_t RETRY_NS = CLOCK_SECONDS(1);

/* The end as it is now: a late one may still tell more. */
static void copy_end(struct operation *operation, struct rpc_end *ret_end)
{
    pthread_mutex_lock(&operation->operations->mutex);
    *ret_end = operation->end;
    pthread_mutex_unlock(&operation->operations->mutex);
}

/* What failed, in the words of a problem. */
static void describe(struct operation *operation, struct operation_record *record)
{
    struct rpc_end end;
    copy_end(operation, &end);
    if (operation->file_error.status != STATUS_OK) {
        enum rpc_outcome outcome = end.account.outcome;
        rpc_end_init(&end, operation->file_error.status);
        end.account.outcome = outcome;
        snprintf(end.message, sizeof(end.message), "%s", operation->file_error.text);
    }
    const struct operation_failure failure = {
        .end = &end, .origin = operation->origin, .trace = &operation->trace};
    struct buffer json = BUFFER_EMPTY(OPERATION_PROBLEM_MAX - 1);
    operation->operations->describe(&failure, &json);
    if (json.len > 0) {
        memcpy(record->problem, json.data, json.len);
    }
    record->problem[json.len] = '\0';
    buffer_finish(&json);
}

/* How it ended. With the lock, but for the words. */
static void conclude(struct operation *operation, struct operation_record *ret_record)
{
    struct operations *operations = operation->operations;
    pthread_mutex_lock(&operations->mutex);
    struct operation_record *record = &operation->record;
    if (operation->is_kept) {
        record->state = OPERATION_DONE;
    } else if (record->is_cancelling && operation->end.status == STATUS_CANCELLED) {
        record->state = OPERATION_CANCELLED;
    } else {
        record->state = OPERATION_FAILED;
    }
    if (operation->end.account.outcome != RPC_OUTCOME_UNKNOWN) {
        snprintf(record->outcome, sizeof(record->outcome), "%s",
            rpc_outcome_word(operation->end.account.outcome));
    }
    const struct operation_file *file = &operation->file_says;
    if (operation->is_kept) {
        memcpy(record->content_type, file->content_type, sizeof(record->content_type));
        memcpy(record->filename, file->filename, sizeof(record->filename));
        memcpy(record->filename_utf8, file->filename_utf8, sizeof(record->filename_utf8));
        progress_complete(&record->progress);
    }
    record->finished_ms = operation_now_ms();
    record->expires_ms = record->finished_ms + (int64_t)(operations->keep_ns / CLOCK_MS(1));
    *ret_record = *record;
    /* Until the store has it, whoever asks sees it running. */
    record->state = OPERATION_RUNNING;
    record->finished_ms = record->expires_ms = 0;
    pthread_mutex_unlock(&operations->mutex);
    ret_record->is_cancelling = false;
    if (ret_record->state == OPERATION_FAILED) {
        describe(operation, ret_record);
    }
}

static struct ticket *take_out(struct operation *operation)
{
    struct operations *operations = operation->operations;
    pthread_mutex_lock(&operations->mutex);
    struct operation **link = &operations->running;
    while (*link != operation) {
        link = &(*link)->next;
    }
    *link = operation->next;
    operations->n_running--;
    operations_metrics_running(operations->n_running);
    struct ticket *waiting = STEAL(operation->waiting);
    pthread_cond_broadcast(&operations->changed);
    pthread_mutex_unlock(&operations->mutex);
    return waiting;
}

static void log_over(const struct operation *operation, const struct operation_record *record)
{
    LOG_INFO("operation.end", operation->call_scope->ctx, log_str("operation", record->id),
        log_str("state", operation_state_word(record->state)),
        log_str("outcome", record->outcome[0] == '\0' ? NULL : record->outcome),
        log_u64("bytes", record->bytes),
        log_str("sha256", record->sha256[0] == '\0' ? NULL : record->sha256));
}

void operation_over(struct operation *operation, const struct operation_record *record)
{
    struct ticket *waiting = take_out(operation);
    if (operation->phase == PHASE_SETTLED) {
        log_over(operation, record);
        operations_metrics_ended(record, operation->is_attached);
    }
    while (waiting != NULL) {
        struct ticket *next = waiting->next;
        ticket_answer_record(waiting, record, NULL);
        waiting = next;
    }
    if (operation->phase == PHASE_SETTLED) {
        struct rpc_end end;
        copy_end(operation, &end);
        operation->events->on_finished(operation->arg, record, &end);
    }
    operation_unref(operation);
}

/* The store does not work: an attached client is told, others' records wait for it; not for long
 * when the gateway drains. */
static void put_off(
    struct operation *operation, struct operation_record *record, const struct error *error)
{
    struct operations *operations = operation->operations;
    pthread_mutex_lock(&operations->mutex);
    uint64_t now_ns = clock_now_ns();
    operation->failed_ns = operation->failed_ns == 0 ? now_ns : operation->failed_ns;
    bool is_long = now_ns - operation->failed_ns >= OPERATIONS_DRAIN_AWAY_NS;
    bool is_given_up =
        operation->is_attached || operations->is_stopping || (operations->is_draining && is_long);
    operation->retry_at_ns = is_given_up ? 0 : now_ns + RETRY_NS;
    pthread_mutex_unlock(&operations->mutex);
    if (!is_given_up) {
        return;
    }
    if (operation->is_kept) {
        files_remove_result(operations->files, record->id);
        operation->is_kept = false;
    }
    operation->file_error = *error;
    error_prefix(&operation->file_error, "the gateway cannot keep the result");
    record->state = OPERATION_FAILED;
    record->bytes = 0;
    record->sha256[0] = '\0';
    describe(operation, record);
    operation_over(operation, record);
}

/* Put the end into the store. *ret_was_running false: it says already how this one ended. */
static enum status write_end(struct operation *operation, const struct operation_record *record,
    bool *ret_was_running, struct error *ret_error)
{
    struct operations *operations = operation->operations;
    enum status status = STATUS_OK;
    *ret_was_running = true;
    if (operation->is_attached && !operation->is_kept) {
        return STATUS_OK; /* the client is told; there is nothing to come back to */
    }
    if (operations_store_is_down(operations, ret_error)) {
        return STATUS_UNAVAILABLE;
    }
    if (operation->is_kept) {
        status = operations_make_room(operations, record->bytes, ret_error);
    }
    if (status == STATUS_OK && !operation->is_attached) {
        status = store_finish(operations->store, record, ret_was_running, ret_error);
    } else if (status == STATUS_OK) {
        struct operation_record existing;
        bool is_new = false;
        status =
            store_add(operations->store, record, &operation->key, 0, &existing, &is_new, ret_error);
    }
    operations_note_store(operations, status, ret_error);
    return status;
}

/* Others took it for lost; or the last try had come through, and only its answer was lost. Nobody
 * else ever says done. When the store does not tell, the upkeep looks after the file. */
static void learn_end(struct operation *operation, struct operation_record *record)
{
    struct operations *operations = operation->operations;
    struct error error = ERROR_NONE;
    enum status status = store_get(operations->store, record->id, record, &error);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && record->state != OPERATION_DONE)) {
        files_remove_result(operations->files, record->id);
        operation->is_kept = false;
    }
}

static void finish(struct operation *operation)
{
    struct operation_record record;
    struct error error = ERROR_NONE;
    bool was_running = false;
    conclude(operation, &record);
    if (write_end(operation, &record, &was_running, &error) != STATUS_OK) {
        put_off(operation, &record, &error);
        return;
    }
    if (!was_running) {
        learn_end(operation, &record);
    }
    operation_over(operation, &record);
}

static void add(struct operation *operation)
{
    struct operations *operations = operation->operations;
    struct operation_record existing = operation->record;
    struct error error = ERROR_NONE;
    bool is_new = false;
    int64_t lease_ms = operation_now_ms() + (int64_t)(OPERATIONS_LEASE_NS / CLOCK_MS(1));
    enum status status = STATUS_UNAVAILABLE;
    if (!operations_store_is_down(operations, &error)) {
        status = store_add(operations->store, &operation->record, &operation->key, lease_ms,
            &existing, &is_new, &error);
        operations_note_store(
            operations, status == STATUS_ALREADY_EXISTS ? STATUS_OK : status, &error);
    }
    if (status == STATUS_OK && is_new) {
        pthread_mutex_lock(&operations->mutex);
        operation->phase = PHASE_CALLING;
        pthread_mutex_unlock(&operations->mutex);
        LOG_INFO("operation.begin", operation->call_scope->ctx,
            log_str("operation", operation->record.id), log_str("owner", operation->record.owner),
            log_str("path", operation->record.path));
        atomic_fetch_add(&operation->n_holders, 1);
        operation_call(operation);
        operation->message = NULL;
        operation->events->on_started(operation->arg, STATUS_OK, &existing, true, NULL);
        operation_unref(operation);
        return;
    }
    operation->events->on_started(
        operation->arg, status, status == STATUS_OK ? &existing : NULL, false, &error);
    operation_over(operation, &existing);
}

void operation_store(void *arg)
{
    struct operation *operation = arg;
    operation->retry_at_ns = 0;
    if (operation->phase == PHASE_ADDING) {
        add(operation);
    } else {
        finish(operation);
    }
}
