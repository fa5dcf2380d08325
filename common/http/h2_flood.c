#include "http/h2_flood.h"

#include <string.h>

#include "base/clock.h"
#include "obs/metrics.h"

enum frame_type {
    FRAME_DATA,
    FRAME_HEADERS,
    FRAME_PRIORITY,
    FRAME_RST_STREAM,
    FRAME_SETTINGS,
    FRAME_PUSH_PROMISE,
    FRAME_PING,
    FRAME_GOAWAY,
    FRAME_WINDOW_UPDATE,
    FRAME_CONTINUATION,
    FRAME_TYPES_KNOWN,
};

enum { FLAG_END_STREAM = 0x1, FLAG_ACK = 0x1, FLAG_END_HEADERS = 0x4 };

static struct metrics_family FLOODS = {.name = "walkie_http_h2_floods_total",
    .help = "HTTP/2 connections that were ended because the client sent too much of a kind.",
    .kind = METRICS_COUNTER,
    .labels = {"kind"}};

const char *h2_flood_word(enum h2_flood flood)
{
    switch (flood) {
    case H2_FLOOD_RESETS:
        return "resets";
    case H2_FLOOD_SETTINGS:
        return "settings";
    case H2_FLOOD_PINGS:
        return "pings";
    case H2_FLOOD_SMALL_DATA:
        return "small_data";
    case H2_FLOOD_WINDOW_UPDATES:
        return "window_updates";
    case H2_FLOOD_PRIORITIES:
        return "priorities";
    case H2_FLOOD_UNKNOWN:
        return "unknown_frames";
    case H2_FLOOD_PROVOKED:
        return "provoked_resets";
    case H2_FLOOD_CONTINUATIONS:
        return "continuations";
    case H2_FLOOD_QUEUE:
        return "queue";
    case H2_FLOOD_HEADERS:
        return "slow_headers";
    case H2_FLOOD_NONE:
        break;
    }
    return "none";
}

void h2_flood_count(enum h2_flood flood)
{
    metrics_add(metrics_child(&FLOODS, h2_flood_word(flood), NULL, NULL), 1);
}

static uint32_t tokens_max(enum h2_flood kind, unsigned int resets_max)
{
    switch (kind) {
    case H2_FLOOD_RESETS:
    case H2_FLOOD_PROVOKED:
        return resets_max;
    case H2_FLOOD_SETTINGS:
        return H2_SETTINGS_MAX;
    case H2_FLOOD_PINGS:
        return H2_PINGS_MAX;
    case H2_FLOOD_SMALL_DATA:
        return H2_SMALL_DATA_MAX;
    case H2_FLOOD_WINDOW_UPDATES:
        return H2_WINDOW_UPDATES_MAX;
    case H2_FLOOD_PRIORITIES:
        return H2_PRIORITIES_MAX;
    case H2_FLOOD_UNKNOWN:
        return H2_UNKNOWN_MAX;
    case H2_FLOOD_CONTINUATIONS:
    case H2_FLOOD_QUEUE:
    case H2_FLOOD_HEADERS:
    case H2_FLOOD_NONE:
        break;
    }
    return 0;
}

void h2_frames_init(struct h2_frames *frames, uint64_t now_ns, unsigned int resets_max)
{
    memset(frames, 0, sizeof(*frames));
    for (unsigned int kind = 0; kind < H2_FLOOD_BUCKETS; kind++) {
        struct h2_bucket *bucket = &frames->buckets[kind];
        bucket->tokens_max = tokens_max((enum h2_flood)kind, resets_max);
        bucket->tokens = bucket->tokens_max;
        bucket->refilled_ns = now_ns;
    }
}

/* Time is looked at only when the bucket is empty: a client within its limits costs a subtraction.
 */
static bool take(struct h2_bucket *bucket, uint64_t now_ns)
{
    if (bucket->tokens == bucket->tokens_max) {
        bucket->refilled_ns = now_ns; /* the time in which it was full does not count */
    }
    if (bucket->tokens == 0) {
        uint64_t passed_ns = now_ns > bucket->refilled_ns ? now_ns - bucket->refilled_ns : 0;
        passed_ns = passed_ns < CLOCK_SECONDS(H2_REFILL_DIVISOR) ? passed_ns
                                                                 : CLOCK_SECONDS(H2_REFILL_DIVISOR);
        bucket->tokens =
            (uint32_t)(passed_ns * bucket->tokens_max / CLOCK_SECONDS(H2_REFILL_DIVISOR));
        if (bucket->tokens == 0) {
            return false;
        }
        bucket->refilled_ns = now_ns;
    }
    bucket->tokens--;
    return true;
}

