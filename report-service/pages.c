#include "pages.h"

#include <inttypes.h>

struct calls_page {
    struct buffer *page;
    enum status status;
    size_t n_calls;
};

static double ms_or_minus_one(uint64_t ns)
{
    return ns == CLOCK_NEVER ? -1.0 : (double)ns / 1e6;
}

static void write_call(void *arg, const struct rpc_call_info *info)
{
    struct calls_page *calls = arg;
    if (calls->status != STATUS_OK) {
        return;
    }
    /* Method names and stages are literals of ours: they need no escaping. */
    calls->status = buffer_printf(calls->page,
        "%s{\"call_id\":%" PRIu64 ",\"method\":\"%s\",\"stage\":\"%s\",\"running\":%s,"
        "\"age_ms\":%.3f,\"remaining_ms\":%.3f,\"since_poll_ms\":%.3f,\"polls\":%" PRIu64 "}",
        calls->n_calls++ == 0 ? "\n" : ",\n", info->call_id, info->method,
        info->stage == NULL ? "" : info->stage, info->is_running ? "true" : "false",
        ms_or_minus_one(info->age_ns), ms_or_minus_one(info->remaining_ns),
        ms_or_minus_one(info->since_poll_ns), info->n_polls);
}

enum status pages_write_calls(struct rpc_server *server, struct buffer *page)
{
    struct calls_page calls = {.page = page, .status = buffer_append_text(page, "[")};
    rpc_server_each_call(server, write_call, &calls);
    return calls.status == STATUS_OK ? buffer_append_text(page, "\n]\n") : calls.status;
}
