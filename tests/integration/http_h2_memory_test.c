/* Out of memory at every allocation in turn, nghttp2's included: the stream or the connection is
 * lost, nothing else is, and every request that a handler saw ends once (http_pipe.h looks). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/failing_memory.h"
#include "support/http_pipe.h"

enum { ALLOCATIONS_MAX = 2000, READ_MAX = 4096 };

static size_t read_all(struct http_pipe *pipe)
{
    uint8_t answer[READ_MAX];
    size_t len = 0;
    size_t n = http_pipe_take(pipe, answer, sizeof(answer));
    while (n > 0) {
        len += n;
        n = http_pipe_take(pipe, answer, sizeof(answer));
    }
    return len;
}

/* Preface, SETTINGS; POST with a body that is echoed; a parked GET that is answered in pieces; one
 * that is reset; a farewell. Returns how much came back. */
static size_t converse(struct http_pipe *pipe)
{
    static const char BEGINNING[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    static const char POST[] = "\0\0\xc\1\4\0\0\0\1\x83\x86\4\2/b\1\4test"
                               "\0\0\4\0\1\0\0\0\1body";
    static const char GET[] = "\0\0\xc\1\5\0\0\0\3\x82\x86\4\2/p\1\4test";
    static const char RESET[] = "\0\0\xc\1\5\0\0\0\5\x82\x86\4\2/p\1\4test"
                                "\0\0\4\3\0\0\0\0\5\0\0\0\x8";
    (void)http_pipe_send(pipe, BEGINNING, sizeof(BEGINNING) - 1);
    (void)http_pipe_send(pipe, POST, sizeof(POST) - 1);
    (void)http_pipe_send(pipe, GET, sizeof(GET) - 1);
    (void)http_pipe_send(pipe, RESET, sizeof(RESET) - 1);
    size_t len = read_all(pipe);
    http_pipe_act(pipe, HTTP_PIPE_PIECE);
    http_pipe_act(pipe, HTTP_PIPE_PIECE);
    http_pipe_act(pipe, HTTP_PIPE_END);
    len += read_all(pipe);
    http_pipe_act(pipe, HTTP_PIPE_DRAIN);
    return len + read_all(pipe);
}

static void run_out(bool and_all_after)
{
    unsigned int n_failed = 1;
    unsigned int number = 0;
    size_t whole = 0;
    for (; n_failed > 0 && number < ALLOCATIONS_MAX; number++) {
        unsigned int before = failing_memory_count();
        failing_memory_start_at(number, and_all_after);
        struct http_pipe *pipe = http_pipe_open();
        size_t len = pipe == NULL ? 0 : converse(pipe);
        failing_memory_stop();
        n_failed = failing_memory_count() - before;
        if (pipe != NULL) {
            http_pipe_close(pipe);
        }
        whole = len > whole ? len : whole;
    }
    print_message("%u allocations, %zu bytes at best\n", number, whole);
    assert_int_equal(n_failed, 0);
    assert_true(number > 30);
    assert_true(whole > 200);
    assert_true(ctx_test_no_leaks());
}

static void one_allocation_that_fails_costs_a_stream_or_the_connection(void **state)
{
    (void)state;
    run_out(false);
}

static void memory_that_is_gone_for_good_is_survived(void **state)
{
    (void)state;
    run_out(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_allocation_that_fails_costs_a_stream_or_the_connection),
        cmocka_unit_test(memory_that_is_gone_for_good_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
