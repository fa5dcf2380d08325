/* One program, many threads, a machine each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "crf/language/check_given.h"
#include "support/check_study.h"

enum { N_THREADS = 4, N_LOOPS = 2000, MEMORY_MAX = 1 << 20 };

struct worker {
    pthread_t thread;
    const struct check_program *program;
    const char *note; /* what this thread's value is */
    enum check_outcome expected;
    int n_wrong;
};

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct check_machine *machine = check_machine_new();
    struct check_value values[CHECK_REFERENCES_MAX];
    struct check_result result;
    for (size_t i = 0; i < worker->program->n_references; i++) {
        check_value_parse(worker->program->references[i].kind, worker->note, &values[i]);
    }
    for (int i = 0; machine != NULL && i < N_LOOPS; i++) {
        worker->n_wrong +=
            check_evaluate(machine, worker->program, values, &result) != worker->expected;
    }
    worker->n_wrong += machine == NULL ? 1 : 0;
    check_machine_free(machine);
    return NULL;
}

static void a_program_is_shared_by_threads_with_a_machine_each(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MEMORY_MAX);
    struct check_program program;
    struct worker workers[N_THREADS];
    assert_int_equal(check_compile("NOTE matches \"(?i)a+b?\" and len(NOTE) < 5 or NOTE in (\"z\")",
                         &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, NULL),
        STATUS_OK);
    static const struct {
        const char *note;
        enum check_outcome outcome;
    } CASES[N_THREADS] = {{"aaB", CHECK_HOLDS}, {"aaaaaab", CHECK_FAILS}, {"z", CHECK_HOLDS},
        {"", CHECK_NOT_APPLICABLE}};
    for (size_t i = 0; i < N_THREADS; i++) {
        workers[i] = (struct worker){
            .program = &program, .note = CASES[i].note, .expected = CASES[i].outcome};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_int_equal(workers[i].n_wrong, 0);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_is_shared_by_threads_with_a_machine_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
