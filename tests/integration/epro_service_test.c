/* Patients' responses over RPC, by the fake clock: with a pace, stopped in each step, at once by
 * many. Nothing that is stopped changes a byte of the database. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/methods.h"
#include "api/service.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"
#include "epro_fixture.h"
#include "rpc/metadata.h"
#include "rpc_pause_look.h"
#include "support/log_file.h"
#include "walkie/epro/v1/epro.pb-c.h"
#include "walkie/epro/v1/methods.h"

enum { PACE_MS = 1000, N_PACED = 200, N_MANY = 400, SLOW_MS = 5, LINE_MAX_LEN = 64 };

static const char *const STEPS[] = {"load", "validate", "score", "alert", "store"};

static struct epro_fixture *fixture;
static struct service service;
static struct rpc_server *server;
static struct rpc_channel *channel;
static char before[EPRO_FINGERPRINT_MAX];

/* Each look at the context within a step that is named here takes SLOW_MS. */
static _Atomic(const char *) slow_stage;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
enum status __real_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total)
{
    const char *slow = atomic_load(&slow_stage);
    if (slow != NULL && strcmp(slow, stage) == 0) {
        ctx_test_clock_advance(CTX_MS(SLOW_MS));
    }
    return __real_ctx_checkpoint(ctx, stage, done, total);
}

static int set_up(void **state)
{
    (void)state;
    log_file_clear();
    fixture = epro_fixture_new();
    service = (struct service){.sources = {.edc = fixture->db}};
    struct rpc_server_options options = {
        .listen = "tcp://127.0.0.1:0", .name = "epro", .service = &service, .n_workers = 1};
    options.bindings = service_bindings(&options.n_bindings);
    assert_int_equal(rpc_server_start(&options, &server, NULL), STATUS_OK);
    channel = test_channel_new(rpc_server_url(server));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, channel), STATUS_OK);
    ctx_test_clock_start();
    epro_fixture_fingerprint(fixture, before);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    atomic_store(&slow_stage, NULL);
    ctx_test_clock_end();
    rpc_channel_free(channel);
    rpc_server_stop(server);
    epro_fixture_free(fixture);
    return ctx_test_no_leaks() ? 0 : 1;
}

/* --- calls ---------------------------------------------------------------------------------- */

struct answer {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned int n_ends;
    struct rpc_end end;
    Walkie__Epro__V1__SubmitResponsesReply *reply; /* of SubmitResponses; NULL: none */
    struct rpc_client_call *call;
};

static void on_reply(void *arg, struct bytes message)
{
    struct answer *answer = arg;
    pthread_mutex_lock(&answer->mutex);
    answer->reply =
        walkie__epro__v1__submit_responses_reply__unpack(NULL, message.len, message.data);
    pthread_mutex_unlock(&answer->mutex);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct answer *answer = arg;
    pthread_mutex_lock(&answer->mutex);
    answer->n_ends++;
    answer->end = *end;
    pthread_cond_signal(&answer->changed);
    pthread_mutex_unlock(&answer->mutex);
}

static void start(struct answer *answer, const struct ctx *ctx, const struct rpc_method *method,
    const ProtobufCMessage *request)
{
    static const struct rpc_call_events EVENTS = {.on_reply = on_reply, .on_end = on_end};
    *answer = (struct answer){.n_ends = 0};
    pthread_mutex_init(&answer->mutex, NULL);
    pthread_cond_init(&answer->changed, NULL);
    assert_int_equal(
        rpc_call_start(ctx, channel, method, request, &EVENTS, answer, &answer->call), STATUS_OK);
}

static void start_process(struct answer *answer, const struct ctx *ctx, uint32_t pace_ms)
{
    Walkie__Epro__V1__ProcessPatientRequest request =
        WALKIE__EPRO__V1__PROCESS_PATIENT_REQUEST__INIT;
    request.patient = (char *)(uintptr_t) "01-001";
    request.pace_ms = pace_ms;
    start(answer, ctx, &EPRO_PROCESS_PATIENT, &request.base);
}

static void start_submit(
    struct answer *answer, const struct ctx *ctx, const char *json, uint32_t pace_ms)
{
    Walkie__Epro__V1__SubmitResponsesRequest request =
        WALKIE__EPRO__V1__SUBMIT_RESPONSES_REQUEST__INIT;
    request.patient = (char *)(uintptr_t) "01-001";
    request.fhir = (ProtobufCBinaryData){strlen(json), (uint8_t *)(uintptr_t)json};
    request.pace_ms = pace_ms;
    start(answer, ctx, &EPRO_SUBMIT_RESPONSES, &request.base);
}

static enum status wait_end(struct answer *answer)
{
    pthread_mutex_lock(&answer->mutex);
    while (answer->n_ends == 0) {
        pthread_cond_wait(&answer->changed, &answer->mutex);
    }
    enum status status = answer->end.status;
    pthread_mutex_unlock(&answer->mutex);
    return status;
}

static void finish(struct answer *answer)
{
    rpc_client_call_unref(answer->call);
    walkie__epro__v1__submit_responses_reply__free_unpacked(answer->reply, NULL);
    pthread_cond_destroy(&answer->changed);
    pthread_mutex_destroy(&answer->mutex);
}

