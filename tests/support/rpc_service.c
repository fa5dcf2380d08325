/* The methods of the test server. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* fileno with pwrite's friends */
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctx/checkpoint.h"
#include "obs/trace.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

#define TEST_METHOD(symbol, text, kind_, flags_)                                                   \
    const struct rpc_method symbol = {                                                             \
        .name = "walkie.test.v1.Test/" text, .kind = kind_, .flags = flags_}
TEST_METHOD(TEST_ECHO_INLINE, "EchoInline", RPC_UNARY, RPC_INLINE);
TEST_METHOD(TEST_ECHO, "Echo", RPC_UNARY, 0);
TEST_METHOD(TEST_BLOCK, "Block", RPC_UNARY, 0);
TEST_METHOD(TEST_STUBBORN, "Stubborn", RPC_UNARY, 0);
TEST_METHOD(TEST_BURN, "Burn", RPC_UNARY, 0);
TEST_METHOD(TEST_FAIL, "Fail", RPC_UNARY, 0);
TEST_METHOD(TEST_MUTE, "Mute", RPC_UNARY, 0);
TEST_METHOD(TEST_DEFER, "Defer", RPC_UNARY, 0);
TEST_METHOD(TEST_PAUSE, "Pause", RPC_UNARY, 0);
TEST_METHOD(TEST_STREAM, "Stream", RPC_SERVER_STREAM, 0);
TEST_METHOD(TEST_FILE, "File", RPC_SERVER_STREAM, 0);
TEST_METHOD(TEST_PROGRESS, "Progress", RPC_UNARY, 0);
TEST_METHOD(TEST_LEAK, "Leak", RPC_UNARY, 0);
TEST_METHOD(TEST_FAULT, "Fault", RPC_UNARY, RPC_FAULT);
const struct rpc_method TEST_CAPPED = {
    .name = "walkie.test.v1.Test/Capped",
    .kind = RPC_UNARY,
    .timeout_default_ns = CLOCK_SECONDS(5),
    .timeout_max_ns = CLOCK_SECONDS(10),
};

uint8_t test_byte(uint64_t at)
{
    return (uint8_t)(at * 7 + (at >> 8));
}

static void note_start(struct test_service *service, const struct ctx *ctx)
{
    const struct trace *trace = trace_of(ctx);
    pthread_mutex_lock(&service->mutex);
    service->n_started++;
    service->remaining_ns = ctx_remaining_ns(ctx);
    service->origin = ctx_deadline_origin(ctx);
    service->origin_peer = ctx_deadline_source(ctx).peer;
    service->hops = ctx_deadline_hop(ctx);
    memcpy(service->trace_id, trace->trace_id, sizeof(service->trace_id));
    memcpy(service->parent_span_id, trace->parent_span_id, sizeof(service->parent_span_id));
    service->trace_method = trace->method;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->mutex);
}

static void note_stop(struct test_service *service, const struct ctx *ctx)
{
    enum ctx_cause cause = ctx_cause(ctx);
    pthread_mutex_lock(&service->mutex);
    service->n_stopped++;
    service->n_stopped_for_peer += cause == CTX_CAUSE_PEER_LOST;
    service->cause = cause;
    service->cause_source = ctx_cause_source(ctx);
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->mutex);
}

static void wait_for_gate(struct test_service *service)
{
    pthread_mutex_lock(&service->mutex);
    while (!service->is_gate_open) {
        pthread_cond_wait(&service->changed, &service->mutex);
    }
    pthread_mutex_unlock(&service->mutex);
}

static uint32_t wanted_size(struct rpc_server_call *call)
{
    struct bytes bytes = rpc_call_request(call);
    Walkie__Report__V1__WorkRequest *request =
        walkie__report__v1__work_request__unpack(NULL, bytes.len, bytes.data);
    uint32_t size = request == NULL ? 0 : request->ms;
    walkie__report__v1__work_request__free_unpacked(request, NULL);
    return size;
}

