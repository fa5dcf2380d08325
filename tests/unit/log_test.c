/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctx/peer.h"
#include "ctx/test.h"
#include "ctx/timer.h"
#include "obs/log.h"
#include "obs/trace.h"

static char path[] = "/tmp/walkie_log_test.XXXXXX";

static void log_to_file(enum log_format format, enum log_level level, enum log_language language)
{
    const struct log_options options = {.service = "test-service",
        .format = format,
        .level = level,
        .language = language,
        .path = path};
    assert_int_equal(truncate(path, 0), 0);
    struct error error;
    assert_int_equal(log_init(&options, &error), STATUS_OK);
}

/* The whole file; freed by the caller. */
static char *log_text(void)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    enum { TEXT_MAX = 4 << 20 };
    char *text = calloc(1, TEXT_MAX);
    assert_non_null(text);
    size_t len = fread(text, 1, TEXT_MAX - 1, file);
    assert_true(len < TEXT_MAX - 1);
    fclose(file);
    return text;
}

static void a_json_line_has_the_fields_in_their_order(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    struct trace trace;
    assert_true(trace_parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", &trace));
    trace.call_id = 42;
    trace.method = "Echo";
    CTX_SCOPE(scope, ctx_with_value(ctx_background(), &TRACE_KEY, &trace));
    LOG_INFO("rpc.recv", scope->ctx, log_bool("is_running", true), log_str("stage", "render"),
        log_ms("absent", CLOCK_NEVER), log_str("method", NULL), log_i64("delta", -3),
        log_ms("remaining_ms", CLOCK_US(298500)), log_f64("rate", 0.25),
        log_str("cause", "peer_lost"));
    char *text = log_text();
    cJSON *line = cJSON_Parse(text);
    assert_non_null(line);
    static const char *const ORDER[] = {"ts", "level", "service", "event", "trace_id", "span_id",
        "call_id", "method", "remaining_ms", "cause", "stage", "is_running", "delta", "rate"};
    const cJSON *item = line->child;
    for (size_t i = 0; i < LENGTH_OF(ORDER); i++, item = item->next) {
        assert_non_null(item);
        assert_string_equal(item->string, ORDER[i]);
    }
    assert_null(item);
    assert_string_equal(
        cJSON_GetObjectItem(line, "trace_id")->valuestring, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_true(cJSON_GetObjectItem(line, "remaining_ms")->valuedouble == 298.5);
    cJSON_Delete(line);
    free(text);
}

static double number_of(const cJSON *line, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(line, name);
    assert_non_null(item);
    return item->valuedouble;
}

static const char *text_of(const cJSON *line, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(line, name);
    assert_non_null(item);
    return item->valuestring;
}

static cJSON *only_line(void)
{
    char *text = log_text();
    cJSON *line = cJSON_Parse(text);
    assert_non_null(line);
    free(text);
    return line;
}

static void a_context_tells_its_deadline_and_its_end_by_itself(void **state)
{
    (void)state;
    struct ctx_source far = {.hop = 2, .peer = ctx_peer_number("api-gateway")};
    clock_set_fake_ns(CLOCK_SECONDS(100));
    CTX_SCOPE(scope, ctx_with_deadline_from_peer(
                         ctx_background(), CTX_ORIGIN_TIMEOUT_QUERY, far, CLOCK_SECONDS(103)));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    LOG_INFO("before", child->ctx, log_i64("n", 1));
    cJSON *line = only_line();
    assert_true(number_of(line, "remaining_ms") == 3000);
    assert_string_equal(text_of(line, "deadline_origin"), "query:timeout");
    assert_true(number_of(line, "deadline_hop") == 2);
    assert_string_equal(text_of(line, "deadline_by"), "api-gateway");
    assert_null(cJSON_GetObjectItem(line, "cause"));
    assert_null(cJSON_GetObjectItem(line, "cause_hop"));
    cJSON_Delete(line);

    ctx_cancel_from_peer(scope, CTX_CAUSE_CLIENT_DISCONNECTED, (struct ctx_source){1, far.peer});
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    LOG_INFO("after", child->ctx, log_str("stage", "render"));
    line = only_line();
    static const char *const ORDER[] = {"ts", "level", "service", "event", "remaining_ms",
        "deadline_origin", "deadline_hop", "deadline_by", "cause", "cause_hop", "cause_by",
        "stage"};
    const cJSON *item = line->child;
    for (size_t i = 0; i < LENGTH_OF(ORDER); i++, item = item->next) {
        assert_non_null(item);
        assert_string_equal(item->string, ORDER[i]);
    }
    assert_null(item);
    assert_string_equal(text_of(line, "cause"), "client_disconnected");
    assert_true(number_of(line, "cause_hop") == 1);
    assert_string_equal(text_of(line, "cause_by"), "api-gateway");
    cJSON_Delete(line);
    clock_set_fake_ns(0);
}

static void what_the_caller_gives_stands_for_the_context(void **state)
{
    (void)state;
    struct ctx_source far = {.hop = 2, .peer = ctx_peer_number("api-gateway")};
    CTX_SCOPE(scope, ctx_with_deadline_from_peer(ctx_background(), CTX_ORIGIN_TIMEOUT_QUERY, far,
                         clock_now_ns() + CLOCK_SECONDS(3)));
    ctx_cancel_from_peer(scope, CTX_CAUSE_CLIENT_DISCONNECTED, far);
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    LOG_INFO("event", scope->ctx, log_ms("remaining_ms", CLOCK_MS(7)),
        log_str("deadline_origin", "route_cap"), log_str("cause", "peer_lost"),
        log_u64_if("cause_hop", false, 9));
    cJSON *line = only_line();
    assert_true(number_of(line, "remaining_ms") == 7);
    assert_string_equal(text_of(line, "deadline_origin"), "route_cap");
    assert_string_equal(text_of(line, "cause"), "peer_lost");
    /* The context's would be of another deadline and of another cause. */
    assert_null(cJSON_GetObjectItem(line, "deadline_hop"));
    assert_null(cJSON_GetObjectItem(line, "deadline_by"));
    assert_null(cJSON_GetObjectItem(line, "cause_hop"));
    assert_null(cJSON_GetObjectItem(line, "cause_by"));
    cJSON_Delete(line);
}

/* The context may have become done since what the line tells of. */
static void a_cause_that_is_left_out_stays_out(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(10)));
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    LOG_INFO("event", scope->ctx, log_str("status", "OK"), log_str("cause", NULL));
    cJSON *line = only_line();
    assert_null(cJSON_GetObjectItem(line, "cause"));
    assert_null(cJSON_GetObjectItem(line, "cause_hop"));
    assert_non_null(cJSON_GetObjectItem(line, "deadline_origin"));
    cJSON_Delete(line);
}

