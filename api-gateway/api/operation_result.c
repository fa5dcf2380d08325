/* GET /v1/operations/{id}/result: the file, read piece by piece on the files' worker at the pace at
 * which the client takes it.
 *
 * The reader belongs to its request (extra), which the exchange holds until it is over, the reader
 * itself until it is finished, and each job that is posted until it has run. What was sent is
 * compared with the SHA-256 before the last piece leaves: a file that was damaged on the disk ends
 * visibly broken, never as a good one. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/authorize.h"
#include "api/disposition.h"
#include "api/handlers.h"
#include "api/operation_answer.h"
#include "api/operation_range.h"
#include "api/problem.h"
#include "crypto/sha256.h"
#include "obs/log.h"
#include "operations/operations.h"

enum { READ_LEN = 64 << 10, ETAG_MAX = 72, CONTENT_RANGE_MAX = 80 };

struct reader {
    struct request *request;
    struct operations *operations; /* held */
    struct worker *worker;
    struct worker_job job;
    struct ctx_after *after;

    /* The worker's. */
    int fd;
    uint64_t at;
    uint64_t left;
    char sha256[OPERATION_SHA256_MAX];
    struct sha256 *digest; /* NULL: a part is not compared */
    uint8_t piece[READ_LEN];

    pthread_mutex_t mutex; /* guards: */
    uint64_t n_unsent;
    bool is_posted;
    bool is_finished; /* nothing is posted any more */
};

static void reader_free(void *extra)
{
    struct reader *reader = extra;
    if (reader->fd >= 0) {
        close(reader->fd);
    }
    sha256_free(reader->digest);
    pthread_mutex_destroy(&reader->mutex);
    free(reader);
}

/* There may be room for more, or the client may have left. Threads: any. */
static void post(void *arg)
{
    struct reader *reader = arg;
    pthread_mutex_lock(&reader->mutex);
    if (!reader->is_finished && !reader->is_posted) {
        reader->is_posted = true;
        request_ref(reader->request);
        worker_post(reader->worker, &reader->job);
    }
    pthread_mutex_unlock(&reader->mutex);
}

static void on_sent(void *arg, size_t len)
{
    struct reader *reader = arg;
    pthread_mutex_lock(&reader->mutex);
    reader->n_unsent -= len < reader->n_unsent ? len : reader->n_unsent;
    bool has_room = reader->n_unsent <= HTTP_OUTPUT_HIGH / 2;
    pthread_mutex_unlock(&reader->mutex);
    if (has_room) {
        post(reader);
    }
}

static bool read_piece(struct reader *reader, size_t len)
{
    for (size_t have = 0; have < len;) {
        ssize_t n = pread(reader->fd, reader->piece + have, len - have, (off_t)(reader->at + have));
        if (n <= 0) {
            return false;
        }
        have += (size_t)n;
    }
    return true;
}

/* Whether all that was read is what was kept; before the last piece leaves. */
static bool is_good(struct reader *reader, size_t len)
{
    if (reader->digest == NULL) {
        return true;
    }
    sha256_update(reader->digest, reader->piece, len);
    if (reader->left > len) {
        return true;
    }
    char found[SHA256_HEX_MAX];
    sha256_finish_hex(reader->digest, found);
    return strcmp(found, reader->sha256) == 0;
}

/* False: it cannot be read, or is not what was kept. */
static bool send_piece(struct reader *reader, size_t len)
{
    if (!read_piece(reader, len) || !is_good(reader, len)) {
        return false;
    }
    pthread_mutex_lock(&reader->mutex);
    reader->n_unsent += len;
    pthread_mutex_unlock(&reader->mutex);
    http_respond_piece(reader->request->exchange, (struct bytes){reader->piece, len});
    reader->at += len;
    reader->left -= len;
    return true;
}

