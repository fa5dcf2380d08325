#include "config.h"

#include <stddef.h>
#include <string.h>

#include "base/process.h"
#include "http/server.h"
#include "http/tls_settings.h"
#include "obs/startup.h"
#include "operations/operations_settings.h"
#include "rpc/channel.h"
#include "rpc/interceptor_auth.h"
#include "rpc/tls_settings.h"
#include "security.h"
#include "traces/tracing.h"

#define SECOND_NS INT64_C(1000000000)
#define MILLISECOND_NS INT64_C(1000000)

static const struct setting ROWS[] = {
    {.name = "listen",
        .kind = SETTING_TEXT,
        .default_text = "127.0.0.1:8080",
        .group = "Network",
        .value_name = "ADDRESS",
        .help = "where HTTP is served (port 0: any free one)"},
    {.name = "backend",
        .kind = SETTING_TEXT,
        .default_text = "tcp://127.0.0.1:9090",
        .group = "Network",
        .value_name = "URL[,URL...]",
        .help = "the report service: tcp://HOST:PORT, tls+tcp://HOST:PORT or ipc:///PATH; several "
                "with commas between"},
    {.name = RPC_AUTH_SETTING,
        .kind = SETTING_TEXT,
        .group = "Network",
        .value_name = "FILE",
        .help = "sign calls with this key, as the report service asks for (32 bytes or more, mode "
                "600)"},
    {.name = "admin",
        .kind = SETTING_TEXT,
        .default_text = "127.0.0.1:8081",
        .group = "Network",
        .value_name = "ADDRESS",
        .help = "where /healthz and /readyz are served for operators"},
    {.name = "loops",
        .kind = SETTING_INTEGER,
        .default_text = "0",
        .min = 0,
        .max = 64,
        .group = "Network",
        .help = "HTTP threads; 0: one for every two CPUs, at most 16"},
    {.name = "insecure",
        .kind = SETTING_BOOLEAN,
        .group = "Network",
        .help = "allow addresses that other machines can reach, without authentication and TLS"},
    RPC_TLS_SETTINGS("TLS",
        "the gateway's certificate: HTTP is then served as HTTPS, and the report service is shown "
        "it over tls+tcp",
        "the report service's certificate must be signed by an authority in this file"),
    HTTP_TLS_SETTINGS("TLS"),
    RPC_TLS_BACKEND_SETTINGS("TLS"),
    RPC_TLS_SERVER_NAME_SETTING("TLS"),
    {.name = "auth-tokens",
        .kind = SETTING_TEXT,
        .group = "Authentication",
        .value_name = "FILE",
        .help = "who may ask for what: names, roles, sites and hashes of tokens, as walkie-token "
                "writes them (mode 600; read again at SIGHUP)"},
    {.name = "auth-jwks",
        .kind = SETTING_TEXT,
        .group = "Authentication",
        .value_name = "FILE",
        .help = "take JWTs (RS256, ES256) that a key of this JSON Web Key Set has signed (read "
                "again at SIGHUP)"},
    {.name = "auth-issuer",
        .kind = SETTING_TEXT,
        .group = "Authentication",
        .value_name = "TEXT",
        .help = "what a JWT's iss must be"},
    {.name = "auth-audience",
        .kind = SETTING_TEXT,
        .group = "Authentication",
        .value_name = "TEXT",
        .help = "what a JWT's aud must be, or hold"},
    {.name = "auth-name-claim",
        .kind = SETTING_TEXT,
        .default_text = "sub",
        .group = "Authentication",
        .value_name = "NAME",
        .help = "the claim with who asks"},
    {.name = "auth-role-claim",
        .kind = SETTING_TEXT,
        .default_text = "roles",
        .group = "Authentication",
        .value_name = "NAME",
        .help = "the claim with roles, a list or a text; with dots within objects: "
                "realm_access.roles"},
    {.name = "auth-role-prefix",
        .kind = SETTING_TEXT,
        .group = "Authentication",
        .value_name = "TEXT",
        .help = "what roles begin with there (walkie- for walkie-auditor); others do not count"},
    {.name = "auth-sites-claim",
        .kind = SETTING_TEXT,
        .default_text = "sites",
        .group = "Authentication",
        .value_name = "NAME",
        .help = "the claim with sites: *, site numbers, STUDY:SITE, STUDY:*"},
    {.name = "auth-leeway",
        .kind = SETTING_DURATION,
        .default_text = "30s",
        .max = 600 * SECOND_NS,
        .group = "Authentication",
        .help = "how far the issuer's clock and ours may be apart, for exp, nbf and iat"},
    {.name = "access-log",
        .kind = SETTING_TEXT,
        .group = "Authentication",
        .value_name = "FILE",
        .help = "append a JSON line for each request: who, what, which result (opened again at "
                "SIGHUP)"},
    {.name = "access-log-key",
        .kind = SETTING_TEXT,
        .group = "Authentication",
        .value_name = "FILE",
        .help = "chain its lines with this key (32 bytes or more, mode 600), so that who has the "
                "log alone cannot make the chain anew"},
    {.name = "access-log-required",
        .kind = SETTING_BOOLEAN,
        .group = "Authentication",
        .help = "answer 503 as long as that file cannot be written"},
    {.name = "rate",
        .kind = SETTING_INTEGER,
        .default_text = "0",
        .max = 1000000,
        .group = "Limits",
        .help = "requests a second of one client in the long run (0: any number); more get 429"},
    {.name = "rate-burst",
        .kind = SETTING_INTEGER,
        .default_text = "0",
        .max = 1000000,
        .group = "Limits",
        .help = "how many of them may come at once (0: as many as --rate)"},
    {.name = "client-in-flight-max",
        .kind = SETTING_INTEGER,
        .default_text = "0",
        .max = 1000000,
        .group = "Limits",
        .help = "requests of one client under way at once (0: any number); more get 429"},
    {.name = "header-max",
        .kind = SETTING_INTEGER,
        .default_text = "16384",
        .min = 1024,
        .max = 1 << 20,
        .group = "Limits",
        .help = "bytes of request line and header; longer ones get 431"},
    {.name = "body-max",
        .kind = SETTING_INTEGER,
        .default_text = "1048576",
        .min = 1024,
        .max = 64 << 20,
        .group = "Limits",
        .help = "bytes of a request body; longer ones get 413"},
    {.name = "connections-max",
        .kind = SETTING_INTEGER,
        .default_text = "10000",
        .min = 1,
        .max = 1000000,
        .group = "Limits",
        .help = "open connections; the excess gets 503"},
    {.name = "idle-timeout",
        .kind = SETTING_DURATION,
        .default_text = "75s",
        .min = 100 * MILLISECOND_NS,
        .max = 3600 * SECOND_NS,
        .group = "Limits",
        .help = "how long a connection may wait between requests"},
    {.name = "header-timeout",
        .kind = SETTING_DURATION,
        .default_text = "10s",
        .min = 100 * MILLISECOND_NS,
        .max = 3600 * SECOND_NS,
        .group = "Limits",
        .help = "from a request's first byte to the end of its header"},
    {.name = "body-timeout",
        .kind = SETTING_DURATION,
        .default_text = "30s",
        .min = 100 * MILLISECOND_NS,
        .max = 3600 * SECOND_NS,
        .group = "Limits",
        .help = "for the whole body of a request"},
    {.name = "send-timeout",
        .kind = SETTING_DURATION,
        .default_text = "60s",
        .min = 100 * MILLISECOND_NS,
        .max = 3600 * SECOND_NS,
        .group = "Limits",
        .help = "how long a client may take no byte of its answer"},
    {.name = "drain-timeout",
        .kind = SETTING_DURATION,
        .default_text = "10s",
        .min = MILLISECOND_NS,
        .max = 3600 * SECOND_NS,
        .group = "Limits",
        .help = "how long requests under way may go on after SIGTERM"},
    {.name = "unblinded",
        .kind = SETTING_BOOLEAN,
        .group = "Reports",
        .help = "print arm, kit, lot and randomisation numbers: every requester of this gateway "
                "may see them"},
    TRACING_SETTINGS,
    OPERATIONS_SETTINGS("Operations"),
    STARTUP_LOG_SETTINGS,
    STARTUP_LEAK_SETTING,
    {.name = "allow-faults",
        .kind = SETTING_BOOLEAN,
        .group = "Demonstrations and tests",
        .help = "serve /v1/work and /v1/sleep"},
};

