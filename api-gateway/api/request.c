#include "api/request.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/deadline.h"
#include "api/problem.h"
#include "api/redact.h"
#include "api/request_trace.h"
#include "obs/log.h"
#include "obs/tracestate.h"
#include "rpc/gather.h"

static void request_free(struct request *request)
{
    request_trace_finish(request);
    free(request->trace_state);
    live_remove(&request->live);
    rpc_client_call_unref(request->call);
    parameters_finish(&request->parameters);
    ctx_scope_end(request->metadata_scope);
    ctx_scope_end(request->deadline_scope);
    ctx_scope_end(request->trace_scope);
    identity_unref(request->identity);
    if (request->gateway->limits != NULL) {
        limits_leave(request->gateway->limits, &request->ticket);
    }
    http_exchange_unref(request->exchange);
    if (request->free_extra != NULL) {
        request->free_extra(request->extra);
    }
    free(request);
}

struct request *request_ref(struct request *request)
{
    atomic_fetch_add(&request->n_holders, 1);
    return request;
}

void request_unref(struct request *request)
{
    if (request != NULL && atomic_fetch_sub(&request->n_holders, 1) == 1) {
        request_free(request);
    }
}

/* The client's address without its port. */
static void copy_client(struct request *request)
{
    const char *peer = http_peer(request->exchange);
    const char *port = strrchr(peer, ':');
    size_t len = port == NULL ? strlen(peer) : (size_t)(port - peer);
    len = len < sizeof(request->client) ? len : sizeof(request->client) - 1;
    memcpy(request->client, peer, len);
    request->client[len] = '\0';
}

/* Passed on unread, when it keeps the rules. */
static void take_trace_state(struct request *request)
{
    const char *header = http_header(request->exchange, "tracestate");
    if (header == NULL) {
        return;
    }
    request->trace_state = malloc(TRACESTATE_TEXT_MAX);
    if (request->trace_state != NULL && tracestate_read(header, request->trace_state)) {
        request->trace.state = request->trace_state;
    }
}

struct request *request_new(struct gateway *gateway, struct http_exchange *exchange,
    const struct route *route, const char *path_argument)
{
    size_t argument_size = strlen(path_argument) + 1;
    struct request *request = malloc(sizeof(*request) + argument_size);
    if (request == NULL) {
        return NULL;
    }
    atomic_init(&request->n_holders, 1);
    request->gateway = gateway;
    request->exchange = http_exchange_ref(exchange);
    request->route = route;
    request->identity = NULL;
    request->ticket.client = 0;
    request->sha256[0] = '\0';
    copy_client(request);
    request->start_ns = clock_now_ns();
    memcpy(request->path_argument, path_argument, argument_size);
    request->parameters = (struct parameters){.first = NULL};
    request->call = NULL;
    request->extra = NULL;
    request->free_extra = NULL;
    request->live = (struct live_entry){.list = NULL};
    request->is_answer_begun = false;
    const char *traceparent = http_header(exchange, "traceparent");
    request->has_caller = traceparent != NULL && trace_parse(traceparent, &request->trace);
    request->trace_state = NULL;
    if (request->has_caller) {
        take_trace_state(request);
    } else {
        trace_init(&request->trace);
    }
    request->tracing = (struct request_tracing){.record = NULL};
    request->trace_scope = ctx_with_value(http_exchange_ctx(exchange), &TRACE_KEY, &request->trace);
    request->deadline_scope = NULL;
    request->metadata_scope = NULL;
    request->ctx = request->trace_scope->ctx;
    http_exchange_set_data(exchange, request);

    char trace_id[TRACE_ID_TEXT_MAX];
    trace_id_text(&request->trace, trace_id);
    http_respond_header(exchange, "X-Trace-Id", trace_id);
    return request;
}

static void log_request(const struct request *request, uint64_t timeout_ns, enum ctx_origin origin)
{
    if (!log_is_on(LOG_LEVEL_INFO)) {
        return;
    }
    char path[REDACTED_MAX];
    char query[REDACTED_MAX];
    LOG_INFO("http.request", request->ctx, log_str("method", http_method(request->exchange)),
        log_ms("remaining_ms", timeout_ns), log_str("deadline_origin", ctx_origin_word(origin)),
        log_str("path", redact_path(http_path(request->exchange), path)),
        log_str("query",
            redact_query(http_query(request->exchange), request->route->parameters, query)),
        log_str("client", http_peer(request->exchange)));
}

