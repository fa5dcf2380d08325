/* Out of memory at every allocation in turn: refused in words, nothing lost, nothing broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/parse.h"
#include "http/query.h"

static int allocations_left = -1; /* -1: all that are wanted */

static int may_allocate(void)
{
    if (allocations_left == 0) {
        return 0;
    }
    allocations_left -= allocations_left > 0;
    return 1;
}

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
    return may_allocate() ? __real_realloc(memory, size) : NULL;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

static const struct http_limits LIMITS = {.header_max = 4096, .body_max = 4096};

/* A request whose header, joined fields, path and body need memory of their own. Returns the
 * status of the refusal, 0 when it was complete. */
static int parse(struct http_request *request, size_t step)
{
    char text[2048];
    size_t len = 0;
    memset(text, 'v', sizeof(text));
    const char *head = "POST /v1/a%20path?q HTTP/1.1\r\nHost: x\r\nContent-Length: 700\r\nX: ";
    len += strlen(strcpy(text, head));
    text[len] = 'v';
    len += 300;
    len += strlen(strcpy(text + len, "\r\nX: again\r\n\r\n"));
    text[len] = 'v';
    len += 700;
    struct http_parser parser;
    http_request_reset(request, LIMITS.header_max, LIMITS.body_max);
    http_parser_begin(&parser, request, &LIMITS);
    size_t used = 0;
    for (size_t at = 0; at < len; at += used) {
        size_t piece = len - at < step ? len - at : step;
        enum http_parse_result result =
            http_parser_feed(&parser, (const uint8_t *)text + at, piece, &used);
        if (result == HTTP_PARSE_REFUSED) {
            assert_non_null(parser.verdict.detail);
            return parser.verdict.status_code;
        }
        if (result == HTTP_PARSE_COMPLETE) {
            return 0;
        }
    }
    return -1;
}

static void a_request_without_memory_is_a_500(void **state)
{
    (void)state;
    int n_refused = 0;
    int status_code = -1;
    for (int allowed = 0; status_code != 0; allowed++) {
        struct http_request request;
        memset(&request, 0, sizeof(request));
        allocations_left = allowed;
        status_code = parse(&request, 100);
        allocations_left = -1;
        http_request_finish(&request);
        assert_true(status_code == 0 || status_code == 500);
        n_refused += status_code == 500;
        assert_true(allowed < 100);
    }
    assert_true(n_refused >= 3);
}

static void a_query_without_memory_is_resource_exhausted(void **state)
{
    (void)state;
    struct http_query query = {.text = NULL};
    struct error error = ERROR_NONE;
    allocations_left = 0;
    enum status status = http_query_parse("a=b", &query, &error);
    allocations_left = -1;
    assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
    assert_null(query.text);
    assert_string_not_equal(error.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_without_memory_is_a_500),
        cmocka_unit_test(a_query_without_memory_is_resource_exhausted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
