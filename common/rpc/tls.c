#include "rpc/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "obs/log.h"
#include "rpc/transport.h"

static enum status check_files(
    const struct rpc_tls_files *files, enum rpc_tls_side side, struct error *ret_error)
{
    const char *prefix = files->prefix == NULL ? "" : files->prefix;
    bool is_server = side == RPC_TLS_SERVER;
    if ((files->certificate == NULL) != (files->key == NULL)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--%stls-cert and --%stls-key belong together: --%s%s is missing", prefix, prefix,
            prefix, files->key == NULL ? "tls-key" : "tls-cert");
    }
    if (is_server && files->certificate == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "TLS needs a certificate and its key: --tls-cert FILE --tls-key FILE");
    }
    if (!is_server && files->authorities == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "TLS needs the authority that has signed the service's certificate: --tls-ca FILE");
    }
    if (files->server_name != NULL && strlen(files->server_name) >= RPC_HOST_MAX) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "--tls-server-name is longer than 253 characters");
    }
    return STATUS_OK;
}

/* Say which setting it is about: "--backend-tls-key". */
static void blame(const struct rpc_tls_files *files, const char *name, struct error *ret_error)
{
    error_prefix(ret_error, "--%s%s", files->prefix == NULL ? "" : files->prefix, name);
}

static enum status load_own(
    struct rpc_tls *tls, const struct rpc_tls_files *files, struct error *ret_error)
{
    enum status status = certificate_load(files->certificate, &tls->certificate, ret_error);
    if (status == STATUS_OK) {
        status = certificate_check_dates(tls->certificate, (int64_t)time(NULL), ret_error);
    }
    if (status != STATUS_OK) {
        blame(files, "tls-cert", ret_error);
        return status;
    }
    status = private_key_load(files->key, &tls->key, ret_error);
    if (status == STATUS_OK && !private_key_fits(tls->key, tls->certificate)) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: the key does not belong to the certificate in %s", files->key, files->certificate);
    }
    if (status != STATUS_OK) {
        blame(files, "tls-key", ret_error);
    }
    return status;
}

static enum status load_authorities(
    struct rpc_tls *tls, const struct rpc_tls_files *files, struct error *ret_error)
{
    enum status status = certificate_load(files->authorities, &tls->authorities, ret_error);
    if (status == STATUS_OK) {
        status = certificate_check_authorities(tls->authorities, ret_error);
    }
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--tls-ca");
    }
    return status;
}

enum status rpc_tls_new(const struct rpc_tls_files *files, enum rpc_tls_side side,
    struct rpc_tls **ret_tls, struct error *ret_error)
{
    enum status status = check_files(files, side, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    CLEANUP(rpc_tls_free_at) struct rpc_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    tls->side = side;
    snprintf(tls->server_name, sizeof(tls->server_name), "%s",
        files->server_name == NULL ? "" : files->server_name);
    if (files->certificate != NULL) {
        status = load_own(tls, files, ret_error);
    }
    if (status == STATUS_OK && files->authorities != NULL) {
        status = load_authorities(tls, files, ret_error);
    }
    if (status == STATUS_OK) {
        status = transport_check_tls(tls, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    *ret_tls = STEAL(tls);
    return STATUS_OK;
}

void rpc_tls_free(struct rpc_tls *tls)
{
    if (tls != NULL) {
        certificate_free(tls->certificate);
        private_key_free(tls->key);
        certificate_free(tls->authorities);
        free(tls);
    }
}

void rpc_tls_free_at(struct rpc_tls **tls)
{
    rpc_tls_free(*tls);
}

void rpc_tls_log_warnings(const struct rpc_tls *tls)
{
    enum { DAY_SECONDS = 24 * 60 * 60 };
    if (tls->certificate == NULL) {
        return;
    }
    const char *path = certificate_path(tls->certificate);
    int64_t left = certificate_expires(tls->certificate) - (int64_t)time(NULL);
    if (left < (int64_t)RPC_TLS_WARN_DAYS * DAY_SECONDS) {
        char words[CERTIFICATE_DATE_MAX];
        certificate_expires_words(tls->certificate, words);
        LOG_WARN("tls.expires", NULL, log_str("file", path), log_str("expires", words),
            log_i64("hours_left", left / 3600));
    }
    if (tls->authorities != NULL && !certificate_is_signed_by(tls->certificate, tls->authorities)) {
        LOG_WARN("tls.stranger", NULL, log_str("file", path),
            log_str("authorities", certificate_path(tls->authorities)),
            log_str("why", "our own certificate is not signed by our own --tls-ca: peers that use "
                           "the same --tls-ca will not accept it"));
    }
}
