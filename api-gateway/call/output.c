#include "call/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_PATH_MAX = 4096, FILE_MODE = 0666 };

struct output {
    int fd;
    bool is_standard;
    bool is_renamed; /* still to be: from `temporary` to `path`, when it is whole */
    char path[OUTPUT_PATH_MAX];
    char temporary[OUTPUT_PATH_MAX + 8];
};

static enum status fail(const struct output *output, const char *what, struct error *ret_error)
{
    int number = errno;
    return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s: %s",
        output->is_standard ? "standard output" : output->path, what, strerror(number));
}

/* A name beside the file's own, so that the rename stays within one file system. */
static enum status open_beside(struct output *output, struct error *ret_error)
{
    snprintf(output->temporary, sizeof(output->temporary), "%s.XXXXXX", output->path);
    output->fd = mkstemp(output->temporary);
    if (output->fd < 0) {
        return fail(output, "cannot be made", ret_error);
    }
    output->is_renamed = true;
    mode_t mask = umask(0); /* there is no other way to ask */
    umask(mask);
    /* Where that is refused it stays private, which harms nobody. */
    (void)fchmod(output->fd, FILE_MODE & ~mask);
    return STATUS_OK;
}

static enum status open_path(struct output *output, struct error *ret_error)
{
    struct stat about;
    bool exists = stat(output->path, &about) == 0;
    if (!exists || S_ISREG(about.st_mode)) {
        return open_beside(output, ret_error);
    }
    output->fd = open(output->path, O_WRONLY | O_CLOEXEC);
    return output->fd < 0 ? fail(output, "cannot be opened", ret_error) : STATUS_OK;
}

enum status output_open(const char *path, struct output **ret_output, struct error *ret_error)
{
    if (strlen(path) >= OUTPUT_PATH_MAX) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%.60s…: the path is too long", path);
    }
    struct output *output = calloc(1, sizeof(*output));
    if (output == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    output->is_standard = strcmp(path, "-") == 0;
    output->fd = STDOUT_FILENO;
    snprintf(output->path, sizeof(output->path), "%s", path);
    enum status status = output->is_standard ? STATUS_OK : open_path(output, ret_error);
    if (status != STATUS_OK) {
        free(output);
        return status;
    }
    *ret_output = output;
    return STATUS_OK;
}

enum status output_write(struct output *output, struct bytes piece, struct error *ret_error)
{
    while (piece.len > 0) {
        ssize_t n = write(output->fd, piece.data, piece.len);
        if (n < 0 && errno != EINTR) {
            return fail(output, "cannot be written", ret_error);
        }
        if (n > 0) {
            piece.data += n;
            piece.len -= (size_t)n;
        }
    }
    return STATUS_OK;
}

static void finish(struct output *output)
{
    if (output->is_renamed) {
        (void)unlink(output->temporary);
    }
    free(output);
}

enum status output_close(struct output *output, struct error *ret_error)
{
    enum status status = STATUS_OK;
    if (!output->is_standard && close(output->fd) != 0) {
        status = fail(output, "cannot be written", ret_error); /* NFS says it as late as here */
    }
    if (status == STATUS_OK && output->is_renamed) {
        if (rename(output->temporary, output->path) == 0) {
            output->is_renamed = false;
        } else {
            status = fail(output, "cannot be renamed", ret_error);
        }
    }
    finish(output);
    return status;
}

void output_abandon(struct output *output)
{
    if (output == NULL) {
        return;
    }
    if (!output->is_standard) {
        close(output->fd);
    }
    finish(output);
}

bool output_is_terminal(const struct output *output)
{
    return isatty(output->fd) == 1;
}
