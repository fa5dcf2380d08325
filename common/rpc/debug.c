#include "rpc/debug.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "rpc/authority.h"
#include "rpc/builtin.h"
#include "rpc/server_internal.h"
#include "walkie/rpc/v1/debug.pb-c.h"

const struct rpc_method RPC_LIST_CALLS = {
    .name = "walkie.rpc.v1.Debug/ListCalls",
    .kind = RPC_UNARY,
    .flags = RPC_INLINE | RPC_IDEMPOTENT | RPC_QUIET,
    .timeout_default_ns = CLOCK_SECONDS(5),
    .timeout_max_ns = CLOCK_SECONDS(30),
};

const struct rpc_method RPC_LIST_CLASSES = {
    .name = "walkie.rpc.v1.Debug/ListClasses",
    .kind = RPC_UNARY,
    .flags = RPC_INLINE | RPC_IDEMPOTENT | RPC_QUIET,
    .timeout_default_ns = CLOCK_SECONDS(5),
    .timeout_max_ns = CLOCK_SECONDS(30),
};

/* --- calls ----------------------------------------------------------------------------------- */

/* One call, copied while the locks are held that keep it there. */
struct call_row {
    Walkie__Rpc__V1__LiveCall message;
    uint8_t trace_id[TRACE_ID_LEN];
    char principal[RPC_DEBUG_PRINCIPAL_MAX];
};

struct call_list {
    const struct rpc_server_options *options;
    struct bytes principal; /* whose; empty: everybody's */
    struct call_row *rows;
    Walkie__Rpc__V1__LiveCall **pointers;
    size_t n_rows;
    size_t n_rows_max;
    uint64_t n_calls;
};

static Walkie__Rpc__V1__CallState state_on_the_wire(const struct rpc_call_info *info)
{
    bool has_begun = info->is_running || info->is_paused;
    if (!has_begun) {
        return WALKIE__RPC__V1__CALL_STATE__CALL_STATE_QUEUED;
    }
    if (info->is_done) {
        return WALKIE__RPC__V1__CALL_STATE__CALL_STATE_STOPPING;
    }
    return info->is_paused ? WALKIE__RPC__V1__CALL_STATE__CALL_STATE_PAUSED
                           : WALKIE__RPC__V1__CALL_STATE__CALL_STATE_RUNNING;
}

static char *unchanged(const char *text)
{
    return (char *)(uintptr_t)(text == NULL ? "" : text); /* packed, never written to */
}

/* Whole characters, as many as fit; what is no character, or none that shows, becomes '?'. */
static void copy_printable(char to[RPC_DEBUG_PRINCIPAL_MAX], struct bytes name)
{
    const char *at = (const char *)name.data;
    const char *end = at + name.len;
    size_t len = 0;
    while (at < end) {
        uint32_t codepoint;
        size_t taken = utf8_decode(at, end, &codepoint);
        bool is_plain = codepoint >= ' ' && codepoint != 0x7f && !utf8_is_damaged(taken, codepoint);
        size_t needed = is_plain ? taken : 1;
        if (len + needed >= RPC_DEBUG_PRINCIPAL_MAX) {
            break;
        }
        memcpy(to + len, is_plain ? at : "?", needed);
        len += needed;
        at += taken;
    }
    to[len] = '\0';
}

static bool is_equal(struct bytes left, struct bytes right)
{
    return left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
}

static void fill_row(struct call_row *row, const struct rpc_call_info *info)
{
    Walkie__Rpc__V1__LiveCall *message = &row->message;
    walkie__rpc__v1__live_call__init(message);
    memcpy(row->trace_id, info->trace_id, sizeof(row->trace_id));
    copy_printable(row->principal, info->principal);
    message->trace_id.data = row->trace_id;
    message->trace_id.len = sizeof(row->trace_id);
    message->principal = row->principal;
    message->call_id = info->call_id;
    message->method = unchanged(info->method);
    message->stage = unchanged(info->stage);
    message->done = info->done;
    message->total = info->total;
    message->elapsed_ns = info->age_ns;
    message->has_deadline = info->remaining_ns != CLOCK_NEVER;
    message->remaining_ns = message->has_deadline ? info->remaining_ns : 0;
    message->has_polled = info->since_poll_ns != CLOCK_NEVER;
    message->since_poll_ns = message->has_polled ? info->since_poll_ns : 0;
    message->state = state_on_the_wire(info);
    message->is_shared = info->is_shared;
}

