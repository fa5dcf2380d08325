/* The traces of a gateway, by its settings: the store, and the exporter where one is wanted.
 *
 *     status = tracing_start(settings, &tracing, &error);
 *     gateway.traces = tracing.store;                     NULL: none are kept
 */
#ifndef WALKIE_GATEWAY_TRACES_TRACING_H
#define WALKIE_GATEWAY_TRACES_TRACING_H

#include "base/settings.h"
#include "traces/otlp.h"

#define TRACING_SETTINGS                                                                           \
    {.name = "traces-max",                                                                         \
        .kind = SETTING_INTEGER,                                                                   \
        .default_text = "1000",                                                                    \
        .min = 0,                                                                                  \
        .max = 100000,                                                                             \
        .group = "Traces",                                                                         \
        .help =                                                                                    \
            "requests whose traces are kept for /v1/traces; 0: none, and nothing is recorded"},    \
        {.name = "otlp",                                                                           \
            .kind = SETTING_TEXT,                                                                  \
            .group = "Traces",                                                                     \
            .value_name = "URL",                                                                   \
            .help = "send them to an OpenTelemetry collector, such as "                            \
                    "http://127.0.0.1:4318/v1/traces (OTLP over HTTP, JSON)"},                     \
        {.name = "otlp-header",                                                                    \
            .kind = SETTING_TEXT,                                                                  \
            .group = "Traces",                                                                     \
            .value_name = "NAME:VALUE",                                                            \
            .help = "a header field for the collector; @FILE as the value reads it from there"},   \
    {                                                                                              \
        .name = "otlp-queue", .kind = SETTING_INTEGER, .default_text = "1024", .min = 1,           \
        .max = 100000, .group = "Traces",                                                          \
        .help = "requests that wait for the collector; further ones are dropped"                   \
    }

struct tracing {
    struct trace_store *store; /* NULL: none are kept */
    struct otlp *otlp;         /* NULL: none are sent */
};

/* Whether the settings fit each other. Errors: INVALID_ARGUMENT. */
MUST_USE enum status tracing_check(const struct settings *settings, struct error *ret_error);

MUST_USE enum status tracing_start(
    const struct settings *settings, struct tracing *ret_tracing, struct error *ret_error);

/* When no request runs any more. */
void tracing_stop(struct tracing *tracing);

#endif
