/* The rule at the end of a zone's file, for times after its last transition: POSIX's TZ with the
 * extensions of RFC 9636.
 *
 *     struct time_zone_rule rule;
 *     time_zone_rule_parse("EST5EDT,M3.2.0,M11.1.0", &rule);
 *     offset_s = time_zone_rule_offset_s(&rule, epoch_s);
 *
 * Not here: the file (time_zone.c). */
#ifndef WALKIE_AUDIT_SOURCES_TIME_ZONE_RULE_H
#define WALKIE_AUDIT_SOURCES_TIME_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum { TIME_ZONE_RULE_MAX = 128 }; /* bytes of the text, with the NUL */

enum change_kind {
    CHANGE_WEEKDAY, /* Mm.w.d */
    CHANGE_JULIAN,  /* Jn: 1 to 365, 29 February is never counted */
    CHANGE_ORDINAL, /* n: 0 to 365 */
};

struct time_zone_change {
    enum change_kind kind;
    int month;
    int week;
    int day;      /* WEEKDAY: 0 is Sunday */
    int32_t at_s; /* after midnight, by the clock until then; may be negative or beyond a day */
};

struct time_zone_rule {
    int32_t offset_s; /* standard time, east of UTC */
    int32_t summer_offset_s;
    bool has_summer;
    struct time_zone_change to_summer;
    struct time_zone_change to_standard;
};

/* False when the text is no such rule. */
MUST_USE bool time_zone_rule_parse(const char *text, struct time_zone_rule *ret_rule);

int32_t time_zone_rule_offset_s(const struct time_zone_rule *rule, int64_t epoch_s);

#endif
