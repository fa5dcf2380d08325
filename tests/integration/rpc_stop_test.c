/* A server that stops in the moment in which a call begins. Linked with -Wl,--wrap for two of the
 * server's own functions, so that the moment can be held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/condition.h"
#include "rpc/server_internal.h"
#include "support/rpc_fixture.h"

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_held; /* the next call that begins waits for the server's cancelling */
    bool has_begun;
    bool has_cancelled;
    bool has_stopped;
} moment;

static void tell(bool *what)
{
    pthread_mutex_lock(&moment.mutex);
    *what = true;
    pthread_cond_broadcast(&moment.changed);
    pthread_mutex_unlock(&moment.mutex);
}

static bool await(const bool *what)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(TEST_WAIT_SECONDS);
    pthread_mutex_lock(&moment.mutex);
    while (!*what && condition_wait_until(&moment.changed, &moment.mutex, limit_ns)) {
    }
    bool is_so = *what;
    pthread_mutex_unlock(&moment.mutex);
    return is_so;
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
void __real_server_connection_add(struct server_connection *peer, struct rpc_server_call *call);
void __wrap_server_connection_add(struct server_connection *peer, struct rpc_server_call *call);
void __real_server_connection_cancel_all(struct server_connection *peer, enum ctx_cause cause);
void __wrap_server_connection_cancel_all(struct server_connection *peer, enum ctx_cause cause);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

/* The call is counted, and in no table yet. */
void __wrap_server_connection_add(struct server_connection *peer, struct rpc_server_call *call)
{
    if (moment.is_held) {
        tell(&moment.has_begun);
        (void)await(&moment.has_cancelled);
    }
    __real_server_connection_add(peer, call);
}

void __wrap_server_connection_cancel_all(struct server_connection *peer, enum ctx_cause cause)
{
    __real_server_connection_cancel_all(peer, cause);
    tell(&moment.has_cancelled);
}

static void *stop_main(void *server)
{
    rpc_server_stop(server);
    tell(&moment.has_stopped);
    return NULL;
}

/* rpc_server_stop cancels the calls in the connections' tables. One that had been counted, but had
 * not reached its table, was missed: its handler was told nothing, and stop waited for it for as
 * long as it liked to run. */
static void a_call_that_begins_while_the_server_stops_is_cancelled_too(void **state)
{
    (void)state;
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct call_record record = {.holds_credit = false};
    moment.is_held = true;
    assert_int_equal(
        record_start(&record, scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(await(&moment.has_begun));
    pthread_t stopper;
    assert_int_equal(pthread_create(&stopper, NULL, stop_main, fixture->server), 0);
    fixture->server = NULL;
    bool has_stopped = await(&moment.has_stopped);
    if (!has_stopped) {
        ctx_cancel(scope, CTX_CAUSE_CANCELLED); /* the test is red, not stuck */
    }
    pthread_join(stopper, NULL);
    assert_true(has_stopped);
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.cause, CTX_CAUSE_SERVER_DRAINING);
    assert_int_equal(record.end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    record_finish(&record);
    rpc_fixture_free(fixture);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    struct log_options options = {.service = "stop", .level = LOG_LEVEL_ERROR};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    pthread_mutex_init(&moment.mutex, NULL);
    condition_init(&moment.changed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            a_call_that_begins_while_the_server_stops_is_cancelled_too, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