static bool has_room(struct reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    bool has = reader->n_unsent + READ_LEN <= HTTP_OUTPUT_HIGH;
    pthread_mutex_unlock(&reader->mutex);
    return has;
}

static void finish(struct reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    reader->is_finished = true;
    pthread_mutex_unlock(&reader->mutex);
    (void)ctx_stop_wait(STEAL(reader->after));
    struct operations *operations = reader->operations;
    request_unref(reader->request); /* the reader's own: the job has one still */
    operations_release(operations);
}

/* The job: as much as there is room for. */
static void read_on(void *arg)
{
    struct reader *reader = arg;
    struct request *request = reader->request;
    struct http_exchange *exchange = request->exchange;
    const struct ctx *ctx = http_exchange_ctx(exchange);
    pthread_mutex_lock(&reader->mutex);
    reader->is_posted = false;
    bool is_finished = reader->is_finished;
    pthread_mutex_unlock(&reader->mutex);
    bool is_whole = true;
    while (!is_finished && is_whole && reader->left > 0 && has_room(reader) && !ctx_done(ctx)) {
        is_whole = send_piece(reader, reader->left < READ_LEN ? (size_t)reader->left : READ_LEN);
    }
    if (!is_finished && !is_whole) {
        LOG_ERROR("operation.damaged", request->ctx, log_str("path", http_path(exchange)),
            log_str("sha256", reader->sha256));
        http_respond_abort(exchange);
    } else if (!is_finished && reader->left == 0) {
        http_respond_end(exchange);
    }
    if (!is_finished && (!is_whole || reader->left == 0 || ctx_done(ctx))) {
        finish(reader);
    }
    request_unref(request);
}

/* --- the answer ------------------------------------------------------------------------------ */

static struct reader *reader_new(struct request *request, const struct operation_record *record,
    int fd, const struct file_range *range)
{
    struct reader *reader = malloc(sizeof(*reader));
    struct operations *operations = request->gateway->operations;
    struct worker *worker = reader == NULL ? NULL : operations_hold(operations);
    if (worker == NULL) {
        free(reader);
        return NULL;
    }
    reader->request = request;
    reader->operations = operations;
    reader->worker = worker;
    worker_job_init(&reader->job, read_on, reader);
    reader->after = NULL;
    reader->fd = fd;
    reader->at = range->start;
    reader->left = range->len;
    memcpy(reader->sha256, record->sha256, sizeof(reader->sha256));
    reader->digest = range->len == record->bytes ? sha256_new() : NULL;
    pthread_mutex_init(&reader->mutex, NULL);
    reader->n_unsent = 0;
    reader->is_posted = true; /* answer_file does it, once all is in place */
    reader->is_finished = false;
    request->extra = reader;
    request->free_extra = reader_free;
    return reader;
}

static void respond_headers(struct request *request, const struct operation_record *record,
    const char *etag, enum range_kind kind, const struct file_range *range)
{
    struct http_exchange *exchange = request->exchange;
    http_respond_header(exchange, "ETag", etag);
    http_respond_header(exchange, "Accept-Ranges", "bytes");
    http_respond_header(exchange, "Cache-Control", "private, no-store");
    request_respond_sha256(request, record->sha256);
    char text[CONTENT_RANGE_MAX];
    switch (kind) {
    case RANGE_WHOLE:
        break;
    case RANGE_PART:
        (void)snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, range->start,
            range->start + range->len - 1, record->bytes);
        http_respond_header(exchange, "Content-Range", text);
        break;
    case RANGE_UNSATISFIABLE:
        (void)snprintf(text, sizeof(text), "bytes */%" PRIu64, record->bytes);
        http_respond_header(exchange, "Content-Range", text);
        break;
    }
}

