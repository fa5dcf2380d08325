#include "api/operation_answer.h"

void operation_answer_record(
    struct request *request, int http_code, const struct operation_record *record)
{
    struct buffer json = BUFFER_EMPTY(OPERATION_JSON_MAX);
    enum status status = operation_json(record, &json);
    if (status != STATUS_OK) {
        operation_answer_failure(request, status, "the gateway has no memory left", 0);
    } else {
        http_respond_header(request->exchange, "Cache-Control", "private, no-store");
        if (record->state == OPERATION_RUNNING) {
            http_respond_header(request->exchange, "Retry-After", "1");
        }
        http_respond(request->exchange, http_code, "application/json", buffer_bytes(&json));
    }
    buffer_finish(&json);
}

void operation_answer_failure(
    struct request *request, enum status status, const char *detail, int http_code)
{
    bool is_said = status == STATUS_NOT_FOUND || status == STATUS_ALREADY_EXISTS ||
                   status == STATUS_FAILED_PRECONDITION || status == STATUS_RESOURCE_EXHAUSTED ||
                   status == STATUS_INVALID_ARGUMENT;
    problem_respond(request->exchange,
        &(struct problem){
            .status = is_said ? status : STATUS_UNAVAILABLE,
            .http_code = http_code,
            .detail = is_said ? detail : "the store of operations does not answer; try again",
            .trace = &request->trace,
        });
}
