/* What the JSON of a report looks like: the published schema, as it is in proto/. */
#include "walkie/report/v1/schemas.h"
#include "api/handlers.h"

enum status handle_audit_report_schema(struct request *request, struct error *ret_error)
{
    (void)ret_error;
    http_respond_header(request->exchange, "Cache-Control", "public, max-age=3600");
    http_respond(request->exchange, 200, "application/schema+json", AUDIT_REPORT_SCHEMA);
    return STATUS_OK;
}
