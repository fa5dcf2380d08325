/* The nearest of some known names to a misspelt one, for "did you mean".
 *
 *     const char *name = nearest_name("lisen", names, n_names);       "listen"
 *
 * Not here: matching of anything but short names; the cost is the product of the lengths. */
#ifndef WALKIE_BASE_NEAREST_H
#define WALKIE_BASE_NEAREST_H

#include <stddef.h>

enum { NEAREST_NAME_LEN_MAX = 63 }; /* longer names are near to nothing */

/* How many insertions, deletions, replacements and swaps of neighbours lead from one name to the
 * other. SIZE_MAX when one of them is longer than NEAREST_NAME_LEN_MAX. */
size_t nearest_distance(const char *one, const char *other);

/* The name that is nearest to `word`, the first of several; NULL when none is near enough to be
 * what somebody meant (a third of its letters may differ, at least one, at most four). The result
 * is one of `names`. */
const char *nearest_name(const char *word, const char *const *names, size_t n_names);

#endif
