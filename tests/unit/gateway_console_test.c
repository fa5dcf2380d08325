/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/console.h"
#include "api/routes.h"
#include "web/files.h"

static const char TAG[] = "\"ab12\"";

static void a_tag_that_the_client_has_is_fresh_in_every_spelling(void **state)
{
    (void)state;
    static const char *const VALUES[] = {"\"ab12\"", "W/\"ab12\"", "\"x\", \"ab12\"",
        "  \"ab12\"  ", "\"a,b\",\"ab12\",\"y\"", "*", "\"x\",W/\"ab12\""};
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        assert_true(console_is_fresh(VALUES[i], TAG));
    }
}

static void a_tag_that_is_another_or_none_is_not_fresh(void **state)
{
    (void)state;
    static const char *const VALUES[] = {"", "\"\"", "\"ab123\"", "\"ab1\"", "ab12", "\"ab12",
        "\"x, \"ab12\"", "\"xab12\"", ",,,", "W/", "\"ab12\"x", "\"", "\"\"ab12\"\""};
    for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++) {
        assert_false(console_is_fresh(VALUES[i], TAG));
    }
    assert_false(console_is_fresh(NULL, TAG));
}

static void every_file_has_a_type_and_a_tag_of_its_own(void **state)
{
    (void)state;
    assert_true(WEB_FILES_LEN > 10);
    for (size_t i = 0; i < WEB_FILES_LEN; i++) {
        const struct web_file *file = &WEB_FILES[i];
        assert_non_null(strchr(file->content_type, '/'));
        assert_int_equal(strlen(file->etag), 64 + 2);
        assert_true(file->content.len > 0);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(file->name, WEB_FILES[k].name);
            assert_string_not_equal(file->etag, WEB_FILES[k].etag);
        }
    }
}

static void the_console_is_there_without_an_identity_and_for_get_only(void **state)
{
    (void)state;
    const struct route *route = NULL;
    char argument[PATH_ARGUMENT_MAX];
    static const char *const PATHS[] = {"/", "/console/main.js"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(route_find("GET", PATHS[i], false, &route, argument), ROUTE_FOUND);
        assert_int_equal(route->permission, PERMISSION_PUBLIC);
        assert_int_equal(route_find("POST", PATHS[i], false, &route, argument), ROUTE_NO_METHOD);
    }
    assert_int_equal(route_find("GET", "/console/", false, &route, argument), ROUTE_NO_PATH);
    assert_int_equal(route_find("GET", "/console/a/b", false, &route, argument), ROUTE_NO_PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_that_the_client_has_is_fresh_in_every_spelling),
        cmocka_unit_test(a_tag_that_is_another_or_none_is_not_fresh),
        cmocka_unit_test(every_file_has_a_type_and_a_tag_of_its_own),
        cmocka_unit_test(the_console_is_there_without_an_identity_and_for_get_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