static void add_call(void *arg, const struct rpc_call_info *info)
{
    struct call_list *list = arg;
    bool is_wanted = list->principal.len == 0 || is_equal(list->principal, info->principal);
    if (!is_wanted || rpc_builtin_find(list->options, info->method) != NULL) {
        return;
    }
    list->n_calls++;
    if (list->n_rows < list->n_rows_max) {
        struct call_row *row = &list->rows[list->n_rows];
        fill_row(row, info);
        list->pointers[list->n_rows++] = &row->message;
    }
}

/* Whose calls are listed. A caller that comes with a role sees everybody's as an admin only,
 * whatever it asks for; where nobody has a role the caller is believed. */
static struct bytes whose(const struct rpc_server_call *call, const char *wanted)
{
    struct bytes scope;
    struct authority authority;
    if (rpc_call_metadata(call, RPC_METADATA_SCOPE, &scope) &&
        (!authority_parse(scope, &authority) || authority.role < ROLE_ADMIN)) {
        return server_principal_of(call).name;
    }
    return bytes_of(wanted);
}

enum status rpc_debug_list_calls(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx;
    (void)service;
    struct rpc_server *server = call->peer->server;
    struct bytes bytes = rpc_call_request(call);
    Walkie__Rpc__V1__ListCallsRequest *request =
        walkie__rpc__v1__list_calls_request__unpack(NULL, bytes.len, bytes.data);
    if (request == NULL) {
        return rpc_call_fail(call, STATUS_INVALID_ARGUMENT, "the request cannot be read");
    }
    struct call_list list = {.options = &server->options,
        .principal = whose(call, request->principal),
        .rows = malloc(RPC_DEBUG_CALLS_MAX * sizeof(struct call_row)),
        .pointers = malloc(RPC_DEBUG_CALLS_MAX * sizeof(Walkie__Rpc__V1__LiveCall *)),
        .n_rows_max = RPC_DEBUG_CALLS_MAX};
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    if (list.rows != NULL && list.pointers != NULL) {
        rpc_server_each_call(server, add_call, &list);
        Walkie__Rpc__V1__ListCallsReply reply = WALKIE__RPC__V1__LIST_CALLS_REPLY__INIT;
        reply.server = server->name;
        reply.calls = list.pointers;
        reply.n_calls = list.n_rows;
        reply.n_calls_all = list.n_calls;
        status = rpc_call_reply(call, &reply.base);
    }
    free(list.rows);
    free(list.pointers);
    walkie__rpc__v1__list_calls_request__free_unpacked(request, NULL);
    return status;
}

/* --- classes --------------------------------------------------------------------------------- */

struct class_list {
    Walkie__Rpc__V1__CallClass messages[ADMISSION_CLASSES_MAX];
    Walkie__Rpc__V1__CallClass *pointers[ADMISSION_CLASSES_MAX];
    size_t n_classes;
};

static void add_class(void *arg, const struct rpc_class_info *info)
{
    struct class_list *list = arg;
    Walkie__Rpc__V1__CallClass *message = &list->messages[list->n_classes];
    list->pointers[list->n_classes++] = message;
    walkie__rpc__v1__call_class__init(message);
    message->name = unchanged(info->name);
    message->running = info->n_running;
    message->running_max = info->max_running;
    message->queued = info->n_queued;
    message->queue_max = info->queue_max;
    message->admitted = info->n_admitted;
    message->refused = info->n_refused;
    message->doomed = info->n_doomed;
    message->expired = info->n_expired;
    message->completed = info->n_completed;
    message->wasted_cpu_ns = info->wasted_cpu_ns;
    message->goodput_per_s = info->goodput_per_s;
}

enum status rpc_debug_list_classes(
    const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx;
    (void)service;
    struct rpc_server *server = call->peer->server;
    struct class_list list = {.n_classes = 0};
    rpc_server_each_class(server, add_class, &list);
    Walkie__Rpc__V1__ListClassesReply reply = WALKIE__RPC__V1__LIST_CLASSES_REPLY__INIT;
    reply.server = server->name;
    reply.classes = list.pointers;
    reply.n_classes = list.n_classes;
    return rpc_call_reply(call, &reply.base);
}
