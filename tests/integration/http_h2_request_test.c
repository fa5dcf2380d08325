/* What a request must look like over HTTP/2, and what becomes of one that does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#include "integration/http_h2_fixture.h"

#define REQUEST_OF(method, path)                                                                   \
    {":method", method}, {":scheme", "http"}, {":authority", "test"},                              \
    {                                                                                              \
        ":path", path                                                                              \
    }

/* With an empty SETTINGS. */
#define H2_TEST_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"

enum { BODY_OF_PATH_MAX = 3 << 20 }; /* bytes that /body takes where paths differ */

static size_t body_max_of(const char *method, const char *path, void *arg)
{
    (void)method, (void)arg;
    return strcmp(path, "/body") == 0 ? (size_t)BODY_OF_PATH_MAX : 0;
}

static int start_with_paths(void **state)
{
    *state = http_fixture_start(&(struct http_server_options){.body_max_of = body_max_of});
    return 0;
}

/* Either an answer with this status, or a reset with this code. */
struct refusal {
    struct h2_client_field fields[8];
    int status;
    uint32_t reset_code;
    const char *body;
};

static const struct refusal REFUSALS[] = {
    {{REQUEST_OF("GET", "/hello")}, 200, 0, NULL},
    {{REQUEST_OF("GET", "/hello"), {"host", "test"}}, 200, 0, NULL},
    {{REQUEST_OF("GET", "/hello"), {"host", "TEST"}}, 200, 0, NULL},
    {{{":method", "GET"}, {":scheme", "http"}, {":path", "/hello"}, {"host", "test"}}, 200, 0,
        NULL},
    {{REQUEST_OF("GET", "/hello"), {"host", "other"}}, 400, 0, NULL},
    {{REQUEST_OF("GET", "/hello"), {"host", "test"}, {"host", "other"}}, 0, NGHTTP2_PROTOCOL_ERROR,
        NULL},
    {{{":method", "GET"}, {":scheme", "http"}, {":path", "/hello"}}, 0, NGHTTP2_PROTOCOL_ERROR,
        NULL},
    {{{":method", "GET"}, {":scheme", "http"}, {":authority", "user@test"}, {":path", "/hello"}},
        400, 0, NULL},
    {{{":method", "GET"}, {":scheme", "ftp"}, {":authority", "test"}, {":path", "/hello"}}, 400, 0,
        NULL},
    {{REQUEST_OF("GET", "/a/../hello")}, 400, 0, NULL},
    {{REQUEST_OF("GET", "/a%2Fb")}, 400, 0, NULL},
    {{REQUEST_OF("GET", "/a%00")}, 400, 0, NULL},
    {{REQUEST_OF("GET", "hello")}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("GET", "http://test/hello")}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("BREW", "/hello")}, 501, 0, NULL},
    {{REQUEST_OF("CONNECT", "/hello")}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{{":method", "CONNECT"}, {":authority", "test"}}, 501, 0, NULL},
    {{REQUEST_OF("GET", "/hello"), {"expect", "tea"}}, 417, 0, NULL},
    {{REQUEST_OF("GET", "/hello"), {"connection", "close"}}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("GET", "/hello"), {"transfer-encoding", "chunked"}}, 0, NGHTTP2_PROTOCOL_ERROR,
        NULL},
    {{REQUEST_OF("GET", "/hello"), {"upgrade", "x"}}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("GET", "/hello"), {"te", "gzip"}}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("GET", "/hello"), {"te", "trailers"}}, 200, 0, NULL},
    {{REQUEST_OF("GET", "/hello"), {"x-control", "a\001b"}}, 400, 0, NULL},
    {{REQUEST_OF("GET", "/hello"), {":late", "x"}}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("GET", "/hello"), {"x", "y"}, {":method", "GET"}}, 0, NGHTTP2_PROTOCOL_ERROR,
        NULL},
    {{REQUEST_OF("GET", "/hello"), {":path", "/other"}}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("GET", "/hello"), {"content-length", "5"}}, 0, NGHTTP2_PROTOCOL_ERROR, NULL},
    {{REQUEST_OF("POST", "/body"), {"content-length", "5"}}, 200, 0, "12345"},
    {{REQUEST_OF("POST", "/body"), {"content-length", "4"}}, 0, NGHTTP2_PROTOCOL_ERROR, "12345"},
    {{REQUEST_OF("POST", "/body"), {"content-length", "6"}}, 0, NGHTTP2_PROTOCOL_ERROR, "12345"},
    {{REQUEST_OF("POST", "/body"), {"content-length", "5"}, {"content-length", "5"}}, 0,
        NGHTTP2_PROTOCOL_ERROR, "12345"},
    {{REQUEST_OF("POST", "/body"), {"content-length", "+5"}}, 0, NGHTTP2_PROTOCOL_ERROR, "12345"},
    {{REQUEST_OF("POST", "/body"), {"content-length", "2000000"}}, 413, 0, NULL},
};

