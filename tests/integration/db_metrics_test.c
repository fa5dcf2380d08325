/* What is counted of a database: statements by what became of them, waits, connections. */
#include "db_fixture.h"

#include <string.h>

#include "ctx/test.h"
#include "obs/metrics.h"
#include "support/prometheus.h"

static struct prometheus page;

static double value(const char *series)
{
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(8 << 20);
    assert_int_equal(metrics_page_write(NULL, &text), STATUS_OK);
    assert_int_equal(buffer_append(&text, "", 1), STATUS_OK);
    assert_string_equal(prometheus_read((const char *)text.data, &page), "");
    return prometheus_value(&page, series);
}

static enum status run(const struct ctx *ctx, struct db_session *session, const char *sql)
{
    struct error error = ERROR_NONE;
    return db_exec(ctx, session, sql, NULL, 0, &error);
}

#define STATEMENTS(outcome) "walkie_db_statements_total{database=\"edc\",outcome=\"" outcome "\"}"
#define CONNECTIONS(state) "walkie_db_connections{database=\"edc\",state=\"" state "\"}"

static void statements_are_counted_by_what_became_of_them(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture);
    fixture_run(&fixture, "CREATE TABLE t (a INTEGER)");
    double ok = value(STATEMENTS("ok"));
    double failed = value(STATEMENTS("error"));
    double cancelled = value(STATEMENTS("cancelled"));
    double waits = value("walkie_db_pool_wait_seconds_count{database=\"edc\"}");
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    assert_int_equal(db_begin(ctx_background(), fixture.db, DB_READ, &session, &error), STATUS_OK);
    assert_true(value(CONNECTIONS("in_use")) == 1);
    assert_int_equal(run(ctx_background(), session, "SELECT 1"), STATUS_OK);
    assert_int_not_equal(run(ctx_background(), session, "SELECT no_such_column FROM t"), STATUS_OK);
    CTX_SCOPE(soon, ctx_with_timeout(ctx_background(), CTX_MS(50)));
    enum status status = run(soon->ctx, session,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
        "SELECT sum(i * 7 % 13) FROM n");
    assert_int_equal(status, STATUS_DEADLINE_EXCEEDED);
    db_end(session);
    assert_true(value(STATEMENTS("ok")) == ok + 1);
    assert_true(value(STATEMENTS("error")) == failed + 1);
    assert_true(value(STATEMENTS("cancelled")) == cancelled + 1);
    assert_true(value("walkie_db_pool_wait_seconds_count{database=\"edc\"}") == waits + 1);
    assert_true(value("walkie_db_statement_seconds_count{database=\"edc\"}") ==
                ok + failed + cancelled + 3);
    assert_true(value(CONNECTIONS("in_use")) == 0);
    assert_true(value("walkie_db_connections_max{database=\"edc\"}") == DB_CONNECTIONS_MAX);
    fixture_end(&fixture);
}

static int no_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_are_counted_by_what_became_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, no_leaks);
}
