/* HTTP/2: one nghttp2 session a connection, one exchange a stream. What the h2_*.c files share.
 *
 *     h2_begin(connection)         the client's preface has come, or ALPN said h2
 *     h2_receive(connection, ...)  bytes; requests are dispatched from within
 *     h2_pump(connection)          once a wake-up: frames of all streams, one send
 *     h2_end(connection, how)      every stream that is left is over
 *
 * All of it runs on the loop's thread. nghttp2 frames, packs headers, keeps windows and the rules
 * of RFC 9113; what a request must look like beyond that is strict.h and target.h, as in HTTP/1.
 *
 * Callbacks of nghttp2 never end a session or a connection, they leave a note in the session.
 *
 * Not here: push, priorities (ignored, and said so in SETTINGS), CONNECT; trailers of
 * requests are read and dropped, as in HTTP/1. */
#ifndef WALKIE_HTTP_H2_H
#define WALKIE_HTTP_H2_H

#include <nghttp2/nghttp2.h>

#include "http/h2_flood.h"
#include "http/internal.h"

#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum {
    H2_PREFACE_LEN = 24,
    H2_OUTPUT_HIGH = 64 << 10, /* bytes of frames made ahead of the kernel, and one frame */
    H2_FIELDS_MAX = 128,       /* header fields of an answer; above: RST_STREAM */
    H2_IGNORED_MAX = 1000,     /* fields behind one that was refused; above: RST_STREAM */
    H2_BODIES_MAX = 16 << 20,  /* bytes of bodies being read a connection; above: refused */
    H2_LEFT_BEHIND_MAX = 100,  /* exchanges that are over and still held by their handlers, above
                                  those that the streams may have; then: REFUSED_STREAM */
    H2_GOODBYE_MS = 1000,      /* for the client to have read that no new stream is wanted */
    H2_STATUS_TEXT_MAX = 12,
    H2_RESERVE = 64 << 10, /* bytes a loop, for sessions for which there is no memory */
};

/* Counts a connection's exchanges, those included that are over and still referenced. */
struct h2_account {
    atomic_uint refs; /* the session's, and one an exchange */
};

struct h2_session {
    nghttp2_session *nghttp2;
    struct http_connection *connection;
    struct h2_account *account;
    struct http_link streams; /* all */
    struct http_link unsent;  /* those with bytes in the connection's output */
    unsigned int n_streams;
    uint64_t made;   /* bytes of frames so far */
    size_t body_len; /* bytes of the bodies that are being read */
    struct h2_frames frames;
    uint64_t waits_since;      /* the frame or stream that the connection's timeout began with */
    struct http_timer goodbye; /* HTTP_TIMEOUT_GOODBYE while one is waited for */
    bool is_saying_goodbye;    /* no new stream is wanted; those that come yet are served */
    bool is_ending;            /* the last GOAWAY is queued: close when no stream is left */
    bool is_broken;            /* close as soon as the GOAWAY is out: the client broke a rule */
    bool has_broken_streams;
    bool is_provoking; /* too many streams had to be reset for what the client did */
    bool is_spent;     /* it lives from the reserve: to be closed, nothing else */
};

struct h2_stream {
    struct h2_session *session;
    struct http_link link;
    struct http_link unsent_link;
    struct http_timer timer;
    struct http_exchange *exchange; /* NULL when over */
    struct buffer output;           /* bytes of the body that are in no frame yet */
    size_t output_sent;             /* of them, those that are in one */
    uint64_t head_start;            /* where in `made` its first frame begins */
    uint64_t frame_end;             /* where in `made` its newest frame ends; 0: none yet */
    uint64_t n_framed;              /* bytes of the body in frames so far */
    uint64_t n_framed_before;       /* when the wait for the client to take more began */
    struct http_taken taken;        /* where the answer stood when last looked at */
    struct http_verdict verdict;    /* why it is refused, once its header is complete */
    size_t header_len;              /* of names and values */
    unsigned int n_ignored;         /* fields behind the refused one */
    uint64_t n_discarded;           /* bytes of a body that nobody wants any more */
    const char *how;                /* the client has left so; NULL: not known to have */
    int32_t id;
    bool has_authority;
    bool is_request_complete; /* END_STREAM was read */
    bool is_refused;          /* an answer made here: what comes yet is ignored */
    bool is_begun;            /* HEADERS are queued */
    bool is_deferred;         /* nghttp2 waits for more of the body */
    bool is_ended;            /* END_STREAM is in the connection's output */
    bool is_broken;           /* to be reset once what is queued is in frames */
    bool is_closed;           /* nghttp2 has forgotten it */
};

