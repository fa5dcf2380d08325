/* Which method a word means, and a message of bytes that packs to the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/exit_code.h"
#include "call/raw_message.h"
#include "call/service_view.h"
#include "everything.h"

static Walkie__Rpc__V1__Method method_of(const char *name)
{
    Walkie__Rpc__V1__Method method = WALKIE__RPC__V1__METHOD__INIT;
    method.name = (char *)(uintptr_t)name; /* read only */
    return method;
}

/* Find the word among walkie.test.v1.Test/Repeat, other.v1.Test/Repeat and other.v1.Test/Stop, of
 * which the descriptors have the first alone. */
static enum status find(const char *word, struct service_method *method, struct error *error)
{
    Walkie__Rpc__V1__Method methods[] = {method_of("walkie.test.v1.Test/Repeat"),
        method_of("other.v1.Test/Repeat"), method_of("other.v1.Test/Stop")};
    Walkie__Rpc__V1__Method *pointers[] = {&methods[0], &methods[1], &methods[2]};
    Walkie__Rpc__V1__DescribeReply reply = WALKIE__RPC__V1__DESCRIBE_REPLY__INIT;
    static char server[] = "test-service";
    reply.server = server;
    reply.methods = pointers;
    reply.n_methods = LENGTH_OF(pointers);
    struct service_view view = {.reply = &reply};
    assert_int_equal(schema_read(EVERYTHING_DESCRIPTORS, &view.schema, NULL), STATUS_OK);
    enum status status = service_view_find(&view, word, method, error);
    if (status == STATUS_OK) {
        assert_string_equal(method->messages->input_name, "walkie.test.v1.Everything");
    }
    schema_free(view.schema);
    return status;
}

static void expect_refused(const char *word, enum status status, const char *words)
{
    struct service_method method;
    struct error error = ERROR_NONE;
    assert_int_equal(find(word, &method, &error), status);
    assert_string_equal(error.text, words);
}

static void a_method_is_found_by_any_end_of_its_name_that_only_it_has(void **state)
{
    (void)state;
    struct service_method method;
    assert_int_equal(find("walkie.test.v1.Test/Repeat", &method, NULL), STATUS_OK);
    assert_int_equal(find("test.v1.Test/Repeat", &method, NULL), STATUS_OK);
}

static void an_end_that_several_have_is_refused_with_their_names(void **state)
{
    (void)state;
    expect_refused("Repeat", STATUS_INVALID_ARGUMENT,
        "\"Repeat\" is walkie.test.v1.Test/Repeat and other.v1.Test/Repeat; write more of the "
        "name");
    expect_refused("v1.Test/Repeat", STATUS_INVALID_ARGUMENT,
        "\"v1.Test/Repeat\" is walkie.test.v1.Test/Repeat and other.v1.Test/Repeat; write more of "
        "the name");
}

static void what_is_no_end_of_a_name_is_refused_with_the_nearest(void **state)
{
    (void)state;
    expect_refused("Stopp", STATUS_INVALID_ARGUMENT,
        "test-service has no method \"Stopp\"; did you mean Stop?");
    expect_refused("epeat", STATUS_INVALID_ARGUMENT,
        "test-service has no method \"epeat\"; did you mean Repeat?");
    expect_refused(
        "", STATUS_INVALID_ARGUMENT, "test-service has no method \"\"; --list shows those it has");
}

static void a_method_without_its_messages_cannot_be_called(void **state)
{
    (void)state;
    expect_refused("Stop", STATUS_DATA_LOSS,
        "the service's descriptors do not have other.v1.Test/Stop; it cannot be called without "
        "them");
}

static void a_raw_message_packs_to_its_own_bytes(void **state)
{
    (void)state;
    static const uint8_t BYTES[] = {0x08, 0x96, 0x01, 0x12, 0x03, 'a', 'b', 'c', 0x1d, 1, 2, 3, 4,
        0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0xaa, 0x06, 0x00, 0x08, 0x01};
    struct raw_message *raw = NULL;
    assert_int_equal(raw_message_new((struct bytes){BYTES, sizeof(BYTES)}, &raw), STATUS_OK);
    const ProtobufCMessage *base = raw_message_base(raw);
    assert_int_equal(protobuf_c_message_get_packed_size(base), sizeof(BYTES));
    uint8_t packed[sizeof(BYTES)];
    assert_int_equal(protobuf_c_message_pack(base, packed), sizeof(BYTES));
    assert_memory_equal(packed, BYTES, sizeof(BYTES));
    raw_message_free(raw);
}

static void bytes_that_are_no_message_become_none(void **state)
{
    (void)state;
    static const uint8_t BYTES[] = {0x12, 0x03, 'a'};
    struct raw_message *raw = NULL;
    assert_int_equal(raw_message_new((struct bytes){BYTES, sizeof(BYTES)}, &raw), STATUS_DATA_LOSS);
    assert_null(raw);
}

static void exit_codes_are_the_documented_ones(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of_call(STATUS_OK), 0);
    assert_int_equal(exit_code_of_call(STATUS_NOT_FOUND), 1);
    assert_int_equal(exit_code_of_call(STATUS_CANCELLED), 1);
    assert_int_equal(exit_code_of_call(STATUS_INTERNAL), 1);
    assert_int_equal(exit_code_of_call(STATUS_UNAVAILABLE), 69);
    assert_int_equal(exit_code_of_call(STATUS_DEADLINE_EXCEEDED), 124);
    assert_int_equal(exit_code_of_failure(STATUS_INVALID_ARGUMENT), 2);
    assert_int_equal(exit_code_of_failure(STATUS_DATA_LOSS), 70);
    assert_int_equal(exit_code_of_failure(STATUS_UNAVAILABLE), 69);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_method_is_found_by_any_end_of_its_name_that_only_it_has),
        cmocka_unit_test(an_end_that_several_have_is_refused_with_their_names),
        cmocka_unit_test(what_is_no_end_of_a_name_is_refused_with_the_nearest),
        cmocka_unit_test(a_method_without_its_messages_cannot_be_called),
        cmocka_unit_test(a_raw_message_packs_to_its_own_bytes),
        cmocka_unit_test(bytes_that_are_no_message_become_none),
        cmocka_unit_test(exit_codes_are_the_documented_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
