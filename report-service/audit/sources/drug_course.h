/* What the movements of a kit mean: where it is, whether the quantities add up, whether it was
 * given to somebody who should not have had it, or too late; which temperatures were out of range.
 *
 *     status = sources_follow_drug(ctx, &facts);        after both sources were fetched
 *
 * Not here: SQL (ctms_drug.c), judgement (rules/rules_drug.c). */
#ifndef WALKIE_AUDIT_SOURCES_DRUG_COURSE_H
#define WALKIE_AUDIT_SOURCES_DRUG_COURSE_H

#include "audit/sources/facts.h"
#include "ctx/ctx.h"

/* Errors: the context's. */
MUST_USE enum status sources_follow_drug(const struct ctx *ctx, struct audit_facts *facts);

/* At the site and unused: received, less what was dispensed, and destroyed or lost before that.
 * What has come back is not stock: it waits for its destruction. */
int64_t kit_in_stock(const struct kit *kit);

/* With subjects: dispensed and not come back. */
int64_t kit_with_subjects(const struct kit *kit);

#endif
