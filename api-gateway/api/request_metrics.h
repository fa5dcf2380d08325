/* What is counted of HTTP requests: how many by route and status, and how long they take.
 *
 *     request_metrics_count(request == NULL ? NULL : request->route, &summary);
 *
 * Threads: any. Never waits once a route has been seen with a status. */
#ifndef WALKIE_GATEWAY_REQUEST_METRICS_H
#define WALKIE_GATEWAY_REQUEST_METRICS_H

#include "api/request.h"

/* A request is over. `route` is a row of the table of routes, NULL: none matched. */
void request_metrics_count(const struct route *route, const struct http_summary *summary);

#endif
