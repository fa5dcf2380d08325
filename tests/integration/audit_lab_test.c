/* The central laboratory: what it answers is reconciled, and whatever is wrong with it, the report
 * comes, in time, and says so in words of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/model/json.h"
#include "audit_fixture.h"
#include "audit_lab.h"
#include "ctx/test.h"
#include "obs/trace.h"

#define WAIT_NS CLOCK_SECONDS(20)

static struct audit_fixture *fixture;
static struct audit_lab *lab;

static int set_up(void **state)
{
    (void)state;
    fixture = audit_fixture_new();
    lab = audit_lab_start(NULL);
    fixture->sources.lab = lab->client;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    audit_fixture_free(fixture);
    audit_lab_stop(lab);
    return ctx_test_no_leaks() ? 0 : -1;
}

/* The sentence of section 10 that says why there is no comparison. */
static enum word reason_of(const struct report *report)
{
    for (const struct section *section = report->first; section != NULL; section = section->next) {
        for (const struct block *block = section->first; block != NULL; block = block->next) {
            if (block->kind == BLOCK_NOT_PROVIDED && block->word == WORD_LAB_RESULTS) {
                assert_string_equal(block->source, "lab");
                assert_non_null(block->next);
                return block->next->word;
            }
        }
    }
    return WORD_NONE;
}

static const struct snapshot *lab_snapshot(const struct report *report)
{
    for (size_t i = 0; i < report->n_snapshots; i++) {
        if (strcmp(report->snapshots[i].source, "lab") == 0) {
            return &report->snapshots[i];
        }
    }
    return NULL;
}

static void results_that_agree_are_counted_and_lead_to_nothing(void **state)
{
    (void)state;
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(fact_of(report, "laboratory", "lab_results").integer, AUDIT_LAB_RESULTS);
    assert_int_equal(fact_of(report, "laboratory", "edc_results").integer, AUDIT_LAB_RESULTS);
    assert_int_equal(fact_of(report, "laboratory", "agreed").integer, AUDIT_LAB_RESULTS);
    assert_int_equal(block_of(report, "laboratory_results")->table->n_rows, 0);
    assert_null(report->first_finding);
    assert_int_equal(lab_snapshot(report)->at, INT64_C(1730376000000)); /* 2024-10-31T12:00Z */
    report_free(report);
}

static void the_answer_may_come_in_pages(void **state)
{
    (void)state;
    struct lab_server *server = lab->server;
    lab_server_stop(server);
    lab_free(lab->client);
    struct error error = ERROR_NONE;
    const struct lab_server_options options = {
        .listen = "127.0.0.1:0", .path = lab->path, .n_page_results = 7};
    assert_int_equal(lab_server_start(&options, &lab->server, &error), STATUS_OK);
    lab->client = audit_lab_client(lab, WAIT_NS);
    fixture->sources.lab = lab->client;
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(fact_of(report, "laboratory", "agreed").integer, AUDIT_LAB_RESULTS);
    struct lab_server_seen seen;
    lab_server_seen(lab->server, &seen);
    assert_int_equal(seen.n_requests, (AUDIT_LAB_RESULTS + 6) / 7);
    report_free(report);
}

