/* The timer wheel: 64 slots a level, levels of 131 us, 8.4 ms, 537 ms, 34 s ... up to all of time.
 *
 * A timer lies at the level of the highest six-bit digit in which its tick differs from the
 * wheel's, in the slot of that digit. So every slot in use is ahead of the wheel's own digit, the
 * lowest level in use is the next to be served, and starting and stopping are a list operation.
 * When the wheel's tick reaches a slot of a higher level, its timers are placed again, lower.
 * Timers of the wheel's own tick or before it are in `near`; those whose time has come run.
 *
 * The thread sleeps until the end of the tick of the earliest timer it knew of when it went to
 * sleep; only an earlier one wakes it, and stopping never does. So the usual timer, which is
 * stopped long before its time, costs no system call.
 *
 * Lock order: the wheel's lock is a leaf; functions run without it. */
#include <stddef.h>

#include "ctx/futex.h"
#include "ctx/node.h"
#include "ctx/service_thread.h"
#include "ctx/timer.h"
#include "ctx/word_lock.h"

enum { TICK_SHIFT = 17, DIGIT_BITS = 6, N_SLOTS = 1 << DIGIT_BITS };
enum { N_LEVELS = (64 - TICK_SHIFT + DIGIT_BITS - 1) / DIGIT_BITS };

static struct {
    struct word_lock lock;
    uint64_t now_tick;         /* as of the thread's last pass */
    uint64_t in_use[N_LEVELS]; /* a bit a slot that is not empty, or was not until a stop */
    struct ctx_timer *slots[N_LEVELS][N_SLOTS];
    struct ctx_timer *near;
    uint64_t wake_ns; /* when the thread will look again by itself */

    struct ctx_timer *running;
    bool has_stoppers; /* somebody waits for `running` */
    uint64_t n_wakes_wanted;
    uint64_t n_wakes_done;
    _Atomic uint32_t rung;  /* the thread's bell */
    _Atomic uint32_t moved; /* counts the ends of runs and passes that somebody waits for */
    bool is_started;
} wheel;

static _Thread_local bool is_timer_thread;

/* --- the wheel, under its lock -------------------------------------------------------------- */

static void list_push(struct ctx_timer **list, struct ctx_timer *timer)
{
    timer->next = *list;
    timer->link = list;
    if (timer->next != NULL) {
        timer->next->link = &timer->next;
    }
    *list = timer;
}

static void list_remove(struct ctx_timer *timer)
{
    *timer->link = timer->next;
    if (timer->next != NULL) {
        timer->next->link = timer->link;
    }
    timer->link = NULL;
}

static void wheel_place(struct ctx_timer *timer)
{
    uint64_t tick = timer->due_ns >> TICK_SHIFT;
    if (tick <= wheel.now_tick) {
        list_push(&wheel.near, timer);
        return;
    }
    unsigned int level = (63u - (unsigned int)__builtin_clzll(tick ^ wheel.now_tick)) / DIGIT_BITS;
    unsigned int slot = (tick >> (level * DIGIT_BITS)) & (N_SLOTS - 1);
    list_push(&wheel.slots[level][slot], timer);
    wheel.in_use[level] |= UINT64_C(1) << slot;
}

/* Place a whole list again. */
static void wheel_place_all(struct ctx_timer *list)
{
    while (list != NULL) {
        struct ctx_timer *timer = list;
        list = timer->next;
        wheel_place(timer);
    }
}

/* The first slot to be served and its tick. False when the wheel is empty, `near` aside. */
static bool wheel_next(unsigned int *ret_level, unsigned int *ret_slot, uint64_t *ret_tick)
{
    for (unsigned int level = 0; level < N_LEVELS; level++) {
        while (wheel.in_use[level] != 0) {
            unsigned int slot = (unsigned int)__builtin_ctzll(wheel.in_use[level]);
            if (wheel.slots[level][slot] == NULL) {
                wheel.in_use[level] &= ~(UINT64_C(1) << slot);
                continue;
            }
            unsigned int shift = level * DIGIT_BITS;
            uint64_t above = wheel.now_tick >> shift >> DIGIT_BITS << DIGIT_BITS << shift;
            *ret_level = level;
            *ret_slot = slot;
            *ret_tick = above | (uint64_t)slot << shift;
            return true;
        }
    }
    return false;
}

