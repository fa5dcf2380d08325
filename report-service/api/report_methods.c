#include "api/methods.h"
#include "api/service.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

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
        *ret_why = service_site_refusal(authority, request->study, request->site_no);
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

static const struct service_method ROWS[] = {
    {{&REPORT_ECHO, service_echo, NULL}, ROLE_VIEWER, NULL},
    {{&REPORT_WORK, service_work, NULL}, ROLE_REQUESTER, NULL},
    {{&REPORT_SLEEP, service_sleep, NULL}, ROLE_REQUESTER, NULL},
    /* Its handler leaves out other sites. */
    {{&REPORT_LIST_CENTERS, service_list_centers, service_list_centers_key}, ROLE_VIEWER, NULL},
    {{&REPORT_AUDIT_REPORT, service_audit_report, service_audit_report_key}, ROLE_REQUESTER,
        check_audit_report},
    {{&REPORT_STUDY_AUDIT_REPORTS, service_study_audit_reports, NULL}, ROLE_AUDITOR,
        check_study_reports},
};
const struct service_table SERVICE_REPORT = {ROWS, LENGTH_OF(ROWS)};
