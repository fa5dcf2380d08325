/* The report service's settings: one table for flags, environment and file (base/settings.h). */
#ifndef WALKIE_SERVICE_CONFIG_H
#define WALKIE_SERVICE_CONFIG_H

#include "base/settings.h"

extern const struct settings_program REPORT_SERVICE_PROGRAM;

/* Whether the values fit each other: an address that is not loopback, faults that are not allowed,
 * files of TLS that are wrong.
 * Errors: INVALID_ARGUMENT in words. */
MUST_USE enum status config_check(const struct settings *settings, struct error *ret_error);

#endif
