/* The validation of case report forms as a call: check, write when asked to, render to the spool,
 * commit once the file is whole, send it from there. */
#include <stdio.h>

#include "api/file_answer.h"
#include "api/service.h"
#include "api/unpack.h"
#include "crf/crf.h"
#include "obs/log.h"
#include "obs/span.h"
#include "walkie/crf/v1/crf.pb-c.h"

typedef Walkie__Crf__V1__ValidateRequest validate_request;
typedef Walkie__Crf__V1__ResultFormat result_format;

enum { FILENAME_MAX_LEN = 192, NAME_PART_MAX = 60 };

struct validate_job {
    const struct ctx *ctx;
    struct rpc_server_call *call;
    const struct service *service;
    const validate_request *request;
    enum language language;
    struct crf_run *run;
    struct spool *spool;
    struct error error;
};

static bool is_csv(const struct validate_job *job)
{
    return job->request->format == WALKIE__CRF__V1__RESULT_FORMAT__RESULT_FORMAT_CSV;
}

static enum status check_request(struct validate_job *job)
{
    const validate_request *request = job->request;
    if (*request->site_no == '\0' && *request->study == '\0') {
        return error_set(&job->error, STATUS_INVALID_ARGUMENT, "study and site_no are missing");
    }
    if (request->format != WALKIE__CRF__V1__RESULT_FORMAT__RESULT_FORMAT_JSON && !is_csv(job)) {
        return error_set(&job->error, STATUS_INVALID_ARGUMENT,
            "format %d is none of json (0), csv (1)", (int)request->format);
    }
    return request_language(request->language, &job->language, &job->error);
}

static enum status validate(struct validate_job *job)
{
    const struct crf_options options = {
        .scope = {request_text(job->request->study), request_text(job->request->site_no)},
        .is_written = job->request->is_written,
        .folder = job->service->spool_folder,
    };
    return crf_validate(job->ctx, job->service->sources.edc, &options, &job->run, &job->error);
}

static enum status render(struct validate_job *job)
{
    enum status status =
        spool_open(job->service->spool_folder, SPOOL_LEN_MAX, &job->spool, &job->error);
    if (status != STATUS_OK) {
        return status;
    }
    status = is_csv(job) ? crf_write_csv(job->run, job->ctx, job->language, spool_write, job->spool,
                               &job->error)
                         : crf_write_json(job->run, job->ctx, job->language, spool_write,
                               job->spool, &job->error);
    if (status != STATUS_OK && *spool_error(job->spool) != '\0') {
        error_set(&job->error, status, "%s", spool_error(job->spool));
    }
    return status;
}

/* "crf-validation-WLK-301-101-en.json": what is not a letter, digit, dot or dash becomes a dash. */
static void make_filename(const struct validate_job *job, char ret_filename[FILENAME_MAX_LEN])
{
    const char *site_no = job->request->site_no;
    snprintf(ret_filename, FILENAME_MAX_LEN, "crf-validation-%.*s%s%.*s-%s.%s", NAME_PART_MAX,
        crf_run_study(job->run)->protocol_no, *site_no == '\0' ? "" : "-", NAME_PART_MAX, site_no,
        language_tag(job->language), is_csv(job) ? "csv" : "json");
    for (char *at = ret_filename; *at != '\0'; at++) {
        bool is_plain = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                        (*at >= 'A' && *at <= 'Z') || *at == '.' || *at == '-';
        *at = is_plain ? *at : '-';
    }
}

static void log_done(const struct validate_job *job, const struct crf_counts *counts, uint64_t len)
{
    LOG_INFO("crf.done", job->ctx, log_str("site", job->request->site_no),
        log_str("format", is_csv(job) ? "csv" : "json"), log_u64("bytes", len),
        log_u64("forms", counts->n_forms), log_u64("items", counts->n_items),
        log_u64("evaluated", counts->n_evaluated), log_u64("problems", counts->n_problems),
        log_u64("queries_opened", counts->n_opened));
}

static Walkie__Crf__V1__ValidateCounts told_counts(const struct crf_counts *counts)
{
    Walkie__Crf__V1__ValidateCounts told = WALKIE__CRF__V1__VALIDATE_COUNTS__INIT;
    told.subjects = counts->n_subjects;
    told.forms = counts->n_forms;
    told.checks = counts->n_checks;
    told.broken_checks = counts->n_broken;
    told.evaluated = counts->n_evaluated;
    told.not_applicable = counts->n_not_applicable + counts->n_too_costly;
    told.problems = counts->n_problems;
    told.queries_opened = counts->n_opened;
    told.queries_known = counts->n_known;
    return told;
}

static enum status send(struct validate_job *job)
{
    char filename[FILENAME_MAX_LEN];
    struct file_answer file;
    enum status status = file_answer_finish(job->ctx, STEAL(job->spool), &file, &job->error);
    if (status != STATUS_OK) {
        return status;
    }
    status = crf_commit(job->run, job->ctx, &job->error);
    if (status != STATUS_OK) {
        file_answer_close(&file);
        return status;
    }
    if (job->request->is_written) {
        rpc_call_committed(job->call);
    }
    const struct crf_counts counts = crf_run_counts(job->run);
    Walkie__Crf__V1__ValidateCounts told = told_counts(&counts);
    Walkie__Crf__V1__Phase phases[CRF_PHASES];
    Walkie__Crf__V1__Phase *phase_list[CRF_PHASES];
    for (int i = 0; i < CRF_PHASES; i++) {
        walkie__crf__v1__phase__init(&phases[i]);
        phases[i].name = (char *)crf_phase_name((enum crf_phase)i);
        phases[i].ms = (double)crf_run_phase_ns(job->run, (enum crf_phase)i) / 1e6;
        phase_list[i] = &phases[i];
    }
    make_filename(job, filename);
    Walkie__Crf__V1__ValidateHead head = WALKIE__CRF__V1__VALIDATE_HEAD__INIT;
    head.content_type = (char *)(is_csv(job) ? "text/csv; charset=utf-8" : "application/json");
    head.filename = head.filename_utf8 = filename;
    head.content_len = file.len;
    head.sha256 = file.sha256;
    head.phases = phase_list;
    head.n_phases = CRF_PHASES;
    head.counts = &told;
    head.study = (char *)crf_run_study(job->run)->protocol_no;
    head.data_version = (uint64_t)crf_run_data_version(job->run);
    log_done(job, &counts, file.len);
    return file_answer_send(job->call, &head.base, &file);
}

enum status service_crf_validate(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    CLEANUP(message_free_at)
    validate_request *request = REQUEST_OF(call, walkie__crf__v1__validate_request);
    if (request == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    struct validate_job job = {
        .ctx = ctx, .call = call, .service = arg, .request = request, .error = ERROR_NONE};
    enum status status = check_request(&job);
    if (status == STATUS_OK) {
        status = validate(&job);
    }
    if (status == STATUS_OK) {
        status = render(&job);
    }
    if (status == STATUS_OK) {
        status = send(&job);
    }
    spool_free(job.spool);
    crf_run_free(job.run);
    return status == STATUS_OK ? STATUS_OK : service_fail(call, status, &job.error);
}
