/* HTTPS as a program's settings have it: --tls-cert and --tls-key (rpc/tls_settings.h has the
 * rows), and these.
 *
 *     HTTP_TLS_SETTINGS("TLS"),                                           in the table
 *     status = http_tls_from_settings(settings, true, &tls, &error);      HTTP as --tls-cert says
 *     options.tls = http_tls_for_admin(settings, tls);
 *
 * Not here: TLS between the services. */
#ifndef WALKIE_HTTP_TLS_SETTINGS_H
#define WALKIE_HTTP_TLS_SETTINGS_H

#include "base/settings.h"
#include "http/tls.h"

#define HTTP_TLS_SETTINGS(heading)                                                                 \
    {.name = "tls-min",                                                                            \
        .kind = SETTING_CHOICE,                                                                    \
        .default_text = "1.2",                                                                     \
        .choices = "1.2|1.3",                                                                      \
        .group = (heading),                                                                        \
        .help = "the oldest version of TLS that HTTPS clients may use"},                           \
    {                                                                                              \
        .name = "admin-tls", .kind = SETTING_BOOLEAN, .group = (heading),                          \
        .help = "serve the admin port as HTTPS, too, with --tls-cert and --tls-key"                \
    }

/* *ret_tls is NULL, and OK comes back, when nothing is to be served as HTTPS. `is_by_certificate`:
 * that --tls-cert is set is a reason; without it, --admin-tls alone is one.
 * Errors: as http_tls_new; INVALID_ARGUMENT when --admin-tls has no certificate. */
MUST_USE enum status http_tls_from_settings(const struct settings *settings, bool is_by_certificate,
    struct http_tls **ret_tls, struct error *ret_error);

/* The same for --check-config, which also says what will hurt soon: nothing is kept. */
MUST_USE enum status http_tls_check_settings(
    const struct settings *settings, bool is_by_certificate, struct error *ret_error);

/* `tls` where the admin port is to be served within TLS, else NULL. */
struct http_tls *http_tls_for_admin(const struct settings *settings, struct http_tls *tls);

/* SIGHUP: reload, and say in the log how that went. */
void http_tls_on_reload(struct http_tls *tls);

#endif
