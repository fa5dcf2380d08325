/* The report service's methods: one row each, the same for the gateway and the service. */
#ifndef WALKIE_REPORT_V1_METHODS_H
#define WALKIE_REPORT_V1_METHODS_H

#include "rpc/method.h"

extern const struct rpc_method REPORT_ECHO;
extern const struct rpc_method REPORT_WORK;
extern const struct rpc_method REPORT_SLEEP;
extern const struct rpc_method REPORT_LIST_CENTERS;
extern const struct rpc_method REPORT_AUDIT_REPORT;
extern const struct rpc_method REPORT_STUDY_AUDIT_REPORTS;

#endif
