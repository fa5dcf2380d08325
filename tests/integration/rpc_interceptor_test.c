/* Interceptors on both sides: what they see, what they can refuse, and that each is told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/interceptor_fault.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"

/* --- a server's hooks that record ------------------------------------------------------------ */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards what was seen */

struct seen {
    unsigned int n_calls;
    unsigned int n_runs;
    unsigned int n_ends;
    char order[16]; /* a letter for each hook that was asked */
    const struct rpc_method *method;
    size_t request_len;
    char principal[32];
    char peer[80];
    struct rpc_end end;
    const struct rpc_method *refuses;
    bool has_context;
};

static struct seen seen;

static void note(char letter)
{
    size_t len = strlen(seen.order);
    if (len + 1 < sizeof(seen.order)) {
        seen.order[len] = letter;
    }
}

static enum status record_call(void *arg, const struct rpc_incoming *call, const char **ret_why)
{
    pthread_mutex_lock(&mutex);
    note(*(const char *)arg);
    seen.n_calls++;
    seen.method = call->method;
    seen.request_len = call->request.len;
    snprintf(seen.peer, sizeof(seen.peer), "%s", call->peer);
    struct bytes value = {NULL, 0};
    if (rpc_metadata_get(call->metadata, RPC_METADATA_PRINCIPAL, &value)) {
        snprintf(seen.principal, sizeof(seen.principal), "%.*s", (int)value.len,
            (const char *)value.data);
    }
    bool is_refused = call->method == seen.refuses;
    pthread_mutex_unlock(&mutex);
    *ret_why = "not on a Sunday";
    return is_refused ? STATUS_PERMISSION_DENIED : STATUS_OK;
}

static enum status record_run(void *arg, const struct ctx *ctx, const struct rpc_incoming *call)
{
    (void)call;
    pthread_mutex_lock(&mutex);
    note(*(const char *)arg);
    seen.n_runs++;
    seen.has_context = ctx_deadline_ns(ctx) != CLOCK_NEVER;
    pthread_mutex_unlock(&mutex);
    return STATUS_OK;
}

static void record_end(
    void *arg, const struct ctx *ctx, const struct rpc_incoming *call, const struct rpc_end *end)
{
    (void)arg;
    (void)ctx;
    pthread_mutex_lock(&mutex);
    seen.n_ends += call->method == seen.method;
    seen.end = *end;
    pthread_mutex_unlock(&mutex);
}

static char letter_a = 'a';
static char letter_b = 'b';
static const struct rpc_server_interceptor RECORDING[] = {
    {.arg = &letter_a, .on_call = record_call, .on_run = record_run, .on_end = record_end},
    {.arg = NULL},
    {.arg = &letter_b, .on_call = record_call},
};

static void use_recording(struct rpc_server_options *options)
{
    options->interceptors = RECORDING;
    options->n_interceptors = LENGTH_OF(RECORDING);
}

static int set_up_recording(void **state)
{
    memset(&seen, 0, sizeof(seen));
    *state = rpc_fixture_new("tcp://127.0.0.1:0", use_recording);
    return 0;
}

static void call(struct rpc_channel *channel, const struct ctx *ctx,
    const struct rpc_method *method, uint32_t size, struct rpc_end *ret_end)
{
    struct call_record record = {0};
    assert_int_equal(record_start(&record, ctx, channel, method, size), STATUS_OK);
    assert_true(record_wait_end(&record));
    *ret_end = record.end;
    assert_int_equal(record.n_ends, 1);
    record_finish(&record);
}

static bool is_told(void *arg)
{
    pthread_mutex_lock(&mutex);
    bool is_so = seen.n_ends == *(const unsigned int *)arg;
    pthread_mutex_unlock(&mutex);
    return is_so;
}

