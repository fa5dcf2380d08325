/* Decimal numbers as they are written: 70.1 - 69.8 is 0.3. At most 18 digits and an exponent from
 * -64 to 64; sums, differences and products that need more digits are rounded to 18, quotients that
 * do not end are, too; halves go away from zero.
 *
 *     if (number_parse("80.5", 4, &number) && number_compare(number, limit) < 0) { ... }
 *
 * False: it is none, a division by zero, or too large. Too small is 0. */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_NUMBER_H
#define WALKIE_CRF_LANGUAGE_CHECK_NUMBER_H

#include "base/attributes.h"
#include "crf/language/check.h"

enum {
    NUMBER_EXPONENT_MAX = 64,
    NUMBER_TEXT_MAX = 32,     /* bytes of a number that is printed, with the NUL */
    NUMBER_WRITTEN_MAX = 100, /* bytes of a number that is read */
};

/* "80", "-80.50", "+.5", "5.", "1.5e3": the whole text. */
MUST_USE bool number_parse(const char *text, size_t len, struct check_number *ret_number);

/* So that number_parse gives the very same again. */
void number_print(struct check_number number, char ret_text[NUMBER_TEXT_MAX]);

struct check_number number_of(int64_t integer); /* of at most 18 digits */

/* Below 0, 0, above 0. */
int number_compare_far(struct check_number one, struct check_number other);
static inline int number_compare(struct check_number one, struct check_number other)
{
    if (one.exponent == other.exponent) {
        return (one.digits > other.digits) - (one.digits < other.digits);
    }
    return number_compare_far(one, other);
}

struct check_number number_negate(struct check_number number);
MUST_USE bool number_add(
    struct check_number one, struct check_number other, struct check_number *ret_sum);
MUST_USE bool number_multiply(
    struct check_number one, struct check_number other, struct check_number *ret_product);
MUST_USE bool number_divide(
    struct check_number one, struct check_number other, struct check_number *ret_quotient);

/* To so many digits after the point. */
struct check_number number_round(struct check_number number, int n_digits);

#endif
