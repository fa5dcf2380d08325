/* Evaluating allocates nothing; compiling without memory says so, whichever allocation fails.
 * Linked with -Wl,--wrap: PCRE2 has no memory but ours. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crf/language/check_given.h"
#include "support/check_study.h"
#include "support/failing_memory.h"

enum { MEMORY_MAX = 4 << 20, N_EVALUATIONS = 1000, N_FAILURES_MAX = 1000 };

static const char *const EXPRESSIONS[] = {
    "SYSBP between 80 and 200 and DIABP < SYSBP",
    "if POSITION = \"SITTING\" then NOTE is required",
    "POSITION in codelist or ARM not in (1, 2, 3)",
    "round(WEIGHT / (HEIGHT / 100 * HEIGHT / 100), 1) between 15 and 40",
    "VSDAT between \"2024-01\" and VSEND and age(VSDAT, VSEND) >= year(VSDAT) - 2024",
    "NOTE matches \"(a+)+[bc]\" or NOTE matches \"(\\w+\\s?)*\"",
    "any(COMMON/AE.AESER = \"Y\") or count(SYSBP > 80) > 1 or all(AE.AETERM matches \"[a-z]+\")",
};

static const char *const VALUES[] = {"SYSBP=120", "DIABP=80", "POSITION=SITTING", "ARM=1",
    "WEIGHT=72.5", "HEIGHT=181", "VSDAT=2024-03", "VSEND=2024-05-01",
    "NOTE=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaaaaaaaa aaaaaaaaaaa", "COMMON/AE.AESER=N",
    "AE.AETERM=headache", "AE.AETERM=Cough"};

/* Bytes that the whole process has from malloc, shared libraries too; always 0 under sanitizers. */
static size_t bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void evaluating_allocates_nothing(void **state)
{
    (void)state;
    struct check_machine *machine = check_machine_new();
    assert_non_null(machine);
    for (size_t i = 0; i < LENGTH_OF(EXPRESSIONS); i++) {
        struct arena *arena = arena_new(MEMORY_MAX);
        struct check_program program;
        struct check_result result;
        struct error error;
        assert_int_equal(
            check_compile(EXPRESSIONS[i], &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, NULL),
            STATUS_OK);
        struct check_given *given = check_given_new(&CHECK_STUDY, CHECK_STUDY_VS, &program, arena);
        for (size_t k = 0; k < LENGTH_OF(VALUES); k++) {
            enum status status = check_given_set(given, VALUES[k], &error);
            assert_true(status == STATUS_OK || strstr(error.text, "does not use") != NULL);
        }
        unsigned int n_before = failing_memory_count();
        size_t n_bytes = bytes_in_use(); /* PCRE2 would keep what it takes for a match */
        failing_memory_start_at(0, true);
        for (int k = 0; k < N_EVALUATIONS; k++) {
            check_evaluate(machine, &program, check_given_values(given), &result);
        }
        failing_memory_stop();
        assert_int_equal(failing_memory_count(), n_before); /* nobody asked for any */
        assert_int_equal(bytes_in_use(), n_bytes);
        arena_free(arena);
    }
    check_machine_free(machine);
}

static enum status compile_all(struct check_error *error)
{
    struct arena *arena = arena_new(MEMORY_MAX);
    struct check_machine *machine = check_machine_new();
    enum status status = arena == NULL || machine == NULL ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < LENGTH_OF(EXPRESSIONS); i++) {
        struct check_program program;
        status =
            check_compile(EXPRESSIONS[i], &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, error);
    }
    check_machine_free(machine);
    arena_free(arena);
    return status;
}

static void every_allocation_may_fail_while_compiling(void **state)
{
    (void)state;
    unsigned int n_failures = 0;
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    while (status != STATUS_OK && n_failures < N_FAILURES_MAX) {
        struct check_error error;
        failing_memory_start_at(n_failures, true);
        status = compile_all(&error);
        failing_memory_stop();
        assert_true(status == STATUS_OK || status == STATUS_RESOURCE_EXHAUSTED);
        n_failures++;
    }
    assert_int_equal(status, STATUS_OK);
    assert_in_range(n_failures, 3, N_FAILURES_MAX);
}

/* The arena's maximum cuts everything at every byte. */
static void an_arena_that_is_too_small_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(EXPRESSIONS); i++) {
        enum status status = STATUS_RESOURCE_EXHAUSTED;
        for (size_t len_max = 0; status != STATUS_OK; len_max += 64) {
            struct arena *arena = arena_new(len_max);
            struct check_program program = {.n_references = SIZE_MAX};
            struct check_error error;
            status = check_compile(
                EXPRESSIONS[i], &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, &error);
            if (status != STATUS_OK) {
                assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
                assert_int_equal(error.status, STATUS_RESOURCE_EXHAUSTED);
                assert_int_equal(program.n_references, SIZE_MAX); /* untouched */
            }
            assert_in_range(len_max, 0, MEMORY_MAX);
            arena_free(arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluating_allocates_nothing),
        cmocka_unit_test(every_allocation_may_fail_while_compiling),
        cmocka_unit_test(an_arena_that_is_too_small_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