static enum status echo(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    struct bytes bytes = rpc_call_request(call);
    Walkie__Report__V1__EchoRequest *request =
        walkie__report__v1__echo_request__unpack(NULL, bytes.len, bytes.data);
    if (request == NULL) {
        return rpc_call_fail(call, STATUS_INVALID_ARGUMENT, "not an EchoRequest");
    }
    note_start(arg, ctx);
    Walkie__Report__V1__EchoReply reply = WALKIE__REPORT__V1__ECHO_REPLY__INIT;
    reply.payload = request->payload;
    uint8_t *payload = NULL;
    if (request->reply_len > 0) {
        payload = calloc(1, request->reply_len);
        reply.payload = (ProtobufCBinaryData){request->reply_len, payload};
    }
    bool has_memory = request->reply_len == 0 || payload != NULL;
    enum status status = has_memory ? rpc_call_reply(call, &reply.base) : STATUS_RESOURCE_EXHAUSTED;
    free(payload);
    walkie__report__v1__echo_request__free_unpacked(request, NULL);
    return status;
}

static enum status reply_work(struct rpc_server_call *call)
{
    Walkie__Report__V1__WorkReply reply = WALKIE__REPORT__V1__WORK_REPLY__INIT;
    reply.ms = 7;
    return rpc_call_reply(call, &reply.base);
}

static enum status block(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)call;
    enum status status = ctx_checkpoint(ctx, "blocking", 0, 0);
    note_start(arg, ctx);
    if (status == STATUS_OK) {
        status = ctx_wait(ctx);
    }
    note_stop(arg, ctx);
    return status;
}

static enum status stubborn(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    note_start(arg, ctx);
    wait_for_gate(arg);
    note_stop(arg, ctx);
    return reply_work(call);
}

static void burn_until(uint64_t until_ns)
{
    while (clock_now_ns() < until_ns) {
    }
}

static enum status burn(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    note_start(arg, ctx);
    while (ctx_checkpoint(ctx, "burning", 0, 0) == STATUS_OK) {
        burn_until(clock_now_ns() + CLOCK_US(100));
    }
    uint64_t start_ns = clock_thread_cpu_ns();
    while (clock_thread_cpu_ns() - start_ns < CLOCK_MS(wanted_size(call))) {
    }
    note_stop(arg, ctx);
    return ctx_err(ctx);
}

static enum status fail(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    note_start(arg, ctx);
    return rpc_call_fail(call, STATUS_NOT_FOUND, "no site %d", 42);
}

static enum status mute(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)call;
    note_start(arg, ctx);
    return STATUS_OK;
}

static enum status defer(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    struct test_service *service = arg;
    note_start(arg, ctx);
    rpc_call_defer(call);
    enum status status = reply_work(call);
    pthread_mutex_lock(&service->mutex);
    service->deferred[service->n_deferred++ % TEST_DEFERRED_MAX] = call;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->mutex);
    return status;
}

static enum status pause_end(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    note_stop(arg, ctx);
    enum status status = ctx_err(ctx);
    return status == STATUS_OK ? reply_work(call) : status;
}

static enum status pause_again(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    enum status status = ctx_checkpoint(ctx, "pausing again", 1, 2);
    if (status == STATUS_OK) {
        status = rpc_call_pause(call, CLOCK_MS(wanted_size(call)), pause_end, arg);
    }
    if (status != STATUS_OK) {
        note_stop(arg, ctx);
    }
    return status;
}

static enum status pause_twice(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    enum status status = ctx_checkpoint(ctx, "pausing", 0, 2);
    note_start(arg, ctx);
    return status == STATUS_OK ? rpc_call_pause(call, CLOCK_MS(wanted_size(call)), pause_again, arg)
                               : status;
}

static enum status send_head(struct rpc_server_call *call, uint64_t len)
{
    Walkie__Report__V1__AuditReportHead head = WALKIE__REPORT__V1__AUDIT_REPORT_HEAD__INIT;
    head.content_len = len;
    return rpc_call_reply(call, &head.base);
}

