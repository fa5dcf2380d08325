/* Random expressions over the small study that compile, for laws that must hold of all of them.
 *
 *     struct check_random random = {.state = seed};
 *     check_random_condition(&random, 4);               random.text is the expression
 */
#ifndef WALKIE_TESTS_CHECK_RANDOM_H
#define WALKIE_TESTS_CHECK_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum { CHECK_RANDOM_MAX = 4096 };

struct check_random {
    uint64_t state; /* the seed */
    char text[CHECK_RANDOM_MAX];
    size_t len;
};

/* A number from 0 to n - 1. */
unsigned int check_random_below(struct check_random *random, unsigned int n);

/* Append a condition of at most so many levels. */
void check_random_condition(struct check_random *random, int depth);

/* "NAME=VALUE" of each name that the expressions use; often missing, unreadable or partial. */
enum { CHECK_RANDOM_NAMES = 9 };
void check_random_value(struct check_random *random, unsigned int name, char ret_text[64]);

#endif
