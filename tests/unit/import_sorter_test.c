/* The external sort and the progress line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "import/progress.h"
#include "import/sorter.h"

/* Keys that jump about, each several times; the data is the order of adding. */
static int64_t key_of(uint32_t number)
{
    return (int64_t)(number * 2654435761U % 1000) - 500;
}

/* Add `count` records of `len` bytes, read them back, check order and contents. */
static void sort_and_check(uint32_t count, size_t len)
{
    struct sorter *sorter = sorter_new(0);
    assert_non_null(sorter);
    struct error error = ERROR_NONE;
    char *data = calloc(1, len);
    assert_non_null(data);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(data, &i, sizeof(i));
        data[len - 1] = (char)i;
        assert_int_equal(sorter_add(sorter, key_of(i), data, len, &error), STATUS_OK);
    }
    assert_int_equal(sorter_count(sorter), count);
    int64_t key_before = INT64_MIN;
    uint32_t number_before = 0;
    uint32_t n_read = 0;
    for (;;) {
        struct sorter_record record;
        bool has_record;
        uint32_t number;
        assert_int_equal(sorter_next(sorter, &record, &has_record, &error), STATUS_OK);
        if (!has_record) {
            break;
        }
        memcpy(&number, record.data, sizeof(number));
        assert_int_equal(record.len, len);
        assert_true(record.key == key_of(number));
        assert_true(((const char *)record.data)[len - 1] == (char)number);
        assert_true(
            record.key > key_before || (record.key == key_before && number > number_before));
        key_before = record.key;
        number_before = number;
        n_read++;
    }
    assert_int_equal(n_read, count);
    free(data);
    sorter_free(sorter);
}

static void records_that_fit_the_memory_are_sorted(void **state)
{
    (void)state;
    sort_and_check(0, 16);
    sort_and_check(1, 16);
    sort_and_check(5000, 16);
}

static void records_that_do_not_fit_are_sorted_by_way_of_a_file(void **state)
{
    (void)state;
    sort_and_check(100000, 200);               /* some runs of 4 MiB */
    sort_and_check(40, SORTER_RECORD_LEN_MAX); /* records above the window */
}

static void a_record_above_the_limit_is_refused(void **state)
{
    (void)state;
    struct sorter *sorter = sorter_new(0);
    struct error error = ERROR_NONE;
    assert_non_null(sorter);
    assert_int_equal(
        sorter_add(sorter, 1, "x", SORTER_RECORD_LEN_MAX + 1, &error), STATUS_RESOURCE_EXHAUSTED);
    sorter_free(sorter);
    sorter_free(NULL);
}

static void a_folder_for_temporary_files_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_int_equal(setenv("TMPDIR", "/no-such-folder", 1), 0);
    struct sorter *sorter = sorter_new(0);
    char *data = calloc(1, SORTER_RECORD_LEN_MAX);
    struct error error = ERROR_NONE;
    enum status status = STATUS_OK;
    assert_non_null(sorter);
    assert_non_null(data);
    for (int i = 0; status == STATUS_OK && i < 6; i++) {
        status = sorter_add(sorter, i, data, SORTER_RECORD_LEN_MAX, &error);
    }
    unsetenv("TMPDIR");
    assert_int_equal(status, STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "TMPDIR"));
    free(data);
    sorter_free(sorter);
}

static void progress_tells_share_rate_and_time_left(void **state)
{
    (void)state;
    char line[PROGRESS_LINE_MAX];
    progress_line("study.xml", 50, 200, 3000, UINT64_C(2000000000), line);
    assert_string_equal(line, "study.xml  [=====>              ]   25 %  1,500 rows/s  6 s left");
    progress_line("study.xml", 200, 200, 12345678, UINT64_C(1000000000), line);
    assert_string_equal(line, "study.xml  [====================]  100 %  12,345,678 rows/s");
    progress_line("a pipe", 3 << 20, 0, 7, UINT64_C(100000000), line);
    assert_string_equal(line, "a pipe  3 MiB  7 rows");
}

static void progress_elsewhere_than_on_a_terminal_is_nothing(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    struct progress *progress = progress_new(file, "study.xml", 10);
    assert_null(progress);
    progress_at(progress, 5, 5);
    progress_wipe(progress);
    progress_free(progress);
    assert_int_equal(ftell(file), 0);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_that_fit_the_memory_are_sorted),
        cmocka_unit_test(records_that_do_not_fit_are_sorted_by_way_of_a_file),
        cmocka_unit_test(a_record_above_the_limit_is_refused),
        cmocka_unit_test(a_folder_for_temporary_files_that_is_not_there_is_named),
        cmocka_unit_test(progress_tells_share_rate_and_time_left),
        cmocka_unit_test(progress_elsewhere_than_on_a_terminal_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
