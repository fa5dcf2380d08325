/* The service, its study's connections and its laboratory; and what the process holds of a call. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "api/methods.h"
#include "audit/document/document.h"
#include "audit/lab/lab.h"
#include "ctx/test.h"
#include "obs/contexts_page.h"
#include "rpc/condition.h"
#include "support/stop_internal.h"

enum {
    N_WORKERS = 2,
    POLL_US = 50,
    POLLS_MAX = 100000,
    DOT_ENTRIES = 2,
    HELPERS_MAX = 8, /* threads that PostgreSQL's two pools keep, once they have needed them */
};

/* --- what a process holds --------------------------------------------------------------------- */

static unsigned int count_entries(const char *path)
{
    unsigned int n_entries = 0;
    DIR *folder = opendir(path);
    while (folder != NULL && readdir(folder) != NULL) {
        n_entries++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return n_entries;
}

bool stop_until(bool (*is_so)(void *arg), void *arg)
{
    const struct timespec step = {.tv_nsec = CLOCK_US(POLL_US)};
    bool is_reached = is_so(arg);
    for (unsigned int i = 0; !is_reached && i < POLLS_MAX; i++) {
        nanosleep(&step, NULL);
        is_reached = is_so(arg);
    }
    return is_reached;
}

static void count_call(void *arg, const struct rpc_call_info *info)
{
    (void)info;
    ++*(unsigned int *)arg;
}

bool stop_is_idle(void *arg)
{
    const struct stop_service *service = arg;
    unsigned int n_calls = 0;
    rpc_server_each_call(service->server, count_call, &n_calls);
    return n_calls == 0;
}

static unsigned int threads_max(const struct stop_service *service)
{
    return service->n_threads + (service->is_postgres ? HELPERS_MAX : 0);
}

static const char *held(const struct stop_service *service)
{
    return ctx_live_scopes() > 0                                     ? "a live scope"
           : count_entries("/proc/self/fd") > service->n_descriptors ? "a descriptor"
           : count_entries("/proc/self/task") > threads_max(service) ? "a thread"
           : count_entries(service->folder) != DOT_ENTRIES           ? "a file in the spool"
                                                                     : NULL;
}

static bool is_nothing_held(void *arg)
{
    return held(arg) == NULL;
}

/* Every connection of the pool begins a transaction and answers in it. */
static bool is_pool_good(struct db *db)
{
    struct db_session *sessions[DB_CONNECTIONS_MAX] = {NULL};
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_SECONDS(STOP_WAIT_SECONDS)));
    struct error error = ERROR_NONE;
    bool is_good = true;
    for (size_t i = 0; i < LENGTH_OF(sessions) && is_good; i++) {
        struct db_rows *rows = NULL;
        bool has_row = false;
        is_good =
            db_begin(scope->ctx, db, DB_READ, &sessions[i], &error) == STATUS_OK &&
            db_query(scope->ctx, sessions[i], "SELECT 7", NULL, 0, &rows, &error) == STATUS_OK &&
            db_next(scope->ctx, rows, &has_row, &error) == STATUS_OK && has_row &&
            db_column_integer(rows, 0) == 7;
        db_rows_free(rows);
    }
    for (size_t i = 0; i < LENGTH_OF(sessions); i++) {
        db_end(sessions[i]);
    }
    if (!is_good) {
        fprintf(stderr, "stop_service: %s\n", error.text);
    }
    return is_good;
}

/* Where the contexts were made that still live. */
static void show_contexts(void)
{
    enum { PAGE_MAX = 64 << 10 };
    CLEANUP(buffer_finish) struct buffer page = BUFFER_EMPTY(PAGE_MAX);
    if (contexts_page_write(NULL, &page) == STATUS_OK) {
        fprintf(stderr, "%.*s\n", (int)page.len, (const char *)page.data);
    }
}

const char *stop_leftover(struct stop_service *service)
{
    /* Looked at once more it might be held again: helpers clean connections one after the other. */
    const char *what = stop_until(is_nothing_held, service) ? NULL : held(service);
    if (what != NULL) {
        show_contexts();
    }
    bool is_clean =
        is_pool_good(service->service.sources.edc) && is_pool_good(service->service.sources.ctms);
    return what != NULL ? what : (is_clean ? NULL : "a connection's transaction");
}

