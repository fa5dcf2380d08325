#include "schema/calendar.h"

#include <stdio.h>
#include <string.h>

/* Howard Hinnant's days_from_civil: the year begins in March, so the leap day is its last. */
int calendar_day(int year, int month, int day)
{
    year -= month <= 2 ? 1 : 0;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void calendar_civil(int day, int *ret_year, int *ret_month, int *ret_day)
{
    int shifted = day + 719468;
    int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int day_of_era = shifted - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    *ret_day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *ret_month = month_from_march + (month_from_march < 10 ? 3 : -9);
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2 ? 1 : 0);
}

void calendar_text(int day, char ret_text[CALENDAR_TEXT_MAX])
{
    int year;
    int month;
    int month_day;
    calendar_civil(day, &year, &month, &month_day);
    snprintf(
        ret_text, CALENDAR_TEXT_MAX, "%04d-%02d-%02d", year % 10000, month % 100, month_day % 100);
}

/* Exactly `n_digits` digits. */
static bool read_digits(const char *text, int n_digits, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < n_digits; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

/* The ten characters of a date, whatever follows. */
static bool read_date(const char *text, int *ret_day)
{
    int year;
    int month;
    int month_day;
    if (!read_digits(text, 4, &year) || text[4] != '-' || !read_digits(text + 5, 2, &month) ||
        text[7] != '-' || !read_digits(text + 8, 2, &month_day)) {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || month_day < 1 || month_day > 31) {
        return false;
    }
    int day = calendar_day(year, month, month_day);
    int same_year;
    int same_month;
    int same_day;
    calendar_civil(day, &same_year, &same_month, &same_day);
    if (same_month != month || same_day != month_day) {
        return false; /* 30 February */
    }
    *ret_day = day;
    return true;
}

bool calendar_parse(const char *text, int *ret_day)
{
    return strnlen(text, 11) == 10 && read_date(text, ret_day);
}

bool calendar_is_date(const char *text)
{
    int first;
    int last;
    size_t len = strnlen(text, 11);
    return len <= 10 && calendar_parse_partial(text, len, &first, &last);
}

bool calendar_parse_partial(const char *text, size_t len, int *ret_first, int *ret_last)
{
    char full[] = "2000-01-01";
    int first;
    int year;
    int month;
    bool has_time =
        len > 11 && (text[10] == 'T' || text[10] == ' ') && text[11] >= '0' && text[11] <= '9';
    if (len != 4 && len != 7 && len != 10 && !has_time) {
        return false;
    }
    memcpy(full, text, len < 10 ? len : 10);
    if (!read_date(full, &first) || !read_digits(full, 4, &year) ||
        !read_digits(full + 5, 2, &month)) {
        return false;
    }
    *ret_first = first;
    *ret_last = len == 4   ? calendar_day(year + 1, 1, 1) - 1
                : len == 7 ? calendar_day(year, month + 1, 1) - 1
                           : first;
    return true;
}

bool calendar_parse_stamp(const char *text, int64_t *ret_ms)
{
    size_t len = strnlen(text, 20);
    int day;
    int hour;
    int minute;
    int second = 0;
    if ((len != 16 && len != 19) || !read_date(text, &day) ||
        (text[10] != 'T' && text[10] != ' ')) {
        return false;
    }
    if (!read_digits(text + 11, 2, &hour) || text[13] != ':' ||
        !read_digits(text + 14, 2, &minute)) {
        return false;
    }
    if (len == 19 && (text[16] != ':' || !read_digits(text + 17, 2, &second))) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *ret_ms = day * CALENDAR_DAY_MS + ((hour * 60 + minute) * INT64_C(60) + second) * 1000;
    return true;
}

/* "Z", "+08:00", "-0330" or nothing. */
static bool parse_zone(const char *text, int *ret_minutes)
{
    *ret_minutes = 0;
    if (text[0] == '\0' || strcmp(text, "Z") == 0) {
        return true;
    }
    int hours;
    int minutes;
    int used = 0;
    if ((text[0] != '+' && text[0] != '-') ||
        (sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 &&
            sscanf(text + 1, "%2d%2d%n", &hours, &minutes, &used) != 2) ||
        text[1 + used] != '\0' || hours < 0 || hours > 14 || minutes < 0 || minutes > 59) {
        return false;
    }
    *ret_minutes = (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool calendar_parse_instant(const char *text, int64_t *ret_ms)
{
    char seconds[20]; /* "2024-05-01T12:30:00" */
    int64_t at;
    int zone;
    if (strlen(text) < 19) {
        return false;
    }
    memcpy(seconds, text, 19);
    seconds[19] = '\0';
    const char *rest = text + 19;
    int milliseconds = 0;
    if (*rest == '.') {
        rest++;
        for (int weight = 100; *rest >= '0' && *rest <= '9'; weight /= 10) {
            milliseconds += (*rest++ - '0') * weight;
        }
    }
    if (!calendar_parse_stamp(seconds, &at) || !parse_zone(rest, &zone)) {
        return false;
    }
    *ret_ms = at + milliseconds - zone * INT64_C(60000);
    return true;
}
