/* The handler runs on the server's loop and answers at once; an answer that takes its time gets a
 * thread of its own, which stops when the client leaves. */
#include "stand_in/lab_server.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/query.h"
#include "http/server.h"

enum { PAGE_LEN_MAX = 8 << 20, PATH_PART_MAX = 128 };

#define JSON_TYPE "application/json"

struct lab_server {
    struct http_server *http;
    struct lab_results *results;
    size_t n_page_results;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    enum lab_fault fault;
    unsigned int n_faults; /* requests that it is still for */
    uint64_t delay_ns;
    const char *text;
    struct lab_server_seen seen;
    struct slow *first_slow;
    unsigned int n_slow;
};

/* An answer with a thread of its own. */
struct slow {
    struct slow *next;
    pthread_t thread;
    struct http_exchange *exchange;
    uint64_t delay_ns;
    bool is_drip;
    struct buffer page;
};

static const char *const FAULT_NAMES[LAB_FAULTS] = {"none", "delay", "hang", "503", "429",
    "garbage", "truncated", "reset", "drip", "type", "redirect", "text"};

bool lab_fault_parse(const char *name, enum lab_fault *ret_fault)
{
    for (int i = 0; i < LAB_FAULTS; i++) {
        if (strcmp(FAULT_NAMES[i], name) == 0) {
            *ret_fault = (enum lab_fault)i;
            return true;
        }
    }
    return false;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void *answer_slowly(void *arg)
{
    struct slow *slow = arg;
    const struct ctx *ctx = http_exchange_ctx(slow->exchange);
    struct bytes page = buffer_bytes(&slow->page);
    if (!slow->is_drip) {
        if (ctx_sleep(ctx, slow->delay_ns) == STATUS_OK) {
            http_respond(slow->exchange, 200, JSON_TYPE, page);
        }
        http_exchange_unref(slow->exchange);
        return NULL;
    }
    http_respond_begin(slow->exchange, 200, JSON_TYPE, (int64_t)page.len);
    for (size_t i = 0; i < page.len && ctx_sleep(ctx, slow->delay_ns) == STATUS_OK; i++) {
        http_respond_piece(slow->exchange, (struct bytes){page.data + i, 1});
    }
    http_respond_end(slow->exchange);
    http_exchange_unref(slow->exchange);
    return NULL;
}

/* Takes the page. A delay of CLOCK_NEVER is no answer. */
static void start_slow(struct lab_server *server, struct http_exchange *exchange, uint64_t delay_ns,
    bool is_drip, struct buffer *page)
{
    struct slow *slow = calloc(1, sizeof(*slow));
    pthread_mutex_lock(&server->mutex);
    if (slow != NULL && server->n_slow < LAB_SERVER_SLOW_MAX) {
        slow->exchange = http_exchange_ref(exchange);
        slow->delay_ns = delay_ns;
        slow->is_drip = is_drip;
        slow->page = *page;
        *page = (struct buffer)BUFFER_EMPTY(0);
        if (pthread_create(&slow->thread, NULL, answer_slowly, slow) == 0) {
            slow->next = server->first_slow;
            server->first_slow = slow;
            server->n_slow++;
            slow = NULL;
        } else {
            http_exchange_unref(slow->exchange);
            buffer_finish(&slow->page);
        }
    }
    pthread_mutex_unlock(&server->mutex);
    free(slow); /* not begun: the exchange ends as a 500 */
}

static void answer_half(struct http_exchange *exchange, const struct buffer *page)
{
    http_respond_begin(exchange, 200, JSON_TYPE, (int64_t)page->len);
    http_respond_piece(exchange, (struct bytes){page->data, page->len / 2});
    http_respond_abort(exchange);
}

static void answer_busy(struct http_exchange *exchange, uint64_t delay_ns)
{
    char seconds[32];
    snprintf(seconds, sizeof(seconds), "%llu", (unsigned long long)(delay_ns / CLOCK_SECONDS(1)));
    http_respond_header(exchange, "Retry-After", seconds);
    http_respond(exchange, 429, "text/plain", bytes_of("too many requests\n"));
}

static void answer(struct lab_server *server, struct http_exchange *exchange, enum lab_fault fault,
    uint64_t delay_ns, struct buffer *page)
{
    switch (fault) {
    case LAB_FAULT_NONE:
        http_respond(exchange, 200, JSON_TYPE, buffer_bytes(page));
        return;
    case LAB_FAULT_DELAY:
    case LAB_FAULT_DRIP:
        start_slow(server, exchange, delay_ns, fault == LAB_FAULT_DRIP, page);
        return;
    case LAB_FAULT_HANG:
        start_slow(server, exchange, CLOCK_SECONDS(86400), false, page);
        return;
    case LAB_FAULT_503:
        http_respond(exchange, 503, "text/plain", bytes_of("down for maintenance\n"));
        return;
    case LAB_FAULT_429:
        answer_busy(exchange, delay_ns);
        return;
    case LAB_FAULT_GARBAGE:
        http_respond(
            exchange, 200, JSON_TYPE, bytes_of("\x01\xFF%PDF-1.4 {\"results\":[[[<script>"));
        return;
    case LAB_FAULT_TRUNCATED:
        http_respond(exchange, 200, JSON_TYPE, (struct bytes){page->data, page->len / 2});
        return;
    case LAB_FAULT_RESET:
        answer_half(exchange, page);
        return;
    case LAB_FAULT_TYPE:
        http_respond(exchange, 200, "text/html", buffer_bytes(page));
        return;
    case LAB_FAULT_REDIRECT:
        http_respond_header(exchange, "Location", "http://127.0.0.1:1/elsewhere");
        http_respond(exchange, 302, NULL, (struct bytes){NULL, 0});
        return;
    case LAB_FAULT_TEXT:
        http_respond(exchange, 200, JSON_TYPE, bytes_of(server->text));
        return;
    }
}

/* --- requests --------------------------------------------------------------------------------- */

static void copy_field(
    const struct http_exchange *exchange, const char *name, char room[LAB_SERVER_FIELD_MAX])
{
    const char *value = http_header(exchange, name);
    snprintf(room, LAB_SERVER_FIELD_MAX, "%s", value == NULL ? "" : value);
}

/* Count the request; the fault that it meets. */
static enum lab_fault take_request(
    struct lab_server *server, const struct http_exchange *exchange, uint64_t *ret_delay_ns)
{
    pthread_mutex_lock(&server->mutex);
    server->seen.n_requests++;
    copy_field(exchange, "traceparent", server->seen.traceparent);
    copy_field(exchange, "X-Request-Timeout", server->seen.timeout);
    copy_field(exchange, "User-Agent", server->seen.user_agent);
    enum lab_fault fault = server->n_faults > 0 ? server->fault : LAB_FAULT_NONE;
    if (server->n_faults > 0 && server->n_faults != UINT_MAX) {
        server->n_faults--;
    }
    *ret_delay_ns = server->delay_ns;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
    return fault;
}

/* "/v1/studies/{study}/sites/{site}/results" */
static bool parse_path(const char *path, char study[PATH_PART_MAX], char site_no[PATH_PART_MAX])
{
    int end = 0;
    return sscanf(path, "/v1/studies/%127[^/]/sites/%127[^/]/results%n", study, site_no, &end) ==
               2 &&
           end > 0 && path[end] == '\0';
}

static enum status write_page(
    struct lab_server *server, struct http_exchange *exchange, struct buffer *page)
{
    char study[PATH_PART_MAX];
    char site_no[PATH_PART_MAX];
    CLEANUP(http_query_finish) struct http_query query = {.text = NULL};
    enum status status = http_query_parse(http_query(exchange), &query, NULL);
    const char *as_of = status == STATUS_OK ? http_query_value(&query, "as_of") : NULL;
    const char *cursor = status == STATUS_OK ? http_query_value(&query, "cursor") : NULL;
    if (as_of == NULL || strspn(as_of, "0123456789-") != strlen(as_of)) {
        return STATUS_INVALID_ARGUMENT;
    }
    if (!parse_path(http_path(exchange), study, site_no)) {
        return STATUS_NOT_FOUND;
    }
    const struct lab_page_request request = {
        .study = study,
        .site_no = site_no,
        .as_of = as_of,
        .first = cursor == NULL ? 0 : (size_t)strtoul(cursor, NULL, 10),
        .n_max = server->n_page_results,
    };
    return lab_results_write_page(server->results, &request, page);
}

static void on_request(struct http_exchange *exchange, void *arg)
{
    struct lab_server *server = arg;
    uint64_t delay_ns;
    enum lab_fault fault = take_request(server, exchange, &delay_ns);
    CLEANUP(buffer_finish) struct buffer page = BUFFER_EMPTY(PAGE_LEN_MAX);
    enum status status = write_page(server, exchange, &page);
    if (status == STATUS_OK) {
        answer(server, exchange, fault, delay_ns, &page);
    } else {
        http_respond(exchange, status == STATUS_NOT_FOUND ? 404 : 400, "text/plain",
            bytes_of("no such results\n"));
    }
}

static void on_done(struct http_exchange *exchange, const struct http_summary *summary, void *arg)
{
    struct lab_server *server = arg;
    (void)exchange;
    pthread_mutex_lock(&server->mutex);
    server->seen.n_left += summary->is_disconnected;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

/* --- the server ------------------------------------------------------------------------------- */

enum status lab_server_start(const struct lab_server_options *options,
    struct lab_server **ret_server, struct error *ret_error)
{
    struct lab_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    pthread_mutex_init(&server->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    server->text = "";
    server->n_page_results =
        options->n_page_results == 0 ? (size_t)LAB_PAGE_DEFAULT : options->n_page_results;
    enum status status = lab_results_read(options->path, &server->results, ret_error);
    if (status == STATUS_OK) {
        const struct http_server_options http = {
            .listen = options->listen, .on_request = on_request, .on_done = on_done, .arg = server};
        status = http_server_start(&http, &server->http, ret_error);
    }
    if (status != STATUS_OK) {
        lab_server_stop(server);
        return status;
    }
    *ret_server = server;
    return STATUS_OK;
}

void lab_server_stop(struct lab_server *server)
{
    if (server == NULL) {
        return;
    }
    http_server_stop(server->http); /* ends the exchanges, and with them what is slow */
    while (server->first_slow != NULL) {
        struct slow *slow = server->first_slow;
        server->first_slow = slow->next;
        pthread_join(slow->thread, NULL);
        buffer_finish(&slow->page);
        free(slow);
    }
    lab_results_free(server->results);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}

const char *lab_server_address(const struct lab_server *server)
{
    return http_server_address(server->http);
}

void lab_server_set_fault(
    struct lab_server *server, enum lab_fault fault, unsigned int n_requests, uint64_t delay_ns)
{
    pthread_mutex_lock(&server->mutex);
    server->fault = fault;
    server->n_faults = n_requests;
    server->delay_ns = delay_ns;
    pthread_mutex_unlock(&server->mutex);
}

void lab_server_set_text(struct lab_server *server, const char *text)
{
    pthread_mutex_lock(&server->mutex);
    server->text = text;
    pthread_mutex_unlock(&server->mutex);
}

void lab_server_seen(struct lab_server *server, struct lab_server_seen *ret_seen)
{
    pthread_mutex_lock(&server->mutex);
    *ret_seen = server->seen;
    pthread_mutex_unlock(&server->mutex);
}

static bool wait_for(
    struct lab_server *server, const unsigned int *count, unsigned int wanted, uint64_t timeout_ns)
{
    uint64_t limit_ns = clock_now_ns() + timeout_ns;
    const struct timespec limit = {.tv_sec = (time_t)(limit_ns / CLOCK_SECONDS(1)),
        .tv_nsec = (long)(limit_ns % CLOCK_SECONDS(1))};
    pthread_mutex_lock(&server->mutex);
    int result = 0;
    while (*count < wanted && result == 0) {
        result = pthread_cond_timedwait(&server->changed, &server->mutex, &limit);
    }
    bool has_come = *count >= wanted;
    pthread_mutex_unlock(&server->mutex);
    return has_come;
}

bool lab_server_wait_requests(
    struct lab_server *server, unsigned int n_requests, uint64_t timeout_ns)
{
    return wait_for(server, &server->seen.n_requests, n_requests, timeout_ns);
}

bool lab_server_wait_left(struct lab_server *server, unsigned int n_left, uint64_t timeout_ns)
{
    return wait_for(server, &server->seen.n_left, n_left, timeout_ns);
}
