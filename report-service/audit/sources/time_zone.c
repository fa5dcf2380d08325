#include "audit/sources/time_zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/sources/time_zone_rule.h"

enum {
    HEADER_LEN = 44,
    TYPE_LEN = 6, /* offset be32, is_dst, index of the abbreviation */
    COUNTS = 6,
    TYPES_MAX = 256,
};

struct time_zone {
    const int64_t *at; /* transitions, ascending */
    const uint8_t *type;
    size_t n_transitions;
    int32_t offset_s[TYPES_MAX];
    size_t n_types;
    struct time_zone_rule rule; /* after the last transition */
    bool has_rule;
};

static int64_t read_be(const uint8_t *data, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | data[i];
    }
    if (len < sizeof(value) && (data[0] & 0x80) != 0) {
        value |= UINT64_MAX << (8 * len);
    }
    return (int64_t)value;
}

/* One block of the file: its counts, and how long a time in it is. */
struct block {
    const uint8_t *data; /* after the header */
    size_t time_len;
    size_t n_ut, n_std, n_leap, n_times, n_types, n_chars;
};

static size_t block_len(const struct block *block)
{
    return block->n_times * (block->time_len + 1) + block->n_types * TYPE_LEN + block->n_chars +
           block->n_leap * (block->time_len + 4) + block->n_std + block->n_ut;
}

/* False when it is none, or says that it is longer than the file. */
static bool read_block(const uint8_t *data, size_t len, size_t time_len, struct block *ret_block)
{
    if (len < HEADER_LEN || memcmp(data, "TZif", 4) != 0) {
        return false;
    }
    size_t counts[COUNTS];
    for (size_t i = 0; i < COUNTS; i++) {
        counts[i] = (size_t)read_be(data + 20 + 4 * i, 4) & UINT32_MAX;
        if (counts[i] > TIME_ZONE_FILE_MAX) {
            return false;
        }
    }
    *ret_block = (struct block){.data = data + HEADER_LEN,
        .time_len = time_len,
        .n_ut = counts[0],
        .n_std = counts[1],
        .n_leap = counts[2],
        .n_times = counts[3],
        .n_types = counts[4],
        .n_chars = counts[5]};
    return ret_block->n_types > 0 && ret_block->n_types <= TYPES_MAX &&
           block_len(ret_block) <= len - HEADER_LEN;
}

static bool keep_block(struct arena *arena, struct time_zone *zone, const struct block *block)
{
    const uint8_t *types = block->data + block->n_times * block->time_len;
    const uint8_t *offsets = types + block->n_times;
    int64_t *at = arena_alloc_array(arena, block->n_times + 1, sizeof(*at));
    uint8_t *type = arena_alloc_array(arena, block->n_times + 1, sizeof(*type));
    if (at == NULL || type == NULL) {
        return false;
    }
    for (size_t i = 0; i < block->n_times; i++) {
        at[i] = read_be(block->data + i * block->time_len, block->time_len);
        type[i] = types[i];
        if (type[i] >= block->n_types || (i > 0 && at[i] <= at[i - 1])) {
            return false;
        }
    }
    for (size_t i = 0; i < block->n_types; i++) {
        zone->offset_s[i] = (int32_t)read_be(offsets + i * TYPE_LEN, 4);
    }
    zone->at = at;
    zone->type = type;
    zone->n_transitions = block->n_times;
    zone->n_types = block->n_types;
    return true;
}

/* The line at the end of the file: "\n<rule>\n"; empty when there is no rule. */
static bool read_footer(struct time_zone *zone, const uint8_t *data, size_t len)
{
    char text[TIME_ZONE_RULE_MAX];
    const uint8_t *end = len < 2 || data[0] != '\n' ? NULL : memchr(data + 1, '\n', len - 1);
    size_t text_len = end == NULL ? 0 : (size_t)(end - data - 1);
    if (end == NULL || text_len >= sizeof(text)) {
        return false;
    }
    memcpy(text, data + 1, text_len);
    text[text_len] = '\0';
    zone->has_rule = text_len > 0;
    return text_len == 0 || time_zone_rule_parse(text, &zone->rule);
}

