#include "base/json_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void json_init(struct json_writer *json, json_write_fn *write, void *arg)
{
    json->write = write;
    json->arg = arg;
    json->status = STATUS_OK;
    json->needs_comma = false;
    json->is_after_key = false;
    json->is_pretty = false;
    json->depth = 0;
    json->len = 0;
}

static void flush(struct json_writer *json)
{
    if (json->status == STATUS_OK && json->len > 0) {
        json->status = json->write(json->arg, (struct bytes){json->piece, json->len});
    }
    json->len = 0;
}

enum status json_finish(struct json_writer *json)
{
    flush(json);
    return json->status;
}

static void put(struct json_writer *json, const char *data, size_t len)
{
    while (len > 0 && json->status == STATUS_OK) {
        size_t room = JSON_PIECE_MAX - json->len;
        size_t part = len < room ? len : room;
        memcpy(json->piece + json->len, data, part);
        json->len += part;
        data += part;
        len -= part;
        if (json->len == JSON_PIECE_MAX) {
            flush(json);
        }
    }
}

static void break_line(struct json_writer *json)
{
    if (json->is_pretty) {
        put(json, "\n", 1);
        for (unsigned int i = 0; i < json->depth; i++) {
            put(json, "  ", 2);
        }
    }
}

/* A value begins: a comma if another one stands before it, and in an array or object its line. */
static void begin_value(struct json_writer *json)
{
    if (json->needs_comma) {
        put(json, ",", 1);
    }
    if (json->depth > 0 && !json->is_after_key) {
        break_line(json);
    }
    json->needs_comma = true;
    json->is_after_key = false;
}

void json_begin(struct json_writer *json, char bracket)
{
    begin_value(json);
    put(json, &bracket, 1);
    json->needs_comma = false;
    json->depth++;
}

void json_end(struct json_writer *json, char bracket)
{
    json->depth--;
    if (json->needs_comma) { /* it holds something */
        break_line(json);
    }
    put(json, &bracket, 1);
    json->needs_comma = true;
}

/* What follows the backslash; 0 for a byte that stands for itself, 'u' for the long form. */
static char escape_of(unsigned char byte)
{
    switch (byte) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return byte < 0x20 ? 'u' : '\0';
    }
}

static void put_quoted(struct json_writer *json, const char *text, size_t text_len)
{
    put(json, "\"", 1);
    const char *plain = text; /* the run of bytes that need no escape */
    const char *end = text + text_len;
    for (; text < end; text++) {
        uint32_t codepoint = (uint8_t)*text;
        if (codepoint >= 0x80) {
            /* Damaged text would make damaged JSON. */
            size_t len = utf8_decode(text, end, &codepoint);
            if (utf8_is_damaged(len, codepoint)) {
                put(json, plain, (size_t)(text - plain));
                put(json, UTF8_REPLACEMENT_TEXT, strlen(UTF8_REPLACEMENT_TEXT));
                plain = text + 1;
            }
            text += len - 1;
            continue;
        }
        char escape = escape_of((unsigned char)*text);
        if (escape == '\0') {
            continue;
        }
        put(json, plain, (size_t)(text - plain));
        char sequence[8];
        int len = escape == 'u'
                      ? snprintf(sequence, sizeof(sequence), "\\u%04x", (unsigned char)*text)
                      : snprintf(sequence, sizeof(sequence), "\\%c", escape);
        put(json, sequence, (size_t)len);
        plain = text + 1;
    }
    put(json, plain, (size_t)(text - plain));
    put(json, "\"", 1);
}

void json_key(struct json_writer *json, const char *key)
{
    begin_value(json);
    put_quoted(json, key, strlen(key));
    put(json, ": ", json->is_pretty ? 2 : 1);
    json->needs_comma = false;
    json->is_after_key = true;
}

void json_null(struct json_writer *json)
{
    begin_value(json);
    put(json, "null", 4);
}

void json_bool(struct json_writer *json, bool value)
{
    begin_value(json);
    put(json, value ? "true" : "false", value ? 4 : 5);
}

void json_integer(struct json_writer *json, int64_t value)
{
    char text[JSON_NUMBER_MAX];
    int len = snprintf(text, sizeof(text), "%" PRId64, value);
    begin_value(json);
    put(json, text, (size_t)len);
}

void json_text(struct json_writer *json, const char *text)
{
    if (text == NULL) {
        json_null(json);
        return;
    }
    begin_value(json);
    put_quoted(json, text, strlen(text));
}

void json_text_bytes(struct json_writer *json, struct bytes text)
{
    begin_value(json);
    put_quoted(json, (const char *)text.data, text.len);
}

void json_raw(struct json_writer *json, const char *value)
{
    begin_value(json);
    put(json, value, strlen(value));
}

/* 15 digits are enough for every decimal that a person wrote; 17 for every double. */
/* Whole numbers below it are written without an exponent. */
#define PLAIN_MAX 1e15

void json_format_number(double value, char ret_text[JSON_NUMBER_MAX])
{
    value = value == 0 ? 0 : value; /* not -0 */
    if (value > -PLAIN_MAX && value < PLAIN_MAX && value == (double)(int64_t)value) {
        snprintf(ret_text, JSON_NUMBER_MAX, "%" PRId64, (int64_t)value); /* the same, quicker */
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(ret_text, JSON_NUMBER_MAX, "%.*g", digits, value);
        if (strtod(ret_text, NULL) == value) {
            break;
        }
    }
    /* Whatever is not JSON is the locale's decimal point, which may be several bytes. */
    char *end = ret_text;
    for (const char *at = ret_text; *at != '\0'; at++) {
        bool is_json = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        if (is_json) {
            *end++ = *at;
        } else if (end == ret_text || end[-1] != '.') {
            *end++ = '.';
        }
    }
    *end = '\0';
}

void json_number(struct json_writer *json, double value)
{
    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    char text[JSON_NUMBER_MAX];
    json_format_number(value, text);
    begin_value(json);
    put(json, text, strlen(text));
}
