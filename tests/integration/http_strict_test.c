/* Requests that two readers could take for two different things, each with the section of the RFC
 * that it breaks (9112 unless another is named): the answer is an error, the connection is closed,
 * and of what follows on it nothing is carried out. And, beside them, what must be taken. */
#include <stdio.h>
#include <string.h>

#include "http_fixture.h"

enum { HTTP_REPLY_SHOWN = 4096 };

struct row {
    const char *section;
    int status_code;
    const char *text;
    size_t len;
};

#define ROW(section, status_code, text)                                                            \
    {                                                                                              \
        section, status_code, text, sizeof(text) - 1                                               \
    }

#define POST "POST /body HTTP/1.1\r\nHost: a\r\n"
#define GET "GET /hello HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

/* Behind every row: what an attacker would want to have carried out. */
#define SMUGGLED "GET /hello?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct row LENGTHS[] = {
    ROW("6.3 (3)", 400, POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.3 (3)", 400, POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    ROW("6.3 (3)", 400, POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.3 (3)", 400, GET "Transfer-Encoding: x\r\nContent-Length: 5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5\r\ncontent-length: 0\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5, 5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5, 6\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5,\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: +5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: -5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5 5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 0x5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5e0\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5.0\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: \"5\"\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 5;q=1\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: \xd9\xa5\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length:\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 18446744073709551621\r\n\r\nhello"),
    ROW("6.3 (5)", 400, POST "Content-Length: 99999999999999999999999999999999\r\n\r\nhello"),
    ROW("9110 15.5.14", 413, POST "Content-Length: 18446744073709551615\r\n\r\nhello"),
    ROW("9110 15.5.14", 413, POST "Content-Length: 9999999999\r\n\r\nhello"),
};

