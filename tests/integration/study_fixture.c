#include "study_fixture.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/methods.h"
#include "audit/document/document.h"
#include "ctx/test.h"
#include "walkie/report/v1/methods.h"

enum { ZIP_MAX = 64 << 20 };

/* What the wrapped audit_build does; under the mutex. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned int n_builds;
    unsigned int holds_at; /* the build that waits for the gate or its context; 0: none */
    bool is_gate_open;
    unsigned int fails_at;
    enum status failure;
    unsigned int bumps_at; /* before this build the data change */
    struct audit_fixture *fixture;
} study_world = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
enum status __real_audit_build(const struct ctx *ctx, const struct audit_sources *sources,
    const struct audit_request *request, struct report **ret_report, struct error *ret_error);
enum status __wrap_audit_build(const struct ctx *ctx, const struct audit_sources *sources,
    const struct audit_request *request, struct report **ret_report, struct error *ret_error);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

static void wake_world(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&study_world.mutex);
    pthread_cond_broadcast(&study_world.changed);
    pthread_mutex_unlock(&study_world.mutex);
}

enum status __wrap_audit_build(const struct ctx *ctx, const struct audit_sources *sources,
    const struct audit_request *request, struct report **ret_report, struct error *ret_error)
{
    struct ctx_after *after = ctx_after_func(ctx, wake_world, NULL);
    pthread_mutex_lock(&study_world.mutex);
    unsigned int n = ++study_world.n_builds;
    pthread_cond_broadcast(&study_world.changed);
    while (n == study_world.holds_at && !study_world.is_gate_open && ctx_err(ctx) == STATUS_OK) {
        pthread_cond_wait(&study_world.changed, &study_world.mutex);
    }
    enum status failure = n == study_world.fails_at ? study_world.failure : STATUS_OK;
    bool is_bumped = n == study_world.bumps_at;
    pthread_mutex_unlock(&study_world.mutex);
    ctx_stop_wait(after);
    if (is_bumped) {
        audit_fixture_edc(study_world.fixture, "DELETE FROM query WHERE 0"); /* counts as a write */
    }
    return failure != STATUS_OK ? error_set(ret_error, failure, "this site cannot be read")
                                : __real_audit_build(ctx, sources, request, ret_report, ret_error);
}

/* One wish, and the count from here. */
static void wish(unsigned int holds_at, unsigned int fails_at, unsigned int bumps_at)
{
    pthread_mutex_lock(&study_world.mutex);
    study_world.n_builds = 0;
    study_world.holds_at = holds_at;
    study_world.fails_at = fails_at;
    study_world.bumps_at = bumps_at;
    study_world.is_gate_open = false;
    pthread_mutex_unlock(&study_world.mutex);
}

void study_hold_at(unsigned int n)
{
    wish(n, 0, 0);
}

void study_fail_at(unsigned int n, enum status failure)
{
    wish(0, n, 0);
    pthread_mutex_lock(&study_world.mutex);
    study_world.failure = failure;
    pthread_mutex_unlock(&study_world.mutex);
}

void study_bump_at(unsigned int n)
{
    wish(0, 0, n);
}

bool study_wait_for_build(unsigned int n)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += TEST_WAIT_SECONDS;
    pthread_mutex_lock(&study_world.mutex);
    int result = 0;
    while (study_world.n_builds < n && result == 0) {
        result = pthread_cond_timedwait(&study_world.changed, &study_world.mutex, &limit);
    }
    bool is_there = study_world.n_builds >= n;
    pthread_mutex_unlock(&study_world.mutex);
    return is_there;
}

unsigned int study_n_builds(void)
{
    pthread_mutex_lock(&study_world.mutex);
    unsigned int n = study_world.n_builds;
    pthread_mutex_unlock(&study_world.mutex);
    return n;
}

void study_open_gate(void)
{
    pthread_mutex_lock(&study_world.mutex);
    study_world.is_gate_open = true;
    pthread_mutex_unlock(&study_world.mutex);
    wake_world(NULL);
}

/* --- the service ------------------------------------------------------------------------------ */

int study_set_up(void **state)
{
    struct study_place *site = calloc(1, sizeof(*site));
    struct error error = ERROR_NONE;
    strcpy(site->spool_folder, "/tmp/walkie-study-XXXXXX");
    if (mkdtemp(site->spool_folder) == NULL || document_prepare(&error) != STATUS_OK) {
        return -1;
    }
    snprintf(site->results_folder, sizeof(site->results_folder), "%s/results", site->spool_folder);
    const struct results_options results = {
        .folder = site->results_folder, .keep_ns = CLOCK_SECONDS(3600)};
    if (results_new(&results, &site->service.results, &error) != STATUS_OK) {
        return -1;
    }
    site->fixture = audit_fixture_new();
    site->service.sources = site->fixture->sources;
    site->service.spool_folder = site->spool_folder;
    struct rpc_server_options options = {.listen = "tcp://127.0.0.1:0",
        .name = "study",
        .service = &site->service,
        .spool_folder = site->spool_folder};
    options.bindings = service_bindings(&options.n_bindings);
    if (rpc_server_start(&options, &site->server, &error) != STATUS_OK) {
        return -1;
    }
    site->channel = test_channel_new(rpc_server_url(site->server));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    wish(0, 0, 0);
    pthread_mutex_lock(&study_world.mutex);
    study_world.fixture = site->fixture;
    pthread_mutex_unlock(&study_world.mutex);
    *state = site;
    return rpc_channel_wait_ready(scope->ctx, site->channel) == STATUS_OK ? 0 : -1;
}

