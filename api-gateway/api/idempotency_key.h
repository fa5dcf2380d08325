/* The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header-07).
 *
 *     char key[IDEMPOTENCY_KEY_MAX];
 *     status = idempotency_key_read(request, key, &error);        "": none came
 */
#ifndef WALKIE_GATEWAY_IDEMPOTENCY_KEY_H
#define WALKIE_GATEWAY_IDEMPOTENCY_KEY_H

#include "api/request.h"

enum {
    IDEMPOTENCY_KEY_LEN_MIN = 16,
    IDEMPOTENCY_KEY_LEN_MAX = 255,
    IDEMPOTENCY_KEY_MAX = 258, /* with the NUL, and room to see that it is too long */
};

/* The draft wants a quoted text; many send it bare. Both are the same key. Errors:
 * INVALID_ARGUMENT. */
MUST_USE enum status idempotency_key_read(
    const struct request *request, char ret_key[IDEMPOTENCY_KEY_MAX], struct error *ret_error);

#endif
