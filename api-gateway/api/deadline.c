#include "api/deadline.h"

#include <stddef.h>

#include "base/duration.h"

struct wish_row {
    const char *text;
    bool (*parse)(const char *text, uint64_t *ret_ns);
    enum ctx_origin origin;
    const char *name;
    const char *form;
};

enum status deadline_read(const struct deadline_wish *wish, uint64_t default_ns, uint64_t max_ns,
    uint64_t *ret_timeout_ns, enum ctx_origin *ret_origin, struct error *ret_error)
{
    const struct wish_row rows[] = {
        {wish->grpc_timeout, duration_parse_grpc, CTX_ORIGIN_GRPC_TIMEOUT_HEADER,
            "header Grpc-Timeout", "such as 3S or 500m (milliseconds)"},
        {wish->x_request_timeout, duration_parse, CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER,
            "header X-Request-Timeout", "such as 3s or 500ms"},
        {wish->timeout, duration_parse, CTX_ORIGIN_TIMEOUT_QUERY, "parameter timeout",
            "such as 3s or 500ms"},
    };
    uint64_t timeout_ns = max_ns;
    enum ctx_origin origin = CTX_ORIGIN_ROUTE_CAP;
    bool is_asked = false;
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        uint64_t ns = 0;
        if (rows[i].text == NULL) {
            continue;
        }
        if (!rows[i].parse(rows[i].text, &ns)) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "%s: \"%.40s\" is no duration %s, from 1ns to 24h", rows[i].name, rows[i].text,
                rows[i].form);
        }
        is_asked = true;
        if (ns < timeout_ns) {
            timeout_ns = ns;
            origin = rows[i].origin;
        }
    }
    *ret_timeout_ns = is_asked ? timeout_ns : default_ns;
    *ret_origin = is_asked ? origin : CTX_ORIGIN_ROUTE_DEFAULT;
    return STATUS_OK;
}
