#include "support/rpc_bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "rpc/transport.h"

static void require(bool is_so, const char *what)
{
    if (!is_so) {
        fprintf(stderr, "bare peer: %s\n", what);
        exit(1);
    }
}

void rpc_bare_dial(struct rpc_bare *bare, const char *url, const struct rpc_tls *tls)
{
    struct rpc_address address;
    memset(bare, 0, sizeof(*bare));
    require(rpc_address_parse(url, &address, NULL) == STATUS_OK, url);
    require(transport_dialer_new(&address, tls, "localhost", &bare->dialer, NULL) == STATUS_OK,
        "no dialer");
    require(nng_aio_alloc(&bare->aio, NULL, NULL) == 0, "no memory");
    nng_stream_dialer_dial(bare->dialer, bare->aio);
    nng_aio_wait(bare->aio);
    require(nng_aio_result(bare->aio) == 0, "nobody listens");
    bare->stream = nng_aio_get_output(bare->aio, 0);
}

void rpc_bare_send(struct rpc_bare *bare, const void *bytes, size_t len)
{
    nng_iov piece = {.iov_buf = (void *)(uintptr_t)bytes, .iov_len = len};
    nng_aio_set_iov(bare->aio, 1, &piece);
    nng_stream_send(bare->stream, bare->aio);
    nng_aio_wait(bare->aio);
    require(nng_aio_result(bare->aio) == 0 && nng_aio_count(bare->aio) == len, "cannot send");
}

void rpc_bare_send_frame(struct rpc_bare *bare, uint32_t call_id, enum rpc_frame_type type,
    const ProtobufCMessage *message)
{
    uint8_t header[ENVELOPE_LEN_MAX];
    uint8_t bytes[RPC_FRAME_PREFIX_MAX + ENVELOPE_LEN_MAX];
    struct rpc_frame frame = {
        .call_id = call_id, .type = type, .header = {header, envelope_pack(header, message)}};
    rpc_frame_write_prefix(bytes, false, &frame);
    size_t len = rpc_frame_prefix_len(false);
    memcpy(bytes + len, header, frame.header.len);
    rpc_bare_send(bare, bytes, len + frame.header.len);
}

void rpc_bare_open(struct rpc_bare *bare, uint16_t protocol)
{
    uint8_t opening[RPC_OPENING_LEN];
    rpc_opening_write(opening, protocol);
    rpc_bare_send(bare, opening, sizeof(opening));
    if (protocol == RPC_SP_CLIENT) {
        Walkie__Rpc__V1__Hello hello = WALKIE__RPC__V1__HELLO__INIT;
        hello.version = 1;
        rpc_bare_send_frame(bare, RPC_CALL_ID_CONNECTION, RPC_FRAME_HELLO, &hello.base);
    }
}

void rpc_bare_call(struct rpc_bare *bare, uint32_t number, const struct rpc_method *method)
{
    Walkie__Rpc__V1__CallMetadata call = WALKIE__RPC__V1__CALL_METADATA__INIT;
    call.method = (char *)(uintptr_t)method->name;
    rpc_bare_send_frame(bare, RPC_CALL_ID_TOP | number, RPC_FRAME_CALL, &call.base);
}

/* At least `wanted` bytes behind what was taken. */
static bool fill(struct rpc_bare *bare, size_t wanted)
{
    bare->len -= bare->taken;
    memmove(bare->input, bare->input + bare->taken, bare->len);
    bare->taken = 0;
    require(wanted <= RPC_BARE_INPUT_MAX, "a frame is too long");
    while (bare->len < wanted) {
        nng_iov room = {
            .iov_buf = bare->input + bare->len, .iov_len = RPC_BARE_INPUT_MAX - bare->len};
        nng_aio_set_iov(bare->aio, 1, &room);
        nng_stream_recv(bare->stream, bare->aio);
        nng_aio_wait(bare->aio);
        if (nng_aio_result(bare->aio) != 0) {
            return false;
        }
        bare->len += nng_aio_count(bare->aio);
    }
    return true;
}

bool rpc_bare_read(struct rpc_bare *bare, struct rpc_frame *ret_frame)
{
    if (!bare->is_opened) {
        if (!fill(bare, RPC_OPENING_LEN)) {
            return false;
        }
        bare->is_opened = true;
        bare->taken = RPC_OPENING_LEN;
    }
    size_t wanted = 1;
    struct bytes message;
    enum rpc_message_state state = RPC_MESSAGE_PARTIAL;
    while (state == RPC_MESSAGE_PARTIAL) {
        if (!fill(bare, wanted)) {
            return false;
        }
        state = rpc_message_read((struct bytes){bare->input, bare->len}, false, &message, &wanted);
    }
    const char *reason = NULL;
    require(state == RPC_MESSAGE_READY && rpc_frame_parse(message, ret_frame, &reason),
        "malformed answer");
    bare->taken = wanted;
    return true;
}

void rpc_bare_free(struct rpc_bare *bare)
{
    nng_stream_close(bare->stream);
    nng_aio_stop(bare->aio);
    nng_aio_free(bare->aio);
    nng_stream_free(bare->stream);
    nng_stream_dialer_free(bare->dialer);
}
