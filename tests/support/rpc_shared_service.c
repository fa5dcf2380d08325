#include "support/rpc_shared_service.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctx/checkpoint.h"
#include "walkie/report/v1/report.pb-c.h"

#define SHARED_METHOD(symbol, text, kind_)                                                         \
    const struct rpc_method symbol = {.name = "walkie.test.v1.Shared/" text, .kind = kind_}
SHARED_METHOD(SHARED_ANSWER, "Answer", RPC_UNARY);
SHARED_METHOD(SHARED_FILE, "File", RPC_SERVER_STREAM);
SHARED_METHOD(SHARED_CHUNKS, "Chunks", RPC_SERVER_STREAM);
SHARED_METHOD(SHARED_BROKEN, "Broken", RPC_SERVER_STREAM);
SHARED_METHOD(SHARED_DEFERRED, "Deferred", RPC_UNARY);
SHARED_METHOD(SHARED_PAUSE, "Pause", RPC_UNARY);
SHARED_METHOD(UNSHARED_ECHO, "Echo", RPC_UNARY);

_Atomic uint64_t shared_data_version;

static enum status make_key(struct bytes request, void *service, struct buffer *key)
{
    (void)service;
    uint64_t version = atomic_load(&shared_data_version);
    enum status status = buffer_append(key, &version, sizeof(version));
    return status == STATUS_OK ? buffer_append(key, request.data, request.len) : status;
}

static void broadcast(void *arg)
{
    struct test_service *service = arg;
    pthread_mutex_lock(&service->mutex);
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->mutex);
}

/* Count, tell progress, wait for the gate or the context's end. */
static enum status work(const struct ctx *ctx, struct test_service *service)
{
    enum status status = ctx_checkpoint(ctx, "working", 1, 2);
    struct ctx_after *after = ctx_after_func(ctx, broadcast, service);
    pthread_mutex_lock(&service->mutex);
    service->n_started++;
    pthread_cond_broadcast(&service->changed);
    while (status == STATUS_OK && !service->is_gate_open) {
        pthread_cond_wait(&service->changed, &service->mutex);
        status = ctx_err(ctx);
    }
    service->n_stopped++;
    service->cause = ctx_cause(ctx);
    service->n_stopped_for_peer += service->cause == CTX_CAUSE_PEER_LOST;
    service->remaining_ns = ctx_remaining_ns(ctx);
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->mutex);
    ctx_stop_wait(after);
    return status;
}

static uint32_t wanted_len(struct rpc_server_call *call)
{
    struct bytes bytes = rpc_call_request(call);
    Walkie__Report__V1__WorkRequest *request =
        walkie__report__v1__work_request__unpack(NULL, bytes.len, bytes.data);
    uint32_t len = request == NULL ? 0 : request->ms;
    walkie__report__v1__work_request__free_unpacked(request, NULL);
    return len;
}

static enum status reply_work(struct rpc_server_call *call)
{
    Walkie__Report__V1__WorkReply reply = WALKIE__REPORT__V1__WORK_REPLY__INIT;
    reply.ms = 7;
    return rpc_call_reply(call, &reply.base);
}

static enum status answer(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    enum status status = work(ctx, arg);
    return status == STATUS_OK ? reply_work(call) : status;
}

static enum status defer(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    struct test_service *service = arg;
    (void)ctx;
    rpc_call_defer(call);
    enum status status = reply_work(call);
    pthread_mutex_lock(&service->mutex);
    service->n_started++;
    service->deferred[service->n_deferred++ % TEST_DEFERRED_MAX] = call;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->mutex);
    return status;
}

/* The gate is open or the context done: nothing to wait for. */
static enum status pause_end(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    test_service_open_gate(arg);
    enum status status = work(ctx, arg);
    return status == STATUS_OK ? reply_work(call) : status;
}

static enum status pause_first(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    return rpc_call_pause(call, CLOCK_MS(wanted_len(call)), pause_end, arg);
}

static enum status send_head(struct rpc_server_call *call, uint64_t len)
{
    Walkie__Report__V1__AuditReportHead head = WALKIE__REPORT__V1__AUDIT_REPORT_HEAD__INIT;
    head.content_len = len;
    return rpc_call_reply(call, &head.base);
}

static enum status file(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    uint32_t len = wanted_len(call);
    enum status status = work(ctx, arg);
    FILE *stream = status == STATUS_OK ? tmpfile() : NULL;
    if (stream == NULL) {
        return status == STATUS_OK ? STATUS_INTERNAL : status;
    }
    for (uint32_t i = 0; i < len; i++) {
        putc(test_byte(i), stream);
    }
    fflush(stream);
    int fd = dup(fileno(stream));
    fclose(stream);
    status = send_head(call, len);
    rpc_call_finish_with_file(call, fd, len);
    return status;
}

static enum status chunks(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    uint32_t len = wanted_len(call);
    enum status status = work(ctx, arg);
    status = status == STATUS_OK ? send_head(call, len) : status;
    uint8_t piece[1000];
    for (uint32_t at = 0; at < len && status == STATUS_OK;) {
        uint32_t piece_len = len - at < sizeof(piece) ? len - at : (uint32_t)sizeof(piece);
        for (uint32_t i = 0; i < piece_len; i++) {
            piece[i] = test_byte(at + i);
        }
        status = rpc_call_chunk(ctx, call, (struct bytes){piece, piece_len});
        at += piece_len;
    }
    return status;
}

static enum status broken(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    enum status status = chunks(ctx, call, arg);
    return status == STATUS_OK ? rpc_call_fail(call, STATUS_NOT_FOUND, "no site %d", 42) : status;
}

static enum status echo(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    (void)arg;
    Walkie__Report__V1__EchoReply reply = WALKIE__REPORT__V1__ECHO_REPLY__INIT;
    return rpc_call_reply(call, &reply.base);
}

void serve_shared(struct rpc_server_options *options)
{
    static const struct rpc_binding bindings[] = {
        {&SHARED_ANSWER, answer, make_key},
        {&SHARED_FILE, file, make_key},
        {&SHARED_CHUNKS, chunks, make_key},
        {&SHARED_BROKEN, broken, make_key},
        {&SHARED_DEFERRED, defer, make_key},
        {&SHARED_PAUSE, pause_first, make_key},
        {&UNSHARED_ECHO, echo, NULL},
    };
    options->bindings = bindings;
    options->n_bindings = LENGTH_OF(bindings);
    options->n_workers = 2;
}

struct expectation {
    struct rpc_server *server;
    unsigned int n_wanted;
    unsigned int n_members;
};

static void count_member(void *arg, const struct rpc_call_info *info)
{
    struct expectation *expected = arg;
    expected->n_members += info->is_shared;
}

static bool has_members(void *arg)
{
    struct expectation *expected = arg;
    expected->n_members = 0;
    rpc_server_each_call(expected->server, count_member, expected);
    return expected->n_members == expected->n_wanted;
}

bool shared_wait_members(struct rpc_server *server, unsigned int n_members)
{
    struct expectation expected = {.server = server, .n_wanted = n_members};
    return wait_until(has_members, &expected);
}
