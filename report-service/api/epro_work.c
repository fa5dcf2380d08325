#include "api/epro_work.h"

#include <stdlib.h>

#include "api/authorize.h"
#include "api/unpack.h"
#include "base/clock.h"
#include "ctx/checkpoint.h"
#include "obs/job_budget.h"
#include "obs/log.h"
#include "obs/span.h"

typedef enum status step_fn(const struct ctx *ctx, struct epro_job *job, struct error *ret_error);

static step_fn *const STEPS[EPRO_STEPS] = {
    epro_load, epro_validate, epro_score, epro_alert, epro_store};

/* Reading and writing wait for the database, the steps between them only compute. */
static const struct ctx_phase PHASES[EPRO_STEPS] = {
    {"load", 3}, {"validate", 1}, {"score", 1}, {"alert", 1}, {"store", 4}};

/* --- life ----------------------------------------------------------------------------------- */

static void epro_work_free(struct epro_work *work)
{
    epro_job_free(work->job);
    protobuf_c_message_free_unpacked(work->message, NULL);
    free(work);
}

static bool may(void *arg, const char *study, const char *site_no)
{
    const struct epro_work *work = arg;
    return authority_covers(&work->authority, study, site_no);
}

static enum status poll(
    const struct ctx *ctx, void *arg, uint64_t done, uint64_t total, struct error *ret_error)
{
    struct epro_work *work = arg;
    return ctx_budget_check(ctx, &work->budget, done, total, "responses looked at", ret_error);
}

struct epro_work *epro_work_new(const struct rpc_server_call *call, ProtobufCMessage *message)
{
    struct epro_work *work = calloc(1, sizeof(*work));
    if (work == NULL) {
        protobuf_c_message_free_unpacked(message, NULL);
        return NULL;
    }
    work->message = message;
    work->step = 1;
    work->request.poll = poll;
    work->request.poll_arg = work;
    if (service_authority(call, &work->authority)) {
        work->request.may = may;
        work->request.may_arg = work;
    }
    return work;
}

/* --- what is said of it --------------------------------------------------------------------- */

static void log_step(const struct ctx *ctx, const struct epro_work *work, enum status status)
{
    const struct epro_report *report = epro_job_report(work->job);
    LOG_DEBUG("epro.step", ctx, log_i64("step", work->step),
        log_str("step_name", epro_step_name(work->step)), log_str("status", status_name(status)),
        log_ms("run_ms", work->step_ns[work->step - 1]), log_u64("responses", report->n_results));
}

static void log_stop(const struct ctx *ctx, const struct epro_work *work, enum status status,
    const struct error *error)
{
    const char *event = ctx_done(ctx) ? "epro.stopped" : "epro.failed";
    LOG_INFO(event, ctx, log_i64("step", work->step),
        log_str("step_name", epro_step_name(work->step)), log_str("status", status_name(status)),
        log_str("why", error->text[0] == '\0' ? NULL : error->text),
        log_u64("pace_ms", work->pace_ms));
}

static void log_done(const struct ctx *ctx, const struct epro_work *work)
{
    const struct epro_report *report = epro_job_report(work->job);
    LOG_INFO("epro.done", ctx, log_u64("responses", report->n_results),
        log_u64("stored", report->n_stored), log_u64("unchanged", report->n_unchanged),
        log_u64("rejected", report->n_rejected), log_u64("alerts", report->n_alerts_new),
        log_u64("alerts_closed", report->n_alerts_closed),
        log_i64("data_version", report->data_version));
}

/* --- on its way ----------------------------------------------------------------------------- */

static enum status run_step(const struct ctx *ctx, struct epro_work *work, struct error *ret_error)
{
    struct span span;
    uint64_t began_ns = clock_now_ns();
    job_budget_enter(ctx, &work->budget, (size_t)work->step - 1);
    span_begin(ctx, epro_step_name(work->step), &span);
    enum status status = STEPS[work->step - 1](span.ctx, work->job, ret_error);
    span_end(&span, status,
        &(struct span_facts){.numbers = {{SPAN_ROWS, epro_job_report(work->job)->n_results}}});
    ctx_budget_leave(&work->budget); /* what comes before the next one may be a wait */
    work->step_ns[work->step - 1] = clock_now_ns() - began_ns;
    log_step(ctx, work, status);
    return status;
}

