/* What the store's worker does from time to time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "obs/log.h"
#include "operations/operations_internal.h"
#include "operations/operations_metrics.h"

static const uint64_t STEP_NS = CLOCK_MS(50); /* between two looks while something is under way */
static const uint64_t DOWN_NS = CLOCK_SECONDS(1); /* after a failure, before the next try */
static const uint64_t EXPIRE_MIN_NS = CLOCK_SECONDS(1);
static const uint64_t EXPIRE_MAX_NS = CLOCK_SECONDS(60);

bool operations_store_is_down(struct operations *operations, struct error *ret_error)
{
    bool is_down = clock_now_ns() < operations->store_down_until_ns;
    if (is_down) {
        error_set(ret_error, STATUS_UNAVAILABLE, "the store of operations does not answer");
    }
    return is_down;
}

void operations_note_store(
    struct operations *operations, enum status status, const struct error *error)
{
    bool has_failed = status != STATUS_OK;
    if (has_failed && !operations->has_store_failed) {
        LOG_WARN("operation.store_lost", NULL, log_str("store", store_place(operations->store)),
            log_str("error", error->text));
    } else if (!has_failed && operations->has_store_failed) {
        LOG_INFO("operation.store_back", NULL, log_str("store", store_place(operations->store)));
    }
    operations->has_store_failed = has_failed;
    operations_metrics_store(!has_failed);
    bool is_away = status == STATUS_UNAVAILABLE || status == STATUS_DEADLINE_EXCEEDED;
    operations->store_down_until_ns = is_away ? clock_now_ns() + DOWN_NS : 0;
}

/* --- running here ---------------------------------------------------------------------------- */

/* Those whose time has come: the store failed before, or nobody says any more what became of the
 * work. One at a time, because the list changes. */
static struct operation *next_due_locked(struct operations *operations, uint64_t now_ns)
{
    for (struct operation *operation = operations->running; operation != NULL;
         operation = operation->next) {
        if (operation->phase != PHASE_SETTLED) {
            continue;
        }
        bool is_again = operation->retry_at_ns != 0 && now_ns >= operation->retry_at_ns;
        bool is_too_late = operation->is_late_awaited &&
                           (now_ns >= operation->late_until_ns || operations->is_stopping);
        if (is_again || (is_too_late && operation_claim_locked(operation))) {
            return operation;
        }
    }
    return NULL;
}

static void finish_due(struct operations *operations, uint64_t now_ns)
{
    struct operation *operation = NULL;
    do {
        pthread_mutex_lock(&operations->mutex);
        operation = next_due_locked(operations, now_ns);
        pthread_mutex_unlock(&operations->mutex);
        if (operation != NULL) {
            operation_store(operation);
        }
    } while (operation != NULL);
}

/* Cancels that have waited long enough: their operation runs still. */
static struct ticket *take_due_ticket(
    struct operations *operations, uint64_t now_ns, struct operation_record *ret_record)
{
    struct ticket *found = NULL;
    pthread_mutex_lock(&operations->mutex);
    for (struct operation *operation = operations->running; operation != NULL && found == NULL;
         operation = operation->next) {
        for (struct ticket **link = &operation->waiting; *link != NULL && found == NULL;
             link = *link == NULL ? link : &(*link)->next) {
            if (now_ns >= (*link)->due_ns || operations->is_stopping) {
                found = *link;
                *link = found->next;
                *ret_record = operation->record;
                break;
            }
        }
    }
    pthread_mutex_unlock(&operations->mutex);
    return found;
}

static void answer_due(struct operations *operations, uint64_t now_ns)
{
    struct operation_record record;
    for (struct ticket *ticket = take_due_ticket(operations, now_ns, &record); ticket != NULL;
         ticket = take_due_ticket(operations, now_ns, &record)) {
        ticket_answer_record(ticket, &record, NULL);
    }
}

/* Copies of what runs and has a record. NULL: none, or no memory. */
static struct operation_record *copy_running(struct operations *operations, size_t *ret_n)
{
    size_t n = 0;
    pthread_mutex_lock(&operations->mutex);
    struct operation_record *records =
        operations->n_running == 0 ? NULL : calloc(operations->n_running, sizeof(*records));
    for (const struct operation *operation = operations->running;
         records != NULL && operation != NULL; operation = operation->next) {
        if (!operation->is_attached && operation->phase != PHASE_ADDING) {
            records[n++] = operation->record;
        }
    }
    pthread_mutex_unlock(&operations->mutex);
    *ret_n = n;
    return records;
}

