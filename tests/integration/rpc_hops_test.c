/* Provenance over two hops: client -> relay -> backend. Whatever ends a call, each process knows
 * what it was, how many hops ago it arose and who brought it, and so does the END on its way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ctx/group.h"
#include "ctx/node.h"
#include "ctx/peer.h"
#include "ctx/test.h"
#include "rpc/condition.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

/* What the relay's handler does with the backend's BLOCK. */
enum relay_way {
    RELAY_PLAIN,         /* calls it under its own context */
    RELAY_SIBLING_FAILS, /* in a group, another task of which fails once the backend has begun */
    RELAY_SCOPE_ENDS,    /* without waiting for it: the scope ends first */
    RELAY_NO_MEMORY,     /* under a context that could not be had */
    RELAY_REFUSED,       /* calls something that is refused there */
};

struct relay {
    struct rpc_fixture *backend; /* its server and a channel to it */
    struct rpc_server *server;
    struct rpc_channel *channel; /* the client's, to the relay */
    enum relay_way way;
    const struct rpc_method *method; /* of the backend, that is called */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool has_returned;
    enum ctx_cause cause; /* of the relay's own context, when its handler returned */
    struct ctx_source cause_source;
};

static enum status call_backend(const struct ctx *ctx, struct relay *relay, struct rpc_end *ret_end)
{
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    ProtobufCMessage *reply = NULL;
    enum status status = rpc_call_unary(ctx, relay->backend->channel, relay->method, &request.base,
        &walkie__report__v1__work_reply__descriptor, &reply, ret_end);
    if (reply != NULL) {
        protobuf_c_message_free_unpacked(reply, NULL);
    }
    return status;
}

struct task {
    struct relay *relay;
    struct rpc_end end;
};

static enum status task_calls(const struct ctx *ctx, void *arg)
{
    struct task *task = arg;
    return call_backend(ctx, task->relay, &task->end);
}

static enum status task_fails(const struct ctx *ctx, void *arg)
{
    struct task *task = arg;
    (void)ctx;
    (void)test_service_wait_started(&task->relay->backend->service, 1);
    return STATUS_NOT_FOUND;
}

static enum status relay_in_group(const struct ctx *ctx, struct relay *relay)
{
    struct task task = {.relay = relay};
    struct ctx_group *group = ctx_group_new(ctx);
    (void)ctx_group_run(group, task_calls, &task);
    (void)ctx_group_run(group, task_fails, &task);
    return ctx_group_wait(group);
}

static enum status relay_and_leave(const struct ctx *ctx, struct relay *relay)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx));
    struct call_record record = {0};
    enum status status =
        record_start(&record, scope->ctx, relay->backend->channel, relay->method, 0);
    if (status != STATUS_OK) {
        return status;
    }
    (void)test_service_wait_started(&relay->backend->service, 1);
    ctx_scope_end(STEAL(scope));
    (void)record_wait_end(&record);
    record_finish(&record);
    return STATUS_ABORTED;
}

static enum status relay_handler(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    struct relay *relay = arg;
    struct rpc_end end = {.status = STATUS_OK};
    enum status status = STATUS_OK;
    switch (relay->way) {
    case RELAY_PLAIN:
    case RELAY_REFUSED:
        status = call_backend(ctx, relay, &end);
        break;
    case RELAY_SIBLING_FAILS:
        status = relay_in_group(ctx, relay);
        break;
    case RELAY_SCOPE_ENDS:
        status = relay_and_leave(ctx, relay);
        break;
    case RELAY_NO_MEMORY:
        status = call_backend(&CTX_OUT_OF_MEMORY, relay, &end);
        break;
    }
    pthread_mutex_lock(&relay->mutex);
    relay->cause = ctx_cause(ctx);
    relay->cause_source = ctx_cause_source(ctx);
    relay->has_returned = true;
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->mutex);
    return end.status != STATUS_OK ? rpc_call_fail_as(call, &end) : status;
}

