/* Out of memory: allocation 0, 1, 2 … of an import fails until it succeeds. Each time the answer is
 * RESOURCE_EXHAUSTED, in words, and nothing leaks (ASan sees it). Linked with -Wl,--wrap, which
 * reaches our code and not libxml2's or SQLite's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "import/csv_import.h"
#include "import/odm.h"
#include "support/failing_memory.h"

enum { N_ALLOCATIONS_MAX = 5000 };

/* Without a database: rows are made and dropped. */
static enum status load_odm(struct error *ret_error)
{
    const struct odm_options options = {.dataset = {.source = "odm"}, .path = ODM_EXAMPLE};
    return odm_import(ctx_background(), &options, ret_error);
}

static char folder[] = "import-memory-XXXXXX";

static enum status load_csv(struct error *ret_error)
{
    const struct csv_import_options options = {.dataset = {.source = "csv"}, .folder = folder};
    return csv_import(ctx_background(), &options, ret_error);
}

static unsigned int fail_each(enum status (*load)(struct error *ret_error))
{
    for (unsigned int number = 0; number < N_ALLOCATIONS_MAX; number++) {
        struct error error = ERROR_NONE;
        failing_memory_start_at(number, false);
        enum status status = load(&error);
        failing_memory_stop();
        if (status == STATUS_OK) {
            return number;
        }
        assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
        assert_string_not_equal(error.text, "");
    }
    fail_msg("it never succeeds");
    return 0;
}

static void every_allocation_of_an_odm_import_may_fail(void **state)
{
    (void)state;
    assert_true(fail_each(load_odm) > 50);
}

static void write_file(const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/edc/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void every_allocation_of_a_table_import_may_fail(void **state)
{
    (void)state;
    char command[64];
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/edc", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    write_file("study.csv", "study_id,oid,protocol_no\n1,S,P\n");
    write_file("site.csv", "site_id,study_id,site_no\n1,1,101\n");
    unsigned int n_allocations = fail_each(load_csv);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
    assert_true(n_allocations > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_an_odm_import_may_fail),
        cmocka_unit_test(every_allocation_of_a_table_import_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
