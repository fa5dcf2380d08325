/* The API gateway: serve HTTP, call the report service, stop when told. */
#include <stdlib.h>
#include <unistd.h>

#include "api/gateway.h"
#include "api/problem.h"
#include "api/report_work.h"
#include "api/request_metrics.h"
#include "api/timing.h"
#include "base/process.h"
#include "config.h"
#include "http/admin.h"
#include "http/tls_settings.h"
#include "obs/contexts_page.h"
#include "obs/metrics.h"
#include "obs/startup.h"
#include "openapi/openapi.h"
#include "operations/operations_settings.h"
#include "pages.h"
#include "rpc/interceptor_auth.h"
#include "rpc/tls_settings.h"
#include "security.h"
#include "traces/tracing.h"

struct program {
    struct settings *settings;
    struct rpc_tls *tls;    /* towards the report service; NULL: none */
    struct http_tls *https; /* towards clients; NULL: HTTP */
    struct gateway gateway;
    struct tracing tracing;
    struct rpc_auth *auth; /* NULL: calls are not signed */
    struct rpc_client_interceptor interceptors[1];
    struct http_server *http;
    struct admin *admin;
    struct metrics_hook metrics;
};

static const char *why_not_ready(void *arg)
{
    const struct program *program = arg;
    if (atomic_load(&program->gateway.is_draining)) {
        return "draining";
    }
    return rpc_channel_is_ready(program->gateway.channel) ? NULL
                                                          : "no connection to the report service";
}

static enum status load_key(struct program *program, struct error *ret_error)
{
    enum status status = rpc_auth_from_settings(program->settings, &program->auth, ret_error);
    if (program->auth != NULL) {
        program->interceptors[0] = rpc_auth_client(program->auth);
    }
    return status;
}

