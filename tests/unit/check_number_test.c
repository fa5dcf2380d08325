/* Decimal numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crf/language/check_number.h"

enum { N_DRAWS = 20000 };

static struct check_number parse(const char *text)
{
    struct check_number number;
    if (!number_parse(text, strlen(text), &number)) {
        fail_msg("%s is no number", text);
    }
    return number;
}

static void assert_number(struct check_number number, const char *expected)
{
    char text[NUMBER_TEXT_MAX];
    number_print(number, text);
    assert_string_equal(text, expected);
}

static void texts_are_numbers_or_not(void **state)
{
    static const char *const NUMBERS[][2] = {{"80", "80"}, {"-80.50", "-80.50"}, {"+.5", "0.5"},
        {"5.", "5"}, {"1.5e3", "15e2"}, {"1E-2", "0.01"}, {"000123", "123"}, {"-0", "0"},
        {"0.000", "0.000"}, {"999999999999999999", "999999999999999999"},
        {"1234567890123456789", "123456789012345679e1"},
        {"9999999999999999999", "100000000000000000e2"},
        {"0.1234567890123456785", "0.123456789012345679"}, {"1e64", "1e64"}, {"1e70", "1000000e64"},
        {"1e-70", "0"}, {"1e81", "100000000000000000e64"}};
    static const char *const OTHERS[] = {"", "+", "-", ".", "e5", "1e", "1e+", "1,5", "1 5", "0x10",
        "inf", "nan", "1e82", "1e1000", "--1", "1.2.3", "12a", "<5",
        "1234567890123456789012345678901234567"};
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(NUMBERS); i++) {
        assert_number(parse(NUMBERS[i][0]), NUMBERS[i][1]);
    }
    for (size_t i = 0; i < LENGTH_OF(OTHERS); i++) {
        struct check_number number = {7, 7};
        assert_false(number_parse(OTHERS[i], strlen(OTHERS[i]), &number));
        assert_int_equal(number.digits, 7);
    }
}

static void sums_and_products_are_exact(void **state)
{
    struct check_number number;
    (void)state;
    assert_true(number_add(parse("70.1"), parse("-69.8"), &number));
    assert_number(number, "0.3");
    assert_true(number_add(parse("1e18"), parse("1e-18"), &number));
    assert_int_equal(number_compare(number, parse("1e18")), 0);
    assert_true(number_add(parse("1e30"), parse("-1e12"), &number));
    assert_int_equal(number_compare(number, parse("999999999999999999e12")), 0);
    assert_true(number_add(parse("50000000000000"), parse("1e30"), &number));
    assert_number(number, "100000000000000005e13");
    assert_true(number_add(parse("999999999999999999"), parse("0.5"), &number));
    assert_int_equal(number_compare(number, parse("1e18")), 0);
    assert_true(number_multiply(parse("1.1"), parse("-1.1"), &number));
    assert_number(number, "-1.21");
    assert_true(number_multiply(parse("999999999999999999"), parse("999999999999999999"), &number));
    assert_number(number, "999999999999999998e18");
    assert_false(number_multiply(parse("1e60"), parse("1e60"), &number));
    assert_true(number_multiply(parse("1e-60"), parse("1e-60"), &number));
    assert_number(number, "0");
}

static void quotients_end_or_are_rounded(void **state)
{
    static const char *const DIVISIONS[][3] = {{"1", "8", "0.125"}, {"6", "3", "2"},
        {"200", "0.5", "400"}, {"1", "3", "0.333333333333333333"},
        {"2", "3", "0.666666666666666667"}, {"-1", "6", "-0.166666666666666667"},
        {"72.5", "3.24", "22.3765432098765432"}, {"0", "7", "0"}, {"1e3", "1e-3", "1000000"}};
    struct check_number number = {7, 7};
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(DIVISIONS); i++) {
        assert_true(number_divide(parse(DIVISIONS[i][0]), parse(DIVISIONS[i][1]), &number));
        assert_number(number, DIVISIONS[i][2]);
    }
    assert_false(number_divide(parse("1"), parse("0.0"), &number));
    assert_false(number_divide(parse("1e60"), parse("1e-60"), &number));
    assert_number(number, "1000000"); /* untouched */
}

static void halves_go_away_from_zero(void **state)
{
    static const struct {
        const char *number;
        int n_digits;
        const char *expected;
    } ROUNDED[] = {{"72.5", 0, "73"}, {"-72.5", 0, "-73"}, {"72.49", 0, "72"}, {"0.25", 1, "0.3"},
        {"-0.24", 1, "-0.2"}, {"5", 3, "5"}, {"1e-60", 12, "0.000000000000"},
        {"999999999999999999", 0, "999999999999999999"},
        {"99999999999999999.5", 0, "100000000000000000"}};
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(ROUNDED); i++) {
        assert_number(
            number_round(parse(ROUNDED[i].number), ROUNDED[i].n_digits), ROUNDED[i].expected);
    }
}

static uint64_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 11;
}

/* With few digits, so that nothing is rounded. */
static struct check_number draw_small(uint64_t *state)
{
    return (struct check_number){
        (int64_t)(draw(state) % 2000001) - 1000000, (int32_t)(draw(state) % 13) - 6};
}

static void the_laws_of_arithmetic_hold(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (int i = 0; i < N_DRAWS; i++) {
        struct check_number a = draw_small(&seed);
        struct check_number b = draw_small(&seed);
        struct check_number c = draw_small(&seed);
        struct check_number sums[2];
        struct check_number product = {0, 0};
        char text[NUMBER_TEXT_MAX];
        number_print(a, text);
        assert_int_equal(number_compare(parse(text), a), 0);
        assert_int_equal(number_compare(a, b), -number_compare(b, a));
        assert_int_equal(number_compare(a, b), -number_compare(number_negate(a), number_negate(b)));
        /* (a + b) - b = a, a (b + c) = ab + ac, ab / b = a */
        assert_true(number_add(a, b, &sums[0]) && number_add(sums[0], number_negate(b), &sums[1]));
        assert_int_equal(number_compare(sums[1], a), 0);
        assert_true(number_add(b, c, &sums[0]) && number_multiply(a, sums[0], &product));
        assert_true(number_multiply(a, b, &sums[0]) && number_multiply(a, c, &sums[1]) &&
                    number_add(sums[0], sums[1], &sums[1]));
        assert_int_equal(number_compare(product, sums[1]), 0);
        assert_int_equal(number_divide(sums[0], b, &product), b.digits != 0);
        if (b.digits != 0) {
            assert_int_equal(number_compare(product, a), 0);
        }
        long double difference = ((long double)a.digits - (long double)b.digits);
        if (a.exponent == b.exponent) {
            assert_int_equal(number_compare(a, b), (difference > 0) - (difference < 0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_numbers_or_not),
        cmocka_unit_test(sums_and_products_are_exact),
        cmocka_unit_test(quotients_end_or_are_rounded),
        cmocka_unit_test(halves_go_away_from_zero),
        cmocka_unit_test(the_laws_of_arithmetic_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
