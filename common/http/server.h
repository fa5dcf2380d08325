/* The HTTP server, 1.1 and 2: an epoll loop that notices at once when a client leaves.
 *
 *     static void on_request(struct http_exchange *exchange, void *arg)
 *     {
 *         http_respond(exchange, 200, "text/plain", bytes_of("hello\n"));
 *     }
 *
 * The handler runs on the loop's thread and must not block: it answers now, or it parks the
 * exchange (keeps it with http_exchange_ref) and answers later, from any thread. Each exchange has
 * a context that is done (cause client_disconnected) the moment the client has gone: by close,
 * reset, half-close or a dead connection, also when more pipelined requests wait unread; and by
 * RST_STREAM. HTTP/2 is spoken with whoever begins with its preface.
 *
 * An answer is complete or visibly broken: http_respond_abort closes without the end, over HTTP/2
 * by RST_STREAM.
 *
 * What is refused, with a status and (HTTP/1) Connection: close: strict.h, target.h and the limits
 * below. Within TLS (tls.h) all of this is the same, a close_notify counting as a FIN.
 *
 * Not here: routing (api-gateway/api), files. */
#ifndef WALKIE_HTTP_SERVER_H
#define WALKIE_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "http/standing.h"

struct http_server;
struct http_tls;
struct http_exchange; /* one request and its answer; counted */

/* Called once a request, when its header and body have been read. The exchange is borrowed for the
 * call; who answers later holds a reference. When nobody holds one any more - after this returned,
 * or at the last http_exchange_unref - and the answer has not been ended, nobody can end it: it
 * becomes a 500, or is broken off when it had begun. */
typedef void http_handler_fn(struct http_exchange *exchange, void *arg);

/* Called when an exchange is over (answered in full, broken off, or its client left), once, on the
 * loop's thread, for the access log; the scope of its context ends after it. Requests that the
 * handler has not seen (http_error_fn) are not told here. May be NULL. */
struct http_summary {
    int status_code;        /* sent; 0: none; 499: the client left before any of the answer */
    uint64_t bytes_sent;    /* of the body */
    uint64_t elapsed_ns;    /* from the first byte of the request */
    uint64_t ended_ns;      /* to this moment (clock_now_ns) */
    bool is_complete;       /* the whole answer was handed to the kernel */
    bool is_disconnected;   /* the client left first */
    const char *disconnect; /* how it was noticed: "fin", "close_notify", "reset", "hangup",
                               "write", "tls" (what came is no TLS), "timeout" (of sending), and of
                               HTTP/2 "rst_stream", "error" and "flood" (it broke a rule); else
                               NULL */
};
typedef void http_done_fn(
    struct http_exchange *exchange, const struct http_summary *summary, void *arg);

/* Called once an answer, when its head is written, by whoever answers: write further lines of the
 * head ("Name: value\r\n", valid ones) into `lines`, HTTP_HEAD_LINES_MAX bytes, and return how many
 * bytes. `has_trailers`: http_respond_trailer would reach the client. Runs under the exchange's
 * lock: it may look at the request and its data, no more. May be NULL; not called for
 * what the server answers itself. */
enum { HTTP_HEAD_LINES_MAX = 768 };
typedef size_t http_head_fn(
    struct http_exchange *exchange, bool is_streamed, char lines[HTTP_HEAD_LINES_MAX], void *arg);

/* For a request that cannot be parsed or breaks a limit: write the error answer (for example
 * problem+json; its body has 16 KB at most), on the loop's thread; NULL: plain text. The codes are
 * 400, 408, 413, 414, 417, 431, 500, 501, 503 and 505; the detail is one of the server's literals
 * and holds nothing that the client sent. The connection is closed after it. */
struct http_refusal {
    int status_code;
    const char *detail;
    const char *peer;    /* "127.0.0.1:51234"; lasts for the call */
    uint64_t elapsed_ns; /* since the request's first byte; 0: none has come */
};
struct http_error_answer {
    const char *content_type; /* a literal */
    struct buffer body;
    char lines[HTTP_HEAD_LINES_MAX]; /* of the head, as an http_head_fn writes them */
    size_t lines_len;
};
typedef void http_error_fn(
    const struct http_refusal *refusal, struct http_error_answer *answer, void *arg);

/* Called on a loop's thread around each batch of what it does: before the first handler runs and
 * after the last one. For what is better done once for many requests than once for each, such as
 * sending. May be NULL. */
