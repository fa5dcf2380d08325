/* Streams beside each other: windows, credit, aborts, limits, and the way they drain. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "integration/http_h2_fixture.h"

static void one_slow_reader_does_not_hold_up_99_others(void **state)
{
    enum { OTHERS = 99, BIG = 1 << 20 };
    http_fixture_set_big(*state, BIG);
    const struct h2_client_options options = {.window = 1000, .is_window_by_hand = true};
    struct h2_client *client = http_h2_connect(*state, &options);
    int32_t slow = h2_client_get(client, "/big");
    int32_t others[OTHERS];
    for (int i = 0; i < OTHERS; i++) {
        others[i] = h2_client_get(client, "/hello");
    }
    for (int i = 0; i < OTHERS; i++) {
        assert_string_equal(h2_client_wait(client, others[i])->body, "hello\n");
    }
    assert_int_equal(h2_client_answer(client, slow)->body_len, 1000);
    /* And it gets the rest once it reads on. */
    h2_client_open(client, 0, 2 * BIG);
    h2_client_open(client, slow, 2 * BIG);
    assert_int_equal(h2_client_wait(client, slow)->body_len, BIG);
    h2_client_free(client);
}

static void a_window_of_one_byte_gets_one_byte_at_a_time(void **state)
{
    enum { BIG = 3000 };
    http_fixture_set_big(*state, BIG);
    const struct h2_client_options options = {.window = 1, .is_window_by_hand = true};
    struct h2_client *client = http_h2_connect(*state, &options);
    int32_t id = h2_client_get(client, "/big");
    for (size_t len = 1; len < BIG; len++) {
        h2_client_wait_body(client, id, len);
        assert_int_equal(h2_client_answer(client, id)->body_len, len);
        h2_client_open(client, id, 1);
    }
    assert_int_equal(h2_client_wait(client, id)->body_len, BIG);
    assert_true(http_fixture_done(*state, 1).summary.is_complete);
    h2_client_free(client);
}

static void a_stream_above_the_limit_is_refused_alone(void **state)
{
    enum { STREAMS = HTTP_H2_STREAMS_MAX_DEFAULT };
    struct h2_client *client = http_h2_connect(*state, NULL);
    for (int i = 0; i < STREAMS; i++) {
        (void)h2_client_get(client, "/park");
    }
    int32_t above = h2_client_get(client, "/hello");
    const struct h2_client_answer *answer = h2_client_wait(client, above);
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->reset_code, NGHTTP2_REFUSED_STREAM);
    for (int i = 0; i < STREAMS; i++) {
        struct http_exchange *exchange = http_fixture_parked(*state);
        http_respond(exchange, 200, NULL, bytes_of(""));
        http_exchange_unref(exchange);
    }
    assert_int_equal(h2_client_wait(client, 1)->status, 200);
    h2_client_free(client);
}

static void work_that_resets_left_behind_counts_until_its_handler_lets_go(void **state)
{
    enum { LEFT = 2 * HTTP_H2_STREAMS_MAX_DEFAULT };
    struct http_exchange *left[LEFT];
    struct h2_client *client = http_h2_connect(*state, NULL);
    for (int i = 0; i < LEFT; i++) {
        int32_t id = h2_client_get(client, "/park");
        assert_true(h2_client_flush(client));
        left[i] = http_fixture_parked(*state);
        h2_client_reset(client, id, NGHTTP2_CANCEL);
    }
    assert_int_equal(h2_client_wait(client, h2_client_get(client, "/hello"))->reset_code,
        NGHTTP2_REFUSED_STREAM);
    http_exchange_unref(left[0]);
    assert_int_equal(h2_client_wait(client, h2_client_get(client, "/hello"))->status, 200);
    for (int i = 1; i < LEFT; i++) {
        http_exchange_unref(left[i]);
    }
    h2_client_free(client);
}

/* --- streamed answers ------------------------------------------------------------------------ */

struct credited {
    atomic_size_t len;
};

static void on_sent(void *arg, size_t len)
{
    struct credited *credited = arg;
    atomic_fetch_add(&credited->len, len);
}

static void credit_comes_when_the_window_lets_bytes_go(void **state)
{
    struct credited credited = {0};
    const struct h2_client_options options = {.window = 10, .is_window_by_hand = true};
    struct h2_client *client = http_h2_connect(*state, &options);
    int32_t id = h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    http_respond_on_sent(exchange, on_sent, &credited);
    http_respond_piece(exchange, bytes_of("0123456789abcdef"));
    h2_client_wait_body(client, id, 10);
    assert_true(atomic_load(&credited.len) <= 10);
    h2_client_open(client, id, 100);
    h2_client_wait_body(client, id, 16);
    http_respond_piece(exchange, bytes_of("more"));
    http_respond_end(exchange);
    http_exchange_unref(exchange);
    assert_string_equal(h2_client_wait(client, id)->body, "0123456789abcdefmore");
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_true(done.summary.is_complete);
    assert_int_equal(done.summary.bytes_sent, 20);
    assert_int_equal(atomic_load(&credited.len), 20);
    h2_client_free(client);
}

