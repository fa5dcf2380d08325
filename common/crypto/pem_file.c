#include "crypto/pem_file.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum status cannot_open(const char *path, struct error *ret_error)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return error_set(ret_error, STATUS_NOT_FOUND, "%s: no such file", path);
    case EACCES:
    case EPERM:
        return error_set(ret_error, STATUS_PERMISSION_DENIED,
            "%s: this user may not read it; change its owner or permissions", path);
    default:
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "%s: cannot be opened: %s", path, strerror(errno));
    }
}

static enum status read_stream(
    struct pem_file *file, FILE *stream, size_t len_max, struct error *ret_error)
{
    struct stat facts;
    if (fstat(fileno(stream), &facts) == 0) {
        file->mode = (unsigned int)facts.st_mode & 0777U;
    }
    /* One byte more than allowed tells a file that is too long from one that just fits. */
    file->text = malloc(len_max + 2);
    if (file->text == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", file->path);
    }
    file->len = fread(file->text, 1, len_max + 1, stream);
    file->text[file->len] = '\0';
    if (ferror(stream) != 0) {
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "%s: cannot be read: is it a file?", file->path);
    }
    if (file->len > len_max) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: longer than %zu bytes: not a file of certificates or keys", file->path, len_max);
    }
    if (file->len == 0 || strlen(file->text) != file->len) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: %s", file->path,
            file->len == 0 ? "the file is empty"
                           : "the file is binary; it must be PEM (openssl x509 -inform DER -in … "
                             "converts a certificate)");
    }
    return STATUS_OK;
}

enum status pem_file_read(
    struct pem_file *file, const char *path, size_t len_max, struct error *ret_error)
{
    *file = (struct pem_file){.path = strdup(path)};
    if (file->path == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    }
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        return cannot_open(path, ret_error);
    }
    enum status status = read_stream(file, stream, len_max, ret_error);
    fclose(stream);
    return status;
}

void pem_file_finish(struct pem_file *file)
{
    if (file->text != NULL) {
        OPENSSL_cleanse(file->text, file->len);
    }
    free(file->text);
    free(file->path);
    *file = (struct pem_file){.text = NULL};
}

int pem_file_no_password(char *buffer, int size, int is_writing, void *was_asked)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    bool *noted = was_asked;
    if (noted != NULL) {
        *noted = true;
    }
    return -1;
}
