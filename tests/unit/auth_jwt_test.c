/* JWTs: signatures, key sets, forgeries; and the memory of those that were good. Keys are made here
 * and tokens signed by cjose, forged ones put together by hand. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <cjose/cjose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/jwt.h"
#include "auth/jwt_cache.h"

enum { NOW_S = 1800000000, TOKEN_MAX = 8192 };

#define CLAIMS                                                                                     \
    "{\"iss\":\"idp\",\"aud\":\"walkie\",\"sub\":\"ana\",\"roles\":[\"auditor\"],\"sites\":\"*\"," \
    "\"exp\":1800000600}"

static const struct claims_options OPTIONS = {.issuer = "idp",
    .audience = "walkie",
    .name_claim = "sub",
    .role_claim = "roles",
    .sites_claim = "sites",
    .leeway_s = 30};

static cjose_jwk_t *rsa;
static cjose_jwk_t *other_rsa;
static cjose_jwk_t *ec;
static struct jwks *jwks;
static struct error error;

static void append_public(struct buffer *set, cjose_jwk_t *key, const char *kid)
{
    assert_true(cjose_jwk_set_kid(key, kid, strlen(kid), NULL));
    char *json = cjose_jwk_to_json(key, false, NULL);
    assert_non_null(json);
    assert_int_equal(
        buffer_printf(set, "%s%s", set->data[set->len - 1] == '[' ? "" : ",", json), STATUS_OK);
    free(json);
}

static int set_up_keys(void **state)
{
    (void)state;
    static const uint8_t EXPONENT[] = {1, 0, 1};
    rsa = cjose_jwk_create_RSA_random(2048, EXPONENT, sizeof(EXPONENT), NULL);
    other_rsa = cjose_jwk_create_RSA_random(2048, EXPONENT, sizeof(EXPONENT), NULL);
    ec = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, NULL);
    assert_true(rsa != NULL && other_rsa != NULL && ec != NULL);
    struct buffer set = BUFFER_EMPTY(TOKEN_MAX);
    assert_int_equal(buffer_append_text(&set, "{\"keys\":["), STATUS_OK);
    append_public(&set, rsa, "rsa-1");
    append_public(&set, ec, "ec-1");
    assert_int_equal(buffer_append_text(&set, "]}"), STATUS_OK);
    assert_int_equal(jwks_parse(buffer_bytes(&set), &jwks, &error), STATUS_OK);
    assert_int_equal(jwks_count(jwks), 2);
    buffer_finish(&set);
    return 0;
}

static int tear_down_keys(void **state)
{
    (void)state;
    jwks_free(jwks);
    cjose_jwk_release(rsa);
    cjose_jwk_release(other_rsa);
    cjose_jwk_release(ec);
    return 0;
}

/* `kid` NULL: none. */
static void sign(char token[TOKEN_MAX], cjose_jwk_t *key, const char *algorithm, const char *kid,
    const char *claims)
{
    cjose_header_t *header = cjose_header_new(NULL);
    assert_true(cjose_header_set(header, CJOSE_HDR_ALG, algorithm, NULL));
    assert_true(kid == NULL || cjose_header_set(header, CJOSE_HDR_KID, kid, NULL));
    cjose_jws_t *jws = cjose_jws_sign(key, header, (const uint8_t *)claims, strlen(claims), NULL);
    assert_non_null(jws);
    const char *text = NULL;
    assert_true(cjose_jws_export(jws, &text, NULL));
    snprintf(token, TOKEN_MAX, "%s", text);
    cjose_jws_release(jws);
    cjose_header_release(header);
}

static void append_encoded(char token[TOKEN_MAX], const char *text)
{
    char *encoded = NULL;
    size_t len = 0;
    assert_true(cjose_base64url_encode((const uint8_t *)text, strlen(text), &encoded, &len, NULL));
    size_t at = strlen(token);
    snprintf(token + at, TOKEN_MAX - at, "%s", encoded);
    free(encoded);
}

/* HEADER.CLAIMS.SIGNATURE with a header of our own; the signature is taken from `from`. */
static void forge(char token[TOKEN_MAX], const char *header, const char *claims, const char *from)
{
    token[0] = '\0';
    append_encoded(token, header);
    strcat(token, ".");
    append_encoded(token, claims);
    const char *signature = strrchr(from, '.');
    size_t at = strlen(token);
    snprintf(token + at, TOKEN_MAX - at, "%s", signature);
}

static struct claims claims;

