/* Memory does not grow with pages: four hundred take no more than the memory of words, which has a
 * limit, and their places in the index of pages. Measured by the kernel's own mark of the most that
 * the process has had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document/document.h"
#include "audit/document/text_shape.h"
#include "support/sample_report.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

enum { N_WARM_ROWS = 400, N_ROWS = 16000 }; /* 10 and 422 pages */
enum { GROWN_KB_MAX = RUN_CACHE_BYTES_MAX / 1024 + 2048 };

static long memory_kb(const char *name)
{
    char line[128];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kb = strtol(line + strlen(name), NULL, 10);
        }
    }
    fclose(file);
    return kb;
}

static enum status count_bytes(void *arg, struct bytes piece)
{
    *(size_t *)arg += piece.len;
    return STATUS_OK;
}

/* How far the process grew, at its highest, while it drew so many rows. */
static long grown_kb(size_t n_rows)
{
    struct report *report =
        sample_report_new(&(struct sample_options){.n_rows = n_rows, .is_plain = true});
    FILE *file = fopen("/proc/self/clear_refs", "w"); /* let the mark begin anew */
    assert_non_null(file);
    assert_true(fputs("5", file) >= 0);
    assert_int_equal(fclose(file), 0);
    long before_kb = memory_kb("VmRSS:");
    const struct document_options options = {.language = LANGUAGE_ZH_CN};
    struct error error = ERROR_NONE;
    size_t len = 0;
    enum status status =
        document_write_pdf(ctx_background(), report, &options, count_bytes, &len, &error);
    long peak_kb = memory_kb("VmHWM:");
    report_free(report);
    assert_int_equal(status, STATUS_OK);
    assert_true(len > n_rows * 50);
    return peak_kb - before_kb;
}

static void hundreds_of_pages_take_the_memory_of_words_and_an_index(void **state)
{
    (void)state;
    if (IS_SANITIZED) {
        skip();
    }
    (void)grown_kb(N_WARM_ROWS); /* fonts */
    long kb = grown_kb(N_ROWS);
    print_message("%d rows: %ld KB\n", N_ROWS, kb);
    assert_in_range(kb, 0, GROWN_KB_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hundreds_of_pages_take_the_memory_of_words_and_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
