/* The exporter against a collector that takes, waits, refuses, talks nonsense, or is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "obs/metrics.h"
#include "otlp_collector.h"
#include "traces/otlp.h"

enum { WAIT_SECONDS = 20, PAUSE_MS = 20, COUNT_TEXT_MAX = 128 };

/* --- the exporter --------------------------------------------------------------------------- */

struct exporter {
    struct otlp *otlp;
    char url[128];
    uint64_t before[6];
};

static const char *const OUTCOMES[] = {
    "sent", "queue_full", "refused", "unreachable", "no_memory", "stopped"};
enum outcome { SENT, QUEUE_FULL, REFUSED, UNREACHABLE, NO_MEMORY, STOPPED };

static uint64_t counted(const char *family, const char *outcome)
{
    struct buffer page = BUFFER_EMPTY(1 << 20);
    char wanted[COUNT_TEXT_MAX];
    snprintf(wanted, sizeof(wanted), "%s{outcome=\"%s\"} ", family, outcome);
    assert_int_equal(metrics_page_write(NULL, &page), STATUS_OK);
    assert_int_equal(buffer_append(&page, "", 1), STATUS_OK);
    const char *at = strstr((const char *)page.data, wanted);
    uint64_t value = at == NULL ? 0 : strtoull(at + strlen(wanted), NULL, 10);
    buffer_finish(&page);
    return value;
}

static uint64_t since(const struct exporter *exporter, enum outcome outcome)
{
    return counted("walkie_otlp_requests_total", OUTCOMES[outcome]) - exporter->before[outcome];
}

/* Wait, bounded, until so many have come to that end. */
static void wait_for(const struct exporter *exporter, enum outcome outcome, uint64_t n)
{
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(WAIT_SECONDS);
    while (since(exporter, outcome) < n && clock_now_ns() < limit_ns) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); /* between looks at a counter */
    }
    assert_int_equal(since(exporter, outcome), n);
}

static void start(struct exporter *exporter, const char *path, size_t queue_max)
{
    const char *base = collector_address();
    snprintf(exporter->url, sizeof(exporter->url), "http://%s%s", base, path);
    const struct otlp_options options = {.url = exporter->url,
        .header = "X-Key: secret",
        .queue_max = queue_max,
        .pause_min_ms = PAUSE_MS};
    struct error error = ERROR_NONE;
    for (size_t i = 0; i < LENGTH_OF(OUTCOMES); i++) {
        exporter->before[i] = counted("walkie_otlp_requests_total", OUTCOMES[i]);
    }
    collector_reset();
    assert_int_equal(otlp_start(&options, &exporter->otlp, &error), STATUS_OK);
}

static void offer(struct exporter *exporter, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t now_ns = clock_now_ns();
        struct trace_facts facts = {.method = "GET",
            .path = "/v1/echo",
            .principal = "ana",
            .start_ns = now_ns - CLOCK_MS(3),
            .read_ns = now_ns - CLOCK_MS(3),
            .end_ns = now_ns,
            .deadline_ns = now_ns + CLOCK_SECONDS(1),
            .cancelled_ns = now_ns - CLOCK_MS(1),
            .cause = CTX_CAUSE_CLIENT_DISCONNECTED,
            .status = STATUS_CANCELLED,
            .http_status = 499};
        trace_init(&facts.trace);
        otlp_offer(exporter->otlp, &facts);
    }
}

static const cJSON *at(const cJSON *json, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    assert_non_null(item);
    return cJSON_IsArray(item) ? cJSON_GetArrayItem(item, 0) : item;
}

