/* Whether a request may go on: who asks, whether its route's permission is theirs, whether the
 * site in its path is. The service asks again (report-service/api/authorize.h).
 *
 *     if (!request_authorize(request)) { return; }      it has been answered: 401, 403
 */
#ifndef WALKIE_GATEWAY_AUTHORIZE_H
#define WALKIE_GATEWAY_AUTHORIZE_H

#include "api/request.h"

/* False: it was answered. On the loop's thread, before anything of the request is looked at. */
MUST_USE bool request_authorize(struct request *request);

#endif
