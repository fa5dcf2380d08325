#include "http/standing.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "http/internal.h"

const struct http_standing HTTP_SECURITY_HEADERS[] = {
    {"X-Content-Type-Options", "nosniff", false},
    {"Referrer-Policy", "no-referrer", false},
    {"X-Frame-Options", "DENY", false},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'", false},
    {"Cross-Origin-Resource-Policy", "same-origin", false},
    {"Cross-Origin-Opener-Policy", "same-origin", false},
    {"Cache-Control", "no-store", false},
    {"Strict-Transport-Security", "max-age=31536000", true},
};
const size_t HTTP_SECURITY_HEADERS_COUNT = LENGTH_OF(HTTP_SECURITY_HEADERS);

static bool is_left_out(const struct http_server_options *options, size_t i, uint32_t replaced)
{
    return (options->standing[i].needs_tls && options->tls == NULL) ||
           (replaced & UINT32_C(1) << i) != 0;
}

static enum status join(
    const struct http_server_options *options, uint32_t replaced, struct buffer *out)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < options->n_standing && status == STATUS_OK; i++) {
        if (!is_left_out(options, i, replaced)) {
            status = buffer_printf(
                out, "%s: %s\r\n", options->standing[i].name, options->standing[i].value);
        }
    }
    return status;
}

enum status http_standing_init(struct http_server *server)
{
    assert(server->options.n_standing <= HTTP_STANDING_MAX);
    server->standing = (struct buffer)BUFFER_EMPTY(HTTP_RESPONSE_HEADER_MAX);
    return join(&server->options, 0, &server->standing);
}

void http_standing_replaced(
    const struct http_server *server, const char *name, uint32_t *ret_replaced)
{
    for (size_t i = 0; i < server->options.n_standing; i++) {
        const char *standing = server->options.standing[i].name;
        if ((*standing | 0x20) == (*name | 0x20) && strcasecmp(standing, name) == 0) {
            *ret_replaced |= UINT32_C(1) << i;
        }
    }
}

enum status http_standing_append(
    const struct http_server *server, uint32_t replaced, struct buffer *out)
{
    if (server->standing.len == 0) {
        return STATUS_OK;
    }
    return replaced == 0 ? buffer_append(out, server->standing.data, server->standing.len)
                         : join(&server->options, replaced, out);
}
