/* How long after its caller cancelled does a handler know, with nothing but RPC between them?
 *
 *     rpc_cancel_bench [--tries N] [--path NAME] [--json FILE]
 *
 * Client and server are two processes that stamp the same page of memory by the same clock. Paths:
 *   rpc             one call at a time; its handler blocks in ctx_wait on a worker
 *   rpc_burst1000   1000 calls on one connection whose contexts have one parent: that is cancelled
 *   rpc_burst20000  20,000 on three connections; handlers are deferred (after_func), as in the
 *                   burst before, and finish their calls there and then */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mkostemp */
#endif
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "support/rpc_process.h"
#include "walkie/report/v1/report.pb-c.h"

enum {
    CALLS_MAX = 20000,
    N_CHANNELS = 3,
    URL_MAX = 128,
    WAIT_MAX_MS = 5000,
    SAMPLES_MAX = 200000,
};

static const struct rpc_method BENCH_WAIT = {
    .name = "walkie.bench.v1.Bench/Wait", .kind = RPC_UNARY};
static const struct rpc_method BENCH_DEFER = {
    .name = "walkie.bench.v1.Bench/Defer", .kind = RPC_UNARY};

/* Both processes have it. By the call's number, which travels as the request's ms. */
struct board {
    _Atomic uint64_t started_ns[CALLS_MAX];
    _Atomic uint64_t noticed_ns[CALLS_MAX];
    _Atomic unsigned int n_started;
    _Atomic unsigned int n_noticed;
};
static struct board *board;

static void board_open(int fd)
{
    board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (board == MAP_FAILED) {
        perror("rpc_cancel_bench: shared memory");
        exit(1);
    }
}

/* --- the server process --------------------------------------------------------------------- */

static void note_noticed(uint32_t number)
{
    atomic_store(&board->noticed_ns[number], clock_now_ns());
    atomic_fetch_add(&board->n_noticed, 1);
}

static bool take_number(struct rpc_server_call *call, uint32_t *ret_number)
{
    struct bytes bytes = rpc_call_request(call);
    Walkie__Report__V1__WorkRequest *request =
        walkie__report__v1__work_request__unpack(NULL, bytes.len, bytes.data);
    if (request == NULL || request->ms >= CALLS_MAX) {
        return false;
    }
    *ret_number = request->ms;
    walkie__report__v1__work_request__free_unpacked(request, NULL);
    return true;
}

static void note_started(uint32_t number)
{
    atomic_store(&board->started_ns[number], clock_now_ns());
    atomic_fetch_add(&board->n_started, 1);
}

static enum status wait_handler(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)service;
    uint32_t number;
    if (!take_number(call, &number)) {
        return STATUS_INVALID_ARGUMENT;
    }
    note_started(number);
    enum status status = ctx_wait(ctx);
    note_noticed(number);
    return status;
}

struct waiter {
    struct rpc_server_call *call;
    struct ctx_after *after;
    uint32_t number;
    _Atomic int n_arrived; /* the starter and the callback: the second one finishes */
};

static void waiter_arrive(struct waiter *waiter)
{
    if (atomic_fetch_add(&waiter->n_arrived, 1) == 1) {
        ctx_stop(waiter->after);
        rpc_call_finish(waiter->call, STATUS_CANCELLED);
        free(waiter);
    }
}

static void waiter_told(void *arg)
{
    struct waiter *waiter = arg;
    note_noticed(waiter->number);
    waiter_arrive(waiter);
}

static enum status defer_handler(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)service;
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL || !take_number(call, &waiter->number)) {
        free(waiter);
        return STATUS_INVALID_ARGUMENT;
    }
    waiter->call = call;
    rpc_call_defer(call);
    waiter->after = ctx_after_func(ctx, waiter_told, waiter);
    if (waiter->after == NULL) {
        abort();
    }
    note_started(waiter->number);
    waiter_arrive(waiter);
    return STATUS_OK;
}

