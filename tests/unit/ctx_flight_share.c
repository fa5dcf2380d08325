/* Single flight between blocked threads. Groups start them, doors hold them, the test's thread
 * asserts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "ctx/current.h"
#include "ctx/flight.h"
#include "ctx/group.h"
#include "ctx/test.h"

static struct ctx_flights *flights;
static unsigned int n_looks; /* of look_at_members */

static int set_up(void **state)
{
    (void)state;
    n_looks = 0;
    flights = ctx_flights_new(0);
    return flights == NULL ? 1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    ctx_flights_free(flights);
    return ctx_test_no_leaks() ? 0 : 1;
}

/* The question, and all that is to be known about who computed the answer. */
struct question {
    struct ctx_scope *door; /* the computation waits until it is cancelled */
    struct ctx_scope *running;
    _Atomic unsigned int n_runs;
    enum status status; /* of the answer */
    enum ctx_cause cause;
    bool is_current_right;
    struct ctx_result answer;
    _Atomic unsigned int n_freed;
};

static void question_make(struct question *question)
{
    *question = (struct question){.status = STATUS_OK};
    question->door = ctx_with_cancel(ctx_background());
    question->running = ctx_with_cancel(ctx_background());
}

static void question_end(struct question *question)
{
    ctx_scope_end(question->door);
    ctx_scope_end(question->running);
}

static void answer_free(struct ctx_result *answer)
{
    CONTAINER_OF(answer, struct question, answer)->n_freed++;
}

static void open_door(void *door)
{
    ctx_cancel(door, CTX_CAUSE_CANCELLED);
}

/* Runs until the door opens, or until it is told to stop. */
static enum status compute(
    const struct ctx *ctx, void *arg, struct ctx_result **ret_result, struct error *ret_error)
{
    struct question *question = arg;
    question->n_runs++;
    question->is_current_right = ctx_current() == ctx;
    ctx_cancel(question->running, CTX_CAUSE_CANCELLED);
    struct ctx_after *after = ctx_after_func(ctx, open_door, question->door);
    (void)ctx_wait(question->door->ctx);
    ctx_stop_wait(after);
    question->cause = ctx_cause(ctx);
    if (ctx_err(ctx) != STATUS_OK) {
        return ctx_err(ctx);
    }
    if (question->status != STATUS_OK) {
        return error_set(ret_error, question->status, "site 7 is unknown");
    }
    ctx_result_init(&question->answer, answer_free);
    *ret_result = &question->answer;
    return STATUS_OK;
}

/* A caller on a thread of its own. */
struct caller {
    struct question *question;
    struct ctx_scope *scope;
    struct ctx_scope *returned;
    enum status status;
    struct ctx_result *result;
    struct error error;
};

static enum status ask(const struct ctx *ctx, void *arg)
{
    (void)ctx;
    struct caller *caller = arg;
    caller->status = ctx_flight_share(caller->scope->ctx, flights, bytes_of("question"), compute,
        caller->question, &caller->result, &caller->error);
    ctx_cancel(caller->returned, CTX_CAUSE_CANCELLED);
    return STATUS_OK;
}

static void caller_start(struct caller *caller, struct ctx_group *group, struct question *question)
{
    *caller = (struct caller){.question = question, .error = ERROR_NONE};
    caller->scope = ctx_with_cancel(ctx_background());
    caller->returned = ctx_with_cancel(ctx_background());
    assert_int_equal(ctx_group_run(group, ask, caller), STATUS_OK);
}

static void caller_end(struct caller *caller)
{
    ctx_result_unref(caller->result);
    ctx_scope_end(caller->scope);
    ctx_scope_end(caller->returned);
}

static bool is_done_soon(const struct ctx_scope *scope)
{
    (void)ctx_wait_until(scope->ctx, clock_now_ns() + CTX_SECONDS(20));
    return ctx_done(scope->ctx);
}

/* --- who waits ------------------------------------------------------------------------------ */

static void forget(void *arg, const struct ctx_flight_end *end)
{
    (void)arg;
    (void)end;
}

/* Members that have ever joined the running flight: looks by becoming one for a moment. */
static unsigned int look_at_members(void)
{
    struct ctx_flight candidate;
    struct ctx_flight_ticket ticket = {.n_joined = 0};
    struct ctx_flight_member member = {.on_end = forget};
    struct ctx_scope *scope = ctx_with_cancel(ctx_background());
    if (ctx_flight_init(&candidate, bytes_of("question"), ctx_flight_finish) == STATUS_OK &&
        ctx_flight_join(scope->ctx, flights, &candidate, NULL, &member, &ticket) == STATUS_OK) {
        ctx_cancel(scope, CTX_CAUSE_CANCELLED);
        ctx_test_settle();
        ctx_flight_unref(ticket.flight);
    }
    ctx_scope_end(scope);
    return ticket.n_joined - ++n_looks;
}

static bool wait_for_members(unsigned int n_wanted)
{
    uint64_t limit_ns = clock_now_ns() + CTX_SECONDS(20);
    while (look_at_members() < n_wanted && clock_now_ns() < limit_ns) {
        (void)ctx_wait_until(ctx_background(), clock_now_ns() + CTX_MS(1));
    }
    return clock_now_ns() < limit_ns;
}

