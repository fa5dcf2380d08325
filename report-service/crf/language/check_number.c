#include "crf/language/check_number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

__extension__ typedef __int128 wide;

enum { DIGITS_MAX = 18, WIDE_DIGITS_MAX = 36, SHIFT_MAX = 19 };

static const uint64_t POWERS[SHIFT_MAX + 1] = {UINT64_C(1), UINT64_C(10), UINT64_C(100),
    UINT64_C(1000), UINT64_C(10000), UINT64_C(100000), UINT64_C(1000000), UINT64_C(10000000),
    UINT64_C(100000000), UINT64_C(1000000000), UINT64_C(10000000000), UINT64_C(100000000000),
    UINT64_C(1000000000000), UINT64_C(10000000000000), UINT64_C(100000000000000),
    UINT64_C(1000000000000000), UINT64_C(10000000000000000), UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000), UINT64_C(10000000000000000000)};

#define DIGITS_END ((wide)POWERS[DIGITS_MAX])

/* number / 10^shift, halves away from zero. */
static wide shift_down(wide number, int shift)
{
    wide power = (wide)POWERS[shift];
    wide quotient = number / power;
    wide rest = number - quotient * power;
    rest = rest < 0 ? -rest : rest;
    return rest * 2 < power ? quotient : quotient + (number < 0 ? -1 : 1);
}

/* digits × 10^exponent within the limits. |digits| below 10^37. */
static bool make(wide digits, int exponent, struct check_number *ret_number)
{
    int excess = 0;
    wide magnitude = digits < 0 ? -digits : digits;
    for (wide end = DIGITS_END; magnitude >= end && excess < SHIFT_MAX; end *= 10) {
        excess++;
    }
    digits = excess > 0 ? shift_down(digits, excess) : digits;
    exponent += excess;
    if (digits >= DIGITS_END || digits <= -DIGITS_END) { /* 999…9.5 became 10^18 */
        digits /= 10;
        exponent++;
    }
    while (exponent > NUMBER_EXPONENT_MAX && digits * 10 < DIGITS_END &&
           digits * 10 > -DIGITS_END && digits != 0) {
        digits *= 10;
        exponent--;
    }
    if (exponent > NUMBER_EXPONENT_MAX && digits != 0) {
        return false;
    }
    if (exponent < -NUMBER_EXPONENT_MAX) {
        int shift = -NUMBER_EXPONENT_MAX - exponent;
        digits = shift > SHIFT_MAX ? 0 : shift_down(digits, shift);
        exponent = -NUMBER_EXPONENT_MAX;
    }
    *ret_number = (struct check_number){(int64_t)digits, digits == 0 ? 0 : exponent};
    return true;
}

/* As many zeros behind as there is room for: the same number with the smallest exponent. */
static struct check_number widen(struct check_number number)
{
    const int64_t end = (int64_t)POWERS[DIGITS_MAX - 1];
    while (number.digits < end && number.digits > -end && number.digits != 0) {
        number.digits *= 10;
        number.exponent--;
    }
    return number;
}

struct check_number number_of(int64_t integer)
{
    return (struct check_number){integer, 0};
}

struct check_number number_negate(struct check_number number)
{
    number.digits = -number.digits;
    return number;
}

int number_compare_far(struct check_number one, struct check_number other)
{
    int shift = one.exponent - other.exponent;
    wide left = one.digits;
    wide right = other.digits;
    if (shift > SHIFT_MAX) {
        right = left == 0 ? right : 0; /* 10^20 at least against 10^18 at most */
    } else if (shift < -SHIFT_MAX) {
        left = right == 0 ? left : 0;
    } else if (shift > 0) {
        left *= (wide)POWERS[shift];
    } else {
        right *= (wide)POWERS[-shift];
    }
    return (left > right) - (left < right);
}

bool number_add(struct check_number one, struct check_number other, struct check_number *ret_sum)
{
    if (one.exponent < other.exponent) {
        struct check_number swapped = one;
        one = other;
        other = swapped;
    }
    if (one.digits == 0 || other.digits == 0) {
        *ret_sum = one.digits == 0 ? other : one;
        return true;
    }
    if (one.exponent - other.exponent > DIGITS_MAX) {
        one = widen(one);
    }
    int shift = one.exponent - other.exponent;
    if (shift > SHIFT_MAX) {
        return make(one.digits, one.exponent, ret_sum); /* the other is below its last digit */
    }
    if (shift < 0) {
        return make(
            (wide)one.digits + (wide)other.digits * (wide)POWERS[-shift], one.exponent, ret_sum);
    }
    return make((wide)one.digits * (wide)POWERS[shift] + other.digits, other.exponent, ret_sum);
}

bool number_multiply(
    struct check_number one, struct check_number other, struct check_number *ret_product)
{
    return make((wide)one.digits * other.digits, one.exponent + other.exponent, ret_product);
}

