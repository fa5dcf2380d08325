#include "rpc/gather.h"

#include <assert.h>

#include "rpc/connection_internal.h"

struct gathering {
    bool is_on;
    unsigned int n_connections;
    struct rpc_connection *connections[RPC_GATHER_MAX]; /* references */
};

static _Thread_local struct gathering gathering;

void rpc_gather_begin(void)
{
    assert(!gathering.is_on);
    gathering.is_on = true;
}

bool connection_gather_locked(struct rpc_connection *connection)
{
    if (!gathering.is_on || connection->pending.len >= (size_t)RPC_CORK_MAX) {
        return false;
    }
    for (unsigned int i = 0; i < gathering.n_connections; i++) {
        if (gathering.connections[i] == connection) {
            return true;
        }
    }
    if (gathering.n_connections == RPC_GATHER_MAX) {
        return false;
    }
    gathering.connections[gathering.n_connections++] = rpc_connection_ref(connection);
    return true;
}

void rpc_gather_end(void)
{
    gathering.is_on = false;
    for (unsigned int i = 0; i < gathering.n_connections; i++) {
        struct rpc_connection *connection = gathering.connections[i];
        pthread_mutex_lock(&connection->mutex);
        connection_kick_locked(connection);
        pthread_mutex_unlock(&connection->mutex);
        rpc_connection_unref(connection);
    }
    gathering.n_connections = 0;
}
