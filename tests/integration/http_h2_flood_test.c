/* What a client may not do to us: each flood ends its connection with GOAWAY, and only that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "http/h2_flood.h"
#include "integration/http_h2_fixture.h"
#include "support/metric_value.h"

enum {
    RESETS = 50,
    UNKNOWN_TYPE = 0xfa,
    SLOW_TIMES =
        10, /* what a machine that is busy may need more: a tenth is allowed anew a second */
};

static int start(void **state)
{
    const struct http_server_options options = {.h2_resets_max = RESETS};
    *state = http_fixture_start(&options);
    return 0;
}

/* With everything read that the server says at first. */
static struct h2_client *connect_to(struct http_fixture *fixture)
{
    struct h2_client *client = http_h2_connect(fixture, NULL);
    http_h2_hello(client);
    return client;
}

/* The connection ends with that GOAWAY (or so hard that it was not read), and others go on. */
static void assert_calmed(struct http_fixture *fixture, struct h2_client *client)
{
    uint32_t code = NGHTTP2_ENHANCE_YOUR_CALM;
    int32_t last = 0;
    assert_true(h2_client_wait_end(client));
    (void)h2_client_has_goaway(client, &code, &last);
    assert_int_equal(code, NGHTTP2_ENHANCE_YOUR_CALM);
    h2_client_free(client);
    h2_client_free(connect_to(fixture));
}

/* `n` equal frames; the server may have closed before the last. Before the limit it has not. */
static void flood(struct http_fixture *fixture, int n, uint8_t type, uint8_t flags, int32_t id,
    const void *payload, size_t len)
{
    struct h2_client *client = connect_to(fixture);
    if (id == 3) {
        assert_int_equal(h2_client_begin_post(client, "/body", NULL), id);
        assert_true(h2_client_flush(client));
    }
    for (int i = 0; i < n; i++) {
        assert_true(h2_client_frame(client, type, flags, id, payload, len));
    }
    if (type != NGHTTP2_SETTINGS) { /* acknowledgements that nghttp2 did not ask for confuse it */
        int32_t next = h2_client_get(client, "/hello");
        assert_int_equal(h2_client_wait(client, next)->status, 200);
    }
    for (int i = 0; i < n * SLOW_TIMES; i++) {
        if (!h2_client_frame(client, type, flags, id, payload, len)) {
            break;
        }
    }
    assert_calmed(fixture, client);
}

