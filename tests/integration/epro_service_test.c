/* Patients' responses over RPC, by the fake clock: with a pace, stopped in each step, at once by
 * many. Nothing that is stopped changes a byte of the database. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/methods.h"
#include "api/service.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"
#include "epro_call.h"
#include "epro_fixture.h"
#include "rpc/metadata.h"
#include "rpc_pause_look.h"
#include "support/log_file.h"
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
    struct epro_answer answer;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(3000)));
    epro_start_submit(&answer, channel, scope->ctx, response("a"), PACE_MS);
    for (unsigned int step = 1; step <= 3; step++) {
        pause_wait_stage(server, STEPS[step - 1]);
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    assert_int_equal(epro_wait_end(&answer), STATUS_DEADLINE_EXCEEDED);
    assert_stopped_in(3);
    epro_answer_finish(&answer);
}

static void start_and_leave_in(unsigned int step)
{
    struct epro_answer answer;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    log_file_clear();
    epro_start_submit(&answer, channel, scope->ctx, response("a"), PACE_MS);
    for (unsigned int passed = 1; passed < step; passed++) {
        pause_wait_stage(server, STEPS[passed - 1]);
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    pause_wait_stage(server, STEPS[step - 1]);
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(epro_wait_end(&answer), STATUS_CANCELLED);
    assert_stopped_in(step);
    epro_answer_finish(&answer);
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
    struct epro_answer answer;
    epro_start_submit(&answer, channel, ctx_background(), response("a"), 0);
    assert_int_equal(epro_wait_end(&answer), STATUS_OK);
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
    epro_answer_finish(&answer);
    assert_true(has_changed());
    assert_true(epro_fixture_chain_holds(fixture));
    epro_fixture_fingerprint(fixture, before);
    epro_start_submit(&answer, channel, ctx_background(), response("a"), 0);
    assert_int_equal(epro_wait_end(&answer), STATUS_OK);
    assert_int_equal(answer.reply->counts->unchanged, 1);
    epro_answer_finish(&answer);
    assert_nothing_changed();
}

/* Before the step that writes somebody else stores: the call begins again, without its waits. */
static void who_is_overtaken_begins_again_with_what_is_there(void **state)
{
    (void)state;
    struct epro_answer paced;
    epro_start_submit(&paced, channel, ctx_background(), response("a"), PACE_MS);
    for (unsigned int step = 1; step < LENGTH_OF(STEPS); step++) {
        pause_wait_stage(server, STEPS[step - 1]);
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    pause_wait_stage(server, STEPS[LENGTH_OF(STEPS) - 1]);
    struct epro_answer quick;
    epro_start_submit(&quick, channel, ctx_background(), response("a"), 0);
    assert_int_equal(epro_wait_end(&quick), STATUS_OK);
    assert_int_equal(quick.reply->counts->stored, 1);
    ctx_test_clock_advance(CTX_MS(PACE_MS));
    assert_int_equal(epro_wait_end(&paced), STATUS_OK);
    assert_int_equal(paced.reply->counts->unchanged, 1);
    assert_non_null(log_file_wait("epro.again", "\"tries\":1"));
    epro_answer_finish(&quick);
    epro_answer_finish(&paced);
}

static void a_pace_that_fits_stores_what_none_would(void **state)
{
    (void)state;
    struct epro_answer answer;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(6000)));
    epro_start_submit(&answer, channel, scope->ctx, response("a"), PACE_MS);
    for (unsigned int step = 1; step <= LENGTH_OF(STEPS); step++) {
        pause_wait_stage(server, STEPS[step - 1]);
        assert_nothing_changed();
        ctx_test_clock_advance(CTX_MS(PACE_MS));
    }
    assert_int_equal(epro_wait_end(&answer), STATUS_OK);
    assert_int_equal(answer.end.account.run_ns, 0); /* neither work nor the budget's */
    assert_int_equal(log_file_count("job.budget", ""), 1 + LENGTH_OF(STEPS));
    assert_int_equal(log_file_count("job.budget", "\"used_ms\":0.000"), 0);
    assert_true(has_changed());
    epro_answer_finish(&answer);
}

/* One worker: if a pause held it, the last one would wait for all the others. */
static void nobody_waits_for_the_pauses_of_others(void **state)
{
    (void)state;
    struct epro_answer *paced = calloc(N_PACED, sizeof(*paced));
    assert_non_null(paced);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(6000)));
    for (unsigned int i = 0; i < N_PACED; i++) {
        epro_start_submit(&paced[i], channel, scope->ctx, response("a"), PACE_MS);
    }
    pause_wait(server, N_PACED);
    struct epro_answer quick;
    epro_start_process(&quick, channel, scope->ctx, 0);
    assert_int_equal(epro_wait_end(&quick), STATUS_OK);
    epro_answer_finish(&quick);
    ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
    for (unsigned int i = 0; i < N_PACED; i++) {
        assert_int_equal(epro_wait_end(&paced[i]), STATUS_CANCELLED);
        epro_answer_finish(&paced[i]);
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
    struct epro_answer answer;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(100)));
    epro_start_submit(&answer, channel, scope->ctx, json, 0);
    assert_int_equal(epro_wait_end(&answer), STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(answer.end.message, "would need about "));
    assert_non_null(strstr(answer.end.message, " of 400 responses looked at"));
    assert_non_null(log_file_wait("epro.failed", "\"step\":2,\"step_name\":\"validate\""));
    assert_true(ctx_remaining_ns(scope->ctx) > CTX_MS(50)); /* and not at the end of its time */
    assert_nothing_changed();
    epro_answer_finish(&answer);
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
    struct epro_answer answer;
    epro_start_submit(&answer, channel, scope->ctx, response("a"), 0);
    assert_int_equal(epro_wait_end(&answer), STATUS_PERMISSION_DENIED);
    epro_answer_finish(&answer);
    assert_nothing_changed();
}

static void wrong_requests_are_refused_in_words(void **state)
{
    (void)state;
    struct epro_answer answer;
    epro_start_process(&answer, channel, ctx_background(), 60001);
    assert_int_equal(epro_wait_end(&answer), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(answer.end.message, "pace_ms 60001 is above the maximum of 60000"));
    epro_answer_finish(&answer);
    epro_start_submit(&answer, channel, ctx_background(), "", 0);
    assert_int_equal(epro_wait_end(&answer), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(answer.end.message, "the body is empty"));
    epro_answer_finish(&answer);
    epro_start_submit(&answer, channel, ctx_background(), "[{]", 0);
    assert_int_equal(epro_wait_end(&answer), STATUS_INVALID_ARGUMENT);
    epro_answer_finish(&answer);
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
