/* Listen addresses: "127.0.0.1:8080", "[::1]:8080". Names are not looked up: what a service listens
 * on must not depend on a resolver. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* SO_REUSEPORT is not POSIX */
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/internal.h"

enum { LISTEN_BACKLOG = 4096 }; /* the kernel cuts it to net.core.somaxconn */

struct address {
    struct sockaddr_storage storage;
    socklen_t len;
};

static bool parse_port(const char *text, uint16_t *ret_port)
{
    size_t len = strlen(text);
    if (len == 0 || len > 5 || strspn(text, "0123456789") != len) {
        return false;
    }
    long port = strtol(text, NULL, 10);
    if (port > UINT16_MAX) {
        return false;
    }
    *ret_port = (uint16_t)port;
    return true;
}

/* Split into host (without brackets) and port. */
static bool split(const char *text, char host[HTTP_ADDRESS_MAX], uint16_t *ret_port)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !parse_port(colon + 1, ret_port)) {
        return false;
    }
    size_t len = (size_t)(colon - text);
    bool is_bracketed = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    const char *start = is_bracketed ? text + 1 : text;
    len -= is_bracketed ? 2 : 0;
    if (len == 0 || len >= HTTP_ADDRESS_MAX || (!is_bracketed && memchr(start, ':', len) != NULL)) {
        return false;
    }
    memcpy(host, start, len);
    host[len] = '\0';
    return true;
}

static enum status parse_address(
    const char *text, struct address *ret_address, struct error *ret_error)
{
    char host[HTTP_ADDRESS_MAX];
    uint16_t port = 0;
    memset(ret_address, 0, sizeof(*ret_address));
    struct sockaddr_in *v4 = (struct sockaddr_in *)&ret_address->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret_address->storage;
    if (split(text, host, &port)) {
        if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
            v4->sin_family = AF_INET;
            v4->sin_port = htons(port);
            ret_address->len = sizeof(*v4);
            return STATUS_OK;
        }
        if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
            v6->sin6_family = AF_INET6;
            v6->sin6_port = htons(port);
            ret_address->len = sizeof(*v6);
            return STATUS_OK;
        }
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "%.80s: not a listen address; write it like 127.0.0.1:8080 or [::1]:8080", text);
}

void http_address_format(const struct sockaddr_storage *address, char text[HTTP_ADDRESS_MAX])
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
        snprintf(text, HTTP_ADDRESS_MAX, "[%s]:%u", host, (unsigned int)ntohs(v6->sin6_port));
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
        snprintf(text, HTTP_ADDRESS_MAX, "%s:%u", host, (unsigned int)ntohs(v4->sin_port));
    }
}

static enum status explain(const char *text, int problem, struct error *ret_error)
{
    switch (problem) {
    case EADDRINUSE:
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "%s: address already in use; stop the other program or choose another --listen", text);
    case EADDRNOTAVAIL:
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "%s: no interface of this machine has that address; choose another --listen", text);
    case EACCES:
        return error_set(ret_error, STATUS_UNAVAILABLE,
            "%s: not permitted; choose a port above 1023 or grant CAP_NET_BIND_SERVICE", text);
    default:
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "%s: cannot listen: %s", text, strerror(problem));
    }
}

/* One listening socket, or -1 and errno. */
static int listen_on(const struct address *address, bool is_shared)
{
    int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->storage.ss_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
    if ((is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) ||
        bind(fd, (const struct sockaddr *)&address->storage, address->len) != 0 ||
        listen(fd, LISTEN_BACKLOG) != 0) {
        int problem = errno;
        close(fd);
        errno = problem;
        return -1;
    }
    return fd;
}

/* SO_REUSEPORT would let a second server share the port without a word. A socket without it tells
 * whether somebody is there. */
static int probe(const struct address *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->storage;
    if (v4->sin_port == 0) { /* at the same place in both families */
        return 0;
    }
    int fd = listen_on(address, false);
    if (fd < 0) {
        return errno;
    }
    close(fd);
    return 0;
}

enum status http_listen(const char *text, unsigned int n_sockets, int *ret_sockets,
    char ret_text[HTTP_ADDRESS_MAX], struct error *ret_error)
{
    struct address address;
    enum status status = parse_address(text, &address, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    bool is_shared = n_sockets > 1;
    int problem = is_shared ? probe(&address) : 0;
    for (unsigned int i = 0; i < n_sockets && problem == 0; i++) {
        ret_sockets[i] = listen_on(&address, is_shared);
        if (ret_sockets[i] < 0) {
            problem = errno;
            break;
        }
        /* The first takes a free port, the others that one. */
        address.len = sizeof(address.storage);
        getsockname(ret_sockets[i], (struct sockaddr *)&address.storage, &address.len);
    }
    if (problem != 0) {
        for (unsigned int i = 0; i < n_sockets; i++) {
            if (ret_sockets[i] >= 0) {
                close(ret_sockets[i]);
                ret_sockets[i] = -1;
            }
        }
        return explain(text, problem, ret_error);
    }
    http_address_format(&address.storage, ret_text);
    return STATUS_OK;
}
