/* TLS 1.2 and 1.3 for the HTTP server: whose certificate is shown, and in which versions.
 *
 *     const struct http_tls_files files = {.certificate = "gateway.pem", .key = "gateway.key"};
 *     status = http_tls_new(&files, &tls, &error);
 *     options.tls = tls;                             borrowed by http_server_start
 *     status = http_tls_reload(tls, &error);         SIGHUP: from now on new handshakes get these
 *     http_tls_free(tls);                            after http_server_stop
 *
 * Forward secrecy and authenticated encryption only; no renegotiation, no compression, no session
 * tickets and no session cache (each connection makes its own keys; there is no early data that
 * could be replayed), no certificates of clients. ALPN: h2, http/1.1; a client that asks for
 * something else only is refused.
 *
 * Not here: revocation (OCSP), several certificates by name (SNI). */
#ifndef WALKIE_HTTP_TLS_H
#define WALKIE_HTTP_TLS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"

struct http_tls; /* any number of servers may share it */

enum http_tls_version { HTTP_TLS_1_2, HTTP_TLS_1_3 };

/* Paths, copied. */
struct http_tls_files {
    const char *certificate;      /* --tls-cert: ours, and the chain up to its authority */
    const char *key;              /* --tls-key: its private key; RSA, EC or Ed25519 */
    enum http_tls_version oldest; /* --tls-min */
};

enum { HTTP_TLS_WARN_DAYS = 14 }; /* a certificate with less time left than this is warned of */

/* Read and check the files: they are there and readable, PEM, key and certificate fit, the key is
 * nobody else's to read, and the certificate is valid already. One that has expired is taken (see
 * http_tls_log_warnings): refusing it would help no client. The caller's until http_tls_free.
 * Errors: INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE (a file cannot be read),
 *         RESOURCE_EXHAUSTED; the text names the setting, the file and what to do. */
MUST_USE enum status http_tls_new(
    const struct http_tls_files *files, struct http_tls **ret_tls, struct error *ret_error);
void http_tls_free(struct http_tls *tls); /* accepts NULL */
void http_tls_free_at(struct http_tls **tls);

/* Read the files again. Handshakes that begin after it get the new ones; connections that are there
 * keep what they have. Reads files: not on a loop's thread. Threads: any.
 * Errors: as http_tls_new; the old ones then stay in use. */
MUST_USE enum status http_tls_reload(struct http_tls *tls, struct error *ret_error);

/* Warn in the log of a certificate that has expired or soon will; say which one counts now.
 * Threads: any. */
void http_tls_log_warnings(struct http_tls *tls);
void http_tls_log_reloaded(struct http_tls *tls);

#endif
