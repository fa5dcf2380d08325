/* What the files of the server share. Threads, locks and lifetimes are told here.
 *
 * A loop is a thread with an epoll set, a listener and connections; nothing of these is touched by
 * another thread, but for a connection's `departure`, which the loop's lookout shares with it. An
 * exchange is the one thing that all other threads touch. It belongs to a connection, and its
 * answer goes to `output`: the connection's own, or that of one of its streams. Its memory:
 *
 *   - `refs` counts memory: the connection's while the exchange is under way, the mailbox's while
 *     it waits there, and one for all users together.
 *   - `users` counts http_exchange_ref, and the handler while it runs. When the last user goes
 *     without an end of the answer, nobody can end it any more: it becomes a 500 or is broken off.
 *   - `lock` guards the answer, and `is_over`. The loop sets is_over under it, before it forgets
 * the exchange; whoever finds it set does nothing, so a post never reaches a loop that has gone.
 *
 * Lock order: an exchange's lock is taken with no other lock held, and nothing is taken under it.
 *
 * Events carry generation<<32|slot, never a pointer: an event for a connection that was closed in
 * the same batch finds another generation and is dropped. */
#ifndef WALKIE_HTTP_INTERNAL_H
#define WALKIE_HTTP_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "ctx/ctx.h"
#include "http/address.h"
#include "http/io.h"
#include "http/link.h"
#include "http/parse.h"
#include "http/server.h"

struct http_loop;
struct http_connection;
struct h2_session; /* h2.h */
struct h2_stream;
struct h2_account;

enum {
    HTTP_PEER_MAX = HTTP_ADDRESS_MAX,    /* "[IPv6]:port" with the NUL */
    HTTP_ACCEPTS_MAX = 64,               /* a wake-up; then others get their turn */
    HTTP_READS_MAX = 16,                 /* of HTTP_PIPELINED_MAX bytes a wake-up, likewise */
    HTTP_EVENTS_MAX = 256,               /* a wake-up */
    HTTP_EXCESS_MAX = 64,                /* connections above the limit that are being told 503 */
    HTTP_LINGER_MS = 2000,               /* waiting for the client to read and close */
    HTTP_LINGER_BYTES_MAX = 8 << 20,     /* discarded meanwhile; then closed at once */
    HTTP_DRAIN_IDLE_MS = 500,            /* for requests on their way when draining begins */
    HTTP_ACCEPT_PAUSE_MS = 100,          /* after EMFILE and its kind */
    HTTP_EXCHANGES_KEPT = 256,           /* a loop, ready for use */
    HTTP_OUTPUT_KEPT = 8 << 10,          /* bytes of an output buffer that is kept */
    HTTP_RESPONSE_MAX = 256 << 20,       /* bytes of an answer that is queued */
    HTTP_RESPONSE_HEADER_MAX = 16 << 10, /* bytes of http_respond_header's fields */
    HTTP_ANSWER_TRAILERS_MAX = 2 << 10,  /* bytes of http_respond_trailer's */
};

/* --- the exchange --------------------------------------------------------------------------- */

enum http_answer {
    HTTP_ANSWER_NONE,   /* parked */
    HTTP_ANSWER_BEGUN,  /* streaming */
    HTTP_ANSWER_ENDED,  /* complete, in the queue */
    HTTP_ANSWER_BROKEN, /* to be broken off */
};

enum http_framing {
    HTTP_FRAMING_LENGTH,
    HTTP_FRAMING_CHUNKED,
    HTTP_FRAMING_CLOSE,
    HTTP_FRAMING_STREAM, /* HTTP/2 has frames of its own */
};

struct http_exchange {
    atomic_uint refs;
    atomic_uint users;
    struct http_loop *loop; /* valid while not is_over */

    /* The loop's thread only. */
    struct http_connection *connection; /* NULL when over */
    struct h2_stream *stream;           /* NULL: the connection itself carries it */
    struct buffer *output;              /* of whoever carries it */
    struct h2_account *account;         /* of the session, until the memory is given back */
    struct http_exchange *next_free;
    struct http_link departure_link;
    struct ctx_scope *scope; /* the lookout's, too, while departure_link is in a list */
    uint64_t started_ns;
    bool is_dispatched; /* the handler has seen it */
    bool is_head_sent;  /* the kernel has some of the answer */

