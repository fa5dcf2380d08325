/* Causes and origins as words and numbers, and what is said when something is lost or missing. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctx/cause.h"
#include "ctx/ctx.h"
#include "ctx/test.h"

enum { WIRE_UNKNOWN = 4711, OUTPUT_LEN_MAX = 1024 };

static void a_cause_survives_the_wire(void **state)
{
    (void)state;
    assert_int_equal(
        ctx_cause_from_wire(CTX_CAUSE_CLIENT_DISCONNECTED), CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_string_equal(ctx_cause_word(CTX_CAUSE_CLIENT_DISCONNECTED), "client_disconnected");
    assert_int_equal(ctx_cause_status(CTX_CAUSE_NONE), STATUS_OK);
    assert_int_equal(ctx_cause_status(CTX_CAUSE_DEADLINE_EXCEEDED), STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(ctx_cause_status(CTX_CAUSE_OUT_OF_MEMORY), STATUS_RESOURCE_EXHAUSTED);
}

static void a_number_from_the_future_is_plain_cancelled(void **state)
{
    (void)state;
    assert_int_equal(ctx_cause_from_wire(WIRE_UNKNOWN), CTX_CAUSE_CANCELLED);
    assert_string_equal(ctx_cause_word((enum ctx_cause)WIRE_UNKNOWN), "unknown");
    assert_int_equal(ctx_cause_status((enum ctx_cause)WIRE_UNKNOWN), STATUS_CANCELLED);
}

static void an_origin_survives_the_wire(void **state)
{
    (void)state;
    assert_string_equal(
        ctx_origin_word(ctx_origin_from_wire(CTX_ORIGIN_TIMEOUT_QUERY)), "query:timeout");
    assert_int_equal(ctx_origin_from_wire(WIRE_UNKNOWN), CTX_ORIGIN_CALLER);
    assert_string_equal(ctx_origin_word((enum ctx_origin)WIRE_UNKNOWN), "unknown");
}

/* Runs ctx_test_no_leaks with stderr in a pipe. */
static bool no_leaks_saying(char *ret_output)
{
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    dup2(pipe_fds[1], STDERR_FILENO);
    close(pipe_fds[1]);
    bool is_clean = ctx_test_no_leaks();
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t len = read(pipe_fds[0], ret_output, OUTPUT_LEN_MAX - 1);
    close(pipe_fds[0]);
    ret_output[len > 0 ? len : 0] = '\0';
    return is_clean;
}

static void a_leak_is_told_with_the_line_that_made_it(void **state)
{
    (void)state;
    char output[OUTPUT_LEN_MAX];
    char place[OUTPUT_LEN_MAX];
    int line = __LINE__ + 1;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    snprintf(place, sizeof place, "%s:%d", __FILE__, line);
    assert_false(no_leaks_saying(output));
    assert_non_null(strstr(output, place));
    ctx_scope_end(scope);
    assert_true(no_leaks_saying(output));
    assert_string_equal(output, "");
}

static void without_descriptors_there_is_none_for_now(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int fd = ctx_done_fd(scope->ctx);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(fd, -1);
    fd = ctx_done_fd(scope->ctx);
    assert_true(fd >= 0);
    const struct ctx *held = ctx_ref(scope->ctx);
    assert_true(fcntl(fd, F_GETFD) >= 0);
    ctx_unref(held);
}

static void the_descriptor_is_closed_with_the_last_reference(void **state)
{
    (void)state;
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    const struct ctx *held = ctx_ref(scope->ctx);
    int fd = ctx_done_fd(held);
    ctx_scope_end(scope);
    assert_true(fcntl(fd, F_GETFD) >= 0);
    ctx_unref(held);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cause_survives_the_wire),
        cmocka_unit_test(a_number_from_the_future_is_plain_cancelled),
        cmocka_unit_test(an_origin_survives_the_wire),
        cmocka_unit_test(a_leak_is_told_with_the_line_that_made_it),
        cmocka_unit_test(without_descriptors_there_is_none_for_now),
        cmocka_unit_test(the_descriptor_is_closed_with_the_last_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
