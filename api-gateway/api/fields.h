/* Parameters as the fields of a message: what the routes of reports have in common.
 *
 *     message.language = field_text(request, "language");
 *     message.format = field_format(request);
 *
 * Texts live as long as the request's parameters. */
#ifndef WALKIE_GATEWAY_FIELDS_H
#define WALKIE_GATEWAY_FIELDS_H

#include "api/request.h"
#include "walkie/report/v1/report.pb-c.h"

#define FORMAT_WORDS "pdf|json|csv|xlsx" /* the choices of `format` */

/* "" when it was not given. Not const, because protobuf-c's structs take char *. */
char *field_text(const struct request *request, const char *name);

bool field_is_set(const struct request *request, const char *name); /* it is "1" */

/* Whether treatment data are asked for: who may see them gets them, unless `blinded` is "1". */
bool field_is_unblinded(const struct request *request);

/* Who asks, for the cover; "": nobody was asked who it is. */
char *field_requester(const struct request *request);

/* "1s" in milliseconds, at most PACE_MAX_MS; 0 when it was not given. Errors: INVALID_ARGUMENT. */
enum { PACE_MAX_MS = 60000 };
MUST_USE enum status field_pace(
    const struct request *request, uint32_t *ret_pace_ms, struct error *ret_error);

/* PDF when it was not given. */
Walkie__Report__V1__Format field_format(const struct request *request);

/* A bit mask; 0 when it was not given. Errors: INVALID_ARGUMENT. */
MUST_USE enum status field_sections(
    const struct request *request, uint32_t *ret_sections, struct error *ret_error);

#endif