static const struct rpc_method RELAY = {.name = "walkie.test.v1.Test/Relay", .kind = RPC_UNARY};
static const struct rpc_method RELAY_CAPPED = {
    .name = "walkie.test.v1.Test/RelayCapped", .kind = RPC_UNARY, .timeout_max_ns = CLOCK_MS(50)};
static const struct rpc_binding BINDINGS[] = {
    {&RELAY, relay_handler, NULL}, {&RELAY_CAPPED, relay_handler, NULL}};

static struct rpc_channel *channel_named(const char *backend, const char *name)
{
    struct rpc_channel_options options = {.backend = backend, .name = name};
    struct rpc_channel *channel = NULL;
    assert_int_equal(rpc_channel_new(&options, &channel, NULL), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, channel), STATUS_OK);
    return channel;
}

static int set_up(void **state)
{
    struct relay *relay = calloc(1, sizeof(*relay));
    if (relay == NULL) {
        return 1;
    }
    pthread_mutex_init(&relay->mutex, NULL);
    condition_init(&relay->changed);
    relay->backend = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    relay->method = &TEST_BLOCK;
    /* Under the relay's own name, which is not the client's. */
    rpc_channel_free(relay->backend->channel);
    relay->backend->channel = channel_named(rpc_server_url(relay->backend->server), "test-relay");
    struct rpc_server_options options = {.listen = "tcp://127.0.0.1:0",
        .name = "test-relay",
        .bindings = BINDINGS,
        .n_bindings = LENGTH_OF(BINDINGS),
        .service = relay};
    if (rpc_server_start(&options, &relay->server, NULL) != STATUS_OK) {
        return 1;
    }
    relay->channel = channel_named(rpc_server_url(relay->server), "test-client");
    *state = relay;
    return 0;
}

static int tear_down(void **state)
{
    struct relay *relay = *state;
    rpc_channel_free(relay->channel);
    rpc_server_stop(relay->server);
    rpc_fixture_free(relay->backend);
    pthread_mutex_destroy(&relay->mutex);
    pthread_cond_destroy(&relay->changed);
    free(relay);
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

static void wait_relay(struct relay *relay)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(TEST_WAIT_SECONDS);
    pthread_mutex_lock(&relay->mutex);
    while (!relay->has_returned && condition_wait_until(&relay->changed, &relay->mutex, limit_ns)) {
    }
    bool has_returned = relay->has_returned;
    pthread_mutex_unlock(&relay->mutex);
    assert_true(has_returned);
}

static void expect_name(uint8_t number, const char *name)
{
    if (name == NULL) {
        assert_null(ctx_peer_name(number));
    } else {
        assert_non_null(ctx_peer_name(number));
        assert_string_equal(ctx_peer_name(number), name);
    }
}

/* --- what a client does ---------------------------------------------------------------------- */

enum trigger { CLIENT_CANCELS, CLIENT_GOES, RELAY_STOPS, RELAY_ITSELF };

struct row {
    enum trigger trigger;
    enum relay_way way;
    enum ctx_cause cause;     /* at the backend */
    enum ctx_cause cancelled; /* what the client cancels with */
    unsigned int hop_at_backend;
    unsigned int hop_at_relay;
    enum ctx_cause cause_at_relay; /* NONE: its own context goes on */
    const char *by_at_relay;       /* NULL: nobody */
    enum status client_status;
    enum ctx_cause client_cause;
    int client_hop;
};