static enum status check_at(const char *token, int64_t now_s)
{
    error = (struct error)ERROR_NONE;
    return jwt_check(jwks, bytes_of(token), &OPTIONS, now_s, &claims, &error);
}

static void refused(const char *token, const char *words)
{
    if (check_at(token, NOW_S) != STATUS_UNAUTHENTICATED || strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" where \"%s\" was expected for %.60s", error.text, words, token);
    }
}

static void a_token_of_either_algorithm_holds(void **state)
{
    (void)state;
    char token[TOKEN_MAX];
    sign(token, rsa, "RS256", "rsa-1", CLAIMS);
    assert_int_equal(check_at(token, NOW_S), STATUS_OK);
    assert_string_equal(claims.name, "ana");
    assert_string_equal(claims.authority, "auditor *");
    sign(token, ec, "ES256", "ec-1", CLAIMS);
    assert_int_equal(check_at(token, NOW_S), STATUS_OK);
    /* Without a kid the only key of its kind is meant. */
    sign(token, ec, "ES256", NULL, CLAIMS);
    assert_int_equal(check_at(token, NOW_S), STATUS_OK);
    assert_int_equal(check_at(token, 1800000700), STATUS_UNAUTHENTICATED);
    assert_string_equal(error.text, "the token has expired");
}

static void an_unsigned_token_is_refused(void **state)
{
    (void)state;
    static const char *const HEADERS[] = {"{\"alg\":\"none\"}", "{\"alg\":\"None\"}",
        "{\"alg\":\"NONE\",\"kid\":\"rsa-1\"}", "{\"alg\":\"\"}", "{}", "{\"alg\":null}",
        "{\"alg\":[\"RS256\"]}", "{\"alg\":\"rs256\"}", "{\"ALG\":\"RS256\"}"};
    char token[TOKEN_MAX];
    for (size_t i = 0; i < LENGTH_OF(HEADERS); i++) {
        forge(token, HEADERS[i], CLAIMS, ".");
        refused(token, "not known here"); /* an empty signature: no token at all */
        forge(token, HEADERS[i], CLAIMS, ".AAAA");
        refused(token, "neither RS256 nor ES256");
    }
}

/* The key set is public: who takes it for an HMAC's secret takes what anybody can sign. */
static void a_public_key_is_no_secret_to_sign_with(void **state)
{
    (void)state;
    char *json = cjose_jwk_to_json(rsa, false, NULL);
    cjose_jwk_t *secret = cjose_jwk_create_oct_spec((const uint8_t *)json, strlen(json), NULL);
    char token[TOKEN_MAX];
    static const char *const ALGORITHMS[] = {"HS256", "HS384", "HS512"};
    for (size_t i = 0; i < LENGTH_OF(ALGORITHMS); i++) {
        sign(token, secret, ALGORITHMS[i], "rsa-1", CLAIMS);
        refused(token, "neither RS256 nor ES256");
    }
    /* The same signature under a header that says RS256. */
    forge(token, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", CLAIMS, token);
    refused(token, "signature is wrong");
    cjose_jwk_release(secret);
    free(json);
}

static void other_algorithms_of_a_good_key_are_refused(void **state)
{
    (void)state;
    static const char *const ALGORITHMS[] = {"RS384", "RS512", "PS256", "PS512"};
    char token[TOKEN_MAX];
    for (size_t i = 0; i < LENGTH_OF(ALGORITHMS); i++) {
        sign(token, rsa, ALGORITHMS[i], "rsa-1", CLAIMS);
        refused(token, "neither RS256 nor ES256");
    }
}

static void a_key_of_another_kind_or_id_is_not_tried(void **state)
{
    (void)state;
    char token[TOKEN_MAX];
    sign(token, rsa, "RS256", "ec-1", CLAIMS);
    refused(token, "key is not known");
    sign(token, rsa, "RS256", "rsa-2", CLAIMS);
    refused(token, "key is not known");
    sign(token, rsa, "RS256", "", CLAIMS);
    refused(token, "key is not known");
    sign(token, other_rsa, "RS256", "rsa-1", CLAIMS);
    refused(token, "signature is wrong");
    sign(token, other_rsa, "RS256", NULL, CLAIMS);
    refused(token, "signature is wrong");
}

static void whatever_is_changed_after_signing_is_noticed(void **state)
{
    (void)state;
    char good[TOKEN_MAX];
    char token[TOKEN_MAX];
    sign(good, rsa, "RS256", "rsa-1", CLAIMS);
    forge(token, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}",
        "{\"iss\":\"idp\",\"aud\":\"walkie\",\"sub\":\"eve\",\"roles\":[\"admin\"],\"sites\":\"*\","
        "\"exp\":1800000600}",
        good);
    refused(token, "signature is wrong");
    size_t len = strlen(good);
    for (size_t i = 1; i < 6; i++) {
        snprintf(token, sizeof(token), "%s", good);
        size_t at = len * i / 6;
        token[at] = token[at] == 'A' ? 'B' : 'A';
        assert_int_equal(check_at(token, NOW_S), STATUS_UNAUTHENTICATED);
    }
    for (size_t cut = 1; cut <= 4; cut++) {
        snprintf(token, sizeof(token), "%.*s", (int)(len - cut), good);
        assert_int_equal(check_at(token, NOW_S), STATUS_UNAUTHENTICATED);
    }
}

