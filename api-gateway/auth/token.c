#include "auth/token.h"

#include <string.h>

#include "crypto/hmac.h"
#include "crypto/random.h"

static const char PREFIX[] = "wk_";

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool hex_read(const uint8_t *digits, size_t len, uint8_t *ret_bytes)
{
    if (len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < len; i += 2) {
        int high = hex_value(digits[i]);
        int low = hex_value(digits[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret_bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void hex_write(const uint8_t *bytes, size_t len, char *ret_digits)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        ret_digits[2 * i] = DIGITS[bytes[i] >> 4];
        ret_digits[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    ret_digits[2 * len] = '\0';
}

bool token_has_shape(struct bytes token)
{
    uint8_t room[TOKEN_SECRET_LEN / 2];
    bool has_shape = token.len == TOKEN_LEN && memcmp(token.data, PREFIX, TOKEN_ID_AT) == 0 &&
                     hex_read(token.data + TOKEN_ID_AT, TOKEN_ID_LEN, room) &&
                     token.data[TOKEN_SECRET_AT - 1] == '_' &&
                     hex_read(token.data + TOKEN_SECRET_AT, TOKEN_SECRET_LEN, room);
    crypto_wipe(room, sizeof(room));
    return has_shape;
}

bool token_make(char ret_token[TOKEN_TEXT_MAX])
{
    uint8_t random[(TOKEN_ID_LEN + TOKEN_SECRET_LEN) / 2];
    if (!crypto_random(random, sizeof(random))) {
        return false;
    }
    memcpy(ret_token, PREFIX, TOKEN_ID_AT);
    hex_write(random, TOKEN_ID_LEN / 2, ret_token + TOKEN_ID_AT);
    ret_token[TOKEN_SECRET_AT - 1] = '_';
    hex_write(random + TOKEN_ID_LEN / 2, TOKEN_SECRET_LEN / 2, ret_token + TOKEN_SECRET_AT);
    crypto_wipe(random, sizeof(random));
    return true;
}

bool token_hash(struct bytes token, uint8_t ret_hash[SHA256_LEN])
{
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return false;
    }
    sha256_update(digest, token.data, token.len);
    sha256_finish(digest, ret_hash);
    return true;
}
