/* What a job's budget says in the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/job_budget.h"
#include "support/log_file.h"

enum phase { LOAD, WRITE };

static const struct ctx_phase PHASES[] = {{"load", 3}, {"write", 1}};

static int set_up(void **state)
{
    (void)state;
    log_file_start(LOG_LEVEL_INFO);
    ctx_test_clock_start();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ctx_test_clock_end();
    log_file_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

static void each_phase_says_what_it_gets_and_what_the_one_before_took(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(1000)));
    struct ctx_budget budget;
    job_budget_begin(scope->ctx, &budget, PHASES, LENGTH_OF(PHASES));
    job_budget_enter(scope->ctx, &budget, LOAD);
    const char *line = log_file_find("job.budget", "\"phase\":\"all\"");
    assert_non_null(line);
    assert_true(log_file_number(line, "budget_ms") == 1000);
    line = log_file_find("job.budget", "\"phase\":\"load\"");
    assert_non_null(line);
    assert_true(log_file_number(line, "budget_ms") == 750);
    assert_true(log_file_number(line, "remaining_ms") == 1000);
    assert_true(log_file_number(line, "used_ms") == -1); /* there was none */
    ctx_test_clock_advance(CTX_MS(120));
    job_budget_enter(scope->ctx, &budget, WRITE);
    line = log_file_find("job.budget", "\"phase\":\"write\"");
    assert_non_null(line);
    assert_true(log_file_number(line, "budget_ms") == 880);
    assert_true(log_file_number(line, "used_ms") == 120);
}

static void without_a_deadline_no_time_is_named(void **state)
{
    (void)state;
    struct ctx_budget budget;
    log_file_clear();
    job_budget_begin(ctx_background(), &budget, PHASES, LENGTH_OF(PHASES));
    job_budget_enter(ctx_background(), &budget, LOAD);
    const char *line = log_file_find("job.budget", "\"phase\":\"load\"");
    assert_non_null(line);
    assert_true(log_file_number(line, "budget_ms") == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_phase_says_what_it_gets_and_what_the_one_before_took),
        cmocka_unit_test(without_a_deadline_no_time_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
