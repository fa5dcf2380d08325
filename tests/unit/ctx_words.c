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
#include "ctx/peer.h"
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

/* --- where causes and deadlines come from ---------------------------------------------------- */

static void a_cancel_knows_how_far_it_came_and_who_brought_it(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    assert_int_equal(ctx_cause_hop(child->ctx), 0);
    struct ctx_source source = {.hop = CTX_HOPS_MAX, .peer = ctx_peer_number("api-gateway")};
    ctx_cancel_from_peer(scope, CTX_CAUSE_USER_CANCELLED, source);
    CTX_SCOPE(late, ctx_with_cancel(child->ctx));
    const struct ctx *all[] = {scope->ctx, child->ctx, late->ctx};
    for (size_t i = 0; i < LENGTH_OF(all); i++) {
        assert_int_equal(ctx_cause(all[i]), CTX_CAUSE_USER_CANCELLED);
        assert_int_equal(ctx_err(all[i]), STATUS_CANCELLED);
        assert_int_equal(ctx_cause_hop(all[i]), CTX_HOPS_MAX);
        assert_string_equal(ctx_peer_name(ctx_cause_source(all[i]).peer), "api-gateway");
    }
}

static void a_deadline_keeps_its_source_until_a_nearer_one_counts(void **state)
{
    (void)state;
    uint64_t now_ns = clock_now_ns();
    struct ctx_source far = {.hop = 3, .peer = ctx_peer_number("api-gateway")};
    CTX_SCOPE(scope, ctx_with_deadline_from_peer(ctx_background(), CTX_ORIGIN_TIMEOUT_QUERY, far,
                         now_ns + CTX_SECONDS(10)));
    CTX_SCOPE(later, ctx_with_timeout(scope->ctx, CTX_SECONDS(20)));
    CTX_SCOPE(nearer, ctx_with_timeout(later->ctx, CTX_SECONDS(5)));
    CTX_SCOPE(moving, ctx_with_moving_deadline(later->ctx, CTX_ORIGIN_NONE, CLOCK_NEVER));
    assert_int_equal(ctx_deadline_hop(later->ctx), 3);
    assert_string_equal(ctx_peer_name(ctx_deadline_source(later->ctx).peer), "api-gateway");
    assert_int_equal(ctx_deadline_origin(later->ctx), CTX_ORIGIN_TIMEOUT_QUERY);
    assert_int_equal(ctx_deadline_hop(nearer->ctx), 0);
    assert_null(ctx_peer_name(ctx_deadline_source(nearer->ctx).peer));
    assert_int_equal(ctx_deadline_hop(moving->ctx), 3);
    struct ctx_source near = {.hop = 1};
    assert_true(
        ctx_move_deadline_from_peer(moving, CTX_ORIGIN_METHOD_CAP, near, now_ns + CTX_SECONDS(7)));
    assert_int_equal(ctx_deadline_hop(moving->ctx), 1);
    assert_int_equal(ctx_deadline_origin(moving->ctx), CTX_ORIGIN_METHOD_CAP);
}

/* The last test of this program: the table of names stays full. */
static void names_of_peers_are_numbers_and_their_table_is_bounded(void **state)
{
    (void)state;
    assert_null(ctx_peer_name(0));
    assert_null(ctx_peer_name(UINT8_MAX));
    assert_int_equal(ctx_peer_number(""), 0);
    uint8_t number = ctx_peer_number("report-service");
    assert_int_equal(ctx_peer_number("report-service"), number);
    assert_string_equal(ctx_peer_name(number), "report-service");
    char name[CTX_PEER_NAME_MAX + 8];
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(strlen(ctx_peer_name(ctx_peer_number(name))), CTX_PEER_NAME_MAX - 1);
    unsigned int n_given = 0;
    for (unsigned int i = 0; i < 2 * CTX_PEERS_MAX; i++) {
        snprintf(name, sizeof(name), "peer-%u", i);
        n_given += ctx_peer_number(name) != 0;
    }
    assert_true(n_given < CTX_PEERS_MAX);
    assert_int_equal(ctx_peer_number("one more"), 0);
    assert_int_equal(ctx_peer_number("report-service"), number);
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
        cmocka_unit_test(a_cancel_knows_how_far_it_came_and_who_brought_it),
        cmocka_unit_test(a_deadline_keeps_its_source_until_a_nearer_one_counts),
        cmocka_unit_test(names_of_peers_are_numbers_and_their_table_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
