/* The JSON Schemas that this version publishes, as files in memory.
 *
 *     http_respond(exchange, 200, "application/schema+json", AUDIT_REPORT_SCHEMA);
 *
 * report/v1/audit-report-1.schema.json and crf/v1/crf-validation-1.schema.json: what format=json
 * answers with (`walkie.audit-report/1`, `walkie.crf-validation/1`). A change that a reader could
 * mind is a new file and a new number. */
#ifndef WALKIE_SCHEMAS_H
#define WALKIE_SCHEMAS_H

#include "base/bytes.h"

extern const struct bytes AUDIT_REPORT_SCHEMA;
extern const struct bytes CRF_VALIDATION_SCHEMA;

#endif
