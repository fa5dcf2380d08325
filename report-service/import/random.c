#include "import/random.h"

#include <assert.h>

void random_init(struct random *random, uint64_t seed)
{
    random->state = seed;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t random_next(struct random *random)
{
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

/* 0 <= result < 1, in steps of 2^-53: exact in a double. */
static double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) / (double)(UINT64_C(1) << 53);
}

int random_between(struct random *random, int low, int high)
{
    assert(low <= high);
    uint64_t span = (uint64_t)(high - low) + 1;
    return low + (int)(random_next(random) % span);
}

bool random_chance(struct random *random, double probability)
{
    return random_unit(random) < probability;
}

double random_normal(struct random *random, double mean, double deviation)
{
    double sum = 0.0;
    for (int i = 0; i < 12; i++) {
        sum += random_unit(random);
    }
    return mean + (sum - 6.0) * deviation;
}

int random_count(struct random *random, double mean)
{
    int n_chances = (int)(mean * 64.0) + 1;
    int count = 0;
    for (int i = 0; i < n_chances; i++) {
        count += random_chance(random, mean / (double)n_chances) ? 1 : 0;
    }
    return count;
}
