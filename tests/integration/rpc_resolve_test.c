/* Backends that are names. Linked with -Wl,--wrap=getaddrinfo: one name has the addresses that the
 * test says, the others are the system's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <netdb.h>

#include "ctx/test.h"
#include "rpc/condition.h"
#include "support/rpc_site.h"

enum { ADDRESSES_MAX = 4, LIST_MAX = 256 };
#define NAME "report.test"

/* --- the name's addresses ------------------------------------------------------------------- */

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    const char *addresses[ADDRESSES_MAX];
    size_t n_addresses; /* 0: there is no such name */
    bool is_hanging;
    unsigned int n_asked;
} names;

static void set_addresses(const char *first, const char *second)
{
    pthread_mutex_lock(&names.mutex);
    names.addresses[0] = first;
    names.addresses[1] = second;
    names.n_addresses = (first != NULL) + (second != NULL);
    pthread_mutex_unlock(&names.mutex);
}

static void set_hanging(bool is_hanging)
{
    pthread_mutex_lock(&names.mutex);
    names.is_hanging = is_hanging;
    names.n_asked = 0;
    pthread_cond_broadcast(&names.changed);
    pthread_mutex_unlock(&names.mutex);
}

static bool was_asked(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&names.mutex);
    bool was = names.n_asked > 0;
    pthread_mutex_unlock(&names.mutex);
    return was;
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
int __real_getaddrinfo(
    const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **found);
int __wrap_getaddrinfo(
    const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **found);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

/* The system makes the list, from literals, so that it can free it, too. */
int __wrap_getaddrinfo(
    const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **found)
{
    if (strcmp(host, NAME) != 0) {
        return __real_getaddrinfo(host, port, hints, found);
    }
    pthread_mutex_lock(&names.mutex);
    names.n_asked++;
    while (names.is_hanging) {
        pthread_cond_wait(&names.changed, &names.mutex);
    }
    struct addrinfo **end = found;
    *found = NULL;
    for (size_t i = 0; i < names.n_addresses; i++) {
        if (__real_getaddrinfo(names.addresses[i], port, hints, end) == 0) {
            end = &(*end)->ai_next;
        }
    }
    bool is_known = names.n_addresses > 0;
    pthread_mutex_unlock(&names.mutex);
    return is_known ? 0 : EAI_NONAME;
}

/* --- servers and a channel ------------------------------------------------------------------ */

static unsigned int port_of(struct rpc_server *server)
{
    struct rpc_address address;
    assert_int_equal(rpc_address_parse(rpc_server_url(server), &address, NULL), STATUS_OK);
    return address.port;
}

static struct rpc_server *start_at(
    struct test_service *service, const char *address, unsigned int port)
{
    char url[LIST_MAX];
    snprintf(url, sizeof(url), "tcp://%s:%u", address, port);
    test_service_init(service);
    return test_server_start(service, url, site_many_workers);
}

static struct rpc_channel *channel_to(const char *name, unsigned int port)
{
    char url[LIST_MAX];
    snprintf(url, sizeof(url), "tcp://%s:%u", name, port);
    return test_channel_new(url);
}

struct wanted_addresses {
    struct rpc_channel *channel;
    const char *first;
    const char *second;
};