/* cjose cuts an ES256 signature in the middle, whatever its length. */
static void a_signature_of_another_length_is_refused(void **state)
{
    (void)state;
    char token[TOKEN_MAX];
    sign(token, ec, "ES256", "ec-1", CLAIMS);
    strcat(token, "AAAA");
    refused(token, "signature is wrong");
    sign(token, ec, "ES256", "ec-1", CLAIMS);
    token[strlen(token) - 4] = '\0';
    refused(token, "signature is wrong");
    forge(token, "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}", CLAIMS, ".AA");
    refused(token, "signature is wrong");
}

static void a_header_that_says_more_than_is_understood_is_refused(void **state)
{
    (void)state;
    char good[TOKEN_MAX];
    char token[TOKEN_MAX];
    sign(good, rsa, "RS256", "rsa-1", CLAIMS);
    static const struct {
        const char *header;
        const char *words;
    } ROWS[] = {
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"crit\":[\"b64\"],\"b64\":false}",
            "not known here"},
        {"{\"alg\":\"RS256\",\"alg\":\"none\"}", "names that differ"},
        {"{\"alg\":\"none\",\"alg\":\"RS256\"}", "names that differ"},
        {"{\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}", "another type"},
        {"{\"alg\":\"RS256\",\"kid\":7}", "kid is no text"},
        {"{\"alg\":\"RS256\\u0000\"}", "names that differ"},
        {"[\"RS256\"]", "no JSON object"},
        {"\"RS256\"", "no JSON object"},
        {"x", "no JSON object"},
    };
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        forge(token, ROWS[i].header, CLAIMS, good);
        refused(token, ROWS[i].words);
    }
    char header[JWT_HEADER_MAX + 64] = "{\"alg\":\"RS256\",\"x\":\"";
    memset(header + strlen(header), 'x', JWT_HEADER_MAX - 64);
    strcat(header, "\"}");
    forge(token, header, CLAIMS, good);
    refused(token, "too long");
}

static void what_has_not_three_parts_is_none(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"", ".", "..", "a.b", "a.b.", ".b.c", "a..c", "a.b.c.d",
        "a.b.c.d.e", "abc", "aa.bb.c", "a=.bb.cc", "aa=a.bbbb.cccc", "aaaa.b=bb.cccc",
        "aaaa.bbbb.=ccc", "aaaa.bb+b.cccc", "aaaa.bbbb.cc/c"};
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        assert_false(jwt_has_shape(bytes_of(TEXTS[i])));
        assert_int_equal(check_at(TEXTS[i], NOW_S), STATUS_UNAUTHENTICATED);
    }
    assert_true(jwt_has_shape(bytes_of("aa.bb.cc")));
}

/* --- key sets ------------------------------------------------------------------------------- */

