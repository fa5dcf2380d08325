/* Any bytes as what a peer sends, in pieces of any length, to the real connection: opening, HELLO,
 * PING, frames. nng's streams are replaced (--wrap in rpc.cmake), so nothing waits and nothing runs
 * beside this: a receive takes its bytes from the input, a send is taken in pieces of any length,
 * as TLS takes it.
 *
 * The first bytes of the input: what to be (bits below), then how long the pieces are. */
#include <nng/nng.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "obs/log.h"
#include "rpc/connection_internal.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "rpc/server.h"

enum {
    IS_CLIENT = 1 << 0,
    IS_IPC = 1 << 1,
    IS_TLS = 1 << 2,
    IS_OPENED = 1 << 3,   /* the peer's opening comes before the input */
    IS_STOCK = 1 << 4,    /* that opening is REQ's */
    IS_GREETED = 1 << 5,  /* a good HELLO follows it */
    IS_CRITICAL = 1 << 6, /* the owner dislikes every frame */

    PIECES = 4, /* lengths, in turns */
    PREFIX_LEN = 1 + PIECES,
    SENT_MAX = 1 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What stands in nng's place. */
static struct {
    nng_stream *stream;
    nng_aio *receive_aio; /* a receive is posted; NULL: none */
    nng_aio *send_aio;
    nng_aio *direct_aio;      /* the one without a callback */
    const uint8_t *room_lens; /* PIECES of them: how much it gets rid of, in turns; 0: no room */
    size_t room_turn;
    size_t direct_count;
    int direct_result;
    nng_iov receive_room;
    nng_iov send_piece;
    nng_iov last_iov;
    size_t count; /* of the operation that completes now */
    int result;
    bool is_closed;
    uint8_t sent[SENT_MAX]; /* all that the connection has sent */
    size_t sent_len;
    unsigned int n_closed_events;
} fake;

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

/* The linker puts these in the place of nng's. */
int __wrap_nng_aio_set_iov(nng_aio *aio, unsigned int n_pieces, const nng_iov *pieces);
int __wrap_nng_aio_result(nng_aio *aio);
void __wrap_nng_aio_cancel(nng_aio *aio);
void __wrap_nng_aio_wait(nng_aio *aio);
size_t __wrap_nng_aio_count(nng_aio *aio);
void __wrap_nng_stream_recv(nng_stream *stream, nng_aio *aio);
void __wrap_nng_stream_send(nng_stream *stream, nng_aio *aio);
void __wrap_nng_stream_close(nng_stream *stream);
void __wrap_nng_stream_free(nng_stream *stream);
int __wrap_nng_stream_get_addr(nng_stream *stream, const char *name, nng_sockaddr *ret_address);
int __wrap_nng_stream_get_bool(nng_stream *stream, const char *name, bool *ret_value);
int __wrap_nng_stream_set_bool(nng_stream *stream, const char *name, bool value);
int __wrap_nng_stream_get_uint64(nng_stream *stream, const char *name, uint64_t *ret_value);

int __wrap_nng_aio_set_iov(nng_aio *aio, unsigned int n_pieces, const nng_iov *pieces)
{
    (void)aio;
    require(n_pieces == 1 && pieces[0].iov_len > 0);
    fake.last_iov = pieces[0];
    return 0;
}

int __wrap_nng_aio_result(nng_aio *aio)
{
    return aio == fake.direct_aio ? fake.direct_result : fake.result;
}

size_t __wrap_nng_aio_count(nng_aio *aio)
{
    return aio == fake.direct_aio ? fake.direct_count : fake.count;
}

void __wrap_nng_aio_cancel(nng_aio *aio)
{
    require(aio == fake.direct_aio && fake.direct_count == 0);
    fake.direct_result = NNG_ECANCELED;
}

void __wrap_nng_aio_wait(nng_aio *aio)
{
    require(aio == fake.direct_aio);
}

void __wrap_nng_stream_recv(nng_stream *stream, nng_aio *aio)
{
    require(stream == fake.stream && !fake.is_closed && fake.receive_aio == NULL);
    fake.receive_aio = aio;
    fake.receive_room = fake.last_iov;
}

static void keep_sent(size_t count)
{
    require(fake.sent_len + count <= SENT_MAX);
    memcpy(fake.sent + fake.sent_len, fake.send_piece.iov_buf, count);
    fake.sent_len += count;
}

/* A send that is over when it returns: the kernel took some of it, or had no room. */
static void send_directly(void)
{
    size_t room = (size_t)fake.room_lens[fake.room_turn++ % PIECES] * 37;
    size_t len = fake.last_iov.iov_len;
    fake.send_piece = fake.last_iov;
    fake.direct_count = room < len ? room : len;
    fake.direct_result = 0;
    keep_sent(fake.direct_count);
}

void __wrap_nng_stream_send(nng_stream *stream, nng_aio *aio)
{
    require(stream == fake.stream && !fake.is_closed && fake.send_aio == NULL);
    if (aio == fake.direct_aio) {
        send_directly();
        return;
    }
    fake.send_aio = aio;
    fake.send_piece = fake.last_iov;
}

void __wrap_nng_stream_close(nng_stream *stream)
{
    require(stream == fake.stream && !fake.is_closed);
    fake.is_closed = true;
}

void __wrap_nng_stream_free(nng_stream *stream)
{
    require(stream == NULL || stream == fake.stream);
}

int __wrap_nng_stream_get_addr(nng_stream *stream, const char *name, nng_sockaddr *ret_address)
{
    (void)stream;
    (void)name;
    memset(ret_address, 0, sizeof(*ret_address));
    return 0;
}

int __wrap_nng_stream_get_bool(nng_stream *stream, const char *name, bool *ret_value)
{
    (void)stream;
    (void)name;
    *ret_value = true;
    return 0;
}

int __wrap_nng_stream_set_bool(nng_stream *stream, const char *name, bool value)
{
    (void)stream;
    (void)name;
    (void)value;
    return 0;
}

int __wrap_nng_stream_get_uint64(nng_stream *stream, const char *name, uint64_t *ret_value)
{
    (void)stream;
    (void)name;
    (void)ret_value;
    return NNG_ENOTSUP;
}

/* --- the owner ------------------------------------------------------------------------------ */

static void on_ready(void *owner, const struct rpc_peer *peer)
{
    (void)owner;
    for (const char *at = peer->name; at != NULL && *at != '\0'; at++) {
        require(*at >= ' ' && *at <= '~');
    }
}

static const char *on_frame(void *owner, const struct rpc_frame *frame, uint64_t read_ns)
{
    const uint8_t *flags = owner;
    volatile unsigned int seen = (unsigned int)read_ns;
    for (size_t i = 0; i < frame->header.len; i++) {
        seen += frame->header.data[i];
    }
    for (size_t i = 0; i < frame->payload.len; i++) {
        seen += frame->payload.data[i];
    }
    (void)seen;
    require(frame->type != RPC_FRAME_HELLO && frame->type != RPC_FRAME_PING);
    return (*flags & IS_CRITICAL) != 0 ? "not wanted" : NULL;
}

static void on_malformed(void *owner, uint32_t call_id, const char *reason)
{
    (void)owner;
    require((call_id & RPC_CALL_ID_TOP) != 0 && reason != NULL);
}

static void on_batch_end(void *owner)
{
    (void)owner;
}

static void on_closed(void *owner)
{
    (void)owner;
    fake.n_closed_events++;
}

static const struct rpc_connection_events EVENTS = {.on_ready = on_ready,
    .on_frame = on_frame,
    .on_malformed = on_malformed,
    .on_batch_end = on_batch_end,
    .on_room = on_batch_end,
    .on_closed = on_closed};

/* --- the wire ------------------------------------------------------------------------------- */

struct wire {
    const uint8_t *lens; /* PIECES of them */
    size_t turn;
};

/* At least one, at most what there is. */
static size_t next_len(struct wire *wire, size_t available)
{
    size_t len = (size_t)wire->lens[wire->turn++ % PIECES] * 37 + 1;
    return len < available ? len : available;
}

/* Complete the sends that are posted, as far as there are any. */
static void take_sends(struct rpc_connection *connection, struct wire *wire)
{
    while (fake.send_aio != NULL && !fake.is_closed) {
        fake.send_aio = NULL;
        fake.count = next_len(wire, fake.send_piece.iov_len);
        keep_sent(fake.count);
        connection_send_done(connection);
    }
}

static void give(
    struct rpc_connection *connection, struct wire *wire, const uint8_t *data, size_t size)
{
    while (size > 0 && fake.receive_aio != NULL && !fake.is_closed) {
        fake.receive_aio = NULL;
        size_t room = fake.receive_room.iov_len;
        fake.count = next_len(wire, size < room ? size : room);
        memcpy(fake.receive_room.iov_buf, data, fake.count);
        data += fake.count;
        size -= fake.count;
        connection_receive_done(connection);
        require(fake.is_closed || fake.receive_aio != NULL); /* reading never stops */
        take_sends(connection, wire);
    }
}

/* What a good peer begins with. */
static void give_begin(struct rpc_connection *connection, struct wire *wire, uint8_t flags)
{
    uint8_t bytes[RPC_OPENING_LEN + RPC_FRAME_PREFIX_MAX + ENVELOPE_LEN_MAX];
    size_t len = 0;
    bool is_stock = (flags & IS_STOCK) != 0;
    if ((flags & IS_OPENED) != 0) {
        uint16_t ours = (flags & IS_CLIENT) != 0 ? RPC_SP_SERVER : RPC_SP_CLIENT;
        rpc_opening_write(bytes, is_stock ? RPC_SP_REQ : ours);
        len = RPC_OPENING_LEN;
    }
    if ((flags & IS_OPENED) != 0 && (flags & IS_GREETED) != 0 && !is_stock) {
        Walkie__Rpc__V1__Hello hello = WALKIE__RPC__V1__HELLO__INIT;
        hello.version = 1;
        uint8_t header[ENVELOPE_LEN_MAX];
        struct rpc_frame frame = {.call_id = RPC_CALL_ID_CONNECTION,
            .type = RPC_FRAME_HELLO,
            .header = {header, envelope_pack(header, &hello.base)}};
        rpc_frame_write_prefix(bytes + len, connection->is_ipc, &frame);
        len += rpc_frame_prefix_len(connection->is_ipc);
        memcpy(bytes + len, header, frame.header.len);
        len += frame.header.len;
    }
    give(connection, wire, bytes, len);
}

/* What the connection has sent is an opening and whole frames, but for the last. */
static void check_sent(bool is_ipc)
{
    uint16_t protocol;
    if (fake.sent_len < RPC_OPENING_LEN) {
        return;
    }
    require(rpc_opening_read(fake.sent, &protocol));
    struct bytes rest = {fake.sent + RPC_OPENING_LEN, fake.sent_len - RPC_OPENING_LEN};
    struct bytes message;
    size_t len;
    enum rpc_message_state state;
    while ((state = rpc_message_read(rest, is_ipc, &message, &len)) == RPC_MESSAGE_READY) {
        struct rpc_frame frame;
        const char *reason;
        require(rpc_frame_parse(message, &frame, &reason));
        rest.data += len;
        rest.len -= len;
    }
    require(state == RPC_MESSAGE_PARTIAL);
}

static enum rpc_transport transport_of(uint8_t flags)
{
    if ((flags & IS_IPC) != 0) {
        return RPC_TRANSPORT_IPC;
    }
    return (flags & IS_TLS) != 0 ? RPC_TRANSPORT_TLS : RPC_TRANSPORT_TCP;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_log_quiet;
    if (!is_log_quiet) {
        is_log_quiet = log_init(&(struct log_options){.service = "fuzz", .level = LOG_LEVEL_ERROR},
                           NULL) == STATUS_OK;
    }
    if (size < PREFIX_LEN) {
        return 0;
    }
    uint8_t flags = data[0];
    struct wire wire = {.lens = data + 1};
    fake.stream = (nng_stream *)&fake;
    fake.receive_aio = NULL;
    fake.send_aio = NULL;
    fake.room_lens = data + 1;
    fake.room_turn = 0;
    fake.result = 0;
    fake.is_closed = false;
    fake.sent_len = 0;
    fake.n_closed_events = 0;
    const struct rpc_connection_options options = {.events = &EVENTS,
        .owner = &flags,
        .side = (flags & IS_CLIENT) != 0 ? RPC_SIDE_CLIENT : RPC_SIDE_SERVER,
        .transport = transport_of(flags),
        .name = "fuzz",
        .calls_max = 1};
    struct rpc_connection *connection = rpc_connection_new(fake.stream, &options);
    require(connection != NULL);
    fake.direct_aio = connection->direct_aio;
    rpc_connection_start(connection);
    take_sends(connection, &wire);
    give_begin(connection, &wire, flags);
    give(connection, &wire, data + PREFIX_LEN, size - PREFIX_LEN);
    check_sent(connection->is_ipc);
    rpc_connection_close(connection, "the input ends");
    require(fake.is_closed && fake.n_closed_events == 1);
    rpc_connection_reap(connection);
    rpc_connection_unref(connection);
    return 0;
}
