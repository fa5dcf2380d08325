/* An attempt that failed: is another one made, where and when (rpc/retry.h says whether it may be).
 *
 * All of it happens under the call's lock, as a start does: whoever wants to end the call meanwhile
 * waits, and then finds it on its new connection, or pausing on none, or ended. So the caller sees
 * one call. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"

static void describe_unsent(const struct rpc_client_call *call, struct rpc_end *ret_end)
{
    const struct call_unsent *unsent = &call->unsent;
    memset(ret_end, 0, sizeof(*ret_end));
    ret_end->status = unsent->status;
    ret_end->account.outcome = RPC_OUTCOME_NOT_STARTED;
    if (unsent->why != NULL) {
        snprintf(ret_end->message, sizeof(ret_end->message), "%s", unsent->why);
        return;
    }
    uint64_t now_ns = clock_now_ns();
    uint64_t wait_ns = unsent->retry_at_ns > now_ns ? unsent->retry_at_ns - now_ns : 0;
    ret_end->retry_after_ms = wait_ns / CLOCK_MS(1) + RPC_BACKOFF_MIN_MS;
    snprintf(
        ret_end->message, sizeof(ret_end->message), "no connection to %s", call->channel->backends);
}

/* Runs on the timer's thread: a call that could not be sent. */
static void end_unsent(void *arg)
{
    struct rpc_client_call *call = arg;
    pthread_mutex_lock(&call->mutex);
    bool is_ours = !call->is_ended;
    call->is_ended = true;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        struct rpc_end end;
        describe_unsent(call, &end);
        client_call_deliver_end(call, &end);
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

void client_call_fail_soon_locked(struct rpc_client_call *call, struct call_unsent unsent)
{
    call->unsent = unsent;
    start_timer_locked(call, end_unsent, clock_now_ns());
}

/* `end`: of the attempt before. */
static void log_retry(const struct rpc_client_call *call, const struct rpc_end *end,
    unsigned int attempt, uint64_t pause_ns)
{
    const char *cause = end->cause == CTX_CAUSE_NONE ? NULL : ctx_cause_word(end->cause);
    LOG_AT(pause_ns == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "rpc.retry", call->ctx,
        log_str("method", call->method->name), log_u64("attempt", attempt),
        log_str("reason", cause != NULL ? cause : status_name(end->status)),
        log_str("outcome", rpc_outcome_word(end->account.outcome)),
        log_str("backend", pause_ns == 0 ? call->link->address.url : NULL),
        log_ms("pause_ms", pause_ns == 0 ? CLOCK_NEVER : pause_ns));
}

/* Make the next attempt now; `end`: of the one before. Errors: as channel_place_call. */
static enum status try_again_locked(
    struct rpc_client_call *call, const struct channel_wish *wish, const struct rpc_end *end)
{
    uint64_t retry_at_ns;
    call->attempt++;
    call->attempt_at_ns = clock_now_ns();
    enum status status = channel_place_call(call->channel, call, wish, &retry_at_ns);
    if (status != STATUS_OK) {
        call->attempt--;
        return status;
    }
    channel_metrics_retry();
    client_spans_attempt(call);
    log_retry(call, end, call->attempt, 0);
    client_call_send_locked(call, NULL);
    return STATUS_OK;
}

/* Runs on the timer's thread: the pause is over. */
static void pause_over(void *arg)
{
    struct rpc_client_call *call = arg;
    const struct channel_wish anywhere = {.avoided = call->link_number};
    pthread_mutex_lock(&call->mutex);
    /* Its own from here on: another pause may follow. */
    struct rpc_end *end = STEAL(call->paused_end);
    bool is_ours = !call->is_ended && try_again_locked(call, &anywhere, end) != STATUS_OK;
    call->is_ended = call->is_ended || is_ours;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        client_call_deliver_end(call, end);
    }
    free(end);
    client_call_unref(call);
}

/* No link is ready: wait a little for one. False when there is no time for that, or no memory to
 * keep the end for the case that it is in vain: then it is the call's now. */
static bool pause_locked(struct rpc_client_call *call, const struct rpc_end *end)
{
    /* Jittered by what differs between calls: those lost together do not come back in step. */
    uint64_t pause_ns = CLOCK_MS(RPC_RETRY_PAUSE_MS) / 2;
    pause_ns += call->started_ns * UINT64_C(2654435769) % (pause_ns + 1);
    if (channel_is_stopping(call->channel) || ctx_remaining_ns(call->ctx) <= pause_ns) {
        return false;
    }
    call->paused_end = malloc(sizeof(*call->paused_end));
    if (call->paused_end == NULL) {
        return false;
    }
    *call->paused_end = *end;
    log_retry(call, end, call->attempt + 1, pause_ns);
    start_timer_locked(call, pause_over, clock_now_ns() + pause_ns);
    return true;
}

/* Whether a next attempt, after one that ended so, is under way, or will be. */
static bool goes_on_locked(
    struct rpc_client_call *call, enum retry_verdict verdict, const struct rpc_end *end)
{
    if (verdict == RETRY_NO || ctx_err(call->ctx) != STATUS_OK) {
        return false;
    }
    rpc_connection_unref(STEAL(call->connection));
    const struct channel_wish wish = {
        .avoided = call->link_number, .is_strict = verdict == RETRY_ELSEWHERE};
    enum status status = try_again_locked(call, &wish, end);
    return status == STATUS_OK ||
           (status == STATUS_UNAVAILABLE && verdict == RETRY_ANYWHERE && pause_locked(call, end));
}

/* Make the attempt's end that of the whole call, should it not go on. */
static enum retry_verdict judge_locked(struct rpc_client_call *call, struct rpc_end *end)
{
    if (!call->was_queued && end->cause == CTX_CAUSE_PEER_LOST) {
        end->account.outcome = RPC_OUTCOME_NOT_STARTED;
        snprintf(end->message, sizeof(end->message),
            "connection to %s lost before the call was sent", call->link->address.url);
    }
    const struct retry_attempt attempt = {.method = call->method,
        .number = call->attempt,
        .keeps_request = call->keeps_request && !call->is_bound,
        .has_answer = call->has_answer};
    enum retry_verdict verdict = retry_judge(&attempt, end);
    /* A call that may have run once has not "not started". */
    bool was_started = end->account.outcome != RPC_OUTCOME_NOT_STARTED;
    if (!was_started && call->may_have_run) {
        end->account.outcome = RPC_OUTCOME_UNKNOWN;
    }
    call->may_have_run = call->may_have_run || was_started;
    return verdict;
}

bool client_call_attempt_over(struct rpc_client_call *call, const struct rpc_end *end)
{
    struct rpc_end whole_end;
    pthread_mutex_lock(&call->mutex);
    bool is_awaited = !call->is_ended;
    if (is_awaited) {
        assert(!call->is_busy); /* its frames come from one connection at a time */
        whole_end = *end;
        client_spans_end(call, end, clock_now_ns());
        enum retry_verdict verdict = judge_locked(call, &whole_end);
        call->is_ended = !goes_on_locked(call, verdict, &whole_end);
    }
    bool is_ours = is_awaited && call->is_ended;
    pthread_mutex_unlock(&call->mutex);
    if (is_ours) {
        client_call_deliver_end(call, &whole_end);
    }
    return is_awaited;
}
