/* What became of the calls of each class: counted as they end, and shown together with what
 * admission counts. The one source of /debug/admission's sums, of walkie.rpc.v1.Debug/ListClasses
 * and of the metrics by class. */
#include "base/clock.h"
#include "rpc/server_internal.h"

/* A slot holds the second that it counts for, and how many: both in one word, so that whoever comes
 * first in a new second begins it anew. */
enum { SLOT_COUNT_BITS = 32 };
static const uint64_t SLOT_COUNT_MASK = (UINT64_C(1) << SLOT_COUNT_BITS) - 1;

static void count_in_second(struct server_class_counts *counts, uint64_t second)
{
    _Atomic uint64_t *slot = &counts->completed_in[second % SERVER_GOODPUT_SLOTS];
    uint64_t now = atomic_load_explicit(slot, memory_order_relaxed);
    uint64_t next;
    do {
        next = now >> SLOT_COUNT_BITS == second ? now + 1 : second << SLOT_COUNT_BITS | 1;
    } while (!atomic_compare_exchange_weak_explicit(
        slot, &now, next, memory_order_relaxed, memory_order_relaxed));
}

static double goodput_per_s(const struct server_class_counts *counts, uint64_t second)
{
    uint64_t n_completed = 0;
    for (uint64_t past = 1; past <= SERVER_GOODPUT_SECONDS && past <= second; past++) {
        const _Atomic uint64_t *slot =
            &counts->completed_in[(second - past) % SERVER_GOODPUT_SLOTS];
        uint64_t value = atomic_load_explicit(slot, memory_order_relaxed);
        n_completed +=
            value >> SLOT_COUNT_BITS == second - past ? value & SLOT_COUNT_MASK : UINT64_C(0);
    }
    return (double)n_completed / SERVER_GOODPUT_SECONDS;
}

void server_classes_count(
    const struct rpc_server_call *call, const struct rpc_end *end, uint64_t now_ns)
{
    if (call->is_inline) {
        return; /* of no class */
    }
    struct rpc_server *server = call->peer->server;
    struct server_class_counts *counts =
        &server->class_counts[server_method_of(server, call->binding)->class_index];
    if (call->started_ns != 0 && counts->wait != NULL) {
        metrics_observe_in(counts->wait, end->account.queue_ns, call->trace.trace_id);
    }
    if (call->started_ns != 0 && end->account.wasted_cpu_ns > 0) {
        atomic_fetch_add_explicit(
            &counts->wasted_cpu_ns, end->account.wasted_cpu_ns, memory_order_relaxed);
    }
    if (call->flight == NULL && end->status == STATUS_OK) {
        atomic_fetch_add_explicit(&counts->n_completed, 1, memory_order_relaxed);
        count_in_second(counts, now_ns / CLOCK_SECONDS(1));
    }
}

struct class_visit {
    const struct rpc_server *server;
    unsigned int class_index;
    uint64_t second;
    void (*visit)(void *arg, const struct rpc_class_info *info);
    void *arg;
};

static void look_at_class(void *arg, const char *name, const struct scheduler *scheduler)
{
    struct class_visit *visit = arg;
    const struct server_class_counts *ended = &visit->server->class_counts[visit->class_index++];
    struct scheduler_counts counts;
    scheduler_counts(scheduler, &counts);
    const uint64_t *offers = counts.n_offers;
    const uint64_t *dropped = counts.n_dropped;
    const struct rpc_class_info info = {
        .name = name,
        .n_running = counts.n_running,
        .max_running = counts.max_running,
        .n_queued = counts.n_queued,
        .queue_max = counts.queue_max,
        .n_admitted = offers[SCHEDULER_ADMITTED],
        .n_refused = offers[SCHEDULER_QUEUE_FULL] + offers[SCHEDULER_NO_MEMORY] +
                     dropped[SCHEDULER_QUEUE_FULL],
        .n_doomed = offers[SCHEDULER_DOOMED] + dropped[SCHEDULER_DOOMED],
        .n_expired = offers[SCHEDULER_EXPIRED] + dropped[SCHEDULER_EXPIRED],
        .n_completed = atomic_load_explicit(&ended->n_completed, memory_order_relaxed),
        .wasted_cpu_ns = atomic_load_explicit(&ended->wasted_cpu_ns, memory_order_relaxed),
        .goodput_per_s = goodput_per_s(ended, visit->second),
    };
    visit->visit(visit->arg, &info);
}

void rpc_server_each_class(struct rpc_server *server,
    void (*visit)(void *arg, const struct rpc_class_info *info), void *arg)
{
    struct class_visit each = {
        .server = server, .second = clock_now_ns() / CLOCK_SECONDS(1), .visit = visit, .arg = arg};
    admission_each_class(server->admission, look_at_class, &each);
}
