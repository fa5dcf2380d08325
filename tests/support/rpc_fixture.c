#include "support/rpc_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctx/test.h"
#include "rpc/condition.h"
#include "support/certificates.h"
#include "support/rpc_tls_files.h"
#include "walkie/report/v1/report.pb-c.h"

static uint64_t wait_limit_ns(void)
{
    return clock_now_ns() + CLOCK_SECONDS(TEST_WAIT_SECONDS);
}

/* --- the service ---------------------------------------------------------------------------- */

void test_service_init(struct test_service *service)
{
    memset(service, 0, sizeof(*service));
    pthread_mutex_init(&service->mutex, NULL);
    condition_init(&service->changed);
}

static bool wait_count(struct test_service *service, const unsigned int *count, unsigned int wanted)
{
    uint64_t limit_ns = wait_limit_ns();
    pthread_mutex_lock(&service->mutex);
    while (*count < wanted && condition_wait_until(&service->changed, &service->mutex, limit_ns)) {
    }
    bool is_reached = *count >= wanted;
    pthread_mutex_unlock(&service->mutex);
    return is_reached;
}

bool test_service_wait_started(struct test_service *service, unsigned int n_calls)
{
    return wait_count(service, &service->n_started, n_calls);
}

bool test_service_wait_stopped(struct test_service *service, unsigned int n_calls)
{
    return wait_count(service, &service->n_stopped, n_calls);
}

bool test_service_wait_deferred(struct test_service *service, unsigned int n_calls)
{
    return wait_count(service, &service->n_deferred, n_calls);
}

void test_service_open_gate(struct test_service *service)
{
    pthread_mutex_lock(&service->mutex);
    service->is_gate_open = true;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->mutex);
}

struct rpc_channel *test_channel_new(const char *backend)
{
    struct rpc_channel_options options = {
        .backend = backend, .tls = test_client_tls(), .name = "test-client"};
    struct rpc_channel *channel = NULL;
    struct error error = ERROR_NONE;
    if (rpc_channel_new(&options, &channel, &error) != STATUS_OK) {
        fprintf(stderr, "cannot make a channel: %s\n", error.text);
        exit(1);
    }
    return channel;
}

struct rpc_fixture *rpc_fixture_new(
    const char *listen, void (*adjust)(struct rpc_server_options *options))
{
    struct rpc_fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL) {
        abort();
    }
    test_service_init(&fixture->service);
    fixture->server = test_server_start(&fixture->service, listen, adjust);
    fixture->channel = test_channel_new(rpc_server_url(fixture->server));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    if (rpc_channel_wait_ready(scope->ctx, fixture->channel) != STATUS_OK) {
        fprintf(stderr, "no connection to %s\n", rpc_server_url(fixture->server));
        exit(1);
    }
    return fixture;
}

void rpc_fixture_free(struct rpc_fixture *fixture)
{
    test_service_open_gate(&fixture->service);
    rpc_channel_free(fixture->channel);
    rpc_server_stop(fixture->server);
    pthread_mutex_destroy(&fixture->service.mutex);
    pthread_cond_destroy(&fixture->service.changed);
    free(fixture);
}

int rpc_fixture_set_up_tcp(void **state)
{
    *state = rpc_fixture_new("tcp://127.0.0.1:0", NULL);
    return 0;
}

int rpc_fixture_set_up_ipc(void **state)
{
    *state = rpc_fixture_new(test_ipc_url(), NULL);
    return 0;
}

int rpc_fixture_tear_down(void **state)
{
    rpc_fixture_free(*state);
    ctx_test_clock_end(); /* which some begin */
    return ctx_test_no_leaks() ? 0 : 1;
}

/* --- a recorded call ------------------------------------------------------------------------ */

static void on_reply(void *arg, struct bytes message)
{
    struct call_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    record->n_after_end += record->n_ends > 0;
    record->n_replies++;
    record->reply_len = message.len;
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
}

static void on_chunk(void *arg, struct bytes piece)
{
    struct call_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    record->n_after_end += record->n_ends > 0;
    for (size_t i = 0; i < piece.len; i++) {
        record->n_wrong_bytes += piece.data[i] != test_byte(record->n_bytes + i);
    }
    record->n_bytes += piece.len;
    record->n_held += record->holds_credit ? piece.len : 0;
    bool consumes = !record->holds_credit;
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
    if (consumes) {
        rpc_client_call_consumed(record->call, piece.len);
    }
}

