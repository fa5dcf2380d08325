/* A connection's bytes: as they are, or within TLS. What is above this (connection.c, output.c) is
 * the same for both, and so are the ways in which a client can leave: FIN, RST, or a close_notify,
 * with or without FIN behind it.
 *
 * OpenSSL is given a BIO of our own over the non-blocking socket, not memory BIOs: bytes are copied
 * once less, and the BIO knows what edge-triggered events need to know and SSL_get_error does not
 * tell - whether the socket was read to its end. It also bounds a turn: a client that sends
 * nothing but records without data (key updates) would otherwise hold the loop within one SSL_read.
 *
 * All of it is the loop's thread's alone, and so is every SSL object. */
#ifndef WALKIE_HTTP_IO_H
#define WALKIE_HTTP_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

struct http_connection;
struct http_tls;
struct http_tls_session; /* one connection's TLS */

enum {
    HTTP_TLS_TURN_BYTES = 32 << 10,      /* taken from the socket in one read, at most; a record
                                            is half of it. Without data then: others' turn */
    HTTP_TLS_HANDSHAKE_BYTES = 32 << 10, /* from the client, before the handshake is over */
    HTTP_HANDSHAKE_GRACE_MS = 1000,      /* older ones make room when there are as many */
};

/* What was agreed on by ALPN; without TLS or ALPN it is HTTP/1.1. */
enum http_protocol { HTTP_PROTOCOL_1_1, HTTP_PROTOCOL_2 };

enum http_io_state {
    HTTP_IO_DONE, /* `len` bytes */
    HTTP_IO_WAIT, /* none now */
    HTTP_IO_END,  /* reading: the client has said that it sends no more */
    HTTP_IO_LOST, /* the connection is of no use any more */
};

struct http_io_result {
    enum http_io_state state;
    size_t len;
    const char *how; /* END: "fin", "close_notify"; LOST: "reset", "tls", "write"; a literal */
};

/* Take what has come, and say in connection->is_readable whether there may be more. */
struct http_io_result http_io_read(
    struct http_connection *connection, uint8_t *data, size_t len_max);

/* Give the kernel what it takes. After WAIT the same bytes come first again (they may have moved,
 * and there may be more of them). */
struct http_io_result http_io_write(
    struct http_connection *connection, const uint8_t *data, size_t len);

/* An event or a phase gives reason to read again. */
void http_io_set_readable(struct http_connection *connection);

/* There is room in the socket: a read may go on that had to send something first. */
void http_io_set_writable(struct http_connection *connection);

/* What was sent is not all of it: neither of the next two sends a close_notify any more. */
void http_io_abandon(struct http_connection *connection);

/* The last byte was sent: close_notify, FIN. */
void http_io_end_output(struct http_connection *connection);

/* close_notify if none was sent, close. */
void http_io_close(struct http_connection *connection);

/* --- the handshake (handshake.c) ------------------------------------------------------------- */

/* Begin TLS on a connection that was just opened. False when out of memory. */
MUST_USE bool http_handshake_begin(struct http_connection *connection);
void http_handshake_go_on(struct http_connection *connection);

/* It comes to nothing: count why, close. */
void http_handshake_fail(struct http_connection *connection, const char *result, const char *why);

/* The connection is no longer one of those that shake hands. */
void http_handshake_forget(struct http_connection *connection);

struct http_loop;
/* Whether another may begin. When there are too many: makes room by closing the oldest, unless that
 * is young. */
bool http_handshake_has_room(struct http_loop *loop);

/* --- OpenSSL (tls_session.c) ----------------------------------------------------------------- */

/* NULL when out of memory. `fd` stays the caller's. */
MUST_USE struct http_tls_session *http_tls_session_new(struct http_tls *tls, int fd);
void http_tls_session_free(struct http_tls_session *session); /* accepts NULL */

enum http_tls_step { HTTP_TLS_DONE, HTTP_TLS_WAIT, HTTP_TLS_FAILED };

/* `ret_result`: a word for the metric; `ret_why`: for the log; literals, set on FAILED. */
enum http_tls_step http_tls_session_handshake(
    struct http_tls_session *session, const char **ret_result, const char **ret_why);
enum http_protocol http_tls_session_protocol(const struct http_tls_session *session);

struct http_io_result http_tls_session_read(
    struct http_tls_session *session, uint8_t *data, size_t len_max, bool *ret_may_have_more);
struct http_io_result http_tls_session_write(
    struct http_tls_session *session, const uint8_t *data, size_t len);
/* `is_ending`: no further event will come, so the socket is read to its end. */
void http_tls_session_set_readable(struct http_tls_session *session, bool is_ending);
bool http_tls_session_reads_wait_for_room(const struct http_tls_session *session);
void http_tls_session_abandon(struct http_tls_session *session);
void http_tls_session_say_goodbye(struct http_tls_session *session);

#endif
