#include "epro/moment.h"

#include <stdio.h>
#include <string.h>

#include "audit/sources/dates.h"

enum { ZONE_HOURS_MAX = 14, FRACTION_DIGITS_MAX = 9 };

static const int64_t MINUTE_MS = 60000;
static const int64_t SECOND_MS = 1000;

/* Two digits up to `max`, at the beginning of `text`; -1: not so. */
static int two_digits(const char *text, int max)
{
    if (strspn(text, "0123456789") < 2) {
        return -1;
    }
    int value = (text[0] - '0') * 10 + (text[1] - '0');
    return value <= max ? value : -1;
}

/* "hh:mm" as minutes; -1: not so. */
static int read_minutes(const char *text, int hours_max)
{
    int hours = two_digits(text, hours_max);
    if (hours < 0 || text[2] != ':') {
        return -1;
    }
    int minutes = two_digits(text + 3, 59);
    return minutes < 0 ? -1 : hours * 60 + minutes;
}

/* ".735" as ms; *at goes behind it. */
static int read_fraction(const char **at)
{
    if (**at != '.') {
        return 0;
    }
    size_t n_digits = strspn(*at + 1, "0123456789");
    if (n_digits == 0 || n_digits > FRACTION_DIGITS_MAX) {
        return -1;
    }
    int ms = 0;
    for (size_t i = 0; i < 3; i++) {
        ms = ms * 10 + (i < n_digits ? (*at)[1 + i] - '0' : 0);
    }
    *at += 1 + n_digits;
    return ms;
}

/* "Z" or "+08:00" to the end, as minutes east. */
static bool read_zone(const char *text, int *ret_minutes)
{
    if (strcmp(text, "Z") == 0) {
        *ret_minutes = 0;
        return true;
    }
    if (strlen(text) != strlen("+08:00") || (text[0] != '+' && text[0] != '-')) {
        return false;
    }
    int minutes = read_minutes(text + 1, ZONE_HOURS_MAX);
    *ret_minutes = text[0] == '-' ? -minutes : minutes;
    return minutes >= 0;
}

/* From behind the T on. */
static bool read_time(const char *text, int64_t day, struct epro_moment *ret_moment)
{
    int minutes = read_minutes(text, 23);
    if (minutes < 0 || text[5] != ':') {
        return false;
    }
    int seconds = two_digits(text + 6, 59);
    if (seconds < 0) {
        return false;
    }
    const char *at = text + 8;
    int ms = read_fraction(&at);
    int zone = 0;
    if (ms < 0 || !read_zone(at, &zone)) {
        return false;
    }
    int64_t local_ms = day * DAY_MS + minutes * MINUTE_MS + seconds * SECOND_MS + ms;
    *ret_moment =
        (struct epro_moment){.at_ms = local_ms - zone * MINUTE_MS, .day = day, .has_time = true};
    return true;
}

bool epro_moment_read(const char *text, struct epro_moment *ret_moment)
{
    char date[DATE_TEXT_MAX];
    int64_t day;
    size_t len = strlen(text);
    if (len < sizeof(date) - 1) {
        return false;
    }
    memcpy(date, text, sizeof(date) - 1);
    date[sizeof(date) - 1] = '\0';
    if (!date_is_complete(date) || !date_first_day(date, &day)) {
        return false;
    }
    const char *rest = text + sizeof(date) - 1;
    if (*rest == '\0') {
        *ret_moment = (struct epro_moment){.at_ms = day * DAY_MS, .day = day};
        return true;
    }
    return *rest == 'T' && read_time(rest + 1, day, ret_moment);
}

void epro_moment_format(int64_t at_ms, char ret_text[EPRO_MOMENT_MAX])
{
    char date[DATE_TEXT_MAX];
    int64_t day = date_day_of_ms(at_ms);
    int64_t second = (at_ms - day * DAY_MS) / SECOND_MS;
    date_format(day, date);
    snprintf(ret_text, EPRO_MOMENT_MAX, "%sT%02d:%02d:%02dZ", date, (int)(second / 3600),
        (int)(second / 60 % 60), (int)(second % 60));
}
