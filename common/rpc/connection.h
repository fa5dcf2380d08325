/* One connection: an nng byte stream that carries SP frames, the same for client and server.
 *
 *     connection = rpc_connection_new(stream, &options);      takes the stream
 *     rpc_connection_start(connection);
 *     rpc_connection_send(connection, &outgoing);             any thread; queues, never blocks
 *     rpc_connection_close(connection, "not wanted");         any thread, also callbacks
 *     rpc_connection_reap(connection);                        after on_closed; not from a callback
 *
 * It does the opening and HELLO (with a timeout), PING and PONG, and joins what is queued while a
 * send is under way into the next one. Whatever goes wrong closes it; its owner hears on_closed
 * once and hands it to a thread that may block, which reaps it: no callback runs after that.
 *
 * Rules that nng 1.5.2 taught, each at the price of a hang: operations are posted only under the
 * mutex and never after close; teardown is close, nng_aio_stop, nng_stream_free, never from a
 * callback; no aio has a timeout; reading never stops.
 *
 * Lock order: the connection's mutex is innermost but for the timer wheel's. on_* run without it.
 *
 * Not here: calls, and what frames mean to them. */
#ifndef WALKIE_RPC_CONNECTION_H
#define WALKIE_RPC_CONNECTION_H

#include <nng/nng.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/error.h"
#include "rpc/account.h"
#include "rpc/frame.h"
#include "rpc/transport.h"

struct rpc_connection; /* counted */

enum {
    RPC_SEND_QUEUE_MAX = 64 << 20,   /* bytes waiting to be sent; more closes the connection */
    RPC_CHUNK_BACKLOG_MAX = 1 << 20, /* with more than this waiting no CHUNK is added */
    RPC_CANCEL_IDS_MAX = 8192,       /* further calls that one CANCEL lists */
    RPC_CORK_MAX = 256 << 10,        /* bytes held back during a read batch before they go out */
    RPC_INPUT_CAPACITY_MIN = 64 << 10,
    RPC_PING_AFTER_MS = 10 * 1000, /* of silence */
    RPC_LOST_AFTER_MS = 30 * 1000, /* of silence: the peer is gone */
    /* The same within TLS, where nng may swallow the news that the peer has gone. */
    RPC_TLS_PING_AFTER_MS = 1000,
    RPC_TLS_LOST_AFTER_MS = 3000,
    RPC_CLOSE_REASON_MAX = TRANSPORT_WORDS_MAX, /* bytes, with the NUL */
    RPC_PEER_TEXT_MAX = 80, /* bytes of a peer's address as text, with the NUL */
};

enum rpc_side { RPC_SIDE_CLIENT, RPC_SIDE_SERVER };

/* What the peer told when the connection became ready. */
struct rpc_peer {
    bool is_stock;      /* it speaks REQ/REP: nothing below is known */
    const char *name;   /* its HELLO's, printable ASCII; valid during on_ready */
    uint32_t calls_max; /* calls in flight that it accepts */
};

/* Run on I/O threads, one at a time a connection, with no lock held; they must not block. */
struct rpc_connection_events {
    void (*on_ready)(void *owner, const struct rpc_peer *peer);
    /* Every frame but HELLO, PING and PONG. An error closes the connection: a literal that says
     * what was wrong; NULL: fine. `read_ns` is when the frame was read. */
    const char *(*on_frame)(void *owner, const struct rpc_frame *frame, uint64_t read_ns);
    /* A stock peer's message that is no frame; its id is known. */
    void (*on_malformed)(void *owner, uint32_t call_id, const char *reason);
    /* What one read brought has been handed over. */
    void (*on_batch_end)(void *owner);
    /* There is room for chunks again, after rpc_connection_has_room said no. */
    void (*on_room)(void *owner);
    /* Any thread, once: hand the connection to a thread that reaps it. */
    void (*on_closed)(void *owner);
};

struct rpc_connection_options {
    const struct rpc_connection_events *events; /* static */
    void *owner;
    enum rpc_side side;
    enum rpc_transport transport;
    const struct rpc_tls *tls; /* for words, borrowed until reaped; NULL: none */
    const char *name;          /* ours, for HELLO; borrowed until reaped */
    uint32_t calls_max;        /* ours, for HELLO */
};

/* Takes the stream, also on failure. NULL when out of memory. */
MUST_USE struct rpc_connection *rpc_connection_new(
    nng_stream *stream, const struct rpc_connection_options *options);

/* Begin reading. Callbacks may run before this returns. */
void rpc_connection_start(struct rpc_connection *connection);

struct rpc_connection *rpc_connection_ref(struct rpc_connection *connection);
void rpc_connection_unref(struct rpc_connection *connection); /* accepts NULL */

/* A frame to send. The payload is `message`, packed in place, or else `payload`. */
struct rpc_outgoing {
    uint32_t call_id;
    enum rpc_frame_type type;
    uint8_t flags;
    struct bytes header;
    struct bytes payload;
    const ProtobufCMessage *message; /* NULL: payload counts */
    /* CALL: the deadline from which the header's remaining time is computed when the frame leaves.
     * 0: the header is sent as it is. */
    uint64_t deadline_ns;
};

/* Queue a frame. Threads: any. Errors: UNAVAILABLE (closed), RESOURCE_EXHAUSTED (longer than
 * RPC_FRAME_MAX; nothing was queued). */
enum status rpc_connection_send(
    struct rpc_connection *connection, const struct rpc_outgoing *outgoing);

/* Queue a CANCEL of `call_id` for the cause in `end`; cancels of one cause that are queued together
 * leave as one frame. A connection that is closed, or has no memory (it is then), needs none: the
 * peer sees the loss. Threads: any. */
void rpc_connection_cancel(
    struct rpc_connection *connection, uint32_t call_id, const struct rpc_end *end);

/* Whether a CHUNK may be queued. After false on_room follows, or the connection closes. */
bool rpc_connection_has_room(struct rpc_connection *connection);

/* Wait until all that was queued has been given to the kernel, it closed, or `limit_ns`. */
void rpc_connection_wait_sent(struct rpc_connection *connection, uint64_t limit_ns);

/* Close; the first reason counts. Never blocks. */
void rpc_connection_close(struct rpc_connection *connection, const char *reason);
bool rpc_connection_is_closed(struct rpc_connection *connection);

/* After on_closed, once: stop and free what nng holds. Blocks until no callback runs any more. */
void rpc_connection_reap(struct rpc_connection *connection);

/* Why it closed; valid once it is reaped. */
const char *rpc_connection_close_reason(const struct rpc_connection *connection);

/* "tcp:127.0.0.1:50412", "tls:…", "ipc:pid=4711". */
const char *rpc_connection_peer_text(const struct rpc_connection *connection);

#endif
