/* The report service: open the databases, serve calls, stop when told. */
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "api/authorize.h"
#include "api/fault.h"
#include "api/methods.h"
#include "api/results.h"
#include "api/service.h"
#include "audit/document/document.h"
#include "audit/lab/lab.h"
#include "audit/sources/study_cache.h"
#include "base/process.h"
#include "config.h"
#include "ctx/aside.h"
#include "db/db.h"
#include "http/admin.h"
#include "http/tls_settings.h"
#include "obs/contexts_page.h"
#include "obs/metrics.h"
#include "obs/startup.h"
#include "pages.h"
#include "rpc/admission_page.h"
#include "rpc/interceptor_auth.h"
#include "rpc/interceptor_fault.h"
#include "rpc/tls_settings.h"
#include "sources.h"
#include "walkie/descriptors.h"

enum { INTERCEPTORS_MAX = 3 };

static const uint64_t ASIDE_DRAIN_NS = CTX_SECONDS(2);

struct program {
    struct settings *settings;
    struct rpc_tls *tls;    /* NULL: none */
    struct http_tls *https; /* of the admin port; NULL: HTTP */
    struct service service;
    struct sources *sources;
    struct rpc_auth *auth; /* NULL: calls are not signed */
    struct authorize authorize;
    struct rpc_fault rpc_fault;
    struct rpc_server_interceptor interceptors[INTERCEPTORS_MAX];
    size_t n_interceptors;
    struct rpc_server *rpc;
    struct admin *admin;
    _Atomic bool is_ready;
};

/* The laboratory need not be there: nobody is asked before the first report. */
static enum status open_lab(
    const struct settings *settings, struct lab **ret_lab, struct error *ret_error)
{
    const struct lab_options options = {
        .url = settings_text(settings, "lab"),
        .timeout_ns = settings_duration_ns(settings, "lab-timeout"),
        .user_agent = "report-service/" WALKIE_VERSION,
        .ca_file = settings_text(settings, "lab-ca"),
    };
    return options.url == NULL ? STATUS_OK : lab_new(&options, ret_lab, ret_error);
}

