/* What the service takes of whom: methods, sites, treatment data. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "api/authorize.h"
#include "api/methods.h"
#include "rpc/debug.h"
#include "walkie/crf/v1/crf.pb-c.h"
#include "walkie/crf/v1/methods.h"
#include "walkie/epro/v1/epro.pb-c.h"
#include "walkie/epro/v1/methods.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"
#include "walkie/rpc/v1/debug.pb-c.h"

static const char *why;

/* `scope` NULL: the call does not say. */
static enum status ask_bytes(const struct authorize *authorize, const struct rpc_method *method,
    const char *scope, struct bytes request)
{
    struct rpc_metadata_entry entries[2];
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, entries, LENGTH_OF(entries));
    if (scope != NULL) {
        assert_int_equal(
            rpc_metadata_set(&metadata, RPC_METADATA_SCOPE, bytes_of(scope)), STATUS_OK);
    }
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of("ana")), STATUS_OK);
    const struct rpc_incoming call = {.method = method, .metadata = &metadata, .request = request};
    const struct rpc_server_interceptor hooks = service_authorize(authorize);
    why = "";
    return hooks.on_call(hooks.arg, &call, &why);
}

static enum status ask(
    const struct rpc_method *method, const char *scope, const ProtobufCMessage *message)
{
    static const struct authorize WITH_KEY = {.has_key = true};
    uint8_t packed[1024];
    size_t len = protobuf_c_message_get_packed_size(message);
    assert_true(len <= sizeof(packed));
    protobuf_c_message_pack(message, packed);
    return ask_bytes(&WITH_KEY, method, scope, (struct bytes){packed, len});
}

static enum status ask_report(
    const char *scope, const char *study, const char *site_no, bool is_unblinded)
{
    Walkie__Report__V1__AuditReportRequest request = WALKIE__REPORT__V1__AUDIT_REPORT_REQUEST__INIT;
    request.study = (char *)study;
    request.site_no = (char *)site_no;
    request.is_unblinded = is_unblinded;
    return ask(&REPORT_AUDIT_REPORT, scope, &request.base);
}

static enum status ask_study(const char *scope, const char *study, bool is_unblinded)
{
    Walkie__Report__V1__StudyAuditReportsRequest request =
        WALKIE__REPORT__V1__STUDY_AUDIT_REPORTS_REQUEST__INIT;
    request.study = (char *)study;
    request.is_unblinded = is_unblinded;
    return ask(&REPORT_STUDY_AUDIT_REPORTS, scope, &request.base);
}

static enum status ask_validation(
    const char *scope, const char *study, const char *site_no, bool is_written)
{
    Walkie__Crf__V1__ValidateRequest request = WALKIE__CRF__V1__VALIDATE_REQUEST__INIT;
    request.study = (char *)study;
    request.site_no = (char *)site_no;
    request.is_written = is_written;
    return ask(&CRF_VALIDATE, scope, &request.base);
}

static bool has_field(const ProtobufCMessageDescriptor *message, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(message, name) != NULL;
}

/* A method that nobody thought of here would be the admin's alone, which a test of it would not
 * notice: it asks without an authority. */
static void every_method_says_whose_it_is(void **state)
{
    (void)state;
    static const struct rpc_method UNKNOWN = {.name = "unknown"};
    size_t n = 0;
    const struct rpc_binding *bindings = service_bindings(&n);
    for (size_t i = 0; i < n; i++) {
        enum role role = service_role_of(bindings[i].method);
        assert_in_range(role, ROLE_VIEWER, ROLE_ADMIN);
        const ProtobufCMessageDescriptor *request = NULL;
        const struct service_method *row = service_method_of(bindings[i].method, &request);
        assert_non_null(row);
        assert_non_null(request);
        /* Whose site only the database knows (a patient's) is for the handler to ask. */
        if (row->scope == SCOPE_NONE && has_field(request, "site_no") &&
            !has_field(request, "patient")) {
            fail_msg("%s names a site, and its row no scope", bindings[i].method->name);
        }
    }
    assert_int_equal(service_role_of(&REPORT_AUDIT_REPORT), ROLE_REQUESTER);
    assert_int_equal(service_role_of(&UNKNOWN), ROLE_ADMIN);
}

