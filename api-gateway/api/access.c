#include <stdio.h>
#include <string.h>

#include "api/problem.h"
#include "api/redact.h"
#include "api/request.h"
#include "api/request_metrics.h"
#include "api/request_trace.h"
#include "api/timing.h"
#include "auth/access_log.h"
#include "obs/log.h"

static const char *outcome_word(const struct http_summary *summary)
{
    if (summary->is_disconnected) {
        return "client_left";
    }
    return summary->is_complete ? "complete" : "broken_off";
}

/* What auditors are told. The query is left out: what counts of it has a field of its own. */
static void put_access(const struct request *request, const struct http_summary *summary)
{
    const struct http_exchange *exchange = request->exchange;
    const struct route *route = request->route;
    bool is_begun = summary->status_code != 0 && summary->status_code != 499;
    bool has_center = route != NULL && strstr(route->pattern, "{center}") != NULL;
    bool has_study = route != NULL && strstr(route->pattern, "{study}") != NULL;
    char trace_id[TRACE_ID_TEXT_MAX];
    char path[REDACTED_MAX];
    trace_id_text(&request->trace, trace_id);
    const struct log_field fields[] = {
        log_str("principal", request->identity == NULL ? NULL : request->identity->name),
        log_str("auth",
            request->identity == NULL ? "none" : identity_means_word(request->identity->means)),
        log_str("role",
            request->identity == NULL ? NULL : role_word(request->identity->authority.role)),
        log_str("client", http_peer(exchange)),
        log_str("method", http_method(exchange)),
        log_str("path", redact_path(http_path(exchange), path)),
        log_str("permission", route == NULL ? NULL : permission_word(route->permission)),
        log_str("center",
            has_center ? request->path_argument : parameters_get(&request->parameters, "center")),
        log_str("study",
            has_study ? request->path_argument : parameters_get(&request->parameters, "study")),
        log_i64("status", summary->status_code),
        log_u64("bytes", summary->bytes_sent),
        log_ms("duration_ms", summary->elapsed_ns),
        log_str("trace_id", trace_id),
        /* Nobody writes it any more once the loop has seen the answer begin. */
        log_str("sha256", is_begun && request->sha256[0] != '\0' ? request->sha256 : NULL),
        log_str("outcome", outcome_word(summary)),
    };
    access_log_put(request->gateway->access_log, fields, LENGTH_OF(fields));
}

/* It has no place among the traces; its id leads to the log. */
static void write_lines(
    const struct http_refusal *refusal, const char *trace_id, struct http_error_answer *answer)
{
    char ms[TIMING_MS_MAX];
    size_t len = timing_print_ms(ms, refusal->elapsed_ns);
    int n = snprintf(answer->lines, sizeof(answer->lines),
        "X-Trace-Id: %s\r\nServer-Timing: total;dur=%.*s\r\n", trace_id, (int)len, ms);
    answer->lines_len = n > 0 && (size_t)n < sizeof(answer->lines) ? (size_t)n : 0;
}

/* What is no request, or breaks a limit of the server, has neither path nor caller. */
void gateway_on_error(
    const struct http_refusal *refusal, struct http_error_answer *answer, void *arg)
{
    const struct gateway *gateway = arg;
    struct trace trace;
    char trace_id[TRACE_ID_TEXT_MAX];
    trace_init(&trace);
    trace_id_text(&trace, trace_id);
    LOG_INFO("http.response", NULL, log_str("trace_id", trace_id),
        log_ms("elapsed_ms", refusal->elapsed_ns), log_i64("status", refusal->status_code),
        log_str("refused", refusal->detail), log_str("client", refusal->peer));
    if (gateway->access_log != NULL) {
        const struct log_field fields[] = {
            log_str("auth", "none"),
            log_str("client", refusal->peer),
            log_i64("status", refusal->status_code),
            log_str("outcome", "refused"),
            log_str("why", refusal->detail),
            log_str("trace_id", trace_id),
        };
        access_log_put(gateway->access_log, fields, LENGTH_OF(fields));
    }
    write_lines(refusal, trace_id, answer);
    problem_for_server(refusal->status_code, refusal->detail, &trace, answer);
}

/* The exchange is over: one line says how, and the exchange gives its request back. */
void gateway_on_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    (void)arg;
    struct request *request = http_exchange_data(exchange);
    const struct ctx *ctx = request == NULL ? NULL : request->ctx;
    const char *method = request == NULL ? NULL : http_method(exchange);
    const char *protocol = request == NULL ? NULL : http_version(exchange);
    if (summary->is_disconnected) {
        LOG_INFO("http.disconnect", ctx, log_str("method", method),
            log_ms("elapsed_ms", summary->elapsed_ns), log_str("how", summary->disconnect),
            log_str("protocol", protocol), log_i64("status", summary->status_code),
            log_u64("bytes", summary->bytes_sent));
    } else {
        LOG_INFO("http.response", ctx, log_str("method", method), log_str("protocol", protocol),
            log_ms("elapsed_ms", summary->elapsed_ns), log_i64("status", summary->status_code),
            log_u64("bytes", summary->bytes_sent), log_bool("complete", summary->is_complete));
    }
    request_metrics_count(request, summary);
    bool is_public = request != NULL && request->route != NULL &&
                     request->route->permission == PERMISSION_PUBLIC; /* probes: nobody's */
    if (request != NULL && request->gateway->access_log != NULL && !is_public) {
        put_access(request, summary);
    }
    if (request != NULL) {
        request_trace_done(request, summary);
    }
    request_unref(request);
}
