/* An operation while its call runs: the call's events, the pieces on their way to the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "obs/log.h"
#include "operations/operations_internal.h"

/* --- the call's events ----------------------------------------------------------------------- */

static void on_head(void *arg, struct bytes message)
{
    struct operation *operation = arg;
    struct operation_file file;
    if (!operation->read_head(message, &file)) {
        return; /* the end says that it cannot be read */
    }
    struct progress progress;
    pthread_mutex_lock(&operation->operations->mutex);
    operation->file_says = file;
    operation->has_head = true;
    if (file.sha256[0] != '\0') { /* the file is whole; that of a study has only begun */
        progress_complete(&operation->record.progress);
    }
    progress = operation->record.progress;
    pthread_mutex_unlock(&operation->operations->mutex);
    if (operation->events->on_progress != NULL) {
        operation->events->on_progress(
            operation->arg, &progress, ctx_remaining_ns(operation->call_scope->ctx));
    }
}

static void on_progress(void *arg, const struct rpc_progress *told)
{
    struct operation *operation = arg;
    struct progress progress;
    pthread_mutex_lock(&operation->operations->mutex);
    progress_take(&operation->record.progress, told);
    progress = operation->record.progress;
    pthread_mutex_unlock(&operation->operations->mutex);
    if (operation->events->on_progress != NULL) {
        operation->events->on_progress(
            operation->arg, &progress, ctx_remaining_ns(operation->call_scope->ctx));
    }
}

/* A job that waits holds the operation: the one before it may have seen the end, too, and then
 * everybody else may be done with it. */
static void post_file_job(struct operation *operation)
{
    struct operations *operations = operation->operations;
    bool is_posted = false;
    atomic_fetch_add(&operation->n_holders, 1);
    pthread_mutex_lock(&operations->mutex);
    if (!operations->is_stopped) {
        is_posted = worker_post(operations->file_worker, &operation->file_job);
    }
    pthread_mutex_unlock(&operations->mutex);
    if (!is_posted) {
        operation_unref(operation);
    }
}

static void on_chunk(void *arg, struct bytes bytes)
{
    struct operation *operation = arg;
    struct piece *piece = malloc(sizeof(*piece) + bytes.len);
    if (piece == NULL) { /* a hole in the file; the end may come before the cancel */
        pthread_mutex_lock(&operation->operations->mutex);
        operation->has_hole = true;
        pthread_mutex_unlock(&operation->operations->mutex);
        ctx_cancel(operation->call_scope, CTX_CAUSE_OUT_OF_MEMORY);
        return;
    }
    piece->next = NULL;
    piece->len = bytes.len;
    memcpy(piece->data, bytes.data, bytes.len);
    pthread_mutex_lock(&operation->operations->mutex);
    if (operation->last_piece == NULL) {
        operation->first_piece = piece;
    } else {
        operation->last_piece->next = piece;
    }
    operation->last_piece = piece;
    pthread_mutex_unlock(&operation->operations->mutex);
    post_file_job(operation);
}

void operation_ended(struct operation *operation, const struct rpc_end *end, bool is_late)
{
    struct operations *operations = operation->operations;
    pthread_mutex_lock(&operations->mutex);
    enum rpc_outcome outcome = operation->end.account.outcome; /* of a late end that came first */
    operation->end = *end;
    if (operation->has_late_end) {
        operation->end.account.outcome = outcome;
    }
    operation->is_ended = true;
    bool is_kept = is_late && !operation->has_late_end;
    if (is_kept) { /* the call's hold goes on until the late end, which comes for certain */
        operation->is_late_awaited = true;
        operation->late_until_ns = clock_now_ns() + OPERATIONS_LATE_NS;
    }
    pthread_mutex_unlock(&operations->mutex);
    post_file_job(operation);
    if (!is_kept) {
        operation_unref(operation);
    }
}

static void on_end(void *arg, const struct rpc_end *end)
{
    operation_ended(arg, end, end->is_followed);
}

bool operation_claim_locked(struct operation *operation)
{
    bool is_free = operation->late_until_ns != 0;
    operation->late_until_ns = 0;
    return is_free;
}

