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

/* The same for a permission that only some requests of a route need. Threads: the loop's. */
bool request_demand(struct request *request, enum permission permission);

/* Whether a report that is kept may still go to who asks now: roles and sites may have become fewer
 * since it was made. `path` is that of the request which made it, decoded, with its query (a
 * study that a body named is not in it: then the site of any will do); `filename` the report's,
 * which says when treatment data are in it. Whose it is has been asked before. */
bool request_may_have_report(const struct request *request, const char *path, const char *filename);

#endif
