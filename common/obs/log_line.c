#include "obs/log_line.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINE_END_LEN = 16 }; /* kept free for `,"cut":true}` and the newline */

static bool line_append(struct log_line *line, const char *text, size_t len)
{
    if (len > sizeof(line->text) - LINE_END_LEN - line->len) {
        return false;
    }
    memcpy(line->text + line->len, text, len);
    line->len += len;
    return true;
}

bool log_line_raw(struct log_line *line, const char *text)
{
    return line_append(line, text, strlen(text));
}

/* Length of the valid UTF-8 sequence at `at` (NUL-terminated), 0 when it is not valid. */
static size_t utf8_len(const unsigned char *at)
{
    static const struct {
        unsigned char mask, lead, first_min, len;
    } FORMS[] = {{0xE0, 0xC0, 0xC2, 2}, {0xF0, 0xE0, 0xE0, 3}, {0xF8, 0xF0, 0xF0, 4}};
    if (at[0] < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < LENGTH_OF(FORMS); i++) {
        if ((at[0] & FORMS[i].mask) != FORMS[i].lead || at[0] < FORMS[i].first_min) {
            continue;
        }
        for (size_t k = 1; k < FORMS[i].len; k++) {
            if ((at[k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return FORMS[i].len;
    }
    return 0;
}

/* The escaped form of one character, into `out` (8 bytes at least); returns the bytes consumed. */
static size_t escape_one(const unsigned char *at, char *out, size_t size)
{
    size_t len = utf8_len(at);
    if (len == 0) {
        snprintf(out, size, "\\ufffd");
        return 1;
    }
    if (*at == '"' || *at == '\\') {
        snprintf(out, size, "\\%c", *at);
    } else if (*at < 0x20 || *at == 0x7F) {
        snprintf(out, size, "\\u%04x", *at);
    } else {
        memcpy(out, at, len);
        out[len] = '\0';
    }
    return len;
}

static bool line_quoted(struct log_line *line, const char *value)
{
    if (!line_append(line, "\"", 1)) {
        return false;
    }
    const unsigned char *at = (const unsigned char *)value;
    for (size_t taken = 0; *at != '\0' && taken < LOG_VALUE_MAX;) {
        char escaped[8];
        size_t len = escape_one(at, escaped, sizeof(escaped));
        if (!log_line_raw(line, escaped)) {
            return false;
        }
        at += len;
        taken += len;
    }
    return line_append(line, "\"", 1);
}

/* In the text format simple words go without quotes, so that lines stay readable. */
static bool is_plain(const char *value)
{
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == '"' || *at == '\\' || *at == '=' ||
            (unsigned char)*at >= 0x7F) {
            return false;
        }
    }
    return *value != '\0' && strlen(value) <= LOG_VALUE_MAX;
}

static bool line_value(struct log_line *line, const struct log_field *field)
{
    char number[48];
    switch (field->kind) {
    case LOG_STR:
        if (line->format == LOG_FORMAT_TEXT && is_plain(field->value.str)) {
            return log_line_raw(line, field->value.str);
        }
        return line_quoted(line, field->value.str);
    case LOG_I64:
        snprintf(number, sizeof(number), "%" PRId64, field->value.i64);
        return log_line_raw(line, number);
    case LOG_U64:
        snprintf(number, sizeof(number), "%" PRIu64, field->value.u64);
        return log_line_raw(line, number);
    case LOG_F64:
        if (!isfinite(field->value.f64)) {
            return log_line_raw(line, "null");
        }
        snprintf(number, sizeof(number), "%.6g", field->value.f64);
        return log_line_raw(line, number);
    case LOG_MS:
        snprintf(number, sizeof(number), "%" PRIu64 ".%03u", field->value.u64 / 1000000,
            (unsigned int)(field->value.u64 / 1000 % 1000));
        return log_line_raw(line, number);
    case LOG_BOOL:
        return log_line_raw(line, field->value.boolean ? "true" : "false");
    case LOG_ABSENT:
        break;
    }
    return true;
}

/* The place that begins at `at`, "{step}": its value. Returns where the words go on; NULL: it does
 * not fit. A place that no field fills stays as it is. */
static const char *line_place(
    struct log_line *line, const char *at, const struct log_field *fields, size_t n_fields)
{
    const char *end = strchr(at, '}');
    size_t len = end == NULL ? 0 : (size_t)(end - at) - 1;
    for (size_t i = 0; i < n_fields && len > 0; i++) {
        const char *name = fields[i].name;
        if (strlen(name) == len && memcmp(name, at + 1, len) == 0) {
            return line_value(line, &fields[i]) ? end + 1 : NULL;
        }
    }
    return line_append(line, at, 1) ? at + 1 : NULL;
}

void log_line_words(
    struct log_line *line, const char *words, const struct log_field *fields, size_t n_fields)
{
    size_t before = line->len;
    const char *at = words;
    while (at != NULL && *at != '\0') {
        size_t len = strcspn(at, "{");
        if (!line_append(line, at, len)) {
            at = NULL;
        } else {
            at += len;
            at = *at == '{' ? line_place(line, at, fields, n_fields) : at;
        }
    }
    if (at == NULL) {
        line->len = before;
    }
}

void log_line_field(struct log_line *line, const struct log_field *field)
{
    if (field->kind == LOG_ABSENT) {
        return;
    }
    size_t before = line->len;
    bool is_json = line->format == LOG_FORMAT_JSON;
    bool fits = log_line_raw(line, is_json ? ",\"" : " ") && log_line_raw(line, field->name) &&
                log_line_raw(line, is_json ? "\":" : "=") && line_value(line, field);
    if (!fits) {
        line->len = before;
        line->is_cut = true;
    }
}

void log_line_end(struct log_line *line)
{
    const char *end = line->format == LOG_FORMAT_JSON ? (line->is_cut ? ",\"cut\":true}\n" : "}\n")
                                                      : (line->is_cut ? " cut=true\n" : "\n");
    size_t len = strlen(end);
    memcpy(line->text + line->len, end, len);
    line->len += len;
}
