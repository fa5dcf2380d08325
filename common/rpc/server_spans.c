/* A call's spans on the server: beside what its handler has recorded stands what every call
 * consists of (queue, run, stop, send), or for a member of a flight the shared work since it
 * joined. All of it rides home in the call's last frame, and what a stream's head can tell already
 * in that.
 *
 * Only calls that ask for it have a log (frame.h's RPC_FLAG_WANTS_SPANS), INLINE ones never: their
 * account says all there is to say. */
#include <stdlib.h>

#include "base/clock.h"
#include "rpc/server_flight.h"
#include "rpc/span_wire.h"

/* The ids of a call's parts: its own with these bits turned. */
enum part {
    PART_QUEUE = 1,
    PART_RUN = 2,
    PART_STOP = 3,
    PART_SEND = 4,
    PART_SHARED = 5,
    PARTS = 6,
};

void server_spans_begin(struct rpc_server_call *call, bool is_wanted)
{
    if (is_wanted && !call->is_inline) {
        call->spans = span_log_new();
        call->trace.spans = call->spans;
    }
}

static uint64_t base_of(const struct trace *trace)
{
    return span_id_number(trace->span_id);
}

static struct span_record part_of(
    uint64_t base, enum part part, const char *name, uint64_t start_ns, uint64_t end_ns)
{
    struct span_record record = {
        .id = base ^ part, .parent_id = base, .start_ns = start_ns, .end_ns = end_ns};
    envelope_copy_text(record.name, sizeof(record.name), name);
    return record;
}

static void put_stop(
    struct rpc_server_call *call, uint64_t base, uint64_t run_end_ns, uint64_t wasted_cpu_ns)
{
    uint64_t done_at_ns = ctx_done_at_ns(call->ctx);
    if (done_at_ns == 0 || done_at_ns >= run_end_ns) {
        return;
    }
    uint64_t start_ns = done_at_ns > call->started_ns ? done_at_ns : call->started_ns;
    struct span_record stop = part_of(base, PART_STOP, "stop", start_ns, run_end_ns);
    stop.is_wasted = true;
    stop.wasted_cpu_ns = wasted_cpu_ns;
    stop.parent_id = base ^ PART_RUN;
    stop.status = ctx_cause_status(ctx_cause(call->ctx));
    span_record_text(&stop, SPAN_CAUSE, ctx_cause_word(ctx_cause(call->ctx)));
    span_log_put(call->spans, &stop);
}

/* Whether this part is still to be put: a stream's head has told some. */
static bool is_first(struct rpc_server_call *call, enum part part)
{
    bool was_put = (call->span_parts & 1u << part) != 0;
    call->span_parts |= 1u << part;
    return !was_put;
}

static void put_queue(struct rpc_server_call *call, uint64_t started_ns)
{
    if (is_first(call, PART_QUEUE)) {
        struct span_record queue =
            part_of(base_of(&call->trace), PART_QUEUE, "queue", call->received_ns, started_ns);
        span_log_put(call->spans, &queue);
    }
}

/* What a call that had a handler of its own consisted of. */
static void put_own_parts(
    struct rpc_server_call *call, const struct rpc_account *account, uint64_t now_ns)
{
    uint64_t base = base_of(&call->trace);
    uint64_t started_ns = call->started_ns == 0 ? now_ns : call->started_ns;
    put_queue(call, started_ns);
    if (call->started_ns == 0) {
        return;
    }
    /* A deferred unary call works until it is finished; a stream then only sends. */
    bool is_stream = call->binding->method->kind == RPC_SERVER_STREAM;
    bool has_returned = call->returned_ns != 0 && (is_stream || !call->is_deferred);
    uint64_t returned_ns = has_returned ? call->returned_ns : now_ns;
    struct span_record run = part_of(base, PART_RUN, "run", started_ns, returned_ns);
    uint64_t done_at_ns = ctx_done_at_ns(call->ctx);
    run.is_wasted = done_at_ns != 0 && done_at_ns < returned_ns;
    run.status = call->status;
    span_record_number(&run, SPAN_CPU_NS, call->cpu_ns);
    span_log_put(call->spans, &run);
    put_stop(call, base, returned_ns, account->wasted_cpu_ns);
    if (call->is_deferred && call->flight == NULL && returned_ns < now_ns) {
        struct span_record send = part_of(base, PART_SEND, "send", returned_ns, now_ns);
        span_log_put(call->spans, &send);
    }
}