static void a_role_that_is_too_low_is_refused(void **state)
{
    (void)state;
    assert_int_equal(ask_report("viewer *", "", "101", false), STATUS_PERMISSION_DENIED);
    assert_string_equal(why, "the caller's role does not allow this method");
    assert_int_equal(ask_report("requester *", "", "101", false), STATUS_OK);
    assert_int_equal(ask_study("requester *", "AA-1", false), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_study("auditor *", "AA-1", false), STATUS_OK);
}

static void a_site_outside_the_scope_is_refused(void **state)
{
    (void)state;
    assert_int_equal(ask_report("requester 101,102", "", "102", false), STATUS_OK);
    assert_int_equal(ask_report("requester 101,102", "", "103", false), STATUS_PERMISSION_DENIED);
    assert_string_equal(why, "this site is not within the caller's scope");
    assert_int_equal(ask_report("admin 101", "AA-1", "10", true), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_report("admin 101", "AA-1", "", true), STATUS_PERMISSION_DENIED);
}

static void a_scope_of_one_study_does_not_open_the_same_number_in_another(void **state)
{
    (void)state;
    assert_int_equal(ask_report("requester AA-1:101", "AA-1", "101", false), STATUS_OK);
    assert_int_equal(
        ask_report("requester AA-1:101", "AA-2", "101", false), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_report("requester AA-1:101", "", "101", false), STATUS_PERMISSION_DENIED);
    assert_non_null(strstr(why, "say it with study="));
}

static void treatment_data_are_for_auditors_whatever_the_gateway_asks_for(void **state)
{
    (void)state;
    assert_int_equal(ask_report("requester *", "", "101", true), STATUS_PERMISSION_DENIED);
    assert_non_null(strstr(why, "\"unblinded\""));
    assert_int_equal(ask_report("auditor *", "", "101", true), STATUS_OK);
    assert_int_equal(ask_study("auditor *", "AA-1", true), STATUS_OK);
}

static void a_whole_study_takes_a_scope_with_all_of_it(void **state)
{
    (void)state;
    assert_int_equal(ask_study("admin 101,102", "AA-1", false), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_study("auditor AA-1:*", "AA-1", false), STATUS_OK);
    assert_int_equal(ask_study("auditor AA-1:*", "AA-2", false), STATUS_PERMISSION_DENIED);
}

static void forms_are_checked_for_whose_site_they_are_of(void **state)
{
    (void)state;
    assert_int_equal(ask_validation("viewer *", "AA-1", "101", false), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_validation("requester 101", "AA-1", "101", false), STATUS_OK);
    assert_int_equal(
        ask_validation("requester 101", "AA-1", "102", false), STATUS_PERMISSION_DENIED);
    assert_string_equal(why, "this site is not within the caller's scope");
    assert_int_equal(ask_validation("requester 101", "AA-1", "", false), STATUS_PERMISSION_DENIED);
    assert_string_equal(why, "the caller's scope does not hold all sites of this study");
    assert_int_equal(ask_validation("requester AA-1:*", "AA-1", "", false), STATUS_OK);
}

static void what_is_in_the_databases_is_changed_by_writers_and_admins_alone(void **state)
{
    (void)state;
    static const struct {
        const char *scope;
        enum status status;
    } ROWS[] = {{"viewer *", STATUS_PERMISSION_DENIED}, {"requester *", STATUS_PERMISSION_DENIED},
        {"writer *", STATUS_OK}, {"auditor *", STATUS_PERMISSION_DENIED}, {"admin *", STATUS_OK}};
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        const Walkie__Epro__V1__ProcessPatientRequest patient =
            WALKIE__EPRO__V1__PROCESS_PATIENT_REQUEST__INIT;
        const Walkie__Epro__V1__SubmitResponsesRequest batch =
            WALKIE__EPRO__V1__SUBMIT_RESPONSES_REQUEST__INIT;
        const char *scope = ROWS[i].scope;
        assert_int_equal(ask(&EPRO_PROCESS_PATIENT, scope, &patient.base), ROWS[i].status);
        assert_int_equal(ask(&EPRO_SUBMIT_RESPONSES, scope, &batch.base), ROWS[i].status);
        assert_int_equal(ask_validation(scope, "AA-1", "101", true), ROWS[i].status);
    }
    assert_int_equal(ask_validation("auditor *", "AA-1", "101", true), STATUS_PERMISSION_DENIED);
    assert_non_null(strstr(why, "\"write\""));
}

