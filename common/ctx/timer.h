/* The process's timer wheel: one thread, callbacks at a monotonic time. Everything that waits for
 * time uses it: context deadlines, PINGs, redials, HTTP read timeouts of idle backends.
 *
 *     ctx_timer_init(&timer, ping_due, connection);
 *     ctx_timer_start(&timer, clock_now_ns() + CLOCK_SECONDS(1));
 *     ...
 *     ctx_timer_stop_wait(&timer);
 *
 * The struct is embedded in its user's; starting and stopping do not allocate. Resolution: fires
 * never early, and within 1 ms after its time when the thread is not starved. */
#ifndef WALKIE_CTX_TIMER_H
#define WALKIE_CTX_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* Runs on the timer thread with no lock held; must not block; may start the timer again. */
typedef void ctx_timer_fn(void *arg);

struct ctx_timer {
    struct ctx_timer *next; /* the wheel's; do not touch */
    struct ctx_timer **link;
    uint64_t due_ns;
    ctx_timer_fn *function;
    void *arg;
};

void ctx_timer_init(struct ctx_timer *timer, ctx_timer_fn *function, void *arg);

/* (Re)start: the function runs once at or after `due_ns`. Threads: any, one at a time a timer. */
void ctx_timer_start(struct ctx_timer *timer, uint64_t due_ns);

/* True when it was waiting and will not run. False: not started, has run, or is running now. */
bool ctx_timer_stop(struct ctx_timer *timer);

/* The same, and waits while the function is running (not when called from it). */
bool ctx_timer_stop_wait(struct ctx_timer *timer);

/* Tests: after clock_set_fake_ns, run all that is due on the timer thread and wait for it. */
void ctx_timer_wake(void);

#endif