static void settings_flood_is_ended(void **state)
{
    flood(*state, H2_SETTINGS_MAX - 10, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static void ping_flood_is_ended(void **state)
{
    flood(*state, H2_PINGS_MAX - 10, NGHTTP2_PING, 0, 0, "12345678", 8);
}

static void empty_data_flood_is_ended(void **state)
{
    flood(*state, H2_SMALL_DATA_MAX - 10, NGHTTP2_DATA, 0, 3, NULL, 0);
}

static void tiny_data_flood_is_ended(void **state)
{
    flood(*state, H2_SMALL_DATA_MAX - 10, NGHTTP2_DATA, 0, 3, "x", 1);
}

static void tiny_window_flood_is_ended(void **state)
{
    flood(*state, H2_WINDOW_UPDATES_MAX - 10, NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\1", 4);
}

static void priority_flood_is_ended(void **state)
{
    flood(*state, H2_PRIORITIES_MAX - 10, NGHTTP2_PRIORITY, 0, 101, "\0\0\0\0\1", 5);
}

static void unknown_frame_flood_is_ended(void **state)
{
    flood(*state, H2_UNKNOWN_MAX - 10, UNKNOWN_TYPE, 0, 0, "x", 1);
}

static void continuation_flood_is_ended(void **state)
{
    struct h2_client *client = connect_to(*state);
    assert_true(h2_client_frame(client, NGHTTP2_HEADERS, 0, 3, "\x82", 1));
    for (int i = 0; i <= H2_CONTINUATIONS_MAX; i++) {
        (void)h2_client_frame(client, NGHTTP2_CONTINUATION, 0, 3, "\x86", 1);
    }
    assert_calmed(*state, client);
}

static void rapid_reset_is_ended_and_all_its_work_cancelled(void **state)
{
    struct h2_client *client = connect_to(*state);
    struct http_exchange *parked[RESETS + 1];
    for (int i = 0; i <= RESETS; i++) {
        int32_t id = h2_client_get(client, "/park");
        assert_true(h2_client_flush(client));
        parked[i] = http_fixture_parked(*state);
        h2_client_reset(client, id, NGHTTP2_CANCEL);
        assert_true(h2_client_flush(client));
    }
    assert_calmed(*state, client);
    for (int i = 0; i <= RESETS; i++) {
        assert_int_equal(ctx_cause(http_exchange_ctx(parked[i])), CTX_CAUSE_CLIENT_DISCONNECTED);
        http_exchange_unref(parked[i]);
    }
}

static void resets_that_the_client_provokes_count_like_its_own(void **state)
{
    /* A window larger than there are: an error of the stream, for which we reset it. */
    struct h2_client *client = connect_to(*state);
    bool is_open = true;
    for (int i = 0; i < 2 * RESETS && is_open; i++) {
        int32_t id = h2_client_get(client, "/park");
        is_open = h2_client_flush(client) &&
                  h2_client_frame(client, NGHTTP2_WINDOW_UPDATE, 0, id, "\x7f\xff\xff\xff", 4);
        while (is_open && !h2_client_answer(client, id)->is_closed) {
            is_open = h2_client_read(client, H2_CLIENT_WAIT_MS);
        }
    }
    assert_calmed(*state, client);
    assert_true(http_fixture_n_done(*state) < 2 * RESETS);
}

static void a_flood_cancels_what_its_connection_asked_for(void **state)
{
    struct h2_client *client = connect_to(*state);
    (void)h2_client_get(client, "/park");
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(*state);
    for (int i = 0; i <= H2_SETTINGS_MAX; i++) {
        (void)h2_client_frame(client, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
    }
    struct http_fixture_done done = http_fixture_done(*state, 2);
    assert_string_equal(done.disconnect, "flood");
    assert_int_equal(ctx_cause(http_exchange_ctx(exchange)), CTX_CAUSE_CLIENT_DISCONNECTED);
    http_exchange_unref(exchange);
    h2_client_free(client);
}

/* Streams that are refused need a RST_STREAM each, which this client never reads. */
static void answers_that_nobody_reads_are_bounded(void **state)
{
    static const char PARK[] = "\x82\x86\4\5/park\1\4test";
    int fd = http_client_connect_h2(*state);
    struct h2_client *client = h2_client_new(fd, NULL);
    assert_non_null(client);
    int32_t id = 1;
    while (id < 2000000 &&
           h2_client_frame(client, NGHTTP2_HEADERS,
               NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS, id, PARK, sizeof(PARK) - 1)) {
        id += 2;
    }
    assert_true(id < 2000000);
    h2_client_free(client);
    for (int i = 0; i < HTTP_H2_STREAMS_MAX_DEFAULT; i++) {
        http_exchange_unref(http_fixture_parked(*state));
    }
    h2_client_free(connect_to(*state));
}

/* What the loop makes of `len` bytes that come at once, before it has sent anything: with SETTINGS
 * not acknowledged, streams above their limit are only refused. */
static void assert_queue_is_bounded(struct http_fixture *fixture, const void *frames, size_t len)
{
    static const char SERIES[] = "walkie_http_h2_floods_total{kind=\"queue\"}";
    unsigned long before = metric_value(SERIES);
    struct h2_client *client = http_h2_connect(fixture, NULL);
    int blocker = http_client_connect(fixture);
    http_client_send(blocker, HTTP_GET("/block"));
    http_fixture_blocked(fixture);
    http_client_send_bytes(h2_client_fd(client), frames, len);
    http_fixture_unblock(fixture);
    struct http_exchange *exchange = http_fixture_parked(fixture);
    assert_calmed(fixture, client);
    assert_int_equal(metric_value(SERIES), before + 1);
    http_exchange_unref(exchange);
    tls_client_close(blocker);
}

static void resets_that_wait_to_be_made_are_bounded(void **state)
{
    static const uint8_t PARK[] = "\0\0\x0f\1\5\0\0\0\0\x82\x86\4\5/park\1\4test";
    enum { LEN = sizeof(PARK) - 1, STREAMS = HTTP_H2_STREAMS_MAX_DEFAULT + H2_QUEUE_MAX + 1 };
    static uint8_t frames[STREAMS * LEN];
    for (unsigned int i = 0; i < STREAMS; i++) {
        unsigned int id = 1 + 2 * i;
        memcpy(&frames[(size_t)i * LEN], PARK, LEN);
        frames[i * LEN + 7] = (uint8_t)(id >> 8);
        frames[i * LEN + 8] = (uint8_t)id;
    }
    assert_queue_is_bounded(*state, frames, sizeof(frames));
}

/* No kind comes above its own limit. */
static void acknowledgements_that_wait_to_be_made_are_bounded(void **state)
{
    static const uint8_t PING[] = "\0\0\x08\6\0\0\0\0\0pingping";
    static const uint8_t SETTINGS[] = "\0\0\0\4\0\0\0\0\0";
    enum { PINGS = H2_PINGS_MAX - 10, N_SETTINGS = H2_SETTINGS_MAX - 10 };
    static uint8_t frames[PINGS * (sizeof(PING) - 1) + N_SETTINGS * (sizeof(SETTINGS) - 1)];
    uint8_t *at = frames;
    for (int i = 0; i < PINGS; i++, at += sizeof(PING) - 1) {
        memcpy(at, PING, sizeof(PING) - 1);
    }
    for (int i = 0; i < N_SETTINGS; i++, at += sizeof(SETTINGS) - 1) {
        memcpy(at, SETTINGS, sizeof(SETTINGS) - 1);
    }
    assert_queue_is_bounded(*state, frames, sizeof(frames));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST_WITH(settings_flood_is_ended, start),
        HTTP_TEST_WITH(ping_flood_is_ended, start),
        HTTP_TEST_WITH(empty_data_flood_is_ended, start),
        HTTP_TEST_WITH(tiny_data_flood_is_ended, start),
        HTTP_TEST_WITH(tiny_window_flood_is_ended, start),
        HTTP_TEST_WITH(priority_flood_is_ended, start),
        HTTP_TEST_WITH(unknown_frame_flood_is_ended, start),
        HTTP_TEST_WITH(continuation_flood_is_ended, start),
        HTTP_TEST_WITH(rapid_reset_is_ended_and_all_its_work_cancelled, start),
        HTTP_TEST_WITH(a_flood_cancels_what_its_connection_asked_for, start),
        HTTP_TEST_WITH(resets_that_the_client_provokes_count_like_its_own, start),
        HTTP_TEST_WITH(answers_that_nobody_reads_are_bounded, start),
        HTTP_TEST_WITH(resets_that_wait_to_be_made_are_bounded, start),
        HTTP_TEST_WITH(acknowledgements_that_wait_to_be_made_are_bounded, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
