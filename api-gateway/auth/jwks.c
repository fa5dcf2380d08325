#include "auth/jwks.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/claims_json.h"
#include "crypto/secret_file.h"

struct jwks {
    size_t n_keys;
    struct jwks_key keys[JWKS_KEYS_MAX];
};

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(value) ? value->valuestring : NULL;
}

static bool is_word(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

/* Whether the key is one to check our two kinds of signatures with. */
static bool is_ours(const cJSON *json, enum jwt_algorithm *ret_algorithm)
{
    const char *use = text_of(json, "use");
    const char *algorithm = text_of(json, "alg");
    bool is_rsa = is_word(text_of(json, "kty"), "RSA");
    bool is_p256 = is_word(text_of(json, "kty"), "EC") && is_word(text_of(json, "crv"), "P-256");
    if ((!is_rsa && !is_p256) || (use != NULL && strcmp(use, "sig") != 0)) {
        return false;
    }
    *ret_algorithm = is_rsa ? JWT_RS256 : JWT_ES256;
    return algorithm == NULL || strcmp(algorithm, is_rsa ? "RS256" : "ES256") == 0;
}

/* Whether the numbers of a key can be given to cjose. */
static bool has_numbers(const cJSON *json, enum jwt_algorithm algorithm)
{
    static const char *const NAMES[][2] = {[JWT_RS256] = {"n", "e"}, [JWT_ES256] = {"x", "y"}};
    for (size_t i = 0; i < 2; i++) {
        const char *number = text_of(json, NAMES[algorithm][i]);
        if (number == NULL || !claims_is_base64url(bytes_of(number))) {
            return false;
        }
    }
    return true;
}

static enum status import(const cJSON *json, struct jwks_key *key, struct error *ret_error)
{
    if (!has_numbers(json, key->algorithm)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "its numbers are no base64url");
    }
    char *text = cJSON_PrintUnformatted(json);
    if (text == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    cjose_err problem;
    key->key = cjose_jwk_import(text, strlen(text), &problem);
    cJSON_free(text);
    if (key->key == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "its numbers are no key");
    }
    if (key->algorithm == JWT_RS256 &&
        cjose_jwk_get_keysize(key->key, &problem) < JWKS_RSA_BITS_MIN) {
        cjose_jwk_release(key->key);
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "an RSA key of less than %d bits can be broken", JWKS_RSA_BITS_MIN);
    }
    return STATUS_OK;
}

static enum status add_key(struct jwks *jwks, const cJSON *json, struct error *ret_error)
{
    struct jwks_key key = {.kid = ""};
    if (!cJSON_IsObject(json)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "it is no object");
    }
    if (is_word(text_of(json, "kty"), "oct")) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "a symmetric key is in it: whoever can check with it can sign, too");
    }
    if (cJSON_GetObjectItemCaseSensitive(json, "d") != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "a private key is in it; only public ones belong here, and this one has been seen");
    }
    if (!is_ours(json, &key.algorithm)) {
        return STATUS_OK;
    }
    const char *kid = text_of(json, "kid");
    if (kid != NULL && strlen(kid) >= sizeof(key.kid)) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "its kid is longer than %d bytes", JWKS_KID_MAX);
    }
    snprintf(key.kid, sizeof(key.kid), "%s", kid == NULL ? "" : kid);
    for (size_t i = 0; i < jwks->n_keys; i++) {
        if (jwks->keys[i].algorithm == key.algorithm && strcmp(jwks->keys[i].kid, key.kid) == 0) {
            return error_set(
                ret_error, STATUS_INVALID_ARGUMENT, "another key has the same kid, or none either");
        }
    }
    if (jwks->n_keys == JWKS_KEYS_MAX) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "more than %d keys are in the set", JWKS_KEYS_MAX);
    }
    enum status status = import(json, &key, ret_error);
    if (status == STATUS_OK) {
        jwks->keys[jwks->n_keys++] = key;
    }
    return status;
}

static enum status add_keys(struct jwks *jwks, const cJSON *list, struct error *ret_error)
{
    if (!cJSON_IsArray(list)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "not a JSON Web Key Set: {\"keys\": [...]} is wanted");
    }
    unsigned int number = 0;
    const cJSON *json = NULL;
    cJSON_ArrayForEach(json, list)
    {
        enum status status = add_key(jwks, json, ret_error);
        number++;
        if (status != STATUS_OK) {
            error_prefix(ret_error, "key %u", number);
            return status;
        }
    }
    return jwks->n_keys > 0
               ? STATUS_OK
               : error_set(ret_error, STATUS_INVALID_ARGUMENT,
                     "no key for RS256 or ES256 signatures is in it, so that no token could hold");
}

enum status jwks_parse(struct bytes text, struct jwks **ret_jwks, struct error *ret_error)
{
    struct jwks *jwks = calloc(1, sizeof(*jwks));
    if (jwks == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    cJSON *json = text.len == 0 ? NULL : cJSON_ParseWithLength((const char *)text.data, text.len);
    enum status status = add_keys(jwks, cJSON_GetObjectItemCaseSensitive(json, "keys"), ret_error);
    cJSON_Delete(json);
    if (status != STATUS_OK) {
        jwks_free(jwks);
        return status;
    }
    *ret_jwks = jwks;
    return STATUS_OK;
}

enum status jwks_load(const char *path, struct jwks **ret_jwks, struct error *ret_error)
{
    const struct secret_file file = {.kind = "key set",
        .path = path,
        .privacy = SECRET_FILE_PUBLIC,
        .len_max = JWKS_FILE_LEN_MAX,
        .hint = ""};
    CLEANUP(secret_file_finish) struct buffer text = BUFFER_EMPTY(JWKS_FILE_LEN_MAX);
    enum status status = secret_file_read(&file, &text, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    status = jwks_parse(buffer_bytes(&text), ret_jwks, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "key set %s", path);
    }
    return status;
}

void jwks_free(struct jwks *jwks)
{
    if (jwks != NULL) {
        for (size_t i = 0; i < jwks->n_keys; i++) {
            cjose_jwk_release(jwks->keys[i].key);
        }
        free(jwks);
    }
}

size_t jwks_count(const struct jwks *jwks)
{
    return jwks->n_keys;
}

const struct jwks_key *jwks_find(
    const struct jwks *jwks, enum jwt_algorithm algorithm, const char *kid)
{
    const struct jwks_key *found = NULL;
    for (size_t i = 0; i < jwks->n_keys; i++) {
        const struct jwks_key *key = &jwks->keys[i];
        if (key->algorithm != algorithm || (kid != NULL && strcmp(key->kid, kid) != 0)) {
            continue;
        }
        if (found != NULL) {
            return NULL; /* which one is not said */
        }
        found = key;
    }
    return found;
}
