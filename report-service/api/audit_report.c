/* The audit report as a call: build the model, write it to the spool, send it from there. The
 * worker is free as soon as the file is whole; the file then leaves at the client's pace. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/service.h"
#include "api/spool.h"
#include "api/unpack.h"
#include "audit/document/document.h"
#include "audit/model/json.h"
#include "obs/log.h"
#include "walkie/report/v1/report.pb-c.h"

typedef Walkie__Report__V1__AuditReportRequest report_request;

enum { STAGE_BUILD, STAGE_RENDER, STAGE_COUNT };

struct report_job {
    const struct ctx *ctx;
    struct rpc_server_call *call;
    const struct service *service;
    const report_request *request;
    enum language language;
    struct report *report;
    struct spool *spool;
    uint64_t stage_ns[STAGE_COUNT];
    struct error error;
};

static const char *text_or_null(const char *text)
{
    return text == NULL || *text == '\0' ? NULL : text;
}

static enum status build(struct report_job *job)
{
    const struct audit_request request = {
        .study = text_or_null(job->request->study),
        .site_no = job->request->site_no,
        .as_of = text_or_null(job->request->as_of),
        .requester = text_or_null(job->request->requester),
        .is_final = job->request->is_final,
        .is_unblinded = job->request->is_unblinded,
        .sections = job->request->sections,
    };
    uint64_t start_ns = clock_now_ns();
    enum status status =
        audit_build(job->ctx, &job->service->sources, &request, &job->report, &job->error);
    if (status == STATUS_OK) {
        status = model_hash(job->ctx, job->report);
    }
    job->stage_ns[STAGE_BUILD] = clock_now_ns() - start_ns;
    return status;
}

static enum status render(struct report_job *job)
{
    uint64_t start_ns = clock_now_ns();
    enum status status =
        spool_open(job->service->spool_folder, SPOOL_LEN_MAX, &job->spool, &job->error);
    if (status != STATUS_OK) {
        return status;
    }
    switch (job->request->format) {
    case WALKIE__REPORT__V1__FORMAT__FORMAT_JSON:
        status = model_write_json(job->ctx, job->report, job->language, spool_write, job->spool);
        break;
    case WALKIE__REPORT__V1__FORMAT__FORMAT_PDF:
    case _WALKIE__REPORT__V1__FORMAT_IS_INT_SIZE: {
        const struct document_options options = {
            .language = job->language,
            .page_delay_ns = job->service->render_page_delay_ns,
        };
        status = document_write_pdf(
            job->ctx, job->report, &options, spool_write, job->spool, &job->error);
        break;
    }
    }
    if (status != STATUS_OK && *spool_error(job->spool) != '\0') {
        error_set(&job->error, status, "%s", spool_error(job->spool));
    }
    job->stage_ns[STAGE_RENDER] = clock_now_ns() - start_ns;
    return status;
}

/* "audit-report-AA-AA-000-0000-10.pdf": what is not a letter, digit, dot or dash becomes a dash. */
static void report_filename(const struct report_job *job, char *filename, size_t size)
{
    bool is_json = job->request->format == WALKIE__REPORT__V1__FORMAT__FORMAT_JSON;
    snprintf(filename, size, "audit-report-%.60s-%.60s-%s%s.%s", job->report->study_protocol,
        job->report->site_no, language_tag(job->language),
        job->report->is_unblinded ? "-unblinded" : "", is_json ? "json" : "pdf");
    for (char *at = filename; *at != '\0'; at++) {
        bool is_plain = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                        (*at >= 'A' && *at <= 'Z') || *at == '.' || *at == '-';
        *at = is_plain ? *at : '-';
    }
}

static enum status send(struct report_job *job)
{
    uint64_t len = 0;
    char sha256[SPOOL_SHA256_TEXT_MAX];
    int fd = spool_finish(STEAL(job->spool), &len, sha256, &job->error);
    if (fd < 0) {
        return job->error.status;
    }
    char filename[160];
    report_filename(job, filename, sizeof(filename));

    static const char *const STAGE_NAMES[STAGE_COUNT] = {"build", "render"};
    Walkie__Report__V1__Stage stages[STAGE_COUNT];
    Walkie__Report__V1__Stage *stage_list[STAGE_COUNT];
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        walkie__report__v1__stage__init(&stages[i]);
        stages[i].name = (char *)STAGE_NAMES[i];
        stages[i].ms = (double)job->stage_ns[i] / 1e6;
        stage_list[i] = &stages[i];
    }
    bool is_json = job->request->format == WALKIE__REPORT__V1__FORMAT__FORMAT_JSON;
    Walkie__Report__V1__AuditReportHead head = WALKIE__REPORT__V1__AUDIT_REPORT_HEAD__INIT;
    head.content_type = (char *)(is_json ? "application/json" : "application/pdf");
    head.filename = filename;
    head.content_len = len;
    head.sha256 = sha256;
    head.content_hash = job->report->content_hash;
    head.stages = stage_list;
    head.n_stages = STAGE_COUNT;
    LOG_INFO("report.done", job->ctx, log_str("site", job->report->site_no),
        log_str("format", is_json ? "json" : "pdf"),
        log_str("language", language_tag(job->language)), log_u64("bytes", len),
        log_u64("findings", job->report->n_findings),
        log_ms("build_ms", job->stage_ns[STAGE_BUILD]),
        log_ms("render_ms", job->stage_ns[STAGE_RENDER]), log_str("sha256", sha256));
    enum status status = rpc_call_reply(job->call, &head.base);
    if (status != STATUS_OK) {
        close(fd);
        return status;
    }
    rpc_call_finish_with_file(job->call, fd, len);
    return STATUS_OK;
}

static enum status check_request(struct report_job *job)
{
    const report_request *request = job->request;
    if (*request->site_no == '\0') {
        return error_set(&job->error, STATUS_INVALID_ARGUMENT, "site_no is missing");
    }
    if (request->format != WALKIE__REPORT__V1__FORMAT__FORMAT_PDF &&
        request->format != WALKIE__REPORT__V1__FORMAT__FORMAT_JSON) {
        return error_set(&job->error, STATUS_INVALID_ARGUMENT,
            "format %d is none of pdf (0), json (1)", (int)request->format);
    }
    const char *language =
        *request->language == '\0' ? SERVICE_LANGUAGE_DEFAULT : request->language;
    if (!language_parse(language, &job->language)) {
        return error_set(&job->error, STATUS_INVALID_ARGUMENT, "language is none of en, zh-CN");
    }
    return STATUS_OK;
}

enum status service_audit_report(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    CLEANUP(message_free_at)
    report_request *request = REQUEST_OF(call, walkie__report__v1__audit_report_request);
    if (request == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    struct report_job job = {
        .ctx = ctx, .call = call, .service = arg, .request = request, .error = ERROR_NONE};
    enum status status = check_request(&job);
    if (status == STATUS_OK) {
        status = build(&job);
    }
    if (status == STATUS_OK) {
        status = render(&job);
    }
    if (status == STATUS_OK) {
        status = send(&job);
    }
    spool_free(job.spool);
    report_free(job.report);
    return status == STATUS_OK ? STATUS_OK : service_fail(call, status, &job.error);
}
