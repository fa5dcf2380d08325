#include "rpc/tls_settings.h"

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
    bool has_any = files.certificate != NULL || files.key != NULL || files.authorities != NULL;
    if (!has_any && !is_needed) {
        *ret_tls = NULL;
        return STATUS_OK;
    }
    return rpc_tls_new(&files, side, ret_tls, ret_error);
}

enum status rpc_tls_check_settings(const struct settings *settings, enum rpc_tls_side side,
    bool is_needed, struct error *ret_error)
{
    CLEANUP(rpc_tls_free_at) struct rpc_tls *tls = NULL;
    return rpc_tls_from_settings(settings, side, is_needed, &tls, ret_error);
}
