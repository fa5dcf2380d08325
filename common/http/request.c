#include "http/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { REQUEST_TEXT_KEPT = 4 << 10, REQUEST_BODY_KEPT = 4 << 10, REQUEST_FIELDS_MIN = 4 };

static void reset_buffer(struct buffer *buffer, size_t len_max, size_t kept)
{
    if (buffer->capacity > kept) {
        buffer_finish(buffer);
    }
    buffer->len = 0;
    buffer->len_max = len_max;
}

static void leave_room(struct http_request *request)
{
    if (request->body_room != NULL) {
        http_body_room_give(request->body_room, request->body.len);
        http_body_room_unref(request->body_room);
        request->body_room = NULL;
    }
}

void http_request_use_room(struct http_request *request, struct http_body_room *room)
{
    leave_room(request);
    request->body_room = room == NULL ? NULL : http_body_room_ref(room);
}

struct http_verdict http_request_add_body(
    struct http_request *request, const void *data, size_t len)
{
    struct buffer *body = &request->body;
    struct http_body_room *room = request->body_room;
    if (len > body->len_max - body->len) {
        return HTTP_BODY_TOO_LONG;
    }
    if (room != NULL && !http_body_room_take(room, len)) {
        return HTTP_REFUSED(503, "too many bodies of requests are here: try again later");
    }
    if (buffer_append(body, data, len) != STATUS_OK) {
        if (room != NULL) {
            http_body_room_give(room, len);
        }
        return HTTP_REFUSED(500, "out of memory");
    }
    return HTTP_ACCEPTED;
}

void http_request_reset(struct http_request *request, size_t header_max, size_t body_max)
{
    leave_room(request);
    reset_buffer(&request->text, HTTP_TEXT_MAX(header_max), REQUEST_TEXT_KEPT);
    reset_buffer(&request->body, body_max, REQUEST_BODY_KEPT);
    request->n_fields = 0;
    request->target = (struct http_range){0, 0};
    request->path = 0;
    request->query = 0;
    request->method = "";
    request->is_head = false;
    request->is_options = false;
    request->is_http_10 = false;
    request->is_http_2 = false;
    request->is_keep_alive = false;
    request->is_chunked = false;
    request->wants_continue = false;
}

void http_request_finish(struct http_request *request)
{
    leave_room(request);
    buffer_finish(&request->text);
    buffer_finish(&request->body);
    free(request->fields);
}

struct http_field *http_request_add_field(struct http_request *request)
{
    assert(request->n_fields < HTTP_HEADERS_MAX);
    if (request->n_fields == request->fields_capacity) {
        uint32_t capacity =
            request->fields_capacity == 0 ? REQUEST_FIELDS_MIN : request->fields_capacity * 2;
        struct http_field *fields = realloc(request->fields, capacity * sizeof(*fields));
        if (fields == NULL) {
            return NULL;
        }
        request->fields = fields;
        request->fields_capacity = capacity;
    }
    struct http_field *field = &request->fields[request->n_fields++];
    memset(field, 0, sizeof(*field));
    return field;
}

static uint32_t hash_name(const char *name)
{
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
    for (; *name != '\0'; name++) {
        /* Setting the bit makes letters lower case; that other characters meet is no harm: names
         * are compared too. */
        hash = (hash ^ ((uint8_t)*name | 0x20u)) * UINT32_C(16777619);
    }
    return hash;
}

void http_request_terminate(struct http_request *request)
{
    char *text = (char *)request->text.data;
    for (uint32_t i = 0; i < request->n_fields; i++) {
        struct http_field *field = &request->fields[i];
        text[field->name.offset + field->name.len] = '\0';
        if (field->value.len == 0) {
            /* llhttp does not say where an empty value is: point at the name's NUL. */
            field->value.offset = field->name.offset + field->name.len;
        }
        while (field->value.len > 0) {
            char last = text[field->value.offset + field->value.len - 1];
            if (last != ' ' && last != '\t') {
                break;
            }
            field->value.len--;
        }
        text[field->value.offset + field->value.len] = '\0';
        field->hash = hash_name(text + field->name.offset);
        field->is_joined = false;
    }
}

static bool is_same_name(
    const struct http_request *request, const struct http_field *one, const struct http_field *two)
{
    return one->hash == two->hash && one->name.len == two->name.len &&
           strcasecmp(http_request_text(request, one->name.offset),
               http_request_text(request, two->name.offset)) == 0;
}

/* Append `field`'s value to the joined one that ends the text. */
static enum status append_value(struct http_request *request, const struct http_field *field)
{
    enum status status = buffer_reserve(&request->text, (size_t)field->value.len + 3);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *end = request->text.data + request->text.len;
    memcpy(end, request->text.data + field->value.offset, field->value.len);
    request->text.len += field->value.len;
    return STATUS_OK;
}

static enum status join_field(struct http_request *request, uint32_t first, uint32_t second)
{
    struct http_field *field = &request->fields[first];
    /* HTTP/2 clients send a Cookie field's parts as fields of their own (RFC 9113 8.2.3). */
    bool is_cookie = strcasecmp(http_request_text(request, field->name.offset), "cookie") == 0;
    const char *separator = is_cookie ? "; " : ", ";
    uint32_t start = (uint32_t)request->text.len;
    enum status status = append_value(request, field);
    for (uint32_t i = second; status == STATUS_OK && i < request->n_fields; i++) {
        struct http_field *other = &request->fields[i];
        if (other->is_joined || !is_same_name(request, field, other)) {
            continue;
        }
        other->is_joined = true;
        status = buffer_append(&request->text, separator, 2);
        if (status == STATUS_OK) {
            status = append_value(request, other);
        }
    }
    /* A value has no space at its end, and so has none whose last part is empty. */
    while (request->text.len > start && request->text.data[request->text.len - 1] == ' ') {
        request->text.len--;
    }
    if (status == STATUS_OK) {
        status = buffer_append(&request->text, "", 1);
    }
    if (status == STATUS_OK) {
        field->value = (struct http_range){start, (uint32_t)request->text.len - start - 1};
    }
    return status;
}

struct http_verdict http_request_join(struct http_request *request)
{
    for (uint32_t i = 0; i < request->n_fields; i++) {
        if (request->fields[i].is_joined) {
            continue;
        }
        for (uint32_t k = i + 1; k < request->n_fields; k++) {
            if (!is_same_name(request, &request->fields[i], &request->fields[k])) {
                continue;
            }
            if (join_field(request, i, k) != STATUS_OK) {
                return HTTP_REFUSED(500, "out of memory");
            }
            break;
        }
    }
    return HTTP_ACCEPTED;
}

const char *http_request_field(const struct http_request *request, const char *name)
{
    uint32_t hash = hash_name(name);
    for (uint32_t i = 0; i < request->n_fields; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->hash == hash &&
            strcasecmp(http_request_text(request, field->name.offset), name) == 0) {
            return http_request_text(request, field->value.offset);
        }
    }
    return NULL;
}
