/* A call on its worker: the handler, its pauses, and what is told when its context is done. */
#include <assert.h>

#include "base/clock.h"
#include "ctx/current.h"
#include "obs/span.h"
#include "obs/stack.h"
#include "rpc/server_internal.h"

/* --- told to stop --------------------------------------------------------------------------- */

/* What the call has used of its worker's CPU at this moment: more than that when it ends is waste.
 */
static void sample_cpu_locked(struct rpc_server_call *call)
{
    struct timespec now;
    if (call->is_running && clock_gettime(call->cpu_clock, &now) == 0) {
        uint64_t now_ns = CLOCK_SECONDS(now.tv_sec) + (uint64_t)now.tv_nsec;
        call->cpu_at_cancel_ns = call->cpu_ns + (now_ns - call->cpu_start_ns);
        call->has_cpu_at_cancel = true;
    } else if (call->is_paused) {
        call->cpu_at_cancel_ns = call->cpu_ns;
        call->has_cpu_at_cancel = true;
    }
}

static bool sample_cpu(struct rpc_server_call *call)
{
    pthread_mutex_lock(&call->mutex);
    sample_cpu_locked(call);
    bool is_paused = call->is_paused;
    pthread_mutex_unlock(&call->mutex);
    return is_paused;
}

/* Whoever pauses does not listen, and need not: it is watched from when it goes on. */
static void watch(struct rpc_server_call *call)
{
    pthread_mutex_lock(&call->mutex);
    call->is_told = true;
    if (!call->is_paused) {
        server_deaf_watch(call, ctx_done_at_ns(call->ctx));
    }
    pthread_mutex_unlock(&call->mutex);
}

void server_call_context_is_done(void *arg)
{
    struct rpc_server_call *call = arg;
    struct admission *admission = call->peer->server->admission;
    bool is_paused = sample_cpu(call);
    bool was_queued = admission_take_back(admission, &call->job);
    server_call_log_done(call, !is_paused && admission_has_run(admission, &call->job));
    if (was_queued) {
        server_call_end_unstarted(call, STATUS_OK, NULL);
        return;
    }
    watch(call);
    server_stream_give_up(call);
}

/* --- pauses --------------------------------------------------------------------------------- */

/* The pause is over, or the handler has returned: whoever comes second lets the call go on. */
static void arrive(struct rpc_server_call *call)
{
    if (atomic_fetch_add(&call->pause.n_arrived, 1) == 1) {
        admission_resume(call->peer->server->admission, &call->job);
    }
}

static void pause_is_over(void *arg)
{
    arrive(arg);
}

