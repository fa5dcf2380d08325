/* One connection: what an event means in each phase.
 *
 * IDLE -> HEADER -> (BODY) -> ANSWER -> FLUSH -> IDLE ... -> LINGER -> FREE
 *
 * Reading goes on in every phase but FLUSH: a FIN behind unread bytes would not be seen. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "http/h2.h"
#include "http/internal.h"

static bool is_reading(const struct http_connection *connection)
{
    return connection->phase == HTTP_PHASE_IDLE || connection->phase == HTTP_PHASE_HEADER ||
           connection->phase == HTTP_PHASE_BODY;
}

/* --- the end --------------------------------------------------------------------------------- */

void http_connection_close(struct http_connection *connection)
{
    struct http_loop *loop = connection->loop;
    struct http_exchange *exchange = STEAL(connection->exchange);
    if (exchange != NULL) {
        http_exchange_over(exchange, false, NULL);
    }
    http_handshake_forget(connection);
    h2_end(connection, NULL);
    http_timeout_set(connection, HTTP_TIMEOUT_NONE);
    http_io_close(connection);
    free(STEAL(connection->parser));
    buffer_finish(&connection->output);
    buffer_finish(&connection->ahead);
    connection->phase = HTTP_PHASE_FREE;
    connection->generation++;
    if (connection->is_counted) {
        atomic_fetch_sub_explicit(&loop->server->n_connections, 1, memory_order_relaxed);
    }
    connection->next_free = loop->free_connections;
    loop->free_connections = connection;
}

void http_connection_lost(struct http_connection *connection, const char *how)
{
    struct http_exchange *exchange = STEAL(connection->exchange);
    if (exchange != NULL) {
        http_exchange_over(exchange, false, how);
    }
    h2_end(connection, how);
    http_connection_close(connection);
}

/* --- reading --------------------------------------------------------------------------------- */

/* The request is complete. */
static void dispatch(struct http_connection *connection)
{
    http_timeout_set(connection, HTTP_TIMEOUT_NONE);
    free(STEAL(connection->parser));
    connection->phase = HTTP_PHASE_ANSWER;
    http_exchange_dispatch(connection->exchange);
    http_output_pump(connection);
}

static void begin_request(struct http_connection *connection)
{
    if (!connection->is_counted) {
        http_connection_refuse(connection, HTTP_TOO_MANY_CONNECTIONS);
        return;
    }
    connection->exchange = http_exchange_begin(connection, &connection->output);
    connection->parser = malloc(sizeof(*connection->parser));
    if (connection->exchange == NULL || connection->parser == NULL) {
        http_connection_refuse(connection, HTTP_REFUSED(503, "out of memory"));
        return;
    }
    http_parser_begin(
        connection->parser, &connection->exchange->request, &connection->loop->server->limits);
    connection->phase = HTTP_PHASE_HEADER;
    http_timeout_set(connection, HTTP_TIMEOUT_HEADER);
}

/* The header is complete; `is_waiting`: nothing of the body has come with it. */
static void begin_body(struct http_connection *connection, bool is_waiting)
{
    connection->phase = HTTP_PHASE_BODY;
    http_timeout_set(connection, HTTP_TIMEOUT_BODY);
    if (!connection->exchange->request.wants_continue || !is_waiting) {
        return;
    }
    if (buffer_append_text(&connection->output, "HTTP/1.1 100 Continue\r\n\r\n") == STATUS_OK) {
        http_output_pump(connection);
    }
}

/* Give bytes to the parser. Returns how many it used. */
static size_t parse(struct http_connection *connection, const uint8_t *data, size_t len)
{
    if (connection->phase == HTTP_PHASE_IDLE) {
        begin_request(connection);
        if (connection->phase != HTTP_PHASE_HEADER) {
            return len;
        }
    }
    size_t used = 0;
    switch (http_parser_feed(connection->parser, data, len, &used)) {
    case HTTP_PARSE_MORE:
        break;
    case HTTP_PARSE_HEADER:
        begin_body(connection, used == len);
        break;
    case HTTP_PARSE_COMPLETE:
        dispatch(connection);
        break;
    case HTTP_PARSE_REFUSED:
        http_connection_refuse(connection, connection->parser->verdict);
        return len;
    }
    return used;
}

