#include "rpc_admission_service.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/metadata.h"
#include "walkie/report/v1/report.pb-c.h"

static const struct rpc_class SINGLE = {
    .name = "single", .max_running = 1, .queue_max = SINGLE_QUEUE_MAX};
static const struct rpc_class PAIR = {.name = "pair", .max_running = 2};

static uint64_t nap_ms(struct bytes bytes)
{
    Walkie__Report__V1__WorkRequest *request =
        walkie__report__v1__work_request__unpack(NULL, bytes.len, bytes.data);
    uint64_t ms = request == NULL ? 0 : request->ms;
    walkie__report__v1__work_request__free_unpacked(request, NULL);
    return ms;
}

#define METHOD(symbol, text, class_, size)                                                         \
    const struct rpc_method symbol = {                                                             \
        .name = "walkie.test.v1.Admission/" text, .class = &(class_), .size_of = (size)}
METHOD(NAP, "Nap", SINGLE, nap_ms);   /* takes its ms */
METHOD(HOLD, "Hold", SINGLE, NULL);   /* runs until the gate opens */
METHOD(NOTE, "Note", SINGLE, NULL);   /* writes down who asked */
METHOD(PAUSE, "Pause", SINGLE, NULL); /* pauses for its ms, then writes down who asked */
METHOD(HOLD_TWO, "HoldTwo", PAIR, NULL);
METHOD(LATER, "Later", PAIR, nap_ms); /* deferred; finished after its ms by the context's timer */

static struct {
    pthread_mutex_t mutex;
    char order[256]; /* the principals, as they ran */
    unsigned int n_running;
    unsigned int n_running_max;
    unsigned int n_naps;
} seen = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static enum status answer(struct rpc_server_call *call)
{
    Walkie__Report__V1__WorkReply reply = WALKIE__REPORT__V1__WORK_REPLY__INIT;
    return rpc_call_reply(call, &reply.base);
}

/* From now on the clock may go on: when it ends is settled. */
static void begin_nap(void)
{
    pthread_mutex_lock(&seen.mutex);
    seen.n_naps++;
    pthread_mutex_unlock(&seen.mutex);
}

static enum status nap(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    uint64_t until_ns = clock_now_ns() + CTX_MS(nap_ms(rpc_call_request(call)));
    begin_nap();
    enum status status = ctx_wait_until(ctx, until_ns);
    return status == STATUS_OK ? answer(call) : status;
}

static enum status note(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    (void)arg;
    struct bytes who = bytes_of("?");
    (void)rpc_call_metadata(call, RPC_METADATA_PRINCIPAL, &who);
    pthread_mutex_lock(&seen.mutex);
    strncat(seen.order, (const char *)who.data, 1);
    pthread_mutex_unlock(&seen.mutex);
    return answer(call);
}

static enum status pause_first(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    return rpc_call_pause(call, CLOCK_MS(nap_ms(rpc_call_request(call))), note, arg);
}

static void count_running(int change)
{
    pthread_mutex_lock(&seen.mutex);
    seen.n_running += (unsigned int)change;
    seen.n_running_max = seen.n_running > seen.n_running_max ? seen.n_running : seen.n_running_max;
    pthread_mutex_unlock(&seen.mutex);
}

static enum status hold(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    struct test_service *service = arg;
    count_running(1);
    pthread_mutex_lock(&service->mutex);
    service->n_started++;
    pthread_cond_broadcast(&service->changed);
    while (!service->is_gate_open) {
        pthread_cond_wait(&service->changed, &service->mutex);
    }
    pthread_mutex_unlock(&service->mutex);
    count_running(-1);
    return answer(call);
}

struct later {
    struct rpc_server_call *call;
    struct ctx_scope *timer;
    struct ctx_after *after;
    _Atomic int n_arrived;
};

static void later_arrive(void *arg)
{
    struct later *later = arg;
    if (atomic_fetch_add(&later->n_arrived, 1) == 1) {
        struct rpc_server_call *call = later->call;
        (void)ctx_stop(later->after);
        ctx_scope_end(later->timer);
        free(later);
        rpc_call_finish(call, answer(call));
    }
}

static enum status later(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    struct later *later = calloc(1, sizeof(*later));
    later->call = call;
    later->timer = ctx_with_timeout(ctx, CTX_MS(nap_ms(rpc_call_request(call))));
    begin_nap();
    rpc_call_defer(call);
    later->after = ctx_after_func(later->timer->ctx, later_arrive, later);
    later_arrive(later);
    return STATUS_OK;
}

static const struct rpc_binding BINDINGS[] = {{&NAP, nap, NULL}, {&HOLD, hold, NULL},
    {&NOTE, note, NULL}, {&PAUSE, pause_first, NULL}, {&HOLD_TWO, hold, NULL},
    {&LATER, later, NULL}};

void admission_service_use(struct rpc_server_options *options)
{
    options->bindings = BINDINGS;
    options->n_bindings = LENGTH_OF(BINDINGS);
}

void admission_service_reset(void)
{
    pthread_mutex_lock(&seen.mutex);
    seen.order[0] = '\0';
    seen.n_running_max = 0;
    seen.n_naps = 0;
    pthread_mutex_unlock(&seen.mutex);
}

const char *admission_service_order(void)
{
    static char order[sizeof(seen.order)];
    pthread_mutex_lock(&seen.mutex);
    memcpy(order, seen.order, sizeof(order));
    pthread_mutex_unlock(&seen.mutex);
    return order;
}

unsigned int admission_service_n_running_max(void)
{
    pthread_mutex_lock(&seen.mutex);
    unsigned int n_running_max = seen.n_running_max;
    pthread_mutex_unlock(&seen.mutex);
    return n_running_max;
}

unsigned int admission_service_n_naps(void)
{
    pthread_mutex_lock(&seen.mutex);
    unsigned int n_naps = seen.n_naps;
    pthread_mutex_unlock(&seen.mutex);
    return n_naps;
}