static enum status stream(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    uint32_t len = wanted_size(call);
    note_start(arg, ctx);
    enum status status = send_head(call, len);
    uint8_t piece[100000]; /* longer than a chunk, on purpose */
    for (uint32_t at = 0; at < len && status == STATUS_OK;) {
        uint32_t piece_len = len - at < sizeof(piece) ? len - at : (uint32_t)sizeof(piece);
        for (uint32_t i = 0; i < piece_len; i++) {
            piece[i] = test_byte(at + i);
        }
        status = rpc_call_chunk(ctx, call, (struct bytes){piece, piece_len});
        at += piece_len;
    }
    note_stop(arg, ctx);
    return status;
}

static enum status file(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    uint32_t len = wanted_size(call);
    note_start(arg, ctx);
    FILE *stream_file = tmpfile();
    if (stream_file == NULL) {
        return STATUS_INTERNAL;
    }
    for (uint32_t i = 0; i < len; i++) {
        putc(test_byte(i), stream_file);
    }
    fflush(stream_file);
    int fd = dup(fileno(stream_file));
    fclose(stream_file);
    enum status status = send_head(call, len);
    rpc_call_finish_with_file(call, fd, len == TEST_SHORT_FILE_LEN ? (uint64_t)len + 1 : len);
    return status;
}

static enum status progress(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    enum status status = ctx_checkpoint(ctx, "first", 1, 10);
    status = status == STATUS_OK ? ctx_checkpoint(ctx, "hidden by the rate limit", 2, 10) : status;
    note_start(arg, ctx);
    wait_for_gate(arg);
    return status == STATUS_OK ? reply_work(call) : status;
}

/* With a request of 0 ms only what is meant to outlive the call is left; with 1 a scope below one
 * that is ended; with 2 the same, and the call waits until it is cancelled. */
static enum status leak(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    struct test_service *service = arg;
    uint32_t how = wanted_size(call);
    service->outlives = ctx_without_cancel(ctx);
    enum status status = STATUS_OK;
    CTX_SCOPE(between, ctx_with_cancel(ctx));
    if (how == 1) {
        service->leaked = ctx_with_cancel(between->ctx);
    } else if (how == 2) {
        service->leaked = ctx_with_timeout(between->ctx, CLOCK_SECONDS(TEST_WAIT_SECONDS));
    }
    note_start(arg, ctx); /* the test may cancel from now on */
    if (how == 2) {
        status = ctx_wait(service->leaked->ctx);
    }
    return status == STATUS_OK ? reply_work(call) : status;
}

static const struct rpc_binding BINDINGS[] = {
    {&TEST_ECHO_INLINE, echo, NULL},
    {&TEST_ECHO, echo, NULL},
    {&TEST_BLOCK, block, NULL},
    {&TEST_STUBBORN, stubborn, NULL},
    {&TEST_BURN, burn, NULL},
    {&TEST_FAIL, fail, NULL},
    {&TEST_MUTE, mute, NULL},
    {&TEST_DEFER, defer, NULL},
    {&TEST_PAUSE, pause_twice, NULL},
    {&TEST_STREAM, stream, NULL},
    {&TEST_FILE, file, NULL},
    {&TEST_PROGRESS, progress, NULL},
    {&TEST_LEAK, leak, NULL},
    {&TEST_FAULT, mute, NULL},
    {&TEST_CAPPED, block, NULL},
};

static const struct rpc_tls *server_tls;
static const struct rpc_tls *client_tls;

void test_use_tls(const struct rpc_tls *server, const struct rpc_tls *client)
{
    server_tls = server;
    client_tls = client;
}

const struct rpc_tls *test_server_tls(void)
{
    return server_tls;
}

const struct rpc_tls *test_client_tls(void)
{
    return client_tls;
}

struct rpc_server *test_server_start(struct test_service *service, const char *listen,
    void (*adjust)(struct rpc_server_options *options))
{
    struct rpc_server_options options = {.listen = listen,
        .tls = server_tls,
        .name = "test-server",
        .bindings = BINDINGS,
        .n_bindings = LENGTH_OF(BINDINGS),
        .service = service};
    if (adjust != NULL) {
        adjust(&options);
    }
    struct rpc_server *server = NULL;
    struct error error = ERROR_NONE;
    if (rpc_server_start(&options, &server, &error) != STATUS_OK) {
        fprintf(stderr, "cannot start the test server: %s\n", error.text);
        exit(1);
    }
    return server;
}
