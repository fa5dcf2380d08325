/* What a function or a call came to. Functions that can fail in several ways return one.
 *
 *     enum status status = db_open(uri, &database, &error);
 *     if (status != STATUS_OK) {
 *         return status;
 *     }
 *
 * Not here: what exactly went wrong, in words. That is `struct error` (base/error.h). */
#ifndef WALKIE_BASE_STATUS_H
#define WALKIE_BASE_STATUS_H

#include <stdbool.h>

#include "base/status_table.h"

enum status {
#define STATUS_ENUM(name, wire, http, retryable, text) STATUS_##name = wire,
    STATUS_TABLE(STATUS_ENUM)
#undef STATUS_ENUM
};

/* "DEADLINE_EXCEEDED". Static storage; "UNKNOWN" for a number that is no status. */
const char *status_name(enum status status);

/* One short English clause that explains the status. Static storage. */
const char *status_text(enum status status);

/* The HTTP status code that a gateway answers with. */
int status_http_code(enum status status);

/* Whether the same call may succeed later without the caller changing it. */
bool status_is_retryable(enum status status);

/* A number from a peer. Returns STATUS_UNKNOWN for one that this build does not know. */
enum status status_from_wire(unsigned int wire);

#endif
