#include "traces/otlp_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "traces/join.h"

enum { NUMBER_TEXT_MAX = 24, NAME_TEXT_MAX = TRACE_METHOD_MAX + TRACE_PATH_MAX };

static const char OWN_SERVICE[] = "api-gateway";

static enum status write_piece(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static void write_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void write_u64(struct json_writer *json, const char *key, uint64_t value)
{
    char text[NUMBER_TEXT_MAX];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    write_text(json, key, text);
}

/* --- attributes ----------------------------------------------------------------------------- */

static void begin_attribute(struct json_writer *json, const char *key)
{
    json_begin(json, '{');
    write_text(json, "key", key);
    json_key(json, "value");
    json_begin(json, '{');
}

static void end_attribute(struct json_writer *json)
{
    json_end(json, '}');
    json_end(json, '}');
}

static void attribute_text(struct json_writer *json, const char *key, const char *value)
{
    begin_attribute(json, key);
    write_text(json, "stringValue", value);
    end_attribute(json);
}

static void attribute_integer(struct json_writer *json, const char *key, uint64_t value)
{
    begin_attribute(json, key);
    write_u64(json, "intValue", value > INT64_MAX ? INT64_MAX : value);
    end_attribute(json);
}

static void attribute_ms(struct json_writer *json, const char *key, uint64_t ns)
{
    uint64_t us = ns / CLOCK_US(1);
    begin_attribute(json, key);
    json_key(json, "doubleValue");
    json_number(json, (double)us / 1e3);
    end_attribute(json);
}

static void attribute_flag(struct json_writer *json, const char *key)
{
    begin_attribute(json, key);
    json_key(json, "boolValue");
    json_bool(json, true);
    end_attribute(json);
}

/* OpenTelemetry's names where it has some, else our own under "walkie.". */
static const char *attribute_name(enum span_key key, char own[SPAN_NAME_MAX])
{
    switch (key) {
    case SPAN_STATEMENT:
        return "db.query.text";
    case SPAN_DATABASE:
        return "db.namespace";
    case SPAN_HTTP_STATUS:
        return "http.response.status_code";
    case SPAN_SERVER_NAME:
        return "server.address";
    case SPAN_NONE:
    case SPAN_ROWS:
    case SPAN_BYTES:
    case SPAN_PAGES:
    case SPAN_COUNT:
    case SPAN_SUM_NS:
    case SPAN_CPU_NS:
    case SPAN_ATTEMPT:
    case SPAN_JOINED_NS:
    case SPAN_MEMBERS:
    case SPAN_DROPPED:
    case SPAN_ABANDONED_NS:
    case SPAN_CACHE:
    case SPAN_BACKEND:
    case SPAN_CAUSE:
    case SPAN_OUTCOME:
    case SPAN_WORD:
    case SPAN_REFUSED:
    case SPAN_KEYS:
        break;
    }
    const char *word = span_key_word(key);
    snprintf(own, SPAN_NAME_MAX, "walkie.%s", word == NULL ? "value" : word);
    return own;
}

static void write_request_attributes(struct json_writer *json, const struct trace_facts *root)
{
    attribute_text(json, "http.request.method", root->method);
    attribute_text(json, "url.path", trace_facts_path(root));
    attribute_text(json, "walkie.principal", root->principal);
    if (root->http_status != 0) {
        attribute_integer(json, "http.response.status_code", (uint64_t)root->http_status);
        attribute_integer(json, "http.response.body.size", root->bytes);
    }
    if (root->deadline_ns != CLOCK_NEVER) {
        attribute_ms(json, "walkie.deadline_ms", root->deadline_ns - root->start_ns);
        attribute_text(json, "walkie.deadline_origin", ctx_origin_word(root->origin));
    }
    if (root->cause != CTX_CAUSE_NONE) {
        attribute_text(json, "walkie.cause", ctx_cause_word(root->cause));
    }
}

static void write_attributes(struct json_writer *json, const struct joined_span *span)
{
    const struct span_record *record = &span->record;
    char own[SPAN_NAME_MAX];
    json_key(json, "attributes");
    json_begin(json, '[');
    if (span->is_request) {
        write_request_attributes(json, span->root);
    }
    for (size_t i = 0; i < SPAN_NUMBERS_MAX && record->numbers[i].key != SPAN_NONE; i++) {
        const struct span_number *number = &record->numbers[i];
        const char *name = attribute_name(number->key, own);
        if (span_key_is_time(number->key)) {
            attribute_ms(json, name, number->value);
        } else {
            attribute_integer(json, name, number->value);
        }
    }
    if (record->text_key != SPAN_NONE) {
        attribute_text(json, attribute_name(record->text_key, own), record->text);
    }
    if (record->is_wasted) {
        attribute_flag(json, "walkie.is_wasted");
        attribute_ms(json, "walkie.wasted_cpu_ms", record->wasted_cpu_ns);
    }
    json_end(json, ']');
}

/* --- a span --------------------------------------------------------------------------------- */

/* On the wall clock, as it is now. */
static uint64_t unix_ns(struct trace_now now, uint64_t at_ns)
{
    uint64_t now_ns = (uint64_t)now.epoch_us * CLOCK_US(1);
    return at_ns <= now.monotonic_ns ? now_ns - (now.monotonic_ns - at_ns)
                                     : now_ns + (at_ns - now.monotonic_ns);
}

static void write_id(struct json_writer *json, const char *key, uint64_t id)
{
    uint8_t bytes[SPAN_ID_LEN];
    char text[SPAN_ID_TEXT_MAX];
    span_id_put(id, bytes);
    span_id_text(bytes, text);
    write_text(json, key, text);
}

static int kind_of(const struct span_record *record)
{
    enum { INTERNAL = 1, SERVER = 2, CLIENT = 3 }; /* SpanKind's numbers */
    switch (record->kind) {
    case SPAN_SERVER:
        return SERVER;
    case SPAN_CLIENT:
        return CLIENT;
    case SPAN_INTERNAL:
        break;
    }
    return INTERNAL;
}

static void write_cancel_event(
    struct json_writer *json, const struct trace_facts *root, struct trace_now now)
{
    json_key(json, "events");
    json_begin(json, '[');
    json_begin(json, '{');
    write_u64(json, "timeUnixNano", unix_ns(now, root->cancelled_ns));
    write_text(json, "name", "cancelled");
    json_key(json, "attributes");
    json_begin(json, '[');
    attribute_text(json, "walkie.cause", ctx_cause_word(root->cause));
    json_end(json, ']');
    json_end(json, '}');
    json_end(json, ']');
}

static void write_status(struct json_writer *json, enum status status)
{
    enum { ERROR_CODE = 2 }; /* Status.StatusCode; what went well is unset */
    json_key(json, "status");
    json_begin(json, '{');
    if (status != STATUS_OK) {
        json_key(json, "code");
        json_integer(json, ERROR_CODE);
        write_text(json, "message", status_name(status));
    }
    json_end(json, '}');
}

static void write_span(
    struct json_writer *json, const struct joined_span *span, struct trace_now now)
{
    const struct trace_facts *root = span->root;
    const struct span_record *record = &span->record;
    char trace_id[TRACE_ID_TEXT_MAX];
    char name[NAME_TEXT_MAX];
    trace_id_text(&root->trace, trace_id);
    snprintf(name, sizeof(name), "%s %s", root->method, trace_facts_path(root));
    uint64_t parent_id = record->parent_id;
    if (span->is_request && root->has_caller) {
        parent_id = span_id_number(root->trace.parent_span_id);
    }
    json_begin(json, '{');
    write_text(json, "traceId", trace_id);
    write_id(json, "spanId", record->id);
    if (parent_id != 0) {
        write_id(json, "parentSpanId", parent_id);
    }
    write_text(json, "name", span->is_request ? name : record->name);
    json_key(json, "kind");
    json_integer(json, kind_of(record));
    write_u64(json, "startTimeUnixNano", unix_ns(now, record->start_ns));
    write_u64(
        json, "endTimeUnixNano", unix_ns(now, record->end_ns == 0 ? root->end_ns : record->end_ns));
    write_attributes(json, span);
    if (span->is_request && root->cancelled_ns != 0) {
        write_cancel_event(json, root, now);
    }
    write_status(json, record->status);
    json_end(json, '}');
}

/* --- the whole ------------------------------------------------------------------------------ */

static const char *service_of(const struct joined_span *span)
{
    return *span->record.service == '\0' ? OWN_SERVICE : span->record.service;
}

static size_t list_services(const struct joined *joined, const char *services[OTLP_SERVICES_MAX])
{
    size_t n = 0;
    services[n++] = OWN_SERVICE;
    for (size_t i = 0; i < joined->n_spans && n < OTLP_SERVICES_MAX; i++) {
        const char *service = service_of(&joined->spans[i]);
        size_t at = 0;
        while (at < n && strcmp(services[at], service) != 0) {
            at++;
        }
        if (at == n) {
            services[n++] = service;
        }
    }
    return n;
}

static bool is_of(const struct joined_span *span, const char *const *services, size_t n, size_t at)
{
    const char *service = service_of(span);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(services[i], service) == 0) {
            return i == at;
        }
    }
    return at == 0;
}