int study_tear_down(void **state)
{
    struct study_place *site = *state;
    char command[128];
    rpc_channel_free(site->channel);
    rpc_server_stop(site->server);
    results_free(site->service.results);
    audit_fixture_free(site->fixture);
    snprintf(command, sizeof(command), "rm -rf %s", site->spool_folder);
    int result = system(command);
    free(site);
    return result == 0 && ctx_test_no_leaks() ? 0 : -1;
}

/* --- a caller --------------------------------------------------------------------------------- */

static void on_reply(void *arg, struct bytes message)
{
    struct study_caller *caller = arg;
    (void)message;
    pthread_mutex_lock(&caller->mutex);
    caller->has_head = true;
    pthread_cond_broadcast(&caller->changed);
    pthread_mutex_unlock(&caller->mutex);
}

static void on_chunk(void *arg, struct bytes piece)
{
    struct study_caller *caller = arg;
    pthread_mutex_lock(&caller->mutex);
    if (buffer_append(&caller->zip, piece.data, piece.len) != STATUS_OK) {
        abort();
    }
    bool is_held = caller->holds_credit;
    caller->held += is_held ? piece.len : 0;
    pthread_cond_broadcast(&caller->changed);
    pthread_mutex_unlock(&caller->mutex);
    if (!is_held) {
        rpc_client_call_consumed(caller->call, piece.len);
    }
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct study_caller *caller = arg;
    pthread_mutex_lock(&caller->mutex);
    caller->end = *end;
    caller->is_over = true;
    pthread_cond_broadcast(&caller->changed);
    pthread_mutex_unlock(&caller->mutex);
}

void caller_start(struct study_caller *caller, const struct ctx *ctx,
    const struct study_place *site, const char *study, const char *key)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = on_reply, .on_chunk = on_chunk, .on_end = on_end};
    caller->zip = (struct buffer)BUFFER_EMPTY(ZIP_MAX);
    pthread_mutex_init(&caller->mutex, NULL);
    pthread_cond_init(&caller->changed, NULL);
    Walkie__Report__V1__StudyAuditReportsRequest request =
        WALKIE__REPORT__V1__STUDY_AUDIT_REPORTS_REQUEST__INIT;
    request.study = (char *)study;
    request.format = caller->format;
    request.idempotency_key = (char *)key;
    assert_int_equal(rpc_call_start(ctx, site->channel, &REPORT_STUDY_AUDIT_REPORTS, &request.base,
                         &EVENTS, caller, &caller->call),
        STATUS_OK);
}

bool caller_wait(struct study_caller *caller, bool (*is_so)(const struct study_caller *caller))
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += TEST_WAIT_SECONDS;
    pthread_mutex_lock(&caller->mutex);
    int result = 0;
    while (!is_so(caller) && result == 0) {
        result = pthread_cond_timedwait(&caller->changed, &caller->mutex, &limit);
    }
    bool is_reached = is_so(caller);
    pthread_mutex_unlock(&caller->mutex);
    return is_reached;
}

bool caller_is_over(const struct study_caller *caller)
{
    return caller->is_over;
}

bool caller_has_bytes(const struct study_caller *caller)
{
    return caller->has_head && caller->zip.len > 0;
}

void caller_finish(struct study_caller *caller)
{
    rpc_client_call_unref(caller->call);
    pthread_mutex_destroy(&caller->mutex);
    pthread_cond_destroy(&caller->changed);
    buffer_finish(&caller->zip);
}

/* A whole call; the zip stays in the caller. */
enum status caller_run(
    struct study_caller *caller, const struct study_place *site, const char *study, const char *key)
{
    caller_start(caller, ctx_background(), site, study, key);
    assert_true(caller_wait(caller, caller_is_over));
    return caller->end.status;
}

/* The manifest of a zip that is whole; how many files there are beside it. */
cJSON *study_read_zip(const struct buffer *zip, unsigned int *ret_n_files)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    cJSON *manifest = NULL;
    *ret_n_files = 0;
    assert_int_equal(archive_read_support_format_zip_seekable(archive), ARCHIVE_OK);
    assert_int_equal(archive_read_open_memory(archive, zip->data, zip->len), ARCHIVE_OK);
    while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
        char *text = calloc(1, 1 << 20);
        la_ssize_t len = archive_read_data(archive, text, (1 << 20) - 1);
        assert_true(len > 0);
        cJSON *json = cJSON_Parse(text);
        assert_non_null(json);
        free(text);
        if (strcmp(archive_entry_pathname(entry), "manifest.json") == 0) {
            manifest = json;
        } else {
            ++*ret_n_files;
            cJSON_Delete(json);
        }
    }
    archive_read_free(archive);
    assert_non_null(manifest);
    return manifest;
}

int number_in(const cJSON *json, const char *name)
{
    return cJSON_GetObjectItem(json, name)->valueint;
}

static void count_call(void *arg, const struct rpc_call_info *info)
{
    (void)info;
    ++*(unsigned int *)arg;
}

bool study_is_idle(void *arg)
{
    unsigned int n = 0;
    rpc_server_each_call(arg, count_call, &n);
    return n == 0;
}
