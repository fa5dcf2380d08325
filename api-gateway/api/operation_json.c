#include "api/operation_json.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

void operation_url(const char *id, const char *suffix, char ret_url[OPERATION_URL_MAX])
{
    snprintf(ret_url, OPERATION_URL_MAX, "/v1/operations/%.*s%s", OPERATION_ID_LEN, id, suffix);
}

void operation_time(int64_t ms, char ret_text[OPERATION_TIME_MAX])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    char day[OPERATION_TIME_MAX] = "";
    if (ms >= 0 && gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &parts);
    }
    snprintf(ret_text, OPERATION_TIME_MAX, "%.20s.%03dZ", day, (int)(ms % 1000));
}

/* cJSON knows one failure only, want of memory: it shows in the missing text at the end. */
static void add_time(cJSON *json, const char *name, int64_t ms)
{
    char text[OPERATION_TIME_MAX];
    operation_time(ms, text);
    if (ms == 0) {
        (void)cJSON_AddNullToObject(json, name);
    } else {
        (void)cJSON_AddStringToObject(json, name, text);
    }
}

static void add_text(cJSON *json, const char *name, const char *text)
{
    if (text[0] == '\0') {
        (void)cJSON_AddNullToObject(json, name);
    } else {
        (void)cJSON_AddStringToObject(json, name, text);
    }
}

static void add_raw(cJSON *json, const char *name, const char *value)
{
    (void)cJSON_AddRawToObject(json, name, value[0] == '\0' ? "null" : value);
}

static uint64_t remaining_ns(const struct operation_record *record)
{
    if (record->deadline_ms == 0) {
        return CLOCK_NEVER;
    }
    int64_t left_ms = record->deadline_ms - operation_now_ms();
    return record->state != OPERATION_RUNNING || left_ms < 0 ? 0 : CLOCK_MS(left_ms);
}

static void add_progress(cJSON *json, const struct operation_record *record)
{
    struct buffer progress = BUFFER_EMPTY(PROGRESS_JSON_MAX);
    enum status status = progress_write(&record->progress, remaining_ns(record), &progress);
    if (status == STATUS_OK) {
        status = buffer_append(&progress, "", 1);
    }
    add_raw(json, "progress", status == STATUS_OK ? (const char *)progress.data : "");
    buffer_finish(&progress);
}

static void add_result(cJSON *json, const struct operation_record *record)
{
    char url[OPERATION_URL_MAX];
    operation_url(record->id, "/result", url);
    if (record->state != OPERATION_DONE) {
        (void)cJSON_AddNullToObject(json, "result");
        (void)cJSON_AddNullToObject(json, "sha256");
        (void)cJSON_AddNullToObject(json, "bytes");
        return;
    }
    add_text(json, "result", record->is_removed ? "" : url);
    add_text(json, "sha256", record->sha256);
    (void)cJSON_AddNumberToObject(json, "bytes", (double)record->bytes);
}

static cJSON *object_of(const struct operation_record *record)
{
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "id", record->id);
    (void)cJSON_AddStringToObject(json, "state", operation_state_word(record->state));
    if (record->is_cancelling && record->state == OPERATION_RUNNING) {
        (void)cJSON_AddBoolToObject(json, "cancelling", true);
    }
    add_time(json, "created", record->created_ms);
    add_time(json, "finished", record->finished_ms);
    (void)cJSON_AddStringToObject(json, "path", record->path);
    add_progress(json, record);
    add_result(json, record);
    add_raw(json, "problem", record->problem);
    add_text(json, "outcome", record->outcome);
    add_text(json, "trace_id", record->trace_id);
    (void)cJSON_AddStringToObject(json, "owner", record->owner);
    add_time(json, "expires", record->expires_ms);
    return json;
}

/* Takes the object. */
static enum status print(cJSON *json, struct buffer *buffer)
{
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    enum status status =
        text == NULL ? STATUS_RESOURCE_EXHAUSTED : buffer_append_text(buffer, text);
    cJSON_free(text);
    return status;
}

enum status operation_json(const struct operation_record *record, struct buffer *buffer)
{
    return print(object_of(record), buffer);
}

enum status operation_list_json(
    const struct operation_record *records, size_t n_records, bool is_full, struct buffer *buffer)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "operations");
    for (size_t i = 0; i < n_records; i++) {
        cJSON *one = object_of(&records[i]);
        if (!cJSON_AddItemToArray(list, one)) {
            cJSON_Delete(one);
        }
    }
    add_text(json, "next", is_full && n_records > 0 ? records[n_records - 1].id : "");
    return print(json, buffer);
}