    /* Written before the handler runs. */
    struct http_request request;
    const struct ctx *ctx; /* a reference */
    char peer[HTTP_PEER_MAX];

    _Atomic(void *) data;

    /* The mailbox. */
    atomic_bool is_posted;
    struct http_exchange *next_mail;

    /* Bytes of pieces handed to the kernel; written by the loop. */
    atomic_uint_fast64_t sent;

    /* Guarded by `lock`. */
    pthread_mutex_t lock;
    bool is_over;
    bool is_in_handler; /* the loop looks at the answer when the handler returns: no post needed */
    bool must_close;    /* no keep-alive after this answer */
    bool is_streamed;
    bool is_body_hidden; /* HEAD, 204, 304 */
    enum http_answer answer;
    enum http_framing framing;
    int status_code;
    uint64_t content_left;  /* of a Content-Length */
    uint64_t queued;        /* bytes of the body so far */
    struct buffer fields;   /* http_respond_header's lines */
    uint32_t replaced;      /* which standing ones are among them */
    struct buffer pending;  /* bytes that the loop has not taken yet */
    struct buffer trailers; /* http_respond_trailer's lines */
    void (*on_sent)(void *arg, size_t len);
    void *on_sent_arg;
};

/* For a request whose first byte has come; `output` outlives it. NULL: out of memory. Loop's. */
MUST_USE struct http_exchange *http_exchange_begin(
    struct http_connection *connection, struct buffer *output);

/* Make the context, let the handler run. Loop's thread. */
void http_exchange_dispatch(struct http_exchange *exchange);

/* The request is over: tells on_done when the handler had seen it, ends the scope, lets go of the
 * exchange. `how`: how the client left, NULL when it did not. Loop's thread. */
void http_exchange_over(struct http_exchange *exchange, bool is_complete, const char *how);

/* Let go of a reference to the memory; on the loop's thread it is kept for reuse. */
void http_exchange_release(struct http_exchange *exchange);
void http_exchange_give_back(struct http_loop *loop, struct http_exchange *exchange);
void http_exchange_free(struct http_exchange *exchange);

/* Move pending bytes behind its output, and say where the answer stands. Loop's thread. */
struct http_taken {
    enum http_answer answer;
    bool is_whole; /* nothing more can come: it is ended, or has all bytes of its length */
    enum http_framing framing;
    bool must_close;
    bool is_streamed;
    bool is_body_hidden;
    uint64_t queued;
    void (*on_sent)(void *arg, size_t len);
    void *on_sent_arg;
};
struct http_taken http_exchange_take(struct http_exchange *exchange);

/* Have the answer, if its header is still to be written, say Connection: close. */
void http_exchange_must_close(struct http_exchange *exchange);

/* The last user has gone (respond.c). */
void http_exchange_orphaned(struct http_exchange *exchange);

/* --- the connection ------------------------------------------------------------------------- */

enum http_phase {
    HTTP_PHASE_FREE,
    HTTP_PHASE_HANDSHAKE, /* TLS begins */
    HTTP_PHASE_IDLE,      /* nothing of the next request has come */
    HTTP_PHASE_HEADER,    /* being read */
    HTTP_PHASE_BODY,      /* being read */
    HTTP_PHASE_ANSWER,    /* the handler has it: parked or streaming */
    HTTP_PHASE_FLUSH,     /* the answer is whole, the client has to take it */
    HTTP_PHASE_H2,        /* an HTTP/2 session: requests and answers at the same time (h2.h) */
    HTTP_PHASE_LINGER,    /* all said; waits for the client to close */
};

enum http_timeout {
    HTTP_TIMEOUT_NONE,
    HTTP_TIMEOUT_HANDSHAKE,
    HTTP_TIMEOUT_IDLE,
    HTTP_TIMEOUT_HEADER,
    HTTP_TIMEOUT_BODY,
    HTTP_TIMEOUT_SEND,
    HTTP_TIMEOUT_DRAIN, /* idle when draining began: one more request may be on its way */
    HTTP_TIMEOUT_LINGER,
    HTTP_TIMEOUT_STREAM_BODY, /* these three are a stream's */
    HTTP_TIMEOUT_STREAM_SEND,
    HTTP_TIMEOUT_STREAM_LINGER,
    HTTP_TIMEOUT_GOODBYE, /* a session's */
    HTTP_TIMEOUTS,        /* number of them */
};

