/* What the audit trail's rows mean at the site: the hour and weekday there, bursts of late changes,
 * each user's share.
 *
 *     status = sources_follow_trail(ctx, &facts);        after both sources were fetched
 *
 * Local time needs the CTMS's site.time_zone; without a zone of that name the source "does not
 * provide" it, and what needs it is not assessed. Not here: SQL (edc_trail.c, edc_chain.c),
 * judgement (rules/rules_trail.c). */
#ifndef WALKIE_AUDIT_SOURCES_TRAIL_COURSE_H
#define WALKIE_AUDIT_SOURCES_TRAIL_COURSE_H

#include "audit/sources/facts.h"
#include "ctx/ctx.h"

/* Errors: the context's, RESOURCE_EXHAUSTED. */
MUST_USE enum status sources_follow_trail(const struct ctx *ctx, struct audit_facts *facts);

#endif
