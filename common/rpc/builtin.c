#include "rpc/builtin.h"

#include <string.h>

#include "rpc/debug.h"
#include "rpc/health.h"
#include "rpc/reflection.h"

struct builtin {
    struct rpc_binding binding;
    bool (*is_served)(const struct rpc_server_options *options);
};

static bool always(const struct rpc_server_options *options)
{
    (void)options;
    return true;
}

static bool has_descriptors(const struct rpc_server_options *options)
{
    return options->descriptors.len > 0;
}

static const struct builtin BUILTINS[] = {
    {{&RPC_HEALTH_CHECK, rpc_health_check, NULL}, always},
    {{&RPC_LIST_CALLS, rpc_debug_list_calls, NULL}, always},
    {{&RPC_LIST_CLASSES, rpc_debug_list_classes, NULL}, always},
    {{&RPC_DESCRIBE, rpc_reflection_describe, NULL}, has_descriptors},
};

const struct rpc_binding *rpc_builtin_at(const struct rpc_server_options *options, size_t n)
{
    for (size_t i = 0; i < LENGTH_OF(BUILTINS); i++) {
        if (BUILTINS[i].is_served(options) && n-- == 0) {
            return &BUILTINS[i].binding;
        }
    }
    return NULL;
}

const struct rpc_binding *rpc_builtin_find(
    const struct rpc_server_options *options, const char *method)
{
    const struct rpc_binding *binding;
    for (size_t i = 0; (binding = rpc_builtin_at(options, i)) != NULL; i++) {
        if (strcmp(binding->method->name, method) == 0) {
            return binding;
        }
    }
    return NULL;
}
