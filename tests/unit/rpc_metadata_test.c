/* Call metadata: its bounds, and its way into a CALL's header and out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "rpc/envelope.h"
#include "rpc/metadata.h"

struct room {
    struct rpc_metadata_entry entries[RPC_METADATA_ENTRIES_MAX];
    struct rpc_metadata metadata;
};

static void room_init(struct room *room)
{
    rpc_metadata_init(&room->metadata, room->entries, RPC_METADATA_ENTRIES_MAX);
}

static struct bytes zeros(size_t len)
{
    static const uint8_t bytes[RPC_METADATA_VALUE_MAX + 1];
    assert_true(len <= sizeof(bytes));
    return (struct bytes){bytes, len};
}

static void what_was_set_is_found_and_can_be_replaced(void **state)
{
    (void)state;
    struct room room;
    room_init(&room);
    struct bytes value = {NULL, 0};
    assert_false(rpc_metadata_get(&room.metadata, "principal", &value));
    assert_int_equal(rpc_metadata_set(&room.metadata, "principal", bytes_of("ann")), STATUS_OK);
    assert_int_equal(rpc_metadata_set(&room.metadata, "x-1._", bytes_of("")), STATUS_OK);
    assert_int_equal(rpc_metadata_set(&room.metadata, "principal", bytes_of("bertha")), STATUS_OK);
    assert_int_equal(room.metadata.n_entries, 2);
    assert_int_equal(room.metadata.len, strlen("principal"
                                               "bertha"
                                               "x-1._"));
    assert_true(rpc_metadata_get(&room.metadata, "principal", &value));
    assert_int_equal(value.len, strlen("bertha"));
    assert_memory_equal(value.data, "bertha", value.len);
    assert_false(rpc_metadata_get(NULL, "principal", &value));
}

static void keys_are_lower_case_tokens(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "Principal", "a b", "a:b", "a\n", "\xc3\xa4", "a\"", "a,b", "a/b"};
    struct room room;
    room_init(&room);
    for (size_t i = 0; i < LENGTH_OF(bad); i++) {
        assert_int_equal(
            rpc_metadata_set(&room.metadata, bad[i], zeros(1)), STATUS_INVALID_ARGUMENT);
    }
    char key[RPC_METADATA_KEY_MAX + 2];
    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    assert_int_equal(rpc_metadata_set(&room.metadata, key, zeros(1)), STATUS_INVALID_ARGUMENT);
    assert_int_equal(room.metadata.n_entries, 0);
    assert_int_equal(rpc_metadata_set(&room.metadata, key + 1, zeros(1)), STATUS_OK);
}

static void entries_values_and_the_whole_are_bounded(void **state)
{
    (void)state;
    struct room room;
    room_init(&room);
    enum status status = rpc_metadata_set(&room.metadata, "k", zeros(RPC_METADATA_VALUE_MAX + 1));
    assert_int_equal(status, STATUS_INVALID_ARGUMENT);

    char keys[RPC_METADATA_ENTRIES_MAX + 1][8];
    for (int i = 0; i <= RPC_METADATA_ENTRIES_MAX; i++) {
        snprintf(keys[i], sizeof(keys[i]), "k%d", i);
        status = rpc_metadata_set(&room.metadata, keys[i], zeros(1));
        assert_int_equal(
            status, i < RPC_METADATA_ENTRIES_MAX ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED);
    }
    /* Eight long values are one byte of a key too many. */
    int n_long = 0;
    while (rpc_metadata_set(&room.metadata, keys[n_long], zeros(RPC_METADATA_VALUE_MAX)) ==
           STATUS_OK) {
        n_long++;
    }
    assert_int_equal(n_long, RPC_METADATA_LEN_MAX / RPC_METADATA_VALUE_MAX - 1);
    assert_true(room.metadata.len <= RPC_METADATA_LEN_MAX);

    struct rpc_metadata_entry one[1];
    struct rpc_metadata small;
    rpc_metadata_init(&small, one, LENGTH_OF(one));
    assert_int_equal(rpc_metadata_set(&small, "a", zeros(1)), STATUS_OK);
    assert_int_equal(rpc_metadata_set(&small, "b", zeros(1)), STATUS_RESOURCE_EXHAUSTED);
}

