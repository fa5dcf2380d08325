/* /debug/contexts: the scopes that are live now, by where they were made. A site whose count or
 * oldest age only ever grows is a context that nobody releases.
 *
 *     const struct admin_page pages[] = {{"/debug/contexts", "application/json",
 * contexts_page_write}};
 *
 * Not here: scopes one by one; there may be a hundred thousand of one site. */
#ifndef WALKIE_OBS_CONTEXTS_PAGE_H
#define WALKIE_OBS_CONTEXTS_PAGE_H

#include "base/bytes.h"

enum { CONTEXTS_PAGE_SITES_MAX = 256 }; /* further sites are counted together as "other" */

/* Append a JSON object: the total, and the sites by falling count. `arg` is not looked at.
 * Threads: any. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status contexts_page_write(void *arg, struct buffer *page);

#endif
