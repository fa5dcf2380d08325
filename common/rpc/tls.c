#include "rpc/tls.h"

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
    struct rpc_tls_material *material, const struct rpc_tls_files *files, struct error *ret_error)
{
    enum status status = certificate_load(files->certificate, &material->certificate, ret_error);
    if (status == STATUS_OK) {
        status = certificate_check_dates(material->certificate, (int64_t)time(NULL), ret_error);
    }
    if (status != STATUS_OK) {
        blame(files, "tls-cert", ret_error);
        return status;
    }
    status = private_key_load(files->key, &material->key, ret_error);
    if (status == STATUS_OK && !private_key_fits(material->key, material->certificate)) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "%s: the key does not belong to the certificate in %s", files->key, files->certificate);
    }
    if (status != STATUS_OK) {
        blame(files, "tls-key", ret_error);
    }
    return status;
}

static enum status load_authorities(
    struct rpc_tls_material *material, const struct rpc_tls_files *files, struct error *ret_error)
{
    enum status status = certificate_load(files->authorities, &material->authorities, ret_error);
    if (status == STATUS_OK) {
        status = certificate_check_authorities(material->authorities, ret_error);
    }
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--tls-ca");
    }
    return status;
}

static void material_free(struct rpc_tls_material *material)
{
    if (material != NULL) {
        certificate_free(material->certificate);
        private_key_free(material->key);
        certificate_free(material->authorities);
        pthread_mutex_destroy(&material->lock);
        free(material);
    }
}

/* Read the files, and try on nng what they hold, into `tls` that nobody else knows. */
static enum status load(struct rpc_tls *tls, struct error *ret_error)
{
    tls->material = calloc(1, sizeof(*tls->material));
    if (tls->material == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    pthread_mutex_init(&tls->material->lock, NULL);
    enum status status = STATUS_OK;
    if (tls->files.certificate != NULL) {
        status = load_own(tls->material, &tls->files, ret_error);
    }
    if (status == STATUS_OK && tls->files.authorities != NULL) {
        status = load_authorities(tls->material, &tls->files, ret_error);
    }
    return status == STATUS_OK ? transport_check_tls(tls, ret_error) : status;
}

/* False when out of memory. */
static bool copy(const char *text, const char **ret_copy)
{
    *ret_copy = text == NULL ? NULL : strdup(text);
    return text == NULL || *ret_copy != NULL;
}

static bool copy_files(const struct rpc_tls_files *from, struct rpc_tls_files *to)
{
    return copy(from->prefix, &to->prefix) && copy(from->certificate, &to->certificate) &&
           copy(from->key, &to->key) && copy(from->authorities, &to->authorities) &&
           copy(from->server_name, &to->server_name);
}

static void free_files(struct rpc_tls_files *files)
{
    free((char *)files->prefix);
    free((char *)files->certificate);
    free((char *)files->key);
    free((char *)files->authorities);
    free((char *)files->server_name);
}

enum status rpc_tls_new(const struct rpc_tls_files *files, enum rpc_tls_side side,
    struct rpc_tls **ret_tls, struct error *ret_error)
{
    enum status status = check_files(files, side, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    CLEANUP(rpc_tls_free_at) struct rpc_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL || !copy_files(files, &tls->files)) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    tls->side = side;
    status = load(tls, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_tls = STEAL(tls);
    return STATUS_OK;
}

static void renew(struct rpc_tls_material *material, struct rpc_tls_material *fresh)
{
    certificate_free(material->certificate);
    private_key_free(material->key);
    certificate_free(material->authorities);
    material->certificate = STEAL(fresh->certificate);
    material->key = STEAL(fresh->key);
    material->authorities = STEAL(fresh->authorities);
    material->version++;
}

enum status rpc_tls_reload(struct rpc_tls *tls, struct error *ret_error)
{
    struct rpc_tls fresh = {.side = tls->side, .files = tls->files};
    enum status status = load(&fresh, ret_error);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&tls->material->lock);
        renew(tls->material, fresh.material);
        pthread_mutex_unlock(&tls->material->lock);
    }
    material_free(fresh.material);
    return status;
}

void rpc_tls_free(struct rpc_tls *tls)
{
    if (tls != NULL) {
        material_free(tls->material);
        free_files(&tls->files);
        free(tls);
    }
}

void rpc_tls_free_at(struct rpc_tls **tls)
{
    rpc_tls_free(*tls);
}

/* With the material's lock held. */
static void log_warnings(const struct rpc_tls_material *material)
{
    enum { DAY_SECONDS = 24 * 60 * 60 };
    const char *path = certificate_path(material->certificate);
    int64_t left = certificate_expires(material->certificate) - (int64_t)time(NULL);
    if (left < (int64_t)RPC_TLS_WARN_DAYS * DAY_SECONDS) {
        char words[CERTIFICATE_DATE_MAX];
        certificate_expires_words(material->certificate, words);
        LOG_WARN("tls.expires", NULL, log_str("file", path), log_str("expires", words),
            log_i64("hours_left", left / 3600));
    }
    if (material->authorities != NULL &&
        !certificate_is_signed_by(material->certificate, material->authorities)) {
        LOG_WARN("tls.stranger", NULL, log_str("file", path),
            log_str("authorities", certificate_path(material->authorities)),
            log_str("why", "our own certificate is not signed by our own --tls-ca: peers that use "
                           "the same --tls-ca will not accept it"));
    }
}

void rpc_tls_log_warnings(const struct rpc_tls *tls)
{
    pthread_mutex_lock(&tls->material->lock);
    if (tls->material->certificate != NULL) {
        log_warnings(tls->material);
    }
    pthread_mutex_unlock(&tls->material->lock);
}

void rpc_tls_on_reload(struct rpc_tls *tls)
{
    struct error error = ERROR_NONE;
    if (rpc_tls_reload(tls, &error) != STATUS_OK) {
        LOG_ERROR("tls.reload_failed", NULL, log_str("error", error.text),
            log_str("why", "services go on with the certificate from before"));
        return;
    }
    char words[CERTIFICATE_DATE_MAX] = "";
    pthread_mutex_lock(&tls->material->lock);
    if (tls->material->certificate != NULL) {
        certificate_expires_words(tls->material->certificate, words);
    }
    pthread_mutex_unlock(&tls->material->lock);
    const char *file =
        tls->files.certificate == NULL ? tls->files.authorities : tls->files.certificate;
    LOG_INFO("tls.reloaded", NULL, log_str("file", file), log_str("expires", words),
        log_str("peers", "services"));
    rpc_tls_log_warnings(tls);
}
