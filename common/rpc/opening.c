#include "rpc/opening.h"

#include <string.h>

#include "base/bytes.h"

static const uint8_t SP_MARK[4] = {0, 'S', 'P', 0};

void rpc_opening_write(uint8_t bytes[RPC_OPENING_LEN], uint16_t protocol)
{
    memcpy(bytes, SP_MARK, sizeof(SP_MARK));
    be16_put(bytes + 4, protocol);
    be16_put(bytes + 6, 0);
}

bool rpc_opening_read(const uint8_t bytes[RPC_OPENING_LEN], uint16_t *ret_protocol)
{
    if (memcmp(bytes, SP_MARK, sizeof(SP_MARK)) != 0 || be16_get(bytes + 6) != 0) {
        return false;
    }
    *ret_protocol = be16_get(bytes + 4);
    return true;
}

bool rpc_opening_is_tls(const uint8_t bytes[RPC_OPENING_LEN])
{
    enum { TLS_HANDSHAKE = 22, TLS_MAJOR = 3 };
    return bytes[0] == TLS_HANDSHAKE && bytes[1] == TLS_MAJOR;
}

uint16_t rpc_opening_answer(uint16_t peer_protocol)
{
    if (peer_protocol == RPC_SP_REQ) {
        return RPC_SP_REP;
    }
    return peer_protocol == RPC_SP_CLIENT ? RPC_SP_SERVER : 0;
}
