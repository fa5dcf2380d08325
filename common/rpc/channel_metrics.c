/* The metrics of a channel: how many of its links take calls, looked up before each page. */
#include "obs/metrics.h"
#include "rpc/call_metrics.h"
#include "rpc/channel_internal.h"

static struct metrics_family LINKS = {.name = "walkie_rpc_links",
    .help = "Addresses of backends that this process calls.",
    .kind = METRICS_GAUGE};
static struct metrics_family READY = {.name = "walkie_rpc_links_ready",
    .help = "Addresses of backends that are connected and take calls.",
    .kind = METRICS_GAUGE};
static struct metrics_family IN_FLIGHT = {.name = "walkie_rpc_calls_in_flight",
    .help = "Calls to backends that have not ended.",
    .kind = METRICS_GAUGE};
static struct metrics_family RETRIES = {.name = "walkie_rpc_retries_total",
    .help = "Further attempts of calls, after one that failed.",
    .kind = METRICS_COUNTER};

static void refresh(void *arg)
{
    struct rpc_channel *channel = arg;
    pthread_mutex_lock(&channel->mutex);
    size_t n_links = channel->n_links;
    size_t n_ready = channel->n_ready;
    unsigned int n_calls = channel->n_calls;
    pthread_mutex_unlock(&channel->mutex);
    metrics_set(metrics_child(&LINKS, NULL, NULL, NULL), (int64_t)n_links);
    metrics_set(metrics_child(&READY, NULL, NULL, NULL), (int64_t)n_ready);
    metrics_set(metrics_child(&IN_FLIGHT, NULL, NULL, NULL), n_calls);
}

void channel_metrics_start(struct rpc_channel *channel)
{
    call_metrics_declare();
    (void)metrics_child(&RETRIES, NULL, NULL, NULL);
    metrics_hook_start(&channel->metrics, refresh, channel);
}

void channel_metrics_stop(struct rpc_channel *channel)
{
    metrics_hook_stop(&channel->metrics);
}

void channel_metrics_retry(void)
{
    metrics_add(metrics_child(&RETRIES, NULL, NULL, NULL), 1);
}