static const struct row CODINGS[] = {
    ROW("6.1", 400,
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 400, POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 501, POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"),
    ROW("5.5", 400,
        POST "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n0\r\n\r\n"),
    ROW("5.5", 400, POST "Transfer-Encoding: chunked\x0c\r\n\r\n0\r\n\r\n"),
    ROW("5.1", 400, POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    ROW("5.1", 400, POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
    ROW("5.2", 400, POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    ROW("6.1", 400, "POST /body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
};

static const struct row CHUNKS[] = {
    ROW("7.1", 400, CHUNKED "0x5\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "-1\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "+5\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED " 5\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "5 \r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "5\t\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "\r\n5\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "g\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "5\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "5\rXhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "5\r\nhello\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "5\r\nhelloX\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "4\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "5\r\nhello0\r\n\r\n"),
    ROW("7.1", 400, CHUNKED "FFFFFFFFFFFFFFFFF\r\nhello"),
    ROW("7.1", 400, CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 413, CHUNKED "FFFFFFFFFFFFFFFF\r\nhello"),
    ROW("7.1", 413, CHUNKED "7fffffff\r\nhello"),
    ROW("7.1", 400, CHUNKED "000000000000000005\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1.1", 400, CHUNKED "5;a\nb\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1.1", 400, CHUNKED "5;a\rb\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1.1", 400, CHUNKED "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1.1", 400, CHUNKED "5;a\0b\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1.1", 400, CHUNKED "0;a\n\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nX: 1\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nX: a\r\n b\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nX : 1\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nX: a\rb\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nX: a\0b\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nno field\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nContent-Length: 5\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ROW("7.1.2", 400, CHUNKED "0\r\nHost: b\r\n\r\n"),
};

static const struct row FIELDS[] = {
    ROW("5.1", 400, GET "X : 1\r\n\r\n"),
    ROW("5.1", 400, GET "Content-Length : 5\r\n\r\nhello"),
    ROW("5.1", 400, GET "Content-Length\t: 5\r\n\r\nhello"),
    ROW("5.2", 400, GET "X: a\r\n b\r\n\r\n"),
    ROW("5.2", 400, GET "X: a\r\n\tb\r\n\r\n"),
    ROW("5.2", 400, GET "X: a\r\n \r\n\r\n"),
    ROW("2.2", 400, "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n"),
    ROW("2.2", 400, "GET /hello HTTP/1.1\nHost: a\n\n"),
    ROW("2.2", 400, "GET /hello HTTP/1.1\r\nHost: a\n\r\n"),
    ROW("2.2", 400, GET "X: a\nContent-Length: 5\r\n\r\nhello"),
    ROW("2.2", 400, GET "\n"),
    ROW("2.2", 400, GET "X: a\rb\r\n\r\n"),
    ROW("2.2", 400, GET "X: a\r\r\n\r\n"),
    ROW("2.2", 400, GET "\r\r\n"),
    ROW("9110 5.5", 400, GET "X: a\0b\r\n\r\n"),
    ROW("9110 5.5", 400, GET "X: a\x7f\r\n\r\n"),
    ROW("9110 5.5", 400, GET "X: \x01\r\n\r\n"),
    ROW("9110 5.1", 400, GET "X\0: a\r\n\r\n"),
    ROW("9110 5.1", 400, GET "no colon\r\n\r\n"),
    ROW("9110 5.1", 400, GET "X\r\n\r\n"),
    ROW("9110 5.1", 400, GET ": a\r\n\r\n"),
    ROW("9110 5.1", 400, GET "X Y: a\r\n\r\n"),
    ROW("9110 5.1", 400, GET "X(Y): a\r\n\r\n"),
    ROW("9110 5.1", 400, GET "X/Y: a\r\n\r\n"),
    ROW("9110 5.1", 400, GET "\x80: a\r\n\r\n"),
    ROW("9110 5.1", 400, GET "\"X\": a\r\n\r\n"),
};

static const struct row HOSTS[] = {
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost:\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: a,b\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: a:99999\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost: http://a\r\n\r\n"),
    ROW("3.2", 400, "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"),
    ROW("3.2.2", 400, "GET http://a/hello HTTP/1.1\r\n\r\n"),
    ROW("9110 7.2", 400, "GET http://a/hello HTTP/1.1\r\nHost: b\r\n\r\n"),
    ROW("9110 7.2", 400, "GET http://a:81/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("9110 4.2.4", 400, "GET http://u@a/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2.2", 400, "GET http:///hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2.2", 400, "GET ftp://a/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
};

static const struct row REQUEST_LINES[] = {
    ROW("3", 400, "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3", 400, "GET /hello  HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3", 400, "GET\t/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3", 400, "GET /hello\tHTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3", 505, "GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n"),
    ROW("3", 400, " GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3", 400, "GET /hel lo HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3", 400, "GET\x0b/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.1", 400, "get /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.1", 400, "G\0T /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.1", 400, "GET/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("9110 9.1", 501, "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("9110 9.3.6", 501, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    ROW("9110 9.3.6", 501, "CONNECT /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("2.3", 505, "GET /hello\r\nHost: a\r\n\r\n"),
    ROW("2.3", 400, "GET /hello http/1.1\r\nHost: a\r\n\r\n"),
    ROW("2.3", 505, "GET /hello HTTP/1.01\r\nHost: a\r\n\r\n"),
    ROW("2.3", 505, "GET /hello HTTP/11\r\nHost: a\r\n\r\n"),
    ROW("2.3", 505, "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n"),
    ROW("2.3", 505, "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n"),
    ROW("2.3", 505, "GET /hello HTTP/0.9\r\nHost: a\r\n\r\n"),
    ROW("3.2", 400, "GET /hello#part HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2", 400, "GET /hell\xc3\xb6 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2", 400, "GET /hello\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2", 400, "GET hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2", 400, "GET \\hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 3.3", 400, "GET /a\\..\\hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 2.1", 400, "GET /hello%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 2.1", 400, "GET /hello%0d%0aX:%201 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 2.1", 400, "GET /a%2fhello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 2.1", 400, "GET /a%5c..%5chello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 2.1", 400, "GET /hello%2 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 2.1", 400, "GET /%c0%afhello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 6.2.2.3", 400, "GET /a/../hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3986 6.2.2.3", 400, "GET /a/%2e%2e/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2.4", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW("3.2.3", 400, "GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    ROW("2.2", 400, "\r\n\r\n" GET "\r\n"),
    ROW("2.2", 400, "\n" GET "\r\n"),
    ROW("2.2", 400, "\r" GET "\r\n"),
    ROW("9110 10.1.1", 417, POST "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello"),
    ROW("9110 10.1.1", 413, POST "Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n"),
};

static unsigned int count_answers(const char *reply)
{
    static const char BEGINNING[] = "HTTP/1.1 ";
    unsigned int n = 0;
    for (const char *at = strstr(reply, BEGINNING); at != NULL; at = strstr(at + 1, BEGINNING)) {
        int code = 0;
        n += sscanf(at + strlen(BEGINNING), "%3d ", &code) == 1 && code >= 100;
    }
    return n;
}

/* Everything that comes back for the row and what is smuggled behind it. */
static void ask(struct http_fixture *fixture, const struct row *row, char *ret_reply)
{
    memset(ret_reply, 0, HTTP_REPLY_SHOWN);
    char request[4096];
    assert_true(row->len + sizeof(SMUGGLED) <= sizeof(request));
    memcpy(request, row->text, row->len);
    memcpy(request + row->len, SMUGGLED, sizeof(SMUGGLED) - 1);
    int fd = http_client_connect(fixture);
    http_client_send_bytes(fd, request, row->len + sizeof(SMUGGLED) - 1);
    int error = 0;
    (void)http_client_read_all(fd, ret_reply, HTTP_FIXTURE_REPLY_MAX, &error);
    tls_client_close(fd);
}

static bool is_refused(const char *reply, int status_code)
{
    int code = 0;
    return sscanf(reply, "HTTP/1.1 %d ", &code) == 1 && code == status_code &&
           count_answers(reply) == 1 && strstr(reply, "\r\nConnection: close\r\n") != NULL;
}

static void expect_refused(const struct row *rows, size_t n_rows)
{
    static char reply[HTTP_FIXTURE_REPLY_MAX];
    struct http_fixture *fixture = http_fixture_start(NULL);
    unsigned int n_wrong = 0;
    for (size_t i = 0; i < n_rows; i++) {
        unsigned int n_before = http_fixture_n_done(fixture);
        ask(fixture, &rows[i], reply);
        bool is_carried_out = http_fixture_n_done(fixture) != n_before;
        if (!is_refused(reply, rows[i].status_code) || is_carried_out) {
            n_wrong++;
            print_message("RFC %s, row %zu wants %d:\n%s\ngot%s:\n%.200s\n", rows[i].section, i,
                rows[i].status_code, rows[i].text, is_carried_out ? ", carried out" : "", reply);
        }
    }
    http_fixture_stop(fixture);
    assert_int_equal(n_wrong, 0);
}

static void ambiguous_lengths_are_refused(void **state)
{
    (void)state;
    expect_refused(LENGTHS, LENGTH_OF(LENGTHS));
}

static void codings_other_than_chunked_alone_are_refused(void **state)
{
    (void)state;
    expect_refused(CODINGS, LENGTH_OF(CODINGS));
}

static void chunks_and_trailers_that_are_not_to_the_letter_are_refused(void **state)
{
    (void)state;
    expect_refused(CHUNKS, LENGTH_OF(CHUNKS));
}

static void fields_that_are_not_to_the_letter_are_refused(void **state)
{
    (void)state;
    expect_refused(FIELDS, LENGTH_OF(FIELDS));
}

static void hosts_that_are_missing_repeated_or_contradicted_are_refused(void **state)
{
    (void)state;
    expect_refused(HOSTS, LENGTH_OF(HOSTS));
}

static void request_lines_with_two_meanings_are_refused(void **state)
{
    (void)state;
    expect_refused(REQUEST_LINES, LENGTH_OF(REQUEST_LINES));
}

/* What is in order is answered, and so is what follows: `status_code` is of the first. */
static const struct row TAKEN[] = {
    ROW("2.2", 200, "\r\n" GET "\r\n"),
    ROW("3.2", 200, GET "X:\r\nY: \t a \t \r\n\r\n"),
    ROW("9110 5.5", 200, GET "X: gr\xfc\xdf\r\n\r\n"),
    ROW("3.2.2", 200, "GET http://A:80/hello HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    ROW("3.2", 200, "GET /hello HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
    ROW("6.3", 200, POST "Content-Length: 5\r\n\r\nhello"),
    ROW("6.3", 200, POST "Content-Length: 005 \r\n\r\nhello"),
    ROW("6.3", 200, GET "Content-Length: 22\r\n\r\nGET /park HTTP/1.1\r\n\r\n"),
    ROW("6.1", 200, POST "Transfer-Encoding:\tCHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    ROW("7.1", 200, CHUNKED "00A\r\n0123456789\r\n0\r\n\r\n"),
    ROW("7.1.1", 200, CHUNKED "5;a=\"b c\";d\r\nhello\r\n0;e\r\n\r\n"),
    ROW("7.1.2", 200, CHUNKED "5\r\nhello\r\n0\r\nDigest: x\r\n\r\n"),
    ROW("9110 7.8", 200,
        GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"),
    ROW("9110 7.8", 200, GET "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    ROW("9110 10.1.1", 200, GET "Expect: 100-continue\r\n\r\n"),
};

static void what_is_in_order_is_answered_and_what_follows_too(void **state)
{
    (void)state;
    static char first[HTTP_FIXTURE_REPLY_MAX];
    struct http_fixture *fixture = http_fixture_start(NULL);
    for (size_t i = 0; i < LENGTH_OF(TAKEN); i++) {
        int fd = http_client_connect(fixture);
        http_client_send_bytes(fd, TAKEN[i].text, TAKEN[i].len);
        http_client_send(fd, SMUGGLED);
        int code = http_client_reply(fd, first);
        if (code != TAKEN[i].status_code) {
            print_message("RFC %s: %s\n", TAKEN[i].section, TAKEN[i].text);
        }
        assert_int_equal(code, TAKEN[i].status_code);
        assert_int_equal(http_client_reply(fd, first), 200);
        tls_client_close(fd);
    }
    http_fixture_stop(fixture);
}

/* RFC 9112 9.3, 9.6: `status_code` is of the one answer that there is. */
static const struct row LAST[] = {
    ROW("9.6", 200, GET "Connection: close\r\n\r\n"),
    ROW("9.6", 200, GET "Connection: keep-alive, Close\r\n\r\n"),
    ROW("9.6", 200, GET "Connection: keep-alive\r\nConnection: close\r\n\r\n"),
    ROW("9.3", 200, "GET /hello HTTP/1.0\r\n\r\n"),
    ROW("9.3", 200, "GET /hello HTTP/1.0\r\nConnection: x\r\n\r\n"),
};

static void nothing_is_carried_out_behind_a_request_that_ends_the_connection(void **state)
{
    (void)state;
    static char reply[HTTP_FIXTURE_REPLY_MAX];
    struct http_fixture *fixture = http_fixture_start(NULL);
    for (size_t i = 0; i < LENGTH_OF(LAST); i++) {
        ask(fixture, &LAST[i], reply);
        assert_true(is_refused(reply, LAST[i].status_code));
        assert_int_equal(http_fixture_n_done(fixture), i + 1);
    }
    http_fixture_stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ambiguous_lengths_are_refused),
        cmocka_unit_test(codings_other_than_chunked_alone_are_refused),
        cmocka_unit_test(chunks_and_trailers_that_are_not_to_the_letter_are_refused),
        cmocka_unit_test(fields_that_are_not_to_the_letter_are_refused),
        cmocka_unit_test(hosts_that_are_missing_repeated_or_contradicted_are_refused),
        cmocka_unit_test(request_lines_with_two_meanings_are_refused),
        cmocka_unit_test(what_is_in_order_is_answered_and_what_follows_too),
        cmocka_unit_test(nothing_is_carried_out_behind_a_request_that_ends_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