enum status request_prepare(struct request *request, struct error *ret_error)
{
    const struct route *route = request->route;
    struct http_exchange *exchange = request->exchange;
    struct bytes parameters_body = route->body == NULL ? http_body(exchange) : bytes_of("");
    enum status status = parameters_parse(
        &request->parameters, route->parameters, http_query(exchange), parameters_body, ret_error);
    const struct deadline_wish wish = {
        .grpc_timeout = http_header(exchange, "grpc-timeout"),
        .x_request_timeout = http_header(exchange, "x-request-timeout"),
        .timeout = parameters_get(&request->parameters, "timeout"),
    };
    uint64_t timeout_ns = CLOCK_NEVER;
    enum ctx_origin origin = CTX_ORIGIN_NONE;
    if (status == STATUS_OK && route->timeout_default_ns != 0) {
        status = deadline_read(&wish, route->timeout_default_ns, route->timeout_max_ns, &timeout_ns,
            &origin, ret_error);
    }
    log_request(request, timeout_ns, origin);
    if (status != STATUS_OK) {
        return status;
    }
    uint64_t deadline_ns = clock_add_ns(request->start_ns, timeout_ns);
    request->tracing.deadline_ns = deadline_ns;
    request->tracing.origin = origin;
    request->deadline_scope =
        ctx_with_deadline_origin(request->trace_scope->ctx, origin, deadline_ns);
    request->ctx = request->deadline_scope->ctx;
    return STATUS_OK;
}

const char *request_principal(const struct request *request)
{
    return request->identity == NULL ? request->client : request->identity->name;
}

void request_respond_sha256(struct request *request, const char *sha256)
{
    http_respond_header(request->exchange, "X-Content-SHA256", sha256);
    snprintf(request->sha256, sizeof(request->sha256), "%s", sha256);
}

bool request_may(const struct request *request, enum permission permission)
{
    if (request->identity == NULL) {
        return permission != PERMISSION_UNBLINDED || request->gateway->is_unblinded;
    }
    return permission_is_of(permission, request->identity->authority.role);
}

/* What the request's call tells the service beside its message. It is a list: no HTTP header gets
 * there by itself. */
const struct ctx *request_call_ctx(struct request *request)
{
    rpc_metadata_init(&request->metadata, request->metadata_entries, REQUEST_METADATA_MAX);
    enum status status = rpc_metadata_set(
        &request->metadata, RPC_METADATA_PRINCIPAL, bytes_of(request_principal(request)));
    if (status == STATUS_OK && request->identity != NULL) {
        status = rpc_metadata_set(
            &request->metadata, RPC_METADATA_SCOPE, bytes_of(request->identity->text));
    }
    if (status == STATUS_OK && request->trace.state != NULL) {
        status = rpc_metadata_set(
            &request->metadata, RPC_METADATA_TRACESTATE, bytes_of(request->trace.state));
    }
    assert(status == STATUS_OK);
    (void)status;
    request->metadata_scope = ctx_with_value(request->ctx, &RPC_METADATA_KEY, &request->metadata);
    return request->metadata_scope->ctx;
}

enum status request_call(struct request *request, const struct rpc_method *method,
    const ProtobufCMessage *message, const struct rpc_call_events *events, struct error *ret_error)
{
    request_trace_call(request, method);
    request_ref(request); /* the call's, until request_end_call */
    live_add(&request->gateway->live, &request->live);
    enum status status = rpc_call_start(request_call_ctx(request), request->gateway->channel,
        method, message, events, request, &request->call);
    if (status != STATUS_OK) {
        request_unref(request);
        return error_set(ret_error, status, "the gateway has no room for another call");
    }
    return STATUS_OK;
}

void gateway_on_batch(bool is_begin, void *arg)
{
    (void)arg;
    if (is_begin) {
        rpc_gather_begin();
    } else {
        rpc_gather_end();
    }
}

struct problem request_problem(const struct request *request, const struct rpc_end *end)
{
    int (*http_code_of)(enum status) = request->route->http_code;
    struct problem problem = problem_of_end(end);
    problem.http_code = http_code_of == NULL ? 0 : http_code_of(end->status);
    problem.trace = &request->trace;
    /* When the service ran out of time first, the deadline that counted may have been its own. */
    if (problem.origin == CTX_ORIGIN_NONE) {
        problem.origin = ctx_deadline_origin(request->ctx);
        problem.origin_hop = ctx_deadline_hop(request->ctx);
    }
    return problem;
}

void request_end_call(struct request *request, const struct rpc_end *end)
{
    bool has_left = end->cause == CTX_CAUSE_CLIENT_DISCONNECTED; /* nobody reads a problem */
    bool is_cut = request->is_answer_begun && end->status != STATUS_OK;
    if (has_left || is_cut) {
        http_respond_abort(request->exchange);
    } else if (!request->is_answer_begun) {
        struct problem problem = request_problem(request, end);
        if (request->route->on_failure != NULL) {
            request->route->on_failure(request, &problem);
        } else {
            problem_respond(request->exchange, &problem);
        }
    }
    request_trace_called(request, end);
    request_unref(request);
}

void request_on_end(void *arg, const struct rpc_end *end)
{
    request_end_call(arg, end);
}

void request_respond_json(struct request *request, struct cJSON *json)
{
    char *text = json == NULL ? NULL : cJSON_Print(json);
    cJSON_Delete(json);
    if (text != NULL) {
        request->is_answer_begun = true;
        http_respond(request->exchange, 200, "application/json", bytes_of(text));
    }
    cJSON_free(text);
}
