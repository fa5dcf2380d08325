/* What is a request and what is refused, byte by byte and in one piece. No sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/parse.h"

enum { HEADER_MAX = 4096, BODY_MAX = 64 };
static const struct http_limits LIMITS = {.header_max = HEADER_MAX, .body_max = BODY_MAX};

struct parsed {
    struct http_request request;
    struct http_verdict verdict; /* 0 when complete */
    size_t used;
    bool is_complete;
};

/* Feed `text` in steps of `step` bytes until it is complete or refused. */
static void parse(struct parsed *parsed, const char *text, size_t len, size_t step)
{
    struct http_parser parser;
    memset(parsed, 0, sizeof(*parsed));
    http_request_reset(&parsed->request, HEADER_MAX, BODY_MAX);
    http_parser_begin(&parser, &parsed->request, &LIMITS);
    while (parsed->used < len) {
        size_t piece = len - parsed->used < step ? len - parsed->used : step;
        /* A copy of its own, so that a sanitizer sees a read beyond the piece. */
        uint8_t *copy = malloc(piece);
        assert_non_null(copy);
        memcpy(copy, text + parsed->used, piece);
        size_t used = 0;
        enum http_parse_result result = http_parser_feed(&parser, copy, piece, &used);
        free(copy);
        parsed->used += used;
        if (result == HTTP_PARSE_REFUSED) {
            parsed->verdict = parser.verdict;
            return;
        }
        if (result == HTTP_PARSE_COMPLETE) {
            parsed->is_complete = true;
            return;
        }
    }
}

static void assert_parses(struct parsed *parsed, const char *text)
{
    parse(parsed, text, strlen(text), SIZE_MAX);
    if (!parsed->is_complete) {
        fail_msg("%s: not complete: %d %s", text, parsed->verdict.status_code,
            parsed->verdict.detail != NULL ? parsed->verdict.detail : "");
    }
}

static void assert_refused_bytes(const char *text, size_t len, int status_code)
{
    const size_t steps[] = {SIZE_MAX, 1, 7};
    for (size_t i = 0; i < LENGTH_OF(steps); i++) {
        struct parsed parsed;
        parse(&parsed, text, len, steps[i]);
        if (parsed.verdict.status_code != status_code) {
            fail_msg("in steps of %zu: \"%.100s\" gave %d (%s), not %d", steps[i], text,
                parsed.verdict.status_code,
                parsed.verdict.detail != NULL ? parsed.verdict.detail : "", status_code);
        }
        assert_non_null(parsed.verdict.detail);
        http_request_finish(&parsed.request);
    }
}

static void assert_refused(const char *text, int status_code)
{
    assert_refused_bytes(text, strlen(text), status_code);
}

#define GET_WITH(fields) "GET / HTTP/1.1\r\nHost: x\r\n" fields "\r\n"
#define POST_WITH(fields, body) "POST / HTTP/1.1\r\nHost: x\r\n" fields "\r\n" body
#define GET_TARGET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"

static void a_request_is_read_whatever_the_pieces(void **state)
{
    (void)state;
    const char *text = "POST /v1/a%20b/%E4%B8%8A?x=1&y=%32 HTTP/1.1\r\nHost: x:8080\r\n"
                       "X-One:  spaced \t\r\nEmpty:\r\nX-Two: a\r\nx-two: b\r\n"
                       "Content-Length: 5\r\n\r\nhelloGET";
    for (size_t step = 1; step < strlen(text) + 1; step++) {
        struct parsed parsed;
        parse(&parsed, text, strlen(text), step);
        const struct http_request *request = &parsed.request;
        assert_true(parsed.is_complete);
        assert_int_equal(parsed.used, strlen(text) - 3);
        assert_string_equal(request->method, "POST");
        assert_string_equal(http_request_text(request, request->path), "/v1/a b/\xe4\xb8\x8a");
        assert_string_equal(http_request_text(request, request->query), "x=1&y=%32");
        assert_string_equal(http_request_field(request, "x-one"), "spaced");
        assert_string_equal(http_request_field(request, "EMPTY"), "");
        assert_string_equal(http_request_field(request, "X-Two"), "a, b");
        assert_null(http_request_field(request, "X-Three"));
        assert_int_equal(request->body.len, 5);
        assert_memory_equal(request->body.data, "hello", 5);
        assert_true(request->is_keep_alive);
        http_request_finish(&parsed.request);
    }
}

