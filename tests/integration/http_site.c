#include "http_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctx/test.h"

struct site site = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void keep(char *place, size_t size, const char *value)
{
    snprintf(place, size, "%s", value == NULL ? "" : value);
}

static void record(struct http_exchange *exchange)
{
    struct bytes body = http_body(exchange);
    pthread_mutex_lock(&site.mutex);
    site.n_requests++;
    keep(site.traceparent, sizeof(site.traceparent), http_header(exchange, "traceparent"));
    keep(site.tracestate, sizeof(site.tracestate), http_header(exchange, "tracestate"));
    keep(site.timeout, sizeof(site.timeout), http_header(exchange, "x-request-timeout"));
    keep(site.custom, sizeof(site.custom), http_header(exchange, "x-custom"));
    keep(site.method, sizeof(site.method), http_method(exchange));
    snprintf(site.body, sizeof(site.body), "%.*s", (int)(body.len > 60 ? 60 : body.len),
        (const char *)body.data);
    pthread_mutex_unlock(&site.mutex);
}

static void park(struct http_exchange *exchange)
{
    pthread_mutex_lock(&site.mutex);
    site.parked = http_exchange_ref(exchange);
    site.n_parked++;
    pthread_cond_broadcast(&site.changed);
    pthread_mutex_unlock(&site.mutex);
}

static void on_request(struct http_exchange *exchange, void *arg)
{
    (void)arg;
    const char *path = http_path(exchange);
    record(exchange);
    if (strcmp(path, "/park") == 0) {
        park(exchange);
    } else if (strcmp(path, "/big") == 0) {
        uint8_t *data = calloc(1, SITE_BIG_LEN);
        http_respond(exchange, 200, "application/octet-stream", (struct bytes){data, SITE_BIG_LEN});
        free(data);
    } else if (strcmp(path, "/moved") == 0) {
        http_respond_header(exchange, "Location", "/hello");
        http_respond(exchange, 302, "text/plain", bytes_of("elsewhere\n"));
    } else if (strcmp(path, "/broken") == 0) {
        http_respond_begin(exchange, 200, "text/plain", 1000);
        http_respond_piece(exchange, bytes_of("the first of many"));
        http_respond_abort(exchange);
    } else {
        http_respond(
            exchange, strcmp(path, "/hello") == 0 ? 200 : 404, "text/plain", bytes_of("hello\n"));
    }
}

static void on_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    (void)exchange;
    (void)arg;
    pthread_mutex_lock(&site.mutex);
    site.n_left += summary->is_disconnected;
    pthread_cond_broadcast(&site.changed);
    pthread_mutex_unlock(&site.mutex);
}

bool site_wait(const unsigned int *count, unsigned int wanted)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += SITE_WAIT_SECONDS;
    pthread_mutex_lock(&site.mutex);
    while (*count < wanted && pthread_cond_timedwait(&site.changed, &site.mutex, &limit) == 0) {
    }
    bool has_come = *count >= wanted;
    pthread_mutex_unlock(&site.mutex);
    return has_come;
}

void site_drop_parked(void)
{
    pthread_mutex_lock(&site.mutex);
    struct http_exchange *parked = STEAL(site.parked);
    pthread_mutex_unlock(&site.mutex);
    http_exchange_unref(parked);
}

bool site_wait_quiet(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    time_t limit = time(NULL) + SITE_WAIT_SECONDS;
    while (ctx_live_scopes() > 0 && time(NULL) < limit) {
        nanosleep(&pause, NULL);
    }
    return ctx_test_no_leaks();
}

const char *site_url(const char *path)
{
    static _Thread_local char url[SITE_URL_MAX];
    snprintf(url, sizeof(url), "http://%s%s", http_server_address(site.server), path);
    return url;
}

void site_start(void)
{
    const struct http_server_options options = {
        .listen = "127.0.0.1:0", .on_request = on_request, .on_done = on_done};
    struct error error = ERROR_NONE;
    if (http_server_start(&options, &site.server, &error) != STATUS_OK) {
        fprintf(stderr, "no server: %s\n", error.text);
        exit(1);
    }
}

void site_reset(void)
{
    pthread_mutex_lock(&site.mutex);
    site.n_parked = 0;
    site.n_left = 0;
    pthread_mutex_unlock(&site.mutex);
}

void site_stop(void)
{
    http_server_stop(site.server);
}