/* Takes the descriptor. */
static void answer_file(struct request *request, const struct operation_record *record, int fd)
{
    struct http_exchange *exchange = request->exchange;
    char etag[ETAG_MAX];
    (void)snprintf(etag, sizeof(etag), "\"%s\"", record->sha256);
    const char *if_range = http_header(exchange, "if-range");
    const char *if_none_match = http_header(exchange, "if-none-match");
    const char *text =
        if_range == NULL || strcmp(if_range, etag) == 0 ? http_header(exchange, "range") : NULL;
    struct file_range range;
    enum range_kind kind = operation_range(text, record->bytes, &range);
    bool is_known = if_none_match != NULL &&
                    (strstr(if_none_match, etag) != NULL || strcmp(if_none_match, "*") == 0);
    respond_headers(request, record, etag, is_known ? RANGE_WHOLE : kind, &range);
    bool is_head = strcmp(http_method(exchange), "HEAD") == 0;
    if (is_known || kind == RANGE_UNSATISFIABLE) {
        close(fd);
        http_respond(exchange, is_known ? 304 : 416, NULL, bytes_of(""));
        return;
    }
    disposition_respond(exchange, record->content_type, record->filename, record->filename_utf8);
    struct reader *reader = is_head ? NULL : reader_new(request, record, fd, &range);
    if (reader == NULL) {
        close(fd);
    }
    if (reader == NULL && !is_head) {
        operation_answer_failure(
            request, STATUS_RESOURCE_EXHAUSTED, "the gateway has no memory left", 0);
        return;
    }
    if (reader != NULL) {
        http_respond_on_sent(exchange, on_sent, reader);
        request_ref(request); /* the reader's own, until it is finished */
    }
    http_respond_begin(
        exchange, kind == RANGE_PART ? 206 : 200, record->content_type, (int64_t)range.len);
    if (reader == NULL) {
        http_respond_end(exchange);
        return;
    }
    reader->after = ctx_after_func(http_exchange_ctx(exchange), post, reader);
    request_ref(request); /* the job's */
    worker_post(reader->worker, &reader->job);
}

static void refuse_state(struct request *request, const struct operation_record *record)
{
    enum status status = STATUS_FAILED_PRECONDITION;
    int http_code = 409;
    const char *detail = "";
    switch (record->state) {
    case OPERATION_RUNNING:
        http_respond_header(request->exchange, "Retry-After", "1");
        status = STATUS_NOT_FOUND;
        http_code = 404;
        detail = "there is no result yet: the operation is running";
        break;
    case OPERATION_FAILED:
        detail = "there is no result: the operation failed; its problem says why";
        break;
    case OPERATION_CANCELLED:
        detail = "there is no result: the operation was cancelled";
        break;
    case OPERATION_DONE:
        status = STATUS_NOT_FOUND;
        http_code = 410;
        detail = record->is_removed
                     ? "the result is not kept any more; see --operations-keep, "
                       "--operations-max-mib"
                     : "the result's file is not in this gateway's folder; gateways that share a "
                       "store of operations share one --operations-dir";
        break;
    }
    operation_answer_failure(request, status, detail, http_code);
}

static void on_found(void *arg, const struct question_answer *answer)
{
    struct request *request = arg;
    if (answer->status != STATUS_OK) {
        operation_answer_failure(request, answer->status, answer->error->text, 0);
    } else if (answer->fd < 0) {
        refuse_state(request, answer->records);
    } else if (!request_may_have_report(
                   request, answer->records->path, answer->records->filename)) {
        close(answer->fd);
        problem_respond(request->exchange,
            &(struct problem){.status = STATUS_PERMISSION_DENIED,
                .detail = "your role or your sites have become fewer since this report was made",
                .trace = &request->trace});
    } else {
        answer_file(request, answer->records, answer->fd);
    }
    request_unref(request);
}

enum status handle_operation_result(struct request *request, struct error *ret_error)
{
    struct question question = {.kind = QUESTION_RESULT, .on_answer = on_found};
    enum status status = operation_question_id(request, &question, ret_error);
    return status == STATUS_OK ? operation_ask(request, &question, ret_error) : status;
}
