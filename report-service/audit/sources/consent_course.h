/* What signatures, approvals, visits and criteria mean for each subject.
 *
 *     status = sources_follow_consent(ctx, &facts);        after both sources were fetched
 *
 * A version is in force from the day of its approval until the next one's. A subject owes a new
 * signature when a version is approved after its first one and it is seen again before the version
 * after that; it is due at that visit. Not here: SQL (edc_consent.c, ctms_versions.c), judgement
 * (rules/rules_consent.c, rules/rules_eligibility.c). */
#ifndef WALKIE_AUDIT_SOURCES_CONSENT_COURSE_H
#define WALKIE_AUDIT_SOURCES_CONSENT_COURSE_H

#include "audit/sources/facts.h"
#include "ctx/ctx.h"

/* Errors: the context's, RESOURCE_EXHAUSTED. */
MUST_USE enum status sources_follow_consent(const struct ctx *ctx, struct audit_facts *facts);

/* The last version approved by that day; NULL when there is none. */
const struct document_version *version_in_force(const struct list *versions, int64_t day);

#endif
