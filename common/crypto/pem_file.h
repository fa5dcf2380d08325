/* A PEM file read whole, for certificate.c: kept as text, because that is what a TLS library takes,
 * and wiped when it goes, because it may be a key. */
#ifndef WALKIE_CRYPTO_PEM_FILE_H
#define WALKIE_CRYPTO_PEM_FILE_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

struct pem_file {
    char *path;
    char *text; /* NUL-terminated */
    size_t len;
    unsigned int mode; /* of the file: who may do what */
};

/* Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (empty, longer than `len_max`, a NUL in
 * it), UNAVAILABLE (cannot be read), RESOURCE_EXHAUSTED; the text names the file. Finish it either
 * way. */
MUST_USE enum status pem_file_read(
    struct pem_file *file, const char *path, size_t len_max, struct error *ret_error);
void pem_file_finish(struct pem_file *file);

/* OpenSSL's question for a password: the answer is always none, and that it was asked is noted in
 * `was_asked`, a bool (may be NULL). Without it OpenSSL would ask at the terminal. */
int pem_file_no_password(char *buffer, int size, int is_writing, void *was_asked);

#endif
