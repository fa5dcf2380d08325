/* How long after an HTTP client closed its connection does the handler behind the gateway know?
 *
 *     cancel_bench [--tries 500] [--json FILE]
 *
 * The gateway is the real binary in a process of its own; the service's handlers live here, on the
 * real RPC server, so that both ends of the measurement read one clock in one process. Paths:
 *   http             one client at a time, the handler blocks in ctx_wait on a worker thread
 *   http_busy        the same while wrk keeps 64 connections busy with /v1/echo
 *   http_burst1000   1000 clients leave at once; handlers are deferred (after_func) */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* prctl */
#endif
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "obs/log.h"
#include "rpc/server.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

enum { IDS_MAX = 60000, BURST = 1000, WAIT_MAX_MS = 5000, BUSY_CONNECTIONS = 64 };

/* By id of the try, which travels as the request's ms. */
static _Atomic uint64_t started_ns[IDS_MAX];
static _Atomic uint64_t noticed_ns[IDS_MAX];
static _Atomic bool is_deferred;

struct waiter {
    struct rpc_server_call *call;
    struct ctx_after *after;
    uint32_t id;
    _Atomic int n_arrived;
};

static void waiter_arrive(void *arg)
{
    struct waiter *waiter = arg;
    if (atomic_load(&noticed_ns[waiter->id]) == 0) {
        atomic_store(&noticed_ns[waiter->id], clock_now_ns());
    }
    if (atomic_fetch_add(&waiter->n_arrived, 1) == 1) {
        ctx_stop(waiter->after);
        rpc_call_finish(waiter->call, STATUS_CANCELLED);
        free(waiter);
    }
}

static enum status wait_deferred(const struct ctx *ctx, struct rpc_server_call *call, uint32_t id)
{
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    waiter->call = call;
    waiter->id = id;
    rpc_call_defer(call);
    waiter->after = ctx_after_func(ctx, waiter_arrive, waiter);
    if (waiter->after == NULL) {
        abort();
    }
    atomic_store(&started_ns[id], clock_now_ns());
    if (atomic_fetch_add(&waiter->n_arrived, 1) == 1) {
        ctx_stop(waiter->after);
        rpc_call_finish(call, STATUS_CANCELLED);
        free(waiter);
    }
    return STATUS_OK;
}

static enum status sleep_handler(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)service;
    struct bytes bytes = rpc_call_request(call);
    Walkie__Report__V1__SleepRequest *request =
        walkie__report__v1__sleep_request__unpack(NULL, bytes.len, bytes.data);
    if (request == NULL || request->ms >= IDS_MAX) {
        return STATUS_INVALID_ARGUMENT;
    }
    uint32_t id = request->ms;
    walkie__report__v1__sleep_request__free_unpacked(request, NULL);
    if (atomic_load(&is_deferred)) {
        return wait_deferred(ctx, call, id);
    }
    atomic_store(&started_ns[id], clock_now_ns());
    enum status status = ctx_wait(ctx);
    atomic_store(&noticed_ns[id], clock_now_ns());
    return status;
}

static enum status echo_handler(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx;
    (void)service;
    static uint8_t payload[1024];
    Walkie__Report__V1__EchoReply reply = WALKIE__REPORT__V1__ECHO_REPLY__INIT;
    reply.payload.data = payload;
    reply.payload.len = sizeof(payload);
    return rpc_call_reply(call, &reply.base);
}

/* --- processes ------------------------------------------------------------------------------ */

/* Start a program with its standard output thrown away; it ends with us. */
static pid_t spawn(const char *const argv[])
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDOUT_FILENO);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    return pid;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* A port that is free now; 0 when there is none. */
static uint16_t free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint16_t port = 0;
    if (bind(fd, (struct sockaddr *)&address, len) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        port = ntohs(address.sin_port);
    }
    close(fd);
    return port;
}

static bool answers_ready(uint16_t port)
{
    static const char REQUEST[] = "GET /readyz HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n";
    const struct sockaddr_in address = loopback(port);
    char answer[64] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_ready = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
                    write(fd, REQUEST, sizeof(REQUEST) - 1) > 0 &&
                    read(fd, answer, sizeof(answer) - 1) > 0 &&
                    strncmp(answer, "HTTP/1.1 200", strlen("HTTP/1.1 200")) == 0;
    close(fd);
    return is_ready;
}