static enum status ask_calls(const char *scope, const char *principal)
{
    Walkie__Rpc__V1__ListCallsRequest request = WALKIE__RPC__V1__LIST_CALLS_REQUEST__INIT;
    request.principal = (char *)principal;
    return ask(&RPC_LIST_CALLS, scope, &request.base);
}

static void others_calls_are_the_admins_to_see(void **state)
{
    (void)state;
    assert_int_equal(ask_calls("viewer *", "ana"), STATUS_OK);
    assert_int_equal(ask_calls("auditor *", ""), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_calls("auditor *", "bob"), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_calls("auditor *", "anabel"), STATUS_PERMISSION_DENIED);
    assert_int_equal(ask_calls("admin 101", ""), STATUS_OK);
}

static void what_cannot_be_read_is_refused_and_not_taken_for_nothing(void **state)
{
    (void)state;
    static const char *const SCOPES[] = {"", "admin", "root *", "admin *,", "admin  *"};
    for (size_t i = 0; i < LENGTH_OF(SCOPES); i++) {
        assert_int_equal(ask_report(SCOPES[i], "", "101", false), STATUS_UNAUTHENTICATED);
    }
    static const struct authorize WITH_KEY = {.has_key = true};
    const struct bytes junk = {(const uint8_t *)"\xff\xff", 2};
    assert_int_equal(
        ask_bytes(&WITH_KEY, &REPORT_AUDIT_REPORT, "viewer *", junk), STATUS_PERMISSION_DENIED);
}

static void without_a_key_nobody_is_believed(void **state)
{
    (void)state;
    static const struct authorize NO_KEY = {.has_key = false};
    const struct bytes nothing = {NULL, 0};
    assert_int_equal(ask_bytes(&NO_KEY, &REPORT_ECHO, "viewer *", nothing), STATUS_UNAUTHENTICATED);
    assert_non_null(strstr(why, "--rpc-key-file"));
    assert_int_equal(ask_bytes(&NO_KEY, &REPORT_ECHO, NULL, nothing), STATUS_OK);
}

static void a_service_can_ask_that_every_caller_is_known(void **state)
{
    (void)state;
    static const struct authorize STRICT = {.has_key = true, .is_required = true};
    const struct bytes nothing = {NULL, 0};
    assert_int_equal(ask_bytes(&STRICT, &REPORT_ECHO, NULL, nothing), STATUS_UNAUTHENTICATED);
    assert_int_equal(ask_bytes(&STRICT, &REPORT_ECHO, "viewer *", nothing), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_says_whose_it_is),
        cmocka_unit_test(a_role_that_is_too_low_is_refused),
        cmocka_unit_test(a_site_outside_the_scope_is_refused),
        cmocka_unit_test(a_scope_of_one_study_does_not_open_the_same_number_in_another),
        cmocka_unit_test(treatment_data_are_for_auditors_whatever_the_gateway_asks_for),
        cmocka_unit_test(a_whole_study_takes_a_scope_with_all_of_it),
        cmocka_unit_test(forms_are_checked_for_whose_site_they_are_of),
        cmocka_unit_test(what_is_in_the_databases_is_changed_by_writers_and_admins_alone),
        cmocka_unit_test(others_calls_are_the_admins_to_see),
        cmocka_unit_test(what_cannot_be_read_is_refused_and_not_taken_for_nothing),
        cmocka_unit_test(without_a_key_nobody_is_believed),
        cmocka_unit_test(a_service_can_ask_that_every_caller_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
