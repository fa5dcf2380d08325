/* Any bytes as each of the headers; and what is understood as an END must survive being sent on. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void end_survives(struct bytes header)
{
    struct rpc_end end;
    if (!envelope_unpack_end(header, &end)) {
        return;
    }
    uint8_t packed[ENVELOPE_LEN_MAX];
    size_t len = envelope_pack_end(packed, &end);
    struct rpc_end back;
    if (!envelope_unpack_end((struct bytes){packed, len}, &back) || back.status != end.status ||
        back.cause != end.cause || strcmp(back.message, end.message) != 0 ||
        back.account.outcome != end.account.outcome) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes header = {data, size};
    struct envelope_memory memory;
    struct rpc_account account;
    envelope_memory_init(&memory);
    (void)envelope_unpack_hello(&memory, header);
    (void)envelope_unpack_call(&memory, header);
    (void)envelope_unpack_progress(&memory, header);
    (void)envelope_unpack_credit(&memory, header);
    (void)envelope_unpack_cancel(&memory, header);
    (void)envelope_unpack_ping(&memory, header);
    (void)envelope_unpack_goaway(&memory, header);
    (void)envelope_unpack_reply(header, &account);
    envelope_memory_finish(&memory);
    end_survives(header);
    return 0;
}
