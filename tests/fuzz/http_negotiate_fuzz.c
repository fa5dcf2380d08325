/* Arbitrary Accept headers: an answer within bounds, and the same however the case is written. */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "http/negotiate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const FORMS[] = {"text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8", "text/event-stream"};
    char *text = malloc(len + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, len);
    text[len] = '\0';
    int form = http_negotiate(text, FORMS, LENGTH_OF(FORMS));
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)toupper((unsigned char)text[i]);
    }
    if (form < -1 || form >= (int)LENGTH_OF(FORMS) ||
        http_negotiate(text, FORMS, LENGTH_OF(FORMS)) != form) {
        abort();
    }
    free(text);
    return 0;
}
