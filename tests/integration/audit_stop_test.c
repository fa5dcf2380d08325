/* Stopping: a cancel at any point, a deadline, a source that fails while the other is at work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "audit/model/json.h"
#include "audit_fixture.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : -1;
}

static void assert_build_fails(struct audit_fixture *fixture, const struct audit_request *request,
    enum status expected, const char *words)
{
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    enum status status = audit_build(ctx_background(), &fixture->sources, request, &report, &error);
    assert_null(report);
    assert_string_equal(status_name(status), status_name(expected));
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
    }
}

struct sweep {
    const struct ctx_scope *scope;
    _Atomic int n_polls;
    int stop_at;
};

static void stop_at_poll(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    struct sweep *sweep = arg;
    (void)stage;
    (void)done;
    (void)total;
    if (atomic_fetch_add(&sweep->n_polls, 1) + 1 == sweep->stop_at) {
        ctx_cancel(sweep->scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
}

/* One report, and its JSON, under a context that is cancelled at the k-th checkpoint. */
static enum status build_until(struct audit_fixture *fixture, int stop_at)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct sweep sweep = {.scope = scope, .stop_at = stop_at};
    struct ctx_watch watch = {.on_progress = stop_at_poll, .arg = &sweep};
    CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
    struct audit_request request = {.site_no = "01"};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    enum status status = audit_build(watched->ctx, &fixture->sources, &request, &report, &error);
    if (status == STATUS_OK) {
        status = model_hash(watched->ctx, report);
    }
    report_free(report);
    return status;
}

static void a_cancel_at_any_checkpoint_stops_the_report(void **state)
{
    (void)state;
    enum { CHECKPOINTS_MAX = 2000 };
    struct audit_fixture *fixture = audit_fixture_new();
    int stop_at = 1;
    enum status status = STATUS_CANCELLED;
    while (stop_at < CHECKPOINTS_MAX && status != STATUS_OK) {
        status = build_until(fixture, stop_at++);
        if (status != STATUS_OK) {
            assert_string_equal(status_name(status), "CANCELLED");
        }
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(stop_at > 60); /* sources, indicators, rules, sections, JSON: all were reached */
    struct report *report = audit_fixture_build(fixture, NULL);
    report_free(report); /* the connections are still good */
    audit_fixture_free(fixture);
}

static void an_expired_deadline_is_its_own_status(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), 1));
    struct audit_request request = {.site_no = "01"};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(audit_build(scope->ctx, &fixture->sources, &request, &report, &error),
        STATUS_DEADLINE_EXCEEDED);
    audit_fixture_free(fixture);
}

/* The EDC would take a minute; the CTMS fails at once; nobody waits for the EDC. */
static void a_failing_source_stops_the_other(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture, "DROP TABLE provided");
    db_set_fault(fixture->sources.edc, CTX_SECONDS(60), 0);
    uint64_t started_at_ns = clock_now_ns();
    struct audit_request request = {.site_no = "01"};
    assert_build_fails(fixture, &request, STATUS_INTERNAL, "provided");
    assert_true(clock_now_ns() - started_at_ns < CTX_SECONDS(30));
    db_set_fault(fixture->sources.edc, 0, 0);
    audit_fixture_free(fixture);
}

static void a_table_that_is_missing_is_named(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    audit_fixture_ctms(fixture, "DROP TABLE deviation");
    struct audit_request request = {.site_no = "01"};
    assert_build_fails(fixture, &request, STATUS_INTERNAL, "deviation");
    audit_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_cancel_at_any_checkpoint_stops_the_report, check_leaks),
        cmocka_unit_test_teardown(an_expired_deadline_is_its_own_status, check_leaks),
        cmocka_unit_test_teardown(a_failing_source_stops_the_other, check_leaks),
        cmocka_unit_test_teardown(a_table_that_is_missing_is_named, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
