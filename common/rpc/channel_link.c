/* A link's thread: dials, waits until the connection is lost, reaps it, tells every call on it,
 * waits a little, dials again. Being a thread of its own it may block where nng's callbacks may
 * not, no link waits for another one's dial, and the whole life of a link can be read from top to
 * bottom here. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"
#include "rpc/condition.h"

/* NULL when it failed. */
static nng_stream *dial(struct channel_link *link, const char **ret_reason)
{
    transport_dialer_renew(
        link->dialer, link->channel->tls, link->backend.host, &link->tls_version);
    nng_stream_dialer_dial(link->dialer, link->dial_aio);
    nng_aio_wait(link->dial_aio);
    int result = nng_aio_result(link->dial_aio);
    *ret_reason = nng_strerror(result);
    return result == 0 ? nng_aio_get_output(link->dial_aio, 0) : NULL;
}

/* Between half of the delay and all of it: many clients of one server must not redial in step. */
static uint64_t jittered(struct channel_link *link, uint64_t delay_ns)
{
    link->random ^= link->random << 13;
    link->random ^= link->random >> 7;
    link->random ^= link->random << 17;
    return delay_ns / 2 + link->random % (delay_ns / 2 + 1);
}

static bool must_end_locked(const struct channel_link *link)
{
    bool has_left = link->is_leaving && link->table.n_calls == 0;
    return link->is_closed || link->channel->is_stopping || has_left;
}

static bool is_check_due_locked(const struct channel_link *link)
{
    return link->is_connected && !link->is_checking && !link->is_going_away && !link->is_leaving &&
           clock_now_ns() >= link->check_at_ns;
}

/* Until the connection is lost, or is not wanted any more; the server is asked how it is meanwhile.
 */
static void watch_connection(struct channel_link *link)
{
    struct rpc_channel *channel = link->channel;
    pthread_mutex_lock(&channel->mutex);
    while (!must_end_locked(link)) {
        if (is_check_due_locked(link)) {
            link->is_checking = true;
            pthread_mutex_unlock(&channel->mutex);
            channel_check_link(link);
            pthread_mutex_lock(&channel->mutex);
            continue;
        }
        bool waits_for_check = link->is_connected && !link->is_checking && !link->is_going_away;
        (void)condition_wait_until(
            &channel->changed, &channel->mutex, waits_for_check ? link->check_at_ns : CLOCK_NEVER);
    }
    pthread_mutex_unlock(&channel->mutex);
}

/* Publish the connection, start it, and wait until it is lost or the channel stops. Returns whether
 * it became ready. */
static bool use_connection(struct channel_link *link, struct rpc_connection *connection)
{
    struct rpc_channel *channel = link->channel;
    pthread_mutex_lock(&channel->mutex);
    link->connection = connection;
    link->is_connected = false;
    link->is_healthy = false;
    link->is_unwell = false;
    link->is_going_away = false;
    link->is_closed = false;
    link->was_ready = false;
    link->check_at_ns = 0;
    link->redial_at_ns = 0;
    pthread_mutex_unlock(&channel->mutex);

    rpc_connection_start(connection);
    watch_connection(link);
    rpc_connection_close(connection, "the link is not wanted any more");
    /* Another thread may be closing it: only after on_closed has it let go of the stream. */
    pthread_mutex_lock(&channel->mutex);
    while (!link->is_closed) {
        pthread_cond_wait(&channel->changed, &channel->mutex);
    }
    pthread_mutex_unlock(&channel->mutex);
    rpc_connection_reap(connection);
    pthread_mutex_lock(&channel->mutex);
    bool was_ready = link->was_ready;
    pthread_mutex_unlock(&channel->mutex);
    return was_ready;
}

/* Every call that is in flight, or given up and without END, is told that there will be none; those
 * that may be made again are. */
static unsigned int end_calls(struct channel_link *link, bool is_stopping)
{
    struct rpc_end end = {.account = {.outcome = RPC_OUTCOME_UNKNOWN}};
    end.status = is_stopping ? STATUS_CANCELLED : STATUS_UNAVAILABLE;
    end.cause = is_stopping ? CTX_CAUSE_CANCELLED : CTX_CAUSE_PEER_LOST;
    if (is_stopping) {
        snprintf(end.message, sizeof(end.message), "the channel was closed");
    } else {
        snprintf(end.message, sizeof(end.message), "connection to %s lost; outcome unknown",
            link->address.url);
    }
    unsigned int n_calls = 0;
    uint32_t at = 0;
    struct rpc_client_call *call;
    while ((call = channel_take_next_call(link, &at)) != NULL) {
        n_calls += !call->is_check;
        if (!client_call_attempt_over(call, &end)) {
            client_call_end_late(call, &end);
        }
        client_call_unref(call);
    }
    return n_calls;
}

/* Wait until it is time to dial again. False when the link ends; then its check has ended too. */
static bool wait_to_redial(struct channel_link *link, uint64_t at_ns)
{
    struct rpc_channel *channel = link->channel;
    pthread_mutex_lock(&channel->mutex);
    while (!channel->is_stopping && !link->is_leaving &&
           condition_wait_until(&channel->changed, &channel->mutex, at_ns)) {
    }
    while (link->is_checking) {
        pthread_cond_wait(&channel->changed, &channel->mutex);
    }
    bool goes_on = !channel->is_stopping && !link->is_leaving;
    link->redial_at_ns = 0;
    link->is_over = !goes_on;
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
    return goes_on;
}

