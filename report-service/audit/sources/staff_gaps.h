/* What EDC and CTMS say together about the site's people, once both have been read.
 *
 *     status = sources_check_staff(facts);
 *     facts->ctms.training_gaps, .undelegated_tasks; facts->edc.data_entry_people[].is_delegated
 *
 * Requirements: GCP and the protocol for every task; the consent form for consent, the EDC for data
 * entry, safety reporting for safety; a new version within RETRAINING_DAYS of its approval. Not
 * here: judgement (rules/rules_staff.c). */
#ifndef WALKIE_AUDIT_SOURCES_STAFF_GAPS_H
#define WALKIE_AUDIT_SOURCES_STAFF_GAPS_H

#include "audit/sources/facts.h"
#include "base/status.h"

/* Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status sources_check_staff(struct audit_facts *facts);

#endif
