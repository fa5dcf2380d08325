/* Bodies that a route takes as they come (struct route_body): how long, and of which type.
 *
 *     options.body_max_of = gateway_body_max;             before a body is read (gateway.h)
 *     if (!request_check_body(request)) { return; }       when it is there
 *
 * Not here: what is in them, which is for the service to say. */
#ifndef WALKIE_GATEWAY_REQUEST_BODY_H
#define WALKIE_GATEWAY_REQUEST_BODY_H

#include "api/request.h"

/* Whether the request's body is one that its route takes. False: it has been answered: 415, or 400
 * where there is none. True for routes without a body of their own. */
bool request_check_body(struct request *request);

/* Whether a Content-Type ("application/json; charset=utf-8") is one of a list of types. Text is
 * UTF-8, so that any other charset is none. */
bool request_body_is_of(const char *types, const char *content_type);

#endif
