#include "crypto/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hmac.h"

enum {
    OWN_MASK = S_IRWXG | S_IRWXO,
    PRIVATE_MASK = S_IWGRP | S_IXGRP | S_IRWXO, /* what nobody else may do with it */
    PUBLIC_MASK = S_IWGRP | S_IWOTH,
};

static enum status open_failed(const struct secret_file *file, int problem, struct error *ret_error)
{
    enum status status = problem == ENOENT   ? STATUS_NOT_FOUND
                         : problem == EACCES ? STATUS_PERMISSION_DENIED
                                             : STATUS_UNAVAILABLE;
    return error_set(
        ret_error, status, "%s %s: cannot be read: %s", file->kind, file->path, strerror(problem));
}

static mode_t forbidden(enum secret_file_privacy privacy)
{
    switch (privacy) {
    case SECRET_FILE_OWN:
        return OWN_MASK;
    case SECRET_FILE_PRIVATE:
        return PRIVATE_MASK;
    case SECRET_FILE_PUBLIC:
        return PUBLIC_MASK;
    }
    return OWN_MASK;
}

static enum status check(
    const struct secret_file *file, int fd, size_t *ret_len, struct error *ret_error)
{
    struct stat seen;
    if (fstat(fd, &seen) != 0) {
        return open_failed(file, errno, ret_error);
    }
    if (!S_ISREG(seen.st_mode)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s %s: not a regular file",
            file->kind, file->path);
    }
    bool is_private = file->privacy != SECRET_FILE_PUBLIC;
    if ((seen.st_mode & forbidden(file->privacy)) != 0) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s %s: others may %schange it (mode %03o); run `chmod %s` on it", file->kind,
            file->path, is_private ? "read or " : "", (unsigned int)seen.st_mode & 0777U,
            is_private ? "600" : "go-w");
    }
    if ((size_t)seen.st_size < file->len_min || (size_t)seen.st_size > file->len_max) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s %s: %lld bytes; from %zu to %zu are needed%s", file->kind, file->path,
            (long long)seen.st_size, file->len_min, file->len_max, file->hint);
    }
    *ret_len = (size_t)seen.st_size;
    return STATUS_OK;
}

static enum status fill(const struct secret_file *file, int fd, size_t len, struct buffer *text,
    struct error *ret_error)
{
    if (buffer_reserve(text, len) != STATUS_OK) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    while (text->len < len) {
        ssize_t n = read(fd, text->data + text->len, len - text->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) { /* it became shorter while it was read */
            return open_failed(file, n < 0 ? errno : EIO, ret_error);
        }
        text->len += (size_t)n;
    }
    return STATUS_OK;
}

enum status secret_file_read(
    const struct secret_file *file, struct buffer *ret_text, struct error *ret_error)
{
    /* Not waiting for somebody to write, should it be a FIFO. */
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return open_failed(file, errno, ret_error);
    }
    size_t len = 0;
    enum status status = check(file, fd, &len, ret_error);
    if (status == STATUS_OK) {
        status = fill(file, fd, len, ret_text, ret_error);
    }
    close(fd);
    return status;
}

void secret_file_finish(struct buffer *text)
{
    if (text->data != NULL) {
        crypto_wipe(text->data, text->capacity);
    }
    buffer_finish(text);
}