static void write_resource(struct json_writer *json, const char *service)
{
    json_key(json, "resource");
    json_begin(json, '{');
    json_key(json, "attributes");
    json_begin(json, '[');
    attribute_text(json, "service.name", service);
    if (strcmp(service, OWN_SERVICE) == 0) {
        attribute_text(json, "service.version", WALKIE_VERSION);
    }
    json_end(json, ']');
    json_end(json, '}');
}

static void write_service(struct json_writer *json, const struct joined *joined,
    const char *const *services, size_t n_services, size_t at, struct trace_now now)
{
    json_begin(json, '{');
    write_resource(json, services[at]);
    json_key(json, "scopeSpans");
    json_begin(json, '[');
    json_begin(json, '{');
    json_key(json, "scope");
    json_begin(json, '{');
    write_text(json, "name", "walkie");
    write_text(json, "version", WALKIE_VERSION);
    json_end(json, '}');
    json_key(json, "spans");
    json_begin(json, '[');
    for (size_t i = 0; i < joined->n_spans; i++) {
        if (is_of(&joined->spans[i], services, n_services, at)) {
            write_span(json, &joined->spans[i], now);
        }
    }
    json_end(json, ']');
    json_end(json, '}');
    json_end(json, ']');
    json_end(json, '}');
}

enum status otlp_json_write(const struct trace_facts *requests, size_t n_requests,
    struct trace_now now, struct buffer *out, size_t *ret_n_spans)
{
    struct joined joined;
    if (!trace_join(requests, n_requests, &joined)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct json_writer *json = malloc(sizeof(*json)); /* too large for a stack */
    if (json == NULL) {
        joined_finish(&joined);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    const char *services[OTLP_SERVICES_MAX];
    size_t n_services = list_services(&joined, services);
    json_init(json, write_piece, out);
    json_begin(json, '{');
    json_key(json, "resourceSpans");
    json_begin(json, '[');
    for (size_t i = 0; i < n_services; i++) {
        write_service(json, &joined, services, n_services, i, now);
    }
    json_end(json, ']');
    json_end(json, '}');
    *ret_n_spans = joined.n_spans;
    joined_finish(&joined);
    enum status status = json_finish(json);
    free(json);
    return status;
}