static void what_is_ambiguous_is_refused_and_the_connection_goes_on(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    for (size_t i = 0; i < sizeof(REFUSALS) / sizeof(REFUSALS[0]); i++) {
        const struct refusal *refusal = &REFUSALS[i];
        size_t n_fields = 0;
        while (n_fields < 8 && refusal->fields[n_fields].name != NULL) {
            n_fields++;
        }
        int32_t id = refusal->status == 413
                         ? h2_client_begin_post(client, "/body", "2000000")
                         : h2_client_request(client, refusal->fields, n_fields, refusal->body,
                               refusal->body == NULL ? 0 : strlen(refusal->body));
        if (refusal->status == 413) {
            h2_client_wait_answer(client, id);
        } else {
            (void)h2_client_wait(client, id);
        }
        const struct h2_client_answer *answer = h2_client_answer(client, id);
        if (answer->status != refusal->status ||
            (answer->status == 0 && answer->reset_code != refusal->reset_code)) {
            fail_msg("case %zu: status %d, reset with %u", i, answer->status, answer->reset_code);
        }
    }
    /* After all that it is the same connection, and it answers. */
    int32_t id = h2_client_get(client, "/hello");
    assert_string_equal(h2_client_wait(client, id)->body, "hello\n");
    h2_client_free(client);
}

static char *text_of(size_t len, char letter)
{
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, letter, len);
    text[len] = '\0';
    return text;
}

static int status_with(
    struct h2_client *client, const char *path, const char *name, const char *value)
{
    const struct h2_client_field fields[] = {REQUEST_OF("GET", path), {name, value}};
    return h2_client_wait(client, h2_client_request(client, fields, 5, NULL, 0))->status;
}

static void what_is_too_long_is_refused_with_its_status(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    char *path = text_of(HTTP_TARGET_MAX + 1, 'p');
    path[0] = '/';
    char *value = text_of(HTTP_HEADER_MAX_DEFAULT, 'v');
    assert_int_equal(status_with(client, path, "x", "y"), 414);
    assert_int_equal(status_with(client, "/hello", "x", value), 431);
    value[HTTP_HEADER_MAX_DEFAULT - 200] = '\0';
    assert_int_equal(status_with(client, "/hello", "x", value), 200);
    struct h2_client_field fields[HTTP_HEADERS_MAX + 5] = {REQUEST_OF("GET", "/hello")};
    for (int i = 4; i < HTTP_HEADERS_MAX + 5; i++) {
        fields[i] = (struct h2_client_field){"x", "y"};
    }
    /* :authority is a field as Host is in HTTP/1: 99 more fit. */
    assert_int_equal(
        h2_client_wait(client, h2_client_request(client, fields, HTTP_HEADERS_MAX + 3, NULL, 0))
            ->status,
        200);
    assert_int_equal(
        h2_client_wait(client, h2_client_request(client, fields, HTTP_HEADERS_MAX + 4, NULL, 0))
            ->status,
        431);
    free(path);
    free(value);
    h2_client_free(client);
}

static void a_body_travels_both_ways_whole(void **state)
{
    enum { BODY = 1 << 20 };
    struct h2_client *client = http_h2_connect(*state, NULL);
    char *body = malloc(BODY);
    assert_non_null(body);
    for (size_t i = 0; i < BODY; i++) {
        body[i] = (char)(i * 2654435761u >> 13);
    }
    const struct h2_client_field fields[] = {REQUEST_OF("POST", "/body")};
    const struct h2_client_answer *answer =
        h2_client_wait(client, h2_client_request(client, fields, 4, body, BODY));
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->body_len, BODY);
    assert_memory_equal(answer->body, body, BODY);
    free(body);
    h2_client_free(client);
}

static void a_body_over_the_limit_is_413_without_a_length_too(void **state)
{
    enum { BODY = HTTP_BODY_MAX_DEFAULT + 1 };
    struct h2_client *client = http_h2_connect(*state, NULL);
    char *body = text_of(BODY, 'b');
    const struct h2_client_field fields[] = {REQUEST_OF("POST", "/body")};
    int32_t id = h2_client_request(client, fields, 4, body, BODY);
    assert_int_equal(h2_client_wait(client, id)->status, 413);
    assert_int_equal(http_fixture_n_done(*state), 0); /* no handler saw it */
    free(body);
    h2_client_free(client);
}

