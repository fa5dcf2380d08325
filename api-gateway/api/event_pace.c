/* What is sent when, and how an event is written: no threads, no clock. */
#include <inttypes.h>
#include <string.h>

#include "api/event_stream.h"
#include "base/clock.h"

static const uint64_t INTERVAL_NS = CLOCK_SECONDS(1) / EVENTS_PER_SECOND_MAX;
static const uint64_t HEARTBEAT_NS = CLOCK_MS(EVENT_HEARTBEAT_MS);

enum event_action event_pace_next(
    const struct event_pace *pace, uint64_t now_ns, uint64_t *ret_due_ns)
{
    uint64_t heartbeat_ns = clock_add_ns(pace->sent_ns, HEARTBEAT_NS);
    uint64_t progress_ns =
        pace->progress_ns == 0 ? 0 : clock_add_ns(pace->progress_ns, INTERVAL_NS);
    if (pace->n_unsent > EVENT_UNSENT_MAX) {
        *ret_due_ns = CLOCK_NEVER; /* what is in the queue is as good as a heartbeat */
        return EVENT_WAIT;
    }
    if (pace->has_progress && now_ns >= progress_ns) {
        *ret_due_ns = now_ns;
        return EVENT_SEND_PROGRESS;
    }
    if (now_ns >= heartbeat_ns) {
        *ret_due_ns = now_ns;
        return EVENT_SEND_HEARTBEAT;
    }
    *ret_due_ns = pace->has_progress && progress_ns < heartbeat_ns ? progress_ns : heartbeat_ns;
    return EVENT_WAIT;
}

enum status event_write(struct buffer *buffer, const char *event, uint64_t id, struct bytes data)
{
    if (data.len > EVENT_DATA_MAX || memchr(data.data, '\n', data.len) != NULL ||
        memchr(data.data, '\r', data.len) != NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    size_t len = buffer->len;
    enum status status = buffer_printf(buffer, "event: %s\nid: %" PRIu64 "\ndata: ", event, id);
    if (status == STATUS_OK) {
        status = buffer_append(buffer, data.data, data.len);
    }
    if (status == STATUS_OK) {
        status = buffer_append(buffer, "\n\n", 2);
    }
    if (status != STATUS_OK) {
        buffer->len = len; /* nothing half-written */
    }
    return status;
}
