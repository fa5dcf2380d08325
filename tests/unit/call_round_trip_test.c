/* Whatever protobuf-c packs comes back the same after a way through JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/codec.h"
#include "everything.h"
#include "everything.pb-c.h"

enum { N_MESSAGES = 2000, DEPTH_MAX = 3, LIST_MAX = 4, TEXT_MAX = 12 };

typedef Walkie__Test__V1__Everything everything;

static uint64_t random_state = 88172645463325252U;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state >> (random_state & 63); /* small ones are as frequent as large ones */
}

static size_t random_below(size_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state % n);
}

static void *must_alloc(size_t size)
{
    void *memory = calloc(1, size + 1);
    assert_non_null(memory);
    return memory;
}

static char *random_text(void)
{
    static const char *const PIECES[] = {
        "a", "\"", "\\", "\n", "\x01", "\xe7\x9f\xa5", "\xf0\x9f\x98\x80", "/"};
    char *text = must_alloc((size_t)TEXT_MAX * 4);
    for (size_t n = random_below(TEXT_MAX); n > 0; n--) {
        strcat(text, PIECES[random_below(LENGTH_OF(PIECES))]);
    }
    return text;
}

static ProtobufCBinaryData random_bytes(void)
{
    ProtobufCBinaryData bytes = {random_below(TEXT_MAX), must_alloc(TEXT_MAX)};
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.data[i] = (uint8_t)random_bits();
    }
    return bytes;
}

static double random_double(void)
{
    uint64_t bits = random_bits() * 0x9e3779b97f4a7c15U;
    double number;
    memcpy(&number, &bits, sizeof(number));
    return number == number ? number : 1.0; /* one NaN is not the other */
}

static float random_float(void)
{
    uint32_t bits = (uint32_t)(random_bits() * 0x9e3779b9U);
    float number;
    memcpy(&number, &bits, sizeof(number));
    return number == number ? number : 1.0F;
}

static everything *random_message(unsigned int depth);

static void fill_lists(everything *message, unsigned int depth)
{
    message->n_numbers = random_below(LIST_MAX);
    message->numbers = must_alloc(LIST_MAX * sizeof(*message->numbers));
    message->n_names = random_below(LIST_MAX);
    message->names = must_alloc(LIST_MAX * sizeof(*message->names));
    message->n_doubles = random_below(LIST_MAX);
    message->doubles = must_alloc(LIST_MAX * sizeof(*message->doubles));
    message->n_blobs = random_below(LIST_MAX);
    message->blobs = must_alloc(LIST_MAX * sizeof(*message->blobs));
    message->n_words = random_below(LIST_MAX);
    message->words = must_alloc(LIST_MAX * sizeof(*message->words));
    message->n_zigzags = random_below(LIST_MAX);
    message->zigzags = must_alloc(LIST_MAX * sizeof(*message->zigzags));
    for (size_t i = 0; i < LIST_MAX; i++) {
        message->numbers[i] = (int32_t)random_bits();
        message->doubles[i] = random_double();
        message->words[i] = (uint32_t)random_bits();
        message->zigzags[i] = (int64_t)random_bits();
    }
    for (size_t i = 0; i < message->n_names; i++) {
        message->names[i] = random_text();
    }
    for (size_t i = 0; i < message->n_blobs; i++) {
        message->blobs[i] = random_bytes();
    }
    message->n_children = depth < DEPTH_MAX ? random_below(3) : 0;
    message->children = must_alloc(LIST_MAX * sizeof(*message->children));
    for (size_t i = 0; i < message->n_children; i++) {
        message->children[i] = random_message(depth + 1);
    }
}

