#include "traces/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "traces/join.h"

enum { STARTED_TEXT_MAX = 40, REQUEST_NAME_MAX = TRACE_METHOD_MAX + TRACE_PATH_MAX };

static const char OWN_SERVICE[] = "api-gateway";

struct trace_now trace_now(void)
{
    return (struct trace_now){clock_now_ns(), clock_epoch_us()};
}

static enum status write_piece(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

/* To the microsecond. */
static void write_ms(struct json_writer *json, const char *key, uint64_t ns, bool is_negative)
{
    uint64_t us = (ns + CLOCK_US(1) / 2) / CLOCK_US(1);
    double ms = (double)us / 1e3;
    json_key(json, key);
    json_number(json, is_negative ? -ms : ms);
}

static void write_between(
    struct json_writer *json, const char *key, uint64_t from_ns, uint64_t to_ns)
{
    bool is_negative = to_ns < from_ns;
    write_ms(json, key, is_negative ? from_ns - to_ns : to_ns - from_ns, is_negative);
}

static void write_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void write_trace_id(struct json_writer *json, const struct trace_facts *facts)
{
    char trace_id[TRACE_ID_TEXT_MAX];
    trace_id_text(&facts->trace, trace_id);
    write_text(json, "trace_id", trace_id);
}

static void write_span_id(struct json_writer *json, const char *key, uint64_t id)
{
    uint8_t bytes[SPAN_ID_LEN];
    char text[SPAN_ID_TEXT_MAX];
    span_id_put(id, bytes);
    span_id_text(bytes, text);
    write_text(json, key, id == 0 ? NULL : text);
}

static void write_started(
    struct json_writer *json, const struct trace_facts *facts, struct trace_now now)
{
    int64_t ago_us = (int64_t)((now.monotonic_ns - facts->start_ns) / CLOCK_US(1));
    int64_t at_us = now.epoch_us - ago_us;
    time_t seconds = (time_t)(at_us / 1000000);
    struct tm utc;
    char text[STARTED_TEXT_MAX];
    gmtime_r(&seconds, &utc);
    size_t len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + len, sizeof(text) - len, ".%03dZ", (int)(at_us / 1000 % 1000));
    write_text(json, "started", text);
}

static void write_http_status(struct json_writer *json, const struct trace_facts *facts)
{
    json_key(json, "http_status");
    if (facts->http_status == 0) {
        json_null(json);
    } else {
        json_integer(json, facts->http_status);
    }
}

/* --- one trace ------------------------------------------------------------------------------ */

static void write_numbers(struct json_writer *json, const struct span_record *record)
{
    for (size_t i = 0; i < SPAN_NUMBERS_MAX && record->numbers[i].key != SPAN_NONE; i++) {
        const struct span_number *number = &record->numbers[i];
        const char *word = span_key_word(number->key);
        if (span_key_is_time(number->key)) {
            write_ms(json, word, number->value, false);
        } else {
            json_key(json, word);
            json_integer(json, number->value > INT64_MAX ? INT64_MAX : (int64_t)number->value);
        }
    }
    if (record->text_key != SPAN_NONE) {
        write_text(json, span_key_word(record->text_key), record->text);
    }
}

static void write_request_attributes(struct json_writer *json, const struct trace_facts *root)
{
    write_text(json, "method", root->method);
    write_text(json, "path", trace_facts_path(root));
    write_text(json, "principal", root->principal);
    if (root->http_status != 0) {
        json_key(json, "http_status");
        json_integer(json, root->http_status);
        json_key(json, "bytes");
        json_integer(json, (int64_t)root->bytes);
    }
    if (root->has_caller) {
        write_span_id(json, "caller_span_id", span_id_number(root->trace.parent_span_id));
    }
    if (root->cause != CTX_CAUSE_NONE) {
        write_text(json, "cause", ctx_cause_word(root->cause));
    }
}

static void write_name(struct json_writer *json, const struct joined_span *span)
{
    char name[REQUEST_NAME_MAX];
    snprintf(name, sizeof(name), "%s %s", span->root->method, trace_facts_path(span->root));
    write_text(json, "name", span->is_request ? name : span->record.name);
}

static void write_span(struct json_writer *json, const struct joined_span *span, uint64_t base_ns)
{
    const struct span_record *record = &span->record;
    bool is_own = *record->service == '\0';
    json_begin(json, '{');
    write_span_id(json, "span_id", record->id);
    write_span_id(json, "parent_id", record->parent_id);
    write_text(json, "service", is_own ? OWN_SERVICE : record->service);
    write_name(json, span);
    write_between(json, "start_ms", base_ns, record->start_ns);
    if (record->end_ns == 0) {
        json_key(json, "end_ms");
        json_null(json);
    } else {
        write_between(json, "end_ms", base_ns, record->end_ns);
    }
    write_text(json, "status", record->end_ns == 0 ? NULL : status_name(record->status));
    json_key(json, "is_wasted");
    json_bool(json, record->is_wasted);
    write_ms(json, "wasted_cpu_ms", record->wasted_cpu_ns, false);
    json_key(json, "attributes");
    json_begin(json, '{');
    if (span->is_request) {
        write_request_attributes(json, span->root);
    }
    if (span->has_stage) {
        json_key(json, "done");
        json_integer(json, (int64_t)span->done);
        json_key(json, "total");
        json_integer(json, (int64_t)span->total);
    }
    write_numbers(json, record);
    json_end(json, '}');
    json_end(json, '}');
}