/* A line must not change what it tells of. */
static void logging_does_not_end_a_context_whose_time_is_over(void **state)
{
    (void)state;
    clock_set_fake_ns(CLOCK_SECONDS(100));
    CTX_SCOPE(scope, ctx_with_deadline(ctx_background(), CLOCK_SECONDS(101)));
    ctx_timer_wake();                      /* it has seen the new timer, and sleeps */
    clock_set_fake_ns(CLOCK_SECONDS(102)); /* and it knows nothing of this */
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    LOG_INFO("event", scope->ctx, log_i64("n", 1));
    assert_false(ctx_done(scope->ctx));
    cJSON *line = only_line();
    assert_true(number_of(line, "remaining_ms") == 0);
    assert_null(cJSON_GetObjectItem(line, "cause"));
    cJSON_Delete(line);
    clock_set_fake_ns(0);
}

static void a_field_given_by_the_caller_is_not_repeated(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    struct trace trace;
    trace_init(&trace);
    trace.method = "Echo";
    CTX_SCOPE(scope, ctx_with_value(ctx_background(), &TRACE_KEY, &trace));
    LOG_INFO("http.request", scope->ctx, log_str("method", "GET"));
    char *text = log_text();
    char *first = strstr(text, "\"method\"");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\"method\""));
    assert_non_null(strstr(text, "\"method\":\"GET\""));
    free(text);
}

static void values_from_outside_cannot_break_a_line(void **state)
{
    (void)state;
    static const char EVIL[] = "a\nb\"c\\d\x01\xff\xc3(\xe7\xa8\xbd\xe6\x9f\xa5";
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    LOG_INFO("http.request", NULL, log_str("path", EVIL));
    char *text = log_text();
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    cJSON *line = cJSON_Parse(text);
    assert_non_null(line);
    assert_string_equal(cJSON_GetObjectItem(line, "path")->valuestring,
        "a\nb\"c\\d\x01\xef\xbf\xbd\xef\xbf\xbd(\xe7\xa8\xbd\xe6\x9f\xa5");
    cJSON_Delete(line);
    free(text);

    log_to_file(LOG_FORMAT_TEXT, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    LOG_INFO("http.request", NULL, log_str("path", EVIL));
    text = log_text();
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    assert_non_null(strstr(text, " path=\"a\\u000ab\\\"c"));
    free(text);
}

static void a_line_too_long_loses_whole_fields_and_says_so(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    char value[LOG_VALUE_MAX + 500];
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    LOG_INFO("http.request", NULL, log_str("one", value), log_str("two", value),
        log_str("three", value), log_str("four", value), log_str("short", "kept"));
    char *text = log_text();
    assert_true(strlen(text) <= LOG_LINE_MAX);
    cJSON *line = cJSON_Parse(text);
    assert_non_null(line);
    assert_int_equal(strlen(cJSON_GetObjectItem(line, "one")->valuestring), LOG_VALUE_MAX);
    assert_null(cJSON_GetObjectItem(line, "four"));
    assert_non_null(cJSON_GetObjectItem(line, "short"));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(line, "cut")));
    cJSON_Delete(line);
    free(text);
}

