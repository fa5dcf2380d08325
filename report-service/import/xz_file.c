#include "import/xz_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lzma.h>

enum { XZ_INPUT_LEN = 64 * 1024, XZ_PATH_MAX = 1024 };

struct xz_file {
    FILE *file;
    lzma_stream stream;
    uint64_t position;
    bool has_ended; /* the stream's own end was seen */
    char path[XZ_PATH_MAX];
    uint8_t input[XZ_INPUT_LEN];
};

enum status xz_open(const char *path, struct xz_file **ret_file, struct error *ret_error)
{
    struct xz_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    snprintf(file->path, sizeof(file->path), "%s", path);
    file->stream = (lzma_stream)LZMA_STREAM_INIT;
    file->file = fopen(path, "rb");
    if (file->file == NULL) {
        enum status status =
            error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s", path, strerror(errno));
        xz_close(file);
        return status;
    }
    if (lzma_stream_decoder(&file->stream, XZ_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
        xz_close(file);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    *ret_file = file;
    return STATUS_OK;
}

void xz_close(struct xz_file *file)
{
    if (file == NULL) {
        return;
    }
    lzma_end(&file->stream);
    if (file->file != NULL) {
        fclose(file->file);
    }
    free(file);
}

static enum status fail_xz(const struct xz_file *file, lzma_ret result, struct error *ret_error)
{
    switch ((int)result) {
    case LZMA_FORMAT_ERROR:
        return error_set(ret_error, STATUS_DATA_LOSS, "%s: not an xz file", file->path);
    case LZMA_BUF_ERROR:
        return error_set(ret_error, STATUS_DATA_LOSS, "%s: the file is cut off", file->path);
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: needs more than %d MB to read",
            file->path, XZ_MEMORY_MAX >> 20);
    default:
        return error_set(ret_error, STATUS_DATA_LOSS, "%s: the file is corrupt", file->path);
    }
}

static enum status fill_input(struct xz_file *file, struct error *ret_error)
{
    size_t len = fread(file->input, 1, sizeof(file->input), file->file);
    if (len == 0 && ferror(file->file)) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s", file->path, strerror(errno));
    }
    file->stream.next_in = file->input;
    file->stream.avail_in = len;
    file->position += len;
    return STATUS_OK;
}

enum status xz_read(void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error)
{
    struct xz_file *file = arg;
    file->stream.next_out = data;
    file->stream.avail_out = size;
    while (!file->has_ended && file->stream.avail_out > 0) {
        if (file->stream.avail_in == 0 && !feof(file->file)) {
            enum status status = fill_input(file, ret_error);
            if (status != STATUS_OK) {
                return status;
            }
        }
        lzma_ret result = lzma_code(&file->stream, feof(file->file) ? LZMA_FINISH : LZMA_RUN);
        file->has_ended = result == LZMA_STREAM_END;
        if (result != LZMA_OK && result != LZMA_STREAM_END) {
            return fail_xz(file, result, ret_error);
        }
    }
    *ret_len = size - file->stream.avail_out;
    return STATUS_OK;
}

uint64_t xz_position(const struct xz_file *file)
{
    return file->position;
}

uint64_t xz_size(const struct xz_file *file)
{
    struct stat about;
    return fstat(fileno(file->file), &about) == 0 ? (uint64_t)about.st_size : 0;
}
