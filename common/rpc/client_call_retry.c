/* An attempt that failed: is another one made, where and when (rpc/retry.h says whether it may be).
 *
 * All of it happens under the call's lock, as a start does: whoever wants to end the call meanwhile
 * waits, and then finds it on its new connection, or pausing on none, or ended. So the caller sees
 * one call. */
#include <assert.h>
#include <stdio.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"

/* Runs on the timer's thread: a call that could not be sent. */
static void end_unsent(void *arg)
{
    struct rpc_client_call *call = arg;
    pthread_mutex_lock(&call->mutex);
    bool is_ours = !call->is_ended;
    call->is_ended = true;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        client_call_deliver_end(call);
    }
    client_call_unref(call);
}

static void start_timer_locked(
    struct rpc_client_call *call, ctx_timer_fn *function, uint64_t due_ns)
{
    client_call_ref(call);
    if (!call->is_timer_started) { /* a second pause may begin while the first one's end still runs
                                    */
        ctx_timer_init(&call->timer, function, call);
        call->is_timer_started = true;
    }
    ctx_timer_start(&call->timer, due_ns);
}

void client_call_fail_soon_locked(struct rpc_client_call *call, uint64_t retry_at_ns)
{
    uint64_t now_ns = clock_now_ns();
    uint64_t wait_ns = retry_at_ns > now_ns ? retry_at_ns - now_ns : 0;
    call->end.status = STATUS_UNAVAILABLE;
    call->end.retry_after_ms = wait_ns / CLOCK_MS(1) + RPC_BACKOFF_MIN_MS;
    call->end.account.outcome = RPC_OUTCOME_NOT_STARTED;
    snprintf(call->end.message, sizeof(call->end.message), "no connection to %s",
        call->channel->backends);
    start_timer_locked(call, end_unsent, now_ns);
}

void client_call_end_soon_locked(struct rpc_client_call *call)
{
    start_timer_locked(call, end_unsent, clock_now_ns());
}

static void log_retry(const struct rpc_client_call *call, unsigned int attempt, uint64_t pause_ns)
{
    const struct rpc_end *end = &call->end; /* of the attempt before */
    const char *cause = end->cause == CTX_CAUSE_NONE ? NULL : ctx_cause_word(end->cause);
    LOG_AT(pause_ns == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "rpc.retry", call->ctx,
        log_str("method", call->method->name), log_u64("attempt", attempt),
        log_str("reason", cause != NULL ? cause : status_name(end->status)),
        log_str("outcome", rpc_outcome_word(end->account.outcome)),
        log_str("backend", pause_ns == 0 ? call->link->address.url : NULL),
        log_ms("pause_ms", pause_ns == 0 ? CLOCK_NEVER : pause_ns));
}

/* Make the next attempt now. Errors: as channel_place_call. */
static enum status try_again_locked(struct rpc_client_call *call, const struct channel_wish *wish)
{
    uint64_t retry_at_ns;
    call->attempt++;
    call->attempt_at_ns = clock_now_ns();
    enum status status = channel_place_call(call->channel, call, wish, &retry_at_ns);
    if (status != STATUS_OK) {
        call->attempt--;
        return status;
    }
    log_retry(call, call->attempt, 0);
    client_call_send_locked(call, NULL);
    return STATUS_OK;
}

/* Runs on the timer's thread: the pause is over. */
static void pause_over(void *arg)
{
    struct rpc_client_call *call = arg;
    const struct channel_wish anywhere = {.avoided = call->link_number};
    pthread_mutex_lock(&call->mutex);
    bool is_ours = !call->is_ended && try_again_locked(call, &anywhere) != STATUS_OK;
    call->is_ended = call->is_ended || is_ours;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        client_call_deliver_end(call); /* with the end of the attempt before */
    }
    client_call_unref(call);
}

/* No link is ready: wait a little for one. False when there is no time for that. */
static bool pause_locked(struct rpc_client_call *call)
{
    /* Jittered by what differs between calls: those lost together do not come back in step. */
    uint64_t pause_ns = CLOCK_MS(RPC_RETRY_PAUSE_MS) / 2;
    pause_ns += call->started_ns * UINT64_C(2654435769) % (pause_ns + 1);
    if (channel_is_stopping(call->channel) || ctx_remaining_ns(call->ctx) <= pause_ns) {
        return false;
    }
    log_retry(call, call->attempt + 1, pause_ns);
    start_timer_locked(call, pause_over, clock_now_ns() + pause_ns);
    return true;
}

/* Whether a next attempt is under way, or will be. */
static bool goes_on_locked(struct rpc_client_call *call, enum retry_verdict verdict)
{
    if (verdict == RETRY_NO || ctx_err(call->ctx) != STATUS_OK) {
        return false;
    }
    rpc_connection_unref(STEAL(call->connection));
    const struct channel_wish wish = {
        .avoided = call->link_number, .is_strict = verdict == RETRY_ELSEWHERE};
    enum status status = try_again_locked(call, &wish);
    return status == STATUS_OK ||
           (status == STATUS_UNAVAILABLE && verdict == RETRY_ANYWHERE && pause_locked(call));
}

/* Keep how the attempt ended, as far as it is the end of the whole call. */
static enum retry_verdict judge_locked(struct rpc_client_call *call, const struct rpc_end *end)
{
    call->end = *end;
    if (!call->was_queued && end->cause == CTX_CAUSE_PEER_LOST) {
        call->end.account.outcome = RPC_OUTCOME_NOT_STARTED;
        snprintf(call->end.message, sizeof(call->end.message),
            "connection to %s lost before the call was sent", call->link->address.url);
    }
    const struct retry_attempt attempt = {.method = call->method,
        .number = call->attempt,
        .keeps_request = call->keeps_request && !call->is_check,
        .has_answer = call->has_answer};
    enum retry_verdict verdict = retry_judge(&attempt, &call->end);
    /* A call that may have run once has not "not started". */
    bool was_started = call->end.account.outcome != RPC_OUTCOME_NOT_STARTED;
    if (!was_started && call->may_have_run) {
        call->end.account.outcome = RPC_OUTCOME_UNKNOWN;
    }
    call->may_have_run = call->may_have_run || was_started;
    return verdict;
}

bool client_call_attempt_over(struct rpc_client_call *call, const struct rpc_end *end)
{
    pthread_mutex_lock(&call->mutex);
    bool is_awaited = !call->is_ended;
    if (is_awaited) {
        assert(!call->is_busy); /* its frames come from one connection at a time */
        call->is_ended = !goes_on_locked(call, judge_locked(call, end));
    }
    bool is_ours = is_awaited && call->is_ended;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        client_call_deliver_end(call);
    }
    return is_awaited;
}