bool h2_frames_take(struct h2_frames *frames, enum h2_flood kind, uint64_t now_ns)
{
    return take(&frames->buckets[kind], now_ns);
}

void h2_frames_sent(struct h2_frames *frames, size_t len)
{
    frames->sent_len += len;
    if (frames->sent_len >= H2_WINDOW_UPDATE_BYTES) {
        struct h2_bucket *bucket = &frames->buckets[H2_FLOOD_WINDOW_UPDATES];
        uint64_t more = frames->sent_len / H2_WINDOW_UPDATE_BYTES;
        uint32_t room = bucket->tokens_max - bucket->tokens;
        bucket->tokens += more < room ? (uint32_t)more : room;
        frames->sent_len %= H2_WINDOW_UPDATE_BYTES;
    }
}

static enum h2_flood kind_of(uint8_t type, uint8_t flags, uint32_t len)
{
    switch (type) {
    case FRAME_DATA:
        return len < H2_SMALL_DATA_LEN && !(flags & FLAG_END_STREAM) ? H2_FLOOD_SMALL_DATA
                                                                     : H2_FLOOD_NONE;
    case FRAME_PRIORITY:
        return H2_FLOOD_PRIORITIES;
    case FRAME_RST_STREAM:
        return H2_FLOOD_RESETS;
    case FRAME_SETTINGS:
        return flags & FLAG_ACK ? H2_FLOOD_NONE : H2_FLOOD_SETTINGS;
    case FRAME_PING:
        return H2_FLOOD_PINGS;
    case FRAME_WINDOW_UPDATE:
        return H2_FLOOD_WINDOW_UPDATES;
    default:
        return type >= FRAME_TYPES_KNOWN ? H2_FLOOD_UNKNOWN : H2_FLOOD_NONE;
    }
}

/* A frame's header is complete. */
static enum h2_flood on_frame(struct h2_frames *frames, uint64_t now_ns)
{
    const uint8_t *header = frames->header;
    uint8_t flags = header[4];
    frames->type = header[3];
    frames->payload_left = (uint32_t)header[0] << 16 | (uint32_t)header[1] << 8 | header[2];
    frames->header_len = 0;
    if (frames->type == FRAME_HEADERS) {
        frames->n_continuations = 0;
        frames->is_in_block = !(flags & FLAG_END_HEADERS);
    } else if (frames->type == FRAME_CONTINUATION) {
        frames->is_in_block = !(flags & FLAG_END_HEADERS);
        if (++frames->n_continuations > H2_CONTINUATIONS_MAX) {
            return H2_FLOOD_CONTINUATIONS;
        }
    }
    enum h2_flood kind = kind_of(frames->type, flags, frames->payload_left);
    return kind == H2_FLOOD_NONE || take(&frames->buckets[kind], now_ns) ? H2_FLOOD_NONE : kind;
}

enum h2_flood h2_frames_read(
    struct h2_frames *frames, uint64_t now_ns, const uint8_t *data, size_t len)
{
    while (len > 0) {
        size_t n = frames->payload_left;
        if (n > 0) {
            n = n < len ? n : len;
            frames->payload_left -= (uint32_t)n;
        } else {
            frames->n_begun += frames->header_len == 0 && !frames->is_in_block ? 1 : 0;
            n = H2_FRAME_HEADER_LEN - (size_t)frames->header_len;
            n = n < len ? n : len;
            memcpy(frames->header + frames->header_len, data, n);
            frames->header_len += (uint8_t)n;
            if (frames->header_len == H2_FRAME_HEADER_LEN) {
                enum h2_flood flood = on_frame(frames, now_ns);
                if (flood != H2_FLOOD_NONE) {
                    return flood;
                }
            }
        }
        data += n;
        len -= n;
    }
    return H2_FLOOD_NONE;
}

bool h2_frames_is_halfway(const struct h2_frames *frames)
{
    return frames->header_len > 0 || frames->is_in_block ||
           (frames->payload_left > 0 && frames->type != FRAME_DATA);
}