static const struct row ROWS[] = {
    {CLIENT_CANCELS, RELAY_PLAIN, CTX_CAUSE_CLIENT_DISCONNECTED, CTX_CAUSE_CLIENT_DISCONNECTED, 2,
        1, CTX_CAUSE_CLIENT_DISCONNECTED, "test-client", STATUS_CANCELLED,
        CTX_CAUSE_CLIENT_DISCONNECTED, 0},
    {CLIENT_CANCELS, RELAY_PLAIN, CTX_CAUSE_USER_CANCELLED, CTX_CAUSE_USER_CANCELLED, 2, 1,
        CTX_CAUSE_USER_CANCELLED, "test-client", STATUS_CANCELLED, CTX_CAUSE_USER_CANCELLED, 0},
    {CLIENT_CANCELS, RELAY_PLAIN, CTX_CAUSE_CANCELLED, CTX_CAUSE_NONE, 2, 1, CTX_CAUSE_CANCELLED,
        "test-client", STATUS_CANCELLED, CTX_CAUSE_CANCELLED, 0},
    {CLIENT_GOES, RELAY_PLAIN, CTX_CAUSE_PEER_LOST, CTX_CAUSE_NONE, 1, 0, CTX_CAUSE_PEER_LOST,
        "test-client", STATUS_CANCELLED, CTX_CAUSE_CANCELLED, 0},
    {RELAY_STOPS, RELAY_PLAIN, CTX_CAUSE_SERVER_DRAINING, CTX_CAUSE_NONE, 1, 0,
        CTX_CAUSE_SERVER_DRAINING, NULL, STATUS_UNAVAILABLE, CTX_CAUSE_SERVER_DRAINING, 1},
    {RELAY_ITSELF, RELAY_SIBLING_FAILS, CTX_CAUSE_SIBLING_FAILED, CTX_CAUSE_NONE, 1, 0,
        CTX_CAUSE_NONE, NULL, STATUS_NOT_FOUND, CTX_CAUSE_NONE, 0},
    {RELAY_ITSELF, RELAY_SCOPE_ENDS, CTX_CAUSE_SCOPE_ENDED, CTX_CAUSE_NONE, 1, 0, CTX_CAUSE_NONE,
        NULL, STATUS_ABORTED, CTX_CAUSE_NONE, 0},
};

static void trigger(struct relay *relay, const struct row *row, struct ctx_scope *scope)
{
    switch (row->trigger) {
    case CLIENT_CANCELS:
        ctx_cancel(scope, row->cancelled);
        break;
    case CLIENT_GOES:
        rpc_channel_free(STEAL(relay->channel));
        break;
    case RELAY_STOPS:
        rpc_server_stop(STEAL(relay->server));
        break;
    case RELAY_ITSELF:
        break;
    }
}

static void check_row(const struct row *row)
{
    void *state = NULL;
    assert_int_equal(set_up(&state), 0);
    struct relay *relay = state;
    struct test_service *backend = &relay->backend->service;
    relay->way = row->way;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    struct call_record record = {0};
    assert_int_equal(record_start(&record, scope->ctx, relay->channel, &RELAY, 0), STATUS_OK);
    assert_true(test_service_wait_started(backend, 1));
    trigger(relay, row, scope);
    assert_true(record_wait_end(&record));
    assert_true(test_service_wait_stopped(backend, 1));
    wait_relay(relay);

    assert_int_equal(backend->cause, row->cause);
    assert_int_equal(backend->cause_source.hop, row->hop_at_backend);
    expect_name(backend->cause_source.peer, "test-relay");
    assert_int_equal(relay->cause, row->cause_at_relay);
    assert_int_equal(relay->cause_source.hop, row->hop_at_relay);
    expect_name(relay->cause_source.peer, row->by_at_relay);
    assert_int_equal(record.end.status, row->client_status);
    assert_int_equal(record.end.cause, row->client_cause);
    assert_int_equal(record.end.cause_hop, row->client_hop);
    record_finish(&record);
    ctx_scope_end(scope);
    assert_int_equal(tear_down(&state), 0);
}

static void every_cause_is_told_over_two_hops(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        check_row(&ROWS[i]);
    }
}

/* --- deadlines ------------------------------------------------------------------------------ */

/* `is_late`: its time runs out when the backend has it, by the fake clock. */
static struct rpc_end call_relay(
    struct relay *relay, const struct ctx *ctx, const struct rpc_method *method, bool is_late)
{
    struct call_record record = {0};
    assert_int_equal(record_start(&record, ctx, relay->channel, method, 0), STATUS_OK);
    if (is_late) {
        assert_true(test_service_wait_started(&relay->backend->service, 1));
        ctx_test_clock_advance(RELAY_CAPPED.timeout_max_ns);
    }
    assert_true(record_wait_end(&record));
    record_finish(&record);
    return record.end;
}

