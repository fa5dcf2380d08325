/* What the server's frames mean to the channel's calls. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"

static void on_ready(void *owner, const struct rpc_peer *peer)
{
    struct channel_link *link = owner;
    struct rpc_channel *channel = link->channel;
    uint32_t theirs = peer->calls_max == 0 ? UINT32_MAX : peer->calls_max;
    LOG_INFO(
        "rpc.connected", NULL, log_str("backend", link->address.url), log_str("name", peer->name));
    pthread_mutex_lock(&channel->mutex);
    link->calls_limit = theirs < channel->calls_max ? theirs : channel->calls_max;
    link->is_connected = true; /* and asked how it is, by its thread */
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
}

static void on_closed(void *owner)
{
    struct channel_link *link = owner;
    struct rpc_channel *channel = link->channel;
    pthread_mutex_lock(&channel->mutex);
    link->is_closed = true;
    channel_update_link_locked(link);
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
}

/* A unary call's answer, which is also its end, or the head of a stream. */
static const char *take_reply(
    struct channel_link *link, const struct rpc_frame *frame, uint64_t read_ns)
{
    struct rpc_end end;
    end.status = STATUS_OK;
    end.cause = CTX_CAUSE_NONE;
    end.cause_hop = 0;
    end.deadline_origin = CTX_ORIGIN_NONE;
    end.deadline_hop = 0;
    end.retry_after_ms = 0;
    end.is_followed = false;
    end.message[0] = '\0';
    if (!envelope_unpack_reply(frame->header, &end.account)) {
        return "malformed REPLY";
    }
    struct rpc_client_call *call =
        channel_find_call(link, frame->call_id, FRAME_LAST_OF_UNARY, NEWS_ANSWER, read_ns);
    if (call == NULL) {
        return NULL;
    }
    bool is_unary = call->method->kind == RPC_UNARY;
    client_spans_take(call, frame->type, frame->header, is_unary ? &end : NULL, read_ns);
    call->reply_queue_ns = end.account.queue_ns;
    call->reply_run_ns = end.account.run_ns;
    if (client_call_enter(call)) {
        call->has_answer = true;
        if (call->events->on_reply != NULL) {
            call->events->on_reply(call->arg, frame->payload);
        }
        client_call_leave(call, is_unary ? &end : NULL, read_ns);
    } else if (is_unary) {
        client_call_end_late(call, &end);
    }
    client_call_unref(call);
    return NULL;
}

static const char *take_end(
    struct channel_link *link, const struct rpc_frame *frame, uint64_t read_ns)
{
    struct rpc_end end;
    if (!envelope_unpack_end(frame->header, &end)) {
        return "malformed END";
    }
    bool is_refusal =
        end.account.outcome == RPC_OUTCOME_NOT_STARTED && end.status == STATUS_RESOURCE_EXHAUSTED;
    struct rpc_client_call *call = channel_find_call(
        link, frame->call_id, FRAME_LAST, is_refusal ? NEWS_REFUSAL : NEWS_NONE, read_ns);
    if (call == NULL) {
        return NULL;
    }
    client_spans_take(call, frame->type, frame->header, &end, read_ns);
    if (!client_call_attempt_over(call, &end)) {
        client_call_end_late(call, &end);
    }
    client_call_unref(call);
    return NULL;
}

static const char *take_chunk(
    struct channel_link *link, const struct rpc_frame *frame, uint64_t read_ns)
{
    struct rpc_client_call *call =
        channel_find_call(link, frame->call_id, FRAME_MIDDLE, NEWS_NONE, read_ns);
    if (call == NULL) {
        return NULL;
    }
    const char *reason = NULL;
    uint64_t given_back = atomic_exchange(&call->credit_returned, 0);
    call->credit_left += given_back;
    if (frame->payload.len > call->credit_left) {
        reason = "CHUNK beyond the credit given";
    } else {
        call->credit_left -= frame->payload.len;
        if (client_call_enter(call)) {
            call->has_answer = true;
            if (call->events->on_chunk != NULL) {
                call->events->on_chunk(call->arg, frame->payload);
            } else {
                rpc_client_call_consumed(call, frame->payload.len);
            }
            client_call_leave(call, NULL, read_ns);
        }
    }
    client_call_unref(call);
    return reason;
}

