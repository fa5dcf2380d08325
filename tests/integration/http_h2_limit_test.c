/* Every timeout over HTTP/2, and what a connection above the limit is told. */
#include <poll.h>

#include <nghttp2/nghttp2.h>

#include "integration/http_h2_fixture.h"

/* SHORT_MS is for what is never done in time; LONG_MS for what has to be, in steps far below it,
 * on a machine that is busy with other things, too. */
enum { SHORT_MS = 150, LONG_MS = 1000, STEP_MS = 20 };

static int start_with(void **state, struct http_server_options options)
{
    *state = http_fixture_start(&options);
    return 0;
}

static int start_longer_header(void **state)
{
    return start_with(state, (struct http_server_options){.header_timeout_ms = LONG_MS});
}

static int start_short_body(void **state)
{
    return start_with(state, (struct http_server_options){.body_timeout_ms = SHORT_MS});
}

static int start_longer_idle(void **state)
{
    return start_with(state, (struct http_server_options){.idle_timeout_ms = LONG_MS});
}

static int start_short_send(void **state)
{
    return start_with(state, (struct http_server_options){.send_timeout_ms = SHORT_MS});
}

static int start_longer_send(void **state)
{
    return start_with(state, (struct http_server_options){.send_timeout_ms = LONG_MS});
}

static int start_few_connections(void **state)
{
    return start_with(state, (struct http_server_options){.connections_max = 1});
}

static void nap(void)
{
    struct pollfd nothing = {.fd = -1};
    (void)poll(&nothing, 1, STEP_MS);
}

/* --- idle ------------------------------------------------------------------------------------ */

/* What is answered at once leaves no stream behind: such requests used to count for nothing, and
 * the time went on from the connection's beginning. */
static void a_connection_is_idle_from_its_last_answer_on(void **state)
{
    struct h2_client *used = http_h2_connect(*state, NULL);
    struct h2_client *idle = http_h2_connect(*state, NULL);
    while (h2_client_read_some(idle, STEP_MS) != H2_CLIENT_ENDED) {
        http_h2_hello(used);
    }
    http_h2_expect_goaway(idle, NGHTTP2_NO_ERROR);
    http_h2_hello(used);
    h2_client_free(idle);
    h2_client_free(used);
}

/* --- reading --------------------------------------------------------------------------------- */

static void a_header_that_does_not_end_ends_the_connection(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    http_h2_hello(client); /* an acknowledgement of SETTINGS would be an error within a header */
    assert_true(h2_client_frame(client, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 3, "\x82", 1));
    http_h2_expect_goaway(client, NGHTTP2_ENHANCE_YOUR_CALM);
    h2_client_free(client);
}

static void a_body_that_does_not_come_is_408(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    int32_t id = h2_client_begin_post(client, "/body", NULL);
    h2_client_wait_answer(client, id);
    assert_int_equal(h2_client_answer(client, id)->status, 408);
    h2_client_free(client);
}

/* --- sending --------------------------------------------------------------------------------- */

static void a_stream_that_is_not_read_is_reset_and_others_are_not(void **state)
{
    http_fixture_set_big(*state, 100);
    const struct h2_client_options options = {.window = 10, .is_window_by_hand = true};
    struct h2_client *client = http_h2_connect(*state, &options);
    int32_t other = h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(*state);
    const struct h2_client_answer *slow = h2_client_wait(client, h2_client_get(client, "/big"));
    assert_int_equal(slow->reset_code, NGHTTP2_CANCEL);
    assert_int_equal(slow->body_len, 10);
    struct http_fixture_done done = http_fixture_done(*state, 1);
    assert_string_equal(done.disconnect, "timeout");
    assert_false(ctx_done(http_exchange_ctx(exchange)));
    http_respond(exchange, 200, NULL, bytes_of("fine"));
    http_exchange_unref(exchange);
    assert_string_equal(h2_client_wait(client, other)->body, "fine");
    h2_client_free(client);
}

/* Each byte used to begin the wait anew: an answer could be held for as long as one likes. */
static void a_stream_that_is_read_byte_by_byte_is_reset(void **state)
{
    enum { BIG = 1 << 20 };
    http_fixture_set_big(*state, BIG);
    const struct h2_client_options options = {.window = 10, .is_window_by_hand = true};
    struct h2_client *client = http_h2_connect(*state, &options);
    int32_t id = h2_client_get(client, "/big");
    const struct h2_client_answer *answer = h2_client_answer(client, id);
    for (int steps = 0; !answer->is_closed && steps < HTTP_FIXTURE_WAIT_MS / STEP_MS; steps++) {
        h2_client_open(client, id, 1);
        assert_true(h2_client_read(client, 0));
        nap();
    }
    assert_true(answer->is_closed);
    assert_int_equal(answer->reset_code, NGHTTP2_CANCEL);
    assert_string_equal(http_fixture_done(*state, 1).disconnect, "timeout");
    http_h2_hello(client);
    h2_client_free(client);
}

