/* One report that is cancelled in a phase. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rpc/condition.h"
#include "support/stop_internal.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

enum {
    HOLD_MS = 3,          /* from the beginning of a wait to the cancel: well inside it */
    FETCHED_MIN = 256,    /* rows */
    HASHED_MIN = 1,       /* runs of rows written */
    SECTIONS_MIN = 3,     /* built */
    PAGES_MIN = 2,        /* written */
    SLOW_MIN = 128 << 10, /* bytes that a slow client takes, and no more */
    LIMIT_MS = 20,
    FONTS_LIMIT_MS = 200,
};

struct caller {
    struct rpc_client_call *call;
    bool is_slow; /* gives no credit back */
    uint64_t n_bytes;
    uint64_t content_len;
    char sha256[STOP_SHA256_MAX];
    bool has_ended;
    enum status ended;
};

/* A phase that a checkpoint tells has a stage; the others are waits. */
struct phase {
    const char *name;
    const char *stage;
    uint64_t done_min;
    Walkie__Report__V1__Format format;
};

#define PDF WALKIE__REPORT__V1__FORMAT__FORMAT_PDF
#define JSON WALKIE__REPORT__V1__FORMAT__FORMAT_JSON

static const struct phase PHASE_TABLE[STOP_PHASES] = {
    [STOP_IN_CONNECT] = {"connect", NULL, 0, PDF},
    [STOP_IN_POOL_WAIT] = {"pool_wait", NULL, 0, PDF},
    [STOP_IN_QUERY] = {"query", NULL, 0, PDF},
    [STOP_IN_FETCH] = {"fetch", "fetch:edc", FETCHED_MIN, PDF},
    [STOP_IN_LAB_WAIT] = {"lab_wait", NULL, 0, PDF},
    [STOP_IN_RECONCILE] = {"reconcile", "reconcile", 0, PDF},
    [STOP_IN_KRI] = {"kri", "kri", 0, PDF},
    [STOP_IN_RULES] = {"rules", "rules", 0, PDF},
    [STOP_IN_SECTIONS] = {"sections", "sections", SECTIONS_MIN, PDF},
    [STOP_IN_HASH] = {"hash", "json", HASHED_MIN, PDF},
    [STOP_IN_LAYOUT] = {"layout", "layout", 0, PDF},
    [STOP_IN_PAGE_WRITE] = {"page_write", "render", PAGES_MIN, PDF},
    [STOP_IN_FONTS] = {"fonts", "fonts", 0, PDF},
    [STOP_IN_SLOW_CLIENT] = {"slow_client", NULL, 0, JSON},
};

const char *stop_phase_name(enum stop_phase phase)
{
    return PHASE_TABLE[phase].name;
}

uint64_t stop_phase_limit_ns(enum stop_phase phase)
{
    return CLOCK_MS(phase == STOP_IN_FONTS ? FONTS_LIMIT_MS : LIMIT_MS);
}

bool stop_service_has_phase(const struct stop_service *service, enum stop_phase phase)
{
    return phase != STOP_IN_CONNECT || service->is_postgres;
}

/* --- the caller ------------------------------------------------------------------------------- */

static void on_reply(void *arg, struct bytes message)
{
    struct caller *caller = arg;
    Walkie__Report__V1__AuditReportHead *head =
        walkie__report__v1__audit_report_head__unpack(NULL, message.len, message.data);
    if (head == NULL) {
        return;
    }
    pthread_mutex_lock(&stop_now.mutex);
    caller->content_len = head->content_len;
    snprintf(caller->sha256, sizeof(caller->sha256), "%s", head->sha256);
    pthread_mutex_unlock(&stop_now.mutex);
    walkie__report__v1__audit_report_head__free_unpacked(head, NULL);
}

static void on_chunk(void *arg, struct bytes piece)
{
    struct caller *caller = arg;
    pthread_mutex_lock(&stop_now.mutex);
    caller->n_bytes += piece.len;
    pthread_cond_broadcast(&stop_now.changed);
    pthread_mutex_unlock(&stop_now.mutex);
    if (!caller->is_slow) {
        rpc_client_call_consumed(caller->call, piece.len);
    }
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct caller *caller = arg;
    pthread_mutex_lock(&stop_now.mutex);
    caller->has_ended = true;
    caller->ended = end->status;
    pthread_cond_broadcast(&stop_now.changed);
    pthread_mutex_unlock(&stop_now.mutex);
}

static bool start(struct stop_service *service, struct caller *caller, const struct ctx *ctx,
    Walkie__Report__V1__Format format)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = on_reply, .on_chunk = on_chunk, .on_end = on_end};
    Walkie__Report__V1__AuditReportRequest request = WALKIE__REPORT__V1__AUDIT_REPORT_REQUEST__INIT;
    request.site_no = (char *)(uintptr_t)service->site_no;
    request.format = format;
    request.language = (char *)(uintptr_t) "zh-CN"; /* the larger fonts */
    return rpc_call_start(ctx, service->channel, &REPORT_AUDIT_REPORT, &request.base, &EVENTS,
               caller, &caller->call) == STATUS_OK;
}

