/* The frames that belong to the connection itself: opening, HELLO, PING and PONG, and the timer
 * that watches over them. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/channel.h"
#include "rpc/connection_internal.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "rpc/server.h"

enum { HELLO_VERSION = 1 };

static void send_opening(struct rpc_connection *connection, uint16_t protocol)
{
    uint8_t opening[RPC_OPENING_LEN];
    rpc_opening_write(opening, protocol);
    /* Eight bytes into an empty queue: if that fails, the timeout closes the connection. */
    (void)connection_append_raw(connection, (struct bytes){opening, sizeof(opening)});
}

static void send_header(
    struct rpc_connection *connection, enum rpc_frame_type type, const ProtobufCMessage *message)
{
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_outgoing outgoing = {.call_id = RPC_CALL_ID_CONNECTION,
        .type = type,
        .header = {header, envelope_pack(header, message)}};
    (void)rpc_connection_send(connection, &outgoing);
}

void connection_send_hello(struct rpc_connection *connection)
{
    bool is_client = connection->side == RPC_SIDE_CLIENT;
    send_opening(connection, is_client ? RPC_SP_CLIENT : RPC_SP_SERVER);
    char name[RPC_PEER_NAME_MAX];
    snprintf(name, sizeof(name), "%s/%s", connection->name, WALKIE_VERSION);
    Walkie__Rpc__V1__Hello hello = WALKIE__RPC__V1__HELLO__INIT;
    hello.version = HELLO_VERSION;
    hello.peer = name;
    hello.calls_max = connection->calls_max;
    hello.frame_len_max = RPC_FRAME_MAX;
    send_header(connection, RPC_FRAME_HELLO, &hello.base);
}

static void become_ready(struct rpc_connection *connection, const struct rpc_peer *peer)
{
    atomic_store(&connection->state, CONNECTION_READY);
    connection->events->on_ready(connection->owner, peer);
}

/* The dialling side has sent its opening already; the listening side answers in the protocol that
 * it was addressed in. */
const char *connection_take_opening(struct rpc_connection *connection)
{
    uint16_t protocol;
    if (!rpc_opening_read(connection->input, &protocol)) {
        return rpc_opening_is_tls(connection->input)
                   ? "not an SP opening but the begin of TLS: tls+tcp:// there, tcp:// here"
                   : "not an SP opening";
    }
    if (connection->side == RPC_SIDE_CLIENT) {
        if (protocol != RPC_SP_SERVER) {
            return "the peer speaks another SP protocol than Walkie's";
        }
        atomic_store(&connection->state, CONNECTION_HELLO);
        return NULL;
    }
    uint16_t answer = rpc_opening_answer(protocol);
    if (answer == 0) {
        return "an SP protocol that is not served here";
    }
    if (answer == RPC_SP_REP) {
        connection->is_stock = true;
        send_opening(connection, answer);
        become_ready(connection, &(struct rpc_peer){.is_stock = true});
        return NULL;
    }
    atomic_store(&connection->state, CONNECTION_HELLO);
    connection_send_hello(connection);
    return NULL;
}

static const char *take_hello(struct rpc_connection *connection, const struct rpc_frame *frame)
{
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const char *reason = NULL;
    const Walkie__Rpc__V1__Hello *hello = envelope_unpack_hello(&memory, frame->header);
    if (hello == NULL) {
        reason = "malformed HELLO";
    } else if (hello->version != HELLO_VERSION) {
        reason = "HELLO of another version of the frame protocol";
    } else {
        char name[RPC_PEER_NAME_MAX];
        snprintf(name, sizeof(name), "%s", hello->peer);
        for (char *at = name; *at != '\0'; at++) {
            *at = *at < ' ' || *at > '~' ? '?' : *at;
        }
        become_ready(connection, &(struct rpc_peer){.name = name, .calls_max = hello->calls_max});
    }
    envelope_memory_finish(&memory);
    return reason;
}