static void a_stream_that_is_read_slowly_is_sent_to_its_end(void **state)
{
    enum { STEPS = 3 * LONG_MS / 2 / STEP_MS, BIG = STEPS * HTTP_SEND_MIN };
    http_fixture_set_big(*state, BIG);
    const struct h2_client_options options = {.window = HTTP_SEND_MIN, .is_window_by_hand = true};
    struct h2_client *client = http_h2_connect(*state, &options);
    h2_client_open(client, 0, BIG);
    int32_t id = h2_client_get(client, "/big");
    for (size_t len = HTTP_SEND_MIN; len < BIG; len += HTTP_SEND_MIN) {
        h2_client_wait_body(client, id, len);
        nap();
        h2_client_open(client, id, HTTP_SEND_MIN);
    }
    assert_int_equal(h2_client_wait(client, id)->body_len, BIG);
    assert_true(http_fixture_done(*state, 1).summary.is_complete);
    h2_client_free(client);
}

/* The windows are open, it is the socket that is not read. */
static void a_connection_that_is_not_read_is_lost(void **state)
{
    enum { BIG = 32 << 20, WINDOW_MAX = INT32_MAX / 2 };
    http_fixture_set_big(*state, BIG);
    const struct h2_client_options options = {.window = WINDOW_MAX, .is_window_by_hand = true};
    struct h2_client *client = http_h2_connect(*state, &options);
    h2_client_open(client, 0, WINDOW_MAX);
    (void)h2_client_get(client, "/big");
    assert_true(h2_client_flush(client));
    struct http_fixture_done done = http_fixture_done(*state, 1);
    http_fixture_expect_given_up(&done);
    assert_true(done.summary.bytes_sent < BIG);
    h2_client_free(client);
}

/* --- connections ----------------------------------------------------------------------------- */

static void a_connection_above_the_limit_is_told_in_its_own_protocol(void **state)
{
    struct h2_client *first = http_h2_connect(*state, NULL);
    http_h2_hello(first);
    struct h2_client *second = http_h2_connect(*state, NULL);
    int32_t id = h2_client_get(second, "/hello");
    h2_client_wait_answer(second, id);
    assert_int_equal(h2_client_answer(second, id)->status, 503);
    http_h2_expect_goaway(second, NGHTTP2_NO_ERROR);
    h2_client_free(second);
    assert_int_equal(http_fixture_n_done(*state), 1);
    http_h2_hello(first);
    h2_client_free(first);
}

/* It waits for its 503 for a moment only: nobody else would be told meanwhile. */
static void a_connection_above_the_limit_that_says_nothing_is_closed(void **state)
{
    struct h2_client *first = http_h2_connect(*state, NULL);
    http_h2_hello(first);
    struct h2_client *second = http_h2_connect(*state, NULL);
    int silent = http_client_connect(*state);
    assert_true(h2_client_wait_end(second));
    assert_true(http_client_sees_end(silent));
    h2_client_free(second);
    tls_client_close(silent);
    h2_client_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST_WITH(a_header_that_does_not_end_ends_the_connection, start_longer_header),
        HTTP_TEST_WITH(a_body_that_does_not_come_is_408, start_short_body),
        HTTP_TEST_WITH(a_stream_that_is_not_read_is_reset_and_others_are_not, start_short_send),
        HTTP_TEST_WITH(a_stream_that_is_read_byte_by_byte_is_reset, start_short_send),
        HTTP_TEST_WITH(a_connection_that_is_not_read_is_lost, start_short_send),
        HTTP_TEST_WITH(
            a_connection_above_the_limit_is_told_in_its_own_protocol, start_few_connections),
    };
    /* They take a second or two, and TLS has no part in them. */
    const struct CMUnitTest tests_of_plain[] = {
        HTTP_TEST_WITH(a_connection_is_idle_from_its_last_answer_on, start_longer_idle),
        HTTP_TEST_WITH(a_stream_that_is_read_slowly_is_sent_to_its_end, start_longer_send),
        HTTP_TEST_WITH(
            a_connection_above_the_limit_that_says_nothing_is_closed, start_few_connections),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    return n_failed +
           (http_fixture_is_tls() ? 0 : cmocka_run_group_tests(tests_of_plain, NULL, NULL));
}
