/* The databases of the report service: opened at the start, and waited for where they may come
 * later.
 *
 *     status = sources_open(settings, &service.sources, &sources, &error);
 *     reason = sources_why_not_ready(sources);             for /readyz; NULL when all are there
 *     sources_close(sources);                              before the databases are closed
 *
 * A file that is missing, corrupt or of another schema keeps the service from starting, and so does
 * a server's database of another schema. A server that cannot be reached does not: a thread looks
 * for it every second until it was there once, and calls are told that it is not. The schema is
 * checked on every new connection, so a server that comes back with another one is noticed, too. */
#ifndef WALKIE_SERVICE_SOURCES_H
#define WALKIE_SERVICE_SOURCES_H

#include "audit/audit.h"
#include "base/error.h"
#include "base/settings.h"

struct sources;

/* Open what --edc and --ctms say into `databases`, whose owner closes them.
 * Errors: INVALID_ARGUMENT (a uri); UNAVAILABLE, DATA_LOSS, FAILED_PRECONDITION as above. What was
 * opened by then is in `databases`. */
MUST_USE enum status sources_open(const struct settings *settings, struct audit_sources *databases,
    struct sources **ret_sources, struct error *ret_error);

/* Which database was not there yet; static as long as `sources` is. Threads: any. */
const char *sources_why_not_ready(const struct sources *sources);

void sources_close(struct sources *sources); /* accepts NULL */

#endif