static void assert_nothing_changed(void)
{
    char after[EPRO_FINGERPRINT_MAX];
    epro_fixture_fingerprint(fixture, after);
    assert_string_equal(after, before);
}

static bool has_changed(void)
{
    char after[EPRO_FINGERPRINT_MAX];
    epro_fixture_fingerprint(fixture, after);
    return strcmp(after, before) != 0;
}

/* The response that row 1 waits for; with `id`. */
static const char *response(const char *id)
{
    static char json[EPRO_JSON_MAX];
    char more[2 * LINE_MAX_LEN];
    snprintf(more, sizeof(more), "\"id\":\"%s\"", id);
    epro_json(json, "phq-9", "2025-01-06T09:00:00+08:00", "210110002", more);
    return json;
}

/* --- stopped -------------------------------------------------------------------------------- */

static void assert_stopped_in(unsigned int step)
{
    char text[LINE_MAX_LEN];
    snprintf(text, sizeof(text), "\"step\":%u,\"step_name\":\"%s\"", step, STEPS[step - 1]);
    assert_non_null(log_file_wait("epro.stopped", text));
    assert_int_equal(log_file_count("epro.stopped", ""), 1);
    assert_nothing_changed();
}

static void a_second_before_each_step_within_three_stops_in_the_third(void **state)
{
    (void)state;
    struct answer answer;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(3000)));
    start_submit(&answer, scope->ctx, response("a"), PACE_MS);
    for (unsigned int step = 1; step <= 3; step++) {
        pause_wait_stage(server, STEPS[step - 1]);
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    assert_int_equal(wait_end(&answer), STATUS_DEADLINE_EXCEEDED);
    assert_stopped_in(3);
    finish(&answer);
}

static void start_and_leave_in(unsigned int step)
{
    struct answer answer;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    log_file_clear();
    start_submit(&answer, scope->ctx, response("a"), PACE_MS);
    for (unsigned int passed = 1; passed < step; passed++) {
        pause_wait_stage(server, STEPS[passed - 1]);
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    pause_wait_stage(server, STEPS[step - 1]);
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(wait_end(&answer), STATUS_CANCELLED);
    assert_stopped_in(step);
    finish(&answer);
}

static void whoever_leaves_in_any_step_leaves_nothing_behind(void **state)
{
    (void)state;
    for (unsigned int step = 1; step <= LENGTH_OF(STEPS); step++) {
        start_and_leave_in(step);
    }
}

/* --- not stopped ---------------------------------------------------------------------------- */

static void all_five_steps_store_once(void **state)
{
    (void)state;
    struct answer answer;
    start_submit(&answer, ctx_background(), response("a"), 0);
    assert_int_equal(wait_end(&answer), STATUS_OK);
    assert_non_null(answer.reply);
    assert_string_equal(answer.reply->study, "P-1");
    assert_string_equal(answer.reply->site_no, "01");
    assert_int_equal(answer.reply->counts->stored, 1);
    assert_int_equal(answer.reply->n_results, 1);
    const Walkie__Epro__V1__ResponseResult *result = answer.reply->results[0];
    assert_int_equal(result->outcome, WALKIE__EPRO__V1__OUTCOME__OUTCOME_STORED);
    assert_string_equal(result->external_id, "a");
    assert_string_equal(result->instrument, "PHQ-9");
    assert_string_equal(result->completed_on, "2025-01-06");
    assert_string_equal(result->due_on, "2025-01-06");
    assert_true(result->has_score && result->score == 7); /* 2 + 1 + 1 + 1 + 2 */
    assert_string_equal(result->severity, "mild");
    assert_int_equal(result->n_alerts, 1);
    assert_string_equal(result->alerts[0]->kind, "suicidal_ideation");
    assert_int_equal(answer.reply->n_steps, LENGTH_OF(STEPS));
    assert_string_equal(answer.reply->steps[4]->name, "store");
    finish(&answer);
    assert_true(has_changed());
    assert_true(epro_fixture_chain_holds(fixture));
    epro_fixture_fingerprint(fixture, before);
    start_submit(&answer, ctx_background(), response("a"), 0);
    assert_int_equal(wait_end(&answer), STATUS_OK);
    assert_int_equal(answer.reply->counts->unchanged, 1);
    finish(&answer);
    assert_nothing_changed();
}

/* Before the step that writes somebody else stores: the call begins again, without its waits. */
static void who_is_overtaken_begins_again_with_what_is_there(void **state)
{
    (void)state;
    struct answer paced;
    start_submit(&paced, ctx_background(), response("a"), PACE_MS);
    for (unsigned int step = 1; step < LENGTH_OF(STEPS); step++) {
        pause_wait_stage(server, STEPS[step - 1]);
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    pause_wait_stage(server, STEPS[LENGTH_OF(STEPS) - 1]);
    struct answer quick;
    start_submit(&quick, ctx_background(), response("a"), 0);
    assert_int_equal(wait_end(&quick), STATUS_OK);
    assert_int_equal(quick.reply->counts->stored, 1);
    ctx_test_clock_advance(CTX_MS(PACE_MS));
    assert_int_equal(wait_end(&paced), STATUS_OK);
    assert_int_equal(paced.reply->counts->unchanged, 1);
    assert_non_null(log_file_wait("epro.again", "\"tries\":1"));
    finish(&quick);
    finish(&paced);
}

static void a_pace_that_fits_stores_what_none_would(void **state)
{
    (void)state;
    struct answer answer;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(6000)));
    start_submit(&answer, scope->ctx, response("a"), PACE_MS);
    for (unsigned int step = 1; step <= LENGTH_OF(STEPS); step++) {
        pause_wait_stage(server, STEPS[step - 1]);
        assert_nothing_changed();
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    assert_int_equal(wait_end(&answer), STATUS_OK);
    assert_int_equal(answer.end.account.run_ns, 0); /* neither work nor the budget's */
    assert_int_equal(log_file_count("job.budget", ""), 1 + LENGTH_OF(STEPS));
    assert_int_equal(log_file_count("job.budget", "\"used_ms\":0.000"), 0);
    assert_true(has_changed());
    finish(&answer);
}

/* One worker: if a pause held it, the last one would wait for all the others. */
static void nobody_waits_for_the_pauses_of_others(void **state)
{
    (void)state;
    struct answer *paced = calloc(N_PACED, sizeof(*paced));
    assert_non_null(paced);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(6000)));
    for (unsigned int i = 0; i < N_PACED; i++) {
        start_submit(&paced[i], scope->ctx, response("a"), PACE_MS);
    }
    pause_wait(server, N_PACED);
    struct answer quick;
    start_process(&quick, scope->ctx, 0);
    assert_int_equal(wait_end(&quick), STATUS_OK);
    finish(&quick);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    for (unsigned int i = 0; i < N_PACED; i++) {
        assert_int_equal(wait_end(&paced[i]), STATUS_CANCELLED);
        finish(&paced[i]);
    }
    free(paced);
}

