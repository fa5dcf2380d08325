/* An operation's end against everything else that may come at that time: exactly one of them wins,
 * it is told once, and the file and the record say the same. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>
#include <unistd.h>

#include "operations_fixture.h"

enum { STOPPED_AT_ONCE = 4 };

/* Spread over the time that a stream takes. */
static void let_some_time_pass(unsigned int i)
{
    uint64_t until_ns = clock_now_ns() + CLOCK_US(i * 7 % 50 * 20);
    while (clock_now_ns() < until_ns) {
    }
}

static struct operation_wish stream_of_round(unsigned int i)
{
    struct operation_wish wish = OPERATION_STREAM;
    wish.size = (i * 37 % 16) * 8192;
    return wish;
}

static void of_leaving_and_completion_exactly_one_is_told(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    unsigned int n_done = 0;
    unsigned int n = operation_rounds(150);
    for (unsigned int i = 0; i < n; i++) {
        struct ctx_scope *client = ctx_with_cancel(ctx_background());
        struct operation_wish wish = stream_of_round(i);
        wish.attached = client->ctx;
        struct operation_view view;
        operation_begin_at(site, 0, &wish, &view);
        let_some_time_pass(i);
        ctx_cancel(client, CTX_CAUSE_CLIENT_DISCONNECTED);
        assert_true(operation_wait_finished(&view));
        ctx_scope_end(client); /* the service's last word may come later still */
        bool is_done = view.record.state == OPERATION_DONE;
        assert_true(is_done || view.record.state == OPERATION_FAILED);
        assert_int_equal(operations_site_has_result(site, view.id), is_done);
        assert_int_equal(view.n_finished, 1);
        n_done += is_done;
    }
    assert_int_equal(operations_site_count(site, ".result"), n_done);
    assert_int_equal(operations_site_count(site, ".part"), 0);
    operations_site_free(site);
}

/* Half of them belong to a client, half of them never end by themselves. */
static void a_gateway_that_stops_ends_each_of_its_operations_once(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < operation_rounds(30); i++) {
        struct operations_site *site = operations_site_new(1, NULL);
        CTX_SCOPE(client, ctx_with_cancel(ctx_background()));
        struct operation_view views[STOPPED_AT_ONCE];
        for (unsigned int k = 0; k < STOPPED_AT_ONCE; k++) {
            struct operation_wish wish = k % 2 == 0 ? stream_of_round(i + k) : OPERATION_BLOCK;
            wish.attached = k < STOPPED_AT_ONCE / 2 ? client->ctx : NULL;
            operation_begin_at(site, 0, &wish, &views[k]);
        }
        struct answer_view answer = {.list = NULL};
        bool is_cancelled = i % 3 == 0;
        if (is_cancelled) {
            operation_ask_view(
                site->gateways[0], QUESTION_CANCEL, views[STOPPED_AT_ONCE - 1].id, "ana", &answer);
        }
        let_some_time_pass(i);
        operations_site_free(site);
        for (unsigned int k = 0; k < STOPPED_AT_ONCE; k++) {
            assert_int_equal(views[k].n_finished, 1);
            assert_int_not_equal(views[k].record.state, OPERATION_RUNNING);
        }
        assert_int_equal(answer.is_there, is_cancelled);
    }
}

/* What another gateway does with one whose lease is over. */
static void say_that_it_was_lost(struct store *store, const struct operation_record *record)
{
    struct operation_record lost = *record;
    struct error error = ERROR_NONE;
    bool was_running = false;
    lost.state = OPERATION_FAILED;
    lost.finished_ms = operation_now_ms();
    lost.expires_ms = lost.finished_ms + 1000000;
    assert_int_equal(store_finish(store, &lost, &was_running, &error), STATUS_OK);
}

/* Against the end: a DELETE at another gateway, and a third one that takes it for lost. */
static void what_gateways_say_of_one_operation_is_the_same(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(2, NULL);
    struct store *store = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(store_open(site->uri, &store, &error), STATUS_OK);
    for (unsigned int i = 0; i < operation_rounds(15); i++) {
        struct operation_wish wish = stream_of_round(i);
        struct operation_view view;
        struct answer_view first = {.list = NULL};
        struct answer_view asked = {.list = NULL};
        struct answer_view last = {.list = NULL};
        operation_begin_at(site, 0, &wish, &view);
        assert_true(
            operation_ask_and_wait(site->gateways[0], QUESTION_GET, view.id, "ana", &first));
        operation_ask_view(site->gateways[1], QUESTION_CANCEL, view.id, "ana", &asked);
        let_some_time_pass(i);
        say_that_it_was_lost(store, &first.record);
        assert_true(operation_wait_finished(&view));
        assert_true(answer_wait(&asked));
        assert_true(operation_ask_and_wait(site->gateways[1], QUESTION_GET, view.id, "ana", &last));
        assert_int_not_equal(last.record.state, OPERATION_RUNNING);
        assert_int_equal(view.record.state, last.record.state);
        assert_true(asked.record.state == last.record.state ||
                    asked.record.state == OPERATION_RUNNING); /* a slow machine */
        assert_int_equal(
            operations_site_has_result(site, view.id), last.record.state == OPERATION_DONE);
        assert_int_equal(view.n_finished, 1);
    }
    store_close(store);
    operations_site_free(site);
}

