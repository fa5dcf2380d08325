/* Stopped anywhere, or without memory, room or the right to write: the database is as it was, to
 * the byte (of PostgreSQL: to the row). Allocations fail through -Wl,--wrap, which reaches our code
 * and not SQLite's. */
#include "epro_fixture.h"

#include <stdio.h>
#include <string.h>

#include "ctx/budget.h"
#include "ctx/test.h"
#include "support/failing_memory.h"

static struct epro_fixture *fixture;
static char json[EPRO_JSON_MAX];
static char before[EPRO_FINGERPRINT_MAX];

static void assert_as_before(void)
{
    char after[EPRO_FINGERPRINT_MAX];
    epro_fixture_fingerprint(fixture, after);
    assert_string_equal(before, after);
}

static int setup(void **state)
{
    (void)state;
    size_t len = 0;
    fixture = epro_fixture_new();
    for (int i = 0; i < 20; i++) {
        static char one[EPRO_JSON_MAX];
        char authored[40];
        snprintf(authored, sizeof(authored), "2023-01-%02dT10:00:00Z", i + 1);
        epro_json(one, "phq-9", authored, "333333331", "");
        len += (size_t)snprintf(json + len, sizeof(json) - len, "%s%s", i == 0 ? "[" : ",", one);
    }
    (void)snprintf(json + len, sizeof(json) - len, "]");
    epro_fixture_fingerprint(fixture, before);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    epro_fixture_free(fixture);
    return 0;
}

/* A client that leaves at the n-th look. */
struct leaving {
    const struct ctx_scope *scope;
    unsigned int n_polls;
    unsigned int leave_at;
};

