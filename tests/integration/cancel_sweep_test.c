/* Every example call, stopped at its k-th point for every k until it completes: cancelled, its
 * deadline expired, its caller's connection gone. Whatever the moment, both sides end it once and
 * tell the same truth, nothing partial is called complete, and nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ctx/test.h"
#include "obs/log.h"
#include "support/sweep.h"

/* Up to this point every k is tried, beyond it one in so many (a prime, so that no rhythm of the
 * work hides some); a run that is slowed down by a sanitizer tries fewer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { EVERY_K_MAX = 25, STEP = 101 };
#else
enum { EVERY_K_MAX = 100, STEP = 17 };
#endif
enum { K_MAX = 100000 };

static unsigned int next_k(unsigned int k)
{
    return k + (k < (unsigned int)EVERY_K_MAX ? 1 : (unsigned int)STEP);
}

/* Stop the call at each k in turn; the last one completes. */
static void sweep_target(struct sweep *sweep, const struct sweep_target *target)
{
    static const char *const BLOWS[] = {"cancel", "deadline", "close"};
    struct sweep_story story = {.is_struck = true};
    unsigned int n_tried = 0;
    /* A connection that is gone before the call starts has no call. */
    unsigned int k = sweep->blow == SWEEP_CLOSE ? 1 : 0;
    for (; (story.is_struck || k == 1) && k < (unsigned int)K_MAX; k = next_k(k)) {
        sweep_call(sweep, target, k, &story);
        n_tried++;
        const char *complaint = sweep_complaint(&story);
        complaint = complaint == NULL ? sweep_leftover(sweep) : complaint;
        if (complaint != NULL) {
            fail_msg("%s, %s at %u of %u: %s (server: %s %s %s; caller: %s; late: %s %s)",
                target->name, BLOWS[sweep->blow], k, story.n_points, complaint, story.server.status,
                story.server.cause, story.server.outcome, status_name(story.end.status),
                story.late.status, story.late.outcome);
        }
    }
    assert_true(k >= (unsigned int)K_MAX || story.end.status == STATUS_OK);
    print_message("%s: %s at %u of the points up to %u, of which it has %u\n", target->name,
        BLOWS[sweep->blow], n_tried, k, story.n_points);
}

static void sweep_all(enum sweep_blow blow)
{
    struct sweep *sweep = sweep_new(blow);
    assert_non_null(sweep);
    for (size_t i = 0; i < SWEEP_N_TARGETS; i++) {
        sweep_target(sweep, &SWEEP_TARGETS[i]);
    }
    sweep_free(sweep);
}

static void a_cancel_at_any_point_is_heard_told_and_leaves_nothing(void **state)
{
    (void)state;
    sweep_all(SWEEP_CANCEL);
}

static void a_deadline_at_any_point_is_heard_told_and_leaves_nothing(void **state)
{
    (void)state;
    sweep_all(SWEEP_DEADLINE);
}

static void a_lost_caller_at_any_point_is_noticed_and_leaves_nothing(void **state)
{
    (void)state;
    sweep_all(SWEEP_CLOSE);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct log_options options = {.service = "sweep", .level = LOG_LEVEL_INFO};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            a_cancel_at_any_point_is_heard_told_and_leaves_nothing, check_leaks),
        cmocka_unit_test_teardown(
            a_deadline_at_any_point_is_heard_told_and_leaves_nothing, check_leaks),
        cmocka_unit_test_teardown(
            a_lost_caller_at_any_point_is_noticed_and_leaves_nothing, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
