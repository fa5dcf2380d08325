#include "rpc/reflection.h"

#include <stdlib.h>

#include "base/clock.h"
#include "rpc/builtin.h"
#include "rpc/server_internal.h"
#include "walkie/rpc/v1/reflection.pb-c.h"

/* INLINE, so that a server whose workers are all busy can still be asked what it is. */
const struct rpc_method RPC_DESCRIBE = {
    .name = "walkie.rpc.v1.Reflection/Describe",
    .kind = RPC_UNARY,
    .flags = RPC_INLINE | RPC_IDEMPOTENT,
    .timeout_default_ns = CLOCK_SECONDS(5),
    .timeout_max_ns = CLOCK_SECONDS(30),
};

typedef Walkie__Rpc__V1__Method method_message;

static Walkie__Rpc__V1__MethodKind kind_on_the_wire(enum rpc_kind kind)
{
    switch (kind) {
    case RPC_UNARY:
        return WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_UNARY;
    case RPC_SERVER_STREAM:
        return WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_SERVER_STREAM;
    }
    return WALKIE__RPC__V1__METHOD_KIND__METHOD_KIND_UNKNOWN;
}

static void describe(const struct rpc_method *method, bool is_builtin, bool allow_faults,
    method_message *ret_message)
{
    walkie__rpc__v1__method__init(ret_message);
    ret_message->name = (char *)(uintptr_t)method->name; /* packed, never written to */
    ret_message->kind = kind_on_the_wire(method->kind);
    ret_message->is_idempotent = (method->flags & RPC_IDEMPOTENT) != 0;
    ret_message->is_inline = (method->flags & RPC_INLINE) != 0;
    ret_message->is_fault = (method->flags & RPC_FAULT) != 0;
    ret_message->is_refused = ret_message->is_fault && !allow_faults;
    ret_message->is_builtin = is_builtin;
    ret_message->timeout_default_ns = method->timeout_default_ns;
    ret_message->timeout_max_ns = method->timeout_max_ns;
    if (!ret_message->is_inline) {
        const char *name = method->class == NULL ? "default" : method->class->name;
        ret_message->class_name = (char *)(uintptr_t)name;
    }
}

/* The messages and the pointers to them that protobuf-c wants, in one piece. */
struct method_list {
    method_message **pointers;
    method_message *messages;
    size_t n_methods;
};

static bool list_methods(const struct rpc_server_options *options, struct method_list *ret_list)
{
    size_t n_methods = options->n_bindings;
    for (size_t i = 0; rpc_builtin_at(options, i) != NULL; i++) {
        n_methods++;
    }
    struct method_list list = {.pointers = calloc(n_methods, sizeof(method_message *)),
        .messages = calloc(n_methods, sizeof(method_message)),
        .n_methods = n_methods};
    if (list.pointers == NULL || list.messages == NULL) {
        free(list.pointers);
        free(list.messages);
        return false;
    }
    for (size_t i = 0; i < n_methods; i++) {
        bool is_builtin = i >= options->n_bindings;
        const struct rpc_binding *binding =
            is_builtin ? rpc_builtin_at(options, i - options->n_bindings) : &options->bindings[i];
        describe(binding->method, is_builtin, options->allow_faults, &list.messages[i]);
        list.pointers[i] = &list.messages[i];
    }
    *ret_list = list;
    return true;
}

enum status rpc_reflection_describe(
    const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)ctx;
    (void)service;
    struct rpc_server *server = call->peer->server;
    struct method_list list;
    if (!list_methods(&server->options, &list)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    Walkie__Rpc__V1__DescribeReply reply = WALKIE__RPC__V1__DESCRIBE_REPLY__INIT;
    reply.server = server->name;
    reply.methods = list.pointers;
    reply.n_methods = list.n_methods;
    /* Packed, never written to. */
    reply.descriptors.data = (uint8_t *)(uintptr_t)server->options.descriptors.data;
    reply.descriptors.len = server->options.descriptors.len;
    enum status status = rpc_call_reply(call, &reply.base);
    free(list.pointers);
    free(list.messages);
    return status;
}
