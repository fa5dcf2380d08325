/* The log: one line an event, JSON or aligned text, the same fields in the same order.
 *
 *     LOG_INFO("rpc.recv", ctx, log_str("method", method), log_ms("remaining_ms", remaining_ns));
 *
 * Every line has ts, level, service and event. A context adds, without the caller saying so,
 * trace_id, span_id, call_id and method of its request (obs/trace.h); when it has a deadline,
 * remaining_ms, deadline_origin, deadline_hop and deadline_by; when it is done, cause, cause_hop
 * and cause_by. Hops are 0 in the process where it arose; _by names the peer that brought it. What
 * the caller gives itself wins; with its own deadline_origin or cause, also one that is left out
 * (NULL), the context's say nothing of it: a line that tells how something ended must not show what
 * the context has become since. The order is: these, with elapsed_ms after remaining_ms and stage
 * at the end; the rest. A line is formatted on the caller's stack and written with one write(2):
 * lines never interleave. Events and field names are string literals; values from outside are
 * escaped.
 *
 * Not here: files and rotation (stderr is the log; the supervisor keeps it; --log-file appends to a
 * file that SIGHUP reopens), metrics, or logging from libraries about failures they return. */
#ifndef WALKIE_OBS_LOG_H
#define WALKIE_OBS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "ctx/ctx.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
enum log_language { LOG_LANGUAGE_EN, LOG_LANGUAGE_ZH_CN };

enum {
    LOG_LINE_MAX = 4096,  /* bytes; a longer line's last fields are dropped and "cut":true added */
    LOG_VALUE_MAX = 1024, /* bytes of one text value */
};

struct log_options {
    const char *service; /* "api-gateway", "report-service"; borrowed for good */
    enum log_format format;
    enum log_level level;
    enum log_language language; /* of the words in the text format; names stay the same */
    const char *path;           /* NULL: stderr */
};

/* Set up; before threads start. Without it lines go to stderr as text.
 * Errors: UNAVAILABLE when the file cannot be opened. */
MUST_USE enum status log_init(const struct log_options *options, struct error *ret_error);

/* Reopen the log file after rotation (SIGHUP). Keeps the old one when that fails. */
MUST_USE enum status log_reopen(struct error *ret_error);

bool log_is_on(enum log_level level);

enum log_kind { LOG_STR, LOG_I64, LOG_U64, LOG_F64, LOG_MS, LOG_BOOL, LOG_ABSENT };

struct log_field {
    const char *name;
    enum log_kind kind;
    union {
        const char *str;
        int64_t i64;
        uint64_t u64;
        double f64;
        bool boolean;
    } value;
};

struct log_field log_str(const char *name, const char *value); /* NULL: the field is left out */
struct log_field log_i64(const char *name, int64_t value);
struct log_field log_u64(const char *name, uint64_t value);
struct log_field log_u64_if(const char *name, bool is_given, uint64_t value); /* else left out */
struct log_field log_f64(const char *name, double value);
struct log_field log_bool(const char *name, bool value);
/* A duration in ns, printed in ms with three decimals; CLOCK_NEVER leaves the field out. */
struct log_field log_ms(const char *name, uint64_t duration_ns);

/* Write one line. `ctx` may be NULL. Threads: any. Never fails: what cannot be written is lost. */
void log_event(enum log_level level, const char *event, const struct ctx *ctx,
    const struct log_field *fields, size_t n_fields);

#define LOG_AT(level, event, ctx, ...)                                                             \
    do {                                                                                           \
        if (log_is_on(level)) {                                                                    \
            const struct log_field log_fields_[] = {__VA_ARGS__};                                  \
            log_event((level), (event), (ctx), log_fields_, LENGTH_OF(log_fields_));               \
        }                                                                                          \
    } while (0)
#define LOG_DEBUG(event, ctx, ...) LOG_AT(LOG_LEVEL_DEBUG, event, ctx, __VA_ARGS__)
#define LOG_INFO(event, ctx, ...) LOG_AT(LOG_LEVEL_INFO, event, ctx, __VA_ARGS__)
#define LOG_WARN(event, ctx, ...) LOG_AT(LOG_LEVEL_WARN, event, ctx, __VA_ARGS__)
#define LOG_ERROR(event, ctx, ...) LOG_AT(LOG_LEVEL_ERROR, event, ctx, __VA_ARGS__)

#endif
