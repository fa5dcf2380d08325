/* What a route asks for, and which role has it.
 *
 *     {.method = GET, .pattern = "/v1/centers", .permission = PERMISSION_VIEW, …}      routes.c
 *     if (!request_may(request, PERMISSION_UNBLINDED)) { … }                    api/request.h
 *
 * Not here: sites, which the role holds for (rpc/authority.h). */
#ifndef WALKIE_GATEWAY_AUTH_PERMISSION_H
#define WALKIE_GATEWAY_AUTH_PERMISSION_H

#include "rpc/authority.h"

enum permission {
    PERMISSION_UNSET,     /* a row that says nothing is the admin's alone; a test finds it */
    PERMISSION_PUBLIC,    /* anybody, with or without a token: health, the console's files */
    PERMISSION_VIEW,      /* lists, centers, one's own traces */
    PERMISSION_REPORT,    /* reports of sites within one's scope, one's own operations */
    PERMISSION_WRITE,     /* what changes the databases: responses of patients, queries */
    PERMISSION_UNBLINDED, /* arm, kit, lot and randomisation numbers in them */
    PERMISSION_STUDY,     /* all sites of a study in one go; its sites must all be in the scope */
    PERMISSION_ADMIN,     /* everybody's operations, traces and calls */
};

/* "report": as a 403 names it. Static storage. */
const char *permission_word(enum permission permission);

/* Whether a role has it. */
bool permission_is_of(enum permission permission, enum role role);

/* The least role that has it; NONE: nobody needs one. Not all above it do: permission_is_of. */
enum role permission_role(enum permission permission);

#endif
