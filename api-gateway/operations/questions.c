/* What clients ask: answered from memory where the operation runs here, else on the store's
 * worker. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "obs/log.h"
#include "operations/operations_internal.h"

static const uint64_t LOOK_NS = CLOCK_MS(100); /* at another gateway's operation */

struct operation *operations_find_locked(
    struct operations *operations, const char *id, const char *owner)
{
    struct operation *operation = operations->running;
    while (operation != NULL && strcmp(operation->record.id, id) != 0) {
        operation = operation->next;
    }
    bool is_seen = operation != NULL && !operation->is_attached &&
                   operation->phase != PHASE_ADDING &&
                   (owner == NULL || strcmp(operation->record.owner, owner) == 0);
    return is_seen ? operation : NULL;
}

void operation_record_age(struct operation_record *record)
{
    if (record->state != OPERATION_RUNNING && record->expires_ms <= operation_now_ms()) {
        record->is_removed = true;
    }
}

void ticket_answer(struct ticket *ticket, const struct question_answer *answer)
{
    struct operations *operations = ticket->operations;
    ticket->question.on_answer(ticket->question.arg, answer);
    pthread_mutex_lock(&operations->mutex);
    operations->n_tickets--;
    pthread_cond_broadcast(&operations->changed);
    pthread_mutex_unlock(&operations->mutex);
    free(ticket);
}

void ticket_answer_record(
    struct ticket *ticket, const struct operation_record *record, const struct error *error)
{
    const struct question_answer answer = {
        .status = record == NULL ? error->status : STATUS_OK,
        .records = record,
        .n_records = record != NULL,
        .fd = -1,
        .error = error,
    };
    ticket_answer(ticket, &answer);
}

/* What runs here is known better here: how far it is. */
static void overlay(struct operations *operations, struct operation_record *record)
{
    operation_record_age(record);
    if (record->state != OPERATION_RUNNING) {
        return;
    }
    pthread_mutex_lock(&operations->mutex);
    const struct operation *operation = operations_find_locked(operations, record->id, NULL);
    if (operation != NULL) {
        record->progress = operation->record.progress;
        record->is_cancelling = operation->record.is_cancelling;
    }
    pthread_mutex_unlock(&operations->mutex);
}

/* The record that is asked for, if it is the owner's. */
static enum status look_up(
    struct ticket *ticket, struct operation_record *ret_record, struct error *ret_error)
{
    const struct question *question = &ticket->question;
    struct operations *operations = ticket->operations;
    enum status status = store_get(operations->store, question->id, ret_record, ret_error);
    operations_note_store(operations, status == STATUS_NOT_FOUND ? STATUS_OK : status, ret_error);
    if (status == STATUS_OK && question->owner != NULL &&
        strcmp(question->owner, ret_record->owner) != 0) {
        /* Somebody else's is as good as none: its very being is not told. */
        return error_set(ret_error, STATUS_NOT_FOUND, "there is no such operation");
    }
    if (status == STATUS_OK) {
        overlay(operations, ret_record);
    }
    return status;
}

static void answer_list(struct ticket *ticket)
{
    struct operations *operations = ticket->operations;
    const struct question *question = &ticket->question;
    struct error error = ERROR_NONE;
    size_t n = 0;
    struct operation_record *records = calloc(STORE_PAGE_MAX, sizeof(*records));
    enum status status = records == NULL ? error_set(&error, STATUS_RESOURCE_EXHAUSTED,
                                               "the gateway has no memory left")
                                         : store_list(operations->store, question->owner,
                                               question->id, question->n_max, records, &n, &error);
    operations_note_store(operations, status, &error);
    for (size_t i = 0; i < n; i++) {
        overlay(operations, &records[i]);
    }
    const struct question_answer answer = {
        .status = status, .records = records, .n_records = n, .fd = -1, .error = &error};
    ticket_answer(ticket, &answer);
    free(records);
}

static void answer_result(struct ticket *ticket)
{
    struct operation_record record;
    struct error error = ERROR_NONE;
    enum status status = look_up(ticket, &record, &error);
    bool has_file = status == STATUS_OK && record.state == OPERATION_DONE && !record.is_removed;
    const struct question_answer answer = {
        .status = status,
        .records = status == STATUS_OK ? &record : NULL,
        .n_records = status == STATUS_OK,
        .fd = has_file ? files_open_result(ticket->operations->files, record.id) : -1,
        .error = &error,
    };
    ticket_answer(ticket, &answer);
}