typedef void http_batch_fn(bool is_begin, void *arg);

/* Called on a loop's thread when the header of a request is complete, before any of its body is
 * taken: how many bytes that may have at most; 0: `body_max`. `path` is decoded, without a query.
 */
typedef size_t http_body_max_fn(const char *method, const char *path, void *arg);

/* Limits, each with its default; 0 in the options takes it. */
enum {
    HTTP_HEADER_MAX_DEFAULT = 16 << 10,   /* bytes of request line and header: 431 */
    HTTP_BODY_MAX_DEFAULT = 1 << 20,      /* bytes of a request body: 413 */
    HTTP_BODIES_MAX_DEFAULT = 256 << 20,  /* … of all that are here at once: 503 */
    HTTP_CONNECTIONS_MAX_DEFAULT = 10000, /* of all loops; the excess is answered 503, closed */
    HTTP_HANDSHAKES_MAX_DEFAULT = 1024,   /* of TLS, a loop, at the same time: when there are more,
                                             the oldest is closed */
    HTTP_IDLE_TIMEOUT_MS_DEFAULT = 75000, /* between requests: closed */
    HTTP_HEADER_TIMEOUT_MS_DEFAULT = 10000, /* from the first byte to the end of the header: 408;
                                               the same for a TLS handshake: closed */
    HTTP_BODY_TIMEOUT_MS_DEFAULT = 30000,   /* for the whole body: 408 */
    HTTP_SEND_TIMEOUT_MS_DEFAULT = 60000,   /* while an answer waits for the client to take it: */
    HTTP_SEND_MIN = 16 << 10,               /* with less than this taken in that time: closed */
    HTTP_PIPELINED_MAX = 16 << 10,          /* bytes read ahead while a request is parked */
    HTTP_OUTPUT_HIGH = 256 << 10,           /* bytes queued a connection: see http_respond_piece */
    HTTP_HEADERS_MAX = 100,                 /* header fields: 431 */
    HTTP_TARGET_MAX = 8 << 10,              /* bytes of the request target: 414 */
    HTTP_H2_STREAMS_MAX_DEFAULT = 100,      /* at once, of an HTTP/2 connection: REFUSED_STREAM */
    HTTP_H2_RESETS_MAX_DEFAULT = 1000,      /* at once, a tenth a second from then on: GOAWAY */
};

struct http_server_options {
    const char *listen;   /* "127.0.0.1:8080"; port 0: any free one */
    unsigned int n_loops; /* threads, SO_REUSEPORT; 0: 1 */
    struct http_tls *tls; /* HTTPS; NULL: HTTP. Borrowed until http_server_stop */
    http_handler_fn *on_request;
    http_head_fn *on_head;
    http_done_fn *on_done;
    http_error_fn *on_error;
    http_batch_fn *on_batch;
    http_body_max_fn *body_max_of; /* NULL: body_max for all */
    void *arg;
    const struct http_standing *standing; /* of every answer; borrowed until http_server_stop */
    size_t n_standing;                    /* at most HTTP_STANDING_MAX */
    size_t header_max;
    size_t body_max;
    size_t bodies_max;
    unsigned int connections_max;
    unsigned int handshakes_max;
    unsigned int idle_timeout_ms;
    unsigned int header_timeout_ms;
    unsigned int body_timeout_ms;
    unsigned int send_timeout_ms;
    unsigned int h2_streams_max;
    unsigned int h2_resets_max;
};

/* Bind, listen, start the loops. `listen` is a literal address and a port: "127.0.0.1:8080",
 * "[::1]:8080". `options` is borrowed for the call, the callbacks' `arg` until http_server_stop.
 * Errors: INVALID_ARGUMENT (address), UNAVAILABLE (in use; names
 * it), RESOURCE_EXHAUSTED. */
MUST_USE enum status http_server_start(const struct http_server_options *options,
    struct http_server **ret_server, struct error *ret_error);

/* "127.0.0.1:8080", with the real port. */
const char *http_server_address(const struct http_server *server);

/* Stop accepting, close idle connections, answer with Connection: close, wait until the exchanges
 * under way are over or `ctx` is done. Requests that have reached the machine are still served.
 * Threads: any but a loop's. Errors: the status of `ctx`, whose end leaves the rest under way. */
