#include "http/tls_settings.h"

#include <string.h>

#include "obs/log.h"

enum status http_tls_from_settings(const struct settings *settings, bool is_by_certificate,
    struct http_tls **ret_tls, struct error *ret_error)
{
    const struct http_tls_files files = {
        .certificate = settings_text(settings, "tls-cert"),
        .key = settings_text(settings, "tls-key"),
        .oldest =
            strcmp(settings_text(settings, "tls-min"), "1.3") == 0 ? HTTP_TLS_1_3 : HTTP_TLS_1_2,
    };
    bool has_any = files.certificate != NULL || files.key != NULL;
    bool is_admin = settings_boolean(settings, "admin-tls");
    if (!is_admin && !(has_any && is_by_certificate)) {
        *ret_tls = NULL;
        return STATUS_OK;
    }
    if (!has_any) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--admin-tls needs a certificate and its key: --tls-cert FILE --tls-key FILE");
    }
    if (files.certificate == NULL || files.key == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--tls-cert and --tls-key belong together: --%s is missing",
            files.key == NULL ? "tls-key" : "tls-cert");
    }
    return http_tls_new(&files, ret_tls, ret_error);
}

enum status http_tls_check_settings(
    const struct settings *settings, bool is_by_certificate, struct error *ret_error)
{
    CLEANUP(http_tls_free_at) struct http_tls *tls = NULL;
    enum status status = http_tls_from_settings(settings, is_by_certificate, &tls, ret_error);
    if (status == STATUS_OK && tls != NULL && settings_action(settings) == SETTINGS_CHECK_CONFIG) {
        http_tls_log_warnings(tls);
    }
    return status;
}

struct http_tls *http_tls_for_admin(const struct settings *settings, struct http_tls *tls)
{
    return settings_boolean(settings, "admin-tls") ? tls : NULL;
}

void http_tls_on_reload(struct http_tls *tls)
{
    struct error error = ERROR_NONE;
    if (http_tls_reload(tls, &error) != STATUS_OK) {
        LOG_ERROR("tls.reload_failed", NULL, log_str("error", error.text),
            log_str("why", "the certificate from before stays in use"));
        return;
    }
    http_tls_log_reloaded(tls);
    http_tls_log_warnings(tls);
}
