/* A report that is cancelled, in whatever phase it is: its handler stops within 20 ms (200 ms where
 * cairo embeds fonts), its connections are reused and clean, and nothing of it stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_demo.h"
#include "base/attributes.h"
#include "base/clock.h"
#include "obs/log.h"
#include "report_stop_study.h"
#include "support/stop_service.h"

/* Of one phase. The second best is held to the limit: the machine is shared with other tests, and
 * who wakes up when is not for the program to say; work that does not listen is late every time, of
 * a few tries or, where it seems so, of many. The benchmark has medians. Sanitizers make everything
 * slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { N_TRIES = 3, SLOWER_TIMES = 10 };
#else
enum { N_TRIES = 5, SLOWER_TIMES = 1 };
#endif
enum { HELD = 1, TRIES_MAX = 25 };

static struct stop_study study;
static struct stop_service *service;

static int compare_ns(const void *a, const void *b)
{
    const uint64_t *one = a;
    const uint64_t *two = b;
    return (*one > *two) - (*one < *two);
}

static uint64_t try_once(enum stop_phase phase)
{
    struct stop_result result;
    stop_service_try(service, phase, &result);
    if (!result.is_reached || !result.is_cancelled || result.leftover != NULL) {
        fail_msg("%s: %s", stop_phase_name(phase),
            !result.is_reached     ? "not reached"
            : !result.is_cancelled ? "not cancelled"
                                   : result.leftover);
    }
    return result.stop_ns;
}

static void try_phase(enum stop_phase phase)
{
    const uint64_t limit_ns = SLOWER_TIMES * stop_phase_limit_ns(phase);
    uint64_t stop_ns[TRIES_MAX];
    size_t n_tries = 0;
    while (n_tries < N_TRIES || (n_tries < TRIES_MAX && stop_ns[HELD] > limit_ns)) {
        stop_ns[n_tries++] = try_once(phase);
        qsort(stop_ns, n_tries, sizeof(stop_ns[0]), compare_ns);
    }
    print_message("%s: stopped within %.3f ms (median), %.3f ms (worst)\n", stop_phase_name(phase),
        (double)stop_ns[n_tries / 2] / 1e6, (double)stop_ns[n_tries - 1] / 1e6);
    if (stop_ns[HELD] > limit_ns) {
        fail_msg("%s: it went on for %.3f ms", stop_phase_name(phase), (double)stop_ns[HELD] / 1e6);
    }
}

static void a_cancel_in_any_phase_stops_the_report_and_leaves_nothing(void **state)
{
    (void)state;
    for (int phase = 0; phase < STOP_PHASES; phase++) {
        if (stop_service_has_phase(service, (enum stop_phase)phase)) {
            try_phase((enum stop_phase)phase);
        }
    }
}

static void the_report_after_all_that_is_the_one_before(void **state)
{
    (void)state;
    assert_true(stop_service_report(service));
}

static int set_up(void **state)
{
    (void)state;
    stop_study_make(&study);
    const struct stop_options options = {.edc_uri = study.edc_uri,
        .ctms_uri = study.ctms_uri,
        .lab_path = study.lab_path,
        .site_no = "103"};
    service = stop_service_new(&options);
    return service == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    stop_service_free(service);
    stop_study_remove(&study);
    return 0;
}

int main(void)
{
    const struct log_options log = {.service = "report_stop", .level = LOG_LEVEL_ERROR};
    if (log_init(&log, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancel_in_any_phase_stops_the_report_and_leaves_nothing),
        cmocka_unit_test(the_report_after_all_that_is_the_one_before),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
