#include "rpc/call_metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "obs/metrics.h"

enum { N_STATUSES = STATUS_UNAUTHENTICATED + 1, N_REASONS = 16 };

enum side { SIDE_SERVER, SIDE_CLIENT, N_SIDES };

static const char *const SIDE_NAMES[N_SIDES] = {"server", "client"};

static struct metrics_family CALLS = {.name = "walkie_rpc_calls_total",
    .help = "Calls that have ended.",
    .kind = METRICS_COUNTER,
    .labels = {"method", "side", "status"}};
static struct metrics_family CALL_SECONDS = {.name = "walkie_rpc_call_seconds",
    .help = "From a call's arrival (client: its start) to its end.",
    .kind = METRICS_HISTOGRAM,
    .labels = {"method", "side"},
    .has_exemplars = true};
static struct metrics_family STOP_SECONDS = {.name = "walkie_cancel_to_stop_seconds",
    .help = "From the moment a running call is told to stop to its handler's return.",
    .kind = METRICS_HISTOGRAM,
    .labels = {"method"},
    .has_exemplars = true};
static struct metrics_family WASTED = {.name = "walkie_wasted_cpu_seconds_total",
    .help = "CPU time used by handlers after their calls were told to stop.",
    .kind = METRICS_COUNTER,
    .unit = METRICS_SECONDS,
    .labels = {"method"}};
static struct metrics_family CPU = {.name = "walkie_handler_cpu_seconds_total",
    .help = "CPU time used by handlers, by what became of their calls.",
    .kind = METRICS_COUNTER,
    .unit = METRICS_SECONDS,
    .labels = {"method", "status"}};
static struct metrics_family REFUSED = {.name = "walkie_rpc_refused_total",
    .help = "Calls that were refused unstarted.",
    .kind = METRICS_COUNTER,
    .labels = {"method", "reason"}};
static struct metrics_family DEAF = {.name = "walkie_ctx_deaf_total",
    .help = "Calls that went on long after they were told to stop.",
    .kind = METRICS_COUNTER,
    .labels = {"method"}};

typedef _Atomic(struct metrics_child *) child_place;

/* A method's children, each looked up when it is first needed. */
struct method_row {
    const char *method; /* the key is its address */
    child_place calls[N_SIDES][N_STATUSES];
    child_place seconds[N_SIDES];
    child_place stop_seconds;
    child_place wasted;
    child_place cpu[N_STATUSES];
    struct {
        _Atomic(const char *) why;
        child_place child;
    } refused[N_REASONS];
};

static _Atomic(struct method_row *) rows[CALL_METRICS_METHODS_MAX];

static const char UNKNOWN[] = "unknown";

static struct method_row *look_up(const char *method)
{
    size_t at = ((uintptr_t)method >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
    for (size_t n = 0; n < CALL_METRICS_METHODS_MAX; n++, at++) {
        _Atomic(struct method_row *) *place = &rows[at % CALL_METRICS_METHODS_MAX];
        struct method_row *row = atomic_load_explicit(place, memory_order_acquire);
        if (row == NULL) {
            struct method_row *made = calloc(1, sizeof(*made));
            if (made == NULL) {
                return NULL;
            }
            made->method = method;
            if (atomic_compare_exchange_strong(place, &row, made)) {
                return made;
            }
            free(made); /* somebody else was faster, with this method or another */
        }
        if (row->method == method) {
            return row;
        }
    }
    return NULL;
}

/* The row of a method, made when it is new. NULL: no room, no memory. A thread mostly has the same
 * method again. */
static struct method_row *row_of(const char *method)
{
    static _Thread_local struct method_row *last;
    if (last == NULL || last->method != method) {
        struct method_row *row = look_up(method);
        if (row == NULL) {
            return NULL;
        }
        last = row;
    }
    return last;
}

static void count_end(struct method_row *row, enum side side, enum status status)
{
    metrics_add(metrics_child_at(&row->calls[side][status], &CALLS, row->method, SIDE_NAMES[side],
                    status_name(status)),
        1);
}

static void count_call(const struct rpc_method *method, enum side side, enum status status,
    uint64_t elapsed_ns, const uint8_t *trace_id)
{
    struct method_row *row = row_of(method->name);
    if (row == NULL) {
        return;
    }
    count_end(row, side, status);
    metrics_observe_in(
        metrics_child_at(&row->seconds[side], &CALL_SECONDS, row->method, SIDE_NAMES[side], NULL),
        elapsed_ns, trace_id);
}

void call_metrics_declare(void)
{
    static struct metrics_family *const FAMILIES[] = {
        &CALLS, &CALL_SECONDS, &STOP_SECONDS, &WASTED, &CPU, &REFUSED, &DEAF};
    for (size_t i = 0; i < LENGTH_OF(FAMILIES); i++) {
        metrics_declare(FAMILIES[i]);
    }
}

void call_metrics_declare_method(const struct rpc_method *method)
{
    (void)metrics_child(&DEAF, method->name, NULL, NULL);
    (void)metrics_child(&WASTED, method->name, NULL, NULL);
}

void call_metrics_served(const struct rpc_method *method, enum status status, uint64_t elapsed_ns,
    const uint8_t *trace_id)
{
    count_call(method, SIDE_SERVER, status, elapsed_ns, trace_id);
}

void call_metrics_called(const struct rpc_method *method, enum status status, uint64_t elapsed_ns,
    const uint8_t *trace_id)
{
    count_call(method, SIDE_CLIENT, status, elapsed_ns, trace_id);
}

void call_metrics_ran(
    const struct rpc_method *method, const struct rpc_end *end, const uint8_t *trace_id)
{
    const struct rpc_account *account = &end->account;
    bool is_inline = (method->flags & RPC_INLINE) != 0; /* it is not worth counting */
    struct method_row *row =
        is_inline && account->stop_latency_ns == 0 ? NULL : row_of(method->name);
    if (row == NULL) {
        return;
    }
    metrics_add(
        metrics_child_at(&row->cpu[end->status], &CPU, row->method, status_name(end->status), NULL),
        account->cpu_ns);
    if (account->stop_latency_ns > 0) {
        metrics_observe_in(
            metrics_child_at(&row->stop_seconds, &STOP_SECONDS, row->method, NULL, NULL),
            account->stop_latency_ns, trace_id);
        metrics_add(metrics_child_at(&row->wasted, &WASTED, row->method, NULL, NULL),
            account->wasted_cpu_ns);
    }
}

void call_metrics_refused(const char *method, const char *why)
{
    struct method_row *row = row_of(method == NULL ? UNKNOWN : method);
    if (row == NULL) {
        return;
    }
    for (size_t i = 0; i < N_REASONS; i++) {
        const char *known = NULL;
        if (atomic_compare_exchange_strong(&row->refused[i].why, &known, why) || known == why) {
            metrics_add(
                metrics_child_at(&row->refused[i].child, &REFUSED, row->method, why, NULL), 1);
            return;
        }
    }
    metrics_add(metrics_child(&REFUSED, row->method, why, NULL), 1);
}

void call_metrics_refused_unseen(const char *method, enum status status, const char *why)
{
    call_metrics_refused(method, why);
    struct method_row *row = row_of(method == NULL ? UNKNOWN : method);
    if (row != NULL) {
        count_end(row, SIDE_SERVER, status);
    }
}

void call_metrics_deaf(const struct rpc_method *method)
{
    metrics_add(metrics_child(&DEAF, method->name, NULL, NULL), 1);
}
