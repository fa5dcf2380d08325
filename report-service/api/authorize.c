#include "api/authorize.h"

#include <string.h>

#include "rpc/debug.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"
#include "walkie/rpc/v1/debug.pb-c.h"

typedef enum status check_fn(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why);

static const char UNBLINDED[] =
    "the permission \"unblinded\" is missing: the caller's role does not see treatment data";

static enum status check_audit_report(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why)
{
    struct bytes bytes = call->request;
    Walkie__Report__V1__AuditReportRequest *request =
        walkie__report__v1__audit_report_request__unpack(NULL, bytes.len, bytes.data);
    if (request == NULL) {
        return STATUS_OK; /* the handler says what is wrong with it */
    }
    enum status status = STATUS_OK;
    if (!authority_covers(authority, request->study, request->site_no)) {
        bool is_of_some_study = *request->study == '\0' &&
                                authority_may_cover(authority, request->study, request->site_no);
        *ret_why = is_of_some_study
                       ? "the caller's scope names the study of this site: say it with study="
                       : "this site is not within the caller's scope";
        status = STATUS_PERMISSION_DENIED;
    } else if (request->is_unblinded && authority->role < ROLE_AUDITOR) {
        *ret_why = UNBLINDED;
        status = STATUS_PERMISSION_DENIED;
    }
    walkie__report__v1__audit_report_request__free_unpacked(request, NULL);
    return status;
}

static enum status check_study_reports(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why)
{
    struct bytes bytes = call->request;
    Walkie__Report__V1__StudyAuditReportsRequest *request =
        walkie__report__v1__study_audit_reports_request__unpack(NULL, bytes.len, bytes.data);
    if (request == NULL) {
        return STATUS_OK; /* the handler says what is wrong with it */
    }
    enum status status = STATUS_OK;
    if (!authority_covers_study(authority, request->study)) {
        *ret_why = "the caller's scope does not hold all sites of this study";
        status = STATUS_PERMISSION_DENIED;
    } else if (request->is_unblinded && authority->role < ROLE_AUDITOR) {
        *ret_why = UNBLINDED;
        status = STATUS_PERMISSION_DENIED;
    }
    walkie__report__v1__study_audit_reports_request__free_unpacked(request, NULL);
    return status;
}

/* Who may not see everybody's calls asks for their own. */
static enum status check_list_calls(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why)
{
    if (authority->role >= ROLE_ADMIN) {
        return STATUS_OK;
    }
    struct bytes own = {NULL, 0};
    (void)rpc_metadata_get(call->metadata, RPC_METADATA_PRINCIPAL, &own);
    Walkie__Rpc__V1__ListCallsRequest *request =
        walkie__rpc__v1__list_calls_request__unpack(NULL, call->request.len, call->request.data);
    bool is_own = request != NULL && own.len > 0 && strlen(request->principal) == own.len &&
                  memcmp(request->principal, own.data, own.len) == 0;
    walkie__rpc__v1__list_calls_request__free_unpacked(request, NULL);
    *ret_why = "the permission \"admin\" is missing: these are the calls of others";
    return is_own ? STATUS_OK : STATUS_PERMISSION_DENIED;
}

struct method_row {
    const struct rpc_method *method;
    enum role role;
    check_fn *check; /* of what is in the request; NULL: nothing */
};

static const struct method_row ROWS[] = {
    {&RPC_LIST_CALLS, ROLE_VIEWER, check_list_calls},
    {&RPC_LIST_CLASSES, ROLE_VIEWER, NULL},
    {&REPORT_ECHO, ROLE_VIEWER, NULL},
    {&REPORT_WORK, ROLE_REQUESTER, NULL},
    {&REPORT_SLEEP, ROLE_REQUESTER, NULL},
    {&REPORT_LIST_CENTERS, ROLE_VIEWER, NULL}, /* its handler leaves out other sites */
    {&REPORT_AUDIT_REPORT, ROLE_REQUESTER, check_audit_report},
    {&REPORT_STUDY_AUDIT_REPORTS, ROLE_AUDITOR, check_study_reports},
};

static const struct method_row *row_of(const struct rpc_method *method)
{
    static const struct method_row OTHERS = {NULL, ROLE_ADMIN, NULL};
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        if (ROWS[i].method == method) {
            return &ROWS[i];
        }
    }
    return &OTHERS;
}

enum role service_role_of(const struct rpc_method *method)
{
    return row_of(method)->role;
}

static enum status on_call(void *arg, const struct rpc_incoming *call, const char **ret_why)
{
    const struct authorize *authorize = arg;
    struct bytes text = {NULL, 0};
    struct authority authority;
    if (!rpc_metadata_get(call->metadata, RPC_METADATA_SCOPE, &text)) {
        *ret_why = "the call does not say what its caller may, and this service asks for it";
        return authorize->is_required ? STATUS_UNAUTHENTICATED : STATUS_OK;
    }
    if (!authorize->has_key) {
        *ret_why = "the call says what its caller may, and this service cannot tell whether that "
                   "is true: it needs --rpc-key-file";
        return STATUS_UNAUTHENTICATED;
    }
    if (!authority_parse(text, &authority)) {
        *ret_why = "what the caller may cannot be read";
        return STATUS_UNAUTHENTICATED;
    }
    const struct method_row *row = row_of(call->method);
    if (authority.role < row->role) {
        *ret_why = "the caller's role does not allow this method";
        return STATUS_PERMISSION_DENIED;
    }
    return row->check == NULL ? STATUS_OK : row->check(&authority, call, ret_why);
}

struct rpc_server_interceptor service_authorize(const struct authorize *authorize)
{
    return (struct rpc_server_interceptor){.arg = (void *)authorize, .on_call = on_call};
}

bool service_authority(const struct rpc_server_call *call, struct authority *ret_authority)
{
    struct bytes text = {NULL, 0};
    return rpc_call_metadata(call, RPC_METADATA_SCOPE, &text) &&
           authority_parse(text, ret_authority);
}
