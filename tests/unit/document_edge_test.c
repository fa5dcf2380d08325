/* Reports at the edges: nothing in them, nothing known, nothing finite, everything too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/sample_pdf.h"
#include "support/sample_report.h"

enum { MEMORY_MAX = 64 * 1024 * 1024, N_KINDS = CHART_TIMELINE + 1 };

static const struct column COLUMNS[64];

static void draws(struct report *report)
{
    assert_int_equal(report_is_complete(report), STATUS_OK);
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        struct pdf pdf = sample_pdf_draw(ctx_background(), report, (enum language)language, 0);
        assert_string_equal(pdf.error.text, "");
        assert_int_equal(pdf.status, STATUS_OK);
        assert_true(pdf.bytes.len > 1000);
        assert_memory_equal(pdf.bytes.data, "%PDF-1.5", 8);
        sample_pdf_finish(&pdf);
    }
    report_free(report);
}

static void a_report_of_nothing_is_a_cover_and_contents(void **state)
{
    (void)state;
    struct report *report = report_new(MEMORY_MAX);
    assert_non_null(report);
    draws(report);
}

static void an_empty_section_and_empty_blocks_are_drawn(void **state)
{
    (void)state;
    struct report *report = report_new(MEMORY_MAX);
    assert_non_null(report);
    report_add_section(report, 1, "none", WORD_NONE);
    struct section *section = report_add_section(report, 2, "empty", WORD_CONTENTS);
    section_add_paragraph(section, WORD_NONE, NULL, 0);
    section_add_heading(section, WORD_NONE);
    section_add_facts(section, "facts");
    section_add_not_provided(section, WORD_NONE, NULL);
    section_add_table(section, "no-columns", WORD_NONE, NULL, 0);
    table_add_row(section_add_table(section, "no-columns-but-a-row", WORD_NONE, NULL, 0));
    section_add_heading(section, WORD_CONTENTS);
    draws(report);
}

/* A chart of the kind in which every value is `value`. */
static void add_chart(struct section *section, enum chart_kind kind, double value, size_t n)
{
    struct chart *chart = section_add_chart(section, "chart", kind, WORD_SITE);
    chart_set_categories(chart, n);
    for (int k = 0; k < 2; k++) {
        struct chart_series *series = chart_add_series(chart, WORD_SITE, TONE_ALARM, n);
        for (size_t i = 0; i < n; i++) {
            *chart_point_at(series, i) =
                (struct chart_point){.x = value, .y = value, .is_highlighted = i == 1};
        }
    }
    chart->x_is_date = n % 2 == 1;
    chart->y_is_percent = n % 3 == 1;
}

static void charts_of_any_value_are_drawn(void **state)
{
    (void)state;
    static const double VALUES[] = {
        0, 1, -1, 1e-300, 1e15, -1e15, 1e300, NAN, INFINITY, -INFINITY, 0.1, 17226};
    struct report *report = report_new(MEMORY_MAX);
    assert_non_null(report);
    struct section *section = report_add_section(report, 1, "charts", WORD_SITE);
    for (int kind = 0; kind < N_KINDS; kind++) {
        section_add_chart(section, "bare", (enum chart_kind)kind, WORD_SITE);
        add_chart(section, (enum chart_kind)kind, 1, 0);
        for (size_t i = 0; i < LENGTH_OF(VALUES); i++) {
            add_chart(section, (enum chart_kind)kind, VALUES[i], 1);
            add_chart(section, (enum chart_kind)kind, VALUES[i], 4);
            add_chart(section, (enum chart_kind)kind, VALUES[i], 200);
        }
    }
    draws(report);
}

static void sixty_four_columns_find_room(void **state)
{
    (void)state;
    struct report *report = report_new(MEMORY_MAX);
    assert_non_null(report);
    struct section *section = report_add_section(report, 1, "wide", WORD_SITE);
    struct table *table = section_add_table(section, "wide", WORD_SITE, COLUMNS, 64);
    for (int i = 0; i < 3; i++) {
        struct cell *row = table_add_row(table);
        for (int k = 0; k < 64; k++) {
            row[k] = cell_integer(k * 1000 + i);
        }
    }
    draws(report);
}

static void names_of_any_length_fit_the_cover(void **state)
{
    (void)state;
    struct report *report = report_new(MEMORY_MAX);
    assert_non_null(report);
    static char name[5000];
    for (size_t i = 0; i + 4 < sizeof(name); i += 3) {
        memcpy(name + i, "院", 3);
    }
    report->study_title = name;
    report->study_protocol = name;
    report->site_no = name;
    report->site_name = name;
    report->investigator = name;
    report->country = name;
    report->requester = name;
    report->as_of = name;
    report->period_from = name;
    draws(report);
}

static void too_many_pages_are_refused(void **state)
{
    (void)state;
    struct report *report = report_new((size_t)1024 * 1024 * 1024);
    assert_non_null(report);
    for (int i = 0; i <= DOCUMENT_PAGES_MAX; i++) {
        struct section *section = report_add_section(report, 1, "page", WORD_NONE);
        for (int k = 0; k < 3; k++) {
            add_chart(section, CHART_LINES, 1, 1);
        }
    }
    assert_int_equal(report_is_complete(report), STATUS_OK);
    struct pdf pdf = sample_pdf_draw(ctx_background(), report, LANGUAGE_EN, 0);
    assert_int_equal(pdf.status, STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(pdf.error.text, "20000"));
    assert_int_equal(pdf.n_pieces, 0);
    report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_of_nothing_is_a_cover_and_contents),
        cmocka_unit_test(an_empty_section_and_empty_blocks_are_drawn),
        cmocka_unit_test(charts_of_any_value_are_drawn),
        cmocka_unit_test(sixty_four_columns_find_room),
        cmocka_unit_test(names_of_any_length_fit_the_cover),
        cmocka_unit_test(too_many_pages_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
