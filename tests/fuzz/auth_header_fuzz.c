/* Arbitrary Authorization headers, and what is behind Bearer as a JWT: never accepted, for nobody
 * has signed it. And arbitrary authorities. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authorization.h"
#include "auth/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char KEYS[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e\","
                           "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                           "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static const struct claims_options OPTIONS = {.issuer = "idp",
    .audience = "walkie",
    .name_claim = "sub",
    .role_claim = "roles",
    .sites_claim = "sites"};

static void try_jwt(struct bytes token)
{
    static struct jwks *jwks;
    struct claims claims;
    struct error error = ERROR_NONE;
    if (jwks == NULL && jwks_parse(bytes_of(KEYS), &jwks, NULL) != STATUS_OK) {
        abort();
    }
    if (jwt_check(jwks, token, &OPTIONS, 1, &claims, &error) != STATUS_UNAUTHENTICATED ||
        error.text[0] == '\0') {
        abort();
    }
}

static void try_authority(struct bytes text)
{
    struct authority authority;
    if (authority_parse(text, &authority)) {
        bool is_all = authority_covers_all(&authority);
        if (is_all && !authority_covers(&authority, "study", "site")) {
            abort();
        }
        if (authority_covers(&authority, "study", "site") &&
            !authority_may_cover(&authority, "", "site")) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *header = malloc(len + 1);
    if (header == NULL) {
        return 0;
    }
    memcpy(header, data, len);
    header[len] = '\0';
    struct bytes token = {NULL, 0};
    if (authorization_read(header, &token) == AUTHORIZATION_BEARER) {
        if (token.len == 0 || token.len > AUTHORIZATION_TOKEN_MAX) {
            abort();
        }
        try_jwt(token);
    }
    free(header);
    try_authority((struct bytes){data, len});
    return 0;
}
