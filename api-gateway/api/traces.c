/* Traces: one whole, for the waterfall, and the newest ones. Everybody sees the own; admins, and
 * all where nobody is asked who it is, see everybody's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "base/duration.h"
#include "traces/view.h"

enum { TRACES_LIMIT_DEFAULT = 50 };

const struct parameter TRACES_PARAMETERS[] = {
    {"state", "running|done|failed"},
    {"min_elapsed", NULL},
    {"limit", NULL},
    {"all", "0|1"},
    {NULL, NULL},
};

/* NULL: everybody's. */
static const char *visible_principal(const struct request *request)
{
    return request_may(request, PERMISSION_ADMIN) ? NULL : request_principal(request);
}

static enum status check_kept(const struct request *request, struct error *ret_error)
{
    return request->gateway->traces != NULL ? STATUS_OK
                                            : error_set(ret_error, STATUS_NOT_FOUND,
                                                  "traces are not kept here (--traces-max 0)");
}

static enum status respond(
    struct request *request, enum status status, struct buffer *body, struct error *ret_error)
{
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "no memory for the trace");
    }
    http_respond_header(request->exchange, "Cache-Control", "no-store");
    http_respond(request->exchange, 200, "application/json", buffer_bytes(body));
    return STATUS_OK;
}

/* --- one ------------------------------------------------------------------------------------ */

/* Read as a traceparent is, so that both have one alphabet. */
static bool read_trace_id(const char *text, uint8_t ret_trace_id[TRACE_ID_LEN])
{
    char traceparent[TRACE_PARENT_TEXT_MAX];
    struct trace trace;
    int len = snprintf(traceparent, sizeof(traceparent), "00-%s-0000000000000001-00", text);
    if (len != TRACE_PARENT_TEXT_MAX - 1 || !trace_parse(traceparent, &trace)) {
        return false;
    }
    memcpy(ret_trace_id, trace.trace_id, TRACE_ID_LEN);
    return true;
}

enum status handle_trace(struct request *request, struct error *ret_error)
{
    uint8_t trace_id[TRACE_ID_LEN];
    enum status status = check_kept(request, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!read_trace_id(request->path_argument, trace_id)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "a trace id is 32 hexadecimal digits in lower case, as X-Trace-Id tells it");
    }
    struct trace_facts roots[TRACE_ROOTS_MAX];
    size_t n_roots = trace_store_find(
        request->gateway->traces, trace_id, visible_principal(request), roots, TRACE_ROOTS_MAX);
    if (n_roots == 0) {
        return error_set(ret_error, STATUS_NOT_FOUND,
            "no such trace: it never was here, is another's, or has made way for newer ones");
    }
    CLEANUP(buffer_finish) struct buffer body = BUFFER_EMPTY(TRACE_VIEW_MAX);
    status = trace_view_write(roots, n_roots, trace_now(), &body);
    for (size_t i = 0; i < n_roots; i++) {
        trace_facts_finish(&roots[i]);
    }
    return respond(request, status, &body, ret_error);
}

/* --- the list ------------------------------------------------------------------------------- */

static bool is_word(const struct request *request, const char *name, const char *word)
{
    const char *text = parameters_get(&request->parameters, name);
    return text != NULL && strcmp(text, word) == 0;
}

static enum status read_filter(
    const struct request *request, struct trace_filter *ret_filter, struct error *ret_error)
{
    const char *limit_text = parameters_get(&request->parameters, "limit");
    const char *elapsed = parameters_get(&request->parameters, "min_elapsed");
    uint32_t limit = TRACES_LIMIT_DEFAULT;
    uint64_t elapsed_ns = 0;
    enum status status = limit_text == NULL
                             ? STATUS_OK
                             : number_parse("limit", limit_text, TRACE_LIST_MAX, &limit, ret_error);
    if (status == STATUS_OK && elapsed != NULL && !duration_parse(elapsed, &elapsed_ns)) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "parameter min_elapsed: \"%.40s\" is no duration such as 100ms", elapsed);
    }
    if (status != STATUS_OK) {
        return status;
    }
    bool is_failed = is_word(request, "state", "failed");
    *ret_filter = (struct trace_filter){
        .principal = visible_principal(request),
        .wants_running = !is_word(request, "state", "done") && !is_failed,
        .wants_done = !is_word(request, "state", "running"),
        .wants_failed_only = is_failed,
        .wants_trivial = is_word(request, "all", "1"),
        .elapsed_min_ns = elapsed_ns,
        .limit = limit,
    };
    return STATUS_OK;
}

enum status handle_traces(struct request *request, struct error *ret_error)
{
    struct trace_filter filter;
    enum status status = check_kept(request, ret_error);
    if (status == STATUS_OK) {
        status = read_filter(request, &filter, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct trace_now now = trace_now();
    struct trace_facts *facts;
    size_t n_facts = trace_store_list(request->gateway->traces, &filter, now.monotonic_ns, &facts);
    CLEANUP(buffer_finish) struct buffer body = BUFFER_EMPTY(TRACE_VIEW_MAX);
    status = trace_view_write_list(facts, n_facts, now, &body);
    free(facts);
    return respond(request, status, &body, ret_error);
}
