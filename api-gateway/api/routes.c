#include "api/routes.h"

#include <string.h>

#include "api/authorize.h"
#include "api/handlers.h"
#include "api/problem.h"
#include "api/redact.h"
#include "api/request_body.h"

static const char GET[] = "GET, HEAD";
static const char ONLY_GET[] = "GET";
static const char POST[] = "POST";
static const char GET_OR_DELETE[] = "GET, HEAD, DELETE";
static const char GET_OR_POST[] = "GET, HEAD, POST";

static const struct route ROUTES[] = {
    {.method = GET, .pattern = "/", .permission = PERMISSION_PUBLIC, .handler = handle_console},
    {.method = GET,
        .pattern = "/console/{file}",
        .permission = PERMISSION_PUBLIC,
        .handler = handle_console},
    {.method = GET,
        .pattern = "/healthz",
        .permission = PERMISSION_PUBLIC,
        .handler = handle_healthz},
    {.method = GET,
        .pattern = "/readyz",
        .permission = PERMISSION_PUBLIC,
        .handler = handle_readyz},
    {.method = GET,
        .pattern = "/openapi.json",
        .permission = PERMISSION_PUBLIC,
        .handler = handle_openapi},
    {.method = GET,
        .pattern = "/v1/echo",
        .permission = PERMISSION_VIEW,
        .parameters = ECHO_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(5),
        .timeout_max_ns = CLOCK_SECONDS(30),
        .handler = handle_echo},
    {.method = GET,
        .pattern = "/v1/traces",
        .permission = PERMISSION_VIEW,
        .parameters = TRACES_PARAMETERS,
        .handler = handle_traces},
    {.method = GET,
        .pattern = "/v1/traces/{trace_id}",
        .permission = PERMISSION_VIEW,
        .handler = handle_trace},
    {.method = GET,
        .pattern = "/v1/work",
        .permission = PERMISSION_REPORT,
        .parameters = FAULT_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(30),
        .timeout_max_ns = CLOCK_SECONDS(300),
        .is_fault = true,
        .handler = handle_work},
    {.method = GET,
        .pattern = "/v1/sleep",
        .permission = PERMISSION_REPORT,
        .parameters = FAULT_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(30),
        .timeout_max_ns = CLOCK_SECONDS(300),
        .is_fault = true,
        .handler = handle_sleep},
    {.method = GET,
        .pattern = "/v1/centers",
        .permission = PERMISSION_VIEW,
        .timeout_default_ns = CLOCK_SECONDS(10),
        .timeout_max_ns = CLOCK_SECONDS(60),
        .handler = handle_centers},
    {.method = GET_OR_POST,
        .pattern = "/v1/centers/{center}/audit-report",
        .permission = PERMISSION_REPORT,
        .parameters = AUDIT_REPORT_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(60),
        .timeout_max_ns = CLOCK_SECONDS(600),
        .read_head = audit_report_read_head,
        .handler = handle_audit_report},
    {.method = POST,
        .pattern = "/v1/studies/{study}/audit-reports",
        .permission = PERMISSION_STUDY,
        .parameters = STUDY_REPORTS_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(600),
        .timeout_max_ns = CLOCK_SECONDS(3600),
        .read_head = study_reports_read_head,
        .http_code = study_reports_http_code,
        .handler = handle_study_reports},
    {.method = POST,
        .pattern = "/v1/centers/{center}/crf-validations",
        .permission = PERMISSION_REPORT, /* and PERMISSION_WRITE with write=1 */
        .parameters = CRF_SITE_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(300),
        .timeout_max_ns = CLOCK_SECONDS(3600),
        .read_head = crf_read_head,
        .handler = handle_crf_site},
    {.method = POST,
        .pattern = "/v1/studies/{study}/crf-validations",
        .permission = PERMISSION_REPORT,
        .parameters = CRF_STUDY_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(300),
        .timeout_max_ns = CLOCK_SECONDS(3600),
        .read_head = crf_read_head,
        .handler = handle_crf_study},
    {.method = POST,
        .pattern = "/v1/patients/{patient}/epro-responses",
        .permission = PERMISSION_WRITE,
        .parameters = EPRO_RESPONSES_PARAMETERS,
        .body = &EPRO_RESPONSES_BODY,
        .timeout_default_ns = CLOCK_SECONDS(30),
        .timeout_max_ns = CLOCK_SECONDS(300),
        .handler = handle_epro_responses},
    {.method = ONLY_GET, /* it writes: a HEAD would, too */
        .pattern = "/process/{patientID}",
        .permission = PERMISSION_WRITE,
        .parameters = PROCESS_PARAMETERS,
        .timeout_default_ns = CLOCK_SECONDS(3),
        .timeout_max_ns = CLOCK_SECONDS(3),
        .on_failure = process_on_failure,
        .handler = handle_process},
    {.method = GET,
        .pattern = "/v1/permissions",
        .permission = PERMISSION_VIEW,
        .handler = handle_permissions},
    {.method = GET,
        .pattern = "/v1/calls",
        .permission = PERMISSION_VIEW,
        .timeout_default_ns = CLOCK_SECONDS(2),
        .timeout_max_ns = CLOCK_SECONDS(10),
        .handler = handle_calls},
    {.method = GET,
        .pattern = "/v1/overload",
        .permission = PERMISSION_VIEW,
        .timeout_default_ns = CLOCK_SECONDS(2),
        .timeout_max_ns = CLOCK_SECONDS(10),
        .handler = handle_overload},
    {.method = GET,
        .pattern = "/v1/operations",
        .permission = PERMISSION_REPORT,
        .parameters = OPERATION_LIST_PARAMETERS,
        .handler = handle_operation_list},
    {.method = GET_OR_DELETE,
        .pattern = "/v1/operations/{operation}",
        .permission = PERMISSION_REPORT,
        .handler = handle_operation},
    {.method = GET,
        .pattern = "/v1/operations/{operation}/result",
        .permission = PERMISSION_REPORT,
        .handler = handle_operation_result},
    {.method = GET,
        .pattern = "/v1/schemas/audit-report/1",
        .permission = PERMISSION_PUBLIC,
        .handler = handle_audit_report_schema},
    {.method = GET,
        .pattern = "/v1/schemas/crf-validation/1",
        .permission = PERMISSION_PUBLIC,
        .handler = handle_crf_validation_schema},
};