static enum status stop(const struct ctx *ctx, struct rpc_server_call *call, struct epro_work *work,
    enum status status, const struct error *error)
{
    log_stop(ctx, work, status, error);
    epro_work_free(work);
    return service_fail(call, status, error);
}

static enum status finish(
    const struct ctx *ctx, struct rpc_server_call *call, struct epro_work *work)
{
    log_done(ctx, work);
    rpc_call_committed(call);
    enum status status = work->reply(call, work);
    epro_work_free(work);
    return status;
}

static enum status begin(const struct ctx *ctx, struct epro_work *work)
{
    struct epro_job *job = epro_job_new(work->edc, &work->request);
    if (job == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    epro_job_free(work->job);
    work->job = job;
    work->step = 1;
    work->n_tries++;
    job_budget_begin(ctx, &work->budget, PHASES, LENGTH_OF(PHASES));
    return STATUS_OK;
}

/* Whether somebody was quicker, and another try makes sense. */
static bool is_overtaken(const struct epro_work *work, enum status status)
{
    return status == STATUS_ABORTED && work->step == EPRO_STEPS && work->n_tries < EPRO_TRIES_MAX;
}

static enum status begin_again(
    const struct ctx *ctx, struct epro_work *work, const struct error *why)
{
    LOG_INFO("epro.again", ctx, log_i64("tries", work->n_tries), log_str("why", why->text));
    return begin(ctx, work);
}

static enum status go_on(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    struct epro_work *work = arg;
    struct error error = ERROR_NONE;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && work->step <= EPRO_STEPS) {
        /* Also what a wait ended with. The stage is kept while it waits. */
        status = ctx_checkpoint(
            ctx, epro_step_name(work->step), (uint64_t)work->step - 1, (uint64_t)EPRO_STEPS);
        if (status == STATUS_OK && work->pace_ms > 0 && work->n_tries == 1 && !work->is_paced) {
            work->is_paced = true;
            status = rpc_call_pause(call, CLOCK_MS(work->pace_ms), go_on, work);
            if (status == STATUS_OK) {
                return STATUS_OK;
            }
        } else if (status == STATUS_OK) {
            status = run_step(ctx, work, &error);
            if (is_overtaken(work, status)) {
                status = begin_again(ctx, work, &error);
                continue;
            }
        }
        if (status == STATUS_OK) {
            work->is_paced = false;
            work->step++;
        }
    }
    return status == STATUS_OK ? finish(ctx, call, work) : stop(ctx, call, work, status, &error);
}

static enum status check_request(struct rpc_server_call *call, struct epro_work *work)
{
    if (work->pace_ms > EPRO_PACE_MS_MAX) {
        return rpc_call_fail(call, STATUS_INVALID_ARGUMENT, "pace_ms %u is above the maximum of %d",
            work->pace_ms, EPRO_PACE_MS_MAX);
    }
    struct error error = ERROR_NONE;
    enum language language = LANGUAGE_EN;
    enum status status = request_language(work->language, &language, &error);
    if (status != STATUS_OK) {
        return service_fail(call, status, &error);
    }
    work->request.language = language == LANGUAGE_ZH_CN ? EPRO_ZH_CN : EPRO_EN;
    return STATUS_OK;
}

enum status epro_work_run(const struct ctx *ctx, struct rpc_server_call *call,
    struct service *service, struct epro_work *work)
{
    enum status status = check_request(call, work);
    if (status != STATUS_OK) {
        epro_work_free(work);
        return status;
    }
    work->edc = service->sources.edc;
    status = begin(ctx, work);
    if (status != STATUS_OK) {
        epro_work_free(work);
        return status;
    }
    return go_on(ctx, call, work);
}
