#include "walkie/report/v1/methods.h"

#include "base/attributes.h"
#include "base/clock.h"
#include "walkie/report/v1/report.pb-c.h"

#define SERVICE "walkie.report.v1.ReportService/"

/* Reports read databases, which may be slow, and then draw: they may wait for each other's cores,
 * but not for the light calls, which have workers of their own. */
static const struct rpc_class REPORTS = {.name = "reports"};
static const struct rpc_class LIGHT = {.name = "light"};
/* They pause at once and cost but their memory: as many as a connection may have in flight. */
static const struct rpc_class SLEEPS = {.name = "sleeps", .max_running = 2, .queue_max = 8192};
/* Runs of minutes: few at once, so that single reports find cores and connections. */
static const struct rpc_class BATCH = {.name = "batch", .max_running = 2, .queue_max = 64};
static const struct rpc_class CPU = {.name = "cpu", .is_cpu = true};

static uint64_t work_ms(struct bytes bytes)
{
    Walkie__Report__V1__WorkRequest *request =
        walkie__report__v1__work_request__unpack(NULL, bytes.len, bytes.data);
    uint64_t ms = request == NULL ? 0 : request->ms;
    walkie__report__v1__work_request__free_unpacked(request, NULL);
    return ms;
}

/* A PDF takes many times as long as the same report in JSON: formats in the order of what they
 * take, each in a cell of its own. What else a report takes depends on its site, which the request
 * only names. */
static uint64_t format_size(Walkie__Report__V1__Format format)
{
    switch (format) {
    case WALKIE__REPORT__V1__FORMAT__FORMAT_JSON:
        return 0;
    case WALKIE__REPORT__V1__FORMAT__FORMAT_CSV:
        return 1;
    case WALKIE__REPORT__V1__FORMAT__FORMAT_XLSX:
        return 2;
    case WALKIE__REPORT__V1__FORMAT__FORMAT_PDF:
    case _WALKIE__REPORT__V1__FORMAT_IS_INT_SIZE:
        return 4;
    }
    return 4;
}

static uint64_t report_format(struct bytes bytes)
{
    Walkie__Report__V1__AuditReportRequest *request =
        walkie__report__v1__audit_report_request__unpack(NULL, bytes.len, bytes.data);
    uint64_t size = request == NULL ? 0 : format_size(request->format);
    walkie__report__v1__audit_report_request__free_unpacked(request, NULL);
    return size;
}

/* What a whole study takes is not learnt by study either: a short one and a long one in turn make a
 * forecast too careful, never too bold for long. */
static uint64_t study_format(struct bytes bytes)
{
    Walkie__Report__V1__StudyAuditReportsRequest *request =
        walkie__report__v1__study_audit_reports_request__unpack(NULL, bytes.len, bytes.data);
    uint64_t size = request == NULL ? 0 : format_size(request->format);
    walkie__report__v1__study_audit_reports_request__free_unpacked(request, NULL);
    return size;
}

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
    .class = &CPU,
    .size_of = work_ms,
};

const struct rpc_method REPORT_SLEEP = {
    .name = SERVICE "Sleep",
    .kind = RPC_UNARY,
    .flags = RPC_FAULT | RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(30),
    .timeout_max_ns = CLOCK_SECONDS(300),
    .class = &SLEEPS,
};

const struct rpc_method REPORT_LIST_CENTERS = {
    .name = SERVICE "ListCenters",
    .kind = RPC_UNARY,
    .flags = RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(10),
    .timeout_max_ns = CLOCK_SECONDS(60),
    .class = &LIGHT,
};

const struct rpc_method REPORT_AUDIT_REPORT = {
    .name = SERVICE "AuditReport",
    .kind = RPC_SERVER_STREAM,
    .flags = RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(60),
    .timeout_max_ns = CLOCK_SECONDS(600),
    .class = &REPORTS,
    .size_of = report_format,
};

const struct rpc_method REPORT_STUDY_AUDIT_REPORTS = {
    .name = SERVICE "StudyAuditReports",
    .kind = RPC_SERVER_STREAM,
    .timeout_default_ns = CLOCK_SECONDS(600),
    .timeout_max_ns = CLOCK_SECONDS(3600),
    .class = &BATCH,
    .size_of = study_format,
};