const struct time_zone *time_zone_parse(struct arena *arena, const uint8_t *data, size_t len)
{
    enum { VERSION_AT = 4, TIME_1 = 4, TIME_2 = 8 };
    struct block block;
    if (!read_block(data, len, TIME_1, &block)) {
        return NULL;
    }
    struct time_zone *zone = arena_alloc(arena, sizeof(*zone));
    if (zone == NULL) {
        return NULL;
    }
    if (data[VERSION_AT] == '\0') {
        return keep_block(arena, zone, &block) ? zone : NULL;
    }
    size_t first_len = HEADER_LEN + block_len(&block);
    if (!read_block(data + first_len, len - first_len, TIME_2, &block) ||
        !keep_block(arena, zone, &block)) {
        return NULL;
    }
    size_t used = first_len + HEADER_LEN + block_len(&block);
    return read_footer(zone, data + used, len - used) ? zone : NULL;
}

/* Letters, digits, "_", "-", "+" and single slashes between: no way out of the folder. */
static bool is_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len >= TIME_ZONE_NAME_MAX || name[0] == '/' || name[len - 1] == '/' ||
        strstr(name, "//") != NULL) {
        return false;
    }
    for (const char *at = name; *at != '\0'; at++) {
        bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                        (*at >= '0' && *at <= '9') || strchr("_-+/", *at) != NULL;
        if (!is_plain) {
            return false;
        }
    }
    return true;
}

const struct time_zone *time_zone_load(struct arena *arena, const char *name)
{
    char path[sizeof(TIME_ZONE_FOLDER) + TIME_ZONE_NAME_MAX];
    if (name == NULL || !is_name(name)) {
        return NULL;
    }
    snprintf(path, sizeof(path), "%s/%s", TIME_ZONE_FOLDER, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *data = file < 0 ? NULL : arena_alloc(arena, TIME_ZONE_FILE_MAX);
    size_t len = 0;
    ssize_t n_read = 1;
    while (data != NULL && len < TIME_ZONE_FILE_MAX && n_read > 0) {
        n_read = read(file, data + len, TIME_ZONE_FILE_MAX - len);
        len += n_read > 0 ? (size_t)n_read : 0;
    }
    if (file >= 0) {
        close(file);
    }
    return data == NULL || n_read != 0 ? NULL : time_zone_parse(arena, data, len);
}

int32_t time_zone_offset_s(const struct time_zone *zone, int64_t epoch_s)
{
    size_t low = 0;
    size_t high = zone->n_transitions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= epoch_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == zone->n_transitions && zone->has_rule) {
        return time_zone_rule_offset_s(&zone->rule, epoch_s);
    }
    return zone->offset_s[low == 0 ? 0 : zone->type[low - 1]]; /* RFC 9636: type 0 before all */
}

struct local_time time_zone_local(const struct time_zone *zone, int64_t epoch_ms)
{
    enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_LEN_MS = 24 * HOUR_MS };
    enum { FIRST_WEEKDAY = THURSDAY }; /* of 1970-01-01 */
    int64_t epoch_s = epoch_ms / 1000 - (epoch_ms % 1000 < 0);
    int64_t local_ms = epoch_ms + time_zone_offset_s(zone, epoch_s) * INT64_C(1000);
    int64_t of_day = local_ms % DAY_LEN_MS;
    of_day += of_day < 0 ? DAY_LEN_MS : 0;
    int64_t day = (local_ms - of_day) / DAY_LEN_MS;
    int64_t weekday = (day + FIRST_WEEKDAY) % WEEKDAYS;
    return (struct local_time){.day = day,
        .weekday = (enum weekday)(weekday < 0 ? weekday + WEEKDAYS : weekday),
        .hour = (int)(of_day / HOUR_MS),
        .minute = (int)(of_day % HOUR_MS / MINUTE_MS)};
}
