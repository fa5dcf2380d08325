/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/disposition.h"

static void expect(
    const char *content_type, const char *name, const char *utf8_name, const char *expected)
{
    char value[DISPOSITION_MAX];
    disposition_format(content_type, name, utf8_name, value);
    assert_string_equal(value, expected);
}

static void what_a_browser_shows_is_inline_and_the_rest_attached(void **state)
{
    (void)state;
    expect("application/pdf", "a.pdf", "a.pdf", "inline; filename=\"a.pdf\"");
    expect("application/json", "a.json", "", "inline; filename=\"a.json\"");
    expect("application/zip", "a.zip", NULL, "attachment; filename=\"a.zip\"");
}

static void a_name_in_another_script_is_given_twice(void **state)
{
    (void)state;
    expect("application/zip", "r--01.zip", "r-中01.zip",
        "attachment; filename=\"r--01.zip\"; filename*=UTF-8''r-%E4%B8%AD01.zip");
    expect("application/zip", "a-b.zip", "a b'%.zip",
        "attachment; filename=\"a-b.zip\"; filename*=UTF-8''a%20b%27%25.zip");
}

static void a_name_cannot_end_its_quotes_or_the_header(void **state)
{
    (void)state;
    expect("application/zip", "a\"; x=\\\r\nSet-Cookie: b", "",
        "attachment; filename=\"a-; x=---Set-Cookie: b\"");
}

static void a_name_of_any_length_fits(void **state)
{
    (void)state;
    char name[4096];
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    char other[4096];
    memset(other, 'o', sizeof(other));
    other[sizeof(other) - 1] = '\0';
    char value[DISPOSITION_MAX];
    disposition_format("application/zip", name, other, value);
    assert_true(strlen(value) < DISPOSITION_MAX);
    assert_null(strstr(value, "filename*"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_browser_shows_is_inline_and_the_rest_attached),
        cmocka_unit_test(a_name_in_another_script_is_given_twice),
        cmocka_unit_test(a_name_cannot_end_its_quotes_or_the_header),
        cmocka_unit_test(a_name_of_any_length_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
