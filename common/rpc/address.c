#include "rpc/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

enum { PORT_MAX = 65535 };

static const struct {
    const char *prefix;
    enum rpc_transport transport;
} SCHEMES[] = {
    {"tcp://", RPC_TRANSPORT_TCP},
    {"tls+tcp://", RPC_TRANSPORT_TLS},
    {"ipc://", RPC_TRANSPORT_IPC},
};

static enum status complain(struct error *ret_error, struct bytes text, const char *what)
{
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%.*s: %s",
        (int)(text.len < RPC_URL_MAX ? text.len : RPC_URL_MAX), (const char *)text.data, what);
}

/* 0 to 65535, digits only. */
static bool parse_port(struct bytes text, uint16_t *ret_port)
{
    unsigned int port = 0;
    if (text.len == 0 || text.len > 5) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        port = port * 10 + (unsigned int)(text.data[i] - '0');
    }
    *ret_port = (uint16_t)port;
    return port <= PORT_MAX;
}

static bool is_name(const char *host)
{
    for (const char *at = host; *at != '\0'; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        bool is_digit = *at >= '0' && *at <= '9';
        if (!is_letter && !is_digit && strchr(".-_", *at) == NULL) {
            return false;
        }
    }
    return host[0] != '\0' && host[0] != '-' && host[0] != '.';
}

/* Take `len` bytes as the host. NULL, or what is wrong with them. */
static const char *set_host(struct rpc_address *address, const uint8_t *at, size_t len)
{
    bool is_bracketed = len >= 2 && at[0] == '[' && at[len - 1] == ']';
    size_t skipped = is_bracketed ? 1 : 0;
    len -= 2 * skipped;
    if (len == 0) {
        return "the host is missing; 0.0.0.0 and [::] are every interface";
    }
    if (len >= RPC_HOST_MAX) {
        return "the host is longer than 253 characters";
    }
    memcpy(address->host, at + skipped, len);
    address->host[len] = '\0';
    struct in6_addr six;
    if (is_bracketed) {
        return inet_pton(AF_INET6, address->host, &six) == 1
                   ? NULL
                   : "in brackets belongs an IPv6 address";
    }
    if (strchr(address->host, ':') != NULL) {
        return "an IPv6 address belongs in brackets: tcp://[::1]:9090";
    }
    return is_name(address->host) ? NULL
                                  : "the host is a name, an IPv4 address, or an IPv6 address in "
                                    "brackets";
}

static const char *set_host_and_port(struct rpc_address *address, struct bytes rest)
{
    size_t host_len = rest.len;
    while (host_len > 0 && rest.data[host_len - 1] != ':' && rest.data[host_len - 1] != ']') {
        host_len--;
    }
    if (host_len == 0 || rest.data[host_len - 1] == ']') {
        return "the port is missing: tcp://HOST:PORT";
    }
    struct bytes port = {rest.data + host_len, rest.len - host_len};
    if (!parse_port(port, &address->port)) {
        return "the port is a number from 0 to 65535";
    }
    return set_host(address, rest.data, host_len - 1);
}

static const char *check_path(struct bytes path)
{
    if (path.len == 0 || path.data[0] != '/') {
        return "the socket's path begins at the root: ipc:///run/walkie/report.ipc";
    }
    return path.len < RPC_IPC_PATH_MAX ? NULL : "the socket's path is longer than 107 bytes";
}

static enum status parse(
    struct bytes text, struct rpc_address *ret_address, struct error *ret_error)
{
    struct rpc_address address = {.port = 0};
    struct bytes rest = {.data = NULL};
    for (size_t i = 0; i < LENGTH_OF(SCHEMES) && rest.data == NULL; i++) {
        size_t len = strlen(SCHEMES[i].prefix);
        if (text.len >= len && memcmp(text.data, SCHEMES[i].prefix, len) == 0) {
            address.transport = SCHEMES[i].transport;
            rest = (struct bytes){text.data + len, text.len - len};
        }
    }
    if (rest.data == NULL) {
        return complain(
            ret_error, text, "an address is tcp://HOST:PORT, tls+tcp://HOST:PORT or ipc:///PATH");
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f) {
            return complain(ret_error, text, "it has a blank or a character outside ASCII in it");
        }
    }
    const char *wrong = address.transport == RPC_TRANSPORT_IPC ? check_path(rest)
                                                               : set_host_and_port(&address, rest);
    if (wrong != NULL) {
        return complain(ret_error, text, wrong);
    }
    memcpy(address.url, text.data, text.len); /* host, port and path fit, so this does */
    *ret_address = address;
    return STATUS_OK;
}

_Static_assert(sizeof("tls+tcp://[]:65535") + RPC_HOST_MAX <= RPC_URL_MAX, "every host fits");
_Static_assert(sizeof("ipc://") + RPC_IPC_PATH_MAX <= RPC_URL_MAX, "every path fits");

enum status rpc_address_parse(
    const char *text, struct rpc_address *ret_address, struct error *ret_error)
{
    return parse(bytes_of(text), ret_address, ret_error);
}

static bool is_there(
    const struct rpc_address *address, const struct rpc_address *others, size_t n_others)
{
    bool is_any_port = address->transport != RPC_TRANSPORT_IPC && address->port == 0;
    for (size_t i = 0; i < n_others && !is_any_port; i++) {
        if (strcmp(others[i].url, address->url) == 0) {
            return true;
        }
    }
    return false;
}

enum status rpc_address_parse_list(const char *text,
    struct rpc_address ret_addresses[RPC_ADDRESSES_MAX], size_t *ret_n_addresses,
    struct error *ret_error)
{
    struct rpc_address addresses[RPC_ADDRESSES_MAX];
    size_t n_addresses = 0;
    for (const char *at = text; at != NULL;) {
        const char *comma = strchr(at, ',');
        struct bytes one = {(const uint8_t *)at, comma == NULL ? strlen(at) : (size_t)(comma - at)};
        if (n_addresses == RPC_ADDRESSES_MAX) {
            return error_set(
                ret_error, STATUS_INVALID_ARGUMENT, "more than %d addresses", RPC_ADDRESSES_MAX);
        }
        enum status status = parse(one, &addresses[n_addresses], ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        if (is_there(&addresses[n_addresses], addresses, n_addresses)) {
            return complain(ret_error, one, "it is in the list twice");
        }
        n_addresses++;
        at = comma == NULL ? NULL : comma + 1;
    }
    memcpy(ret_addresses, addresses, n_addresses * sizeof(addresses[0]));
    *ret_n_addresses = n_addresses;
    return STATUS_OK;
}
