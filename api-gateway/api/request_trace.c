#include "api/request_trace.h"

#include <string.h>

#include "api/redact.h"

/* On the hottest path there is: what is a literal, or of known length, is not measured. */
static void fill_names(const struct request *request, struct trace_facts *facts)
{
    const char *method = http_method(request->exchange);
    size_t len = 0;
    for (; len < sizeof(facts->method) - 1 && method[len] != '\0'; len++) {
        facts->method[len] = method[len];
    }
    facts->method[len] = '\0';
    bool is_literal = request->route != NULL && *request->path_argument == '\0';
    facts->literal_path = is_literal ? request->route->pattern : NULL;
    if (!is_literal) {
        char path[REDACTED_MAX];
        span_copy_text(
            facts->path, sizeof(facts->path), redact_path(http_path(request->exchange), path));
    }
    if (request->identity != NULL) {
        span_copy_text(facts->principal, sizeof(facts->principal), request_principal(request));
    } else {
        memcpy(facts->principal, request->client, sizeof(request->client));
    }
    facts->trace = request->trace;
    facts->trace.state = NULL; /* gone with the request */
    facts->trace.spans = NULL;
    facts->has_caller = request->has_caller;
    facts->deadline_ns =
        request->tracing.deadline_ns == 0 ? CLOCK_NEVER : request->tracing.deadline_ns;
    facts->origin = request->tracing.origin;
}

void request_trace_call(struct request *request, const struct rpc_method *method)
{
    struct trace_store *traces = request->gateway->traces;
    request->tracing.method = method;
    if (traces == NULL || request->tracing.record != NULL || (method->flags & RPC_INLINE) != 0) {
        return;
    }
    struct trace_facts facts = {.start_ns = request->start_ns, .read_ns = request->start_ns};
    fill_names(request, &facts);
    request->tracing.record = trace_store_begin(traces, &facts);
    if (request->tracing.record != NULL) {
        request->trace.spans = trace_record_spans(request->tracing.record);
    }
}

void request_trace_called(struct request *request, const struct rpc_end *end)
{
    struct request_tracing *tracing = &request->tracing;
    if (request->gateway->traces == NULL) {
        return;
    }
    tracing->was_called = true;
    tracing->call_status = end->status;
    tracing->call_cause = end->cause;
    tracing->queue_ns = end->account.queue_ns;
    tracing->run_ns = end->account.run_ns;
    tracing->call_end_ns = tracing->record == NULL ? 0 : clock_now_ns();
}

void request_trace_done(struct request *request, const struct http_summary *summary)
{
    struct request_tracing *tracing = &request->tracing;
    if (request->gateway->traces == NULL) {
        return;
    }
    tracing->end_ns = summary->ended_ns;
    tracing->elapsed_ns = summary->elapsed_ns;
    tracing->http_status = summary->status_code;
    tracing->bytes = summary->bytes_sent;
    if (ctx_done(request->ctx)) {
        tracing->cause = ctx_cause(request->ctx);
        tracing->cancelled_ns = ctx_done_at_ns(request->ctx);
    }
}

/* Of a request without a call: what its code says. */
static enum status status_of_code(int http_code)
{
    static const struct {
        int http_code;
        enum status status;
    } ROWS[] = {
        {400, STATUS_INVALID_ARGUMENT},
        {401, STATUS_UNAUTHENTICATED},
        {403, STATUS_PERMISSION_DENIED},
        {404, STATUS_NOT_FOUND},
        {405, STATUS_UNIMPLEMENTED},
        {409, STATUS_FAILED_PRECONDITION},
        {429, STATUS_RESOURCE_EXHAUSTED},
        {499, STATUS_CANCELLED},
        {501, STATUS_UNIMPLEMENTED},
        {503, STATUS_UNAVAILABLE},
        {504, STATUS_DEADLINE_EXCEEDED},
    };
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        if (ROWS[i].http_code == http_code) {
            return ROWS[i].status;
        }
    }
    return http_code >= 200 && http_code < 400 ? STATUS_OK : STATUS_UNKNOWN;
}

_Static_assert((int)TRACE_PRINCIPAL_MAX >= (int)REQUEST_CLIENT_MAX &&
                   (int)TRACE_PRINCIPAL_MAX >= (int)IDENTITY_NAME_MAX,
    "fill_names cuts no name: who sees a trace is decided by it");

/* When the service ran out of time first, nobody here was cancelled: the deadline is when. */
static void set_cancel(const struct request_tracing *tracing, struct trace_facts *facts)
{
    facts->cause = tracing->cause != CTX_CAUSE_NONE ? tracing->cause : tracing->call_cause;
    facts->cancelled_ns = tracing->cancelled_ns;
    if (facts->cancelled_ns > facts->end_ns) { /* two threads, two looks at the clock */
        facts->cancelled_ns = facts->end_ns;
    }
    if (facts->cause == CTX_CAUSE_DEADLINE_EXCEEDED && facts->cancelled_ns == 0) {
        facts->cancelled_ns =
            facts->deadline_ns < facts->end_ns ? facts->deadline_ns : facts->end_ns;
    }
}

static void set_times(const struct request *request, struct trace_facts *facts)
{
    const struct request_tracing *tracing = &request->tracing;
    uint64_t http_end_ns = tracing->end_ns == 0 ? clock_now_ns() : tracing->end_ns;
    facts->start_ns = http_end_ns - tracing->elapsed_ns;
    facts->start_ns = facts->start_ns < request->start_ns ? facts->start_ns : request->start_ns;
    facts->read_ns = request->start_ns;
    /* A call that goes on when its request is answered (202) belongs to it all the same. */
    bool goes_on = tracing->call_end_ns > http_end_ns + CLOCK_MS(1);
    facts->end_ns = goes_on ? tracing->call_end_ns : http_end_ns;
}

static void fill(const struct request *request, struct trace_facts *facts)
{
    const struct request_tracing *tracing = &request->tracing;
    fill_names(request, facts);
    set_times(request, facts);
    set_cancel(tracing, facts);
    facts->http_status = tracing->http_status;
    facts->bytes = tracing->bytes;
    facts->status =
        tracing->was_called ? tracing->call_status : status_of_code(tracing->http_status);
    if (tracing->cause == CTX_CAUSE_CLIENT_DISCONNECTED) {
        facts->status = STATUS_CANCELLED;
    }
    facts->spans = NULL;
    facts->quick_call = tracing->method == NULL ? NULL : tracing->method->name;
    facts->quick_queue_ns = tracing->queue_ns;
    facts->quick_run_ns = tracing->run_ns;
}

void request_trace_finish(struct request *request)
{
    struct trace_store *traces = request->gateway->traces;
    if (traces == NULL) {
        return;
    }
    struct trace_record *record = STEAL(request->tracing.record);
    if (record == NULL) {
        struct trace_facts *place = trace_store_add(traces);
        fill(request, place);
        trace_store_added(traces, place);
        return;
    }
    struct trace_facts facts;
    fill(request, &facts);
    facts.quick_call = NULL;
    trace_store_end(traces, record, &facts);
}
