/* What a call costs: echo, 100 bytes there and 1 KB back, N in flight on one connection. Client and
 * server are two processes; each call has its own context with a deadline, and both sides pack and
 * unpack their messages, as real callers and handlers do.
 *
 *     rpc_bench [--json FILE] [--runs N] [--transport tcp|ipc|tls] [--in-flight N]
 *         [--mode inline|worker] [--detectors on|off]
 *
 * tls has certificates at both ends.
 *
 * Figures are medians of the runs. CPU is the whole process's, divided by the calls. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "obs/log.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "support/certificates.h"
#include "support/rpc_process.h"
#include "support/rpc_tls_files.h"
#include "walkie/report/v1/report.pb-c.h"

enum {
    REQUEST_LEN = 100,
    REPLY_LEN = 1024,
    IN_FLIGHT_MAX = 4096,
    SAMPLES_MAX = 1 << 20,
    RUNS_MAX = 50,
    WARM_UP_MS = 200,
    MEASURE_MS = 600,
    URL_MAX = 128,
};

static const struct rpc_method BENCH_INLINE = {
    .name = "walkie.bench.v1.Bench/EchoInline", .kind = RPC_UNARY, .flags = RPC_INLINE};
static const struct rpc_method BENCH_WORKER = {
    .name = "walkie.bench.v1.Bench/Echo", .kind = RPC_UNARY};

/* --- the server process --------------------------------------------------------------------- */

static enum status echo(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx;
    (void)service;
    static uint8_t payload[REPLY_LEN];
    struct bytes bytes = rpc_call_request(call);
    Walkie__Report__V1__EchoRequest *request =
        walkie__report__v1__echo_request__unpack(NULL, bytes.len, bytes.data);
    if (request == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    Walkie__Report__V1__EchoReply reply = WALKIE__REPORT__V1__ECHO_REPLY__INIT;
    reply.payload = (ProtobufCBinaryData){sizeof(payload), payload};
    enum status status = rpc_call_reply(call, &reply.base);
    walkie__report__v1__echo_request__free_unpacked(request, NULL);
    return status;
}

/* For TLS `url` has the folder of the certificates behind it. */
static int serve(char *url, bool has_detectors)
{
    struct rpc_tls *tls =
        test_certificates_use(url) ? test_tls_new(RPC_TLS_SERVER, "service", "ca") : NULL;
    const struct rpc_binding bindings[] = {
        {&BENCH_INLINE, echo, NULL}, {&BENCH_WORKER, echo, NULL}};
    struct rpc_server_options options = {.listen = url,
        .tls = tls,
        .name = "rpc_bench",
        .bindings = bindings,
        .n_bindings = 2,
        .queue_max = 8192,
        .deaf_after_ns = has_detectors ? 0 : CLOCK_NEVER,
        .ignores_leaks = !has_detectors};
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
    rpc_tls_free(tls);
    return 0;
}

struct server_process {
    struct rpc_process process;
    clockid_t cpu_clock;
    char url[URL_MAX];
};

static void server_start(struct server_process *server, const char *role, const char *url)
{
    rpc_process_start(&server->process, role, url);
    rpc_process_read_line(&server->process, server->url, URL_MAX);
    if (clock_getcpuclockid(server->process.pid, &server->cpu_clock) != 0) {
        fprintf(stderr, "rpc_bench: the server process is gone\n");
        exit(1);
    }
}

/* --- the client ----------------------------------------------------------------------------- */

struct bench_call {
    struct bench *bench;
    struct ctx_scope *scope;
    uint64_t started_ns;
};

struct bench {
    struct rpc_channel *channel;
    const struct rpc_method *method;
    _Atomic bool is_measuring;
    _Atomic bool is_over;
    _Atomic uint64_t n_calls;
    _Atomic uint64_t n_failed;
    _Atomic unsigned int n_in_flight;
    uint32_t *samples_ns; /* ring of the last ones; written by the I/O thread alone */
    struct bench_call calls[IN_FLIGHT_MAX];
};

static void start_call(struct bench_call *call);

static void on_reply(void *arg, struct bytes message)
{
    struct bench_call *call = arg;
    Walkie__Report__V1__EchoReply *reply =
        walkie__report__v1__echo_reply__unpack(NULL, message.len, message.data);
    if (reply == NULL || reply->payload.len != REPLY_LEN) {
        atomic_fetch_add(&call->bench->n_failed, 1);
    }
    walkie__report__v1__echo_reply__free_unpacked(reply, NULL);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct bench_call *call = arg;
    struct bench *bench = call->bench;
    ctx_scope_end(call->scope);
    if (end->status != STATUS_OK) {
        atomic_fetch_add(&bench->n_failed, 1);
    }
    if (atomic_load_explicit(&bench->is_measuring, memory_order_relaxed)) {
        uint64_t took_ns = clock_now_ns() - call->started_ns;
        uint64_t n = atomic_fetch_add_explicit(&bench->n_calls, 1, memory_order_relaxed);
        bench->samples_ns[n % SAMPLES_MAX] = took_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)took_ns;
    }
    if (atomic_load_explicit(&bench->is_over, memory_order_relaxed)) {
        atomic_fetch_sub(&bench->n_in_flight, 1);
    } else {
        start_call(call);
    }
}