/* --- refused -------------------------------------------------------------------------------- */

/* Within validate each look takes 5 ms, 16 responses further on: 400 need 125 ms. */
static void what_cannot_be_done_in_its_time_is_refused_early(void **state)
{
    (void)state;
    char *json = malloc((size_t)N_MANY * 1024);
    assert_non_null(json);
    size_t len = 0;
    for (unsigned int i = 0; i < N_MANY; i++) {
        char id[LINE_MAX_LEN];
        snprintf(id, sizeof(id), "r%u", i);
        len += (size_t)sprintf(json + len, "%c%s", i == 0 ? '[' : ',', response(id));
    }
    json[len] = ']';
    json[len + 1] = '\0';
    atomic_store(&slow_stage, "validate");
    struct answer answer;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    start_submit(&answer, scope->ctx, json, 0);
    assert_int_equal(wait_end(&answer), STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(answer.end.message, "would need about "));
    assert_non_null(strstr(answer.end.message, " of 400 responses looked at"));
    assert_non_null(log_file_wait("epro.failed", "\"step\":2,\"step_name\":\"validate\""));
    assert_true(ctx_remaining_ns(scope->ctx) > CTX_MS(50)); /* and not at the end of its time */
    assert_nothing_changed();
    finish(&answer);
    free(json);
}

static void a_patient_of_a_site_outside_the_scope_is_refused(void **state)
{
    (void)state;
    struct rpc_metadata_entry entry;
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, &entry, 1);
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_SCOPE, bytes_of("writer 02")), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &metadata));
    struct answer answer;
    start_submit(&answer, scope->ctx, response("a"), 0);
    assert_int_equal(wait_end(&answer), STATUS_PERMISSION_DENIED);
    finish(&answer);
    assert_nothing_changed();
}

static void wrong_requests_are_refused_in_words(void **state)
{
    (void)state;
    struct answer answer;
    start_process(&answer, ctx_background(), 60001);
    assert_int_equal(wait_end(&answer), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(answer.end.message, "pace_ms 60001 is above the maximum of 60000"));
    finish(&answer);
    start_submit(&answer, ctx_background(), "", 0);
    assert_int_equal(wait_end(&answer), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(answer.end.message, "the body is empty"));
    finish(&answer);
    start_submit(&answer, ctx_background(), "[{]", 0);
    assert_int_equal(wait_end(&answer), STATUS_INVALID_ARGUMENT);
    finish(&answer);
    assert_nothing_changed();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_before_each_step_within_three_stops_in_the_third),
        TEST(whoever_leaves_in_any_step_leaves_nothing_behind),
        TEST(all_five_steps_store_once),
        TEST(who_is_overtaken_begins_again_with_what_is_there),
        TEST(a_pace_that_fits_stores_what_none_would),
        TEST(nobody_waits_for_the_pauses_of_others),
        TEST(what_cannot_be_done_in_its_time_is_refused_early),
        TEST(a_patient_of_a_site_outside_the_scope_is_refused),
        TEST(wrong_requests_are_refused_in_words),
    };
    log_file_start(LOG_LEVEL_INFO);
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return result;
}