static void a_deadline_says_over_two_hops_who_made_it(void **state)
{
    struct relay *relay = *state;
    ctx_test_clock_start();
    CTX_SCOPE(scope, ctx_with_deadline_origin(ctx_background(), CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER,
                         clock_now_ns() + RELAY_CAPPED.timeout_max_ns));
    struct rpc_end end = call_relay(relay, scope->ctx, &RELAY, true);
    assert_true(test_service_wait_stopped(&relay->backend->service, 1));
    wait_relay(relay);
    assert_int_equal(relay->backend->service.origin, CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER);
    assert_int_equal(relay->backend->service.hops, 2);
    expect_name(relay->backend->service.origin_peer, "test-relay");
    assert_int_equal(relay->backend->service.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(relay->cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(end.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(end.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(end.deadline_origin, CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER);
    assert_int_equal(end.deadline_hop, 0);
}

/* The caller would have waited for 20 s: it must hear whose 50 ms these were. */
static void a_deadline_of_the_servers_own_is_told_to_its_caller(void **state)
{
    struct relay *relay = *state;
    ctx_test_clock_start();
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct rpc_end end = call_relay(relay, scope->ctx, &RELAY_CAPPED, true);
    assert_int_equal(end.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(end.cause, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_int_equal(end.cause_hop, 1);
    assert_int_equal(end.deadline_origin, CTX_ORIGIN_METHOD_CAP);
    assert_int_equal(end.deadline_hop, 1);
    assert_true(test_service_wait_stopped(&relay->backend->service, 1));
    assert_int_equal(relay->backend->service.origin, CTX_ORIGIN_METHOD_CAP);
    assert_int_equal(relay->backend->service.hops, 1);
}

/* --- what the relay passes on --------------------------------------------------------------- */

static void want_of_memory_is_passed_on(void **state)
{
    struct relay *relay = *state;
    relay->way = RELAY_NO_MEMORY;
    struct rpc_end end = call_relay(relay, ctx_background(), &RELAY, false);
    assert_int_equal(end.status, STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(end.cause, CTX_CAUSE_OUT_OF_MEMORY);
    assert_int_equal(end.cause_hop, 1); /* it arose at the relay */
    assert_int_equal(relay->backend->service.n_started, 0);
}

static void a_draining_backend_is_passed_on(void **state)
{
    struct relay *relay = *state;
    struct call_record record = {0};
    assert_int_equal(record_start(&record, ctx_background(), relay->channel, &RELAY, 0), STATUS_OK);
    assert_true(test_service_wait_started(&relay->backend->service, 1));
    rpc_server_stop(STEAL(relay->backend->server)); /* cancels its call, and tells why */
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_UNAVAILABLE);
    assert_int_equal(record.end.cause, CTX_CAUSE_SERVER_DRAINING);
    assert_int_equal(record.end.cause_hop, 2); /* at the backend */
    record_finish(&record);
}

static void a_refusal_of_the_backend_brings_its_words(void **state)
{
    struct relay *relay = *state;
    relay->way = RELAY_REFUSED;
    relay->method = &TEST_FAULT;
    struct rpc_end end = call_relay(relay, ctx_background(), &RELAY, false);
    assert_int_equal(end.status, STATUS_PERMISSION_DENIED);
    assert_string_equal(end.message, "faults are not allowed here");
    assert_int_equal(end.cause, CTX_CAUSE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_is_told_over_two_hops),
        cmocka_unit_test_setup_teardown(
            a_deadline_says_over_two_hops_who_made_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_deadline_of_the_servers_own_is_told_to_its_caller, set_up, tear_down),
        cmocka_unit_test_setup_teardown(want_of_memory_is_passed_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_draining_backend_is_passed_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_refusal_of_the_backend_brings_its_words, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
