#include "api/report_stream.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/event_stream.h"
#include "api/progress.h"
#include "walkie/report/v1/methods.h"

enum { HASH_TEXT_MAX = 65 };

/* One request's stream: its `extra`. Written by the call's events, one at a time. */
struct report_stream {
    struct event_stream *events;
    struct progress progress;
    char sha256[HASH_TEXT_MAX]; /* "": no head has come */
    uint64_t len;
};

static void stream_free(void *extra)
{
    struct report_stream *stream = extra;
    event_stream_unref(stream->events);
    free(stream);
}

/* "q=0", "q=0.0": named only to be refused. */
static bool is_refused(const char *parameters, size_t len)
{
    for (size_t i = 0; i + 2 < len; i++) {
        if (strncasecmp(parameters + i, "q=0", 3) == 0) {
            size_t end = i + 3;
            while (end < len && (parameters[end] == '.' || parameters[end] == '0')) {
                end++;
            }
            return end == len || strchr(" \t;", parameters[end]) != NULL;
        }
    }
    return false;
}

bool report_stream_accepts(const char *accept)
{
    static const char TYPE[] = "text/event-stream";
    for (const char *at = accept; *at != '\0';) {
        at += strspn(at, " \t,");
        size_t len = strcspn(at, ",");
        size_t type_len = strcspn(at, " \t;,");
        if (type_len == sizeof(TYPE) - 1 && strncasecmp(at, TYPE, type_len) == 0) {
            return !is_refused(at + type_len, len - type_len);
        }
        at += len;
    }
    return false;
}

bool report_stream_is_wanted(const struct request *request)
{
    const char *accept = http_header(request->exchange, "accept");
    return accept != NULL && strcmp(http_method(request->exchange), "HEAD") != 0 &&
           report_stream_accepts(accept);
}

static void tell(struct request *request)
{
    struct report_stream *stream = request->extra;
    struct buffer json = BUFFER_EMPTY(PROGRESS_JSON_MAX);
    if (progress_write(&stream->progress, ctx_remaining_ns(request->ctx), &json) == STATUS_OK) {
        event_stream_progress(stream->events, buffer_bytes(&json));
    }
    buffer_finish(&json);
}

static void on_progress(void *arg, const struct rpc_progress *told)
{
    struct request *request = arg;
    struct report_stream *stream = request->extra;
    progress_take(&stream->progress, told);
    tell(request);
}

static void on_head(void *arg, struct bytes message)
{
    struct request *request = arg;
    struct report_stream *stream = request->extra;
    Walkie__Report__V1__AuditReportHead *head =
        walkie__report__v1__audit_report_head__unpack(NULL, message.len, message.data);
    if (head == NULL) {
        return; /* on_end says so */
    }
    snprintf(stream->sha256, sizeof(stream->sha256), "%s", head->sha256);
    stream->len = head->content_len;
    walkie__report__v1__audit_report_head__free_unpacked(head, NULL);
    progress_complete(&stream->progress);
    tell(request);
}

/* The file itself is not wanted here: only that it is there, whole. */
static void on_chunk(void *arg, struct bytes piece)
{
    struct request *request = arg;
    rpc_client_call_consumed(request->call, piece.len);
}

static void end_done(struct request *request)
{
    const struct report_stream *stream = request->extra;
    char trace_id[TRACE_ID_TEXT_MAX];
    trace_id_text(&request->trace, trace_id);
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddNullToObject(json, "result");
    (void)cJSON_AddStringToObject(json, "sha256", stream->sha256);
    (void)cJSON_AddNumberToObject(json, "bytes", (double)stream->len);
    (void)cJSON_AddStringToObject(json, "trace_id", trace_id);
    char *text = cJSON_PrintUnformatted(json);
    event_stream_end(stream->events, "done", bytes_of(text == NULL ? "{}" : text));
    cJSON_free(text);
    cJSON_Delete(json);
}

static void end_failed(struct request *request, const struct rpc_end *end)
{
    const struct report_stream *stream = request->extra;
    struct problem problem = request_problem(request, end);
    struct buffer json = BUFFER_EMPTY(EVENT_DATA_MAX);
    enum status status = problem_write(&problem, &json);
    event_stream_end(
        stream->events, "error", status == STATUS_OK ? buffer_bytes(&json) : bytes_of("{}"));
    buffer_finish(&json);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct request *request = arg;
    const struct report_stream *stream = request->extra;
    if (end->cause == CTX_CAUSE_CLIENT_DISCONNECTED) {
        event_stream_abandon(stream->events);
    } else if (end->status == STATUS_OK && stream->sha256[0] != '\0') {
        end_done(request);
    } else {
        end_failed(request, end);
    }
    request_unref(request);
}

enum status report_stream_start(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = on_head, .on_chunk = on_chunk, .on_progress = on_progress, .on_end = on_end};
    if (http_header(request->exchange, "last-event-id") != NULL) {
        http_respond(request->exchange, 204, NULL, bytes_of(""));
        return STATUS_OK;
    }
    Walkie__Report__V1__AuditReportRequest message;
    enum status status = audit_report_message(request, &message, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct report_stream *stream = calloc(1, sizeof(*stream));
    struct event_stream *events = stream == NULL ? NULL : event_stream_new(request->exchange);
    if (events == NULL) {
        free(stream);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "the gateway has no memory left");
    }
    stream->events = events;
    request->extra = stream;
    request->free_extra = stream_free;
    event_stream_begin(events);
    status = request_call(request, &REPORT_AUDIT_REPORT, &message.base, &EVENTS, ret_error);
    if (status != STATUS_OK) {
        const struct rpc_end end = {.status = status};
        end_failed(request, &end);
    }
    return STATUS_OK;
}
