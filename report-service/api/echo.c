#include <string.h>

#include "api/service.h"
#include "api/unpack.h"
#include "walkie/report/v1/report.pb-c.h"

enum status service_echo(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)ctx;
    (void)arg;
    static const uint8_t FILLER[ECHO_REPLY_MAX];
    CLEANUP(message_free_at)
    Walkie__Report__V1__EchoRequest *request = REQUEST_OF(call, walkie__report__v1__echo_request);
    if (request == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    if (request->reply_len > ECHO_REPLY_MAX) {
        return rpc_call_fail(call, STATUS_INVALID_ARGUMENT,
            "reply_len %u is above the maximum of %d bytes", request->reply_len, ECHO_REPLY_MAX);
    }
    Walkie__Report__V1__EchoReply reply = WALKIE__REPORT__V1__ECHO_REPLY__INIT;
    reply.payload = request->payload;
    if (request->reply_len > 0) {
        reply.payload.data = (uint8_t *)FILLER; /* packed, never written to */
        reply.payload.len = request->reply_len;
    }
    return rpc_call_reply(call, &reply.base);
}
