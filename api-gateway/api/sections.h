/* The list of sections of a report: "0-5,8,A-D" as a bit mask. */
#ifndef WALKIE_GATEWAY_SECTIONS_H
#define WALKIE_GATEWAY_SECTIONS_H

#include <stdint.h>

#include "base/error.h"

/* Appendices A to D have the numbers that follow those of the sections. */
enum { SECTION_APPENDIX_FIRST = 17, SECTION_NUMBER_MAX = 20 };

/* Numbers from 0 to SECTION_NUMBER_MAX or the letters of appendices, and ranges of them, separated
 * by commas. Errors: INVALID_ARGUMENT. */
MUST_USE enum status sections_parse(const char *text, uint32_t *ret_mask, struct error *ret_error);

#endif
