#include "audit/lab/lab_page.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "base/json_scan.h"

/* The names of an object that are looked at, in the order of the table that is passed along. */
enum { PAGE_RESULTS, PAGE_AS_OF, PAGE_SNAPSHOT_AT, PAGE_NEXT, PAGE_FIELDS };
static const char *const PAGE_NAMES[PAGE_FIELDS] = {"results", "as_of", "snapshot_at", "next"};

enum {
    RESULT_SUBJECT_NO,
    RESULT_TEST,
    RESULT_COLLECTED_ON,
    RESULT_VALUE,
    RESULT_UNIT,
    RESULT_FLAG,
    RESULT_ACCESSION,
    RESULT_FIELDS
};
static const char *const RESULT_NAMES[RESULT_FIELDS] = {
    "subject_no", "test", "collected_on", "value", "unit", "flag", "accession"};

static const char *const FLAGS[] = {"N", "L", "H", "LL", "HH", "A"};

static bool comes_twice(const cJSON *object, const cJSON *item)
{
    for (const cJSON *before = object->child; before != item; before = before->next) {
        if (strcmp(before->string, item->string) == 0) {
            return true;
        }
    }
    return false;
}

/* The object's values by name, NULL where there is none. */
static bool take_fields(
    const cJSON *object, const char *const *names, size_t n_names, const cJSON **ret_fields)
{
    if (!cJSON_IsObject(object)) {
        return false;
    }
    size_t n_seen = 0;
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        if (++n_seen > LAB_OBJECT_NAMES_MAX || comes_twice(object, item)) {
            return false;
        }
        for (size_t i = 0; i < n_names; i++) {
            if (strcmp(names[i], item->string) == 0) {
                ret_fields[i] = item;
            }
        }
    }
    return true;
}

/* A text of 1 to LAB_TEXT_MAX - 1 bytes without control characters; escapes have been resolved. */
static bool is_text(const cJSON *item, size_t size)
{
    if (item == NULL || !cJSON_IsString(item)) {
        return false;
    }
    const char *text = item->valuestring;
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F) {
            return false;
        }
    }
    return *text != '\0' && strlen(text) < size;
}

/* A text, or nothing: null, or not there. */
static bool take_optional(const cJSON *item, const char **ret_text)
{
    if (item == NULL || cJSON_IsNull(item)) {
        return true;
    }
    *ret_text = item->valuestring;
    return is_text(item, LAB_TEXT_MAX);
}

static bool is_day(const cJSON *item)
{
    return is_text(item, DATE_TEXT_MAX) && strlen(item->valuestring) == DATE_TEXT_MAX - 1 &&
           date_is_complete(item->valuestring);
}

static bool take_digits(const char **at, size_t n_digits, int64_t max, int64_t *ret_number)
{
    int64_t number = 0;
    for (size_t i = 0; i < n_digits; i++, (*at)++) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        number = number * 10 + (**at - '0');
    }
    *ret_number = number;
    return number <= max;
}

static bool take_byte(const char **at, char byte)
{
    bool is_there = **at == byte;
    *at += is_there;
    return is_there;
}

/* "2025-06-30T08:00:00Z", with or without milliseconds, as epoch ms. */
static bool read_instant(const cJSON *item, int64_t *ret_at)
{
    char date[DATE_TEXT_MAX] = "";
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;
    int64_t ms = 0;
    if (!is_text(item, LAB_TEXT_MAX) || strlen(item->valuestring) < DATE_TEXT_MAX) {
        return false;
    }
    memcpy(date, item->valuestring, sizeof(date) - 1);
    const char *at = item->valuestring + sizeof(date) - 1;
    bool is_instant = date_is_complete(date) && date_first_day(date, &day) && take_byte(&at, 'T') &&
                      take_digits(&at, 2, 23, &hour) && take_byte(&at, ':') &&
                      take_digits(&at, 2, 59, &minute) && take_byte(&at, ':') &&
                      take_digits(&at, 2, 59, &second) &&
                      (!take_byte(&at, '.') || take_digits(&at, 3, 999, &ms)) &&
                      take_byte(&at, 'Z') && *at == '\0';
    if (is_instant) {
        *ret_at = day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    }
    return is_instant;
}

static bool is_flag(const char *flag)
{
    bool is_known = flag == NULL;
    for (size_t i = 0; i < LENGTH_OF(FLAGS) && !is_known; i++) {
        is_known = strcmp(FLAGS[i], flag) == 0;
    }
    return is_known;
}