struct http_timer {
    struct http_link link;
    enum http_timeout kind; /* also says in what the timer is */
    uint64_t deadline_ns;
};

/* What the lookout knows of a connection (departure.c). */
struct http_departure {
    pthread_mutex_t lock;     /* guards what follows */
    uint32_t generation;      /* of the connection that the exchanges are of */
    struct http_link waiting; /* exchanges under way, whose scopes are to be cancelled */
};

struct http_connection {
    struct http_departure departure;
    struct http_loop *loop;
    uint32_t slot;
    uint32_t generation;
    int fd;
    enum http_phase phase;
    struct http_tls_session *tls; /* NULL: none */
    enum http_protocol protocol;
    const char *end;     /* how it was said that nothing more will come: "fin", "close_notify" */
    bool is_peer_closed; /* it was: nobody waits */
    bool is_readable;    /* an edge came that was not read to its end */
    bool is_discarding;  /* too much was pipelined: read and drop, close after the answer */
    bool is_closing;     /* close after what is queued */
    bool is_fresh;       /* whether it speaks HTTP/2 is still to be seen */
    uint8_t n_preface;   /* bytes of HTTP/2's preface that have come then */
    bool is_marked;      /* in the loop's list of those to be pumped */
    bool is_again;       /* in the loop's list of those to read on */
    bool is_counted;     /* in the server's n_connections */
    struct http_connection *next_free;
    struct http_connection *next_again;
    struct http_connection *next_marked;
    struct h2_session *h2;          /* in HTTP_PHASE_H2 */
    struct http_exchange *exchange; /* NULL while IDLE, LINGER, FREE */
    struct http_parser *parser;     /* only while a request is read: thousands wait or are idle */
    struct buffer output;
    size_t output_sent;  /* bytes at its start that are with the kernel */
    uint64_t n_taken;    /* bytes that the kernel has taken since the wait for it to take began */
    struct buffer ahead; /* pipelined */
    uint64_t n_discarded;
    struct http_timer timer;
    char peer[HTTP_PEER_MAX];
};

/* A new connection in a free slot; takes fd. */
void http_connection_open(struct http_loop *loop, int fd, const char *peer, bool is_excess);
void http_connection_on_event(struct http_connection *connection, uint32_t events);
void http_connection_on_timeout(struct http_connection *connection);

/* Go on after another thread has answered. */
void http_connection_on_mail(struct http_connection *connection);

/* Read what an edge announced, as far as the phase allows. */
void http_connection_read(struct http_connection *connection);

/* The client has left: end its exchange, close. */
void http_connection_lost(struct http_connection *connection, const char *how);

/* Give an IDLE connection a moment for a request that is on its way: its client cannot know yet. */
void http_connection_drain_idle(struct http_connection *connection);

/* Close now; ends the exchange, if one is under way, as not complete. */
void http_connection_close(struct http_connection *connection);

/* It waits for a request. One above the limit waits for as long only as it takes to be told so. */
static inline enum http_timeout http_connection_idle(const struct http_connection *connection)
{
    return connection->is_counted ? HTTP_TIMEOUT_IDLE : HTTP_TIMEOUT_LINGER;
}

#define HTTP_TOO_MANY_CONNECTIONS HTTP_REFUSED(503, "too many connections")

/* Answer with an error made here, and close after it. */
void http_connection_refuse(struct http_connection *connection, struct http_verdict verdict);
/* What is said to it: `exchange` may be NULL. The caller finishes the body, also after a failure.
 * Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status http_error_answer_make(const struct http_connection *connection,
    const struct http_exchange *exchange, struct http_verdict verdict,
    struct http_error_answer *ret_answer);

/* Give the kernel what it takes of the output, which may be nothing (output.c). */
enum http_flushed { HTTP_FLUSHED_ALL, HTTP_FLUSHED_SOME, HTTP_FLUSH_FAILED };
enum http_flushed http_output_flush(struct http_connection *connection);

/* Forget the first `*sent` bytes once they are half of all: moving the rest each time would cost a
 * large answer to a slow client more than sending it. */
void http_output_trim(struct buffer *output, size_t *sent);

/* The kernel takes no more for now: the client has HTTP_SEND_MIN bytes to take in each time. */
void http_output_wait(struct http_connection *connection);
void http_output_on_timeout(struct http_connection *connection);

/* Give the kernel what it takes, and go on in the state machine (output.c). */
void http_output_pump(struct http_connection *connection);

