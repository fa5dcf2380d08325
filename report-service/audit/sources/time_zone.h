/* Local time by the tz database: a zone's file is read once, as data. Neither TZ nor tzset is used,
 * which are the whole process's: reports of sites in different zones are made at the same time.
 *
 *     const struct time_zone *zone = time_zone_load(arena, "Europe/Berlin");
 *     struct local_time local = time_zone_local(zone, at_ms);
 *     if (local.weekday == SATURDAY) …
 *
 * Daylight saving and former changes of a zone's time are as its file says; beyond its last
 * transition its rule ("CET-1CEST,M3.5.0,M10.5.0/3") goes on. Files are TZif version 1 to 4 (RFC
 * 9636), in TIME_ZONE_FOLDER (package tzdata). Not here: public holidays. */
#ifndef WALKIE_AUDIT_SOURCES_TIME_ZONE_H
#define WALKIE_AUDIT_SOURCES_TIME_ZONE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"

#define TIME_ZONE_FOLDER "/usr/share/zoneinfo"

enum {
    TIME_ZONE_NAME_MAX = 64,       /* bytes, with the NUL */
    TIME_ZONE_FILE_MAX = 64 << 10, /* bytes; the largest known has 4 KiB */
};

struct time_zone; /* immutable */

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY, WEEKDAYS };

struct local_time {
    int64_t day; /* since 1970-01-01 */
    enum weekday weekday;
    int hour;
    int minute;
};

/* The zone of an IANA name ("Asia/Shanghai"). NULL: no such zone, a file that is none, or no memory
 * (the arena says so). Reads one small file. Ownership: the arena's. */
MUST_USE const struct time_zone *time_zone_load(struct arena *arena, const char *name);

/* The zone that a file's bytes describe, as above. */
MUST_USE const struct time_zone *time_zone_parse(
    struct arena *arena, const uint8_t *data, size_t len);

/* Seconds east of UTC at a moment. */
int32_t time_zone_offset_s(const struct time_zone *zone, int64_t epoch_s);

/* What the clock on the wall and the calendar say there. */
struct local_time time_zone_local(const struct time_zone *zone, int64_t epoch_ms);

#endif
