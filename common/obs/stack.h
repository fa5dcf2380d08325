/* The stack of another thread, taken while it runs: what is that handler doing?
 *
 *     int thread_id = stack_thread_id();           on that thread, kept
 *     …
 *     struct stack stack;
 *     if (stack_capture(thread_id, &stack)) {
 *         stack_write(&stack, text, sizeof(text)); "spin+0x1c < service_work+0x42 < start+0x6"
 *     }
 *
 * How: a real-time signal to that one thread, whose handler walks the stack and does nothing else.
 * The walk is the unwinder's (backtrace()), not one of frame pointers: a deaf thread mostly stands
 * in libc, SQLite or cairo, which are compiled without them. It has been called once before, so
 * that it allocates nothing in the handler, and since glibc 2.35 and gcc 12 it takes no lock
 * either. The handler is installed with SA_RESTART; waits that Linux does not restart all the same
 * (poll, nanosleep, futex) return EINTR, which every loop of ours takes as "look again".
 *
 * Under ThreadSanitizer, which puts signals off until it suits it, threads mostly give no answer.
 *
 * Not here: threads of other processes, stopping the thread. */
#ifndef WALKIE_OBS_STACK_H
#define WALKIE_OBS_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

enum {
    STACK_FRAMES_MAX = 48,
    STACK_WAIT_MS = 100, /* how long a thread may take to answer */
};

struct stack {
    void *frames[STACK_FRAMES_MAX]; /* the innermost first; from [1] on return addresses */
    int n_frames;
};

/* The calling thread's number, as /proc and gdb show it. Kept a thread: cheap. */
int stack_thread_id(void);

/* Take the stack of a thread of this process. False: it gave no answer within STACK_WAIT_MS (it is
 * gone, blocks signals, or is stuck in the kernel). Waits; not from a signal handler, and not for
 * the calling thread. Threads: any; one capture at a time, others wait. */
MUST_USE bool stack_capture(int thread_id, struct stack *ret_stack);

/* All frames as one text, the innermost first, joined by " < "; what does not fit into `size` bytes
 * is left out as whole frames, and "…" says so. */
void stack_write(const struct stack *stack, char *text, size_t size);

#endif
