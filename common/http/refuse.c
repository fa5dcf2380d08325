/* Error answers that the server makes itself: for what cannot be parsed, breaks a limit or comes
 * too late. The handler never sees those requests. */
#include <stdlib.h>

#include "http/head.h"
#include "http/internal.h"

static enum status append_error(
    struct http_connection *connection, struct http_verdict verdict, bool is_head)
{
    const struct http_server_options *options = &connection->loop->server->options;
    CLEANUP(buffer_finish) struct buffer body = BUFFER_EMPTY(HTTP_RESPONSE_HEADER_MAX);
    const char *content_type = "text/plain";
    if (options->on_error != NULL) {
        const struct http_refusal refusal = {verdict.status_code, verdict.detail, connection->peer};
        options->on_error(&refusal, &body, &content_type, options->arg);
    } else {
        enum status status = buffer_printf(&body, "%s\n", verdict.detail);
        if (status != STATUS_OK) {
            return status;
        }
    }
    struct http_head head = {
        .status_code = verdict.status_code,
        .content_type = content_type,
        .content_len = (int64_t)body.len,
        .is_close = true,
        .fields = buffer_bytes(&connection->loop->server->standing),
    };
    enum status status = http_head_append(&connection->output, &head);
    if (status == STATUS_OK && !is_head) {
        status = buffer_append(&connection->output, body.data, body.len);
    }
    return status;
}

void http_connection_refuse(struct http_connection *connection, struct http_verdict verdict)
{
    struct http_exchange *exchange = STEAL(connection->exchange);
    bool is_head = false;
    if (exchange != NULL) {
        is_head = exchange->request.is_head;
        http_exchange_over(exchange, false, NULL);
    }
    free(STEAL(connection->parser));
    connection->is_closing = true;
    connection->phase = HTTP_PHASE_FLUSH;
    if (append_error(connection, verdict, is_head) != STATUS_OK) {
        http_connection_close(connection);
        return;
    }
    http_output_pump(connection);
}
