#include "rpc/backend.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool has_empty_entry(const char *list)
{
    size_t len = strlen(list);
    return len == 0 || list[0] == ',' || list[len - 1] == ',' || strstr(list, ",,") != NULL;
}

enum status backend_list_parse(const char *list, struct rpc_address ret_backends[RPC_BACKENDS_MAX],
    size_t *ret_n_backends, struct error *ret_error)
{
    if (has_empty_entry(list)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "\"%s\": an entry is empty; one comma stands between two backends", list);
    }
    size_t n_backends = 0;
    enum status status = rpc_address_parse_list(list, ret_backends, &n_backends, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; i < n_backends; i++) {
        if (ret_backends[i].transport != RPC_TRANSPORT_IPC && ret_backends[i].port == 0) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "%s: there is no port 0 to connect to", ret_backends[i].url);
        }
    }
    *ret_n_backends = n_backends;
    return STATUS_OK;
}

bool backend_is_name(const struct rpc_address *backend)
{
    struct in6_addr address;
    return backend->transport != RPC_TRANSPORT_IPC &&
           inet_pton(AF_INET, backend->host, &address) != 1 &&
           inet_pton(AF_INET6, backend->host, &address) != 1;
}

void backend_at(
    const struct rpc_address *backend, const char *literal, struct rpc_address *ret_address)
{
    struct rpc_address address = {.transport = backend->transport, .port = backend->port};
    const char *scheme = backend->transport == RPC_TRANSPORT_TLS ? "tls+tcp" : "tcp";
    bool is_v6 = strchr(literal, ':') != NULL;
    snprintf(address.host, sizeof(address.host), "%s", literal);
    snprintf(address.url, sizeof(address.url), "%s://%s%s%s:%u", scheme, is_v6 ? "[" : "",
        address.host, is_v6 ? "]" : "", (unsigned int)address.port);
    *ret_address = address;
}
