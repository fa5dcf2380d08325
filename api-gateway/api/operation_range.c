#include "api/operation_range.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Up to 18 digits; none: false. */
static bool take_number(const char **at, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t n = strspn(*at, "0123456789");
    if (n == 0 || n > 18) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        number = number * 10 + (uint64_t)((*at)[i] - '0');
    }
    *at += n;
    *ret_number = number;
    return true;
}

enum range_kind operation_range(const char *text, uint64_t bytes, struct file_range *ret_range)
{
    uint64_t first = 0;
    uint64_t last = 0;
    *ret_range = (struct file_range){0, bytes};
    if (text == NULL || strncasecmp(text, "bytes=", 6) != 0) {
        return RANGE_WHOLE;
    }
    const char *at = text + 6;
    bool has_first = take_number(&at, &first);
    if (*at++ != '-') {
        return RANGE_WHOLE;
    }
    bool has_last = take_number(&at, &last);
    if (*at != '\0' || (!has_first && !has_last) || (has_first && has_last && last < first)) {
        return RANGE_WHOLE; /* malformed, or several: it may be ignored */
    }
    if (!has_first) { /* the last ones */
        if (last == 0) {
            return RANGE_UNSATISFIABLE;
        }
        uint64_t len = last < bytes ? last : bytes;
        *ret_range = (struct file_range){bytes - len, len};
        return bytes == 0 ? RANGE_UNSATISFIABLE : RANGE_PART;
    }
    if (first >= bytes) {
        return RANGE_UNSATISFIABLE;
    }
    uint64_t end = has_last && last < bytes - 1 ? last + 1 : bytes;
    *ret_range = (struct file_range){first, end - first};
    return RANGE_PART;
}
