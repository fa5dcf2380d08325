#include "support/rpc_raw.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "rpc/server.h"
#include "support/rpc_fixture.h"
#include "walkie/report/v1/report.pb-c.h"

struct raw_peer {
    int fd;
    bool is_ipc;
    size_t len;
    size_t taken;
    uint8_t input[1 << 20];
};

static int connect_ipc(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int connect_tcp(const char *url)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

struct raw_peer *raw_connect(const char *url, uint16_t protocol)
{
    struct raw_peer *raw = calloc(1, sizeof(*raw));
    if (raw == NULL) {
        return NULL;
    }
    raw->is_ipc = strncmp(url, "ipc://", 6) == 0;
    raw->fd = raw->is_ipc ? connect_ipc(url + 6) : connect_tcp(url);
    if (raw->fd < 0) {
        free(raw);
        return NULL;
    }
    struct timeval bound = {.tv_sec = TEST_WAIT_SECONDS};
    setsockopt(raw->fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
    if (protocol != 0) {
        uint8_t opening[RPC_OPENING_LEN];
        rpc_opening_write(opening, protocol);
        raw_send_bytes(raw, opening, sizeof(opening));
    }
    return raw;
}

void raw_free(struct raw_peer *raw)
{
    if (raw != NULL) {
        close(raw->fd);
        free(raw);
    }
}

bool raw_send_bytes(struct raw_peer *raw, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        ssize_t n = send(raw->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

void raw_send_frame(struct raw_peer *raw, const struct rpc_frame *frame)
{
    uint8_t prefix[RPC_FRAME_PREFIX_MAX];
    rpc_frame_write_prefix(prefix, raw->is_ipc, frame);
    raw_send_bytes(raw, prefix, rpc_frame_prefix_len(raw->is_ipc));
    raw_send_bytes(raw, frame->header.data, frame->header.len);
    raw_send_bytes(raw, frame->payload.data, frame->payload.len);
}

static void send_message(struct raw_peer *raw, enum rpc_frame_type type, uint32_t call_id,
    const ProtobufCMessage *message, struct bytes payload)
{
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_frame frame = {.call_id = call_id,
        .type = type,
        .header = {header, envelope_pack(header, message)},
        .payload = payload};
    raw_send_frame(raw, &frame);
}

void raw_send_hello(struct raw_peer *raw)
{
    Walkie__Rpc__V1__Hello hello = WALKIE__RPC__V1__HELLO__INIT;
    hello.version = 1;
    hello.peer = (char *)(uintptr_t) "raw/1";
    send_message(raw, RPC_FRAME_HELLO, RPC_CALL_ID_CONNECTION, &hello.base, (struct bytes){0});
}

void raw_send_call(
    struct raw_peer *raw, uint32_t number, const char *method, uint64_t remaining_ns, uint32_t ms)
{
    Walkie__Rpc__V1__CallMetadata metadata = WALKIE__RPC__V1__CALL_METADATA__INIT;
    metadata.method = (char *)(uintptr_t)method;
    metadata.remaining_ns = remaining_ns;
    metadata.credit = RPC_CREDIT_DEFAULT;
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    request.ms = ms;
    uint8_t payload[16];
    size_t len = walkie__report__v1__work_request__pack(&request, payload);
    send_message(raw, RPC_FRAME_CALL, RPC_CALL_ID_TOP | number, &metadata.base,
        (struct bytes){payload, len});
}

void raw_send_cancel(struct raw_peer *raw, uint32_t number, enum ctx_cause cause)
{
    Walkie__Rpc__V1__Cancel cancel = WALKIE__RPC__V1__CANCEL__INIT;
    cancel.cause = (uint32_t)cause;
    send_message(raw, RPC_FRAME_CANCEL, RPC_CALL_ID_TOP | number, &cancel.base, (struct bytes){0});
}

/* Until `wanted` bytes are there. */
static bool fill(struct raw_peer *raw, size_t wanted)
{
    if (raw->taken > 0) {
        memmove(raw->input, raw->input + raw->taken, raw->len - raw->taken);
        raw->len -= raw->taken;
        raw->taken = 0;
    }
    while (raw->len < wanted) {
        ssize_t n = recv(raw->fd, raw->input + raw->len, sizeof(raw->input) - raw->len, 0);
        if (n <= 0) {
            return false;
        }
        raw->len += (size_t)n;
    }
    return true;
}

bool raw_read_opening(struct raw_peer *raw, uint16_t *ret_protocol)
{
    if (!fill(raw, RPC_OPENING_LEN) || !rpc_opening_read(raw->input, ret_protocol)) {
        return false;
    }
    raw->taken = RPC_OPENING_LEN;
    return true;
}

bool raw_read(struct raw_peer *raw, struct rpc_frame *ret_frame)
{
    size_t wanted = 1;
    while (fill(raw, wanted)) {
        struct bytes message;
        const char *reason = NULL;
        size_t len = 0;
        switch (
            rpc_message_read((struct bytes){raw->input, raw->len}, raw->is_ipc, &message, &len)) {
        case RPC_MESSAGE_READY:
            raw->taken = len;
            return rpc_frame_parse(message, ret_frame, &reason);
        case RPC_MESSAGE_PARTIAL:
            wanted = len;
            break;
        case RPC_MESSAGE_MALFORMED:
            return false;
        }
    }
    return false;
}

bool raw_read_end(struct raw_peer *raw, uint32_t number, struct rpc_end *ret_end)
{
    struct rpc_frame frame;
    while (raw_read(raw, &frame)) {
        if (frame.type == RPC_FRAME_END && frame.call_id == (RPC_CALL_ID_TOP | number)) {
            return envelope_unpack_end(frame.header, ret_end);
        }
    }
    return false;
}

bool raw_is_closed_by_peer(struct raw_peer *raw)
{
    ssize_t n;
    do {
        n = recv(raw->fd, raw->input, sizeof(raw->input), 0);
    } while (n > 0);
    /* An EOF, or a reset; a timeout is neither. */
    return n == 0 || shutdown(raw->fd, SHUT_WR) != 0;
}
