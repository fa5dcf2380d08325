/* A look at JSON from outside before it is parsed: bounds what a parser will allocate and how deep
 * it will recurse, and holds to the grammar where cJSON is lenient (numbers such as 01, control
 * characters as blanks, NUL in a text). Brackets and commas are left to the parser.
 *
 *     static const struct json_scan_limits LIMITS = {1 << 20, 8, 40000, 40};
 *     if (json_scan(body, &LIMITS) != JSON_SCAN_OK) { refuse }
 *
 * Not here: parsing. */
#ifndef WALKIE_BASE_JSON_SCAN_H
#define WALKIE_BASE_JSON_SCAN_H

#include "base/bytes.h"

struct json_scan_limits {
    size_t len_max;         /* bytes of the whole text */
    unsigned int depth_max; /* arrays and objects within each other */
    size_t values_max;      /* values, all together: what a parser allocates */
    size_t number_text_max; /* a number, as it is written, is shorter */
};

enum json_scan_outcome {
    JSON_SCAN_OK,
    JSON_SCAN_TOO_LONG,
    JSON_SCAN_TOO_DEEP,
    JSON_SCAN_TOO_MANY,
    JSON_SCAN_NOT_JSON, /* also: no UTF-8, a number that is too long */
};

/* Time grows with the length; no memory. Threads: any. */
MUST_USE enum json_scan_outcome json_scan(struct bytes json, const struct json_scan_limits *limits);

#endif