static enum status open_sources(struct program *program, struct error *ret_error)
{
    struct audit_sources *databases = &program->service.sources;
    databases->study_cache = study_cache_new(0, 0);
    if (databases->study_cache == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = sources_open(program->settings, databases, &program->sources, ret_error);
    return status == STATUS_OK ? open_lab(program->settings, &databases->lab, ret_error) : status;
}

static void set_faults(struct program *program)
{
    const char *text = settings_text(program->settings, "fault");
    struct faults faults = {.edc_delay_ns = 0};
    if (text == NULL || fault_parse(text, &faults, NULL) != STATUS_OK) {
        return; /* config_check has refused malformed ones */
    }
    db_set_fault(program->service.sources.edc, faults.edc_delay_ns, faults.edc_error_rate);
    db_set_fault(program->service.sources.ctms, faults.ctms_delay_ns, faults.ctms_error_rate);
    program->service.render_page_delay_ns = faults.render_delay_ns;
    program->service.work_deaf_rate = faults.work_deaf_rate;
    program->rpc_fault.delay_ns = faults.rpc_delay_ns;
    program->rpc_fault.error_rate = faults.rpc_error_rate;
    LOG_WARN("service.faults", NULL, log_str("fault", text));
}

/* Who is no caller of ours shall not even see a fault. */
static enum status set_interceptors(struct program *program, struct error *ret_error)
{
    enum status status = rpc_auth_from_settings(program->settings, &program->auth, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (program->auth != NULL) {
        program->interceptors[program->n_interceptors++] = rpc_auth_server(program->auth);
    }
    program->authorize = (struct authorize){
        .has_key = program->auth != NULL,
        .is_required = settings_boolean(program->settings, "authenticated-only"),
    };
    program->interceptors[program->n_interceptors++] = service_authorize(&program->authorize);
    if (program->rpc_fault.delay_ns > 0 || program->rpc_fault.error_rate > 0) {
        program->interceptors[program->n_interceptors++] = rpc_fault_server(&program->rpc_fault);
    }
    return STATUS_OK;
}

/* Nobody may see the spool's reports, but its folder may be everybody's (/tmp): what stays there
 * has a folder of its own. */
static enum status make_results(struct program *program, struct error *ret_error)
{
    enum { RESULTS_FOLDER_MAX = 4096 };
    const struct settings *settings = program->settings;
    char folder[RESULTS_FOLDER_MAX];
    const char *given = settings_text(settings, "results-dir");
    snprintf(folder, sizeof(folder), "%s%s", given == NULL ? program->service.spool_folder : given,
        given == NULL ? "/walkie-results" : "");
    const struct results_options options = {
        .folder = folder,
        .bytes_max = (uint64_t)settings_integer(settings, "results-max-mib") << 20,
        .keep_ns = settings_duration_ns(settings, "results-keep"),
    };
    enum status status = results_new(&options, &program->service.results, ret_error);
    if (status == STATUS_OK) {
        results_sweep(ctx_background(), program->service.results);
    }
    return status;
}

static enum status check_spool(const char *folder, struct error *ret_error)
{
    if (access(folder, W_OK | X_OK) != 0) {
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "spool folder %s: it is not there or cannot be written; see --spool-dir", folder);
    }
    return STATUS_OK;
}

static const char *why_not_ready(void *arg)
{
    const struct program *program = arg;
    return atomic_load(&program->is_ready) ? sources_why_not_ready(program->sources)
                                           : "starting or draining";
}

static enum status write_calls(void *arg, struct buffer *page)
{
    const struct program *program = arg;
    return pages_write_calls(program->rpc, page);
}

static enum status write_threads(void *arg, struct buffer *page)
{
    const struct program *program = arg;
    return pages_write_threads(program->rpc, false, page);
}

static enum status write_stacks(void *arg, struct buffer *page)
{
    const struct program *program = arg;
    return pages_write_threads(program->rpc, true, page);
}

static enum status write_admission(void *arg, struct buffer *page)
{
    const struct program *program = arg;
    return rpc_admission_page_write(program->rpc, page);
}

static enum status start_admin(struct program *program, struct error *ret_error)
{
    static const struct admin_page PAGES[] = {
        {"/debug/calls", "application/json", write_calls},
        {"/debug/admission", "application/json", write_admission},
        {"/debug/contexts", "application/json", contexts_page_write},
        {"/debug/stacks", "application/json", write_stacks},
        {"/debug/threads", "application/json", write_threads},
        {"/metrics", METRICS_CONTENT_TYPE, metrics_page_write},
        {"/metrics", METRICS_OPEN_CONTENT_TYPE, metrics_page_write_open},
    };
    enum status status =
        http_tls_from_settings(program->settings, false, &program->https, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct admin_options options = {
        .listen = settings_text(program->settings, "admin"),
        .tls = program->https,
        .why_not_ready = why_not_ready,
        .pages = PAGES,
        .n_pages = LENGTH_OF(PAGES),
        .arg = program,
    };
    return admin_start(&options, &program->admin, ret_error);
}

static enum status start(struct program *program, struct error *ret_error)
{
    const struct settings *settings = program->settings;
    program->service.spool_folder = settings_text(settings, "spool-dir");
    enum status status = check_spool(program->service.spool_folder, ret_error);
    if (status == STATUS_OK) {
        status = make_results(program, ret_error);
    }
    if (status == STATUS_OK) {
        status = open_sources(program, ret_error);
    }
    if (status == STATUS_OK) {
        set_faults(program);
        status = document_prepare(ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = rpc_tls_from_settings(settings, RPC_TLS_SERVER, false, &program->tls, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = set_interceptors(program, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct rpc_server_options options = {
        .interceptors = program->interceptors,
        .n_interceptors = program->n_interceptors,
        .listen = settings_text(settings, "listen"),
        .tls = program->tls,
        .name = "report-service",
        .service = &program->service,
        .n_workers = (unsigned int)settings_integer(settings, "workers"),
        .queue_max = (unsigned int)settings_integer(settings, "queue-max"),
        .calls_max = (unsigned int)settings_integer(settings, "calls-max"),
        .spool_folder = program->service.spool_folder,
        .allow_faults = settings_boolean(settings, "allow-faults"),
        .deaf_after_ns = settings_duration_ns(settings, "deaf-after"),
    };
    if (options.deaf_after_ns == 0) {
        options.deaf_after_ns = CLOCK_NEVER; /* off */
    }
    if (settings_boolean(settings, "reflection")) {
        options.descriptors = SERVICE_DESCRIPTORS;
    }
    options.bindings = service_bindings(&options.n_bindings);
    status = rpc_server_start(&options, &program->rpc, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--listen");
        return status;
    }
    return start_admin(program, ret_error);
}

static enum status drain(const struct ctx *ctx, void *arg)
{
    struct program *program = arg;
    return rpc_server_drain(ctx, program->rpc);
}

static void reload_https(void *arg)
{
    http_tls_on_reload(arg);
}

static void reload_tls(void *arg)
{
    const struct program *program = arg;
    rpc_tls_on_reload(program->tls);
    rpc_server_renew_tls(program->rpc);
}

static void serve(struct program *program)
{
    if (program->https != NULL) {
        http_tls_log_warnings(program->https);
        startup_on_reload(reload_https, program->https);
    }
    if (program->tls != NULL) {
        startup_on_reload(reload_tls, program);
    }
    atomic_store(&program->is_ready, true);
    LOG_INFO("service.ready", NULL, log_str("address", rpc_server_url(program->rpc)),
        log_str("admin", admin_address(program->admin)), log_i64("pid", getpid()),
        log_str("version", WALKIE_VERSION));
    startup_wait_for_stop(program->settings);
    atomic_store(&program->is_ready, false);
    /* What has not ended by then is cancelled by stop(). */
    (void)startup_drain(settings_duration_ns(program->settings, "drain-timeout"), drain, program);
}

static void stop(struct program *program)
{
    admin_stop(program->admin);
    rpc_server_stop(program->rpc);
    results_free(program->service.results);
    /* Files that their callers have left are ended on threads of their own: a moment for those. */
    CTX_SCOPE(moment, ctx_with_timeout(ctx_background(), ASIDE_DRAIN_NS));
    (void)ctx_aside_drain(moment->ctx);
    rpc_tls_free(program->tls);
    http_tls_free(program->https);
    rpc_auth_free(program->auth);
    study_cache_free(program->service.sources.study_cache);
    sources_close(program->sources);
    db_close(program->service.sources.edc);
    db_close(program->service.sources.ctms);
    lab_free(program->service.sources.lab);
}

int main(int argc, char **argv)
{
    CLEANUP(settings_free_at) struct settings *settings = NULL;
    int exit_code = startup_settings(&REPORT_SERVICE_PROGRAM, argc, argv, config_check, &settings);
    if (exit_code != STARTUP_GO_ON) {
        return exit_code;
    }
    struct program program = {.settings = settings};
    struct error error = ERROR_NONE;
    if (start(&program, &error) == STATUS_OK) {
        serve(&program);
        exit_code = EXIT_OK;
    } else {
        exit_code = startup_failed(&REPORT_SERVICE_PROGRAM, &error);
    }
    stop(&program);
    return exit_code;
}