static const char *take_progress(
    struct channel_link *link, const struct rpc_frame *frame, uint64_t read_ns)
{
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__Progress *progress = envelope_unpack_progress(&memory, frame->header);
    const char *reason = progress == NULL ? "malformed PROGRESS" : NULL;
    struct rpc_client_call *call = progress == NULL ? NULL
                                                    : channel_find_call(link, frame->call_id,
                                                          FRAME_MIDDLE, NEWS_NONE, read_ns);
    if (call != NULL) {
        client_spans_stage(call, progress->stage, progress->done, progress->total, read_ns);
        if (call->events->on_progress != NULL && client_call_enter(call)) {
            const struct rpc_progress told = {.stage = progress->stage,
                .section = progress->section,
                .page = progress->page,
                .done = progress->done,
                .total = progress->total};
            call->events->on_progress(call->arg, &told);
            client_call_leave(call, NULL, read_ns);
        }
        client_call_unref(call);
    }
    envelope_memory_finish(&memory);
    return reason;
}

/* The server takes no new calls. Those in flight go on; when the last has ended the connection is
 * closed and another one dialled. */
static const char *take_goaway(struct channel_link *link, const struct rpc_frame *frame)
{
    struct rpc_channel *channel = link->channel;
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__GoAway *goaway = envelope_unpack_goaway(&memory, frame->header);
    enum ctx_cause cause = goaway == NULL ? CTX_CAUSE_NONE : ctx_cause_from_wire(goaway->cause);
    envelope_memory_finish(&memory);
    if (goaway == NULL) {
        return "malformed GOAWAY";
    }
    struct rpc_connection *drained = NULL;
    pthread_mutex_lock(&channel->mutex);
    link->is_going_away = true;
    channel_update_link_locked(link);
    if (link->table.n_calls == 0) {
        drained = rpc_connection_ref(link->connection);
    }
    pthread_mutex_unlock(&channel->mutex);
    bool has_cause = cause != CTX_CAUSE_NONE;
    LOG_INFO("rpc.goaway", NULL, log_str("backend", link->address.url),
        log_str("cause", has_cause ? ctx_cause_word(cause) : NULL),
        log_u64_if("cause_hop", has_cause, 1));
    if (drained != NULL) {
        rpc_connection_close(drained, "drained");
        rpc_connection_unref(drained);
    }
    return NULL;
}

static const char *on_frame(void *owner, const struct rpc_frame *frame, uint64_t read_ns)
{
    struct channel_link *link = owner;
    switch (frame->type) {
    case RPC_FRAME_REPLY:
        return take_reply(link, frame, read_ns);
    case RPC_FRAME_CHUNK:
        return take_chunk(link, frame, read_ns);
    case RPC_FRAME_PROGRESS:
        return take_progress(link, frame, read_ns);
    case RPC_FRAME_END:
        return take_end(link, frame, read_ns);
    case RPC_FRAME_GOAWAY:
        return take_goaway(link, frame);
    case RPC_FRAME_HELLO:
    case RPC_FRAME_CALL:
    case RPC_FRAME_CREDIT:
    case RPC_FRAME_CANCEL:
    case RPC_FRAME_PING:
    case RPC_FRAME_PONG:
        break;
    }
    return "a frame type that servers do not send";
}

static void on_nothing(void *owner)
{
    (void)owner;
}

static void on_malformed(void *owner, uint32_t call_id, const char *reason)
{
    (void)owner; /* servers are never stock peers */
    (void)call_id;
    (void)reason;
}

const struct rpc_connection_events CHANNEL_EVENTS = {
    .on_ready = on_ready,
    .on_frame = on_frame,
    .on_malformed = on_malformed,
    .on_batch_end = on_nothing,
    .on_room = on_nothing,
    .on_closed = on_closed,
};
