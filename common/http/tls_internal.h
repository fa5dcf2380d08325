/* What tls.c and tls_session.c share, and what is of OpenSSL's SSL. */
#ifndef WALKIE_HTTP_TLS_INTERNAL_H
#define WALKIE_HTTP_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "http/tls.h"

/* A new SSL of the certificate that counts now; NULL when out of memory. Threads: any. */
MUST_USE SSL *http_tls_make(struct http_tls *tls);

/* The protocols that ALPN offers, the preferred one first, each with its length in front
 * (http_tls_alpn.c). */
int http_tls_alpn(SSL *ssl, const unsigned char **ret_chosen, unsigned char *ret_len,
    const unsigned char *offered, unsigned int offered_len, void *arg);

#endif
