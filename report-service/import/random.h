/* Repeatable random numbers: the same seed gives the same numbers on every machine.
 *
 *     struct random random;
 *     random_init(&random, seed);
 *     if (random_chance(&random, 0.12)) { ... }
 *
 * Integers only, up to the last division, so that no rounding differs between machines.
 * Not here: anything that must not be guessed. */
#ifndef WALKIE_IMPORT_RANDOM_H
#define WALKIE_IMPORT_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);

/* Evenly from `low` to `high`, both included; low <= high. */
int random_between(struct random *random, int low, int high);

/* True with the given probability. */
bool random_chance(struct random *random, double probability);

/* About normal (the sum of twelve even numbers), cut at six deviations. */
double random_normal(struct random *random, double mean, double deviation);

/* How many events happen where `mean` are expected: counted as `64 * mean` rare chances. */
int random_count(struct random *random, double mean);

#endif
