/* The audit report as a call: build the model, write it to the spool, send it from there. The
 * worker is free as soon as the file is whole; the file then leaves at the client's pace. */
#include <string.h>

#include "api/file_answer.h"
#include "api/render.h"
#include "api/unpack.h"
#include "audit/model/json.h"
#include "obs/log.h"
#include "obs/span.h"

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

static enum status build(struct report_job *job)
{
    const struct audit_request request = {
        .study = request_text(job->request->study),
        .site_no = job->request->site_no,
        .as_of = request_text(job->request->as_of),
        .requester = request_text(job->request->requester),
        .is_final = job->request->is_final,
        .is_unblinded = job->request->is_unblinded,
        .sections = job->request->sections,
    };
    uint64_t start_ns = clock_now_ns();
    struct span span;
    span_begin(job->ctx, "build", &span);
    enum status status =
        audit_build(span.ctx, &job->service->sources, &request, &job->report, &job->error);
    span_end(&span, status, NULL);
    if (status == STATUS_OK) {
        uint64_t hash_start_ns = clock_now_ns();
        status = model_hash(job->ctx, job->report);
        span_add(job->ctx, "hash", SPAN_INTERNAL, hash_start_ns, status, NULL);
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
    struct span span;
    span_begin(job->ctx, "render", &span);
    status = render_report(span.ctx, job->service, job->report, job->request->format, job->language,
        job->spool, &job->error);
    span_end(&span, status,
        &(struct span_facts){.text_key = SPAN_WORD, .text = render_word(job->request->format)});
    job->stage_ns[STAGE_RENDER] = clock_now_ns() - start_ns;
    return status;
}

static enum status send(struct report_job *job)
{
    struct file_answer file;
    enum status status = file_answer_finish(job->ctx, STEAL(job->spool), &file, &job->error);
    if (status != STATUS_OK) {
        return status;
    }
    report_format format = job->request->format;
    char filename[RENDER_FILENAME_MAX];
    char filename_utf8[RENDER_FILENAME_MAX];
    render_filename(job->report, format, job->language, filename);
    render_filename_utf8(job->report, format, job->language, filename_utf8);

    static const char *const STAGE_NAMES[STAGE_COUNT] = {"build", "render"};
    Walkie__Report__V1__Stage stages[STAGE_COUNT];
    Walkie__Report__V1__Stage *stage_list[STAGE_COUNT];
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        walkie__report__v1__stage__init(&stages[i]);
        stages[i].name = (char *)STAGE_NAMES[i];
        stages[i].ms = (double)job->stage_ns[i] / 1e6;
        stage_list[i] = &stages[i];
    }
    Walkie__Report__V1__AuditReportHead head = WALKIE__REPORT__V1__AUDIT_REPORT_HEAD__INIT;
    head.content_type = (char *)render_content_type(format);
    head.filename = filename;
    head.filename_utf8 = filename_utf8;
    head.content_len = file.len;
    head.sha256 = file.sha256;
    head.content_hash = job->report->content_hash;
    head.stages = stage_list;
    head.n_stages = STAGE_COUNT;
    LOG_INFO("report.done", job->ctx, log_str("site", job->report->site_no),
        log_str("format", render_word(format)), log_str("language", language_tag(job->language)),
        log_u64("bytes", file.len), log_u64("findings", job->report->n_findings),
        log_ms("build_ms", job->stage_ns[STAGE_BUILD]),
        log_ms("render_ms", job->stage_ns[STAGE_RENDER]), log_str("sha256", file.sha256));
    return file_answer_send(job->call, &head.base, &file);
}

static enum status check_request(struct report_job *job)
{
    const report_request *request = job->request;
    if (*request->site_no == '\0') {
        return error_set(&job->error, STATUS_INVALID_ARGUMENT, "site_no is missing");
    }
    enum status status = request_language(request->language, &job->language, &job->error);
    return status == STATUS_OK ? render_check_format(request->format, &job->error) : status;
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
