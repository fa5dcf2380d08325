/* One kept report: finding it, keeping it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/results_internal.h"
#include "crypto/sha256.h"
#include "obs/log.h"

enum { PIECE_LEN = 64 << 10, NAME_PART_LEN = 32 };

/* "<site>-<data>.report", each the beginning of a SHA-256. False: out of memory. */
static bool name_file(
    const struct results_run *run, const char *site_no, char ret_name[FILE_NAME_MAX_LEN])
{
    char site[SHA256_HEX_MAX];
    struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return false;
    }
    sha256_update(digest, site_no, strlen(site_no));
    sha256_finish_hex(digest, site);
    sha256_free(digest);
    snprintf(ret_name, FILE_NAME_MAX_LEN, "%.*s-%.*s.report", NAME_PART_LEN, site, NAME_PART_LEN,
        run->data);
    return true;
}

/* Up to `len` bytes; fewer at the end of the file. Negative: errno. */
static ssize_t read_full(int fd, uint8_t *data, size_t len)
{
    size_t got = 0;
    while (got < len) {
        ssize_t n = read(fd, data + got, len - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static bool write_full(int fd, const uint8_t *data, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, data + at, len - at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

/* Whether what follows in the file is the report, and nothing else. */
static enum status check_content(const struct ctx *ctx, int fd, const struct result *result)
{
    uint8_t *piece = malloc(PIECE_LEN);
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    if (piece == NULL || digest == NULL) {
        free(piece);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    uint64_t len = 0;
    ssize_t n = 1;
    enum status status = STATUS_OK;
    while (n > 0 && status == STATUS_OK) {
        n = read_full(fd, piece, PIECE_LEN);
        if (n > 0) {
            sha256_update(digest, piece, (size_t)n);
            len += (uint64_t)n;
        }
        status = ctx_err(ctx);
    }
    char sha256[SHA256_HEX_MAX];
    sha256_finish_hex(digest, sha256);
    free(piece);
    if (status != STATUS_OK) {
        return status;
    }
    return n == 0 && len == result->len && strcmp(sha256, result->sha256) == 0 ? STATUS_OK
                                                                               : STATUS_DATA_LOSS;
}

static enum status read_report(
    const struct ctx *ctx, int fd, struct result *ret_result, size_t *ret_head_len)
{
    uint8_t head[RESULT_HEAD_MAX];
    ssize_t len = read_full(fd, head, sizeof(head));
    if (len < 0) {
        return STATUS_DATA_LOSS;
    }
    enum status status =
        result_parse_head((struct bytes){head, (size_t)len}, ret_result, ret_head_len);
    if (status == STATUS_OK && lseek(fd, (off_t)*ret_head_len, SEEK_SET) < 0) {
        status = STATUS_DATA_LOSS;
    }
    return status == STATUS_OK ? check_content(ctx, fd, ret_result) : status;
}

enum status results_find(const struct ctx *ctx, struct results_run *run, const char *site_no,
    struct result *ret_result, int *ret_fd)
{
    char name[FILE_NAME_MAX_LEN];
    if (!name_file(run, site_no, name)) {
        return STATUS_NOT_FOUND;
    }
    int fd = openat(run->folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return STATUS_NOT_FOUND;
    }
    struct result result;
    size_t head_len = 0;
    enum status status = read_report(ctx, fd, &result, &head_len);
    if (status == STATUS_OK && lseek(fd, (off_t)head_len, SEEK_SET) < 0) {
        status = STATUS_DATA_LOSS;
    }
    if (status == STATUS_OK) {
        *ret_result = result;
        *ret_fd = fd;
        return STATUS_OK;
    }
    close(fd);
    if (status == STATUS_DATA_LOSS) {
        LOG_WARN("results.damaged", ctx, log_str("site", site_no), log_str("file", name));
        unlinkat(run->folder_fd, name, 0);
        status = STATUS_NOT_FOUND;
    }
    return status == STATUS_RESOURCE_EXHAUSTED ? STATUS_NOT_FOUND : status;
}

static enum status copy_report(
    const struct ctx *ctx, const struct result *result, int from_fd, int to_fd)
{
    char head[RESULT_HEAD_MAX];
    size_t head_len = result_format_head(result, head);
    uint8_t *piece = malloc(PIECE_LEN);
    bool is_good = piece != NULL && head_len > 0 && lseek(from_fd, 0, SEEK_SET) == 0 &&
                   write_full(to_fd, (const uint8_t *)head, head_len);
    uint64_t left = result->len;
    enum status status = ctx_err(ctx);
    while (is_good && status == STATUS_OK && left > 0) {
        ssize_t n = read_full(from_fd, piece, left < PIECE_LEN ? (size_t)left : PIECE_LEN);
        is_good = n > 0 && write_full(to_fd, piece, (size_t)n);
        left -= is_good ? (uint64_t)n : 0;
        status = ctx_err(ctx);
    }
    free(piece);
    return status != STATUS_OK ? status : is_good ? STATUS_OK : STATUS_UNAVAILABLE;
}

/* Room for `len` bytes more, counted at once so that runs beside each other see it. */
static bool take_room(const struct ctx *ctx, struct results *results, uint64_t len)
{
    pthread_mutex_lock(&results->mutex);
    bool has_room =
        results->bytes <= results->bytes_max && len <= results->bytes_max - results->bytes;
    if (!has_room) {
        results_sweep_locked(ctx, results, len);
        has_room =
            results->bytes <= results->bytes_max && len <= results->bytes_max - results->bytes;
    }
    results->bytes += has_room ? len : 0;
    pthread_mutex_unlock(&results->mutex);
    return has_room;
}

enum status results_keep(const struct ctx *ctx, struct results_run *run, const char *site_no,
    const struct result *result, int fd, struct error *ret_error)
{
    static const char TEMPORARY[] = ".report";
    char name[FILE_NAME_MAX_LEN];
    if (!name_file(run, site_no, name)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (!take_room(ctx, run->results, result->len + RESULT_HEAD_MAX)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "the results folder is full; see --results-max-mib");
    }
    int to_fd = openat(
        run->folder_fd, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    enum status status = to_fd < 0 ? STATUS_UNAVAILABLE : copy_report(ctx, result, fd, to_fd);
    if (status == STATUS_OK && fsync(to_fd) != 0) {
        status = STATUS_UNAVAILABLE;
    }
    if (status == STATUS_OK && renameat(run->folder_fd, TEMPORARY, run->folder_fd, name) != 0) {
        status = STATUS_UNAVAILABLE;
    }
    int number = errno;
    if (to_fd >= 0) {
        close(to_fd);
    }
    if (status == STATUS_OK) {
        (void)fsync(run->folder_fd); /* the report is whole, whether or not its name stays */
        return STATUS_OK;
    }
    unlinkat(run->folder_fd, TEMPORARY, 0);
    if (status != STATUS_UNAVAILABLE) {
        return error_set(ret_error, status, "%s", status_text(status));
    }
    return error_set(ret_error, status,
        "results folder: %s; make room there or choose another --results-dir", strerror(number));
}