/* --- the session (h2_session.c) -------------------------------------------------------------- */

/* The first bytes of a connection (h2_preface.c). Returns how many were used up. `ret_held`: how
 * many of the preface came before, of what proves to be HTTP/1 now. May close the connection. */
size_t h2_choose(
    struct http_connection *connection, const uint8_t *data, size_t len, size_t *ret_held);

/* False when out of memory. */
MUST_USE bool h2_begin(struct http_connection *connection);
void h2_receive(struct http_connection *connection, const uint8_t *data, size_t len);

/* The client will send nothing more: whoever has no whole answer yet is over. */
void h2_on_fin(struct http_connection *connection);
void h2_on_timeout(struct http_connection *connection);

/* No new streams; close when the last one is over. */
void h2_drain(struct http_connection *connection);
void h2_on_goodbye(struct h2_session *session);

/* The client floods: count it, say so in the log, h2_break. */
void h2_break_flooded(struct http_connection *connection, enum h2_flood flood);

/* Send GOAWAY with this code and close, without waiting for streams: they are over. */
void h2_break(struct http_connection *connection, uint32_t code, const char *how);

/* Free the session. `how` as in http_exchange_over. Harmless without a session. */
void h2_end(struct http_connection *connection, const char *how);

/* --- memory (h2_memory.c) -------------------------------------------------------------------- */

/* Before a loop's first session. False when out of memory. */
MUST_USE bool h2_memory_begin(struct http_loop *loop);
nghttp2_mem h2_memory_of(struct h2_session *session);
void h2_memory_end(struct h2_session *session);
void h2_memory_finish(struct http_loop *loop);

/* --- streams (h2_stream.c) ------------------------------------------------------------------- */

/* NULL: refused or out of memory; the stream is being reset then. */
struct h2_stream *h2_stream_new(struct h2_session *session, int32_t id);
void h2_stream_on_header(struct h2_stream *stream, bool is_request_complete);
void h2_stream_on_data(struct h2_stream *stream, const uint8_t *data, size_t len);
void h2_stream_on_end(struct h2_stream *stream); /* of the request */
void h2_stream_on_close(struct h2_stream *stream);
void h2_stream_on_mail(struct h2_stream *stream);
void h2_stream_on_timeout(struct h2_stream *stream, enum http_timeout kind);

/* The exchange is over, as the stream's state says; `how`: NULL, unless the client has left. */
void h2_stream_over(struct h2_stream *stream, const char *how);
void h2_stream_free(struct h2_stream *stream);
void h2_account_unref(struct h2_account *account); /* accepts NULL */

/* --- the request (h2_request.c) -------------------------------------------------------------- */

/* One field. Sets the stream's verdict when it is refused. False: reset the stream. */
MUST_USE bool h2_request_add(
    struct h2_stream *stream, const char *name, size_t name_len, const char *value, size_t len);

/* The header is complete. */
struct http_verdict h2_request_complete(struct h2_stream *stream);

/* --- output (h2_output.c) -------------------------------------------------------------------- */

/* Look at the answer: queue HEADERS, go on with its body. */
void h2_stream_answer(struct h2_stream *stream);

/* Pump before the loop sleeps. */
void h2_mark(struct http_connection *connection);
void h2_run_marked(struct http_loop *loop);

/* Make frames, hand them to the kernel. May close the connection. */
void h2_pump(struct http_connection *connection);

/* Some of the answer is in no frame: the client has to take it in time. */
void h2_stream_wait_to_send(struct h2_stream *stream);

/* nghttp2 makes HEADERS or DATA of `frame_len` bytes. */
void h2_stream_on_frame_sent(struct h2_stream *stream, size_t frame_len, bool is_end);

#endif
