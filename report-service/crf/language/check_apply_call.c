/* Functions of values. */
#include "crf/language/check_code.h"
#include "crf/language/check_number.h"
#include "schema/calendar.h"

/* Completed years between two days; who is born on 29 February is a year older on 1 March. */
static int years_between(int birth, int day)
{
    int from[3];
    int to[3];
    calendar_civil(birth, &from[0], &from[1], &from[2]);
    calendar_civil(day, &to[0], &to[1], &to[2]);
    bool is_before = to[1] < from[1] || (to[1] == from[1] && to[2] < from[2]);
    return to[0] - from[0] - (is_before ? 1 : 0);
}

static int year_of(int day)
{
    int year;
    int month;
    int month_day;
    calendar_civil(day, &year, &month, &month_day);
    return year;
}

static int64_t n_characters(const struct check_slot *slot)
{
    int64_t n = 0;
    for (size_t i = 0; i < slot->text.len; i++) {
        n += ((unsigned char)slot->text.data[i] & 0xC0U) != 0x80U ? 1 : 0;
    }
    return n;
}

/* The least and the greatest that the result can be, of which only one that is both is a number. */
static void put_certain(struct check_slot *slot, int64_t least, int64_t most, int16_t blame)
{
    slot->blame = blame;
    if (least == most) {
        slot->number = number_of(least);
        return;
    }
    slot->state = SLOT_NONE;
    slot->reason = CHECK_REASON_PARTIAL_DATE;
}

static void read_number(struct check_slot *slot, int16_t blame)
{
    char text[NUMBER_WRITTEN_MAX + 1];
    struct check_value value = {.state = CHECK_UNREADABLE};
    if (slot->text.len < sizeof(text)) {
        for (size_t i = 0; i < slot->text.len; i++) {
            text[i] = slot->text.data[i];
        }
        text[slot->text.len] = '\0';
        check_value_parse(CHECK_NUMBER, text, &value);
    }
    slot->blame = blame;
    if (value.state == CHECK_GIVEN) {
        slot->number = value.number;
        return;
    }
    slot->state = SLOT_NONE;
    slot->reason = CHECK_REASON_UNREADABLE;
}

void check_apply_call(
    struct check_slot *first, const struct check_slot *second, const struct check_step *step)
{
    if (first->state == SLOT_NONE) {
        return;
    }
    if (second->state == SLOT_NONE) {
        *first = *second;
        return;
    }
    switch ((enum check_function)step->choice) {
    case CALL_DAYS:
        put_certain(first, (int64_t)second->date.first - first->date.last,
            (int64_t)second->date.last - first->date.first, step->blame);
        break;
    case CALL_AGE:
        put_certain(first, years_between(first->date.last, second->date.first),
            years_between(first->date.first, second->date.last), step->blame);
        break;
    case CALL_YEAR:
        put_certain(first, year_of(first->date.first), year_of(first->date.last), step->blame);
        break;
    case CALL_LEN:
        first->number = number_of(n_characters(first));
        break;
    case CALL_ABS:
        first->number.digits =
            first->number.digits < 0 ? -first->number.digits : first->number.digits;
        break;
    case CALL_ROUND:
        first->number = number_round(first->number, (int)step->argument);
        break;
    case CALL_NUMBER:
        read_number(first, step->blame);
        break;
    case CALL_ANY:
    case CALL_ALL:
    case CALL_COUNT:
    case CALL_FUNCTIONS:
        break;
    }
}
