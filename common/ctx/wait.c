/* Waiting for a context: a thread, or a descriptor in somebody's poll.
 *
 * A waiting thread sleeps on a word of its own stack. With the real clock the kernel ends the
 * sleep at the limit, so that a starved timer thread delays nobody; with the fake clock a timer
 * does, because only the wheel hears about that clock's steps.
 *
 * Lock order: the node's lock alone. */
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ctx/futex.h"
#include "ctx/node.h"

enum woken_by {
    WOKEN_NOT,
    WOKEN_BY_CANCEL, /* the listener is in no list any more: the waiter may go without the lock */
    WOKEN_BY_TIMER,
};

struct waiter {
    struct ctx_listener listener;
    _Atomic uint32_t woken; /* enum woken_by; the canceller's word comes last */
};

bool node_listen(struct ctx *node, struct ctx_listener *listener)
{
    word_lock(&node->lock);
    bool is_done = node_cause(node) != CTX_CAUSE_NONE;
    if (!is_done) {
        listener->next = node->listeners;
        listener->link = &node->listeners;
        if (listener->next != NULL) {
            listener->next->link = &listener->next;
        }
        node->listeners = listener;
        atomic_store_explicit(&node->is_inner, true, memory_order_relaxed);
    }
    word_unlock(&node->lock);
    return !is_done;
}

bool node_unlisten(struct ctx *node, struct ctx_listener *listener)
{
    word_lock(&node->lock);
    bool is_linked = listener->link != NULL;
    if (is_linked) {
        *listener->link = listener->next;
        if (listener->next != NULL) {
            listener->next->link = listener->link;
        }
        listener->link = NULL;
    }
    word_unlock(&node->lock);
    return is_linked;
}

static void wake_by_timer(void *arg)
{
    struct waiter *waiter = arg;
    uint32_t not_yet = WOKEN_NOT;
    if (atomic_compare_exchange_strong(&waiter->woken, &not_yet, WOKEN_BY_TIMER)) {
        futex_wake(&waiter->woken, 1);
    }
}

/* The waiter may return, and its stack be used again, as soon as the word is stored: the wake after
 * it only needs the address. */
void ctx_waiter_signal(struct ctx_listener *listener)
{
    struct waiter *waiter = CONTAINER_OF(listener, struct waiter, listener);
    atomic_store_explicit(&waiter->woken, WOKEN_BY_CANCEL, memory_order_release);
    futex_wake(&waiter->woken, 1);
}

static enum woken_by waiter_woken(struct waiter *waiter)
{
    return (enum woken_by)atomic_load_explicit(&waiter->woken, memory_order_acquire);
}

/* Sleep until the node is done or the clock reaches `limit_ns`. */
static void node_park(struct ctx *node, uint64_t limit_ns)
{
    struct waiter waiter = {.listener = {.kind = CTX_LISTENER_WAITER}, .woken = WOKEN_NOT};
    if (!node_listen(node, &waiter.listener)) {
        return;
    }
    if (clock_is_fake()) {
        struct ctx_timer timer;
        ctx_timer_init(&timer, wake_by_timer, &waiter);
        ctx_timer_start(&timer, limit_ns);
        while (waiter_woken(&waiter) == WOKEN_NOT) {
            futex_wait_until(&waiter.woken, WOKEN_NOT, CLOCK_NEVER);
        }
        ctx_timer_stop_wait(&timer);
    } else {
        while (waiter_woken(&waiter) == WOKEN_NOT && clock_now_ns() < limit_ns) {
            futex_wait_until(&waiter.woken, WOKEN_NOT, limit_ns);
        }
    }
    /* The canceller wakes us with the node's lock held: taking it now would mean to wait for it. */
    if (waiter_woken(&waiter) != WOKEN_BY_CANCEL) {
        node_unlisten(node, &waiter.listener);
    }
}

enum status ctx_wait_until(const struct ctx *ctx, uint64_t limit_ns)
{
    struct ctx *node = node_of(ctx_ref(ctx));
    enum status status;
    for (;;) {
        uint64_t now_ns = clock_now_ns();
        status = ctx_cause_status(node_cause_at(node, now_ns));
        if (status != STATUS_OK || now_ns >= limit_ns) {
            break;
        }
        /* One that moves earlier meanwhile wakes the waiter by its timer. */
        uint64_t deadline_ns = node_deadline_ns(node);
        node_park(node, limit_ns < deadline_ns ? limit_ns : deadline_ns);
    }
    ctx_unref(ctx);
    return status;
}

enum status ctx_wait(const struct ctx *ctx)
{
    return ctx_wait_until(ctx, CLOCK_NEVER);
}

enum status ctx_sleep(const struct ctx *ctx, uint64_t duration_ns)
{
    return ctx_wait_until(ctx, clock_add_ns(clock_now_ns(), duration_ns));
}

int ctx_done_fd(const struct ctx *ctx)
{
    struct ctx *node = node_of(ctx);
    word_lock(&node->lock);
    int fd = atomic_load_explicit(&node->done_fd, memory_order_relaxed);
    if (fd < 0) {
        bool is_done = node_cause(node) != CTX_CAUSE_NONE;
        fd = eventfd(is_done ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
        atomic_store_explicit(&node->done_fd, fd, memory_order_relaxed);
        atomic_store_explicit(&node->is_inner, true, memory_order_relaxed);
    }
    word_unlock(&node->lock);
    return fd;
}