/* What the status leaves open. That a refused call was not started goes without saying: what it
 * lacked (room, time, a right) does not. */
static void put_how_it_ended(struct span_record *record, const struct rpc_end *end)
{
    if (end->cause != CTX_CAUSE_NONE) {
        span_record_text(record, SPAN_CAUSE, ctx_cause_word(end->cause));
    } else if (end->status != STATUS_OK && end->account.outcome == RPC_OUTCOME_NOT_STARTED) {
        span_record_text(record, SPAN_REFUSED, end->message);
    } else {
        span_record_text(record, SPAN_OUTCOME, rpc_outcome_word(end->account.outcome));
    }
}

/* The call itself, which has the caller's span as its parent. */
static void put_call(
    struct rpc_server_call *call, const struct rpc_end *end, uint64_t now_ns, struct span_log *to)
{
    uint64_t base = base_of(&call->trace);
    struct span_record record = part_of(base, (enum part)0,
        span_method_word(call->binding->method->name), call->received_ns, now_ns);
    record.parent_id = span_id_number(call->trace.parent_span_id);
    record.kind = SPAN_SERVER;
    record.status = end->status;
    put_how_it_ended(&record, end);
    uint64_t n_dropped = span_log_dropped(call->spans);
    if (n_dropped > 0) {
        span_record_number(&record, SPAN_DROPPED, n_dropped);
    }
    span_log_put(to, &record);
}

void server_spans_land(struct rpc_server_call *call, const struct rpc_end *end)
{
    struct server_flight *flight = call->flight;
    uint64_t now_ns = clock_now_ns();
    flight->landed_ns = now_ns;
    if (call->spans != NULL) {
        put_own_parts(call, &end->account, now_ns);
    }
}

/* What the handler did is a part of its run. */
static bool is_of_handler(const struct span_record *record, uint64_t base)
{
    return record->parent_id == base && (record->id ^ base) >= PARTS;
}

/* What a member's ids of the shared work differ by from those that the work has: two members may be
 * of one trace. The work is the child of the call that began it, and what the work asked others
 * names these spans as its parents: so that one has the work's own. */
static uint64_t id_mask(const struct rpc_server_call *call, const struct server_flight *flight)
{
    uint64_t own = base_of(&call->trace);
    return span_id_number(flight->trace.parent_span_id) == own ? 0 : own;
}

/* The shared work, as one member sees it: from when it joined. */
static void put_flight(
    struct rpc_server_call *call, const struct server_flight *flight, uint64_t to_ns)
{
    uint64_t own = base_of(&call->trace);
    uint64_t mask = id_mask(call, flight);
    uint64_t base = base_of(&flight->trace);
    uint64_t from_ns = call->received_ns;
    uint64_t began_ns = flight->began_ns;
    struct span_record shared = part_of(own, PART_SHARED, "shared", from_ns, to_ns);
    span_record_number(&shared, SPAN_JOINED_NS, from_ns > began_ns ? from_ns - began_ns : 0);
    span_record_number(&shared, SPAN_MEMBERS, call->share->n_members);
    shared.status = call->share->landed != NULL ? flight->end.status : STATUS_OK;
    span_log_put(call->spans, &shared);
    struct span_record *records;
    size_t n = span_log_copy(flight->spans, 0, &records);
    for (size_t i = 0; i < n; i++) {
        struct span_record record = records[i];
        if (record.end_ns <= from_ns) {
            continue;
        }
        record.start_ns = record.start_ns > from_ns ? record.start_ns : from_ns;
        if (is_of_handler(&record, base)) {
            record.parent_id = base ^ PART_RUN;
        }
        record.parent_id = record.parent_id == base ? shared.id : record.parent_id ^ mask;
        record.id ^= mask;
        span_log_put(call->spans, &record);
    }
    free(records);
}