static void a_batch_is_what_the_specification_says(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/ok", 100);
    uint64_t rejected = counted("walkie_otlp_spans_total", "rejected");
    offer(&exporter, 3);
    assert_int_equal(otlp_drain(ctx_background(), exporter.otlp), STATUS_OK);
    assert_int_equal(since(&exporter, SENT), 3);
    assert_int_equal(counted("walkie_otlp_spans_total", "rejected"), rejected + 2);
    assert_string_equal(collector_look().header, "secret");
    cJSON *json = cJSON_Parse(collector_look().body);
    const cJSON *resource = at(json, "resourceSpans");
    const cJSON *name = at(at(resource, "resource"), "attributes");
    assert_string_equal(at(name, "key")->valuestring, "service.name");
    assert_string_equal(at(at(name, "value"), "stringValue")->valuestring, "api-gateway");
    const cJSON *span = at(at(resource, "scopeSpans"), "spans");
    assert_int_equal(strlen(at(span, "traceId")->valuestring), 32);
    assert_int_equal(strlen(at(span, "spanId")->valuestring), 16);
    assert_null(cJSON_GetObjectItem(span, "parentSpanId"));
    assert_int_equal(at(span, "kind")->valueint, 2);
    assert_true(cJSON_IsString(at(span, "startTimeUnixNano"))); /* 64 bits: as text */
    int64_t ns = strtoll(at(span, "endTimeUnixNano")->valuestring, NULL, 10) -
                 strtoll(at(span, "startTimeUnixNano")->valuestring, NULL, 10);
    assert_int_equal(ns, CLOCK_MS(3));
    assert_int_equal(at(at(span, "status"), "code")->valueint, 2);
    assert_string_equal(at(at(span, "status"), "message")->valuestring, "CANCELLED");
    assert_string_equal(at(at(span, "events"), "name")->valuestring, "cancelled");
    cJSON_Delete(json);
    otlp_stop(exporter.otlp);
}

static void who_says_unsampled_is_not_exported(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/ok", 100);
    struct trace_facts facts = {.method = "GET", .end_ns = 1};
    otlp_offer(exporter.otlp, &facts); /* flags are 0 */
    offer(&exporter, 1);
    assert_int_equal(otlp_drain(ctx_background(), exporter.otlp), STATUS_OK);
    assert_int_equal(since(&exporter, SENT), 1);
    otlp_stop(exporter.otlp);
}

static void a_busy_collector_is_asked_again_after_what_it_says(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/busy", 1000);
    offer(&exporter, OTLP_BATCH_MAX);
    wait_for(&exporter, SENT, OTLP_BATCH_MAX);
    assert_int_equal(collector_look().n_requests, 2);
    assert_true(collector_look().at_ns[2] - collector_look().at_ns[1] >= CLOCK_MS(1000));
    otlp_stop(exporter.otlp);
}

static void without_a_hint_pauses_grow(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/weak", 1000);
    offer(&exporter, OTLP_BATCH_MAX);
    wait_for(&exporter, SENT, OTLP_BATCH_MAX);
    assert_int_equal(collector_look().n_requests, 3);
    assert_true(collector_look().at_ns[2] - collector_look().at_ns[1] >= CLOCK_MS(PAUSE_MS));
    assert_true(collector_look().at_ns[3] - collector_look().at_ns[2] >= CLOCK_MS(2 * PAUSE_MS));
    otlp_stop(exporter.otlp);
}

static void attempts_are_bounded(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/never", 1000);
    offer(&exporter, OTLP_BATCH_MAX);
    wait_for(&exporter, UNREACHABLE, OTLP_BATCH_MAX);
    assert_int_equal(collector_look().n_requests, OTLP_ATTEMPTS_MAX);
    otlp_stop(exporter.otlp);
}

static void what_is_refused_or_sent_elsewhere_is_not_tried_again(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"/no", "/elsewhere"};
    for (size_t i = 0; i < LENGTH_OF(PATHS); i++) {
        struct exporter exporter;
        start(&exporter, PATHS[i], 1000);
        offer(&exporter, OTLP_BATCH_MAX);
        wait_for(&exporter, REFUSED, OTLP_BATCH_MAX);
        assert_int_equal(collector_look().n_requests, 1);
        otlp_stop(exporter.otlp);
    }
}

static void nonsense_in_a_good_answer_does_no_harm(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/garbage", 1000);
    offer(&exporter, OTLP_BATCH_MAX);
    wait_for(&exporter, SENT, OTLP_BATCH_MAX);
    otlp_stop(exporter.otlp);
}