/* The same without zeros at the end that a division left there: 200, not 200.000 or 2e2. */
static struct check_number strip(struct check_number number)
{
    while (number.exponent < 0 && number.digits != 0 && number.digits % 10 == 0) {
        number.digits /= 10;
        number.exponent++;
    }
    while (number.exponent > 0 && number.digits < (int64_t)POWERS[DIGITS_MAX - 1] &&
           number.digits > -(int64_t)POWERS[DIGITS_MAX - 1]) {
        number.digits *= 10;
        number.exponent--;
    }
    return number;
}

bool number_divide(
    struct check_number one, struct check_number other, struct check_number *ret_quotient)
{
    struct check_number quotient;
    if (other.digits == 0) {
        return false;
    }
    if (one.digits % other.digits == 0) {
        if (!make(one.digits / other.digits, one.exponent - other.exponent, &quotient)) {
            return false;
        }
        *ret_quotient = strip(quotient);
        return true;
    }
    /* 18 digits and 19 zeros, by 18 digits at most: the quotient has 19 digits, one to round. */
    one = widen(one);
    wide digits = (wide)one.digits * (wide)POWERS[SHIFT_MAX] / other.digits;
    if (!make(digits, one.exponent - SHIFT_MAX - other.exponent, &quotient)) {
        return false;
    }
    *ret_quotient = strip(quotient);
    return true;
}

struct check_number number_round(struct check_number number, int n_digits)
{
    int shift = -n_digits - number.exponent;
    if (shift <= 0) {
        return number;
    }
    number.digits = shift > SHIFT_MAX ? 0 : (int64_t)shift_down(number.digits, shift);
    number.exponent = -n_digits;
    return number;
}

/* --- reading and writing -------------------------------------------------------------------- */

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* "e-3": what is left of the text. */
static bool parse_exponent(const char *at, const char *end, int *exponent)
{
    int sign = 1;
    int number = 0;
    if (++at < end && (*at == '+' || *at == '-')) {
        sign = *at++ == '-' ? -1 : 1;
    }
    if (at == end || end - at > 3) {
        return false;
    }
    for (; at < end; at++) {
        if (!is_digit(*at)) {
            return false;
        }
        number = number * 10 + (*at - '0');
    }
    *exponent += sign * number;
    return true;
}

bool number_parse(const char *text, size_t len, struct check_number *ret_number)
{
    const char *at = text;
    const char *end = text + len;
    bool is_negative = len > 0 && *at == '-';
    bool has_point = false;
    int n_significant = 0;
    int n_seen = 0;
    int exponent = 0;
    wide digits = 0;
    if (len == 0 || len > NUMBER_WRITTEN_MAX) {
        return false;
    }
    at += *at == '-' || *at == '+' ? 1 : 0;
    for (; at < end && (is_digit(*at) || (*at == '.' && !has_point)); at++) {
        if (*at == '.') {
            has_point = true;
            continue;
        }
        n_seen++;
        n_significant += n_significant > 0 || *at != '0' ? 1 : 0;
        if (n_significant > WIDE_DIGITS_MAX) {
            return false;
        }
        digits = digits * 10 + (*at - '0');
        exponent -= has_point ? 1 : 0;
    }
    if (n_seen == 0 || (at < end && *at != 'e' && *at != 'E') ||
        (at < end && !parse_exponent(at, end, &exponent))) {
        return false;
    }
    digits = is_negative ? -digits : digits;
    if (n_significant <= DIGITS_MAX && exponent <= 0 && exponent >= -NUMBER_EXPONENT_MAX) {
        *ret_number = (struct check_number){(int64_t)digits, exponent};
        return true;
    }
    return make(digits, exponent, ret_number);
}

void number_print(struct check_number number, char ret_text[NUMBER_TEXT_MAX])
{
    if (number.exponent >= 0 || number.exponent < -DIGITS_MAX) {
        int len = snprintf(ret_text, NUMBER_TEXT_MAX, "%" PRId64, number.digits);
        if (number.exponent != 0) {
            snprintf(ret_text + len, NUMBER_TEXT_MAX - (size_t)len, "e%d", (int)number.exponent);
        }
        return;
    }
    char letters[NUMBER_TEXT_MAX];
    size_t at = sizeof(letters);
    uint64_t rest =
        number.digits < 0 ? (uint64_t)0 - (uint64_t)number.digits : (uint64_t)number.digits;
    letters[--at] = '\0';
    for (int place = number.exponent; rest != 0 || place <= 0; place++, rest /= 10) {
        if (place == 0) {
            letters[--at] = '.';
        }
        letters[--at] = (char)('0' + rest % 10);
    }
    snprintf(ret_text, NUMBER_TEXT_MAX, "%s%s", number.digits < 0 ? "-" : "", letters + at);
}
