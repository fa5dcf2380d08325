#include "audit/export/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

struct zip_writer {
    struct archive *archive;
    struct archive_entry *entry;
    zip_write_fn *write;
    void *arg;
    enum status status; /* the first failure of `write`: sticks */
    size_t len;
    uint8_t piece[ZIP_PIECE_MAX];
};

static enum status hand_out(struct zip_writer *zip)
{
    if (zip->status == STATUS_OK && zip->len > 0) {
        zip->status = zip->write(zip->arg, (struct bytes){zip->piece, zip->len});
    }
    zip->len = 0;
    return zip->status;
}

/* libarchive's callback: gathers its small writes. It is never told of a failure: it would not free
 * what it has for a file that failed. What comes after one is dropped, and outcome() tells us. */
static la_ssize_t take(struct archive *archive, void *arg, const void *data, size_t len)
{
    struct zip_writer *zip = arg;
    (void)archive;
    const uint8_t *at = data;
    for (size_t left = len; left > 0 && zip->status == STATUS_OK;) {
        size_t room = ZIP_PIECE_MAX - zip->len;
        size_t n = left < room ? left : room;
        memcpy(zip->piece + zip->len, at, n);
        zip->len += n;
        at += n;
        left -= n;
        if (zip->len == ZIP_PIECE_MAX) {
            (void)hand_out(zip);
        }
    }
    return (la_ssize_t)len;
}

static enum status outcome(struct zip_writer *zip, int result, struct error *ret_error)
{
    if (zip->status != STATUS_OK) {
        return error_set(ret_error, zip->status, "zip: %s", status_text(zip->status));
    }
    if (result >= ARCHIVE_WARN) {
        return STATUS_OK;
    }
    const char *words = archive_error_string(zip->archive);
    zip->status = STATUS_INTERNAL;
    return error_set(ret_error, STATUS_INTERNAL, "zip: %s", words == NULL ? "failed" : words);
}

enum status zip_new(
    zip_write_fn *write, void *arg, struct zip_writer **ret_zip, struct error *ret_error)
{
    CLEANUP(zip_free_at) struct zip_writer *zip = malloc(sizeof(*zip));
    if (zip == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "zip: out of memory");
    }
    zip->write = write; /* not calloc: the piece need not be zeroed */
    zip->arg = arg;
    zip->status = STATUS_OK;
    zip->len = 0;
    zip->archive = archive_write_new();
    zip->entry = archive_entry_new();
    if (zip->archive == NULL || zip->entry == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "zip: out of memory");
    }
    int result = archive_write_set_format_zip(zip->archive);
    if (result >= ARCHIVE_WARN) {
        result = archive_write_set_bytes_per_block(zip->archive, 0);
    }
    if (result >= ARCHIVE_WARN) {
        result = archive_write_open(zip->archive, zip, NULL, take, NULL);
    }
    enum status status = outcome(zip, result, ret_error);
    if (status == STATUS_OK) {
        *ret_zip = STEAL(zip);
    }
    return status;
}

void zip_free(struct zip_writer *zip)
{
    if (zip == NULL) {
        return;
    }
    if (zip->status == STATUS_OK) {
        zip->status = STATUS_CANCELLED; /* the directory that freeing writes is dropped */
    }
    (void)archive_write_finish_entry(zip->archive); /* or its compressor is not freed */
    archive_write_free(zip->archive);
    archive_entry_free(zip->entry);
    free(zip);
}

void zip_free_at(struct zip_writer **zip)
{
    zip_free(*zip);
}

static bool is_plain_name(const char *name)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ".-_/";
    size_t len = strlen(name);
    return len > 0 && len < ZIP_NAME_MAX && strspn(name, PLAIN) == len && name[0] != '/' &&
           strstr(name, "..") == NULL;
}

enum status zip_begin(struct zip_writer *zip, const char *name, enum zip_method method,
    uint64_t len, struct error *ret_error)
{
    if (!is_plain_name(name)) {
        return error_set(
            ret_error, STATUS_INTERNAL, "zip: \"%.64s\" is no name for an entry", name);
    }
    int result = method == ZIP_STORED ? archive_write_zip_set_compression_store(zip->archive)
                                      : archive_write_zip_set_compression_deflate(zip->archive);
    archive_entry_clear(zip->entry);
    archive_entry_set_pathname(zip->entry, name);
    archive_entry_set_filetype(zip->entry, AE_IFREG);
    archive_entry_set_perm(zip->entry, 0644);
    if (len != ZIP_LEN_UNKNOWN) {
        archive_entry_set_size(zip->entry, (la_int64_t)len);
    }
    if (result >= ARCHIVE_WARN) {
        result = archive_write_header(zip->archive, zip->entry);
    }
    return outcome(zip, result, ret_error);
}

enum status zip_write(struct zip_writer *zip, struct bytes piece, struct error *ret_error)
{
    la_ssize_t written =
        piece.len == 0 ? 0 : archive_write_data(zip->archive, piece.data, piece.len);
    if (zip->status == STATUS_OK && written >= 0 && (size_t)written != piece.len) {
        zip->status = STATUS_INTERNAL;
        return error_set(ret_error, STATUS_INTERNAL, "zip: an entry is longer than was said");
    }
    return outcome(zip, written < 0 ? ARCHIVE_FATAL : ARCHIVE_OK, ret_error);
}

enum status zip_end(struct zip_writer *zip, struct error *ret_error)
{
    return outcome(zip, archive_write_finish_entry(zip->archive), ret_error);
}

enum status zip_flush(struct zip_writer *zip, struct error *ret_error)
{
    (void)hand_out(zip);
    return outcome(zip, ARCHIVE_OK, ret_error);
}

enum status zip_finish(struct zip_writer *zip, struct error *ret_error)
{
    enum status status = outcome(zip, archive_write_close(zip->archive), ret_error);
    return status == STATUS_OK ? zip_flush(zip, ret_error) : status;
}
