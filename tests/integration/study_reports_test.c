/* A whole study's reports over a real connection: what comes when, what is left out and said, what
 * a second call with the key makes again, and how it stops. `audit_build` is wrapped: the test
 * fails, holds or counts the making of a site. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <dirent.h>
#include <string.h>

#include "integration/study_fixture.h"

static const char KEY[] = "study-reports-test-key";

static void all_sites_come_as_one_zip_with_a_manifest(void **state)
{
    struct study_place *site = *state;
    struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    unsigned int n_files = 0;
    assert_int_equal(caller_run(&caller, site, "T-1", ""), STATUS_OK);
    cJSON *manifest = study_read_zip(&caller.zip, &n_files);
    assert_int_equal(n_files, STUDY_SITES);
    assert_int_equal(number_in(manifest, "sites"), STUDY_SITES);
    assert_int_equal(number_in(manifest, "made"), STUDY_SITES);
    assert_int_equal(number_in(manifest, "failed"), 0);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(manifest, "is_data_changed")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(manifest, "reports")), STUDY_SITES);
    cJSON_Delete(manifest);
    caller_finish(&caller);
}

static void a_study_that_is_not_there_is_said_before_the_first_byte(void **state)
{
    struct study_place *site = *state;
    struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    assert_int_equal(caller_run(&caller, site, "T-2", ""), STATUS_NOT_FOUND);
    assert_false(caller.has_head);
    assert_non_null(strstr(caller.end.message, "T-2"));
    caller_finish(&caller);
}

static void the_first_bytes_come_before_the_last_site_is_made(void **state)
{
    struct study_place *site = *state;
    struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    study_hold_at(2);
    caller_start(&caller, ctx_background(), site, "T-1", "");
    assert_true(study_wait_for_build(2));
    assert_true(caller_wait(&caller, caller_has_bytes));
    assert_int_equal(study_n_builds(), 2);
    study_open_gate();
    assert_true(caller_wait(&caller, caller_is_over));
    assert_int_equal(caller.end.status, STATUS_OK);
    caller_finish(&caller);
}

static void a_site_that_cannot_be_made_is_named_and_the_rest_comes(void **state)
{
    struct study_place *site = *state;
    struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    unsigned int n_files = 0;
    study_fail_at(3, STATUS_DATA_LOSS);
    assert_int_equal(caller_run(&caller, site, "T-1", ""), STATUS_OK);
    cJSON *manifest = study_read_zip(&caller.zip, &n_files);
    assert_int_equal(n_files, STUDY_SITES - 1);
    assert_int_equal(number_in(manifest, "failed"), 1);
    const cJSON *report = cJSON_GetArrayItem(cJSON_GetObjectItem(manifest, "reports"), 2);
    assert_string_equal(cJSON_GetObjectItem(report, "site_no")->valuestring, "03");
    assert_string_equal(cJSON_GetObjectItem(report, "status")->valuestring, "DATA_LOSS");
    assert_string_equal(
        cJSON_GetObjectItem(report, "error")->valuestring, "this site cannot be read");
    assert_null(cJSON_GetObjectItem(report, "file"));
    cJSON_Delete(manifest);
    caller_finish(&caller);
}

static void a_source_that_goes_away_ends_the_run(void **state)
{
    struct study_place *site = *state;
    struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    study_fail_at(3, STATUS_UNAVAILABLE);
    assert_int_equal(caller_run(&caller, site, "T-1", ""), STATUS_UNAVAILABLE);
    assert_int_equal(study_n_builds(), 3);
    assert_non_null(strstr(caller.end.message, "site 03"));
    caller_finish(&caller);
}

static void data_that_change_in_the_middle_are_said(void **state)
{
    struct study_place *site = *state;
    struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    unsigned int n_files = 0;
    study_bump_at(7);
    assert_int_equal(caller_run(&caller, site, "T-1", KEY), STATUS_OK);
    cJSON *manifest = study_read_zip(&caller.zip, &n_files);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(manifest, "is_data_changed")));
    const cJSON *reports = cJSON_GetObjectItem(manifest, "reports");
    int before = number_in(cJSON_GetObjectItem(manifest, "data_version"), "edc");
    for (int i = 0; i < STUDY_SITES; i++) {
        const cJSON *version = cJSON_GetObjectItem(cJSON_GetArrayItem(reports, i), "data_version");
        assert_true((number_in(version, "edc") > before) == (i >= 6));
    }
    cJSON_Delete(manifest);
    caller_finish(&caller);
    /* Nothing of the old data is used again, and nothing of the new was kept under its name. */
    caller = (struct study_caller){.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    assert_int_equal(caller_run(&caller, site, "T-1", KEY), STATUS_OK);
    manifest = study_read_zip(&caller.zip, &n_files);
    assert_int_equal(number_in(manifest, "reused"), 0);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(manifest, "is_data_changed")));
    cJSON_Delete(manifest);
    caller_finish(&caller);
}

