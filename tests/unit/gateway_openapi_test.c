/* The description of the interface lacks nothing that the table of routes has. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/routes.h"
#include "openapi/openapi.h"

enum { KEY_MAX = 256 };

static cJSON *document;
static cJSON *words;

static int set_up(void **state)
{
    (void)state;
    char *text =
        openapi_write(&(struct openapi_options){.allow_faults = true, .is_authenticated = true});
    document = cJSON_Parse(text);
    words = cJSON_ParseWithLength((const char *)OPENAPI_WORDS.data, OPENAPI_WORDS.len);
    free(text);
    return document == NULL || words == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(document);
    cJSON_Delete(words);
    return 0;
}

static cJSON *get(const cJSON *json, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(json, name);
}

/* Run `visit` for each method of each row but HEAD. */
static void each_operation(void (*visit)(const struct route *route, const char *method))
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        char methods[KEY_MAX];
        snprintf(methods, sizeof(methods), "%s", route->method);
        for (char *method = strtok(methods, ", "); method != NULL; method = strtok(NULL, ", ")) {
            if (strcmp(method, "HEAD") != 0) {
                visit(route, method);
            }
        }
    }
}

static void check_words(const struct route *route, const char *method)
{
    char key[KEY_MAX];
    snprintf(key, sizeof(key), "%s %s", method, route->pattern);
    const cJSON *own = get(get(words, "operations"), key);
    if (own == NULL) {
        print_error("%s: openapi/words.json has nothing about it\n", key);
    }
    assert_non_null(own);
    assert_true(cJSON_IsString(get(own, "summary")));
    assert_true(cJSON_IsString(get(own, "tag")));
    assert_true(cJSON_GetArraySize(get(own, "responses")) > 0);
}

static void every_row_of_the_table_is_described(void **state)
{
    (void)state;
    each_operation(check_words);
}

static void check_operation(const struct route *route, const char *method)
{
    char lower[KEY_MAX];
    snprintf(lower, sizeof(lower), "%s", method);
    for (char *at = lower; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    const cJSON *operation = get(get(get(document, "paths"), route->pattern), lower);
    assert_non_null(operation);
    const cJSON *security = get(operation, "security");
    assert_int_equal(cJSON_GetArraySize(security), route->permission == PERMISSION_PUBLIC ? 0 : 1);
    const cJSON *parameter;
    cJSON_ArrayForEach(parameter, get(operation, "parameters"))
    {
        bool is_reference = get(parameter, "$ref") != NULL;
        bool is_described = cJSON_IsString(get(parameter, "description")) &&
                            cJSON_GetArraySize(get(parameter, "schema")) > 0;
        if (!is_reference && !is_described) {
            print_error("%s: parameter %s is not described\n", route->pattern,
                cJSON_GetStringValue(get(parameter, "name")));
        }
        assert_true(is_reference || is_described);
    }
    assert_non_null(get(get(operation, "responses"), "default"));
}

static void every_operation_has_its_parameters_answers_and_permission(void **state)
{
    (void)state;
    each_operation(check_operation);
}

static size_t n_operations;

static void count(const struct route *route, const char *method)
{
    (void)route;
    (void)method;
    n_operations++;
}

static void nothing_is_described_that_is_not_there(void **state)
{
    (void)state;
    each_operation(count);
    assert_int_equal(cJSON_GetArraySize(get(words, "operations")), n_operations);
}

static void routes_for_faults_are_described_where_they_are(void **state)
{
    (void)state;
    assert_non_null(get(get(document, "paths"), "/v1/work"));
    char *text = openapi_write(&(struct openapi_options){.allow_faults = false});
    assert_non_null(text);
    assert_null(strstr(text, "/v1/work"));
    assert_null(strstr(text, "\"security\":[{"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_table_is_described),
        cmocka_unit_test(every_operation_has_its_parameters_answers_and_permission),
        cmocka_unit_test(nothing_is_described_that_is_not_there),
        cmocka_unit_test(routes_for_faults_are_described_where_they_are),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
