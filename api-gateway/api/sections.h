/* The list of sections of a report: "0-5,8,10" as a bit mask. */
#ifndef WALKIE_GATEWAY_SECTIONS_H
#define WALKIE_GATEWAY_SECTIONS_H

#include <stdint.h>

#include "base/error.h"

enum { SECTION_NUMBER_MAX = 16 };

/* Numbers and ranges from 0 to SECTION_NUMBER_MAX, separated by commas. Errors: INVALID_ARGUMENT.
 */
MUST_USE enum status sections_parse(const char *text, uint32_t *ret_mask, struct error *ret_error);

#endif
