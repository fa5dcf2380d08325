/* Mistake 2: the context is not passed on. Every function that reaches the database names the place
 * that called it with another context than the handler's, and works all the same. */
#include "db_fixture.h"

#include <stdio.h>
#include <string.h>

#include "ctx/current.h"
#include "ctx/test.h"
#include "support/log_file.h"

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture);
    fixture_run(&fixture, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)");
    log_file_clear();
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    (void)ctx_current_set(NULL);
    fixture_end(*state);
    return ctx_test_no_leaks() ? 0 : 1;
}

/* The whole of the interface but db_open, once, under one context. */
static void use_everything(struct db *db, const struct ctx *ctx, bool is_detached)
{
    struct db_session *session = NULL;
    struct db_rows *rows = NULL;
    struct db_statement *statement = NULL;
    bool has_row = false;
#define CALL(call)                                                                                 \
    do {                                                                                           \
        unsigned int n_before_ = log_file_count("ctx.detached", "");                               \
        assert_int_equal(call, STATUS_OK);                                                         \
        char place_[256];                                                                          \
        snprintf(place_, sizeof(place_), "\"site\":\"%s:%d\"", __FILE__, __LINE__);                \
        assert_int_equal(log_file_count("ctx.detached", ""), n_before_ + (is_detached ? 1 : 0));   \
        assert_int_equal(log_file_count("ctx.detached", place_), is_detached ? 1 : 0);             \
    } while (0)
    CALL(db_begin(ctx, db, DB_WRITE, &session, NULL));
    CALL(db_query(ctx, session, "SELECT a FROM t", NULL, 0, &rows, NULL));
    CALL(db_next(ctx, rows, &has_row, NULL));
    db_rows_free(rows);
    CALL(db_exec(ctx, session, "DELETE FROM t", NULL, 0, NULL));
    CALL(db_script(ctx, session, "INSERT INTO t VALUES (2);", NULL));
    CALL(db_prepare(ctx, session, "INSERT INTO t VALUES ($1)", &statement, NULL));
    CALL(db_run(ctx, statement, (struct db_value[]){db_integer(3)}, 1, NULL));
    db_statement_free(statement);
    CALL(db_commit(ctx, session, NULL));
    db_end(session);
#undef CALL
}

static void a_statement_without_the_handlers_context_is_named(void **state)
{
    struct fixture *fixture = *state;
    CTX_SCOPE(handler, ctx_with_cancel(ctx_background()));
    (void)ctx_current_set(handler->ctx);
    use_everything(fixture->db, ctx_background(), true);
    const char *line = log_file_find("ctx.detached", "");
    assert_non_null(strstr(line, "\"what\":\"sql\""));
    (void)ctx_current_set(NULL);
}

static void a_statement_under_the_handlers_context_is_not(void **state)
{
    struct fixture *fixture = *state;
    CTX_SCOPE(handler, ctx_with_cancel(ctx_background()));
    (void)ctx_current_set(handler->ctx);
    CTX_SCOPE(child, ctx_with_timeout(handler->ctx, CTX_SECONDS(60)));
    use_everything(fixture->db, child->ctx, false);
    (void)ctx_current_set(NULL);
}

static void outside_a_handler_nothing_is_named(void **state)
{
    struct fixture *fixture = *state;
    use_everything(fixture->db, ctx_background(), false);
}

int main(void)
{
    log_file_start(LOG_LEVEL_WARN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_statement_under_the_handlers_context_is_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(outside_a_handler_nothing_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_statement_without_the_handlers_context_is_named, set_up, tear_down),
    };
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_file_end();
    return n_failed;
}
