/* TLS as a program's settings have it: the rows of its table, and what they load.
 *
 *     RPC_TLS_SETTINGS("TLS", "the certificate that …", "callers must …"),       in the table
 *     status = rpc_tls_from_settings(settings, RPC_TLS_SERVER, false, &tls, &error);
 *
 * A client's table has RPC_TLS_SERVER_NAME_SETTING, too; that of a client which is a server itself
 * and uses tls-cert for that, RPC_TLS_BACKEND_SETTINGS. Not here: which addresses are TLS. */
#ifndef WALKIE_RPC_TLS_SETTINGS_H
#define WALKIE_RPC_TLS_SETTINGS_H

#include <stdbool.h>

#include "base/settings.h"
#include "rpc/tls.h"

#define RPC_TLS_SETTINGS(heading, help_of_certificate, help_of_authorities)                        \
    {.name = "tls-cert",                                                                           \
        .kind = SETTING_TEXT,                                                                      \
        .group = (heading),                                                                        \
        .value_name = "FILE",                                                                      \
        .help = help_of_certificate " (PEM, then its chain)"},                                     \
        {.name = "tls-key",                                                                        \
            .kind = SETTING_TEXT,                                                                  \
            .group = (heading),                                                                    \
            .value_name = "FILE",                                                                  \
            .help = "the private key of --tls-cert (PEM, not encrypted)"},                         \
    {                                                                                              \
        .name = "tls-ca", .kind = SETTING_TEXT, .group = (heading), .value_name = "FILE",          \
        .help = help_of_authorities                                                                \
    }

#define RPC_TLS_SERVER_NAME_SETTING(heading)                                                       \
    {                                                                                              \
        .name = "tls-server-name", .kind = SETTING_TEXT, .group = (heading), .value_name = "NAME", \
        .help = "the name in the service's certificate, where it is not --backend's host"          \
    }

#define RPC_TLS_BACKEND_SETTINGS(heading)                                                          \
    {.name = "backend-tls-cert",                                                                   \
        .kind = SETTING_TEXT,                                                                      \
        .group = (heading),                                                                        \
        .value_name = "FILE",                                                                      \
        .help = "show the service this certificate instead of --tls-cert (PEM, then its chain)"},  \
    {                                                                                              \
        .name = "backend-tls-key", .kind = SETTING_TEXT, .group = (heading), .value_name = "FILE", \
        .help = "the private key of --backend-tls-cert (PEM, not encrypted)"                       \
    }

/* *ret_tls is NULL, and OK comes back, when none of the files is set; with `is_needed` that is an
 * error. Otherwise rpc_tls_new. */
MUST_USE enum status rpc_tls_from_settings(const struct settings *settings, enum rpc_tls_side side,
    bool is_needed, struct rpc_tls **ret_tls, struct error *ret_error);

/* The same for a client whose table has RPC_TLS_BACKEND_SETTINGS: what the service is shown is
 * --backend-tls-cert, else --tls-cert; the latter alone is no reason for TLS towards the service.
 */
MUST_USE enum status rpc_tls_from_backend_settings(const struct settings *settings, bool is_needed,
    struct rpc_tls **ret_tls, struct error *ret_error);

/* As rpc_tls_from_settings, for --check-config: nothing is kept. */
MUST_USE enum status rpc_tls_check_settings(const struct settings *settings, enum rpc_tls_side side,
    bool is_needed, struct error *ret_error);

#endif
