/* What servers say of themselves over RPC, and a question to all backends at once. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/metrics.h"
#include "rpc/ask.h"
#include "rpc/debug.h"
#include "support/prometheus.h"
#include "support/rpc_site.h"
#include "walkie/rpc/v1/debug.pb-c.h"

enum { LIST_MAX = 1024, PATIENCE_MS = 1000 }; /* more than who is there needs, on any machine */

typedef Walkie__Rpc__V1__ListCallsReply calls_reply;
typedef Walkie__Rpc__V1__ListClassesReply classes_reply;

/* What came of one rpc_ask_all. */
struct asked {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned int n_times;
    size_t n_answers;
    enum status statuses[RPC_ASK_ANSWERS_MAX];
    calls_reply *replies[RPC_ASK_ANSWERS_MAX]; /* of those that are OK */
    char backends[RPC_ASK_ANSWERS_MAX][RPC_URL_MAX];
};

static void on_answers(void *arg, const struct rpc_answer *answers, size_t n_answers)
{
    struct asked *asked = arg;
    pthread_mutex_lock(&asked->mutex);
    asked->n_times++;
    asked->n_answers = n_answers;
    for (size_t i = 0; i < n_answers; i++) {
        asked->statuses[i] = answers[i].end->status;
        snprintf(asked->backends[i], RPC_URL_MAX, "%s", answers[i].backend);
        if (answers[i].end->status == STATUS_OK) {
            asked->replies[i] = walkie__rpc__v1__list_calls_reply__unpack(
                NULL, answers[i].message.len, answers[i].message.data);
        }
    }
    pthread_cond_signal(&asked->changed);
    pthread_mutex_unlock(&asked->mutex);
}

static void ask(struct asked *asked, const struct ctx *ctx, struct rpc_channel *channel)
{
    memset(asked, 0, sizeof(*asked));
    pthread_mutex_init(&asked->mutex, NULL);
    pthread_cond_init(&asked->changed, NULL);
    const Walkie__Rpc__V1__ListCallsRequest request = WALKIE__RPC__V1__LIST_CALLS_REQUEST__INIT;
    enum status status =
        rpc_ask_all(ctx, channel, &RPC_LIST_CALLS, &request.base, on_answers, asked);
    assert_int_equal(status, STATUS_OK);
    pthread_mutex_lock(&asked->mutex);
    while (asked->n_times == 0) {
        pthread_cond_wait(&asked->changed, &asked->mutex); /* bounded by ctx */
    }
    pthread_mutex_unlock(&asked->mutex);
}

static void asked_finish(struct asked *asked)
{
    assert_int_equal(asked->n_times, 1);
    for (size_t i = 0; i < asked->n_answers; i++) {
        walkie__rpc__v1__list_calls_reply__free_unpacked(asked->replies[i], NULL);
    }
    pthread_cond_destroy(&asked->changed);
    pthread_mutex_destroy(&asked->mutex);
}

static calls_reply *list_calls(
    const struct ctx *ctx, struct rpc_channel *channel, const char *principal)
{
    Walkie__Rpc__V1__ListCallsRequest request = WALKIE__RPC__V1__LIST_CALLS_REQUEST__INIT;
    request.principal = (char *)(uintptr_t)principal; /* packed, never written to */
    ProtobufCMessage *reply = NULL;
    enum status status = rpc_call_unary(ctx, channel, &RPC_LIST_CALLS, &request.base,
        &walkie__rpc__v1__list_calls_reply__descriptor, &reply, NULL);
    assert_int_equal(status, STATUS_OK);
    return (calls_reply *)reply;
}

static classes_reply *list_classes(const struct ctx *ctx, struct rpc_channel *channel)
{
    const Walkie__Rpc__V1__ListClassesRequest request = WALKIE__RPC__V1__LIST_CLASSES_REQUEST__INIT;
    ProtobufCMessage *reply = NULL;
    enum status status = rpc_call_unary(ctx, channel, &RPC_LIST_CLASSES, &request.base,
        &walkie__rpc__v1__list_classes_reply__descriptor, &reply, NULL);
    assert_int_equal(status, STATUS_OK);
    return (classes_reply *)reply;
}

static void every_backend_is_asked_and_one_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct test_service services[2];
    struct rpc_server *servers[2];
    for (size_t i = 0; i < 2; i++) {
        test_service_init(&services[i]);
        servers[i] = test_server_start(&services[i], "tcp://127.0.0.1:0", site_many_workers);
    }
    char list[LIST_MAX];
    snprintf(list, sizeof(list), "%s,ipc:///tmp/walkie-nobody-is-here.ipc,%s",
        rpc_server_url(servers[0]), rpc_server_url(servers[1]));
    struct rpc_channel *channel = test_channel_new(list);
    assert_true(site_wait_ready_links(channel, 2));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct asked asked;
    ask(&asked, scope->ctx, channel);
    assert_int_equal(asked.n_answers, 3);
    unsigned int n_ok = 0;
    for (size_t i = 0; i < 3; i++) {
        bool is_absent = strcmp(asked.backends[i], "ipc:///tmp/walkie-nobody-is-here.ipc") == 0;
        assert_int_equal(asked.statuses[i], is_absent ? STATUS_UNAVAILABLE : STATUS_OK);
        n_ok += is_absent ? 0 : 1;
    }
    assert_int_equal(n_ok, 2);
    asked_finish(&asked);
    rpc_channel_free(channel);
    rpc_server_stop(servers[0]);
    rpc_server_stop(servers[1]);
}

