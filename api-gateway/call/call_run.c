#include "call/call_run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/condition.h"
#include "rpc/server.h"

/* What the callbacks leave for the thread that waits. Static: the channel may deliver a late END
 * until it is freed, and there is one call a process. */
static struct {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct rpc_client_call *call;
    struct buffer *reply;
    bool has_reply;
    bool is_out_of_memory;
    struct buffer chunks; /* not written yet; bounded by the credit given */
    char stage[RPC_STAGE_MAX];
    uint64_t done;
    uint64_t total;
    bool has_progress; /* not shown yet */
    bool is_ended;
    bool is_late_ended;
    struct rpc_end end;
    struct rpc_end late_end;
} inbox = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void on_reply(void *arg, struct bytes message)
{
    (void)arg;
    pthread_mutex_lock(&inbox.mutex);
    inbox.has_reply = true;
    if (buffer_append(inbox.reply, message.data, message.len) != STATUS_OK) {
        inbox.is_out_of_memory = true;
    }
    pthread_mutex_unlock(&inbox.mutex);
}

static void on_chunk(void *arg, struct bytes piece)
{
    (void)arg;
    pthread_mutex_lock(&inbox.mutex);
    if (buffer_append(&inbox.chunks, piece.data, piece.len) != STATUS_OK) {
        inbox.is_out_of_memory = true;
    }
    pthread_cond_signal(&inbox.changed);
    pthread_mutex_unlock(&inbox.mutex);
}

static void on_progress(void *arg, const struct rpc_progress *progress)
{
    (void)arg;
    pthread_mutex_lock(&inbox.mutex);
    snprintf(inbox.stage, sizeof(inbox.stage), "%s", progress->stage);
    inbox.done = progress->done;
    inbox.total = progress->total;
    inbox.has_progress = true;
    pthread_cond_signal(&inbox.changed);
    pthread_mutex_unlock(&inbox.mutex);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    (void)arg;
    pthread_mutex_lock(&inbox.mutex);
    inbox.end = *end;
    inbox.is_ended = true;
    pthread_cond_signal(&inbox.changed);
    pthread_mutex_unlock(&inbox.mutex);
}

static void on_late_end(void *arg, const struct rpc_end *end)
{
    (void)arg;
    pthread_mutex_lock(&inbox.mutex);
    inbox.late_end = *end;
    inbox.is_late_ended = true;
    pthread_cond_signal(&inbox.changed);
    pthread_mutex_unlock(&inbox.mutex);
}

static const struct rpc_call_events EVENTS = {.on_reply = on_reply,
    .on_chunk = on_chunk,
    .on_progress = on_progress,
    .on_end = on_end,
    .on_late_end = on_late_end};

/* Write what has come, without the lock, and let the server send as much more. */
static enum status write_chunks_locked(struct call_run *run, struct error *ret_error)
{
    struct buffer chunks = inbox.chunks;
    inbox.chunks = (struct buffer)BUFFER_EMPTY(chunks.len_max);
    pthread_mutex_unlock(&inbox.mutex);
    enum status status = STATUS_OK;
    if (run->output != NULL) {
        status = output_write(run->output, buffer_bytes(&chunks), ret_error);
    }
    if (inbox.call != NULL) {
        rpc_client_call_consumed(inbox.call, chunks.len);
    }
    buffer_finish(&chunks);
    pthread_mutex_lock(&inbox.mutex);
    return status;
}

static void show_progress_locked(const struct ctx *ctx, struct call_run *run)
{
    char stage[RPC_STAGE_MAX];
    memcpy(stage, inbox.stage, sizeof(stage));
    uint64_t done = inbox.done;
    uint64_t total = inbox.total;
    inbox.has_progress = false;
    pthread_mutex_unlock(&inbox.mutex);
    progress_show(run->progress, stage, done, total, ctx_remaining_ns(ctx));
    pthread_mutex_lock(&inbox.mutex);
}

/* Until the call has ended and all its bytes are written, or the output has failed. */
static enum status attend_locked(
    const struct ctx *ctx, struct call_run *run, struct error *ret_error)
{
    bool ticks = run->progress->style == PROGRESS_TERMINAL;
    enum status status = STATUS_OK;
    for (;;) {
        if (inbox.chunks.len > 0) {
            enum status written = write_chunks_locked(run, status == STATUS_OK ? ret_error : NULL);
            if (written != STATUS_OK && status == STATUS_OK) {
                status = written;
                run->output = NULL; /* what still comes is dropped */
                ctx_cancel(run->scope, CTX_CAUSE_CANCELLED);
            }
        } else if (inbox.is_ended) {
            return status;
        } else if (inbox.has_progress) {
            show_progress_locked(ctx, run);
        } else {
            uint64_t limit_ns = ticks ? clock_now_ns() + CLOCK_MS(CALL_TICK_MS) : CLOCK_NEVER;
            bool is_signalled = condition_wait_until(&inbox.changed, &inbox.mutex, limit_ns);
            inbox.has_progress |= !is_signalled && inbox.stage[0] != '\0';
        }
    }
}

/* We gave up; the service's own END is on its way, and has the truth about the work. */
static void await_late_end_locked(void)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_MS(CALL_LATE_END_WAIT_MS);
    while (inbox.end.is_followed && !inbox.is_late_ended &&
           condition_wait_until(&inbox.changed, &inbox.mutex, limit_ns)) {
    }
}

/* The caller's status and cause stand; of the work the server knows more. */
static void settle_locked(struct call_run *run, const struct trace *trace)
{
    run->account.method = run->method->name;
    run->account.trace = trace;
    run->account.end = inbox.end;
    if (inbox.is_late_ended) {
        run->account.end.account = inbox.late_end.account;
    }
    run->account.is_from_service = run->account.end.account.outcome != RPC_OUTCOME_UNKNOWN;
    run->has_reply = inbox.has_reply;
}

enum status call_run(const struct ctx *ctx, struct call_run *run, struct error *ret_error)
{
    run->reply = (struct buffer)BUFFER_EMPTY(RPC_FRAME_MAX);
    inbox.reply = &run->reply;
    inbox.chunks = (struct buffer)BUFFER_EMPTY(RPC_CREDIT_DEFAULT);
    condition_init(&inbox.changed);
    uint64_t started_ns = clock_now_ns();
    enum status status =
        rpc_call_start(ctx, run->channel, run->method, run->request, &EVENTS, NULL, &inbox.call);
    if (status != STATUS_OK) {
        return error_set(ret_error, status,
            "the call could not be made: the request is too long, or memory has run out");
    }
    pthread_mutex_lock(&inbox.mutex);
    status = attend_locked(ctx, run, ret_error);
    run->account.elapsed_ns = clock_now_ns() - started_ns; /* without the wait for a late END */
    await_late_end_locked();
    settle_locked(run, trace_of(ctx));
    bool is_out_of_memory = inbox.is_out_of_memory;
    pthread_mutex_unlock(&inbox.mutex);
    if (status == STATUS_OK && is_out_of_memory) {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no memory for the answer");
    }
    return status;
}

void call_run_finish(struct call_run *run)
{
    rpc_client_call_unref(inbox.call);
    inbox.call = NULL;
    buffer_finish(&inbox.chunks);
    buffer_finish(&run->reply);
}