MUST_USE enum status http_server_drain(const struct ctx *ctx, struct http_server *server);

/* Close everything (contexts: server_draining), join the loops, free. Accepts NULL. Exchanges that
 * are still referenced stay valid and ignore their answers. Threads: any but a loop's. */
void http_server_stop(struct http_server *server);

/* --- the request: constant; any thread, while the exchange is referenced --------------------- */

const char *http_method(const struct http_exchange *exchange); /* "GET" */
/* Decoded UTF-8, without the query. Begins with '/' ("*" of OPTIONS apart). It has no dot segment,
 * no control character and no '/' that was encoded: such targets are refused (http/target.h). */
const char *http_path(const struct http_exchange *exchange);
const char *http_query(const struct http_exchange *exchange); /* raw, "" when there is none */
const char *http_header(const struct http_exchange *exchange,
    const char *name); /* NULL: absent; repeated ones joined by ", " */
struct bytes http_body(const struct http_exchange *exchange);
const char *http_version(const struct http_exchange *exchange); /* "HTTP/1.1" */
const char *http_peer(const struct http_exchange *exchange);    /* "127.0.0.1:51234" */

/* Done when the client has left, the exchange is over, or the server stops. Derives from the
 * background. Valid while the exchange is referenced. */
const struct ctx *http_exchange_ctx(const struct http_exchange *exchange);

/* A pointer of the handler's, for on_done (for example the request's trace). */
void http_exchange_set_data(struct http_exchange *exchange, void *data);
void *http_exchange_data(const struct http_exchange *exchange);

/* Threads: any. Returns exchange. */
struct http_exchange *http_exchange_ref(struct http_exchange *exchange);
void http_exchange_unref(struct http_exchange *exchange); /* accepts NULL */

/* --- the answer: any thread; all of it is ignored once the client has left ------------------- */

/* Add a header field to the answer; before http_respond or http_respond_begin. A field with an
 * invalid name or value (control characters, CR, LF) is left out, and so are those that the server
 * writes itself: Connection, Content-Length, Date, Keep-Alive, Transfer-Encoding. */
void http_respond_header(struct http_exchange *exchange, const char *name, const char *value);

/* The whole answer. `body` is copied. `status_code` is 200 to 599; HEAD, 204 and 304 send no body.
 * `content_type` may be NULL. Only the first answer counts. */
void http_respond(
    struct http_exchange *exchange, int status_code, const char *content_type, struct bytes body);

enum { HTTP_LENGTH_UNKNOWN = -1 };

/* Begin a streamed answer: with a Content-Length, or chunked (HTTP_LENGTH_UNKNOWN; to an HTTP/1.0
 * client the connection's end is the answer's). */
void http_respond_begin(
    struct http_exchange *exchange, int status_code, const char *content_type, int64_t content_len);

/* Called on the loop's thread when bytes of pieces have been handed to the kernel, so that the
 * source may go on (RPC credit). Set it before the first piece. Never called after the exchange is
 * over. The sum of `len` is never ahead of what was sent, and all of it when nothing is queued. No
 * lock is held: it may call the functions below. */
void http_respond_on_sent(
    struct http_exchange *exchange, void (*on_sent)(void *arg, size_t len), void *arg);

/* The next piece; copied. Whoever produces pieces keeps at most HTTP_OUTPUT_HIGH unsent (on_sent
 * tells); an exchange with twice as much queued is broken off: it is the producer's bug. */
void http_respond_piece(struct http_exchange *exchange, struct bytes piece);

/* The regular end. With a Content-Length that was not reached it is an abort. */
void http_respond_end(struct http_exchange *exchange);

/* Whether fields behind the body reach the client: it said TE: trailers, and the protocol has them.
 */
bool http_takes_trailers(const struct http_exchange *exchange);

/* Add a field behind the body of a chunked answer, or of any streamed one of HTTP/2, before
 * http_respond_end; announce it in the head (Trailer). Ignored where it would not arrive, and when
 * it is no valid field. */
void http_respond_trailer(struct http_exchange *exchange, const char *name, const char *value);

/* Break off: the connection is closed so that the client can tell: no last chunk, a short length, a
 * reset where only the end of the connection would tell. Pieces queued before are sent as far as
 * the socket takes them at once (not before a reset). A client that has received all of a
 * Content-Length already has a complete answer. */
void http_respond_abort(struct http_exchange *exchange);

#endif