static struct ctx_timer *wheel_take(unsigned int level, unsigned int slot)
{
    struct ctx_timer *list = wheel.slots[level][slot];
    wheel.slots[level][slot] = NULL;
    wheel.in_use[level] &= ~(UINT64_C(1) << slot);
    return list;
}

/* The clock went backwards, which only the fake one does: start over from `tick`. */
static COLD void wheel_rebuild(uint64_t tick)
{
    struct ctx_timer *all = wheel.near;
    wheel.near = NULL;
    if (all != NULL) {
        all->link = &all;
    }
    for (unsigned int level = 0; level < N_LEVELS; level++) {
        for (unsigned int slot = 0; slot < N_SLOTS; slot++) {
            struct ctx_timer *list = wheel_take(level, slot);
            while (list != NULL) {
                struct ctx_timer *timer = list;
                list = timer->next;
                list_push(&all, timer);
            }
        }
    }
    wheel.now_tick = tick;
    wheel_place_all(all);
}

static void wheel_advance(uint64_t now_ns)
{
    uint64_t target = now_ns >> TICK_SHIFT;
    if (UNLIKELY(target < wheel.now_tick)) {
        wheel_rebuild(target);
    }
    unsigned int level;
    unsigned int slot;
    uint64_t tick;
    while (wheel_next(&level, &slot, &tick) && tick <= target) {
        struct ctx_timer *list = wheel_take(level, slot);
        wheel.now_tick = tick;
        wheel_place_all(list);
    }
    wheel.now_tick = target;
}

/* A timer of `near` whose time has come, NULL when there is none. */
static struct ctx_timer *wheel_due(uint64_t now_ns)
{
    struct ctx_timer *timer = wheel.near;
    while (timer != NULL && timer->due_ns > now_ns) {
        timer = timer->next;
    }
    return timer;
}

static uint64_t tick_end_ns(uint64_t tick)
{
    return tick >= UINT64_MAX >> TICK_SHIFT ? CLOCK_NEVER : (tick + 1) << TICK_SHIFT;
}

static uint64_t wheel_next_wake_ns(void)
{
    unsigned int level;
    unsigned int slot;
    uint64_t tick;
    if (wheel.near != NULL) {
        return tick_end_ns(wheel.now_tick);
    }
    return wheel_next(&level, &slot, &tick) ? tick_end_ns(tick) : CLOCK_NEVER;
}

/* --- the thread ----------------------------------------------------------------------------- */

static void wheel_ring(void)
{
    atomic_store_explicit(&wheel.rung, 1, memory_order_release);
    futex_wake(&wheel.rung, 1);
}

static void wheel_announce(void)
{
    atomic_fetch_add_explicit(&wheel.moved, 1, memory_order_release);
    futex_wake(&wheel.moved, FUTEX_WAKE_EVERYBODY);
}

/* Run all that is due. Takes and returns the lock held. */
static void wheel_pass(void)
{
    for (;;) {
        uint64_t now_ns = clock_now_ns();
        wheel_advance(now_ns);
        struct ctx_timer *timer = wheel_due(now_ns);
        if (timer == NULL) {
            return;
        }
        list_remove(timer);
        /* The timer may be started again, or freed, by its own function. */
        ctx_timer_fn *function = timer->function;
        void *arg = timer->arg;
        wheel.running = timer;
        word_unlock(&wheel.lock);

        function(arg);

        word_lock(&wheel.lock);
        wheel.running = NULL;
        if (wheel.has_stoppers) {
            wheel.has_stoppers = false;
            wheel_announce();
        }
    }
}

