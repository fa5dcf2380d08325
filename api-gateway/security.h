/* What the settings say of who may ask, how much, and what is kept of it, made for the gateway.
 *
 *     status = security_start(settings, &gateway, &error);
 *     security_stop(&gateway);                              when no request is left
 */
#ifndef WALKIE_GATEWAY_SECURITY_H
#define WALKIE_GATEWAY_SECURITY_H

#include "api/gateway.h"
#include "base/settings.h"

/* Whether the files with tokens and keys can be used, and the access log's settings fit. Errors:
 * theirs, in words. */
MUST_USE enum status security_check(const struct settings *settings, struct error *ret_error);

/* Sets authenticator, limits, strangers and access_log, each NULL when it is not wanted, and has
 * SIGHUP read their files again. Errors: the files' in words; what was made is security_stop's
 * either way. */
MUST_USE enum status security_start(
    const struct settings *settings, struct gateway *gateway, struct error *ret_error);
void security_stop(struct gateway *gateway);

#endif
