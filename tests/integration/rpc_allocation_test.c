/* Every allocation of common/rpc and below fails once, in turn: allocation 0, 1, 2 … of the
 * exercise, until there is none left to fail; and then everything from there on fails until the
 * exercise is over. Whatever could not be had: who asked is told, a call that was started ends
 * once, and nothing is left. nng's and protobuf-c's own allocations do not fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>

#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/metadata.h"
#include "support/failing_memory.h"
#include "support/rpc_fixture.h"

enum { STREAM_LEN = 200000, POINTS_MAX = 3000, LOST_MAX = 10 };

enum failing { FAIL_ONE, FAIL_FROM_THERE_ON };

static unsigned int n_failed_before;

static void arm(enum failing failing, unsigned int at)
{
    n_failed_before = failing_memory_count();
    failing_memory_start_at(at, failing == FAIL_FROM_THERE_ON);
}

/* Whether something was made to fail. */
static bool disarm(void)
{
    failing_memory_stop();
    return failing_memory_count() > n_failed_before;
}

static unsigned int count_entries(const char *path)
{
    unsigned int n_entries = 0;
    DIR *folder = opendir(path);
    while (folder != NULL && readdir(folder) != NULL) {
        n_entries++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return n_entries;
}

struct held {
    unsigned int n_descriptors;
    unsigned int n_threads;
};

static struct held what_is_held(void)
{
    return (struct held){count_entries("/proc/self/fd"), count_entries("/proc/self/task")};
}

/* Fewer is right, too: what was counted at first may have had something on its way out in it. */
static bool is_held(void *arg)
{
    const struct held *before = arg;
    struct held now = what_is_held();
    return now.n_descriptors <= before->n_descriptors && now.n_threads <= before->n_threads;
}

/* --- servers and channels that cannot be made ----------------------------------------------- */

static enum status start_and_stop_server(void)
{
    static const struct rpc_binding NONE[1];
    const struct rpc_server_options options = {
        .listen = "tcp://127.0.0.1:0", .name = "test", .bindings = NONE, .n_workers = 2};
    struct rpc_server *server = NULL;
    struct error error = ERROR_NONE;
    enum status status = rpc_server_start(&options, &server, &error);
    if (status == STATUS_OK) {
        rpc_server_stop(server);
    }
    return status;
}

static enum status make_and_free_channel(void)
{
    const struct rpc_channel_options options = {.backend = "tcp://127.0.0.1:1", .name = "test"};
    struct rpc_channel *channel = NULL;
    struct error error = ERROR_NONE;
    enum status status = rpc_channel_new(&options, &channel, &error);
    if (status == STATUS_OK) {
        rpc_channel_free(channel);
    }
    return status;
}

static void fail_each_allocation_of(enum status (*exercise)(void))
{
    assert_int_equal(exercise(), STATUS_OK); /* what nng makes once is there */
    struct held before = what_is_held();
    for (int failing = FAIL_ONE; failing <= FAIL_FROM_THERE_ON; failing++) {
        bool has_failed = true;
        unsigned int n_told = 0;
        for (unsigned int at = 0; has_failed; at++) {
            assert_true(at < (unsigned int)POINTS_MAX);
            arm((enum failing)failing, at);
            enum status status = exercise();
            has_failed = disarm();
            /* Some are not needed: a thread goes on without a line of log. */
            assert_true(status == STATUS_OK || (has_failed && status == STATUS_RESOURCE_EXHAUSTED));
            n_told += status == STATUS_RESOURCE_EXHAUSTED;
            assert_true(wait_until(is_held, &before));
        }
        assert_true(n_told > 0);
    }
}

static void a_server_that_cannot_be_made_says_so_and_leaves_nothing(void **state)
{
    (void)state;
    fail_each_allocation_of(start_and_stop_server);
}

static void a_channel_that_cannot_be_made_says_so_and_leaves_nothing(void **state)
{
    (void)state;
    fail_each_allocation_of(make_and_free_channel);
}

/* --- calls ---------------------------------------------------------------------------------- */

static void count_call(void *arg, const struct rpc_call_info *info)
{
    (void)info;
    ++*(unsigned int *)arg;
}

static bool has_no_calls(void *server)
{
    unsigned int n_calls = 0;
    rpc_server_each_call(server, count_call, &n_calls);
    return n_calls == 0;
}

/* One call, with one allocation failing. Returns whether that came to pass. */
static bool try_call(struct rpc_fixture *fixture, const struct rpc_method *method,
    enum failing failing, unsigned int at, enum status *ret_status)
{
    bool waits = method == &TEST_BLOCK;
    *ret_status = STATUS_RESOURCE_EXHAUSTED;
    CTX_SCOPE(bound, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(bound->ctx, fixture->channel), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_timeout(bound->ctx, waits ? CTX_MS(2) : CTX_SECONDS(10)));
    struct rpc_metadata_entry entry;
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, &entry, 1);
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of("somebody")), STATUS_OK);
    CTX_SCOPE(traced, ctx_with_value(scope->ctx, &RPC_METADATA_KEY, &metadata));
    struct call_record record = {.holds_credit = false};
    arm(failing, at);
    bool is_started =
        record_start(&record, traced->ctx, fixture->channel, method, STREAM_LEN) == STATUS_OK;
    bool has_ended = is_started && record_wait_end(&record);
    bool has_failed = disarm();
    if (!is_started) {
        assert_true(has_failed);
        assert_int_equal(record.n_ends, 0);
        return has_failed;
    }
    assert_true(has_ended);
    assert_int_equal(record.n_ends, 1);
    assert_int_equal(record.n_after_end, 0);
    assert_int_equal(record.n_wrong_bytes, 0);
    bool is_stream = method->kind == RPC_SERVER_STREAM;
    if (record.end.status == STATUS_OK && is_stream) {
        assert_int_equal(record.n_bytes, STREAM_LEN);
    }
    *ret_status = record.end.status;
    record_finish(&record);
    return has_failed;
}

