/* GET, DELETE /v1/operations/{id}; GET /v1/operations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "api/operation_answer.h"
#include "operations/operations.h"

enum { LIST_DEFAULT = 20 };

const struct parameter OPERATION_LIST_PARAMETERS[] = {
    {"limit", NULL},
    {"before", NULL},
    {NULL, NULL},
};

enum status operation_ask(
    struct request *request, struct question *question, struct error *ret_error)
{
    struct operations *operations = request->gateway->operations;
    if (operations == NULL) {
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "this gateway keeps no operations; see --operations");
    }
    /* Who may everything sees everybody's. */
    question->owner = request_may(request, PERMISSION_ADMIN) ? NULL : request_principal(request);
    question->arg = request_ref(request); /* until the answer */
    enum status status = operations_ask(operations, question, ret_error);
    if (status != STATUS_OK) {
        request_unref(request);
    }
    return status;
}

enum status operation_question_id(
    const struct request *request, struct question *question, struct error *ret_error)
{
    if (!operation_is_id(request->path_argument)) {
        return error_set(ret_error, STATUS_NOT_FOUND, "there is no such operation");
    }
    memcpy(question->id, request->path_argument, OPERATION_ID_MAX);
    return STATUS_OK;
}

static void on_got(void *arg, const struct question_answer *answer)
{
    struct request *request = arg;
    if (answer->status == STATUS_OK) {
        operation_answer_record(request, 200, answer->records);
    } else {
        operation_answer_failure(request, answer->status, answer->error->text, 0);
    }
    request_unref(request);
}

/* It ended before the cancel did anything. */
static void refuse_cancel(struct request *request, const struct operation_record *record)
{
    char detail[160];
    (void)snprintf(detail, sizeof(detail), "the operation is over already: it is %s; %s",
        operation_state_word(record->state),
        record->state == OPERATION_DONE ? "its result goes by itself when it expires"
                                        : "its problem says why");
    operation_answer_failure(request, STATUS_FAILED_PRECONDITION, detail, 409);
}

static void on_cancelled(void *arg, const struct question_answer *answer)
{
    struct request *request = arg;
    const struct operation_record *record = answer->records;
    if (answer->status != STATUS_OK) {
        operation_answer_failure(request, answer->status, answer->error->text, 0);
    } else {
        switch (record->state) {
        case OPERATION_CANCELLED:
            operation_answer_record(request, 200, record);
            break;
        case OPERATION_RUNNING: /* the service has not said yet that it has stopped */
            operation_answer_record(request, 202, record);
            break;
        case OPERATION_DONE:
        case OPERATION_FAILED:
            refuse_cancel(request, record);
            break;
        }
    }
    request_unref(request);
}

enum status handle_operation(struct request *request, struct error *ret_error)
{
    bool is_cancel = strcmp(http_method(request->exchange), "DELETE") == 0;
    struct question question = {
        .kind = is_cancel ? QUESTION_CANCEL : QUESTION_GET,
        .on_answer = is_cancel ? on_cancelled : on_got,
    };
    enum status status = operation_question_id(request, &question, ret_error);
    return status == STATUS_OK ? operation_ask(request, &question, ret_error) : status;
}

static size_t limit_of(const struct request *request)
{
    const char *text = parameters_get(&request->parameters, "limit");
    return text == NULL ? LIST_DEFAULT : (size_t)strtoul(text, NULL, 10); /* has been checked */
}

static void on_listed(void *arg, const struct question_answer *answer)
{
    struct request *request = arg;
    struct buffer json = BUFFER_EMPTY(OPERATION_LIST_MAX);
    enum status status = answer->status;
    if (status == STATUS_OK) {
        bool is_full = answer->n_records == limit_of(request);
        status = operation_list_json(answer->records, answer->n_records, is_full, &json);
    }
    if (status == STATUS_OK) {
        http_respond_header(request->exchange, "Cache-Control", "private, no-store");
        http_respond(request->exchange, 200, "application/json", buffer_bytes(&json));
    } else {
        operation_answer_failure(request, status, "the gateway has no memory left", 0);
    }
    buffer_finish(&json);
    request_unref(request);
}

enum status handle_operation_list(struct request *request, struct error *ret_error)
{
    struct question question = {.kind = QUESTION_LIST, .on_answer = on_listed};
    const char *limit = parameters_get(&request->parameters, "limit");
    const char *before = parameters_get(&request->parameters, "before");
    uint32_t n = LIST_DEFAULT;
    enum status status =
        limit == NULL ? STATUS_OK : number_parse("limit", limit, STORE_PAGE_MAX, &n, ret_error);
    if (status == STATUS_OK && n == 0) {
        status =
            error_set(ret_error, STATUS_INVALID_ARGUMENT, "limit: from 1 to %d", STORE_PAGE_MAX);
    }
    if (status == STATUS_OK && before != NULL && !operation_is_id(before)) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT, "before: it is no operation's id");
    }
    if (status != STATUS_OK) {
        return status;
    }
    (void)snprintf(question.id, sizeof(question.id), "%s", before == NULL ? "" : before);
    question.n_max = n;
    return operation_ask(request, &question, ret_error);
}
