#include "api/request_metrics.h"

#include <stdio.h>
#include <string.h>

#include "api/routes.h"

enum { STATUS_MIN = 200, STATUS_MAX = 600, STATUS_TEXT_MAX = 12 };

static struct metrics_family REQUESTS = {.name = "walkie_http_requests_total",
    .help = "Requests that are over; status 499: the client left first, 0: nothing was sent.",
    .kind = METRICS_COUNTER,
    .labels = {"route", "status"}};
static struct metrics_family REQUEST_SECONDS = {.name = "walkie_http_request_seconds",
    .help = "From the first byte of a request to the end of its answer.",
    .kind = METRICS_HISTOGRAM,
    .labels = {"route"},
    .has_exemplars = true};
static struct metrics_family PROTOCOLS = {.name = "walkie_http_protocol_requests_total",
    .help = "Requests that are over, by the HTTP version that the client spoke.",
    .kind = METRICS_COUNTER,
    .labels = {"protocol"}};
static struct metrics_family WAITING = {.name = "walkie_http_requests_waiting",
    .help = "Requests that wait for a call to a backend.",
    .kind = METRICS_GAUGE};

typedef _Atomic(struct metrics_child *) child_place;

/* By route (0: none) and status (0: none, or one that HTTP does not know). */
static child_place requests[ROUTES_MAX + 1][STATUS_MAX - STATUS_MIN + 1];
static child_place seconds[ROUTES_MAX + 1];

static child_place protocols[2]; /* HTTP/1, HTTP/2 */

static bool count_one(void *arg, struct live_entry *entry)
{
    (void)entry;
    ++*(int64_t *)arg;
    return true;
}

static void refresh(void *arg)
{
    struct live *live = arg;
    int64_t n_waiting = 0;
    live_each(live, count_one, &n_waiting);
    metrics_set(metrics_child(&WAITING, NULL, NULL, NULL), n_waiting);
}

void request_metrics_start(struct metrics_hook *hook, struct live *live)
{
    metrics_declare(&REQUESTS);
    metrics_declare(&REQUEST_SECONDS);
    metrics_declare(&PROTOCOLS);
    metrics_hook_start(hook, refresh, live);
}

/* The ways to write HTTP/1.0 and 1.1 differ in nothing that anybody would look at here. */
static void count_protocol(const struct request *request)
{
    bool is_2 = request != NULL && strcmp(http_version(request->exchange), "HTTP/2") == 0;
    metrics_add(metrics_child_at(
                    &protocols[is_2 ? 1 : 0], &PROTOCOLS, is_2 ? "HTTP/2" : "HTTP/1.1", NULL, NULL),
        1);
}

void request_metrics_count(const struct request *request, const struct http_summary *summary)
{
    const struct route *route = request == NULL ? NULL : request->route;
    int code = summary->status_code;
    bool is_known = code >= STATUS_MIN && code < STATUS_MAX;
    size_t row = route == NULL ? 0 : route_number(route) + 1;
    const char *pattern = route == NULL ? "none" : route->pattern;
    size_t column = is_known ? (size_t)(code - STATUS_MIN + 1) : 0;
    char status[STATUS_TEXT_MAX] = "";
    if (atomic_load_explicit(&requests[row][column], memory_order_relaxed) == NULL) {
        snprintf(status, sizeof(status), "%d", is_known ? code : 0); /* the first of its kind */
    }
    metrics_add(metrics_child_at(&requests[row][column], &REQUESTS, pattern, status, NULL), 1);
    count_protocol(request);
    metrics_observe_in(metrics_child_at(&seconds[row], &REQUEST_SECONDS, pattern, NULL, NULL),
        summary->elapsed_ns, request == NULL ? NULL : request->trace.trace_id);
}