_Static_assert(LENGTH_OF(ROUTES) <= ROUTES_MAX, "ROUTES_MAX counts them");

const struct route *route_at(size_t number)
{
    return number < LENGTH_OF(ROUTES) ? &ROUTES[number] : NULL;
}

size_t route_number(const struct route *route)
{
    return (size_t)(route - ROUTES);
}

/* Whether `word` is one of a list like "GET, HEAD". */
static bool has_method(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ' ? 1 : 0;
        if (strncmp(at, word, len) == 0 && (at[len] == ',' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Match a pattern with at most one {…} segment. */
static bool path_matches(const char *pattern, const char *path, char argument[PATH_ARGUMENT_MAX])
{
    const char *open = strchr(pattern, '{');
    if (open == NULL) {
        return strcmp(pattern, path) == 0;
    }
    size_t before = (size_t)(open - pattern);
    if (strncmp(pattern, path, before) != 0) {
        return false;
    }
    const char *rest = strchr(open, '}') + 1;
    size_t len = strcspn(path + before, "/");
    if (len == 0 || len >= PATH_ARGUMENT_MAX || strcmp(path + before + len, rest) != 0) {
        return false;
    }
    memcpy(argument, path + before, len);
    argument[len] = '\0';
    return true;
}

enum route_match route_find(const char *method, const char *path, bool allow_faults,
    const struct route **ret_route, char argument[PATH_ARGUMENT_MAX])
{
    for (size_t i = 0; i < LENGTH_OF(ROUTES); i++) {
        const struct route *route = &ROUTES[i];
        if ((route->is_fault && !allow_faults) || !path_matches(route->pattern, path, argument)) {
            continue;
        }
        *ret_route = route;
        return has_method(route->method, method) ? ROUTE_FOUND : ROUTE_NO_METHOD;
    }
    return ROUTE_NO_PATH;
}

static void refuse(struct request *request, enum status status, int http_code, const char *detail)
{
    problem_respond(request->exchange, &(struct problem){
                                           .status = status,
                                           .http_code = http_code,
                                           .detail = detail,
                                           .origin = ctx_deadline_origin(request->ctx),
                                           .trace = &request->trace,
                                       });
}

static void run_route(struct request *request)
{
    if (!request_authorize(request)) {
        return;
    }
    struct error error = ERROR_NONE;
    enum status status = request_prepare(request, &error);
    if (status == STATUS_OK) {
        if (!request_check_body(request)) {
            return;
        }
        status = request->route->handler(request, &error);
    }
    if (status != STATUS_OK) {
        refuse(request, status, 0, error.text);
    }
}

void gateway_on_request(struct http_exchange *exchange, void *arg)
{
    struct gateway *gateway = arg;
    const struct route *route = NULL;
    char argument[PATH_ARGUMENT_MAX] = "";
    enum route_match match = route_find(
        http_method(exchange), http_path(exchange), gateway->allow_faults, &route, argument);
    if (match != ROUTE_NO_PATH && redact_has_token(argument)) {
        match = ROUTE_NO_PATH; /* it would be told on: to the service, to logs, in answers */
        route = NULL;
        argument[0] = '\0';
    }
    struct request *request = request_new(gateway, exchange, route, argument);
    if (request == NULL) {
        problem_respond(exchange, &(struct problem){.status = STATUS_RESOURCE_EXHAUSTED});
        return;
    }
    switch (match) {
    case ROUTE_FOUND:
        run_route(request);
        break;
    case ROUTE_NO_METHOD:
        http_respond_header(exchange, "Allow", route->method);
        refuse(request, STATUS_UNIMPLEMENTED, 405, "this path does not know the method");
        break;
    case ROUTE_NO_PATH:
        refuse(request, STATUS_NOT_FOUND, 404, "there is no such path");
        break;
    }
}
