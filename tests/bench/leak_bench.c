/* A million calls, each given up by its caller: what is left of them?
 *
 *     leak_bench [--calls N] [--json FILE]
 *
 * Channel and server are both here. In turns a call is deferred, blocks a worker, waits in the
 * queue for one, or streams; it is cancelled at once, together with its neighbours when they run,
 * or by its deadline. After a warm-up memory, scopes and threads are counted, and again at the end:
 * what is resident, and what of it is in use (the rest is the allocator's, for the next burst). */
#include <dirent.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/process.h"
#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "walkie/report/v1/report.pb-c.h"

enum { BATCH = 256, WARM_UP_CALLS = 400000, WAIT_MAX_MS = 20000 };

static const struct rpc_method BENCH_WAIT = {
    .name = "walkie.bench.v1.Bench/Wait", .kind = RPC_UNARY};
static const struct rpc_method BENCH_DEFER = {
    .name = "walkie.bench.v1.Bench/Defer", .kind = RPC_UNARY};
static const struct rpc_method BENCH_STREAM = {
    .name = "walkie.bench.v1.Bench/Stream", .kind = RPC_SERVER_STREAM};

/* --- handlers ------------------------------------------------------------------------------- */

static enum status wait_handler(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)call;
    (void)service;
    return ctx_wait(ctx);
}

struct waiter {
    struct rpc_server_call *call;
    struct ctx_after *after;
    _Atomic int n_arrived; /* the starter and the callback: the second one finishes */
};

static void waiter_arrive(void *arg)
{
    struct waiter *waiter = arg;
    if (atomic_fetch_add(&waiter->n_arrived, 1) == 1) {
        ctx_stop(waiter->after);
        rpc_call_finish(waiter->call, STATUS_CANCELLED);
        free(waiter);
    }
}

static enum status defer_handler(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)service;
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    waiter->call = call;
    rpc_call_defer(call);
    waiter->after = ctx_after_func(ctx, waiter_arrive, waiter);
    if (waiter->after == NULL) {
        abort();
    }
    waiter_arrive(waiter);
    return STATUS_OK;
}

/* More than the caller's credit: it ends in rpc_call_chunk, waiting. */
static enum status stream_handler(
    const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)service;
    static const uint8_t PIECE[RPC_CHUNK_MAX];
    Walkie__Report__V1__AuditReportHead head = WALKIE__REPORT__V1__AUDIT_REPORT_HEAD__INIT;
    enum status status = rpc_call_reply(call, &head.base);
    while (status == STATUS_OK) {
        status = rpc_call_chunk(ctx, call, (struct bytes){PIECE, sizeof(PIECE)});
    }
    return status;
}

/* --- the caller ----------------------------------------------------------------------------- */

static _Atomic unsigned int n_ended;
static _Atomic unsigned int n_ok; /* none of them should be */

static void on_chunk(void *arg, struct bytes piece) /* never given back */
{
    (void)arg;
    (void)piece;
}

static void on_end(void *arg, const struct rpc_end *end)
{
    (void)arg;
    atomic_fetch_add(&n_ok, end->status == STATUS_OK);
    atomic_fetch_add(&n_ended, 1);
}

static const struct rpc_call_events BENCH_EVENTS = {.on_chunk = on_chunk, .on_end = on_end};

/* A caller that gives up has its end at once; the server's calls and their scopes go later, some
 * of them before they have even been read. All that is left in the end are `n_scopes` of ours. */
static void await_ends(unsigned int n_calls, uint64_t n_scopes)
{
    const struct timespec pause = {.tv_nsec = 20000};
    uint64_t limit_ns = clock_now_ns() + CLOCK_MS(WAIT_MAX_MS);
    while (atomic_load(&n_ended) < n_calls || ctx_live_scopes() > n_scopes) {
        if (clock_now_ns() > limit_ns) {
            fprintf(stderr, "leak_bench: %u of %u calls ended, %llu scopes live\n",
                atomic_load(&n_ended), n_calls, (unsigned long long)ctx_live_scopes());
            exit(1);
        }
        nanosleep(&pause, NULL);
    }
}

static void give_up_batch(struct rpc_channel *channel)
{
    static const struct rpc_method *const METHODS[] = {
        &BENCH_DEFER, &BENCH_DEFER, &BENCH_DEFER, &BENCH_WAIT, &BENCH_STREAM};
    struct ctx_scope *scopes[BATCH];
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    atomic_store(&n_ended, 0);
    struct ctx_scope *parent = ctx_with_cancel(ctx_background());
    for (unsigned int i = 0; i < (unsigned int)BATCH; i++) {
        bool has_deadline = i % 4 == 1;
        uint64_t timeout_ns = has_deadline ? CLOCK_US(i * 4) : CLOCK_SECONDS(60);
        scopes[i] = ctx_with_timeout(parent->ctx, timeout_ns);
        if (rpc_call_start(scopes[i]->ctx, channel, METHODS[i % LENGTH_OF(METHODS)], &request.base,
                &BENCH_EVENTS, NULL, NULL) != STATUS_OK) {
            fprintf(stderr, "leak_bench: a call was refused\n");
            exit(1);
        }
        if (i % 4 == 2) {
            ctx_cancel(scopes[i], CTX_CAUSE_USER_CANCELLED);
        }
    }
    ctx_cancel(parent, CTX_CAUSE_CLIENT_DISCONNECTED);
    await_ends(BATCH, BATCH + 1);
    for (unsigned int i = 0; i < (unsigned int)BATCH; i++) {
        ctx_scope_end(scopes[i]);
    }
    ctx_scope_end(parent);
}