static bool has_ended(void *arg)
{
    const struct caller *caller = arg;
    return caller->has_ended;
}

/* --- waits ------------------------------------------------------------------------------------ */

static bool has_begun(void *arg)
{
    (void)arg;
    return stop_now.n_begins > 0;
}

static bool are_both_asked(void *arg)
{
    (void)arg;
    return stop_now.n_queries >= 2; /* both sources' */
}

static bool is_full(void *arg)
{
    const struct caller *caller = arg;
    return caller->n_bytes >= SLOW_MIN && caller->n_bytes < caller->content_len;
}

static bool has_returned(void *arg)
{
    (void)arg;
    return stop_now.has_returned;
}

static bool is_struck(void *arg)
{
    const struct caller *caller = arg;
    return stop_now.is_struck || caller->has_ended;
}

/* A socket that is listened on and never read from. */
static int open_silent_server(char uri[STOP_URI_MAX])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 8) != 0 ||
                       getsockname(fd, (struct sockaddr *)&address, &len) != 0)) {
        close(fd);
        return -1;
    }
    snprintf(uri, STOP_URI_MAX, "postgresql://nobody@127.0.0.1:%u/none", ntohs(address.sin_port));
    return fd;
}

/* What makes a phase long, and takes it back. */
struct scene {
    struct db *edc; /* the real one, while another stands for it */
    int silent_fd;
    struct db_session *sessions[DB_CONNECTIONS_MAX];
};

static bool hold_pool(struct stop_service *service, struct scene *scene)
{
    for (size_t i = 0; i < LENGTH_OF(scene->sessions); i++) {
        if (db_begin(ctx_background(), service->service.sources.edc, DB_READ, &scene->sessions[i],
                NULL) != STATUS_OK) {
            return false;
        }
    }
    return true;
}

/* Run a script in the EDC, through a connection of its own. */
static bool run_script(const struct stop_service *service, const char *sql)
{
    struct error error = ERROR_NONE;
    const struct ctx *ctx = ctx_background();
    const struct db_options options = {
        .name = "script", .uri = service->edc_uri, .mode = DB_OPEN_READ_WRITE};
    struct db *db = NULL;
    struct db_session *session = NULL;
    enum status status = db_open(ctx, &options, &db, &error);
    if (status == STATUS_OK) {
        status = db_begin(ctx, db, DB_WRITE, &session, &error);
    }
    if (status == STATUS_OK) {
        status = db_script(ctx, session, sql, &error);
    }
    if (status == STATUS_OK) {
        status = db_commit(ctx, session, &error);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "stop_service: %s\n", error.text);
    }
    db_end(session);
    db_close(db);
    return status == STATUS_OK;
}

#define HIDE_TABLE                                                                                 \
    "ALTER TABLE provided RENAME TO provided_hidden;"                                              \
    "CREATE VIEW provided AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"       \
    " WHERE i < 2000000000) SELECT 'x' AS table_name, 1 AS is_provided, 'y' AS note FROM n"        \
    " WHERE i < 0;"
#define SHOW_TABLE "DROP VIEW provided; ALTER TABLE provided_hidden RENAME TO provided;"

static bool set_scene(struct stop_service *service, enum stop_phase phase, struct scene *scene)
{
    char uri[STOP_URI_MAX];
    const struct db_options silent = {.name = "edc", .uri = uri, .mode = DB_OPEN_READ_ONLY};
    *scene = (struct scene){.silent_fd = -1};
    if (phase == STOP_IN_POOL_WAIT) {
        return hold_pool(service, scene);
    }
    if (phase == STOP_IN_QUERY) {
        return run_script(service, HIDE_TABLE);
    }
    if (phase == STOP_IN_LAB_WAIT) {
        lab_server_set_fault(service->lab_server, LAB_FAULT_HANG, 1, 0);
    }
    if (phase == STOP_IN_CONNECT) {
        scene->edc = service->service.sources.edc;
        scene->silent_fd = open_silent_server(uri);
        return scene->silent_fd >= 0 &&
               db_open(ctx_background(), &silent, &service->service.sources.edc, NULL) == STATUS_OK;
    }
    return true;
}

static void clear_scene(struct stop_service *service, enum stop_phase phase, struct scene *scene)
{
    for (size_t i = 0; i < LENGTH_OF(scene->sessions); i++) {
        db_end(scene->sessions[i]);
    }
    if (phase == STOP_IN_QUERY && !run_script(service, SHOW_TABLE)) {
        fprintf(stderr, "stop_service: the table stays hidden\n");
    }
    if (phase == STOP_IN_CONNECT) {
        db_close(service->service.sources.edc);
        service->service.sources.edc = scene->edc;
        close(scene->silent_fd);
    }
}

