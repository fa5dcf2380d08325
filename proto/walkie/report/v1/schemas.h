/* The JSON Schemas that this version publishes, as files in memory.
 *
 *     http_respond(exchange, 200, "application/schema+json", AUDIT_REPORT_SCHEMA);
 *
 * audit-report-1.schema.json: what format=json answers with (`walkie.audit-report/1`). A change
 * that a reader could mind is a new file and a new number. */
#ifndef WALKIE_REPORT_V1_SCHEMAS_H
#define WALKIE_REPORT_V1_SCHEMAS_H

#include "base/bytes.h"

extern const struct bytes AUDIT_REPORT_SCHEMA;

#endif
