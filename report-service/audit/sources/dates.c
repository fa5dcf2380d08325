#include "audit/sources/dates.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>

struct date {
    int year;
    int month; /* 1 when missing */
    int day;   /* 1 when missing */
    bool is_complete;
};

/* `count` digits at `*at`, moving it on; -1 when they are not there. */
static int take_digits(const char **at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!isdigit((unsigned char)**at)) {
            return -1;
        }
        value = value * 10 + (*(*at)++ - '0');
    }
    return value;
}

static int days_in_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : DAYS[month - 1];
}

static bool parse(const char *text, struct date *ret_date)
{
    if (text == NULL) {
        return false;
    }
    struct date date = {.month = 1, .day = 1};
    date.year = take_digits(&text, 4);
    if (date.year < 0) {
        return false;
    }
    if (*text == '-') {
        text++;
        date.month = take_digits(&text, 2);
        if (date.month < 1 || date.month > 12) {
            return false;
        }
        if (*text == '-') {
            text++;
            date.day = take_digits(&text, 2);
            if (date.day < 1 || date.day > days_in_month(date.year, date.month)) {
                return false;
            }
            date.is_complete = true;
        }
    }
    if (*text != '\0' && !(date.is_complete && (*text == 'T' || *text == ' '))) {
        return false;
    }
    *ret_date = date;
    return true;
}

/* Days from civil, after Howard Hinnant: years start in March, so leap days come last. */
static int64_t day_number(const struct date *date)
{
    int64_t year = date->year - (date->month <= 2 ? 1 : 0);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = date->month + (date->month > 2 ? -3 : 9);
    int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

bool date_first_day(const char *iso_date, int64_t *ret_day)
{
    struct date date;
    if (!parse(iso_date, &date)) {
        return false;
    }
    *ret_day = day_number(&date);
    return true;
}

bool date_is_complete(const char *iso_date)
{
    struct date date;
    return parse(iso_date, &date) && date.is_complete;
}

bool date_days_between(const char *from, const char *to, int64_t *ret_days)
{
    struct date first;
    struct date last;
    if (!parse(from, &first) || !parse(to, &last) || !first.is_complete || !last.is_complete) {
        return false;
    }
    *ret_days = day_number(&last) - day_number(&first);
    return true;
}

int64_t date_day_of_ms(int64_t epoch_ms)
{
    return epoch_ms / DAY_MS - (epoch_ms % DAY_MS < 0 ? 1 : 0);
}

void date_format(int64_t day, char ret_text[DATE_TEXT_MAX])
{
    static const int64_t FIRST_DAY = -719528; /* 0000-01-01 */
    static const int64_t LAST_DAY = 2932896;  /* 9999-12-31 */
    day = day < FIRST_DAY ? FIRST_DAY : (day > LAST_DAY ? LAST_DAY : day);
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_index = (5 * day_of_year + 2) / 153;
    int64_t month = month_index + (month_index < 10 ? 3 : -9);
    int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    int64_t day_of_month = day_of_year - (153 * month_index + 2) / 5 + 1;
    snprintf(ret_text, DATE_TEXT_MAX, "%04u-%02u-%02u", (unsigned)year % 10000U,
        (unsigned)month % 100U, (unsigned)day_of_month % 100U);
}
