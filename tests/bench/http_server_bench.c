/* What one request costs the HTTP server alone: 1 KB answered by the handler at once, or parked and
 * answered by another thread. wrk makes the load; its own time is not counted.
 *
 * http_server_bench [--json FILE] [--seconds N] */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "http/server.h"

enum { BODY_LEN = 1024, QUEUE_MAX = 4096, RUNS = 3, SECONDS_DEFAULT = 4 };

struct backend {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_exchange *queue[QUEUE_MAX]; /* never full: wrk has one request a connection */
    unsigned int head;
    unsigned int tail;
    bool is_over;
};

static uint8_t bench_body[BODY_LEN];

static void on_request(struct http_exchange *exchange, void *arg)
{
    struct backend *backend = arg;
    if (strcmp(http_path(exchange), "/inline") == 0) {
        http_respond(exchange, 200, "text/plain", (struct bytes){bench_body, BODY_LEN});
        return;
    }
    pthread_mutex_lock(&backend->lock);
    backend->queue[backend->tail++ % QUEUE_MAX] = http_exchange_ref(exchange);
    pthread_cond_signal(&backend->changed);
    pthread_mutex_unlock(&backend->lock);
}

static void *answer(void *arg)
{
    struct backend *backend = arg;
    pthread_mutex_lock(&backend->lock);
    for (;;) {
        while (backend->head == backend->tail && !backend->is_over) {
            pthread_cond_wait(&backend->changed, &backend->lock);
        }
        if (backend->head == backend->tail) {
            break;
        }
        struct http_exchange *exchange = backend->queue[backend->head++ % QUEUE_MAX];
        pthread_mutex_unlock(&backend->lock);
        http_respond(exchange, 200, "text/plain", (struct bytes){bench_body, BODY_LEN});
        http_exchange_unref(exchange);
        pthread_mutex_lock(&backend->lock);
    }
    pthread_mutex_unlock(&backend->lock);
    return NULL;
}

static uint64_t own_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* "255.00us", "1.68ms" in microseconds. */
static double parse_us(const char *text)
{
    char *unit = NULL;
    double value = strtod(text, &unit);
    return strncmp(unit, "us", 2) == 0   ? value
           : strncmp(unit, "ms", 2) == 0 ? value * 1e3
                                         : value * 1e6;
}

struct figures {
    double requests_s;
    double p50_us;
    double p99_us;
    double cpu_us;
};

/* One run of wrk. Returns false when it failed. */
static bool measure(const char *url, int connections, int seconds, struct figures *ret_figures)
{
    char command[256];
    snprintf(
        command, sizeof(command), "wrk -t 1 -c %d -d %ds --latency %s", connections, seconds, url);
    uint64_t before_us = own_cpu_us();
    FILE *wrk = popen(command, "r");
    if (wrk == NULL) {
        return false;
    }
    double n_requests = 0;
    bool is_clean = true;
    char line[256];
    char value[32];
    while (fgets(line, sizeof(line), wrk) != NULL) {
        (void)!sscanf(line, " %lf requests in", &n_requests);
        (void)!sscanf(line, "Requests/sec: %lf", &ret_figures->requests_s);
        if (sscanf(line, " 50%% %31s", value) == 1) {
            ret_figures->p50_us = parse_us(value);
        }
        if (sscanf(line, " 99%% %31s", value) == 1) {
            ret_figures->p99_us = parse_us(value);
        }
        is_clean = is_clean && strstr(line, "Non-2xx") == NULL && strstr(line, "errors") == NULL;
    }
    if (pclose(wrk) != 0 || n_requests < 1 || !is_clean) {
        return false;
    }
    ret_figures->cpu_us = (double)(own_cpu_us() - before_us) / n_requests;
    return true;
}

static int compare(const void *one, const void *two)
{
    double a = ((const struct figures *)one)->cpu_us;
    double b = ((const struct figures *)two)->cpu_us;
    return a < b ? -1 : a > b;
}

static bool bench(const struct http_server *server, const char *answer_by, int connections,
    int seconds, FILE *json)
{
    char url[128];
    snprintf(url, sizeof(url), "http://%s/%s", http_server_address(server), answer_by);
    struct figures runs[RUNS];
    memset(runs, 0, sizeof(runs));
    for (int i = 0; i < RUNS; i++) {
        if (!measure(url, connections, seconds, &runs[i])) {
            fprintf(stderr, "wrk %s failed\n", url);
            return false;
        }
    }
    qsort(runs, RUNS, sizeof(runs[0]), compare);
    const struct figures *median = &runs[RUNS / 2];
    printf("%-7s %4d connections: %8.0f requests/s, p50 %5.0f us, p99 %5.0f us, %5.2f us CPU a "
           "request\n",
        answer_by, connections, median->requests_s, median->p50_us, median->p99_us, median->cpu_us);
    if (json != NULL) {
        fprintf(json,
            "{\"bench\":\"http_server\",\"variant\":\"walkie\",\"answer\":\"%s\","
            "\"connections\":%d,\"requests_s\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f,"
            "\"cpu_us\":%.2f,\"runs\":%d}\n",
            answer_by, connections, median->requests_s, median->p50_us, median->p99_us,
            median->cpu_us, RUNS);
    }
    return true;
}

static bool run(struct backend *backend, int seconds, FILE *json)
{
    const struct http_server_options options = {
        .listen = "127.0.0.1:0", .on_request = on_request, .arg = backend};
    struct http_server *server = NULL;
    struct error error = ERROR_NONE;
    if (http_server_start(&options, &server, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        return false;
    }
    static const int CONNECTIONS[] = {1, 64, 256};
    bool is_good = true;
    for (size_t i = 0; is_good && i < LENGTH_OF(CONNECTIONS); i++) {
        is_good = bench(server, "inline", CONNECTIONS[i], seconds, json) &&
                  bench(server, "parked", CONNECTIONS[i], seconds, json);
    }
    http_server_stop(server);
    return is_good;
}

int main(int argc, char **argv)
{
    FILE *json = NULL;
    int seconds = SECONDS_DEFAULT;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--json") == 0) {
            json = fopen(argv[i + 1], "a");
        } else if (strcmp(argv[i], "--seconds") == 0) {
            seconds = (int)strtol(argv[i + 1], NULL, 10);
        }
    }
    static struct backend backend = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    memset(bench_body, 'x', sizeof(bench_body));
    pthread_t thread;
    if (pthread_create(&thread, NULL, answer, &backend) != 0) {
        return 1;
    }
    bool is_good = run(&backend, seconds, json);
    pthread_mutex_lock(&backend.lock);
    backend.is_over = true;
    pthread_cond_signal(&backend.changed);
    pthread_mutex_unlock(&backend.lock);
    pthread_join(thread, NULL);
    if (json != NULL) {
        fclose(json);
    }
    return is_good ? 0 : 1;
}
