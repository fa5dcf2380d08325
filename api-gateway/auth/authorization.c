#include "auth/authorization.h"

#include <string.h>
#include <strings.h>

static bool is_token_character(char character)
{
    bool is_alphanumeric = (character >= '0' && character <= '9') ||
                           (character >= 'A' && character <= 'Z') ||
                           (character >= 'a' && character <= 'z');
    return is_alphanumeric || (character != '\0' && strchr("-._~+/=", character) != NULL);
}

enum authorization authorization_read(const char *header, struct bytes *ret_token)
{
    static const char SCHEME[] = "Bearer";
    if (header == NULL || *header == '\0') {
        return AUTHORIZATION_ABSENT;
    }
    size_t scheme_len = strcspn(header, " ");
    if (scheme_len != sizeof(SCHEME) - 1 || strncasecmp(header, SCHEME, scheme_len) != 0) {
        return AUTHORIZATION_OTHER;
    }
    const char *token = header + scheme_len;
    token += strspn(token, " ");
    size_t len = 0;
    while (len <= AUTHORIZATION_TOKEN_MAX && is_token_character(token[len])) {
        len++;
    }
    if (len == 0 || len > AUTHORIZATION_TOKEN_MAX || token[len] != '\0') {
        return AUTHORIZATION_MALFORMED;
    }
    *ret_token = (struct bytes){(const uint8_t *)token, len};
    return AUTHORIZATION_BEARER;
}
