/* Mistake 3, the context that is never released, told while it happens: ctx.leaked with the place
 * that made the scope.
 *
 *     leaks_check_ended(call->scope);      before a call's scope is ended
 *     leaks_look(leak_after_ns);           from time to time
 *
 * The first finds scopes that a handler made below its call's context and did not end with it. The
 * second finds scopes anywhere that have been done (told to stop, or past their deadline) for
 * `leak_after_ns` and were still not ended. After a look the first kind pauses for nine times the
 * CPU time that it took; what ends meanwhile is counted and not named. Each place writes one line
 * in LEAKS_INTERVAL_NS; walkie_ctx_leaked_total counts the first kind, walkie_ctx_overdue_scopes
 * shows the second.
 *
 * Not here: releasing them; somebody may still use them. */
#ifndef WALKIE_OBS_LEAKS_H
#define WALKIE_OBS_LEAKS_H

#include "ctx/ctx.h"

#define LEAKS_INTERVAL_NS CLOCK_SECONDS(60) /* between two lines of one place */
enum { LEAKS_PAUSE_FACTOR = 9 };            /* looks at calls take at most a tenth of a CPU */

/* The scope is about to be ended, and nothing below it should be live any more. Costs one load when
 * nothing is. Scopes made with ctx_without_cancel are meant to outlive it. Threads: its owner. */
void leaks_check_ended(const struct ctx_scope *scope);

/* Show the metrics before anything is counted: as 0, so that the first one is an increase. */
void leaks_declare(void);

/* Look at all scopes. Time: ctx_registry_visit's. Threads: any. */
void leaks_look(uint64_t leak_after_ns);

#endif
