/* The outgoing client against our own server: what it sends, what it takes, and that it listens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctx/current.h"
#include "ctx/group.h"
#include "ctx/test.h"
#include "http/client.h"
#include "http_site.h"
#include "obs/span.h"
#include "obs/trace.h"
#include "support/log_file.h"

enum { N_CANCELS = 21 };

/* --- the client --------------------------------------------------------------------------------
 */

static struct http_client *client;

static enum status get(const struct ctx *ctx, const char *url, size_t reply_max,
    struct http_client_reply *ret_reply, struct error *ret_error)
{
    const struct http_client_request request = {
        .method = "GET", .url = url, .reply_max = reply_max};
    return http_client_call(ctx, client, &request, ret_reply, ret_error);
}

static int set_up(void **state)
{
    (void)state;
    log_file_clear();
    site_reset();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ctx_test_clock_end(); /* which one begins */
    return site_wait_quiet() ? 0 : 1;
}

static void an_answer_comes_with_status_body_and_fields(void **state)
{
    (void)state;
    struct http_client_reply reply;
    struct error error = ERROR_NONE;
    enum status status = get(ctx_background(), site_url("/hello"), 0, &reply, &error);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(reply.status_code, 200);
    assert_int_equal(reply.body.len, 6);
    assert_memory_equal(reply.body.data, "hello\n", 6);
    struct bytes type = http_client_reply_field(&reply, "content-type");
    assert_int_equal(type.len, strlen("text/plain"));
    assert_memory_equal(type.data, "text/plain", type.len);
    assert_int_equal(http_client_reply_field(&reply, "content").len, 0);
    http_client_reply_finish(&reply);
    assert_int_equal(get(ctx_background(), site_url("/nothing"), 0, &reply, &error), STATUS_OK);
    assert_int_equal(reply.status_code, 404);
    http_client_reply_finish(&reply);
}