/* The same, until the connection was none that the call before has cost: that one may die a little
 * later than its call. */
static bool call_once(struct rpc_fixture *fixture, const struct rpc_method *method,
    enum failing failing, unsigned int at)
{
    enum status status = STATUS_UNAVAILABLE;
    bool has_failed = false;
    for (int i = 0; i < LOST_MAX && !has_failed && status == STATUS_UNAVAILABLE; i++) {
        has_failed = try_call(fixture, method, failing, at, &status);
    }
    assert_true(has_failed || method == &TEST_BLOCK || status == STATUS_OK);
    return has_failed;
}

static void a_call_ends_once_whatever_cannot_be_allocated(void **state)
{
    (void)state;
    static const struct rpc_method *const METHODS[] = {
        &TEST_ECHO_INLINE, &TEST_ECHO, &TEST_STREAM, &TEST_FILE, &TEST_BLOCK, &TEST_PROGRESS};
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    test_service_open_gate(&fixture->service);
    for (size_t i = 0; i < LENGTH_OF(METHODS); i++) {
        for (int failing = FAIL_ONE; failing <= FAIL_FROM_THERE_ON; failing++) {
            unsigned int at = 0;
            while (call_once(fixture, METHODS[i], (enum failing)failing, at)) {
                assert_true(wait_until(has_no_calls, fixture->server));
                assert_true(++at < (unsigned int)POINTS_MAX);
            }
            assert_true(at > 0);
            print_message("%s: %u allocations%s\n", METHODS[i]->name, at,
                failing == FAIL_ONE ? "" : ", and all after them");
        }
    }
    assert_true(wait_until(has_no_calls, fixture->server));
    rpc_fixture_free(fixture);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    struct log_options options = {.service = "memory", .level = LOG_LEVEL_ERROR};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            a_server_that_cannot_be_made_says_so_and_leaves_nothing, check_leaks),
        cmocka_unit_test_teardown(
            a_channel_that_cannot_be_made_says_so_and_leaves_nothing, check_leaks),
        cmocka_unit_test_teardown(a_call_ends_once_whatever_cannot_be_allocated, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
