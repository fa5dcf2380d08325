#include <string.h>
#include <strings.h>

#include "crf/language/check_number.h"
#include "crf/language/check_tree.h"
#include "schema/calendar.h"

enum check_kind check_kind_of(const char *data_type)
{
    static const struct {
        const char *data_type;
        enum check_kind kind;
    } TYPES[] = {
        {"integer", CHECK_NUMBER},
        {"float", CHECK_NUMBER},
        {"double", CHECK_NUMBER},
        {"date", CHECK_DATE},
        {"datetime", CHECK_DATE},
        {"partialDate", CHECK_DATE},
        {"partialDatetime", CHECK_DATE},
        {"incompleteDate", CHECK_DATE},
        {"incompleteDatetime", CHECK_DATE},
        {"boolean", CHECK_BOOLEAN},
    };
    for (size_t i = 0; data_type != NULL && i < LENGTH_OF(TYPES); i++) {
        if (strcmp(data_type, TYPES[i].data_type) == 0) {
            return TYPES[i].kind;
        }
    }
    return CHECK_TEXT;
}

const char *check_kind_name(enum check_kind kind)
{
    switch (kind) {
    case CHECK_NUMBER:
        return "number";
    case CHECK_TEXT:
        return "text";
    case CHECK_DATE:
        return "date";
    case CHECK_BOOLEAN:
        return "condition (true or false)";
    }
    return "";
}

static bool is_blank(char letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

static bool parse_truth(const char *text, size_t len, bool *ret_truth)
{
    static const char *const WORDS[][2] = {
        {"false", "true"}, {"0", "1"}, {"no", "yes"}, {"n", "y"}};
    for (size_t i = 0; i < LENGTH_OF(WORDS); i++) {
        for (int truth = 0; truth < 2; truth++) {
            if (strlen(WORDS[i][truth]) == len && strncasecmp(text, WORDS[i][truth], len) == 0) {
                *ret_truth = truth != 0;
                return true;
            }
        }
    }
    return false;
}

static bool parse_days(const char *text, size_t len, struct check_value *value)
{
    int first;
    int last;
    if (!calendar_parse_partial(text, len, &first, &last)) {
        return false;
    }
    value->date.first = first;
    value->date.last = last;
    return true;
}

void check_value_parse(enum check_kind kind, const char *text, struct check_value *ret_value)
{
    const char *begin = text == NULL ? "" : text;
    while (is_blank(*begin)) {
        begin++;
    }
    size_t len = strlen(begin);
    *ret_value = (struct check_value){.state = CHECK_MISSING};
    if (len == 0) {
        return;
    }
    if (kind == CHECK_TEXT) {
        ret_value->state = CHECK_GIVEN;
        ret_value->text.data = text;
        ret_value->text.len = len + (size_t)(begin - text);
        return;
    }
    while (is_blank(begin[len - 1])) {
        len--;
    }
    bool is_read = kind == CHECK_NUMBER ? number_parse(begin, len, &ret_value->number)
                   : kind == CHECK_DATE ? parse_days(begin, len, ret_value)
                                        : parse_truth(begin, len, &ret_value->truth);
    ret_value->state = is_read ? CHECK_GIVEN : CHECK_UNREADABLE;
}

struct check_value check_value_integer(int64_t number)
{
    return (struct check_value){.state = CHECK_GIVEN, .number = number_of(number)};
}

struct check_value check_value_day(int day)
{
    return (struct check_value){.state = CHECK_GIVEN, .date = {day, day}};
}

struct check_value check_value_state(enum check_state state)
{
    return (struct check_value){.state = state};
}

const char *check_reason_text(enum check_reason reason)
{
    switch (reason) {
    case CHECK_REASON_NONE:
        return "nothing";
    case CHECK_REASON_MISSING:
        return "a value is missing";
    case CHECK_REASON_UNREADABLE:
        return "a value cannot be read";
    case CHECK_REASON_SEVERAL:
        return "there are several values where one is meant";
    case CHECK_REASON_NOT_PROVIDED:
        return "the source does not provide a value";
    case CHECK_REASON_PARTIAL_DATE:
        return "a date is not complete enough";
    case CHECK_REASON_DIVISION_BY_ZERO:
        return "a division by zero";
    case CHECK_REASON_OVERFLOW:
        return "a number is too large";
    case CHECK_REASON_STEPS:
        return "too many steps";
    case CHECK_REASON_MATCH:
        return "a regular expression takes too long";
    }
    return "";
}
