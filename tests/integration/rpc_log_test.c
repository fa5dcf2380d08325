/* The log tells the story of a call: what was inherited, who said stop, when work stopped and what
 * became of it, on both sides under one trace id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "obs/log.h"
#include "obs/trace.h"
#include "support/rpc_fixture.h"

enum { LINE_MAX_LEN = 4096 };

static char log_path[] = "/tmp/walkie-rpc-log-XXXXXX";

/* Lines that contain the event and every one of the further texts (NULL-terminated). */
struct wanted_line {
    const char *event;
    const char *texts[4];
    char found[LINE_MAX_LEN];
};

static bool line_matches(const struct wanted_line *wanted, const char *line)
{
    char event[64];
    snprintf(event, sizeof(event), "\"event\":\"%s\"", wanted->event);
    bool matches = strstr(line, event) != NULL;
    for (size_t i = 0; i < LENGTH_OF(wanted->texts) && wanted->texts[i] != NULL; i++) {
        matches = matches && strstr(line, wanted->texts[i]) != NULL;
    }
    return matches;
}

static bool is_logged(void *arg)
{
    struct wanted_line *wanted = arg;
    bool is_found = false;
    FILE *file = fopen(log_path, "r");
    while (file != NULL && !is_found && fgets(wanted->found, sizeof(wanted->found), file) != NULL) {
        is_found = line_matches(wanted, wanted->found);
    }
    if (file != NULL) {
        fclose(file);
    }
    return is_found;
}

static double number_in(const struct wanted_line *line, const char *field)
{
    char name[64];
    snprintf(name, sizeof(name), "\"%s\":", field);
    const char *at = strstr(line->found, name);
    assert_non_null(at);
    return strtod(at + strlen(name), NULL);
}

struct told {
    struct trace trace;
    char trace_text[64];
    struct ctx_scope *traced;
    struct ctx_scope *scope;
    struct call_record record;
};

static void told_start(struct told *told, struct rpc_fixture *fixture,
    const struct rpc_method *method, uint64_t timeout_ns)
{
    memset(told, 0, sizeof(*told));
    trace_init(&told->trace);
    char id[TRACE_ID_TEXT_MAX];
    trace_id_text(&told->trace, id);
    snprintf(told->trace_text, sizeof(told->trace_text), "\"trace_id\":\"%s\"", id);
    told->traced = ctx_with_value(ctx_background(), &TRACE_KEY, &told->trace);
    told->scope = ctx_with_timeout(told->traced->ctx, timeout_ns);
    assert_int_equal(
        record_start(&told->record, told->scope->ctx, fixture->channel, method, 0), STATUS_OK);
}

static void told_finish(struct told *told)
{
    record_finish(&told->record);
    ctx_scope_end(told->scope);
    ctx_scope_end(told->traced);
}

/* At a moment of ours: a deadline that passes on the way is another story. */
static void run_out_of_time(struct told *told)
{
    ctx_cancel(told->scope, CTX_CAUSE_DEADLINE_EXCEEDED);
    assert_true(record_wait_end(&told->record));
}

static void expect_line(struct wanted_line *wanted)
{
    if (!wait_until(is_logged, wanted)) {
        fail_msg("no line %s with %s", wanted->event, wanted->texts[1]);
    }
}

