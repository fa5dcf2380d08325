/* When frames leave: together where a thread gathers them, at once where the kernel has room, and
 * in the end also where it has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <nng/nng.h>

#include "rpc/gather.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"

enum { CALLS = 20, STREAMS = 100, STREAM_LEN = 200000 };

/* Sends of the channel's connection: that is the one which the test's thread has sent on. */
static _Thread_local nng_stream *own_stream;
static _Atomic(nng_stream *) client_stream;
static atomic_uint n_sends;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
void __real_nng_stream_send(nng_stream *stream, nng_aio *aio);
void __wrap_nng_stream_send(nng_stream *stream, nng_aio *aio);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

void __wrap_nng_stream_send(nng_stream *stream, nng_aio *aio)
{
    own_stream = stream;
    if (stream == atomic_load(&client_stream)) {
        atomic_fetch_add(&n_sends, 1);
    }
    __real_nng_stream_send(stream, aio);
}

/* Calls are sent by the thread that makes them, unless the connection is just reading. */
static void learn_client_stream(struct rpc_fixture *fixture)
{
    own_stream = NULL;
    while (own_stream == NULL) {
        struct call_record record = {0};
        CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(10)));
        assert_int_equal(
            record_start(&record, scope->ctx, fixture->channel, &TEST_ECHO, 10), STATUS_OK);
        assert_true(record_wait_end(&record));
        record_finish(&record);
    }
    atomic_store(&client_stream, own_stream);
    atomic_store(&n_sends, 0);
}

static void calls_that_a_thread_gathers_leave_together(void **state)
{
    struct rpc_fixture *fixture = *state;
    static struct call_record records[CALLS];
    learn_client_stream(fixture);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(10)));
    own_stream = NULL;
    rpc_gather_begin();
    for (size_t i = 0; i < CALLS; i++) {
        assert_int_equal(
            record_start(&records[i], scope->ctx, fixture->channel, &TEST_ECHO, 10), STATUS_OK);
    }
    bool has_waited = own_stream == NULL;
    rpc_gather_end();
    for (size_t i = 0; i < CALLS; i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.status, STATUS_OK);
        record_finish(&records[i]);
    }
    assert_true(has_waited);
    /* One, and one more when the answer before was still being taken in. */
    assert_in_range(atomic_load(&n_sends), 1, 2);
}

static bool has_sent(void *arg)
{
    (void)arg;
    return atomic_load(&n_sends) > 0;
}

static void a_cancel_does_not_wait_for_the_gathering_to_end(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct call_record record = {0};
    learn_client_stream(fixture);
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    rpc_gather_begin();
    enum status status = record_start(&record, scope->ctx, fixture->channel, &TEST_BLOCK, 0);
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    bool has_ended = record_wait_end(&record);
    bool is_sent = wait_until(has_sent, NULL);
    rpc_gather_end();
    ctx_scope_end(scope);
    assert_int_equal(status, STATUS_OK);
    assert_true(has_ended);
    assert_true(is_sent);
    assert_int_equal(record.end.status, STATUS_CANCELLED);
    record_finish(&record);
}

/* The reader waits until all streams are promised: the kernel's buffers are long full. (Files hold
 * no worker.) */
static void what_the_kernel_does_not_take_at_once_is_sent_when_it_does(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    for (uint32_t i = 1; i <= STREAMS; i++) {
        raw_send_call(raw, i, TEST_FILE.name, 0, STREAM_LEN);
    }
    assert_true(test_service_wait_started(&fixture->service, STREAMS));
    uint16_t protocol = 0;
    assert_true(raw_read_opening(raw, &protocol));
    uint64_t n_bytes = 0;
    unsigned int n_ends = 0;
    struct rpc_frame frame;
    while (n_ends < STREAMS && raw_read(raw, &frame)) {
        n_bytes += frame.type == RPC_FRAME_CHUNK ? frame.payload.len : 0;
        n_ends += frame.type == RPC_FRAME_END;
    }
    assert_int_equal(n_ends, STREAMS);
    assert_int_equal(n_bytes, (uint64_t)STREAMS * STREAM_LEN);
    raw_free(raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(calls_that_a_thread_gathers_leave_together,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_cancel_does_not_wait_for_the_gathering_to_end,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(what_the_kernel_does_not_take_at_once_is_sent_when_it_does,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(what_the_kernel_does_not_take_at_once_is_sent_when_it_does,
            rpc_fixture_set_up_ipc, rpc_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
