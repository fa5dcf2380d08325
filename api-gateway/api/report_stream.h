/* The waiting form of the audit report: Server-Sent Events while it is made (Accept:
 * text/event-stream), then where it is.
 *
 *     if (report_stream_is_wanted(request)) {
 *         return report_stream_start(request, &error);
 *     }
 *
 * Leaving the stream cancels the call. A browser's EventSource that reconnects by itself brings a
 * Last-Event-ID: it is answered 204, which makes it give up, because a cancelled report is not to
 * be made again behind somebody's back. Not here: the pace (event_stream.h), what progress means
 * (progress.h). */
#ifndef WALKIE_GATEWAY_REPORT_STREAM_H
#define WALKIE_GATEWAY_REPORT_STREAM_H

#include "api/request.h"
#include "walkie/report/v1/report.pb-c.h"

/* Whether the client asks for events: text/event-stream stands in Accept, and it is no HEAD. */
bool report_stream_is_wanted(const struct request *request);

/* Whether a value of Accept names text/event-stream, other than with q=0. For tests. */
bool report_stream_accepts(const char *accept);

/* Answer with the stream. Errors: those of the parameters; RESOURCE_EXHAUSTED. */
MUST_USE enum status report_stream_start(struct request *request, struct error *ret_error);

/* The call's message, from the request's parameters, as long as the request lives (audit_report.c).
 * Errors: INVALID_ARGUMENT. */
MUST_USE enum status audit_report_message(const struct request *request,
    Walkie__Report__V1__AuditReportRequest *ret_message, struct error *ret_error);

#endif
