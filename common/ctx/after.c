/* after_func: callbacks on the notifier thread, or on the thread that cancelled.
 *
 * A registration waits in its node's listeners, moves to a queue when the node is done (the
 * notifier's, or the one that ctx_cancel_collect was given), runs, and is freed by whoever gives it
 * back; when it is given back while it runs, by the thread that runs it. Which of these it is in is
 * guarded by the node's lock (listener.link) and the notifier's (phase), so that exactly one of
 * stop and run wins.
 *
 * Lock order: a node's lock, then the notifier's, which guards all queues. Callbacks run with
 * neither. */
#include <pthread.h>
#include <stdlib.h>

#include "ctx/node.h"
#include "ctx/service_thread.h"
#include "ctx/test.h"

enum after_phase { AFTER_WAITING, AFTER_QUEUED, AFTER_RUNNING, AFTER_RAN };

struct ctx_after {
    struct ctx_listener listener;
    struct ctx *node; /* pinned */
    ctx_after_fn *function;
    void *arg;

    /* Guarded by the notifier's lock. */
    enum after_phase phase;
    bool is_given_back; /* by ctx_stop while running: its runner frees it */
    uint64_t number;    /* its place in the history of the notifier's queue; 0: not there */
    pthread_t runner;   /* while RUNNING */
    struct ctx_callbacks *queue; /* while QUEUED */
    struct ctx_after *next;
    struct ctx_after *previous;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work; /* the queue is no longer empty */
    pthread_cond_t ran;  /* a function has returned */
    struct ctx_callbacks queue;
    struct ctx_after *running; /* on the notifier thread */
    uint64_t n_queued;
    _Atomic bool is_started; /* written under the lock; never taken back */
} notifier = {.lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .ran = PTHREAD_COND_INITIALIZER};

static _Thread_local bool is_notifier_thread;

/* --- the queue ------------------------------------------------------------------------------ */

static void queue_push(struct ctx_callbacks *queue, struct ctx_after *after)
{
    after->phase = AFTER_QUEUED;
    after->queue = queue;
    after->next = NULL;
    after->previous = queue->last;
    *(queue->last == NULL ? &queue->first : &queue->last->next) = after;
    queue->last = after;
}

static void queue_remove(struct ctx_after *after)
{
    struct ctx_callbacks *queue = after->queue;
    assert(queue != NULL);
    *(after->previous == NULL ? &queue->first : &after->previous->next) = after->next;
    *(after->next == NULL ? &queue->last : &after->next->previous) = after->previous;
    after->queue = NULL;
}

void ctx_after_queue(struct ctx_listener *listener, struct ctx_callbacks *callbacks)
{
    struct ctx_after *after = CONTAINER_OF(listener, struct ctx_after, listener);
    pthread_mutex_lock(&notifier.lock);
    if (callbacks != NULL) {
        queue_push(callbacks, after);
    } else {
        bool was_empty = notifier.queue.first == NULL;
        after->number = ++notifier.n_queued;
        queue_push(&notifier.queue, after);
        if (was_empty) {
            pthread_cond_signal(&notifier.work);
        }
    }
    pthread_mutex_unlock(&notifier.lock);
}

static void after_free(struct ctx_after *after)
{
    node_unref(after->node);
    free(after);
}

/* Run the queue's first. The notifier's lock is held before and after, not meanwhile. */
static void run_first_locked(struct ctx_callbacks *queue)
{
    struct ctx_after *after = queue->first;
    queue_remove(after);
    after->phase = AFTER_RUNNING;
    after->runner = pthread_self();
    if (queue == &notifier.queue) {
        notifier.running = after;
    }
    pthread_mutex_unlock(&notifier.lock);

    after->function(after->arg);

    pthread_mutex_lock(&notifier.lock);
    after->phase = AFTER_RAN;
    if (queue == &notifier.queue) {
        notifier.running = NULL;
    }
    bool is_given_back = after->is_given_back;
    pthread_cond_broadcast(&notifier.ran);
    if (is_given_back) {
        pthread_mutex_unlock(&notifier.lock);
        after_free(after);
        pthread_mutex_lock(&notifier.lock);
    }
}

static void *notifier_run(void *arg)
{
    (void)arg;
    is_notifier_thread = true;
    pthread_mutex_lock(&notifier.lock);
    for (;;) {
        while (notifier.queue.first == NULL) {
            pthread_cond_wait(&notifier.work, &notifier.lock);
        }
        run_first_locked(&notifier.queue);
    }
    return NULL;
}

static COLD bool notifier_start(void)
{
    pthread_mutex_lock(&notifier.lock);
    bool is_started = atomic_load_explicit(&notifier.is_started, memory_order_relaxed) ||
                      service_thread_start("ctx-notifier", notifier_run);
    atomic_store_explicit(&notifier.is_started, is_started, memory_order_release);
    pthread_mutex_unlock(&notifier.lock);
    return is_started;
}

/* Every registration asks: they must not meet in a lock for it. */
static bool notifier_is_there(void)
{
    return LIKELY(atomic_load_explicit(&notifier.is_started, memory_order_acquire)) ||
           notifier_start();
}

/* --- public --------------------------------------------------------------------------------- */

struct ctx_after *ctx_after_func(const struct ctx *ctx, ctx_after_fn *function, void *arg)
{
    /* Not calloc: glibc's does not use what the thread has freed before. */
    struct ctx_after *after = malloc(sizeof *after);
    if (after == NULL || !notifier_is_there()) {
        free(after);
        return NULL;
    }
    *after = (struct ctx_after){.listener = {.kind = CTX_LISTENER_AFTER},
        .node = node_of(ctx_ref(ctx)),
        .function = function,
        .arg = arg,
        .phase = AFTER_WAITING};
    if (!node_listen(after->node, &after->listener)) {
        ctx_after_queue(&after->listener, NULL);
    }
    return after;
}

static bool after_stop(struct ctx_after *after, bool is_waiting_for_it)
{
    if (after == NULL || node_unlisten(after->node, &after->listener)) {
        if (after != NULL) {
            after_free(after);
        }
        return true;
    }
    pthread_mutex_lock(&notifier.lock);
    bool has_won = after->phase == AFTER_QUEUED;
    if (has_won) {
        queue_remove(after);
        pthread_cond_broadcast(&notifier.ran);
    }
    while (is_waiting_for_it && after->phase == AFTER_RUNNING &&
           !pthread_equal(after->runner, pthread_self())) {
        pthread_cond_wait(&notifier.ran, &notifier.lock);
    }
    bool is_running = after->phase == AFTER_RUNNING;
    after->is_given_back = true;
    pthread_mutex_unlock(&notifier.lock);
    if (!is_running) {
        after_free(after);
    }
    return has_won;
}

bool ctx_stop(struct ctx_after *after)
{
    return after_stop(after, false);
}

bool ctx_stop_wait(struct ctx_after *after)
{
    return after_stop(after, true);
}

void ctx_callbacks_run(struct ctx_callbacks *callbacks)
{
    pthread_mutex_lock(&notifier.lock);
    while (callbacks->first != NULL) {
        run_first_locked(callbacks);
    }
    pthread_mutex_unlock(&notifier.lock);
}

void ctx_test_settle(void)
{
    if (is_notifier_thread) {
        return;
    }
    pthread_mutex_lock(&notifier.lock);
    uint64_t last = notifier.n_queued;
    while ((notifier.queue.first != NULL && notifier.queue.first->number <= last) ||
           (notifier.running != NULL && notifier.running->number <= last)) {
        pthread_cond_wait(&notifier.ran, &notifier.lock);
    }
    pthread_mutex_unlock(&notifier.lock);
}