static void renew(struct operations *operations)
{
    size_t n = 0;
    struct error error = ERROR_NONE;
    struct operation_record *records = copy_running(operations, &n);
    if (n > 0) {
        int64_t until_ms = operation_now_ms() + (int64_t)(OPERATIONS_LEASE_NS / CLOCK_MS(1));
        enum status status = store_renew(operations->store, records, n, until_ms, &error);
        operations_note_store(operations, status, &error);
    }
    free(records);
}

static void renew_when_due(struct operations *operations, uint64_t now_ns)
{
    if (now_ns >= operations->beat_at_ns) {
        operations->beat_at_ns = now_ns + OPERATIONS_BEAT_NS;
        renew(operations);
    }
}

/* What other gateways were asked to cancel here. */
static void hear_cancels(struct operations *operations)
{
    char ids[STORE_BATCH_MAX][OPERATION_ID_MAX];
    size_t n = 0;
    struct error error = ERROR_NONE;
    enum status status = store_cancels(operations->store, operations->gateway, ids, &n, &error);
    operations_note_store(operations, status, &error);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        pthread_mutex_lock(&operations->mutex);
        struct operation *operation = operations_find_locked(operations, ids[i], NULL);
        if (operation != NULL && !operation->record.is_cancelling) {
            operation->record.is_cancelling = true;
            ctx_cancel(operation->call_scope, CTX_CAUSE_USER_CANCELLED);
        }
        pthread_mutex_unlock(&operations->mutex);
    }
}

/* --- running elsewhere, or nowhere ----------------------------------------------------------- */

static bool is_ours(const struct operations *operations, const struct operation_record *record)
{
    return strcmp(record->gateway, operations->gateway) == 0;
}

static void bury(struct operations *operations, struct operation_record *record)
{
    struct rpc_end end;
    rpc_end_init(&end, STATUS_UNAVAILABLE);
    (void)snprintf(end.message, sizeof(end.message),
        "the gateway %s while it ran; ask again, with another Idempotency-Key",
        is_ours(operations, record) ? "lost its store" : "stopped");
    char parent[TRACE_PARENT_TEXT_MAX];
    struct trace trace;
    (void)snprintf(parent, sizeof(parent), "00-%s-0000000000000001-01", record->trace_id);
    bool has_trace = trace_parse(parent, &trace);
    const struct operation_failure failure = {.end = &end, .trace = has_trace ? &trace : NULL};
    struct buffer json = BUFFER_EMPTY(OPERATION_PROBLEM_MAX - 1);
    operations->describe(&failure, &json);
    if (json.len > 0) {
        memcpy(record->problem, json.data, json.len);
        record->problem[json.len] = '\0';
    }
    buffer_finish(&json);
    record->state = OPERATION_FAILED;
    record->finished_ms = operation_now_ms();
    record->expires_ms = record->finished_ms + (int64_t)(operations->keep_ns / CLOCK_MS(1));
    struct error error = ERROR_NONE;
    bool was_running = false;
    if (store_finish(operations->store, record, &was_running, &error) == STATUS_OK && was_running) {
        files_remove_result(operations->files, record->id);
        LOG_WARN("operation.lost", NULL, log_str("operation", record->id),
            log_str("gateway", record->gateway), log_str("trace_id", record->trace_id));
    }
}

/* A record of ours that we do not run: the store kept it and its answer was lost, or it could not
 * be told the end. */
static bool is_lost(
    struct operations *operations, const struct operation_record *record, bool is_lapsed)
{
    if (!is_ours(operations, record)) {
        return is_lapsed || files_gateway_has_ended(operations->files, record->gateway);
    }
    pthread_mutex_lock(&operations->mutex);
    bool runs_here = operations_find_locked(operations, record->id, NULL) != NULL;
    pthread_mutex_unlock(&operations->mutex);
    return !runs_here;
}

static void bury_some(struct operations *operations, bool is_lapsed)
{
    size_t n = 0;
    struct error error = ERROR_NONE;
    struct operation_record *records = calloc(STORE_BATCH_MAX, sizeof(*records));
    if (records == NULL) {
        return;
    }
    enum status status = store_others(
        operations->store, operations->gateway, operation_now_ms(), is_lapsed, records, &n, &error);
    operations_note_store(operations, status, &error);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        if (is_lost(operations, &records[i], is_lapsed)) {
            bury(operations, &records[i]);
        }
    }
    free(records);
}

