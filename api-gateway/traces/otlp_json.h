/* Requests as OTLP's JSON (ExportTraceServiceRequest): a resource a service, with its spans.
 *
 *     status = otlp_json_write(requests, n_requests, trace_now(), &body);
 *
 * As https://opentelemetry.io/docs/specs/otlp/ says: ids in hex, 64-bit numbers as decimal strings,
 * enums as numbers, names in lowerCamelCase. The spans of both services are told by the gateway
 * alone, each under its own resource. Not here: sending (otlp.h). */
#ifndef WALKIE_GATEWAY_TRACES_OTLP_JSON_H
#define WALKIE_GATEWAY_TRACES_OTLP_JSON_H

#include "traces/view.h"

enum {
    OTLP_BODY_MAX = 16 << 20, /* bytes of one request to the collector */
    OTLP_SERVICES_MAX = 8, /* resources of one; spans of further services go with the gateway's */
};

/* Errors: RESOURCE_EXHAUSTED. *ret_n_spans: how many there are. */
MUST_USE enum status otlp_json_write(const struct trace_facts *requests, size_t n_requests,
    struct trace_now now, struct buffer *out, size_t *ret_n_spans);

#endif