static void a_servers_hooks_see_the_call_and_its_end(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct rpc_metadata_entry entry;
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, &entry, 1);
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of("ann")), STATUS_OK);
    CTX_SCOPE(carrying, ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &metadata));
    CTX_SCOPE(scope, ctx_with_timeout(carrying->ctx, CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct rpc_end end;
    call(fixture->channel, scope->ctx, &TEST_ECHO, 7, &end);
    assert_int_equal(end.status, STATUS_OK);
    unsigned int n_ends = 1; /* after the answer: the caller may be quicker */
    assert_true(wait_until(is_told, &n_ends));
    assert_string_equal(seen.order, "aba");
    assert_ptr_equal(seen.method, &TEST_ECHO);
    assert_int_equal(seen.request_len, 2); /* field 2 is 7 */
    assert_string_equal(seen.principal, "ann");
    assert_int_equal(strncmp(seen.peer, "tcp:127.0.0.1:", 14), 0);
    assert_true(seen.has_context);
    assert_int_equal(seen.end.status, STATUS_OK);
    assert_int_equal(seen.end.account.outcome, RPC_OUTCOME_COMMITTED);
    assert_true(seen.end.account.run_ns > 0);
}

static void an_inline_method_has_no_worker_to_be_held(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct rpc_end end;
    call(fixture->channel, ctx_background(), &TEST_ECHO_INLINE, 0, &end);
    assert_int_equal(end.status, STATUS_OK);
    unsigned int n_ends = 1;
    assert_true(wait_until(is_told, &n_ends));
    assert_int_equal(seen.n_runs, 0);
    assert_string_equal(seen.order, "ab");
}

static void a_refused_call_ends_unstarted_with_the_hooks_words(void **state)
{
    struct rpc_fixture *fixture = *state;
    seen.refuses = &TEST_ECHO;
    struct rpc_end end;
    call(fixture->channel, ctx_background(), &TEST_ECHO, 0, &end);
    assert_int_equal(end.status, STATUS_PERMISSION_DENIED);
    assert_string_equal(end.message, "not on a Sunday");
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_int_equal(fixture->service.n_started, 0);
    assert_string_equal(seen.order, "a"); /* the others were not asked */
    call(fixture->channel, ctx_background(), &TEST_FAIL, 0, &end);
    unsigned int n_ends = 1; /* the refused one is not among them */
    assert_true(wait_until(is_told, &n_ends));
    assert_int_equal(seen.end.status, STATUS_NOT_FOUND);
}

/* --- a client's hooks ------------------------------------------------------------------------ */

struct client_seen {
    _Atomic unsigned int n_starts;
    _Atomic unsigned int n_ends;
    _Atomic int status; /* of the last end */
    enum status answer;
    bool adds;
};

static enum status client_start(void *arg, const struct ctx *ctx,
    struct rpc_outgoing_call *outgoing, uint8_t room[RPC_METADATA_VALUE_MAX], const char **ret_why)
{
    struct client_seen *client = arg;
    (void)ctx;
    client->n_starts++;
    *ret_why = "not today";
    if (!client->adds) {
        return client->answer;
    }
    memcpy(room, "bertha", 6);
    return rpc_metadata_set(outgoing->metadata, RPC_METADATA_PRINCIPAL, (struct bytes){room, 6});
}

static void client_end(
    void *arg, const struct ctx *ctx, const struct rpc_method *method, const struct rpc_end *end)
{
    struct client_seen *client = arg;
    (void)ctx;
    (void)method;
    client->n_ends++;
    client->status = (int)end->status;
}

static struct rpc_channel *channel_with(
    struct rpc_fixture *fixture, const struct rpc_client_interceptor *chain, size_t n)
{
    struct rpc_channel_options options = {.backend = rpc_server_url(fixture->server),
        .name = "test-client",
        .interceptors = chain,
        .n_interceptors = n};
    struct rpc_channel *channel = NULL;
    assert_int_equal(rpc_channel_new(&options, &channel, NULL), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, channel), STATUS_OK);
    return channel;
}

static void a_clients_hook_adds_to_the_metadata(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct client_seen silent = {.answer = STATUS_OK};
    struct client_seen adding = {.adds = true};
    const struct rpc_client_interceptor chain[] = {
        {.arg = &silent, .on_start = client_start, .on_end = client_end},
        {.arg = NULL},
        {.arg = &adding, .on_start = client_start, .on_end = client_end},
    };
    struct rpc_channel *channel = channel_with(fixture, chain, LENGTH_OF(chain));
    struct rpc_end end;
    call(channel, ctx_background(), &TEST_ECHO, 0, &end);
    assert_int_equal(end.status, STATUS_OK);
    assert_string_equal(seen.principal, "bertha");
    /* In place of what the context carries, which itself is left alone. */
    struct rpc_metadata_entry entry;
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, &entry, 1);
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of("ann")), STATUS_OK);
    CTX_SCOPE(carrying, ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &metadata));
    seen.principal[0] = '\0';
    call(channel, carrying->ctx, &TEST_ECHO, 0, &end);
    assert_string_equal(seen.principal, "bertha");
    assert_int_equal(entry.value.len, 3);
    assert_int_equal(silent.n_ends, 2);
    assert_int_equal(adding.n_ends, 2);
    assert_int_equal(adding.status, STATUS_OK);
    rpc_channel_free(channel);
}

