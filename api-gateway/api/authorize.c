#include "api/authorize.h"

#include <stdio.h>
#include <string.h>

#include "api/problem.h"
#include "api/routes.h"
#include "auth/access_log.h"
#include "auth/authenticator.h"
#include "auth/limits.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "operations/record.h"

static struct metrics_family REFUSED = {.name = "walkie_http_refused_total",
    .help = "Requests that were refused for who asks or how often: unauthenticated, "
            "permission_denied, resource_exhausted (a limit of one client), unavailable (the "
            "access log).",
    .kind = METRICS_COUNTER,
    .labels = {"why"}};

struct refusal_words {
    enum status status;
    const char *detail;
    uint64_t retry_after_ns;
};

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

/* Always false. */
static bool refuse(struct request *request, struct refusal_words words)
{
    enum status status = words.status;
    bool is_denied = status == STATUS_PERMISSION_DENIED;
    bool is_stranger = status == STATUS_UNAUTHENTICATED;
    const char *why = is_denied                      ? "permission_denied"
                      : is_stranger                  ? "unauthenticated"
                      : status == STATUS_UNAVAILABLE ? "unavailable"
                                                     : "resource_exhausted";
    metrics_add(metrics_child(&REFUSED, why, NULL, NULL), 1);
    LOG_INFO("auth.refuse", request->ctx, log_str("status", status_name(status)),
        log_str("client", request->client), log_str("principal", request_principal(request)),
        log_str("permission", permission_word(request->route->permission)),
        log_str("error", words.detail));
    if (is_denied || is_stranger) {
        respond_challenge(request, status);
    }
    problem_respond(request->exchange,
        &(struct problem){.status = status,
            .detail = words.detail,
            .trace = &request->trace,
            .retry_after_ms = (words.retry_after_ns + CLOCK_MS(1) - 1) / CLOCK_MS(1)});
    return false;
}

/* --- who ------------------------------------------------------------------------------------ */

/* A stranger's requests count against the address; once that has used up its rate no signature is
 * computed for it any more. Whose token is known is not held up by a neighbour's bad ones. */
static bool authenticate(struct request *request)
{
    struct authenticator *authenticator = request->gateway->authenticator;
    struct limits *strangers = request->gateway->strangers;
    uint64_t address = limits_address(strangers, request->client);
    bool may_verify = !limits_is_exhausted(strangers, address, request->start_ns);
    struct error error = ERROR_NONE;
    enum status status =
        authenticator_check(authenticator, http_header(request->exchange, "authorization"),
            authenticator_now_s(), may_verify, &request->identity, &error);
    if (status == STATUS_OK) {
        return true;
    }
    limits_charge(strangers, address, request->start_ns);
    status = status == STATUS_UNAUTHENTICATED && !may_verify ? STATUS_RESOURCE_EXHAUSTED : status;
    return refuse(request, (struct refusal_words){status, error.text, 0});
}

/* --- how much ------------------------------------------------------------------------------- */

static bool limit(struct request *request)
{
    struct limits *limits = request->gateway->limits;
    if (limits == NULL) {
        return true;
    }
    uint64_t client = request->identity == NULL
                          ? limits_address(limits, request->client)
                          : limits_client(limits, 'p', bytes_of(request->identity->name));
    uint64_t retry_after_ns = 0;
    switch (limits_enter(limits, client, request->start_ns, &request->ticket, &retry_after_ns)) {
    case LIMITS_GO_ON:
        return true;
    case LIMITS_TOO_FAST:
        return refuse(
            request, (struct refusal_words){STATUS_RESOURCE_EXHAUSTED,
                         "you ask more often than one client may (--rate)", retry_after_ns});
    case LIMITS_TOO_MANY:
        return refuse(request, (struct refusal_words){STATUS_RESOURCE_EXHAUSTED,
                                   "as many of your requests are under way as one client may have "
                                   "(--client-in-flight-max)",
                                   CLOCK_SECONDS(1)});
    }
    return true;
}

/* --- what ----------------------------------------------------------------------------------- */

static bool refuse_permission(struct request *request, enum permission permission)
{
    char detail[320];
    snprintf(detail, sizeof(detail),
        "the permission \"%s\" is missing: it takes the role %s, and %s has %s",
        permission_word(permission), role_word(permission_role(permission)),
        request_principal(request), role_word(request->identity->authority.role));
    return refuse(request, (struct refusal_words){STATUS_PERMISSION_DENIED, detail, 0});
}

/* What keeps the {…} of a path out of the scope, so far as it can be told from there; NULL: nothing
 * does. `study` is that of a site; "": not known. */
static const char *out_of_scope(const struct authority *authority, const struct route *route,
    const char *argument, const char *study)
{
    if (strstr(route->pattern, "{center}") != NULL &&
        !authority_may_cover(authority, study, argument)) {
        return "this site is not within your scope";
    }
    if (strstr(route->pattern, "{study}") != NULL && !authority_covers_study(authority, argument)) {
        return "the permission \"study\" needs a scope with all sites of this study";
    }
    return NULL;
}

static bool check_scope(struct request *request)
{
    const char *why =
        out_of_scope(&request->identity->authority, request->route, request->path_argument, "");
    return why == NULL || refuse(request, (struct refusal_words){STATUS_PERMISSION_DENIED, why, 0});
}

bool request_authorize(struct request *request)
{
    const struct gateway *gateway = request->gateway;
    if (request->route->permission == PERMISSION_PUBLIC) {
        return true;
    }
    if (gateway->access_log != NULL && !access_log_is_ready(gateway->access_log)) {
        return refuse(request, (struct refusal_words){STATUS_UNAVAILABLE,
                                   "the gateway cannot write its access log, without which nothing "
                                   "is answered here",
                                   0});
    }
    if (gateway->authenticator != NULL && !authenticate(request)) {
        return false;
    }
    if (!limit(request)) {
        return false;
    }
    if (gateway->authenticator == NULL) {
        return true;
    }
    return request_may(request, request->route->permission)
               ? check_scope(request)
               : refuse_permission(request, request->route->permission);
}

bool request_demand(struct request *request, enum permission permission)
{
    return request_may(request, permission) || refuse_permission(request, permission);
}

/* The same questions as of the request that made it. A path that none of the routes has now, or
 * that cannot be read, is nobody's. */
static bool may_ask_again(const struct request *request, const char *target)
{
    char path[OPERATION_PATH_MAX];
    char argument[PATH_ARGUMENT_MAX] = "";
    const struct route *route = NULL;
    const char *query = strchr(target, '?');
    (void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(target, "?"), target);
    if (route_find("GET", path, false, &route, argument) == ROUTE_NO_PATH ||
        !request_may(request, route->permission)) {
        return false;
    }
    struct parameters parameters = {.first = NULL};
    struct error error = ERROR_NONE;
    bool may = parameters_parse(&parameters, route->parameters, query == NULL ? "" : query + 1,
                   bytes_of(""), &error) == STATUS_OK;
    if (may) {
        const char *study = parameters_get(&parameters, "study");
        may = out_of_scope(&request->identity->authority, route, argument,
                  study == NULL ? "" : study) == NULL;
    }
    parameters_finish(&parameters);
    return may;
}

bool request_may_have_report(const struct request *request, const char *path, const char *filename)
{
    if (strstr(filename, "-unblinded") != NULL && !request_may(request, PERMISSION_UNBLINDED)) {
        return false;
    }
    return request->identity == NULL || may_ask_again(request, path);
}
