/* The summary `site_day`: what indicators count, by site and day, so that a report of one site can
 * compare it with all others without reading millions of rows.
 *
 *     status = schema_bump_data_version(ctx, session, &error);
 *     status = site_day_refresh(ctx, session, &error);         a bulk writer's very last step
 *
 * A reader uses it while meta.site_day_version equals meta.data_version; after a write that did not
 * refresh it, readers count the rows themselves: slower, never wrong. Not here: the reading. */
#ifndef WALKIE_SCHEMA_SITE_DAY_H
#define WALKIE_SCHEMA_SITE_DAY_H

#include "db/db.h"

/* Make the EDC's summary anew, for the data version that is in force.
 * Errors: the context's, those of db_exec. */
MUST_USE enum status site_day_refresh(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error);

#endif
