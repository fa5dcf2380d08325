/* The file of a flight: made by the handler whole, or gathered here from its chunks. Either way it
 * has no name, and goes with the last member that reads it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/temp_file.h"
#include "rpc/server_flight.h"

static enum status write_all(int fd, struct bytes piece)
{
    while (piece.len > 0) {
        ssize_t written = write(fd, piece.data, piece.len);
        if (written < 0 && errno != EINTR) {
            bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
            return is_full ? STATUS_RESOURCE_EXHAUSTED : STATUS_UNAVAILABLE;
        }
        if (written > 0) {
            piece.data += written;
            piece.len -= (size_t)written;
        }
    }
    return STATUS_OK;
}

enum status server_flight_chunk(
    const struct ctx *ctx, struct rpc_server_call *call, struct bytes piece)
{
    struct server_flight *flight = call->flight;
    if (flight->has_file) {
        return STATUS_FAILED_PRECONDITION;
    }
    if (piece.len > RPC_SHARED_FILE_MAX - flight->len) {
        return rpc_call_fail(call, STATUS_RESOURCE_EXHAUSTED,
            "the answer is longer than %llu bytes", (unsigned long long)RPC_SHARED_FILE_MAX);
    }
    if (flight->fd < 0) {
        const char *folder = call->peer->server->options.spool_folder;
        flight->fd = temp_file_open(folder, "walkie-shared");
        if (flight->fd < 0) {
            return rpc_call_fail(call, STATUS_UNAVAILABLE, "no file can be made in %s", folder);
        }
    }
    enum status status = write_all(flight->fd, piece);
    if (status != STATUS_OK) {
        return rpc_call_fail(call, status, "the answer cannot be written to the spool folder");
    }
    flight->len += piece.len;
    return ctx_err(ctx);
}

enum status server_flight_take_file(struct rpc_server_call *call, int fd, uint64_t len)
{
    struct server_flight *flight = call->flight;
    if (!call->has_reply || flight->fd >= 0) {
        close(fd);
        return STATUS_FAILED_PRECONDITION;
    }
    flight->has_file = true;
    flight->fd = fd;
    flight->len = len;
    return STATUS_OK;
}