/* Pipelined bytes, for later. Above the limit: drop them and all that follow, but go on reading, so
 * that the client's FIN is seen. */
static void keep_ahead(struct http_connection *connection, const uint8_t *data, size_t len)
{
    if (connection->is_discarding) {
        return;
    }
    if (buffer_append(&connection->ahead, data, len) != STATUS_OK) {
        connection->is_discarding = true;
        buffer_finish(&connection->ahead);
        if (connection->exchange != NULL) {
            http_exchange_must_close(connection->exchange);
        }
    }
}

static void feed(struct http_connection *connection, const uint8_t *data, size_t len)
{
    if (connection->is_fresh && connection->phase == HTTP_PHASE_IDLE) {
        size_t held = 0;
        size_t used = h2_choose(connection, data, len, &held);
        data += used;
        len -= used;
        if (held > 0) {
            feed(connection, (const uint8_t *)H2_PREFACE, held);
        }
    }
    if (connection->phase == HTTP_PHASE_H2) {
        h2_receive(connection, data, len);
        return;
    }
    while (len > 0 && is_reading(connection)) {
        size_t used = parse(connection, data, len);
        data += used;
        len -= used;
    }
    if (connection->phase == HTTP_PHASE_ANSWER || connection->phase == HTTP_PHASE_FLUSH) {
        keep_ahead(connection, data, len);
    } else if (connection->phase == HTTP_PHASE_LINGER) {
        connection->n_discarded += len;
    }
}

static void feed_ahead(struct http_connection *connection)
{
    while (is_reading(connection) && connection->ahead.len > 0) {
        size_t used = parse(connection, connection->ahead.data, connection->ahead.len);
        buffer_consume(&connection->ahead, used);
    }
    if (connection->ahead.len == 0) {
        buffer_finish(&connection->ahead);
    }
}

/* False: nothing came for now, though more may be there (what came was TLS's own). */
static bool read_some(struct http_connection *connection)
{
    uint8_t *scratch = connection->loop->scratch;
    struct http_io_result result = http_io_read(connection, scratch, HTTP_PIPELINED_MAX);
    switch (result.state) {
    case HTTP_IO_DONE:
        feed(connection, scratch, result.len);
        break;
    case HTTP_IO_WAIT:
        break;
    case HTTP_IO_END:
        connection->is_peer_closed = true;
        connection->end = result.how;
        break;
    case HTTP_IO_LOST:
        http_connection_lost(connection, result.how);
        break;
    }
    return result.state != HTTP_IO_WAIT;
}

/* The client will send nothing more, and has sent all that we have read. */
static void on_end_of_input(struct http_connection *connection)
{
    switch (connection->phase) {
    case HTTP_PHASE_ANSWER:
        http_connection_lost(connection, connection->end);
        break;
    case HTTP_PHASE_HANDSHAKE:
    case HTTP_PHASE_IDLE:
    case HTTP_PHASE_HEADER:
    case HTTP_PHASE_BODY:
    case HTTP_PHASE_LINGER:
        http_connection_close(connection);
        break;
    case HTTP_PHASE_H2:
        h2_on_fin(connection);
        break;
    case HTTP_PHASE_FLUSH: /* the whole answer is there for whoever reads it */
    case HTTP_PHASE_FREE:
        break;
    }
}