/* The store says done already, as it does when only the answer to a commit was lost. */
static void an_end_that_is_kept_already_leaves_the_result(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    struct answer_view answer = {.list = NULL};
    static const struct operation_wish STUBBORN = {.method = &TEST_STUBBORN};
    operation_begin_at(site, 0, &STUBBORN, &view);
    assert_true(test_service_wait_started(&site->rpc->service, 1));
    operations_site_sql(site, "UPDATE walkie_operation SET state = 'done', expires_ms = 1 << 62");
    test_service_open_gate(&site->rpc->service);
    assert_true(operation_wait_finished(&view));
    assert_int_equal(view.record.state, OPERATION_DONE);
    assert_true(operations_site_has_result(site, view.id));
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_RESULT, view.id, "ana", &answer));
    assert_true(answer.fd >= 0);
    close(answer.fd);
    operations_site_free(site);
}

static bool is_retried(void *arg)
{
    const struct operations_site *site = arg;
    return operations_site_count(site, ".result") == 1;
}

static void the_end_waits_for_a_store_that_is_away(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    struct operation_view attached;
    static const struct operation_wish STUBBORN = {.method = &TEST_STUBBORN};
    struct operation_wish wish = OPERATION_STREAM;
    CTX_SCOPE(client, ctx_with_cancel(ctx_background()));
    wish.attached = client->ctx;
    operation_begin_at(site, 0, &STUBBORN, &view);
    operations_site_sql(site, "ALTER TABLE walkie_operation RENAME TO away");
    operation_begin_at(site, 0, &wish, &attached);
    assert_true(operation_wait_finished(&attached)); /* who waits is told at once */
    assert_int_equal(attached.record.state, OPERATION_FAILED);
    assert_non_null(strstr(attached.record.problem, "the gateway cannot keep the result"));
    test_service_open_gate(&site->rpc->service);
    assert_true(wait_until(is_retried, site));
    assert_false(operation_is_finished(&view));
    operations_site_sql(site, "ALTER TABLE away RENAME TO walkie_operation");
    assert_true(operation_wait_finished(&view));
    assert_int_equal(view.record.state, OPERATION_DONE);
    operations_site_free(site);
}

static void a_drain_does_not_wait_long_for_a_store_that_is_away(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    CTX_SCOPE(bound, ctx_with_timeout(ctx_background(), CLOCK_SECONDS(TEST_WAIT_SECONDS)));
    operation_begin_at(site, 0, &OPERATION_BLOCK, &view);
    struct answer_view answer = {.list = NULL};
    operations_site_sql(site, "ALTER TABLE walkie_operation RENAME TO away");
    operation_ask_view(site->gateways[0], QUESTION_CANCEL, view.id, "ana", &answer);
    assert_int_equal(operations_drain(bound->ctx, site->gateways[0]), STATUS_OK);
    assert_true(operation_wait_finished(&view)); /* it is told just after */
    assert_int_equal(view.record.state, OPERATION_FAILED);
    assert_true(answer_wait(&answer));
    operations_site_free(site);
}

/* The store kept the record, and the gateway heard that it had not: nobody runs it. */
static void a_record_that_nobody_runs_is_failed_by_its_own_gateway(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_view view;
    struct answer_view answer = {.list = NULL};
    struct store *store = NULL;
    struct error error = ERROR_NONE;
    struct operation_record existing;
    const struct store_key key = {.key = "", .request = "r"};
    bool is_new = false;
    operation_begin_at(site, 0, &OPERATION_BLOCK, &view);
    assert_true(operation_ask_and_wait(site->gateways[0], QUESTION_GET, view.id, "ana", &answer));
    assert_true(operation_new_id(answer.record.id));
    assert_int_equal(store_open(site->uri, &store, &error), STATUS_OK);
    assert_int_equal(
        store_add(store, &answer.record, &key, 1, &existing, &is_new, &error), STATUS_OK);
    store_close(store);
    struct failed_wish wish = {
        site->gateways[0], existing.id, "the gateway lost its store while it ran"};
    assert_true(wait_until(operation_is_failed, &wish));
    assert_false(operation_is_finished(&view)); /* that one it does run */
    operations_site_free(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_leaving_and_completion_exactly_one_is_told),
        cmocka_unit_test(a_gateway_that_stops_ends_each_of_its_operations_once),
        cmocka_unit_test(what_gateways_say_of_one_operation_is_the_same),
        cmocka_unit_test(an_end_that_is_kept_already_leaves_the_result),
        cmocka_unit_test(the_end_waits_for_a_store_that_is_away),
        cmocka_unit_test(a_drain_does_not_wait_long_for_a_store_that_is_away),
        cmocka_unit_test(a_record_that_nobody_runs_is_failed_by_its_own_gateway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
