/* A column that its source does not provide is told once, above the rows, and takes no width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "audit/document/table_plan.h"

static const struct column COLUMNS[] = {
    {"subject", WORD_SITE, ALIGN_START, 1},
    {"found", WORD_COVER_DATE, ALIGN_START, 1},
    {"capa", WORD_COVER_SOURCE, ALIGN_START, 1},
};

enum { N_COLUMNS = 3, N_ROWS = 3 };

static int make_table(void **state)
{
    struct report *report = report_new(1 << 20);
    if (report == NULL) {
        return -1;
    }
    struct section *section = report_add_section(report, 1, "one", WORD_SITE);
    struct table *table = section_add_table(section, "rows", WORD_SITE, COLUMNS, N_COLUMNS);
    for (int i = 0; i < N_ROWS; i++) {
        struct cell *row = table_add_row(table);
        row[0] = cell_not_provided("edc");
        row[1] = cell_not_provided("ctms");
        row[2] = cell_not_provided("ctms");
    }
    *state = table;
    return 0;
}

static int free_table(void **state)
{
    struct table *table = *state;
    report_free(table->report);
    return 0;
}

static void a_column_absent_in_every_row_is_not_shown(void **state)
{
    size_t shown[DOCUMENT_COLUMNS_MAX];
    assert_int_equal(table_find_shown(*state, shown), 1);
    assert_int_equal(shown[0], 0); /* the first one names the rows, whatever it holds */
}

static void one_other_cell_keeps_the_column(void **state)
{
    struct table *table = *state;
    size_t shown[DOCUMENT_COLUMNS_MAX];
    table->last->cells[2] = cell_integer(7);
    assert_int_equal(table_find_shown(table, shown), 2);
    assert_int_equal(shown[1], 2);
    table->last->cells[2] = cell_none();
    assert_int_equal(table_find_shown(table, shown), 2);
}

static void a_column_that_two_sources_lack_is_shown(void **state)
{
    struct table *table = *state;
    size_t shown[DOCUMENT_COLUMNS_MAX];
    table->last->cells[1] = cell_not_provided("lab");
    assert_int_equal(table_find_shown(table, shown), 2);
    assert_int_equal(shown[1], 1);
}

static void an_empty_table_keeps_its_columns(void **state)
{
    struct table *table = *state;
    size_t shown[DOCUMENT_COLUMNS_MAX];
    table->first = NULL;
    table->last = NULL;
    assert_int_equal(table_find_shown(table, shown), N_COLUMNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_column_absent_in_every_row_is_not_shown, make_table, free_table),
        cmocka_unit_test_setup_teardown(one_other_cell_keeps_the_column, make_table, free_table),
        cmocka_unit_test_setup_teardown(
            a_column_that_two_sources_lack_is_shown, make_table, free_table),
        cmocka_unit_test_setup_teardown(an_empty_table_keeps_its_columns, make_table, free_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
