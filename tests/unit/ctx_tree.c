/* The tree: who is done when, why, and what is inherited. Fake clock, no threads of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ctx/ctx.h"
#include "ctx/registry.h"
#include "ctx/test.h"

static int clock_set_up(void **state)
{
    (void)state;
    ctx_test_clock_start();
    return 0;
}

static int clock_tear_down(void **state)
{
    (void)state;
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

static void roots_are_never_done(void **state)
{
    (void)state;
    assert_false(ctx_done(ctx_background()));
    assert_false(ctx_done(ctx_todo()));
    assert_int_equal(ctx_err(ctx_background()), STATUS_OK);
    assert_int_equal(ctx_deadline_ns(ctx_background()), CLOCK_NEVER);
    assert_int_equal(ctx_remaining_ns(ctx_background()), CLOCK_NEVER);
    assert_int_equal(ctx_deadline_origin(ctx_background()), CTX_ORIGIN_NONE);
    assert_ptr_not_equal(ctx_background(), ctx_todo());
}

static void cancel_reaches_children_once(void **state)
{
    (void)state;
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(child, ctx_with_cancel(parent->ctx));
    CTX_SCOPE(grandchild, ctx_with_cancel(child->ctx));
    ctx_cancel(parent, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_cause(grandchild->ctx), CTX_CAUSE_USER_CANCELLED);
    uint64_t done_at_ns = ctx_done_at_ns(grandchild->ctx);
    assert_int_equal(done_at_ns, clock_now_ns());
    ctx_test_clock_advance(CTX_MS(1));
    ctx_cancel(parent, CTX_CAUSE_PEER_LOST);
    ctx_cancel(child, CTX_CAUSE_PEER_LOST);
    assert_int_equal(ctx_cause(parent->ctx), CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_done_at_ns(grandchild->ctx), done_at_ns);
}

static void cancel_does_not_reach_the_parent(void **state)
{
    (void)state;
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(child, ctx_with_cancel(parent->ctx));
    CTX_SCOPE(sibling, ctx_with_cancel(parent->ctx));
    ctx_cancel(child, CTX_CAUSE_CANCELLED);
    assert_true(ctx_done(child->ctx));
    assert_false(ctx_done(parent->ctx));
    assert_false(ctx_done(sibling->ctx));
    assert_int_equal(ctx_done_at_ns(parent->ctx), 0);
}

static void the_childs_own_cause_stays_when_it_came_first(void **state)
{
    (void)state;
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(child, ctx_with_cancel(parent->ctx));
    ctx_cancel(child, CTX_CAUSE_PEER_LOST);
    ctx_cancel(parent, CTX_CAUSE_SERVER_DRAINING);
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_PEER_LOST);
    assert_int_equal(ctx_err(parent->ctx), STATUS_UNAVAILABLE);
}

static void a_cancel_without_a_cause_is_cancelled(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_NONE);
    assert_int_equal(ctx_cause(scope->ctx), CTX_CAUSE_CANCELLED);
}

static void a_child_of_a_done_parent_is_done_at_once(void **state)
{
    (void)state;
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    ctx_cancel(parent, CTX_CAUSE_CLIENT_DISCONNECTED);
    CTX_SCOPE(child, ctx_with_timeout(parent->ctx, CTX_SECONDS(1)));
    assert_true(ctx_done(child->ctx));
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(ctx_done_at_ns(child->ctx), ctx_done_at_ns(parent->ctx));
}

static void ending_a_scope_ends_its_children_and_what_is_held(void **state)
{
    (void)state;
    struct ctx_scope *parent = ctx_with_cancel(ctx_background());
    CTX_SCOPE(child, ctx_with_cancel(parent->ctx));
    const struct ctx *held = ctx_ref(parent->ctx);
    ctx_scope_end(parent);
    assert_int_equal(ctx_cause(held), CTX_CAUSE_SCOPE_ENDED);
    assert_int_equal(ctx_cause(child->ctx), CTX_CAUSE_SCOPE_ENDED);
    assert_true(ctx_descends_from(child->ctx, held));
    ctx_unref(held);
    assert_true(ctx_done(child->ctx));
}

static void ending_nothing_is_allowed(void **state)
{
    (void)state;
    ctx_scope_end(NULL);
    ctx_unref(NULL);
}

static void values_are_those_of_the_nearest_ancestor(void **state)
{
    (void)state;
    static const struct ctx_key NAME = {"name"};
    static const struct ctx_key SAME_NAME = {"name"};
    int outer_value = 1;
    int inner_value = 2;
    CTX_SCOPE(outer, ctx_with_value(ctx_background(), &NAME, &outer_value));
    CTX_SCOPE(between, ctx_with_cancel(outer->ctx));
    CTX_SCOPE(other, ctx_with_value(between->ctx, &SAME_NAME, &inner_value));
    CTX_SCOPE(inner, ctx_with_value(other->ctx, &NAME, &inner_value));
    assert_ptr_equal(ctx_value(between->ctx, &NAME), &outer_value);
    assert_ptr_equal(ctx_value(other->ctx, &NAME), &outer_value);
    assert_ptr_equal(ctx_value(inner->ctx, &NAME), &inner_value);
    assert_ptr_equal(ctx_value(inner->ctx, &SAME_NAME), &inner_value);
    assert_null(ctx_value(between->ctx, &SAME_NAME));
    assert_null(ctx_value(ctx_background(), &NAME));
}

static void a_value_can_be_cancelled_like_any_child(void **state)
{
    (void)state;
    static const struct ctx_key KEY = {"key"};
    CTX_SCOPE(parent, ctx_with_timeout(ctx_background(), CTX_SECONDS(5)));
    CTX_SCOPE(value, ctx_with_value(parent->ctx, &KEY, &KEY));
    assert_int_equal(ctx_remaining_ns(value->ctx), CTX_SECONDS(5));
    ctx_cancel(parent, CTX_CAUSE_CANCELLED);
    assert_true(ctx_done(value->ctx));
}

static void without_cancel_keeps_values_and_nothing_else(void **state)
{
    (void)state;
    static const struct ctx_key KEY = {"key"};
    CTX_SCOPE(parent, ctx_with_timeout(ctx_background(), CTX_SECONDS(1)));
    CTX_SCOPE(value, ctx_with_value(parent->ctx, &KEY, "kept"));
    CTX_SCOPE(detached, ctx_without_cancel(value->ctx));
    CTX_SCOPE(below, ctx_with_cancel(detached->ctx));
    assert_string_equal(ctx_value(below->ctx, &KEY), "kept");
    assert_int_equal(ctx_deadline_ns(below->ctx), CLOCK_NEVER);
    assert_int_equal(ctx_deadline_origin(below->ctx), CTX_ORIGIN_NONE);
    assert_false(ctx_descends_from(below->ctx, parent->ctx));
    assert_true(ctx_descends_from(below->ctx, detached->ctx));
    assert_true(ctx_stems_from(below->ctx, parent->ctx));
    ctx_cancel(parent, CTX_CAUSE_CANCELLED);
    ctx_test_clock_advance(CTX_SECONDS(2));
    assert_int_equal(ctx_err(below->ctx), STATUS_OK);
    ctx_cancel(detached, CTX_CAUSE_CANCELLED);
    assert_true(ctx_done(below->ctx));
}

static void without_cancel_of_a_done_context_is_not_done(void **state)
{
    (void)state;
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    ctx_cancel(parent, CTX_CAUSE_CANCELLED);
    CTX_SCOPE(detached, ctx_without_cancel(parent->ctx));
    assert_false(ctx_done(detached->ctx));
}

static void descent_is_by_line_not_by_values(void **state)
{
    (void)state;
    CTX_SCOPE(parent, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(child, ctx_with_cancel(parent->ctx));
    CTX_SCOPE(sibling, ctx_with_cancel(parent->ctx));
    assert_true(ctx_descends_from(child->ctx, child->ctx));
    assert_true(ctx_descends_from(child->ctx, parent->ctx));
    assert_true(ctx_descends_from(child->ctx, ctx_background()));
    assert_false(ctx_descends_from(child->ctx, ctx_todo()));
    assert_false(ctx_descends_from(child->ctx, sibling->ctx));
    assert_false(ctx_descends_from(parent->ctx, child->ctx));
    assert_true(ctx_stems_from(child->ctx, parent->ctx));
    assert_false(ctx_stems_from(child->ctx, sibling->ctx));
    assert_false(ctx_stems_from(ctx_background(), parent->ctx));
}

/* Recursion would overflow the stack here; so would freeing the chain from its far end. */
static void a_chain_of_100000_is_cancelled_and_freed_without_recursion(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    static struct ctx_scope *scopes[DEPTH];
    CTX_SCOPE(root, ctx_with_cancel(ctx_background()));
    const struct ctx *last = ctx_ref(root->ctx);
    for (size_t i = 0; i < DEPTH; i++) {
        scopes[i] = ctx_with_cancel(i == 0 ? root->ctx : scopes[i - 1]->ctx);
    }
    ctx_unref(last);
    last = ctx_ref(scopes[DEPTH - 1]->ctx);
    assert_false(ctx_done(last));
    ctx_cancel(root, CTX_CAUSE_USER_CANCELLED);
    assert_int_equal(ctx_cause(last), CTX_CAUSE_USER_CANCELLED);
    for (size_t i = 0; i < DEPTH; i++) {
        ctx_scope_end(scopes[i]);
    }
    ctx_unref(last);
}