static void an_abort_is_a_reset_behind_what_was_queued(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t id = h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_begin(exchange, 200, "text/plain", HTTP_LENGTH_UNKNOWN);
    http_respond_piece(exchange, bytes_of("why"));
    http_respond_abort(exchange);
    http_exchange_unref(exchange);
    const struct h2_client_answer *answer = h2_client_wait(client, id);
    assert_false(answer->is_ended);
    assert_string_equal(answer->body, "why");
    assert_int_equal(answer->reset_code, NGHTTP2_INTERNAL_ERROR);
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_false(done.summary.is_complete);
    assert_false(done.summary.is_disconnected);
    assert_int_equal(done.summary.bytes_sent, 3);
    /* The connection goes on. */
    assert_int_equal(h2_client_wait(client, h2_client_get(client, "/hello"))->status, 200);
    h2_client_free(client);
}

static void an_abort_before_the_head_is_a_reset_alone(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t id = h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(*state);
    http_respond_abort(exchange);
    http_exchange_unref(exchange);
    assert_int_equal(h2_client_wait(client, id)->reset_code, NGHTTP2_INTERNAL_ERROR);
    assert_int_equal(h2_client_answer(client, id)->status, 0);
    assert_int_equal(http_fixture_done(*state, 1).summary.status_code, 0);
    h2_client_free(client);
}

static void an_exchange_that_nobody_holds_is_a_500(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    assert_int_equal(h2_client_wait(client, h2_client_get(client, "/drop"))->status, 500);
    h2_client_free(client);
}

/* --- draining -------------------------------------------------------------------------------- */

static void *drain(void *arg)
{
    return http_server_drain(ctx_background(), arg) == STATUS_OK ? arg : NULL;
}

static void draining_finishes_what_runs_and_what_is_on_its_way(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    http_h2_hello(client);
    int32_t parked = h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(*state);
    pthread_t thread;
    struct http_server *server = http_fixture_server(*state);
    assert_int_equal(pthread_create(&thread, NULL, drain, server), 0);
    /* The GOAWAY is there and not read: this stream was on its way. */
    struct pollfd wait = {.fd = h2_client_fd(client), .events = POLLIN};
    assert_int_equal(poll(&wait, 1, HTTP_FIXTURE_WAIT_MS), 1);
    int32_t late = h2_client_get(client, "/hello");
    assert_string_equal(h2_client_wait(client, late)->body, "hello\n");
    http_respond(exchange, 200, NULL, bytes_of("done"));
    http_exchange_unref(exchange);
    assert_string_equal(h2_client_wait(client, parked)->body, "done");
    assert_true(h2_client_wait_end(client));
    uint32_t code = 1;
    int32_t last = 0;
    assert_true(h2_client_has_goaway(client, &code, &last));
    assert_int_equal(code, NGHTTP2_NO_ERROR);
    assert_int_equal(last, late);
    void *drained = NULL;
    assert_int_equal(pthread_join(thread, &drained), 0);
    assert_ptr_equal(drained, server);
    h2_client_free(client);
}

static void draining_closes_an_idle_connection(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    assert_int_equal(h2_client_wait(client, h2_client_get(client, "/hello"))->status, 200);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drain, http_fixture_server(*state)), 0);
    http_h2_expect_goaway(client, NGHTTP2_NO_ERROR);
    assert_int_equal(pthread_join(thread, NULL), 0);
    h2_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(one_slow_reader_does_not_hold_up_99_others),
        HTTP_TEST(a_window_of_one_byte_gets_one_byte_at_a_time),
        HTTP_TEST(a_stream_above_the_limit_is_refused_alone),
        HTTP_TEST(work_that_resets_left_behind_counts_until_its_handler_lets_go),
        HTTP_TEST(credit_comes_when_the_window_lets_bytes_go),
        HTTP_TEST(an_abort_is_a_reset_behind_what_was_queued),
        HTTP_TEST(an_abort_before_the_head_is_a_reset_alone),
        HTTP_TEST(an_exchange_that_nobody_holds_is_a_500),
        HTTP_TEST(draining_finishes_what_runs_and_what_is_on_its_way),
        HTTP_TEST(draining_closes_an_idle_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