static enum status on_poll(
    const struct ctx *ctx, void *arg, uint64_t done, uint64_t total, struct error *ret_error)
{
    struct leaving *leaving = arg;
    (void)done;
    (void)total;
    if (leaving->n_polls++ == leaving->leave_at) {
        ctx_cancel(leaving->scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        return error_set(ret_error, ctx_err(ctx), "left");
    }
    return STATUS_OK;
}

static void a_client_that_leaves_at_any_look_leaves_nothing(void **state)
{
    (void)state;
    enum { LOOKS_MAX = 64 };
    unsigned int n_looks = 0;
    for (; n_looks < LOOKS_MAX; n_looks++) {
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        struct leaving leaving = {.scope = scope, .leave_at = n_looks};
        struct error error = ERROR_NONE;
        struct epro_request request = epro_fixture_request("01-001", json);
        request.poll = on_poll;
        request.poll_arg = &leaving;
        struct epro_job *job = epro_job_new(fixture->db, &request);
        assert_non_null(job);
        enum status status = epro_fixture_steps(scope->ctx, job, &error);
        epro_job_free(job);
        if (status == STATUS_OK) {
            break;
        }
        assert_int_equal(status, STATUS_CANCELLED);
        assert_as_before();
    }
    assert_true(n_looks > 12 && n_looks < LOOKS_MAX);
    assert_int_equal(epro_fixture_integer(fixture, "SELECT count(*) FROM epro_alert"), 40);
}

static void each_step_hears_a_context_that_is_done_and_says_which_it_is(void **state)
{
    (void)state;
    typedef enum status step_fn(const struct ctx *, struct epro_job *, struct error *);
    static step_fn *const STEPS[EPRO_STEPS] = {
        epro_load, epro_validate, epro_score, epro_alert, epro_store};
    for (int stop_in = 1; stop_in <= EPRO_STEPS; stop_in++) {
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        char words[40];
        struct error error = ERROR_NONE;
        struct epro_request request = epro_fixture_request("01-001", json);
        struct epro_job *job = epro_job_new(fixture->db, &request);
        assert_non_null(job);
        for (int step = 1; step < stop_in; step++) {
            assert_int_equal(STEPS[step - 1](scope->ctx, job, &error), STATUS_OK);
        }
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        assert_int_equal(STEPS[stop_in - 1](scope->ctx, job, &error), STATUS_CANCELLED);
        snprintf(words, sizeof(words), "step %d (%s) of 5", stop_in, epro_step_name(stop_in));
        assert_non_null(strstr(error.text, words));
        epro_job_free(job);
        assert_as_before();
    }
}

#ifndef EPRO_POSTGRES
/* The store step's budget; the lock is waited for after its first look. */
struct waiting {
    struct ctx_budget budget;
    bool has_waited;
};

enum { WAIT_MS = 1000, LEFT_MS = 100 };

static enum status on_poll_wait(
    const struct ctx *ctx, void *arg, uint64_t done, uint64_t total, struct error *ret_error)
{
    struct waiting *waiting = arg;
    enum status status = ctx_budget_check(ctx, &waiting->budget, done, total, "stored", ret_error);
    if (waiting->budget.is_in_phase && !waiting->has_waited) {
        waiting->has_waited = true;
        ctx_test_clock_advance(CTX_MS(WAIT_MS));
    }
    return status;
}

/* By the time until the 16th response the last four would need more than what is left. */
static void a_wait_for_the_write_lock_is_not_taken_for_slowness(void **state)
{
    (void)state;
    static const struct ctx_phase PHASES[] = {{"store", 1}};
    struct waiting waiting = {.has_waited = false};
    struct error error = ERROR_NONE;
    struct epro_request request = epro_fixture_request("01-001", json);
    request.poll = on_poll_wait;
    request.poll_arg = &waiting;
    ctx_test_clock_start();
    struct ctx_scope *scope = ctx_with_timeout(ctx_background(), CTX_MS(WAIT_MS + LEFT_MS));
    struct epro_job *job = epro_job_new(fixture->db, &request);
    assert_non_null(job);
    ctx_budget_begin(&waiting.budget, PHASES, LENGTH_OF(PHASES));
    assert_int_equal(epro_load(scope->ctx, job, &error), STATUS_OK);
    assert_int_equal(epro_validate(scope->ctx, job, &error), STATUS_OK);
    assert_int_equal(epro_score(scope->ctx, job, &error), STATUS_OK);
    assert_int_equal(epro_alert(scope->ctx, job, &error), STATUS_OK);
    ctx_budget_enter(scope->ctx, &waiting.budget, 0);
    enum status status = epro_store(scope->ctx, job, &error);
    epro_job_free(job);
    ctx_scope_end(scope);
    ctx_test_clock_end();
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    assert_true(waiting.has_waited);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    enum { ALLOCATIONS_MAX = 2000 };
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    unsigned int number = 0;
    for (; number < ALLOCATIONS_MAX && status != STATUS_OK; number++) {
        struct error error = ERROR_NONE;
        struct epro_request request = epro_fixture_request("01-001", json);
        failing_memory_start_at(number, false);
        struct epro_job *job = epro_job_new(fixture->db, &request);
        status = job == NULL ? STATUS_RESOURCE_EXHAUSTED
                             : epro_fixture_steps(ctx_background(), job, &error);
        failing_memory_stop();
        epro_job_free(job);
        if (status != STATUS_OK) {
            assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
            assert_true(job == NULL || error.text[0] != '\0');
            assert_as_before();
        }
    }
    assert_true(number > 30 && number < ALLOCATIONS_MAX);
}

static enum status store_status(struct db *db, struct error *ret_error)
{
    struct epro_request request = epro_fixture_request("01-001", json);
    struct epro_job *job = epro_job_new(db, &request);
    assert_non_null(job);
    enum status status = epro_fixture_steps(ctx_background(), job, ret_error);
    epro_job_free(job);
    return status;
}

static void a_database_open_for_reading_says_what_to_do(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct db *db = NULL;
    const struct db_options options = {
        .name = "edc", .uri = fixture->uri, .mode = DB_OPEN_READ_ONLY};
    assert_int_equal(db_open(ctx_background(), &options, &db, &error), STATUS_OK);
    assert_int_equal(store_status(db, &error), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "write access"));
    assert_non_null(strstr(error.text, "reading only"));
    db_close(db);
    assert_as_before();
}

/* The largest number of pages holds for this connection, which is the pool's next, too. */
static void a_full_database_says_so_and_is_as_it_was(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    struct db_session *session = NULL;
    bool has_row = false;
    assert_int_equal(db_begin(ctx_background(), fixture->db, DB_READ, &session, &error), STATUS_OK);
    assert_int_equal(
        db_query(ctx_background(), session, "PRAGMA max_page_count = 1", NULL, 0, &rows, &error),
        STATUS_OK);
    assert_int_equal(db_next(ctx_background(), rows, &has_row, &error), STATUS_OK);
    db_rows_free(rows);
    db_end(session);
    assert_int_equal(store_status(fixture->db, &error), STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "no space left"));
    assert_as_before();
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_client_that_leaves_at_any_look_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(
            each_step_hears_a_context_that_is_done_and_says_which_it_is, setup, teardown),
#ifndef EPRO_POSTGRES
        cmocka_unit_test_setup_teardown(
            a_wait_for_the_write_lock_is_not_taken_for_slowness, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_database_open_for_reading_says_what_to_do, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_database_says_so_and_is_as_it_was, setup, teardown),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