/* Not running here when it was asked: it is over, or another gateway's. */
static void cancel_elsewhere(struct ticket *ticket)
{
    struct operations *operations = ticket->operations;
    struct operation_record record;
    struct error error = ERROR_NONE;
    enum status status = look_up(ticket, &record, &error);
    bool is_over = status == STATUS_OK && record.state != OPERATION_RUNNING;
    if (status == STATUS_OK && !is_over) {
        status = store_want_cancel(operations->store, record.id, &error);
    }
    if (status != STATUS_OK || is_over) {
        const struct question_answer answer = {
            .status = status,
            .records = is_over ? &record : NULL,
            .n_records = is_over,
            .fd = -1,
            .was_over = is_over,
            .error = &error,
        };
        ticket_answer(ticket, &answer);
        return;
    }
    ticket->look_at_ns = clock_now_ns() + LOOK_NS;
    ticket->next = operations->elsewhere;
    operations->elsewhere = ticket;
}

/* True: it is answered. */
static bool look_again(struct ticket *ticket, uint64_t now_ns)
{
    struct operation_record record;
    struct error error = ERROR_NONE;
    enum status status = STATUS_UNAVAILABLE;
    if (!operations_store_is_down(ticket->operations, &error)) {
        status = look_up(ticket, &record, &error);
    }
    bool is_over = status == STATUS_OK && record.state != OPERATION_RUNNING;
    if (status == STATUS_OK && !is_over && now_ns < ticket->due_ns) {
        ticket->look_at_ns = now_ns + LOOK_NS;
        return false;
    }
    ticket_answer_record(ticket, status == STATUS_OK ? &record : NULL, &error);
    return true;
}

void questions_look_elsewhere(struct operations *operations, uint64_t now_ns)
{
    for (struct ticket **link = &operations->elsewhere; *link != NULL;) {
        struct ticket *ticket = *link;
        struct ticket *next = ticket->next;
        if (now_ns >= ticket->look_at_ns && look_again(ticket, now_ns)) {
            *link = next;
        } else {
            link = &ticket->next;
        }
    }
}

static void work(void *arg)
{
    struct ticket *ticket = arg;
    struct operation_record record;
    struct error error = ERROR_NONE;
    if (operations_store_is_down(ticket->operations, &error)) {
        ticket_answer_record(ticket, NULL, &error);
        return;
    }
    switch (ticket->question.kind) {
    case QUESTION_GET:
        ticket_answer_record(
            ticket, look_up(ticket, &record, &error) == STATUS_OK ? &record : NULL, &error);
        break;
    case QUESTION_LIST:
        answer_list(ticket);
        break;
    case QUESTION_CANCEL:
        cancel_elsewhere(ticket);
        break;
    case QUESTION_RESULT:
        answer_result(ticket);
        break;
    }
}

/* Of what runs here: answered within the call, or left with the operation. True: that is so. */
static bool ask_running_locked(
    struct operations *operations, struct ticket *ticket, struct operation_record *ret_record)
{
    const struct question *question = &ticket->question;
    struct operation *operation = operations_find_locked(operations, question->id, question->owner);
    if (operation == NULL || question->kind == QUESTION_LIST) {
        return false;
    }
    if (question->kind == QUESTION_CANCEL) {
        operation->record.is_cancelling = true;
        ticket->next = operation->waiting;
        operation->waiting = ticket;
        ctx_cancel(operation->call_scope, CTX_CAUSE_USER_CANCELLED);
        return true;
    }
    *ret_record = operation->record;
    return true;
}

static struct ticket *ticket_new(struct operations *operations, const struct question *question)
{
    struct ticket *ticket = calloc(1, sizeof(*ticket));
    if (ticket != NULL) {
        ticket->operations = operations;
        ticket->question = *question;
        ticket->due_ns = clock_now_ns() + OPERATIONS_CANCEL_WAIT_NS;
        worker_job_init(&ticket->job, work, ticket);
    }
    return ticket;
}

enum status operations_ask(
    struct operations *operations, const struct question *question, struct error *ret_error)
{
    struct operation_record record;
    struct ticket *ticket = ticket_new(operations, question);
    if (ticket == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "the gateway has no memory left");
    }
    pthread_mutex_lock(&operations->mutex);
    bool is_refused = operations->n_tickets >= OPERATIONS_QUESTIONS_MAX || operations->is_stopping;
    bool is_here = !is_refused && ask_running_locked(operations, ticket, &record);
    operations->n_tickets += !is_refused;
    if (!is_refused && (!is_here || question->kind == QUESTION_CANCEL)) {
        /* An empty job for what waits with its operation: the tick learns of its time. */
        if (is_here) {
            worker_post(operations->store_worker, &operations->wake_job);
        } else {
            worker_post(operations->store_worker, &ticket->job);
        }
    }
    pthread_mutex_unlock(&operations->mutex);
    if (is_refused) {
        free(ticket);
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "the gateway has too many questions about operations to answer, or is stopping");
    }
    if (is_here && question->kind != QUESTION_CANCEL) {
        ticket_answer_record(ticket, &record, NULL);
    }
    return STATUS_OK;
}