/* --- tests ---------------------------------------------------------------------------------- */

struct scene {
    struct question question;
    struct ctx_group *group;
    struct caller leader;
    struct caller others[2];
};

/* A leader computes, two others wait. */
static void scene_start(struct scene *scene)
{
    question_make(&scene->question);
    scene->group = ctx_group_new(ctx_background());
    caller_start(&scene->leader, scene->group, &scene->question);
    assert_true(is_done_soon(scene->question.running));
    caller_start(&scene->others[0], scene->group, &scene->question);
    caller_start(&scene->others[1], scene->group, &scene->question);
    assert_true(wait_for_members(3));
}

static void scene_join(struct scene *scene)
{
    assert_int_equal(ctx_group_wait(scene->group), STATUS_OK);
    ctx_test_settle(); /* who tells a caller that it has left lets go of the flight after that */
}

static void scene_end(struct scene *scene)
{
    caller_end(&scene->leader);
    caller_end(&scene->others[0]);
    caller_end(&scene->others[1]);
    question_end(&scene->question);
}

static void callers_of_one_question_share_one_run_and_its_result(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    open_door(scene.question.door);
    scene_join(&scene);
    assert_int_equal(scene.question.n_runs, 1);
    assert_true(scene.question.is_current_right);
    assert_int_equal(scene.leader.status, STATUS_OK);
    assert_ptr_equal(scene.leader.result, &scene.question.answer);
    for (size_t i = 0; i < LENGTH_OF(scene.others); i++) {
        assert_int_equal(scene.others[i].status, STATUS_OK);
        assert_ptr_equal(scene.others[i].result, &scene.question.answer);
    }
    assert_int_equal(scene.question.n_freed, 0);
    scene_end(&scene);
    assert_int_equal(scene.question.n_freed, 1);
}

static void a_leader_whose_caller_has_gone_computes_on_for_the_others(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    ctx_cancel(scene.leader.scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    ctx_test_settle();
    assert_false(ctx_done(scene.leader.returned->ctx));
    open_door(scene.question.door);
    scene_join(&scene);
    assert_int_equal(scene.question.cause, CTX_CAUSE_NONE);
    assert_int_equal(scene.leader.status, STATUS_CANCELLED);
    assert_int_equal(scene.leader.error.status, STATUS_CANCELLED);
    assert_null(scene.leader.result);
    assert_int_equal(scene.others[0].status, STATUS_OK);
    assert_int_equal(scene.others[1].status, STATUS_OK);
    scene_end(&scene);
}

static void a_waiting_caller_returns_as_soon_as_its_context_is_done(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    ctx_cancel(scene.others[0].scope, CTX_CAUSE_USER_CANCELLED);
    assert_true(is_done_soon(scene.others[0].returned));
    assert_false(ctx_done(scene.others[1].returned->ctx));
    assert_int_equal(scene.others[0].status, STATUS_CANCELLED);
    open_door(scene.question.door);
    scene_join(&scene);
    assert_int_equal(scene.leader.status, STATUS_OK);
    assert_int_equal(scene.others[1].status, STATUS_OK);
    scene_end(&scene);
}

static void the_run_is_cancelled_when_all_have_gone(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    ctx_cancel(scene.leader.scope, CTX_CAUSE_USER_CANCELLED);
    ctx_cancel(scene.others[0].scope, CTX_CAUSE_USER_CANCELLED);
    ctx_test_settle();
    assert_false(ctx_done(scene.question.door->ctx));
    ctx_cancel(scene.others[1].scope, CTX_CAUSE_PEER_LOST);
    scene_join(&scene);
    assert_int_equal(scene.question.cause, CTX_CAUSE_PEER_LOST);
    assert_int_equal(scene.leader.status, STATUS_CANCELLED);
    assert_int_equal(scene.others[1].status, STATUS_CANCELLED);
    scene_end(&scene);
}

static void a_failure_is_told_to_all_with_its_words(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene);
    scene.question.status = STATUS_NOT_FOUND; /* read after the door has opened */
    open_door(scene.question.door);
    scene_join(&scene);
    const struct caller *const callers[] = {&scene.leader, &scene.others[0], &scene.others[1]};
    for (size_t i = 0; i < LENGTH_OF(callers); i++) {
        assert_int_equal(callers[i]->status, STATUS_NOT_FOUND);
        assert_int_equal(callers[i]->error.status, STATUS_NOT_FOUND);
        assert_string_equal(callers[i]->error.text, "site 7 is unknown");
        assert_null(callers[i]->result);
    }
    scene_end(&scene);
}

#define SHARE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARE_TEST(callers_of_one_question_share_one_run_and_its_result),
        SHARE_TEST(a_leader_whose_caller_has_gone_computes_on_for_the_others),
        SHARE_TEST(a_waiting_caller_returns_as_soon_as_its_context_is_done),
        SHARE_TEST(the_run_is_cancelled_when_all_have_gone),
        SHARE_TEST(a_failure_is_told_to_all_with_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