static void lines_below_the_level_are_not_written(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_TEXT, LOG_LEVEL_WARN, LOG_LANGUAGE_EN);
    LOG_INFO("http.request", NULL, log_str("path", "/"));
    LOG_WARN("rpc.refuse", NULL, log_str("why", "queue full"));
    char *text = log_text();
    assert_null(strstr(text, "http.request"));
    assert_non_null(strstr(text, "rpc.refuse"));
    free(text);
}

static void the_text_format_speaks_chinese_and_keeps_names(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_TEXT, LOG_LEVEL_INFO, LOG_LANGUAGE_ZH_CN);
    LOG_INFO("ctx.stopped", NULL, log_ms("stop_latency_ms", CLOCK_MS(2)));
    char *text = log_text();
    assert_non_null(strstr(text, "ctx.stopped"));
    assert_non_null(strstr(text, "任务已停止"));
    assert_non_null(strstr(text, " stop_latency_ms=2.000"));
    free(text);
}

static void words_may_name_a_field(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_TEXT, LOG_LEVEL_INFO, LOG_LANGUAGE_ZH_CN);
    LOG_INFO("epro.stopped", NULL, log_i64("step", 3), log_str("step_name", "score"));
    LOG_INFO("epro.stopped", NULL, log_str("no_step", "x")); /* the place stays */
    char *text = log_text();
    assert_non_null(
        strstr(text, "任务被取消，未写入任何数据，已处理到第 3 步: step=3 step_name=score"));
    assert_non_null(strstr(text, "已处理到第 {step} 步: no_step=x"));
    free(text);
}

enum { STORM_THREADS = 4, STORM_LINES = 1000 };

static void *write_lines(void *arg)
{
    char value[600];
    memset(value, 'a' + *(const char *)arg % 26, sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    for (int i = 0; i < STORM_LINES; i++) {
        LOG_INFO("storm", NULL, log_str("value", value));
    }
    return NULL;
}

static void lines_of_many_threads_never_interleave(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_JSON, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    pthread_t threads[STORM_THREADS];
    char names[STORM_THREADS];
    for (int i = 0; i < STORM_THREADS; i++) {
        names[i] = (char)i;
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &names[i]), 0);
    }
    for (int i = 0; i < STORM_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    char *text = log_text();
    int n_lines = 0;
    char *rest = NULL;
    for (char *at = strtok_r(text, "\n", &rest); at != NULL; at = strtok_r(NULL, "\n", &rest)) {
        cJSON *line = cJSON_Parse(at);
        assert_non_null(line);
        const char *value = cJSON_GetObjectItem(line, "value")->valuestring;
        assert_int_equal(strspn(value, (char[]){value[0], '\0'}), strlen(value));
        cJSON_Delete(line);
        n_lines++;
    }
    assert_int_equal(n_lines, STORM_THREADS * STORM_LINES);
    free(text);
}

static void reopening_goes_on_in_a_new_file(void **state)
{
    (void)state;
    log_to_file(LOG_FORMAT_TEXT, LOG_LEVEL_INFO, LOG_LANGUAGE_EN);
    char rotated[sizeof(path) + 4];
    snprintf(rotated, sizeof(rotated), "%s.1", path);
    LOG_INFO("before", NULL, log_i64("n", 1));
    assert_int_equal(rename(path, rotated), 0);
    assert_int_equal(log_reopen(NULL), STATUS_OK);
    LOG_INFO("after", NULL, log_i64("n", 2));
    char *text = log_text();
    assert_null(strstr(text, "before"));
    assert_non_null(strstr(text, "after"));
    free(text);
    unlink(rotated);
}

static void a_log_file_that_cannot_be_opened_is_named(void **state)
{
    (void)state;
    const struct log_options options = {.service = "t", .path = "/nonexistent/dir/walkie.log"};
    struct error error;
    assert_int_equal(log_init(&options, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "/nonexistent/dir/walkie.log"));
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0) {
        return -1;
    }
    return close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? unlink(path) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_json_line_has_the_fields_in_their_order),
        cmocka_unit_test(a_context_tells_its_deadline_and_its_end_by_itself),
        cmocka_unit_test(what_the_caller_gives_stands_for_the_context),
        cmocka_unit_test(a_cause_that_is_left_out_stays_out),
        cmocka_unit_test(logging_does_not_end_a_context_whose_time_is_over),
        cmocka_unit_test(a_field_given_by_the_caller_is_not_repeated),
        cmocka_unit_test(values_from_outside_cannot_break_a_line),
        cmocka_unit_test(a_line_too_long_loses_whole_fields_and_says_so),
        cmocka_unit_test(lines_below_the_level_are_not_written),
        cmocka_unit_test(the_text_format_speaks_chinese_and_keeps_names),
        cmocka_unit_test(words_may_name_a_field),
        cmocka_unit_test(lines_of_many_threads_never_interleave),
        cmocka_unit_test(reopening_goes_on_in_a_new_file),
        cmocka_unit_test(a_log_file_that_cannot_be_opened_is_named),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
