/* Memory that fails now and then, for programs linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc: allocations of theirs and of what they are linked
 * with fail; those inside shared libraries do not.
 *
 *     failing_memory_start(20);       about one in twenty
 *     …
 *     failing_memory_stop();
 *     assert_true(failing_memory_count() > 100);
 *
 * Threads: any. Which ones fail depends on their order alone. */
#ifndef WALKIE_TESTS_FAILING_MEMORY_H
#define WALKIE_TESTS_FAILING_MEMORY_H

#include <stdbool.h>

void failing_memory_start(unsigned int one_in);
/* The allocation of this number from now on fails (0: the next), and perhaps all after it. */
void failing_memory_start_at(unsigned int number, bool and_all_after);
void failing_memory_stop(void);
unsigned int failing_memory_count(void); /* allocations that have failed so far */

#endif
