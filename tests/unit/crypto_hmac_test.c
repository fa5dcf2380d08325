/* HMAC-SHA256 against the vectors of RFC 4231, in one piece and in several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/hmac.h"

struct vector {
    uint8_t key_byte; /* 0: the text is the key */
    size_t key_len;
    const char *key;
    uint8_t data_byte; /* 0: the text is the data */
    size_t data_len;
    const char *data;
    const char *mac;
    size_t mac_len;
};

/* Cases 1 to 7 of section 4; case 4's key is 01 02 … 19, made in the test; case 5 is cut to 128
 * bits. */
static const struct vector VECTORS[] = {
    {0x0b, 20, NULL, 0, 8, "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 32},
    {0, 4, "Jefe", 0, 28, "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 32},
    {0xaa, 20, NULL, 0xdd, 50, NULL,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", 32},
    {0, 25,
        "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
        "\x17\x18\x19",
        0xcd, 50, NULL, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b", 32},
    {0x0c, 20, NULL, 0, 20, "Test With Truncation", "a3b6167473100ee06e0c796c2955552b", 16},
    {0xaa, 131, NULL, 0, 54, "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", 32},
    {0xaa, 131, NULL, 0, 152,
        "This is a test using a larger than block-size key and a larger than block-size data. The "
        "key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2", 32},
};

static void hex(const uint8_t *bytes, size_t len, char *text)
{
    for (size_t i = 0; i < len; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
}

static const void *expand(uint8_t *room, uint8_t byte, size_t len, const char *text)
{
    if (byte == 0) {
        return text;
    }
    memset(room, byte, len);
    return room;
}

static void the_vectors_of_rfc_4231_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(VECTORS); i++) {
        const struct vector *vector = &VECTORS[i];
        uint8_t key_room[256];
        uint8_t data_room[256];
        const void *secret = expand(key_room, vector->key_byte, vector->key_len, vector->key);
        const uint8_t *data = expand(data_room, vector->data_byte, vector->data_len, vector->data);
        struct hmac_key *key = hmac_key_new(secret, vector->key_len);
        assert_non_null(key);
        uint8_t mac[HMAC_LEN];
        char text[2 * HMAC_LEN + 1];
        for (size_t cut = 0; cut <= vector->data_len; cut += 7) {
            const struct hmac_part parts[] = {
                {data, cut}, {NULL, 0}, {data + cut, vector->data_len - cut}};
            assert_int_equal(hmac_sign(key, parts, LENGTH_OF(parts), mac), STATUS_OK);
            hex(mac, vector->mac_len, text);
            assert_string_equal(text, vector->mac);
        }
        hmac_key_free(key);
    }
}

static void equal_looks_at_every_byte(void **state)
{
    (void)state;
    uint8_t one[HMAC_LEN] = {1, 2, 3};
    uint8_t other[HMAC_LEN] = {1, 2, 3};
    assert_true(crypto_equal(one, other, sizeof(one)));
    for (size_t i = 0; i < sizeof(one); i++) {
        other[i] ^= 0x80;
        assert_false(crypto_equal(one, other, sizeof(one)));
        other[i] ^= 0x80;
    }
    assert_true(crypto_equal(one, other, 0));
}

static void a_wiped_secret_is_gone(void **state)
{
    (void)state;
    uint8_t secret[] = "hush";
    static const uint8_t zeros[sizeof(secret)];
    crypto_wipe(secret, sizeof(secret));
    assert_memory_equal(secret, zeros, sizeof(secret));
    hmac_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4231_come_out),
        cmocka_unit_test(equal_looks_at_every_byte),
        cmocka_unit_test(a_wiped_secret_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
