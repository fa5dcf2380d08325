/* cjose checks signatures; what decides whether it is asked is ours, because its 0.6.2 leaks a
 * token whose header has no `alg`, takes every algorithm that it knows, cuts an ES256 signature of
 * any length into halves, and ends the process at base64url that is none. */
#include "auth/jwt.h"

#include <cjose/base64.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth/claims_json.h"

enum { ES256_SIGNATURE_LEN = 86 }; /* 64 bytes in base64url */

struct parts {
    struct bytes header;
    struct bytes claims;
    struct bytes signature;
};

static bool split(struct bytes token, struct parts *ret_parts)
{
    const uint8_t *first = token.len == 0 ? NULL : memchr(token.data, '.', token.len);
    const uint8_t *end = token.data + token.len;
    const uint8_t *second =
        first == NULL ? NULL : memchr(first + 1, '.', (size_t)(end - first - 1));
    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL) {
        return false;
    }
    *ret_parts = (struct parts){
        .header = {token.data, (size_t)(first - token.data)},
        .claims = {first + 1, (size_t)(second - first - 1)},
        .signature = {second + 1, (size_t)(end - second - 1)},
    };
    return claims_is_base64url(ret_parts->header) && claims_is_base64url(ret_parts->claims) &&
           claims_is_base64url(ret_parts->signature);
}

bool jwt_has_shape(struct bytes token)
{
    struct parts parts;
    return split(token, &parts);
}

static enum status refuse(struct error *ret_error, const char *words)
{
    return error_set(ret_error, STATUS_UNAUTHENTICATED, "%s", words);
}

/* --- the header ----------------------------------------------------------------------------- */

static bool is_one_of(const char *text, const char *const words[], size_t n_words)
{
    for (size_t i = 0; i < n_words; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The key that the header names. `typ`, where it is said, keeps tokens of other uses out. */
static enum status choose_key(const struct jwks *jwks, const cJSON *header,
    const struct jwks_key **ret_key, struct error *ret_error)
{
    static const char *const TYPES[] = {"JWT", "at+jwt", "application/jwt", "application/at+jwt"};
    const cJSON *algorithm = cJSON_GetObjectItemCaseSensitive(header, "alg");
    const cJSON *kid = cJSON_GetObjectItemCaseSensitive(header, "kid");
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(header, "typ");
    bool is_rsa = cJSON_IsString(algorithm) && strcmp(algorithm->valuestring, "RS256") == 0;
    bool is_ec = cJSON_IsString(algorithm) && strcmp(algorithm->valuestring, "ES256") == 0;
    if (!is_rsa && !is_ec) {
        return refuse(ret_error, "the token's algorithm is neither RS256 nor ES256");
    }
    if (cJSON_GetObjectItemCaseSensitive(header, "crit") != NULL) {
        return refuse(ret_error, "the token's header asks for something that is not known here");
    }
    if (type != NULL &&
        (!cJSON_IsString(type) || !is_one_of(type->valuestring, TYPES, LENGTH_OF(TYPES)))) {
        return refuse(ret_error, "the token is of another type than JWT");
    }
    if (kid != NULL && !cJSON_IsString(kid)) {
        return refuse(ret_error, "the token's kid is no text");
    }
    *ret_key =
        jwks_find(jwks, is_rsa ? JWT_RS256 : JWT_ES256, kid == NULL ? NULL : kid->valuestring);
    return *ret_key == NULL ? refuse(ret_error, "the token's key is not known here") : STATUS_OK;
}

static enum status read_header(const struct jwks *jwks, struct bytes encoded,
    const struct jwks_key **ret_key, struct error *ret_error)
{
    uint8_t *text = NULL;
    size_t len = 0;
    cjose_err problem;
    if (encoded.len > JWT_HEADER_MAX ||
        !cjose_base64url_decode((const char *)encoded.data, encoded.len, &text, &len, &problem)) {
        return refuse(ret_error, "the token's header is no base64url, or too long");
    }
    cJSON *header = claims_json_parse((struct bytes){text, len}, JWT_HEADER_NAMES_MAX);
    free(text);
    if (header == NULL) {
        return refuse(ret_error, "the token's header is no JSON object of names that differ");
    }
    enum status status = choose_key(jwks, header, ret_key, ret_error);
    cJSON_Delete(header);
    return status;
}

/* --- the signature -------------------------------------------------------------------------- */

/* What cjose took for the algorithm is what it will verify by: ask it, too. */
static bool is_same_algorithm(cjose_jws_t *jws, const struct jwks_key *key)
{
    cjose_err problem;
    const char *algorithm = cjose_header_get(cjose_jws_get_protected(jws), CJOSE_HDR_ALG, &problem);
    return algorithm != NULL &&
           strcmp(algorithm, key->algorithm == JWT_RS256 ? "RS256" : "ES256") == 0;
}

static enum status verify(const struct jwks_key *key, struct bytes token,
    const struct claims_options *options, int64_t now_s, struct claims *ret_claims,
    struct error *ret_error)
{
    cjose_err problem;
    cjose_jws_t *jws = cjose_jws_import((const char *)token.data, token.len, &problem);
    if (jws == NULL) {
        return refuse(ret_error, "the token cannot be read");
    }
    uint8_t *text = NULL;
    size_t len = 0;
    enum status status = STATUS_OK;
    if (!is_same_algorithm(jws, key) || !cjose_jws_verify(jws, key->key, &problem) ||
        !cjose_jws_get_plaintext(jws, &text, &len, &problem)) {
        status = refuse(ret_error, "the token's signature is wrong");
    } else {
        status = claims_read((struct bytes){text, len}, options, now_s, ret_claims, ret_error);
    }
    cjose_jws_release(jws);
    return status;
}

enum status jwt_check(const struct jwks *jwks, struct bytes token,
    const struct claims_options *options, int64_t now_s, struct claims *ret_claims,
    struct error *ret_error)
{
    struct parts parts;
    const struct jwks_key *key = NULL;
    if (!split(token, &parts)) {
        return refuse(ret_error, "the token is not known here");
    }
    enum status status = read_header(jwks, parts.header, &key, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    if (key->algorithm == JWT_ES256 && parts.signature.len != ES256_SIGNATURE_LEN) {
        return refuse(ret_error, "the token's signature is wrong");
    }
    return verify(key, token, options, now_s, ret_claims, ret_error);
}
