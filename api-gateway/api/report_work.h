/* A file that is asked for, in whichever form it will be answered: at once (file_stream.h), as a
 * stream of events (report_stream.h), as an operation (report_operation.h). All that a handler does
 * is to put the parameters into the method's message; how the head of its stream is read stands in
 * the route.
 *
 *     return report_work_start(request, &REPORT_AUDIT_REPORT, &message.base, ret_error);
 */
#ifndef WALKIE_GATEWAY_REPORT_WORK_H
#define WALKIE_GATEWAY_REPORT_WORK_H

#include "api/request.h"
#include "operations/operations.h"

enum { REPORT_PATH_MAX = HTTP_TARGET_MAX + 2 }; /* bytes of path and query, with '?' and NUL */

struct report_work {
    const struct rpc_method *method;
    const ProtobufCMessage *message; /* borrowed for the call that takes the work */
};

/* Do the work in the form that the request asks for; the message is borrowed for the call. Errors:
 * those of the three. */
MUST_USE enum status report_work_start(struct request *request, const struct rpc_method *method,
    const ProtobufCMessage *message, struct error *ret_error);

/* A start with what the request says of itself: owner, path, trace, context, metadata. `path` has
 * room for the text. */
void report_work_describe(struct request *request, const struct report_work *work,
    char path[REPORT_PATH_MAX], struct operation_start *ret_start);

/* What failed, as a problem: the hook of the operations' options. */
void report_work_describe_failure(const struct operation_failure *failure, struct buffer *json);

#endif
