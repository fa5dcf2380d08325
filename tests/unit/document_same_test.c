/* The same report gives the same bytes: twice, in several threads at once, in other processes,
 * and whatever the environment says. Run with two arguments it is that other process: it draws the
 * sample in the language named and prints the hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/sample_pdf.h"
#include "support/sample_report.h"

enum { N_THREADS = 4, N_ROWS = 120 };

static char program[4096]; /* our own path, for running it again */

/* The day of the libraries: cairo and all others find this time() before libc's. */
time_t time(time_t *ret)
{
    struct timespec now;
    const char *days = getenv("WALKIE_TEST_DAYS");
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += days == NULL ? 0 : atol(days) * 24 * 3600;
    if (ret != NULL) {
        *ret = now.tv_sec;
    }
    return now.tv_sec;
}

static uint64_t draw_hash(enum language language)
{
    struct report *report = sample_report_new(&(struct sample_options){.n_rows = N_ROWS});
    struct pdf pdf = sample_pdf_draw(ctx_background(), report, language, 0);
    uint64_t hash = pdf.status == STATUS_OK ? pdf.hash : 0;
    sample_pdf_finish(&pdf);
    report_free(report);
    return hash;
}

static void twice_in_a_row_is_the_same(void **state)
{
    (void)state;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        uint64_t first = draw_hash((enum language)language);
        assert_int_not_equal(first, 0);
        assert_true(first == draw_hash((enum language)language));
    }
    assert_true(draw_hash(LANGUAGE_EN) != draw_hash(LANGUAGE_ZH_CN));
}

static void *draw_in_thread(void *arg)
{
    uint64_t *hash = arg;
    *hash = draw_hash(LANGUAGE_ZH_CN);
    return NULL;
}

static void threads_at_once_draw_the_same(void **state)
{
    (void)state;
    pthread_t threads[N_THREADS];
    uint64_t hashes[N_THREADS] = {0};
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, draw_in_thread, &hashes[i]), 0);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    uint64_t alone = draw_hash(LANGUAGE_ZH_CN);
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_true(hashes[i] == alone);
    }
}

/* The hash that another process finds, under these settings. */
static uint64_t hash_elsewhere(const char *settings)
{
    char command[sizeof(program) + 256];
    char line[64] = "";
    snprintf(command, sizeof(command), "%s \"%s\" hash zh-CN", settings, program);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char *answer = fgets(line, sizeof(line), pipe);
    int code = pclose(pipe);
    assert_non_null(answer);
    assert_int_equal(code, 0);
    return strtoull(line, NULL, 16);
}

static void other_processes_and_environments_draw_the_same(void **state)
{
    (void)state;
    static const char *const SETTINGS[] = {"env", "env LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8",
        "env LC_ALL=zh_CN.UTF-8 LANGUAGE=zh", "env LC_ALL=C TZ=Asia/Shanghai", "env -u HOME",
        "env TZ=America/Los_Angeles LC_NUMERIC=fr_FR.UTF-8", "cd / && env",
        "umask 077 && env TMPDIR=/nowhere", "env WALKIE_TEST_DAYS=400",
        "env WALKIE_TEST_DAYS=-9000"};
    uint64_t here = draw_hash(LANGUAGE_ZH_CN);
    for (size_t i = 0; i < LENGTH_OF(SETTINGS); i++) {
        assert_true(hash_elsewhere(SETTINGS[i]) == here);
    }
}

int main(int argc, char **argv)
{
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len < 0 ? 0 : len] = '\0';
    if (argc == 3 && strcmp(argv[1], "hash") == 0) {
        setlocale(LC_ALL, "");
        enum language language = LANGUAGE_EN;
        if (!language_parse(argv[2], &language)) {
            return 2;
        }
        printf("%016" PRIx64 "\n", draw_hash(language));
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_in_a_row_is_the_same),
        cmocka_unit_test(threads_at_once_draw_the_same),
        cmocka_unit_test(other_processes_and_environments_draw_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
