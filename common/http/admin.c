#include "http/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/negotiate.h"
#include "http/server.h"

struct admin {
    struct http_server *server;
    struct admin_options options;
};

static void answer_readyz(const struct admin *admin, struct http_exchange *exchange)
{
    const char *why_not = admin->options.why_not_ready(admin->options.arg);
    char text[128];
    snprintf(text, sizeof(text), "%s\n", why_not == NULL ? "ready" : why_not);
    http_respond(exchange, why_not == NULL ? 200 : 503, "text/plain", bytes_of(text));
}

static void answer_page(
    const struct admin *admin, const struct admin_page *page, struct http_exchange *exchange)
{
    CLEANUP(buffer_finish) struct buffer body = BUFFER_EMPTY(ADMIN_PAGE_MAX);
    if (page->write(admin->options.arg, &body) != STATUS_OK) {
        http_respond(exchange, 500, "text/plain", bytes_of("the page cannot be written\n"));
        return;
    }
    http_respond(exchange, 200, page->content_type, buffer_bytes(&body));
}

/* The page with this path, in the form that the client wants; NULL: there is none. A client that
 * wants none of its forms gets the first one: a page is for people, too. */
static const struct admin_page *find_page(
    const struct admin *admin, const char *path, struct http_exchange *exchange)
{
    const struct admin_page *found[ADMIN_FORMS_MAX];
    const char *forms[ADMIN_FORMS_MAX];
    size_t n_forms = 0;
    for (size_t i = 0; i < admin->options.n_pages && n_forms < ADMIN_FORMS_MAX; i++) {
        if (strcmp(admin->options.pages[i].path, path) == 0) {
            found[n_forms] = &admin->options.pages[i];
            forms[n_forms] = found[n_forms]->content_type;
            n_forms++;
        }
    }
    if (n_forms < 2) {
        return n_forms == 0 ? NULL : found[0];
    }
    http_respond_header(exchange, "Vary", "Accept");
    int form = http_negotiate(http_header(exchange, "accept"), forms, n_forms);
    return found[form < 0 ? 0 : form];
}

static void on_request(struct http_exchange *exchange, void *arg)
{
    const struct admin *admin = arg;
    const char *path = http_path(exchange);
    const char *method = http_method(exchange);
    const struct admin_page *page = find_page(admin, path, exchange);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        http_respond_header(exchange, "Allow", "GET, HEAD");
        http_respond(exchange, 405, "text/plain", bytes_of("only GET and HEAD\n"));
    } else if (strcmp(path, "/healthz") == 0) {
        http_respond(exchange, 200, "text/plain", bytes_of("ok\n"));
    } else if (strcmp(path, "/readyz") == 0) {
        answer_readyz(admin, exchange);
    } else if (page != NULL) {
        answer_page(admin, page, exchange);
    } else {
        http_respond(exchange, 404, "text/plain", bytes_of("there is no such page\n"));
    }
}

enum status admin_start(
    const struct admin_options *options, struct admin **ret_admin, struct error *ret_error)
{
    struct admin *admin = calloc(1, sizeof(*admin));
    if (admin == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    admin->options = *options;
    const struct http_server_options server_options = {.listen = options->listen,
        .tls = options->tls,
        .on_request = on_request,
        .arg = admin,
        .standing = HTTP_SECURITY_HEADERS,
        .n_standing = HTTP_SECURITY_HEADERS_COUNT};
    enum status status = http_server_start(&server_options, &admin->server, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--admin");
        free(admin);
        return status;
    }
    *ret_admin = admin;
    return STATUS_OK;
}

const char *admin_address(const struct admin *admin)
{
    return http_server_address(admin->server);
}

void admin_stop(struct admin *admin)
{
    if (admin != NULL) {
        http_server_stop(admin->server);
        free(admin);
    }
}