static void put_shared(
    struct rpc_server_call *call, const struct server_flight *flight, uint64_t now_ns)
{
    bool has_landed = call->share->landed != NULL;
    uint64_t to_ns = has_landed ? flight->landed_ns : now_ns;
    to_ns = to_ns > call->received_ns ? to_ns : call->received_ns;
    if (is_first(call, PART_SHARED)) {
        put_flight(call, flight, to_ns);
    } else if (to_ns < now_ns) { /* the head has told it */
        struct span_record send = part_of(base_of(&call->trace), PART_SEND, "send", to_ns, now_ns);
        span_log_put(call->spans, &send);
    }
}

static struct server_flight *flight_of(const struct rpc_server_call *call)
{
    if (call->share == NULL) {
        return NULL;
    }
    return call->share->landed != NULL ? call->share->landed : atomic_load(&call->share->flight);
}

static void put_work(
    struct rpc_server_call *call, const struct rpc_account *account, uint64_t now_ns)
{
    struct server_flight *flight = flight_of(call);
    if (flight != NULL) {
        put_shared(call, flight, now_ns);
    } else {
        put_own_parts(call, account, now_ns);
    }
}

static struct buffer pack(struct rpc_server_call *call, uint64_t now_ns)
{
    struct span_record *records;
    size_t n = span_log_copy(call->spans, call->n_spans_told, &records);
    uint64_t base = base_of(&call->trace);
    for (size_t i = 0; i < n; i++) {
        if (is_of_handler(&records[i], base) && flight_of(call) == NULL) {
            records[i].parent_id = base ^ PART_RUN;
        }
    }
    call->n_spans_told += n;
    struct buffer packed = span_wire_pack(&(struct span_list){
        .service = call->peer->server->options.name,
        .received_ns = call->received_ns,
        .now_ns = now_ns,
        .records = records,
        .n_records = n,
    });
    free(records);
    return packed;
}

/* `header`, then the list, in `room`; just the header when there is no room for more. */
static struct bytes join(
    struct bytes header, unsigned int number, struct buffer *packed, struct buffer *room)
{
    uint8_t tag[ENVELOPE_TAG_MAX];
    size_t tag_len = envelope_pack_tag(tag, number, packed->len);
    if (packed->len == 0 || buffer_append(room, header.data, header.len) != STATUS_OK ||
        buffer_append(room, tag, tag_len) != STATUS_OK ||
        buffer_append(room, packed->data, packed->len) != STATUS_OK) {
        return header;
    }
    return buffer_bytes(room);
}

struct bytes server_spans_add(struct rpc_server_call *call, const struct rpc_end *end,
    struct bytes header, unsigned int number, struct buffer *room)
{
    if (call->spans == NULL) {
        return header;
    }
    uint64_t now_ns = clock_now_ns();
    put_work(call, &end->account, now_ns);
    put_call(call, end, now_ns, call->spans);
    CLEANUP(buffer_finish) struct buffer packed = pack(call, now_ns);
    return join(header, number, &packed, room);
}

struct bytes server_spans_of_head(struct rpc_server_call *call, struct buffer *room)
{
    struct bytes nothing = {NULL, 0};
    if (call->spans == NULL) {
        return nothing;
    }
    uint64_t now_ns = clock_now_ns();
    struct server_flight *flight = flight_of(call);
    if (flight != NULL) {
        put_shared(call, flight, now_ns);
    } else {
        put_queue(call, call->started_ns);
    }
    CLEANUP(buffer_finish) struct buffer packed = pack(call, now_ns);
    return join(nothing, ENVELOPE_REPLY_SPANS, &packed, room);
}
