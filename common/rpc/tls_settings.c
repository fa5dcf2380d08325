#include "rpc/tls_settings.h"

static enum status load(const struct rpc_tls_files *files, enum rpc_tls_side side, bool is_needed,
    struct rpc_tls **ret_tls, struct error *ret_error)
{
    bool has_any = files->certificate != NULL || files->key != NULL || files->authorities != NULL;
    if (!has_any && !is_needed) {
        *ret_tls = NULL;
        return STATUS_OK;
    }
    return rpc_tls_new(files, side, ret_tls, ret_error);
}

enum status rpc_tls_from_settings(const struct settings *settings, enum rpc_tls_side side,
    bool is_needed, struct rpc_tls **ret_tls, struct error *ret_error)
{
    struct rpc_tls_files files = {
        .certificate = settings_text(settings, "tls-cert"),
        .key = settings_text(settings, "tls-key"),
        .authorities = settings_text(settings, "tls-ca"),
    };
    if (side == RPC_TLS_CLIENT) {
        files.server_name = settings_text(settings, "tls-server-name");
    }
    return load(&files, side, is_needed, ret_tls, ret_error);
}

enum status rpc_tls_check_settings(const struct settings *settings, enum rpc_tls_side side,
    bool is_needed, struct error *ret_error)
{
    CLEANUP(rpc_tls_free_at) struct rpc_tls *tls = NULL;
    return rpc_tls_from_settings(settings, side, is_needed, &tls, ret_error);
}

enum status rpc_tls_from_backend_settings(const struct settings *settings, bool is_needed,
    struct rpc_tls **ret_tls, struct error *ret_error)
{
    struct rpc_tls_files files = {
        .prefix = "backend-",
        .certificate = settings_text(settings, "backend-tls-cert"),
        .key = settings_text(settings, "backend-tls-key"),
        .authorities = settings_text(settings, "tls-ca"),
        .server_name = settings_text(settings, "tls-server-name"),
    };
    bool has_own = files.certificate != NULL || files.key != NULL;
    if (!has_own && (is_needed || files.authorities != NULL)) {
        files.prefix = NULL;
        files.certificate = settings_text(settings, "tls-cert");
        files.key = settings_text(settings, "tls-key");
    }
    return load(&files, RPC_TLS_CLIENT, is_needed, ret_tls, ret_error);
}
