#include <math.h>
#include <stdint.h>

#include "audit/model/model.h"

struct cell cell_none(void)
{
    return (struct cell){.kind = CELL_NONE};
}

struct cell cell_not_provided(const char *source)
{
    return (struct cell){.kind = CELL_NOT_PROVIDED, .text = source};
}

struct cell cell_text(const char *text)
{
    return text == NULL ? cell_none() : (struct cell){.kind = CELL_TEXT, .text = text};
}

struct cell cell_date(const char *iso_date)
{
    return iso_date == NULL ? cell_none() : (struct cell){.kind = CELL_DATE, .text = iso_date};
}

struct cell cell_integer(int64_t value)
{
    return (struct cell){.kind = CELL_INTEGER, .integer = value};
}

struct cell cell_number(double value, int decimals)
{
    return isnan(value)
               ? cell_none()
               : (struct cell){.kind = CELL_NUMBER, .number = value, .decimals = (uint8_t)decimals};
}

struct cell cell_percent(double ratio, int decimals)
{
    return isnan(ratio) ? cell_none()
                        : (struct cell){
                              .kind = CELL_PERCENT, .number = ratio, .decimals = (uint8_t)decimals};
}

struct cell cell_instant(int64_t epoch_ms)
{
    return epoch_ms == 0 ? cell_none() : (struct cell){.kind = CELL_INSTANT, .integer = epoch_ms};
}

struct cell cell_word(enum word word)
{
    return (struct cell){.kind = CELL_WORD, .word = word};
}

struct cell cell_blinded(void)
{
    return (struct cell){.kind = CELL_BLINDED};
}

struct cell cell_tone(struct cell cell, enum tone tone)
{
    cell.tone = tone;
    return cell;
}

struct cell cell_link(struct cell cell, const char *anchor)
{
    cell.anchor = anchor;
    return cell;
}

enum word grade_word(enum grade grade)
{
    switch (grade) {
    case GRADE_CRITICAL:
        return WORD_GRADE_CRITICAL;
    case GRADE_MAJOR:
        return WORD_GRADE_MAJOR;
    case GRADE_MINOR:
        return WORD_GRADE_MINOR;
    case GRADE_RECOMMENDATION:
        return WORD_GRADE_RECOMMENDATION;
    }
    return WORD_NONE;
}
