#include "walkie/report/v1/methods.h"

#include "base/attributes.h"
#include "base/clock.h"

#define SERVICE "walkie.report.v1.ReportService/"

const struct rpc_method REPORT_ECHO = {
    .name = SERVICE "Echo",
    .kind = RPC_UNARY,
    .flags = RPC_INLINE | RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(5),
    .timeout_max_ns = CLOCK_SECONDS(30),
};

const struct rpc_method REPORT_WORK = {
    .name = SERVICE "Work",
    .kind = RPC_UNARY,
    .flags = RPC_FAULT | RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(30),
    .timeout_max_ns = CLOCK_SECONDS(300),
};

const struct rpc_method REPORT_SLEEP = {
    .name = SERVICE "Sleep",
    .kind = RPC_UNARY,
    .flags = RPC_FAULT | RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(30),
    .timeout_max_ns = CLOCK_SECONDS(300),
};

const struct rpc_method REPORT_LIST_CENTERS = {
    .name = SERVICE "ListCenters",
    .kind = RPC_UNARY,
    .flags = RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(10),
    .timeout_max_ns = CLOCK_SECONDS(60),
};

const struct rpc_method REPORT_AUDIT_REPORT = {
    .name = SERVICE "AuditReport",
    .kind = RPC_SERVER_STREAM,
    .flags = RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(60),
    .timeout_max_ns = CLOCK_SECONDS(600),
};

const struct rpc_method *const REPORT_METHODS[] = {
    &REPORT_ECHO,
    &REPORT_WORK,
    &REPORT_SLEEP,
    &REPORT_LIST_CENTERS,
    &REPORT_AUDIT_REPORT,
};
const size_t REPORT_METHODS_COUNT = LENGTH_OF(REPORT_METHODS);
