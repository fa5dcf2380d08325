/* What edit checks cost: an expression compiled, a value read from its text, an evaluation; and how
 * long patterns that go back and forth without end may take. The median of N_RUNS runs, CPU time.
 *
 *     check_language_bench [--json FILE] */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crf/language/check_given.h"
#include "support/check_study.h"

enum { N_RUNS = 9, N_LOOPS = 100000, N_COSTLY_LOOPS = 5, MEMORY_MAX = 1 << 20, TEXT_MAX = 1200 };

struct bench {
    const char *name;
    const char *expression;
    const char *values[3];
    int n_loops;
};

/* A text that is as long as may be, for patterns that fail late. */
static char long_note[TEXT_MAX];

static const struct bench BENCHES[] = {
    {"range", "SYSBP between 80 and 200", {"SYSBP=120"}, N_LOOPS},
    {"range_and", "SYSBP >= 80 and SYSBP <= 200", {"SYSBP=120"}, N_LOOPS},
    {"two_items", "DIABP < SYSBP", {"SYSBP=120", "DIABP=80"}, N_LOOPS},
    {"missing", "SYSBP between 80 and 200", {NULL}, N_LOOPS},
    {"required_if", "if POSITION = \"SITTING\" then NOTE is required", {"POSITION=SITTING"},
        N_LOOPS},
    {"codelist", "POSITION in codelist", {"POSITION=SUPINE"}, N_LOOPS},
    {"dates", "VSDAT <= VSEND", {"VSDAT=2024-03-01", "VSEND=2024-03"}, N_LOOPS},
    {"arithmetic", "round(WEIGHT / (HEIGHT / 100 * HEIGHT / 100), 1) between 15 and 40",
        {"WEIGHT=72.5", "HEIGHT=181"}, N_LOOPS},
    {"pattern", "INITIALS matches \"[A-Z]{2,3}\"", {"INITIALS=ABC"}, N_LOOPS},
    {"costly_nested", "NOTE matches \"(a+)+[bc]\"", {long_note}, N_COSTLY_LOOPS},
    {"costly_choice", "NOTE matches \"(a|a|aa|a*)*[bc]\"", {long_note}, N_COSTLY_LOOPS},
    {"costly_back", "NOTE matches \"(a*)*(\\1a*?)*[bc]\"", {long_note}, N_COSTLY_LOOPS},
    {"costly_ahead", "NOTE matches \"(?=(a*)*$)(.*?(?!a*c).)*[bc]\"", {long_note}, N_COSTLY_LOOPS},
    {"costly_scan", "NOTE matches \"(?:(?=\\X*)a|a)*[bc]\"", {long_note}, N_COSTLY_LOOPS},
    {"costly_dots", "NOTE matches \".*.*.*.*.*.*.*.*[bc]\"", {long_note}, N_COSTLY_LOOPS},
};

/* Of this thread's processor time: others may be busy beside. */
static uint64_t cpu_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static int by_number(const void *one, const void *other)
{
    double left = *(const double *)one;
    double right = *(const double *)other;
    return (left > right) - (left < right);
}

static double median(double *numbers)
{
    qsort(numbers, N_RUNS, sizeof(*numbers), by_number);
    return numbers[N_RUNS / 2];
}

static void tell(FILE *json, const char *name, double ns, const char *outcome)
{
    printf("%-16s %12.1f ns  %s\n", name, ns, outcome);
    if (json != NULL) {
        fprintf(json,
            "{\"bench\":\"check_language\",\"variant\":\"walkie\",\"op\":\"%s\",\"ns\":%.1f,"
            "\"runs\":%d}\n",
            name, ns, (int)N_RUNS);
    }
}

static bool run_bench(FILE *json, struct check_machine *machine, const struct bench *bench)
{
    static const char *const OUTCOMES[] = {"holds", "fails", "not applicable", "too costly"};
    struct arena *arena = arena_new(MEMORY_MAX);
    struct check_program program;
    struct check_error error;
    struct error given_error = ERROR_NONE;
    if (arena == NULL || check_compile(bench->expression, &CHECK_STUDY, CHECK_STUDY_VS, arena,
                             &program, &error) != STATUS_OK) {
        arena_free(arena);
        return false;
    }
    struct check_given *given = check_given_new(&CHECK_STUDY, CHECK_STUDY_VS, &program, arena);
    bool is_good = given != NULL;
    for (size_t i = 0; is_good && i < 3 && bench->values[i] != NULL; i++) {
        is_good = check_given_set(given, bench->values[i], &given_error) == STATUS_OK;
    }
    double runs[N_RUNS];
    struct check_result result = {.outcome = CHECK_HOLDS};
    for (int run = 0; is_good && run < N_RUNS; run++) {
        uint64_t start_ns = cpu_now_ns();
        for (int i = 0; i < bench->n_loops; i++) {
            check_evaluate(machine, &program, check_given_values(given), &result);
        }
        runs[run] = (double)(cpu_now_ns() - start_ns) / bench->n_loops;
    }
    if (is_good) {
        tell(json, bench->name, median(runs), OUTCOMES[result.outcome]);
    }
    arena_free(arena);
    return is_good;
}

static void bench_parse(FILE *json, const char *name, enum check_kind kind, const char *text)
{
    double runs[N_RUNS];
    struct check_value value;
    for (int run = 0; run < N_RUNS; run++) {
        uint64_t start_ns = cpu_now_ns();
        for (int i = 0; i < N_LOOPS; i++) {
            check_value_parse(kind, text, &value);
        }
        runs[run] = (double)(cpu_now_ns() - start_ns) / N_LOOPS;
    }
    tell(json, name, median(runs), "");
}

static void bench_compile(FILE *json)
{
    enum { N_COMPILES = 1000 };
    double runs[N_RUNS];
    for (int run = 0; run < N_RUNS; run++) {
        uint64_t start_ns = cpu_now_ns();
        for (int i = 0; i < N_COMPILES; i++) {
            struct arena *arena = arena_new(MEMORY_MAX);
            struct check_program program;
            if (arena == NULL || check_compile("SYSBP between 80 and 200", &CHECK_STUDY,
                                     CHECK_STUDY_VS, arena, &program, NULL) != STATUS_OK) {
                abort();
            }
            arena_free(arena);
        }
        runs[run] = (double)(cpu_now_ns() - start_ns) / N_COMPILES;
    }
    tell(json, "compile", median(runs), "");
}

int main(int argc, char **argv)
{
    FILE *json = argc == 3 && strcmp(argv[1], "--json") == 0 ? fopen(argv[2], "a") : NULL;
    struct check_machine *machine = check_machine_new();
    bool is_good = machine != NULL && (argc == 1 || json != NULL);
    memcpy(long_note, "NOTE=", 5);
    memset(long_note + 5, 'a', CHECK_SUBJECT_LEN_MAX);
    for (size_t i = 0; is_good && i < sizeof(BENCHES) / sizeof(BENCHES[0]); i++) {
        is_good = run_bench(json, machine, &BENCHES[i]);
    }
    if (is_good) {
        bench_parse(json, "read_number", CHECK_NUMBER, "120.5");
        bench_parse(json, "read_date", CHECK_DATE, "2024-03-01");
        bench_parse(json, "read_text", CHECK_TEXT, "SITTING");
        bench_compile(json);
    }
    check_machine_free(machine);
    if (json != NULL) {
        is_good = fclose(json) == 0 && is_good;
    }
    return is_good ? 0 : 1;
}
