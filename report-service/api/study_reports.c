/* All sites' reports as one zip, sent while it is made. The list of sites, the first report, and
 * then the head: so that what is wrong with the request is said before the first byte. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/study_batch.h"
#include "api/unpack.h"
#include "crypto/sha256.h"
#include "ctx/checkpoint.h"
#include "obs/log.h"

enum { COPY_PIECE_LEN = 64 << 10 };

static enum status check_request(struct study_batch *batch)
{
    const study_request *request = batch->request;
    if (*request->study == '\0') {
        return error_set(&batch->error, STATUS_INVALID_ARGUMENT, "study is missing");
    }
    enum status status = request_language(request->language, &batch->language, &batch->error);
    if (status != STATUS_OK) {
        return status;
    }
    batch->as_of = request_text(request->as_of);
    if (*request->idempotency_key != '\0' && batch->service->results == NULL) {
        return error_set(
            &batch->error, STATUS_UNIMPLEMENTED, "this service keeps no results of runs");
    }
    if (*request->idempotency_key != '\0') {
        status = results_check_key(request->idempotency_key, &batch->error);
    }
    return status == STATUS_OK ? render_check_format(request->format, &batch->error) : status;
}

/* The study's sites, in the order of /v1/centers. */
static enum status list_sites(struct study_batch *batch)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(CENTERS_MEMORY_MAX);
    struct audit_center *center = NULL;
    enum status status = arena == NULL ? STATUS_RESOURCE_EXHAUSTED
                                       : audit_list_centers(batch->ctx, &batch->service->sources,
                                             arena, &center, &batch->error);
    struct study_site **last = &batch->first;
    for (; center != NULL && status == STATUS_OK; center = center->next) {
        if (strcmp(center->study, batch->request->study) != 0) {
            continue;
        }
        struct study_site *site = arena_alloc(batch->arena, sizeof(*site));
        if (site == NULL || batch->n_sites == STUDY_SITES_MAX) {
            return error_set(&batch->error, STATUS_RESOURCE_EXHAUSTED,
                "the study has more than %d sites", STUDY_SITES_MAX);
        }
        site->site_no = arena_copy_text(batch->arena, center->site_no);
        site->number = ++batch->n_sites;
        *last = site;
        last = &site->next;
    }
    if (status == STATUS_OK && batch->n_sites == 0) {
        return error_set(&batch->error, STATUS_NOT_FOUND, "no study \"%.80s\" with sites",
            batch->request->study);
    }
    return status;
}

static bool hash_request(const struct study_batch *batch, char ret_hex[SHA256_HEX_MAX])
{
    study_request spelt = *batch->request; /* borrows its texts */
    spelt.base.n_unknown_fields = 0;
    spelt.language = (char *)language_tag(batch->language);
    spelt.sections = audit_sections(spelt.sections);
    spelt.idempotency_key = (char *)"";
    struct sha256 *digest = sha256_new();
    uint8_t *packed =
        malloc(walkie__report__v1__study_audit_reports_request__get_packed_size(&spelt) + 1);
    bool is_good = digest != NULL && packed != NULL;
    if (is_good) {
        size_t len = walkie__report__v1__study_audit_reports_request__pack(&spelt, packed);
        sha256_update(digest, packed, len);
        sha256_finish_hex(digest, ret_hex);
    }
    free(packed);
    sha256_free(digest);
    return is_good;
}

static bool hash_versions(const struct audit_versions *versions, char ret_hex[SHA256_HEX_MAX])
{
    struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return false;
    }
    uint8_t numbers[32];
    be64_put(numbers, (uint64_t)versions->edc);
    be64_put(numbers + 8, (uint64_t)versions->ctms);
    be64_put(numbers + 16, versions->edc_stamp.len);
    be64_put(numbers + 24, versions->ctms_stamp.len);
    sha256_update(digest, numbers, sizeof(numbers));
    sha256_update(digest, versions->edc_stamp.bytes, versions->edc_stamp.len);
    sha256_update(digest, versions->ctms_stamp.bytes, versions->ctms_stamp.len);
    sha256_finish_hex(digest, ret_hex);
    sha256_free(digest);
    return true;
}