static void a_clients_hook_ends_a_call_before_it_is_sent(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct client_seen refusing = {.answer = STATUS_FAILED_PRECONDITION};
    struct client_seen after = {.answer = STATUS_OK};
    const struct rpc_client_interceptor chain[] = {
        {.arg = &refusing, .on_start = client_start, .on_end = client_end},
        {.arg = &after, .on_start = client_start, .on_end = client_end},
    };
    struct rpc_channel *channel = channel_with(fixture, chain, LENGTH_OF(chain));
    struct rpc_end end;
    call(channel, ctx_background(), &TEST_ECHO, 0, &end);
    assert_int_equal(end.status, STATUS_FAILED_PRECONDITION);
    assert_string_equal(end.message, "not today");
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    /* Under a context that is done, too, there is one end. */
    CTX_SCOPE(done, ctx_with_cancel(ctx_background()));
    ctx_cancel(done, CTX_CAUSE_USER_CANCELLED);
    call(channel, done->ctx, &TEST_ECHO, 0, &end);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_int_equal(refusing.n_ends, 2);
    assert_int_equal(after.n_starts, 0);
    assert_int_equal(after.n_ends, 2);
    assert_int_equal(seen.n_calls, 0);
    rpc_channel_free(channel);
}

static void a_call_without_a_connection_says_so_with_hooks_too(void **state)
{
    (void)state;
    struct client_seen hook = {.answer = STATUS_OK};
    const struct rpc_client_interceptor chain = {.arg = &hook, .on_start = client_start};
    struct rpc_channel_options options = {
        .backend = "tcp://127.0.0.1:1", .interceptors = &chain, .n_interceptors = 1};
    struct rpc_channel *channel = NULL;
    assert_int_equal(rpc_channel_new(&options, &channel, NULL), STATUS_OK);
    struct rpc_end end;
    call(channel, ctx_background(), &TEST_ECHO, 0, &end);
    assert_int_equal(end.status, STATUS_UNAVAILABLE);
    assert_string_equal(end.message, "no connection to tcp://127.0.0.1:1");
    rpc_channel_free(channel);
}

/* --- faults --------------------------------------------------------------------------------- */

static struct rpc_fault fault;
static struct rpc_server_interceptor fault_chain[1];

static void use_faults(struct rpc_server_options *options)
{
    fault_chain[0] = rpc_fault_server(&fault);
    options->interceptors = fault_chain;
    options->n_interceptors = LENGTH_OF(fault_chain);
}

static int set_up_faults(void **state)
{
    memset(&fault, 0, sizeof(fault));
    *state = rpc_fixture_new("tcp://127.0.0.1:0", use_faults);
    return 0;
}

/* By a peer that never tries again. */
static void a_rate_of_errors_is_kept_exactly(void **state)
{
    struct rpc_fixture *fixture = *state;
    fault.error_rate = 0.25;
    fault.method = TEST_FAIL.name;
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    uint16_t protocol = 0;
    assert_true(raw_read_opening(raw, &protocol));
    unsigned int n_failed = 0;
    struct rpc_end end;
    for (uint32_t i = 1; i <= 20; i++) {
        raw_send_call(raw, i, TEST_FAIL.name, 0, 0);
        assert_true(raw_read_end(raw, i, &end));
        n_failed += end.status == STATUS_UNAVAILABLE;
        if (end.status == STATUS_UNAVAILABLE) {
            assert_int_equal(end.account.outcome, RPC_OUTCOME_NOT_STARTED);
            assert_int_equal(end.cause, CTX_CAUSE_NONE); /* nobody drains */
            assert_string_equal(end.message, "a fault was asked for");
        } else {
            assert_int_equal(end.status, STATUS_NOT_FOUND);
        }
        raw_send_call(raw, 100 + i, TEST_MUTE.name, 0, 0); /* another method */
        assert_true(raw_read_end(raw, 100 + i, &end));
        assert_int_equal(end.status, STATUS_INTERNAL);
    }
    assert_int_equal(n_failed, 5);
    raw_free(raw);
}

static void a_delay_is_under_the_calls_context(void **state)
{
    struct rpc_fixture *fixture = *state;
    fault.delay_ns = CLOCK_MS(20);
    struct rpc_end end;
    call(fixture->channel, ctx_background(), &TEST_ECHO, 0, &end);
    assert_int_equal(end.status, STATUS_OK);
    assert_true(end.account.run_ns >= CLOCK_MS(20));
    fault.delay_ns = CLOCK_SECONDS(1000);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(30)));
    call(fixture->channel, scope->ctx, &TEST_ECHO, 0, &end);
    assert_int_equal(end.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(fixture->service.n_started, 1); /* the second did not get to its handler */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_servers_hooks_see_the_call_and_its_end, set_up_recording, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            an_inline_method_has_no_worker_to_be_held, set_up_recording, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_refused_call_ends_unstarted_with_the_hooks_words,
            set_up_recording, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_clients_hook_adds_to_the_metadata, set_up_recording, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_clients_hook_ends_a_call_before_it_is_sent, set_up_recording, rpc_fixture_tear_down),
        cmocka_unit_test(a_call_without_a_connection_says_so_with_hooks_too),
        cmocka_unit_test_setup_teardown(
            a_rate_of_errors_is_kept_exactly, set_up_faults, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_delay_is_under_the_calls_context, set_up_faults, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
