/* Out of memory: our allocation 0, 1, 2 … fails until reading descriptors, a request and an answer
 * succeeds. Each time the answer is RESOURCE_EXHAUSTED, in words, and nothing leaks. Linked with
 * -Wl,--wrap, which reaches our code and not cJSON's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/codec.h"
#include "call/raw_message.h"
#include "everything.h"

enum { NEVER = -1, N_ALLOCATIONS_MAX = 1000 };

static int fail_in = NEVER; /* allocations until the one that fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool has_to_fail(void)
{
    return fail_in != NEVER && fail_in-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return has_to_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return has_to_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return has_to_fail() ? NULL : __real_realloc(memory, size);
}

static const char JSON[] =
    "{\"a_string\":\"x\",\"some_bytes\":\"aGVsbG8=\",\"nested\":{\"numbers\":[1,2]},"
    "\"children\":[{},{\"a_bool\":true}],\"counts\":{\"a\":1,\"b\":2}}";

static enum status append(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

/* There and back, as walkie-call does it. */
static enum status go_through(struct buffer *message, struct buffer *text, struct error *error)
{
    CLEANUP(schema_free_at) struct schema *schema = NULL;
    enum status status = schema_read(EVERYTHING_DESCRIPTORS, &schema, error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct schema_type *type = schema_find_type(schema, "walkie.test.v1.Everything");
    status = codec_from_json(type, bytes_of(JSON), message, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct raw_message *raw = NULL;
    status = raw_message_new(buffer_bytes(message), &raw);
    raw_message_free(raw);
    if (status != STATUS_OK) {
        return error_set(error, status, "out of memory");
    }
    static struct json_writer json;
    json_init(&json, append, text);
    status = codec_to_json(type, buffer_bytes(message), &json, error);
    if (status == STATUS_OK) {
        status = json_finish(&json);
    }
    /* The writer's own failure is its function's to put in words. */
    return status == STATUS_OK || json.status == STATUS_OK
               ? status
               : error_set(error, status, "out of memory");
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    int n = 0;
    for (; n < N_ALLOCATIONS_MAX && status == STATUS_RESOURCE_EXHAUSTED; n++) {
        struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
        struct buffer text = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
        struct error error = ERROR_NONE;
        fail_in = n;
        status = go_through(&message, &text, &error);
        fail_in = NEVER;
        if (status != STATUS_OK && error.text[0] == '\0') {
            fail_msg("allocation %d failed without a word", n);
        }
        if (status == STATUS_OK) {
            assert_int_equal(text.len, strlen(JSON));
            assert_memory_equal(text.data, JSON, text.len);
        }
        buffer_finish(&message);
        buffer_finish(&text);
    }
    assert_int_equal(status, STATUS_OK);
    assert_in_range(n, 10, N_ALLOCATIONS_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
