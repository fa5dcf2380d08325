#include "config.h"

#include <stddef.h>

#include "api/fault.h"
#include "audit/lab/lab.h"
#include "base/process.h"
#include "http/tls_settings.h"
#include "obs/startup.h"
#include "rpc/interceptor_auth.h"
#include "rpc/server.h"
#include "rpc/tls_settings.h"

#define SECOND_NS INT64_C(1000000000)

static const struct setting ROWS[] = {
    {.name = "listen",
        .kind = SETTING_TEXT,
        .default_text = "tcp://127.0.0.1:9090",
        .group = "Network",
        .value_name = "URL",
        .help = "where calls are served: tcp://HOST:PORT (port 0: any free one), "
                "tls+tcp://HOST:PORT or ipc:///PATH; several with commas"},
    {.name = "admin",
        .kind = SETTING_TEXT,
        .default_text = "127.0.0.1:9091",
        .group = "Network",
        .value_name = "ADDRESS",
        .help = "where /healthz, /readyz and /debug/calls are served over HTTP"},
    {.name = "insecure",
        .kind = SETTING_BOOLEAN,
        .group = "Network",
        .help = "allow addresses that other machines can reach, without authentication and TLS"},
    {.name = RPC_AUTH_SETTING,
        .kind = SETTING_TEXT,
        .group = "Network",
        .value_name = "FILE",
        .help = "take only calls that are signed with this key (32 bytes or more, mode 600)"},
    {.name = "authenticated-only",
        .kind = SETTING_BOOLEAN,
        .group = "Network",
        .help = "refuse calls of a gateway that has not asked its client who it is (needs "
                "--rpc-key-file)"},
    {.name = "reflection",
        .kind = SETTING_BOOLEAN,
        .default_text = "true",
        .group = "Network",
        .help = "tell callers which methods there are and what their messages look like"},
    RPC_TLS_SETTINGS("TLS", "the certificate that callers see over tls+tcp",
        "callers must bring a certificate that an authority in this file has signed"),
    HTTP_TLS_SETTINGS("TLS"),
    {.name = "edc",
        .kind = SETTING_TEXT,
        .group = "Data",
        .value_name = "URI",
        .help =
            "the electronic data capture database: sqlite:PATH or "
            "postgresql://USER@HOST:PORT/DATABASE (required); responses of patients and queries "
            "are written into it, where that is allowed"},
    {.name = "ctms",
        .kind = SETTING_TEXT,
        .group = "Data",
        .value_name = "URI",
        .help = "the centre management database: the same (required)"},
    {.name = "lab",
        .kind = SETTING_TEXT,
        .group = "Data",
        .value_name = "URL",
        .help = "the central laboratory's service: http://HOST:PORT or https://HOST; optional, "
                "reports come without it and say so"},
    {.name = "lab-timeout",
        .kind = SETTING_DURATION,
        .default_text = "3s",
        .min = SECOND_NS / 1000,
        .max = 600 * SECOND_NS,
        .group = "Data",
        .help = "how long a report waits for the laboratory at most; never more than a quarter of "
                "its own time"},
    {.name = "lab-ca",
        .kind = SETTING_TEXT,
        .group = "Data",
        .value_name = "FILE",
        .help = "the authorities that the laboratory's certificate is checked against (the "
                "system's)"},
    {.name = "spool-dir",
        .kind = SETTING_TEXT,
        .default_text = "/tmp",
        .group = "Data",
        .value_name = "FOLDER",
        .help = "where finished reports wait, without a name, until they are read"},
    {.name = "results-dir",
        .kind = SETTING_TEXT,
        .group = "Data",
        .value_name = "FOLDER",
        .help = "where finished reports of whole-study runs with an idempotency key are kept; "
                "default: walkie-results in --spool-dir"},
    {.name = "results-keep",
        .kind = SETTING_DURATION,
        .default_text = "24h",
        .min = SECOND_NS,
        .max = 30 * 24 * 3600 * SECOND_NS,
        .group = "Data",
        .help = "how long they are kept after the last one of their run"},
    {.name = "results-max-mib",
        .kind = SETTING_INTEGER,
        .default_text = "4096",
        .min = 1,
        .max = 1048576,
        .group = "Data",
        .help = "how much of them is kept; the oldest runs go first"},
    {.name = "workers",
        .kind = SETTING_INTEGER,
        .default_text = "0",
        .max = RPC_WORKERS_MAX,
        .group = "Limits",
        .help = "calls of one class that run at once (0: one a CPU, at least 4; work that is all "
                "CPU: never more than CPUs)"},
    {.name = "queue-max",
        .kind = SETTING_INTEGER,
        .default_text = "1024",
        .min = 1,
        .max = 1000000,
        .group = "Limits",
        .help = "calls of one class that may wait for a worker; the excess is refused"},
    {.name = "calls-max",
        .kind = SETTING_INTEGER,
        .default_text = "8192",
        .min = 1,
        .max = 1000000,
        .group = "Limits",
        .help = "calls in flight on one connection; the excess is refused"},
    {.name = "drain-timeout",
        .kind = SETTING_DURATION,
        .default_text = "10s",
        .min = SECOND_NS / 1000,
        .max = 3600 * SECOND_NS,
        .group = "Limits",
        .help = "how long calls in flight may go on after SIGTERM"},
    {.name = "deaf-after",
        .kind = SETTING_DURATION,
        .default_text = "100ms",
        .min = 0,
        .max = 3600 * SECOND_NS,
        .group = "Limits",
        .help = "a call that goes on so long after it was told to stop is logged as ctx.deaf, with "
                "its stack; 0: none is"},
    STARTUP_LOG_SETTINGS,
    STARTUP_LEAK_SETTING,
    {.name = "allow-faults",
        .kind = SETTING_BOOLEAN,
        .group = "Demonstrations and tests",
        .help = "serve Work and Sleep, and accept --fault"},
    {.name = "fault",
        .kind = SETTING_TEXT,
        .group = "Demonstrations and tests",
        .value_name = "LIST",
        .help = "edc.delay=500ms,ctms.error=0.1,render.delay=50ms,work.deaf=1,… (needs "
                "--allow-faults)"},
};

