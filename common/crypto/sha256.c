#include "crypto/sha256.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/evp.h>

struct sha256 {
    EVP_MD_CTX *state;
    EVP_MD *algorithm; /* fetched once: a fetch a message costs more than a short message */
};

/* OpenSSL fails here only when it is broken or out of memory; a wrong hash must not come of it. */
static void must(int result)
{
    if (result != 1) {
        abort();
    }
}

struct sha256 *sha256_new(void)
{
    struct sha256 *digest = calloc(1, sizeof(*digest));
    if (digest == NULL) {
        return NULL;
    }
    digest->state = EVP_MD_CTX_new();
    digest->algorithm = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    if (digest->state == NULL || digest->algorithm == NULL ||
        EVP_DigestInit_ex2(digest->state, digest->algorithm, NULL) != 1) {
        sha256_free(digest);
        return NULL;
    }
    return digest;
}

void sha256_free(struct sha256 *digest)
{
    if (digest == NULL) {
        return;
    }
    EVP_MD_CTX_free(digest->state);
    EVP_MD_free(digest->algorithm);
    free(digest);
}

void sha256_free_at(struct sha256 **digest)
{
    sha256_free(*digest);
}

void sha256_update(struct sha256 *digest, const void *data, size_t len)
{
    if (len > 0) {
        must(EVP_DigestUpdate(digest->state, data, len));
    }
}

void sha256_finish(struct sha256 *digest, uint8_t ret_hash[SHA256_LEN])
{
    unsigned int len = 0;
    must(EVP_DigestFinal_ex(digest->state, ret_hash, &len));
    assert(len == SHA256_LEN);
    must(EVP_DigestInit_ex2(digest->state, digest->algorithm, NULL));
}

void sha256_hex(const uint8_t hash[SHA256_LEN], char ret_hex[SHA256_HEX_MAX])
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_LEN; i++) {
        ret_hex[2 * i] = DIGITS[hash[i] >> 4];
        ret_hex[2 * i + 1] = DIGITS[hash[i] & 0x0F];
    }
    ret_hex[2 * (size_t)SHA256_LEN] = '\0';
}

void sha256_finish_hex(struct sha256 *digest, char ret_hex[SHA256_HEX_MAX])
{
    uint8_t hash[SHA256_LEN];
    sha256_finish(digest, hash);
    sha256_hex(hash, ret_hex);
}
