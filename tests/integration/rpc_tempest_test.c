/* Everything at once: callers who cancel, whose time runs out, who read slowly or not at all; peers
 * whose connections are cut in the middle of their calls; a server that drains, stops and comes
 * back; handlers that block, stream, send files and defer. What has begun has ended, once, on both
 * sides, and nothing is left. Meant for ThreadSanitizer and AddressSanitizer above all.
 *
 * Linked with -Wl,--wrap=log_event: the server's word on each call is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/service.h"
#include "base/attributes.h"
#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"
#include "walkie/report/v1/methods.h"

enum {
    N_CALLERS = 4,
    N_CALLS = 700, /* of each caller */
    N_CUTS = 120,
    N_RAW_CALLS = 6,      /* in flight when a connection is cut */
    SLEEP_MS_LONG = 5000, /* and what they ask for: ms, or bytes */
    STREAM_LEN = 400000,
    BINDINGS_MAX = 24,
};

/* --- what the servers say ------------------------------------------------------------------- */

static _Atomic unsigned int n_begun; /* rpc.recv: a call has begun */
static _Atomic unsigned int n_over;  /* rpc.end of the server */

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names it so. */
void __wrap_log_event(enum log_level level, const char *event, const struct ctx *ctx,
    const struct log_field *fields, size_t n_fields);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

void __wrap_log_event(enum log_level level, const char *event, const struct ctx *ctx,
    const struct log_field *fields, size_t n_fields)
{
    (void)level;
    (void)ctx;
    bool is_late = false; /* the channel's, for a caller who did not wait */
    for (size_t i = 0; i < n_fields; i++) {
        is_late = is_late || (fields[i].kind == LOG_BOOL && strcmp(fields[i].name, "late") == 0);
    }
    atomic_fetch_add(&n_begun, strcmp(event, "rpc.recv") == 0);
    atomic_fetch_add(&n_over, strcmp(event, "rpc.end") == 0 && !is_late);
}

/* --- the servers ---------------------------------------------------------------------------- */

/* The test's methods, and the service's Sleep, which is deferred and holds no thread. */
static void add_sleep(struct rpc_server_options *options)
{
    static struct rpc_binding bindings[BINDINGS_MAX];
    if (options->n_bindings >= BINDINGS_MAX) {
        abort();
    }
    if (bindings[0].method == NULL) { /* once, by the steady server: then others read them */
        memcpy(bindings, options->bindings, options->n_bindings * sizeof(bindings[0]));
        bindings[options->n_bindings] =
            (struct rpc_binding){.method = &REPORT_SLEEP, .handler = service_sleep};
    }
    options->bindings = bindings;
    options->n_bindings++;
    options->allow_faults = true;
    options->queue_max = 8; /* short: some are refused, some wait */
}

struct tempest {
    struct test_service service;
    struct rpc_server *steady;
    char steady_url[64];
    char restless_url[64];
    struct rpc_channel *channels[3]; /* two to the steady server, one to the restless one */
    _Atomic bool is_over;            /* the callers have done */
    unsigned int n_restarts;
    unsigned int n_drained; /* of those: within the time */
};

struct caller {
    struct tempest *tempest;
    uint64_t seed;
    unsigned int n_started;
    unsigned int n_ended_once;
    unsigned int n_ok;
    unsigned int n_callbacks_late;
    unsigned int n_wrong_bytes;
    unsigned int n_partial; /* OK, and not the whole stream */
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* --- the callers ---------------------------------------------------------------------------- */

static void disturb(struct call_record *record, struct ctx_scope *scope, uint64_t random)
{
    uint64_t pause_ns = CLOCK_US(random & 0x1ff);
    switch (random >> 10 & 3) {
    case 0:
        ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
        break;
    case 1:
        (void)ctx_wait_until(scope->ctx, clock_now_ns() + pause_ns);
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        break;
    case 2: /* a slow reader */
        (void)ctx_wait_until(scope->ctx, clock_now_ns() + pause_ns);
        record_consume(record);
        break;
    case 3: /* its deadline, or its end */
        break;
    }
}

static void call_once(struct caller *caller)
{
    static const struct rpc_method *const METHODS[] = {&TEST_ECHO_INLINE, &TEST_ECHO, &TEST_BLOCK,
        &TEST_STREAM, &TEST_FILE, &TEST_FAIL, &REPORT_SLEEP, &TEST_STREAM};
    enum { SLEEP_MS = 2 };
    uint64_t random = next_random(&caller->seed);
    const struct rpc_method *method = METHODS[random % LENGTH_OF(METHODS)];
    bool is_stream = method->kind == RPC_SERVER_STREAM;
    uint64_t timeout_ns = CLOCK_US(random >> 8 & 0x1fff) + 1;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), timeout_ns));
    struct call_record record = {.holds_credit = is_stream && (random >> 22 & 1) != 0};
    struct rpc_channel *channel = caller->tempest->channels[(random >> 23) % 3];
    uint32_t size = is_stream ? STREAM_LEN : SLEEP_MS;
    if (record_start(&record, scope->ctx, channel, method, size) != STATUS_OK) {
        return;
    }
    caller->n_started++;
    disturb(&record, scope, random >> 25);
    if (!record_wait_end(&record)) {
        return; /* counted by its absence */
    }
    bool is_ok = record.end.status == STATUS_OK;
    caller->n_ended_once += record.n_ends == 1;
    caller->n_ok += is_ok;
    caller->n_callbacks_late += record.n_after_end;
    caller->n_wrong_bytes += record.n_wrong_bytes > 0;
    caller->n_partial += is_ok && is_stream && record.n_bytes != STREAM_LEN;
    record_finish(&record);
}

