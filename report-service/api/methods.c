#include "api/methods.h"

#include <assert.h>
#include <pthread.h>

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

const struct service_method *service_method_of(const struct rpc_method *method)
{
    for (size_t i = 0; i < LENGTH_OF(TABLES); i++) {
        for (size_t k = 0; k < TABLES[i]->n_methods; k++) {
            if (TABLES[i]->methods[k].binding.method == method) {
                return &TABLES[i]->methods[k];
            }
        }
    }
    return NULL;
}
