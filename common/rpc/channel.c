/* The channel's life and its table of calls. A call id is a slot and which use of the slot it is,
 * so that a lookup is an index and a late frame for an earlier use finds nothing. */
#include "rpc/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/channel_internal.h"
#include "rpc/condition.h"

#define SLOT_MASK ((UINT32_C(1) << CHANNEL_SLOT_BITS) - 1)
#define GENERATION_MASK ((UINT32_C(1) << CHANNEL_GENERATION_BITS) - 1)
#define SLOT_NONE UINT32_MAX

static uint32_t id_of(uint32_t slot, uint32_t generation)
{
    return RPC_CALL_ID_TOP | generation << CHANNEL_SLOT_BITS | slot;
}

enum status channel_add_call(
    struct rpc_channel *channel, struct rpc_client_call *call, uint64_t *ret_retry_ns)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&channel->mutex);
    if (!atomic_load(&channel->is_ready)) {
        status = STATUS_UNAVAILABLE;
        *ret_retry_ns = channel->redial_at_ns;
        channel->n_calls++;
    } else if (channel->n_in_table >= channel->calls_limit) {
        status = STATUS_RESOURCE_EXHAUSTED;
    } else {
        uint32_t index = channel->first_free;
        struct call_slot *slot = &channel->slots[index];
        channel->first_free = slot->next_free;
        slot->generation = slot->generation == GENERATION_MASK ? 1 : slot->generation + 1;
        slot->call = call;
        call->id = id_of(index, slot->generation);
        call->connection = rpc_connection_ref(channel->connection);
        channel->n_in_table++;
        channel->n_calls++;
    }
    pthread_mutex_unlock(&channel->mutex);
    return status;
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

static struct rpc_client_call *take_slot_locked(struct rpc_channel *channel, uint32_t index)
{
    struct call_slot *slot = &channel->slots[index];
    struct rpc_client_call *call = STEAL(slot->call);
    slot->next_free = channel->first_free;
    channel->first_free = index;
    channel->n_in_table--;
    return call;
}

struct rpc_client_call *channel_find_call(
    struct rpc_channel *channel, uint32_t call_id, enum frame_place place)
{
    uint32_t index = call_id & SLOT_MASK;
    struct rpc_client_call *call = NULL;
    struct rpc_connection *drained = NULL;
    pthread_mutex_lock(&channel->mutex);
    if (index < channel->calls_max && channel->slots[index].call != NULL &&
        channel->slots[index].call->id == call_id) {
        call = channel->slots[index].call;
        bool is_unary = call->method->kind == RPC_UNARY;
        if (place == FRAME_MIDDLE || (place == FRAME_LAST_OF_UNARY && !is_unary)) {
            atomic_fetch_add_explicit(&call->references, 1, memory_order_relaxed);
        } else {
            take_slot_locked(channel, index);
            bool is_drained = channel->is_going_away && channel->n_in_table == 0;
            drained = is_drained ? rpc_connection_ref(channel->connection) : NULL;
        }
    }
    pthread_mutex_unlock(&channel->mutex);
    if (drained != NULL) {
        rpc_connection_close(drained, "drained");
        rpc_connection_unref(drained);
    }
    return call;
}

struct rpc_client_call *channel_take_any_call(struct rpc_channel *channel)
{
    struct rpc_client_call *call = NULL;
    pthread_mutex_lock(&channel->mutex);
    for (uint32_t i = 0; channel->n_in_table > 0 && i < channel->calls_max; i++) {
        if (channel->slots[i].call != NULL) {
            call = take_slot_locked(channel, i);
            break;
        }
    }
    pthread_mutex_unlock(&channel->mutex);
    return call;
}

static void channel_destroy(struct rpc_channel *channel)
{
    nng_aio_free(channel->dial_aio);
    if (channel->dialer != NULL) {
        nng_stream_dialer_free(channel->dialer);
    }
    pthread_mutex_destroy(&channel->mutex);
    pthread_cond_destroy(&channel->changed);
    free(channel->slots);
    free(channel);
}

static enum status channel_prepare(
    struct rpc_channel *channel, const struct rpc_channel_options *options, struct error *ret_error)
{
    enum status status = rpc_address_parse(options->backend, &channel->address, ret_error);
    if (status == STATUS_OK) {
        status = transport_dialer_new(
            &channel->address, options->tls, channel->address.host, &channel->dialer, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(channel->backend, sizeof(channel->backend), "%s", options->backend);
    channel->tls = options->tls;
    if (channel->tls != NULL) {
        rpc_tls_log_warnings(channel->tls);
    }
    snprintf(channel->name, sizeof(channel->name), "%s",
        options->name == NULL ? "walkie" : options->name);
    channel->calls_max = options->calls_max == 0 || options->calls_max > RPC_CALLS_MAX_DEFAULT
                             ? RPC_CALLS_MAX_DEFAULT
                             : options->calls_max;
    channel->slots = calloc(channel->calls_max, sizeof(*channel->slots));
    if (channel->slots == NULL || nng_aio_alloc(&channel->dial_aio, NULL, NULL) != 0) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    for (uint32_t i = 0; i < channel->calls_max; i++) {
        channel->slots[i].next_free = i + 1 < channel->calls_max ? i + 1 : SLOT_NONE;
    }
    return STATUS_OK;
}

enum status rpc_channel_new(const struct rpc_channel_options *options,
    struct rpc_channel **ret_channel, struct error *ret_error)
{
    struct rpc_channel *channel = calloc(1, sizeof(*channel));
    if (channel == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    pthread_mutex_init(&channel->mutex, NULL);
    condition_init(&channel->changed);
    channel->random = clock_now_ns() ^ (uint64_t)(uintptr_t)channel;
    enum status status = channel_prepare(channel, options, ret_error);
    if (status == STATUS_OK) {
        channel->has_thread = pthread_create(&channel->thread, NULL, channel_main, channel) == 0;
        if (!channel->has_thread) {
            status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no thread to dial with");
        }
    }
    if (status != STATUS_OK) {
        channel_destroy(channel);
        return status;
    }
    *ret_channel = channel;
    return STATUS_OK;
}

void rpc_channel_free(struct rpc_channel *channel)
{
    if (channel == NULL) {
        return;
    }
    pthread_mutex_lock(&channel->mutex);
    channel->is_stopping = true;
    atomic_store(&channel->is_ready, false);
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
    nng_stream_dialer_close(channel->dialer);
    pthread_join(channel->thread, NULL); /* it ends the calls */
    pthread_mutex_lock(&channel->mutex);
    while (channel->n_calls > 0) {
        pthread_cond_wait(&channel->changed, &channel->mutex);
    }
    pthread_mutex_unlock(&channel->mutex);
    channel_destroy(channel);
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
