/* Answers from other threads: a lock-free stack of exchanges; the eventfd is written only when the
 * stack was empty, so that a burst wakes the loop once.
 *
 * The loop never sleeps while the stack holds something: it takes all of it, and looks again before
 * it sleeps (its own handlers push without writing the eventfd). */
#include <stddef.h>
#include <unistd.h>

#include "http/h2.h"
#include "http/internal.h"

void http_mailbox_post(struct http_exchange *exchange)
{
    if (atomic_exchange_explicit(&exchange->is_posted, true, memory_order_acq_rel)) {
        return; /* it waits there already, and will be looked at after this */
    }
    struct http_loop *loop = exchange->loop;
    atomic_fetch_add_explicit(&exchange->refs, 1, memory_order_relaxed);
    struct http_exchange *head = atomic_load_explicit(&loop->mail, memory_order_relaxed);
    do {
        exchange->next_mail = head;
    } while (!atomic_compare_exchange_weak_explicit(
        &loop->mail, &head, exchange, memory_order_release, memory_order_relaxed));
    if (head == NULL && !http_loop_is_current(loop)) {
        http_loop_wake(loop);
    }
}

bool http_mailbox_is_empty(struct http_loop *loop)
{
    return atomic_load_explicit(&loop->mail, memory_order_relaxed) == NULL;
}

/* The oldest first. */
static struct http_exchange *take_all(struct http_loop *loop)
{
    struct http_exchange *stack = atomic_exchange_explicit(&loop->mail, NULL, memory_order_acquire);
    struct http_exchange *queue = NULL;
    while (stack != NULL) {
        struct http_exchange *next = stack->next_mail;
        stack->next_mail = queue;
        queue = stack;
        stack = next;
    }
    return queue;
}

void http_mailbox_run(struct http_loop *loop)
{
    struct http_exchange *exchange = take_all(loop);
    while (exchange != NULL) {
        struct http_exchange *next = exchange->next_mail;
        /* From here on it may be posted again. */
        atomic_store_explicit(&exchange->is_posted, false, memory_order_release);
        if (exchange->stream != NULL) {
            h2_stream_on_mail(exchange->stream);
        } else if (exchange->connection != NULL) {
            http_connection_on_mail(exchange->connection);
        }
        http_exchange_give_back(loop, exchange);
        exchange = next;
    }
}
