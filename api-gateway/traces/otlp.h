/* Sends requests that are done to an OpenTelemetry collector: OTLP over HTTP, JSON, in batches,
 * from a thread of its own.
 *
 *     status = otlp_start(&options, &otlp, &error);
 *     store_options.on_done = otlp_offer; store_options.arg = otlp;
 *     otlp_drain(ctx, otlp);                  at the end: what is queued goes out, as far as ctx
 * lets it otlp_stop(otlp);
 *
 * No request waits for it: what finds no room in the queue is dropped and counted
 * (walkie_otlp_requests_total). A collector that is slow, gone or says 429, 502, 503 or 504 is
 * asked again, after its Retry-After or a pause that doubles; other answers end the batch. While it
 * drains each batch has one attempt. Redirects are not followed. Requests whose caller said that
 * they are not sampled (traceparent) are left out.
 *
 * Not here: what is written (otlp_json.h). */
#ifndef WALKIE_GATEWAY_TRACES_OTLP_H
#define WALKIE_GATEWAY_TRACES_OTLP_H

#include "traces/store.h"

enum {
    OTLP_QUEUE_MAX_DEFAULT = 1024,   /* requests that wait */
    OTLP_QUEUE_BYTES_MAX = 32 << 20, /* of them all */
    OTLP_BATCH_MAX = 128,            /* requests of one batch */
    OTLP_BATCH_EVERY_MS = 1000,      /* a batch that is not full goes out after this */
    OTLP_LATE_MS = 2000,             /* a cancelled call's END is waited for so long */
    OTLP_TIMEOUT_MS = 10000,         /* for one answer of the collector */
    OTLP_ATTEMPTS_MAX = 5,           /* of one batch */
    OTLP_PAUSE_MIN_MS = 500,         /* before the second; doubles */
    OTLP_PAUSE_MAX_MS = 30000,       /* also of a Retry-After */
    OTLP_REPLY_MAX = 64 << 10,       /* bytes of the collector's answer */
    OTLP_HEADER_MAX = 2048,          /* bytes of --otlp-header, and of a file it names */
};

struct otlp;

struct otlp_options {
    const char *url;    /* "http://127.0.0.1:4318/v1/traces"; borrowed until otlp_stop */
    const char *header; /* "NAME: VALUE", or "NAME: @FILE" for what nobody should see; NULL: none */
    size_t queue_max;   /* > 0 */
    unsigned int pause_min_ms; /* 0: OTLP_PAUSE_MIN_MS; for tests */
};

/* Whether the options can be used. Errors: INVALID_ARGUMENT, in words that keep the value to
 * themselves. */
MUST_USE enum status otlp_check(const struct otlp_options *options, struct error *ret_error);

/* Errors: as otlp_check; UNAVAILABLE (the header's file), RESOURCE_EXHAUSTED. */
MUST_USE enum status otlp_start(
    const struct otlp_options *options, struct otlp **ret_otlp, struct error *ret_error);

/* Fits trace_store_options.on_done. Never waits. Threads: any. */
void otlp_offer(void *otlp, const struct trace_facts *facts);

/* Send what is queued now, without pauses for more. Errors: the status of `ctx`. Accepts NULL. */
MUST_USE enum status otlp_drain(const struct ctx *ctx, struct otlp *otlp);

/* End a call that is under way, join the thread, free; what is still queued is dropped and counted.
 * Nobody offers any more. Accepts NULL. */
void otlp_stop(struct otlp *otlp);

#endif
