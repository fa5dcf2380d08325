#include "api/backends.h"

#include <stdlib.h>

#include "api/problem.h"

struct question {
    struct request *request; /* held */
    struct ctx_scope *scope;
    backends_answer_fn *answer;
};

static void on_answers(void *arg, const struct rpc_answer *answers, size_t n_answers)
{
    struct question *question = arg;
    question->answer(question->request, answers, n_answers);
    ctx_scope_end(question->scope);
    request_unref(question->request);
    free(question);
}

enum status backends_ask(struct request *request, const struct rpc_method *method,
    const ProtobufCMessage *message, backends_answer_fn *answer, struct error *ret_error)
{
    struct question *question = malloc(sizeof(*question));
    if (question == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    question->scope = ctx_with_timeout(request_call_ctx(request), CTX_MS(BACKENDS_ASK_MS));
    question->request = request_ref(request);
    question->answer = answer;
    const struct ctx *ctx = ctx_ref(question->scope->ctx); /* it may end before this returns */
    enum status status =
        rpc_ask_all(ctx, request->gateway->channel, method, message, on_answers, question);
    ctx_unref(ctx);
    if (status != STATUS_OK) {
        ctx_scope_end(question->scope);
        request_unref(request);
        free(question);
        return error_set(ret_error, status, "the gateway has no room for another call");
    }
    return STATUS_OK;
}

void backends_add_unanswered(
    cJSON *json, const struct rpc_answer *answers, const bool *is_read, size_t n_answers)
{
    cJSON *list = cJSON_AddArrayToObject(json, "unanswered");
    for (size_t i = 0; i < n_answers; i++) {
        if (is_read[i]) {
            continue;
        }
        const struct rpc_end *end = answers[i].end;
        bool is_unreadable = end->status == STATUS_OK;
        enum status status = is_unreadable ? STATUS_INTERNAL : end->status;
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "backend", answers[i].backend);
        cJSON_AddStringToObject(row, "address", answers[i].address);
        cJSON_AddStringToObject(row, "status", status_name(status));
        cJSON_AddStringToObject(row, "detail",
            is_unreadable ? "its answer cannot be read"
                          : (end->message[0] == '\0' ? status_text(status) : end->message));
        if (!cJSON_AddItemToArray(list, row)) {
            cJSON_Delete(row);
        }
    }
}

void backends_respond(struct request *request, cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    if (text == NULL) {
        problem_respond(request->exchange,
            &(struct problem){.status = STATUS_RESOURCE_EXHAUSTED, .trace = &request->trace});
        return;
    }
    http_respond_header(request->exchange, "Cache-Control", "no-store");
    http_respond(request->exchange, 200, "application/json", bytes_of(text));
    cJSON_free(text);
}