static bool await_ready(uint16_t port)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    uint64_t end_ns = clock_now_ns() + CLOCK_MS(WAIT_MAX_MS);
    while (!answers_ready(port)) {
        if (clock_now_ns() > end_ns) {
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

/* --- clients -------------------------------------------------------------------------------- */

static int open_request(uint16_t port, uint32_t id)
{
    const struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    char request[256];
    int len = snprintf(request, sizeof(request),
        "GET /v1/sleep?ms=%u&timeout=60s HTTP/1.1\r\nHost: bench\r\n\r\n", id);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        write(fd, request, (size_t)len) != len) {
        perror("cancel_bench: request");
        exit(1);
    }
    return fd;
}

/* Poll a stamp: the bench wants a time, so it must not add a wake-up to it. */
static bool await(const _Atomic uint64_t *stamp)
{
    const struct timespec pause = {.tv_nsec = 50000};
    uint64_t end_ns = clock_now_ns() + CLOCK_MS(WAIT_MAX_MS);
    while (atomic_load(stamp) == 0) {
        if (clock_now_ns() > end_ns) {
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

struct result {
    size_t n;
    size_t n_missed;
    double us[IDS_MAX];
};
static struct result result;

static void leave_in_batches(uint16_t port, uint32_t *next_id, size_t n_tries, size_t batch)
{
    static int fds[BURST];
    static uint64_t left_ns[BURST];
    result.n = 0;
    result.n_missed = 0;
    for (size_t done = 0; done + batch <= n_tries; done += batch) {
        uint32_t first = *next_id;
        *next_id += (uint32_t)batch;
        for (size_t i = 0; i < batch; i++) {
            fds[i] = open_request(port, first + (uint32_t)i);
        }
        for (size_t i = 0; i < batch; i++) {
            await(&started_ns[first + i]);
        }
        for (size_t i = 0; i < batch; i++) {
            left_ns[i] = clock_now_ns();
            close(fds[i]);
        }
        for (size_t i = 0; i < batch; i++) {
            if (!await(&noticed_ns[first + i])) {
                result.n_missed++;
                continue;
            }
            uint64_t at_ns = atomic_load(&noticed_ns[first + i]);
            result.us[result.n++] = ((double)at_ns - (double)left_ns[i]) / 1e3;
        }
    }
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void report(const char *path, FILE *json)
{
    qsort(result.us, result.n, sizeof(result.us[0]), compare);
    double p50 = result.n == 0 ? 0 : result.us[result.n / 2];
    double p99 = result.n == 0 ? 0 : result.us[(size_t)(0.99 * (double)(result.n - 1))];
    printf("cancel  %-16s n=%-5zu p50 %8.0f us  p99 %8.0f us  missed %zu\n", path, result.n, p50,
        p99, result.n_missed);
    if (json != NULL) {
        fprintf(json,
            "{\"bench\":\"cancel\",\"variant\":\"walkie\",\"path\":\"%s\",\"runs\":%zu,"
            "\"p50_us\":%.1f,\"p99_us\":%.1f,\"missed\":%zu}\n",
            path, result.n, p50, p99, result.n_missed);
    }
}

static void run_busy(uint16_t port, uint32_t *next_id, size_t n_tries, FILE *json)
{
    char url[64];
    char connections[16];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/v1/echo", port);
    snprintf(connections, sizeof(connections), "-c%d", BUSY_CONNECTIONS);
    pid_t wrk = spawn((const char *const[]){"wrk", "-t1", connections, "-d60s", url, NULL});
    const struct timespec warm_up = {.tv_nsec = 300000000};
    nanosleep(&warm_up, NULL);
    if (waitpid(wrk, NULL, WNOHANG) != 0) {
        printf("cancel  http_busy        skipped: wrk is not installed\n");
        return;
    }
    leave_in_batches(port, next_id, n_tries, 1);
    report("http_busy", json);
    kill(wrk, SIGTERM);
    waitpid(wrk, NULL, 0);
}

int main(int argc, char **argv)
{
    size_t n_tries = 500;
    FILE *json = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--tries") == 0) {
            n_tries = strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--json") == 0) {
            json = fopen(argv[i + 1], "a");
        }
    }
    const struct rpc_binding bindings[] = {
        {&REPORT_ECHO, echo_handler, NULL}, {&REPORT_SLEEP, sleep_handler, NULL}};
    const struct rpc_server_options options = {.listen = "tcp://127.0.0.1:0",
        .name = "cancel_bench",
        .bindings = bindings,
        .n_bindings = LENGTH_OF(bindings),
        .allow_faults = true};
    struct rpc_server *server = NULL;
    struct error error = ERROR_NONE;
    const struct log_options quiet = {.service = "cancel_bench", .level = LOG_LEVEL_ERROR};
    if (log_init(&quiet, &error) != STATUS_OK ||
        rpc_server_start(&options, &server, &error) != STATUS_OK) {
        fprintf(stderr, "cancel_bench: %s\n", error.text);
        return 1;
    }
    char backend[128];
    snprintf(backend, sizeof(backend), "%s", rpc_server_url(server));
    uint16_t port = free_port();
    char listen[32];
    snprintf(listen, sizeof(listen), "127.0.0.1:%u", port);
    pid_t gateway = spawn((const char *const[]){GATEWAY, "--listen", listen, "--admin",
        "127.0.0.1:0", "--backend", backend, "--allow-faults", "--log-level", "error", NULL});
    if (!await_ready(port)) {
        fprintf(stderr, "cancel_bench: the gateway did not start\n");
        return 1;
    }
    uint32_t next_id = 1;
    leave_in_batches(port, &next_id, 50, 1); /* warm-up */
    leave_in_batches(port, &next_id, n_tries, 1);
    report("http", json);
    run_busy(port, &next_id, n_tries, json);
    atomic_store(&is_deferred, true);
    leave_in_batches(port, &next_id, (size_t)BURST * 3, BURST);
    report("http_burst1000", json);
    kill(gateway, SIGTERM);
    waitpid(gateway, NULL, 0);
    rpc_server_stop(server);
    if (json != NULL) {
        fclose(json);
    }
    return 0;
}
