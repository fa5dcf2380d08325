#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/certificate.h"
#include "crypto/pem_file.h"
#include "http/tls_internal.h"
#include "obs/log.h"

/* ECDHE with AEAD: what is left of TLS 1.2 when everything that had to be repaired is gone. */
#define CIPHERS_1_2 "ECDHE+AES128+AESGCM:ECDHE+CHACHA20:ECDHE+AESGCM"
#define CIPHERS_1_3 "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"
#define GROUPS "X25519:P-256:P-384"

struct http_tls {
    char *certificate_path;
    char *key_path;
    enum http_tls_version oldest;
    pthread_mutex_t lock; /* guards what follows */
    SSL_CTX *context;
    int64_t expires; /* seconds since 1970 */
    char expires_words[CERTIFICATE_DATE_MAX];
};

/* What was read of the files, before it counts. */
struct loaded {
    struct certificate *certificate;
    struct private_key *key;
    SSL_CTX *context;
};

static void loaded_finish(struct loaded *loaded)
{
    certificate_free(loaded->certificate);
    private_key_free(loaded->key);
    SSL_CTX_free(loaded->context);
}

static enum status openssl_failed(const char *path, struct error *ret_error)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s: OpenSSL does not accept it: %s", path,
        reason == NULL ? "no reason given" : reason);
}

/* --- the context ----------------------------------------------------------------------------- */

static bool set_up(SSL_CTX *context, enum http_tls_version oldest)
{
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1); /* one recv a record, not two */
    SSL_CTX_set_alpn_select_cb(context, http_tls_alpn, NULL);
    int version = oldest == HTTP_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    return SSL_CTX_set_num_tickets(context, 0) == 1 &&
           SSL_CTX_set_min_proto_version(context, version) == 1 &&
           SSL_CTX_set_cipher_list(context, CIPHERS_1_2) == 1 &&
           SSL_CTX_set_ciphersuites(context, CIPHERS_1_3) == 1 &&
           SSL_CTX_set1_groups_list(context, GROUPS) == 1;
}

static enum status use_chain(
    SSL_CTX *context, const struct certificate *certificate, struct error *ret_error)
{
    BIO *text = BIO_new_mem_buf(certificate_pem(certificate), -1);
    bool is_used = text != NULL;
    X509 *one = NULL;
    for (int i = 0; is_used && (one = PEM_read_bio_X509(text, NULL, pem_file_no_password, NULL));
         i++) {
        is_used = i == 0 ? SSL_CTX_use_certificate(context, one) == 1
                         : SSL_CTX_add1_chain_cert(context, one) == 1;
        X509_free(one);
    }
    BIO_free(text);
    if (!is_used) {
        return openssl_failed(certificate_path(certificate), ret_error);
    }
    ERR_clear_error(); /* the end of the file is one */
    return STATUS_OK;
}

static enum status use_key(SSL_CTX *context, const struct private_key *key, struct error *ret_error)
{
    BIO *text = BIO_new_mem_buf(private_key_pem(key), -1);
    EVP_PKEY *parsed =
        text == NULL ? NULL : PEM_read_bio_PrivateKey(text, NULL, pem_file_no_password, NULL);
    bool is_used = parsed != NULL && SSL_CTX_use_PrivateKey(context, parsed) == 1;
    EVP_PKEY_free(parsed);
    BIO_free(text);
    return is_used ? STATUS_OK : openssl_failed(private_key_path(key), ret_error);
}

/* --- the files ------------------------------------------------------------------------------- */

static enum status load_certificate(
    const struct http_tls *tls, struct loaded *loaded, struct error *ret_error)
{
    enum status status = certificate_load(tls->certificate_path, &loaded->certificate, ret_error);
    int64_t now = (int64_t)time(NULL);
    if (status == STATUS_OK && certificate_expires(loaded->certificate) >= now) {
        status = certificate_check_dates(loaded->certificate, now, ret_error); /* not yet valid */
    }
    if (status == STATUS_OK) {
        status = use_chain(loaded->context, loaded->certificate, ret_error);
    }
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--tls-cert");
    }
    return status;
}