/* With a key: the reports that are there already, and a place for those that come. */
static enum status begin_run(struct study_batch *batch)
{
    if (*batch->request->idempotency_key == '\0') {
        return STATUS_OK;
    }
    char request_sha256[SHA256_HEX_MAX];
    char data_sha256[SHA256_HEX_MAX];
    if (!hash_request(batch, request_sha256) || !hash_versions(&batch->versions, data_sha256)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct results_name name = {
        .key = batch->request->idempotency_key,
        .request_sha256 = request_sha256,
        .data_sha256 = data_sha256,
    };
    (void)rpc_call_metadata(batch->call, RPC_METADATA_PRINCIPAL, &name.principal);
    return results_begin(batch->ctx, batch->service->results, &name, &batch->run, &batch->error);
}

static enum status send_piece(void *arg, struct bytes piece)
{
    struct study_batch *batch = arg;
    return rpc_call_chunk(batch->ctx, batch->call, piece);
}

static enum status send_head(struct study_batch *batch)
{
    char filename[RENDER_FILENAME_MAX];
    char filename_utf8[RENDER_FILENAME_MAX];
    render_study_filename(batch->request->study, batch->language, filename, filename_utf8);
    Walkie__Report__V1__StudyAuditReportsHead head =
        WALKIE__REPORT__V1__STUDY_AUDIT_REPORTS_HEAD__INIT;
    head.content_type = (char *)"application/zip";
    head.filename = filename;
    head.filename_utf8 = filename_utf8;
    head.sites = (uint32_t)batch->n_sites;
    head.as_of = (char *)(batch->as_of == NULL ? "" : batch->as_of);
    enum status status = rpc_call_reply(batch->call, &head.base);
    return status == STATUS_OK ? zip_new(send_piece, batch, &batch->zip, &batch->error) : status;
}

static enum status copy_report(struct study_batch *batch, int fd, uint64_t start, uint64_t len)
{
    uint8_t *piece = malloc(COPY_PIECE_LEN);
    enum status status = piece == NULL ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
    if (status == STATUS_OK && lseek(fd, (off_t)start, SEEK_SET) < 0) {
        status = STATUS_DATA_LOSS;
    }
    while (len > 0 && status == STATUS_OK) {
        ssize_t n = read(fd, piece, len < COPY_PIECE_LEN ? (size_t)len : COPY_PIECE_LEN);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            status = STATUS_DATA_LOSS; /* shorter than it was */
            break;
        }
        len -= (uint64_t)n;
        status = zip_write(batch->zip, (struct bytes){piece, (size_t)n}, &batch->error);
    }
    free(piece);
    return status;
}

/* A report's bytes leave as soon as it is there: nobody waits for the last site to see the first.
 */
static enum status add_to_zip(
    struct study_batch *batch, const struct study_site *site, int fd, uint64_t start)
{
    bool is_json = batch->request->format == WALKIE__REPORT__V1__FORMAT__FORMAT_JSON;
    enum status status = zip_begin(batch->zip, site->entry, is_json ? ZIP_DEFLATED : ZIP_STORED,
        site->result.len, &batch->error);
    if (status == STATUS_OK) {
        status = copy_report(batch, fd, start, site->result.len);
    }
    if (status == STATUS_OK) {
        status = zip_end(batch->zip, &batch->error);
    }
    return status == STATUS_OK ? zip_flush(batch->zip, &batch->error) : status;
}

static enum status run_site(struct study_batch *batch, struct study_site *site)
{
    int fd = -1;
    uint64_t start = 0;
    enum status status = ctx_checkpoint(batch->ctx, "sites", site->number - 1, batch->n_sites);
    if (status == STATUS_OK) {
        status = study_site_make(batch, site, &fd, &start);
    }
    if (status == STATUS_OK && batch->zip == NULL) {
        status = send_head(batch);
    }
    if (status == STATUS_OK && fd >= 0) {
        status = add_to_zip(batch, site, fd, start);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

static enum status run_sites(struct study_batch *batch)
{
    enum status status = STATUS_OK;
    for (struct study_site *site = batch->first; site != NULL && status == STATUS_OK;
         site = site->next) {
        status = run_site(batch, site);
    }
    if (status == STATUS_OK) {
        status = ctx_checkpoint(batch->ctx, "sites", batch->n_sites, batch->n_sites);
    }
    if (status == STATUS_OK) {
        status = study_write_manifest(batch);
    }
    return status == STATUS_OK ? zip_finish(batch->zip, &batch->error) : status;
}

static enum status run_batch(struct study_batch *batch)
{
    enum status status = check_request(batch);
    if (status == STATUS_OK) {
        status = list_sites(batch);
    }
    if (status == STATUS_OK) {
        status = audit_read_versions(
            batch->ctx, &batch->service->sources, &batch->versions, &batch->error);
    }
    if (status == STATUS_OK) {
        status = begin_run(batch);
    }
    return status == STATUS_OK ? run_sites(batch) : status;
}

enum status service_study_audit_reports(
    const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    CLEANUP(message_free_at)
    study_request *request = REQUEST_OF(call, walkie__report__v1__study_audit_reports_request);
    if (request == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    struct study_batch batch = {
        .ctx = ctx, .call = call, .service = arg, .request = request, .error = ERROR_NONE};
    batch.arena = arena_new(STUDY_MEMORY_MAX);
    uint64_t start_ns = clock_now_ns();
    enum status status = batch.arena == NULL ? STATUS_RESOURCE_EXHAUSTED : run_batch(&batch);
    LOG_INFO("study.done", ctx, log_str("study", request->study),
        log_str("format", render_word(request->format)), log_str("status", status_name(status)),
        log_u64("sites", batch.n_sites), log_u64("made", batch.n_made),
        log_u64("reused", batch.n_reused), log_u64("failed", batch.n_failed),
        log_ms("elapsed_ms", clock_now_ns() - start_ns));
    zip_free(batch.zip);
    results_end(batch.run);
    arena_free(batch.arena);
    return status == STATUS_OK ? STATUS_OK : service_fail(call, status, &batch.error);
}
