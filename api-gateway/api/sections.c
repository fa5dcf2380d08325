#include "api/sections.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>

static bool take_number(const char **at, uint32_t *ret_number)
{
    int letter = toupper((unsigned char)**at);
    if (letter >= 'A' && letter <= 'A' + SECTION_NUMBER_MAX - SECTION_APPENDIX_FIRST) {
        *ret_number = (uint32_t)(letter - 'A' + SECTION_APPENDIX_FIRST);
        (*at)++;
        return true;
    }
    if (!isdigit((unsigned char)**at)) {
        return false;
    }
    char *end = NULL;
    unsigned long number = strtoul(*at, &end, 10);
    *at = end;
    *ret_number = (uint32_t)number;
    return number <= SECTION_NUMBER_MAX;
}

/* "8", "0-5" or "A-C" */
static bool take_range(const char **at, uint32_t *mask)
{
    uint32_t first = 0;
    if (!take_number(at, &first)) {
        return false;
    }
    uint32_t last = first;
    if (**at == '-') {
        (*at)++;
        if (!take_number(at, &last) || last < first) {
            return false;
        }
    }
    for (uint32_t number = first; number <= last; number++) {
        *mask |= UINT32_C(1) << number;
    }
    return true;
}

enum status sections_parse(const char *text, uint32_t *ret_mask, struct error *ret_error)
{
    uint32_t mask = 0;
    const char *at = text;
    bool is_right = take_range(&at, &mask);
    while (is_right && *at == ',') {
        at++;
        is_right = take_range(&at, &mask);
    }
    if (!is_right || *at != '\0') {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "parameter sections: \"%.64s\" is no list of numbers from 0 to %d, letters A to D and "
            "ranges, such as 0-5,8,A-C",
            text, SECTION_NUMBER_MAX);
    }
    *ret_mask = mask;
    return STATUS_OK;
}
