/* ALPN: which HTTP is spoken within TLS (RFC 7301). */
#include "http/tls_internal.h"

/* The preferred one first, each with its length in front. */
static const unsigned char PROTOCOLS[] = "\x02h2\x08http/1.1";

int http_tls_alpn(SSL *ssl, const unsigned char **ret_chosen, unsigned char *ret_len,
    const unsigned char *offered, unsigned int offered_len, void *arg)
{
    (void)ssl;
    (void)arg;
    unsigned char *chosen = NULL;
    int found = SSL_select_next_proto(
        &chosen, ret_len, PROTOCOLS, sizeof(PROTOCOLS) - 1, offered, offered_len);
    if (found != OPENSSL_NPN_NEGOTIATED) {
        /* Whoever wants to speak something else to us has the wrong address, or was led here. */
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *ret_chosen = chosen;
    return SSL_TLSEXT_ERR_OK;
}
