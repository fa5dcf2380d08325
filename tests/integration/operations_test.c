/* Operations over a real service: SQLite, or PostgreSQL with OPERATIONS_POSTGRES. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "operations_fixture.h"

static void an_operation_is_done_when_its_result_is_whole(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    operation_begin_at(site, 0, &OPERATION_STREAM, &view);
    assert_true(view.is_new);
    assert_true(operation_wait_finished(&view));
    assert_int_equal(view.record.state, OPERATION_DONE);
    assert_int_equal(view.record.bytes, OPERATION_STREAM_LEN);
    assert_string_equal(view.record.outcome, "committed");
    assert_string_equal(view.record.filename_utf8, "中.pdf");
    struct answer_view answer = {.list = NULL};
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_RESULT, view.id, "ana", &answer));
    assert_int_equal(answer.status, STATUS_OK);
    assert_string_equal(answer.record.sha256, view.record.sha256);
    assert_int_equal(lseek(answer.fd, 0, SEEK_END), OPERATION_STREAM_LEN);
    close(answer.fd);
    assert_int_equal(operations_site_count(site, ".part"), 0);
    operations_site_free(site);
}

static void the_same_key_is_the_same_operation(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(2, NULL);
    struct operation_wish wish = OPERATION_STREAM;
    wish.key = "a key";
    struct operation_view first;
    struct operation_view second;
    struct operation_view third;
    operation_begin_at(site, 0, &wish, &first);
    operation_begin_at(site, 1, &wish, &second);
    assert_false(second.is_new);
    assert_string_equal(second.id, first.id);
    wish.size = 5;
    operation_begin_at(site, 1, &wish, &third);
    assert_int_equal(third.status, STATUS_ALREADY_EXISTS);
    assert_true(operation_wait_finished(&first));
    wish.size = OPERATION_STREAM_LEN;
    operation_begin_at(site, 0, &wish, &third);
    assert_false(third.is_new);
    assert_int_equal(third.record.state, OPERATION_DONE);
    operations_site_free(site);
}

static void somebody_elses_operation_is_none(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    operation_begin_at(site, 0, &OPERATION_BLOCK, &view);
    static const enum question_kind KINDS[] = {QUESTION_GET, QUESTION_CANCEL, QUESTION_RESULT};
    for (size_t i = 0; i < LENGTH_OF(KINDS); i++) {
        struct answer_view answer = {.list = NULL};
        assert_true(operation_ask_and_wait(site->gateways[0], KINDS[i], view.id, "ben", &answer));
        assert_int_equal(answer.status, STATUS_NOT_FOUND);
    }
    struct answer_view answer = {.list = NULL};
    assert_true(operation_ask_and_wait(site->gateways[0], QUESTION_LIST, "", "ben", &answer));
    assert_int_equal(answer.n_records, 0);
    assert_true(operation_ask_and_wait(site->gateways[0], QUESTION_GET, view.id, NULL, &answer));
    assert_int_equal(answer.record.state, OPERATION_RUNNING);
    operations_site_free(site);
    assert_int_equal(view.record.state, OPERATION_FAILED); /* the gateway stopped */
}

static void a_cancel_answers_with_what_became_of_the_work(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    operation_begin_at(site, 0, &OPERATION_BLOCK, &view);
    assert_true(test_service_wait_started(&site->rpc->service, 1));
    struct answer_view answer = {.list = NULL};
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_CANCEL, view.id, "ana", &answer));
    assert_int_equal(answer.record.state, OPERATION_CANCELLED);
    assert_string_equal(answer.record.outcome, "stopped");
    assert_false(answer.was_over);
    assert_int_equal(site->rpc->service.cause, CTX_CAUSE_USER_CANCELLED);
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_CANCEL, view.id, "ana", &answer));
    assert_true(answer.was_over);
    assert_int_equal(answer.record.state, OPERATION_CANCELLED);
    operations_site_free(site);
}

