/* The sweep's service: its study, its server, and whether it has given everything back. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "api/service.h"
#include "audit/document/document.h"
#include "ctx/test.h"
#include "integration/audit_demo.h"
#include "rpc/condition.h"
#include "support/rpc_fixture.h"
#include "support/sweep.h"

enum { N_SITES = 2, N_SUBJECTS = 2, PATH_LEN = 96, N_WORKERS = 2 };

static const char *const FILES[] = {"edc.db", "ctms.db", "problems.json"};

/* --- what a process holds ------------------------------------------------------------------- */

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

static void count_call(void *arg, const struct rpc_call_info *info)
{
    (void)info;
    ++*(unsigned int *)arg;
}

bool sweep_is_idle(void *arg)
{
    const struct sweep *sweep = arg;
    unsigned int n_calls = 0;
    rpc_server_each_call(sweep->server, count_call, &n_calls);
    return n_calls == 0;
}

bool sweep_until(bool (*is_so)(void *arg), void *arg)
{
    enum { N_STEPS = 100000, STEP_US = 50 };
    const struct timespec step = {.tv_nsec = CLOCK_US(STEP_US)};
    bool is_reached = is_so(arg);
    for (unsigned int i = 0; !is_reached && i < (unsigned int)N_STEPS; i++) {
        nanosleep(&step, NULL);
        is_reached = is_so(arg);
    }
    return is_reached;
}

static const char *held(const struct sweep *sweep)
{
    enum { DOT_ENTRIES = 2 };
    return ctx_live_scopes() > 0                                         ? "a live scope"
           : count_entries("/proc/self/fd") > sweep->n_descriptors       ? "a descriptor"
           : count_entries("/proc/self/task") > sweep->n_threads         ? "a thread"
           : count_entries(sweep->spool_folder) != (unsigned)DOT_ENTRIES ? "a file in the spool"
                                                                         : NULL;
}

static bool is_nothing_held(void *arg)
{
    return held(arg) == NULL;
}

/* Every connection of the pool can begin a transaction: none was lost, none is in the middle of
 * one. */
static bool is_pool_good(struct db *db)
{
    struct db_session *sessions[DB_CONNECTIONS_MAX] = {NULL};
    struct error error = ERROR_NONE;
    bool is_good = true;
    for (size_t i = 0; i < LENGTH_OF(sessions) && is_good; i++) {
        is_good = db_begin(ctx_background(), db, DB_READ, &sessions[i], &error) == STATUS_OK;
    }
    for (size_t i = 0; i < LENGTH_OF(sessions); i++) {
        db_end(sessions[i]);
    }
    if (!is_good) {
        fprintf(stderr, "%s\n", error.text);
    }
    return is_good;
}

const char *sweep_leftover(struct sweep *sweep)
{
    (void)sweep_until(is_nothing_held, sweep);
    const char *what = held(sweep);
    bool is_clean =
        is_pool_good(sweep->service->sources.edc) && is_pool_good(sweep->service->sources.ctms);
    return what != NULL ? what : is_clean ? NULL : "a connection's transaction";
}

/* --- the study ------------------------------------------------------------------------------ */

static struct db *open_database(const char *folder, const char *name)
{
    char uri[PATH_LEN];
    snprintf(uri, sizeof(uri), "sqlite:%s/%s.db", folder, name);
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    const struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fprintf(stderr, "cannot open %s: %s\n", uri, error.text);
    }
    return db;
}

/* --- life ----------------------------------------------------------------------------------- */

struct rpc_channel *sweep_connect(const struct sweep *sweep)
{
    struct rpc_channel *channel = test_channel_new(rpc_server_url(sweep->server));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    if (rpc_channel_wait_ready(scope->ctx, channel) != STATUS_OK) {
        fprintf(stderr, "no connection to %s\n", rpc_server_url(sweep->server));
        exit(1);
    }
    return channel;
}

static bool start_server(struct sweep *sweep)
{
    struct rpc_server_options options = {.listen = "tcp://127.0.0.1:0",
        .name = "sweep",
        .service = sweep->service,
        .n_workers = N_WORKERS,
        .allow_faults = true};
    options.bindings = sweep_bindings(&options.n_bindings);
    struct error error = ERROR_NONE;
    enum status status = document_prepare(&error);
    if (status == STATUS_OK) {
        status = rpc_server_start(&options, &sweep->server, &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "cannot start: %s\n", error.text);
    }
    return status == STATUS_OK;
}

static bool prepare(struct sweep *sweep)
{
    struct service *service = sweep->service;
    memcpy(sweep->folder, "/tmp/walkie-sweep-XXXXXX", sizeof("/tmp/walkie-sweep-XXXXXX"));
    if (mkdtemp(sweep->folder) == NULL ||
        audit_demo_make_sized(sweep->folder, N_SITES, N_SUBJECTS) != STATUS_OK) {
        return false;
    }
    snprintf(sweep->spool_folder, sizeof(sweep->spool_folder), "%s/spool", sweep->folder);
    service->spool_folder = sweep->spool_folder;
    service->sources.edc = open_database(sweep->folder, "edc");
    service->sources.ctms = open_database(sweep->folder, "ctms");
    return mkdir(sweep->spool_folder, S_IRWXU) == 0 && service->sources.edc != NULL &&
           service->sources.ctms != NULL && start_server(sweep);
}

/* Fonts, pools, nng's and our threads: all there before anything is counted. */
static void warm_up(struct sweep *sweep)
{
    struct sweep_story story;
    for (size_t i = 0; i < SWEEP_N_TARGETS; i++) {
        sweep_call(sweep, &SWEEP_TARGETS[i], UINT32_MAX, &story);
    }
    (void)is_pool_good(sweep->service->sources.edc);
    (void)is_pool_good(sweep->service->sources.ctms);
    sweep->n_descriptors = count_entries("/proc/self/fd");
    sweep->n_threads = count_entries("/proc/self/task");
}

struct sweep *sweep_new(enum sweep_blow blow)
{
    struct sweep *sweep = calloc(1, sizeof(*sweep));
    struct service *service = calloc(1, sizeof(*service));
    if (sweep == NULL || service == NULL) {
        abort();
    }
    condition_init(&sweep_now.changed);
    sweep->blow = blow;
    sweep->service = service;
    if (!prepare(sweep)) {
        sweep_free(sweep);
        return NULL;
    }
    if (blow == SWEEP_DEADLINE) {
        ctx_test_clock_start();
    }
    warm_up(sweep);
    return sweep;
}

void sweep_free(struct sweep *sweep)
{
    if (sweep == NULL) {
        return;
    }
    rpc_channel_free(sweep->channel);
    rpc_server_stop(sweep->server);
    if (sweep->blow == SWEEP_DEADLINE) {
        ctx_test_clock_end();
    }
    db_close(sweep->service->sources.edc);
    db_close(sweep->service->sources.ctms);
    for (size_t i = 0; i < LENGTH_OF(FILES); i++) {
        char path[PATH_LEN];
        snprintf(path, sizeof(path), "%s/%s", sweep->folder, FILES[i]);
        unlink(path);
    }
    rmdir(sweep->spool_folder);
    rmdir(sweep->folder);
    free(sweep->service);
    free(sweep);
}