void http_connection_read(struct http_connection *connection)
{
    unsigned int n_reads = 0;
    uint32_t generation = connection->generation;
    bool has_come = true;
    feed_ahead(connection);
    while (connection->is_readable && connection->phase != HTTP_PHASE_FLUSH &&
           connection->generation == generation) {
        if (n_reads++ == HTTP_READS_MAX || !has_come) {
            if (!connection->is_again) {
                connection->is_again = true;
                connection->next_again = connection->loop->again;
                connection->loop->again = connection;
            }
            return;
        }
        has_come = read_some(connection);
        if (connection->phase == HTTP_PHASE_LINGER &&
            connection->n_discarded > HTTP_LINGER_BYTES_MAX) {
            http_connection_close(connection);
        }
    }
    if (connection->generation != generation || !connection->is_peer_closed) {
        return;
    }
    /* A parked request is over whatever is still unread in front of the FIN. */
    if (!connection->is_readable || connection->phase == HTTP_PHASE_ANSWER) {
        on_end_of_input(connection);
    }
}

void http_connection_drain_idle(struct http_connection *connection)
{
    uint32_t generation = connection->generation;
    http_io_set_readable(connection);
    http_connection_read(connection);
    if (connection->generation == generation && connection->phase == HTTP_PHASE_IDLE) {
        http_timeout_set(connection, HTTP_TIMEOUT_DRAIN);
    }
}

/* --- events ---------------------------------------------------------------------------------- */

void http_connection_on_event(struct http_connection *connection, uint32_t events)
{
    if (events & EPOLLRDHUP) {
        connection->is_peer_closed = true;
    }
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) {
        http_io_set_readable(connection);
    }
    if (events & EPOLLOUT) {
        http_io_set_writable(connection);
    }
    if (connection->phase == HTTP_PHASE_HANDSHAKE) {
        http_handshake_go_on(connection);
        return;
    }
    if (connection->phase != HTTP_PHASE_LINGER) {
        if (events & (EPOLLERR | EPOLLHUP)) {
            http_connection_lost(connection, events & EPOLLERR ? "reset" : "hangup");
            return;
        }
        if ((events & EPOLLRDHUP) && connection->phase == HTTP_PHASE_ANSWER) {
            http_connection_lost(connection, "fin");
            return;
        }
        if ((events & EPOLLRDHUP) && connection->phase == HTTP_PHASE_H2) {
            h2_on_fin(connection); /* before what is unread: nobody waits for an answer */
        }
    }
    uint32_t generation = connection->generation;
    if ((events & EPOLLOUT) && connection->output.len > 0) {
        http_output_pump(connection);
    }
    if (connection->generation == generation) {
        http_connection_read(connection);
    }
}

void http_connection_on_mail(struct http_connection *connection)
{
    uint32_t generation = connection->generation;
    http_output_pump(connection);
    if (connection->generation == generation) {
        http_connection_read(connection);
    }
}

void http_connection_on_timeout(struct http_connection *connection)
{
    if (connection->phase == HTTP_PHASE_H2) {
        h2_on_timeout(connection);
        return;
    }
    switch (connection->timer.kind) {
    case HTTP_TIMEOUT_HANDSHAKE:
        http_handshake_fail(connection, "timeout", "the client did not finish it in time");
        break;
    case HTTP_TIMEOUT_HEADER:
        if (connection->parser == NULL || http_parser_has_begun(connection->parser)) {
            http_connection_refuse(
                connection, HTTP_REFUSED(408, "the header did not arrive in time"));
        } else {
            http_connection_close(connection);
        }
        break;
    case HTTP_TIMEOUT_BODY:
        http_connection_refuse(connection, HTTP_REFUSED(408, "the body did not arrive in time"));
        break;
    case HTTP_TIMEOUT_SEND:
        http_output_on_timeout(connection);
        break;
    case HTTP_TIMEOUT_IDLE:
    case HTTP_TIMEOUT_DRAIN:
    case HTTP_TIMEOUT_LINGER:
    case HTTP_TIMEOUT_STREAM_BODY:
    case HTTP_TIMEOUT_STREAM_SEND:
    case HTTP_TIMEOUT_STREAM_LINGER:
    case HTTP_TIMEOUT_GOODBYE:
    case HTTP_TIMEOUT_NONE:
    case HTTP_TIMEOUTS:
        http_connection_close(connection);
        break;
    }
}
