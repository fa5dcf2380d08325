/* The indicators of all sites, made of the facts of both sources. */
#ifndef WALKIE_AUDIT_SOURCES_INDICATORS_H
#define WALKIE_AUDIT_SOURCES_INDICATORS_H

#include "audit/sources/facts.h"
#include "base/status.h"
#include "ctx/ctx.h"

/* Fill in facts->kri…: counts joined by site number, scored. Allocates from the EDC's arena.
 * Threads: after both fetches, one. Errors: the context's, RESOURCE_EXHAUSTED. */
MUST_USE enum status indicators_compute(const struct ctx *ctx, struct audit_facts *facts);

/* Pair each serious event of the EDC with its report in the CTMS, by subject number and sequence.
 */
void sources_reconcile(struct audit_facts *facts);

#endif
