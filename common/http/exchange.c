#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/h2.h"
#include "http/internal.h"

/* Buffers travel: pending bytes become the connection's output by a swap, and come back here. */
static void reset_output(struct buffer *buffer, size_t len_max)
{
    if (buffer->capacity > HTTP_OUTPUT_KEPT) {
        buffer_finish(buffer);
    }
    buffer->len = 0;
    buffer->len_max = len_max;
}

/* As for a new request. Nobody else knows the exchange. */
static void reset(struct http_exchange *exchange)
{
    ctx_unref(exchange->ctx);
    exchange->ctx = NULL;
    exchange->scope = NULL;
    exchange->connection = NULL;
    exchange->stream = NULL;
    exchange->output = NULL;
    h2_account_unref(STEAL(exchange->account));
    exchange->is_dispatched = false;
    exchange->is_head_sent = false;
    const struct http_limits *limits = &exchange->loop->server->limits;
    http_request_reset(&exchange->request, limits->header_max, limits->body_max);
    atomic_init(&exchange->data, NULL);
    atomic_init(&exchange->is_posted, false);
    atomic_init(&exchange->sent, 0);
    exchange->is_over = false;
    exchange->is_in_handler = false;
    exchange->must_close = false;
    exchange->is_streamed = false;
    exchange->is_body_hidden = false;
    exchange->answer = HTTP_ANSWER_NONE;
    exchange->framing = HTTP_FRAMING_LENGTH;
    exchange->status_code = 0;
    exchange->content_left = 0;
    exchange->queued = 0;
    exchange->on_sent = NULL;
    exchange->on_sent_arg = NULL;
    reset_output(&exchange->fields, HTTP_RESPONSE_HEADER_MAX);
    exchange->replaced = 0;
    reset_output(&exchange->pending, HTTP_RESPONSE_MAX);
    reset_output(&exchange->trailers, HTTP_ANSWER_TRAILERS_MAX);
}

static struct http_exchange *new_exchange(struct http_loop *loop)
{
    struct http_exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange == NULL || pthread_mutex_init(&exchange->lock, NULL) != 0) {
        free(exchange);
        return NULL;
    }
    exchange->loop = loop;
    reset(exchange);
    return exchange;
}

void http_exchange_free(struct http_exchange *exchange)
{
    ctx_unref(exchange->ctx);
    h2_account_unref(exchange->account);
    http_request_finish(&exchange->request);
    buffer_finish(&exchange->fields);
    buffer_finish(&exchange->pending);
    buffer_finish(&exchange->trailers);
    pthread_mutex_destroy(&exchange->lock);
    free(exchange);
}

struct http_exchange *http_exchange_begin(struct http_connection *connection, struct buffer *output)
{
    struct http_loop *loop = connection->loop;
    struct http_exchange *exchange = loop->free_exchanges;
    if (exchange != NULL) {
        loop->free_exchanges = exchange->next_free;
        loop->n_exchanges_kept--;
    } else {
        exchange = new_exchange(loop);
        if (exchange == NULL) {
            return NULL;
        }
    }
    atomic_init(&exchange->refs, 1);
    atomic_init(&exchange->users, 0);
    exchange->connection = connection;
    exchange->output = output;
    exchange->started_ns = loop->now_ns;
    memcpy(exchange->peer, connection->peer, sizeof(exchange->peer));
    loop->n_exchanges++;
    return exchange;
}

