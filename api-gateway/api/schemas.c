/* What the JSON of a report and of a validation looks like: the published schemas, as they are in
 * proto/. */
#include "walkie/schemas.h"
#include "api/handlers.h"

static enum status respond(struct request *request, struct bytes schema)
{
    http_respond_header(request->exchange, "Cache-Control", "public, max-age=3600");
    http_respond(request->exchange, 200, "application/schema+json", schema);
    return STATUS_OK;
}

enum status handle_audit_report_schema(struct request *request, struct error *ret_error)
{
    (void)ret_error;
    return respond(request, AUDIT_REPORT_SCHEMA);
}

enum status handle_crf_validation_schema(struct request *request, struct error *ret_error)
{
    (void)ret_error;
    return respond(request, CRF_VALIDATION_SCHEMA);
}