const struct settings_program REPORT_SERVICE_PROGRAM = {
    .name = "report-service",
    .version = WALKIE_VERSION,
    .purpose = "makes site audit reports and stops the moment nobody waits for them",
    .rows = ROWS,
    .n_rows = LENGTH_OF(ROWS),
};

/* Other machines may come where TLS is, and callers must prove who they are: by a certificate, or
 * by the key that signs calls. Or where --insecure says so. */
static enum status check_reach(
    const struct settings *settings, const struct rpc_address *address, struct error *ret_error)
{
    bool is_proven = address->transport == RPC_TRANSPORT_TLS &&
                     (settings_text(settings, "tls-ca") != NULL ||
                         settings_text(settings, RPC_AUTH_SETTING) != NULL);
    if (process_is_local_address(address->url) || is_proven ||
        settings_boolean(settings, "insecure")) {
        return STATUS_OK;
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "--listen %s can be reached from other machines; use a loopback address, tls+tcp:// with "
        "--tls-ca or --rpc-key-file, or say --insecure if you mean it",
        address->url);
}

static enum status check_listen(const struct settings *settings, struct error *ret_error)
{
    struct rpc_address addresses[RPC_ADDRESSES_MAX];
    size_t n_addresses = 0;
    enum status status = rpc_address_parse_list(
        settings_text(settings, "listen"), addresses, &n_addresses, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--listen");
        return status;
    }
    bool needs_tls = false;
    for (size_t i = 0; i < n_addresses && status == STATUS_OK; i++) {
        needs_tls = needs_tls || addresses[i].transport == RPC_TRANSPORT_TLS;
        status = check_reach(settings, &addresses[i], ret_error);
    }
    if (status == STATUS_OK) {
        status = rpc_tls_check_settings(settings, RPC_TLS_SERVER, needs_tls, ret_error);
    }
    return status == STATUS_OK ? http_tls_check_settings(settings, false, ret_error) : status;
}

static enum status check_lab(const struct settings *settings, struct error *ret_error)
{
    const char *url = settings_text(settings, "lab");
    enum status status = url == NULL ? STATUS_OK : lab_check_url(url, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--lab");
    }
    return status;
}

enum status config_check(const struct settings *settings, struct error *ret_error)
{
    static const char *const REQUIRED[] = {"edc", "ctms"};
    static const char *const ADDRESSES[] = {"admin"};
    for (size_t i = 0; i < LENGTH_OF(REQUIRED); i++) {
        if (settings_text(settings, REQUIRED[i]) == NULL) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "--%s is required, for example --%s sqlite:/var/lib/walkie/%s.sqlite; "
                "`walkie-data demo` makes one to try",
                REQUIRED[i], REQUIRED[i], REQUIRED[i]);
        }
    }
    enum status status =
        startup_check_addresses(settings, ADDRESSES, LENGTH_OF(ADDRESSES), ret_error);
    if (status == STATUS_OK) {
        status = check_listen(settings, ret_error);
    }
    if (status == STATUS_OK) {
        status = check_lab(settings, ret_error);
    }
    if (status == STATUS_OK && settings_boolean(settings, "authenticated-only") &&
        settings_text(settings, RPC_AUTH_SETTING) == NULL) {
        status = error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "--authenticated-only needs --" RPC_AUTH_SETTING
            ": what is not signed anybody could say");
    }
    if (status != STATUS_OK) {
        return status;
    }
    const char *fault = settings_text(settings, "fault");
    if (fault != NULL && !settings_boolean(settings, "allow-faults")) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "--fault is refused without --allow-faults");
    }
    struct faults faults;
    return fault == NULL ? STATUS_OK : fault_parse(fault, &faults, ret_error);
}