void http_exchange_dispatch(struct http_exchange *exchange)
{
    const struct http_server_options *options = &exchange->loop->server->options;
    exchange->scope = ctx_with_cancel(ctx_background());
    exchange->ctx = ctx_ref(exchange->scope->ctx);
    exchange->is_dispatched = true;
    exchange->must_close = exchange->must_close || !exchange->request.is_keep_alive;
    exchange->is_in_handler = true;
    /* The handler is a user while it runs; the users together hold one reference. */
    atomic_store_explicit(&exchange->users, 1, memory_order_relaxed);
    atomic_store_explicit(&exchange->refs, 2, memory_order_relaxed);
    options->on_request(exchange, options->arg);
    /* Its use ends. The connection's reference remains, so nothing is freed here. */
    if (atomic_fetch_sub_explicit(&exchange->users, 1, memory_order_acq_rel) == 1) {
        http_exchange_orphaned(exchange);
        atomic_fetch_sub_explicit(&exchange->refs, 1, memory_order_acq_rel);
    }
    /* Only from here on do answers need a post: the loop looks at the exchange right after. */
    pthread_mutex_lock(&exchange->lock);
    exchange->is_in_handler = false;
    bool is_parked = exchange->answer == HTTP_ANSWER_NONE || exchange->answer == HTTP_ANSWER_BEGUN;
    pthread_mutex_unlock(&exchange->lock);
    if (is_parked) {
        /* Who left before this is noticed by the loop, which has not looked since. */
        http_departure_add(exchange);
    }
}

struct http_exchange *http_exchange_ref(struct http_exchange *exchange)
{
    if (atomic_fetch_add_explicit(&exchange->users, 1, memory_order_relaxed) == 0) {
        /* Only on_done, on an exchange without users, gets here: the loop holds a reference. */
        atomic_fetch_add_explicit(&exchange->refs, 1, memory_order_relaxed);
    }
    return exchange;
}

void http_exchange_unref(struct http_exchange *exchange)
{
    if (exchange == NULL ||
        atomic_fetch_sub_explicit(&exchange->users, 1, memory_order_acq_rel) != 1) {
        return;
    }
    /* The users' reference is ours to give back: the exchange is still there. */
    http_exchange_orphaned(exchange);
    http_exchange_release(exchange);
}

void http_exchange_release(struct http_exchange *exchange)
{
    if (atomic_fetch_sub_explicit(&exchange->refs, 1, memory_order_acq_rel) == 1) {
        http_exchange_free(exchange);
    }
}