static int serve(const char *board_path)
{
    const struct rpc_binding bindings[] = {
        {&BENCH_WAIT, wait_handler, NULL}, {&BENCH_DEFER, defer_handler, NULL}};
    const struct rpc_server_options options = {.listen = "tcp://127.0.0.1:0",
        .name = "rpc_cancel_bench",
        .bindings = bindings,
        .n_bindings = LENGTH_OF(bindings),
        .queue_max = CALLS_MAX};
    int fd = open(board_path, O_RDWR | O_CLOEXEC);
    unlink(board_path);
    board_open(fd);
    struct rpc_server *server = NULL;
    struct error error = ERROR_NONE;
    if (rpc_server_start(&options, &server, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    printf("%s\n", rpc_server_url(server));
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    rpc_server_stop(server);
    return 0;
}

/* --- the client ----------------------------------------------------------------------------- */

static _Atomic unsigned int n_ended;

static void on_end(void *arg, const struct rpc_end *end)
{
    (void)arg;
    (void)end;
    atomic_fetch_add(&n_ended, 1);
}

static const struct rpc_call_events BENCH_EVENTS = {.on_end = on_end};

/* Polled: a wake-up would be part of what is measured. */
static bool await(const _Atomic unsigned int *count, unsigned int wanted)
{
    const struct timespec pause = {.tv_nsec = 100000};
    uint64_t end_ns = clock_now_ns() + CLOCK_MS(WAIT_MAX_MS);
    while (atomic_load(count) < wanted && clock_now_ns() < end_ns) {
        nanosleep(&pause, NULL);
    }
    return atomic_load(count) >= wanted;
}

struct path {
    const char *name;
    const struct rpc_method *method;
    unsigned int n_calls;
    unsigned int n_channels;
    unsigned int n_rounds;
    unsigned int n_warm_up;
};

struct samples {
    size_t n;
    size_t n_missed;
    double us[SAMPLES_MAX];
    size_t n_last;
    double last_us[SAMPLES_MAX]; /* when the last handler of each round knew */
};
static struct samples samples;

static void take_samples(const struct path *path, uint64_t cancelled_ns)
{
    double last = 0;
    for (unsigned int i = 0; i < path->n_calls; i++) {
        uint64_t noticed_ns = atomic_load(&board->noticed_ns[i]);
        if (noticed_ns == 0) {
            samples.n_missed++;
        } else if (samples.n < SAMPLES_MAX) {
            double us = ((double)noticed_ns - (double)cancelled_ns) / 1e3;
            samples.us[samples.n++] = us;
            last = us > last ? us : last;
        }
    }
    if (samples.n_last < SAMPLES_MAX) {
        samples.last_us[samples.n_last++] = last;
    }
}

static void start_call(const struct path *path, struct rpc_channel *const *channels,
    unsigned int number, const struct ctx *ctx)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    request.ms = number;
    /* The calls of the round before keep their places until the server's ENDs have come. */
    uint64_t limit_ns = clock_now_ns() + CLOCK_MS(WAIT_MAX_MS);
    while (rpc_call_start(ctx, channels[number % path->n_channels], path->method, &request.base,
               &BENCH_EVENTS, NULL, NULL) != STATUS_OK) {
        if (clock_now_ns() > limit_ns) {
            fprintf(stderr, "rpc_cancel_bench: a call was refused\n");
            exit(1);
        }
        nanosleep(&pause, NULL);
    }
}

/* Start them all, wait until all handlers run, cancel their parent. */
static void round_once(const struct path *path, struct rpc_channel *const *channels)
{
    static struct ctx_scope *scopes[CALLS_MAX];
    memset(board, 0, sizeof(*board));
    atomic_store(&n_ended, 0);
    struct ctx_scope *parent = ctx_with_timeout(ctx_background(), CTX_SECONDS(60));
    for (unsigned int i = 0; i < path->n_calls; i++) {
        scopes[i] = ctx_with_cancel(parent->ctx);
        start_call(path, channels, i, scopes[i]->ctx);
    }
    if (!await(&board->n_started, path->n_calls)) {
        fprintf(stderr, "rpc_cancel_bench: %s: only %u of %u handlers started\n", path->name,
            atomic_load(&board->n_started), path->n_calls);
        exit(1);
    }
    uint64_t cancelled_ns = clock_now_ns();
    ctx_cancel(parent, CTX_CAUSE_USER_CANCELLED);
    (void)await(&board->n_noticed, path->n_calls);
    take_samples(path, cancelled_ns);
    (void)await(&n_ended, path->n_calls);
    for (unsigned int i = 0; i < path->n_calls; i++) {
        ctx_scope_end(scopes[i]);
    }
    ctx_scope_end(parent);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void measure(const struct path *path, struct rpc_channel *const *channels, FILE *json)
{
    for (unsigned int i = 0; i < path->n_warm_up + path->n_rounds; i++) {
        if (i == path->n_warm_up) {
            samples.n = 0;
            samples.n_last = 0;
            samples.n_missed = 0;
        }
        round_once(path, channels);
    }
    qsort(samples.us, samples.n, sizeof(samples.us[0]), compare);
    qsort(samples.last_us, samples.n_last, sizeof(samples.last_us[0]), compare);
    double p50 = samples.us[samples.n / 2];
    double p99 = samples.us[(size_t)(0.99 * (double)(samples.n - 1))];
    double last = samples.last_us[samples.n_last / 2];
    printf("cancel  %-16s n=%-6zu p50 %8.0f us  p99 %8.0f us  last %8.0f us  missed %zu\n",
        path->name, samples.n, p50, p99, last, samples.n_missed);
    if (json != NULL) {
        fprintf(json,
            "{\"bench\":\"cancel\",\"variant\":\"walkie\",\"path\":\"%s\",\"runs\":%zu,"
            "\"p50_us\":%.1f,\"p99_us\":%.1f,\"last_us\":%.1f,\"missed\":%zu}\n",
            path->name, samples.n, p50, p99, last, samples.n_missed);
    }
}

static struct rpc_channel *connect_to(const char *url)
{
    const struct rpc_channel_options options = {.backend = url, .name = "rpc_cancel_bench"};
    struct rpc_channel *channel = NULL;
    struct error error = ERROR_NONE;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(10)));
    if (rpc_channel_new(&options, &channel, &error) != STATUS_OK ||
        rpc_channel_wait_ready(scope->ctx, channel) != STATUS_OK) {
        fprintf(stderr, "rpc_cancel_bench: no connection to %s %s\n", url, error.text);
        exit(1);
    }
    return channel;
}

