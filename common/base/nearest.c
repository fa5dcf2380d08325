#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

enum { NEAR_LETTERS_PER_SLIP = 3, NEAR_SLIPS_MAX = 4 };

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* One row of the table of optimal string alignment: `above` and `above2` are the rows before it. */
static void fill_row(const char *one, size_t row, const char *other, size_t other_len,
    const uint8_t *above2, const uint8_t *above, uint8_t *now)
{
    now[0] = (uint8_t)row;
    for (size_t i = 1; i <= other_len; i++) {
        size_t replaced = above[i - 1] + (one[row - 1] == other[i - 1] ? 0U : 1U);
        size_t best = least(replaced, least(above[i], now[i - 1]) + 1U);
        if (row > 1 && i > 1 && one[row - 1] == other[i - 2] && one[row - 2] == other[i - 1]) {
            best = least(best, above2[i - 2] + 1U);
        }
        now[i] = (uint8_t)best;
    }
}

size_t nearest_distance(const char *one, const char *other)
{
    size_t one_len = strlen(one);
    size_t other_len = strlen(other);
    if (one_len > NEAREST_NAME_LEN_MAX || other_len > NEAREST_NAME_LEN_MAX) {
        return SIZE_MAX;
    }
    uint8_t rows[3][NEAREST_NAME_LEN_MAX + 1];
    memset(rows, 0, sizeof(rows));
    for (size_t i = 0; i <= other_len; i++) {
        rows[0][i] = (uint8_t)i;
    }
    for (size_t row = 1; row <= one_len; row++) {
        fill_row(
            one, row, other, other_len, rows[(row + 1) % 3], rows[(row + 2) % 3], rows[row % 3]);
    }
    return rows[one_len % 3][other_len];
}

const char *nearest_name(const char *word, const char *const *names, size_t n_names)
{
    size_t allowed = strlen(word) / NEAR_LETTERS_PER_SLIP;
    allowed = allowed < 1 ? 1 : least(allowed, NEAR_SLIPS_MAX);
    const char *nearest = NULL;
    for (size_t i = 0; i < n_names; i++) {
        size_t distance = nearest_distance(word, names[i]);
        if (distance <= allowed) {
            nearest = names[i];
            if (distance == 0) {
                break;
            }
            allowed = distance - 1;
        }
    }
    return nearest;
}
