/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/routes.h"

static const struct route *route;
static char argument[PATH_ARGUMENT_MAX];

static enum route_match find(const char *method, const char *path, bool allow_faults)
{
    route = NULL;
    return route_find(method, path, allow_faults, &route, argument);
}

static void a_path_with_a_center_gives_the_center(void **state)
{
    (void)state;
    assert_int_equal(find("GET", "/v1/centers/10/audit-report", false), ROUTE_FOUND);
    assert_string_equal(argument, "10");
    assert_int_equal(find("POST", "/v1/centers/CN 01/audit-report", false), ROUTE_FOUND);
    assert_string_equal(argument, "CN 01");
}

static void a_path_with_a_study_gives_the_study_to_post_only(void **state)
{
    (void)state;
    assert_int_equal(find("POST", "/v1/studies/AA-AA-000-0000/audit-reports", false), ROUTE_FOUND);
    assert_string_equal(argument, "AA-AA-000-0000");
    assert_int_equal(
        find("GET", "/v1/studies/AA-AA-000-0000/audit-reports", false), ROUTE_NO_METHOD);
    assert_int_equal(find("POST", "/v1/studies//audit-reports", false), ROUTE_NO_PATH);
}

static void what_only_looks_like_a_route_is_none(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"", "/v1", "/v1/centers/", "/v1/centers/10",
        "/v1/centers//audit-report", "/v1/centers/10/audit-reports", "/v1/centers/1/0/audit-report",
        "/healthz/", "/V1/centers"};
    for (size_t i = 0; i < LENGTH_OF(PATHS); i++) {
        assert_int_equal(find("GET", PATHS[i], true), ROUTE_NO_PATH);
    }
}

static void a_center_of_absurd_length_is_no_path(void **state)
{
    (void)state;
    char path[PATH_ARGUMENT_MAX + 64] = "/v1/centers/";
    memset(path + strlen(path), '1', PATH_ARGUMENT_MAX);
    strcat(path, "/audit-report");
    assert_int_equal(find("GET", path, false), ROUTE_NO_PATH);
}

static void a_method_that_is_not_there_is_told_from_a_path_that_is_not(void **state)
{
    (void)state;
    assert_int_equal(find("POST", "/v1/centers", false), ROUTE_NO_METHOD);
    assert_string_equal(route->method, "GET, HEAD");
    assert_int_equal(find("GE", "/v1/centers", false), ROUTE_NO_METHOD);
    assert_int_equal(find("HEAD", "/v1/centers", false), ROUTE_FOUND);
}

static void routes_for_faults_are_hidden_unless_allowed(void **state)
{
    (void)state;
    assert_int_equal(find("GET", "/v1/work", false), ROUTE_NO_PATH);
    assert_int_equal(find("GET", "/v1/sleep", false), ROUTE_NO_PATH);
    assert_int_equal(find("GET", "/v1/work", true), ROUTE_FOUND);
    assert_int_equal(find("GET", "/v1/sleep", true), ROUTE_FOUND);
}

/* A row without one would be the admin's alone: nobody may add a route and not say whose it is. */
static void every_route_says_what_its_caller_must_have(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct route *at = route_at(0); at != NULL; at = route_at(++n)) {
        if (at->permission == PERMISSION_UNSET) {
            fail_msg("%s has no permission", at->pattern);
        }
        assert_int_equal(route_number(at), n);
    }
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_with_a_center_gives_the_center),
        cmocka_unit_test(a_path_with_a_study_gives_the_study_to_post_only),
        cmocka_unit_test(what_only_looks_like_a_route_is_none),
        cmocka_unit_test(a_center_of_absurd_length_is_no_path),
        cmocka_unit_test(a_method_that_is_not_there_is_told_from_a_path_that_is_not),
        cmocka_unit_test(every_route_says_what_its_caller_must_have),
        cmocka_unit_test(routes_for_faults_are_hidden_unless_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
