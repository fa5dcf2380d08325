/* A service as it describes itself: its methods, and what their messages look like.
 *
 *     status = service_view_fetch(ctx, channel, &view, &error);
 *     status = service_view_find(view, "Echo", &method, &error);
 *     service_view_free(view);
 */
#ifndef WALKIE_CALL_SERVICE_VIEW_H
#define WALKIE_CALL_SERVICE_VIEW_H

#include "call/schema.h"
#include "rpc/channel.h"
#include "walkie/rpc/v1/reflection.pb-c.h"

enum { SERVICE_METHODS_MAX = 4096 };

struct service_view {
    Walkie__Rpc__V1__DescribeReply *reply;
    struct schema *schema;
};

/* One method: what reflection says of it, and its messages. */
struct service_method {
    const Walkie__Rpc__V1__Method *described;
    const struct schema_method *messages;
};

/* Ask the service. *ret_view is the caller's, to service_view_free.
 * Errors: the call's (UNIMPLEMENTED: it does not describe itself), DATA_LOSS, RESOURCE_EXHAUSTED.
 */
MUST_USE enum status service_view_fetch(const struct ctx *ctx, struct rpc_channel *channel,
    struct service_view **ret_view, struct error *ret_error);
void service_view_free(struct service_view *view); /* accepts NULL */
void service_view_free_at(struct service_view **view);

/* The method of that name: "walkie.report.v1.ReportService/Echo", or an end of it that begins at a
 * "/" or ".": "ReportService/Echo", "Echo".
 * Errors: INVALID_ARGUMENT (none, with the nearest; several, which are named), DATA_LOSS (the
 *         descriptors lack its messages). */
MUST_USE enum status service_view_find(const struct service_view *view, const char *word,
    struct service_method *ret_method, struct error *ret_error);

/* "Echo" of "walkie.report.v1.ReportService/Echo"; "Center" of "walkie.report.v1.Center". */
const char *service_short_name(const char *name);

#endif