#ifndef OPERATIONS_POSTGRES /* it takes two seconds, and the store no part in it */
static void a_service_that_does_not_stop_is_not_waited_for_long(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    static const struct operation_wish STUBBORN = {.method = &TEST_STUBBORN};
    struct operation_view view;
    operation_begin_at(site, 0, &STUBBORN, &view);
    assert_true(test_service_wait_started(&site->rpc->service, 1));
    struct answer_view answer = {.list = NULL};
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_CANCEL, view.id, "ana", &answer));
    assert_int_equal(answer.record.state, OPERATION_RUNNING);
    assert_true(answer.record.is_cancelling);
    test_service_open_gate(&site->rpc->service);
    assert_true(operation_wait_finished(&view));
    assert_int_equal(view.record.state, OPERATION_CANCELLED);
    assert_string_equal(view.record.outcome, "committed");
    operations_site_free(site);
}
#endif

static void a_deadline_that_passes_is_a_failure(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_wish wish = OPERATION_BLOCK;
    wish.timeout_ns = CLOCK_MS(50);
    struct operation_view view;
    operation_begin_at(site, 0, &wish, &view);
    assert_true(operation_wait_finished(&view));
    assert_int_equal(view.record.state, OPERATION_FAILED);
    assert_non_null(strstr(view.record.problem, "DEADLINE_EXCEEDED"));
    assert_int_equal(operations_site_count(site, ".result"), 0);
    operations_site_free(site);
}

static void a_failed_call_leaves_its_problem(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    static const struct operation_wish FAIL = {.method = &TEST_FAIL};
    struct operation_view view;
    operation_begin_at(site, 0, &FAIL, &view);
    assert_true(operation_wait_finished(&view));
    struct answer_view answer = {.list = NULL};
    assert_true(operation_ask_and_wait(site->gateways[0], QUESTION_GET, view.id, "ana", &answer));
    assert_int_equal(answer.record.state, OPERATION_FAILED);
    assert_non_null(strstr(answer.record.problem, "NOT_FOUND"));
    operations_site_free(site);
}

static void another_gateway_sees_it_and_cancels_it(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(2, NULL);
    struct operation_view view;
    operation_begin_at(site, 0, &OPERATION_BLOCK, &view);
    assert_true(test_service_wait_started(&site->rpc->service, 1));
    struct answer_view answer = {.list = NULL};
    assert_true(operation_ask_and_wait(site->gateways[1], QUESTION_GET, view.id, "ana", &answer));
    assert_int_equal(answer.record.state, OPERATION_RUNNING);
    assert_true(
        operation_ask_and_wait(site->gateways[1], QUESTION_CANCEL, view.id, "ana", &answer));
    assert_int_equal(answer.record.state, OPERATION_CANCELLED);
    assert_string_equal(answer.record.outcome, "stopped");
    operations_site_free(site);
}

static void results_are_there_after_a_restart(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    operation_begin_at(site, 0, &OPERATION_STREAM, &view);
    assert_true(operation_wait_finished(&view));
    operations_site_stop(site, 0);
    operations_site_start(site, 0);
    struct answer_view answer = {.list = NULL};
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_RESULT, view.id, "ana", &answer));
    assert_string_equal(answer.record.sha256, view.record.sha256);
    assert_true(answer.fd >= 0);
    close(answer.fd);
    operations_site_free(site);
}

static void what_a_killed_gateway_ran_is_failed(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(0, NULL);
    struct store *store = NULL;
    struct error error = ERROR_NONE;
    struct operation_record record;
    struct operation_record existing;
    const struct store_key key = {.key = "", .request = "r"};
    bool is_new = false;
    assert_int_equal(store_open(site->uri, &store, &error), STATUS_OK);
    assert_int_equal(operation_record_init(&record, "ana", "/v1"), STATUS_OK);
    assert_true(operation_new_id(record.gateway));
    assert_int_equal(
        store_add(store, &record, &key, operation_now_ms() - 1, &existing, &is_new, &error),
        STATUS_OK);
    store_close(store);
    operations_site_start(site, 0);
    site->n_gateways = 1;
    struct failed_wish wish = {site->gateways[0], record.id, "the gateway stopped while it ran"};
    assert_true(wait_until(operation_is_failed, &wish));
    operations_site_free(site);
}