void operations_bury_lost(struct operations *operations)
{
    bury_some(operations, true);
    bury_some(operations, false);
}

/* --- what is kept ---------------------------------------------------------------------------- */

static enum status expire_some(
    struct operations *operations, uint64_t bytes_max, size_t *ret_n, struct error *ret_error)
{
    char ids[STORE_BATCH_MAX][OPERATION_ID_MAX];
    enum status status = store_expire(operations->store, operation_now_ms(), bytes_max,
        OPERATIONS_ROWS_MAX, ids, ret_n, ret_error);
    for (size_t i = 0; status == STATUS_OK && i < *ret_n; i++) {
        files_remove_result(operations->files, ids[i]);
        LOG_INFO("operation.expired", NULL, log_str("operation", ids[i]));
    }
    return status;
}

enum status operations_make_room(
    struct operations *operations, uint64_t bytes_more, struct error *ret_error)
{
    size_t n = 0;
    enum status status = STATUS_OK;
    do {
        status = expire_some(operations, operations->bytes_max - bytes_more, &n, ret_error);
    } while (status == STATUS_OK && n == STORE_BATCH_MAX);
    return status;
}

/* Results go when their time is over, records a while later: until then they say that there was
 * one (410). */
static void expire(struct operations *operations)
{
    struct error error = ERROR_NONE;
    enum status status = operations_make_room(operations, 0, &error);
    if (status == STATUS_OK) {
        int64_t twice_ms = 2 * (int64_t)(operations->keep_ns / CLOCK_MS(1));
        status = store_forget(
            operations->store, operation_now_ms() - twice_ms, OPERATIONS_ROWS_MAX, &error);
    }
    operations_note_store(operations, status, &error);
}

static bool is_wanted(void *arg, const char *id)
{
    struct operations *operations = arg;
    renew_when_due(operations, clock_now_ns()); /* a folder of many files takes long */
    struct operation_record record;
    struct error error = ERROR_NONE;
    enum status status = store_get(operations->store, id, &record, &error);
    /* When the store does not answer nothing is known against it. */
    return status == STATUS_OK ? record.state != OPERATION_FAILED && !record.is_removed
                               : status != STATUS_NOT_FOUND;
}

void operations_sweep_files(struct operations *operations)
{
    files_sweep(operations->files, is_wanted, operations);
}

static uint64_t expire_every_ns(const struct operations *operations)
{
    uint64_t quarter_ns = operations->keep_ns / 4;
    quarter_ns = quarter_ns < EXPIRE_MIN_NS ? EXPIRE_MIN_NS : quarter_ns;
    return quarter_ns > EXPIRE_MAX_NS ? EXPIRE_MAX_NS : quarter_ns;
}

static bool is_busy(struct operations *operations)
{
    pthread_mutex_lock(&operations->mutex);
    bool has_running = operations->n_running > 0;
    pthread_mutex_unlock(&operations->mutex);
    return has_running;
}

uint64_t operations_tick(void *arg)
{
    struct operations *operations = arg;
    uint64_t now_ns = clock_now_ns();
    bool was_busy = is_busy(operations);
    finish_due(operations, now_ns);
    answer_due(operations, now_ns);
    questions_look_elsewhere(operations, now_ns);
    struct error error = ERROR_NONE;
    if (operations_store_is_down(operations, &error)) {
        return clock_now_ns() + STEP_NS;
    }
    if (was_busy && now_ns >= operations->poll_at_ns) {
        operations->poll_at_ns = now_ns + OPERATIONS_POLL_NS;
        hear_cancels(operations);
    }
    if (was_busy) {
        renew_when_due(operations, now_ns);
    }
    if (now_ns >= operations->upkeep_at_ns) {
        operations->upkeep_at_ns = now_ns + OPERATIONS_UPKEEP_NS;
        operations_bury_lost(operations);
    }
    if (now_ns >= operations->expire_at_ns) {
        operations->expire_at_ns = now_ns + expire_every_ns(operations);
        expire(operations);
    }
    if (now_ns >= operations->sweep_at_ns) {
        operations->sweep_at_ns = now_ns + OPERATIONS_SWEEP_NS;
        operations_sweep_files(operations);
    }
    uint64_t due_ns = operations->upkeep_at_ns < operations->expire_at_ns
                          ? operations->upkeep_at_ns
                          : operations->expire_at_ns;
    bool is_waiting = is_busy(operations) || operations->elsewhere != NULL;
    return is_waiting ? clock_now_ns() + STEP_NS : due_ns;
}
