/* A call's spans on the client: one an attempt, and those that the server's frames bring home,
 * which lie below it. They go into the log of the caller's trace (struct trace's `spans`), which
 * the call holds until its last frame has come: a caller that has left is long gone by then. */
#include "obs/span.h"

#include "base/clock.h"
#include "rpc/channel_internal.h"
#include "rpc/span_wire.h"

void client_spans_start(struct rpc_client_call *call, const struct trace *trace)
{
    if (trace->spans != NULL) {
        call->spans = span_log_ref(trace->spans);
        call->trace.spans = call->spans;
        span_log_expect(call->spans, 1);
    }
}

void client_spans_finish(struct rpc_client_call *call)
{
    span_log_expect(call->spans, -1);
    span_log_unref(call->spans);
}

/* "rpc AuditReport" */
static void set_name(struct span_record *record, const struct rpc_method *method)
{
    static const char PREFIX[] = "rpc ";
    envelope_copy_text(record->name, sizeof(record->name), PREFIX);
    envelope_copy_text(record->name + sizeof(PREFIX) - 1,
        sizeof(record->name) - (sizeof(PREFIX) - 1), span_method_word(method->name));
}

void client_spans_attempt(struct rpc_client_call *call)
{
    if (call->spans == NULL) {
        return;
    }
    trace_new_span_id(call->attempt_span_id);
    call->span_anchor = (struct span_anchor){.sent_ns = call->attempt_at_ns};
    atomic_store(&call->is_span_over, false);
    struct span_record record = {.id = span_id_number(call->attempt_span_id),
        .parent_id = span_id_number(call->trace.span_id),
        .start_ns = call->attempt_at_ns,
        .kind = SPAN_CLIENT};
    set_name(&record, call->method);
    if (call->attempt > 0) {
        span_record_number(&record, SPAN_ATTEMPT, call->attempt);
    }
    span_log_put(call->spans, &record);
}

void client_spans_end(struct rpc_client_call *call, const struct rpc_end *end, uint64_t ended_ns)
{
    struct span_record record;
    if (call->spans == NULL || atomic_exchange(&call->is_span_over, true) ||
        !span_log_find(call->spans, span_id_number(call->attempt_span_id), &record)) {
        return;
    }
    record.end_ns = ended_ns > record.start_ns ? ended_ns : record.start_ns;
    record.status = end->status;
    bool has_cause = end->cause != CTX_CAUSE_NONE;
    span_record_text(&record, has_cause ? SPAN_CAUSE : SPAN_OUTCOME,
        has_cause ? ctx_cause_word(end->cause) : rpc_outcome_word(end->account.outcome));
    span_log_update(call->spans, &record);
}

/* The caller had left: the work went on until now. Whoever tells that it has left may still be at
 * it, on another thread; then its end and this one are the same. */
static void end_late(struct rpc_client_call *call, uint64_t read_ns)
{
    struct span_record record;
    if (span_log_find(call->spans, span_id_number(call->attempt_span_id), &record) &&
        record.end_ns != 0) {
        span_record_number(&record, SPAN_ABANDONED_NS, record.end_ns - record.start_ns);
        record.end_ns = read_ns > record.end_ns ? read_ns : record.end_ns;
        span_log_update(call->spans, &record);
    }
}

void client_spans_stage(
    struct rpc_client_call *call, const char *stage, uint64_t done, uint64_t total, uint64_t now_ns)
{
    if (call->spans != NULL) {
        span_log_stage(call->spans, stage, done, total, now_ns);
    }
}

void client_spans_take(struct rpc_client_call *call, enum rpc_frame_type type, struct bytes header,
    const struct rpc_end *end, uint64_t read_ns)
{
    if (call->spans == NULL) {
        return;
    }
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    bool is_end = type == RPC_FRAME_END;
    struct bytes packed = is_end ? envelope_unpack_end_spans(&memory, header)
                                 : envelope_unpack_reply_spans(&memory, header);
    if (packed.len > 0) {
        call->span_anchor.read_ns = read_ns;
        /* What cannot be read is not shown; the call does not suffer from it. */
        (void)!span_wire_unpack(packed, &call->span_anchor, call->spans);
    }
    envelope_memory_finish(&memory);
    if (end != NULL && atomic_load(&call->is_span_over)) {
        end_late(call, read_ns);
    } else if (end != NULL) {
        client_spans_end(call, end, read_ns);
    }
}