static void a_hanging_collector_costs_a_full_queue_and_no_time(void **state)
{
    (void)state;
    enum { OFFERED = 5000 };
    struct exporter exporter;
    start(&exporter, "/hang", OTLP_BATCH_MAX);
    offer(&exporter, OTLP_BATCH_MAX);
    collector_wait(1);
    uint64_t start_ns = clock_now_ns();
    offer(&exporter, OFFERED);
    uint64_t took_ns = clock_now_ns() - start_ns;
    assert_int_equal(since(&exporter, QUEUE_FULL), OFFERED - OTLP_BATCH_MAX);
    assert_true(took_ns < CLOCK_SECONDS(2)); /* nobody waited for the collector */
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    assert_int_equal(otlp_drain(scope->ctx, exporter.otlp), STATUS_DEADLINE_EXCEEDED);
    start_ns = clock_now_ns();
    otlp_stop(exporter.otlp);
    assert_true(clock_now_ns() - start_ns < CLOCK_SECONDS(2));
    assert_int_equal(since(&exporter, STOPPED), 2 * OTLP_BATCH_MAX);
    collector_drop_parked();
}

static void a_collector_that_is_gone_does_not_hold_up_the_end(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/ok", 100);
    otlp_stop(exporter.otlp);
    const struct otlp_options options = {
        .url = "http://127.0.0.1:1/v1/traces", .queue_max = 100, .pause_min_ms = 60000};
    struct error error = ERROR_NONE;
    assert_int_equal(otlp_start(&options, &exporter.otlp, &error), STATUS_OK);
    offer(&exporter, 7);
    uint64_t start_ns = clock_now_ns();
    assert_int_equal(otlp_drain(ctx_background(), exporter.otlp), STATUS_OK);
    assert_true(clock_now_ns() - start_ns < CLOCK_SECONDS(5));
    assert_int_equal(since(&exporter, UNREACHABLE), 7);
    otlp_stop(exporter.otlp);
}

static void a_call_that_has_not_told_its_end_is_waited_for(void **state)
{
    (void)state;
    struct exporter exporter;
    start(&exporter, "/ok", 1000);
    struct span_log *log = span_log_new();
    span_log_expect(log, 1);
    struct trace_facts facts = {.method = "GET",
        .path = "/v1/work",
        .spans = log,
        .start_ns = clock_now_ns(),
        .end_ns = clock_now_ns()};
    trace_init(&facts.trace);
    otlp_offer(exporter.otlp, &facts);
    offer(&exporter, OTLP_BATCH_MAX);
    wait_for(&exporter, SENT, OTLP_BATCH_MAX); /* all but the one */
    assert_null(strstr(collector_look().body, "/v1/work"));
    span_log_put(log, &(struct span_record){.name = "stop", .service = "report-service"});
    span_log_expect(log, -1);
    span_log_unref(log);
    wait_for(&exporter, SENT, OTLP_BATCH_MAX + 1);
    assert_non_null(strstr(collector_look().body, "\"report-service\""));
    otlp_stop(exporter.otlp);
}

static void a_header_that_is_none_is_refused_without_its_value(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"secret", ": secret", "X Y: secret", "X: ", "X: a\nsecret"};
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        struct error error = ERROR_NONE;
        const struct otlp_options options = {.url = "http://x/", .header = WRONG[i]};
        assert_int_equal(otlp_check(&options, &error), STATUS_INVALID_ARGUMENT);
        assert_null(strstr(error.text, "secret"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_what_the_specification_says),
        cmocka_unit_test(who_says_unsampled_is_not_exported),
        cmocka_unit_test(a_busy_collector_is_asked_again_after_what_it_says),
        cmocka_unit_test(without_a_hint_pauses_grow),
        cmocka_unit_test(attempts_are_bounded),
        cmocka_unit_test(what_is_refused_or_sent_elsewhere_is_not_tried_again),
        cmocka_unit_test(nonsense_in_a_good_answer_does_no_harm),
        cmocka_unit_test(a_hanging_collector_costs_a_full_queue_and_no_time),
        cmocka_unit_test(a_collector_that_is_gone_does_not_hold_up_the_end),
        cmocka_unit_test(a_call_that_has_not_told_its_end_is_waited_for),
        cmocka_unit_test(a_header_that_is_none_is_refused_without_its_value),
    };
    return cmocka_run_group_tests(tests, collector_start, collector_stop);
}