static void *wheel_run(void *arg)
{
    (void)arg;
    is_timer_thread = true;
    word_lock(&wheel.lock);
    for (;;) {
        uint64_t n_wanted = wheel.n_wakes_wanted;
        wheel_pass();
        /* An alarm that is still ahead stays, though its timer may be gone: if it went, the next
         * timer of a series that is always stopped in time would ring for a new one. */
        if (wheel.wake_ns <= clock_now_ns()) {
            wheel.wake_ns = wheel_next_wake_ns();
        }
        if (wheel.n_wakes_done != n_wanted) {
            wheel.n_wakes_done = n_wanted;
            wheel_announce();
        }
        uint64_t wake_ns = clock_is_fake() ? CLOCK_NEVER : wheel.wake_ns;
        word_unlock(&wheel.lock);
        if (atomic_exchange_explicit(&wheel.rung, 0, memory_order_acquire) == 0) {
            futex_wait_until(&wheel.rung, 0, wake_ns);
            atomic_store_explicit(&wheel.rung, 0, memory_order_relaxed);
        }
        word_lock(&wheel.lock);
    }
    return NULL;
}

/* --- public --------------------------------------------------------------------------------- */

void ctx_timer_init(struct ctx_timer *timer, ctx_timer_fn *function, void *arg)
{
    *timer = (struct ctx_timer){.function = function, .arg = arg};
}

/* Start the thread at the first timer. When no thread can be had, the next start tries again;
 * meanwhile ctx_err, ctx_wait and ctx_sleep see deadlines without it. */
static COLD void wheel_start_thread(void)
{
    wheel.is_started = service_thread_start("ctx-timers", wheel_run);
}

void ctx_timer_start(struct ctx_timer *timer, uint64_t due_ns)
{
    word_lock(&wheel.lock);
    if (UNLIKELY(!wheel.is_started)) {
        wheel_start_thread();
    }
    if (timer->link != NULL) {
        list_remove(timer);
    }
    timer->due_ns = due_ns;
    wheel_place(timer);
    bool is_earlier = due_ns < wheel.wake_ns;
    if (is_earlier) {
        wheel.wake_ns = due_ns;
    }
    word_unlock(&wheel.lock);
    if (UNLIKELY(is_earlier)) {
        wheel_ring();
    }
}

bool ctx_timer_stop(struct ctx_timer *timer)
{
    word_lock(&wheel.lock);
    bool has_won = timer->link != NULL;
    if (has_won) {
        list_remove(timer);
    }
    word_unlock(&wheel.lock);
    return has_won;
}

/* Wait for the next announcement. Called with the lock held, returns with it held. */
static void wheel_wait_moved(void)
{
    uint32_t seen = atomic_load_explicit(&wheel.moved, memory_order_acquire);
    word_unlock(&wheel.lock);
    futex_wait_until(&wheel.moved, seen, CLOCK_NEVER);
    word_lock(&wheel.lock);
}

bool ctx_timer_stop_wait(struct ctx_timer *timer)
{
    word_lock(&wheel.lock);
    bool has_won = timer->link != NULL;
    if (has_won) {
        list_remove(timer);
    }
    while (wheel.running == timer && !is_timer_thread) {
        wheel.has_stoppers = true;
        wheel_wait_moved();
    }
    word_unlock(&wheel.lock);
    return has_won;
}

void ctx_timer_wake(void)
{
    if (is_timer_thread) {
        return;
    }
    word_lock(&wheel.lock);
    if (!wheel.is_started) {
        wheel_start_thread();
    }
    uint64_t number = ++wheel.n_wakes_wanted;
    bool is_started = wheel.is_started;
    word_unlock(&wheel.lock);
    if (!is_started) {
        return;
    }
    wheel_ring();
    word_lock(&wheel.lock);
    while (wheel.n_wakes_done < number) {
        wheel_wait_moved();
    }
    word_unlock(&wheel.lock);
}

uint64_t ctx_timer_next_due_ns(void)
{
    uint64_t due_ns = CLOCK_NEVER;
    unsigned int level;
    unsigned int slot;
    uint64_t tick;
    word_lock(&wheel.lock);
    for (struct ctx_timer *timer = wheel.near; timer != NULL; timer = timer->next) {
        due_ns = timer->due_ns < due_ns ? timer->due_ns : due_ns;
    }
    if (due_ns == CLOCK_NEVER && wheel_next(&level, &slot, &tick)) {
        struct ctx_timer *timer = wheel.slots[level][slot];
        for (; timer != NULL; timer = timer->next) {
            due_ns = timer->due_ns < due_ns ? timer->due_ns : due_ns;
        }
    }
    word_unlock(&wheel.lock);
    return due_ns;
}
