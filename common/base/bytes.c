#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_CAPACITY_MIN = 64 };

struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

void bytes_zero(void *data, size_t len)
{
    memset(data, 0, len);
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){buffer->data, buffer->len};
}

enum status buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more > buffer->len_max || buffer->len > buffer->len_max - more) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    size_t need = buffer->len + more;
    if (need <= buffer->capacity) {
        return STATUS_OK;
    }
    size_t capacity =
        buffer->capacity < BUFFER_CAPACITY_MIN ? BUFFER_CAPACITY_MIN : buffer->capacity * 2;
    capacity = capacity < need ? need : capacity;
    capacity = capacity > buffer->len_max ? buffer->len_max : capacity;
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return STATUS_OK;
}

enum status buffer_append(struct buffer *buffer, const void *data, size_t len)
{
    enum status status = buffer_reserve(buffer, len);
    if (status == STATUS_OK && len > 0) {
        memcpy(buffer->data + buffer->len, data, len);
        buffer->len += len;
    }
    return status;
}

enum status buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

enum status buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    /* vsnprintf wants room for the NUL, which is not part of the contents. */
    enum status status = len < 0 ? STATUS_INTERNAL : buffer_reserve(buffer, (size_t)len + 1);
    if (status == STATUS_OK) {
        vsnprintf((char *)buffer->data + buffer->len, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
    return status;
}

void buffer_consume(struct buffer *buffer, size_t len)
{
    if (len >= buffer->len) {
        buffer->len = 0;
        return;
    }
    memmove(buffer->data, buffer->data + len, buffer->len - len);
    buffer->len -= len;
}

void buffer_finish(struct buffer *buffer)
{
    if (buffer == NULL) {
        return;
    }
    free(buffer->data);
    buffer->data = NULL;
    buffer->len = 0;
    buffer->capacity = 0;
}

void be16_put(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void be32_put(uint8_t *at, uint32_t value)
{
    be16_put(at, (uint16_t)(value >> 16));
    be16_put(at + 2, (uint16_t)value);
}

void be64_put(uint8_t *at, uint64_t value)
{
    be32_put(at, (uint32_t)(value >> 32));
    be32_put(at + 4, (uint32_t)value);
}

uint16_t be16_get(const uint8_t *at)
{
    return (uint16_t)((at[0] << 8) | at[1]);
}

uint32_t be32_get(const uint8_t *at)
{
    return ((uint32_t)be16_get(at) << 16) | be16_get(at + 2);
}

uint64_t be64_get(const uint8_t *at)
{
    return ((uint64_t)be32_get(at) << 32) | be32_get(at + 4);
}