/* The whole trace runs as long as one of its requests does. */
static uint64_t end_of(const struct trace_facts *roots, size_t n_roots)
{
    uint64_t end_ns = 0;
    for (size_t i = 0; i < n_roots; i++) {
        if (roots[i].end_ns == 0) {
            return 0;
        }
        end_ns = roots[i].end_ns > end_ns ? roots[i].end_ns : end_ns;
    }
    return end_ns;
}

static void write_deadline(struct json_writer *json, const struct trace_facts *root)
{
    if (root->deadline_ns == CLOCK_NEVER || root->deadline_ns == 0) {
        json_key(json, "deadline_ms");
        json_null(json);
        write_text(json, "deadline_origin", NULL);
        return;
    }
    write_between(json, "deadline_ms", root->start_ns, root->deadline_ns);
    write_text(json, "deadline_origin", ctx_origin_word(root->origin));
}

static void write_cancel(struct json_writer *json, const struct trace_facts *root)
{
    if (root->cancelled_ns == 0) {
        json_key(json, "cancelled_ms");
        json_null(json);
    } else {
        write_between(json, "cancelled_ms", root->start_ns, root->cancelled_ns);
    }
    write_text(json, "cause", root->cause == CTX_CAUSE_NONE ? NULL : ctx_cause_word(root->cause));
}

static void write_trace(struct json_writer *json, const struct trace_facts *roots, size_t n_roots,
    struct trace_now now, const struct joined *joined)
{
    const struct trace_facts *first = &roots[0];
    uint64_t end_ns = end_of(roots, n_roots);
    json_begin(json, '{');
    write_trace_id(json, first);
    write_text(json, "state", end_ns == 0 ? "running" : "done");
    write_started(json, first, now);
    write_between(json, "elapsed_ms", first->start_ns, end_ns == 0 ? now.monotonic_ns : end_ns);
    write_deadline(json, first);
    write_cancel(json, first);
    write_text(json, "status", end_ns == 0 ? NULL : status_name(first->status));
    write_http_status(json, first);
    json_key(json, "requests");
    json_integer(json, (int64_t)n_roots);
    json_key(json, "dropped_spans");
    json_integer(json, (int64_t)joined->n_dropped);
    json_key(json, "spans");
    json_begin(json, '[');
    for (size_t i = 0; i < joined->n_spans; i++) {
        write_span(json, &joined->spans[i], first->start_ns);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static enum status finish(struct json_writer *json, struct buffer *out)
{
    enum status status = json_finish(json);
    free(json);
    return status == STATUS_OK ? buffer_append_text(out, "\n") : status;
}

enum status trace_view_write(
    const struct trace_facts *roots, size_t n_roots, struct trace_now now, struct buffer *out)
{
    struct joined joined;
    if (!trace_join(roots, n_roots, &joined)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct json_writer *json = malloc(sizeof(*json)); /* too large for a stack */
    if (json == NULL) {
        joined_finish(&joined);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    json_init(json, write_piece, out);
    write_trace(json, roots, n_roots, now, &joined);
    joined_finish(&joined);
    return finish(json, out);
}

/* --- the list ------------------------------------------------------------------------------- */

enum status trace_view_write_list(
    const struct trace_facts *facts, size_t n_facts, struct trace_now now, struct buffer *out)
{
    struct json_writer *json = malloc(sizeof(*json));
    if (json == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    json_init(json, write_piece, out);
    json_begin(json, '{');
    json_key(json, "traces");
    json_begin(json, '[');
    for (size_t i = 0; i < n_facts; i++) {
        const struct trace_facts *one = &facts[i];
        bool is_running = one->end_ns == 0;
        json_begin(json, '{');
        write_trace_id(json, one);
        write_text(json, "method", one->method);
        write_text(json, "path", trace_facts_path(one));
        write_text(json, "principal", one->principal);
        write_text(json, "state", is_running ? "running" : "done");
        write_started(json, one, now);
        write_between(
            json, "elapsed_ms", one->start_ns, is_running ? now.monotonic_ns : one->end_ns);
        write_text(json, "status", is_running ? NULL : status_name(one->status));
        write_http_status(json, one);
        write_text(json, "cause", one->cause == CTX_CAUSE_NONE ? NULL : ctx_cause_word(one->cause));
        json_end(json, '}');
    }
    json_end(json, ']');
    json_end(json, '}');
    return finish(json, out);
}