static void a_set_with_what_must_not_be_in_it_is_refused(void **state)
{
    (void)state;
    char *private_json = cjose_jwk_to_json(rsa, true, NULL);
    char *public_json = cjose_jwk_to_json(rsa, false, NULL);
    static const uint8_t EXPONENT[] = {1, 0, 1};
    cjose_jwk_t *weak = cjose_jwk_create_RSA_random(1024, EXPONENT, sizeof(EXPONENT), NULL);
    char *weak_json = cjose_jwk_to_json(weak, false, NULL);
    char two[TOKEN_MAX];
    snprintf(two, sizeof(two), "%s,%s", public_json, public_json);
    const struct {
        const char *keys;
        const char *words;
    } rows[] = {
        {private_json, "key 1: a private key"},
        {"{\"kty\":\"oct\",\"k\":\"AAAA\"}", "key 1: a symmetric key"},
        {weak_json, "key 1: an RSA key of less than 2048 bits"},
        {two, "key 2: another key has the same kid"},
        {"{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"}", "key 1: its numbers are no base64url"},
        {"{\"kty\":\"RSA\",\"n\":\"A=A=\",\"e\":\"AQAB\"}", "key 1: its numbers are no base64url"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
            "key 1: its numbers are no key"},
        {"{\"kty\":\"RSA\"}", "key 1: its numbers are no base64url"},
        {"7", "key 1: it is no object"},
        {"", "no key for RS256 or ES256"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}", "no key for RS256 or ES256"},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\"}", "no key for RS256 or ES256"},
        {"{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AA\",\"e\":\"AQAB\"}", "no key for RS256"},
    };
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        struct jwks *set = NULL;
        char text[2 * TOKEN_MAX];
        snprintf(text, sizeof(text), "{\"keys\":[%s]}", rows[i].keys);
        assert_int_equal(jwks_parse(bytes_of(text), &set, &error), STATUS_INVALID_ARGUMENT);
        if (strstr(error.text, rows[i].words) == NULL) {
            fail_msg("\"%s\" where \"%s\" was expected", error.text, rows[i].words);
        }
        assert_null(set);
    }
    static const char *const TEXTS[] = {"", "{", "[]", "{}", "{\"keys\":{}}", "{\"keys\":7}"};
    struct jwks *set = NULL;
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        assert_int_equal(jwks_parse(bytes_of(TEXTS[i]), &set, &error), STATUS_INVALID_ARGUMENT);
    }
    cjose_jwk_release(weak);
    free(weak_json);
    free(private_json);
    free(public_json);
}

/* --- the cache ------------------------------------------------------------------------------ */

static void a_token_is_remembered_until_it_expires(void **state)
{
    (void)state;
    struct jwt_cache *cache = jwt_cache_new();
    struct identity *ana = identity_new(IDENTITY_JWT, "ana", "viewer *");
    uint8_t hash[SHA256_LEN] = {7, 1};
    uint8_t other[SHA256_LEN] = {7, 2};
    assert_null(jwt_cache_find(cache, hash, NOW_S));
    jwt_cache_put(cache, hash, ana, NOW_S + 10);
    struct identity *found = jwt_cache_find(cache, hash, NOW_S + 9);
    assert_ptr_equal(found, ana);
    identity_unref(found);
    assert_null(jwt_cache_find(cache, hash, NOW_S + 10));
    assert_null(jwt_cache_find(cache, other, NOW_S));
    identity_unref(ana);
    jwt_cache_free(cache);
    jwt_cache_free(NULL);
}

static void of_tokens_that_share_a_place_the_one_that_expires_first_goes(void **state)
{
    (void)state;
    struct jwt_cache *cache = jwt_cache_new();
    struct identity *ana = identity_new(IDENTITY_JWT, "ana", "viewer *");
    for (int i = 0; i <= JWT_CACHE_WAYS; i++) {
        uint8_t hash[SHA256_LEN] = {7, (uint8_t)i};
        jwt_cache_put(cache, hash, ana, i == 2 ? NOW_S + 1 : NOW_S + 100);
    }
    for (int i = 0; i <= JWT_CACHE_WAYS; i++) {
        uint8_t hash[SHA256_LEN] = {7, (uint8_t)i};
        struct identity *found = jwt_cache_find(cache, hash, NOW_S);
        assert_int_equal(found != NULL, i != 2);
        identity_unref(found);
    }
    identity_unref(ana);
    jwt_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_either_algorithm_holds),
        cmocka_unit_test(an_unsigned_token_is_refused),
        cmocka_unit_test(a_public_key_is_no_secret_to_sign_with),
        cmocka_unit_test(other_algorithms_of_a_good_key_are_refused),
        cmocka_unit_test(a_key_of_another_kind_or_id_is_not_tried),
        cmocka_unit_test(whatever_is_changed_after_signing_is_noticed),
        cmocka_unit_test(a_signature_of_another_length_is_refused),
        cmocka_unit_test(a_header_that_says_more_than_is_understood_is_refused),
        cmocka_unit_test(what_has_not_three_parts_is_none),
        cmocka_unit_test(a_set_with_what_must_not_be_in_it_is_refused),
        cmocka_unit_test(a_token_is_remembered_until_it_expires),
        cmocka_unit_test(of_tokens_that_share_a_place_the_one_that_expires_first_goes),
    };
    return cmocka_run_group_tests(tests, set_up_keys, tear_down_keys);
}
