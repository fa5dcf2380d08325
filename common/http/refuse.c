/* Error answers that the server makes itself: for what cannot be parsed, breaks a limit or comes
 * too late. The handler never sees those requests. */
#include <stdlib.h>

#include "base/clock.h"
#include "http/head.h"
#include "http/internal.h"

enum status http_error_answer_make(const struct http_connection *connection,
    const struct http_exchange *exchange, struct http_verdict verdict,
    struct http_error_answer *ret_answer)
{
    const struct http_server_options *options = &connection->loop->server->options;
    uint64_t now_ns = clock_now_ns();
    uint64_t started_ns = exchange == NULL ? now_ns : exchange->started_ns;
    ret_answer->content_type = "text/plain";
    ret_answer->body = (struct buffer)BUFFER_EMPTY(HTTP_RESPONSE_HEADER_MAX);
    ret_answer->lines_len = 0;
    if (options->on_error == NULL) {
        return buffer_printf(&ret_answer->body, "%s\n", verdict.detail);
    }
    const struct http_refusal refusal = {
        .status_code = verdict.status_code,
        .detail = verdict.detail,
        .peer = connection->peer,
        .elapsed_ns = now_ns > started_ns ? now_ns - started_ns : 0,
    };
    options->on_error(&refusal, ret_answer, options->arg);
    return STATUS_OK;
}

static enum status append_answer(struct http_connection *connection, struct http_verdict verdict,
    const struct http_error_answer *answer, bool is_head)
{
    const struct buffer *standing = &connection->loop->server->standing;
    CLEANUP(buffer_finish) struct buffer fields = BUFFER_EMPTY(HTTP_RESPONSE_HEADER_MAX);
    enum status status = buffer_append(&fields, answer->lines, answer->lines_len);
    if (status == STATUS_OK) {
        status = buffer_append(&fields, standing->data, standing->len);
    }
    const struct http_head head = {
        .status_code = verdict.status_code,
        .content_type = answer->content_type,
        .content_len = (int64_t)answer->body.len,
        .is_close = true,
        .fields = buffer_bytes(&fields),
    };
    if (status == STATUS_OK) {
        status = http_head_append(&connection->output, &head);
    }
    if (status == STATUS_OK && !is_head) {
        status = buffer_append(&connection->output, answer->body.data, answer->body.len);
    }
    return status;
}

void http_connection_refuse(struct http_connection *connection, struct http_verdict verdict)
{
    struct http_exchange *exchange = STEAL(connection->exchange);
    struct http_error_answer answer;
    enum status status = http_error_answer_make(connection, exchange, verdict, &answer);
    bool is_head = false;
    if (exchange != NULL) {
        is_head = exchange->request.is_head;
        http_exchange_over(exchange, false, NULL);
    }
    free(STEAL(connection->parser));
    connection->is_closing = true;
    connection->phase = HTTP_PHASE_FLUSH;
    if (status == STATUS_OK) {
        status = append_answer(connection, verdict, &answer, is_head);
    }
    buffer_finish(&answer.body);
    if (status != STATUS_OK) {
        http_connection_close(connection);
        return;
    }
    http_output_pump(connection);
}
