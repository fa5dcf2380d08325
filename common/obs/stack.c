/* rt_tgsigqueueinfo by syscall(), backtrace() and SA_* with real-time signals are Linux's. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "obs/stack.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "obs/symbols.h"

enum {
    SIGNAL_AFTER_RTMIN = 4, /* glibc keeps the first ones; 3 is left to others */
    OWN_FRAMES = 2,         /* the signal's handler and the frame that the kernel returns through */
    JOIN_LEN = 3,           /* of " < " */
    MORE_LEN = 8,           /* kept free for " < …" */
};

/* One capture at a time. `wanted` is its number while it waits for the thread; whoever exchanges it
 * for 0, the thread or the one that gives up, decides whether the thread writes the frames. */
static struct {
    pthread_mutex_t mutex;
    sem_t answered;
    _Atomic int wanted;
    int n_captures;
    struct stack stack;
    bool is_ready;
} capture = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int signal_number(void)
{
    return SIGRTMIN + SIGNAL_AFTER_RTMIN;
}

/* In the thread whose stack is wanted: nothing here that is not safe at any moment. */
static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    int saved_errno = errno;
    int wanted = info->si_value.sival_int;
    if (info->si_code == SI_QUEUE && wanted != 0 &&
        atomic_compare_exchange_strong(&capture.wanted, &wanted, 0)) {
        capture.stack.n_frames = backtrace(capture.stack.frames, STACK_FRAMES_MAX);
        sem_post(&capture.answered);
    }
    errno = saved_errno;
}

static bool prepare_locked(void)
{
    if (capture.is_ready) {
        return true;
    }
    /* The first call loads the unwinder, with malloc and locks. */
    void *frames[1];
    (void)backtrace(frames, 1);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigfillset(&action.sa_mask);
    capture.is_ready =
        sem_init(&capture.answered, 0, 0) == 0 && sigaction(signal_number(), &action, NULL) == 0;
    return capture.is_ready;
}

static bool send_signal(int thread_id, int number)
{
    siginfo_t info;
    memset(&info, 0, sizeof(info));
    info.si_signo = signal_number();
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = number;
    return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread_id, signal_number(), &info) == 0;
}

/* Wait for the answer, at most STACK_WAIT_MS of the wall clock: a step of it costs a stack. */
static bool wait_for_answer(void)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    uint64_t nsec = (uint64_t)limit.tv_nsec + CLOCK_MS(STACK_WAIT_MS);
    limit.tv_sec += (time_t)(nsec / CLOCK_SECONDS(1));
    limit.tv_nsec = (long)(nsec % CLOCK_SECONDS(1));
    int result;
    while ((result = sem_timedwait(&capture.answered, &limit)) != 0 && errno == EINTR) {
    }
    return result == 0;
}

static bool capture_locked(int thread_id, struct stack *ret_stack)
{
    int number = ++capture.n_captures;
    atomic_store(&capture.wanted, number);
    bool is_sent = send_signal(thread_id, number);
    if (!is_sent || !wait_for_answer()) {
        int wanted = number;
        if (atomic_compare_exchange_strong(&capture.wanted, &wanted, 0)) {
            return false; /* a signal that comes later finds nothing to do */
        }
        /* It has begun to write this very moment. */
        while (sem_wait(&capture.answered) != 0) {
        }
    }
    const struct stack *taken = &capture.stack;
    int n_own = taken->n_frames < OWN_FRAMES ? taken->n_frames : OWN_FRAMES;
    ret_stack->n_frames = taken->n_frames - n_own;
    memcpy(ret_stack->frames, taken->frames + n_own,
        (size_t)ret_stack->n_frames * sizeof(taken->frames[0]));
    return ret_stack->n_frames > 0;
}

int stack_thread_id(void)
{
    static _Thread_local int thread_id;
    if (thread_id == 0) {
        thread_id = (int)syscall(SYS_gettid);
    }
    return thread_id;
}

bool stack_capture(int thread_id, struct stack *ret_stack)
{
    if (thread_id <= 0 || thread_id == stack_thread_id()) {
        return false;
    }
    pthread_mutex_lock(&capture.mutex);
    bool is_taken = prepare_locked() && capture_locked(thread_id, ret_stack);
    pthread_mutex_unlock(&capture.mutex);
    return is_taken;
}

void stack_write(const struct stack *stack, char *text, size_t size)
{
    size_t len = 0;
    text[0] = '\0';
    for (int i = 0; i < stack->n_frames; i++) {
        char frame[SYMBOLS_TEXT_MAX];
        /* A return address may lie behind the function whose last instruction is the call. */
        const char *address = stack->frames[i];
        symbols_describe(i == 0 ? address : address - 1, frame);
        if (len + JOIN_LEN + strlen(frame) + MORE_LEN >= size) {
            snprintf(text + len, size - len, " < …");
            return;
        }
        len += (size_t)snprintf(text + len, size - len, "%s%s", i == 0 ? "" : " < ", frame);
    }
}