static void on_progress(void *arg, const struct rpc_progress *progress)
{
    struct call_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    record->n_after_end += record->n_ends > 0;
    record->n_progress++;
    snprintf(record->stage, sizeof(record->stage), "%s", progress->stage);
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct call_record *record = arg;
    pthread_mutex_lock(&record->mutex);
    record->n_ends++;
    record->end = *end;
    pthread_cond_broadcast(&record->changed);
    pthread_mutex_unlock(&record->mutex);
}

static const struct rpc_call_events RECORD_EVENTS = {
    .on_reply = on_reply, .on_chunk = on_chunk, .on_progress = on_progress, .on_end = on_end};

enum status record_start(struct call_record *record, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, uint32_t size)
{
    bool holds_credit = record->holds_credit;
    memset(record, 0, sizeof(*record));
    record->holds_credit = holds_credit;
    pthread_mutex_init(&record->mutex, NULL);
    condition_init(&record->changed);
    /* EchoRequest's and WorkRequest's numbers differ in their field: each method gets its own. */
    Walkie__Report__V1__EchoRequest echo = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    echo.reply_len = size;
    Walkie__Report__V1__WorkRequest work = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    work.ms = size;
    bool is_echo = method == &TEST_ECHO || method == &TEST_ECHO_INLINE;
    return rpc_call_start(ctx, channel, method, is_echo ? &echo.base : &work.base, &RECORD_EVENTS,
        record, &record->call);
}

bool record_wait_end(struct call_record *record)
{
    uint64_t limit_ns = wait_limit_ns();
    pthread_mutex_lock(&record->mutex);
    while (
        record->n_ends == 0 && condition_wait_until(&record->changed, &record->mutex, limit_ns)) {
    }
    bool has_ended = record->n_ends > 0;
    pthread_mutex_unlock(&record->mutex);
    return has_ended;
}

bool record_wait_bytes(struct call_record *record, uint64_t n_bytes)
{
    uint64_t limit_ns = wait_limit_ns();
    pthread_mutex_lock(&record->mutex);
    while (record->n_bytes < n_bytes &&
           condition_wait_until(&record->changed, &record->mutex, limit_ns)) {
    }
    bool is_reached = record->n_bytes >= n_bytes;
    pthread_mutex_unlock(&record->mutex);
    return is_reached;
}

bool record_wait_progress(struct call_record *record, unsigned int n_progress)
{
    uint64_t limit_ns = wait_limit_ns();
    pthread_mutex_lock(&record->mutex);
    while (record->n_progress < n_progress &&
           condition_wait_until(&record->changed, &record->mutex, limit_ns)) {
    }
    bool is_reached = record->n_progress >= n_progress;
    pthread_mutex_unlock(&record->mutex);
    return is_reached;
}

void record_consume(struct call_record *record)
{
    pthread_mutex_lock(&record->mutex);
    uint64_t n_held = record->n_held;
    record->n_held = 0;
    record->holds_credit = false;
    pthread_mutex_unlock(&record->mutex);
    rpc_client_call_consumed(record->call, n_held);
}

void record_finish(struct call_record *record)
{
    rpc_client_call_unref(record->call);
    pthread_mutex_destroy(&record->mutex);
    pthread_cond_destroy(&record->changed);
}

/* --- TLS ------------------------------------------------------------------------------------ */

static struct rpc_tls *own[2];

int test_tls_set_up(void **state)
{
    (void)state;
    test_certificates_make();
    own[RPC_TLS_SERVER] = test_tls_new(RPC_TLS_SERVER, "service", "ca");
    own[RPC_TLS_CLIENT] = test_tls_new(RPC_TLS_CLIENT, "client", "ca");
    test_use_tls(own[RPC_TLS_SERVER], own[RPC_TLS_CLIENT]);
    return 0;
}

int test_tls_tear_down(void **state)
{
    (void)state;
    test_use_tls(NULL, NULL);
    rpc_tls_free(own[RPC_TLS_SERVER]);
    rpc_tls_free(own[RPC_TLS_CLIENT]);
    return 0;
}

/* --- odds and ends -------------------------------------------------------------------------- */

bool wait_until(bool (*is_so)(void *arg), void *arg)
{
    enum { N_STEPS = TEST_WAIT_SECONDS * 1000 };
    const struct timespec step = {.tv_nsec = 1000000};
    bool is_there = is_so(arg);
    for (int i = 0; !is_there && i < N_STEPS; i++) { /* not by the clock, which may be a fake one */
        nanosleep(&step, NULL);
        is_there = is_so(arg);
    }
    return is_there;
}

const char *test_ipc_url(void)
{
    static char url[64];
    static unsigned int n_urls;
    snprintf(url, sizeof(url), "ipc:///tmp/walkie-rpc-%ld-%u.ipc", (long)getpid(), n_urls++);
    return url;
}
