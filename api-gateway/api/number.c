#include <errno.h>
#include <stdlib.h>

#include "api/handlers.h"

enum status number_parse(
    const char *name, const char *text, uint32_t max, uint32_t *ret_value, struct error *ret_error)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    bool is_number = *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
    if (!is_number || value > max) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "parameter %s: \"%.40s\" is no whole number from 0 to %u", name, text, max);
    }
    *ret_value = (uint32_t)value;
    return STATUS_OK;
}
