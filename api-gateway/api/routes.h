/* The table of routes: one row each, the same for answering, for 405 and for lists of parameters.
 */
#ifndef WALKIE_GATEWAY_ROUTES_H
#define WALKIE_GATEWAY_ROUTES_H

#include "api/request.h"

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* Find the row for method and path. `argument` gets the {…} segment. For ROUTE_NO_METHOD *ret_route
 * is the row with that path, for its Allow. Rows for faults are there only when `allow_faults`. */
enum route_match route_find(const char *method, const char *path, bool allow_faults,
    const struct route **ret_route, char argument[PATH_ARGUMENT_MAX]);

enum { ROUTES_MAX = 64 }; /* rows of the table */

/* Which row of the table it is, from 0: a number below ROUTES_MAX. */
size_t route_number(const struct route *route);

/* The row with that number; NULL behind the last one. */
const struct route *route_at(size_t number);

#endif
