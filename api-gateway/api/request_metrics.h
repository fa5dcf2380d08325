/* What is counted of HTTP requests: how many by route and status, and how long they take.
 *
 *     request_metrics_start(&hook, &gateway->live);       once, until metrics_hook_stop(&hook)
 *     request_metrics_count(request, &summary);
 *
 * Threads: any. Never waits once a route has been seen with a status. */
#ifndef WALKIE_GATEWAY_REQUEST_METRICS_H
#define WALKIE_GATEWAY_REQUEST_METRICS_H

#include "api/request.h"
#include "obs/metrics.h"

/* Show the families, and count who waits before each page. */
void request_metrics_start(struct metrics_hook *hook, struct live *live);

/* A request is over; NULL: there was no memory for one. */
void request_metrics_count(const struct request *request, const struct http_summary *summary);

#endif