static void what_is_finished_is_not_made_again(void **state)
{
    struct study_place *site = *state;
    struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    unsigned int n_files = 0;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    study_hold_at(6);
    caller_start(&caller, scope->ctx, site, "T-1", KEY);
    assert_true(study_wait_for_build(6));
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_true(caller_wait(&caller, caller_is_over));
    assert_int_equal(caller.end.status, STATUS_CANCELLED);
    caller_finish(&caller);
    study_hold_at(0);
    assert_true(wait_until(study_is_idle, site->server)); /* the first run has let go of the key */
    caller = (struct study_caller){.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    assert_int_equal(caller_run(&caller, site, "T-1", KEY), STATUS_OK);
    cJSON *manifest = study_read_zip(&caller.zip, &n_files);
    assert_int_equal(n_files, STUDY_SITES);
    assert_int_equal(number_in(manifest, "reused"), 5);
    assert_int_equal(number_in(manifest, "made"), STUDY_SITES - 5);
    assert_int_equal(study_n_builds(), STUDY_SITES - 5);
    cJSON_Delete(manifest);
    caller_finish(&caller);
}

static void a_second_call_with_the_key_is_refused_while_the_first_runs(void **state)
{
    struct study_place *site = *state;
    struct study_caller first = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    struct study_caller second = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    study_hold_at(1);
    caller_start(&first, ctx_background(), site, "T-1", KEY);
    assert_true(study_wait_for_build(1));
    assert_int_equal(caller_run(&second, site, "T-1", KEY), STATUS_ABORTED);
    assert_false(second.has_head);
    study_open_gate();
    assert_true(caller_wait(&first, caller_is_over));
    assert_int_equal(first.end.status, STATUS_OK);
    caller_finish(&first);
    caller_finish(&second);
}

/* A caller that takes nothing has what its credit allows, and no more sites are made than that. */
static bool has_all_its_credit(const struct study_caller *caller)
{
    return caller->held >= RPC_CREDIT_DEFAULT;
}

static void a_slow_caller_holds_up_only_its_own_run(void **state)
{
    struct study_place *site = *state;
    struct study_caller slow = {.holds_credit = true};
    struct study_caller quick = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
    slow.format = WALKIE__REPORT__V1__FORMAT__FORMAT_PDF;
    caller_start(&slow, ctx_background(), site, "T-1", "");
    assert_true(caller_wait(&slow, has_all_its_credit));
    assert_true(study_n_builds() < STUDY_SITES);
    assert_int_equal(caller_run(&quick, site, "T-1", ""), STATUS_OK);
    assert_true(study_n_builds() < 2 * STUDY_SITES);
    pthread_mutex_lock(&slow.mutex);
    slow.holds_credit = false;
    uint64_t held = slow.held;
    pthread_mutex_unlock(&slow.mutex);
    rpc_client_call_consumed(slow.call, held);
    assert_true(caller_wait(&slow, caller_is_over));
    assert_int_equal(slow.end.status, STATUS_OK);
    caller_finish(&slow);
    caller_finish(&quick);
}

static unsigned int count_entries(const char *path)
{
    unsigned int n = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        n++;
    }
    closedir(folder);
    return n;
}

static void a_run_that_is_cancelled_at_any_site_leaves_nothing(void **state)
{
    struct study_place *site = *state;
    for (unsigned int k = 1; k <= STUDY_SITES; k++) {
        struct study_caller caller = {.format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON};
        CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
        study_hold_at(k);
        caller_start(&caller, scope->ctx, site, "T-1", "");
        assert_true(study_wait_for_build(k));
        ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
        assert_true(caller_wait(&caller, caller_is_over));
        assert_int_equal(caller.end.status, STATUS_CANCELLED);
        assert_true(wait_until(study_is_idle, site->server));
        assert_int_equal(study_n_builds(), k);
        caller_finish(&caller);
    }
    assert_int_equal(count_entries(site->spool_folder), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            all_sites_come_as_one_zip_with_a_manifest, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            a_study_that_is_not_there_is_said_before_the_first_byte, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            the_first_bytes_come_before_the_last_site_is_made, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            a_site_that_cannot_be_made_is_named_and_the_rest_comes, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            a_source_that_goes_away_ends_the_run, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            data_that_change_in_the_middle_are_said, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_finished_is_not_made_again, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(a_second_call_with_the_key_is_refused_while_the_first_runs,
            study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            a_slow_caller_holds_up_only_its_own_run, study_set_up, study_tear_down),
        cmocka_unit_test_setup_teardown(
            a_run_that_is_cancelled_at_any_site_leaves_nothing, study_set_up, study_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
