/* The channel's life, and which of its links take calls. */
#include "rpc/channel.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/channel_internal.h"
#include "rpc/condition.h"

void channel_update_link_locked(struct channel_link *link)
{
    struct rpc_channel *channel = link->channel;
    bool is_ready = link->is_connected && link->is_healthy && !link->is_going_away &&
                    !link->is_closed && !link->is_leaving && !channel->is_stopping;
    if (is_ready == link->is_ready) {
        return;
    }
    link->is_ready = is_ready;
    if (is_ready) {
        link->was_ready = true;
        link->last_error[0] = '\0';
        channel->ready[channel->n_ready++] = link;
    } else {
        for (size_t i = 0; i < channel->n_ready; i++) {
            if (channel->ready[i] == link) {
                channel->ready[i] = channel->ready[--channel->n_ready];
                break;
            }
        }
    }
    atomic_store(&channel->is_ready, channel->n_ready > 0);
    pthread_cond_broadcast(&channel->changed);
}

void channel_count_call(struct rpc_channel *channel)
{
    pthread_mutex_lock(&channel->mutex);
    channel->n_calls++;
    pthread_mutex_unlock(&channel->mutex);
}

void channel_call_over(struct rpc_channel *channel)
{
    pthread_mutex_lock(&channel->mutex);
    channel->n_calls--;
    if (channel->n_calls == 0 && channel->is_stopping) {
        pthread_cond_broadcast(&channel->changed);
    }
    pthread_mutex_unlock(&channel->mutex);
}

bool channel_is_stopping(struct rpc_channel *channel)
{
    pthread_mutex_lock(&channel->mutex);
    bool is_stopping = channel->is_stopping;
    pthread_mutex_unlock(&channel->mutex);
    return is_stopping;
}

enum status rpc_backends_check(const char *backends, struct error *ret_error)
{
    struct rpc_address parsed[RPC_BACKENDS_MAX];
    size_t n_backends = 0;
    return backend_list_parse(backends, parsed, &n_backends, ret_error);
}

/* NULL when out of memory. */
static struct rpc_channel *channel_alloc(const struct rpc_channel_options *options)
{
    struct rpc_channel *channel = calloc(1, sizeof(*channel));
    size_t size = strlen(options->backend) + 1;
    char *backends = malloc(size);
    if (channel == NULL || backends == NULL) {
        free(channel);
        free(backends);
        return NULL;
    }
    memcpy(backends, options->backend, size);
    channel->backends = backends;
    channel->tls = options->tls;
    snprintf(channel->name, sizeof(channel->name), "%s",
        options->name == NULL ? "walkie" : options->name);
    channel->calls_max = options->calls_max == 0 || options->calls_max > RPC_CALLS_MAX_DEFAULT
                             ? RPC_CALLS_MAX_DEFAULT
                             : options->calls_max;
    assert(options->n_interceptors <= RPC_INTERCEPTORS_MAX);
    channel->interceptors = options->interceptors;
    channel->n_interceptors = options->n_interceptors;
    channel->health_every_ns =
        CLOCK_MS(options->health_every_ms == 0 ? RPC_HEALTH_EVERY_MS : options->health_every_ms);
    pthread_mutex_init(&channel->mutex, NULL);
    condition_init(&channel->changed);
    channel->random = clock_now_ns() ^ (uint64_t)(uintptr_t)channel;
    retry_budget_init(&channel->budget);
    return channel;
}

