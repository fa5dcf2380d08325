#include "crypto/hmac.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/secret_file.h"

struct hmac_key {
    EVP_MAC *algorithm;
    EVP_MAC_CTX *keyed; /* initialised with the key; never used itself, only copied */
};

struct hmac_key *hmac_key_new(const void *bytes, size_t len)
{
    struct hmac_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        return NULL;
    }
    char digest[] = "SHA2-256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    key->algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    key->keyed = key->algorithm == NULL ? NULL : EVP_MAC_CTX_new(key->algorithm);
    if (key->keyed == NULL || EVP_MAC_init(key->keyed, bytes, len, parameters) != 1) {
        hmac_key_free(key);
        return NULL;
    }
    return key;
}

enum status hmac_key_load(const char *path, struct hmac_key **ret_key, struct error *ret_error)
{
    const struct secret_file file = {.kind = "key file",
        .path = path,
        .privacy = SECRET_FILE_PRIVATE,
        .len_min = HMAC_KEY_FILE_MIN,
        .len_max = HMAC_KEY_FILE_MAX,
        .hint = ", for example from `head -c 32 /dev/urandom`"};
    CLEANUP(secret_file_finish) struct buffer bytes = BUFFER_EMPTY(HMAC_KEY_FILE_MAX);
    enum status status = secret_file_read(&file, &bytes, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    struct hmac_key *key = hmac_key_new(bytes.data, bytes.len);
    if (key == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    *ret_key = key;
    return STATUS_OK;
}

void hmac_key_free(struct hmac_key *key)
{
    if (key == NULL) {
        return;
    }
    EVP_MAC_CTX_free(key->keyed); /* wipes the key */
    EVP_MAC_free(key->algorithm);
    free(key);
}

enum status hmac_sign(const struct hmac_key *key, const struct hmac_part *parts, size_t n_parts,
    uint8_t ret_mac[HMAC_LEN])
{
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(key->keyed);
    bool is_good = context != NULL;
    for (size_t i = 0; i < n_parts && is_good; i++) {
        is_good = parts[i].len == 0 || EVP_MAC_update(context, parts[i].data, parts[i].len) == 1;
    }
    size_t len = 0;
    is_good = is_good && EVP_MAC_final(context, ret_mac, &len, HMAC_LEN) == 1 && len == HMAC_LEN;
    EVP_MAC_CTX_free(context);
    /* OpenSSL fails here only for want of memory. */
    return is_good ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED;
}

bool crypto_equal(const void *one, const void *other, size_t len)
{
    return CRYPTO_memcmp(one, other, len) == 0;
}

void crypto_wipe(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}
