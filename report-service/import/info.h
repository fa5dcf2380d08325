/* `walkie-data info`: what is in a pair of databases, in a few lines.
 *
 *     status = info_print(ctx, edc_uri, ctms_uri, stdout, &error);
 *
 * Not here: judging it. */
#ifndef WALKIE_IMPORT_INFO_H
#define WALKIE_IMPORT_INFO_H

#include <stdio.h>

#include "base/error.h"
#include "ctx/ctx.h"

/* Either uri may be NULL. Errors: those of db_open and schema_check. */
MUST_USE enum status info_print(const struct ctx *ctx, const char *edc_uri, const char *ctms_uri,
    FILE *output, struct error *ret_error);

#endif
