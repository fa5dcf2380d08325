#include "audit/document/format_cell.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DECIMALS_MAX = 9 };

/* From here on a double has no digits after the point, and nobody counts those before it. */
static const double NUMBER_PLAIN_MAX = 1e15;

static const char DASH[] = "–";

void format_number(double value, int decimals, char *text, size_t size)
{
    int digits = decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals;
    if (!isfinite(value)) {
        snprintf(text, size, "%s", DASH);
        return;
    }
    if (fabs(value) >= NUMBER_PLAIN_MAX) {
        snprintf(text, size, "%.6e", value);
    } else {
        snprintf(text, size, "%.*f", digits, value);
    }
    /* printf takes its decimal point from the locale: anything but a digit or sign is one. */
    char *point = text + strspn(text, "-0123456789");
    if (*point != '\0') {
        char *rest = point + strcspn(point, "0123456789");
        *point = '.';
        memmove(point + 1, rest, strlen(rest) + 1);
    }
    if (strspn(text, "-0.") == strlen(text) && text[0] == '-') {
        memmove(text, text + 1, strlen(text)); /* "-0.00" reads as a mistake */
    }
}

/* Howard Hinnant's algorithms: exact, and no time zone is asked. */
void civil_from_day(int64_t day, int64_t *ret_year, int *ret_month, int *ret_day)
{
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    int month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *ret_year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    *ret_month = month;
    if (ret_day != NULL) {
        *ret_day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    }
}

int64_t day_from_civil(int64_t year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void format_day(int64_t day, char *text, size_t size)
{
    int64_t year;
    int month;
    int day_of_month;
    civil_from_day(day, &year, &month, &day_of_month);
    snprintf(text, size, "%04" PRId64 "-%02d-%02d", year, month, day_of_month);
}

static void format_instant(int64_t epoch_ms, char *text, size_t size)
{
    int64_t minute = epoch_ms / 60000 - (epoch_ms % 60000 < 0 ? 1 : 0);
    int64_t day = minute / 1440 - (minute % 1440 < 0 ? 1 : 0);
    int64_t of_day = minute - day * 1440;
    char date[32];
    format_day(day, date, sizeof(date));
    snprintf(text, size, "%s %02" PRId64 ":%02" PRId64 "Z", date, of_day / 60, of_day % 60);
}

static void format_percent(const struct cell *cell, char *text, size_t size)
{
    format_number(cell->number * 100, cell->decimals, text, size);
    size_t len = strlen(text);
    snprintf(text + len, size - len, " %%");
}

static void format_not_provided(const char *source, enum language language, char *text, size_t size)
{
    struct cell name = cell_text(source);
    format_template(word_text(WORD_NOT_PROVIDED_BY, language), &name, 1, language, text, size);
}

const char *format_cell(const struct cell *cell, enum language language, char room[CELL_TEXT_MAX])
{
    switch (cell->kind) {
    case CELL_NONE:
        return DASH;
    case CELL_NOT_PROVIDED:
        format_not_provided(cell->text, language, room, CELL_TEXT_MAX);
        return room;
    case CELL_TEXT:
    case CELL_DATE:
        return cell->text == NULL ? DASH : cell->text;
    case CELL_INTEGER:
        snprintf(room, CELL_TEXT_MAX, "%" PRId64, cell->integer);
        return room;
    case CELL_NUMBER:
        format_number(cell->number, cell->decimals, room, CELL_TEXT_MAX);
        return room;
    case CELL_PERCENT:
        format_percent(cell, room, CELL_TEXT_MAX);
        return room;
    case CELL_INSTANT:
        format_instant(cell->integer, room, CELL_TEXT_MAX);
        return room;
    case CELL_WORD:
        return word_text(cell->word, language);
    case CELL_BLINDED:
        return word_text(WORD_BLINDED, language);
    }
    return DASH;
}

/* Append what fits, whole characters only. */
static size_t append(char *text, size_t size, size_t len, const char *more, size_t more_len)
{
    size_t room = size - 1 - len;
    if (more_len > room) {
        more_len = room;
        while (more_len > 0 && ((uint8_t)more[more_len] & 0xC0) == 0x80) {
            more_len--;
        }
    }
    memcpy(text + len, more, more_len);
    return len + more_len;
}

void format_template(const char *template_text, const struct cell *arguments, size_t n_arguments,
    enum language language, char *text, size_t size)
{
    size_t len = 0;
    for (const char *at = template_text; *at != '\0';) {
        if (at[0] == '{' && at[1] >= '0' && at[1] < '0' + PARAGRAPH_ARGUMENTS_MAX && at[2] == '}') {
            size_t index = (size_t)(at[1] - '0');
            if (index < n_arguments) {
                char room[CELL_TEXT_MAX];
                const char *value = format_cell(&arguments[index], language, room);
                len = append(text, size, len, value, strlen(value));
            }
            at += 3;
            continue;
        }
        size_t plain = 1 + strcspn(at + 1, "{");
        len = append(text, size, len, at, plain);
        at += plain;
    }
    text[len] = '\0';
}
