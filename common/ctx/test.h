/* For tests: a clock that stands still, and the check that every scope was ended.
 *
 *     ctx_test_clock_start();                 in the set-up
 *     ctx_test_clock_advance(CTX_MS(300));    runs what is due, and returns when it has run
 *     ctx_test_clock_end();
 *     assert_true(ctx_test_no_leaks());       in the tear-down
 */
#ifndef WALKIE_CTX_TEST_H
#define WALKIE_CTX_TEST_H

#include <stdbool.h>
#include <stdint.h>

void ctx_test_clock_start(void);
void ctx_test_clock_advance(uint64_t duration_ns);
void ctx_test_clock_end(void);

/* Wait until the notifier has run every callback queued before this call. */
void ctx_test_settle(void);

/* Whether no scope is live; prints the creation sites of those that are to stderr. */
bool ctx_test_no_leaks(void);

/* Number of live scopes. */
uint64_t ctx_live_scopes(void);

#endif
