/* What handlers call, but for chunks (stream_out.c). */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rpc/server_internal.h"

struct bytes rpc_call_request(const struct rpc_server_call *call)
{
    return call->request;
}

bool rpc_call_metadata(const struct rpc_server_call *call, const char *key, struct bytes *ret_value)
{
    return rpc_metadata_get(&call->metadata, key, ret_value);
}

enum status rpc_call_reply(struct rpc_server_call *call, const ProtobufCMessage *message)
{
    if (call->has_reply) {
        return STATUS_FAILED_PRECONDITION;
    }
    /* A shared stream's head waits for the file: it is sent to every member. */
    if (call->binding->method->kind == RPC_SERVER_STREAM && call->flight == NULL) {
        CLEANUP(buffer_finish) struct buffer room = BUFFER_EMPTY(SERVER_SPANS_HEADER_MAX);
        struct rpc_outgoing outgoing = {.call_id = call->id,
            .type = RPC_FRAME_REPLY,
            .header = server_spans_of_head(call, &room),
            .message = message};
        enum status status = rpc_connection_send(call->peer->connection, &outgoing);
        call->has_reply = status == STATUS_OK;
        return status;
    }
    size_t len = protobuf_c_message_get_packed_size(message);
    enum status status = buffer_reserve(&call->reply, len);
    if (status == STATUS_OK) {
        call->reply.len = protobuf_c_message_pack(message, call->reply.data);
        call->has_reply = true;
    }
    return status;
}

enum status rpc_call_fail(struct rpc_server_call *call, enum status status, const char *format, ...)
{
    assert(status != STATUS_OK);
    char *message = call->fail_message != NULL ? call->fail_message : malloc(ERROR_TEXT_MAX);
    if (message != NULL) {
        struct error error = ERROR_NONE;
        char text[ERROR_TEXT_MAX];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        error_set(&error, status, "%s", text);
        snprintf(message, ERROR_TEXT_MAX, "%s", error.text);
        call->fail_message = message;
    }
    return status;
}

enum status rpc_call_fail_as(struct rpc_server_call *call, const struct rpc_end *end)
{
    call->fail_cause = (struct rpc_passed_on){.cause = end->cause,
        .cause_hop = end->cause_hop,
        .deadline_origin = end->deadline_origin,
        .deadline_hop = end->deadline_hop};
    return rpc_call_fail(call, end->status, "%s", end->message);
}

void rpc_call_committed(struct rpc_server_call *call)
{
    call->is_committed = true;
}

void rpc_call_defer(struct rpc_server_call *call)
{
    assert(!call->is_inline);
    pthread_mutex_lock(&call->mutex);
    call->is_deferred = true;
    pthread_mutex_unlock(&call->mutex);
}

void rpc_call_finish(struct rpc_server_call *call, enum status status)
{
    assert(call->is_deferred);
    server_call_part(call, CALL_FINISHED, status);
}
