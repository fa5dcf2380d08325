/* Whether the lines of an access log follow from each other. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/access_chain.h"
#include "auth/access_log.h"

struct check {
    FILE *file;
    char *text; /* getline's */
    size_t size;
    struct access_chain chain;
    uint64_t n_lines;
    bool has_begun; /* the first line may go on from another file */
};

static enum status broken(
    const struct check *check, const char *path, const char *why, struct error *ret_error)
{
    return error_set(
        ret_error, STATUS_DATA_LOSS, "%s: line %" PRIu64 ": %s", path, check->n_lines, why);
}

static enum status check_line(
    struct check *check, const char *path, struct bytes line, struct error *ret_error)
{
    size_t body_len = 0;
    char told[SHA256_HEX_MAX];
    char expected[SHA256_HEX_MAX];
    if (!access_chain_read(line, &body_len, told)) {
        return broken(check, path, "no line of the access log, or broken off", ret_error);
    }
    access_chain_hash(
        check->chain.digest, check->chain.last, (struct bytes){line.data, body_len}, expected);
    if (check->has_begun && strcmp(told, expected) != 0) {
        return broken(check, path,
            "it does not follow from the line before: one of the two was changed, or lines between "
            "them are missing",
            ret_error);
    }
    memcpy(check->chain.last, told, sizeof(told));
    check->has_begun = true;
    return STATUS_OK;
}

static enum status check_lines(struct check *check, const char *path, struct error *ret_error)
{
    ssize_t len = 0;
    while ((len = getline(&check->text, &check->size, check->file)) >= 0) {
        check->n_lines++;
        const struct bytes line = {(const uint8_t *)check->text, (size_t)len};
        enum status status = check_line(check, path, line, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return ferror(check->file) == 0
               ? STATUS_OK
               : error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot be read", path);
}

enum status access_log_check(const char *path, uint64_t *ret_n_lines, struct error *ret_error)
{
    struct check check = {.file = fopen(path, "re")};
    if (check.file == NULL) {
        return error_set(ret_error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE,
            "%s: cannot be read: %s", path, strerror(errno));
    }
    enum status status = STATUS_OK;
    if (access_chain_init(&check.chain)) {
        status = check_lines(&check, path, ret_error);
    } else {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    *ret_n_lines = check.n_lines;
    access_chain_finish(&check.chain);
    free(check.text);
    fclose(check.file);
    return status;
}
