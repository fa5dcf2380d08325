/* Out of memory: our allocation 0, 1, 2 … fails until the document succeeds. Each time the answer
 * is RESOURCE_EXHAUSTED and nothing leaks. Linked with -Wl,--wrap, which reaches our code and not
 * cairo's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "support/sample_pdf.h"
#include "support/sample_report.h"

enum { NEVER = -1, N_ALLOCATIONS_MAX = 5000 };

static int fail_in = NEVER; /* allocations until the one that fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool has_to_fail(void)
{
    return fail_in != NEVER && fail_in-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return has_to_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return has_to_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return has_to_fail() ? NULL : __real_realloc(memory, size);
}

static enum status take(void *arg, struct bytes piece)
{
    size_t *len = arg;
    *len += piece.len;
    return STATUS_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct report *report = sample_report_new(&(struct sample_options){.n_rows = 50});
    assert_int_equal(document_prepare(NULL), STATUS_OK);
    struct document_options options = {.language = LANGUAGE_ZH_CN};
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    int n = 0;
    for (; n < N_ALLOCATIONS_MAX && status == STATUS_RESOURCE_EXHAUSTED; n++) {
        size_t len = 0;
        fail_in = n;
        status = document_write_pdf(ctx_background(), report, &options, take, &len, NULL);
        fail_in = NEVER;
    }
    assert_int_equal(status, STATUS_OK);
    assert_in_range(n, 20, N_ALLOCATIONS_MAX - 1);
    report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
