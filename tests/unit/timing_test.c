/* How Server-Timing writes its numbers. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "api/timing.h"

static void milliseconds_have_three_decimals_rounded(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } ROWS[] = {
        {0, "0.000"},
        {499, "0.000"},
        {500, "0.001"},
        {12345678, "12.346"},
        {999999499, "999.999"},
        {999999500, "1000.000"},
        {UINT64_C(3600000000000), "3600000.000"},
    };
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        char text[TIMING_MS_MAX];
        text[timing_print_ms(text, ROWS[i].ns)] = '\0';
        assert_string_equal(text, ROWS[i].text);
    }
    char text[TIMING_MS_MAX];
    assert_true(timing_print_ms(text, UINT64_MAX) <= TIMING_MS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(milliseconds_have_three_decimals_rounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
