/* A report that is asked for, in whichever form it will be answered: at once, as a stream of events
 * (report_stream.h), as an operation (report_operation.h).
 *
 *     const struct report_work work = {&REPORT_AUDIT_REPORT, &message.base, read_head};
 *     return report_work_start(request, &work, &EVENTS, &error);
 */
#ifndef WALKIE_GATEWAY_REPORT_WORK_H
#define WALKIE_GATEWAY_REPORT_WORK_H

#include "api/request.h"
#include "operations/operations.h"

enum { REPORT_PATH_MAX = HTTP_TARGET_MAX + 2 }; /* bytes of path and query, with '?' and NUL */

struct report_work {
    const struct rpc_method *method;
    const ProtobufCMessage *message; /* borrowed for the call that takes the work */
    bool (*read_head)(struct bytes message, struct operation_file *ret_file);
};

/* Do the work in the form that the request asks for: a stream of events, an operation, or else a
 * call whose `events` answer with the file itself. Errors: those of the three. */
MUST_USE enum status report_work_start(struct request *request, const struct report_work *work,
    const struct rpc_call_events *events, struct error *ret_error);

/* A start with what the request says of itself: owner, path, trace, context, metadata. `path` has
 * room for the text. */
void report_work_describe(struct request *request, const struct report_work *work,
    char path[REPORT_PATH_MAX], struct operation_start *ret_start);

/* Heads of the two methods' streams (audit_report.c, study_reports.c). */
bool audit_report_read_head(struct bytes message, struct operation_file *ret_file);
bool study_reports_read_head(struct bytes message, struct operation_file *ret_file);

/* What failed, as a problem: the hook of the operations' options. */
void report_work_describe_failure(const struct operation_failure *failure, struct buffer *json);

#endif
