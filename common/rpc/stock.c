/* Stock REQ clients (nngcat --req, pynng, mangos): unary calls with the same frame in an SP
 * message. They get exactly one message back, REPLY or END. What they send wrongly is answered,
 * since the call's id, which SP itself makes, is known to be right; the connection stays.
 *
 * The rest of what is special about them stands where it happens: no HELLO and no PING
 * (connection_hello.c), no streams, and a request that is sent again joins the one that runs
 * (server_call.c). */
#include "rpc/server_internal.h"

void server_stock_malformed(void *owner, uint32_t call_id, const char *reason)
{
    struct server_connection *peer = owner;
    if (!server_connection_look(peer, call_id, 0).has_call) {
        server_refuse(peer, call_id, (struct refusal){STATUS_INVALID_ARGUMENT, reason}, NULL);
    }
}
