#include "api/methods.h"
#include "api/service.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

static const struct service_method ROWS[] = {
    {.binding = {&REPORT_ECHO, service_echo, NULL}, .role = ROLE_VIEWER},
    {.binding = {&REPORT_WORK, service_work, NULL}, .role = ROLE_REQUESTER},
    {.binding = {&REPORT_SLEEP, service_sleep, NULL}, .role = ROLE_REQUESTER},
    /* Its handler leaves out other sites. */
    {.binding = {&REPORT_LIST_CENTERS, service_list_centers, service_list_centers_key},
        .role = ROLE_VIEWER},
    {.binding = {&REPORT_AUDIT_REPORT, service_audit_report, service_audit_report_key},
        .role = ROLE_REQUESTER,
        .scope = SCOPE_SITE},
    {.binding = {&REPORT_STUDY_AUDIT_REPORTS, service_study_audit_reports, NULL},
        .role = ROLE_AUDITOR,
        .scope = SCOPE_STUDY},
};
const struct service_table SERVICE_REPORT = {
    ROWS, LENGTH_OF(ROWS), &walkie__report__v1__report_service__descriptor};
