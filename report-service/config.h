/* The report service's settings: one table for flags, environment and file (base/settings.h). */
#ifndef WALKIE_SERVICE_CONFIG_H
#define WALKIE_SERVICE_CONFIG_H

#include "base/settings.h"
#include "rpc/tls.h"

extern const struct settings_program REPORT_SERVICE_PROGRAM;

/* The paths live as long as the settings. */
struct rpc_tls_files config_tls_files(const struct settings *settings);
bool config_has_tls(const struct settings *settings); /* any of them is set */

/* Whether the values fit each other: an address that is not loopback, faults that are not allowed,
 * files of TLS that are wrong.
 * Errors: INVALID_ARGUMENT in words. */
MUST_USE enum status config_check(const struct settings *settings, struct error *ret_error);

#endif
