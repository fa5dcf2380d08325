#include "pages.h"

#include <inttypes.h>
#include <stdlib.h>

#include "obs/log.h"
#include "obs/stack.h"

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
        "%s{\"call_id\":%" PRIu64
        ",\"method\":\"%s\",\"stage\":\"%s\",\"running\":%s,\"paused\":%s,"
        "\"age_ms\":%.3f,\"remaining_ms\":%.3f,\"since_poll_ms\":%.3f,\"polls\":%" PRIu64 "}",
        calls->n_calls++ == 0 ? "\n" : ",\n", info->call_id, info->method,
        info->stage == NULL ? "" : info->stage, info->is_running ? "true" : "false",
        info->is_paused ? "true" : "false", ms_or_minus_one(info->age_ns),
        ms_or_minus_one(info->remaining_ns), ms_or_minus_one(info->since_poll_ns), info->n_polls);
}

enum status pages_write_calls(struct rpc_server *server, struct buffer *page)
{
    struct calls_page calls = {.page = page, .status = buffer_append_text(page, "[")};
    rpc_server_each_call(server, write_call, &calls);
    return calls.status == STATUS_OK ? buffer_append_text(page, "\n]\n") : calls.status;
}

/* --- threads --------------------------------------------------------------------------------- */

struct thread_row {
    struct rpc_call_info info;
    struct stack stack;
    bool has_stack;
};

struct threads_page {
    size_t n_rows;
    struct thread_row rows[PAGES_THREADS_MAX];
};

static void note_thread(void *arg, const struct rpc_call_info *info)
{
    struct threads_page *threads = arg;
    if (info->thread_id != 0 && threads->n_rows < PAGES_THREADS_MAX) {
        threads->rows[threads->n_rows++] = (struct thread_row){.info = *info};
    }
}

static void take_stacks(struct threads_page *threads)
{
    uint64_t limit_ns = clock_add_ns(clock_now_ns(), CLOCK_MS(PAGES_STACKS_MAX_MS));
    for (size_t i = 0; i < threads->n_rows && clock_now_ns() < limit_ns; i++) {
        struct thread_row *row = &threads->rows[i];
        row->has_stack = stack_capture(row->info.thread_id, &row->stack);
    }
}

/* A stack counts only when the same call ran on the thread before and after it was taken. */
static void drop_stale_stacks(struct threads_page *threads, const struct threads_page *later)
{
    for (size_t i = 0; i < threads->n_rows; i++) {
        struct thread_row *row = &threads->rows[i];
        bool is_there = false;
        for (size_t k = 0; k < later->n_rows; k++) {
            const struct rpc_call_info *info = &later->rows[k].info;
            is_there = is_there || (info->thread_id == row->info.thread_id &&
                                       info->call_id == row->info.call_id);
        }
        row->has_stack = row->has_stack && is_there;
    }
}

static enum status write_thread(
    struct buffer *page, const struct thread_row *row, bool has_stacks, bool is_first)
{
    const struct rpc_call_info *info = &row->info;
    enum status status = buffer_printf(page,
        "%s{\"thread\":%d,\"call_id\":%" PRIu64 ",\"method\":\"%s\",\"stage\":\"%s\","
        "\"age_ms\":%.3f,\"since_poll_ms\":%.3f,\"polls\":%" PRIu64,
        is_first ? "\n" : ",\n", info->thread_id, info->call_id, info->method,
        info->stage == NULL ? "" : info->stage, ms_or_minus_one(info->age_ns),
        ms_or_minus_one(info->since_poll_ns), info->n_polls);
    if (status == STATUS_OK && has_stacks) {
        /* Names of functions and files: no character in them needs escaping. */
        char text[LOG_LINE_MAX] = "";
        if (row->has_stack) {
            stack_write(&row->stack, text, sizeof(text));
        }
        status = buffer_printf(page, ",\"stack\":\"%s\"", text);
    }
    return status == STATUS_OK ? buffer_append_text(page, "}") : status;
}

enum status pages_write_threads(struct rpc_server *server, bool has_stacks, struct buffer *page)
{
    struct threads_page *threads = calloc(1, sizeof(*threads));
    struct threads_page *later = calloc(1, sizeof(*later));
    if (threads == NULL || later == NULL) {
        free(threads);
        free(later);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    rpc_server_each_call(server, note_thread, threads);
    if (has_stacks) {
        take_stacks(threads);
        rpc_server_each_call(server, note_thread, later);
        drop_stale_stacks(threads, later);
    }
    enum status status = buffer_append_text(page, "[");
    for (size_t i = 0; status == STATUS_OK && i < threads->n_rows; i++) {
        status = write_thread(page, &threads->rows[i], has_stacks, i == 0);
    }
    free(threads);
    free(later);
    return status == STATUS_OK ? buffer_append_text(page, "\n]\n") : status;
}
