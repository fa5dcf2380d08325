#include "api/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/results_internal.h"
#include "base/private_folder.h"
#include "crypto/sha256.h"

static const char REQUEST_FILE[] = "request";

enum status results_check_key(const char *key, struct error *ret_error)
{
    size_t len = strlen(key);
    for (const char *at = key; *at != '\0'; at++) {
        if (*at < '!' || *at > '~') {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "the idempotency key holds something else than visible ASCII characters");
        }
    }
    if (len < RESULTS_KEY_LEN_MIN || len > RESULTS_KEY_LEN_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the idempotency key has %zu characters; %d to %d are wanted (a UUID has 36)", len,
            RESULTS_KEY_LEN_MIN, RESULTS_KEY_LEN_MAX);
    }
    return STATUS_OK;
}

enum status results_new(
    const struct results_options *options, struct results **ret_results, struct error *ret_error)
{
    struct results *results = calloc(1, sizeof(*results));
    char *folder = strdup(options->folder);
    if (results == NULL || folder == NULL) {
        free(results);
        free(folder);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    results->folder = folder;
    results->bytes_max = options->bytes_max == 0 ? RESULTS_BYTES_MAX_DEFAULT : options->bytes_max;
    results->keep_ns = options->keep_ns;
    pthread_mutex_init(&results->mutex, NULL);
    *ret_results = results;
    return STATUS_OK;
}

void results_free(struct results *results)
{
    if (results != NULL) {
        pthread_mutex_destroy(&results->mutex);
        free(results->folder);
        free(results);
    }
}

int results_open_folder(const struct results *results, struct error *ret_error)
{
    struct error error = ERROR_NONE;
    int fd = private_folder_open(results->folder, &error);
    if (fd < 0) {
        error_set(ret_error, error.status, "results %s; see --results-dir", error.text);
    }
    return fd;
}

/* The run's name: whose key it is, and the key. */
static bool name_run(const struct results_name *name, char ret_hex[RUN_NAME_MAX])
{
    struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return false;
    }
    uint8_t len[8];
    be64_put(len, name->principal.len);
    sha256_update(digest, len, sizeof(len));
    sha256_update(digest, name->principal.data, name->principal.len);
    sha256_update(digest, name->key, strlen(name->key));
    sha256_finish_hex(digest, ret_hex);
    sha256_free(digest);
    return true;
}

static enum status fail_on_disk(struct error *ret_error)
{
    return error_set(ret_error, STATUS_UNAVAILABLE,
        "results folder: %s; make room there or choose another --results-dir", strerror(errno));
}

/* Write a small file whole or not at all. */
static enum status write_request(int folder_fd, const char *hex, struct error *ret_error)
{
    static const char TEMPORARY[] = ".request";
    size_t len = strlen(hex);
    int fd = openat(folder_fd, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail_on_disk(ret_error);
    }
    bool is_written = write(fd, hex, len) == (ssize_t)len && fsync(fd) == 0;
    is_written = is_written && renameat(folder_fd, TEMPORARY, folder_fd, REQUEST_FILE) == 0 &&
                 fsync(folder_fd) == 0;
    enum status status = is_written ? STATUS_OK : fail_on_disk(ret_error);
    close(fd);
    if (!is_written) {
        unlinkat(folder_fd, TEMPORARY, 0);
    }
    return status;
}

/* The key's first request must be this one; it is when there was none. */
static enum status check_request(int folder_fd, const char *hex, struct error *ret_error)
{
    char kept[RUN_NAME_MAX + 1] = "";
    int fd = openat(folder_fd, REQUEST_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, kept, sizeof(kept));
    if (fd >= 0) {
        close(fd);
    }
    if (len == (ssize_t)strlen(hex) && memcmp(kept, hex, strlen(hex)) == 0) {
        return STATUS_OK;
    }
    if (fd >= 0) {
        return error_set(ret_error, STATUS_ALREADY_EXISTS,
            "this idempotency key came with another request before; use a new one");
    }
    return write_request(folder_fd, hex, ret_error);
}

/* The run's folder, made where needed, and locked: not even another service may use it until the
 * descriptor is closed, which a killed process does, too. */
static enum status lock_folder(struct results_run *run, int store_fd, struct error *ret_error)
{
    struct stat folder;
    if (mkdirat(store_fd, run->name, 0700) != 0 && errno != EEXIST) {
        return fail_on_disk(ret_error);
    }
    run->folder_fd = openat(store_fd, run->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (run->folder_fd < 0) {
        return fail_on_disk(ret_error);
    }
    if (flock(run->folder_fd, LOCK_EX | LOCK_NB) != 0 || fstat(run->folder_fd, &folder) != 0 ||
        folder.st_nlink == 0) { /* swept by another service in between */
        return error_set(ret_error, STATUS_ABORTED,
            "a run with this idempotency key is under way; wait for its end, or use another");
    }
    return STATUS_OK;
}

static enum status open_run(
    struct results_run *run, const char *request_sha256, struct error *ret_error)
{
    int store_fd = results_open_folder(run->results, ret_error);
    if (store_fd < 0) {
        return STATUS_UNAVAILABLE;
    }
    enum status status = lock_folder(run, store_fd, ret_error);
    if (status == STATUS_OK) {
        status = check_request(run->folder_fd, request_sha256, ret_error);
    }
    close(store_fd);
    return status;
}

enum status results_begin(const struct ctx *ctx, struct results *results,
    const struct results_name *name, struct results_run **ret_run, struct error *ret_error)
{
    enum status status = results_check_key(name->key, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct results_run *run = calloc(1, sizeof(*run));
    if (run == NULL || !name_run(name, run->name)) {
        free(run);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    run->results = results;
    run->folder_fd = -1;
    snprintf(run->data, sizeof(run->data), "%s", name->data_sha256);
    pthread_mutex_lock(&results->mutex);
    results_sweep_locked(ctx, results, 0);
    status = open_run(run, name->request_sha256, ret_error);
    pthread_mutex_unlock(&results->mutex);
    if (status == STATUS_OK) {
        *ret_run = run;
    } else {
        results_end(run);
    }
    return status;
}

void results_end(struct results_run *run)
{
    if (run != NULL) {
        if (run->folder_fd >= 0) {
            close(run->folder_fd);
        }
        free(run);
    }
}
