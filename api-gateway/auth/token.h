/* A bearer token: "wk_" and 8 hex digits that name it, "_", and 64 hex digits that are the secret.
 *
 *     char token[TOKEN_TEXT_MAX];
 *     if (token_make(token)) { token_hash(bytes_of(token), hash); … }
 *
 * The secret is 256 random bits, so a plain SHA-256 of the whole token is what files hold: there is
 * no list of likely tokens to try, and nothing is gained by a slow hash, which a request would have
 * to wait for. The id makes every hash one of its own, as a salt would, and finds the line without
 * comparing secrets. Passwords that people think up do not fit this shape and are refused.
 *
 * Not here: the file (token_file.h). */
#ifndef WALKIE_GATEWAY_AUTH_TOKEN_H
#define WALKIE_GATEWAY_AUTH_TOKEN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "crypto/sha256.h"

enum {
    TOKEN_ID_LEN = 8, /* hex digits */
    TOKEN_ID_AT = 3,  /* behind "wk_" */
    TOKEN_SECRET_AT = TOKEN_ID_AT + TOKEN_ID_LEN + 1,
    TOKEN_SECRET_LEN = 64, /* hex digits */
    TOKEN_LEN = TOKEN_SECRET_AT + TOKEN_SECRET_LEN,
    TOKEN_TEXT_MAX = TOKEN_LEN + 1,
};

/* Whether it looks like one: length, prefix, lower-case hex digits. */
bool token_has_shape(struct bytes token);

/* A new one. False: the system gives no random bytes. Wipe it after use. */
MUST_USE bool token_make(char ret_token[TOKEN_TEXT_MAX]);

/* False: out of memory. */
MUST_USE bool token_hash(struct bytes token, uint8_t ret_hash[SHA256_LEN]);

/* `len` lower-case hex digits into len / 2 bytes. False: something else is among them. */
bool hex_read(const uint8_t *digits, size_t len, uint8_t *ret_bytes);
/* The other way; writes 2 * len digits and a NUL. */
void hex_write(const uint8_t *bytes, size_t len, char *ret_digits);

#endif
