/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/parameters.h"
#include "api/sections.h"

static const struct parameter KNOWN[] = {
    {"format", "pdf|json"},
    {"as_of", NULL},
    {NULL, NULL},
};

static struct parameters parameters;

static void refused(const char *query, const char *body, const char *said)
{
    struct error error = ERROR_NONE;
    assert_int_equal(parameters_parse(&parameters, KNOWN, query, bytes_of(body), &error),
        STATUS_INVALID_ARGUMENT);
    if (strstr(error.text, said) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, said);
    }
}

static void query_and_body_are_read(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(parameters_parse(&parameters, KNOWN, "format=json&timeout=300ms",
                         bytes_of(" {\"as_of\":\"2019-10-26\"} \n"), &error),
        STATUS_OK);
    assert_string_equal(parameters_get(&parameters, "format"), "json");
    assert_string_equal(parameters_get(&parameters, "timeout"), "300ms");
    assert_string_equal(parameters_get(&parameters, "as_of"), "2019-10-26");
    assert_null(parameters_get(&parameters, "study"));
}

static void no_parameters_at_all_is_fine(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(parameters_parse(&parameters, NULL, "", bytes_of(""), &error), STATUS_OK);
    assert_null(parameters_get(&parameters, "timeout"));
}

static void an_unknown_parameter_is_named_with_the_known_ones(void **state)
{
    (void)state;
    refused("fromat=pdf", "", "fromat");
    refused("fromat=pdf", "", "format");
    refused("", "{\"fromat\":\"pdf\"}", "fromat");
}

static void a_value_that_is_no_choice_is_named(void **state)
{
    (void)state;
    refused("format=docx", "", "docx");
    refused("format=pd", "", "format");
    refused("format=pdf|json", "", "format");
    refused("format=", "", "format");
}

static void a_parameter_given_twice_is_refused(void **state)
{
    (void)state;
    refused("format=pdf&format=pdf", "", "format");
    refused("format=pdf", "{\"format\":\"pdf\"}", "format");
}

static void a_body_that_is_no_object_of_plain_values_is_refused(void **state)
{
    (void)state;
    refused("", "[1]", "JSON object");
    refused("", "{\"format\":\"pdf\"", "JSON object");
    refused("", "{\"format\":\"pdf\"} x", "JSON object");
    refused("", "{\"format\":[\"pdf\"]}", "format");
    refused("", "{\"as_of\":null}", "as_of");
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    char query[PARAMETER_TEXT_MAX + 64] = "as_of=";
    memset(query + 6, 'x', PARAMETER_TEXT_MAX);
    refused(query, "", "too long");
}

static void sections_are_numbers_and_ranges(void **state)
{
    (void)state;
    uint32_t mask = 0;
    struct error error;
    assert_int_equal(sections_parse("0-5,8,10-11", &mask, &error), STATUS_OK);
    assert_int_equal(mask, 0x3F | 1 << 8 | 1 << 10 | 1 << 11);
    assert_int_equal(sections_parse("1,B-d", &mask, &error), STATUS_OK);
    assert_int_equal(mask, 0x1c0002); /* appendices follow section 16: A is 17 */
    assert_int_equal(sections_parse("A,17-20", &mask, &error), STATUS_OK);
    assert_int_equal(mask, 0x1e0000);
    assert_int_equal(sections_parse("16", &mask, &error), STATUS_OK);
    assert_int_equal(mask, 1 << 16);
    static const char *const WRONG[] = {
        "", ",", "1,", "5-2", "21", "99999999999999999999", "1-", "-1", "1 2", "one"};
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        assert_int_equal(sections_parse(WRONG[i], &mask, &error), STATUS_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, "sections"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_and_body_are_read),
        cmocka_unit_test(no_parameters_at_all_is_fine),
        cmocka_unit_test(an_unknown_parameter_is_named_with_the_known_ones),
        cmocka_unit_test(a_value_that_is_no_choice_is_named),
        cmocka_unit_test(a_parameter_given_twice_is_refused),
        cmocka_unit_test(a_body_that_is_no_object_of_plain_values_is_refused),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(sections_are_numbers_and_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
