/* SHA-256 against the vectors of FIPS 180-4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/sha256.h"

static const char HASH_OF_ABC[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char HASH_OF_NOTHING[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void hash_of_abc_is_the_published_one(void **state)
{
    (void)state;
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    assert_non_null(digest);
    char hex[SHA256_HEX_MAX];
    sha256_update(digest, "abc", 3);
    sha256_finish_hex(digest, hex);
    assert_string_equal(hex, HASH_OF_ABC);
}

static void pieces_give_the_hash_of_the_whole(void **state)
{
    (void)state;
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    assert_non_null(digest);
    char hex[SHA256_HEX_MAX];
    sha256_update(digest, "a", 1);
    sha256_update(digest, NULL, 0);
    sha256_update(digest, "bc", 2);
    sha256_finish_hex(digest, hex);
    assert_string_equal(hex, HASH_OF_ABC);
}

static void a_finished_digest_begins_a_new_message(void **state)
{
    (void)state;
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    assert_non_null(digest);
    char hex[SHA256_HEX_MAX];
    sha256_update(digest, "something else", 14);
    sha256_finish_hex(digest, hex);
    sha256_finish_hex(digest, hex);
    assert_string_equal(hex, HASH_OF_NOTHING);
    sha256_update(digest, "abc", 3);
    sha256_finish_hex(digest, hex);
    assert_string_equal(hex, HASH_OF_ABC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_of_abc_is_the_published_one),
        cmocka_unit_test(pieces_give_the_hash_of_the_whole),
        cmocka_unit_test(a_finished_digest_begins_a_new_message),
    };
    return cmocka_run_group_tests_name("crypto_sha256", tests, NULL, NULL);
}
