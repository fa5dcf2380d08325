#include "otlp_collector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "http/server.h"

enum { WAIT_SECONDS = 20 };

static struct {
    struct http_server *server;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct collector_seen seen;
    char *body;
    char *body_looked_at;
    struct http_exchange *parked;
} collector = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static unsigned int note(struct http_exchange *exchange)
{
    struct bytes body = http_body(exchange);
    const char *header = http_header(exchange, "x-key");
    pthread_mutex_lock(&collector.mutex);
    free(collector.body);
    collector.body = calloc(1, body.len + 1); /* (strndup wants to find a NUL, says ASan) */
    memcpy(collector.body, body.data, body.len);
    snprintf(
        collector.seen.header, sizeof(collector.seen.header), "%s", header == NULL ? "" : header);
    unsigned int n = ++collector.seen.n_requests;
    collector.seen.at_ns[n % COLLECTOR_TIMES] = clock_now_ns();
    pthread_cond_broadcast(&collector.changed);
    pthread_mutex_unlock(&collector.mutex);
    return n;
}

static void on_request(struct http_exchange *exchange, void *arg)
{
    (void)arg;
    const char *path = http_path(exchange);
    unsigned int n = note(exchange);
    int code = 200;
    const char *text = "{\"partialSuccess\":{\"rejectedSpans\":\"2\"}}";
    if (strcmp(path, "/hang") == 0) {
        pthread_mutex_lock(&collector.mutex);
        http_exchange_unref(collector.parked);
        collector.parked = http_exchange_ref(exchange);
        pthread_mutex_unlock(&collector.mutex);
        return;
    }
    if (strcmp(path, "/busy") == 0 && n == 1) {
        http_respond_header(exchange, "Retry-After", "1");
        code = 503;
    } else if (strcmp(path, "/weak") == 0 && n < 3) {
        code = 502;
    } else if (strcmp(path, "/never") == 0) {
        code = 429;
    } else if (strcmp(path, "/no") == 0) {
        code = 400;
    } else if (strcmp(path, "/elsewhere") == 0) {
        http_respond_header(exchange, "Location", "/ok");
        code = 307;
    } else if (strcmp(path, "/garbage") == 0) {
        text = "<html>\"rejectedSpans\":-1e400";
    }
    http_respond(exchange, code, "application/json", bytes_of(text));
}

void collector_wait(unsigned int n)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += WAIT_SECONDS;
    pthread_mutex_lock(&collector.mutex);
    while (collector.seen.n_requests < n &&
           pthread_cond_timedwait(&collector.changed, &collector.mutex, &limit) != ETIMEDOUT) {
    }
    assert_true(collector.seen.n_requests >= n);
    pthread_mutex_unlock(&collector.mutex);
}

int collector_start(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    const struct http_server_options options = {
        .listen = "127.0.0.1:0", .on_request = on_request, .body_max = 16 << 20};
    return http_server_start(&options, &collector.server, &error) == STATUS_OK ? 0 : -1;
}

int collector_stop(void **state)
{
    (void)state;
    http_server_stop(collector.server);
    free(collector.body);
    free(collector.body_looked_at);
    return 0;
}

const char *collector_address(void)
{
    return http_server_address(collector.server);
}

struct collector_seen collector_look(void)
{
    pthread_mutex_lock(&collector.mutex);
    struct collector_seen seen = collector.seen;
    free(collector.body_looked_at);
    collector.body_looked_at = strdup(collector.body == NULL ? "" : collector.body);
    seen.body = collector.body_looked_at;
    pthread_mutex_unlock(&collector.mutex);
    return seen;
}

void collector_reset(void)
{
    pthread_mutex_lock(&collector.mutex);
    collector.seen.n_requests = 0;
    pthread_mutex_unlock(&collector.mutex);
}

void collector_drop_parked(void)
{
    pthread_mutex_lock(&collector.mutex);
    struct http_exchange *parked = collector.parked;
    collector.parked = NULL;
    pthread_mutex_unlock(&collector.mutex);
    http_exchange_unref(parked);
}
