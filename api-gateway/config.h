/* The gateway's settings: one table for flags, environment and file (base/settings.h). */
#ifndef WALKIE_GATEWAY_CONFIG_H
#define WALKIE_GATEWAY_CONFIG_H

#include "base/settings.h"

extern const struct settings_program API_GATEWAY_PROGRAM;

/* Whether the values fit each other. Errors: INVALID_ARGUMENT in words. */
MUST_USE enum status config_check(const struct settings *settings, struct error *ret_error);

/* Whether clients have to say who they are. */
bool config_has_auth(const struct settings *settings);

#endif
