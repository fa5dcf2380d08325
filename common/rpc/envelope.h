/* The frames' protobuf headers, packed and unpacked without the heap where that is possible.
 *
 *     struct envelope_memory memory;
 *     envelope_memory_init(&memory);
 *     const Walkie__Rpc__V1__End *end = envelope_unpack_end(&memory, frame->header);
 *     …
 *     envelope_memory_finish(&memory);
 *
 * Unpacked headers live in the memory given, and no longer. NULL means malformed (or out of memory,
 * which for a header of at most 64 KB is treated alike). Headers that we pack are bounded:
 * ENVELOPE_CALL_LEN_MAX holds a CALL's, which may carry metadata, ENVELOPE_LEN_MAX all others. */
#ifndef WALKIE_RPC_ENVELOPE_H
#define WALKIE_RPC_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "rpc/account.h"
#include "rpc/channel.h"
#include "rpc/metadata.h"
#include "walkie/rpc/v1/envelope.pb-c.h"

enum {
    ENVELOPE_LEN_MAX = 1024, /* bytes of a header that we send, but a CALL's */
    ENVELOPE_ENTRY_LEN = 9,  /* bytes that an entry of metadata needs beside its key and value */
    ENVELOPE_CALL_LEN_MAX =
        ENVELOPE_LEN_MAX + RPC_METADATA_LEN_MAX + RPC_METADATA_ENTRIES_MAX * ENVELOPE_ENTRY_LEN,
    ENVELOPE_BLOCK_LEN = 1024,       /* of stack; more comes from the heap */
    ENVELOPE_HEAP_MAX = 1024 * 1024, /* bytes that one header may make us allocate */
    RPC_METHOD_NAME_MAX = 128,       /* bytes, with the NUL */
    RPC_PEER_NAME_MAX = 64,          /* bytes, with the NUL; longer ones are cut */
    CALL_REMAINING_OFFSET = 1,       /* of remaining_ns' eight bytes in a CALL's header */
};

struct envelope_heap_block;
struct envelope_memory {
    size_t used;
    size_t heap_used;
    struct envelope_heap_block *heap;
    _Alignas(max_align_t) uint8_t block[ENVELOPE_BLOCK_LEN];
};

void envelope_memory_init(struct envelope_memory *memory);
void envelope_memory_finish(struct envelope_memory *memory);

const Walkie__Rpc__V1__Hello *envelope_unpack_hello(struct envelope_memory *, struct bytes header);
const Walkie__Rpc__V1__CallMetadata *envelope_unpack_call(
    struct envelope_memory *, struct bytes header);
const Walkie__Rpc__V1__Progress *envelope_unpack_progress(
    struct envelope_memory *, struct bytes header);
const Walkie__Rpc__V1__Credit *envelope_unpack_credit(
    struct envelope_memory *, struct bytes header);
const Walkie__Rpc__V1__Cancel *envelope_unpack_cancel(
    struct envelope_memory *, struct bytes header);
const Walkie__Rpc__V1__Ping *envelope_unpack_ping(struct envelope_memory *, struct bytes header);
const Walkie__Rpc__V1__GoAway *envelope_unpack_goaway(
    struct envelope_memory *, struct bytes header);

/* What span_wire.h packs. */
const Walkie__Rpc__V1__SpanList *envelope_unpack_span_list(
    struct envelope_memory *, struct bytes packed);

/* A REPLY's or END's list of spans, still packed; in `memory`. len 0: none. */
struct bytes envelope_unpack_reply_spans(struct envelope_memory *, struct bytes header);
struct bytes envelope_unpack_end_spans(struct envelope_memory *, struct bytes header);

/* A REPLY's account, and an END whole, as the API shows them. False when malformed. Numbers that
 * this build does not know become their "unknown"; texts are cut to fit. */
MUST_USE bool envelope_unpack_reply(struct bytes header, struct rpc_account *ret_account);
MUST_USE bool envelope_unpack_end(struct bytes header, struct rpc_end *ret_end);

/* Pack into `out`; returns the length. */
size_t envelope_pack_reply(uint8_t out[ENVELOPE_LEN_MAX], const struct rpc_account *account);
size_t envelope_pack_end(uint8_t out[ENVELOPE_LEN_MAX], const struct rpc_end *end);

/* The bytes that go between such a header and a packed list of spans of `len` bytes that follows
 * it: the field's tag and length. `number` is the field's. Returns how many. */
enum { ENVELOPE_REPLY_SPANS = 2, ENVELOPE_END_SPANS = 9, ENVELOPE_TAG_MAX = 6 };
size_t envelope_pack_tag(uint8_t out[ENVELOPE_TAG_MAX], unsigned int number, size_t len);

/* Pack a CALL's header with its metadata (NULL: none); `header` has the rest. */
size_t envelope_pack_call(uint8_t out[ENVELOPE_CALL_LEN_MAX], Walkie__Rpc__V1__CallMetadata *header,
    const struct rpc_metadata *metadata);

/* The metadata of a CALL as it came, checked. `entries` has room for RPC_METADATA_ENTRIES_MAX; keys
 * and values are views into the header. NULL: fine; else a literal that says what is wrong. */
const char *envelope_read_metadata(const Walkie__Rpc__V1__CallMetadata *header,
    struct rpc_metadata_entry *entries, struct rpc_metadata *ret_metadata);

/* Copy a text, cut to `size` bytes with its NUL. */
void envelope_copy_text(char *to, size_t size, const char *text);

/* Pack a header that is known to fit (its texts are bounded by the named maxima). */
size_t envelope_pack(uint8_t out[ENVELOPE_LEN_MAX], const ProtobufCMessage *header);

#endif
