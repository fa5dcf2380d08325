/* What of a target stands in a log. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "api/redact.h"

static const struct parameter KNOWN[] = {{"format", "pdf|json"}, {"study", NULL}, {NULL, NULL}};

static void only_values_of_known_parameters_are_shown(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *shown;
    } ROWS[] = {
        {"format=json&study=AA-1&timeout=3s", "format=json&study=AA-1&timeout=3s"},
        {"token=secret&format=pdf", "***&format=pdf"},
        {"secret", "***"},
        {"access_token=a&&study=", "***&&study="},
        {"formats=1&format=wk_01234567_89", "***&***"},
        {"study=eyJhbGciOiJSUzI1NiIsInR5cCI6", "***"},
        {"study=wk_1&format=eyJ", "study=wk_1&format=eyJ"},
        {"=x", "***"},
        {"", ""},
    };
    char text[REDACTED_MAX];
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        assert_string_equal(redact_query(ROWS[i].query, KNOWN, text), ROWS[i].shown);
    }
    assert_string_equal(redact_query("format=json&timeout=1s", NULL, text), "***&timeout=1s");
}

static void a_long_query_is_cut(void **state)
{
    (void)state;
    char text[REDACTED_MAX];
    char query[4 * REDACTED_MAX] = "study=";
    memset(query + strlen(query), 'x', 3 * REDACTED_MAX);
    assert_int_equal(strlen(redact_query(query, KNOWN, text)), REDACTED_MAX - 1);
}

static void a_token_in_a_path_is_left_out(void **state)
{
    (void)state;
    char text[REDACTED_MAX];
    assert_string_equal(redact_path("/v1/centers/101", text), "/v1/centers/101");
    assert_string_equal(redact_path("/v1/centers/wk_12", text), "/v1/centers/wk_12");
    assert_string_equal(redact_path("/v1/wk_01234567_89/x", text), "/v1/***");
    assert_string_equal(redact_path("/eyJhbGciOiJSUzI1NiIsInR5.wk_", text), "/***");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_values_of_known_parameters_are_shown),
        cmocka_unit_test(a_long_query_is_cut),
        cmocka_unit_test(a_token_in_a_path_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
