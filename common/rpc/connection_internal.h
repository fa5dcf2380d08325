/* The connection's fields, for its three files: connection.c (life), connection_send.c,
 * connection_receive.c. */
#ifndef WALKIE_RPC_CONNECTION_INTERNAL_H
#define WALKIE_RPC_CONNECTION_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "ctx/timer.h"
#include "rpc/connection.h"

enum connection_state {
    CONNECTION_OPENING, /* the peer's eight bytes are awaited */
    CONNECTION_HELLO,   /* its HELLO is */
    CONNECTION_READY,
};

/* Where in `pending` a CALL's remaining time stands, to be written when it leaves. */
struct deadline_patch {
    size_t offset;
    uint64_t deadline_ns;
};

/* The CANCEL at the end of `pending`, if it still is there: the next one may join it. */
struct queued_cancel {
    size_t at;         /* of its frame */
    size_t header_len; /* 0: there is none */
    size_t list_at;
    size_t n_listed; /* ids in its list, besides call_id */
    uint32_t call_id;
    enum ctx_cause cause;
    int cause_hop;
};

struct rpc_connection {
    _Atomic unsigned int references;
    const struct rpc_connection_events *events;
    void *owner;
    enum rpc_side side;
    enum rpc_transport transport;
    bool is_ipc; /* for the codec */
    const struct rpc_tls *tls;
    uint64_t ping_after_ns; /* of silence */
    uint64_t lost_after_ns;
    const char *name;
    uint32_t calls_max;
    char peer_text[RPC_PEER_TEXT_MAX];

    nng_stream *stream;
    nng_aio *receive_aio;
    nng_aio *send_aio;
    nng_aio *direct_aio;    /* without a callback: connection_send.c */
    struct ctx_timer timer; /* HELLO's timeout, then PING; started under the mutex */
    uint64_t created_ns;
    _Atomic uint64_t last_read_ns;
    _Atomic int state; /* enum connection_state; written by the I/O thread */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t sent;   /* the queue ran empty, or the connection closed */
    struct buffer pending; /* queued */
    struct buffer flying;  /* being sent */
    size_t flying_sent;
    struct deadline_patch *patches; /* in pending, in order */
    size_t n_patches;
    size_t patches_capacity;
    struct queued_cancel last_cancel;
    bool is_sending;
    bool is_corked;
    bool is_closed;
    bool is_room_wanted;
    char close_reason[RPC_CLOSE_REASON_MAX];

    /* The I/O thread's alone. */
    uint8_t *input;
    size_t input_len;
    size_t input_capacity;
    bool is_stock;
};

/* Why a connection is closed whose peer takes nothing while it keeps asking. */
#define CONNECTION_OVERFULL "the send queue is overfull"

/* connection_send.c */
void connection_send_done(void *arg);
void connection_kick_locked(struct rpc_connection *connection);
/* Whether this thread sends what is queued later (rpc/gather.h). */
bool connection_gather_locked(struct rpc_connection *connection);
enum status connection_append_raw(struct rpc_connection *connection, struct bytes bytes);

/* connection_receive.c */
void connection_receive_done(void *arg);
/* False when nng has closed the stream unheard: close the connection. */
MUST_USE bool connection_receive_post_locked(struct rpc_connection *connection);
/* Close for a receive or send that nng has failed. */
void connection_close_failed(struct rpc_connection *connection, int nng_result);

/* connection_hello.c */
void connection_send_hello(struct rpc_connection *connection);
const char *connection_take_opening(struct rpc_connection *connection);
const char *connection_take_own_frame(
    struct rpc_connection *connection, const struct rpc_frame *frame, bool *ret_is_ours);
void connection_timer_due(void *arg);

#endif