/* The texts still belong to the JSON. */
static bool read_result(const cJSON *item, struct lab_value *ret_value)
{
    const cJSON *fields[RESULT_FIELDS] = {NULL};
    struct lab_value value = {.has_value = false};
    if (!take_fields(item, RESULT_NAMES, RESULT_FIELDS, fields) ||
        !is_text(fields[RESULT_SUBJECT_NO], LAB_TEXT_MAX) ||
        !is_text(fields[RESULT_TEST], LAB_TEXT_MAX) || !is_day(fields[RESULT_COLLECTED_ON]) ||
        !take_optional(fields[RESULT_UNIT], &value.unit) ||
        !take_optional(fields[RESULT_FLAG], &value.flag) || !is_flag(value.flag) ||
        !take_optional(fields[RESULT_ACCESSION], &value.accession)) {
        return false;
    }
    value.subject_no = fields[RESULT_SUBJECT_NO]->valuestring;
    value.test = fields[RESULT_TEST]->valuestring;
    value.collected_on = fields[RESULT_COLLECTED_ON]->valuestring;
    const cJSON *number = fields[RESULT_VALUE];
    value.has_value = cJSON_IsNumber(number);
    value.value = value.has_value ? number->valuedouble : 0;
    *ret_value = value;
    return value.has_value ? isfinite(value.value) != 0 : cJSON_IsNull(number) != 0;
}

static enum lab_outcome keep_result(
    const struct lab_value *value, struct arena *arena, struct list *results)
{
    struct lab_value *kept = arena_alloc(arena, sizeof(*kept));
    if (kept == NULL) {
        return LAB_TOO_MUCH;
    }
    *kept = *value;
    const char **texts[] = {&kept->subject_no, &kept->test, &kept->collected_on, &kept->unit,
        &kept->flag, &kept->accession};
    for (size_t i = 0; i < LENGTH_OF(texts); i++) {
        *texts[i] = arena_copy_text(arena, *texts[i]);
    }
    list_add(results, &kept->node);
    return arena_has_failed(arena) ? LAB_TOO_MUCH : LAB_ANSWERED;
}

static enum lab_outcome read_results(const cJSON *array, const struct lab_question *question,
    struct arena *arena, struct list *results)
{
    size_t n_seen = 0;
    for (const cJSON *item = array->child; item != NULL; item = item->next) {
        struct lab_value value;
        if (++n_seen > LAB_PAGE_RESULTS_MAX || !read_result(item, &value)) {
            return LAB_NOT_UNDERSTOOD;
        }
        if (strcmp(value.collected_on, question->as_of) > 0) {
            continue; /* the report does not know of it yet */
        }
        enum lab_outcome outcome = keep_result(&value, arena, results);
        if (outcome != LAB_ANSWERED) {
            return outcome;
        }
    }
    return LAB_ANSWERED;
}

static enum lab_outcome read_page(const cJSON *object, const struct lab_question *question,
    struct arena *arena, struct lab_page *page)
{
    const cJSON *fields[PAGE_FIELDS] = {NULL};
    if (!take_fields(object, PAGE_NAMES, PAGE_FIELDS, fields) ||
        !cJSON_IsArray(fields[PAGE_RESULTS]) || !is_day(fields[PAGE_AS_OF]) ||
        strcmp(fields[PAGE_AS_OF]->valuestring, question->as_of) != 0 ||
        !read_instant(fields[PAGE_SNAPSHOT_AT], &page->snapshot_at)) {
        return LAB_NOT_UNDERSTOOD;
    }
    const cJSON *next = fields[PAGE_NEXT];
    if (next != NULL && !cJSON_IsNull(next)) {
        if (!is_text(next, sizeof(page->next))) {
            return LAB_NOT_UNDERSTOOD;
        }
        memcpy(page->next, next->valuestring, strlen(next->valuestring) + 1);
    }
    return read_results(fields[PAGE_RESULTS], question, arena, &page->results);
}

static bool has_more(const char *at, const uint8_t *end)
{
    while (at < (const char *)end && strchr(" \t\r\n", *at) != NULL) {
        at++;
    }
    return at < (const char *)end;
}

bool lab_scan(struct bytes json)
{
    static const struct json_scan_limits LIMITS = {
        LAB_PAGE_LEN_MAX, LAB_NESTING_MAX, LAB_PAGE_VALUES_MAX, LAB_NUMBER_TEXT_MAX};
    return json_scan(json, &LIMITS) == JSON_SCAN_OK;
}

enum lab_outcome lab_page_read(struct bytes json, const struct lab_question *question,
    struct arena *arena, struct lab_page *ret_page)
{
    if (!lab_scan(json)) {
        return LAB_NOT_UNDERSTOOD;
    }
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithLengthOpts((const char *)json.data, json.len, &end, false);
    if (object == NULL) {
        return LAB_NOT_UNDERSTOOD; /* or out of memory: cJSON does not say */
    }
    struct lab_page page = {.snapshot_at = 0};
    enum lab_outcome outcome = LAB_NOT_UNDERSTOOD;
    if (!has_more(end, json.data + json.len)) {
        outcome = read_page(object, question, arena, &page);
    }
    cJSON_Delete(object);
    if (outcome == LAB_ANSWERED) {
        *ret_page = page;
    }
    return outcome;
}
