#include "api/request_body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/routes.h"

enum { REFUSAL_MAX = 256 };

size_t gateway_body_max(const char *method, const char *path, void *arg)
{
    const struct gateway *gateway = arg;
    const struct route *route = NULL;
    char argument[PATH_ARGUMENT_MAX];
    enum route_match match = route_find(method, path, gateway->allow_faults, &route, argument);
    return match == ROUTE_FOUND && route->body != NULL ? route->body->len_max : 0;
}

/* What stands behind the type: nothing, or that it is UTF-8. */
static bool is_utf8(const char *parameters)
{
    static const char *const SPELLINGS[] = {"charset=utf-8", "charset=\"utf-8\""};
    const char *at = parameters + strspn(parameters, " \t;");
    size_t len = strlen(at);
    while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t')) {
        len--;
    }
    bool is_good = len == 0;
    for (size_t i = 0; i < LENGTH_OF(SPELLINGS); i++) {
        is_good =
            is_good || (len == strlen(SPELLINGS[i]) && strncasecmp(at, SPELLINGS[i], len) == 0);
    }
    return is_good;
}

bool request_body_is_of(const char *types, const char *content_type)
{
    size_t len = strcspn(content_type, " \t;");
    for (const char *at = types; *at != '\0';) {
        size_t type_len = strcspn(at, ",");
        if (type_len == len && strncasecmp(at, content_type, len) == 0) {
            return is_utf8(content_type + len);
        }
        at += type_len;
        at += strspn(at, ", ");
    }
    return false;
}

/* Always false. */
static bool refuse(struct request *request, int http_code, const char *detail)
{
    problem_respond(request->exchange, &(struct problem){.status = STATUS_INVALID_ARGUMENT,
                                           .http_code = http_code,
                                           .detail = detail,
                                           .trace = &request->trace});
    return false;
}

bool request_check_body(struct request *request)
{
    const struct route_body *body = request->route->body;
    if (body == NULL) {
        return true;
    }
    const char *type = http_header(request->exchange, "content-type");
    const char *encoding = http_header(request->exchange, "content-encoding");
    char detail[REFUSAL_MAX];
    if (encoding != NULL && strcasecmp(encoding, "identity") != 0) {
        return refuse(request, 415, "the body must not be compressed: no Content-Encoding");
    }
    if (type == NULL || !request_body_is_of(body->types, type)) {
        http_respond_header(request->exchange, "Accept-Post", body->types);
        snprintf(detail, sizeof(detail), "the header Content-Type must be one of %s, in UTF-8",
            body->types);
        return refuse(request, 415, detail);
    }
    if (http_body(request->exchange).len == 0) {
        snprintf(
            detail, sizeof(detail), "the request has no body; it takes one of %s", body->types);
        return refuse(request, 400, detail);
    }
    return true;
}
