#include "api/idempotency_key.h"

#include <string.h>

enum status idempotency_key_read(
    const struct request *request, char ret_key[IDEMPOTENCY_KEY_MAX], struct error *ret_error)
{
    const char *value = http_header(request->exchange, "idempotency-key");
    if (value == NULL) {
        ret_key[0] = '\0';
        return STATUS_OK;
    }
    size_t len = strlen(value);
    bool is_quoted = len >= 2 && value[0] == '"' && value[len - 1] == '"';
    const char *start = is_quoted ? value + 1 : value;
    len -= is_quoted ? 2 : 0;
    bool is_plain = len >= IDEMPOTENCY_KEY_LEN_MIN && len <= IDEMPOTENCY_KEY_LEN_MAX;
    for (size_t i = 0; i < len; i++) {
        is_plain = is_plain && start[i] >= '!' && start[i] <= '~';
    }
    if (!is_plain) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "Idempotency-Key: 16 to 255 visible ASCII characters are wanted, a UUID for example");
    }
    memcpy(ret_key, start, len);
    ret_key[len] = '\0';
    return STATUS_OK;
}