static void a_question_ends_with_its_context_whoever_is_silent(void **state)
{
    (void)state;
    struct site site;
    site_start(&site, 1, true, site_many_workers);
    int stopped;
    kill(site.process.pid, SIGSTOP);
    assert_int_equal(waitpid(site.process.pid, &stopped, WUNTRACED), site.process.pid);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(PATIENCE_MS)));
    struct asked asked;
    ask(&asked, scope->ctx, site.channel);
    kill(site.process.pid, SIGCONT);
    assert_int_equal(asked.n_answers, 2);
    assert_int_equal(asked.statuses[0], STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(asked.statuses[1], STATUS_OK);
    asked_finish(&asked);
    site_stop(&site);
}

/* A context whose calls say who asks, and perhaps with which role. */
struct caller {
    struct rpc_metadata metadata;
    struct rpc_metadata_entry entries[2];
    struct ctx_scope *scope;
};

static void caller_init(
    struct caller *caller, const struct ctx *ctx, const char *name, const char *role)
{
    rpc_metadata_init(&caller->metadata, caller->entries, LENGTH_OF(caller->entries));
    assert_int_equal(
        rpc_metadata_set(&caller->metadata, RPC_METADATA_PRINCIPAL, bytes_of(name)), STATUS_OK);
    if (role != NULL) {
        assert_int_equal(
            rpc_metadata_set(&caller->metadata, RPC_METADATA_SCOPE, bytes_of(role)), STATUS_OK);
    }
    caller->scope = ctx_with_value(ctx, &RPC_METADATA_KEY, &caller->metadata);
}

