/* The waiting form of a report: Server-Sent Events while it is made (Accept:
 * text/event-stream), then where it is.
 *
 *     if (report_stream_is_wanted(request)) {
 *         return report_stream_start(request, &work, &error);
 *     }
 *
 * Leaving the stream cancels the call. What is made is kept like an operation's result, and is
 * fetched like one. A browser's EventSource that reconnects by itself brings a
 * Last-Event-ID: it is answered 204, which makes it give up, because a cancelled report is not to
 * be made again behind somebody's back. Not here: the pace (event_stream.h), what progress means
 * (progress.h). */
#ifndef WALKIE_GATEWAY_REPORT_STREAM_H
#define WALKIE_GATEWAY_REPORT_STREAM_H

#include "api/report_work.h"

/* Whether the client asks for events: text/event-stream stands in Accept, and it is no HEAD. */
bool report_stream_is_wanted(const struct request *request);

/* Whether a value of Accept names text/event-stream, other than with q=0. For tests. */
bool report_stream_accepts(const char *accept);

/* Answer with the stream. Errors: RESOURCE_EXHAUSTED (too many run; memory), UNAVAILABLE. */
MUST_USE enum status report_stream_start(
    struct request *request, const struct report_work *work, struct error *ret_error);

#endif
