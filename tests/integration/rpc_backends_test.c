/* A channel to several backends: who gets a call when one of them is not there, not well, or
 * drains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/rpc_site.h"

enum { LIST_MAX = 512 };

static void calls_in_flight_are_spread_evenly(void **state)
{
    (void)state;
    enum { N_CALLS = 90 };
    static struct call_record records[N_CALLS];
    struct site site;
    site_start(&site, 3, false, site_many_workers);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    site_start_calls(&site, scope->ctx, &TEST_BLOCK, records, N_CALLS);
    struct link_views views = site_look(site.channel);
    for (size_t i = 0; i < 3; i++) {
        assert_in_range(views.links[i].n_calls, N_CALLS / 3 - 5, N_CALLS / 3 + 5);
    }
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_CANCELLED), N_CALLS);
    site_finish_calls(records, N_CALLS);
    site_stop(&site);
}

static void a_backend_that_is_not_there_is_no_obstacle(void **state)
{
    (void)state;
    enum { N_CALLS = 20 };
    struct call_record records[N_CALLS] = {{.n_ends = 0}};
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, "tcp://127.0.0.1:0", NULL);
    char list[LIST_MAX];
    snprintf(
        list, sizeof(list), "ipc:///tmp/walkie-nobody-listens-here.ipc,%s", rpc_server_url(server));
    struct site site = {.channel = test_channel_new(list)};
    assert_true(site_wait_ready_links(site.channel, 1));
    site_start_calls(&site, ctx_background(), &TEST_ECHO, records, N_CALLS);
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_OK), N_CALLS);
    struct link_views views = site_look(site.channel);
    assert_true(views.links[0].has_error);
    assert_true(rpc_channel_is_ready(site.channel));
    site_finish_calls(records, N_CALLS);
    rpc_channel_free(site.channel);
    rpc_server_stop(server);
}

static void a_server_that_says_it_is_not_well_gets_no_calls_until_it_is(void **state)
{
    (void)state;
    enum { N_CALLS = 30 };
    struct call_record records[N_CALLS] = {{.n_ends = 0}};
    struct site site;
    site_start(&site, 2, false, site_many_workers);
    rpc_server_set_serving(site.servers[0], false);
    assert_true(site_wait_ready_links(site.channel, 1));
    assert_string_equal(site_look(site.channel).links[0].state, "unhealthy");
    site_start_calls(&site, ctx_background(), &TEST_ECHO, records, N_CALLS);
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_OK), N_CALLS);
    assert_int_equal(site.services[0].n_started, 0);
    assert_int_equal(site.services[1].n_started, N_CALLS);
    site_finish_calls(records, N_CALLS);

    rpc_server_set_serving(site.servers[1], false);
    assert_true(site_wait_ready_links(site.channel, 0));
    assert_false(rpc_channel_is_ready(site.channel));
    site_start_calls(&site, ctx_background(), &TEST_ECHO, records, 1);
    assert_int_equal(site_n_with_status(records, 1, STATUS_UNAVAILABLE), 1);
    assert_int_equal(records[0].end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    site_finish_calls(records, 1);

    rpc_server_set_serving(site.servers[0], true);
    assert_true(site_wait_ready_links(site.channel, 1));
    site_start_calls(&site, ctx_background(), &TEST_ECHO, records, N_CALLS);
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_OK), N_CALLS);
    assert_int_equal(site.services[0].n_started, N_CALLS);
    site_finish_calls(records, N_CALLS);
    site_stop(&site);
}

static void a_draining_server_ends_its_calls_and_gets_no_new_ones(void **state)
{
    (void)state;
    enum { N_BEFORE = 10, N_AFTER = 30 };
    struct call_record before[N_BEFORE] = {{.n_ends = 0}};
    struct call_record after[N_AFTER] = {{.n_ends = 0}};
    struct site site;
    site_start(&site, 2, false, site_many_workers);
    site_start_calls(&site, ctx_background(), &TEST_STUBBORN, before, N_BEFORE);
    unsigned int n_on_first = site_look(site.channel).links[0].n_calls;
    assert_in_range(n_on_first, 1, N_BEFORE - 1);
    assert_true(test_service_wait_started(&site.services[0], n_on_first));
    CTX_SCOPE(soon, ctx_with_timeout(ctx_background(), CTX_MS(5)));
    assert_int_equal(rpc_server_drain(soon->ctx, site.servers[0]), STATUS_DEADLINE_EXCEEDED);
    assert_true(site_wait_ready_links(site.channel, 1)); /* GOAWAY has come */
    site_start_calls(&site, ctx_background(), &TEST_ECHO, after, N_AFTER);
    assert_int_equal(site_n_with_status(after, N_AFTER, STATUS_OK), N_AFTER);
    assert_int_equal(site.services[0].n_started, n_on_first);
    test_service_open_gate(&site.services[0]);
    test_service_open_gate(&site.services[1]);
    assert_int_equal(site_n_with_status(before, N_BEFORE, STATUS_OK), N_BEFORE);
    site_finish_calls(before, N_BEFORE);
    site_finish_calls(after, N_AFTER);
    site_stop(&site);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(calls_in_flight_are_spread_evenly, check_leaks),
        cmocka_unit_test_teardown(a_backend_that_is_not_there_is_no_obstacle, check_leaks),
        cmocka_unit_test_teardown(
            a_server_that_says_it_is_not_well_gets_no_calls_until_it_is, check_leaks),
        cmocka_unit_test_teardown(
            a_draining_server_ends_its_calls_and_gets_no_new_ones, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
