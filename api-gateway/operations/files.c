/* The folder: opening it, its lock, and one result being written. */
#include "operations/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/private_folder.h"
#include "crypto/sha256.h"
#include "operations/files_internal.h"

struct result_file {
    struct files *files;
    char id[OPERATION_ID_MAX];
    int fd;
    uint64_t bytes;
    uint64_t bytes_max;
    struct sha256 *digest;
};

void files_name(char ret_name[FILES_NAME_MAX], const char *id, const char *suffix)
{
    snprintf(ret_name, FILES_NAME_MAX, "%.*s.%s", OPERATION_ID_LEN, id, suffix);
}

void files_part_name(char ret_name[FILES_NAME_MAX], const char *id, const char *gateway)
{
    snprintf(ret_name, FILES_NAME_MAX, "%.*s.%.*s.part", OPERATION_ID_LEN, id, OPERATION_ID_LEN,
        gateway);
}

static enum status take_lock(struct files *files, struct error *ret_error)
{
    char name[FILES_NAME_MAX];
    files_name(name, files->gateway, "lock");
    files->lock_fd = openat(files->folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (files->lock_fd < 0 || flock(files->lock_fd, LOCK_EX) != 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "the folder of operations: %s: %s", name,
            strerror(errno));
    }
    return STATUS_OK;
}

enum status files_open(
    const char *folder, const char *gateway, struct files **ret_files, struct error *ret_error)
{
    struct files *files = calloc(1, sizeof(*files));
    if (files == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    files->lock_fd = -1;
    snprintf(files->gateway, sizeof(files->gateway), "%s", gateway);
    files->folder_fd = private_folder_open(folder, ret_error);
    enum status status = files->folder_fd < 0 ? STATUS_UNAVAILABLE : take_lock(files, ret_error);
    if (status != STATUS_OK) {
        files_close(files);
        return status;
    }
    *ret_files = files;
    return STATUS_OK;
}

void files_close(struct files *files)
{
    if (files == NULL) {
        return;
    }
    if (files->lock_fd >= 0) {
        char name[FILES_NAME_MAX];
        files_name(name, files->gateway, "lock");
        (void)unlinkat(files->folder_fd, name, 0);
        close(files->lock_fd);
    }
    if (files->folder_fd >= 0) {
        close(files->folder_fd);
    }
    free(files);
}

static void file_free(struct result_file *file)
{
    if (file->fd >= 0) {
        close(file->fd);
    }
    sha256_free(file->digest);
    free(file);
}

/* The client need not know where; the log says so. */
static enum status fail_on_disk(struct error *ret_error)
{
    return error_set(ret_error, STATUS_UNAVAILABLE,
        "the gateway cannot keep the result: %s; its operator makes room there or chooses another "
        "--operations-dir",
        strerror(errno));
}

enum status result_file_new(struct files *files, const char *id, uint64_t bytes_max,
    struct result_file **ret_file, struct error *ret_error)
{
    struct result_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    file->files = files;
    file->bytes_max = bytes_max;
    file->digest = sha256_new();
    snprintf(file->id, sizeof(file->id), "%s", id);
    char name[FILES_NAME_MAX];
    files_part_name(name, id, files->gateway);
    file->fd =
        openat(files->folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file->fd < 0 || file->digest == NULL) {
        enum status status = file->fd < 0
                                 ? fail_on_disk(ret_error)
                                 : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        result_file_drop(file);
        return status;
    }
    *ret_file = file;
    return STATUS_OK;
}

enum status result_file_write(struct result_file *file, struct bytes piece, struct error *ret_error)
{
    if (piece.len > file->bytes_max - file->bytes) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "the result has more than %llu bytes, which is all that this gateway keeps; see "
            "--operations-max-mib",
            (unsigned long long)file->bytes_max);
    }
    sha256_update(file->digest, piece.data, piece.len);
    for (size_t at = 0; at < piece.len;) {
        ssize_t written = write(file->fd, piece.data + at, piece.len - at);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail_on_disk(ret_error);
        }
        at += (size_t)written;
    }
    file->bytes += piece.len;
    return STATUS_OK;
}

enum status result_file_keep(
    struct result_file *file, uint64_t *ret_bytes, char ret_sha256[65], struct error *ret_error)
{
    char part[FILES_NAME_MAX];
    char whole[FILES_NAME_MAX];
    int folder_fd = file->files->folder_fd;
    files_part_name(part, file->id, file->files->gateway);
    files_name(whole, file->id, "result");
    if (fsync(file->fd) != 0 || renameat(folder_fd, part, folder_fd, whole) != 0 ||
        fsync(folder_fd) != 0) {
        enum status status = fail_on_disk(ret_error);
        files_remove_result(file->files, file->id);
        result_file_drop(file);
        return status;
    }
    *ret_bytes = file->bytes;
    sha256_finish_hex(file->digest, ret_sha256);
    file_free(file);
    return STATUS_OK;
}

void result_file_drop(struct result_file *file)
{
    if (file == NULL) {
        return;
    }
    char name[FILES_NAME_MAX];
    files_part_name(name, file->id, file->files->gateway);
    (void)unlinkat(file->files->folder_fd, name, 0);
    file_free(file);
}

int files_open_result(const struct files *files, const char *id)
{
    char name[FILES_NAME_MAX];
    files_name(name, id, "result");
    return openat(files->folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

void files_remove_result(const struct files *files, const char *id)
{
    char name[FILES_NAME_MAX];
    files_name(name, id, "result");
    (void)unlinkat(files->folder_fd, name, 0);
}