static enum status load_key(
    const struct http_tls *tls, struct loaded *loaded, struct error *ret_error)
{
    enum status status = private_key_load(tls->key_path, &loaded->key, ret_error);
    if (status == STATUS_OK && !private_key_fits(loaded->key, loaded->certificate)) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: the key does not belong to the certificate in %s", tls->key_path,
            tls->certificate_path);
    }
    if (status == STATUS_OK) {
        status = use_key(loaded->context, loaded->key, ret_error);
    }
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--tls-key");
    }
    return status;
}

static enum status load(struct http_tls *tls, struct loaded *loaded, struct error *ret_error)
{
    loaded->context = SSL_CTX_new(TLS_server_method());
    if (loaded->context == NULL || !set_up(loaded->context, tls->oldest)) {
        return openssl_failed("TLS", ret_error);
    }
    enum status status = load_certificate(tls, loaded, ret_error);
    return status == STATUS_OK ? load_key(tls, loaded, ret_error) : status;
}

enum status http_tls_reload(struct http_tls *tls, struct error *ret_error)
{
    CLEANUP(loaded_finish) struct loaded loaded = {.certificate = NULL};
    enum status status = load(tls, &loaded, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    pthread_mutex_lock(&tls->lock);
    SSL_CTX *before = tls->context;
    tls->context = loaded.context;
    loaded.context = before; /* goes with its last connection */
    tls->expires = certificate_expires(loaded.certificate);
    certificate_expires_words(loaded.certificate, tls->expires_words);
    pthread_mutex_unlock(&tls->lock);
    return STATUS_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

enum status http_tls_new(
    const struct http_tls_files *files, struct http_tls **ret_tls, struct error *ret_error)
{
    if (files->certificate == NULL || files->key == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "HTTPS needs a certificate and its key: --tls-cert FILE --tls-key FILE");
    }
    CLEANUP(http_tls_free_at) struct http_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    pthread_mutex_init(&tls->lock, NULL);
    tls->oldest = files->oldest;
    tls->certificate_path = strdup(files->certificate);
    tls->key_path = strdup(files->key);
    if (tls->certificate_path == NULL || tls->key_path == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = http_tls_reload(tls, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_tls = STEAL(tls);
    return STATUS_OK;
}

void http_tls_free(struct http_tls *tls)
{
    if (tls != NULL) {
        SSL_CTX_free(tls->context);
        pthread_mutex_destroy(&tls->lock);
        free(tls->certificate_path);
        free(tls->key_path);
        free(tls);
    }
}

void http_tls_free_at(struct http_tls **tls)
{
    http_tls_free(*tls);
}

SSL *http_tls_make(struct http_tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    SSL *ssl = SSL_new(tls->context);
    pthread_mutex_unlock(&tls->lock);
    return ssl;
}

/* Seconds until the certificate expires, and when that is. */
static int64_t time_left(struct http_tls *tls, char ret_words[CERTIFICATE_DATE_MAX])
{
    pthread_mutex_lock(&tls->lock);
    int64_t left = tls->expires - (int64_t)time(NULL);
    memcpy(ret_words, tls->expires_words, CERTIFICATE_DATE_MAX);
    pthread_mutex_unlock(&tls->lock);
    return left;
}

void http_tls_log_warnings(struct http_tls *tls)
{
    enum { DAY_SECONDS = 24 * 60 * 60 };
    char words[CERTIFICATE_DATE_MAX];
    int64_t left = time_left(tls, words);
    if (left < 0) {
        LOG_WARN("tls.expired", NULL, log_str("file", tls->certificate_path),
            log_str("expires", words),
            log_str("why", "clients will not accept it; put a new one there and send SIGHUP"));
    } else if (left < (int64_t)HTTP_TLS_WARN_DAYS * DAY_SECONDS) {
        LOG_WARN("tls.expires", NULL, log_str("file", tls->certificate_path),
            log_str("expires", words), log_i64("hours_left", left / 3600));
    }
}

void http_tls_log_reloaded(struct http_tls *tls)
{
    char words[CERTIFICATE_DATE_MAX];
    (void)time_left(tls, words);
    LOG_INFO(
        "tls.reloaded", NULL, log_str("file", tls->certificate_path), log_str("expires", words));
}
