#include "api/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp_file.h"
#include "crypto/sha256.h"

enum { SPOOL_BUFFER_LEN = 64 << 10 };

struct spool {
    int fd;
    uint64_t len; /* accepted so far, buffered bytes included */
    uint64_t len_max;
    struct sha256 *digest;
    struct error error;
    size_t buffered;
    uint8_t buffer[SPOOL_BUFFER_LEN];
};

static int open_unnamed(const char *folder, struct error *ret_error)
{
    int fd = temp_file_open(folder, "walkie-report");
    if (fd < 0) {
        error_set(ret_error, STATUS_UNAVAILABLE,
            "spool folder %s: cannot make a file: %s; see --spool-dir", folder, strerror(errno));
    }
    return fd;
}

enum status spool_open(
    const char *folder, uint64_t len_max, struct spool **ret_spool, struct error *ret_error)
{
    CLEANUP(spool_free_at) struct spool *spool = malloc(sizeof(*spool));
    if (spool == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    /* Not calloc: the buffer need not be zeroed. */
    spool->len = 0;
    spool->len_max = len_max;
    spool->buffered = 0;
    spool->error = (struct error)ERROR_NONE;
    spool->fd = -1;
    spool->digest = sha256_new();
    if (spool->digest == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    spool->fd = open_unnamed(folder, ret_error);
    if (spool->fd < 0) {
        return STATUS_UNAVAILABLE;
    }
    *ret_spool = STEAL(spool);
    return STATUS_OK;
}

static enum status write_all(struct spool *spool, const uint8_t *data, size_t len)
{
    sha256_update(spool->digest, data, len);
    for (size_t at = 0; at < len;) {
        ssize_t written = write(spool->fd, data + at, len - at);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return error_set(&spool->error, STATUS_UNAVAILABLE,
                "the report cannot be written to the spool folder: %s; make room there or choose "
                "another --spool-dir",
                strerror(errno));
        }
        at += (size_t)written;
    }
    return STATUS_OK;
}

static enum status flush_buffer(struct spool *spool)
{
    enum status status = write_all(spool, spool->buffer, spool->buffered);
    spool->buffered = 0;
    return status;
}

enum status spool_write(void *arg, struct bytes piece)
{
    struct spool *spool = arg;
    if (spool->error.status != STATUS_OK) {
        return spool->error.status;
    }
    if (piece.len > spool->len_max - spool->len) {
        return error_set(&spool->error, STATUS_RESOURCE_EXHAUSTED,
            "the report is longer than %llu bytes", (unsigned long long)spool->len_max);
    }
    spool->len += piece.len;
    if (piece.len > SPOOL_BUFFER_LEN - spool->buffered) {
        enum status status = flush_buffer(spool);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (piece.len > SPOOL_BUFFER_LEN) {
        return write_all(spool, piece.data, piece.len);
    }
    memcpy(spool->buffer + spool->buffered, piece.data, piece.len);
    spool->buffered += piece.len;
    return STATUS_OK;
}

const char *spool_error(const struct spool *spool)
{
    return spool->error.text;
}

int spool_finish(struct spool *spool, uint64_t *ret_len, char ret_sha256[SPOOL_SHA256_TEXT_MAX],
    struct error *ret_error)
{
    int fd = -1;
    if (spool->error.status == STATUS_OK && flush_buffer(spool) == STATUS_OK) {
        *ret_len = spool->len;
        sha256_finish_hex(spool->digest, ret_sha256);
        fd = spool->fd;
        spool->fd = -1;
    } else {
        error_set(ret_error, spool->error.status, "%s", spool->error.text);
    }
    spool_free(spool);
    return fd;
}

void spool_free(struct spool *spool)
{
    if (spool == NULL) {
        return;
    }
    if (spool->fd >= 0) {
        close(spool->fd);
    }
    sha256_free(spool->digest);
    free(spool);
}

void spool_free_at(struct spool **spool)
{
    spool_free(*spool);
}