static void live_scopes_are_counted(void **state)
{
    (void)state;
    uint64_t n_before = ctx_live_scopes();
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    const struct ctx *held = ctx_ref(scope->ctx);
    assert_int_equal(ctx_live_scopes(), n_before + 1);
    ctx_scope_end(scope);
    assert_int_equal(ctx_live_scopes(), n_before);
    ctx_unref(held);
}

struct sighting {
    int line;
    int n_seen;
    uint64_t age_ns;
};

static void on_live(void *arg, const struct ctx_live *live)
{
    struct sighting *sighting = arg;
    if (live->site.line == sighting->line && strcmp(live->site.file, __FILE__) == 0) {
        sighting->n_seen++;
        sighting->age_ns = live->age_ns;
    }
}

static void the_registry_tells_where_and_when_a_scope_was_made(void **state)
{
    (void)state;
    struct sighting sighting = {.line = __LINE__ + 1};
    struct ctx_scope *scope = ctx_with_timeout(ctx_background(), CTX_SECONDS(100));
    ctx_test_clock_advance(CTX_SECONDS(7));
    ctx_registry_visit(on_live, &sighting);
    assert_int_equal(sighting.n_seen, 1);
    assert_int_equal(sighting.age_ns, CTX_SECONDS(7));
    ctx_scope_end(scope);
    ctx_registry_visit(on_live, &sighting);
    assert_int_equal(sighting.n_seen, 1);
}

