/* Thousands of calls over three links whose servers stop and come back all the time, cancelled at
 * random moments: each ends exactly once, those lost are made again, nothing is left. Meant for
 * ThreadSanitizer and AddressSanitizer above all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/log.h"
#include "support/rpc_site.h"

enum { N_SERVERS = 3, N_CALLERS = 3, N_RESTARTS = 60, STREAM_LEN = 100000, LIST_MAX = 512 };

static const struct rpc_method BLOCK_AGAIN = {
    .name = "walkie.test.v1.Test/Block", .kind = RPC_UNARY, .flags = RPC_IDEMPOTENT};
static const struct rpc_method FILE_AGAIN = {
    .name = "walkie.test.v1.Test/File", .kind = RPC_SERVER_STREAM, .flags = RPC_IDEMPOTENT};

struct storm {
    struct rpc_channel *channel;
    _Atomic bool *is_over;
    uint64_t seed;
    unsigned int n_calls;
    unsigned int n_ended_once;
    unsigned int n_ok;
    unsigned int n_callbacks_late;
    unsigned int n_wrong_bytes;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void call_once(struct storm *storm)
{
    static const struct rpc_method *const METHODS[] = {
        &TEST_ECHO_INLINE, &TEST_ECHO, &BLOCK_AGAIN, &TEST_STREAM, &FILE_AGAIN, &FILE_AGAIN};
    uint64_t random = next_random(&storm->seed);
    const struct rpc_method *method = METHODS[random % LENGTH_OF(METHODS)];
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_US(random >> 8 & 0x3fff) + 1));
    struct call_record record = {.holds_credit = false};
    storm->n_calls++;
    if (record_start(&record, scope->ctx, storm->channel, method, STREAM_LEN) != STATUS_OK) {
        return; /* counted by its absence */
    }
    if ((random >> 24 & 3) == 0) {
        (void)ctx_wait_until(scope->ctx, clock_now_ns() + CLOCK_US(random >> 26 & 0x7ff));
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
    if (record_wait_end(&record)) {
        storm->n_ended_once += record.n_ends == 1;
        storm->n_ok += record.end.status == STATUS_OK;
        storm->n_callbacks_late += record.n_after_end;
        storm->n_wrong_bytes += record.n_wrong_bytes > 0;
    }
    record_finish(&record);
}

static void *storm_main(void *arg)
{
    struct storm *storm = arg;
    while (!atomic_load(storm->is_over)) {
        call_once(storm);
    }
    return NULL;
}

static void calls_survive_servers_that_come_and_go(void **state)
{
    (void)state;
    struct test_service services[N_SERVERS];
    struct rpc_server *servers[N_SERVERS];
    char urls[N_SERVERS][RPC_URL_MAX];
    char list[LIST_MAX] = "";
    size_t len = 0;
    for (size_t i = 0; i < N_SERVERS; i++) {
        snprintf(urls[i], sizeof(urls[i]), "%s", test_ipc_url());
        test_service_init(&services[i]);
        servers[i] = test_server_start(&services[i], urls[i], site_many_workers);
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i > 0 ? "," : "", urls[i]);
    }
    struct rpc_channel_options options = {.backend = list, .name = "storm", .health_every_ms = 2};
    struct rpc_channel *channel = NULL;
    assert_int_equal(rpc_channel_new(&options, &channel, NULL), STATUS_OK);
    assert_true(site_wait_ready_links(channel, N_SERVERS));
    _Atomic bool is_over = false;
    struct storm storms[N_CALLERS];
    pthread_t threads[N_CALLERS];
    for (unsigned int i = 0; i < N_CALLERS; i++) {
        storms[i] = (struct storm){.channel = channel,
            .is_over = &is_over,
            .seed = UINT64_C(0x9e3779b97f4a7c15) * (i + 1)};
        assert_int_equal(pthread_create(&threads[i], NULL, storm_main, &storms[i]), 0);
    }
    for (unsigned int i = 0; i < N_RESTARTS; i++) {
        size_t victim = i % N_SERVERS;
        if (i % 4 == 3) {
            rpc_server_set_serving(servers[victim], false); /* it is taken out before it stops */
        }
        rpc_server_stop(servers[victim]);
        servers[victim] = test_server_start(&services[victim], urls[victim], site_many_workers);
    }
    atomic_store(&is_over, true);
    unsigned int n_ok = 0;
    for (unsigned int i = 0; i < N_CALLERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(storms[i].n_ended_once, storms[i].n_calls);
        assert_int_equal(storms[i].n_callbacks_late, 0);
        assert_int_equal(storms[i].n_wrong_bytes, 0);
        n_ok += storms[i].n_ok;
    }
    assert_true(n_ok > 0);
    assert_true(site_wait_ready_links(channel, N_SERVERS));
    rpc_channel_free(channel);
    for (size_t i = 0; i < N_SERVERS; i++) {
        rpc_server_stop(servers[i]);
    }
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    struct log_options options = {
        .service = "storm", .level = LOG_LEVEL_ERROR, .format = LOG_FORMAT_TEXT};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(calls_survive_servers_that_come_and_go, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