static bool has_address(const struct link_views *views, const char *address)
{
    for (size_t i = 0; i < views->n_links; i++) {
        if (strstr(views->links[i].address, address) != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_just_these_addresses(void *arg)
{
    const struct wanted_addresses *wanted = arg;
    struct link_views views = site_look(wanted->channel);
    return views.n_links == 2 && has_address(&views, wanted->first) &&
           has_address(&views, wanted->second);
}

static bool wait_addresses(struct rpc_channel *channel, const char *first, const char *second)
{
    struct wanted_addresses wanted = {channel, first, second};
    return wait_until(has_just_these_addresses, &wanted);
}

static bool has_left_second(void *channel)
{
    struct link_views views = site_look(channel);
    for (size_t i = 0; i < views.n_links; i++) {
        if (strstr(views.links[i].address, "127.0.0.2") != NULL) {
            return strcmp(views.links[i].state, "leaving") == 0;
        }
    }
    return false;
}

/* --- the tests ------------------------------------------------------------------------------ */

static void localhost_is_found(void **state)
{
    (void)state;
    struct test_service service;
    struct rpc_server *server = start_at(&service, "127.0.0.1", 0);
    struct site site = {.channel = channel_to("localhost", port_of(server))};
    assert_true(site_wait_ready_links(site.channel, 1));
    struct call_record record = {.n_ends = 0};
    site_start_calls(&site, ctx_background(), &TEST_ECHO, &record, 1);
    assert_int_equal(site_n_with_status(&record, 1, STATUS_OK), 1);
    site_finish_calls(&record, 1);
    rpc_channel_free(site.channel);
    rpc_server_stop(server);
}

static void each_address_of_a_name_is_a_link_and_shares_the_calls(void **state)
{
    (void)state;
    enum { N_CALLS = 20 };
    struct call_record records[N_CALLS] = {{.n_ends = 0}};
    struct test_service services[2];
    struct rpc_server *first = start_at(&services[0], "127.0.0.1", 0);
    struct rpc_server *second = start_at(&services[1], "127.0.0.2", port_of(first));
    set_addresses("127.0.0.1", "127.0.0.2");
    struct site site = {.channel = channel_to(NAME, port_of(first))};
    assert_true(site_wait_ready_links(site.channel, 2));
    site_start_calls(&site, ctx_background(), &TEST_STUBBORN, records, N_CALLS);
    struct link_views views = site_look(site.channel);
    assert_in_range(views.links[0].n_calls, 7, 13);
    test_service_open_gate(&services[0]);
    test_service_open_gate(&services[1]);
    assert_int_equal(site_n_with_status(records, N_CALLS, STATUS_OK), N_CALLS);
    site_finish_calls(records, N_CALLS);
    rpc_channel_free(site.channel);
    rpc_server_stop(first);
    rpc_server_stop(second);
}

static void an_address_that_vanishes_is_drained_and_a_new_one_dialled(void **state)
{
    (void)state;
    enum { N_BEFORE = 10, N_AFTER = 10 };
    struct call_record before[N_BEFORE] = {{.n_ends = 0}};
    struct call_record after[N_AFTER] = {{.n_ends = 0}};
    struct test_service services[3];
    struct rpc_server *first = start_at(&services[0], "127.0.0.1", 0);
    unsigned int port = port_of(first);
    struct rpc_server *second = start_at(&services[1], "127.0.0.2", port);
    set_addresses("127.0.0.1", "127.0.0.2");
    struct site site = {.channel = channel_to(NAME, port)};
    assert_true(site_wait_ready_links(site.channel, 2));
    site_start_calls(&site, ctx_background(), &TEST_STUBBORN, before, N_BEFORE);
    unsigned int n_on_second = N_BEFORE - site_look(site.channel).links[0].n_calls;
    assert_true(test_service_wait_started(&services[1], n_on_second));
    struct rpc_server *third = start_at(&services[2], "127.0.0.3", port);
    set_addresses("127.0.0.1", "127.0.0.3");
    test_service_open_gate(&services[0]);
    assert_int_equal(rpc_server_drain(ctx_background(), first), STATUS_OK);
    rpc_server_stop(first); /* the loss has the name looked up again */

    /* The second one's calls go on, but it gets none any more. */
    assert_true(wait_until(has_left_second, site.channel));
    assert_true(site_wait_ready_links(site.channel, 1));
    site_start_calls(&site, ctx_background(), &TEST_ECHO, after, N_AFTER);
    assert_int_equal(site_n_with_status(after, N_AFTER, STATUS_OK), N_AFTER);
    assert_int_equal(services[2].n_started, N_AFTER);
    test_service_open_gate(&services[1]);
    assert_int_equal(site_n_with_status(before, N_BEFORE, STATUS_OK), N_BEFORE);
    assert_true(wait_addresses(site.channel, "127.0.0.1", "127.0.0.3"));
    site_finish_calls(before, N_BEFORE);
    site_finish_calls(after, N_AFTER);
    rpc_channel_free(site.channel);
    rpc_server_stop(second);
    rpc_server_stop(third);
}

static void a_name_that_nobody_knows_is_asked_for_until_somebody_does(void **state)
{
    (void)state;
    struct test_service service;
    struct rpc_server *server = start_at(&service, "127.0.0.1", 0);
    set_addresses(NULL, NULL);
    struct site site = {.channel = channel_to(NAME, port_of(server))};
    struct call_record record = {.n_ends = 0};
    site_start_calls(&site, ctx_background(), &TEST_ECHO, &record, 1);
    assert_int_equal(site_n_with_status(&record, 1, STATUS_UNAVAILABLE), 1);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    site_finish_calls(&record, 1);
    assert_string_equal(site_look(site.channel).links[0].state, "resolving");
    set_addresses("127.0.0.1", NULL);
    assert_true(site_wait_ready_links(site.channel, 1));
    rpc_channel_free(site.channel);
    rpc_server_stop(server);
}

static void a_channel_is_freed_while_a_look_up_hangs(void **state)
{
    (void)state;
    set_hanging(true);
    struct rpc_channel *channel = channel_to(NAME, 1);
    assert_true(wait_until(was_asked, NULL));
    rpc_channel_free(channel); /* or the test would hang */
    set_hanging(false);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    pthread_mutex_init(&names.mutex, NULL);
    condition_init(&names.changed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(localhost_is_found, check_leaks),
        cmocka_unit_test_teardown(
            each_address_of_a_name_is_a_link_and_shares_the_calls, check_leaks),
        cmocka_unit_test_teardown(
            an_address_that_vanishes_is_drained_and_a_new_one_dialled, check_leaks),
        cmocka_unit_test_teardown(
            a_name_that_nobody_knows_is_asked_for_until_somebody_does, check_leaks),
        cmocka_unit_test_teardown(a_channel_is_freed_while_a_look_up_hangs, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