/* --- what is held --------------------------------------------------------------------------- */

static long resident_kb(void)
{
    long kb = -1;
    char line[128];
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "VmRSS:", strlen("VmRSS:")) == 0) {
            kb = strtol(line + strlen("VmRSS:"), NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

static long in_use_kb(void)
{
    enum { BYTES_A_KB = 1024 };
    struct mallinfo2 heap = mallinfo2();
    return (long)((heap.uordblks + heap.hblkhd) / BYTES_A_KB);
}

static long count_threads(void)
{
    long n_entries = 0;
    DIR *folder = opendir("/proc/self/task");
    while (folder != NULL && readdir(folder) != NULL) {
        n_entries++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return n_entries;
}

static void run(struct rpc_channel *channel, unsigned int n_calls, FILE *json)
{
    for (unsigned int done = 0; done < (unsigned int)WARM_UP_CALLS; done += BATCH) {
        give_up_batch(channel);
    }
    long before_kb = resident_kb();
    long before_in_use_kb = in_use_kb();
    long before_threads = count_threads();
    uint64_t started_ns = clock_now_ns();
    unsigned int done = 0;
    for (; done < n_calls; done += BATCH) {
        give_up_batch(channel);
    }
    double seconds = (double)(clock_now_ns() - started_ns) / 1e9;
    ctx_test_settle();
    long growth_kb = resident_kb() - before_kb;
    long in_use_growth_kb = in_use_kb() - before_in_use_kb;
    long more_threads = count_threads() - before_threads;
    unsigned long long n_live = ctx_live_scopes();
    printf("leak    %u cancelled calls: rss growth %ld kB of %ld, in use %ld kB more, live "
           "scopes %llu, threads more %ld, %.0f calls/s, %u ended OK\n",
        done, growth_kb, before_kb, in_use_growth_kb, n_live, more_threads, done / seconds,
        atomic_load(&n_ok));
    if (json != NULL) {
        fprintf(json,
            "{\"bench\":\"leak\",\"variant\":\"walkie\",\"cancelled_calls\":%u,"
            "\"rss_growth_kb\":%ld,\"in_use_growth_kb\":%ld,\"live_scopes\":%llu,\"threads_more\":%"
            "ld,\"calls_s\":%.0f,"
            "\"runs\":1}\n",
            done, growth_kb, in_use_growth_kb, n_live, more_threads, done / seconds);
    }
}

int main(int argc, char **argv)
{
    process_give_back_memory(); /* as both services do */
    unsigned int n_calls = 1000000;
    FILE *json = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--calls") == 0) {
            n_calls = (unsigned int)strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--json") == 0) {
            json = fopen(argv[i + 1], "a");
        }
    }
    const struct rpc_binding bindings[] = {{&BENCH_WAIT, wait_handler, NULL},
        {&BENCH_DEFER, defer_handler, NULL}, {&BENCH_STREAM, stream_handler, NULL}};
    const struct rpc_server_options server_options = {.listen = "tcp://127.0.0.1:0",
        .name = "leak_bench",
        .bindings = bindings,
        .n_bindings = LENGTH_OF(bindings)};
    const struct log_options quiet = {.service = "leak_bench", .level = LOG_LEVEL_ERROR};
    struct rpc_server *server = NULL;
    struct rpc_channel *channel = NULL;
    struct error error = ERROR_NONE;
    if (log_init(&quiet, &error) != STATUS_OK ||
        rpc_server_start(&server_options, &server, &error) != STATUS_OK) {
        fprintf(stderr, "leak_bench: %s\n", error.text);
        return 1;
    }
    const struct rpc_channel_options options = {
        .backend = rpc_server_url(server), .name = "leak_bench"};
    struct ctx_scope *scope = ctx_with_timeout(ctx_background(), CTX_SECONDS(10));
    if (rpc_channel_new(&options, &channel, &error) != STATUS_OK ||
        rpc_channel_wait_ready(scope->ctx, channel) != STATUS_OK) {
        fprintf(stderr, "leak_bench: no connection %s\n", error.text);
        return 1;
    }
    ctx_scope_end(scope);
    run(channel, n_calls, json);
    rpc_channel_free(channel);
    rpc_server_stop(server);
    if (json != NULL) {
        fclose(json);
    }
    return 0;
}