static void trace_and_remaining_time_go_along(void **state)
{
    (void)state;
    struct trace trace;
    assert_true(trace_parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", &trace));
    CTX_SCOPE(traced, ctx_with_value(ctx_background(), &TRACE_KEY, &trace));
    CTX_SCOPE(scope, ctx_with_timeout(traced->ctx, CTX_SECONDS(SITE_WAIT_SECONDS)));
    struct http_client_reply reply;
    assert_int_equal(get(scope->ctx, site_url("/hello"), 0, &reply, NULL), STATUS_OK);
    http_client_reply_finish(&reply);
    char span[SPAN_ID_TEXT_MAX];
    span_id_text(trace.span_id, span);
    assert_int_equal(strncmp(site.traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-", 36), 0);
    assert_null(strstr(site.traceparent, span)); /* a span of its own */
    int ms = atoi(site.timeout);
    assert_true(ms > 0 && ms <= SITE_WAIT_SECONDS * 1000);
    assert_string_equal(site.timeout + strlen(site.timeout) - 2, "ms");
}

static void a_recorded_call_tells_the_span_that_is_recorded(void **state)
{
    (void)state;
    struct trace trace;
    assert_true(trace_parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", &trace));
    trace.spans = span_log_new();
    trace.state = "rojo=00f067aa0ba902b7";
    CTX_SCOPE(traced, ctx_with_value(ctx_background(), &TRACE_KEY, &trace));
    struct http_client_reply reply;
    assert_int_equal(get(traced->ctx, site_url("/hello"), 0, &reply, NULL), STATUS_OK);
    http_client_reply_finish(&reply);
    struct span_record *records;
    assert_int_equal(span_log_copy(trace.spans, 0, &records), 1);
    struct trace told;
    assert_true(trace_parse(site.traceparent, &told));
    assert_int_equal(span_id_number(told.parent_span_id), records[0].id);
    assert_int_equal(records[0].parent_id, span_id_number(trace.span_id));
    assert_int_equal(told.flags, 0); /* it came unsampled */
    assert_string_equal(site.tracestate, "rojo=00f067aa0ba902b7");
    free(records);
    span_log_unref(trace.spans);
}

static void a_post_sends_its_fields_and_its_body(void **state)
{
    (void)state;
    const struct http_client_field fields[] = {
        {"Content-Type", "application/json"}, {"X-Custom", "one two"}};
    const struct http_client_request request = {.method = "POST",
        .url = site_url("/hello"),
        .fields = fields,
        .n_fields = LENGTH_OF(fields),
        .body = bytes_of("{\"a\":1}")};
    struct http_client_reply reply;
    assert_int_equal(http_client_call(ctx_background(), client, &request, &reply, NULL), STATUS_OK);
    http_client_reply_finish(&reply);
    assert_string_equal(site.method, "POST");
    assert_string_equal(site.custom, "one two");
    assert_string_equal(site.body, "{\"a\":1}");
}

static void a_field_that_breaks_the_request_is_refused(void **state)
{
    (void)state;
    static const struct http_client_field WRONG[] = {
        {"X-Custom", "a\r\nHost: evil"}, {"X Custom", "a"}, {"", "a"}, {"X:Y", "a"}};
    unsigned int n_before = site.n_requests;
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        const struct http_client_request request = {
            .method = "GET", .url = site_url("/hello"), .fields = &WRONG[i], .n_fields = 1};
        struct http_client_reply reply;
        assert_int_equal(http_client_call(ctx_background(), client, &request, &reply, NULL),
            STATUS_INVALID_ARGUMENT);
    }
    assert_int_equal(site.n_requests, n_before);
}

static void a_redirect_is_an_answer_and_not_followed(void **state)
{
    (void)state;
    unsigned int n_before = site.n_requests;
    struct http_client_reply reply;
    assert_int_equal(get(ctx_background(), site_url("/moved"), 0, &reply, NULL), STATUS_OK);
    assert_int_equal(reply.status_code, 302);
    assert_int_equal(http_client_reply_field(&reply, "Location").len, strlen("/hello"));
    http_client_reply_finish(&reply);
    assert_int_equal(site.n_requests, n_before + 1);
}

static void an_answer_that_is_too_long_is_an_error_and_one_that_fits_is_not(void **state)
{
    (void)state;
    struct http_client_reply reply;
    struct error error = ERROR_NONE;
    assert_int_equal(get(ctx_background(), site_url("/big"), SITE_BIG_LEN - 1, &reply, &error),
        STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "longer than 3145727 bytes"));
    assert_int_equal(
        get(ctx_background(), site_url("/big"), SITE_BIG_LEN, &reply, &error), STATUS_OK);
    assert_int_equal(reply.body.len, SITE_BIG_LEN);
    http_client_reply_finish(&reply);
}

static void an_answer_that_breaks_off_is_unavailable(void **state)
{
    (void)state;
    struct http_client_reply reply;
    struct error error = ERROR_NONE;
    assert_int_equal(
        get(ctx_background(), site_url("/broken"), 0, &reply, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "broke off"));
}

static void what_cannot_be_called_is_said_in_words_without_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum status status;
        const char *words;
    } WRONG[] = {
        {"http://user:secret@127.0.0.1:1/path?key=secret", STATUS_UNAVAILABLE,
            "http://127.0.0.1:1: cannot connect: Connection refused"},
        {"ftp://127.0.0.1/secret", STATUS_INVALID_ARGUMENT, "not a URL that can be called"},
        {"file:///etc/secret", STATUS_INVALID_ARGUMENT, "not a URL that can be called"},
        {"http://no-such-name.invalid/", STATUS_UNAVAILABLE, "the name has no address"},
    };
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        struct http_client_reply reply;
        struct error error = ERROR_NONE;
        assert_int_equal(get(ctx_background(), WRONG[i].url, 0, &reply, &error), WRONG[i].status);
        assert_non_null(strstr(error.text, WRONG[i].words));
        assert_null(strstr(error.text, "secret"));
    }
}

static void plain_http_behind_https_is_a_tls_error(void **state)
{
    (void)state;
    char url[SITE_URL_MAX];
    snprintf(url, sizeof(url), "https://%s/", http_server_address(site.server));
    struct http_client_reply reply;
    struct error error = ERROR_NONE;
    assert_int_equal(get(ctx_background(), url, 0, &reply, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "TLS: "));
}

struct caller {
    const struct ctx *ctx;
    enum status status;
    struct error error;
    uint64_t ended_ns;
};

static void *call_park(void *arg)
{
    struct caller *caller = arg;
    struct http_client_reply reply;
    caller->status = get(caller->ctx, site_url("/park"), 0, &reply, &caller->error);
    caller->ended_ns = clock_now_ns();
    return NULL;
}

static int compare_ns(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static void a_cancel_is_heard_at_once_and_the_server_learns_of_it(void **state)
{
    (void)state;
    uint64_t took_ns[N_CANCELS];
    for (unsigned int i = 0; i < N_CANCELS; i++) {
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        struct caller caller = {.ctx = scope->ctx};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, call_park, &caller), 0);
        assert_true(site_wait(&site.n_parked, i + 1));
        uint64_t start_ns = clock_now_ns();
        ctx_cancel(scope, CTX_CAUSE_USER_CANCELLED);
        pthread_join(thread, NULL);
        assert_int_equal(caller.status, STATUS_CANCELLED);
        took_ns[i] = caller.ended_ns - start_ns;
        assert_true(site_wait(&site.n_left, i + 1));
        site_drop_parked();
    }
    assert_non_null(log_file_find("http.cancel", "\"cause\":\"user_cancelled\""));
    /* The median: on a busy machine single ones have to wait for a processor. */
    qsort(took_ns, N_CANCELS, sizeof(took_ns[0]), compare_ns);
    print_message("from cancel to return: p50 %.3f ms, max %.3f ms\n",
        (double)took_ns[N_CANCELS / 2] / 1e6, (double)took_ns[N_CANCELS - 1] / 1e6);
    assert_true(took_ns[N_CANCELS / 2] < CLOCK_MS(5));
}