enum status rpc_call_pause(
    struct rpc_server_call *call, uint64_t duration_ns, rpc_handler_fn *resume, void *arg)
{
    assert(!call->is_inline && !call->is_deferred && call->pause.resume == NULL);
    if (!admission_may_pause(call->peer->server->admission, &call->job)) {
        return rpc_call_fail(call, STATUS_RESOURCE_EXHAUSTED,
            "as many calls of this kind pause as may: try again later, or without a pause");
    }
    struct call_pause *pause = &call->pause;
    struct ctx_scope *timer = ctx_with_timeout(call->ctx, duration_ns);
    if (ctx_cause(timer->ctx) == CTX_CAUSE_OUT_OF_MEMORY) {
        ctx_scope_end(timer);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    atomic_store(&pause->n_arrived, 0);
    pause->timer = timer;
    pause->after = ctx_after_func(timer->ctx, pause_is_over, call);
    if (pause->after == NULL) {
        ctx_scope_end(STEAL(pause->timer));
        return STATUS_RESOURCE_EXHAUSTED;
    }
    pause->resume = resume;
    pause->arg = arg;
    return STATUS_OK;
}

/* The handler has returned to wait. */
static enum scheduler_outcome leave(struct rpc_server_call *call)
{
    pthread_mutex_lock(&call->mutex);
    call->is_paused = true;
    server_deaf_unwatch(call);
    pthread_mutex_unlock(&call->mutex);
    admission_pause(call->peer->server->admission, &call->job);
    arrive(call); /* it may be anywhere after this */
    return SCHEDULER_PAUSED;
}

static void come_back(struct rpc_server_call *call, uint64_t now_ns)
{
    ctx_stop_wait(STEAL(call->pause.after)); /* who let it go on may still be about to return */
    ctx_scope_end(STEAL(call->pause.timer));
    span_add(call->ctx, "pause", SPAN_INTERNAL, call->returned_ns, STATUS_OK, NULL);
    pthread_mutex_lock(&call->mutex);
    call->paused_ns += now_ns - call->returned_ns;
    call->is_paused = false;
    if (call->is_told) {
        server_deaf_watch(call, now_ns);
    }
    pthread_mutex_unlock(&call->mutex);
}

/* --- running -------------------------------------------------------------------------------- */

/* What the handler's return says about the time that such calls take. Under the call's mutex. A
 * stream that goes on by itself does so at its reader's pace: its work is done. */
static enum scheduler_outcome outcome_locked(const struct rpc_server_call *call, enum status status)
{
    if (call->is_deferred && call->binding->method->kind == RPC_UNARY) {
        return SCHEDULER_DEFERRED;
    }
    return status == STATUS_OK ? SCHEDULER_COMPLETED : SCHEDULER_CUT_SHORT;
}

static void take_worker(struct rpc_server_call *call)
{
    atomic_store_explicit(&call->thread_id, stack_thread_id(), memory_order_release);
    pthread_mutex_lock(&call->mutex);
    call->is_running = pthread_getcpuclockid(pthread_self(), &call->cpu_clock) == 0;
    call->cpu_start_ns = clock_thread_cpu_ns();
    pthread_mutex_unlock(&call->mutex);
}

static enum scheduler_outcome give_worker_back(struct rpc_server_call *call, enum status status)
{
    atomic_store_explicit(&call->thread_id, 0, memory_order_release);
    pthread_mutex_lock(&call->mutex);
    call->is_running = false;
    call->cpu_ns += clock_thread_cpu_ns() - call->cpu_start_ns;
    enum scheduler_outcome outcome = outcome_locked(call, status);
    pthread_mutex_unlock(&call->mutex);
    call->returned_ns = clock_now_ns();
    return outcome;
}

static enum status run_first(struct rpc_server_call *call)
{
    enum status status = server_intercept_run(call);
    return status == STATUS_OK
               ? call->binding->handler(call->ctx, call, call->peer->server->options.service)
               : status;
}

static enum status run_on(struct rpc_server_call *call)
{
    rpc_handler_fn *resume = STEAL(call->pause.resume);
    return resume(call->ctx, call, STEAL(call->pause.arg));
}

static enum scheduler_outcome run_handler(
    struct rpc_server_call *call, enum status (*run)(struct rpc_server_call *call))
{
    enum scheduler_outcome outcome = SCHEDULER_NOT_RUN;
    if (!call->is_inline) {
        take_worker(call);
    }
    const struct ctx *before = ctx_current_set(call->ctx);
    enum status status = run(call);
    ctx_current_set(before);
    if (!call->is_inline) {
        outcome = give_worker_back(call, status);
    } else {
        /* An INLINE handler never waits: its time is CPU time, and cheaper to read. */
        call->returned_ns = clock_now_ns();
        call->cpu_ns = call->returned_ns - call->started_ns;
        server_deaf_check_inline(call);
    }
    if (call->pause.resume != NULL) {
        return leave(call);
    }
    server_call_part(call, CALL_HANDLER_RETURNED, status);
    return outcome;
}

/* Never start what nobody waits for. */
static enum scheduler_outcome start(struct rpc_server_call *call)
{
    /* ctx_err with the clock read once: it is also the time of the start. */
    uint64_t now_ns = clock_now_ns();
    bool is_late = now_ns >= ctx_deadline_ns(call->ctx) || ctx_done(call->ctx);
    if (is_late && ctx_err(call->ctx) != STATUS_OK) {
        server_call_end_unstarted(call, STATUS_OK, NULL);
        return SCHEDULER_NOT_RUN;
    }
    call->started_ns = now_ns;
    server_call_log_admit(call, now_ns);
    return run_handler(call, run_first);
}

enum scheduler_outcome server_call_run_job(void *server, struct admission_job *job)
{
    (void)server;
    struct rpc_server_call *call = CONTAINER_OF(job, struct rpc_server_call, job);
    if (call->pause.resume == NULL) {
        return start(call);
    }
    come_back(call, clock_now_ns());
    return run_handler(call, run_on);
}

bool server_call_is_running(struct rpc_server_call *call)
{
    return call->is_inline || (!atomic_load(&call->is_paused) &&
                                  admission_has_run(call->peer->server->admission, &call->job));
}
