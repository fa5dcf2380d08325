/* The health check of a link: a call like any other, bound to that link, with a deadline. Its
 * answer decides whether the link takes calls; a new connection takes none before the first one. */
#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel_internal.h"
#include "rpc/health.h"
#include "walkie/rpc/v1/health.pb-c.h"

static void on_reply(void *arg, struct bytes message)
{
    struct channel_link *link = arg;
    Walkie__Rpc__V1__HealthCheckReply *reply =
        walkie__rpc__v1__health_check_reply__unpack(NULL, message.len, message.data);
    link->check.is_serving =
        reply != NULL && reply->status == WALKIE__RPC__V1__SERVING_STATUS__SERVING_STATUS_SERVING;
    walkie__rpc__v1__health_check_reply__free_unpacked(reply, NULL);
}

/* A server that has no such method, or no room for another call, is not unwell for that. */
static bool is_well(const struct channel_link *link, enum status status)
{
    if (status == STATUS_OK) {
        return link->check.is_serving;
    }
    return status == STATUS_UNIMPLEMENTED || status == STATUS_RESOURCE_EXHAUSTED;
}

/* One line when a server becomes unwell, one when it is well again. */
static void log_change(const struct channel_link *link, bool is_well, enum status status)
{
    if (is_well) {
        LOG_INFO("rpc.healthy", NULL, log_str("backend", link->address.url));
    } else {
        LOG_WARN("rpc.unhealthy", NULL, log_str("backend", link->address.url),
            log_str("reason", status == STATUS_OK ? "it says NOT_SERVING" : status_text(status)));
    }
}

/* Runs on whatever thread ended the call. The link may be freed once is_checking is false. */
static void conclude(struct channel_link *link, enum status status)
{
    struct rpc_channel *channel = link->channel;
    bool is_well_now = is_well(link, status);
    pthread_mutex_lock(&channel->mutex);
    bool is_news = false;
    if (link->is_connected && !link->is_closed && !channel->is_stopping) {
        is_news = is_well_now == link->is_unwell;
        link->is_unwell = !is_well_now;
        link->is_healthy = is_well_now;
        channel_update_link_locked(link);
    }
    pthread_mutex_unlock(&channel->mutex);
    if (is_news) {
        log_change(link, is_well_now, status);
    }
    uint64_t pause_ns = is_well_now ? channel->health_every_ns : CLOCK_MS(RPC_HEALTH_AGAIN_MS);
    pthread_mutex_lock(&channel->mutex);
    link->check_at_ns = clock_now_ns() + pause_ns;
    link->is_checking = false;
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->mutex);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct channel_link *link = arg;
    ctx_scope_end(STEAL(link->check.scope));
    conclude(link, end->status);
}

static const struct rpc_call_events CHECK_EVENTS = {.on_reply = on_reply, .on_end = on_end};

void channel_check_link(struct channel_link *link)
{
    Walkie__Rpc__V1__HealthCheckRequest request = WALKIE__RPC__V1__HEALTH_CHECK_REQUEST__INIT;
    struct client_call_start start = {.channel = link->channel,
        .only = link->number,
        .is_check = true,
        .method = &RPC_HEALTH_CHECK,
        .request = &request.base,
        .events = &CHECK_EVENTS,
        .arg = link};
    link->check.is_serving = false;
    link->check.scope = ctx_with_timeout(ctx_background(), CTX_MS(RPC_HEALTH_TIMEOUT_MS));
    const struct ctx *ctx = ctx_ref(link->check.scope->ctx);
    enum status status = client_call_start(ctx, &start, NULL);
    ctx_unref(ctx);
    if (status != STATUS_OK) {
        ctx_scope_end(STEAL(link->check.scope));
        conclude(link, status);
    }
}