/* --- life ------------------------------------------------------------------------------------- */

static struct db *open_database(const char *name, const char *uri)
{
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    const struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fprintf(stderr, "stop_service: %s\n", error.text);
    }
    return db;
}

static bool open_lab(struct stop_service *service, const char *path)
{
    char url[96];
    struct error error = ERROR_NONE;
    const struct lab_server_options server = {.listen = "127.0.0.1:0", .path = path};
    enum status status = lab_server_start(&server, &service->lab_server, &error);
    if (status == STATUS_OK) {
        snprintf(url, sizeof(url), "http://%s", lab_server_address(service->lab_server));
        const struct lab_options client = {
            .url = url, .timeout_ns = CLOCK_SECONDS(STOP_WAIT_SECONDS)};
        status = lab_new(&client, &service->service.sources.lab, &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "stop_service: %s\n", error.text);
    }
    return status == STATUS_OK;
}

static bool connect_to(struct stop_service *service, const char *url)
{
    const struct rpc_channel_options options = {.backend = url, .name = "stop-caller"};
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_SECONDS(STOP_WAIT_SECONDS)));
    return rpc_channel_new(&options, &service->channel, NULL) == STATUS_OK &&
           rpc_channel_wait_ready(scope->ctx, service->channel) == STATUS_OK;
}

static bool start_server(struct stop_service *service)
{
    struct rpc_server_options options = {.listen = "tcp://127.0.0.1:0",
        .name = "stop-service",
        .service = &service->service,
        .spool_folder = service->folder,
        .n_workers = N_WORKERS};
    options.bindings = service_bindings(&options.n_bindings);
    struct error error = ERROR_NONE;
    enum status status = document_prepare(&error);
    if (status == STATUS_OK) {
        status = rpc_server_start(&options, &service->server, &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "stop_service: %s\n", error.text);
    }
    return status == STATUS_OK && connect_to(service, rpc_server_url(service->server));
}

static bool prepare(struct stop_service *service, const struct stop_options *options)
{
    memcpy(service->folder, "/tmp/walkie-stop-XXXXXX", sizeof("/tmp/walkie-stop-XXXXXX"));
    snprintf(service->edc_uri, sizeof(service->edc_uri), "%s", options->edc_uri);
    service->site_no = options->site_no;
    service->is_postgres = strncmp(options->edc_uri, "postgres", 8) == 0;
    service->service.spool_folder = service->folder;
    service->service.sources.edc = open_database("edc", options->edc_uri);
    service->service.sources.ctms = open_database("ctms", options->ctms_uri);
    return mkdtemp(service->folder) != NULL && service->service.sources.edc != NULL &&
           service->service.sources.ctms != NULL && open_lab(service, options->lab_path) &&
           start_server(service);
}

/* Fonts, pools, threads: all there before anything is counted. */
static bool warm_up(struct stop_service *service)
{
    bool is_good = stop_service_report(service) && is_pool_good(service->service.sources.edc) &&
                   is_pool_good(service->service.sources.ctms);
    service->n_descriptors = count_entries("/proc/self/fd");
    service->n_threads = count_entries("/proc/self/task");
    return is_good;
}

struct stop_service *stop_service_new(const struct stop_options *options)
{
    condition_init(&stop_now.changed);
    struct stop_service *service = calloc(1, sizeof(*service));
    if (service == NULL) {
        return NULL;
    }
    if (!prepare(service, options) || !warm_up(service)) {
        stop_service_free(service);
        return NULL;
    }
    return service;
}

void stop_service_free(struct stop_service *service)
{
    if (service == NULL) {
        return;
    }
    rpc_channel_free(service->channel);
    rpc_server_stop(service->server);
    db_close(service->service.sources.edc);
    db_close(service->service.sources.ctms);
    lab_free(service->service.sources.lab);
    lab_server_stop(service->lab_server);
    rmdir(service->folder);
    free(service);
}
