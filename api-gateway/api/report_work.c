#include "api/report_work.h"

#include "api/file_stream.h"
#include "api/report_operation.h"
#include "api/report_stream.h"
#include "api/request_trace.h"

#include <stdio.h>
#include <string.h>

enum status report_work_start(struct request *request, const struct rpc_method *method,
    const ProtobufCMessage *message, struct error *ret_error)
{
    const struct report_work work = {method, message};
    if (report_stream_is_wanted(request)) {
        return report_stream_start(request, &work, ret_error);
    }
    if (report_operation_is_wanted(request)) {
        return report_operation_start(request, &work, ret_error);
    }
    return request_call(request, method, message, &FILE_STREAM_EVENTS, ret_error);
}

void report_work_describe(struct request *request, const struct report_work *work,
    char path[REPORT_PATH_MAX], struct operation_start *ret_start)
{
    const char *query = http_query(request->exchange);
    (void)snprintf(path, REPORT_PATH_MAX, "%s%s%s", http_path(request->exchange),
        query[0] == '\0' ? "" : "?", query);
    request_trace_call(request, work->method);
    const struct ctx *call_ctx = request_call_ctx(request);
    *ret_start = (struct operation_start){
        .owner = request_principal(request),
        .path = path,
        .trace = &request->trace,
        .metadata = rpc_metadata_of(call_ctx),
        .ctx = request->ctx,
        .method = work->method,
        .message = work->message,
        .read_head = request->route->read_head,
        .arg = request,
    };
}

void report_work_describe_failure(const struct operation_failure *failure, struct buffer *json)
{
    struct problem problem = problem_of_end(failure->end);
    if (problem.origin == CTX_ORIGIN_NONE && failure->end->status == STATUS_DEADLINE_EXCEEDED) {
        problem.origin = failure->origin;
    }
    problem.trace = failure->trace;
    (void)!problem_write(&problem, json); /* without memory there are no words */
}
