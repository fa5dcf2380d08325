/* The metrics of admission, by class: taken over from what the server counts, before each page. */
#include "obs/metrics.h"
#include "rpc/call_metrics.h"
#include "rpc/server_internal.h"

static struct metrics_family ADMITTED = {.name = "walkie_admission_admitted_total",
    .help = "Calls that were let into their class's queue, or ran at once.",
    .kind = METRICS_COUNTER,
    .labels = {"class"}};
static struct metrics_family REFUSED = {.name = "walkie_admission_refused_total",
    .help = "Calls that were not run: no_room (queue full, evicted, no memory), doomed (they could "
            "not be done in their time), expired (out of time before they began).",
    .kind = METRICS_COUNTER,
    .labels = {"class", "reason"}};
static struct metrics_family COMPLETED = {.name = "walkie_admission_completed_total",
    .help = "Calls that ended well; those that shared their work each. Its rate is the goodput.",
    .kind = METRICS_COUNTER,
    .labels = {"class"}};
static struct metrics_family WASTED = {.name = "walkie_admission_wasted_cpu_seconds_total",
    .help = "CPU time used by handlers after their calls were told to stop.",
    .kind = METRICS_COUNTER,
    .unit = METRICS_SECONDS,
    .labels = {"class"}};
static struct metrics_family RUNNING = {.name = "walkie_admission_running",
    .help = "Calls that a worker runs.",
    .kind = METRICS_GAUGE,
    .labels = {"class"}};
static struct metrics_family RUNNING_MAX = {.name = "walkie_admission_running_max",
    .help = "Calls that may run at once.",
    .kind = METRICS_GAUGE,
    .labels = {"class"}};
static struct metrics_family QUEUED = {.name = "walkie_admission_queued",
    .help = "Calls that wait for their turn.",
    .kind = METRICS_GAUGE,
    .labels = {"class"}};
static struct metrics_family QUEUE_MAX = {.name = "walkie_admission_queue_max",
    .help = "Calls that may wait.",
    .kind = METRICS_GAUGE,
    .labels = {"class"}};
static struct metrics_family WAIT = {.name = "walkie_admission_wait_seconds",
    .help = "From a call's arrival to the moment a worker took it; of those that ran.",
    .kind = METRICS_HISTOGRAM,
    .labels = {"class"},
    .has_exemplars = true};

static void set(struct metrics_family *family, const char *class, const char *reason, uint64_t n)
{
    metrics_set(metrics_child(family, class, reason, NULL), (int64_t)n);
}

static void take_over(void *arg, const struct rpc_class_info *info)
{
    (void)arg;
    set(&ADMITTED, info->name, NULL, info->n_admitted);
    set(&REFUSED, info->name, "no_room", info->n_refused);
    set(&REFUSED, info->name, "doomed", info->n_doomed);
    set(&REFUSED, info->name, "expired", info->n_expired);
    set(&COMPLETED, info->name, NULL, info->n_completed);
    set(&WASTED, info->name, NULL, info->wasted_cpu_ns);
    set(&RUNNING, info->name, NULL, info->n_running);
    set(&RUNNING_MAX, info->name, NULL, info->max_running);
    set(&QUEUED, info->name, NULL, info->n_queued);
    set(&QUEUE_MAX, info->name, NULL, info->queue_max);
}

static void refresh(void *arg)
{
    rpc_server_each_class(arg, take_over, NULL);
}

static void find_wait(void *arg, const struct rpc_class_info *info)
{
    struct rpc_server *server = arg;
    server->class_counts[server->n_class_waits++].wait =
        metrics_child(&WAIT, info->name, NULL, NULL);
}

void server_metrics_start(struct rpc_server *server)
{
    call_metrics_declare();
    for (size_t i = 0; i < server->options.n_bindings; i++) {
        call_metrics_declare_method(server->options.bindings[i].method);
    }
    rpc_server_each_class(server, find_wait, server);
    metrics_hook_start(&server->metrics, refresh, server);
}

void server_metrics_stop(struct rpc_server *server)
{
    metrics_hook_stop(&server->metrics);
}