/* Until the work waits where it was to be cancelled, and a little longer. */
static bool wait_for_phase(struct stop_service *service, enum stop_phase phase,
    const struct scene *scene, struct caller *caller, unsigned int n_lab_requests)
{
    const struct timespec hold = {.tv_nsec = CLOCK_MS(HOLD_MS)};
    bool is_reached = false;
    if (PHASE_TABLE[phase].stage != NULL) {
        return stop_wait(is_struck, caller) && stop_now.is_struck;
    }
    if (phase == STOP_IN_CONNECT) {
        struct pollfd listener = {.fd = scene->silent_fd, .events = POLLIN};
        is_reached = poll(&listener, 1, STOP_WAIT_SECONDS * 1000) == 1;
    } else if (phase == STOP_IN_POOL_WAIT) {
        is_reached = stop_wait(has_begun, NULL);
    } else if (phase == STOP_IN_QUERY) {
        is_reached = stop_wait(are_both_asked, NULL);
    } else if (phase == STOP_IN_LAB_WAIT) {
        is_reached = lab_server_wait_requests(
            service->lab_server, n_lab_requests + 1, CLOCK_SECONDS(STOP_WAIT_SECONDS));
    } else {
        is_reached = stop_wait(is_full, caller);
    }
    nanosleep(&hold, NULL);
    stop_strike();
    return is_reached;
}

/* A slow client's report has been made; and a cancel that is late in coming may find the last font
 * embedded, and the report whole. */
static bool may_be_done(enum stop_phase phase)
{
    return stop_now.returned == STATUS_OK &&
           (phase == STOP_IN_SLOW_CLIENT || phase == STOP_IN_FONTS);
}

static void measure(struct stop_service *service, enum stop_phase phase, struct caller *caller,
    struct stop_result *result)
{
    bool has_stopped = phase == STOP_IN_SLOW_CLIENT ? stop_until(stop_is_idle, service)
                                                    : stop_wait(has_returned, NULL);
    uint64_t stopped_at_ns =
        phase == STOP_IN_SLOW_CLIENT ? clock_now_ns() : stop_now.returned_at_ns;
    bool ends = stop_wait(has_ended, caller) && stop_until(stop_is_idle, service);
    result->stop_ns =
        stopped_at_ns > stop_now.struck_at_ns ? stopped_at_ns - stop_now.struck_at_ns : 0;
    result->is_cancelled = has_stopped && ends && caller->ended == STATUS_CANCELLED &&
                           (stop_now.returned == STATUS_CANCELLED || may_be_done(phase));
}

void stop_service_try(
    struct stop_service *service, enum stop_phase phase, struct stop_result *ret_result)
{
    const struct phase *row = &PHASE_TABLE[phase];
    struct stop_result result = {.is_reached = false};
    struct caller caller = {.is_slow = phase == STOP_IN_SLOW_CLIENT};
    struct scene scene;
    struct lab_server_seen seen;
    lab_server_seen(service->lab_server, &seen);
    if (set_scene(service, phase, &scene)) {
        CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_SECONDS(STOP_WAIT_SECONDS)));
        stop_now_begin(row->stage, row->done_min, service->service.sources.edc);
        pthread_mutex_lock(&stop_now.mutex);
        stop_now.scope = scope;
        pthread_mutex_unlock(&stop_now.mutex);
        if (start(service, &caller, scope->ctx, row->format)) {
            result.is_reached = wait_for_phase(service, phase, &scene, &caller, seen.n_requests);
            stop_strike(); /* also what was not reached ends */
            measure(service, phase, &caller, &result);
        }
        rpc_client_call_unref(caller.call);
        stop_now_begin(NULL, 0, NULL);
    }
    clear_scene(service, phase, &scene);
    result.leftover = stop_leftover(service);
    *ret_result = result;
}

bool stop_service_report(struct stop_service *service)
{
    struct caller caller = {.is_slow = false};
    stop_now_begin(NULL, 0, NULL);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CLOCK_SECONDS(STOP_WAIT_SECONDS)));
    bool is_good = start(service, &caller, scope->ctx, PDF) && stop_wait(has_ended, &caller) &&
                   caller.ended == STATUS_OK && caller.n_bytes == caller.content_len;
    (void)stop_until(stop_is_idle, service);
    rpc_client_call_unref(caller.call);
    if (service->sha256[0] == '\0') {
        memcpy(service->sha256, caller.sha256, sizeof(service->sha256));
    }
    return is_good && strcmp(service->sha256, caller.sha256) == 0;
}
