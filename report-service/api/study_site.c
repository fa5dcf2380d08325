/* One site of a whole-study run: from what was kept, or made. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/study_batch.h"
#include "api/unpack.h"
#include "audit/model/json.h"
#include "ctx/checkpoint.h"
#include "obs/log.h"
#include "obs/span.h"

/* Whether the site is left out and named, and the run goes on: its data are such that no report can
 * be made of them. All else would meet the next site, too, or another try may mend it. */
static bool is_own_failure(enum status status)
{
    switch (status) {
    case STATUS_NOT_FOUND:
    case STATUS_INTERNAL:
    case STATUS_UNKNOWN:
    case STATUS_DATA_LOSS:
    case STATUS_RESOURCE_EXHAUSTED:
    case STATUS_OUT_OF_RANGE:
        return true;
    case STATUS_OK:
    case STATUS_CANCELLED:
    case STATUS_INVALID_ARGUMENT:
    case STATUS_DEADLINE_EXCEEDED:
    case STATUS_ALREADY_EXISTS:
    case STATUS_PERMISSION_DENIED:
    case STATUS_FAILED_PRECONDITION:
    case STATUS_ABORTED:
    case STATUS_UNIMPLEMENTED:
    case STATUS_UNAVAILABLE:
    case STATUS_UNAUTHENTICATED:
        return false;
    }
    return false;
}

static enum status fail_site(
    struct study_batch *batch, struct study_site *site, enum status status, struct error *error)
{
    if (!is_own_failure(status)) {
        if (*error->text == '\0') {
            error_set(error, status, "%s", status_text(status));
        }
        bool is_of_request =
            status == STATUS_INVALID_ARGUMENT || status == STATUS_FAILED_PRECONDITION;
        batch->error = *error;
        if (!is_of_request) {
            error_prefix(&batch->error, "site %s", site->site_no);
        }
        return status;
    }
    const char *words = *error->text == '\0' ? status_text(status) : error->text;
    LOG_WARN("study.site_failed", batch->ctx, log_str("site", site->site_no),
        log_str("status", status_name(status)), log_str("error", words));
    site->status = status;
    site->words = arena_copy_text(batch->arena, words);
    batch->n_failed++;
    return site->words == NULL ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
}

static void note_result(const struct report *report, struct result *result)
{
    snprintf(result->content_hash, sizeof(result->content_hash), "%s", report->content_hash);
    snprintf(result->as_of, sizeof(result->as_of), "%s", report->as_of);
    for (const struct finding *finding = report->first_finding; finding != NULL;
         finding = finding->next) {
        result->findings[finding->grade]++;
    }
    for (size_t i = 0; i < report->n_snapshots; i++) {
        const struct snapshot *snapshot = &report->snapshots[i];
        if (strcmp(snapshot->source, "edc") == 0) {
            result->edc_version = snapshot->data_version;
        } else if (strcmp(snapshot->source, "ctms") == 0) {
            result->ctms_version = snapshot->data_version;
        }
    }
}

static enum status build(const struct ctx *ctx, const struct study_batch *batch,
    const struct study_site *site, struct report **ret_report, struct error *ret_error)
{
    const study_request *request = batch->request;
    const struct audit_request wanted = {
        .study = request->study,
        .site_no = site->site_no,
        .as_of = batch->as_of,
        .requester = request_text(request->requester),
        .is_final = request->is_final,
        .is_unblinded = request->is_unblinded,
        .sections = request->sections,
    };
    enum status status = audit_build(ctx, &batch->service->sources, &wanted, ret_report, ret_error);
    if (status == STATUS_OK) {
        status = model_hash(ctx, *ret_report);
        if (status != STATUS_OK) {
            report_free(STEAL(*ret_report));
        }
    }
    return status;
}

