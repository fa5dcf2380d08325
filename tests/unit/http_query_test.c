/* Queries: what is decoded, what is refused and how the refusal reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/query.h"

static void parameters_are_decoded(void **state)
{
    (void)state;
    CLEANUP(http_query_finish) struct http_query query = {.text = NULL};
    assert_int_equal(
        http_query_parse("a=1&b=x+y%26z&&c&d=&e=f=g&%E4%B8%8A=%e4%b8%8a", &query, NULL), STATUS_OK);
    assert_int_equal(query.n_parameters, 6);
    assert_string_equal(http_query_value(&query, "a"), "1");
    assert_string_equal(http_query_value(&query, "b"), "x y&z");
    assert_string_equal(http_query_value(&query, "c"), "");
    assert_string_equal(http_query_value(&query, "d"), "");
    assert_string_equal(http_query_value(&query, "e"), "f=g");
    assert_string_equal(http_query_value(&query, "\xe4\xb8\x8a"), "\xe4\xb8\x8a");
    assert_null(http_query_value(&query, "A"));
    assert_string_equal(query.parameters[1].name, "b");
}

static void an_empty_query_has_no_parameters(void **state)
{
    (void)state;
    CLEANUP(http_query_finish) struct http_query query = {.text = NULL};
    assert_int_equal(http_query_parse("", &query, NULL), STATUS_OK);
    assert_int_equal(query.n_parameters, 0);
}

static void refusals_name_the_parameter(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *words;
    } CASES[] = {
        {"a=1&format=%", "\"format\": malformed percent-encoding"},
        {"format=%4", "\"format\": malformed percent-encoding"},
        {"format=%zz", "\"format\": malformed percent-encoding"},
        {"format=a%00b", "\"format\": an encoded NUL"},
        {"format=%ff", "\"format\": not UTF-8"},
        {"a=1&%=b", "number 2"},
        {"format=a&x=1&format=b", "\"format\" is given more than once"},
        {"format=a&f%6frmat=a", "\"format\" is given more than once"},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct http_query query = {.text = NULL};
        struct error error = ERROR_NONE;
        assert_int_equal(http_query_parse(CASES[i].query, &query, &error), STATUS_INVALID_ARGUMENT);
        if (strstr(error.text, CASES[i].words) == NULL) {
            fail_msg("%s: \"%s\" does not say %s", CASES[i].query, error.text, CASES[i].words);
        }
        assert_null(query.text);
    }
}

static void parameters_have_a_maximum(void **state)
{
    (void)state;
    char text[HTTP_QUERY_PARAMETERS_MAX * 8 + 8] = "";
    size_t len = 0;
    for (int i = 0; i < HTTP_QUERY_PARAMETERS_MAX; i++) {
        len += (size_t)sprintf(text + len, "n%d=1&", i);
    }
    struct http_query query = {.text = NULL};
    assert_int_equal(http_query_parse(text, &query, NULL), STATUS_OK);
    assert_int_equal(query.n_parameters, HTTP_QUERY_PARAMETERS_MAX);
    http_query_finish(&query);
    strcpy(text + len, "x=1");
    assert_int_equal(http_query_parse(text, &query, NULL), STATUS_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_decoded),
        cmocka_unit_test(an_empty_query_has_no_parameters),
        cmocka_unit_test(refusals_name_the_parameter),
        cmocka_unit_test(parameters_have_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
