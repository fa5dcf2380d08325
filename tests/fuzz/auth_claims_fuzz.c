/* Arbitrary claims and key sets: what is taken is a name and an authority that hold. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/claims.h"
#include "auth/jwks.h"
#include "auth/token_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct claims_options OPTIONS = {.issuer = "idp",
    .audience = "walkie",
    .name_claim = "sub",
    .role_claim = "a.roles",
    .sites_claim = "sites"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct claims claims;
    struct error error = ERROR_NONE;
    const struct bytes text = {data, len};
    enum status status = claims_read(text, &OPTIONS, 1000, &claims, &error);
    if (status == STATUS_OK) {
        struct authority authority;
        if (!authority_parse(bytes_of(claims.authority), &authority) ||
            !token_file_check_name(bytes_of(claims.name)) || claims.expires_s < 1000) {
            abort();
        }
    } else if (error.text[0] == '\0') {
        abort();
    }
    struct jwks *jwks = NULL;
    if (jwks_parse(text, &jwks, NULL) == STATUS_OK && jwks_count(jwks) == 0) {
        abort();
    }
    jwks_free(jwks);
    return 0;
}