static void trace_and_time_go_along_and_nothing_of_the_requester(void **state)
{
    (void)state;
    struct trace trace;
    assert_true(trace_parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", &trace));
    CTX_SCOPE(traced, ctx_with_value(ctx_background(), &TRACE_KEY, &trace));
    CTX_SCOPE(scope, ctx_with_timeout(traced->ctx, CTX_SECONDS(20)));
    const struct audit_request request = {.site_no = "01", .requester = "Dr Secret"};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(
        audit_build(scope->ctx, &fixture->sources, &request, &report, &error), STATUS_OK);
    report_free(report);
    struct lab_server_seen seen;
    lab_server_seen(lab->server, &seen);
    assert_non_null(strstr(seen.traceparent, "4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_string_equal(seen.user_agent, "report-service/test");
    int timeout_ms = atoi(seen.timeout);
    assert_true(timeout_ms > 0 && timeout_ms <= 5000); /* a quarter of what the report has */
}

/* A fault of every request, and what the report makes of it. */
struct fault {
    enum lab_fault fault;
    uint64_t delay_ns;
    enum word reason;
    unsigned int n_requests; /* that are made */
};

static void whatever_is_wrong_the_report_comes_and_says_so(void **state)
{
    (void)state;
    static const struct fault FAULTS[] = {
        {LAB_FAULT_HANG, 0, WORD_LAB_WHY_LATE, 1},
        {LAB_FAULT_DELAY, CLOCK_SECONDS(60), WORD_LAB_WHY_LATE, 1},
        {LAB_FAULT_DRIP, CLOCK_MS(20), WORD_LAB_WHY_LATE, 1},
        {LAB_FAULT_503, 0, WORD_LAB_WHY_REFUSED, 1 + LAB_REPEATS_MAX},
        {LAB_FAULT_429, CLOCK_SECONDS(3600), WORD_LAB_WHY_REFUSED, 1},
        {LAB_FAULT_GARBAGE, 0, WORD_LAB_WHY_NOT_UNDERSTOOD, 1},
        {LAB_FAULT_TRUNCATED, 0, WORD_LAB_WHY_NOT_UNDERSTOOD, 1},
        {LAB_FAULT_RESET, 0, WORD_LAB_WHY_UNREACHABLE, 1 + LAB_REPEATS_MAX},
        {LAB_FAULT_TYPE, 0, WORD_LAB_WHY_NOT_UNDERSTOOD, 1},
        {LAB_FAULT_REDIRECT, 0, WORD_LAB_WHY_REFUSED, 1},
    };
    struct lab_server_seen before;
    struct lab_server_seen after;
    struct lab *client = audit_lab_client(lab, CLOCK_MS(900));
    fixture->sources.lab = client;
    for (size_t i = 0; i < LENGTH_OF(FAULTS); i++) {
        lab_server_seen(lab->server, &before);
        lab_server_set_fault(lab->server, FAULTS[i].fault, UINT_MAX, FAULTS[i].delay_ns);
        struct report *report = audit_fixture_build(fixture, NULL);
        lab_server_seen(lab->server, &after);
        if (reason_of(report) != FAULTS[i].reason) {
            fail_msg("fault %zu: %s", i, word_id(reason_of(report)));
        }
        assert_int_equal(after.n_requests - before.n_requests, FAULTS[i].n_requests);
        assert_int_equal(lab_snapshot(report)->at, 0);
        assert_null(report->first_finding);
        report_free(report);
    }
    lab_free(client);
}

static void nobody_at_the_address_is_an_honest_gap(void **state)
{
    (void)state;
    struct lab *client = audit_lab_client(lab, WAIT_NS);
    lab_server_stop(lab->server);
    lab->server = NULL;
    fixture->sources.lab = client;
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(reason_of(report), WORD_LAB_WHY_UNREACHABLE);
    report_free(report);
    lab_free(client);
}

static void a_fault_that_passes_is_not_noticed(void **state)
{
    (void)state;
    static const enum lab_fault PASSING[] = {LAB_FAULT_503, LAB_FAULT_RESET, LAB_FAULT_429};
    for (size_t i = 0; i < LENGTH_OF(PASSING); i++) {
        lab_server_set_fault(lab->server, PASSING[i], 2, 0);
        struct report *report = audit_fixture_build(fixture, NULL);
        assert_int_equal(reason_of(report), WORD_NONE);
        assert_int_equal(fact_of(report, "laboratory", "agreed").integer, AUDIT_LAB_RESULTS);
        report_free(report);
    }
}

static void a_retry_after_is_waited_for(void **state)
{
    (void)state;
    lab_server_set_fault(lab->server, LAB_FAULT_429, 1, CLOCK_SECONDS(1));
    uint64_t started_at_ns = clock_now_ns();
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_true(clock_now_ns() - started_at_ns >= CLOCK_SECONDS(1));
    assert_int_equal(reason_of(report), WORD_NONE);
    report_free(report);
}

static void a_site_that_the_laboratory_does_not_know_is_told(void **state)
{
    (void)state;
    audit_fixture_edc(fixture, "UPDATE study SET protocol_no = 'T-9'");
    audit_fixture_ctms(fixture, "UPDATE study SET protocol_no = 'T-9'");
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(reason_of(report), WORD_LAB_WHY_UNKNOWN_SITE);
    report_free(report);
}

static void without_a_laboratory_the_report_says_so_and_has_no_row_for_it(void **state)
{
    (void)state;
    fixture->sources.lab = NULL;
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(reason_of(report), WORD_LAB_WHY_NOT_CONFIGURED);
    assert_null(lab_snapshot(report));
    report_free(report);
}

static void a_section_that_was_left_out_asks_nobody(void **state)
{
    (void)state;
    const struct audit_request request = {.site_no = "01", .sections = 1U << 9};
    struct report *report = audit_fixture_build(fixture, &request);
    struct lab_server_seen seen;
    lab_server_seen(lab->server, &seen);
    assert_int_equal(seen.n_requests, 0);
    report_free(report);
}

/* What the laboratory has measured after the report's day is not known to it yet. */
static void results_of_later_days_are_not_there(void **state)
{
    (void)state;
    const struct audit_request request = {.site_no = "01", .as_of = "2024-01-31"};
    struct report *report = audit_fixture_build(fixture, &request);
    assert_int_equal(fact_of(report, "laboratory", "lab_results").integer, 0);
    assert_int_equal(fact_of(report, "laboratory", "edc_results").integer, 0);
    report_free(report);
}

static void the_same_answer_makes_the_same_report(void **state)
{
    (void)state;
    struct report *one = audit_fixture_build(fixture, NULL);
    struct report *two = audit_fixture_build(fixture, NULL);
    assert_string_equal(one->content_hash, two->content_hash);
    lab_server_set_fault(lab->server, LAB_FAULT_GARBAGE, 2, 0);
    struct report *three = audit_fixture_build(fixture, NULL);
    struct report *four = audit_fixture_build(fixture, NULL);
    assert_string_not_equal(one->content_hash, three->content_hash);
    assert_string_equal(three->content_hash, four->content_hash);
    report_free(one);
    report_free(two);
    report_free(three);
    report_free(four);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(results_that_agree_are_counted_and_lead_to_nothing),
        TEST(the_answer_may_come_in_pages),
        TEST(trace_and_time_go_along_and_nothing_of_the_requester),
        TEST(whatever_is_wrong_the_report_comes_and_says_so),
        TEST(nobody_at_the_address_is_an_honest_gap),
        TEST(a_fault_that_passes_is_not_noticed),
        TEST(a_retry_after_is_waited_for),
        TEST(a_site_that_the_laboratory_does_not_know_is_told),
        TEST(without_a_laboratory_the_report_says_so_and_has_no_row_for_it),
        TEST(a_section_that_was_left_out_asks_nobody),
        TEST(results_of_later_days_are_not_there),
        TEST(the_same_answer_makes_the_same_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