static void a_context_carries_it(void **state)
{
    (void)state;
    struct room room;
    room_init(&room);
    assert_null(rpc_metadata_of(ctx_background()));
    CTX_SCOPE(scope, ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &room.metadata));
    CTX_SCOPE(child, ctx_with_cancel(scope->ctx));
    assert_ptr_equal(rpc_metadata_of(child->ctx), &room.metadata);
}

static void a_copy_stands_alone(void **state)
{
    (void)state;
    struct room room;
    room_init(&room);
    char key[] = "key";
    uint8_t value[] = {1, 0, 2};
    assert_int_equal(
        rpc_metadata_set(&room.metadata, key, (struct bytes){value, sizeof(value)}), STATUS_OK);
    assert_int_equal(rpc_metadata_set(&room.metadata, "empty", zeros(0)), STATUS_OK);
    struct rpc_metadata copy;
    struct rpc_metadata_entry *entries = NULL;
    assert_int_equal(rpc_metadata_copy(&room.metadata, &copy, &entries), STATUS_OK);
    memset(key, 'x', sizeof(key) - 1);
    memset(value, 9, sizeof(value));
    struct bytes found = {NULL, 0};
    assert_true(rpc_metadata_get(&copy, "key", &found));
    static const uint8_t expected[] = {1, 0, 2};
    assert_int_equal(found.len, sizeof(expected));
    assert_memory_equal(found.data, expected, sizeof(expected));
    assert_true(rpc_metadata_get(&copy, "empty", &found));
    assert_int_equal(found.len, 0);
    free(entries);

    room_init(&room);
    assert_int_equal(rpc_metadata_copy(&room.metadata, &copy, &entries), STATUS_OK);
    assert_null(entries);
}

/* --- on the wire ---------------------------------------------------------------------------- */

static void call_header(Walkie__Rpc__V1__CallMetadata *header, char *method, uint8_t *ids)
{
    walkie__rpc__v1__call_metadata__init(header);
    memset(method, 'm', RPC_METHOD_NAME_MAX - 1);
    method[RPC_METHOD_NAME_MAX - 1] = '\0';
    header->remaining_ns = UINT64_MAX;
    header->method = method;
    header->trace_id = (ProtobufCBinaryData){16, ids};
    header->span_id = (ProtobufCBinaryData){8, ids};
    header->deadline_origin = header->deadline_hop = header->attempt = UINT32_MAX;
    header->credit = UINT32_MAX;
}

static void the_longest_metadata_fits_and_survives_the_wire(void **state)
{
    (void)state;
    struct room room;
    room_init(&room);
    char keys[RPC_METADATA_ENTRIES_MAX][RPC_METADATA_KEY_MAX + 1];
    const size_t value_len = RPC_METADATA_LEN_MAX / RPC_METADATA_ENTRIES_MAX - RPC_METADATA_KEY_MAX;
    for (int i = 0; i < RPC_METADATA_ENTRIES_MAX; i++) {
        memset(keys[i], 'a' + i, RPC_METADATA_KEY_MAX);
        keys[i][RPC_METADATA_KEY_MAX] = '\0';
        assert_int_equal(rpc_metadata_set(&room.metadata, keys[i], zeros(value_len)), STATUS_OK);
    }
    assert_int_equal(room.metadata.len, RPC_METADATA_LEN_MAX);

    Walkie__Rpc__V1__CallMetadata header;
    char method[RPC_METHOD_NAME_MAX];
    uint8_t ids[16] = {1};
    call_header(&header, method, ids);
    uint8_t packed[ENVELOPE_CALL_LEN_MAX];
    size_t len = envelope_pack_call(packed, &header, &room.metadata);
    assert_true(len <= sizeof(packed));
    assert_int_equal(header.n_metadata, 0); /* nothing of ours stays in it */

    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__CallMetadata *back =
        envelope_unpack_call(&memory, (struct bytes){packed, len});
    assert_non_null(back);
    struct room read;
    assert_null(envelope_read_metadata(back, read.entries, &read.metadata));
    assert_int_equal(read.metadata.n_entries, RPC_METADATA_ENTRIES_MAX);
    struct bytes value = {NULL, 0};
    for (int i = 0; i < RPC_METADATA_ENTRIES_MAX; i++) {
        assert_true(rpc_metadata_get(&read.metadata, keys[i], &value));
        assert_int_equal(value.len, value_len);
    }
    envelope_memory_finish(&memory);
}

