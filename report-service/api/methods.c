#include "api/methods.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/attributes.h"

static const struct service_table *const TABLES[] = {
    &SERVICE_REPORT,
    &SERVICE_EPRO,
    &SERVICE_CRF,
};

/* The server wants one array. */
static struct rpc_binding bindings[SERVICE_METHODS_MAX];
static size_t n_bindings;

static void gather(void)
{
    for (size_t i = 0; i < LENGTH_OF(TABLES); i++) {
        for (size_t k = 0; k < TABLES[i]->n_methods; k++) {
            assert(n_bindings < SERVICE_METHODS_MAX);
            bindings[n_bindings++] = TABLES[i]->methods[k].binding;
        }
    }
}

const struct rpc_binding *service_bindings(size_t *ret_n_bindings)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, gather);
    *ret_n_bindings = n_bindings;
    return bindings;
}

/* By the part of "walkie.crf.v1.CrfService/Validate" behind the '/'. */
static const ProtobufCMessageDescriptor *request_of(
    const struct service_table *table, const struct rpc_method *method)
{
    const char *slash = strrchr(method->name, '/');
    const ProtobufCMethodDescriptor *found =
        slash == NULL ? NULL
                      : protobuf_c_service_descriptor_get_method_by_name(table->service, slash + 1);
    return found == NULL ? NULL : found->input;
}

const struct service_method *service_method_of(
    const struct rpc_method *method, const ProtobufCMessageDescriptor **ret_request)
{
    for (size_t i = 0; i < LENGTH_OF(TABLES); i++) {
        for (size_t k = 0; k < TABLES[i]->n_methods; k++) {
            if (TABLES[i]->methods[k].binding.method == method) {
                *ret_request = request_of(TABLES[i], method);
                return &TABLES[i]->methods[k];
            }
        }
    }
    return NULL;
}