static void a_path_says_how_long_its_bodies_may_be(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    char *body = text_of(BODY_OF_PATH_MAX + 1, 'b');
    const struct h2_client_field fields[] = {
        REQUEST_OF("POST", "/body"), {"content-length", "3145729"}};
    int32_t id = h2_client_request(client, fields, 4, body, BODY_OF_PATH_MAX);
    assert_int_equal(h2_client_wait(client, id)->body_len, BODY_OF_PATH_MAX);
    id = h2_client_request(client, fields, 4, body, BODY_OF_PATH_MAX + 1);
    assert_int_equal(h2_client_wait(client, id)->status, 413);
    id = h2_client_begin_request(client, fields, 5); /* it says so, and sends nothing */
    assert_int_equal(h2_client_wait(client, id)->status, 413);
    free(body);
    h2_client_free(client);
}

static int start_little_room(void **state)
{
    *state = http_fixture_start(&(struct http_server_options){.bodies_max = 1500});
    return 0;
}

static void all_bodies_together_have_a_limit(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    const struct h2_client_field fields[] = {REQUEST_OF("POST", "/park")};
    char body[900] = "";
    int32_t first = h2_client_request(client, fields, 4, body, sizeof(body));
    assert_true(h2_client_flush(client));
    struct http_exchange *parked = http_fixture_parked(*state);
    int32_t second = h2_client_request(client, fields, 4, body, sizeof(body));
    assert_int_equal(h2_client_wait(client, second)->status, 503);
    http_respond(parked, 200, "text/plain", bytes_of("x"));
    http_exchange_unref(parked);
    assert_int_equal(h2_client_wait(client, first)->status, 200);
    h2_client_free(client);
}

static void expect_100_continue_is_answered_before_the_body(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    const struct h2_client_field fields[] = {
        REQUEST_OF("POST", "/body"), {"expect", "100-continue"}, {"content-length", "4"}};
    int32_t id = h2_client_begin_request(client, fields, 6);
    h2_client_wait_status(client, id, 100);
    assert_true(h2_client_frame(client, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, "body", 4));
    h2_client_wait_answer(client, id);
    assert_int_equal(h2_client_answer(client, id)->status, 200);
    assert_string_equal(h2_client_answer(client, id)->body, "body");
    h2_client_free(client);
}

static void head_has_a_length_and_no_body(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    const struct h2_client_field fields[] = {REQUEST_OF("HEAD", "/hello")};
    const struct h2_client_answer *answer =
        h2_client_wait(client, h2_client_request(client, fields, 4, NULL, 0));
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->body_len, 0);
    assert_true(answer->is_ended);
    h2_client_free(client);
}

static void trailers_of_a_request_are_read_and_dropped(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    const struct h2_client_field fields[] = {REQUEST_OF("POST", "/body")};
    int32_t id = h2_client_begin_request(client, fields, 4);
    assert_true(h2_client_flush(client));
    assert_true(h2_client_frame(client, NGHTTP2_DATA, 0, id, "body", 4));
    /* A literal field without indexing: "x: y". */
    assert_true(h2_client_frame(client, NGHTTP2_HEADERS,
        NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS, id, "\000\001x\001y", 5));
    h2_client_wait_answer(client, id);
    assert_string_equal(h2_client_answer(client, id)->body, "body");
    h2_client_free(client);
}

static void cookies_that_came_in_parts_are_one_field_again(void **state)
{
    struct h2_client *client = http_h2_connect(*state, NULL);
    const struct h2_client_field fields[] = {
        REQUEST_OF("GET", "/park"), {"cookie", "a=1"}, {"cookie", "b=2"}, {"x", "1"}, {"x", "2"}};
    int32_t id = h2_client_request(client, fields, 8, NULL, 0);
    assert_true(h2_client_flush(client));
    struct http_exchange *exchange = http_fixture_parked(*state);
    assert_string_equal(http_header(exchange, "Cookie"), "a=1; b=2");
    assert_string_equal(http_header(exchange, "X"), "1, 2");
    assert_string_equal(http_header(exchange, "Host"), "test");
    http_respond(exchange, 204, NULL, bytes_of(""));
    http_exchange_unref(exchange);
    assert_int_equal(h2_client_wait(client, id)->status, 204);
    h2_client_free(client);
}

static void a_name_with_a_capital_letter_is_refused(void **state)
{
    static const char BYTES[] = H2_TEST_PREFACE
        "\0\0\x1b\1\5\0\0\0\1"                      /* HEADERS, END_STREAM, END_HEADERS */
        "\x82\x86\4\6/hello\1\4test\0\7X-Upper\1x"; /* GET, http, path, authority, ours */
    int fd = http_client_connect(*state);
    http_client_send_bytes(fd, BYTES, sizeof(BYTES) - 1);
    unsigned char frame[9];
    char payload[256] = "";
    do {
        assert_int_equal(recv(fd, frame, sizeof(frame), MSG_WAITALL), sizeof(frame));
        assert_int_equal(frame[0] + frame[1], 0);
        assert_int_equal(frame[2] == 0 ? 0 : recv(fd, payload, frame[2], MSG_WAITALL), frame[2]);
    } while (frame[3] != NGHTTP2_RST_STREAM);
    assert_int_equal(payload[3], NGHTTP2_PROTOCOL_ERROR);
    close(fd);
}