static void a_deadline_ends_the_call(void **state)
{
    (void)state;
    ctx_test_clock_start();
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_MS(50)));
    struct caller caller = {.ctx = scope->ctx};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, call_park, &caller), 0);
    bool is_parked = site_wait(&site.n_parked, 1);
    ctx_test_clock_advance(CLOCK_MS(50));
    pthread_join(thread, NULL);
    assert_true(is_parked);
    assert_int_equal(caller.status, STATUS_DEADLINE_EXCEEDED);
    assert_non_null(strstr(caller.error.text, "deadline_exceeded"));
    assert_true(ctx_done_at_ns(scope->ctx) >= ctx_deadline_ns(scope->ctx));
    assert_true(site_wait(&site.n_left, 1));
    site_drop_parked();
    /* It is over: the next one does not even start. */
    unsigned int n_before = site.n_requests;
    struct http_client_reply reply;
    assert_int_equal(
        get(scope->ctx, site_url("/hello"), 0, &reply, NULL), STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(site.n_requests, n_before);
}

static void a_call_without_the_handlers_context_is_reported_with_its_place(void **state)
{
    (void)state;
    CTX_SCOPE(handler, ctx_with_cancel(ctx_background()));
    const struct ctx *before = ctx_current_set(handler->ctx);
    struct http_client_reply reply;
    const struct http_client_request request = {.method = "GET", .url = site_url("/hello")};
    assert_int_equal(http_client_call(handler->ctx, client, &request, &reply, NULL), STATUS_OK);
    http_client_reply_finish(&reply);
    assert_int_equal(log_file_count("ctx.detached", ""), 0);
    char place[SITE_URL_MAX];
    snprintf(place, sizeof(place), "\"site\":\"%s:%d\"", __FILE__, __LINE__ + 1);
    enum status status = http_client_call(ctx_background(), client, &request, &reply, NULL);
    (void)ctx_current_set(before);
    assert_int_equal(status, STATUS_OK);
    http_client_reply_finish(&reply);
    const char *line = log_file_find("ctx.detached", place);
    assert_non_null(line);
    assert_non_null(strstr(line, "\"what\":\"http\""));
}

static enum status call_often(const struct ctx *ctx, void *arg)
{
    (void)arg;
    enum status status = STATUS_OK;
    for (int i = 0; i < 100 && status == STATUS_OK; i++) {
        struct http_client_reply reply;
        status = get(ctx, site_url("/hello"), 0, &reply, NULL);
        if (status == STATUS_OK) {
            http_client_reply_finish(&reply);
        }
    }
    return status;
}

static void threads_share_one_client(void **state)
{
    (void)state;
    struct ctx_group *group = ctx_group_new(ctx_background());
    for (int i = 0; i < HTTP_CLIENT_IDLE_MAX + 4; i++) {
        (void)ctx_group_run(group, call_often, NULL);
    }
    assert_int_equal(ctx_group_wait(group), STATUS_OK);
}

int main(void)
{
    log_file_start(LOG_LEVEL_INFO);
    site_start();
    client = http_client_new(&(struct http_client_options){.user_agent = "test/1"});
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_comes_with_status_body_and_fields),
        TEST(trace_and_remaining_time_go_along),
        TEST(a_recorded_call_tells_the_span_that_is_recorded),
        TEST(a_post_sends_its_fields_and_its_body),
        TEST(a_field_that_breaks_the_request_is_refused),
        TEST(a_redirect_is_an_answer_and_not_followed),
        TEST(an_answer_that_is_too_long_is_an_error_and_one_that_fits_is_not),
        TEST(an_answer_that_breaks_off_is_unavailable),
        TEST(what_cannot_be_called_is_said_in_words_without_secrets),
        TEST(plain_http_behind_https_is_a_tls_error),
        TEST(a_cancel_is_heard_at_once_and_the_server_learns_of_it),
        TEST(a_deadline_ends_the_call),
        TEST(a_call_without_the_handlers_context_is_reported_with_its_place),
        TEST(threads_share_one_client),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    http_client_free(client);
    site_stop();
    log_file_end();
    return n_failed;
}
