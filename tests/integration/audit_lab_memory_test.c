/* When memory runs out while the laboratory is asked: allocation 0, 1, 2 … fails, alone and with
 * all that follow. The question ends with an outcome or in words, nothing is lost, nothing crashes,
 * and a report comes or says that there was no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <string.h>

#include "audit_fixture.h"
#include "audit_lab.h"
#include "ctx/test.h"
#include "obs/log.h"
#include "support/failing_memory.h"

enum { SWEEP_MAX = 4000, N_REPORTS = 60 };

static struct audit_lab *lab;
static const struct lab_question QUESTION = {
    .study = "T-1", .site_no = "01", .as_of = "2024-11-01"};

/* A question whose allocation of that number fails. True: none did. The laboratory is of this
 * process, and allocates too: its troubles are a server's, which the question has to bear. */
static bool ask(unsigned int number, bool and_all_after, struct lab_answer *ret_answer)
{
    struct arena *arena = arena_new(1 << 20);
    assert_non_null(arena);
    unsigned int n_failed = failing_memory_count();
    failing_memory_start_at(number, and_all_after);
    enum status status = lab_fetch(ctx_background(), lab->client, &QUESTION, arena, ret_answer);
    failing_memory_stop();
    arena_free(arena);
    if (status != STATUS_OK) { /* the scope of the question could not be made */
        assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
        ret_answer->outcome = LAB_TOO_MUCH;
    }
    return failing_memory_count() == n_failed;
}

static void sweep(bool and_all_after)
{
    unsigned int number = 0;
    unsigned int n_gaps = 0;
    bool is_whole = false;
    while (!is_whole && number < SWEEP_MAX) {
        struct lab_answer answer = {.outcome = LAB_NOT_ASKED};
        is_whole = ask(number++, and_all_after, &answer);
        assert_true(answer.outcome != LAB_NOT_ASKED && answer.outcome != LAB_NOT_CONFIGURED);
        n_gaps += answer.outcome != LAB_ANSWERED;
        assert_true(!is_whole || answer.outcome == LAB_ANSWERED);
    }
    print_message("%u allocations, %u gaps\n", number, n_gaps);
    assert_true(number > 20 && number < SWEEP_MAX && n_gaps > 5);
}

static void a_question_survives_any_allocation_that_fails(void **state)
{
    (void)state;
    sweep(false);
}

static void a_question_survives_when_all_fail_from_any_on(void **state)
{
    (void)state;
    sweep(true);
}

static void a_client_that_cannot_be_made_says_so(void **state)
{
    (void)state;
    struct lab *client = NULL;
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    unsigned int number = 0;
    for (; status != STATUS_OK && number < SWEEP_MAX; number++) {
        struct error error = ERROR_NONE;
        const struct lab_options options = {.url = "http://127.0.0.1:1"};
        failing_memory_start_at(number, false);
        status = lab_new(&options, &client, &error);
        failing_memory_stop();
        assert_true(
            status == STATUS_OK || (status == STATUS_RESOURCE_EXHAUSTED && error.text[0] != '\0'));
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(number > 1);
    lab_free(client);
}

/* One allocation in so many fails, of whatever makes a report. */
static void a_report_comes_or_says_that_there_was_no_memory(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    fixture->sources.lab = lab->client;
    const struct audit_request request = {.site_no = "01"};
    unsigned int n_failed = 0;
    unsigned int n_made = 0;
    for (unsigned int i = 0; i < N_REPORTS; i++) {
        struct report *report = NULL;
        struct error error = ERROR_NONE;
        failing_memory_start(40 + i * i);
        enum status status =
            audit_build(ctx_background(), &fixture->sources, &request, &report, &error);
        failing_memory_stop();
        assert_true(status == STATUS_OK || error.text[0] != '\0');
        n_failed += status != STATUS_OK;
        n_made += status == STATUS_OK;
        report_free(report);
    }
    print_message("%u made, %u not\n", n_made, n_failed);
    assert_true(n_failed > 5);
    struct report *report = audit_fixture_build(fixture, NULL);
    assert_int_equal(fact_of(report, "laboratory", "agreed").integer, AUDIT_LAB_RESULTS);
    report_free(report);
    audit_fixture_free(fixture);
}

static int set_up(void **state)
{
    (void)state;
    /* The library's own allocations are ours to fail, too. */
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = malloc, .free_fn = free});
    lab = audit_lab_start(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    audit_lab_stop(lab);
    return ctx_test_no_leaks() ? 0 : -1;
}

int main(void)
{
    const struct log_options log = {.service = "audit_lab_memory", .level = LOG_LEVEL_ERROR};
    if (log_init(&log, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_survives_any_allocation_that_fails),
        cmocka_unit_test(a_question_survives_when_all_fail_from_any_on),
        cmocka_unit_test(a_client_that_cannot_be_made_says_so),
        cmocka_unit_test(a_report_comes_or_says_that_there_was_no_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
