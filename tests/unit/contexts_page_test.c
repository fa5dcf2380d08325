#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "ctx/ctx.h"
#include "ctx/test.h"
#include "obs/contexts_page.h"
#include "obs/scope_census.h"

enum { PAGE_MAX = 1 << 20, N_SCOPES = 3 };

static cJSON *read_page(void)
{
    CLEANUP(buffer_finish) struct buffer page = BUFFER_EMPTY(PAGE_MAX);
    assert_int_equal(contexts_page_write(NULL, &page), STATUS_OK);
    cJSON *json = cJSON_ParseWithLength((const char *)page.data, page.len);
    assert_non_null(json);
    return json;
}

static void no_scope_gives_an_empty_list(void **state)
{
    (void)state;
    cJSON *json = read_page();
    assert_int_equal(cJSON_GetObjectItem(json, "scopes")->valueint, 0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "sites")), 0);
    cJSON_Delete(json);
}

static void live_scopes_are_counted_by_site_the_most_first(void **state)
{
    (void)state;
    struct ctx_scope *one = ctx_with_cancel(ctx_background());
    struct ctx_scope *many[N_SCOPES];
    int line = 0;
    for (int i = 0; i < N_SCOPES; i++) {
        line = __LINE__ + 1;
        many[i] = ctx_with_cancel(ctx_background());
    }
    cJSON *json = read_page();
    assert_int_equal(cJSON_GetObjectItem(json, "scopes")->valueint, N_SCOPES + 1);
    const cJSON *sites = cJSON_GetObjectItem(json, "sites");
    assert_int_equal(cJSON_GetArraySize(sites), 2);
    const cJSON *first = cJSON_GetArrayItem(sites, 0);
    char site[256];
    snprintf(site, sizeof(site), "%s:%d", __FILE__, line);
    assert_string_equal(cJSON_GetObjectItem(first, "site")->valuestring, site);
    assert_int_equal(cJSON_GetObjectItem(first, "scopes")->valueint, N_SCOPES);
    assert_true(cJSON_GetObjectItem(first, "oldest_ms")->valuedouble >= 0);
    cJSON_Delete(json);
    for (int i = 0; i < N_SCOPES; i++) {
        ctx_scope_end(many[i]);
    }
    ctx_scope_end(one);
    assert_true(ctx_test_no_leaks());
}

/* Made by a macro, every scope of it has a site of its own. */
static void sites_beyond_the_maximum_are_counted_together(void **state)
{
    (void)state;
    enum { N_SITES = SCOPE_CENSUS_SITES_MAX + 5 };
    struct ctx_scope *scopes[N_SITES];
    for (int i = 0; i < N_SITES; i++) {
        scopes[i] = ctx_with_cancel_from((struct ctx_site){"somewhere.c", i + 1}, ctx_background());
    }
    cJSON *json = read_page();
    const cJSON *sites = cJSON_GetObjectItem(json, "sites");
    assert_int_equal(cJSON_GetArraySize(sites), SCOPE_CENSUS_SITES_MAX + 1);
    const cJSON *other = cJSON_GetArrayItem(sites, SCOPE_CENSUS_SITES_MAX);
    assert_string_equal(cJSON_GetObjectItem(other, "site")->valuestring, "other:0");
    assert_int_equal(cJSON_GetObjectItem(other, "scopes")->valueint, 5);
    cJSON_Delete(json);
    for (int i = 0; i < N_SITES; i++) {
        ctx_scope_end(scopes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_scope_gives_an_empty_list),
        cmocka_unit_test(live_scopes_are_counted_by_site_the_most_first),
        cmocka_unit_test(sites_beyond_the_maximum_are_counted_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
