#include "import/input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_PATH_MAX = 1024, POLL_MS = 10 };

struct input_file {
    const struct ctx *ctx;
    char path[INPUT_PATH_MAX];
    int descriptor;
    bool is_regular;
    uint64_t size;
    uint64_t position;
    struct sha256 *digest;
};

static enum status fail_path(const char *path, const char *why, struct error *ret_error)
{
    return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s", path, why);
}

static enum status open_descriptor(
    struct input_file *file, const char *path, struct error *ret_error)
{
    struct stat about;
    bool is_standard = strcmp(path, "-") == 0;
    snprintf(file->path, sizeof(file->path), "%s", is_standard ? "standard input" : path);
    file->descriptor = is_standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (file->descriptor < 0 || fstat(file->descriptor, &about) != 0) {
        return fail_path(file->path, strerror(errno), ret_error);
    }
    if (S_ISDIR(about.st_mode)) {
        return fail_path(file->path, "is a folder, a file is expected", ret_error);
    }
    file->is_regular = S_ISREG(about.st_mode);
    file->size = file->is_regular ? (uint64_t)about.st_size : 0;
    return STATUS_OK;
}

enum status input_open(
    const struct ctx *ctx, const char *path, struct input_file **ret_file, struct error *ret_error)
{
    struct input_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    file->ctx = ctx;
    file->descriptor = -1;
    file->digest = sha256_new();
    enum status status = file->digest == NULL
                             ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                             : open_descriptor(file, path, ret_error);
    if (status != STATUS_OK) {
        input_close(file);
        return status;
    }
    *ret_file = file;
    return STATUS_OK;
}

void input_close(struct input_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->descriptor >= 0) {
        close(file->descriptor);
    }
    sha256_free(file->digest);
    free(file);
}

/* A regular file is always ready. A pipe is looked at every POLL_MS, so that Ctrl-C is heard while
 * its writer is silent. */
static enum status wait_for_bytes(struct input_file *file, struct error *ret_error)
{
    struct pollfd ready = {.fd = file->descriptor, .events = POLLIN};
    do {
        enum status status = ctx_err(file->ctx);
        if (status != STATUS_OK) {
            return error_set(
                ret_error, status, "stopped (%s)", ctx_cause_word(ctx_cause(file->ctx)));
        }
    } while (!file->is_regular && poll(&ready, 1, POLL_MS) == 0);
    return STATUS_OK;
}

enum status input_read(void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error)
{
    struct input_file *file = arg;
    ssize_t len;
    do {
        enum status status = wait_for_bytes(file, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        len = read(file->descriptor, data, size);
    } while (len < 0 && (errno == EINTR || errno == EAGAIN));
    if (len < 0) {
        return fail_path(file->path, strerror(errno), ret_error);
    }
    sha256_update(file->digest, data, (size_t)len);
    file->position += (uint64_t)len;
    *ret_len = (size_t)len;
    return STATUS_OK;
}

bool input_rewind(struct input_file *file)
{
    if (!file->is_regular || lseek(file->descriptor, 0, SEEK_SET) != 0) {
        return false;
    }
    char hex[SHA256_HEX_MAX];
    sha256_finish_hex(file->digest, hex); /* the digest begins anew */
    file->position = 0;
    return true;
}

uint64_t input_position(const struct input_file *file)
{
    return file->position;
}

uint64_t input_size(const struct input_file *file)
{
    return file->size;
}

void input_digest_hex(struct input_file *file, char ret_hex[SHA256_HEX_MAX])
{
    sha256_finish_hex(file->digest, ret_hex);
}
