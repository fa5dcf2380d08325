/* Mistake 1: "cancel() kills the work". A handler that never listens is named, with what it does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "obs/metrics.h"
#include "rpc/server_deaf.h"
#include "support/log_file.h"
#include "support/prometheus.h"
#include "support/rpc_fixture.h"

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
enum { HAS_STACKS = 0 }; /* see obs/stack.h */
#else
enum { HAS_STACKS = 1 };
#endif

enum { DEAF_AFTER_MS = 20 };

static void deaf_soon(struct rpc_server_options *options)
{
    options->deaf_after_ns = CLOCK_MS(DEAF_AFTER_MS);
}

static void detector_off(struct rpc_server_options *options)
{
    options->deaf_after_ns = CLOCK_NEVER;
}

static int set_up(void **state)
{
    log_file_clear();
    *state = rpc_fixture_new("tcp://127.0.0.1:0", deaf_soon);
    return 0;
}

static int set_up_off(void **state)
{
    log_file_clear();
    *state = rpc_fixture_new("tcp://127.0.0.1:0", detector_off);
    return 0;
}

static double metric(const char *series)
{
    enum { PAGE_MAX = 8 << 20 };
    static struct prometheus page;
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(PAGE_MAX);
    assert_int_equal(metrics_page_write(NULL, &text), STATUS_OK);
    assert_int_equal(buffer_append(&text, "", 1), STATUS_OK);
    assert_string_equal(prometheus_read((const char *)text.data, &page), "");
    return prometheus_value(&page, series);
}

/* A call that is cancelled once it is under way, as the server's `n_started`th. */
struct cancelled_call {
    struct call_record record;
    struct ctx_scope *scope;
};

static void start_and_cancel(struct cancelled_call *call, struct rpc_fixture *fixture,
    unsigned int n_started, const struct rpc_method *method)
{
    call->scope = ctx_with_cancel(ctx_background());
    assert_int_equal(
        record_start(&call->record, call->scope->ctx, fixture->channel, method, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, n_started));
    ctx_cancel(call->scope, CTX_CAUSE_USER_CANCELLED);
}

static void finish(struct cancelled_call *call)
{
    assert_true(record_wait_end(&call->record));
    record_finish(&call->record);
    ctx_scope_end(call->scope);
}

static void a_handler_that_does_not_listen_is_reported_with_its_stack(void **state)
{
    struct rpc_fixture *fixture = *state;
    double n_before = metric("walkie_ctx_deaf_total{method=\"walkie.test.v1.Test/Stubborn\"}");
    struct cancelled_call call = {.scope = NULL};
    start_and_cancel(&call, fixture, 1, &TEST_STUBBORN);
    const char *line = log_file_wait("ctx.deaf", "");
    assert_non_null(line);
    assert_non_null(strstr(line, "\"method\":\"walkie.test.v1.Test/Stubborn\""));
    assert_non_null(strstr(line, "\"trace_id\""));
    assert_non_null(strstr(line, "\"cause\":\"user_cancelled\""));
    assert_non_null(strstr(line, "\"where\":\"running\""));
    assert_true(log_file_number(line, "deaf_ms") >= DEAF_AFTER_MS);
    assert_true(log_file_number(line, "n_polls") == 0);
    assert_true(log_file_number(line, "since_poll_ms") == -1); /* it has never polled */
    if (HAS_STACKS) {
        const char *inner = strstr(line, "wait_for_gate+0x");
        const char *outer = strstr(line, " < stubborn+0x");
        assert_non_null(inner);
        assert_non_null(outer);
        assert_true(inner < outer);
        assert_non_null(strstr(outer, " < run_handler+0x"));
    }
    double n_after = metric("walkie_ctx_deaf_total{method=\"walkie.test.v1.Test/Stubborn\"}");
    assert_true(n_after == (n_before < 0 ? 0 : n_before) + 1);
    test_service_open_gate(&fixture->service);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    finish(&call);
}

static bool has_lines(void *arg)
{
    return log_file_count("ctx.deaf", "") >= *(unsigned int *)arg;
}