static void without_metadata_a_header_is_what_it_was(void **state)
{
    (void)state;
    Walkie__Rpc__V1__CallMetadata header;
    char method[RPC_METHOD_NAME_MAX];
    uint8_t ids[16] = {1};
    call_header(&header, method, ids);
    uint8_t with[ENVELOPE_CALL_LEN_MAX];
    uint8_t without[ENVELOPE_LEN_MAX];
    size_t len = envelope_pack_call(with, &header, NULL);
    assert_int_equal(envelope_pack(without, &header.base), len);
    assert_memory_equal(with, without, len);
}

static const char *read_entries(Walkie__Rpc__V1__MetadataEntry *entries, size_t n_entries)
{
    Walkie__Rpc__V1__MetadataEntry *pointers[RPC_METADATA_ENTRIES_MAX + 1];
    Walkie__Rpc__V1__CallMetadata header = WALKIE__RPC__V1__CALL_METADATA__INIT;
    for (size_t i = 0; i < n_entries; i++) {
        pointers[i] = &entries[i];
    }
    header.n_metadata = n_entries;
    header.metadata = pointers;
    struct room room;
    return envelope_read_metadata(&header, room.entries, &room.metadata);
}

static void what_a_peer_must_not_send_is_named(void **state)
{
    (void)state;
    static uint8_t value[RPC_METADATA_VALUE_MAX + 1];
    char keys[RPC_METADATA_ENTRIES_MAX + 1][8];
    Walkie__Rpc__V1__MetadataEntry entries[RPC_METADATA_ENTRIES_MAX + 1];
    for (int i = 0; i <= RPC_METADATA_ENTRIES_MAX; i++) {
        snprintf(keys[i], sizeof(keys[i]), "k%d", i);
        walkie__rpc__v1__metadata_entry__init(&entries[i]);
        entries[i].key = keys[i];
    }
    assert_null(read_entries(entries, RPC_METADATA_ENTRIES_MAX));
    assert_string_equal(read_entries(entries, LENGTH_OF(entries)), "too many entries of metadata");
    entries[1].key = keys[0];
    assert_string_equal(read_entries(entries, 2), "a key of metadata comes twice");
    entries[0].key = (char *)(uintptr_t) "Upper";
    assert_string_equal(
        read_entries(entries, 1), "a key of metadata is too long, empty, or not lower case");
    entries[0].key = keys[2];
    entries[0].value = (ProtobufCBinaryData){sizeof(value), value};
    assert_string_equal(read_entries(entries, 1), "a value of metadata is too long");
    entries[1].key = keys[1];
    for (int i = 0; i < RPC_METADATA_ENTRIES_MAX; i++) {
        entries[i].key = keys[i];
        entries[i].value = (ProtobufCBinaryData){RPC_METADATA_VALUE_MAX, value};
    }
    assert_string_equal(
        read_entries(entries, RPC_METADATA_ENTRIES_MAX), "the metadata is too long");
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_set_is_found_and_can_be_replaced),
        cmocka_unit_test(keys_are_lower_case_tokens),
        cmocka_unit_test(entries_values_and_the_whole_are_bounded),
        cmocka_unit_test_teardown(a_context_carries_it, check_leaks),
        cmocka_unit_test(a_copy_stands_alone),
        cmocka_unit_test(the_longest_metadata_fits_and_survives_the_wire),
        cmocka_unit_test(without_metadata_a_header_is_what_it_was),
        cmocka_unit_test(what_a_peer_must_not_send_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
