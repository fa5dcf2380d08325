/* What one value may be, and the words that say so. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/settings_internal.h"

struct duration_unit {
    const char *name;
    uint64_t ns;
};

static const struct duration_unit UNITS[] = {
    {"h", CLOCK_SECONDS(3600)},
    {"m", CLOCK_SECONDS(60)},
    {"s", CLOCK_SECONDS(1)},
    {"ms", CLOCK_MS(1)},
    {"us", CLOCK_US(1)},
    {"ns", 1},
};

struct boolean_word {
    const char *word;
    bool value;
};

static const struct boolean_word BOOLEAN_WORDS[] = {
    {"true", true},
    {"false", false},
    {"yes", true},
    {"no", false},
    {"on", true},
    {"off", false},
    {"1", true},
    {"0", false},
};

/* In the largest unit that divides it. */
static void write_duration(int64_t ns, char *ret_text, size_t size)
{
    size_t i = 0;
    while (i + 1 < LENGTH_OF(UNITS) && (ns == 0 || (uint64_t)ns % UNITS[i].ns != 0)) {
        i++;
    }
    snprintf(ret_text, size, "%lld%s", (long long)ns / (long long)UNITS[i].ns, UNITS[i].name);
}

static bool has_range(const struct setting *row)
{
    return row->min != 0 || row->max != 0;
}

static void write_duration_allowed(const struct setting *row, char *ret_text, size_t size)
{
    enum { DURATION_TEXT_MAX = 32 };
    const char *form = "digits and ns, us, ms, s, m or h, such as 300ms";
    if (!has_range(row)) {
        snprintf(ret_text, size, "%s", form);
        return;
    }
    char least[DURATION_TEXT_MAX];
    char most[DURATION_TEXT_MAX];
    write_duration(row->min, least, sizeof(least));
    write_duration(row->max, most, sizeof(most));
    snprintf(ret_text, size, "%s, from %s to %s", form, least, most);
}

static void write_choices(const struct setting *row, char *ret_text, size_t size)
{
    size_t used = 0;
    for (const char *at = row->choices; *at != '\0' && used + 3 < size; at++) {
        ret_text[used++] = *at == '|' ? ',' : *at;
        if (*at == '|') {
            ret_text[used++] = ' ';
        }
    }
    ret_text[used] = '\0';
}

void settings_allowed(const struct setting *row, char *ret_text, size_t size)
{
    switch (row->kind) {
    case SETTING_TEXT:
        snprintf(ret_text, size, "text");
        return;
    case SETTING_INTEGER:
        if (has_range(row)) {
            snprintf(ret_text, size, "a number from %lld to %lld", (long long)row->min,
                (long long)row->max);
        } else {
            snprintf(ret_text, size, "a number");
        }
        return;
    case SETTING_DURATION:
        write_duration_allowed(row, ret_text, size);
        return;
    case SETTING_BOOLEAN:
        snprintf(ret_text, size, "true or false (yes, no, on, off, 1, 0)");
        return;
    case SETTING_CHOICE:
        write_choices(row, ret_text, size);
        return;
    }
}

static bool is_in_range(const struct setting *row, int64_t number)
{
    return !has_range(row) || (number >= row->min && number <= row->max);
}

static bool parse_integer(const struct setting *row, const char *text, int64_t *ret_number)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits)) {
        return false;
    }
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    if (errno != 0 || !is_in_range(row, number)) {
        return false;
    }
    *ret_number = number;
    return true;
}

static bool parse_duration(const struct setting *row, const char *text, int64_t *ret_number)
{
    uint64_t ns = 0;
    if (!duration_parse(text, &ns) || !is_in_range(row, (int64_t)ns)) {
        return false;
    }
    *ret_number = (int64_t)ns;
    return true;
}

static bool parse_boolean(const char *text, int64_t *ret_number)
{
    for (size_t i = 0; i < LENGTH_OF(BOOLEAN_WORDS); i++) {
        if (strcmp(BOOLEAN_WORDS[i].word, text) == 0) {
            *ret_number = BOOLEAN_WORDS[i].value ? 1 : 0;
            return true;
        }
    }
    return false;
}

static bool parse_choice(const struct setting *row, const char *text)
{
    size_t len = strchr(text, '|') == NULL ? strlen(text) : 0; /* 0: matches nothing */
    for (const char *at = row->choices; len > 0 && at != NULL;) {
        if (strncmp(at, text, len) == 0 && (at[len] == '|' || at[len] == '\0')) {
            return true;
        }
        at = strchr(at, '|');
        at = at == NULL ? NULL : at + 1;
    }
    return false;
}

static bool parse_any(const struct setting *row, const char *text, int64_t *ret_number)
{
    switch (row->kind) {
    case SETTING_TEXT:
        return true;
    case SETTING_INTEGER:
        return parse_integer(row, text, ret_number);
    case SETTING_DURATION:
        return parse_duration(row, text, ret_number);
    case SETTING_BOOLEAN:
        return parse_boolean(text, ret_number);
    case SETTING_CHOICE:
        return parse_choice(row, text);
    }
    return false;
}

enum status settings_parse(
    const struct setting *row, const char *text, int64_t *ret_number, struct error *ret_error)
{
    enum { ALLOWED_TEXT_MAX = 256, SHOWN_LEN_MAX = 80 };
    if (strlen(text) > SETTINGS_VALUE_LEN_MAX) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "longer than %d bytes", SETTINGS_VALUE_LEN_MAX);
    }
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == '\x7f') {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT, "has a control character in it");
        }
    }
    if (parse_any(row, text, ret_number)) {
        return STATUS_OK;
    }
    char allowed[ALLOWED_TEXT_MAX];
    settings_allowed(row, allowed, sizeof(allowed));
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "\"%.*s\" is not allowed; it takes %s%s",
        SHOWN_LEN_MAX, text, row->kind == SETTING_CHOICE ? "one of " : "", allowed);
}
