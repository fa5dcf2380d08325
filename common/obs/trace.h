/* Who a piece of work belongs to: W3C trace id and span id, the call's number and its method. A
 * context carries it as a value, so that every log line below finds it.
 *
 *     struct trace trace;
 *     if (!trace_parse(header, &trace)) {
 *         trace_init(&trace);
 *     }
 *     CTX_SCOPE(scope, ctx_with_value(parent, &TRACE_KEY, &trace));
 *
 * Not here: recording spans (obs/span.h), tracestate (obs/tracestate.h). */
#ifndef WALKIE_OBS_TRACE_H
#define WALKIE_OBS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "ctx/ctx.h"

enum {
    TRACE_ID_LEN = 16,
    SPAN_ID_LEN = 8,
    TRACE_ID_TEXT_MAX = 33, /* 32 lower-case hex digits and the NUL */
    SPAN_ID_TEXT_MAX = 17,
    TRACE_PARENT_TEXT_MAX = 56,
};

struct span_log; /* obs/span.h */

struct trace {
    uint8_t trace_id[TRACE_ID_LEN];
    uint8_t span_id[SPAN_ID_LEN];        /* this hop's */
    uint8_t parent_span_id[SPAN_ID_LEN]; /* the caller's; zeros at the root */
    uint64_t call_id;                    /* 0: none */
    const char *method;                  /* borrowed; NULL: none */
    struct span_log *spans;              /* borrowed: who records; NULL: nobody */
    const char *state;                   /* borrowed: W3C tracestate, checked; NULL: none */
    uint8_t flags;                       /* of traceparent: TRACE_SAMPLED */
};

enum { TRACE_SAMPLED = 1 << 0 }; /* says who asks; here it counts for exporting only */

extern const struct ctx_key TRACE_KEY;

/* A new random trace and span id, no parent; sampled. */
void trace_init(struct trace *ret_trace);

/* A new span below `parent`'s, the same trace id, flags and state; the rest is cleared. */
void trace_child(const struct trace *parent, struct trace *ret_trace);

/* A random span id, never zeros. */
void trace_new_span_id(uint8_t ret_span_id[SPAN_ID_LEN]);

/* W3C traceparent ("00-<32 hex>-<16 hex>-<2 hex>"): its ids become trace and parent, a new span is
 * made. Later versions are read as version 00, as far as that goes; ff is none. False (and
 * `ret_trace` alone) when it is malformed or an id is all zeros. */
MUST_USE bool trace_parse(const char *traceparent, struct trace *ret_trace);

/* The traceparent that tells another service of this span: version 00, with the sampled flag that
 * came. */
void trace_parent_text(const struct trace *trace, char text[TRACE_PARENT_TEXT_MAX]);

/* Lower-case hex with the NUL. */
void trace_id_text(const struct trace *trace, char text[TRACE_ID_TEXT_MAX]);
void span_id_text(const uint8_t span_id[SPAN_ID_LEN], char text[SPAN_ID_TEXT_MAX]);

/* The nearest trace in the context, NULL when there is none. */
const struct trace *trace_of(const struct ctx *ctx);

#endif
