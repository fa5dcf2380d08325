/* The summaries `site_total` and `site_item_total`: what indicators count, as running totals by
 * site and day, so that a report of one site can compare it with all others without reading
 * millions of rows.
 *
 *     status = schema_bump_data_version(ctx, session, &error);
 *     status = site_total_refresh(ctx, session, &error);       a bulk writer's very last step
 *
 * A reader uses it while meta.site_total_version equals meta.data_version; after a write that did
 * not refresh it, readers count the rows themselves: slower, never wrong. Not here: the reading. */
#ifndef WALKIE_SCHEMA_SITE_TOTAL_H
#define WALKIE_SCHEMA_SITE_TOTAL_H

#include "db/db.h"

/* Make the EDC's summary anew, for the data version that is in force.
 * Errors: the context's, those of db_exec. */
MUST_USE enum status site_total_refresh(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error);

/* One more data version (schema_bump_data_version) by a write that changed nothing of what the
 * summaries count: they stay valid if they were. Errors: the context's, those of db_exec. */
MUST_USE enum status site_total_keep(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error);

/* Count `n_queries` more of a site, opened on a day (since 1970-01-01, UTC) and not closed: what
 * site_total_refresh would come to, without looking at the rows. Before site_total_keep, and only
 * by who has added them. Does nothing while the summaries are not valid.
 * Errors: the context's, those of db_exec. */
MUST_USE enum status site_total_add_queries(const struct ctx *ctx, struct db_session *session,
    int64_t site_id, int64_t day, int64_t n_queries, struct error *ret_error);

#endif