/* Forget the connection; from here on it takes no calls. Returns whether the channel stops. */
static bool forget_connection(struct channel_link *link, uint64_t redial_at_ns, const char *reason)
{
    struct rpc_channel *channel = link->channel;
    pthread_mutex_lock(&channel->mutex);
    link->connection = NULL;
    link->is_connected = false;
    link->is_healthy = false;
    link->redial_at_ns = redial_at_ns;
    snprintf(link->last_error, sizeof(link->last_error), "%s", reason);
    bool is_stopping = channel->is_stopping;
    pthread_mutex_unlock(&channel->mutex);
    return is_stopping;
}

static struct rpc_connection *connect_once(
    struct channel_link *link, bool *ret_was_ready, const char **ret_reason)
{
    nng_stream *stream = dial(link, ret_reason);
    if (stream == NULL) {
        return NULL;
    }
    struct rpc_connection_options options = {.events = &CHANNEL_EVENTS,
        .owner = link,
        .side = RPC_SIDE_CLIENT,
        .transport = link->address.transport,
        .tls = link->channel->tls,
        .name = link->channel->name,
        .calls_max = link->channel->calls_max};
    struct rpc_connection *connection = rpc_connection_new(stream, &options);
    if (connection == NULL) {
        *ret_reason = "out of memory";
        return NULL;
    }
    *ret_was_ready = use_connection(link, connection);
    *ret_reason = rpc_connection_close_reason(connection);
    return connection;
}

/* One line when a connection was lost, one when a series of failed dials begins. */
static void log_loss(struct channel_link *link, bool was_ready, bool is_first_failure,
    unsigned int n_calls, const char *reason, uint64_t delay_ns)
{
    if (was_ready) {
        LOG_WARN("rpc.lost", NULL, log_str("backend", link->address.url),
            log_u64("n_calls", n_calls), log_str("reason", reason),
            log_ms("redial_in_ms", delay_ns));
    } else {
        LOG_AT(is_first_failure ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "rpc.dial_failed", NULL,
            log_str("backend", link->address.url), log_str("reason", reason),
            log_ms("redial_in_ms", delay_ns));
    }
}

static void *link_main(void *arg)
{
    struct channel_link *link = arg;
    const uint64_t backoff_min_ns = CLOCK_MS(RPC_BACKOFF_MIN_MS);
    const uint64_t backoff_max_ns = CLOCK_MS(RPC_BACKOFF_MAX_MS);
    uint64_t backoff_ns = backoff_min_ns;
    bool goes_on = true;
    while (goes_on) {
        const char *reason = NULL;
        bool was_ready = false;
        struct rpc_connection *connection = connect_once(link, &was_ready, &reason);
        uint64_t delay_ns = jittered(link, was_ready ? backoff_min_ns : backoff_ns);
        uint64_t redial_at_ns = clock_now_ns() + delay_ns;
        bool is_stopping = forget_connection(link, redial_at_ns, reason);
        unsigned int n_calls = end_calls(link, is_stopping);
        if (!is_stopping) {
            log_loss(link, was_ready, backoff_ns == backoff_min_ns, n_calls, reason, delay_ns);
        }
        rpc_connection_unref(connection);
        channel_resolve_again(link);
        backoff_ns = was_ready ? backoff_min_ns : backoff_ns * 2;
        backoff_ns = backoff_ns < backoff_max_ns ? backoff_ns : backoff_max_ns;
        goes_on = wait_to_redial(link, redial_at_ns);
    }
    return NULL;
}

void channel_link_free(struct channel_link *link)
{
    if (link == NULL) {
        return;
    }
    nng_aio_free(link->dial_aio);
    if (link->dialer != NULL) {
        nng_stream_dialer_free(link->dialer);
    }
    call_table_finish(&link->table);
    free(link);
}

static enum status link_new(struct rpc_channel *channel, const struct rpc_address *backend,
    const char *literal, struct channel_link **ret_link, struct error *ret_error)
{
    struct channel_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    link->channel = channel;
    link->backend = *backend;
    link->address = *backend;
    if (literal != NULL) {
        backend_at(backend, literal, &link->address);
    }
    link->random = clock_now_ns() ^ (uint64_t)(uintptr_t)link;
    /* The certificate bears the name, not the address that it was looked up as. */
    enum status status =
        transport_dialer_new(&link->address, channel->tls, backend->host, &link->dialer, ret_error);
    if (status == STATUS_OK && (call_table_init(&link->table, channel->calls_max) != STATUS_OK ||
                                   nng_aio_alloc(&link->dial_aio, NULL, NULL) != 0)) {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (status != STATUS_OK) {
        channel_link_free(link);
        return status;
    }
    *ret_link = link;
    return STATUS_OK;
}

enum status channel_link_add(struct rpc_channel *channel, const struct rpc_address *backend,
    const char *literal, struct error *ret_error)
{
    struct channel_link *link = NULL;
    enum status status = link_new(channel, backend, literal, &link, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    pthread_mutex_lock(&channel->mutex);
    bool has_room = channel->n_links < (size_t)RPC_LINKS_MAX;
    link->number = ++channel->last_number;
    link->has_thread = has_room && pthread_create(&link->thread, NULL, link_main, link) == 0;
    if (link->has_thread) {
        channel->links[channel->n_links++] = link;
    }
    pthread_mutex_unlock(&channel->mutex);
    if (!link->has_thread) {
        error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: %s", link->address.url,
            has_room ? "no thread to dial with" : "too many addresses");
        channel_link_free(link);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    return STATUS_OK;
}