#ifndef NDEBUG
/* --- what a debug build catches: each in a process of its own, which must die ---------------- */

static bool dies(void (*mistake)(void))
{
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO); /* the assertion's words would look like a failure of this test */
        signal(SIGABRT, SIG_DFL);
        signal(SIGSEGV, SIG_DFL);
        mistake();
        _exit(0);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child &&
           !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void no_mistake(void)
{
    ctx_scope_end(ctx_with_cancel(ctx_background()));
}

/* Through a pointer: compiler and analyzer see the plain form of these mistakes, and refuse it. */
static void (*volatile end_unseen)(struct ctx_scope *scope) = ctx_scope_end;

static void end_twice(void)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    end_unseen(scope);
    end_unseen(scope);
}

static void ask_after_the_end(void)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    const struct ctx *ctx = scope->ctx;
    end_unseen(scope);
    (void)ctx_done(ctx);
}

static void pass_on_after_the_end(void)
{
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    const struct ctx *held = ctx_ref(scope->ctx);
    end_unseen(scope);
    (void)ctx_done(scope->ctx);
    ctx_unref(held);
}

static void mistakes_with_an_ended_scope_are_caught(void **state)
{
    (void)state;
    assert_false(dies(no_mistake));
    assert_true(dies(end_twice));
    assert_true(dies(ask_after_the_end));
    assert_true(dies(pass_on_after_the_end));
}
#endif

#define CLOCKED(test) cmocka_unit_test_setup_teardown(test, clock_set_up, clock_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLOCKED(roots_are_never_done),
        CLOCKED(cancel_reaches_children_once),
        CLOCKED(cancel_does_not_reach_the_parent),
        CLOCKED(the_childs_own_cause_stays_when_it_came_first),
        CLOCKED(a_cancel_without_a_cause_is_cancelled),
        CLOCKED(a_child_of_a_done_parent_is_done_at_once),
        CLOCKED(ending_a_scope_ends_its_children_and_what_is_held),
        CLOCKED(ending_nothing_is_allowed),
        CLOCKED(values_are_those_of_the_nearest_ancestor),
        CLOCKED(a_value_can_be_cancelled_like_any_child),
        CLOCKED(without_cancel_keeps_values_and_nothing_else),
        CLOCKED(without_cancel_of_a_done_context_is_not_done),
        CLOCKED(descent_is_by_line_not_by_values),
        CLOCKED(a_chain_of_100000_is_cancelled_and_freed_without_recursion),
        CLOCKED(live_scopes_are_counted),
        CLOCKED(the_registry_tells_where_and_when_a_scope_was_made),
#ifndef NDEBUG
        CLOCKED(mistakes_with_an_ended_scope_are_caught),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