static const struct rpc_call_events BENCH_EVENTS = {.on_reply = on_reply, .on_end = on_end};

static void start_call(struct bench_call *call)
{
    static uint8_t payload[REQUEST_LEN];
    Walkie__Report__V1__EchoRequest request = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    request.payload = (ProtobufCBinaryData){sizeof(payload), payload};
    call->started_ns = clock_now_ns();
    call->scope = ctx_with_timeout(ctx_background(), CTX_SECONDS(10));
    if (rpc_call_start(call->scope->ctx, call->bench->channel, call->bench->method, &request.base,
            &BENCH_EVENTS, call, NULL) != STATUS_OK) {
        fprintf(stderr, "rpc_bench: a call was refused\n");
        exit(1);
    }
}

static void pause_ms(unsigned int ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

static uint64_t cpu_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return CLOCK_SECONDS(now.tv_sec) + (uint64_t)now.tv_nsec;
}

struct figures {
    double calls_s;
    double p50_us;
    double p99_us;
    double client_cpu_us;
    double server_cpu_us;
};

static int compare_samples(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static struct figures run_once(
    struct bench *bench, const struct server_process *server, unsigned int in_flight)
{
    atomic_store(&bench->is_over, false);
    atomic_store(&bench->n_calls, 0);
    atomic_store(&bench->n_in_flight, in_flight);
    for (unsigned int i = 0; i < in_flight; i++) {
        bench->calls[i].bench = bench;
        start_call(&bench->calls[i]);
    }
    pause_ms(WARM_UP_MS);
    uint64_t client_ns = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t server_ns = cpu_of(server->cpu_clock);
    uint64_t start_ns = clock_now_ns();
    atomic_store(&bench->is_measuring, true);
    pause_ms(MEASURE_MS);
    atomic_store(&bench->is_measuring, false);
    uint64_t elapsed_ns = clock_now_ns() - start_ns;
    client_ns = cpu_of(CLOCK_PROCESS_CPUTIME_ID) - client_ns;
    server_ns = cpu_of(server->cpu_clock) - server_ns;
    atomic_store(&bench->is_over, true);
    while (atomic_load(&bench->n_in_flight) > 0) {
        pause_ms(1);
    }
    uint64_t n_calls = atomic_load(&bench->n_calls);
    size_t n_samples = n_calls < SAMPLES_MAX ? (size_t)n_calls : SAMPLES_MAX;
    if (n_calls == 0) {
        fprintf(stderr, "rpc_bench: no call ended\n");
        exit(1);
    }
    qsort(bench->samples_ns, n_samples, sizeof(*bench->samples_ns), compare_samples);
    double calls = (double)n_calls;
    return (struct figures){.calls_s = calls * 1e9 / (double)elapsed_ns,
        .p50_us = bench->samples_ns[n_samples / 2] / 1e3,
        .p99_us = bench->samples_ns[n_samples * 99 / 100] / 1e3,
        .client_cpu_us = (double)client_ns / calls / 1e3,
        .server_cpu_us = (double)server_ns / calls / 1e3};
}

/* --- the matrix ----------------------------------------------------------------------------- */

struct settings {
    FILE *json;
    int n_runs;
    const char *transport; /* NULL: each */
    const char *mode;
    unsigned int in_flight; /* 0: each */
    const char *role;       /* of the server's process */
};

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(const struct figures *runs, int n_runs, size_t offset)
{
    double values[RUNS_MAX];
    for (int i = 0; i < n_runs; i++) {
        memcpy(&values[i], (const char *)&runs[i] + offset, sizeof(double));
    }
    qsort(values, (size_t)n_runs, sizeof(double), compare_doubles);
    return values[n_runs / 2];
}

static void run_cell(const struct settings *settings, struct bench *bench,
    const struct server_process *server, const char *transport, const char *mode,
    unsigned int in_flight)
{
    struct figures runs[RUNS_MAX];
    for (int i = 0; i < settings->n_runs; i++) {
        runs[i] = run_once(bench, server, in_flight);
    }
    int n_runs = settings->n_runs;
    struct figures result = {.calls_s = median(runs, n_runs, offsetof(struct figures, calls_s)),
        .p50_us = median(runs, n_runs, offsetof(struct figures, p50_us)),
        .p99_us = median(runs, n_runs, offsetof(struct figures, p99_us)),
        .client_cpu_us = median(runs, n_runs, offsetof(struct figures, client_cpu_us)),
        .server_cpu_us = median(runs, n_runs, offsetof(struct figures, server_cpu_us))};
    printf("%-4s %-7s %5u in flight %9.0f calls/s  p50 %8.1f us  p99 %8.1f us  "
           "cpu client %5.2f us, server %5.2f us\n",
        transport, mode, in_flight, result.calls_s, result.p50_us, result.p99_us,
        result.client_cpu_us, result.server_cpu_us);
    fflush(stdout);
    if (settings->json != NULL) {
        fprintf(settings->json,
            "{\"bench\":\"rpc_echo\",\"variant\":\"walkie\",\"transport\":\"%s\",\"mode\":\"%s\","
            "\"in_flight\":%u,\"calls_s\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
            "\"client_cpu_us\":%.2f,\"server_cpu_us\":%.2f,\"runs\":%d}\n",
            transport, mode, in_flight, result.calls_s, result.p50_us, result.p99_us,
            result.client_cpu_us, result.server_cpu_us, n_runs);
    }
}

static void run_transport(
    const struct settings *settings, struct bench *bench, const char *transport, const char *url)
{
    static const unsigned int in_flights[] = {1, 16, 256, 2000};
    struct server_process server;
    server_start(&server, settings->role, url);
    bool is_tls = strcmp(transport, "tls") == 0;
    struct rpc_tls *tls = is_tls ? test_tls_new(RPC_TLS_CLIENT, "client", "ca") : NULL;
    struct rpc_channel_options options = {.backend = server.url, .tls = tls, .name = "rpc_bench"};
    struct error error = ERROR_NONE;
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(10)));
    if (rpc_channel_new(&options, &bench->channel, &error) != STATUS_OK ||
        rpc_channel_wait_ready(scope->ctx, bench->channel) != STATUS_OK) {
        fprintf(stderr, "rpc_bench: no connection to %s %s\n", server.url, error.text);
        exit(1);
    }
    const char *modes[] = {"inline", "worker"};
    for (size_t m = 0; m < LENGTH_OF(modes); m++) {
        bench->method = m == 0 ? &BENCH_INLINE : &BENCH_WORKER;
        for (size_t i = 0; i < LENGTH_OF(in_flights); i++) {
            bool is_wanted = (settings->mode == NULL || strcmp(settings->mode, modes[m]) == 0) &&
                             (settings->in_flight == 0 || settings->in_flight == in_flights[i]);
            if (is_wanted) {
                run_cell(settings, bench, &server, transport, modes[m], in_flights[i]);
            }
        }
    }
    rpc_channel_free(bench->channel);
    rpc_tls_free(tls);
    rpc_process_stop(&server.process);
}

