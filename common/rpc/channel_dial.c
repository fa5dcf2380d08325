/* The channel's thread: dials, waits until the connection is lost, reaps it, tells every call in
 * flight, waits a little, dials again. Being a thread of its own it may block where nng's callbacks
 * may not, and the whole life of a channel can be read from top to bottom here. */
#include <stdio.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"
#include "rpc/condition.h"

/* NULL when it failed. */
static nng_stream *dial(struct rpc_channel *channel, const char **ret_reason)
{
    nng_stream_dialer_dial(channel->dialer, channel->dial_aio);
    nng_aio_wait(channel->dial_aio);
    int result = nng_aio_result(channel->dial_aio);
    *ret_reason = nng_strerror(result);
    return result == 0 ? nng_aio_get_output(channel->dial_aio, 0) : NULL;
}

/* Between half of the delay and all of it: many clients of one server must not redial in step. */
static uint64_t jittered(struct rpc_channel *channel, uint64_t delay_ns)
{
    channel->random ^= channel->random << 13;
    channel->random ^= channel->random >> 7;
    channel->random ^= channel->random << 17;
    return delay_ns / 2 + channel->random % (delay_ns / 2 + 1);
}

/* Publish the connection, start it, and wait until it is lost or the channel stops. Returns whether
 * it became ready. */
static bool use_connection(struct rpc_channel *channel, struct rpc_connection *connection)
{
    pthread_mutex_lock(&channel->mutex);
    channel->connection = connection;
    channel->is_closed = false;
    channel->was_ready = false;
    channel->is_going_away = false;
    channel->redial_at_ns = 0;
    pthread_mutex_unlock(&channel->mutex);

    rpc_connection_start(connection);
    pthread_mutex_lock(&channel->mutex);
    while (!channel->is_closed && !channel->is_stopping) {
        pthread_cond_wait(&channel->changed, &channel->mutex);
    }
    pthread_mutex_unlock(&channel->mutex);
    rpc_connection_close(connection, "the channel is freed");
    /* Another thread may be closing it: only after on_closed has it let go of the stream. */
    pthread_mutex_lock(&channel->mutex);
    while (!channel->is_closed) {
        pthread_cond_wait(&channel->changed, &channel->mutex);
    }
    pthread_mutex_unlock(&channel->mutex);
    rpc_connection_reap(connection);
    pthread_mutex_lock(&channel->mutex);
    bool was_ready = channel->was_ready;
    pthread_mutex_unlock(&channel->mutex);
    return was_ready;
}

/* Every call that is in flight, or given up and without END, is told that there will be none. */
static unsigned int end_calls(struct rpc_channel *channel, bool is_stopping)
{
    struct rpc_end end = {.account = {.outcome = RPC_OUTCOME_UNKNOWN}};
    end.status = is_stopping ? STATUS_CANCELLED : STATUS_UNAVAILABLE;
    end.cause = is_stopping ? CTX_CAUSE_CANCELLED : CTX_CAUSE_PEER_LOST;
    if (is_stopping) {
        snprintf(end.message, sizeof(end.message), "the channel was closed");
    } else {
        snprintf(end.message, sizeof(end.message), "connection to %s lost; outcome unknown",
            channel->backend);
    }
    unsigned int n_calls = 0;
    struct rpc_client_call *call;
    while ((call = channel_take_any_call(channel)) != NULL) {
        n_calls++;
        client_call_finish(call, &end);
        client_call_unref(call);
    }
    return n_calls;
}

/* Wait until it is time to dial again. False when the channel stops. */
static bool wait_to_redial(struct rpc_channel *channel, uint64_t at_ns)
{
    pthread_mutex_lock(&channel->mutex);
    while (
        !channel->is_stopping && condition_wait_until(&channel->changed, &channel->mutex, at_ns)) {
    }
    bool goes_on = !channel->is_stopping;
    pthread_mutex_unlock(&channel->mutex);
    return goes_on;
}

/* Forget the connection; from here on calls fail at once, with the time of the next dial. Returns
 * whether the channel stops. */
static bool forget_connection(struct rpc_channel *channel, uint64_t redial_at_ns)
{
    pthread_mutex_lock(&channel->mutex);
    channel->connection = NULL;
    channel->redial_at_ns = redial_at_ns;
    bool is_stopping = channel->is_stopping;
    pthread_mutex_unlock(&channel->mutex);
    return is_stopping;
}

static struct rpc_connection *connect_once(
    struct rpc_channel *channel, bool *ret_was_ready, const char **ret_reason)
{
    nng_stream *stream = dial(channel, ret_reason);
    if (stream == NULL) {
        return NULL;
    }
    struct rpc_connection_options options = {.events = &CHANNEL_EVENTS,
        .owner = channel,
        .side = RPC_SIDE_CLIENT,
        .transport = channel->address.transport,
        .tls = channel->tls,
        .name = channel->name,
        .calls_max = channel->calls_max};
    struct rpc_connection *connection = rpc_connection_new(stream, &options);
    if (connection == NULL) {
        *ret_reason = "out of memory";
        return NULL;
    }
    *ret_was_ready = use_connection(channel, connection);
    *ret_reason = rpc_connection_close_reason(connection);
    return connection;
}

/* One line when a connection was lost, one when a series of failed dials begins. */
static void log_loss(struct rpc_channel *channel, bool was_ready, bool is_first_failure,
    unsigned int n_calls, const char *reason, uint64_t delay_ns)
{
    if (was_ready) {
        LOG_WARN("rpc.lost", NULL, log_str("backend", channel->backend),
            log_u64("n_calls", n_calls), log_str("reason", reason),
            log_ms("redial_in_ms", delay_ns));
    } else {
        LOG_AT(is_first_failure ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "rpc.dial_failed", NULL,
            log_str("backend", channel->backend), log_str("reason", reason),
            log_ms("redial_in_ms", delay_ns));
    }
}

void *channel_main(void *arg)
{
    struct rpc_channel *channel = arg;
    const uint64_t backoff_min_ns = CLOCK_MS(RPC_BACKOFF_MIN_MS);
    const uint64_t backoff_max_ns = CLOCK_MS(RPC_BACKOFF_MAX_MS);
    uint64_t backoff_ns = backoff_min_ns;
    bool goes_on = true;
    while (goes_on) {
        const char *reason = NULL;
        bool was_ready = false;
        struct rpc_connection *connection = connect_once(channel, &was_ready, &reason);
        uint64_t delay_ns = jittered(channel, was_ready ? backoff_min_ns : backoff_ns);
        uint64_t redial_at_ns = clock_now_ns() + delay_ns;
        bool is_stopping = forget_connection(channel, redial_at_ns);
        unsigned int n_calls = end_calls(channel, is_stopping);
        if (!is_stopping) {
            log_loss(channel, was_ready, backoff_ns == backoff_min_ns, n_calls, reason, delay_ns);
        }
        rpc_connection_unref(connection);
        backoff_ns = was_ready ? backoff_min_ns : backoff_ns * 2;
        backoff_ns = backoff_ns < backoff_max_ns ? backoff_ns : backoff_max_ns;
        goes_on = wait_to_redial(channel, redial_at_ns);
    }
    return NULL;
}