static void chunks_are_joined_and_trailers_ignored(void **state)
{
    (void)state;
    const char *text = POST_WITH(
        "Transfer-Encoding: chunked\r\n", "5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nDigest: x\r\n\r\n");
    for (size_t step = 1; step < strlen(text) + 1; step++) {
        struct parsed parsed;
        parse(&parsed, text, strlen(text), step);
        assert_true(parsed.is_complete);
        assert_int_equal(parsed.used, strlen(text));
        assert_int_equal(parsed.request.body.len, 6);
        assert_memory_equal(parsed.request.body.data, "hello!", 6);
        assert_null(http_request_field(&parsed.request, "Digest"));
        http_request_finish(&parsed.request);
    }
}

static void targets_have_one_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *path;
        const char *query;
    } CASES[] = {
        {GET_TARGET("/"), "/", ""},
        {GET_TARGET("/a+b"), "/a+b", ""},
        {GET_TARGET("/a?b?c/../d"), "/a", "b?c/../d"},
        {GET_TARGET("/a..b/...?"), "/a..b/...", ""},
        {GET_TARGET("//a"), "//a", ""},
        {"GET http://host:80/a?b HTTP/1.1\r\nHost: host:80\r\n\r\n", "/a", "b"},
        {GET_TARGET("HTTP://X"), "/", ""},
        {"GET http://[::1]:80?q HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "/", "q"},
        {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "*", ""},
        {"\r\nGET /after-an-empty-line HTTP/1.1\r\nHost: x\r\n\r\n", "/after-an-empty-line", ""},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct parsed parsed;
        assert_parses(&parsed, CASES[i].request);
        const struct http_request *request = &parsed.request;
        assert_string_equal(http_request_text(request, request->path), CASES[i].path);
        assert_string_equal(http_request_text(request, request->query), CASES[i].query);
        http_request_finish(&parsed.request);
    }
}

static void ambiguous_targets_are_refused(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        GET_TARGET("/a%2Fb"),
        GET_TARGET("/a%2fb"),
        GET_TARGET("/a%00"),
        GET_TARGET("/a%0Ab"),
        GET_TARGET("/a%7f"),
        GET_TARGET("/a%"),
        GET_TARGET("/a%4"),
        GET_TARGET("/a%zz"),
        GET_TARGET("/.."),
        GET_TARGET("/a/../b"),
        GET_TARGET("/a/%2e%2E/b"),
        GET_TARGET("/./a"),
        GET_TARGET("/%ff"),
        GET_TARGET("/%c0%af"),
        GET_TARGET("/%ed%a0%80"),
        GET_TARGET("/a#b"),
        GET_TARGET("a"),
        GET_TARGET("*"),
        GET_TARGET("ftp://host/"),
        GET_TARGET("http:///a"),
        GET_TARGET("http://user@host/"),
        GET_TARGET("http://host:99999/"),
        GET_TARGET("/\xc3\xa4"),
        GET_TARGET("/a b"),
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_refused(CASES[i], 400);
    }
}