enum status rpc_channel_new(const struct rpc_channel_options *options,
    struct rpc_channel **ret_channel, struct error *ret_error)
{
    struct rpc_address backends[RPC_BACKENDS_MAX];
    size_t n_backends = 0;
    enum status status = backend_list_parse(options->backend, backends, &n_backends, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct rpc_channel *channel = channel_alloc(options);
    if (channel == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (channel->tls != NULL) {
        rpc_tls_log_warnings(channel->tls);
    }
    bool has_names = false;
    for (size_t i = 0; i < n_backends && status == STATUS_OK; i++) {
        if (backend_is_name(&backends[i])) {
            has_names = true;
        } else {
            status = channel_link_add(channel, &backends[i], NULL, ret_error);
        }
    }
    if (status == STATUS_OK && has_names) {
        status = channel_resolver_start(channel, backends, n_backends, ret_error);
    }
    if (status != STATUS_OK) {
        rpc_channel_free(channel);
        return status;
    }
    channel_metrics_start(channel);
    *ret_channel = channel;
    return STATUS_OK;
}

static void stop_links(struct rpc_channel *channel)
{
    pthread_mutex_lock(&channel->mutex);
    channel->is_stopping = true;
    for (size_t i = 0; i < channel->n_links; i++) {
        channel_update_link_locked(channel->links[i]);
    }
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
    for (size_t i = 0; i < channel->n_links; i++) {
        nng_stream_dialer_close(channel->links[i]->dialer);
    }
    for (size_t i = 0; i < channel->n_links; i++) {
        pthread_join(channel->links[i]->thread, NULL); /* it ends the link's calls */
    }
}

void rpc_channel_free(struct rpc_channel *channel)
{
    if (channel == NULL) {
        return;
    }
    channel_metrics_stop(channel);
    channel_resolver_stop(channel->resolver);
    stop_links(channel);
    pthread_mutex_lock(&channel->mutex);
    while (channel->n_calls > 0) {
        pthread_cond_wait(&channel->changed, &channel->mutex);
    }
    pthread_mutex_unlock(&channel->mutex);
    for (size_t i = 0; i < channel->n_links; i++) {
        channel_link_free(channel->links[i]);
    }
    channel_resolver_unref(channel->resolver);
    pthread_mutex_destroy(&channel->mutex);
    pthread_cond_destroy(&channel->changed);
    free(channel->backends);
    free(channel);
}

bool rpc_channel_is_ready(const struct rpc_channel *channel)
{
    return atomic_load(&channel->is_ready);
}

static void wake_waiter(void *arg)
{
    struct rpc_channel *channel = arg;
    pthread_mutex_lock(&channel->mutex);
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
}

enum status rpc_channel_wait_ready(const struct ctx *ctx, struct rpc_channel *channel)
{
    struct ctx_after *after = ctx_after_func(ctx, wake_waiter, channel);
    if (after == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status = STATUS_OK;
    pthread_mutex_lock(&channel->mutex);
    while (!atomic_load(&channel->is_ready) && (status = ctx_err(ctx)) == STATUS_OK) {
        pthread_cond_wait(&channel->changed, &channel->mutex);
    }
    pthread_mutex_unlock(&channel->mutex);
    ctx_stop_wait(after);
    return status;
}

static const char *state_word(const struct channel_link *link)
{
    if (link->connection == NULL) {
        return link->redial_at_ns > 0 ? "waiting" : "dialling";
    }
    if (link->is_leaving || link->is_going_away) {
        return link->is_leaving ? "leaving" : "going_away";
    }
    if (!link->is_connected) {
        return "dialling";
    }
    if (link->is_healthy) {
        return "ready";
    }
    return link->is_unwell ? "unhealthy" : "checking";
}

void rpc_channel_each_link(struct rpc_channel *channel,
    void (*visit)(void *arg, const struct rpc_link_info *info), void *arg)
{
    uint64_t now_ns = clock_now_ns();
    pthread_mutex_lock(&channel->mutex);
    for (size_t i = 0; i < channel->n_links; i++) {
        const struct channel_link *link = channel->links[i];
        struct rpc_link_info info = {.backend = link->backend.url,
            .address = link->address.url,
            .state = state_word(link),
            .n_calls = link->load.n_calls,
            .latency_ns = balance_latency_ns(&link->load, now_ns),
            .is_connected = link->is_connected && !link->is_closed,
            .is_healthy = link->is_healthy,
            .last_error = link->last_error,
            .redial_in_ns = link->redial_at_ns > now_ns ? link->redial_at_ns - now_ns : 0,
            .number = link->number};
        visit(arg, &info);
    }
    pthread_mutex_unlock(&channel->mutex);
    channel_resolver_each_unfound(channel->resolver, visit, arg);
}