/* Errors of the disk are the run's, not the site's: UNAVAILABLE. */
static enum status render(const struct ctx *ctx, const struct study_batch *batch,
    const struct report *report, struct result *result, int *ret_fd, struct error *ret_error)
{
    const char *folder = batch->service->spool_folder;
    CLEANUP(spool_free_at) struct spool *spool = NULL;
    enum status status = spool_open(folder, SPOOL_LEN_MAX, &spool, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = render_report(
        ctx, batch->service, report, batch->request->format, batch->language, spool, ret_error);
    bool is_disk = status == STATUS_RESOURCE_EXHAUSTED && strstr(ret_error->text, "spool") != NULL;
    if (status != STATUS_OK) {
        return is_disk ? STATUS_UNAVAILABLE : status;
    }
    *ret_fd = spool_finish(STEAL(spool), &result->len, result->sha256, ret_error);
    return *ret_fd < 0 ? STATUS_UNAVAILABLE : STATUS_OK;
}

static void keep(struct study_batch *batch, const struct study_site *site, int fd)
{
    const struct result *result = &site->result;
    bool is_of_this_data =
        result->edc_version == batch->versions.edc && result->ctms_version == batch->versions.ctms;
    if (batch->run == NULL || batch->n_keep_failures == STUDY_KEEP_FAILURES_MAX ||
        !is_of_this_data) {
        return;
    }
    struct error error = ERROR_NONE;
    enum status status = results_keep(batch->ctx, batch->run, site->site_no, result, fd, &error);
    if (status != STATUS_OK && ctx_err(batch->ctx) == STATUS_OK) {
        batch->n_keep_failures++;
        LOG_WARN("study.not_kept", batch->ctx, log_str("site", site->site_no),
            log_str("error", error.text));
    }
}

/* What the site's own checkpoints tell becomes the run's progress. */
static void tell_progress(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    const struct study_batch *batch = arg;
    (void)stage;
    (void)done;
    (void)total;
    /* A context that is done is noticed where the checkpoint was. */
    (void)!ctx_checkpoint(
        batch->ctx, "sites", batch->n_made + batch->n_reused + batch->n_failed, batch->n_sites);
}

static enum status make_file(struct study_batch *batch, struct study_site *site,
    struct report **ret_report, int *ret_fd, struct error *ret_error)
{
    struct ctx_watch watch = {.on_progress = tell_progress, .arg = batch};
    struct span span;
    span_begin_opaque(batch->ctx, "site", &span);
    struct ctx_scope *watched = ctx_with_value(span.ctx, &CTX_WATCH_KEY, &watch);
    enum status status = build(watched->ctx, batch, site, ret_report, ret_error);
    if (status == STATUS_OK) {
        status = render(watched->ctx, batch, *ret_report, &site->result, ret_fd, ret_error);
    }
    ctx_scope_end(watched);
    span_end(&span, status, &(struct span_facts){.text_key = SPAN_WORD, .text = site->site_no});
    return status;
}

static enum status make(struct study_batch *batch, struct study_site *site, int *ret_fd)
{
    struct error error = ERROR_NONE;
    struct report *report = NULL;
    enum status status = make_file(batch, site, &report, ret_fd, &error);
    if (status != STATUS_OK) {
        report_free(report);
        return fail_site(batch, site, status, &error);
    }
    note_result(report, &site->result);
    render_filename(report, batch->request->format, batch->language, site->result.filename);
    report_free(report);
    batch->n_made++;
    keep(batch, site, *ret_fd);
    return STATUS_OK;
}

/* A report that was kept is of this data and this request: so its day is the one that all get. */
static bool is_of_this_run(const struct study_batch *batch, const struct result *result)
{
    return (batch->as_of == NULL || strcmp(batch->as_of, result->as_of) == 0) &&
           result->edc_version == batch->versions.edc &&
           result->ctms_version == batch->versions.ctms;
}

static enum status find(struct study_batch *batch, struct study_site *site, int *ret_fd)
{
    int fd = -1;
    enum status status = results_find(batch->ctx, batch->run, site->site_no, &site->result, &fd);
    if (status == STATUS_OK && !is_of_this_run(batch, &site->result)) {
        close(fd);
        status = STATUS_NOT_FOUND;
    }
    if (status == STATUS_OK) {
        site->is_reused = true;
        batch->n_reused++;
        *ret_fd = fd;
    } else {
        site->result = (struct result){.len = 0};
    }
    return status;
}

enum status study_site_make(
    struct study_batch *batch, struct study_site *site, int *ret_fd, uint64_t *ret_start)
{
    *ret_fd = -1;
    *ret_start = 0;
    enum status status = batch->run == NULL ? STATUS_NOT_FOUND : find(batch, site, ret_fd);
    if (status == STATUS_OK) {
        *ret_start = (uint64_t)lseek(*ret_fd, 0, SEEK_CUR);
    } else if (status == STATUS_NOT_FOUND) {
        status = make(batch, site, ret_fd);
    }
    if (status != STATUS_OK || *ret_fd < 0) {
        return status;
    }
    const struct result *result = &site->result;
    if (batch->as_of == NULL) {
        batch->as_of = result->as_of; /* lives as long as the list of sites */
    }
    batch->is_data_changed = batch->is_data_changed || result->edc_version != batch->versions.edc ||
                             result->ctms_version != batch->versions.ctms;
    snprintf(site->entry, sizeof(site->entry), "%05zu-%s", site->number, result->filename);
    return STATUS_OK;
}
