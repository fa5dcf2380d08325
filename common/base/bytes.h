/* Bytes: a borrowed view, and a growable buffer with a named maximum.
 *
 *     struct buffer out = BUFFER_EMPTY(MESSAGE_LEN_MAX);
 *     status = buffer_append(&out, data, len);
 *     buffer_finish(&out);
 *
 * A buffer is one thread's at a time. It never grows above its maximum: it fails instead. */
#ifndef WALKIE_BASE_BYTES_H
#define WALKIE_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/status.h"

/* A borrowed view; whoever made it says how long it lives. */
struct bytes {
    const uint8_t *data;
    size_t len;
};

struct buffer {
    uint8_t *data;
    size_t len;
    size_t capacity;
    size_t len_max;
};

#define BUFFER_EMPTY(maximum)                                                                      \
    {                                                                                              \
        .data = NULL, .len = 0, .capacity = 0, .len_max = (maximum)                                \
    }

/* The view of a NUL-terminated string, without the NUL. */
struct bytes bytes_of(const char *text);

/* The view of what a buffer holds now; valid until the buffer changes. */
struct bytes buffer_bytes(const struct buffer *buffer);

/* memset to 0 for the structures of hot paths. Where it sees the length gcc writes `rep stos`,
 * which takes longer to start than the C library's takes for some hundred bytes (65 ns; 10). */
void bytes_zero(void *data, size_t len);

/* Make room for `more` bytes after the ones there.
 * Errors: RESOURCE_EXHAUSTED above len_max or when out of memory; the buffer is unchanged then. */
MUST_USE enum status buffer_reserve(struct buffer *buffer, size_t more);

/* Append; same errors as buffer_reserve. `data` must not point into the buffer. */
MUST_USE enum status buffer_append(struct buffer *buffer, const void *data, size_t len);
MUST_USE enum status buffer_append_text(struct buffer *buffer, const char *text);
MUST_USE enum status buffer_printf(struct buffer *buffer, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Drop the first `len` bytes (at most what is there). */
void buffer_consume(struct buffer *buffer, size_t len);

/* Free the memory; the buffer is empty and usable again. Accepts NULL. Fits CLEANUP. */
void buffer_finish(struct buffer *buffer);

/* Big-endian integers, as SP framing writes them. */
void be16_put(uint8_t *at, uint16_t value);
void be32_put(uint8_t *at, uint32_t value);
void be64_put(uint8_t *at, uint64_t value);
uint16_t be16_get(const uint8_t *at);
uint32_t be32_get(const uint8_t *at);
uint64_t be64_get(const uint8_t *at);

#endif
