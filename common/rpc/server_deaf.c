#include "rpc/server_deaf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "obs/log.h"
#include "obs/stack.h"
#include "rpc/call_metrics.h"
#include "rpc/condition.h"
#include "rpc/server_internal.h"

enum {
    REPORTS_MAX = 16, /* calls that are looked at in one go */
    PAUSE_MS = 10, /* the shortest sleep: those that are due at about the same time go together */
};

struct server_deaf {
    uint64_t after_ns;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows and the calls' entries; innermost */
    pthread_cond_t changed;
    struct rpc_server_call *first;
    uint64_t wakes_at_ns; /* when the thread looks again by itself; CLOCK_NEVER: it does not */
    bool is_stopping;

    /* The thread's own. */
    uint64_t second_start_ns;
    unsigned int n_lines_in_second;
    unsigned int n_silent; /* lines that were too many since the last one */
};

/* --- the list --------------------------------------------------------------------------------- */

static void unlink_locked(struct server_deaf *deaf, struct rpc_server_call *call)
{
    struct server_deaf_entry *entry = &call->deaf;
    *(entry->previous == NULL ? &deaf->first : &entry->previous->deaf.next) = entry->next;
    if (entry->next != NULL) {
        entry->next->deaf.previous = entry->previous;
    }
    entry->is_watched = false;
}

void server_deaf_watch(struct rpc_server_call *call, uint64_t since_ns)
{
    struct server_deaf *deaf = call->peer->server->deaf;
    if (deaf == NULL) {
        return;
    }
    pthread_mutex_lock(&deaf->mutex);
    struct server_deaf_entry *entry = &call->deaf;
    entry->due_ns = clock_add_ns(since_ns, deaf->after_ns);
    entry->previous = NULL;
    entry->next = deaf->first;
    if (entry->next != NULL) {
        entry->next->deaf.previous = call;
    }
    deaf->first = call;
    entry->is_watched = true;
    if (entry->due_ns < deaf->wakes_at_ns) {
        deaf->wakes_at_ns = entry->due_ns;
        pthread_cond_signal(&deaf->changed);
    }
    pthread_mutex_unlock(&deaf->mutex);
}

void server_deaf_unwatch(struct rpc_server_call *call)
{
    struct server_deaf *deaf = call->peer->server->deaf;
    if (deaf == NULL) {
        return;
    }
    pthread_mutex_lock(&deaf->mutex);
    if (call->deaf.is_watched) {
        unlink_locked(deaf, call);
    }
    pthread_mutex_unlock(&deaf->mutex);
}

/* --- one report ------------------------------------------------------------------------------- */

/* A call that was due: referenced, and so is its context, for it may end any moment. */
struct due_call {
    struct rpc_server_call *call;
    const struct ctx *ctx;
    bool is_first;
};

static bool is_over(struct server_deaf *deaf, const struct rpc_server_call *call)
{
    pthread_mutex_lock(&deaf->mutex);
    bool is_watched = call->deaf.is_watched;
    pthread_mutex_unlock(&deaf->mutex);
    return !is_watched;
}

/* Whether this second has room for another line. */
static bool may_write(struct server_deaf *deaf, uint64_t now_ns)
{
    if (now_ns - deaf->second_start_ns >= CLOCK_SECONDS(1)) {
        deaf->second_start_ns = now_ns;
        deaf->n_lines_in_second = 0;
    }
    if (deaf->n_lines_in_second == SERVER_DEAF_LINES_PER_SECOND) {
        deaf->n_silent++;
        return false;
    }
    deaf->n_lines_in_second++;
    return true;
}

static void write_line(const struct due_call *due, const char *where, const char *stack,
    int thread_id, unsigned int n_silent)
{
    const struct rpc_server_call *call = due->call;
    const struct ctx_watch *watch = &call->watch;
    uint64_t now_ns = clock_now_ns();
    uint64_t polled_ns = atomic_load_explicit(&watch->last_poll_ns, memory_order_relaxed);
    bool has_polled = polled_ns != 0 && polled_ns <= now_ns;
    LOG_WARN("ctx.deaf", due->ctx, log_ms("elapsed_ms", now_ns - call->received_ns),
        log_str("cause", ctx_cause_word(ctx_cause(due->ctx))),
        log_str("stage", atomic_load_explicit(&watch->stage, memory_order_relaxed)),
        log_ms("deaf_ms", now_ns - ctx_done_at_ns(due->ctx)),
        log_ms("since_poll_ms", has_polled ? now_ns - polled_ns : CLOCK_NEVER),
        log_u64("n_polls", atomic_load_explicit(&watch->n_polls, memory_order_relaxed)),
        log_str("where", where),
        thread_id != 0 ? log_i64("thread", thread_id) : log_str("thread", NULL),
        n_silent > 0 ? log_u64("silent", n_silent) : log_str("silent", NULL),
        log_str("stack", stack));
}

