#include "http/io.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/internal.h"

/* One recv. */
static struct http_io_result read_plain(
    struct http_connection *connection, uint8_t *data, size_t len_max)
{
    ssize_t n = recv(connection->fd, data, len_max, 0);
    if (n > 0) {
        /* A short read leaves nothing behind; what comes later makes a new edge. */
        connection->is_readable = (size_t)n == len_max;
        return (struct http_io_result){.state = HTTP_IO_DONE, .len = (size_t)n};
    }
    if (n < 0 && errno == EINTR) {
        return (struct http_io_result){.state = HTTP_IO_WAIT};
    }
    connection->is_readable = false;
    if (n == 0) {
        return (struct http_io_result){.state = HTTP_IO_END, .how = "fin"};
    }
    bool is_empty = errno == EAGAIN || errno == EWOULDBLOCK;
    return (struct http_io_result){
        .state = is_empty ? HTTP_IO_WAIT : HTTP_IO_LOST,
        .how = "reset",
    };
}

struct http_io_result http_io_read(
    struct http_connection *connection, uint8_t *data, size_t len_max)
{
    if (connection->tls == NULL) {
        return read_plain(connection, data, len_max);
    }
    return http_tls_session_read(connection->tls, data, len_max, &connection->is_readable);
}

static struct http_io_result write_plain(
    struct http_connection *connection, const uint8_t *data, size_t len)
{
    ssize_t n = send(connection->fd, data, len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR) {
        n = send(connection->fd, data, len, MSG_NOSIGNAL);
    }
    if (n >= 0) {
        return (struct http_io_result){.state = HTTP_IO_DONE, .len = (size_t)n};
    }
    bool is_full = errno == EAGAIN || errno == EWOULDBLOCK;
    return (struct http_io_result){
        .state = is_full ? HTTP_IO_WAIT : HTTP_IO_LOST,
        .how = "write",
    };
}

struct http_io_result http_io_write(
    struct http_connection *connection, const uint8_t *data, size_t len)
{
    return connection->tls == NULL ? write_plain(connection, data, len)
                                   : http_tls_session_write(connection->tls, data, len);
}

void http_io_set_readable(struct http_connection *connection)
{
    connection->is_readable = true;
    if (connection->tls != NULL) {
        http_tls_session_set_readable(connection->tls, connection->is_peer_closed);
    }
}

void http_io_set_writable(struct http_connection *connection)
{
    if (connection->tls != NULL && http_tls_session_reads_wait_for_room(connection->tls)) {
        connection->is_readable = true;
    }
}

void http_io_abandon(struct http_connection *connection)
{
    if (connection->tls != NULL) {
        http_tls_session_abandon(connection->tls);
    }
}

void http_io_end_output(struct http_connection *connection)
{
    if (connection->tls != NULL) {
        http_tls_session_say_goodbye(connection->tls);
    }
    shutdown(connection->fd, SHUT_WR);
}

void http_io_close(struct http_connection *connection)
{
    if (connection->tls != NULL) {
        http_tls_session_say_goodbye(connection->tls);
        http_tls_session_free(STEAL(connection->tls));
    }
    close(connection->fd); /* leaves the epoll set with it */
    connection->fd = -1;
}
