#include "api/problem.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/head.h"

/* NULL when out of memory. The caller's, to cJSON_Delete. */
static cJSON *problem_json(int http_code, const char *detail)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", "about:blank");
    cJSON_AddStringToObject(json, "title", http_reason(http_code));
    cJSON_AddNumberToObject(json, "status", http_code);
    cJSON_AddStringToObject(json, "detail", detail);
    return json;
}

static void add_trace(cJSON *json, const struct trace *trace)
{
    char trace_id[TRACE_ID_TEXT_MAX];
    trace_id_text(trace, trace_id);
    cJSON_AddStringToObject(json, "trace_id", trace_id);
}

static void respond_retry_after(
    struct http_exchange *exchange, const struct problem *problem, int http_code)
{
    if (http_code != 503 && http_code != 429) {
        return;
    }
    char seconds[24];
    uint64_t ms = problem->retry_after_ms == 0 ? 1000 : problem->retry_after_ms;
    snprintf(seconds, sizeof(seconds), "%" PRIu64, (ms + 999) / 1000);
    http_respond_header(exchange, "Retry-After", seconds);
}

struct problem problem_of_end(const struct rpc_end *end)
{
    bool is_unreadable = end->status == STATUS_OK;
    /* The service did not take the gateway for what it is: nothing that the client could mend. */
    bool is_stranger = end->status == STATUS_UNAUTHENTICATED;
    bool is_ours = end->cause == CTX_CAUSE_SERVER_DRAINING && rpc_hops(end->cause_hop) == 0;
    const char *detail = is_unreadable ? "the report service's answer cannot be read"
                         : is_stranger ? "the report service does not take calls of this gateway"
                         : is_ours     ? "the gateway stopped before it was done; ask again"
                                       : end->message;
    return (struct problem){
        .status = is_unreadable || is_stranger ? STATUS_INTERNAL : end->status,
        .detail = detail,
        .cause = end->cause,
        .cause_hop = rpc_hops(end->cause_hop),
        .origin = end->deadline_origin,
        .origin_hop = rpc_hops(end->deadline_hop),
        .retry_after_ms = end->retry_after_ms,
    };
}

int problem_http_code(const struct problem *problem)
{
    return problem->http_code == 0 ? status_http_code(problem->status) : problem->http_code;
}

/* NULL when out of memory. The caller's, to cJSON_free. */
static char *problem_text(const struct problem *problem)
{
    const char *detail = problem->detail == NULL || *problem->detail == '\0'
                             ? status_text(problem->status)
                             : problem->detail;
    cJSON *json = problem_json(problem_http_code(problem), detail);
    cJSON_AddStringToObject(json, "code", status_name(problem->status));
    if (problem->cause != CTX_CAUSE_NONE) {
        cJSON_AddStringToObject(json, "cause", ctx_cause_word(problem->cause));
        cJSON_AddNumberToObject(json, "cause_hop", problem->cause_hop);
    }
    if (problem->origin != CTX_ORIGIN_NONE) {
        cJSON_AddStringToObject(json, "deadline_origin", ctx_origin_word(problem->origin));
        cJSON_AddNumberToObject(json, "deadline_hop", problem->origin_hop);
    }
    if (problem->trace != NULL) {
        add_trace(json, problem->trace);
    }
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

enum status problem_write(const struct problem *problem, struct buffer *buffer)
{
    char *text = problem_text(problem);
    enum status status =
        text == NULL ? STATUS_RESOURCE_EXHAUSTED : buffer_append_text(buffer, text);
    cJSON_free(text);
    return status;
}

void problem_respond(struct http_exchange *exchange, const struct problem *problem)
{
    int http_code = problem_http_code(problem);
    respond_retry_after(exchange, problem, http_code);
    char *text = problem_text(problem);
    http_respond(exchange, http_code, "application/problem+json",
        bytes_of(text == NULL ? "{\"title\":\"out of memory\"}" : text));
    cJSON_free(text);
}

void problem_for_server(int status_code, const char *detail, const struct trace *trace,
    struct http_error_answer *answer)
{
    cJSON *json = problem_json(status_code, detail);
    add_trace(json, trace);
    char *text = cJSON_PrintUnformatted(json);
    if (text != NULL && buffer_append_text(&answer->body, text) == STATUS_OK) {
        answer->content_type = "application/problem+json";
    }
    cJSON_free(text);
    cJSON_Delete(json);
}