static void on_late_end(void *arg, const struct rpc_end *end)
{
    struct operation *operation = arg;
    struct operations *operations = operation->operations;
    pthread_mutex_lock(&operations->mutex);
    operation->has_late_end = true;
    operation->end.account.outcome = end->account.outcome;
    bool was_awaited = operation->is_late_awaited;
    operation->is_late_awaited = false;
    bool is_ours = was_awaited && operation->phase == PHASE_SETTLED && !operations->is_stopped &&
                   operation_claim_locked(operation);
    if (is_ours) {
        worker_post(operations->store_worker, &operation->store_job);
    }
    pthread_mutex_unlock(&operations->mutex);
    if (was_awaited) {
        operation_unref(operation);
    }
}

const struct rpc_call_events OPERATION_CALL_EVENTS = {.on_reply = on_head,
    .on_chunk = on_chunk,
    .on_progress = on_progress,
    .on_end = on_end,
    .on_late_end = on_late_end};

/* --- pieces ---------------------------------------------------------------------------------- */

static void write_piece(struct operation *operation, const struct piece *piece)
{
    if (operation->file_error.status != STATUS_OK) {
        return;
    }
    enum status status = STATUS_OK;
    if (operation->file == NULL) {
        status = result_file_new(operation->operations->files, operation->record.id,
            operation->operations->bytes_max, &operation->file, &operation->file_error);
    }
    if (status == STATUS_OK && piece != NULL) {
        const struct bytes bytes = {piece->data, piece->len};
        status = result_file_write(operation->file, bytes, &operation->file_error);
    }
    if (status != STATUS_OK) {
        LOG_WARN("operation.not_kept", operation->call_scope->ctx,
            log_str("operation", operation->record.id),
            log_str("error", operation->file_error.text));
        ctx_cancel(operation->call_scope, CTX_CAUSE_CANCELLED); /* nobody needs the rest */
    }
}

/* The file as the service made it, or none. */
static bool keep(
    struct operation *operation, uint64_t *ret_bytes, char ret_sha256[OPERATION_SHA256_MAX])
{
    const char *wanted = operation->file_says.sha256;
    if (result_file_keep(STEAL(operation->file), ret_bytes, ret_sha256, &operation->file_error) !=
        STATUS_OK) {
        return false;
    }
    if (wanted[0] != '\0' && strcmp(wanted, ret_sha256) != 0) {
        files_remove_result(operation->operations->files, operation->record.id);
        error_set(&operation->file_error, STATUS_DATA_LOSS,
            "the result that arrived is not the one that was sent: its SHA-256 differs");
        return false;
    }
    return true;
}

/* The call has ended and all its pieces are written: keep the file or drop it. */
static void settle(struct operation *operation, const struct rpc_end *end, bool has_hole)
{
    struct operation_record *record = &operation->record;
    if (has_hole && operation->file_error.status == STATUS_OK) {
        error_set(
            &operation->file_error, STATUS_RESOURCE_EXHAUSTED, "the gateway has no memory left");
    }
    bool is_good = end->status == STATUS_OK && operation->has_head;
    if (is_good) {
        write_piece(operation, NULL); /* an empty file is one, too */
        is_good = operation->file_error.status == STATUS_OK;
    }
    uint64_t bytes = 0;
    char sha256[OPERATION_SHA256_MAX] = "";
    if (is_good) {
        operation->is_kept = keep(operation, &bytes, sha256);
    } else {
        result_file_drop(STEAL(operation->file));
    }
    struct operations *operations = operation->operations;
    pthread_mutex_lock(&operations->mutex);
    record->bytes = bytes;
    (void)snprintf(record->sha256, sizeof(record->sha256), "%s", sha256);
    operation->phase = PHASE_SETTLED;
    bool may_store = !operation->is_late_awaited ||
                     (operations->is_stopping && operation_claim_locked(operation));
    if (may_store) {
        worker_post(operations->store_worker, &operation->store_job);
    }
    pthread_mutex_unlock(&operations->mutex);
}

void operation_write_pieces(void *arg)
{
    struct operation *operation = arg;
    struct operations *operations = operation->operations;
    pthread_mutex_lock(&operations->mutex);
    struct piece *piece = operation->first_piece;
    operation->first_piece = NULL;
    operation->last_piece = NULL;
    bool is_ended = operation->is_ended && operation->phase == PHASE_CALLING;
    bool has_hole = operation->has_hole;
    const struct rpc_end end = operation->end;
    pthread_mutex_unlock(&operations->mutex);
    while (piece != NULL) {
        struct piece *next = piece->next;
        write_piece(operation, piece);
        rpc_client_call_consumed(operation->call, piece->len);
        free(piece);
        piece = next;
    }
    if (is_ended) {
        settle(operation, &end, has_hole);
    }
    operation_unref(operation); /* the job's hold */
}