int main(int argc, char **argv)
{
    const struct log_options quiet = {.service = "rpc_cancel_bench", .level = LOG_LEVEL_ERROR};
    if (log_init(&quiet, NULL) != STATUS_OK) {
        return 1;
    }
    if (argc == 3 && strcmp(argv[1], "--server") == 0) {
        return serve(argv[2]);
    }
    unsigned int n_tries = 2000;
    const char *only = NULL;
    FILE *json = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--tries") == 0) {
            n_tries = (unsigned int)strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--path") == 0) {
            only = argv[i + 1];
        } else if (strcmp(argv[i], "--json") == 0) {
            json = fopen(argv[i + 1], "a");
        }
    }
    char board_path[] = "/tmp/walkie-bench-XXXXXX";
    int fd = mkostemp(board_path, O_CLOEXEC);
    if (fd < 0 || ftruncate(fd, sizeof(struct board)) != 0) {
        perror("rpc_cancel_bench: shared memory");
        return 1;
    }
    board_open(fd);
    struct rpc_process server;
    char url[URL_MAX];
    rpc_process_start(&server, "--server", board_path);
    rpc_process_read_line(&server, url, sizeof(url));
    struct rpc_channel *channels[N_CHANNELS];
    for (size_t i = 0; i < N_CHANNELS; i++) {
        channels[i] = connect_to(url);
    }
    const struct path paths[] = {
        {"rpc", &BENCH_WAIT, 1, 1, n_tries, n_tries / 10},
        {"rpc_burst1000", &BENCH_DEFER, 1000, 1, 40, 5},
        {"rpc_burst20000", &BENCH_DEFER, CALLS_MAX, N_CHANNELS, 9, 2},
    };
    for (size_t i = 0; i < LENGTH_OF(paths); i++) {
        if (only == NULL || strcmp(only, paths[i].name) == 0) {
            measure(&paths[i], channels, json);
        }
    }
    for (size_t i = 0; i < N_CHANNELS; i++) {
        rpc_channel_free(channels[i]);
    }
    rpc_process_stop(&server);
    if (json != NULL) {
        fclose(json);
    }
    return 0;
}
