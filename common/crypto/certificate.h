/* Certificates and private keys in PEM files, checked before a TLS library sees them: such a
 * library says "cryptographic error" where a person needs the file's name and what is wrong in it.
 *
 *     status = certificate_load("/etc/walkie/service.pem", &certificate, &error);
 *     status = private_key_load("/etc/walkie/service.key", &key, &error);
 *     if (status == STATUS_OK && !private_key_fits(key, certificate)) { … }
 *     certificate_free(certificate);
 *
 * A certificate here is what one file holds: one or more in PEM, the first of which counts. For a
 * server or client that is its own, with the chain up to its authority after it; for authorities
 * each counts by itself.
 *
 * Objects do not change after loading: any number of threads may ask them.
 * Not here: TLS itself, revocation, keys that need a password. */
#ifndef WALKIE_CRYPTO_CERTIFICATE_H
#define WALKIE_CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

enum {
    CERTIFICATE_FILE_MAX = 1 << 20, /* bytes of a file */
    CERTIFICATE_DATE_MAX = 32,      /* bytes of a date in words, with the NUL */
};

struct certificate;
struct private_key;

/* Read a file. The caller's until freed.
 * Errors: NOT_FOUND (no such file), PERMISSION_DENIED (not readable), INVALID_ARGUMENT (not PEM,
 *         empty, too long, damaged), RESOURCE_EXHAUSTED. The text names the file. */
MUST_USE enum status certificate_load(
    const char *path, struct certificate **ret_certificate, struct error *ret_error);
void certificate_free(struct certificate *certificate); /* accepts NULL */
void certificate_free_at(struct certificate **certificate);

/* The file's bytes, NUL-terminated, and its name; valid as long as the object. */
const char *certificate_pem(const struct certificate *certificate);
const char *certificate_path(const struct certificate *certificate);

/* Whether the first one is valid at `unix_seconds`. Errors: INVALID_ARGUMENT: it has expired, or
 * is not valid yet; the text says since or until when. */
MUST_USE enum status certificate_check_dates(
    const struct certificate *certificate, int64_t unix_seconds, struct error *ret_error);

/* When the first one expires, as seconds since 1970 and as "2026-03-01 12:00:00 UTC". */
int64_t certificate_expires(const struct certificate *certificate);
void certificate_expires_words(
    const struct certificate *certificate, char ret_words[CERTIFICATE_DATE_MAX]);

/* Whether every one in the file may sign others. Errors: INVALID_ARGUMENT. */
MUST_USE enum status certificate_check_authorities(
    const struct certificate *certificate, struct error *ret_error);

/* Whether the first one, with the chain in its file, leads to one of these authorities. Dates and
 * names do not count. */
bool certificate_is_signed_by(
    const struct certificate *certificate, const struct certificate *authorities);

/* As certificate_load. A key that is encrypted, or that others than owner and group may read, is
 * INVALID_ARGUMENT, too. */
MUST_USE enum status private_key_load(
    const char *path, struct private_key **ret_key, struct error *ret_error);
void private_key_free(struct private_key *key); /* wipes it; accepts NULL */
void private_key_free_at(struct private_key **key);

const char *private_key_pem(const struct private_key *key);
const char *private_key_path(const struct private_key *key);

/* Whether it belongs to the first certificate. */
bool private_key_fits(const struct private_key *key, const struct certificate *certificate);

#endif
