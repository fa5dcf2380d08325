#include "rpc/envelope.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct envelope_heap_block {
    struct envelope_heap_block *next;
    _Alignas(max_align_t) uint8_t data[];
};

void envelope_memory_init(struct envelope_memory *memory)
{
    memory->used = 0;
    memory->heap_used = 0;
    memory->heap = NULL;
}

void envelope_memory_finish(struct envelope_memory *memory)
{
    struct envelope_heap_block *next;
    for (struct envelope_heap_block *block = memory->heap; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    memory->heap = NULL;
}

static void *memory_alloc(void *arg, size_t size)
{
    struct envelope_memory *memory = arg;
    size_t align = _Alignof(max_align_t);
    size_t start = (memory->used + align - 1) / align * align;
    if (start <= ENVELOPE_BLOCK_LEN && size <= ENVELOPE_BLOCK_LEN - start) {
        memory->used = start + size;
        return memory->block + start;
    }
    /* protobuf-c sizes arrays by what the bytes claim: a small header must not cost much. */
    if (size > ENVELOPE_HEAP_MAX - memory->heap_used) {
        return NULL;
    }
    struct envelope_heap_block *block = malloc(sizeof(*block) + size);
    if (block == NULL) {
        return NULL;
    }
    memory->heap_used += size;
    block->next = memory->heap;
    memory->heap = block;
    return block->data;
}

static void memory_free(void *arg, void *pointer)
{
    (void)arg;
    (void)pointer; /* all together, in envelope_memory_finish */
}

static const void *unpack(struct envelope_memory *memory,
    const ProtobufCMessageDescriptor *descriptor, struct bytes header)
{
    ProtobufCAllocator allocator = {
        .alloc = memory_alloc, .free = memory_free, .allocator_data = memory};
    return protobuf_c_message_unpack(descriptor, &allocator, header.len, header.data);
}

const Walkie__Rpc__V1__Hello *envelope_unpack_hello(
    struct envelope_memory *memory, struct bytes header)
{
    return unpack(memory, &walkie__rpc__v1__hello__descriptor, header);
}

const Walkie__Rpc__V1__CallMetadata *envelope_unpack_call(
    struct envelope_memory *memory, struct bytes header)
{
    return unpack(memory, &walkie__rpc__v1__call_metadata__descriptor, header);
}

const Walkie__Rpc__V1__Progress *envelope_unpack_progress(
    struct envelope_memory *memory, struct bytes header)
{
    return unpack(memory, &walkie__rpc__v1__progress__descriptor, header);
}

const Walkie__Rpc__V1__Credit *envelope_unpack_credit(
    struct envelope_memory *memory, struct bytes header)
{
    return unpack(memory, &walkie__rpc__v1__credit__descriptor, header);
}

const Walkie__Rpc__V1__Cancel *envelope_unpack_cancel(
    struct envelope_memory *memory, struct bytes header)
{
    return unpack(memory, &walkie__rpc__v1__cancel__descriptor, header);
}

const Walkie__Rpc__V1__Ping *envelope_unpack_ping(
    struct envelope_memory *memory, struct bytes header)
{
    return unpack(memory, &walkie__rpc__v1__ping__descriptor, header);
}

const Walkie__Rpc__V1__GoAway *envelope_unpack_goaway(
    struct envelope_memory *memory, struct bytes header)
{
    return unpack(memory, &walkie__rpc__v1__go_away__descriptor, header);
}

const Walkie__Rpc__V1__SpanList *envelope_unpack_span_list(
    struct envelope_memory *memory, struct bytes packed)
{
    return unpack(memory, &walkie__rpc__v1__span_list__descriptor, packed);
}

struct bytes envelope_unpack_reply_spans(struct envelope_memory *memory, struct bytes header)
{
    const Walkie__Rpc__V1__Reply *reply =
        unpack(memory, &walkie__rpc__v1__reply__descriptor, header);
    return reply == NULL ? (struct bytes){NULL, 0}
                         : (struct bytes){reply->spans.data, reply->spans.len};
}

struct bytes envelope_unpack_end_spans(struct envelope_memory *memory, struct bytes header)
{
    const Walkie__Rpc__V1__End *end = unpack(memory, &walkie__rpc__v1__end__descriptor, header);
    return end == NULL ? (struct bytes){NULL, 0} : (struct bytes){end->spans.data, end->spans.len};
}

size_t envelope_pack_tag(uint8_t out[ENVELOPE_TAG_MAX], unsigned int number, size_t len)
{
    size_t at = 0;
    out[at++] = (uint8_t)(number << 3 | 2); /* a field of bytes */
    for (; len >= 128; len >>= 7) {
        out[at++] = (uint8_t)(len | 128);
    }
    out[at++] = (uint8_t)len;
    return at;
}

static enum rpc_outcome outcome_from_wire(unsigned int wire)
{
    return wire <= RPC_OUTCOME_COMMITTED ? (enum rpc_outcome)wire : RPC_OUTCOME_UNKNOWN;
}

void envelope_copy_text(char *to, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    memcpy(to, text, len);
    to[len] = '\0';
}

static void account_read(const Walkie__Rpc__V1__WorkAccount *wire, struct rpc_account *ret_account)
{
    memset(ret_account, 0, sizeof(*ret_account));
    if (wire == NULL) {
        return;
    }
    ret_account->queue_ns = wire->queue_ns;
    ret_account->run_ns = wire->run_ns;
    ret_account->cpu_ns = wire->cpu_ns;
    ret_account->wasted_cpu_ns = wire->wasted_cpu_ns;
    ret_account->stop_latency_ns = wire->stop_latency_ns;
    ret_account->outcome = outcome_from_wire((unsigned int)wire->outcome);
    envelope_copy_text(ret_account->stage, sizeof(ret_account->stage), wire->stage);
}

bool envelope_unpack_reply(struct bytes header, struct rpc_account *ret_account)
{
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__Reply *reply =
        unpack(&memory, &walkie__rpc__v1__reply__descriptor, header);
    if (reply != NULL) {
        account_read(reply->account, ret_account);
    }
    envelope_memory_finish(&memory);
    return reply != NULL;
}

/* The sender's hop as ours: it is one further on. */
static int hop_from_wire(int32_t hop)
{
    int32_t known = hop < -CTX_HOPS_MAX ? -CTX_HOPS_MAX : hop;
    return known < CTX_HOPS_MAX ? known + 1 : CTX_HOPS_MAX;
}

bool envelope_unpack_end(struct bytes header, struct rpc_end *ret_end)
{
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__End *end = unpack(&memory, &walkie__rpc__v1__end__descriptor, header);
    if (end != NULL) {
        ret_end->status = status_from_wire(end->status);
        ret_end->cause = ctx_cause_from_wire(end->cause);
        ret_end->deadline_origin = ctx_origin_from_wire(end->deadline_origin);
        bool has_cause = ret_end->cause != CTX_CAUSE_NONE;
        bool has_deadline = ret_end->deadline_origin != CTX_ORIGIN_NONE;
        ret_end->cause_hop = has_cause ? hop_from_wire(end->cause_hop) : 0;
        ret_end->deadline_hop = has_deadline ? hop_from_wire(end->deadline_hop) : 0;
        ret_end->retry_after_ms = end->retry_after_ms;
        ret_end->is_followed = false;
        envelope_copy_text(ret_end->message, sizeof(ret_end->message), end->message);
        account_read(end->account, &ret_end->account);
    }
    envelope_memory_finish(&memory);
    return end != NULL;
}

size_t envelope_pack(uint8_t out[ENVELOPE_LEN_MAX], const ProtobufCMessage *header)
{
    assert(protobuf_c_message_get_packed_size(header) <= ENVELOPE_LEN_MAX);
    return protobuf_c_message_pack(header, out);
}

size_t envelope_pack_call(uint8_t out[ENVELOPE_CALL_LEN_MAX], Walkie__Rpc__V1__CallMetadata *header,
    const struct rpc_metadata *metadata)
{
    Walkie__Rpc__V1__MetadataEntry entries[RPC_METADATA_ENTRIES_MAX];
    Walkie__Rpc__V1__MetadataEntry *pointers[RPC_METADATA_ENTRIES_MAX];
    size_t n_entries = metadata == NULL ? 0 : metadata->n_entries;
    for (size_t i = 0; i < n_entries; i++) {
        const struct rpc_metadata_entry *entry = &metadata->entries[i];
        walkie__rpc__v1__metadata_entry__init(&entries[i]);
        entries[i].key = (char *)(uintptr_t)entry->key; /* packed, not written to */
        entries[i].value.data = (uint8_t *)(uintptr_t)entry->value.data;
        entries[i].value.len = entry->value.len;
        pointers[i] = &entries[i];
    }
    header->n_metadata = n_entries;
    header->metadata = pointers;
    assert(protobuf_c_message_get_packed_size(&header->base) <= ENVELOPE_CALL_LEN_MAX);
    size_t len = protobuf_c_message_pack(&header->base, out);
    header->n_metadata = 0;
    header->metadata = NULL;
    return len;
}

const char *envelope_read_metadata(const Walkie__Rpc__V1__CallMetadata *header,
    struct rpc_metadata_entry *entries, struct rpc_metadata *ret_metadata)
{
    rpc_metadata_init(ret_metadata, entries, RPC_METADATA_ENTRIES_MAX);
    if (header->n_metadata > RPC_METADATA_ENTRIES_MAX) {
        return "too many entries of metadata";
    }
    for (size_t i = 0; i < header->n_metadata; i++) {
        const Walkie__Rpc__V1__MetadataEntry *entry = header->metadata[i];
        struct bytes value;
        if (rpc_metadata_get(ret_metadata, entry->key, &value)) {
            return "a key of metadata comes twice";
        }
        value = (struct bytes){entry->value.data, entry->value.len};
        enum status status = rpc_metadata_set(ret_metadata, entry->key, value);
        if (status == STATUS_INVALID_ARGUMENT) {
            return value.len > RPC_METADATA_VALUE_MAX
                       ? "a value of metadata is too long"
                       : "a key of metadata is too long, empty, or not lower case";
        }
        if (status != STATUS_OK) {
            return "the metadata is too long";
        }
    }
    return NULL;
}

static void account_write(
    const struct rpc_account *account, char *stage, Walkie__Rpc__V1__WorkAccount *ret_wire)
{
    walkie__rpc__v1__work_account__init(ret_wire);
    ret_wire->queue_ns = account->queue_ns;
    ret_wire->run_ns = account->run_ns;
    ret_wire->cpu_ns = account->cpu_ns;
    ret_wire->wasted_cpu_ns = account->wasted_cpu_ns;
    ret_wire->stop_latency_ns = account->stop_latency_ns;
    ret_wire->outcome = (Walkie__Rpc__V1__Outcome)account->outcome;
    ret_wire->stage = stage;
}

size_t envelope_pack_reply(uint8_t out[ENVELOPE_LEN_MAX], const struct rpc_account *account)
{
    char stage[RPC_STAGE_MAX];
    memcpy(stage, account->stage, sizeof(stage));
    Walkie__Rpc__V1__WorkAccount wire;
    account_write(account, stage, &wire);
    Walkie__Rpc__V1__Reply reply = WALKIE__RPC__V1__REPLY__INIT;
    reply.account = &wire;
    return envelope_pack(out, &reply.base);
}

size_t envelope_pack_end(uint8_t out[ENVELOPE_LEN_MAX], const struct rpc_end *end)
{
    char stage[RPC_STAGE_MAX];
    memcpy(stage, end->account.stage, sizeof(stage));
    char message[ERROR_TEXT_MAX];
    envelope_copy_text(message, sizeof(message), end->message);
    Walkie__Rpc__V1__WorkAccount wire;
    account_write(&end->account, stage, &wire);
    Walkie__Rpc__V1__End header = WALKIE__RPC__V1__END__INIT;
    header.status = (uint32_t)end->status;
    header.cause = (uint32_t)end->cause;
    header.cause_hop = end->cause_hop;
    header.deadline_origin = (uint32_t)end->deadline_origin;
    header.deadline_hop = end->deadline_hop;
    header.retry_after_ms = end->retry_after_ms;
    header.message = message;
    header.account = &wire;
    return envelope_pack(out, &header.base);
}
