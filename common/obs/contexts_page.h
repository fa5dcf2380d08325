/* /debug/contexts: the scopes that are live now, by where they were made: how many, the age of the
 * oldest, how many of them are done already and for how long at most. A site whose count or oldest
 * age only ever grows is a context that nobody releases; one that has long been done, too.
 *
 *     const struct admin_page pages[] = {{"/debug/contexts", "application/json",
 *         contexts_page_write}};
 */
#ifndef WALKIE_OBS_CONTEXTS_PAGE_H
#define WALKIE_OBS_CONTEXTS_PAGE_H

#include "base/bytes.h"

/* Append a JSON object: the total, and the sites by falling count (obs/scope_census.h). `arg` is
 * not looked at. Threads: any. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status contexts_page_write(void *arg, struct buffer *page);

#endif