static void a_cancelled_call_can_be_followed_on_both_sides(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct told told;
    told_start(&told, fixture, &TEST_BLOCK, CTX_SECONDS(3));
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_cancel(told.scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(record_wait_end(&told.record));

    struct wanted_line sent = {"rpc.send", {told.trace_text, "test.v1.Test/Block"}, ""};
    expect_line(&sent);
    struct wanted_line received = {"rpc.recv", {told.trace_text, "\"peer\":\"tcp:"}, ""};
    expect_line(&received);
    double sent_ms = number_in(&sent, "remaining_ms");
    double received_ms = number_in(&received, "remaining_ms");
    assert_true(received_ms <= sent_ms && sent_ms <= 3000 && received_ms > 1000);
    struct wanted_line done = {"ctx.done",
        {told.trace_text, "client_disconnected", "\"stage\":\"blocking\"", "\"is_running\":true"},
        ""};
    expect_line(&done);
    struct wanted_line stopped = {
        "ctx.stopped", {told.trace_text, "client_disconnected", "\"outcome\":\"stopped\""}, ""};
    expect_line(&stopped);
    assert_true(number_in(&stopped, "stop_latency_ms") > 0);
    assert_true(number_in(&stopped, "wasted_cpu_ms") >= 0);
    struct wanted_line ended = {"rpc.end",
        {told.trace_text, "\"status\":\"CANCELLED\"", "\"outcome\":\"stopped\"", "elapsed_ms"}, ""};
    expect_line(&ended);
    /* Mostly the caller has gone when END comes: what became of the work is told all the same. Now
     * and then END is as quick as the cancellation, and the caller gets it itself. */
    if (told.record.end.account.outcome == RPC_OUTCOME_UNKNOWN) {
        struct wanted_line late = {
            "rpc.end", {told.trace_text, "\"late\":true", "\"outcome\":\"stopped\""}, ""};
        expect_line(&late);
    } else {
        assert_int_equal(told.record.end.account.outcome, RPC_OUTCOME_STOPPED);
    }
    told_finish(&told);
}

static void a_call_that_committed_in_vain_is_told(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct told told;
    told_start(&told, fixture, &TEST_STUBBORN, CTX_SECONDS(30));
    assert_true(test_service_wait_started(&fixture->service, 1));
    run_out_of_time(&told);
    assert_int_equal(told.record.end.status, STATUS_DEADLINE_EXCEEDED);
    /* Our CANCEL has told the call; only then may it go on. */
    struct wanted_line done = {"ctx.done", {told.trace_text, "deadline_exceeded"}, ""};
    expect_line(&done);
    test_service_open_gate(&fixture->service);
    struct wanted_line late = {
        "rpc.end", {told.trace_text, "\"late\":true", "\"outcome\":\"committed\""}, ""};
    expect_line(&late);
    told_finish(&told);
}

static void a_call_that_ran_out_of_time_in_the_queue_is_told(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct told busy;
    struct told late;
    told_start(&busy, fixture, &TEST_BLOCK, CTX_SECONDS(30));
    assert_true(test_service_wait_started(&fixture->service, 1));
    struct wanted_line admitted = {"rpc.admit", {busy.trace_text, "\"queue_ms\":"}, ""};
    expect_line(&admitted);
    told_start(&late, fixture, &TEST_BLOCK, CTX_SECONDS(30));
    struct wanted_line received = {"rpc.recv", {late.trace_text}, ""};
    expect_line(&received);
    run_out_of_time(&late);
    struct wanted_line done = {
        "ctx.done", {late.trace_text, "deadline_exceeded", "\"is_running\":false"}, ""};
    expect_line(&done);
    struct wanted_line stopped = {
        "ctx.stopped", {late.trace_text, "\"outcome\":\"not_started\"", "stop_latency_ms"}, ""};
    expect_line(&stopped);
    assert_true(number_in(&stopped, "wasted_cpu_ms") == 0);
    ctx_cancel(busy.scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(record_wait_end(&busy.record));
    told_finish(&late);
    told_finish(&busy);
}

static void a_refused_call_has_its_trace_too(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct told told;
    told_start(&told, fixture, &TEST_FAULT, CTX_SECONDS(3));
    assert_true(record_wait_end(&told.record));
    struct wanted_line refused = {
        "rpc.refuse", {told.trace_text, "faults are not allowed", "Test/Fault"}, ""};
    expect_line(&refused);
    told_finish(&told);
}

static void a_server_that_drains_says_why(void **state)
{
    struct rpc_fixture *fixture = *state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_server_drain(scope->ctx, fixture->server), STATUS_OK);
    struct wanted_line goaway = {
        "rpc.goaway", {"\"cause\":\"server_draining\"", "\"cause_hop\":1"}, ""};
    expect_line(&goaway);
}

static void one_worker(struct rpc_server_options *options)
{
    options->n_workers = 1;
}

static int set_up_one_worker(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", one_worker);
    return 0;
}

int main(void)
{
    int fd = mkstemp(log_path);
    struct log_options options = {
        .service = "test", .level = LOG_LEVEL_DEBUG, .format = LOG_FORMAT_JSON, .path = log_path};
    struct error error = ERROR_NONE;
    if (fd < 0 || log_init(&options, &error) != STATUS_OK) {
        fprintf(stderr, "no log file: %s\n", error.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cancelled_call_can_be_followed_on_both_sides,
            rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_call_that_committed_in_vain_is_told, rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_ran_out_of_time_in_the_queue_is_told,
            set_up_one_worker, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_refused_call_has_its_trace_too, rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
        cmocka_unit_test_setup_teardown(
            a_server_that_drains_says_why, rpc_fixture_set_up_tcp, rpc_fixture_tear_down),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    close(fd);
    unlink(log_path);
    return n_failed;
}