static void a_client_who_waits_ends_its_operation_by_leaving(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    CTX_SCOPE(client, ctx_with_cancel(ctx_background()));
    struct operation_wish wish = OPERATION_BLOCK;
    wish.attached = client->ctx;
    struct operation_view view;
    operation_begin_at(site, 0, &wish, &view);
    assert_true(test_service_wait_started(&site->rpc->service, 1));
    ctx_cancel(client, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(operation_wait_finished(&view));
    assert_int_equal(site->rpc->service.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
    struct answer_view answer = {.list = NULL};
    assert_true(operation_ask_and_wait(site->gateways[0], QUESTION_LIST, "", NULL, &answer));
    assert_int_equal(answer.n_records, 0); /* nothing to come back to */
    operations_site_free(site);
}

static void what_was_made_for_a_client_who_waited_is_kept(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    CTX_SCOPE(client, ctx_with_cancel(ctx_background()));
    struct operation_wish wish = OPERATION_STREAM;
    wish.attached = client->ctx;
    struct operation_view view;
    operation_begin_at(site, 0, &wish, &view);
    assert_true(operation_wait_finished(&view));
    assert_int_equal(view.record.state, OPERATION_DONE);
    struct answer_view answer = {.list = NULL};
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_RESULT, view.id, "ana", &answer));
    assert_int_equal(lseek(answer.fd, 0, SEEK_END), OPERATION_STREAM_LEN);
    close(answer.fd);
    operations_site_free(site);
}

/* A cancel against the end of the stream, again and again: one of them wins, and the file says
 * which. */
static void of_cancel_and_completion_exactly_one_wins(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(OPERATIONS_POSTGRES)
    enum { N = 200 };
#else
    enum { N = 1000 };
#endif
    const unsigned int n = operation_rounds(N);
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_wish wish = OPERATION_STREAM;
    unsigned int n_done = 0;
    unsigned int n_cancelled = 0;
    for (unsigned int i = 0; i < n; i++) {
        struct operation_view view;
        struct answer_view answer = {.list = NULL};
        wish.size = (i * 37 % 16) * 8192;
        operation_begin_at(site, 0, &wish, &view);
        /* Spread over the time that it takes. */
        uint64_t cancel_ns = clock_now_ns() + CLOCK_US(i % 50 * 20);
        while (clock_now_ns() < cancel_ns) {
        }
        assert_true(
            operation_ask_and_wait(site->gateways[0], QUESTION_CANCEL, view.id, "ana", &answer));
        assert_true(operation_wait_finished(&view));
        bool is_done = view.record.state == OPERATION_DONE;
        assert_true(is_done || view.record.state == OPERATION_CANCELLED);
        assert_int_equal(answer.record.state, view.record.state);
        assert_int_equal(operations_site_has_result(site, view.id), is_done);
        n_done += is_done;
        n_cancelled += !is_done;
    }
    print_message("%u done, %u cancelled\n", n_done, n_cancelled);
    assert_int_equal(n_done + n_cancelled, n);
    assert_int_equal(operations_site_count(site, ".result"), n_done);
    assert_int_equal(operations_site_count(site, ".part"), 0);
    operations_site_free(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_is_done_when_its_result_is_whole),
        cmocka_unit_test(the_same_key_is_the_same_operation),
        cmocka_unit_test(somebody_elses_operation_is_none),
        cmocka_unit_test(a_cancel_answers_with_what_became_of_the_work),
#ifndef OPERATIONS_POSTGRES
        cmocka_unit_test(a_service_that_does_not_stop_is_not_waited_for_long),
#endif
        cmocka_unit_test(a_deadline_that_passes_is_a_failure),
        cmocka_unit_test(a_failed_call_leaves_its_problem),
        cmocka_unit_test(another_gateway_sees_it_and_cancels_it),
        cmocka_unit_test(results_are_there_after_a_restart),
        cmocka_unit_test(what_a_killed_gateway_ran_is_failed),
        cmocka_unit_test(a_client_who_waits_ends_its_operation_by_leaving),
        cmocka_unit_test(what_was_made_for_a_client_who_waited_is_kept),
        cmocka_unit_test(of_cancel_and_completion_exactly_one_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