static void fill_maps(everything *message, unsigned int depth)
{
    message->n_counts = random_below(LIST_MAX);
    message->counts = must_alloc(LIST_MAX * sizeof(*message->counts));
    for (size_t i = 0; i < message->n_counts; i++) {
        Walkie__Test__V1__Everything__CountsEntry *entry = must_alloc(sizeof(*entry));
        walkie__test__v1__everything__counts_entry__init(entry);
        entry->key = random_text();
        entry->value = (int32_t)random_bits();
        message->counts[i] = entry;
    }
    message->n_by_number = depth < DEPTH_MAX ? random_below(2) : 0;
    message->by_number = must_alloc(LIST_MAX * sizeof(*message->by_number));
    for (size_t i = 0; i < message->n_by_number; i++) {
        Walkie__Test__V1__Everything__ByNumberEntry *entry = must_alloc(sizeof(*entry));
        walkie__test__v1__everything__by_number_entry__init(entry);
        entry->key = (int32_t)random_bits();
        entry->value = random_message(depth + 1);
        message->by_number[i] = entry;
    }
}

static everything *random_message(unsigned int depth)
{
    everything *message = must_alloc(sizeof(*message));
    walkie__test__v1__everything__init(message);
    message->a_double = random_double();
    message->a_float = random_float();
    message->an_int64 = (int64_t)random_bits();
    message->a_uint64 = random_bits();
    message->an_int32 = (int32_t)random_bits();
    message->a_fixed64 = random_bits();
    message->a_fixed32 = (uint32_t)random_bits();
    message->a_bool = random_below(2) == 1;
    message->a_string = random_text();
    message->some_bytes = random_bytes();
    message->a_uint32 = (uint32_t)random_bits();
    message->a_color = (int32_t)random_below(3);
    message->a_sfixed32 = (int32_t)random_bits();
    message->a_sfixed64 = (int64_t)random_bits();
    message->a_sint32 = (int32_t)random_bits();
    message->a_sint64 = (int64_t)random_bits();
    if (depth < DEPTH_MAX && random_below(2) == 0) {
        message->nested = random_message(depth + 1);
    }
    fill_lists(message, depth);
    fill_maps(message, depth);
    if (random_below(2) == 0) {
        message->choice_case = WALKIE__TEST__V1__EVERYTHING__CHOICE_COUNT;
        message->count = (uint32_t)random_below(3);
    }
    return message;
}

static struct bytes pack(const everything *message)
{
    size_t len = walkie__test__v1__everything__get_packed_size(message);
    uint8_t *data = must_alloc(len);
    walkie__test__v1__everything__pack(message, data);
    return (struct bytes){data, len};
}

static enum status collect(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static void check_way_through_json(
    const struct schema_type *type, struct bytes packed, struct json_writer *json)
{
    struct buffer text = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
    struct buffer again = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    struct error error = ERROR_NONE;
    json_init(json, collect, &text);
    json->is_pretty = random_below(2) == 0;
    enum status status = codec_to_json(type, packed, json, &error);
    if (status == STATUS_OK) {
        status = json_finish(json);
    }
    if (status == STATUS_OK) {
        status = codec_from_json(type, buffer_bytes(&text), &again, &error);
    }
    if (status != STATUS_OK) {
        fail_msg("%s\n%.*s", error.text, (int)text.len, (const char *)text.data);
    }
    everything *back = walkie__test__v1__everything__unpack(NULL, again.len, again.data);
    assert_non_null(back);
    struct bytes repacked = pack(back);
    if (repacked.len != packed.len || memcmp(repacked.data, packed.data, packed.len) != 0) {
        fail_msg("another message came back from\n%.*s", (int)text.len, (const char *)text.data);
    }
    free((void *)(uintptr_t)repacked.data);
    walkie__test__v1__everything__free_unpacked(back, NULL);
    buffer_finish(&text);
    buffer_finish(&again);
}

static void every_message_comes_back_from_json(void **state)
{
    (void)state;
    struct schema *schema = NULL;
    assert_int_equal(schema_read(EVERYTHING_DESCRIPTORS, &schema, NULL), STATUS_OK);
    const struct schema_type *type = schema_find_type(schema, "walkie.test.v1.Everything");
    struct json_writer *json = malloc(sizeof(*json));
    assert_non_null(json);
    for (int i = 0; i < N_MESSAGES; i++) {
        everything *message = random_message(0);
        struct bytes packed = pack(message);
        check_way_through_json(type, packed, json);
        free((void *)(uintptr_t)packed.data);
        walkie__test__v1__everything__free_unpacked(message, NULL);
    }
    free(json);
    schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_comes_back_from_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