static void *caller_main(void *arg)
{
    for (unsigned int i = 0; i < (unsigned int)N_CALLS; i++) {
        call_once(arg);
    }
    return NULL;
}

/* --- those who cut connections, and the server that comes and goes -------------------------- */

static void *cutter_main(void *arg)
{
    struct tempest *tempest = arg;
    static const struct rpc_method *const METHODS[] = {&TEST_BLOCK, &TEST_STREAM, &REPORT_SLEEP};
    uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);
    for (unsigned int i = 0; i < (unsigned int)N_CUTS; i++) {
        struct raw_peer *raw = raw_connect(tempest->steady_url, RPC_SP_CLIENT);
        if (raw == NULL) {
            continue;
        }
        raw_send_hello(raw);
        for (uint32_t number = 1; number <= (uint32_t)N_RAW_CALLS; number++) {
            raw_send_call(raw, number, METHODS[number % LENGTH_OF(METHODS)]->name,
                CLOCK_SECONDS(TEST_WAIT_SECONDS), SLEEP_MS_LONG);
        }
        raw_send_cancel(raw, 1, CTX_CAUSE_USER_CANCELLED);
        uint64_t pause_ns = CLOCK_US(next_random(&seed) & 0x3ff);
        (void)ctx_wait_until(ctx_background(), clock_now_ns() + pause_ns);
        raw_free(raw);
    }
    return NULL;
}

static void *restless_main(void *arg)
{
    struct tempest *tempest = arg;
    while (!atomic_load(&tempest->is_over)) {
        struct rpc_server *server =
            test_server_start(&tempest->service, tempest->restless_url, add_sleep);
        (void)ctx_wait_until(ctx_background(), clock_now_ns() + CLOCK_MS(40));
        CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(2)));
        /* What has not ended by then is cancelled by stop. */
        tempest->n_drained += rpc_server_drain(scope->ctx, server) == STATUS_OK;
        rpc_server_stop(server);
        tempest->n_restarts++;
    }
    return NULL;
}

/* --- the test ------------------------------------------------------------------------------- */

static void tempest_start(struct tempest *tempest)
{
    test_service_init(&tempest->service);
    tempest->steady = test_server_start(&tempest->service, "tcp://127.0.0.1:0", add_sleep);
    snprintf(
        tempest->steady_url, sizeof(tempest->steady_url), "%s", rpc_server_url(tempest->steady));
    snprintf(tempest->restless_url, sizeof(tempest->restless_url), "%s", test_ipc_url());
    tempest->channels[0] = test_channel_new(tempest->steady_url);
    tempest->channels[1] = test_channel_new(tempest->steady_url);
    tempest->channels[2] = test_channel_new(tempest->restless_url);
}

static void what_begins_in_a_tempest_ends_once_on_both_sides(void **state)
{
    (void)state;
    static struct tempest tempest;
    tempest_start(&tempest);
    struct caller callers[N_CALLERS];
    pthread_t threads[N_CALLERS];
    pthread_t cutter;
    pthread_t restless;
    assert_int_equal(pthread_create(&restless, NULL, restless_main, &tempest), 0);
    assert_int_equal(pthread_create(&cutter, NULL, cutter_main, &tempest), 0);
    for (unsigned int i = 0; i < (unsigned int)N_CALLERS; i++) {
        callers[i] =
            (struct caller){.tempest = &tempest, .seed = UINT64_C(0x9e3779b97f4a7c15) * (i + 1)};
        assert_int_equal(pthread_create(&threads[i], NULL, caller_main, &callers[i]), 0);
    }
    unsigned int n_ok = 0;
    for (unsigned int i = 0; i < (unsigned int)N_CALLERS; i++) {
        pthread_join(threads[i], NULL);
        n_ok += callers[i].n_ok;
    }
    atomic_store(&tempest.is_over, true);
    pthread_join(cutter, NULL);
    pthread_join(restless, NULL);
    for (size_t i = 0; i < LENGTH_OF(tempest.channels); i++) {
        rpc_channel_free(tempest.channels[i]);
    }
    rpc_server_stop(tempest.steady);
    for (unsigned int i = 0; i < (unsigned int)N_CALLERS; i++) {
        assert_int_equal(callers[i].n_started, callers[i].n_ended_once);
        assert_int_equal(callers[i].n_callbacks_late, 0);
        assert_int_equal(callers[i].n_wrong_bytes, 0);
        assert_int_equal(callers[i].n_partial, 0);
    }
    assert_int_equal(atomic_load(&n_begun), atomic_load(&n_over));
    assert_true(n_ok > 0 && tempest.n_restarts > 1 && atomic_load(&n_begun) > N_CALLS);
    ctx_test_settle();
    assert_true(ctx_test_no_leaks());
    print_message(
        "%u calls begun, %u answered; the restless server came %u times, drained %u in time\n",
        atomic_load(&n_begun), n_ok, tempest.n_restarts, tempest.n_drained);
}

int main(void)
{
    struct log_options options = {.service = "tempest", .level = LOG_LEVEL_INFO};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_begins_in_a_tempest_ends_once_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