static void what_two_parsers_may_read_differently_is_refused(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        POST_WITH("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
        POST_WITH("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
        POST_WITH("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
        POST_WITH("Content-Length: 5, 5\r\n", "hello"),
        POST_WITH("Content-Length: +5\r\n", "hello"),
        POST_WITH("Content-Length: 0x5\r\n", "hello"),
        POST_WITH("Content-Length: -1\r\n", "hello"),
        POST_WITH("Content-Length:\r\n", "hello"),
        POST_WITH("Content-Length: 99999999999999999999\r\n", "hello"),
        POST_WITH("Content-Length : 5\r\n", "hello"),
        POST_WITH("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        GET_WITH("X: a\r\n b\r\n"),
        GET_WITH("X: a\r\n\tb\r\n"),
        GET_WITH(" X: a\r\n"),
        GET_WITH("X\r\n"),
        GET_WITH(": a\r\n"),
        GET_WITH("X Y: a\r\n"),
        GET_WITH("X: a\rb\r\n"),
        GET_WITH("X: a\x01\r\n"),
        GET_WITH("X: a\x7f\r\n"),
        GET_WITH("X: a\r\r\n"),
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /  HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02garbage",
        "\xff\xfe\xfd",
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_refused(CASES[i], 400);
    }
    static const char WITH_NUL[] = "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n";
    assert_refused_bytes(WITH_NUL, sizeof(WITH_NUL) - 1, 400);
}

static void malformed_chunks_are_refused(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        POST_WITH("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "5\r\nhello\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "5\r\nhelloX\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "zz\r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", " 5\r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "5 \r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "\r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        POST_WITH("Transfer-Encoding: chunked\r\n", "0\r\nX: y\n\r\n"),
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_refused(CASES[i], 400);
    }
}

static void a_host_is_needed_once_and_well_formed(void **state)
{
    (void)state;
    static const char *const REFUSED[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x:y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x:123456\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: user@x\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: x, y\r\n\r\n",
    };
    static const char *const ACCEPTED[] = {
        "GET / HTTP/1.1\r\nHost: x-1.example:8080\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
    };
    for (size_t i = 0; i < LENGTH_OF(REFUSED); i++) {
        assert_refused(REFUSED[i], 400);
    }
    for (size_t i = 0; i < LENGTH_OF(ACCEPTED); i++) {
        struct parsed parsed;
        assert_parses(&parsed, ACCEPTED[i]);
        http_request_finish(&parsed.request);
    }
}

static void what_only_looks_like_a_method_is_garbage(void **state)
{
    (void)state;
    static const char *const GARBAGE[] = {"get / HTTP/1.1\r\n", "this is not HTTP\r\n",
        "GARBAGE\r\n", "\r\nGARBAGE\r\n", "BREW /\r\n", "BREW / HTTP/x.1\r\n"};
    for (size_t i = 0; i < LENGTH_OF(GARBAGE); i++) {
        assert_refused(GARBAGE[i], 400);
    }
}

static void what_is_not_supported_says_so(void **state)
{
    (void)state;
    assert_refused("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501);
    assert_refused("GETX / HTTP/1.1\r\nHost: x\r\n\r\n", 501);
    assert_refused("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501);
    assert_refused(POST_WITH("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501);
    assert_refused(GET_WITH("Expect: the-unexpected\r\n"), 417);
    assert_refused("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505);
    assert_refused("GET /\r\n\r\n", 505);
    assert_refused("GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505);
}

/* A request whose `count` bytes `byte` stand between `before` and `after`. */
static void assert_refused_long(
    const char *before, char byte, size_t count, const char *after, int status_code)
{
    size_t len = strlen(before) + count + strlen(after);
    char *text = malloc(len + 1);
    assert_non_null(text);
    strcpy(text, before);
    memset(text + strlen(before), byte, count);
    strcpy(text + strlen(before) + count, after);
    assert_refused_bytes(text, len, status_code);
    free(text);
}

static void limits_are_kept(void **state)
{
    (void)state;
    const char *rest = " HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_refused_long("GET /", 'a', HEADER_MAX, rest, 414);
    assert_refused_long("GET / HTTP/1.1\r\nHost: x\r\nX: ", 'a', HEADER_MAX, "\r\n\r\n", 431);
    assert_refused(POST_WITH("Content-Length: 65\r\n", ""), 413);
    assert_refused_long("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n",
        'a', BODY_MAX + 1, "\r\n0\r\n\r\n", 413);
    assert_refused_long("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;", 'e',
        2 * HEADER_MAX, "\r\na\r\n0\r\n\r\n", 400);

    char many[HEADER_MAX];
    size_t len = (size_t)sprintf(many, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < HTTP_HEADERS_MAX; i++) {
        len += (size_t)sprintf(many + len, "a:b\r\n");
    }
    strcpy(many + len, "\r\n");
    assert_refused(many, 431);
}

static void the_header_limit_is_exact(void **state)
{
    (void)state;
    char text[HEADER_MAX + 2];
    size_t head = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: x\r\nX: ");
    memset(text + head, 'a', sizeof(text) - head);
    strcpy(text + HEADER_MAX - 4, "\r\n\r\n");
    struct parsed parsed;
    assert_parses(&parsed, text);
    http_request_finish(&parsed.request);
}

static void versions_decide_about_keeping_alive(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        bool is_keep_alive;
    } CASES[] = {
        {GET_WITH(""), true},
        {GET_WITH("Connection: close\r\n"), false},
        {GET_WITH("Connection: x, Close\r\n"), false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
        {GET_WITH("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"), true},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct parsed parsed;
        assert_parses(&parsed, CASES[i].request);
        assert_int_equal(parsed.request.is_keep_alive, CASES[i].is_keep_alive);
        http_request_finish(&parsed.request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read_whatever_the_pieces),
        cmocka_unit_test(chunks_are_joined_and_trailers_ignored),
        cmocka_unit_test(targets_have_one_meaning),
        cmocka_unit_test(ambiguous_targets_are_refused),
        cmocka_unit_test(what_two_parsers_may_read_differently_is_refused),
        cmocka_unit_test(malformed_chunks_are_refused),
        cmocka_unit_test(a_host_is_needed_once_and_well_formed),
        cmocka_unit_test(what_only_looks_like_a_method_is_garbage),
        cmocka_unit_test(what_is_not_supported_says_so),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(the_header_limit_is_exact),
        cmocka_unit_test(versions_decide_about_keeping_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
