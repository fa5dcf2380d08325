#include "audit/sources/time_zone_rule.h"

#include <string.h>

#include "audit/sources/dates.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, CHANGE_HOUR = 2, HOURS_MAX = 167, FEBRUARY_END = 59 };

/* A name of letters, or of letters, digits and signs between "<" and ">". */
static bool skip_name(const char **at)
{
    const char *text = *at;
    if (*text == '<') {
        const char *end = strchr(text, '>');
        *at = end == NULL ? text : end + 1;
        return end != NULL;
    }
    while ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z')) {
        text++;
    }
    bool has_name = text - *at >= 3;
    *at = text;
    return has_name;
}

static bool read_number(const char **at, int max, int *ret_number)
{
    int number = 0;
    const char *text = *at;
    while (*text >= '0' && *text <= '9' && number <= max) {
        number = number * 10 + (*text++ - '0');
    }
    bool is_number = text > *at && number <= max;
    *at = text;
    *ret_number = number;
    return is_number;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool read_time(const char **at, int32_t *ret_seconds)
{
    static const int UNITS[] = {HOUR_S, 60, 1};
    int sign = **at == '-' ? -1 : 1;
    int32_t seconds = 0;
    *at += **at == '-' || **at == '+';
    for (int i = 0; i < 3; i++) {
        int number;
        if (i > 0 && **at != ':') {
            break;
        }
        *at += i > 0;
        if (!read_number(at, i == 0 ? HOURS_MAX : 59, &number)) {
            return false;
        }
        seconds += number * UNITS[i];
    }
    *ret_seconds = sign * seconds;
    return true;
}

static bool read_weekday(const char **at, struct time_zone_change *change)
{
    return read_number(at, 12, &change->month) && change->month > 0 && *(*at)++ == '.' &&
           read_number(at, 5, &change->week) && change->week > 0 && *(*at)++ == '.' &&
           read_number(at, 6, &change->day);
}

/* ",Mm.w.d[/time]" */
static bool read_change(const char **at, struct time_zone_change *change)
{
    change->at_s = CHANGE_HOUR * HOUR_S;
    if (*(*at)++ != ',') {
        return false;
    }
    bool is_read;
    if (**at == 'M') {
        change->kind = CHANGE_WEEKDAY;
        (*at)++;
        is_read = read_weekday(at, change);
    } else {
        change->kind = **at == 'J' ? CHANGE_JULIAN : CHANGE_ORDINAL;
        *at += **at == 'J';
        is_read = read_number(at, 365, &change->day) &&
                  (change->kind == CHANGE_ORDINAL || change->day > 0);
    }
    if (is_read && **at == '/') {
        (*at)++;
        is_read = read_time(at, &change->at_s);
    }
    return is_read;
}

bool time_zone_rule_parse(const char *text, struct time_zone_rule *ret_rule)
{
    struct time_zone_rule rule = {0};
    int32_t west_s;
    if (!skip_name(&text) || !read_time(&text, &west_s)) {
        return false;
    }
    rule.offset_s = -west_s;
    rule.has_summer = *text != '\0';
    if (rule.has_summer) {
        rule.summer_offset_s = rule.offset_s + HOUR_S;
        if (!skip_name(&text)) {
            return false;
        }
        if (*text != ',') {
            if (!read_time(&text, &west_s)) {
                return false;
            }
            rule.summer_offset_s = -west_s;
        }
        if (!read_change(&text, &rule.to_summer) || !read_change(&text, &rule.to_standard)) {
            return false;
        }
    }
    *ret_rule = rule;
    return *text == '\0';
}

static bool is_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t first_day_of(int64_t year, int month)
{
    static const int DAYS_BEFORE[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t before = year - 1;
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400;
    enum { DAYS_TO_1970 = 719162 }; /* from 0001-01-01 */
    return days - DAYS_TO_1970 + DAYS_BEFORE[month - 1] + (month > 2 && is_leap_year(year));
}

/* When the change comes in a year, in seconds of the clock that is in force until then. */
static int64_t change_in(const struct time_zone_change *change, int64_t year)
{
    int64_t first = first_day_of(year, 1);
    int64_t day = first + change->day;
    switch (change->kind) {
    case CHANGE_ORDINAL:
        break;
    case CHANGE_JULIAN:
        day -= is_leap_year(year) && change->day > FEBRUARY_END ? 0 : 1;
        break;
    case CHANGE_WEEKDAY: {
        enum { THURSDAY_FROM_SUNDAY = 4 }; /* 1970-01-01 */
        first = first_day_of(year, change->month);
        int64_t last = (change->month == 12 ? first_day_of(year + 1, 1)
                                            : first_day_of(year, change->month + 1)) -
                       1;
        int64_t weekday = ((first + THURSDAY_FROM_SUNDAY) % 7 + 7) % 7;
        day = first + (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
        day -= day > last ? 7 : 0; /* week 5 is the last one */
        break;
    }
    }
    return day * DAY_S + change->at_s;
}

int32_t time_zone_rule_offset_s(const struct time_zone_rule *rule, int64_t epoch_s)
{
    if (!rule->has_summer) {
        return rule->offset_s;
    }
    char date[DATE_TEXT_MAX];
    int64_t local_s = epoch_s + rule->offset_s;
    int64_t day = local_s / DAY_S - (local_s % DAY_S < 0);
    date_format(day, date);
    int64_t year =
        (date[0] - '0') * 1000 + (date[1] - '0') * 100 + (date[2] - '0') * 10 + (date[3] - '0');
    int64_t summer_from_s = change_in(&rule->to_summer, year) - rule->offset_s;
    int64_t summer_to_s = change_in(&rule->to_standard, year) - rule->summer_offset_s;
    bool is_summer = summer_from_s < summer_to_s
                         ? epoch_s >= summer_from_s && epoch_s < summer_to_s
                         : epoch_s >= summer_from_s || epoch_s < summer_to_s; /* southern */
    return is_summer ? rule->summer_offset_s : rule->offset_s;
}