static const char *answer_ping(struct rpc_connection *connection, const struct rpc_frame *frame)
{
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__Ping *ping = envelope_unpack_ping(&memory, frame->header);
    if (ping != NULL) {
        send_header(connection, RPC_FRAME_PONG, &ping->base);
    }
    envelope_memory_finish(&memory);
    return ping == NULL ? "malformed PING" : NULL;
}

const char *connection_take_own_frame(
    struct rpc_connection *connection, const struct rpc_frame *frame, bool *ret_is_ours)
{
    int state = atomic_load_explicit(&connection->state, memory_order_relaxed);
    bool is_hello = frame->type == RPC_FRAME_HELLO;
    bool is_ping = frame->type == RPC_FRAME_PING;
    *ret_is_ours = is_hello || is_ping || frame->type == RPC_FRAME_PONG;
    if (is_hello != (state == CONNECTION_HELLO)) {
        return is_hello ? "a second HELLO" : "a frame before HELLO";
    }
    if (*ret_is_ours && frame->call_id != RPC_CALL_ID_CONNECTION) {
        return "a connection's frame with a call's id";
    }
    if (is_hello) {
        return take_hello(connection, frame);
    }
    return is_ping ? answer_ping(connection, frame) : NULL;
}

static void send_ping(struct rpc_connection *connection)
{
    Walkie__Rpc__V1__Ping ping = WALKIE__RPC__V1__PING__INIT;
    ping.token = clock_now_ns();
    send_header(connection, RPC_FRAME_PING, &ping.base);
}

static void close_silent(struct rpc_connection *connection)
{
    char reason[RPC_CLOSE_REASON_MAX];
    snprintf(reason, sizeof(reason), "silent for %u s, also to PING",
        (unsigned int)(connection->lost_after_ns / CLOCK_SECONDS(1)));
    rpc_connection_close(connection, reason);
}

static const char *why_no_hello(const struct rpc_connection *connection)
{
    if (connection->transport == RPC_TRANSPORT_TLS &&
        atomic_load(&connection->state) == CONNECTION_OPENING) {
        return "no HELLO in time; the TLS handshake has not ended either: is there TLS at the "
               "other end?";
    }
    return "no HELLO in time";
}

/* Runs on the timer thread. Silence is counted from the last read: while the peer talks this fires
 * now and then, finds recent reads, and goes on. */
void connection_timer_due(void *arg)
{
    struct rpc_connection *connection = arg;
    uint64_t now_ns = clock_now_ns();
    uint64_t silent_ns = now_ns - atomic_load(&connection->last_read_ns);
    silent_ns = silent_ns > now_ns ? 0 : silent_ns; /* a read came after now_ns was taken */
    if (atomic_load(&connection->state) != CONNECTION_READY) {
        rpc_connection_close(connection, why_no_hello(connection));
        return;
    }
    uint64_t next_ns = now_ns + connection->ping_after_ns - silent_ns;
    if (!connection->is_stock && silent_ns >= connection->lost_after_ns) {
        close_silent(connection);
        return;
    }
    if (silent_ns >= connection->ping_after_ns) {
        next_ns = now_ns + connection->ping_after_ns;
        if (!connection->is_stock) {
            send_ping(connection);
            uint64_t lost_ns = now_ns + connection->lost_after_ns - silent_ns;
            next_ns = next_ns < lost_ns ? next_ns : lost_ns;
        }
    }
    bool is_connected = true;
    pthread_mutex_lock(&connection->mutex);
    if (!connection->is_closed) {
        /* Stock peers take no PING: for them this is all that finds an end that nng swallowed. */
        is_connected = connection->transport != RPC_TRANSPORT_TLS ||
                       transport_is_connected(connection->stream);
        ctx_timer_start(&connection->timer, next_ns);
    }
    pthread_mutex_unlock(&connection->mutex);
    if (!is_connected) {
        connection_close_failed(connection, NNG_ECONNSHUT);
    }
}