static void parse_arguments(int argc, char **argv, struct settings *settings)
{
    *settings = (struct settings){.n_runs = 5, .role = "--server"};
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--json") == 0) {
            settings->json = fopen(value, "a");
        } else if (strcmp(argv[i], "--runs") == 0) {
            settings->n_runs = atoi(value);
        } else if (strcmp(argv[i], "--transport") == 0) {
            settings->transport = value;
        } else if (strcmp(argv[i], "--mode") == 0) {
            settings->mode = value;
        } else if (strcmp(argv[i], "--detectors") == 0) {
            settings->role = strcmp(value, "off") == 0 ? "--server-without" : "--server";
        } else if (strcmp(argv[i], "--in-flight") == 0) {
            settings->in_flight = (unsigned int)atoi(value);
        }
    }
    if (settings->n_runs < 1 || settings->n_runs > RUNS_MAX) {
        fprintf(stderr, "rpc_bench: --runs is 1 to %d\n", RUNS_MAX);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct log_options log = {.service = "rpc_bench", .level = LOG_LEVEL_ERROR};
    if (log_init(&log, NULL) != STATUS_OK) {
        return 1;
    }
    if (argc == 3 && strncmp(argv[1], "--server", 8) == 0) {
        return serve(argv[2], strcmp(argv[1], "--server") == 0);
    }
    struct settings settings;
    parse_arguments(argc, argv, &settings);
    struct bench *bench = calloc(1, sizeof(*bench));
    if (bench == NULL || (bench->samples_ns = calloc(SAMPLES_MAX, sizeof(uint32_t))) == NULL) {
        return 1;
    }
    char ipc_url[URL_MAX];
    snprintf(ipc_url, sizeof(ipc_url), "ipc:///tmp/walkie-rpc-bench-%ld.ipc", (long)getpid());
    if (settings.transport == NULL || strcmp(settings.transport, "tcp") == 0) {
        run_transport(&settings, bench, "tcp", "tcp://127.0.0.1:0");
    }
    if (settings.transport == NULL || strcmp(settings.transport, "ipc") == 0) {
        run_transport(&settings, bench, "ipc", ipc_url);
    }
    if (settings.transport == NULL || strcmp(settings.transport, "tls") == 0) {
        test_certificates_make();
        run_transport(&settings, bench, "tls", test_certificates_argument("tls+tcp://127.0.0.1:0"));
    }
    uint64_t n_failed = atomic_load(&bench->n_failed);
    if (settings.json != NULL) {
        fclose(settings.json);
    }
    free(bench->samples_ns);
    free(bench);
    if (n_failed > 0) {
        fprintf(stderr, "rpc_bench: %llu calls failed\n", (unsigned long long)n_failed);
    }
    return n_failed > 0 ? 1 : 0;
}
