/* Whether the lines of an access log follow from each other. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/access_chain.h"
#include "auth/access_log.h"

struct check {
    const char *path;
    access_log_finding_fn *on_finding;
    void *arg;
    FILE *file;
    char *text; /* getline's */
    size_t size;
    struct access_chain chain;
    uint64_t n_lines;
    uint64_t n_findings;
    bool has_begun; /* the first line may go on from another file */
};

static void find(struct check *check, const char *what)
{
    struct error words = ERROR_NONE;
    (void)error_set(
        &words, STATUS_DATA_LOSS, "%s: line %" PRIu64 ": %s", check->path, check->n_lines, what);
    check->n_findings++;
    check->on_finding(check->arg, words.text);
}

/* Errors: RESOURCE_EXHAUSTED. */
static enum status check_line(struct check *check, struct bytes line)
{
    size_t body_len = 0;
    char told[SHA256_HEX_MAX];
    char expected[SHA256_HEX_MAX];
    if (!access_chain_read(line, &body_len, told)) {
        find(check, "broken off, or no line of the access log");
        return STATUS_OK;
    }
    enum status status =
        access_chain_hash(&check->chain, (struct bytes){line.data, body_len}, expected);
    if (check->has_begun && status == STATUS_OK && strcmp(told, expected) != 0) {
        find(check, "it does not follow from the line before: one of the two was changed, or lines "
                    "between them are missing");
    }
    memcpy(check->chain.last, told, sizeof(told));
    check->has_begun = true;
    return status;
}

static enum status check_lines(struct check *check, struct error *ret_error)
{
    ssize_t len = 0;
    while ((len = getline(&check->text, &check->size, check->file)) >= 0) {
        check->n_lines++;
        if (check_line(check, (struct bytes){(const uint8_t *)check->text, (size_t)len}) !=
            STATUS_OK) {
            return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        }
    }
    if (ferror(check->file) != 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot be read", check->path);
    }
    return check->n_findings == 0
               ? STATUS_OK
               : error_set(ret_error, STATUS_DATA_LOSS,
                     "%s: %" PRIu64 " lines; the chain is broken at %" PRIu64 " of them",
                     check->path, check->n_lines, check->n_findings);
}

enum status access_log_check(const char *path, const struct hmac_key *key,
    access_log_finding_fn *on_finding, void *arg, uint64_t *ret_n_lines, struct error *ret_error)
{
    struct check check = {
        .path = path, .on_finding = on_finding, .arg = arg, .file = fopen(path, "re")};
    if (check.file == NULL) {
        return error_set(ret_error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_UNAVAILABLE,
            "%s: cannot be read: %s", path, strerror(errno));
    }
    enum status status = STATUS_OK;
    if (access_chain_init(&check.chain, key)) {
        status = check_lines(&check, ret_error);
    } else {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    *ret_n_lines = check.n_lines;
    access_chain_finish(&check.chain);
    free(check.text);
    fclose(check.file);
    return status;
}
