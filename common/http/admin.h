/* The admin port of a service: is it alive, is it ready, and pages of its own.
 *
 *     const struct admin_page pages[] = {{"/debug/calls", "application/json", write_calls}};
 *     status = admin_start(&(struct admin_options){.listen = "127.0.0.1:9091", …}, &admin, &error);
 *
 * GET /healthz and GET /readyz are built in. */
#ifndef WALKIE_HTTP_ADMIN_H
#define WALKIE_HTTP_ADMIN_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

struct admin;

/* Rows with the same path are forms of one page: Accept chooses (http/negotiate.h), the first one
 * is for who wants none of them. */
struct admin_page {
    const char *path;
    const char *content_type;
    /* Write the page; anything but OK answers 500. Runs on the admin loop: quick, no waiting. */
    enum status (*write)(void *arg, struct buffer *page);
};

struct admin_options {
    const char *listen;   /* as http_server_options */
    struct http_tls *tls; /* the same */
    /* NULL when the service is ready, else why not: a literal. */
    const char *(*why_not_ready)(void *arg);
    const struct admin_page *pages; /* borrowed until admin_stop */
    size_t n_pages;
    void *arg;
};

enum {
    ADMIN_PAGE_MAX = 8 << 20, /* bytes of the longest page */
    ADMIN_FORMS_MAX = 4,      /* of one page */
};

/* Errors: as http_server_start; the text says --admin. */
MUST_USE enum status admin_start(
    const struct admin_options *options, struct admin **ret_admin, struct error *ret_error);
const char *admin_address(const struct admin *admin);
void admin_stop(struct admin *admin); /* accepts NULL */

#endif
