/* Stacks of other threads. Under ThreadSanitizer, which puts signals off and walks no stack in
 * their handlers, there are none: what needs one is left out there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctx/ctx.h"
#include "ctx/test.h"
#include "obs/stack.h"

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
enum { IS_TSAN = 1 };
#else
enum { IS_TSAN = 0 };
#endif

enum { TEXT_MAX = 1024, N_CAPTURES = 200, WAIT_SECONDS = 20 };

struct subject {
    pthread_t thread;
    _Atomic int thread_id;
    _Atomic bool is_over;
    _Atomic uint64_t n_turns;
    int pipe[2];
    ssize_t n_read;
    const struct ctx *ctx;
    enum status status;
};

static __attribute__((noinline)) void spin_in_circles(struct subject *subject)
{
    while (!atomic_load(&subject->is_over)) {
        atomic_fetch_add(&subject->n_turns, 1);
    }
}

static void *spin(void *arg)
{
    struct subject *subject = arg;
    atomic_store(&subject->thread_id, stack_thread_id());
    spin_in_circles(subject);
    return NULL;
}

static __attribute__((noinline)) void read_what_does_not_come(struct subject *subject)
{
    char byte;
    subject->n_read = read(subject->pipe[0], &byte, 1);
    atomic_store(&subject->is_over, true); /* and so the call above is not the last thing */
}

static void *block(void *arg)
{
    struct subject *subject = arg;
    atomic_store(&subject->thread_id, stack_thread_id());
    read_what_does_not_come(subject);
    return NULL;
}

static void *sleep_under_context(void *arg)
{
    struct subject *subject = arg;
    atomic_store(&subject->thread_id, stack_thread_id());
    subject->status = ctx_wait(subject->ctx);
    return NULL;
}

static void start(struct subject *subject, void *(*run)(void *arg))
{
    assert_int_equal(pthread_create(&subject->thread, NULL, run, subject), 0);
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(WAIT_SECONDS);
    while (atomic_load(&subject->thread_id) == 0 && clock_now_ns() < limit_ns) {
    }
    assert_int_not_equal(atomic_load(&subject->thread_id), 0);
}

/* Capture until the text has the word: the thread may not have got there yet. */
static bool capture_with(struct subject *subject, const char *word, char text[TEXT_MAX])
{
    struct stack stack;
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(WAIT_SECONDS);
    do {
        if (stack_capture(atomic_load(&subject->thread_id), &stack)) {
            stack_write(&stack, text, TEXT_MAX);
        }
    } while (strstr(text, word) == NULL && clock_now_ns() < limit_ns);
    return strstr(text, word) != NULL;
}

static void a_thread_that_computes_shows_its_functions_static_ones_too(void **state)
{
    (void)state;
    if (IS_TSAN) {
        skip();
    }
    struct subject subject = {.n_turns = 0};
    start(&subject, spin);
    char text[TEXT_MAX] = "";
    bool is_found = capture_with(&subject, "spin_in_circles+0x", text);
    uint64_t n_turns = atomic_load(&subject.n_turns);
    while (atomic_load(&subject.n_turns) == n_turns) {
    } /* it goes on */
    atomic_store(&subject.is_over, true);
    pthread_join(subject.thread, NULL);
    assert_true(is_found);
    const char *caller = strstr(text, " < spin+0x");
    assert_non_null(caller);
    assert_true(strstr(text, "spin_in_circles") < caller);
    assert_null(strstr(text, "on_signal"));
}

static void a_thread_in_a_system_call_shows_the_way_there_and_goes_on_waiting(void **state)
{
    (void)state;
    if (IS_TSAN) {
        skip();
    }
    struct subject subject = {.n_read = -2};
    assert_int_equal(pipe(subject.pipe), 0);
    start(&subject, block);
    char text[TEXT_MAX] = "";
    bool is_found = capture_with(&subject, "read_what_does_not_come+0x", text);
    struct stack stack;
    int n_taken = 0;
    for (int i = 0; i < N_CAPTURES; i++) {
        n_taken += stack_capture(atomic_load(&subject.thread_id), &stack) ? 1 : 0;
    }
    bool was_over = atomic_load(&subject.is_over);
    assert_int_equal(write(subject.pipe[1], "x", 1), 1);
    pthread_join(subject.thread, NULL);
    close(subject.pipe[0]);
    close(subject.pipe[1]);
    assert_true(is_found);
    assert_int_equal(n_taken, N_CAPTURES);
    assert_false(was_over); /* SA_RESTART: read() did not come back with EINTR */
    assert_int_equal(subject.n_read, 1);
}

static void a_wait_for_a_context_is_not_cut_short(void **state)
{
    (void)state;
    if (IS_TSAN) {
        skip();
    }
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct subject subject = {.ctx = scope->ctx};
    start(&subject, sleep_under_context);
    char text[TEXT_MAX] = "";
    bool is_found = capture_with(&subject, "ctx_wait+0x", text);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    pthread_join(subject.thread, NULL);
    assert_true(is_found);
    assert_int_equal(subject.status, STATUS_CANCELLED);
}

static void a_thread_that_is_gone_gives_no_answer(void **state)
{
    (void)state;
    struct subject subject = {.is_over = true};
    start(&subject, spin);
    pthread_join(subject.thread, NULL);
    struct stack stack;
    assert_false(stack_capture(atomic_load(&subject.thread_id), &stack));
    assert_false(stack_capture(stack_thread_id(), &stack));
    assert_false(stack_capture(0, &stack));
}

static void *wait_with_signals_blocked(void *arg)
{
    struct subject *subject = arg;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    return block(subject);
}

static void a_thread_that_blocks_signals_costs_the_wait_and_no_more(void **state)
{
    (void)state;
    struct subject subject = {.n_read = -2};
    assert_int_equal(pipe(subject.pipe), 0);
    start(&subject, wait_with_signals_blocked);
    struct stack stack;
    uint64_t start_ns = clock_now_ns();
    bool is_taken = stack_capture(atomic_load(&subject.thread_id), &stack);
    uint64_t took_ns = clock_now_ns() - start_ns;
    close(subject.pipe[1]);
    pthread_join(subject.thread, NULL);
    close(subject.pipe[0]);
    assert_false(is_taken);
    assert_true(took_ns >= CLOCK_MS(STACK_WAIT_MS) - CLOCK_MS(1));
    assert_true(took_ns < CLOCK_SECONDS(WAIT_SECONDS));
}

static void a_text_without_room_leaves_whole_frames_out(void **state)
{
    (void)state;
    struct stack stack = {.n_frames = STACK_FRAMES_MAX};
    for (int i = 0; i < STACK_FRAMES_MAX; i++) {
        stack.frames[i] = (void *)(uintptr_t)&stack_write;
    }
    char text[100];
    stack_write(&stack, text, sizeof(text));
    assert_true(strlen(text) < sizeof(text));
    assert_int_equal(strncmp(text, "stack_write+0x0 < ", 18), 0);
    assert_string_equal(text + strlen(text) - strlen(" < …"), " < …");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_computes_shows_its_functions_static_ones_too),
        cmocka_unit_test(a_thread_in_a_system_call_shows_the_way_there_and_goes_on_waiting),
        cmocka_unit_test(a_wait_for_a_context_is_not_cut_short),
        cmocka_unit_test(a_thread_that_is_gone_gives_no_answer),
        cmocka_unit_test(a_thread_that_blocks_signals_costs_the_wait_and_no_more),
        cmocka_unit_test(a_text_without_room_leaves_whole_frames_out),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    return ctx_test_no_leaks() ? n_failed : 1;
}
