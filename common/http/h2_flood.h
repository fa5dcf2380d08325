/* What a client may send of frames that cost us more than them: a bucket of tokens a kind.
 *
 *     struct h2_frames frames;
 *     h2_frames_init(&frames, now_ns, resets_max);
 *     if (h2_frames_read(&frames, now_ns, data, len) != H2_FLOOD_NONE) ... GOAWAY
 *
 * Reads frame headers alone, ahead of nghttp2 and whatever it thinks of them; so it also knows
 * whether a frame or a block of headers is half there, which the header timeout is about. */
#ifndef WALKIE_HTTP_H2_FLOOD_H
#define WALKIE_HTTP_H2_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum h2_flood {
    H2_FLOOD_RESETS,         /* RST_STREAM: opening and resetting streams, CVE-2023-44487 */
    H2_FLOOD_SETTINGS,       /* each needs an answer, CVE-2019-9515 */
    H2_FLOOD_PINGS,          /* likewise, CVE-2019-9512 */
    H2_FLOOD_SMALL_DATA,     /* DATA of a few bytes or none, CVE-2019-9518 */
    H2_FLOOD_WINDOW_UPDATES, /* one byte at a time, CVE-2019-9511 */
    H2_FLOOD_PRIORITIES,     /* CVE-2019-9513 */
    H2_FLOOD_UNKNOWN,        /* frames of no known type */
    H2_FLOOD_PROVOKED,       /* streams that broke a rule, so that we reset them, CVE-2025-8671 */
    H2_FLOOD_CONTINUATIONS,  /* of one block of headers, CVE-2024-28182 */
    H2_FLOOD_BUCKETS = H2_FLOOD_CONTINUATIONS,
    H2_FLOOD_QUEUE,   /* frames that the client makes us answer and does not read */
    H2_FLOOD_HEADERS, /* a block of headers that does not come to its end in time */
    H2_FLOOD_NONE,
};

enum {
    H2_SETTINGS_MAX = 100, /* at once; a tenth of it a second from then on */
    H2_PINGS_MAX = 1000,
    H2_SMALL_DATA_MAX = 1000,
    H2_SMALL_DATA_LEN = 64, /* bytes; below: small */
    H2_WINDOW_UPDATES_MAX = 10000,
    H2_WINDOW_UPDATE_BYTES = 4096, /* of DATA that we send allow one more */
    H2_PRIORITIES_MAX = 1000,
    H2_UNKNOWN_MAX = 1000,
    H2_CONTINUATIONS_MAX = 8, /* a block */
    H2_QUEUE_MAX = 1000,      /* frames of ours that wait to be made */
    H2_REFILL_DIVISOR = 10,
    H2_FRAME_HEADER_LEN = 9,
};

struct h2_bucket {
    uint32_t tokens;
    uint32_t tokens_max;
    uint64_t refilled_ns;
};

struct h2_frames {
    struct h2_bucket buckets[H2_FLOOD_BUCKETS];
    uint64_t sent_len; /* bytes of DATA sent that have not become tokens yet */
    uint8_t header[H2_FRAME_HEADER_LEN];
    uint8_t header_len; /* bytes of it that have come */
    uint8_t n_continuations;
    uint64_t n_begun; /* frames, and blocks of headers as one */
    bool is_in_block; /* HEADERS without END_HEADERS: the block goes on */
    uint8_t type;
    uint32_t payload_left;
};

void h2_frames_init(struct h2_frames *frames, uint64_t now_ns, unsigned int resets_max);

/* Follow the bytes behind the preface. Returns which bucket is empty now. */
MUST_USE enum h2_flood h2_frames_read(
    struct h2_frames *frames, uint64_t now_ns, const uint8_t *data, size_t len);

/* One more of a kind, which its bucket has room for. */
MUST_USE bool h2_frames_take(struct h2_frames *frames, enum h2_flood kind, uint64_t now_ns);

/* DATA was sent: as many more windows may be opened. */
void h2_frames_sent(struct h2_frames *frames, size_t len);

/* Something has begun that the client should finish soon: a frame other than DATA, a block. */
bool h2_frames_is_halfway(const struct h2_frames *frames);

/* "resets": its name in the log and in walkie_http_h2_floods_total. */
const char *h2_flood_word(enum h2_flood flood);
void h2_flood_count(enum h2_flood flood);

#endif