static void a_handler_that_stays_deaf_is_reported_again_at_growing_intervals(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct cancelled_call call = {.scope = NULL};
    start_and_cancel(&call, fixture, 1, &TEST_STUBBORN);
    for (unsigned int n = 1; n <= 4; n++) {
        assert_true(wait_until(has_lines, &n));
        /* Each interval is twice the one before. On a busy machine there may be more lines by now,
         * and later ones, never earlier ones. */
        unsigned int n_lines = log_file_count("ctx.deaf", "");
        const char *line = log_file_find("ctx.deaf", "");
        assert_true(log_file_number(line, "deaf_ms") >= DEAF_AFTER_MS * ((1 << n_lines) - 1));
    }
    test_service_open_gate(&fixture->service);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    finish(&call);
}

static void a_handler_that_has_polled_shows_when_and_where(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct cancelled_call call = {.scope = NULL};
    start_and_cancel(&call, fixture, 1, &TEST_PROGRESS);
    const char *line = log_file_wait("ctx.deaf", "");
    assert_non_null(line);
    assert_non_null(strstr(line, "\"stage\":\"hidden by the rate limit\""));
    assert_true(log_file_number(line, "n_polls") == 2);
    assert_true(log_file_number(line, "since_poll_ms") >= log_file_number(line, "deaf_ms"));
    test_service_open_gate(&fixture->service);
    finish(&call);
}

static void deferred_work_that_goes_on_is_reported_without_a_thread(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct cancelled_call call = {.scope = NULL};
    start_and_cancel(&call, fixture, 1, &TEST_DEFER);
    assert_true(test_service_wait_deferred(&fixture->service, 1));
    const char *line = log_file_wait("ctx.deaf", "");
    assert_non_null(line);
    assert_non_null(strstr(line, "\"where\":\"deferred\""));
    assert_null(strstr(line, "\"stack\""));
    rpc_call_finish(fixture->service.deferred[0], STATUS_OK);
    finish(&call);
}

static bool has_stopped_once(void *arg)
{
    (void)arg;
    return metric("walkie_cancel_to_stop_seconds_count{method=\"walkie.test.v1.Test/Block\"}") >= 1;
}

static void a_handler_that_listens_is_not_reported_and_its_stop_is_measured(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct cancelled_call listening = {.scope = NULL};
    start_and_cancel(&listening, fixture, 1, &TEST_BLOCK);
    assert_true(test_service_wait_stopped(&fixture->service, 1));
    finish(&listening);
    assert_true(wait_until(has_stopped_once, NULL));
    /* One that is deaf, later: when it is told the detector has looked past the first one's time.
     */
    struct cancelled_call deaf = {.scope = NULL};
    start_and_cancel(&deaf, fixture, 2, &TEST_STUBBORN);
    assert_non_null(log_file_wait("ctx.deaf", "Stubborn"));
    test_service_open_gate(&fixture->service);
    finish(&deaf);
    assert_int_equal(log_file_count("ctx.deaf", "Block"), 0);
}

static void without_the_detector_nothing_is_reported(void **state)
{
    struct rpc_fixture *off = *state;
    struct rpc_fixture *on = rpc_fixture_new("tcp://127.0.0.1:0", deaf_soon);
    struct cancelled_call first = {.scope = NULL};
    start_and_cancel(&first, off, 1, &TEST_STUBBORN);
    /* One that is reported twice was cancelled later: by then the first would have been, too. */
    struct cancelled_call second = {.scope = NULL};
    start_and_cancel(&second, on, 1, &TEST_DEFER);
    assert_true(test_service_wait_deferred(&on->service, 1));
    unsigned int n_lines = 2;
    assert_true(wait_until(has_lines, &n_lines));
    assert_int_equal(log_file_count("ctx.deaf", "Stubborn"), 0);
    rpc_call_finish(on->service.deferred[0], STATUS_OK);
    finish(&second);
    rpc_fixture_free(on);
    test_service_open_gate(&off->service);
    assert_true(test_service_wait_stopped(&off->service, 1));
    finish(&first);
}

int main(void)
{
    log_file_start(LOG_LEVEL_WARN);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rpc_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_handler_that_does_not_listen_is_reported_with_its_stack),
        TEST(a_handler_that_stays_deaf_is_reported_again_at_growing_intervals),
        TEST(a_handler_that_has_polled_shows_when_and_where),
        TEST(deferred_work_that_goes_on_is_reported_without_a_thread),
        TEST(a_handler_that_listens_is_not_reported_and_its_stop_is_measured),
        cmocka_unit_test_setup_teardown(
            without_the_detector_nothing_is_reported, set_up_off, rpc_fixture_tear_down),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return n_failed;
}
