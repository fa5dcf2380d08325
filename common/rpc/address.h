/* Addresses of the RPC side, as settings have them: where a server listens, where a channel dials.
 *
 *     struct rpc_address address;
 *     status = rpc_address_parse("tls+tcp://report.example:9090", &address, &error);
 *     if (address.transport == RPC_TRANSPORT_TLS) { … }
 *
 *     tcp://HOST:PORT      HOST is a name, an IPv4 address or an IPv6 address in brackets
 *     tls+tcp://HOST:PORT  the same within TLS
 *     ipc:///PATH          a Unix domain socket
 *
 * Not here: looking names up, opening anything (transport.h). */
#ifndef WALKIE_RPC_ADDRESS_H
#define WALKIE_RPC_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

enum rpc_transport { RPC_TRANSPORT_TCP, RPC_TRANSPORT_IPC, RPC_TRANSPORT_TLS };

enum {
    RPC_URL_MAX = 280,      /* bytes, with the NUL: the longest name and the port */
    RPC_HOST_MAX = 254,     /* bytes, with the NUL: DNS allows 253 */
    RPC_IPC_PATH_MAX = 108, /* bytes, with the NUL: the kernel's limit */
    RPC_ADDRESSES_MAX = 8,  /* in one list */
    RPC_ADDRESSES_TEXT_MAX = RPC_ADDRESSES_MAX * RPC_URL_MAX, /* bytes of a list, with the NUL */
};

struct rpc_address {
    enum rpc_transport transport;
    char url[RPC_URL_MAX];
    char host[RPC_HOST_MAX]; /* without brackets; empty for ipc */
    uint16_t port;           /* 0: any free one (to listen on), and for ipc */
};

/* Errors: INVALID_ARGUMENT in words; the output is untouched then. */
MUST_USE enum status rpc_address_parse(
    const char *text, struct rpc_address *ret_address, struct error *ret_error);

/* "URL,URL…": at least one, at most RPC_ADDRESSES_MAX, none twice but for ports 0. Errors: the
 * same. */
MUST_USE enum status rpc_address_parse_list(const char *text,
    struct rpc_address ret_addresses[RPC_ADDRESSES_MAX], size_t *ret_n_addresses,
    struct error *ret_error);

#endif