/* A frame that the protocol forbids here, and the GOAWAY that it earns. */
static void a_broken_rule_ends_the_connection_and_its_work(void **state)
{
    static const struct {
        uint8_t type;
        int32_t id;
        const char *payload;
        size_t len;
        uint32_t code;
    } FRAMES[] = {
        {NGHTTP2_DATA, 0, "x", 1, NGHTTP2_PROTOCOL_ERROR},
        {NGHTTP2_SETTINGS, 0, "x", 1, NGHTTP2_FRAME_SIZE_ERROR},
        {NGHTTP2_WINDOW_UPDATE, 0, "\0\0\0\0", 4, NGHTTP2_PROTOCOL_ERROR},
        {NGHTTP2_PUSH_PROMISE, 3, "\0\0\0\2", 4, NGHTTP2_PROTOCOL_ERROR},
        {NGHTTP2_HEADERS, 2, "\x82", 1, NGHTTP2_PROTOCOL_ERROR},
        {NGHTTP2_CONTINUATION, 3, "\x82", 1, NGHTTP2_PROTOCOL_ERROR},
    };
    for (size_t i = 0; i < sizeof(FRAMES) / sizeof(FRAMES[0]); i++) {
        struct h2_client *client = http_h2_connect(*state, NULL);
        (void)h2_client_get(client, "/park");
        assert_true(h2_client_flush(client));
        struct http_exchange *exchange = http_fixture_parked(*state);
        (void)h2_client_frame(client, FRAMES[i].type, NGHTTP2_FLAG_END_HEADERS, FRAMES[i].id,
            FRAMES[i].payload, FRAMES[i].len);
        assert_true(h2_client_wait_end(client));
        uint32_t code = 0;
        int32_t last = 0;
        assert_true(h2_client_has_goaway(client, &code, &last));
        assert_int_equal(code, FRAMES[i].code);
        struct http_fixture_done done = http_fixture_done(*state, (unsigned int)i + 1);
        assert_string_equal(done.disconnect, "error");
        assert_int_equal(done.cause, CTX_CAUSE_CLIENT_DISCONNECTED);
        http_exchange_unref(exchange);
        h2_client_free(client);
    }
}

/* --- which protocol -------------------------------------------------------------------------- */

static void a_preface_in_single_bytes_is_a_preface(void **state)
{
    static const char BYTES[] = H2_TEST_PREFACE;
    int fd = http_client_connect(*state);
    for (size_t i = 0; i < sizeof(BYTES) - 1; i++) {
        http_client_send_bytes(fd, &BYTES[i], 1);
    }
    char frame[9];
    assert_int_equal(recv(fd, frame, sizeof(frame), MSG_WAITALL), sizeof(frame));
    assert_int_equal(frame[3], NGHTTP2_SETTINGS);
    close(fd);
}

static void what_only_begins_like_a_preface_is_http_1(void **state)
{
    static char reply[HTTP_FIXTURE_REPLY_MAX];
    int fd = http_client_connect(*state);
    http_client_send(fd, "P");
    http_client_send(fd, "OST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    assert_int_equal(http_client_reply(fd, reply), 200);
    close(fd);
    assert_int_equal(http_client_once(*state, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", reply), 400);
    fd = http_client_connect(*state);
    http_client_send(fd, HTTP_GET("/hello"));
    assert_int_equal(http_client_reply(fd, reply), 200);
    http_client_send(fd, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); /* too late */
    assert_int_equal(http_client_reply(fd, reply), 400);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(what_is_ambiguous_is_refused_and_the_connection_goes_on),
        HTTP_TEST(what_is_too_long_is_refused_with_its_status),
        HTTP_TEST(a_body_travels_both_ways_whole),
        HTTP_TEST(a_body_over_the_limit_is_413_without_a_length_too),
        HTTP_TEST_WITH(a_path_says_how_long_its_bodies_may_be, start_with_paths),
        HTTP_TEST_WITH(all_bodies_together_have_a_limit, start_little_room),
        HTTP_TEST(expect_100_continue_is_answered_before_the_body),
        HTTP_TEST(head_has_a_length_and_no_body),
        HTTP_TEST(trailers_of_a_request_are_read_and_dropped),
        HTTP_TEST(cookies_that_came_in_parts_are_one_field_again),
        HTTP_TEST(a_name_with_a_capital_letter_is_refused),
        HTTP_TEST(a_broken_rule_ends_the_connection_and_its_work),
        HTTP_TEST(a_preface_in_single_bytes_is_a_preface),
        HTTP_TEST(what_only_begins_like_a_preface_is_http_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