/* Everything is with the kernel: say so with FIN, and wait for the client's. */
void http_connection_linger(struct http_connection *connection);

/* --- the lookout for departures (departure.c) ------------------------------------------------ */

struct http_lookout {
    int epoll_fd;
    int stop_fd;
    bool has_thread;
    pthread_t thread;
};

MUST_USE enum status http_lookout_init(struct http_lookout *lookout);
void *http_lookout_run(void *loop); /* the thread's function */
void http_lookout_stop(struct http_lookout *lookout);
void http_lookout_finish(struct http_lookout *lookout);

/* Watch a new connection. False when the system has no room for it. */
MUST_USE bool http_departure_open(struct http_connection *connection);

/* The client waits for this exchange; it does so no longer. Its scope may end after the latter.
 * Adding what is there and removing what is not is harmless. Loop's thread. */
void http_departure_add(struct http_exchange *exchange);
void http_departure_remove(struct http_exchange *exchange);

/* --- the loop ------------------------------------------------------------------------------- */

#define HTTP_TOKEN_LISTENER UINT64_MAX
#define HTTP_TOKEN_WAKE (UINT64_MAX - 1)

struct http_loop {
    struct http_server *server;
    int epoll_fd;
    int listen_fd; /* -1 when draining */
    int wake_fd;
    struct http_lookout lookout;
    bool has_thread;
    bool is_drain_begun;
    bool is_drain_told;
    bool is_accept_paused;
    pthread_t thread;
    _Atomic(struct http_exchange *) mail;
    struct http_connection **slots;
    uint32_t n_slots;
    uint32_t slots_max;
    uint32_t n_exchanges;
    uint32_t n_exchanges_kept;
    uint32_t n_handshakes;
    struct http_connection *free_connections;
    struct http_connection *again;
    struct http_connection *marked; /* HTTP/2 connections that may have frames to send */
    uint8_t *h2_reserve;            /* h2_memory.c */
    size_t h2_reserve_used;
    unsigned int n_spent;    /* HTTP/2 connections that live from it */
    unsigned int n_goodbyes; /* HTTP/2 connections that are being told that we drain */
    struct http_exchange *free_exchanges;
    struct http_link timeouts[HTTP_TIMEOUTS];
    uint64_t now_ns; /* of this wake-up */
    uint64_t accept_resume_ns;
    uint64_t accept_logged_ns;
    uint8_t scratch[HTTP_PIPELINED_MAX];
};

struct http_server {
    struct http_server_options options;
    struct http_limits limits;
    struct buffer standing; /* all standing fields; constant once started */
    char address[HTTP_ADDRESS_MAX];
    struct http_loop *loops;
    unsigned int n_loops;
    int drained_fd; /* readable once every loop has drained */
    atomic_uint loops_undrained;
    atomic_uint n_connections;
    atomic_bool is_draining;
    atomic_bool is_stopping;
};

MUST_USE enum status http_loop_init(
    struct http_loop *loop, struct http_server *server, int listen_fd, struct error *ret_error);
MUST_USE enum status http_loop_start(struct http_loop *loop, struct error *ret_error);
void http_loop_wake(struct http_loop *loop);
void http_loop_join(struct http_loop *loop); /* is_stopping has been set */
void http_loop_finish(struct http_loop *loop);
bool http_loop_is_current(const struct http_loop *loop);

/* Take new connections. Returns whether more may be waiting. */
bool http_accept(struct http_loop *loop);
void http_accept_resume(struct http_loop *loop);
void http_timeouts_init(struct http_loop *loop);
/* (Re)start the timer, as this kind. NONE: stop it. */
void http_timer_set(struct http_loop *loop, struct http_timer *timer, enum http_timeout kind);
static inline void http_timeout_set(struct http_connection *connection, enum http_timeout timeout)
{
    http_timer_set(connection->loop, &connection->timer, timeout);
}
void http_timeouts_run(struct http_loop *loop);
/* The next to run out; NULL: none. */
struct http_timer *http_timeout_first(const struct http_loop *loop, enum http_timeout kind);
uint64_t http_timeouts_next_ns(const struct http_loop *loop);

/* Have the loop look at the exchange's answer. With the exchange's lock held; any thread. */
void http_mailbox_post(struct http_exchange *exchange);
void http_mailbox_run(struct http_loop *loop);
bool http_mailbox_is_empty(struct http_loop *loop);

#endif