static void report(struct server_deaf *deaf, const struct due_call *due)
{
    struct rpc_server_call *call = due->call;
    char text[LOG_VALUE_MAX] = "";
    const char *where = "deferred";
    int thread_id = atomic_load(&call->thread_id); /* 0: it has returned; deferred */
    if (thread_id != 0) {
        struct stack stack;
        where = "running";
        if (stack_capture(thread_id, &stack)) {
            stack_write(&stack, text, sizeof(text));
        } else {
            snprintf(text, sizeof(text), "no answer from the thread");
        }
        if (atomic_load(&call->thread_id) != thread_id) {
            return; /* the handler has returned meanwhile: the stack may be another call's */
        }
    }
    if (is_over(deaf, call)) {
        return;
    }
    if (due->is_first) {
        call_metrics_deaf(call->binding->method);
    }
    if (may_write(deaf, clock_now_ns())) {
        write_line(due, where, text[0] == '\0' ? NULL : text, thread_id, deaf->n_silent);
        deaf->n_silent = 0;
    }
}

void server_deaf_check_inline(struct rpc_server_call *call)
{
    const struct server_deaf *deaf = call->peer->server->deaf;
    if (deaf == NULL || call->returned_ns - call->started_ns < deaf->after_ns ||
        ctx_err(call->ctx) == STATUS_OK ||
        call->returned_ns - ctx_done_at_ns(call->ctx) < deaf->after_ns) {
        return;
    }
    call_metrics_deaf(call->binding->method);
    write_line(&(struct due_call){.call = call, .ctx = call->ctx}, "inline", NULL, 0, 0);
}

/* --- the thread ------------------------------------------------------------------------------- */

/* Take references to calls that are due and set when each is due again. Returns how many; the
 * earliest that any is due next goes to wakes_at_ns. */
static size_t take_due_locked(struct server_deaf *deaf, struct due_call due[REPORTS_MAX])
{
    size_t n_due = 0;
    uint64_t now_ns = clock_now_ns();
    deaf->wakes_at_ns = CLOCK_NEVER;
    for (struct rpc_server_call *call = deaf->first; call != NULL; call = call->deaf.next) {
        struct server_deaf_entry *entry = &call->deaf;
        if (entry->due_ns <= now_ns && n_due < REPORTS_MAX) {
            server_call_ref(call);
            due[n_due++] = (struct due_call){call, ctx_ref(call->ctx), entry->n_lines == 0};
            entry->n_lines++;
            bool is_last = entry->n_lines == SERVER_DEAF_LINES_MAX;
            entry->due_ns =
                is_last ? CLOCK_NEVER : clock_add_ns(now_ns, deaf->after_ns << entry->n_lines);
        }
        if (entry->due_ns < deaf->wakes_at_ns) {
            deaf->wakes_at_ns = entry->due_ns;
        }
    }
    uint64_t soonest_ns = now_ns + CLOCK_MS(PAUSE_MS);
    if (deaf->wakes_at_ns < soonest_ns) {
        deaf->wakes_at_ns = soonest_ns;
    }
    return n_due;
}

static void *deaf_main(void *arg)
{
    struct server_deaf *deaf = arg;
    struct due_call due[REPORTS_MAX];
    pthread_mutex_lock(&deaf->mutex);
    while (!deaf->is_stopping) {
        if (clock_now_ns() < deaf->wakes_at_ns) {
            (void)condition_wait_until(&deaf->changed, &deaf->mutex, deaf->wakes_at_ns);
            continue;
        }
        size_t n_due = take_due_locked(deaf, due);
        pthread_mutex_unlock(&deaf->mutex);
        for (size_t i = 0; i < n_due; i++) {
            report(deaf, &due[i]);
            ctx_unref(due[i].ctx);
            server_call_unref(due[i].call);
        }
        pthread_mutex_lock(&deaf->mutex);
    }
    pthread_mutex_unlock(&deaf->mutex);
    return NULL;
}

enum status server_deaf_start(struct rpc_server *server)
{
    if (server->options.deaf_after_ns == CLOCK_NEVER) {
        return STATUS_OK;
    }
    struct server_deaf *deaf = calloc(1, sizeof(*deaf));
    if (deaf == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    deaf->after_ns = server->options.deaf_after_ns;
    deaf->wakes_at_ns = CLOCK_NEVER;
    pthread_mutex_init(&deaf->mutex, NULL);
    condition_init(&deaf->changed);
    if (pthread_create(&deaf->thread, NULL, deaf_main, deaf) != 0) {
        pthread_cond_destroy(&deaf->changed);
        pthread_mutex_destroy(&deaf->mutex);
        free(deaf);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    server->deaf = deaf;
    return STATUS_OK;
}

void server_deaf_stop(struct rpc_server *server)
{
    struct server_deaf *deaf = server->deaf;
    if (deaf == NULL) {
        return;
    }
    pthread_mutex_lock(&deaf->mutex);
    deaf->is_stopping = true;
    pthread_cond_signal(&deaf->changed);
    pthread_mutex_unlock(&deaf->mutex);
    pthread_join(deaf->thread, NULL);
    pthread_cond_destroy(&deaf->changed);
    pthread_mutex_destroy(&deaf->mutex);
    free(deaf);
    server->deaf = NULL;
}