bool config_has_auth(const struct settings *settings)
{
    return settings_text(settings, "auth-tokens") != NULL ||
           settings_text(settings, "auth-jwks") != NULL;
}

const struct settings_program API_GATEWAY_PROGRAM = {
    .name = "api-gateway",
    .version = WALKIE_VERSION,
    .purpose = "takes HTTP requests for reports and passes on deadline, trace and cancellation",
    .rows = ROWS,
    .n_rows = LENGTH_OF(ROWS),
};

/* What the gateway has found out about a caller is nothing to the service when anybody could say
 * it. */
static enum status check_auth(const struct settings *settings, struct error *ret_error)
{
    bool has_jwks = settings_text(settings, "auth-jwks") != NULL;
    if (has_jwks && (settings_text(settings, "auth-issuer") == NULL ||
                        settings_text(settings, "auth-audience") == NULL)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--auth-jwks needs --auth-issuer and --auth-audience: otherwise every token of every "
            "service of that issuer would hold here");
    }
    if (!config_has_auth(settings) || settings_text(settings, RPC_AUTH_SETTING) != NULL) {
        return security_check(settings, ret_error);
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "--%s needs --" RPC_AUTH_SETTING ": the report service checks roles "
        "and sites again, and believes only what is signed; give both programs the same key",
        has_jwks ? "auth-jwks" : "auth-tokens");
}

