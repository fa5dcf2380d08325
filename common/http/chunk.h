/* The framing of a chunked body, read to the letter (RFC 9112 7.1) beside llhttp, which takes more
 * than it should: folded trailers, for one. Two readers must agree where the body ends.
 *
 *     struct http_chunks chunks = {.size_left = 0};
 *     switch (http_chunks_scan(&chunks, data, len, &used, &detail)) ...      piece by piece
 *
 * Extensions and trailers have no meaning here and are dropped; those that could have one for
 * somebody's framing are refused.
 *
 * Not here: the bytes of the body, and its limit (parse.c). */
#ifndef WALKIE_HTTP_CHUNK_H
#define WALKIE_HTTP_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "http/strict.h"

enum {
    HTTP_CHUNK_DIGITS_MAX = 16,     /* of a size: no more fit into 64 bits */
    HTTP_CHUNK_EXTENSION_MAX = 256, /* bytes of one chunk's */
    HTTP_TRAILERS_MAX = 4 << 10,    /* bytes of them all */
    HTTP_TRAILER_NAME_KEPT = 20,    /* bytes that tell whether a name is one of the forbidden */
};

enum http_chunks_state {
    HTTP_CHUNKS_SIZE,
    HTTP_CHUNKS_EXTENSION,
    HTTP_CHUNKS_SIZE_LF,
    HTTP_CHUNKS_DATA,
    HTTP_CHUNKS_DATA_CR,
    HTTP_CHUNKS_DATA_LF,
    HTTP_CHUNKS_TRAILER, /* a line begins */
    HTTP_CHUNKS_TRAILER_NAME,
    HTTP_CHUNKS_TRAILER_VALUE,
    HTTP_CHUNKS_TRAILER_LF,
    HTTP_CHUNKS_LAST_LF,
};

/* All zeros: nothing has come. */
struct http_chunks {
    enum http_chunks_state state;
    unsigned int n_digits;
    uint64_t size;      /* of the chunk that came last */
    uint64_t size_left; /* of its bytes */
    uint64_t promised;  /* bytes of all chunks so far, those to come included */
    size_t extension_len;
    size_t trailers_len;
    size_t name_len;
    char name[HTTP_TRAILER_NAME_KEPT]; /* of a trailer, its beginning, in lower case */
};

/* Look at the next bytes. `ret_used`: how many belong to the body (HTTP_SCAN_MORE: all of them);
 * `ret_detail`: what is wrong (HTTP_SCAN_BAD). */
MUST_USE enum http_scan_result http_chunks_scan(struct http_chunks *chunks, const uint8_t *data,
    size_t len, size_t *ret_used, const char **ret_detail);

#endif