static void calls_are_listed_with_who_asks_and_how_they_are(void **state)
{
    (void)state;
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", site_many_workers);
    CTX_SCOPE(all, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct caller anna;
    struct caller bert;
    caller_init(&anna, all->ctx, "anna \x01\xff", NULL);
    caller_init(&bert, all->ctx, "\xe5\xbc\xa0\xe4\xb8\x89", NULL);
    struct call_record records[2] = {{.n_ends = 0}};
    assert_int_equal(
        record_start(&records[0], anna.scope->ctx, fixture->channel, &TEST_STUBBORN, 0), STATUS_OK);
    assert_int_equal(
        record_start(&records[1], bert.scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 2));

    calls_reply *reply = list_calls(all->ctx, fixture->channel, "");
    assert_int_equal(reply->n_calls, 2); /* and not the question itself */
    assert_int_equal(reply->n_calls_all, 2);
    for (size_t i = 0; i < 2; i++) {
        const Walkie__Rpc__V1__LiveCall *call = reply->calls[i];
        bool is_anna = strcmp(call->method, TEST_STUBBORN.name) == 0;
        assert_string_equal(call->principal, is_anna ? "anna ??" : "\xe5\xbc\xa0\xe4\xb8\x89");
        assert_int_equal(call->state, WALKIE__RPC__V1__CALL_STATE__CALL_STATE_RUNNING);
        assert_int_equal(call->trace_id.len, 16);
        assert_true(call->has_deadline);
        assert_true(call->remaining_ns > 0 && call->elapsed_ns > 0);
    }
    walkie__rpc__v1__list_calls_reply__free_unpacked(reply, NULL);

    reply = list_calls(all->ctx, fixture->channel, "\xe5\xbc\xa0\xe4\xb8\x89");
    assert_int_equal(reply->n_calls, 1);
    assert_string_equal(reply->calls[0]->method, TEST_BLOCK.name);
    walkie__rpc__v1__list_calls_reply__free_unpacked(reply, NULL);

    test_service_open_gate(&fixture->service);
    ctx_scope_end(anna.scope);
    ctx_scope_end(bert.scope);
    ctx_cancel(all, CTX_CAUSE_CANCELLED);
    for (size_t i = 0; i < 2; i++) {
        assert_true(record_wait_end(&records[i]));
        record_finish(&records[i]);
    }
    rpc_fixture_free(fixture);
}

static void who_is_no_admin_sees_his_own_calls_whatever_he_asks_for(void **state)
{
    (void)state;
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", site_many_workers);
    CTX_SCOPE(all, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct call_record record = {.n_ends = 0};
    struct caller anna;
    caller_init(&anna, all->ctx, "anna", NULL);
    assert_int_equal(
        record_start(&record, anna.scope->ctx, fixture->channel, &TEST_BLOCK, 0), STATUS_OK);
    assert_true(test_service_wait_started(&fixture->service, 1));
    static const struct {
        const char *name;
        const char *role;
        size_t n_calls;
    } ASKERS[] = {{"bert", "admin *", 1}, {"bert", "auditor *", 0}, {"anna", "viewer *", 1},
        {"bert", "nonsense", 0}};
    for (size_t i = 0; i < LENGTH_OF(ASKERS); i++) {
        struct caller asker;
        caller_init(&asker, all->ctx, ASKERS[i].name, ASKERS[i].role);
        for (size_t k = 0; k < 2; k++) {
            bool is_admin = ASKERS[i].role[0] == 'a' && ASKERS[i].role[1] == 'd';
            const char *wanted = k == 0 ? "" : "anna";
            calls_reply *reply = list_calls(asker.scope->ctx, fixture->channel, wanted);
            assert_int_equal(reply->n_calls, is_admin ? 1 : ASKERS[i].n_calls);
            walkie__rpc__v1__list_calls_reply__free_unpacked(reply, NULL);
        }
        ctx_scope_end(asker.scope);
    }
    ctx_scope_end(anna.scope);
    ctx_cancel(all, CTX_CAUSE_CANCELLED);
    assert_true(record_wait_end(&record));
    record_finish(&record);
    rpc_fixture_free(fixture);
}

static void one_worker(struct rpc_server_options *options)
{
    options->n_workers = 1;
    options->queue_max = 1;
}

static const Walkie__Rpc__V1__CallClass *find_class(const classes_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->n_classes; i++) {
        if (strcmp(reply->classes[i]->name, name) == 0) {
            return reply->classes[i];
        }
    }
    fail_msg("there is no class %s", name);
    return NULL;
}

static struct prometheus page;

static double metric(const char *series)
{
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(8 << 20);
    assert_int_equal(metrics_page_write(NULL, &text), STATUS_OK);
    assert_int_equal(buffer_append(&text, "", 1), STATUS_OK);
    assert_string_equal(prometheus_read((const char *)text.data, &page), "");
    return prometheus_value(&page, series);
}

static void classes_count_what_they_run_admit_and_refuse(void **state)
{
    (void)state;
    enum { N_CALLS = 4 };
    struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", one_worker);
    CTX_SCOPE(all, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    struct call_record records[N_CALLS] = {{.n_ends = 0}};
    /* One runs, one waits, two are refused: all of one principal. */
    for (size_t i = 0; i < N_CALLS; i++) {
        assert_int_equal(
            record_start(&records[i], all->ctx, fixture->channel, &TEST_STUBBORN, 0), STATUS_OK);
        if (i == 0) {
            assert_true(test_service_wait_started(&fixture->service, 1));
        } else if (i > 1) {
            assert_true(record_wait_end(&records[i]));
        }
    }
    classes_reply *reply = list_classes(all->ctx, fixture->channel);
    const Walkie__Rpc__V1__CallClass *class = find_class(reply, "default");
    assert_int_equal(class->running, 1);
    assert_int_equal(class->running_max, 1);
    assert_int_equal(class->queued, 1);
    assert_int_equal(class->queue_max, 1);
    assert_int_equal(class->admitted, 2);
    assert_int_equal(class->refused, 2);
    assert_int_equal(class->completed, 0);
    walkie__rpc__v1__list_classes_reply__free_unpacked(reply, NULL);
    assert_true(metric("walkie_admission_running{class=\"default\"}") == 1);
    assert_true(metric("walkie_admission_queued{class=\"default\"}") == 1);
    assert_true(
        metric("walkie_admission_refused_total{class=\"default\",reason=\"no_room\"}") == 2);
    assert_true(metric("walkie_rpc_links_ready") == 1);
    double waited = metric("walkie_admission_wait_seconds_count{class=\"default\"}");
    test_service_open_gate(&fixture->service);
    for (size_t i = 0; i < N_CALLS; i++) {
        assert_true(record_wait_end(&records[i]));
        record_finish(&records[i]);
    }
    reply = list_classes(all->ctx, fixture->channel);
    assert_int_equal(find_class(reply, "default")->completed, 2);
    assert_true(metric("walkie_admission_completed_total{class=\"default\"}") == 2);
    assert_true(metric("walkie_admission_wait_seconds_count{class=\"default\"}") == waited + 2);
    walkie__rpc__v1__list_classes_reply__free_unpacked(reply, NULL);
    rpc_fixture_free(fixture);
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--server") == 0) {
        return site_serve(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            every_backend_is_asked_and_one_that_is_not_there_is_named, check_leaks),
        cmocka_unit_test_teardown(a_question_ends_with_its_context_whoever_is_silent, check_leaks),
        cmocka_unit_test_teardown(calls_are_listed_with_who_asks_and_how_they_are, check_leaks),
        cmocka_unit_test_teardown(
            who_is_no_admin_sees_his_own_calls_whatever_he_asks_for, check_leaks),
        cmocka_unit_test_teardown(classes_count_what_they_run_admit_and_refuse, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