/* Other machines may come where clients say who they are and nobody can listen in. Tokens never go
 * over a network in the clear, whatever --insecure says: who has heard one has its rights. */
static enum status check_listen(const struct settings *settings, struct error *ret_error)
{
    const char *address = settings_text(settings, "listen");
    bool has_tls = settings_text(settings, "tls-cert") != NULL;
    bool has_auth = config_has_auth(settings);
    if (process_is_local_address(address) || (has_tls && has_auth)) {
        return STATUS_OK;
    }
    if (has_auth) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--listen %s can be reached from other machines, and tokens would go there in the "
            "clear; give --tls-cert and --tls-key, or use a loopback address",
            address);
    }
    if (settings_boolean(settings, "insecure")) {
        return STATUS_OK;
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "--listen %s can be reached from other machines; use a loopback address, give --tls-cert "
        "with --auth-tokens or --auth-jwks, or say --insecure if you mean it",
        address);
}

enum status config_check(const struct settings *settings, struct error *ret_error)
{
    static const char *const ADDRESSES[] = {"admin"}; /* nobody is asked there who it is */
    enum status status = check_listen(settings, ret_error);
    if (status == STATUS_OK) {
        status = startup_check_addresses(settings, ADDRESSES, LENGTH_OF(ADDRESSES), ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = rpc_backends_check(settings_text(settings, "backend"), ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--backend");
        return status;
    }
    status = check_auth(settings, ret_error);
    if (status == STATUS_OK) {
        status = tracing_check(settings, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    bool needs_tls = strstr(settings_text(settings, "backend"), "tls+tcp://") != NULL;
    CLEANUP(rpc_tls_free_at) struct rpc_tls *backend_tls = NULL;
    status = rpc_tls_from_backend_settings(settings, needs_tls, &backend_tls, ret_error);
    return status == STATUS_OK ? http_tls_check_settings(settings, true, ret_error) : status;
}
