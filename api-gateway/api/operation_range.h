/* The Range header of one file (RFC 9110, 14): one range of bytes; several, or another unit, are as
 * if there were none.
 *
 *     switch (operation_range(text, bytes, &range)) { … 200, 206, 416 … }
 */
#ifndef WALKIE_GATEWAY_OPERATION_RANGE_H
#define WALKIE_GATEWAY_OPERATION_RANGE_H

#include <stdint.h>

struct file_range {
    uint64_t start;
    uint64_t len;
};

enum range_kind { RANGE_WHOLE, RANGE_PART, RANGE_UNSATISFIABLE };

/* `text`: the header's value, NULL: none. The range is the whole file unless RANGE_PART. */
enum range_kind operation_range(const char *text, uint64_t bytes, struct file_range *ret_range);

#endif
