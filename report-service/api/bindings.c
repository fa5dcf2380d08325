#include "api/service.h"
#include "walkie/report/v1/methods.h"

static const struct rpc_binding BINDINGS[] = {
    {&REPORT_ECHO, service_echo, NULL},
    {&REPORT_WORK, service_work, NULL},
    {&REPORT_SLEEP, service_sleep, NULL},
    {&REPORT_LIST_CENTERS, service_list_centers, service_list_centers_key},
    {&REPORT_AUDIT_REPORT, service_audit_report, service_audit_report_key},
    {&REPORT_STUDY_AUDIT_REPORTS, service_study_audit_reports, NULL},
};

const struct rpc_binding *service_bindings(size_t *ret_n_bindings)
{
    *ret_n_bindings = LENGTH_OF(BINDINGS);
    return BINDINGS;
}
