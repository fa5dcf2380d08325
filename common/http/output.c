/* From the queue to the kernel, and what follows from it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/socket.h>

#include "http/h2.h"
#include "http/internal.h"

enum http_flushed http_output_flush(struct http_connection *connection)
{
    struct buffer *output = &connection->output;
    while (connection->output_sent < output->len) {
        struct http_io_result result = http_io_write(connection,
            output->data + connection->output_sent, output->len - connection->output_sent);
        if (result.state == HTTP_IO_LOST) {
            return HTTP_FLUSH_FAILED;
        }
        if (result.state == HTTP_IO_WAIT) {
            return HTTP_FLUSHED_SOME;
        }
        connection->output_sent += result.len;
        connection->n_taken += result.len;
    }
    output->len = 0;
    connection->output_sent = 0;
    return HTTP_FLUSHED_ALL;
}

void http_output_trim(struct buffer *output, size_t *sent)
{
    if (*sent >= output->len - *sent) {
        buffer_consume(output, *sent);
        *sent = 0;
    }
}

static void begin_wait(struct http_connection *connection)
{
    connection->n_taken = 0;
    http_timeout_set(connection, HTTP_TIMEOUT_SEND);
}

void http_output_wait(struct http_connection *connection)
{
    if (connection->timer.kind != HTTP_TIMEOUT_SEND) {
        begin_wait(connection);
    }
}

void http_output_on_timeout(struct http_connection *connection)
{
    if (connection->n_taken < HTTP_SEND_MIN) {
        http_connection_lost(connection, "timeout");
    } else {
        begin_wait(connection); /* slow, but not to keep us */
    }
}

/* Tell the producer. What is unsent counts as the body's, framing included: so `sent` is never
 * ahead of the truth, and exact when the queue is empty. */
static void credit(struct http_connection *connection, const struct http_taken *taken)
{
    struct http_exchange *exchange = connection->exchange;
    uint64_t unsent = connection->output.len - connection->output_sent;
    uint64_t sent = taken->queued > unsent ? taken->queued - unsent : 0;
    uint64_t before = atomic_load_explicit(&exchange->sent, memory_order_relaxed);
    if (sent <= before) {
        return;
    }
    atomic_store_explicit(&exchange->sent, sent, memory_order_relaxed);
    if (taken->is_streamed && taken->on_sent != NULL) {
        taken->on_sent(taken->on_sent_arg, (size_t)(sent - before));
    }
}

void http_connection_linger(struct http_connection *connection)
{
    /* Closing with unread bytes would send RST, which can destroy an answer on its way. */
    http_io_end_output(connection);
    buffer_finish(&connection->ahead);
    connection->phase = HTTP_PHASE_LINGER;
    http_io_set_readable(connection); /* the client's FIN may be there already */
    http_timeout_set(connection, HTTP_TIMEOUT_LINGER);
}

/* Also when sending failed in the end: the client may have seen what was sent before. */
static void note_sent(struct http_connection *connection, bool has_output)
{
    if (has_output && (connection->output.len == 0 || connection->output_sent > 0)) {
        connection->exchange->is_head_sent = true;
    }
}

/* Let the client see that the answer is not whole. What was queued before goes out as far as the
 * socket takes it now: the last piece often says why. */
static void break_off(struct http_connection *connection, struct http_taken taken)
{
    bool has_output = connection->output.len > 0;
    (void)http_output_flush(connection);
    http_io_abandon(connection); /* a close_notify would say that this was all */
    note_sent(connection, has_output);
    taken.on_sent = NULL; /* nobody is to go on */
    credit(connection, &taken);
    struct http_exchange *exchange = STEAL(connection->exchange);
    bool is_sent = exchange->is_head_sent;
    connection->output.len = 0;
    connection->output_sent = 0;
    http_exchange_over(exchange, false, NULL);
    if (taken.framing == HTTP_FRAMING_CLOSE && is_sent) {
        /* FIN is this framing's regular end; only RST tells. */
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        http_connection_close(connection);
        return;
    }
    http_connection_linger(connection);
}

/* The answer is complete and with the kernel. */
static void finish(struct http_connection *connection, bool must_close)
{
    struct http_exchange *exchange = STEAL(connection->exchange);
    if (exchange != NULL) {
        http_exchange_over(exchange, true, NULL);
    }
    if (must_close || connection->is_closing || connection->is_discarding) {
        http_connection_linger(connection);
        return;
    }
    connection->phase = HTTP_PHASE_IDLE;
    /* An answer from before the draining did not say close: its client may be asking again. */
    http_timeout_set(
        connection, connection->loop->is_drain_begun ? HTTP_TIMEOUT_DRAIN : HTTP_TIMEOUT_IDLE);
}

/* An interim answer, while the request is still being read. */
static void pump_interim(struct http_connection *connection)
{
    if (http_output_flush(connection) == HTTP_FLUSH_FAILED) {
        http_connection_lost(connection, "write");
    }
}

/* Where the answer stands, with its new bytes behind the output. */
static struct http_taken take(struct http_connection *connection)
{
    if (connection->exchange == NULL) { /* an answer made here: refused */
        return (struct http_taken){
            .answer = HTTP_ANSWER_ENDED, .is_whole = true, .must_close = true};
    }
    http_output_trim(&connection->output, &connection->output_sent);
    return http_exchange_take(connection->exchange);
}

void http_output_pump(struct http_connection *connection)
{
    if (connection->phase == HTTP_PHASE_H2) {
        h2_mark(connection);
        return;
    }
    if (connection->phase != HTTP_PHASE_ANSWER && connection->phase != HTTP_PHASE_FLUSH) {
        pump_interim(connection);
        return;
    }
    struct http_taken taken = take(connection);
    if (taken.answer == HTTP_ANSWER_BROKEN) {
        break_off(connection, taken);
        return;
    }
    if (taken.is_whole && connection->phase == HTTP_PHASE_ANSWER) {
        /* Who leaves now has an answer to read, also while its producer has still to say the end.
         */
        http_departure_remove(connection->exchange);
    }
    connection->phase = taken.is_whole ? HTTP_PHASE_FLUSH : HTTP_PHASE_ANSWER;
    bool has_output = connection->output.len > 0;
    enum http_flushed flushed = http_output_flush(connection);
    if (connection->exchange != NULL) {
        note_sent(connection, has_output);
        credit(connection, &taken);
    }
    if (flushed == HTTP_FLUSH_FAILED) {
        http_connection_lost(connection, "write");
        return;
    }
    if (flushed != HTTP_FLUSHED_ALL) {
        http_output_wait(connection);
        return;
    }
    if (taken.answer == HTTP_ANSWER_ENDED) {
        finish(connection, taken.must_close);
    } else {
        http_timeout_set(connection, HTTP_TIMEOUT_NONE);
    }
}
