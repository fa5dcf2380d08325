/* What operators make of their operands: the result takes the first one's place. */
#include <string.h>

#include "crf/language/check_code.h"
#include "crf/language/check_number.h"
#include "schema/calendar.h"

static void put_none(struct check_slot *slot, enum check_reason reason, int16_t blame)
{
    slot->state = SLOT_NONE;
    slot->reason = (uint8_t)reason;
    slot->blame = blame;
}

static void put_truth(struct check_slot *slot, bool truth, int16_t blame)
{
    slot->state = truth ? SLOT_TRUE : SLOT_FALSE;
    slot->blame = blame;
}

static void put_number(struct check_slot *slot, struct check_number number, int16_t blame)
{
    slot->number = number;
    slot->blame = blame;
}

/* Both values are there; else the first that is not is the result. */
static bool has_both(struct check_slot *left, const struct check_slot *right)
{
    if (left->state == SLOT_NONE) {
        return false;
    }
    if (right->state == SLOT_NONE) {
        *left = *right;
        return false;
    }
    return true;
}

/* Below 0, 0, above 0. */
static int order_of(
    const struct check_slot *one, const struct check_slot *other, enum check_kind kind)
{
    if (kind == CHECK_NUMBER) {
        return number_compare(one->number, other->number);
    }
    if (kind == CHECK_BOOLEAN) {
        return (int)one->state - (int)other->state; /* a condition's slot is its value */
    }
    size_t len = one->text.len < other->text.len ? one->text.len : other->text.len;
    int order = memcmp(one->text.data, other->text.data, len);
    return order != 0 ? order
                      : (one->text.len > other->text.len) - (one->text.len < other->text.len);
}

static bool has_order(int order, enum check_comparator comparator)
{
    switch (comparator) {
    case COMPARE_EQ:
        return order == 0;
    case COMPARE_NE:
        return order != 0;
    case COMPARE_LT:
        return order < 0;
    case COMPARE_LE:
        return order <= 0;
    case COMPARE_GT:
        return order > 0;
    case COMPARE_GE:
        return order >= 0;
    }
    return false;
}

/* What is true of every day that the dates can be, false of every one, or neither. */
static enum slot_state compare_days(
    const struct check_slot *one, const struct check_slot *other, enum check_comparator comparator)
{
    if (one->date.first == one->date.last && other->date.first == other->date.last) {
        int order = (one->date.first > other->date.first) - (one->date.first < other->date.first);
        return has_order(order, comparator) ? SLOT_TRUE : SLOT_FALSE;
    }
    int least = one->date.first > other->date.last    ? 1
                : one->date.first == other->date.last ? 0
                                                      : -1;
    int most = one->date.last < other->date.first    ? -1
               : one->date.last == other->date.first ? 0
                                                     : 1;
    /* Orders from `least` to `most` are possible; 0 is, too, when both signs are. */
    bool is_possible = false;
    bool is_certain = true;
    for (int order = least; order <= most; order++) {
        is_possible = is_possible || has_order(order, comparator);
        is_certain = is_certain && has_order(order, comparator);
    }
    return is_certain ? SLOT_TRUE : is_possible ? SLOT_NONE : SLOT_FALSE;
}

void check_apply_compare(
    struct check_slot *left, const struct check_slot *right, const struct check_step *step)
{
    enum check_comparator comparator = (enum check_comparator)step->choice;
    enum check_kind kind = (enum check_kind)step->count;
    if (!has_both(left, right)) {
        return;
    }
    if (kind != CHECK_DATE) {
        put_truth(left, has_order(order_of(left, right, kind), comparator), step->blame);
        return;
    }
    left->state = (uint8_t)compare_days(left, right, comparator);
    left->reason = CHECK_REASON_PARTIAL_DATE;
    left->blame = step->blame;
}

/* Kleene's "and" of value >= low and value <= high. */
void check_apply_between(struct check_slot *value, const struct check_slot *low,
    const struct check_slot *high, const struct check_step *step)
{
    const struct check_step at_least = {
        .choice = COMPARE_GE, .count = step->choice, .blame = step->blame};
    const struct check_step at_most = {
        .choice = COMPARE_LE, .count = step->choice, .blame = step->blame};
    struct check_slot upper = *value;
    check_apply_compare(value, low, &at_least);
    check_apply_compare(&upper, high, &at_most);
    check_apply_and(value, &upper);
}

/* What is false decides; then the first that is not applicable. */
void check_apply_and(struct check_slot *left, const struct check_slot *right)
{
    if (right->state == SLOT_FALSE ? left->state != SLOT_FALSE : left->state == SLOT_TRUE) {
        *left = *right;
    }
}

void check_apply_or(
    struct check_slot *left, const struct check_slot *right, const struct check_step *step)
{
    if (left->state == SLOT_FALSE && right->state == SLOT_FALSE) {
        left->blame = step->blame; /* the better one of both */
        left->row = right->row;
    }
    if (right->state == SLOT_TRUE || (left->state == SLOT_FALSE && right->state == SLOT_NONE)) {
        *left = *right;
    }
}

/* "or", but when both are false it is the conclusion's fault. */
void check_apply_imply(struct check_slot *left, const struct check_slot *right)
{
    if (left->state == SLOT_FALSE || right->state == SLOT_TRUE) {
        *left = *right;
    }
}

void check_apply_in(
    struct check_slot *value, const struct check_step *step, const struct check_value *constants)
{
    enum check_kind kind = (enum check_kind)step->choice;
    enum slot_state result = SLOT_FALSE;
    if (value->state == SLOT_NONE) {
        return;
    }
    for (size_t i = 0; i < step->count && result != SLOT_TRUE; i++) {
        const struct check_value *code = &constants[step->argument + i];
        struct check_slot one = {.state = SLOT_GIVEN};
        if (kind == CHECK_BOOLEAN) {
            one.state = code->truth ? SLOT_TRUE : SLOT_FALSE;
        } else {
            memcpy(&one.number, &code->number, sizeof(one.number));
        }
        enum slot_state is_same = kind == CHECK_DATE ? compare_days(value, &one, COMPARE_EQ)
                                  : order_of(value, &one, kind) == 0 ? SLOT_TRUE
                                                                     : SLOT_FALSE;
        result = is_same == SLOT_FALSE ? result : is_same;
    }
    value->state = (uint8_t)result;
    value->reason = CHECK_REASON_PARTIAL_DATE;
    value->blame = step->blame;
}

void check_apply_arithmetic(
    struct check_slot *left, const struct check_slot *right, const struct check_step *step)
{
    struct check_number number = {0, 0};
    bool is_good = false;
    if (!has_both(left, right)) {
        return;
    }
    if (step->op == OP_ADD) {
        is_good = number_add(left->number, right->number, &number);
    } else if (step->op == OP_SUBTRACT) {
        is_good = number_add(left->number, number_negate(right->number), &number);
    } else if (step->op == OP_MULTIPLY) {
        is_good = number_multiply(left->number, right->number, &number);
    } else {
        is_good = number_divide(left->number, right->number, &number);
    }
    if (is_good) {
        put_number(left, number, step->blame);
        return;
    }
    bool is_by_zero = step->op == OP_DIVIDE && right->number.digits == 0;
    put_none(left, is_by_zero ? CHECK_REASON_DIVISION_BY_ZERO : CHECK_REASON_OVERFLOW, step->blame);
}