static enum status start_channel(struct program *program, struct error *ret_error)
{
    enum status status = load_key(program, ret_error);
    if (status == STATUS_OK) {
        status = rpc_tls_from_backend_settings(program->settings, false, &program->tls, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct rpc_channel_options options = {
        .backend = settings_text(program->settings, "backend"),
        .tls = program->tls,
        .name = "api-gateway",
        .interceptors = program->interceptors,
        .n_interceptors = program->auth == NULL ? 0 : 1,
    };
    status = rpc_channel_new(&options, &program->gateway.channel, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--backend");
    }
    return status;
}

static enum status start_operations(struct program *program, struct error *ret_error)
{
    const struct operations_options options = {
        .channel = program->gateway.channel,
        .describe = report_work_describe_failure,
    };
    return operations_from_settings(
        program->settings, &options, &program->gateway.operations, ret_error);
}

static enum status write_backends(void *arg, struct buffer *page)
{
    const struct program *program = arg;
    return pages_write_backends(program->gateway.channel, page);
}

static unsigned int setting_ms(const struct settings *settings, const char *name)
{
    return (unsigned int)(settings_duration_ns(settings, name) / CLOCK_MS(1));
}

/* The other half of the CPUs is for those who make the answers. On two CPUs a second loop costs a
 * third more CPU a request than one: smaller batches, and more threads in each other's way. */
static unsigned int number_of_loops(const struct settings *settings)
{
    enum { LOOPS_BY_ITSELF_MAX = 16 };
    unsigned int wanted = (unsigned int)settings_integer(settings, "loops");
    unsigned int half = process_cpu_count() / 2;
    unsigned int fitting = half < LOOPS_BY_ITSELF_MAX ? half : LOOPS_BY_ITSELF_MAX;
    return wanted > 0 ? wanted : fitting > 0 ? fitting : 1;
}

static enum status start_http(struct program *program, struct error *ret_error)
{
    const struct settings *settings = program->settings;
    enum status status = http_tls_from_settings(settings, true, &program->https, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct http_server_options options = {
        .listen = settings_text(settings, "listen"),
        .tls = program->https,
        .n_loops = number_of_loops(settings),
        .on_request = gateway_on_request,
        .on_head = timing_on_head,
        .on_done = gateway_on_done,
        .on_error = gateway_on_error,
        .standing = HTTP_SECURITY_HEADERS,
        .n_standing = HTTP_SECURITY_HEADERS_COUNT,
        .on_batch = gateway_on_batch,
        .body_max_of = gateway_body_max,
        .arg = &program->gateway,
        .header_max = (size_t)settings_integer(settings, "header-max"),
        .body_max = (size_t)settings_integer(settings, "body-max"),
        .connections_max = (unsigned int)settings_integer(settings, "connections-max"),
        .idle_timeout_ms = setting_ms(settings, "idle-timeout"),
        .header_timeout_ms = setting_ms(settings, "header-timeout"),
        .body_timeout_ms = setting_ms(settings, "body-timeout"),
        .send_timeout_ms = setting_ms(settings, "send-timeout"),
    };
    status = http_server_start(&options, &program->http, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--listen");
    }
    return status;
}

static enum status start(struct program *program, struct error *ret_error)
{
    program->gateway.allow_faults = settings_boolean(program->settings, "allow-faults");
    program->gateway.is_unblinded = settings_boolean(program->settings, "unblinded");
    enum status status = tracing_start(program->settings, &program->tracing, ret_error);
    program->gateway.traces = program->tracing.store;
    if (status == STATUS_OK) {
        status = security_start(program->settings, &program->gateway, ret_error);
    }
    if (status == STATUS_OK) {
        status = start_channel(program, ret_error);
    }
    if (status == STATUS_OK) {
        status = start_operations(program, ret_error);
    }
    program->gateway.openapi =
        openapi_write(&(struct openapi_options){.allow_faults = program->gateway.allow_faults,
            .is_authenticated = program->gateway.authenticator != NULL});
    if (status == STATUS_OK) {
        status = start_http(program, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    static const struct admin_page PAGES[] = {
        {"/debug/backends", "application/json", write_backends},
        {"/debug/contexts", "application/json", contexts_page_write},
        {"/metrics", METRICS_CONTENT_TYPE, metrics_page_write},
        {"/metrics", METRICS_OPEN_CONTENT_TYPE, metrics_page_write_open},
    };
    const struct admin_options options = {
        .listen = settings_text(program->settings, "admin"),
        .tls = http_tls_for_admin(program->settings, program->https),
        .why_not_ready = why_not_ready,
        .pages = PAGES,
        .n_pages = LENGTH_OF(PAGES),
        .arg = program,
    };
    return admin_start(&options, &program->admin, ret_error);
}

static enum status drain(const struct ctx *ctx, void *arg)
{
    struct program *program = arg;
    enum status status = http_server_drain(ctx, program->http);
    if (status == STATUS_OK) {
        status = operations_drain(ctx, program->gateway.operations);
    }
    return status == STATUS_OK ? otlp_drain(ctx, program->tracing.otlp) : status;
}

static void reload_https(void *arg)
{
    http_tls_on_reload(arg);
}

static void reload_tls(void *arg)
{
    rpc_tls_on_reload(arg);
}

static void serve(struct program *program)
{
    if (program->https != NULL) {
        http_tls_log_warnings(program->https);
        startup_on_reload(reload_https, program->https);
    }
    if (program->tls != NULL) {
        startup_on_reload(reload_tls, program->tls);
    }
    LOG_INFO("service.ready", NULL, log_str("address", http_server_address(program->http)),
        log_str("admin", admin_address(program->admin)),
        log_str("backend", settings_text(program->settings, "backend")), log_i64("pid", getpid()),
        log_str("version", WALKIE_VERSION));
    startup_wait_for_stop(program->settings);
    atomic_store(&program->gateway.is_draining, true);
    /* What has not ended by then is broken off by stop(). */
    (void)startup_drain(settings_duration_ns(program->settings, "drain-timeout"), drain, program);
}

static void stop(struct program *program)
{
    admin_stop(program->admin);
    http_server_stop(program->http);
    operations_stop(program->gateway.operations);
    rpc_channel_free(program->gateway.channel);
    operations_free(program->gateway.operations);
    tracing_stop(&program->tracing);
    rpc_tls_free(program->tls);
    http_tls_free(program->https);
    rpc_auth_free(program->auth);
    metrics_hook_stop(&program->metrics);
    live_finish(&program->gateway.live);
    security_stop(&program->gateway);
    free(program->gateway.openapi);
}

int main(int argc, char **argv)
{
    CLEANUP(settings_free_at) struct settings *settings = NULL;
    int exit_code = startup_settings(&API_GATEWAY_PROGRAM, argc, argv, config_check, &settings);
    if (exit_code != STARTUP_GO_ON) {
        return exit_code;
    }
    struct program program = {.settings = settings};
    live_init(&program.gateway.live);
    request_metrics_start(&program.metrics, &program.gateway.live);
    struct error error = ERROR_NONE;
    if (start(&program, &error) == STATUS_OK) {
        serve(&program);
        exit_code = EXIT_OK;
    } else {
        exit_code = startup_failed(&API_GATEWAY_PROGRAM, &error);
    }
    stop(&program);
    return exit_code;
}