void http_exchange_give_back(struct http_loop *loop, struct http_exchange *exchange)
{
    if (atomic_fetch_sub_explicit(&exchange->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (loop->n_exchanges_kept >= HTTP_EXCHANGES_KEPT) {
        http_exchange_free(exchange);
        return;
    }
    reset(exchange);
    exchange->next_free = loop->free_exchanges;
    loop->free_exchanges = exchange;
    loop->n_exchanges_kept++;
}

static void summarize(struct http_exchange *exchange, bool is_complete, const char *how,
    struct http_summary *ret_summary)
{
    uint64_t sent = atomic_load_explicit(&exchange->sent, memory_order_relaxed);
    uint64_t now_ns = clock_now_ns();
    *ret_summary = (struct http_summary){
        .status_code = exchange->is_head_sent ? exchange->status_code : 0,
        .bytes_sent = exchange->is_body_hidden ? 0 : sent,
        .elapsed_ns = now_ns > exchange->started_ns ? now_ns - exchange->started_ns : 0,
        .ended_ns = now_ns,
        .is_complete = is_complete,
        .is_disconnected = how != NULL,
        .disconnect = how,
    };
}

static void end_dispatched(struct http_exchange *exchange, bool is_complete, const char *how)
{
    const struct http_server *server = exchange->loop->server;
    struct http_summary summary;
    http_departure_remove(exchange);
    if (how == NULL && ctx_cause(exchange->ctx) == CTX_CAUSE_CLIENT_DISCONNECTED) {
        how = "fin"; /* the lookout was first: what was answered since, nobody waited for */
        is_complete = false;
    }
    pthread_mutex_lock(&exchange->lock);
    exchange->is_over = true;
    summarize(exchange, is_complete, how, &summary);
    pthread_mutex_unlock(&exchange->lock);
    if (how != NULL && summary.status_code == 0) {
        summary.status_code = 499;
    }
    /* Cancel first: those who work for the client stop while the rest is written down. Often the
     * lookout has told them already. */
    struct ctx_callbacks callbacks = CTX_CALLBACKS_NONE;
    if (how != NULL) {
        ctx_cancel_collect(
            exchange->scope, CTX_CAUSE_CLIENT_DISCONNECTED, CTX_SOURCE_HERE, &callbacks);
    } else if (!is_complete && atomic_load(&server->is_stopping)) {
        ctx_cancel_collect(exchange->scope, CTX_CAUSE_SERVER_DRAINING, CTX_SOURCE_HERE, &callbacks);
    }
    ctx_callbacks_run(&callbacks);
    if (server->options.on_done != NULL) {
        server->options.on_done(exchange, &summary, server->options.arg);
    }
    ctx_scope_end(exchange->scope);
    exchange->scope = NULL;
}

void http_exchange_over(struct http_exchange *exchange, bool is_complete, const char *how)
{
    struct http_loop *loop = exchange->loop;
    if (exchange->is_dispatched) {
        end_dispatched(exchange, is_complete, how);
    }
    struct buffer *output = exchange->output;
    if (output->len == 0 && exchange->pending.capacity == 0) {
        /* An idle connection holds no buffers. Nobody else looks at `pending` any more. */
        exchange->pending = *output;
        *output = (struct buffer)BUFFER_EMPTY(HTTP_RESPONSE_MAX);
    }
    exchange->connection = NULL;
    exchange->stream = NULL;
    exchange->output = NULL;
    loop->n_exchanges--;
    http_exchange_give_back(loop, exchange);
}

void http_exchange_must_close(struct http_exchange *exchange)
{
    pthread_mutex_lock(&exchange->lock);
    exchange->must_close = true;
    pthread_mutex_unlock(&exchange->lock);
}

struct http_taken http_exchange_take(struct http_exchange *exchange)
{
    struct buffer *output = exchange->output;
    pthread_mutex_lock(&exchange->lock);
    if (output->len == 0) {
        struct buffer empty = *output;
        *output = exchange->pending;
        exchange->pending = empty;
        exchange->pending.len_max = HTTP_RESPONSE_MAX;
    } else if (exchange->pending.len > 0) {
        if (buffer_append(output, exchange->pending.data, exchange->pending.len) != STATUS_OK) {
            exchange->answer = HTTP_ANSWER_BROKEN;
        }
        exchange->pending.len = 0;
    }
    struct http_taken taken = {
        .answer = exchange->answer,
        .is_whole = exchange->answer == HTTP_ANSWER_ENDED ||
                    (exchange->answer == HTTP_ANSWER_BEGUN &&
                        exchange->framing == HTTP_FRAMING_LENGTH && exchange->content_left == 0),
        .framing = exchange->framing,
        .must_close = exchange->must_close,
        .is_streamed = exchange->is_streamed,
        .is_body_hidden = exchange->is_body_hidden,
        .queued = exchange->queued,
        .on_sent = exchange->on_sent,
        .on_sent_arg = exchange->on_sent_arg,
    };
    pthread_mutex_unlock(&exchange->lock);
    return taken;
}

/* --- what handlers ask ----------------------------------------------------------------------- */

const char *http_method(const struct http_exchange *exchange)
{
    return exchange->request.method;
}

const char *http_path(const struct http_exchange *exchange)
{
    return http_request_text(&exchange->request, exchange->request.path);
}

const char *http_query(const struct http_exchange *exchange)
{
    return http_request_text(&exchange->request, exchange->request.query);
}

const char *http_header(const struct http_exchange *exchange, const char *name)
{
    return http_request_field(&exchange->request, name);
}

const char *http_version(const struct http_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    return request->is_http_2 ? "HTTP/2" : request->is_http_10 ? "HTTP/1.0" : "HTTP/1.1";
}

struct bytes http_body(const struct http_exchange *exchange)
{
    return buffer_bytes(&exchange->request.body);
}

const char *http_peer(const struct http_exchange *exchange)
{
    return exchange->peer;
}

const struct ctx *http_exchange_ctx(const struct http_exchange *exchange)
{
    return exchange->ctx;
}

void http_exchange_set_data(struct http_exchange *exchange, void *data)
{
    atomic_store_explicit(&exchange->data, data, memory_order_release);
}

void *http_exchange_data(const struct http_exchange *exchange)
{
    return atomic_load_explicit(&exchange->data, memory_order_acquire);
}
