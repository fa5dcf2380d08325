#include "api/report_stream.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

#include "api/event_stream.h"
#include "api/operation_json.h"
#include "api/request_trace.h"

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

static void stream_free(void *extra)
{
    event_stream_unref(extra);
}

static void on_accepted(void *arg)
{
    struct request *request = arg;
    event_stream_begin(request->extra);
}

static void on_progress(void *arg, const struct progress *progress, uint64_t remaining_ns)
{
    struct request *request = arg;
    struct buffer json = BUFFER_EMPTY(PROGRESS_JSON_MAX);
    if (progress_write(progress, remaining_ns, &json) == STATUS_OK) {
        event_stream_progress(request->extra, buffer_bytes(&json));
    }
    buffer_finish(&json);
}

static void end_done(struct request *request, const struct operation_record *record)
{
    char url[OPERATION_URL_MAX];
    operation_url(record->id, "/result", url);
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "result", url);
    (void)cJSON_AddStringToObject(json, "sha256", record->sha256);
    (void)cJSON_AddNumberToObject(json, "bytes", (double)record->bytes);
    (void)cJSON_AddStringToObject(json, "operation", record->id);
    (void)cJSON_AddStringToObject(json, "trace_id", record->trace_id);
    char *text = cJSON_PrintUnformatted(json);
    event_stream_end(request->extra, "done", bytes_of(text == NULL ? "{}" : text));
    cJSON_free(text);
    cJSON_Delete(json);
}

static void on_finished(void *arg, const struct operation_record *record, const struct rpc_end *end)
{
    struct request *request = arg;
    request_trace_called(request, end);
    if (end->cause == CTX_CAUSE_CLIENT_DISCONNECTED) {
        event_stream_abandon(request->extra);
    } else if (record->state == OPERATION_DONE) {
        end_done(request, record);
    } else {
        event_stream_end(
            request->extra, "error", bytes_of(record->problem[0] == '\0' ? "{}" : record->problem));
    }
    request_unref(request);
}

enum status report_stream_start(
    struct request *request, const struct report_work *work, struct error *ret_error)
{
    static const struct operation_events EVENTS = {
        .on_accepted = on_accepted, .on_progress = on_progress, .on_finished = on_finished};
    struct operations *operations = request->gateway->operations;
    if (http_header(request->exchange, "last-event-id") != NULL) {
        http_respond(request->exchange, 204, NULL, bytes_of(""));
        return STATUS_OK;
    }
    if (operations == NULL) {
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "this gateway keeps no results of event streams; see --operations");
    }
    request->extra = event_stream_new(request->exchange);
    if (request->extra == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "the gateway has no memory left");
    }
    request->free_extra = stream_free;
    char path[REPORT_PATH_MAX];
    struct operation_start start;
    report_work_describe(request, work, path, &start);
    start.is_attached = true;
    start.events = &EVENTS;
    live_add(&request->gateway->live, &request->live);
    request_ref(request); /* until on_finished */
    enum status status = operation_start(operations, &start, ret_error);
    if (status != STATUS_OK) {
        request_unref(request);
    }
    return status;
}
