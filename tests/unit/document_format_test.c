/* Cells and sentences as text: the same digits whatever the locale. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <string.h>

#include "audit/document/format_cell.h"

static void assert_cell(struct cell cell, enum language language, const char *expected)
{
    char room[CELL_TEXT_MAX];
    assert_string_equal(format_cell(&cell, language, room), expected);
}

static void every_kind_of_cell_has_its_form(void **state)
{
    (void)state;
    assert_cell(cell_none(), LANGUAGE_EN, "–");
    assert_cell(cell_not_provided("ctms"), LANGUAGE_EN, "not provided by ctms");
    assert_cell(cell_not_provided("ctms"), LANGUAGE_ZH_CN, "ctms 未提供");
    assert_cell(cell_text("O'Brien"), LANGUAGE_EN, "O'Brien");
    assert_cell(cell_date("2004-03"), LANGUAGE_EN, "2004-03");
    assert_cell(cell_integer(-108550), LANGUAGE_EN, "-108550");
    assert_cell(cell_number(3.14159, 2), LANGUAGE_EN, "3.14");
    assert_cell(cell_percent(0.25, 1), LANGUAGE_EN, "25.0 %");
    assert_cell(cell_instant(1572078600000), LANGUAGE_EN, "2019-10-26 08:30Z");
    assert_cell(cell_instant(-60000), LANGUAGE_EN, "1969-12-31 23:59Z");
    assert_cell(cell_word(WORD_GRADE_MAJOR), LANGUAGE_ZH_CN, "主要");
}

static void a_rounded_away_minus_is_dropped(void **state)
{
    (void)state;
    assert_cell(cell_number(-0.001, 1), LANGUAGE_EN, "0.0");
    assert_cell(cell_number(-0.26, 1), LANGUAGE_EN, "-0.3");
}

static void numbers_have_a_point_in_every_locale(void **state)
{
    (void)state;
    static const char *const LOCALES[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "C"};
    for (size_t i = 0; i < LENGTH_OF(LOCALES); i++) {
        if (setlocale(LC_ALL, LOCALES[i]) != NULL) {
            assert_cell(cell_number(1234.5, 1), LANGUAGE_EN, "1234.5");
        }
    }
    setlocale(LC_ALL, "C");
}

static void templates_take_their_arguments(void **state)
{
    (void)state;
    struct cell arguments[] = {cell_integer(3), cell_text("{1}")};
    char text[64];
    format_template("Page {0} of {1}{5}!", arguments, 2, LANGUAGE_EN, text, sizeof(text));
    assert_string_equal(text, "Page 3 of {1}!");
    format_template("{x} {9} {", arguments, 2, LANGUAGE_EN, text, sizeof(text));
    assert_string_equal(text, "{x} {9} {");
}

static void templates_are_cut_at_a_character(void **state)
{
    (void)state;
    struct cell argument = cell_text("知情同意");
    char text[9];
    format_template("a{0}", &argument, 1, LANGUAGE_EN, text, sizeof(text));
    assert_string_equal(text, "a知情");
}

static void days_and_dates_agree_over_eight_centuries(void **state)
{
    (void)state;
    for (int64_t day = -150000; day < 150000; day++) {
        int64_t year;
        int month;
        int day_of_month;
        civil_from_day(day, &year, &month, &day_of_month);
        assert_true(month >= 1 && month <= 12 && day_of_month >= 1 && day_of_month <= 31);
        assert_int_equal(day_from_civil(year, month, day_of_month), day);
    }
    char text[32];
    format_day(18195, text, sizeof(text));
    assert_string_equal(text, "2019-10-26");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cell_has_its_form),
        cmocka_unit_test(a_rounded_away_minus_is_dropped),
        cmocka_unit_test(numbers_have_a_point_in_every_locale),
        cmocka_unit_test(templates_take_their_arguments),
        cmocka_unit_test(templates_are_cut_at_a_character),
        cmocka_unit_test(days_and_dates_agree_over_eight_centuries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
