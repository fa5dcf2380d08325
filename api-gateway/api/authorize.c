#include "api/authorize.h"

#include <stdio.h>
#include <string.h>

#include "api/problem.h"
#include "auth/authenticator.h"
#include "obs/log.h"

/* RFC 6750: without a token only the scheme is told, with one what is wrong with it. */
static void respond_challenge(struct request *request, enum status status)
{
    bool has_token = http_header(request->exchange, "authorization") != NULL;
    const char *challenge = status == STATUS_PERMISSION_DENIED
                                ? "Bearer realm=\"walkie\", error=\"insufficient_scope\""
                            : has_token ? "Bearer realm=\"walkie\", error=\"invalid_token\""
                                        : "Bearer realm=\"walkie\"";
    http_respond_header(request->exchange, "WWW-Authenticate", challenge);
}

static void refuse(struct request *request, enum status status, const char *detail)
{
    LOG_INFO("auth.refuse", request->ctx, log_str("status", status_name(status)),
        log_str("client", request->client), log_str("principal", request_principal(request)),
        log_str("permission", permission_word(request->route->permission)),
        log_str("error", detail));
    if (status == STATUS_UNAUTHENTICATED || status == STATUS_PERMISSION_DENIED) {
        respond_challenge(request, status);
    }
    problem_respond(request->exchange,
        &(struct problem){.status = status, .detail = detail, .trace = &request->trace});
}

static void refuse_permission(struct request *request)
{
    enum permission permission = request->route->permission;
    char detail[256];
    snprintf(detail, sizeof(detail),
        "the permission \"%s\" is missing: it takes the role %s, and %s has %s",
        permission_word(permission), role_word(permission_role(permission)),
        request_principal(request), role_word(request->identity->authority.role));
    refuse(request, STATUS_PERMISSION_DENIED, detail);
}

/* Whether the {…} of the path is within the scope, so far as it can be told from the path. */
static bool is_within_scope(const struct request *request)
{
    const struct authority *authority = &request->identity->authority;
    if (strstr(request->route->pattern, "{center}") != NULL) {
        return authority_may_cover(authority, "", request->path_argument);
    }
    if (strstr(request->route->pattern, "{study}") != NULL) {
        return authority_covers_study(authority, request->path_argument);
    }
    return true;
}

bool request_authorize(struct request *request)
{
    struct authenticator *authenticator = request->gateway->authenticator;
    if (authenticator == NULL || request->route->permission == PERMISSION_PUBLIC) {
        return true;
    }
    struct error error = ERROR_NONE;
    enum status status =
        authenticator_check(authenticator, http_header(request->exchange, "authorization"),
            authenticator_now_s(), &request->identity, &error);
    if (status != STATUS_OK) {
        refuse(request, status, error.text);
        return false;
    }
    if (!request_may(request, request->route->permission)) {
        refuse_permission(request);
        return false;
    }
    if (!is_within_scope(request)) {
        refuse(request, STATUS_PERMISSION_DENIED,
            strstr(request->route->pattern, "{study}") != NULL
                ? "the permission \"study\" needs a scope with all sites of this study"
                : "this site is not within your scope");
        return false;
    }
    return true;
}
